"""What staff do with announcements: make them, find them, change where they stand; and who did it."""

from collections.abc import Collection, Sequence
from dataclasses import astuple, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.announcements.announcement import UNDER_WAY, Announcement, Stage
from bot.core.talk.message import Attachment
from bot.store.outgoing import Fate
from bot.store.tables import announcements, audit, outbox

_NAMES = tuple(field.name for field in fields(Announcement))
_COLUMNS = tuple(announcements.c[name] for name in _NAMES)


async def insert_announcement(connection: AsyncConnection, announcement: Announcement) -> int:
    """
    Write a new announcement down.

    Args:
        connection: of a writing transaction.
        announcement: its ``id`` does not matter.

    Returns:
        The id that it has from now on.
    """
    statement = announcements.insert().values(_values(announcement)).returning(announcements.c.id)
    return int((await connection.execute(statement)).scalar_one())


async def find_announcement(connection: AsyncConnection, announcement: int) -> Announcement | None:
    """One announcement; None where there is none of this id."""
    found = await _select(connection, announcements.c.id == announcement)
    return found[0] if found else None


async def find_announcements(connection: AsyncConnection, wanted: Collection[int]) -> dict[int, Announcement]:
    """Announcements by their ids."""
    return {each.id: each for each in await _select(connection, announcements.c.id.in_(sorted(wanted)))}


async def list_announcements(connection: AsyncConnection, stages: Sequence[Stage] = ()) -> list[Announcement]:
    """All announcements, or those of some stages, the oldest first."""
    return await _select(connection, announcements.c.stage.in_(stages) if stages else sa.true())


async def last_announcements(connection: AsyncConnection, count: int) -> list[Announcement]:
    """The last ones that were made, the newest first."""
    rows = await connection.execute(sa.select(*_COLUMNS).order_by(announcements.c.id.desc()).limit(count))
    return [_announcement_of(row) for row in rows]


async def lock_announcement(connection: AsyncConnection, announcement: int) -> Announcement | None:
    """One announcement, for this transaction alone; None where there is none."""
    statement = sa.select(*_COLUMNS).where(announcements.c.id == announcement).with_for_update()
    row = (await connection.execute(statement)).one_or_none()
    return None if row is None else _announcement_of(row)


async def lock_if(connection: AsyncConnection, announcement: int, stages: Sequence[Stage]) -> Announcement | None:
    """One announcement for this transaction alone; None where it stands elsewhere, or another process has it."""
    statement = sa.select(*_COLUMNS).where(announcements.c.id == announcement, announcements.c.stage.in_(stages))
    row = (await connection.execute(statement.with_for_update(skip_locked=True))).one_or_none()
    return None if row is None else _announcement_of(row)


async def save_announcement(connection: AsyncConnection, announcement: Announcement) -> None:
    """Write down where a locked announcement stands."""
    changed = announcements.update().where(announcements.c.id == announcement.id)
    await connection.execute(changed.values(_values(announcement)))


async def pause_all(connection: AsyncConnection, why: str) -> None:
    """Pause whatever is under way; ``connection`` is of a writing transaction."""
    under_way = sa.select(announcements.c.id).where(announcements.c.stage.in_(UNDER_WAY))
    let_out = (outbox.c.announcement.in_(under_way), outbox.c.status == Fate.DUE)
    await connection.execute(outbox.update().where(*let_out).values(status=Fate.HELD))
    paused = announcements.update().where(announcements.c.stage.in_(UNDER_WAY))
    await connection.execute(paused.values(stage=Stage.PAUSED, why=why))


async def write_down(connection: AsyncConnection, who: str, act: str, what: str, now: datetime, why: str = "") -> None:
    """
    Who of the staff did what.

    Args:
        connection: of a writing transaction.
        who: their name.
        act: "send", "pause", ...
        what: what they did it to: "announcement:3".
        now: when.
        why: in their words; may be empty.
    """
    await connection.execute(audit.insert().values(at=now, who=who, act=act, what=what, why=why))


async def was_written_down(connection: AsyncConnection, act: str, what: str) -> bool:
    """Whether somebody has done this to this before."""
    found = sa.select(audit.c.id).where(audit.c.act == act, audit.c.what == what).limit(1)
    return (await connection.execute(found)).first() is not None


async def _select(connection: AsyncConnection, condition: sa.ColumnElement[bool]) -> list[Announcement]:
    rows = await connection.execute(sa.select(*_COLUMNS).where(condition).order_by(announcements.c.id))
    return [_announcement_of(row) for row in rows]


def _announcement_of(row: Any) -> Announcement:
    values = dict(zip(_NAMES, row, strict=True))
    attachment = values["attachment"] and Attachment(*values["attachment"])
    return Announcement(**values | {"stage": Stage(values["stage"]), "attachment": attachment})


def _values(announcement: Announcement) -> dict[str, Any]:
    values = {name: getattr(announcement, name) for name in _NAMES if name != "id"}
    attachment = announcement.attachment
    return values | {"attachment": sa.null() if attachment is None else astuple(attachment)}
