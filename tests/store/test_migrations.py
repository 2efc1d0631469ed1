import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from bot.errors import StoreError
from bot.store import migrations
from bot.store.database import Database, open_database
from bot.store.metadata import metadata

postgresql_only = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
ROOT = Path(__file__).parents[2]
# Everything that a database knows of our tables: columns, defaults, constraints, indexes.
SQLITE_SCHEMA = "SELECT type, name, tbl_name, sql FROM sqlite_master"
POSTGRESQL_SCHEMA = """
    SELECT 'column', table_name || '.' || column_name, data_type || coalesce(column_default, ''), is_nullable
    FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT 'index', indexname, indexdef, '' FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT 'constraint', conname, pg_get_constraintdef(oid), '' FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
"""


async def test_the_newest_step_is_the_last_one_there_is() -> None:
    assert ScriptDirectory(str(ROOT / "bot" / "store" / "migrations")).get_heads() == [migrations.NEWEST]


async def test_alembic_finds_nothing_to_change(database: Database) -> None:
    def differences(connection: sa.Connection) -> list[object]:
        # Of defaults and constraints it does not see all; the next test does.
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    async with database.write() as connection:
        assert await connection.run_sync(differences) == []


async def test_the_steps_make_the_very_tables_of_the_code(database: Database, unmade_database_url: str) -> None:
    async with database.read() as connection:
        migrated = await connection.run_sync(schema)
    async with bare(unmade_database_url) as connection:
        await connection.run_sync(metadata.create_all)
        made = await connection.run_sync(schema)
    assert migrated == made
    assert len(made) > 20


async def test_a_file_is_made_and_brought_up_to_date_when_it_is_opened(tmp_path: Path) -> None:
    database = await open_database(str(tmp_path / "new" / "x.sqlite3"))
    async with database.read() as connection:
        assert await connection.run_sync(migrations.is_current)
    await database.close()


@postgresql_only
async def test_a_server_is_brought_up_to_date_only_when_that_is_asked_for(unmade_database_url: str) -> None:
    with pytest.raises(StoreError) as caught:
        await open_database(unmade_database_url)
    assert caught.value.args == ("outdated",)
    await (await open_database(unmade_database_url, upgrade=True)).close()
    await (await open_database(unmade_database_url)).close()


async def test_a_database_that_is_up_to_date_is_opened_without_alembic(database_url: str) -> None:
    script = """
import asyncio, sys
from bot.store.database import open_database
async def run():
    await (await open_database(sys.argv[1])).close()
asyncio.run(run())
assert "alembic" not in sys.modules
"""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", script, database_url, cwd=ROOT)
    assert await process.wait() == 0


@pytest.mark.parametrize("asked", [False, True])
async def test_a_database_newer_than_the_program_is_refused_and_left_alone(database_url: str, asked: bool) -> None:  # noqa: FBT001
    async with bare(database_url) as connection:
        await connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError) as caught:
        await open_database(database_url, upgrade=asked)
    assert (caught.value.key, dict(caught.value.values)) == ("newer", {"stored": "9999", "newest": migrations.NEWEST})
    async with bare(database_url) as connection:
        assert await connection.run_sync(migrations.stored_revision) == "9999"


@pytest.mark.parametrize("asked", [False, True])
async def test_a_database_of_another_program_is_refused_and_left_alone(unmade_database_url: str, asked: bool) -> None:  # noqa: FBT001
    async with bare(unmade_database_url) as connection:
        await connection.execute(sa.text("CREATE TABLE invoices (id INTEGER)"))
    with pytest.raises(StoreError, match="not-ours"):
        await open_database(unmade_database_url, upgrade=asked)
    async with bare(unmade_database_url) as connection:
        assert await connection.run_sync(lambda one: sa.inspect(one).get_table_names()) == ["invoices"]


async def test_processes_that_start_at_once_on_a_new_database_all_succeed(unmade_database_url: str) -> None:
    script = """
import asyncio, sys
from bot.store.database import open_database
print("ready", flush=True)
sys.stdin.readline()
async def run():
    await (await open_database(sys.argv[1], upgrade=True)).close()
asyncio.run(run())
"""
    pipe = asyncio.subprocess.PIPE
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", script, unmade_database_url, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdout
        assert await process.stdout.readline() == b"ready\n"
    told = await asyncio.gather(*(process.communicate(b"go\n") for process in processes))
    assert [(process.returncode, errors) for process, (_, errors) in zip(processes, told, strict=True)] == [
        (0, b"")
    ] * 4


@asynccontextmanager
async def bare(address: str) -> AsyncIterator[AsyncConnection]:
    """A connection that knows nothing of our steps."""
    url = sa.make_url(address if "://" in address else f"sqlite:///{address}")
    Path(url.database or "").parent.mkdir(exist_ok=True)
    driver = "sqlite+aiosqlite" if url.drivername == "sqlite" else "postgresql+asyncpg"
    engine = create_async_engine(url.set(drivername=driver))
    try:
        async with engine.begin() as connection:
            yield connection
    finally:
        await engine.dispose()


def schema(connection: sa.Connection) -> set[tuple[str, ...]]:
    """In whatever order the parts of a table were written down."""
    query = SQLITE_SCHEMA if connection.dialect.name == "sqlite" else POSTGRESQL_SCHEMA
    rows = {tuple(parts(str(cell)) for cell in row) for row in connection.execute(sa.text(query))}
    return {row for row in rows if "alembic_version" not in " ".join(row)}


def parts(cell: str) -> str:
    text = " ".join(cell.split())
    head, found, body = text.partition(" ( ") if text.startswith("CREATE TABLE") else (text, "", "")
    return head + found + ", ".join(sorted(body.removesuffix(" )").split(", ")))
