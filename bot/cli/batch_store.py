"""
The batches in the database, for commands that run once: each method opens it, acts in one transaction, and closes it.

Loaded when it is needed: SQLAlchemy costs memory and time that commands without a database should not pay for.
"""

import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.cli.on_database import on_database
from bot.config import Settings
from bot.core.talk.phrases import Phrases
from bot.core.workshops.batch import Batch
from bot.core.workshops.checks import said_mobile
from bot.errors import InputError
from bot.sheets import printable
from bot.staff import change_batch, mark_present, remove
from bot.store.batches import RosterRow, erased_counts, find_batch, insert_batch, list_batches, roster
from bot.store.database import Database

T = TypeVar("T")


class BatchStore:
    """
    What the commands do with batches.

    All methods raise ``StoreError`` where the database cannot be used, and ``InputError`` for an id that is none.
    """

    def __init__(self, settings: Settings) -> None:
        self._address = settings.database.get_secret_value()

    def add(self, batch: Batch) -> Batch:
        """Write a new batch down; with its id and code from now on."""

        async def add(database: Database) -> Batch:
            async with database.write() as connection:
                return await _found(connection, await insert_batch(connection, batch))

        return self._run(add)

    def batches(self, now: datetime, *, upcoming: bool) -> list[Batch]:
        """All, or those that have not ended, soonest first."""
        return self._read(lambda connection: list_batches(connection, now, upcoming=upcoming))

    def find(self, typed: str) -> Batch:
        """The batch of an id as it was typed."""
        number = _number(typed)
        return self._read(lambda connection: _found(connection, number))

    def people(self, typed: str) -> tuple[Batch, list[RosterRow], dict[str, int]]:
        """The batch, all who are or were in it, and how many of them are erased."""
        number = _number(typed)

        async def read(connection: AsyncConnection) -> tuple[Batch, list[RosterRow], dict[str, int]]:
            batch = await _found(connection, number)
            return batch, await roster(connection, number), await erased_counts(connection, number)

        return self._read(read)

    def change(self, wanted: Batch, phrases: Phrases, now: datetime) -> int:
        """Change or cancel a batch; how many people are told."""
        try:
            return self._run(lambda database: change_batch(database, wanted, phrases, now))
        except ValueError:
            taken = self.find(str(wanted.id)).taken
            if wanted.seats >= taken:
                raise
            # Somebody has taken a seat since the batch was looked at.
            raise InputError("fewer-seats-than-taken", value=wanted.seats, taken=taken) from None

    def mark_present(self, typed: str, mobile: str, now: datetime) -> None:
        """Write down that the person with this number came."""
        number = self.find(typed).id
        try:
            self._run(lambda database: mark_present(database, number, mobile, now))
        except LookupError:
            raise InputError("no-seat-with-mobile", id=number, mobile=said_mobile(mobile)) from None

    def remove(self, typed: str, mobile: str, phrases: Phrases, now: datetime) -> None:
        """Take the person with this number out of the batch."""
        number = self.find(typed).id
        try:
            self._run(lambda database: remove(database, number, mobile, phrases, now))
        except LookupError:
            raise InputError("no-place-with-mobile", id=number, mobile=said_mobile(mobile)) from None

    def _read(self, read: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        async def act(database: Database) -> T:
            async with database.read() as connection:
                return await read(connection)

        return self._run(act)

    def _run(self, act: Callable[[Database], Awaitable[T]]) -> T:
        return on_database(self._address, act)


def _number(typed: str) -> int:
    if not re.fullmatch(r"\d{1,9}", typed.strip()):
        raise InputError("bad-batch-number", value=printable(typed), example=1)
    return int(typed)


async def _found(connection: AsyncConnection, number: int) -> Batch:
    batch = await find_batch(connection, number)
    if batch is None:
        raise InputError("no-such-batch", id=number)
    return batch
