"""What staff do with batches: make them, find them, see who is in them."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.workshops.batch import HAD_SEAT, Batch, BatchStatus, Registration, Status
from bot.store.tables import batches, counts, people, registrations

# In the order of the values' own fields.
BATCH_COLUMNS = tuple(batches.c[field.name] for field in fields(Batch))
REGISTRATION_COLUMNS = tuple(registrations.c[field.name] for field in fields(Registration))
_BATCH_NAMES = tuple(column.name for column in BATCH_COLUMNS)
_REGISTRATION_NAMES = tuple(column.name for column in REGISTRATION_COLUMNS)
_RUNS = ("0123456789", "9876543210")


@dataclass(frozen=True, slots=True)
class RosterRow:
    """
    One person in a batch.

    Attributes:
        registration: where they stand and what they filled in.
        channel: where they talk with the assistant.
    """

    registration: Registration
    channel: str


def batch_of(row: Sequence[Any]) -> Batch:
    """The batch of a row that begins with ``BATCH_COLUMNS``."""
    values: dict[str, Any] = dict(zip(_BATCH_NAMES, row, strict=False))
    return Batch(**values | {"topics": tuple(values["topics"]), "status": BatchStatus(values["status"])})


def registration_of(row: Sequence[Any]) -> Registration:
    """The registration of a row that begins with ``REGISTRATION_COLUMNS``."""
    values: dict[str, Any] = dict(zip(_REGISTRATION_NAMES, row, strict=False))
    return Registration(**values | {"status": Status(values["status"])})


def new_code() -> str:
    """Four digits that nobody guesses in three tries: no 1111, 2345 or 1212, no year, no 0 that gets lost in front."""
    while True:
        code = f"{1000 + secrets.randbelow(9000)}"
        if len(set(code)) > len("ab") and code[:2] not in ("19", "20") and not any(code in run for run in _RUNS):
            return code


async def insert_batch(connection: AsyncConnection, batch: Batch) -> int:
    """
    Write a new batch down.

    Args:
        connection: of a writing transaction.
        batch: its ``id`` does not matter; without a ``code`` it gets a random one.

    Returns:
        The id that it has from now on.
    """
    values = {name: getattr(batch, name) for name in _BATCH_NAMES if name != "id"}
    values |= {"topics": list(batch.topics), "code": batch.code or new_code()}
    statement = sa.insert(batches).values(values).returning(batches.c.id)
    return int((await connection.execute(statement)).scalar_one())


async def find_batch(connection: AsyncConnection, batch_id: int) -> Batch | None:
    """One batch; None where there is none of this id."""
    row = (await connection.execute(sa.select(*BATCH_COLUMNS).where(batches.c.id == batch_id))).one_or_none()
    return None if row is None else batch_of(row)


async def list_batches(connection: AsyncConnection, now: datetime, *, upcoming: bool) -> list[Batch]:
    """All batches, or those that have not ended, cancelled ones too; in order of their start."""
    statement = sa.select(*BATCH_COLUMNS).order_by(batches.c.starts, batches.c.id)
    if upcoming:
        statement = statement.where(batches.c.ends > now)
    return [batch_of(row) for row in await connection.execute(statement)]


async def roster(connection: AsyncConnection, batch_id: int) -> list[RosterRow]:
    """All who are or were in a batch: who has a seat, to whom one is offered, who waits (next first), and the rest."""
    status = registrations.c.status
    rank = sa.case(
        (status.in_(sorted(HAD_SEAT)), 0), (status == Status.OFFERED, 1), (status == Status.WAITING, 2), else_=3
    )
    place = sa.case((status == Status.WAITING, registrations.c.place), else_=0)
    statement = (
        sa.select(*REGISTRATION_COLUMNS, people.c.channel)
        .join(people, people.c.id == registrations.c.person)
        .where(registrations.c.batch == batch_id)
        .order_by(rank, place, registrations.c.registered, registrations.c.person)
    )
    return [RosterRow(registration_of(row), row[-1]) for row in await connection.execute(statement)]


async def erased_counts(connection: AsyncConnection, batch_id: int) -> dict[str, int]:
    """How many erased people a batch had: a status, or "attended", -> their number."""
    statement = sa.select(counts.c.what, counts.c.count).where(counts.c.batch == batch_id).order_by(counts.c.what)
    return {str(row[0]): int(row[1]) for row in await connection.execute(statement)}
