"""A database that a command opens, uses and closes; loaded when it is needed, for it brings a library along."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.store.database import Database, open_database

T = TypeVar("T")


def on_database(address: str, act: Callable[[Database], Awaitable[T]], *, upgrade: bool = False) -> T:
    """
    Do something with a database.

    Args:
        address: see ``open_database``.
        act: what.
        upgrade: bring PostgreSQL up to date first.

    Raises:
        StoreError: it cannot be used.
    """

    async def run() -> T:
        database = await open_database(address, upgrade=upgrade)
        try:
            return await act(database)
        finally:
            await database.close()

    return asyncio.run(run())
