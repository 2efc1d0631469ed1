"""What the office does to batches: everybody whom it concerns is told in the same transaction."""

from dataclasses import replace
from datetime import datetime

from bot.core.talk.phrases import Phrases
from bot.core.workshops.acts import News
from bot.core.workshops.batch import HAD_SEAT, Batch
from bot.core.workshops.seats import Seats
from bot.store.database import Database
from bot.store.desks import batches_ahead, first_in_line, live_in, lock_batches, save_seats, with_mobile
from bot.store.notices import notices_of
from bot.store.queueing import queue, withdraw


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
            others = await batches_ahead(connection, now, batch.id)
            seats = Seats([old, *others], await live_in(connection, batch.id), now, {})
            seats.change(batch)
            await save_seats(connection, seats)
            rows = await notices_of(connection, seats, phrases)
            # Only the newest word counts: an older one that is still on its way out would be untrue.
            await withdraw(connection, batch.id, News.CHANGED)
            await queue(connection, rows, now)
            return len(rows)
    raise LookupError(batch.id)


async def mark_present(database: Database, batch: int, mobile: str, now: datetime) -> None:
    """
    Write down that somebody came, for whom the code on the board did not work.

    Raises:
        LookupError: nobody with this number has a seat in the batch.
    """
    async with database.write() as connection:
        for locked in await lock_batches(connection, [batch]):
            theirs = await with_mobile(connection, batch, mobile)
            if theirs is None or theirs.status not in HAD_SEAT:
                break
            seats = Seats([locked], [theirs], now, {})
            seats.put(replace(theirs, attended=theirs.attended or now))
            await save_seats(connection, seats)
            return
    raise LookupError(mobile)


async def remove(database: Database, batch: int, mobile: str, phrases: Phrases, now: datetime) -> None:
    """
    Take somebody out of a batch, as they asked the office to; their seat is held for the next in line.

    Raises:
        LookupError: nobody with this number has a place in the batch.
    """
    async with database.write() as connection:
        for locked in await lock_batches(connection, [batch]):
            theirs = await with_mobile(connection, batch, mobile)
            if theirs is None or not theirs.is_live:
                break
            seats = Seats([locked], [theirs, *await first_in_line(connection, batch, 2)], now, {})
            seats.remove(theirs)
            await save_seats(connection, seats)
            await queue(connection, await notices_of(connection, seats, phrases), now)
            return
    raise LookupError(mobile)
