"""What people write who ask something, then register; and what each must have read in the end."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache

from bot.config import shipped
from bot.content.locales import load_phrases
from bot.core.answers.faq import Faq
from bot.core.answers.matcher import Match, Nothing
from bot.core.talk.dialogue import after, decide
from bot.core.talk.message import Incoming, Reply
from bot.core.talk.state import State, World
from bot.core.workshops.acts import Agree, Keep
from bot.core.workshops.batch import Batch
from bot.core.workshops.desk import Desk

CHANNEL = "post"
QUESTION = "बारिश कब होगी"
# Registering changes what is said last: a seat, or a place in the line.
MESSAGES = 11


class NoAnswers:
    """Knows no answers."""

    def match(self, _: str) -> Match:
        """Nothing."""
        return Nothing(None, ())


@cache
def small_world() -> World:
    """All phrases, no answers."""
    return World(Faq((), ()), NoAnswers(), load_phrases(shipped("locales")))


def batch(seats: int, batch_id: int = 1) -> Batch:
    """A batch in a month; the same within a day."""
    starts = datetime.now(UTC).replace(hour=5, minute=0, second=0, microsecond=0) + timedelta(days=30)
    return Batch(batch_id, "GeM", starts, starts + timedelta(hours=6), "Gorakhpur", seats, starts, "4821")


def address(person: int) -> str:
    """Where a person is."""
    return f"person-{person}"


def talk(person: int) -> Iterator[tuple[str, str]]:
    """(text, press), in order; each gets one reply."""
    version = small_world().notice_version
    yield QUESTION, ""
    yield "", "register:1"
    yield "", f"agree:1:{version}"
    yield "सीता देवी", ""
    yield f"98765{person:05}", ""
    yield "देवी हस्तशिल्प", ""
    yield "मिट्टी के दीये", ""
    yield "गोरखपुर", ""
    yield "", "f:1:skip:udyam"
    yield "", "f:1:set:stage:registered"
    yield "", "f:1:confirm"


def replies(person: int, workshop: Batch) -> list[str]:
    """What one person reads who is the first to register, worked out by the core alone."""
    world = small_world()
    state, said = State(), list[Reply]()
    desk = Desk([workshop], [], workshop.starts - timedelta(days=30))
    for number, (text, press) in enumerate(talk(person)):
        message = Incoming(CHANNEL, address(person), str(number), workshop.starts, text, press)
        turn = decide(message, state, world)
        said += turn.replies
        for effect in turn.effects:
            if not isinstance(effect, Agree | Keep):
                turn = after(effect, desk.settle(person, effect), turn.state, world)
                said += turn.replies
        state = turn.state
    return [reply.text for reply in said]
