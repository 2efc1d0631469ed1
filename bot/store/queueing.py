"""Into the outbox: what is to be said, what is to be said instead, what is not to be said any more."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.talk.message import Reply
from bot.store.bulk import Bulk
from bot.store.outgoing import IS_OPEN, REPLIES, REPLY, Fate
from bot.store.tables import outbox


@dataclass(frozen=True, slots=True)
class Outgoing:
    """
    One message to be queued.

    Attributes:
        person: None where they are erased.
        reply: None for a reminder, which is put into words when it is sent; ``kind`` and ``batch`` say what it is.
        ticket: that the staff read of in it; who replies to it answers the ticket's person.
    """

    person: int | None
    channel: str
    address: str
    reply: Reply | None
    kind: str = REPLY
    priority: int = REPLIES
    batch: int | None = None
    ticket: int | None = None


_QUEUE = Bulk(
    lambda _: outbox.insert(),
    ("person", "channel", "address", "kind", "priority", "body", "batch", "ticket", "status", "created", "due"),
)


async def queue(connection: AsyncConnection, rows: Iterable[Outgoing], now: datetime) -> None:
    """Put messages into the outbox, in order."""
    await _QUEUE.execute(connection, (_values(row, now) for row in rows))


async def queue_one(connection: AsyncConnection, row: Outgoing, now: datetime) -> int:
    """Put one message into the outbox; its number there, for ``amend``."""
    statement = outbox.insert().values(_values(row, now)).returning(outbox.c.id)
    return int((await connection.execute(statement)).scalar_one())


async def is_open(connection: AsyncConnection, number: int) -> bool:
    """Whether a message has not gone out yet."""
    return (await connection.execute(sa.select(outbox.c.id).where(outbox.c.id == number, IS_OPEN))).first() is not None


async def amend(connection: AsyncConnection, number: int, reply: Reply, now: datetime) -> bool:
    """
    Have a message say something else: in the place where it stands, if it has gone out.

    Returns:
        False where it never went out, or its platform gave it no name.
    """
    done = await connection.execute(
        outbox.update()
        .where(outbox.c.id == number, outbox.c.status.in_((Fate.SENT, Fate.UNKNOWN)), outbox.c.sent_as != "")
        .values(body=body_of(reply), status=Fate.DUE, due=now, tries=0, trouble=None)
    )
    return done.rowcount == 1


def _values(row: Outgoing, now: datetime) -> dict[str, Any]:
    return {
        "person": row.person,
        "channel": row.channel,
        "address": row.address,
        "kind": row.kind,
        "priority": row.priority,
        "body": None if row.reply is None else body_of(row.reply),
        "batch": row.batch,
        "ticket": row.ticket,
        "status": Fate.DUE,
        "created": now,
        "due": now,
    }


async def withdraw(connection: AsyncConnection, batch: int, kind: str) -> None:
    """Leave out what is queued of a kind about a batch and has not begun to go out."""
    await connection.execute(
        outbox.update()
        .where(outbox.c.batch == batch, outbox.c.kind == kind, IS_OPEN, outbox.c.status == Fate.DUE)
        .values(status=Fate.SKIPPED)
    )


def body_of(reply: Reply) -> dict[str, Any]:
    """What a row keeps of it; ``outgoing.reply_of`` reads it."""
    body: dict[str, Any] = {"text": reply.text}
    if reply.options:
        body["options"] = [[option.id, option.title] for option in reply.options]
    if (document := reply.document) is not None:
        # What is stored is put in when it is sent.
        content = "" if document.stored else document.content
        body["document"] = [document.name, document.media_type, content, document.stored]
    return body
