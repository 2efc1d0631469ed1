"""
The outbox in the database: what is to be said to whom, who is sending it now, and what became of it.

An announcement is a row a recipient, HELD until it is let out in small portions (``ledger``).

A row is DUE until a sender claims it, in a transaction of its own, before anything goes out; what became of it is
written afterwards. A claim that got no result within its lease belongs to a process that died between the two: nobody
can know whether the person got the message. It is then in doubt, and sent once more (better twice than never); what is
in doubt a second time stays UNKNOWN, and an announcement stays so at once (better never than twice). Doubt does not go
away when a later try certainly fails.

Who was taken for dead and is not may still say that a message was sent, and nothing else: the row is another's now.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.talk.message import Document, Option, Reply
from bot.store.tables import outbox, people

LEASE = timedelta(seconds=25)
REPLY = "reply"
ANNOUNCEMENT = "announcement"
# Replies go before what the office has to tell one person, and that before what it tells many.
REPLIES, NOTICES, ANNOUNCEMENTS = 0, 1, 2
# With waits of up to ten minutes that is six hours and a half, longer than a platform is out of order.
MAX_TRIES = 48
# A process claims far more than it has on the wire, so what was claimed twice by dead ones was mostly never sent.
MAX_TAKEN_OVER = 5
# How what is known of a row in doubt begins.
DOUBT = "in doubt: "
# Any number, as long as no other program uses it on this database: "GeM", "out".
_CLAIM_LOCK = 0x47654D6F7574


class Fate(StrEnum):
    """What has become of a row."""

    HELD = "held"  # it has not had its turn yet
    DUE = "due"
    CLAIMED = "claimed"
    SENT = "sent"
    FAILED = "failed"  # it will never arrive
    SKIPPED = "skipped"  # it was not worth sending any more
    UNKNOWN = "unknown"  # it may have arrived; nobody can tell


_OPEN = (Fate.DUE, Fate.CLAIMED)


@dataclass(frozen=True, slots=True)
class Claimed:
    """
    One message to be sent now.

    Attributes:
        tries: how many, with this one.
        in_doubt: it may have arrived already.
        created: when it was queued.
        heard: when the person wrote last; None where they are erased.
        changes: the platform's id of the message that this one takes the place of; "" for none.
    """

    id: int
    person: int | None
    priority: int
    channel: str
    address: str
    reply: Reply | None
    kind: str
    batch: int | None
    announcement: int | None
    tries: int
    in_doubt: bool
    created: datetime
    heard: datetime | None
    changes: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """
    What became of a claimed row.

    Attributes:
        due: when to try again.
        in_doubt: whether it may have arrived, now or on an earlier try.
        prompted: who has been asked something by the office, and the ids of what they can choose.
        counted: whether it counts as a try.
        row: what was claimed, where sending told something of the person: see ``reaching``.
        gone: they cannot be written to any more.
        moved_to: the address that they have now.
    """

    id: int
    fate: Fate
    at: datetime
    sent_as: str | None = None
    trouble: str | None = None
    due: datetime | None = None
    in_doubt: bool = False
    prompted: tuple[int, tuple[str, ...]] | None = None
    counted: bool = True
    row: Claimed | None = None
    gone: bool = False
    moved_to: str = ""


async def claim(
    connection: AsyncConnection,
    channels: Collection[str],
    owner: str,
    count: int,
    now: datetime,
    but: Collection[str] = (),
) -> list[Claimed]:
    """
    Take up to ``count`` messages that are due, at most one a person and each person's in order.

    Args:
        connection: of a writing transaction.
        channels: which the owner can send on.
        owner: unique to this start of this process.
        count: at most so many.
        now: what is due by now.
        but: addresses that get nothing yet.
    """
    if connection.dialect.name == "postgresql":
        # Two that claim at once would not see each other's, and one person would get two messages out of order.
        await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_CLAIM_LOCK)))
    earlier = outbox.alias()
    is_next = ~sa.exists().where(
        earlier.c.channel == outbox.c.channel,
        earlier.c.address == outbox.c.address,
        earlier.c.status.in_(_OPEN_LITERAL),
        sa.or_(
            earlier.c.status == _CLAIMED_LITERAL,
            earlier.c.priority < outbox.c.priority,
            sa.and_(earlier.c.priority == outbox.c.priority, earlier.c.id < outbox.c.id),
        ),
    )
    chosen = (
        sa.select(outbox.c.id)
        .where(outbox.c.status == Fate.DUE, IS_OPEN, outbox.c.channel.in_(sorted(channels)), outbox.c.due <= now)
        .where(is_next, *([outbox.c.address.not_in(sorted(but))] if but else []))
        .order_by(outbox.c.priority, outbox.c.id)
        .limit(count)
        .with_for_update(skip_locked=True)
        # Worked out once; a planner may run a subquery again, and take more.
        .cte("chosen")
    )
    taken = await connection.execute(
        outbox.update()
        .where(outbox.c.id.in_(sa.select(chosen.c.id)))
        .values(status=Fate.CLAIMED, claimed_by=owner, claimed=now, tries=outbox.c.tries + 1)
        .returning(*_CLAIMED)
    )
    return sorted(map(_claimed_of, taken), key=lambda row: (row.priority, row.id))


async def take_over(
    connection: AsyncConnection, channels: Collection[str], claimed_before: datetime, but: Collection[int]
) -> int:
    """
    Give back what dead processes had claimed: to be sent again, or, announcements and what many died over, as unknown.

    Args:
        connection: of a writing transaction.
        channels: which the owner can send on.
        claimed_before: who claimed earlier and has not told since is taken for dead.
        but: ids of what is known to be on its way.

    Returns:
        How many.
    """
    orphaned = (
        sa.select(outbox.c.id)
        .where(
            IS_OPEN,
            outbox.c.status == _CLAIMED_LITERAL,
            outbox.c.channel.in_(sorted(channels)),
            outbox.c.claimed < claimed_before,
            outbox.c.id.not_in(sorted(but)),
        )
        .with_for_update(skip_locked=True)
    )
    is_deadly = sa.and_(IN_DOUBT, outbox.c.tries >= MAX_TAKEN_OVER)
    fate = sa.case((sa.or_(is_deadly, outbox.c.announcement.is_not(None)), Fate.UNKNOWN), else_=Fate.DUE)
    done = await connection.execute(
        outbox.update()
        .where(outbox.c.id.in_(orphaned))
        .values(status=fate, claimed_by=None, trouble=f"{DOUBT}taken over")
        .returning(outbox.c.id, outbox.c.status)
    )
    taken = done.all()
    await _forget(connection, [row for row, status in taken if status == Fate.UNKNOWN])
    return len(taken)


async def record(connection: AsyncConnection, owner: str, results: Sequence[Result]) -> None:
    """
    Write down what became of messages that the owner had claimed.

    What was taken over from it is left alone, but for what is known to be sent.
    """
    statement = (
        outbox.update()
        .where(
            outbox.c.id == sa.bindparam("row"),
            sa.or_(
                sa.and_(outbox.c.status == _CLAIMED_LITERAL, outbox.c.claimed_by == owner),
                sa.and_(IS_OPEN, sa.bindparam("fate", type_=sa.Text) == Fate.SENT.value),
            ),
        )
        .values(
            status=sa.bindparam("fate", type_=sa.Text),
            sent=sa.bindparam("at"),
            # What was changed keeps its id, whatever became of the change.
            sent_as=sa.func.coalesce(sa.bindparam("as", type_=sa.Text), outbox.c.sent_as),
            trouble=sa.bindparam("why"),
            due=sa.func.coalesce(sa.bindparam("again", type_=outbox.c.due.type), outbox.c.due),
            tries=outbox.c.tries - sa.bindparam("uncounted", type_=sa.Integer),
            claimed_by=None,
        )
    )
    rows = [
        {
            "row": each.id,
            "fate": each.fate,
            "at": each.at if each.fate is Fate.SENT else None,
            "as": each.sent_as,
            "why": f"{DOUBT if each.in_doubt else ''}{each.trouble or ''}" or None,
            "again": each.due,
            "uncounted": 0 if each.counted else 1,
        }
        for each in results
    ]
    await connection.execute(statement, rows)
    if asked := dict(each.prompted for each in results if each.prompted is not None):
        prompt = people.update().where(people.c.id == sa.bindparam("who")).values(prompted=sa.bindparam("options"))
        # In the order in which everybody locks people.
        await connection.execute(prompt, [{"who": who, "options": list(asked[who])} for who in sorted(asked)])
    await _forget(connection, [each.id for each in results if each.fate is not Fate.DUE])


# Not what the staff's group reads, which is no person either.
IS_GOODBYE = sa.and_(outbox.c.person.is_(None), outbox.c.ticket.is_(None))


async def _forget(connection: AsyncConnection, rows: Sequence[int]) -> None:
    """What was said to somebody who erased themselves is not kept once it is done with."""
    if rows:
        done = sa.and_(outbox.c.id.in_(rows), outbox.c.status.not_in(_OPEN_LITERAL))
        await connection.execute(outbox.delete().where(done, IS_GOODBYE))


async def next_due(connection: AsyncConnection, channels: Collection[str], lease: timedelta) -> dict[str, datetime]:
    """When the next open message of each channel is due, or a claim may be taken over."""
    claimed = sa.type_coerce(outbox.c.claimed, sa.BigInteger) + round(lease.total_seconds() * 1_000_000)
    when = sa.case((outbox.c.status == Fate.CLAIMED, claimed), else_=sa.type_coerce(outbox.c.due, sa.BigInteger))
    statement = (
        sa.select(outbox.c.channel, sa.type_coerce(sa.func.min(when), outbox.c.due.type).label("due"))
        .where(IS_OPEN, outbox.c.channel.in_(sorted(channels)))
        .group_by(outbox.c.channel)
    )
    return {row.channel: row.due for row in await connection.execute(statement)}


async def depths(connection: AsyncConnection) -> dict[str, tuple[int, datetime]]:
    """Of each channel on which something is open: how many messages, and when the oldest was queued."""
    statement = (
        sa.select(outbox.c.channel, sa.func.count(), sa.func.min(outbox.c.created))
        .where(IS_OPEN)
        .group_by(outbox.c.channel)
    )
    return {channel: (count, oldest) for channel, count, oldest in await connection.execute(statement)}


# As in the partial indexes of ``tables``: a planner uses those only for the same words, not for parameters.
_OPEN_LITERAL: list[sa.ColumnElement[str]] = [sa.literal_column(f"'{fate}'") for fate in _OPEN]
_CLAIMED_LITERAL: sa.ColumnElement[str] = sa.literal_column(f"'{Fate.CLAIMED}'")
IS_OPEN = outbox.c.status.in_(_OPEN_LITERAL)
IN_DOUBT = outbox.c.trouble.startswith(DOUBT)
_CLAIMED = (
    outbox.c.id, outbox.c.person, outbox.c.priority, outbox.c.channel, outbox.c.address, outbox.c.body, outbox.c.kind,
    outbox.c.batch, outbox.c.announcement, outbox.c.tries, sa.func.coalesce(IN_DOUBT, sa.false()).label("in_doubt"),
    outbox.c.created, outbox.c.sent_as,
    sa.select(people.c.heard).where(people.c.id == outbox.c.person).scalar_subquery().label("heard"),
)  # fmt: skip


def _claimed_of(row: Any) -> Claimed:
    body = row.body
    return Claimed(
        row.id,
        row.person,
        row.priority,
        row.channel,
        row.address,
        reply_of(body) if body else None,
        row.kind,
        row.batch,
        row.announcement,
        row.tries,
        bool(row.in_doubt),
        row.created,
        row.heard,
        row.sent_as or "",
    )


def reply_of(body: dict[str, Any]) -> Reply:
    """What a row says: see ``queueing.body_of``."""
    options = tuple(Option(option, title) for option, title in body.get("options", ()))
    return Reply(body["text"], options, Document(*body["document"]) if "document" in body else None)
