"""
When somebody of the office talks in the assistant's place: how a person comes to them, and how staff answer.

A person who asks for somebody, or whom the assistant fails twice in a row, has a ticket opened. While it is open, what
they type goes to the office, and the assistant is silent but for the form that is open; buttons and commands with a "/"
are for the assistant still. Staff answer by replying to what they read of the ticket, or, where they are alone with the
bot, after pressing a button. "#" and the id of an entry sends what the office approved for it.
"""

import re
from dataclasses import replace

from bot.core.answers.matcher import MAX_CHARS
from bot.core.privacy import mask
from bot.core.staff import Role
from bot.core.talk.keeping import ABOUT
from bot.core.talk.message import Incoming, Kind, Option, Reply, is_number
from bot.core.talk.registering import ask_again
from bot.core.talk.shaping import brief
from bot.core.talk.state import State, Turn, World, say
from bot.core.tickets import cards
from bot.core.tickets.acts import (
    Deed,
    End,
    Ended,
    Handle,
    Handled,
    ListedTickets,
    ListTickets,
    NoTicket,
    Open,
    Opened,
    PersonAct,
    PersonOutcome,
    Tell,
    Told,
    Trespass,
)
from bot.core.tickets.cards import PRESS, called, card, key_of, named_by
from bot.core.tickets.ticket import Why
from bot.core.workshops.checks import UNSAFE
from bot.core.workshops.times import say_when

# So many failures in a row, and somebody of the office is asked.
VAIN = 2
TICKET = "ticket"
_RECENT = 4
_MAX_RECENT = 120
_NEAR = 2
_LISTED = 10
_COMMAND = re.compile(r"/(?:ticket|tickets|टिकट)(?:@\w+)?(?:\s+(\d+))?", re.IGNORECASE)
_CANCEL = re.compile(r"/?(?:cancel|रद्द|radd)", re.IGNORECASE)
_ENTRY = re.compile(r"#([a-z0-9][a-z0-9-]*)")
_END = "end"


# --- the person -------------------------------------------------------------------------------------------------------


def wanted(why: Why, question: str, state: State, world: World) -> Turn | None:
    """Have somebody of the office asked; None where nobody can be. ``question`` is masked."""
    if not world.takes_over:
        return None
    near = () if why is Why.ASKED else world.answers.match(question).ranking[:_NEAR]
    last = next((text for is_theirs, text in reversed(state.recent) if is_theirs), "")
    # Who asks for somebody means what they said before.
    about = (
        (question if why is Why.VAIN else last) or question or world.phrases.say("ticket.human-button", state.language)
    )
    act = Open(why, about, state.recent, tuple(each.id for each in near))
    return Turn(replace(state, vain=0), tickets=(act,))


def failed(state: State) -> State:
    """The assistant has failed once more in a row."""
    return replace(state, vain=state.vain + 1)


def handed_over(question: str, state: State, world: World) -> Turn | None:
    """The turn after one failure too many with a question; None where it is not, or is nobody's but the assistant's."""
    if not question or state.form is not None or state.ticket or state.vain + 1 < VAIN:
        return None
    return wanted(Why.VAIN, question, state, world)


def passed_on(incoming: Incoming, state: State) -> Turn | None:
    """What goes to the office while a ticket is open; None where it is for the assistant."""
    if not state.ticket or incoming.press or incoming.kind is not Kind.TEXT or incoming.text.startswith("/"):
        return None
    text = safe(incoming.text)
    if state.form is not None or not text.strip():
        return None
    return Turn(state, tickets=(Tell(text),))


def pressed(what: str, state: State) -> Turn | None:
    """The turn after the button that ends a ticket; None where it is another."""
    kind, _, number = what.partition(":")
    return Turn(state, tickets=(End(int(number)),)) if kind == _END and is_number(number) else None


def after_person(act: PersonAct, outcome: PersonOutcome, state: State, world: World) -> Turn:
    """What the person is told once their wish is settled."""
    phrases, language = world.phrases, state.language
    match outcome:
        case Opened(ticket=ticket, is_new=is_new):
            due = say_when(ticket.due or ticket.opened, phrases, language)
            is_vain = isinstance(act, Open) and act.why is Why.VAIN
            key = ("ticket.opened-vain" if is_vain else "ticket.opened") if is_new else "ticket.still-open"
            end = Option(f"{PRESS}{_END}:{ticket.id}", phrases.say("ticket.end-button", language))
            text = phrases.say(key, language, office=world.office_named(language), due=due)
            turn = say(replace(state, ticket=ticket.id), Reply(text, (end,)))
            return ask_again(turn, world)
        case Told():
            return ask_again(Turn(state), world)
        case Ended(was_open=True):
            text = phrases.say("ticket.ended-you", language)
            return ask_again(say(replace(state, ticket=0), Reply(text)), world)
        case Ended() | NoTicket():
            return ask_again(say(state, Reply(phrases.say("ticket.gone", language))), world)


def remembered(incoming: Incoming, before: State, turn: Turn, world: World) -> State:
    """The state with what was said now, for whoever of the office may take over; nothing of a form."""
    state = turn.state
    if not world.takes_over or before.form is not None or state.form is not None or incoming.in_group:
        return state
    titles = before.titles.get(incoming.press, "")
    lines = [(True, safe(incoming.text or titles))] if incoming.text or titles else []
    lines += [(False, each.text.partition("\n")[0]) for each in turn.replies[:1]]
    short = tuple((is_theirs, brief(text, _MAX_RECENT)) for is_theirs, text in lines)
    return replace(state, recent=(*state.recent, *short)[-_RECENT:])


def safe(text: str) -> str:
    """What may be shown to staff and kept: without numbers that the office has no use for."""
    text = text[:MAX_CHARS]
    masked = mask(text)
    return text if UNSAFE.isdisjoint(masked.found) else masked.text


# --- the staff --------------------------------------------------------------------------------------------------------


def heard(incoming: Incoming, state: State, world: World) -> Turn | None:  # noqa: PLR0911 - one line a case
    """The turn after something that a member of staff does about tickets; None where a message does not."""
    text = incoming.text.strip()
    command = _COMMAND.fullmatch(text) if not incoming.press else None
    is_press = incoming.press.startswith(PRESS) and not incoming.press.startswith(f"{PRESS}{_END}:")
    is_open = state.draft.get(ABOUT) == TICKET and not incoming.in_group
    if not (command or is_press or incoming.ticket or is_open):
        return None
    staff = world.roster.at(incoming.channel, incoming.said_by)
    if staff is None:
        if not is_press:
            return None
        refused = Reply(world.phrases.say("ticket.not-staff", state.language))
        return Turn(state, (refused,), staff=(Trespass(incoming.press),))
    if is_press:
        return _chosen(incoming.press.removeprefix(PRESS), state, world)
    if command is not None:
        number = command[1]
        return Turn(state, staff=(Handle(Deed.SHOW, int(number)) if number and is_number(number) else ListTickets(),))
    if incoming.ticket:
        return _answer(incoming.ticket, incoming, state, world)
    return _written(incoming, state, world)


def after(outcome: Handled | ListedTickets, state: State, world: World) -> Turn:
    """What a member of staff is told once their act is settled."""
    phrases, language = world.phrases, state.language
    match outcome:
        case ListedTickets(tickets=tickets) if not tickets:
            return say(state, Reply(phrases.say("ticket.none-open", language)))
        case ListedTickets(tickets=tickets):
            lines = [
                phrases.say(
                    "ticket.list-line",
                    language,
                    id=each.id,
                    name=called(each, phrases, language),
                    question=brief(each.question, _MAX_RECENT),
                )
                for each in tickets[:_LISTED]
            ]
            options = tuple(Option(f"{PRESS}{Deed.SHOW}:{each.id}", f"#{each.id}") for each in tickets[:_LISTED])
            return say(state, Reply("\n".join(lines), options))
        case Handled(deed=Deed.SHOW, ticket=ticket):
            return say(state, card(ticket, world.faq, phrases, language, in_group=False))
        case Handled(deed=deed, ticket=ticket):
            if state.draft.get(ABOUT) == TICKET:
                state = replace(state, draft={})
            name = called(ticket, phrases, language)
            return say(
                state, Reply(phrases.say(f"ticket.done.{deed}", language, id=ticket.id, who=ticket.taken_by, name=name))
            )


def refused(why: str, state: State) -> State:
    """The state of a member of staff after what they may not do; what can be mended, they write again."""
    is_over = state.draft.get(ABOUT) == TICKET and why not in ("ticket-empty", "ticket-long")
    return replace(state, draft={}) if is_over else state


def _chosen(what: str, state: State, world: World) -> Turn:  # noqa: PLR0911 - one line a case
    kind, _, rest = what.partition(":")
    ticket, _, value = rest.partition(":")
    if not is_number(ticket):
        return _gone(state, world)
    number = int(ticket)
    match kind:
        case Deed.SHOW | Deed.TAKE | Deed.CLOSE:
            return Turn(state, staff=(Handle(Deed(kind), number),))
        case cards.WHO:
            options = tuple(
                Option(f"{PRESS}{Deed.ASSIGN}:{number}:{key_of(each.name)}", each.name)
                for each in world.roster.who_may(Role.EDITOR)
            )
            return say(state, Reply(world.phrases.say("ticket.ask-who", state.language, id=number), options))
        case Deed.ASSIGN if name := named_by(value, (each.name for each in world.roster.staff)):
            return Turn(state, staff=(Handle(Deed.ASSIGN, number, name),))
        case cards.ENTRY if value in world.faq.by_id:
            return _send_entry(number, value, state)
        case cards.WRITE:
            asked = replace(state, draft={ABOUT: TICKET, TICKET: ticket})
            return say(asked, Reply(world.phrases.say("ticket.ask-answer", state.language, id=number)))
    return _gone(state, world)


def _written(incoming: Incoming, state: State, world: World) -> Turn | None:
    """An answer that a button asked for."""
    if incoming.press:
        return None
    if _CANCEL.fullmatch(incoming.text.strip()):
        return say(replace(state, draft={}), Reply(world.phrases.say("ticket.dropped", state.language)))
    if incoming.text.startswith("/"):
        return None
    return _answer(int(state.draft[TICKET]), incoming, state, world)


def _answer(number: int, incoming: Incoming, state: State, world: World) -> Turn:
    text = incoming.text.strip()
    if incoming.kind is not Kind.TEXT or not text:
        return Turn(state, (Reply(world.phrases.say("ticket.words-only", state.language)),))
    if entry := _ENTRY.fullmatch(text):
        if entry[1] not in world.faq.by_id:
            near = [each.id for each in world.answers.match(entry[1].replace("-", " ")).ranking[:_NEAR]]
            said = world.phrases.say("ticket.no-entry", state.language, entry=entry[1], near=", ".join(near) or "–")
            return Turn(state, (Reply(said),))
        return _send_entry(number, entry[1], state)
    return Turn(state, staff=(Handle(Deed.ANSWER, number, text),))


def _send_entry(number: int, entry: str, state: State) -> Turn:
    return Turn(state, staff=(Handle(Deed.ANSWER, number, entry=entry),))


def _gone(state: State, world: World) -> Turn:
    return Turn(state, (Reply(world.phrases.say("talk.gone", state.language)),))
