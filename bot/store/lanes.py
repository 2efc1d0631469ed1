"""The rates of channels, which all processes share: see ``core/pacing.py``."""

from dataclasses import fields
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.pacing import Lane
from bot.store.bulk import insert
from bot.store.tables import lanes

_NAMES = tuple(field.name for field in fields(Lane))
_COLUMNS = tuple(lanes.c[name] for name in _NAMES)


async def lock(connection: AsyncConnection, channel: str, per_second: int, now: datetime) -> Lane:
    """
    The lane of a channel, for this transaction alone.

    Args:
        connection: of a writing transaction.
        channel: which.
        per_second: its rate, where nothing is known yet.
        now: when it opens, where nothing is known yet.
    """
    locked = sa.select(*_COLUMNS).where(lanes.c.channel == channel).with_for_update()
    row = (await connection.execute(locked)).one_or_none()
    if row is None:
        new = {"channel": channel, "rate": per_second * 60, "opens": now, "raised": now}
        await connection.execute(insert(connection.dialect.name, lanes).values(new).on_conflict_do_nothing())
        row = (await connection.execute(locked)).one()
    return Lane(*row)


async def save(connection: AsyncConnection, channel: str, lane: Lane) -> None:
    """Write down what became of a locked lane."""
    values = {name: getattr(lane, name) for name in _NAMES}
    await connection.execute(lanes.update().where(lanes.c.channel == channel).values(values))


async def lanes_of(connection: AsyncConnection) -> dict[str, Lane]:
    """Channel -> its lane, of those on which something was sent."""
    rows = await connection.execute(sa.select(lanes.c.channel, *_COLUMNS))
    return {channel: Lane(*values) for channel, *values in rows}
