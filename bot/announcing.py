"""
What staff do with announcements: make, send, pause, resume, cancel and repeat them, and ask what became of them.

The command line, the chat and the staff page call the same functions; each writes down who did it. What may not be done
comes out as ``InputError``, whose sentence staff can act on.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.announcements import preflight
from bot.core.announcements.announcement import LASTS, Announcement, Refusal, Stage
from bot.core.announcements.audience import BadSegmentError, parse
from bot.core.announcements.preflight import Known, Preflight, Way
from bot.core.announcements.wording import Reader, faults, needs_name, render
from bot.core.quiet import Quiet
from bot.core.talk.phrases import Phrases
from bot.errors import InputError
from bot.store import audience, lanes, ledger
from bot.store.announcements import (
    find_announcement,
    insert_announcement,
    list_announcements,
    lock_announcement,
    save_announcement,
    write_down,
)
from bot.store.batches import find_batch
from bot.store.database import Database
from bot.store.ledger import Skipped
from bot.store.outgoing import Fate

SAMPLES = 3
# Who got the same text so lately would be surprised.
_LATELY = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Draft:
    """
    What staff write.

    Attributes:
        text: with fields, see ``wording``.
        segment: to whom, in the words of ``audience``.
        batch: the workshop that it is about.
        at: when it is to begin; None for at once.
        expires: from when on nothing of it goes out; None for the workshop's beginning, or three days.
        hours: over so many it is spread.
        uncapped: also to those who had their share this week.
    """

    text: str
    segment: str = "all"
    batch: int | None = None
    at: datetime | None = None
    expires: datetime | None = None
    hours: int = 0
    uncapped: bool = False


@dataclass(frozen=True, slots=True)
class Status:
    """
    How far an announcement is.

    Attributes:
        tally: channel and fate -> how many recipients.
        reasons: fate and trouble -> how many did not get it.
    """

    announcement: Announcement
    tally: Mapping[tuple[str, Fate], int]
    reasons: Mapping[tuple[Fate, str], int]

    def of(self, *fates: Fate) -> int:
        """How many recipients have one of these fates."""
        return sum(count for (_, fate), count in self.tally.items() if fate in fates)


@dataclass(frozen=True, slots=True)
class Means:
    """
    What the office sends with.

    Attributes:
        per_second: channel that is switched on -> messages a second; None for as fast as it goes.
        windowed: channels on which only those can be written to freely who have written within a day.
        has_template: whether the others can be sent an approved message there.
        price: of such a message, in rupees.
        quiet: when nothing goes out.
    """

    per_second: Mapping[str, int | None]
    windowed: Collection[str]
    has_template: bool
    price: Decimal
    quiet: Quiet


async def make(database: Database, draft: Draft, by: str, now: datetime) -> Announcement:
    """
    Keep a draft.

    Raises:
        InputError: something about it is not right.
    """
    try:
        segment = parse(draft.segment)
    except BadSegmentError as error:
        raise InputError("announce-segment", word=error.word) from error
    async with database.write() as connection:
        batch = None if draft.batch is None else await find_batch(connection, draft.batch)
        if draft.batch is not None and batch is None:
            raise InputError("no-such-batch", id=draft.batch)
        for fault in faults(draft.text, batch):
            raise InputError(f"announce-{fault.key}", **fault.values)
        begins = draft.at or now
        expires = draft.expires or (begins + LASTS if batch is None else batch.starts)
        if expires <= begins or begins < now:
            raise InputError("announce-times")
        announcement = Announcement(
            0, draft.text, str(segment), draft.batch, draft.at, expires, draft.hours, draft.uncapped, Stage.DRAFT,
            None, None, 0, 0, now, by, "", "", None,
        )  # fmt: skip
        number = await insert_announcement(connection, announcement)
        await write_down(connection, by, "new", _name(number), now)
        return await _found(connection, number)


async def look_over(
    database: Database, number: int, means: Means, phrases: Phrases, language: str, now: datetime
) -> Preflight:
    """
    The card that staff see before it begins.

    Raises:
        InputError: there is no such announcement.
    """
    async with database.snapshot() as connection:
        announcement = await _found(connection, number)
        batch = None if announcement.batch is None else await find_batch(connection, announcement.batch)
        who = await audience.condition(connection, parse(announcement.segment))
        crowds = await audience.crowds(connection, who, means.per_second, now)
        begun = [each for each in await list_announcements(connection) if _is_same(each, announcement, now)]
        told_before = await audience.had_it(connection, who, [each.id for each in begun]) if begun else 0
        some = await audience.examples(connection, who, means.per_second, SAMPLES)
        paced = await lanes.lanes_of(connection)
    people: dict[tuple[str, Way], int] = {}
    for channel, crowd in crowds.items():
        lately = crowd.count if channel not in means.windowed else crowd.lately
        people[channel, Way.MESSAGE] = lately
        people[channel, Way.TEMPLATE if means.has_template else Way.NONE] = crowd.count - lately
    readers = [Reader(each.name, each.language) for each in some] or [Reader("", language)]
    known = Known(
        {key: count for key, count in people.items() if count},
        sum(crowd.nameless for crowd in crowds.values()),
        told_before,
        {
            channel: paced[channel].rate / 60 if channel in paced else per_second
            for channel, per_second in means.per_second.items()
            if per_second is not None
        },
        means.price,
        means.quiet,
    )
    samples = [
        render(announcement.text, reader, batch, phrases, now)
        for reader in readers
        if reader.name or not needs_name(announcement.text)
    ]
    return preflight.look_over(announcement, known, batch, samples, now)


async def send(database: Database, number: int, by: str, now: datetime) -> Announcement:
    """
    Let it begin in a minute, or when it was wanted.

    Raises:
        InputError: there is no such draft, or its time is over.
    """
    return await _change(database, number, "send", by, now, lambda before: before.send(by, now))


async def pause(database: Database, number: int, by: str, now: datetime) -> Announcement:
    """
    Let nothing more of it out; what is on its way arrives.

    Raises:
        InputError: there is no such announcement under way.
    """

    async def hold(connection: AsyncConnection) -> None:
        await ledger.hold(connection, number)

    return await _change(database, number, "pause", by, now, lambda before: before.pause(), hold)


async def resume(database: Database, number: int, by: str, now: datetime) -> Announcement:
    """
    Go on where it was paused.

    Raises:
        InputError: there is no such paused announcement, or its time is over.
    """
    return await _change(database, number, "resume", by, now, lambda before: before.resume(now))


async def cancel(database: Database, number: int, by: str, now: datetime) -> Announcement:
    """
    End it; who has not got it gets nothing.

    Raises:
        InputError: there is no such announcement, or it is over.
    """
    cancelled = await _change(database, number, "cancel", by, now, lambda before: before.cancel(now))
    left = True
    while left:
        async with database.write() as connection:
            left = await ledger.give_up(connection, number, Skipped.CANCELLED)
    return cancelled


async def retry(database: Database, number: int, reasons: Collection[tuple[Fate, str]], by: str, now: datetime) -> int:
    """
    Send it again to those who did not get it for one of these reasons, see ``Status.reasons``.

    Returns:
        To how many.

    Raises:
        InputError: there is no such announcement that is finished, or its time is over.
    """
    again = 0

    async def let_try(connection: AsyncConnection) -> None:
        nonlocal again
        again = await ledger.retry(connection, number, reasons, now)

    await _change(database, number, "retry", by, now, lambda before: before.retry(now), let_try)
    return again


async def status(database: Database, number: int) -> Status:
    """
    How far it is.

    Raises:
        InputError: there is no such announcement.
    """
    async with database.snapshot() as connection:
        announcement = await _found(connection, number)
        return Status(announcement, await ledger.tally(connection, number), await ledger.reasons(connection, number))


@asynccontextmanager
async def report(database: Database, number: int) -> AsyncIterator[AsyncIterator[ledger.Line]]:
    """
    What became of it for each recipient, those first who did not get it; all as of one moment.

    Raises:
        InputError: there is no such announcement.
    """
    async with database.snapshot() as connection:
        await _found(connection, number)
        yield ledger.lines(connection, number)


async def _change(
    database: Database,
    number: int,
    act: str,
    by: str,
    now: datetime,
    change: Callable[[Announcement], Announcement | Refusal],
    also: Callable[[AsyncConnection], Awaitable[None]] | None = None,
) -> Announcement:
    async with database.write() as connection:
        before = await lock_announcement(connection, number)
        if before is None:
            raise InputError("announce-none", id=number)
        after = change(before)
        if isinstance(after, Refusal):
            raise InputError(f"announce-{after}", id=number)
        if also is not None:
            await also(connection)
        await save_announcement(connection, after)
        await write_down(connection, by, act, _name(number), now)
        return after


async def _found(connection: AsyncConnection, number: int) -> Announcement:
    announcement = await find_announcement(connection, number)
    if announcement is None:
        raise InputError("announce-none", id=number)
    return announcement


def _is_same(earlier: Announcement, announcement: Announcement, now: datetime) -> bool:
    """Whether it said the same, not long ago."""
    lately = earlier.begins is not None and earlier.begins > now - _LATELY
    return lately and earlier.id != announcement.id and earlier.text.split() == announcement.text.split()


def _name(number: int) -> str:
    return f"announcement:{number}"
