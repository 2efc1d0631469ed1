"""
Whether and where people can be reached: what sending to them told, beside what became of the message.

Somebody who is gone (blocked the bot, closed the account) is marked, and what else waits for them fails, unless they
have written since. Somebody who moved has another address from now on. Where the platform takes messages only for a
while after the person wrote, what came too late waits, without counting tries, until they write again or a week is
over; the inbox lets it through in the transaction in which it hears them.

People are locked before rows of the outbox, as the inbox does, so that neither waits for the other in a circle.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.talk.message import Delivery
from bot.store import outgoing
from bot.store.outgoing import DOUBT, IN_DOUBT, IS_GOODBYE, Claimed, Fate, Result
from bot.store.tables import outbox, people

# What a channel gives as trouble where the person has to write first.
WINDOW_CLOSED = "window closed"
SHUT_OUT_FOR = timedelta(days=7)
# As in the partial index of ``tables``.
_IS_SHUT_OUT = sa.literal_column(f"trouble IN ('{WINDOW_CLOSED}', '{DOUBT}{WINDOW_CLOSED}')", sa.Boolean)
_HAS_NAME: sa.ColumnElement[bool] = sa.literal_column("sent_as <> ''", sa.Boolean)
# Of a number of the database.
_MAX_DIGITS = 19
_IS_DUE = outbox.c.status == Fate.DUE


async def record(connection: AsyncConnection, owner: str, results: Sequence[Result]) -> None:
    """Write down what became of messages that the owner had claimed, and what that told of the people."""
    about = [(result.row, result) for result in results if result.row is not None]
    whom = {row.person for row, _ in about if row.person is not None}
    whom |= {result.prompted[0] for result in results if result.prompted is not None}
    heard: dict[int, datetime] = {}
    if whom:
        lock = sa.select(people.c.id, people.c.heard).where(people.c.id.in_(sorted(whom))).order_by(people.c.id)
        # An address is part of a key that others point to.
        lock = lock.with_for_update(key_share=not any(result.moved_to for _, result in about))
        heard = {row.id: row.heard for row in await connection.execute(lock)}
    await outgoing.record(connection, owner, results)
    for row, result in about:
        has_written = row.person is not None and heard.get(row.person) != row.heard
        if result.gone and not has_written:
            await _gone(connection, row, result)
        elif result.moved_to:
            await _moved(connection, row, result)
        elif result.trouble == WINDOW_CLOSED and has_written and row.person is not None:
            await let_through(connection, [row.person], result.at)


async def note(connection: AsyncConnection, channel: str, delivery: Delivery) -> bool:
    """
    Write down what a platform tells of a message that was sent; in any order, and again.

    Where it gives back our own id, that names the message at whichever process it arrives, and also before what the
    platform answered was written down; what nobody knew the fate of is known then. What failed because the person has
    to write first waits for that, as if it had been refused at once; an announcement does not.

    Returns:
        Whether there is such a message.
    """
    row = await _told_of(connection, channel, delivery)
    if row is None:
        return False
    values: dict[str, Any] = {}
    moment = sa.literal(delivery.at, outbox.c.read.type)
    if delivery.fate in {"delivered", "read"}:
        values["delivered"] = sa.func.coalesce(outbox.c.delivered, moment)
    if delivery.fate == "read":
        values["read"] = sa.func.coalesce(outbox.c.read, moment)
    if values and row.status != Fate.SENT:
        values |= {"status": Fate.SENT, "sent": delivery.at, "sent_as": delivery.sent_as, "trouble": None}
    if delivery.fate == "failed":
        values = {"status": Fate.FAILED, "trouble": delivery.trouble or delivery.fate}
        until = row.created + SHUT_OUT_FOR
        if delivery.trouble.endswith(WINDOW_CLOSED):
            values = {"status": Fate.SKIPPED, "trouble": WINDOW_CLOSED}
            if row.announcement is None and delivery.at < until:
                values = {"status": Fate.DUE, "trouble": WINDOW_CLOSED, "due": until}
    if values:
        await connection.execute(outbox.update().where(outbox.c.id == row.id).values(values))
    return bool(values)


async def _told_of(connection: AsyncConnection, channel: str, delivery: Delivery) -> Any:
    """The row of a message that a platform tells of; None where there is none."""
    named = outbox.c.sent_as == delivery.sent_as
    which = sa.and_(named, _HAS_NAME)
    if delivery.ours.isascii() and delivery.ours.isdecimal() and len(delivery.ours) < _MAX_DIGITS:
        which = sa.and_(outbox.c.id == int(delivery.ours), sa.or_(outbox.c.sent_as.is_(None), named))
    columns = (outbox.c.id, outbox.c.status, outbox.c.announcement, outbox.c.created)
    statement = sa.select(*columns).where(outbox.c.channel == channel, which).with_for_update()
    return (await connection.execute(statement)).first()


async def let_through(connection: AsyncConnection, persons: Collection[int], now: datetime) -> None:
    """They have written: what waited for that is due."""
    waiting = (_IS_DUE, _IS_SHUT_OUT, outbox.c.person.in_(sorted(persons)))
    await connection.execute(outbox.update().where(*waiting).values(due=now))


async def _gone(connection: AsyncConnection, row: Claimed, result: Result) -> None:
    if row.person is not None:
        await connection.execute(people.update().where(people.c.id == row.person).values(gone=result.at))
    theirs = (_IS_DUE, outbox.c.channel == row.channel, outbox.c.address == row.address)
    # Of who erased themselves nothing is kept.
    await connection.execute(outbox.delete().where(*theirs, IS_GOODBYE))
    values = {
        "status": sa.case((IN_DOUBT, Fate.UNKNOWN), else_=Fate.FAILED),
        "trouble": sa.case((IN_DOUBT, f"{DOUBT}{result.trouble}"), else_=result.trouble),
    }
    await connection.execute(outbox.update().where(*theirs).values(values))


async def _moved(connection: AsyncConnection, row: Claimed, result: Result) -> None:
    if row.person is not None:
        # Somebody who is known under the new address already stays who they are.
        known = sa.exists().where(people.c.channel == row.channel, people.c.address == result.moved_to)
        move = people.update().where(people.c.id == row.person, ~known).values(address=result.moved_to)
        try:
            async with connection.begin_nested():
                await connection.execute(move)
        except sa.exc.IntegrityError:  # they became known at this very moment
            pass
    theirs = (_IS_DUE, outbox.c.channel == row.channel, outbox.c.address == row.address)
    await connection.execute(outbox.update().where(*theirs).values(address=result.moved_to))
