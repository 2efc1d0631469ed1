"""Tickets in the database. Who changes one holds its lock; the person's row says which one is open for them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.tickets.acts import Open
from bot.core.tickets.ticket import Line, Ticket, Why
from bot.store.desk_tables import ticket_lines, tickets
from bot.store.tables import outbox, people

_COLUMNS = (
    tickets.c.id, tickets.c.person, people.c.channel, people.c.address, people.c.name, people.c.language,
    tickets.c.why, tickets.c.question, tickets.c.talk, tickets.c.near, tickets.c.opened, tickets.c.taken_by,
    tickets.c.due, tickets.c.said, tickets.c.closed, tickets.c.closed_by,
)  # fmt: skip


async def insert_ticket(connection: AsyncConnection, person: int, act: Open, due: datetime, now: datetime) -> int:
    """Open a ticket for somebody whose row is locked; its number."""
    values = {
        "person": person,
        "why": act.why,
        "question": act.question,
        "talk": [list(each) for each in act.talk],
        "near": list(act.near),
        "opened": now,
        "said": now,
        "due": due,
    }
    number = (await connection.execute(tickets.insert().values(values).returning(tickets.c.id))).scalar_one()
    await connection.execute(people.update().where(people.c.id == person).values(ticket=number))
    return int(number)


async def find_ticket(connection: AsyncConnection, number: int, *, lock: bool = False) -> Ticket | None:
    """One ticket with all its lines; None where there is none."""
    if lock and connection.dialect.name == "postgresql":
        await connection.execute(sa.select(tickets.c.id).where(tickets.c.id == number).with_for_update())
    found = await _select(connection, tickets.c.id == number)
    return found[0] if found else None


async def open_tickets(connection: AsyncConnection) -> list[Ticket]:
    """Those that nobody has closed, the oldest first."""
    return await _select(connection, tickets.c.closed.is_(None))


async def open_ticket_of(connection: AsyncConnection, person: int) -> Ticket | None:
    """The ticket that is open for somebody."""
    found = await _select(connection, sa.and_(tickets.c.person == person, tickets.c.closed.is_(None)))
    return found[-1] if found else None


async def ticket_about(connection: AsyncConnection, channel: str, address: str, sent_as: str) -> int:
    """The ticket that a message of ours is about, by the platform's id of it; 0 for none."""
    which = (outbox.c.channel == channel, outbox.c.sent_as == sent_as, outbox.c.address == address)
    found = sa.select(outbox.c.ticket).where(*which, outbox.c.ticket.is_not(None)).limit(1)
    return (await connection.execute(found)).scalar() or 0


async def add_line(
    connection: AsyncConnection, ticket: int, who: str, text: str, now: datetime, due: datetime | None
) -> None:
    """Write down what was said; ``due`` is by when the office answers from now on."""
    await connection.execute(ticket_lines.insert().values(ticket=ticket, at=now, who=who, text=text))
    await connection.execute(tickets.update().where(tickets.c.id == ticket).values(said=now, due=due))


async def set_taker(connection: AsyncConnection, ticket: int, who: str) -> None:
    """It is somebody's."""
    await connection.execute(tickets.update().where(tickets.c.id == ticket).values(taken_by=who))


async def set_due(connection: AsyncConnection, ticket: int, due: datetime) -> None:
    """By when the office answers."""
    await connection.execute(tickets.update().where(tickets.c.id == ticket).values(due=due))


async def close_ticket(connection: AsyncConnection, ticket: Ticket, by: str, now: datetime) -> None:
    """It is over."""
    closed = {"closed": now, "closed_by": by, "due": None}
    await connection.execute(tickets.update().where(tickets.c.id == ticket.id).values(closed))
    mine = (people.c.id == ticket.person, people.c.ticket == ticket.id)
    await connection.execute(people.update().where(*mine).values(ticket=None))


async def overdue_tickets(connection: AsyncConnection, now: datetime) -> list[int]:
    """Numbers of those in which the office owes an answer."""
    owed = sa.select(tickets.c.id).where(tickets.c.closed.is_(None), tickets.c.due <= now).order_by(tickets.c.id)
    return list((await connection.execute(owed)).scalars())


async def silent_tickets(connection: AsyncConnection, since: datetime) -> list[int]:
    """Numbers of those that the office answered, and in which nothing was said since a moment."""
    silent = (tickets.c.closed.is_(None), tickets.c.due.is_(None), tickets.c.said <= since)
    return list((await connection.execute(sa.select(tickets.c.id).where(*silent).order_by(tickets.c.id))).scalars())


async def _select(connection: AsyncConnection, which: sa.ColumnElement[bool]) -> list[Ticket]:
    rows = await connection.execute(
        sa.select(*_COLUMNS).join(people, people.c.id == tickets.c.person).where(which).order_by(tickets.c.id)
    )
    found = rows.all()
    lines: dict[int, list[Line]] = {row.id: [] for row in found}
    if lines:
        said = await connection.execute(
            sa.select(ticket_lines.c.ticket, ticket_lines.c.at, ticket_lines.c.who, ticket_lines.c.text)
            .where(ticket_lines.c.ticket.in_(sorted(lines)))
            .order_by(ticket_lines.c.id)
        )
        for ticket, *line in said:
            lines[ticket].append(Line(*line))
    return [_ticket(row, lines[row.id]) for row in found]


def _ticket(row: Any, lines: Sequence[Line]) -> Ticket:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name
    values["why"] = Why(values["why"])
    values["talk"] = tuple((is_theirs, text) for is_theirs, text in values["talk"])
    return Ticket(**values, lines=tuple(lines))
