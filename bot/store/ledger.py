"""
To whom an announcement goes, and what became of it for each: rows of the outbox.

Recipients are written down in slices of the numbers of people, so that each transaction is short whoever they are, and
nobody who writes to the assistant meanwhile waits for it; nothing goes out before the last slice. A row is held until
it is let out, shortly before its turn; only then is it among what the outbox looks through. When it is let out, and
once more when it is claimed, those fall out who have stopped announcements since, blocked the assistant, or had their
share this week.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.announcements.announcement import Announcement
from bot.store.audience import CHANNEL
from bot.store.outgoing import ANNOUNCEMENT, ANNOUNCEMENTS, Fate
from bot.store.tables import outbox, people

# As many people are looked at in one transaction while recipients are written down.
SLICE = 5_000
# For so long an announcement counts towards a person's share.
WEEK = timedelta(days=7)
_REPORTED_AT_ONCE = 1_000
_IN_A_STATEMENT = 5_000
_NOT_OVER = (Fate.HELD, Fate.DUE, Fate.CLAIMED)
# In this order a report tells of them.
_FIRST_TOLD = (Fate.FAILED, Fate.UNKNOWN, Fate.SKIPPED, Fate.CLAIMED, Fate.DUE, Fate.HELD, Fate.SENT)


class Skipped(StrEnum):
    """Why somebody does not get an announcement; it stands in ``trouble``."""

    STOPPED = "stopped"
    GONE = "gone"
    SHARE = "share"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    NAMELESS = "nameless"


@dataclass(frozen=True, slots=True)
class Line:
    """
    What became of an announcement for one recipient.

    Attributes:
        trouble: why it failed, was skipped or waits; "" where nothing is wrong.
    """

    person: int
    name: str
    channel: str
    address: str
    fate: Fate
    trouble: str
    tries: int
    due: datetime
    sent: datetime | None
    delivered: datetime | None
    read: datetime | None


async def last_person(connection: AsyncConnection) -> int:
    """The highest number of a person."""
    return int(await connection.scalar(sa.select(sa.func.coalesce(sa.func.max(people.c.id), 0))) or 0)


async def freeze(
    connection: AsyncConnection,
    announcement: Announcement,
    condition: sa.ColumnElement[bool],
    channels: Collection[str],
    now: datetime,
) -> Announcement:
    """
    Write down the next recipients.

    Args:
        connection: of a writing transaction that has the announcement locked.
        announcement: which.
        condition: on ``people``, see ``audience.condition``.
        channels: that can be sent on.
        now: when.

    Returns:
        The announcement, so much further.
    """
    up_to = announcement.up_to or 0
    through = min(announcement.frozen + SLICE, up_to)
    chosen = (
        sa.select(
            people.c.id,
            people.c.channel,
            people.c.address,
            sa.literal(ANNOUNCEMENT),
            sa.literal(ANNOUNCEMENTS),
            sa.literal(announcement.id),
            sa.literal(Fate.HELD.value),
            sa.literal(now, outbox.c.created.type),
            sa.literal(now, outbox.c.due.type),
        )
        .where(people.c.id > announcement.frozen, people.c.id <= through)
        .where(CHANNEL.in_(sorted(channels)), condition)
        .order_by(people.c.id)
    )
    names = ["person", "channel", "address", "kind", "priority", "announcement", "status", "created", "due"]
    done = await connection.execute(outbox.insert().from_select(names, chosen))
    return announcement.froze(through, done.rowcount)


async def due_now(connection: AsyncConnection, announcement: int) -> dict[str, int]:
    """How many recipients of each channel have been let out and not been sent to."""
    return await _by_channel(connection, announcement, (Fate.DUE, Fate.CLAIMED))


async def held(connection: AsyncConnection, announcement: int) -> dict[str, int]:
    """How many recipients of each channel have not had their turn."""
    return await _by_channel(connection, announcement, (Fate.HELD,))


async def let_out(
    connection: AsyncConnection, announcement: Announcement, channel: str, count: int, share: int, now: datetime
) -> int:
    """
    Let out the next recipients on a channel, but for those who are not to get it any more.

    Args:
        connection: of a writing transaction that has the announcement locked.
        announcement: which.
        channel: where.
        count: at most so many.
        share: announcements that a person gets in a week; 0 for any number.
        now: when.

    Returns:
        How many were looked at.
    """
    had = outbox.alias()
    # What has been let out counts too: several announcements may be under way.
    counts = sa.or_(had.c.sent > now - WEEK, had.c.status.in_((Fate.DUE, Fate.CLAIMED)))
    theirs = (
        sa.select(sa.func.count())
        .where(had.c.person == outbox.c.person, had.c.announcement.is_not(None), counts)
        .scalar_subquery()
    )
    is_capped = share > 0 and not announcement.uncapped
    next_ones = (
        sa.select(outbox.c.id, people.c.news, people.c.gone, (theirs if is_capped else sa.literal(0)).label("had"))
        .join(people, people.c.id == outbox.c.person)
        .where(_of(announcement.id), outbox.c.status == Fate.HELD, outbox.c.channel == channel)
        .order_by(outbox.c.id)
        .limit(count)
    )
    rows = (await connection.execute(next_ones)).all()
    fates: dict[Skipped | None, list[int]] = {}
    for row in rows:
        why = why_not(row.news, row.gone)
        if why is None and is_capped and row.had >= share:
            why = Skipped.SHARE
        fates.setdefault(why, []).append(row.id)
    for why, ids in fates.items():
        values: dict[str, Any] = {"status": Fate.DUE, "due": now}
        if why is not None:
            values = {"status": Fate.SKIPPED, "trouble": why}
        await connection.execute(outbox.update().where(outbox.c.id.in_(ids)).values(values))
    return len(rows)


def why_not(news: bool | None, gone: datetime | None) -> Skipped | None:  # noqa: FBT001 - as stored
    """Why somebody is not sent an announcement."""
    return Skipped.GONE if gone is not None else Skipped.STOPPED if news is False else None


async def hold(connection: AsyncConnection, announcement: int) -> None:
    """Take back what was let out and is not on its way."""
    await connection.execute(_open(announcement, Fate.DUE).values(status=Fate.HELD))


async def give_up(connection: AsyncConnection, announcement: int, why: Skipped) -> bool:
    """
    Leave out some of those who have not got it; to be repeated while it returns True.

    Not all at once, so that nobody waits long for the database.
    """
    some = (
        sa.select(outbox.c.id)
        .where(_of(announcement), outbox.c.status.in_((Fate.HELD, Fate.DUE)))
        .limit(_IN_A_STATEMENT)
    )
    done = await connection.execute(
        outbox.update().where(outbox.c.id.in_(some)).values(status=Fate.SKIPPED, trouble=why)
    )
    return done.rowcount == _IN_A_STATEMENT


async def retry(
    connection: AsyncConnection, announcement: int, reasons: Collection[tuple[Fate, str]], now: datetime
) -> int:
    """
    Let those try again for whom it ended with one of these fates and troubles.

    Returns:
        How many.
    """
    chosen = sa.tuple_(outbox.c.status, sa.func.coalesce(outbox.c.trouble, "")).in_(sorted(reasons))
    done = await connection.execute(
        outbox.update()
        .where(_of(announcement), outbox.c.status.not_in((*_NOT_OVER, Fate.SENT)), chosen)
        .values(status=Fate.HELD, trouble=None, tries=0, due=now, sent_as=None)
    )
    return done.rowcount


async def is_over(connection: AsyncConnection, announcement: int) -> bool:
    """Whether it is known of everybody what became of it."""
    some = sa.select(outbox.c.id).where(_of(announcement), outbox.c.status.in_(_NOT_OVER)).limit(1)
    return (await connection.execute(some)).first() is None


async def tally(connection: AsyncConnection, announcement: int) -> dict[tuple[str, Fate], int]:
    """How many recipients there are of each channel and fate."""
    counted = (
        sa.select(outbox.c.channel, outbox.c.status, sa.func.count())
        .where(_of(announcement))
        .group_by(outbox.c.status, outbox.c.channel)
    )
    return {(channel, Fate(fate)): count for channel, fate, count in await connection.execute(counted)}


async def reasons(connection: AsyncConnection, announcement: int) -> dict[tuple[Fate, str], int]:
    """How many recipients did not get it, by fate and trouble."""
    trouble = sa.func.coalesce(outbox.c.trouble, "")
    counted = (
        sa.select(outbox.c.status, trouble, sa.func.count())
        .where(_of(announcement), outbox.c.status.in_((Fate.FAILED, Fate.SKIPPED, Fate.UNKNOWN)))
        .group_by(outbox.c.status, trouble)
    )
    return {(Fate(fate), why): count for fate, why, count in await connection.execute(counted)}


async def lines(connection: AsyncConnection, announcement: int) -> AsyncIterator[Line]:
    """All recipients, those first who did not get it; ``connection`` is of a snapshot, and read from while this is."""
    groups = await tally(connection, announcement)
    for channel, fate in sorted(groups, key=lambda group: (_FIRST_TOLD.index(group[1]), group[0])):
        after = 0
        while rows := (await connection.execute(_page(announcement, channel, fate, after))).all():
            for _, person, name, address, trouble, *rest in rows:
                yield Line(person, name, channel, address, fate, trouble or "", *rest)
            after = rows[-1].id


def _page(announcement: int, channel: str, fate: Fate, after: int) -> sa.Select[Any]:
    return (
        sa.select(
            outbox.c.id, outbox.c.person, people.c.name, outbox.c.address, outbox.c.trouble, outbox.c.tries,
            outbox.c.due, outbox.c.sent, outbox.c.delivered, outbox.c.read,
        )
        .join(people, people.c.id == outbox.c.person)
        .where(_of(announcement), outbox.c.status == fate, outbox.c.channel == channel, outbox.c.id > after)
        .order_by(outbox.c.id)
        .limit(_REPORTED_AT_ONCE)
    )  # fmt: skip


async def readers(connection: AsyncConnection, persons: Collection[int]) -> Mapping[int, Any]:
    """Of each person what an announcement is put into words by, and whether they still want it."""
    statement = sa.select(people.c.id, people.c.name, people.c.language, people.c.news, people.c.gone)
    rows = await connection.execute(statement.where(people.c.id.in_(sorted(persons))))
    return {row.id: row for row in rows}


async def _by_channel(connection: AsyncConnection, announcement: int, fates: Sequence[Fate]) -> dict[str, int]:
    counted = (
        sa.select(outbox.c.channel, sa.func.count())
        .where(_of(announcement), outbox.c.status.in_(fates))
        .group_by(outbox.c.channel)
    )
    return {row[0]: row[1] for row in await connection.execute(counted)}


def _of(announcement: int) -> sa.ColumnElement[bool]:
    return outbox.c.announcement == announcement


def _open(announcement: int, fate: Fate) -> sa.Update:
    return outbox.update().where(_of(announcement), outbox.c.status == fate)
