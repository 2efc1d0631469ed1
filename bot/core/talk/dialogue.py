"""
What is said next: (what the person typed, where the talk stands, the world) -> Turn.

A talk's state is the list of options that were offered last. A message that is only a number chooses one of them; any
other message is a question of its own and ends the offer. Pure: no clock, no I/O, so a talk can be replayed.
"""

import re
from dataclasses import dataclass
from typing import Protocol

from bot.core.answers.faq import Faq, in_language
from bot.core.answers.matcher import Answer, Choices, Match
from bot.core.answers.render import answer_text
from bot.core.talk.message import NONE_OF_THESE, Option, Reply
from bot.core.talk.phrases import Phrases

MAX_RELATED = 3
_NUMBER = re.compile(r"\s*(\d{1,3})\s*[.)।]?\s*")


class Answers(Protocol):
    """Whatever tells which entry a question means; ``Matcher`` does."""

    def match(self, question: str) -> Match:
        """See ``Matcher.match``."""


@dataclass(frozen=True, slots=True)
class World:
    """
    What a talk needs to know of everything outside it.

    Attributes:
        office_name: named with office_phone where the assistant does not know; both or neither.
    """

    faq: Faq
    answers: Answers
    phrases: Phrases
    office_name: str = ""
    office_phone: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """Where a talk stands: ids of the options offered last, in the order of their numbers."""

    offered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """What one message led to."""

    state: State
    replies: tuple[Reply, ...]


def greet(world: World, language: str) -> Turn:
    """The first words of a talk."""
    return _say(Reply(world.phrases.say("talk.greeting", language)))


def take(text: str, state: State, world: World, language: str) -> Turn:
    """One message of a person; any text is taken."""
    if not text.strip():
        return Turn(state, (Reply(world.phrases.say("talk.empty", language)),))
    number = _NUMBER.fullmatch(text)
    if number and state.offered:
        return _choose(int(number[1]), state, world, language)
    match world.answers.match(text):
        case Answer(id=entry):
            return _answer(entry, world, language)
        case Choices(ids=entries):
            return _offer(entries, world, language)
        case nothing:
            if nothing.aside:
                return _say(Reply(in_language(nothing.aside.say, language)))
            return _say(Reply(_not_known(world, language)))


def _choose(number: int, state: State, world: World, language: str) -> Turn:
    if not 1 <= number <= len(state.offered):
        last = len(state.offered)
        return Turn(state, (Reply(world.phrases.say("talk.no-such-number", language, last=last)),))
    chosen = state.offered[number - 1]
    if chosen == NONE_OF_THESE:
        return _say(Reply(world.phrases.say("talk.say-it-otherwise", language)))
    return _answer(chosen, world, language)


def _answer(entry_id: str, world: World, language: str) -> Turn:
    entry = world.faq.by_id[entry_id]
    answer = Reply(answer_text(entry, world.phrases, language))
    related = _titled(entry.related[:MAX_RELATED], world, language)
    if not related:
        return _say(answer)
    return _say(answer, Reply(world.phrases.say("talk.related", language), related))


def _offer(entries: tuple[str, ...], world: World, language: str) -> Turn:
    none = Option(NONE_OF_THESE, world.phrases.say("talk.none-of-these", language))
    return _say(Reply(world.phrases.say("talk.choices", language), (*_titled(entries, world, language), none)))


def _not_known(world: World, language: str) -> str:
    if world.office_name and world.office_phone:
        return world.phrases.say("talk.nothing-office", language, office=world.office_name, phone=world.office_phone)
    return world.phrases.say("talk.nothing", language)


def _titled(entries: tuple[str, ...], world: World, language: str) -> tuple[Option, ...]:
    return tuple(Option(entry, in_language(world.faq.by_id[entry].title, language)) for entry in entries)


def _say(*replies: Reply) -> Turn:
    """Replies, after which a number means one of the options of the last."""
    return Turn(State(tuple(option.id for option in replies[-1].options)), replies)
