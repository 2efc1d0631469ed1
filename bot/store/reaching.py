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

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import outgoing
from bot.store.outgoing import DOUBT, IN_DOUBT, Claimed, Fate, Result
from bot.store.tables import outbox, people

# What a channel gives as trouble where the person has to write first.
WINDOW_CLOSED = "window closed"
SHUT_OUT_FOR = timedelta(days=7)
# As in the partial index of ``tables``.
_IS_SHUT_OUT = sa.literal_column(f"trouble IN ('{WINDOW_CLOSED}', '{DOUBT}{WINDOW_CLOSED}')", sa.Boolean)
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


async def let_through(connection: AsyncConnection, persons: Collection[int], now: datetime) -> None:
    """They have written: what waited for that is due."""
    waiting = (_IS_DUE, _IS_SHUT_OUT, outbox.c.person.in_(sorted(persons)))
    await connection.execute(outbox.update().where(*waiting).values(due=now))


async def _gone(connection: AsyncConnection, row: Claimed, result: Result) -> None:
    if row.person is not None:
        await connection.execute(people.update().where(people.c.id == row.person).values(gone=result.at))
    theirs = (_IS_DUE, outbox.c.channel == row.channel, outbox.c.address == row.address)
    # Of who erased themselves nothing is kept.
    await connection.execute(outbox.delete().where(*theirs, outbox.c.person.is_(None)))
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
