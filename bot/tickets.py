"""
What people and staff want of tickets, done in the transaction of whoever asks: the inbox, the staff page, the clock.

What the staff read of a ticket is queued in the same transaction, so a restart loses nothing: to their group, or, where
there is none, to each who may answer, and once somebody has it, to them.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.answers.render import answer_text
from bot.core.staff import Role, Staff
from bot.core.talk.message import Option, Reply
from bot.core.talk.state import World
from bot.core.tickets.acts import (
    Deed,
    End,
    Ended,
    Handle,
    Handled,
    NoTicket,
    Open,
    Opened,
    PersonAct,
    PersonOutcome,
    Tell,
    Told,
)
from bot.core.tickets.cards import actions, called, card
from bot.core.tickets.helpdesk import Helpdesk
from bot.core.tickets.ticket import ANSWERED_WITHIN, MAX_LINE, Ticket
from bot.errors import InputError
from bot.store.announcements import write_down
from bot.store.outgoing import NOTICES, REPLIES
from bot.store.people import persons_at
from bot.store.queueing import Outgoing, queue
from bot.store.tickets import (
    add_line,
    close_ticket,
    find_ticket,
    insert_ticket,
    open_ticket_of,
    set_due,
    set_taker,
)

KIND = "ticket"


async def settle_for(
    connection: AsyncConnection, person: int, act: PersonAct, world: World, now: datetime
) -> PersonOutcome:
    """
    Do what a person wants of the people of the office.

    Args:
        connection: of a writing transaction that holds the person's lock.
        person: their number.
        act: what they want.
        world: who works here, and when.
        now: when.
    """
    due = _due(world, now)
    before = await open_ticket_of(connection, person)
    match act:
        case Open() if before is None:
            number = await insert_ticket(connection, person, act, due, now)
            ticket = await found(connection, number)
            await _post(connection, ticket, world, now)
            return Opened(ticket, is_new=True)
        case Open() if before is not None:
            return Opened(before, is_new=False)
        case Tell(text=text) if before is not None:
            await add_line(connection, before.id, "", text, now, before.due or due)
            await _pass_on(connection, before, text, world, now)
            return Told(await found(connection, before.id))
        case End(ticket=number):
            ticket = await find_ticket(connection, number, lock=True)  # type: ignore[assignment]
            if ticket is None or ticket.person != person:
                await write_down(connection, "", "refused", f"ticket:{number}", now, "of another person")
                return NoTicket()
            if ticket.is_open:
                await close_ticket(connection, ticket, "", now)
                text = world.phrases.say("ticket.ended", world.language, id=ticket.id, name=_name(ticket, world))
                await _tell_staff(connection, ticket, Reply(text), world, now)
            return Ended(ticket.is_open)
    return NoTicket()


async def handle(connection: AsyncConnection, who: Staff, act: Handle, world: World, now: datetime) -> Handled:
    """
    Do what somebody of the office wants of a ticket; it is written down who did.

    Raises:
        InputError: it is not there, over, somebody else's, or there is nothing to send.
    """
    ticket = await found(connection, act.ticket)
    if act.deed is Deed.SHOW:
        return Handled(act.deed, ticket)
    if not ticket.is_open:
        raise InputError("ticket-closed", id=ticket.id)
    is_theirs = ticket.taken_by in ("", who.name) or (
        act.deed in (Deed.TAKE, Deed.ASSIGN) and who.role.covers(Role.APPROVER)
    )
    if not is_theirs:
        raise InputError("ticket-anothers", id=ticket.id, who=ticket.taken_by)
    match act.deed:
        case Deed.TAKE:
            await set_taker(connection, ticket.id, who.name)
        case Deed.ASSIGN:
            await _assign(connection, ticket, act.text, world, now)
        case Deed.ANSWER:
            await _answer(connection, ticket, who, act, world, now)
        case Deed.CLOSE:
            await close(connection, ticket, who.name, world, now)
    await write_down(connection, who.name, f"ticket-{act.deed}", f"ticket:{ticket.id}", now, act.entry)
    return Handled(act.deed, await found(connection, ticket.id))


async def found(connection: AsyncConnection, number: int) -> Ticket:
    """
    A ticket, locked.

    Raises:
        InputError: there is none of this number.
    """
    ticket = await find_ticket(connection, number, lock=True)
    if ticket is None:
        raise InputError("no-ticket", id=number)
    return ticket


async def close(connection: AsyncConnection, ticket: Ticket, by: str, world: World, now: datetime) -> None:
    """It is over, and the person is told so; ``by`` is "" for the clock."""
    await close_ticket(connection, ticket, by, now)
    say = world.phrases.say
    options = (
        Option("menu", say("talk.menu-button", ticket.language)),
        Option("human", say("ticket.again-button", ticket.language)),
    )
    text = say("ticket.over", ticket.language, office=world.office_named(ticket.language))
    await _to_person(connection, ticket, Reply(text, options), now)


async def remind(connection: AsyncConnection, ticket: Ticket, world: World, now: datetime) -> None:
    """Tell the staff that the person still waits; again after as many hours."""
    await set_due(connection, ticket.id, _due(world, now))
    text = world.phrases.say("ticket.reminder", world.language, id=ticket.id, name=_name(ticket, world))
    if ticket.taken_by:
        text += "\n" + world.phrases.say("ticket.card-taken", world.language, who=ticket.taken_by)
    text = f"{text}\n\n{ticket.lines[-1].text if ticket.lines else ticket.question}"
    await _tell_staff(connection, ticket, Reply(text), world, now, with_actions=True)


async def _assign(connection: AsyncConnection, ticket: Ticket, name: str, world: World, now: datetime) -> None:
    to = next((each for each in world.roster.who_may(Role.EDITOR) if each.name == name), None)
    if to is None:
        raise InputError("ticket-nobody", name=name)
    await set_taker(connection, ticket.id, to.name)
    # Where they read alone, they have not seen it yet, or not that it is theirs.
    if world.helpdesk is not None and world.helpdesk.group is None:
        await _post(connection, await found(connection, ticket.id), world, now)


async def _answer(
    connection: AsyncConnection, ticket: Ticket, who: Staff, act: Handle, world: World, now: datetime
) -> None:
    entry = world.faq.by_id.get(act.entry)
    text = act.text.strip()
    if entry is not None:
        text = answer_text(entry, world.phrases, ticket.language, world.today)
    elif not text:
        raise InputError("ticket-empty")
    elif len(text) > MAX_LINE:
        raise InputError("ticket-long", length=len(text), most=MAX_LINE)
    if not ticket.taken_by:
        await set_taker(connection, ticket.id, who.name)
    await add_line(connection, ticket.id, who.name, text, now, None)
    office = world.office_named(ticket.language)
    said = world.phrases.say("ticket.answer", ticket.language, office=office, text=text)
    await _to_person(connection, ticket, Reply(said), now)


async def _to_person(connection: AsyncConnection, ticket: Ticket, reply: Reply, now: datetime) -> None:
    await queue(connection, [Outgoing(ticket.person, ticket.channel, ticket.address, reply, KIND, REPLIES)], now)


async def _post(connection: AsyncConnection, ticket: Ticket, world: World, now: datetime) -> None:
    """Show the staff the whole of it."""
    desk = world.helpdesk or Helpdesk()
    reply = card(ticket, world.faq, world.phrases, world.language, in_group=desk.group is not None)
    await _tell_staff(connection, ticket, reply, world, now)


async def _pass_on(connection: AsyncConnection, ticket: Ticket, text: str, world: World, now: datetime) -> None:
    """Show the staff what the person said now."""
    said = world.phrases.say("ticket.said", world.language, id=ticket.id, name=_name(ticket, world), text=text)
    await _tell_staff(connection, ticket, Reply(said), world, now, with_actions=True)


async def _tell_staff(
    connection: AsyncConnection,
    ticket: Ticket,
    reply: Reply,
    world: World,
    now: datetime,
    *,
    with_actions: bool = False,
) -> None:
    desk = world.helpdesk or Helpdesk()
    if with_actions:
        options = actions(ticket, world.phrases, world.language, in_group=desk.group is not None)
        reply = Reply(reply.text, options)
    addresses = _readers(ticket, desk, world)
    known = {key: person for person, key in (await persons_at(connection, addresses)).items()}
    rows = [Outgoing(known.get(key), *key, reply, KIND, NOTICES, ticket=ticket.id) for key in addresses]
    await queue(connection, rows, now)


def _readers(ticket: Ticket, desk: Helpdesk, world: World) -> Sequence[tuple[str, str]]:
    """Where it is read: in the group; else by whose it is; else by all who may answer, each in one place."""
    if desk.group is not None:
        return [desk.group]
    staff = world.roster.who_may(Role.EDITOR)
    theirs = [each for each in staff if each.name == ticket.taken_by] or staff
    return [next(iter(each.addresses.items())) for each in theirs if each.addresses]


def _due(world: World, now: datetime) -> datetime:
    return (world.helpdesk or Helpdesk()).hours.after(now, ANSWERED_WITHIN)


def _name(ticket: Ticket, world: World) -> str:
    return called(ticket, world.phrases, world.language)
