"""
Copies of the database, taken while the program runs, and the way back.

A backup of SQLite is an SQLite file; SQLite writes it page by page from the living rows, so that nothing that somebody
erased is left in it. A backup of PostgreSQL is an export: JSON lines, in the order of the tables' dependence, which
either database takes. So an export is also the way from SQLite to PostgreSQL::

    {"format": "gem-saathi export", "revision": "0001"}
    {"table": "people", "id": 1, "channel": "console", ...}
    {"end": 1}

The last line says how many rows there are, so that half a file is not taken for a whole one.
"""

import asyncio
import json
import os
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, BinaryIO

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import InputError, StoreError, StoreUnavailable
from bot.newfile import new_file
from bot.store import migrations
from bot.store.announcements import pause_all
from bot.store.database import Database, open_database
from bot.store.faults import classify
from bot.store.metadata import metadata
from bot.store.rows import BadRowError, columns_read, columns_written

# Called with what is done and what there is in all, in rows or bytes.
Progress = Callable[[int, int], None]

# Why announcements are paused in a database that was brought back.
RESTORED = "restored"
_FORMAT = "gem-saathi export"
_ROWS_AT_ONCE = 1_000
# What is wrong with a database is, where it is one to restore from, wrong with the backup.
_OF_THE_BACKUP = {"newer": "other-backup", "damaged": "bad-backup", "not-ours": "bad-backup"}
_SQLITE_MAGIC = b"SQLite format 3\x00"


def _unseen(_done: int, _total: int) -> None:
    pass


async def backup(database: Database, file: Path, *, overwrite: bool = False, progress: Progress = _unseen) -> None:
    """
    Write a consistent copy: an SQLite file of an SQLite database, an export of a PostgreSQL one.

    Raises:
        InputError: the file is there already, or cannot be written.
        StoreUnavailable: the database cannot be read.
    """
    if database.file is None:
        await export_file(database, file, overwrite=overwrite, progress=progress)
        return
    with new_file(file, overwrite=overwrite) as written:
        await asyncio.to_thread(_copy_living, database.file, written)
        with written.open("rb+") as out:
            os.fsync(out.fileno())


async def export_file(database: Database, file: Path, *, overwrite: bool = False, progress: Progress = _unseen) -> int:
    """
    Write all rows as JSON lines to a file.

    Returns:
        How many rows.

    Raises:
        InputError: the file is there already, or cannot be written.
        StoreUnavailable: the database cannot be read.
    """
    with new_file(file, overwrite=overwrite) as written, written.open("wb") as out:
        rows = await export(database, out, progress)
        out.flush()
        os.fsync(out.fileno())
    return rows


async def export(database: Database, out: BinaryIO, progress: Progress = _unseen) -> int:
    """
    Write all rows as JSON lines, as they were at one moment.

    Returns:
        How many rows.

    Raises:
        StoreUnavailable: the database cannot be read.
        OSError: ``out`` cannot be written.
    """
    done = 0
    async with database.snapshot() as connection:
        out.write(_line({"format": _FORMAT, "revision": await connection.run_sync(migrations.stored_revision)}))
        total = await _count(connection)
        async for table, rows in _chunks(connection):
            written = columns_written(table)
            out.writelines(
                _line({"table": table.name} | {name: write(row[at]) for at, name, write in written}) for row in rows
            )
            done += len(rows)
            progress(done, total)
    out.write(_line({"end": done}))
    return done


async def restore(address: str, file: Path, *, replace: bool = False, progress: Progress = _unseen) -> int:
    """
    Bring a backup or an export back, all of it or nothing.

    Args:
        address: as for ``open_database``; what is there is brought up to date first.
        file: what ``backup`` or ``export`` wrote, from either kind of database.
        replace: drop what the database holds; else it must hold nothing.
        progress: told as it goes on.

    Returns:
        How many rows.

    Raises:
        InputError: the file cannot be read.
        StoreError: the file is no backup, is incomplete or is of another version, or the database is not empty.
        StoreUnavailable: the database cannot be written.
    """
    try:
        with file.open("rb") as opened:
            is_sqlite = opened.read(len(_SQLITE_MAGIC)) == _SQLITE_MAGIC
            opened.seek(0)
            database = await open_database(address, upgrade=True)
            try:
                if not is_sqlite:
                    return await _fill(database, _lines(opened, file, progress), replace=replace)
                async with _copy_of(file, database) as source, source.snapshot() as connection:
                    return await _fill(database, _copied(connection, progress), replace=replace)
            finally:
                await database.close()
    except OSError as error:
        raise InputError("unreadable", path=file, reason=error.strerror or str(error)) from error


def _line(values: Mapping[str, Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False).encode() + b"\n"


def _copy_living(source: Path, target: Path) -> None:
    connection = sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
    try:
        connection.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.Error as error:
        raise classify(error) or error from error
    finally:
        connection.close()


async def _count(connection: AsyncConnection) -> int:
    counts = [sa.select(sa.func.count()).select_from(table).scalar_subquery() for table in metadata.sorted_tables]
    return sum((await connection.execute(sa.select(*counts))).one())


async def _chunks(connection: AsyncConnection) -> AsyncIterator[tuple[sa.Table, Sequence[sa.Row[Any]]]]:
    """All rows, a bounded number at once; tables that others point to come first, rows in the order of their keys."""
    for table in metadata.sorted_tables:
        keys = [
            # Texts are in the order of their bytes everywhere; a server has a language's order of its own.
            sa.collate(key, "C") if isinstance(key.type, sa.Text) and connection.dialect.name == "postgresql" else key
            for key in table.primary_key
        ]
        result = await connection.stream(sa.select(table).order_by(*keys))
        async for rows in result.partitions(_ROWS_AT_ONCE):
            yield table, rows


@asynccontextmanager
async def _copy_of(file: Path, database: Database) -> AsyncIterator[Database]:
    """A backup of SQLite, opened; a copy, for opening brings it up to date, and the backup is to stay as it is."""
    with tempfile.TemporaryDirectory(dir=database.file.parent if database.file else None) as folder:
        copy = Path(folder) / "copy.sqlite3"
        try:
            await asyncio.to_thread(_copy_pages, file, copy)
            opened = await open_database(str(copy))
        except StoreError as error:
            if (key := _OF_THE_BACKUP.get(error.key)) is None:
                raise
            raise StoreError(key, path=file) from error
        try:
            yield opened
        finally:
            await opened.close()


def _copy_pages(file: Path, copy: Path) -> None:
    source = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)
    target = sqlite3.connect(copy)
    try:
        source.backup(target)
        if target.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise StoreUnavailable("damaged", "integrity_check")
    except sqlite3.Error as error:
        raise classify(error) or error from error
    finally:
        target.close()
        source.close()


async def _copied(
    connection: AsyncConnection, progress: Progress
) -> AsyncIterator[tuple[sa.Table, Sequence[Mapping[str, Any]]]]:
    done, total = 0, await _count(connection)
    async for table, rows in _chunks(connection):
        yield table, [dict(row._mapping) for row in rows]  # noqa: SLF001 - public in spite of its name
        done += len(rows)
        progress(done, total)


async def _lines(
    opened: BinaryIO, file: Path, progress: Progress
) -> AsyncIterator[tuple[sa.Table, Sequence[Mapping[str, Any]]]]:
    numbered = _documents(opened, file)
    _, head = next(numbered, (1, {}))
    if head.get("format") != _FORMAT:
        raise StoreError("bad-backup", path=file)
    if head.get("revision") != migrations.NEWEST:
        raise StoreError("other-backup", path=file)
    size = os.fstat(opened.fileno()).st_size
    readers = {table.name: columns_read(table) for table in metadata.sorted_tables}
    name, count = "", 0
    rows: list[dict[str, Any]] = []
    for number, document in numbered:
        if "end" in document:
            if document["end"] != count or next(numbered, None) is not None:
                raise StoreError("half-backup", path=file)
            break
        try:
            table = str(document.pop("table", ""))
            row = readers[table](document)
        except (KeyError, BadRowError) as error:
            raise StoreError("bad-line", path=file, line=number) from error
        if rows and (table != name or len(rows) == _ROWS_AT_ONCE):
            yield metadata.tables[name], rows
            progress(opened.tell(), size)
            rows = []
        name, count = table, count + 1
        rows.append(row)
    else:
        raise StoreError("half-backup", path=file)
    if rows:
        yield metadata.tables[name], rows


def _documents(opened: BinaryIO, file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    # Not "for line in opened": where the reading stands is told as progress.
    for number, line in enumerate(iter(opened.readline, b""), 1):
        try:
            document = json.loads(line)
        except ValueError:
            document = None
        if not isinstance(document, dict):
            # A last line without an end was cut off in writing; a first one is of another kind of file.
            key = "bad-backup" if number == 1 else "bad-line" if line.endswith(b"\n") else "half-backup"
            raise StoreError(key, path=file, line=number)
        yield number, document


async def _fill(
    database: Database, chunks: AsyncIterator[tuple[sa.Table, Sequence[Mapping[str, Any]]]], *, replace: bool
) -> int:
    done = 0
    async with database.write() as connection:
        await _make_way(connection, replace=replace)
        async for table, rows in chunks:
            try:
                await connection.execute(table.insert(), rows)
            except (sa.exc.DBAPIError, OverflowError) as error:
                raise StoreError("bad-rows", table=table.name) from error
            done += len(rows)
        if not database.is_sqlite:
            await _number_on(connection)
        # The copy does not know to whom they went after it was taken; staff decide.
        await pause_all(connection, RESTORED)
    return done


async def _make_way(connection: AsyncConnection, *, replace: bool) -> None:
    if connection.dialect.name == "postgresql":
        # What others wrote meanwhile would be mixed in. On SQLite nobody can.
        names = ", ".join(table.name for table in metadata.sorted_tables)
        await connection.execute(sa.text(f"LOCK TABLE {names} IN EXCLUSIVE MODE"))
    for table in reversed(metadata.sorted_tables):
        if replace:
            await connection.execute(table.delete())
        elif await connection.scalar(sa.select(sa.exists().select_from(table))):
            raise StoreError("not-empty")


async def _number_on(connection: AsyncConnection) -> None:
    """Let PostgreSQL number new rows behind those that brought their numbers along."""
    for table in metadata.sorted_tables:
        if (key := table.autoincrement_column) is not None:
            sequence = sa.func.pg_get_serial_sequence(table.name, key.name)
            highest = sa.func.max(key)
            await connection.execute(sa.select(sa.func.setval(sequence, highest)).having(highest.is_not(None)))
