"""
SQLite connections that cross over to their thread once a statement.

SQLAlchemy's way through aiosqlite crosses four times for one SELECT (make a cursor, execute, fetch, close), and each
crossing costs ten times what SQLite itself needs. Here the cursor is made here, and one crossing executes, fetches the
first rows and closes. The connection is handed to SQLAlchemy by ``async_creator``, the place it has for that.
"""

import asyncio
import sqlite3
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Self, cast

import aiosqlite

# Rows that come along with a statement; what is more is fetched as it is wanted, so that an export streams.
_ROWS_AT_ONCE = 2_000
# As many different statements as the whole program has, and room for those that grow with their number of rows.
_STATEMENTS_KEPT = 512
_OWNER_ONLY = 0o600
_PRAGMAS = ("foreign_keys = ON", "synchronous = FULL", "secure_delete = ON", "temp_store = MEMORY")
_READER = ("query_only = ON",)
# The writer keeps up to 64 MB of pages, for it meets people from all over the file; and it carries its log back into
# the file every 40 MB, not every 4: that is work for the disk which one commit in seven would have to wait for.
_WRITER = ("cache_size = -65536", "wal_autocheckpoint = 10000")


class Connection(aiosqlite.Connection):
    """A connection with a thread of its own, whose cursors cost one crossing each."""

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connector, _ROWS_AT_ONCE)
        # A program that ends without closing is not held up by it.
        self._thread.daemon = True

    async def _connect(self) -> aiosqlite.Connection:
        try:
            return await super()._connect()
        except BaseException:
            # aiosqlite leaves its thread to end by itself, and that tells a loop which may be closed by then.
            await asyncio.to_thread(self._thread.join)
            raise

    def cursor(self) -> "Cursor":  # type: ignore[override] # aiosqlite's crosses to make one
        """A cursor that has not executed anything."""
        return Cursor(self._execute, lambda: self._conn)


class Cursor:
    """What SQLAlchemy needs of a cursor (its ``AsyncIODBAPICursor``)."""

    description: Any = None
    rowcount: int = -1
    lastrowid: int | None = None
    arraysize: int = 1

    def __init__(self, cross: Callable[..., Awaitable[Any]], driver: Callable[[], sqlite3.Connection]) -> None:
        self._cross = cross
        self._driver = driver
        self._rows: deque[Any] = deque()
        self._unfinished: sqlite3.Cursor | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> "Cursor":
        """Execute and take the first rows."""
        await self._cross(self._run, statement, parameters)
        return self

    async def executemany(self, statement: str, parameters: Sequence[Sequence[Any]]) -> "Cursor":
        """Execute once for each set of parameters."""
        await self._cross(self._run_many, statement, parameters)
        return self

    async def fetchone(self) -> Any:
        """The next row or None."""
        return next(iter(await self.fetchmany(1)), None)

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        """Up to ``size`` rows."""
        wanted = size or self.arraysize
        if self._unfinished is not None and len(self._rows) < wanted:
            await self._cross(self._take, max(wanted - len(self._rows), _ROWS_AT_ONCE))
        return [self._rows.popleft() for _ in range(min(wanted, len(self._rows)))]

    async def fetchall(self) -> list[Any]:
        """All rows that are left."""
        while self._unfinished is not None:
            await self._cross(self._take, _ROWS_AT_ONCE * 10)
        rows = list(self._rows)
        self._rows.clear()
        return rows

    async def close(self) -> None:
        """Forget what was not fetched."""
        self._rows.clear()
        if self._unfinished is not None:
            await self._cross(self._finish)

    def _run(self, statement: str, parameters: Sequence[Any]) -> None:
        self._unfinished = self._driver().execute(statement, parameters)
        self.description = self._unfinished.description
        self.lastrowid = self._unfinished.lastrowid
        self._take(_ROWS_AT_ONCE)

    def _run_many(self, statement: str, parameters: Sequence[Sequence[Any]]) -> None:
        self._unfinished = self._driver().executemany(statement, parameters)
        self._take(0)
        self._finish()

    def _take(self, count: int) -> None:
        cursor = cast("sqlite3.Cursor", self._unfinished)
        rows = cursor.fetchmany(count) if self.description else []
        self._rows.extend(rows)
        self.rowcount = cursor.rowcount
        if len(rows) < count:
            self._finish()

    def _finish(self) -> None:
        cast("sqlite3.Cursor", self._unfinished).close()
        self._unfinished = None


def make_room(file: Path) -> None:
    """
    Make the folder and an empty file where they are not there, for the owner alone.

    SQLite gives the files that it makes beside it the same mode.

    Raises:
        OSError: that cannot be.
    """
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not file.exists():
        file.touch(_OWNER_ONLY)
    for each in (file, *(file.with_name(file.name + end) for end in ("-wal", "-shm"))):
        if each.exists() and each.stat().st_mode & 0o077:
            each.chmod(_OWNER_ONLY)


def identity(file: Path) -> tuple[int, int] | None:
    """Device and number of the file that stands there now; None where there is none."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def connector(file: Path, seconds: float, *, reads_only: bool) -> Callable[[], sqlite3.Connection]:
    """
    How to open the file; to be called in the connection's own thread.

    Args:
        file: it exists.
        seconds: how long to wait for another program's lock.
        reads_only: refuse to write.
    """

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{file.absolute().as_uri()}?mode=rw",
            uri=True,
            timeout=seconds,
            # SQLAlchemy begins; the driver's own notion of when to begin would break savepoints.
            isolation_level=None,
            check_same_thread=False,
            cached_statements=_STATEMENTS_KEPT,
        )
        try:
            _log_ahead(connection, time.monotonic() + seconds)
            for pragma in (*_PRAGMAS, *(_READER if reads_only else _WRITER)):
                connection.execute(f"PRAGMA {pragma}")
        except BaseException:
            connection.close()
            raise
        return connection

    return connect


def _log_ahead(connection: sqlite3.Connection, until: float) -> None:
    """Write-ahead logging; SQLite does not wait for a lock when it turns it on, so that waiting is done here."""
    while True:
        try:
            if connection.execute("PRAGMA journal_mode").fetchone() == ("wal",):
                return
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.02)
