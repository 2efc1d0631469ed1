"""What the office does to batches: everybody whom it concerns is told in the same transaction."""

from dataclasses import replace
from datetime import datetime

from bot.core.talk.phrases import Phrases
from bot.core.workshops.batch import Batch, BatchStatus
from bot.core.workshops.seats import Seats
from bot.store.database import Database
from bot.store.desks import live_in, lock_batches, save_seats, taking_registrations
from bot.store.notices import notices_of
from bot.store.outgoing import queue


async def change_batch(database: Database, batch: Batch, phrases: Phrases, now: datetime) -> int:
    """
    Put a batch that staff changed, or cancelled, in the place of the old one of the same id.

    Returns:
        How many messages were queued for people.

    Raises:
        LookupError: there is no such batch.
        ValueError: fewer seats than are taken.
    """
    async with database.write() as connection:
        for old in await lock_batches(connection, [batch.id]):
            others = await taking_registrations(connection, now, batch.id)
            seats = Seats([old, *others], await live_in(connection, batch.id), now, {})
            seats.change(batch)
            await save_seats(connection, seats)
            rows = await notices_of(connection, seats, phrases)
            await queue(connection, rows, now)
            return len(rows)
    raise LookupError(batch.id)


async def cancel_batch(database: Database, batch: Batch, phrases: Phrases, now: datetime) -> int:
    """Call a batch off; see ``change_batch``."""
    return await change_batch(database, replace(batch, status=BatchStatus.CANCELLED), phrases, now)
