"""Loads a registration desk under lock, and writes down what has become of it."""

import hashlib
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.workshops.acts import (
    Accept,
    Act,
    Attend,
    Begin,
    Confirm,
    Correct,
    Decline,
    Erase,
    Leave,
    Look,
    Move,
    Rate,
    Register,
    Remark,
    Say,
    ShowData,
)  # fmt: skip
from bot.core.workshops.batch import LIVE, Batch, BatchStatus, Registration, Status
from bot.core.workshops.desk import Desk
from bot.core.workshops.seats import Seats
from bot.store.batches import BATCH_COLUMNS, REGISTRATION_COLUMNS, batch_of, registration_of
from bot.store.bulk import Bulk, insert
from bot.store.people import kept_of
from bot.store.tables import batches, registrations

# Acts that change nothing need no lock.
_ONLY_LOOK = (Look, Begin, ShowData)
# Acts that concern whichever batch the person is in.
_ON_OWN = (Say, Attend, Correct, Erase)
# Acts after which a seat may be free.
_MAY_FREE = (Move, Leave, Accept, Decline, Say, Erase)
# Acts whose outcome may say how many wait before the person.
_MAY_TELL_PLACE = (Look, Begin, Register, Move, Confirm)
_IS_LIVE = registrations.c.status.in_(sorted(LIVE))
# Any number, as long as nothing else on this database locks under it: "GeMm".
_MOBILES = 0x47654D6D


async def load_desk(connection: AsyncConnection, acts: Sequence[tuple[int, Act]], now: datetime) -> Desk:
    """
    All that acts may touch; what they may change is locked until the transaction ends.

    Args:
        connection: of a writing transaction.
        acts: (person, act), in order.
        now: when they happen.
    """
    persons = sorted({person for person, _ in acts})
    changing = [(person, act) for person, act in acts if not isinstance(act, _ONLY_LOOK)]
    mobiles = sorted({act.mobile for _, act in acts if isinstance(act, Register | Correct)})
    named = {batch for _, act in changing for batch in _named(act)}
    named |= await _theirs(connection, {person for person, act in changing if isinstance(act, _ON_OWN)})
    if connection.dialect.name == "postgresql":
        named |= await _to_be_history(connection, persons, mobiles, now)
    locked = await lock_batches(connection, named)
    if connection.dialect.name == "postgresql" and mobiles:
        await _lock_mobiles(connection, mobiles)
    found = await _registrations(connection, persons, mobiles)
    looked_at = {act.batch for _, act in acts if isinstance(act, Look | Begin) and act.batch is not None}
    ids = {batch.id for batch in locked}
    others = ({each.batch for each in found} | looked_at) - ids
    all_batches = [*locked, *await batches_ahead(connection, now, *ids, also=others)]
    freed = Counter(batch.id for batch in locked if batch.waiting)
    may_be_freed = sum(isinstance(act, _MAY_FREE) for _, act in changing)
    heads = [each for batch in freed if may_be_freed for each in await first_in_line(connection, batch, may_be_freed)]
    lookers = {person for person, act in acts if isinstance(act, _MAY_TELL_PLACE)}
    waiting = [each for each in found if each.status is Status.WAITING and each.person in lookers]
    ahead = await _ahead(connection, waiting) if waiting else {}
    showing = {person for person, act in acts if isinstance(act, ShowData)}
    kept = await kept_of(connection, showing) if showing else {}
    return Desk(all_batches, {(each.batch, each.person): each for each in [*heads, *found]}.values(), now, ahead, kept)


def _save(dialect: str) -> sa.Insert:
    statement = insert(dialect, registrations)
    key = (registrations.c.batch, registrations.c.person)
    rest = {column.name: statement.excluded[column.name] for column in REGISTRATION_COLUMNS if column not in set(key)}
    return statement.on_conflict_do_update(index_elements=key, set_=rest)


_SAVE = Bulk(_save, [column.name for column in REGISTRATION_COLUMNS])


async def save_seats(connection: AsyncConnection, seats: Seats) -> None:
    """Write down what is new, set by set."""
    if changed := seats.changed:
        # Who gives up a live place comes first, for nobody has two.
        changed.sort(key=lambda each: (each.is_live, each.batch, each.person))
        for is_live in (False, True):
            await _SAVE.execute(connection, [_row(each) for each in changed if each.is_live is is_live])
    if changed_batches := seats.changed_batches:
        names = [column.name for column in BATCH_COLUMNS if column.name != "id"]
        update = batches.update().where(batches.c.id == sa.bindparam("batch"))
        update = update.values({name: sa.bindparam(name) for name in names})
        await connection.execute(update, [_batch_row(each) for each in changed_batches])


async def lock_batches(connection: AsyncConnection, ids: Collection[int]) -> list[Batch]:
    """Batches, locked in the order of their ids until the transaction ends."""
    if not ids:
        return []
    statement = sa.select(*BATCH_COLUMNS).where(batches.c.id.in_(sorted(ids))).order_by(batches.c.id).with_for_update()
    return [batch_of(row) for row in await connection.execute(statement)]


async def first_in_line(connection: AsyncConnection, batch: int, count: int) -> list[Registration]:
    """The first who wait for a seat in a batch."""
    statement = (
        sa.select(*REGISTRATION_COLUMNS)
        .where(registrations.c.batch == batch, registrations.c.status == Status.WAITING)
        .order_by(registrations.c.place)
        .limit(count)
    )
    return [registration_of(row) for row in await connection.execute(statement)]


async def batches_ahead(
    connection: AsyncConnection, now: datetime, *but: int, also: Collection[int] = ()
) -> list[Batch]:
    """Batches that will take place, and ``also`` these; not ``but`` those. They are only to be looked at."""
    which = sa.and_(batches.c.status == BatchStatus.OPEN, batches.c.starts > now)
    if also:
        which = sa.or_(which, batches.c.id.in_(sorted(also)))
    rows = await connection.execute(sa.select(*BATCH_COLUMNS).where(which))
    return [batch for batch in map(batch_of, rows) if batch.id not in but]


async def live_in(connection: AsyncConnection, batch: int) -> list[Registration]:
    """All live registrations of a batch."""
    statement = sa.select(*REGISTRATION_COLUMNS).where(registrations.c.batch == batch, _IS_LIVE)
    return [registration_of(row) for row in await connection.execute(statement)]


async def _theirs(connection: AsyncConnection, persons: Collection[int]) -> set[int]:
    """The batches that people are in."""
    if not persons:
        return set()
    statement = sa.select(registrations.c.batch).where(registrations.c.person.in_(sorted(persons)), _IS_LIVE)
    return set((await connection.execute(statement)).scalars())


async def _to_be_history(
    connection: AsyncConnection, persons: Sequence[int], mobiles: Sequence[str], now: datetime
) -> set[int]:
    """Batches that have ended and in which somebody who is met here is still live, which the desk will mend."""
    met: sa.ColumnElement[bool] = registrations.c.person.in_(persons)
    if mobiles:
        met = sa.or_(met, registrations.c.mobile.in_(mobiles))
    statement = (
        sa.select(registrations.c.batch)
        .join(batches, batches.c.id == registrations.c.batch)
        .where(met, _IS_LIVE, batches.c.ends <= now)
    )
    return set((await connection.execute(statement)).scalars())


async def _lock_mobiles(connection: AsyncConnection, mobiles: Collection[str]) -> None:
    """
    Let no other process give one of these numbers a place at the same moment, in whatever batch.

    The unique index would keep them apart too, but by ending the transaction of who comes second.
    """
    digests = {hashlib.blake2b(mobile.encode(), digest_size=4).digest() for mobile in mobiles}
    keys = sorted(int.from_bytes(digest, signed=True) for digest in digests)
    each = sa.func.unnest(sa.literal(keys, ARRAY(sa.Integer))).column_valued("each")
    await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MOBILES, each)))


async def with_mobile(connection: AsyncConnection, batch: int, mobile: str) -> Registration | None:
    """The registration in a batch with this number; the live one where there are several."""
    statement = sa.select(*REGISTRATION_COLUMNS).where(registrations.c.batch == batch, registrations.c.mobile == mobile)
    found = [registration_of(row) for row in await connection.execute(statement)]
    return max(found, key=lambda each: (each.is_live, each.registered), default=None)


async def _registrations(
    connection: AsyncConnection, persons: Sequence[int], mobiles: Sequence[str]
) -> list[Registration]:
    """All of the people, and the live ones with the mobile numbers."""
    statement: Any = sa.select(*REGISTRATION_COLUMNS).where(registrations.c.person.in_(persons))
    if mobiles:
        theirs = sa.select(*REGISTRATION_COLUMNS).where(registrations.c.mobile.in_(mobiles), _IS_LIVE)
        statement = sa.union_all(statement, theirs)
    return [registration_of(row) for row in await connection.execute(statement)]


async def _ahead(connection: AsyncConnection, waiting: Sequence[Registration]) -> dict[tuple[int, int], int]:
    """How many wait before each."""
    before = registrations.alias()
    count = (
        sa.select(sa.func.count())
        .where(
            before.c.batch == registrations.c.batch,
            before.c.status == Status.WAITING,
            before.c.place < registrations.c.place,
        )
        .scalar_subquery()
    )
    statement = sa.select(registrations.c.batch, registrations.c.person, count).where(
        registrations.c.person.in_([each.person for each in waiting]), registrations.c.status == Status.WAITING
    )
    return {(batch, person): ahead for batch, person, ahead in await connection.execute(statement)}


def _named(act: Act) -> tuple[int, ...]:
    match act:
        case Move(batch=batch, to=to):
            return batch, to
        case Register() | Leave() | Accept() | Decline() | Rate() | Remark():
            return (act.batch,)
        case _:
            return (act.batch,) if hasattr(act, "batch") and act.batch is not None else ()


_FIELDS = tuple(field.name for field in fields(Registration))


def _row(registration: Registration) -> dict[str, Any]:
    return {name: getattr(registration, name) for name in _FIELDS} | {"profile": dict(registration.profile)}


def _batch_row(batch: Batch) -> dict[str, Any]:
    row = {field.name: getattr(batch, field.name) for field in fields(Batch) if field.name != "id"}
    return row | {"batch": batch.id, "topics": list(batch.topics)}
