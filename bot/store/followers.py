"""Who of the staff is told in their chat of an announcement, and what they were told last."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.announcements.announcement import Stage
from bot.store.bulk import insert
from bot.store.tables import announcements, followers, people

# What somebody was told last who knows that it is over.
OVER = "over"


@dataclass(frozen=True, slots=True)
class Follower:
    """
    Somebody who is told.

    Attributes:
        told: what they were told last of how far it is; "" for nothing yet.
        message: number in the outbox of the message that says so.
    """

    announcement: int
    person: int
    channel: str
    address: str
    language: str
    told: str
    told_at: datetime | None
    message: int | None


async def follow(
    connection: AsyncConnection, announcement: int, persons: Collection[int], *, shown: bool, anew: bool = False
) -> None:
    """
    Have people told from now on.

    Args:
        connection: of a writing transaction.
        announcement: of which.
        persons: whom.
        shown: whether they know its card, or need not see it.
        anew: those who are told already get a new message; else nothing changes for them.
    """
    if not persons:
        return
    statement = insert(connection.dialect.name, followers)
    start = {"shown": shown, "told": "", "told_at": None, "message": None}
    keys = [followers.c.announcement, followers.c.person]
    statement = (
        statement.on_conflict_do_update(index_elements=keys, set_=start)
        if anew
        else statement.on_conflict_do_nothing(index_elements=keys)
    )
    rows = [{"announcement": announcement, "person": person, **start} for person in sorted(persons)]
    await connection.execute(statement, rows)


async def uncarded(connection: AsyncConnection) -> list[Follower]:
    """Who has not been shown the card of a draft yet."""
    return await _select(connection, announcements.c.stage == Stage.DRAFT, followers.c.shown.is_(sa.false()))


async def followers_of(connection: AsyncConnection, wanted: Collection[int]) -> list[Follower]:
    """Who is told of some announcements."""
    return await _select(connection, followers.c.announcement.in_(sorted(wanted)))


async def untold(connection: AsyncConnection) -> list[Follower]:
    """Who is told of an announcement that is set, and does not know yet that it is over."""
    return await _select(connection, announcements.c.stage != Stage.DRAFT, followers.c.told != OVER)


async def mark_shown(connection: AsyncConnection, follower: Follower) -> bool:
    """They are shown the card now; False where another process has done it."""
    done = await connection.execute(_update(follower).where(followers.c.shown.is_(sa.false())).values(shown=True))
    return done.rowcount == 1


async def mark_told(connection: AsyncConnection, follower: Follower, told: str, now: datetime) -> bool:
    """They are told this now; False where another process has told them something meanwhile."""
    done = await connection.execute(
        _update(follower).where(followers.c.told == follower.told).values(told=told, told_at=now)
    )
    return done.rowcount == 1


async def remember_message(connection: AsyncConnection, follower: Follower, message: int) -> None:
    """The message that says how far it is."""
    await connection.execute(_update(follower).values(message=message))


async def need_not_hear(connection: AsyncConnection, announcement: int, person: int) -> None:
    """They know that it is over: it was they who ended it."""
    mine = sa.and_(followers.c.announcement == announcement, followers.c.person == person)
    await connection.execute(followers.update().where(mine).values(told=OVER))


def _update(follower: Follower) -> sa.Update:
    return followers.update().where(
        followers.c.announcement == follower.announcement, followers.c.person == follower.person
    )


async def _select(connection: AsyncConnection, *conditions: sa.ColumnElement[bool]) -> list[Follower]:
    rows = await connection.execute(
        sa.select(
            followers.c.announcement, followers.c.person, people.c.channel, people.c.address, people.c.language,
            followers.c.told, followers.c.told_at, followers.c.message,
        )
        .join(people, people.c.id == followers.c.person)
        .join(announcements, announcements.c.id == followers.c.announcement)
        .where(people.c.gone.is_(None), *conditions)
        .order_by(followers.c.announcement, followers.c.person)
    )  # fmt: skip
    return [Follower(*row) for row in rows]
