"""
What members of staff do with announcements in their chats: settled in the inbox's transaction.

What needs a look at many people (how many would get it) is not done here, but by the staffroom: the card says to how
many it goes, and what is sent is what the card said.
"""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.announcing import Draft, change_in, found_in, make_in
from bot.core.announcements.acts import (
    Deed,
    Do,
    Done,
    Follow,
    Followed,
    List,
    Listed,
    Made,
    Make,
    Propose,
    Proposed,
    Refused,
    StaffAct,
    StaffOutcome,
)
from bot.core.announcements.announcement import OVER, Announcement, Refusal, Stage
from bot.core.staff import Role, Staff
from bot.core.talk.state import World
from bot.core.tickets.acts import Deed as Ticket
from bot.core.tickets.acts import Handle, ListedTickets, ListTickets, Trespass
from bot.errors import InputError
from bot.store import ledger
from bot.store.announcements import last_announcements, write_down
from bot.store.followers import follow, need_not_hear
from bot.store.proposals import insert_proposal
from bot.store.tickets import open_tickets
from bot.tickets import handle

_LISTED = 6
# What somebody must be allowed for each act.
_NEEDS: dict[type, Role] = {
    Make: Role.EDITOR,
    Do: Role.EDITOR,
    Follow: Role.VIEWER,
    List: Role.VIEWER,
    Propose: Role.EDITOR,
    ListTickets: Role.VIEWER,
}
_MAX_NAMED = 64


async def settle(  # noqa: C901, PLR0911 - one line an act
    connection: AsyncConnection, person: int, who: Staff | None, act: StaffAct, above: int, world: World, now: datetime
) -> StaffOutcome:
    """
    Do what somebody of the office wants in their chat.

    Args:
        connection: of a writing transaction.
        person: their number among the people.
        who: as the settings name them; None where they are not of the office.
        act: what they want.
        above: to more people than this, only an approver who has not made it starts an announcement.
        world: what tickets need to know.
        now: when.
    """
    if who is None or isinstance(act, Trespass) or not who.role.covers(_needs(act)):
        await write_down(connection, "" if who is None else who.name, "refused", _named(act), now)
        return Refused("announce-not-allowed")
    try:
        match act:
            case Make():
                draft = Draft(act.text, act.segment, act.batch, act.at, attachment=act.file)
                made = await make_in(connection, draft, who.name, now)
                await follow(connection, made.id, [person], shown=False)
                return Made(made)
            case Follow():
                await found_in(connection, act.announcement)
                await follow(connection, act.announcement, [person], shown=False, anew=True)
                return Followed()
            case Propose():
                await insert_proposal(connection, person, who.name, act.proposal, now)
                return Proposed()
            case Handle():
                return await handle(connection, who, act, world, now)
            case ListTickets():
                return ListedTickets(await open_tickets(connection))
            case List():
                return Listed(await last_announcements(connection, _LISTED))
            case Do():
                return await _do(connection, person, who, act, above, now)
    except InputError as error:
        if error.key == "ticket-anothers":
            await write_down(connection, who.name, "refused", _named(act), now, error.key)
        return Refused(error.key, error.values)


def _needs(act: StaffAct) -> Role:
    if isinstance(act, Handle):
        return Role.VIEWER if act.deed is Ticket.SHOW else Role.EDITOR
    return _NEEDS[type(act)]


def _named(act: StaffAct) -> str:
    """What was tried, for the audit log."""
    match act:
        case Trespass(what=what):
            return what[:_MAX_NAMED]
        case Handle(deed=deed, ticket=ticket):
            return f"ticket:{ticket} {deed}"
        case Do(deed=deed, announcement=announcement):
            return f"announcement:{announcement} {deed}"
        case _:
            return type(act).__name__.lower()


async def _do(
    connection: AsyncConnection, person: int, who: Staff, act: Do, above: int, now: datetime
) -> Done | Refused:
    before = await found_in(connection, act.announcement)
    if act.deed is Deed.UNCAP and not who.role.covers(Role.APPROVER):
        return Refused("announce-not-allowed")
    if act.deed is Deed.SEND and before.stage is Stage.DRAFT:
        if before.counted is None or before.counted != act.count:
            # Who presses the button of an old card has seen another number.
            await follow(connection, before.id, [person], shown=False, anew=True)
            return Refused("announce-look-again", {"id": before.id})
        is_other = who.role.covers(Role.APPROVER) and who.name != before.made_by
        if before.counted > above and not is_other:
            return Refused("announce-two", {"id": before.id, "count": before.counted, "above": above})

    async def also(connection: AsyncConnection) -> None:
        if act.deed in (Deed.PAUSE, Deed.CANCEL):
            await ledger.hold(connection, act.announcement)

    after = await change_in(
        connection, act.announcement, act.deed, who.name, now, _change(act.deed, who.name, now), also
    )
    # Who does something to it is told what becomes of it.
    await follow(connection, after.id, [person], shown=act.deed is not Deed.UNCAP, anew=act.deed is Deed.UNCAP)
    if after.stage in OVER:
        await need_not_hear(connection, after.id, person)
    return Done(act.deed, after)


def _change(deed: Deed, by: str, now: datetime) -> Callable[[Announcement], Announcement | Refusal]:
    match deed:
        case Deed.SEND:
            return lambda announcement: announcement.send(by, now)
        case Deed.CANCEL:
            return lambda announcement: announcement.cancel(now)
        case Deed.PAUSE:
            return lambda announcement: announcement.pause()
        case Deed.RESUME:
            return lambda announcement: announcement.resume(now)
        case Deed.UNCAP:
            return lambda announcement: announcement.uncap()
