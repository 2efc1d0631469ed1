"""
What is said in a group, where everybody reads along: answers, and nothing of anybody's own.

A group is one talk. Whatever belongs to one person (a place in a workshop, a form, what is kept of them) is asked for
in a private chat; the button below that leads there.
"""

from bot.core.talk.message import Option, Reply
from bot.core.talk.state import State, Turn, World, say

# Kinds of options that may be chosen in a group.
PUBLIC = frozenset({"entry", "category", "menu", "help", "start", "none", "useful"})


def is_public(option: str) -> bool:
    """Whether an option may be chosen where everybody reads along."""
    return option.partition(":")[0] in PUBLIC


def elsewhere(option: str, state: State, world: World) -> Turn:
    """That this is for a private chat, with the way there."""
    button = Option(option, world.phrases.say("talk.private-button", state.language))
    return say(state, Reply(world.phrases.say("talk.private", state.language), (button,)))
