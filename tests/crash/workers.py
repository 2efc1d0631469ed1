"""Processes on a database that work for a fake platform, and whether they have ended."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import sqlalchemy as sa

from bot.store.database import Database
from tests.crash.fake_platform import FakePlatform
from tests.crash.worker import start


class Workers:
    """Starts processes; none may have anything to complain of."""

    def __init__(self, database_url: str, platform: FakePlatform, log: Path) -> None:
        self._database_url = database_url
        self._platform = platform
        self._log = log

    @asynccontextmanager
    async def worker(self, step: str = "", count: int = 0) -> AsyncIterator[ForkServerProcess]:
        """A process at work, gone at the end in any case."""
        process = start(self._database_url, self._platform.port, self._log, step, count)
        try:
            yield process
        finally:
            process.kill()
            await ended(process)
        assert self._log.read_text() == ""


async def ended(process: ForkServerProcess) -> int | None:
    """How it ended; None where it goes on and on."""
    await asyncio.to_thread(process.join, 30)
    return process.exitcode


async def server_has_noticed(database: Database) -> None:
    """Until then the last thing that a dead process asked of it may still be done."""
    busy = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND state <> 'idle' AND pid <> pg_backend_pid()"
    )
    async with asyncio.timeout(30):
        while True:
            async with database.read() as connection:
                if not await connection.scalar(sa.text(busy)):
                    return
