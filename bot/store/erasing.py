"""Forgets people: what they said and filled in goes, numbers stay."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.workshops.batch import LIVE
from bot.store.bulk import insert
from bot.store.database import Database
from bot.store.desk_tables import sessions, tickets
from bot.store.outgoing import Fate
from bot.store.tables import (
    announcements,
    askers,
    consents,
    counts,
    dead_letters,
    files,
    outbox,
    people,
    registrations,
    seen,
    transcript,
    unanswered,
)
from bot.store.transcript import forget_old

# WhatsApp repeats a message for seven days.
SEEN_FOR = timedelta(days=8)
# Sent messages are kept for as long as somebody may ask what became of them.
SENT_FOR = timedelta(days=30)
# And who was told what for longer.
TOLD_FOR = timedelta(days=180)
_AT_ONCE = 500
ATTENDED = "attended"


async def erase(connection: AsyncConnection, persons: Collection[int]) -> None:
    """
    Forget people whose seats have been released; of their registrations only counts stay.

    Args:
        connection: of a writing transaction that holds locks on the people.
        persons: whom.
    """
    whose = sorted(persons)
    theirs = await connection.execute(
        sa.select(registrations.c.batch, registrations.c.status, registrations.c.attended).where(
            registrations.c.person.in_(whose)
        )
    )
    numbers: Counter[tuple[int, str]] = Counter()
    for batch, status, attended in theirs:
        numbers[batch, status] += 1
        numbers[batch, ATTENDED] += attended is not None
    rows = [
        {"batch": batch, "what": what, "count": number} for (batch, what), number in sorted(numbers.items()) if number
    ]
    if rows:
        statement = insert(connection.dialect.name, counts)
        added = {"count": counts.c.count + statement.excluded.count}
        await connection.execute(
            statement.on_conflict_do_update(index_elements=[counts.c.batch, counts.c.what], set_=added), rows
        )
    asked = list((await connection.execute(sa.select(askers.c.question).where(askers.c.person.in_(whose)))).scalars())
    # The staff are not to read on in what is about to go.
    theirs_too = outbox.c.ticket.in_(sa.select(tickets.c.id).where(tickets.c.person.in_(whose)))
    await connection.execute(sa.delete(outbox).where(theirs_too))
    for table in (registrations, consents, outbox, askers, tickets):
        await connection.execute(sa.delete(table).where(table.c.person.in_(whose)))
    # Their words may name them; what others asked in the same words stays.
    others = sa.exists().where(askers.c.question == unanswered.c.id)
    await connection.execute(sa.delete(unanswered).where(unanswered.c.id.in_(asked), ~others))
    talks = sa.select(people.c.channel, people.c.address).where(people.c.id.in_(whose))
    await connection.execute(
        sa.delete(transcript).where(sa.tuple_(transcript.c.channel, transcript.c.address).in_(talks))
    )
    await connection.execute(sa.delete(people).where(people.c.id.in_(whose)))


async def purge(database: Database, older_than: datetime, now: datetime) -> int:
    """
    Forget everybody who was last heard of before a moment and is in no batch; and what is not needed any more.

    Args:
        database: which.
        older_than: people heard of since then stay.
        now: for what is kept for days rather than years.

    Returns:
        How many people were forgotten.
    """
    live = sa.select(registrations.c.person).where(registrations.c.status.in_(sorted(LIVE)))
    silent = sa.select(people.c.id).where(people.c.heard < older_than, people.c.id.not_in(live)).order_by(people.c.id)
    # No index on when people were heard of: each message would move an entry in it, for what is asked now and then.
    async with database.read() as connection:
        found = list((await connection.execute(silent)).scalars())
    forgotten = 0
    for start in range(0, len(found), _AT_ONCE):
        async with database.write() as connection:
            # Some may have come back since.
            still = silent.where(people.c.id.in_(found[start : start + _AT_ONCE])).with_for_update()
            persons = list((await connection.execute(still)).scalars())
            if persons:
                await erase(connection, persons)
        forgotten += len(persons)
    async with database.write() as connection:
        await connection.execute(sa.delete(seen).where(seen.c.at < now - SEEN_FOR))
        await connection.execute(sa.delete(unanswered).where(unanswered.c.last < older_than))
        await connection.execute(sa.delete(dead_letters).where(dead_letters.c.at < now - SENT_FOR))
        await forget_old(connection, now)
        await connection.execute(sa.delete(sessions).where(sessions.c.ends < now))
        await connection.execute(sa.delete(tickets).where(tickets.c.closed < now - TOLD_FOR))
        # Ids grow with time, so that the old ones are those before the first that is not.
        kept = sa.select(outbox.c.id).where(outbox.c.created >= now - SENT_FOR).order_by(outbox.c.id).limit(1)
        first_kept = (await connection.execute(kept)).scalar()
        old = outbox.c.created < now - SENT_FOR if first_kept is None else outbox.c.id < first_kept
        done_with = outbox.c.status.not_in((Fate.HELD, Fate.DUE, Fate.CLAIMED))
        await connection.execute(sa.delete(outbox).where(old, done_with, outbox.c.announcement.is_(None)))
        told = announcements.c.over < now - TOLD_FOR
        numbers = sa.select(announcements.c.id).where(told)
        await connection.execute(sa.delete(outbox).where(outbox.c.announcement.in_(numbers)))
        await connection.execute(sa.update(announcements).where(told).values(file=None))
        needed = sa.exists().where(announcements.c.file == files.c.id)
        await connection.execute(sa.delete(files).where(files.c.at < now - TOLD_FOR, ~needed))
    return forgotten
