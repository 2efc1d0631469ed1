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

from bot.channels.registry import CHANNELS, switched_on
from bot.config import Settings
from bot.core.announcements import preflight
from bot.core.announcements.announcement import LASTS, Announcement, Refusal, Stage
from bot.core.announcements.audience import BadSegmentError, parse
from bot.core.announcements.preflight import Known, Preflight, Way
from bot.core.announcements.wording import MAX_CAPTION, Reader, faults, needs_name, render
from bot.core.quiet import Quiet
from bot.core.talk.message import Attachment
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
from bot.store.files import keep_file
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
        attachment: a photo or a paper, still at the platform.
        file: one that is here: name, media type, content.
    """

    text: str
    segment: str = "all"
    batch: int | None = None
    at: datetime | None = None
    expires: datetime | None = None
    hours: int = 0
    uncapped: bool = False
    attachment: Attachment | None = None
    file: tuple[str, str, bytes] | None = None


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


def means_of(settings: Settings) -> Means:
    """What the office sends with."""
    return Means(
        {name: CHANNELS[name].pace(settings).per_second for name in switched_on(settings)},
        [name for name, kind in CHANNELS.items() if kind.windowed],
        bool(settings.whatsapp_template),
        settings.whatsapp_template_price,
        settings.announce_quiet,
    )


async def make(database: Database, draft: Draft, by: str, now: datetime) -> Announcement:
    """
    Keep a draft.

    Raises:
        InputError: something about it is not right.
    """
    async with database.write() as connection:
        return await make_in(connection, draft, by, now)


async def look_over(
    database: Database, number: int, means: Means, phrases: Phrases, language: str, now: datetime
) -> Preflight:
    """
    The card that staff see before it begins.

    Raises:
        InputError: there is no such announcement.
    """
    async with database.snapshot() as connection:
        announcement = await found_in(connection, number)
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
    # A running program would see to it too; here it may be that none runs.
    while cancelled.stage is Stage.CANCELLING:
        async with database.write() as connection:
            before = await lock_announcement(connection, number)
            if before is None or before.stage is not Stage.CANCELLING:
                return before or cancelled
            if not await ledger.give_up(connection, number, Skipped.CANCELLED):
                cancelled = before.cancelled(now)
                await save_announcement(connection, cancelled)
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
        announcement = await found_in(connection, number)
        return Status(announcement, await ledger.tally(connection, number), await ledger.reasons(connection, number))


@asynccontextmanager
async def report(database: Database, number: int) -> AsyncIterator[AsyncIterator[ledger.Line]]:
    """
    What became of it for each recipient, those first who did not get it; all as of one moment.

    Raises:
        InputError: there is no such announcement.
    """
    async with database.snapshot() as connection:
        await found_in(connection, number)
        yield ledger.lines(connection, number)


async def make_in(connection: AsyncConnection, draft: Draft, by: str, now: datetime) -> Announcement:
    """As ``make``, within a writing transaction."""
    try:
        segment = parse(draft.segment)
    except BadSegmentError as error:
        raise InputError("announce-segment", word=error.word) from error
    batch = None if draft.batch is None else await find_batch(connection, draft.batch)
    if draft.batch is not None and batch is None:
        raise InputError("no-such-batch", id=draft.batch)
    for fault in faults(draft.text, batch):
        raise InputError(f"announce-{fault.key}", **fault.values)
    if (draft.file or draft.attachment) and len(draft.text) > MAX_CAPTION:
        raise InputError("announce-caption", length=len(draft.text), limit=MAX_CAPTION)
    begins = draft.at or now
    expires = draft.expires or (begins + LASTS if batch is None else batch.starts)
    if expires <= begins or begins < now:
        raise InputError("announce-times")
    file = None if draft.file is None else await keep_file(connection, *draft.file, now)
    announcement = Announcement(
        0, draft.text, str(segment), draft.batch, draft.at, expires, draft.hours, draft.uncapped, Stage.DRAFT,
        None, None, 0, 0, now, by, "", "", None, draft.attachment, file,
    )  # fmt: skip
    number = await insert_announcement(connection, announcement)
    await write_down(connection, by, "new", _name(number), now)
    return await found_in(connection, number)


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
        return await change_in(connection, number, act, by, now, change, also)


async def change_in(
    connection: AsyncConnection,
    number: int,
    act: str,
    by: str,
    now: datetime,
    change: Callable[[Announcement], Announcement | Refusal],
    also: Callable[[AsyncConnection], Awaitable[None]] | None,
) -> Announcement:
    """
    Let an announcement change, and write down who did it.

    Args:
        connection: of a writing transaction.
        number: which.
        act: what they do.
        by: who.
        now: when.
        change: makes the announcement that it becomes.
        also: what is done beside, in the same transaction.

    Raises:
        InputError: there is none, or it may not be done.
    """
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


async def found_in(connection: AsyncConnection, number: int) -> Announcement:
    """One announcement; raises InputError where there is none."""
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
