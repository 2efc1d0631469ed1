"""
One way to the database, whether SQLite or PostgreSQL: open it, write in a transaction, read in a transaction.

SQLite takes one writer at a time. So there is one connection that writes, transactions queue for it in the order in
which they come and begin with BEGIN IMMEDIATE (a transaction that reads first and writes later can be refused at any
line, without waiting), and connections beside it that only read and are never held up. A commit is on the disk when it
returns. PostgreSQL has a pool of connections and locks rows.

What goes wrong with the database itself comes out as ``StoreUnavailable``, at whatever line, and trying again later is
right. What was wrong with the statement (a constraint, say) comes out as SQLAlchemy raises it.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from pydantic_core import from_json, to_json
from sqlalchemy.engine.interfaces import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from bot.errors import StoreError, StoreUnavailable
from bot.store import migrations, sqlite
from bot.store.faults import classify, is_going, of_file

# Waiting one's turn is no fault, however long it takes.
_POOL: dict[str, Any] = {"max_overflow": 0, "pool_timeout": None}
# Hindi as it is, in half the bytes and a tenth of the time of the standard library's JSON.
_JSON: dict[str, Any] = {
    "json_serializer": lambda value: to_json(value).decode(),
    "json_deserializer": from_json,
}
_READERS = 4
_CONNECTIONS = 5
_CONNECT_SECONDS = 10
# A server that went silent must not hold a message for ever.
_STATEMENT_SECONDS = 60
# Any number, as long as no other program uses it on this database: "GeM", "up".
_UPGRADE_LOCK = 0x47654D7570


class _OtherFileError(Exception):
    """The file that is open is not the one that stands at its place."""


class Database:
    """An open database; made by ``open_database``."""

    def __init__(self, writer: AsyncEngine, reader: AsyncEngine) -> None:
        self._writer = writer
        self._reader = reader
        self.is_sqlite = writer.dialect.name == "sqlite"
        self._opened = None if self.file is None else sqlite.identity(self.file)
        # The pool of one would queue too, but not in the order of arrival.
        self._turn: AbstractAsyncContextManager[Any] = asyncio.Lock() if self.is_sqlite else nullcontext()

    @property
    def file(self) -> Path | None:
        """Where SQLite keeps it; None for PostgreSQL."""
        return Path(str(self._writer.url.database)) if self.is_sqlite else None

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """
        A transaction that may write: committed at the end, rolled back on an error. Never within another.

        Raises:
            StoreUnavailable: here or out of any statement.
        """
        async with self._turn:
            try:
                async with _transaction(self._writer) as connection:
                    yield connection
                    self._refuse_other_file()
            except _OtherFileError as error:
                # What is open is a file without a name; the next transaction opens what stands there then.
                await self.close()
                self._opened = None
                raise StoreUnavailable("unreadable", "moved or replaced") from error

    def _refuse_other_file(self) -> None:
        """Refuse a commit into a file that was moved away or replaced: it would be lost without a word."""
        if self.file is None:
            return
        now = sqlite.identity(self.file)
        if self._opened is None:
            self._opened = now
        if now is None or now != self._opened:
            raise _OtherFileError

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """
        A transaction that only reads, beside those that write.

        Raises:
            StoreUnavailable: here or out of any statement.
        """
        async with _transaction(self._reader) as connection:
            yield connection

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that only reads and whose statements all see the same moment; on SQLite every one does."""
        engine = self._reader if self.is_sqlite else self._reader.execution_options(isolation_level="REPEATABLE READ")
        async with _transaction(engine) as connection:
            yield connection

    async def close(self) -> None:
        """Close all connections; what is in a transaction then is rolled back."""
        # The last one to close writes SQLite's log back into the file, and that should be the one that writes.
        await self._reader.dispose()
        await self._writer.dispose()


async def open_database(address: str, *, upgrade: bool = False, lock_seconds: float = 5.0) -> Database:
    """
    Open a database; SQLite's file is made, and brought up to date, where needed.

    Args:
        address: a file's path, ``sqlite:///PATH`` or ``postgresql://USER:PASSWORD@HOST/NAME``.
        upgrade: bring PostgreSQL up to date too.
        lock_seconds: how long to wait while another program holds SQLite's lock.

    Raises:
        StoreUnavailable: it cannot be reached, read or written.
        StoreError: the address is none, or the database is newer than this program, holds something else, or is
            PostgreSQL and not up to date.
    """
    place = _place(address)
    if isinstance(place, Path):
        try:
            sqlite.make_room(place)
        except OSError as error:
            raise of_file(error) from error
        database = Database(
            _sqlite_engine(place, lock_seconds, reads_only=False), _sqlite_engine(place, lock_seconds, reads_only=True)
        )
    else:
        engine = _postgresql_engine(place)
        database = Database(engine, engine.execution_options(postgresql_readonly=True))
    try:
        async with database.read() as connection:
            is_current = await connection.run_sync(migrations.is_current)
        if not is_current:
            await _upgrade(database, place, allowed=upgrade or database.is_sqlite)
    except BaseException:
        await database.close()
        raise
    return database


def _place(address: str) -> Path | sa.URL:
    if "://" not in address:
        place = Path(address).expanduser()
        if not place.name:
            raise StoreError("bad-address")
        return place
    try:
        url = sa.make_url(address)
    except (sa.exc.ArgumentError, ValueError):
        # Not "from": the error quotes the address, and that may hold a password.
        raise StoreError("bad-address") from None
    match url.get_backend_name():
        case "sqlite" if url.database and url.database != ":memory:":
            return Path(url.database).expanduser()
        case "postgresql" | "postgres":
            return url.set(drivername="postgresql+asyncpg")
        case _:
            raise StoreError("bad-address")


def _sqlite_engine(file: Path, lock_seconds: float, *, reads_only: bool) -> AsyncEngine:
    connect = sqlite.connector(file, lock_seconds, reads_only=reads_only)
    engine = create_async_engine(
        sa.URL.create("sqlite+aiosqlite", database=str(file)),
        async_creator=lambda: sqlite.Connection(connect),
        pool_size=_READERS if reads_only else 1,
        hide_parameters=True,
        **_JSON,
        **_POOL,
    )
    begin = "BEGIN" if reads_only else "BEGIN IMMEDIATE"

    def on_begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    sa.event.listen(engine.sync_engine, "begin", on_begin)
    sa.event.listen(engine.sync_engine, "handle_error", _translated, retval=True)
    return engine


def _postgresql_engine(url: sa.URL, *, patient: bool = False) -> AsyncEngine:
    """An engine; a patient one has a connection for one use, whose statements may take as long as they need."""
    # As other programs spell it for this server.
    ssl = {"ssl": mode} if (mode := url.query.get("sslmode")) else {}
    engine = create_async_engine(
        url.difference_update_query(["sslmode"]),
        isolation_level="READ COMMITTED",
        hide_parameters=True,
        **_JSON,
        connect_args={
            "timeout": _CONNECT_SECONDS,
            "command_timeout": None if patient else _STATEMENT_SECONDS,
            "server_settings": {"timezone": "UTC", "application_name": "gem-saathi"},
        }
        | ssl,
        **({"poolclass": NullPool} if patient else {"pool_size": _CONNECTIONS, **_POOL}),
    )
    sa.event.listen(engine.sync_engine, "checkout", _refuse_closed)
    sa.event.listen(engine.sync_engine, "handle_error", _translated, retval=True)
    return engine


def _refuse_closed(connection: Any, *_: object) -> None:
    """After the server was restarted the pool holds closed connections; asking them costs nothing."""
    if connection.driver_connection.is_closed():
        raise sa.exc.DisconnectionError


def _translated(context: ExceptionContext) -> BaseException | None:
    error = context.original_exception
    for one in (error, error.__cause__):
        # PostgreSQL tells whole rows there, with people's numbers.
        if getattr(one, "detail", None):
            one.detail = None  # type: ignore[union-attr]
    unavailable = classify(context.sqlalchemy_exception or error)
    if unavailable is not None and is_going(unavailable):
        context.is_disconnect = True
    return unavailable if unavailable is not error else None


@asynccontextmanager
async def _transaction(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    async with AsyncExitStack() as stack:
        try:
            connection = await stack.enter_async_context(engine.begin())
        except Exception as error:
            # Connecting fails in more ways than SQLAlchemy knows.
            if (unavailable := classify(error)) is None or unavailable is error:
                raise
            raise unavailable from error
        yield connection


async def _upgrade(database: Database, place: Path | sa.URL, *, allowed: bool) -> None:
    if isinstance(place, Path):
        # BEGIN IMMEDIATE lets one process upgrade; another that waited for it finds nothing left to do.
        async with database.write() as connection:
            await connection.run_sync(migrations.upgrade)
        return
    if not allowed:
        async with database.read() as connection:
            await connection.run_sync(migrations.refuse_unknown)
        raise StoreError("outdated")
    engine = _postgresql_engine(place, patient=True)
    try:
        async with _transaction(engine) as connection:
            await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_UPGRADE_LOCK)))
            await connection.run_sync(migrations.upgrade)
    finally:
        await engine.dispose()
