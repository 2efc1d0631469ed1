"""Queues what the clock makes due: reminders, offers that ran out, batches that began or ended."""

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.talk.phrases import Phrases
from bot.core.workshops.batch import HAD_SEAT, LIVE, Batch, BatchStatus, Registration, Status
from bot.core.workshops.reminders import FEEDBACK_UNTIL, Kind, is_in_time, is_wanted
from bot.core.workshops.seats import Seats
from bot.errors import StoreUnavailable
from bot.store.batches import BATCH_COLUMNS, REGISTRATION_COLUMNS, batch_of, registration_of
from bot.store.database import Database
from bot.store.desks import batches_ahead, first_in_line, live_in, lock_batches, save_seats
from bot.store.notices import addressees, notices_of
from bot.store.outgoing import NOTICES
from bot.store.queueing import Outgoing, queue
from bot.store.tables import batches, people, registrations

_log = logging.getLogger(__name__)
# Which column says that a person had a reminder.
_HAD: Mapping[Kind, sa.Column[datetime]] = {
    Kind.COMING: registrations.c.asked,
    Kind.EVENING: registrations.c.reminded,
    Kind.FEEDBACK: registrations.c.rated,
}


@dataclass(frozen=True, slots=True)
class Concerning:
    """What a reminder is about, as it is now."""

    batch: Batch
    registration: Registration
    language: str


async def pass_time(database: Database, phrases: Phrases, now: datetime) -> int:
    """
    Do all that is due by now: each batch in a transaction of its own, so that nothing is due twice.

    Returns:
        How many messages were queued.
    """
    queued = 0
    for batch in await _batches_to_see_to(database, now):
        try:
            async with database.write() as connection:
                for locked in await lock_batches(connection, [batch]):
                    queued += await _see_to(connection, locked, phrases, now)
        except StoreUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one batch must not hold up the others
            _log.error("What is due in workshop %s could not be done (%s).", batch, type(error).__name__)
    return queued


async def concerning(
    connection: AsyncConnection, which: Collection[tuple[int | None, int | None]]
) -> dict[tuple[int | None, int | None], Concerning]:
    """(batch, person) -> how things stand."""
    statement = (
        sa.select(*REGISTRATION_COLUMNS, *BATCH_COLUMNS, people.c.language)
        .join(batches, batches.c.id == registrations.c.batch)
        .join(people, people.c.id == registrations.c.person)
        .where(
            registrations.c.batch.in_({batch for batch, _ in which}),
            registrations.c.person.in_({person for _, person in which}),
        )
    )
    at = len(REGISTRATION_COLUMNS)
    found: dict[tuple[int | None, int | None], Concerning] = {}
    for row in await connection.execute(statement):
        registration = registration_of(row)
        found[registration.batch, registration.person] = Concerning(batch_of(row[at:]), registration, row[-1])
    return found


async def _batches_to_see_to(database: Database, now: datetime) -> list[int]:
    """Batches that may need something: an offer has run out, they began or ended, or it is time for a reminder."""
    theirs = registrations.c.batch == batches.c.id
    live = sa.exists().where(theirs, registrations.c.status.in_(sorted(LIVE)))
    run_out = sa.exists().where(theirs, registrations.c.status == Status.OFFERED, registrations.c.offered_until <= now)
    recent = sa.and_(batches.c.status == BatchStatus.OPEN, batches.c.ends > now - FEEDBACK_UNTIL)
    statement = sa.select(*BATCH_COLUMNS, run_out, live).where(sa.or_(recent, live)).order_by(batches.c.id)
    async with database.read() as connection:
        rows = (await connection.execute(statement)).all()
    return [
        batch.id
        for batch, has_run_out, has_live in ((batch_of(row), row[-2], row[-1]) for row in rows)
        if has_run_out
        or (batch.is_ahead(now) and batch.free and batch.waiting)
        or (has_live and (batch.ends <= now or (batch.starts <= now and batch.taken + batch.waiting)))
        or any(is_in_time(kind, batch, now) for kind in Kind)
    ]


async def _see_to(connection: AsyncConnection, batch: Batch, phrases: Phrases, now: datetime) -> int:
    rows = await _pass(connection, batch, phrases, now)
    for kind in Kind:
        if is_in_time(kind, batch, now):
            rows += await _reminders(connection, kind, batch, now)
    await queue(connection, rows, now)
    return len(rows)


async def _pass(connection: AsyncConnection, batch: Batch, phrases: Phrases, now: datetime) -> list[Outgoing]:
    """Offers that ran out, and what beginning and ending mean; what people are told of it."""
    if batch.starts <= now:
        concerned = await live_in(connection, batch.id)
    else:
        run_out = sa.select(*REGISTRATION_COLUMNS).where(
            registrations.c.batch == batch.id,
            registrations.c.status == Status.OFFERED,
            registrations.c.offered_until <= now,
        )
        concerned = [registration_of(row) for row in await connection.execute(run_out)]
        concerned += await first_in_line(connection, batch.id, len(concerned) + batch.free) if batch.waiting else []
    if not concerned:
        return []
    seats = Seats([batch, *await batches_ahead(connection, now, batch.id)], concerned, now, {})
    seats.pass_time(batch.id)
    await save_seats(connection, seats)
    return await notices_of(connection, seats, phrases)


async def _reminders(connection: AsyncConnection, kind: Kind, batch: Batch, now: datetime) -> list[Outgoing]:
    """Whoever wants a reminder and has not had it; from now on they have."""
    had = _HAD[kind]
    statement = sa.select(*REGISTRATION_COLUMNS).where(
        registrations.c.batch == batch.id, registrations.c.status.in_(sorted(HAD_SEAT)), had.is_(None)
    )
    found = [registration_of(row) for row in await connection.execute(statement)]
    wanted = [each.person for each in found if is_wanted(kind, batch, each)]
    if not wanted:
        return []
    await connection.execute(
        registrations.update()
        .where(registrations.c.batch == batch.id, registrations.c.person.in_(wanted))
        .values({had.name: now})
    )
    who = await addressees(connection, wanted)
    return [
        Outgoing(person, channel, address, None, kind, NOTICES, batch.id)
        for person, (channel, address, _) in sorted(who.items())
    ]
