"""What is no words: a voice message, a picture, a contact, a place. Some answers a form; the rest is told kindly."""

from bot.core.talk import registering
from bot.core.talk.message import Incoming, Kind, Reply
from bot.core.talk.registering import ask_again
from bot.core.talk.state import State, Turn, World, say
from bot.core.workshops.fields import FieldKind

PLACE = "place"


def is_shared(incoming: Incoming) -> bool:
    """Whether a message is something else than words."""
    return incoming.kind is not Kind.TEXT


def shared(incoming: Incoming, state: State, world: World) -> Turn:
    """The turn after something that was shared rather than typed."""
    answered = _answer(incoming, state, world)
    if isinstance(answered, Turn):
        return answered
    text = world.phrases.say(f"talk.shared.{incoming.kind}", state.language)
    return ask_again(say(state, Reply(text)), world)


def _answer(incoming: Incoming, state: State, world: World) -> Turn | None:
    """A contact answers the question for a mobile number, a place the one for the place."""
    if state.form is None:
        return None
    if incoming.kind is Kind.CONTACT and registering.asks(state, world) is FieldKind.MOBILE:
        text = incoming.text
    elif incoming.kind is Kind.LOCATION and state.form.step == PLACE and incoming.location is not None:
        latitude, longitude = incoming.location
        where = {"latitude": f"{latitude:.4f}", "longitude": f"{longitude:.4f}"}
        text = world.phrases.say("form.on-map", state.language, **where)
    else:
        return None
    answered = registering.answer(text, state, world)
    return answered if isinstance(answered, Turn) else None
