"""What the talk makes of a look at the batches and at a person's own place: the look's ``why`` says what it was for."""

from bot.core.talk import answering, telling
from bot.core.talk.message import Reply
from bot.core.talk.registering import ask_again
from bot.core.talk.state import State, Turn, World, say
from bot.core.workshops.acts import Look, NothingThere, Seen
from bot.core.workshops.batch import BatchStatus


def looked(act: Look, seen: Seen, state: State, world: World) -> Turn | None:  # noqa: PLR0911 - one line a purpose
    """
    The turn after a look.

    ``act.why`` is "" (the workshops, or the one that ``act`` names), "mine", "leave", "move", "others:BATCH" (those
    that one can move to from it), "calendar", "entry:ID" (an answer that the office's own dates make superfluous),
    "yes" and "no": said where something weightier than what was offered last may wait for an answer; "
    ""waiting": what the "
    "office asked is "
    "asked again.

    Returns:
        None after "yes" and "no" where nothing waits.
    """
    purpose, _, what = act.why.partition(":")
    own = seen.own
    match purpose:
        case "yes" | "no":
            return None if own is None else telling.asked_again(own, state, world)
        case "waiting":
            asked = telling.asked_again(own, state, world) if own is not None else None
            return asked or ask_again(telling.tell(own or NothingThere(), state, world), world)
        case "others":
            return telling.others(seen, int(what), state, world)
        case "leave" if own is not None:
            return telling.leave_sure(own.batch.id, state, world)
        case "move" if own is not None:
            return telling.others(seen, own.batch.id, state, world)
        case "entry" if own is None and not seen.batches and what in world.faq.by_id:
            return answering.approved(world.faq.by_id[what], state, world)
        case _:
            return ask_again(_told(act, purpose, seen, state, world), world)


def _told(act: Look, purpose: str, seen: Seen, state: State, world: World) -> Turn:
    if act.batch is not None and all(batch.status is BatchStatus.CANCELLED for batch in seen.batches):
        return telling.no_such_batch(state, world)
    if purpose == "calendar" and seen.batches and world.calendar is not None:
        text = world.phrases.say("batch.calendar-sent", state.language)
        return say(state, Reply(text, (), world.calendar(seen.batches[0], state.language)))
    if act.batch is None and seen.own is not None:
        return telling.tell(seen.own, state, world)
    if purpose in ("mine", "leave", "move"):
        return telling.tell(NothingThere(), state, world)
    return telling.tell(seen, state, world)
