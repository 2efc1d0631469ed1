import asyncio
import contextlib
import os
import sqlite3
import tempfile
import threading
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.config import shipped
from bot.content.locales import load_phrases
from bot.errors import StoreError, StoreUnavailable
from bot.store.database import Database, open_database
from bot.store.faults import KEYS, classify
from bot.store.tables import seen, unanswered
from tests.databases import Server

NOW = datetime(2026, 11, 26, 6, 30, tzinfo=UTC)
WORD = "s3cret"
sqlite_only = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
postgresql_only = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)


def question(text: str) -> dict[str, object]:
    return {"folded": text, "text": text, "count": 1, "first": NOW, "last": NOW}


async def ask(database: Database, text: str) -> None:
    async with database.write() as connection:
        await connection.execute(unanswered.insert(), question(text))


async def asked(database: Database) -> list[str]:
    async with database.read() as connection:
        return list(await connection.scalars(sa.select(unanswered.c.text).order_by(unanswered.c.id)))


async def test_what_was_written_is_read(database: Database) -> None:
    await ask(database, "बिल कब आएगा")
    assert await asked(database) == ["बिल कब आएगा"]


async def test_a_moment_comes_back_as_it_was_in_utc(database: Database) -> None:
    moment = datetime.fromisoformat("2026-11-26T12:00:00.123457+05:30")
    async with database.write() as connection:
        await connection.execute(seen.insert(), {"message": b"0" * 16, "at": moment})
    async with database.read() as connection:
        read = (await connection.execute(sa.select(seen.c.at))).scalar_one()
    assert (read, read.tzinfo) == (moment, UTC)


async def test_an_error_undoes_the_whole_transaction(database: Database) -> None:
    async def fail() -> None:
        async with database.write() as connection:
            await connection.execute(unanswered.insert(), question("a"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    await ask(database, "b")
    assert await asked(database) == ["b"]


async def test_a_savepoint_undoes_its_part_alone(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(unanswered.insert(), question("kept"))
        with contextlib.suppress(sa.exc.IntegrityError):
            async with connection.begin_nested():
                await connection.execute(unanswered.insert(), question("dropped"))
                await connection.execute(unanswered.insert(), question("kept"))
        await connection.execute(unanswered.insert(), question("kept too"))
    assert await asked(database) == ["kept", "kept too"]


async def test_reading_goes_on_beside_an_open_transaction_and_does_not_see_into_it(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(unanswered.insert(), question("not yet"))
        assert await asked(database) == []


async def test_a_snapshot_sees_one_moment(database: Database) -> None:
    async with database.snapshot() as connection:
        count = sa.select(sa.func.count()).select_from(unanswered)
        assert await connection.scalar(count) == 0
        await ask(database, "later")
        assert await connection.scalar(count) == 0
    assert await asked(database) == ["later"]


@pytest.mark.parametrize("way", ["read", "snapshot"])
async def test_a_transaction_that_reads_cannot_write(database: Database, way: str) -> None:
    async with getattr(database, way)() as connection:
        with pytest.raises(StoreUnavailable, match="read-only"):
            await connection.execute(unanswered.insert(), question("a"))
    assert await asked(database) == []


async def test_writers_wait_for_each_other_and_none_fails(database: Database) -> None:
    async def count_up() -> None:
        async with database.write() as connection:
            count = (await connection.execute(sa.select(unanswered.c.count).with_for_update())).scalar_one()
            await connection.execute(unanswered.update().values(count=count + 1))

    await ask(database, "how often")
    await asyncio.gather(*(count_up() for _ in range(100)))
    async with database.read() as connection:
        assert await connection.scalar(sa.select(unanswered.c.count)) == 101


@sqlite_only
async def test_writers_take_turns_in_the_order_in_which_they_come(database: Database) -> None:
    await asyncio.gather(*(ask(database, str(number)) for number in range(50)))
    assert await asked(database) == [str(number) for number in range(50)]


@sqlite_only
async def test_two_open_databases_on_one_file_wait_for_each_other(database: Database, database_url: str) -> None:
    other = await open_database(database_url)
    await asyncio.gather(*(ask(one, f"{number}") for number, one in enumerate([database, other] * 20)))
    await other.close()
    assert len(await asked(database)) == 40


async def test_a_writer_that_is_cancelled_leaves_the_way_free(database: Database) -> None:
    started = asyncio.Event()

    async def linger() -> None:
        async with database.write() as connection:
            await connection.execute(unanswered.insert(), question("dropped"))
            started.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(linger())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await ask(database, "b")
    assert await asked(database) == ["b"]


async def test_a_wrong_row_is_the_callers_error_and_shows_no_value(database: Database) -> None:
    await ask(database, "9876543210")
    with pytest.raises(sa.exc.IntegrityError) as caught:
        await ask(database, "9876543210")
    error: BaseException | None = caught.value
    while error is not None:
        assert "9876543210" not in f"{error} {error!r}"
        error = error.__cause__ or error.__context__


@sqlite_only
async def test_sqlite_is_set_up_to_lose_nothing(database: Database) -> None:
    expected: dict[str, object] = {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
        "busy_timeout": 5000,
    }
    for way, only_reads in ((database.write, 0), (database.read, 1)):
        async with way() as connection:
            found = {name: await connection.scalar(sa.text(f"PRAGMA {name}")) for name in expected}
            assert found == expected
            assert await connection.scalar(sa.text("PRAGMA query_only")) == only_reads


@postgresql_only
async def test_postgresql_counts_in_utc_and_commits_what_is_read(database: Database) -> None:
    async with database.write() as connection:
        assert await connection.scalar(sa.text("SHOW timezone")) == "UTC"
        assert await connection.scalar(sa.text("SHOW transaction_isolation")) == "read committed"


@pytest.fixture
def lax_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("lax_umask")
async def test_nobody_but_the_owner_can_read_the_file(tmp_path: Path) -> None:
    file = tmp_path / "data" / "x.sqlite3"
    database = await open_database(str(file))
    await ask(database, "a")
    modes = {path.name: path.stat().st_mode & 0o777 for path in file.parent.iterdir()}
    await database.close()
    assert modes == {"x.sqlite3": 0o600, "x.sqlite3-wal": 0o600, "x.sqlite3-shm": 0o600}
    assert file.parent.stat().st_mode & 0o777 == 0o700


@sqlite_only
async def test_a_file_that_others_could_read_is_closed_to_them(database_url: str) -> None:
    Path(database_url).chmod(0o644)
    await (await open_database(database_url)).close()
    assert Path(database_url).stat().st_mode & 0o777 == 0o600


async def test_rows_beyond_the_first_few_thousand_come_too(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(unanswered.insert(), [question(f"{number:05}") for number in range(5_001)])
    assert await asked(database) == [f"{number:05}" for number in range(5_001)]
    async with database.read() as connection:
        streamed = await connection.stream_scalars(sa.select(unanswered.c.text).order_by(unanswered.c.text))
        assert [text async for text in streamed] == [f"{number:05}" for number in range(5_001)]
        first = await connection.stream_scalars(sa.select(unanswered.c.text).order_by(unanswered.c.text))
        assert await first.fetchmany(2) == ["00000", "00001"]
        await first.close()


# What goes wrong with the database itself


@sqlite_only
async def test_a_database_locked_by_another_program_is_told_and_works_when_it_is_free(database_url: str) -> None:
    database = await open_database(database_url, lock_seconds=0.05)
    other = sqlite3.connect(database_url, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreUnavailable) as caught:
        await ask(database, "a")
    assert caught.value.reason == "locked (SQLITE_BUSY)"
    other.execute("ROLLBACK")
    other.close()
    await ask(database, "a")
    assert await asked(database) == ["a"]
    await database.close()


@sqlite_only
async def test_a_full_disk_is_told_and_writing_goes_on_when_there_is_room(database: Database) -> None:
    async with database.write() as connection:
        pages = await connection.scalar(sa.text("PRAGMA page_count"))
        await connection.execute(sa.text(f"PRAGMA max_page_count = {pages}"))
    with pytest.raises(StoreUnavailable) as caught:
        await ask(database, "x" * 100_000)
    assert caught.value.reason == "full (SQLITE_FULL)"
    async with database.write() as connection:
        await connection.execute(sa.text("PRAGMA max_page_count = 1000000"))
    await ask(database, "y" * 100_000)
    assert await asked(database) == ["y" * 100_000]


@contextlib.contextmanager
def as_somebody_else(folder: Path) -> Iterator[None]:
    """Whatever is in the folder may only be read; root may do everything, so the test is somebody else meanwhile."""
    for path in folder.iterdir():
        path.chmod(0o444)
    folder.chmod(0o555)
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
        folder.chmod(0o700)


async def test_a_folder_that_may_not_be_written_to_is_told() -> None:
    with tempfile.TemporaryDirectory() as folder, as_somebody_else(Path(folder)):
        for file in ("x.sqlite3", "below/x.sqlite3"):
            with pytest.raises(StoreUnavailable) as caught:
                await open_database(f"{folder}/{file}")
            assert caught.value.reason == "read-only (EACCES)"


async def test_a_file_that_may_not_be_written_to_is_told() -> None:
    with tempfile.TemporaryDirectory() as folder:
        await (await open_database(f"{folder}/x.sqlite3")).close()
        with as_somebody_else(Path(folder)), pytest.raises(StoreUnavailable) as caught:
            await open_database(f"{folder}/x.sqlite3")
    assert caught.value.key == "read-only"


async def test_a_path_below_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreUnavailable, match="unreadable"):
        await open_database(str(tmp_path / "file" / "x.sqlite3"))


async def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    file = tmp_path / "x.sqlite3"
    file.write_bytes(b"no database at all " * 1000)
    with pytest.raises(StoreUnavailable, match="damaged"):
        await open_database(str(file))
    left = [thread.name for thread in threading.enumerate() if "_connection_worker_thread" in thread.name]
    assert left == []


@pytest.mark.parametrize(
    "address", ["mysql://u:p@h/d", "sqlite://", "sqlite:///:memory:", "://", "postgresql://u:p@h:port/d", "", "x://y"]
)
async def test_an_address_that_is_none_is_refused_without_being_repeated(address: str) -> None:
    with pytest.raises(StoreError) as caught:
        await open_database(address)
    assert caught.value.args == ("bad-address",)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("host", ["127.0.0.1:1", "no-such-host.invalid", ""])
async def test_a_server_that_is_not_there_is_told_without_its_address(host: str, tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable) as caught:
        await open_database(f"postgresql://saathi:{WORD}@{host}/saathi" + ("" if host else f"?host={tmp_path}"))
    assert caught.value.key == "unreachable"
    assert WORD not in "".join(traceback.format_exception(caught.value))


async def test_a_database_that_the_server_does_not_have_is_told(postgresql_server: Server) -> None:
    with pytest.raises(StoreUnavailable) as caught:
        await open_database(postgresql_server.at("no_such_database"))
    assert caught.value.reason == "refused (3D000)"


@postgresql_only
async def test_a_connection_lost_within_a_transaction_is_told_and_the_next_one_works(
    database: Database, database_url: str, postgresql_server: Server
) -> None:
    async def lose() -> None:
        async with database.write() as connection:
            await connection.execute(unanswered.insert(), question("dropped"))
            await asyncio.to_thread(postgresql_server.end_connections, database_url)
            await connection.execute(unanswered.insert(), question("dropped too"))

    with pytest.raises(StoreUnavailable, match="lost"):
        await lose()
    await ask(database, "b")
    assert await asked(database) == ["b"]


@postgresql_only
async def test_a_connection_lost_before_the_commit_is_told_and_nothing_is_written(
    database: Database, database_url: str, postgresql_server: Server
) -> None:
    async def lose() -> None:
        async with database.write() as connection:
            await connection.execute(unanswered.insert(), question("dropped"))
            await asyncio.to_thread(postgresql_server.end_connections, database_url)

    with pytest.raises(StoreUnavailable, match="lost"):
        await lose()
    assert await asked(database) == []


async def test_a_server_that_was_restarted_is_used_again_at_once(own_postgresql_server: Server) -> None:
    await asyncio.to_thread(own_postgresql_server.run, "CREATE DATABASE restarted")
    database = await open_database(own_postgresql_server.at("restarted"), upgrade=True)
    try:
        # Several connections, all of which the restart closes.
        await asyncio.gather(*(ask(database, f"{number}") for number in range(10)))
        await asyncio.to_thread(own_postgresql_server.stop)
        with pytest.raises(StoreUnavailable):
            await ask(database, "while it is down")
        await asyncio.to_thread(own_postgresql_server.start)
        await ask(database, "after")
        await asyncio.to_thread(own_postgresql_server.stop)
        await asyncio.to_thread(own_postgresql_server.start)
        await asyncio.gather(*(ask(database, f"again {number}") for number in range(10)))
    finally:
        await asyncio.to_thread(own_postgresql_server.start)
        await database.close()
        await asyncio.to_thread(own_postgresql_server.run, "DROP DATABASE restarted WITH (FORCE)")


async def test_a_server_that_takes_no_more_connections_is_told(own_postgresql_server: Server) -> None:
    run = own_postgresql_server.run
    await asyncio.to_thread(run, "CREATE DATABASE narrow CONNECTION LIMIT 0")
    await asyncio.to_thread(run, "CREATE ROLE narrow LOGIN")
    url = sa.make_url(own_postgresql_server.at("narrow")).set(username="narrow")
    with pytest.raises(StoreUnavailable) as caught:
        await open_database(url.render_as_string(hide_password=False))
    assert caught.value.reason == "too-many (53300)"
    await asyncio.to_thread(run, "DROP DATABASE narrow")
    await asyncio.to_thread(run, "DROP ROLE narrow")


def test_an_error_of_the_caller_is_not_the_databases() -> None:
    for error in (ValueError("x"), sa.exc.ArgumentError("x"), sqlite3.ProgrammingError("x"), KeyError("closed")):
        assert classify(error) is None


@pytest.mark.parametrize("language", ["hi", "en"])
def test_there_is_a_sentence_for_all_that_can_be_wrong(language: str) -> None:
    phrases = load_phrases(shipped("locales"))
    assert {f"store.{key}" for key in KEYS} <= phrases.texts[language].keys()


@sqlite_only
async def test_nothing_is_committed_into_a_file_that_was_moved_away(database: Database) -> None:
    file = database.file
    assert file is not None
    away = file.with_name("away.sqlite3")
    file.rename(away)
    for _ in range(2):
        with pytest.raises(StoreUnavailable):
            await ask(database, "lost")
    away.rename(file)
    await ask(database, "kept")
    assert await asked(database) == ["kept"]


@sqlite_only
async def test_a_file_that_was_replaced_is_noticed_and_then_used(database: Database, tmp_path: Path) -> None:
    await ask(database, "in the old file")
    file = database.file
    assert file is not None
    other = tmp_path / "other" / "other.sqlite3"
    await (await open_database(str(other))).close()
    other.replace(file)
    with pytest.raises(StoreUnavailable):
        await ask(database, "lost")
    await ask(database, "in the new file")
    await database.close()
    reopened = await open_database(str(file))
    assert "in the new file" in await asked(reopened)
    await reopened.close()
