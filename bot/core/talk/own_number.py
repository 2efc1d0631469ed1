"""``/id``: by what the channel knows a person or a group, for the settings."""

import re

from bot.core.talk.message import Incoming, Reply
from bot.core.talk.state import State, Turn, World, say

_ID = re.compile(r"/(?:id|meri_id)(?:@\w+)?", re.IGNORECASE)


def own_number(incoming: Incoming, state: State, world: World) -> Turn | None:
    """It; None where a message does not ask for it."""
    if not _ID.fullmatch(incoming.text.strip()):
        return None
    words = {"channel": incoming.channel, "address": incoming.address}
    return say(state, Reply(world.phrases.say("announce.chat.id", state.language, **words)))
