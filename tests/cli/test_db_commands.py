import asyncio
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.store.database import open_database
from bot.store.tables import people
from tests.cli.conftest import Run

NOW = datetime(2026, 11, 26, 6, 30, tzinfo=UTC)
postgresql_only = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
sqlite_only = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def add(address: str, *names: str, heard: datetime = NOW) -> None:
    async def run() -> None:
        database = await open_database(address)
        rows = [{"channel": "web", "address": name, "name": name, "created": heard, "heard": heard} for name in names]
        async with database.write() as connection:
            await connection.execute(people.insert(), rows)
        await database.close()

    asyncio.run(run())


def names(address: str) -> list[str]:
    async def run() -> list[str]:
        database = await open_database(address)
        async with database.read() as connection:
            found = list(await connection.scalars(sa.select(people.c.name).order_by(people.c.id)))
        await database.close()
        return found

    return asyncio.run(run())


def test_a_database_is_brought_up_to_date(run: Run, unmade_database_url: str) -> None:
    for _ in range(2):
        done = run("db", "upgrade", GEM_SAATHI_DATABASE=unmade_database_url)
        assert (done.returncode, done.stdout, done.stderr) == (0, "डेटाबेस तैयार है।\n", "")
    assert names(unmade_database_url) == []


@postgresql_only
def test_a_server_that_is_not_up_to_date_is_told_in_one_sentence(run: Run, unmade_database_url: str) -> None:
    done = run("db", "export", GEM_SAATHI_DATABASE=unmade_database_url)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "डेटाबेस इस कार्यक्रम से पुराना है या अभी खाली है। पहले यह चलाएँ: gem-saathi db upgrade\n"


def test_a_backup_comes_back(run: Run, database_url: str, tmp_path: Path) -> None:
    add(database_url, "सीता", "राम")
    done = run("db", "backup", tmp_path / "saved", GEM_SAATHI_DATABASE=database_url)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"बैकअप {tmp_path / 'saved'} में रख दिया गया। इसमें लोगों के नाम और नंबर हैं: इसे सँभालकर रखें।\n"
    add(database_url, "later")
    refused = run("db", "restore", tmp_path / "saved", "--lang", "en", GEM_SAATHI_DATABASE=database_url)
    assert refused.returncode == 1
    assert refused.stderr.startswith("The database holds data already")
    assert names(database_url) == ["सीता", "राम", "later"]
    done = run("db", "restore", tmp_path / "saved", "--replace", GEM_SAATHI_DATABASE=database_url)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{tmp_path / 'saved'} से 2 लाइनें वापस आ गईं।\n"
    assert names(database_url) == ["सीता", "राम"]


def test_a_backup_does_not_replace_a_file_unasked(run: Run, database_url: str, tmp_path: Path) -> None:
    (tmp_path / "saved").write_text("mine")
    for command in ("backup", "export"):
        refused = run("db", command, tmp_path / "saved", GEM_SAATHI_DATABASE=database_url)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert "--force" in refused.stderr
        assert (tmp_path / "saved").read_text() == "mine"
    assert run("db", "backup", tmp_path / "saved", "--force", GEM_SAATHI_DATABASE=database_url).returncode == 0
    assert (tmp_path / "saved").stat().st_size > 40


def test_an_export_is_printed_or_written_alike(run: Run, database_url: str, tmp_path: Path) -> None:
    add(database_url, "सीता")
    printed = run("db", "export", GEM_SAATHI_DATABASE=database_url)
    written = run("db", "export", tmp_path / "saved", "--lang", "en", GEM_SAATHI_DATABASE=database_url)
    assert (printed.returncode, printed.stderr, written.returncode, written.stderr) == (0, "", 0, "")
    assert (tmp_path / "saved").read_text("utf-8") == printed.stdout
    assert [json.loads(line).get("name") for line in printed.stdout.splitlines()] == [None, "सीता", None]
    assert written.stdout.startswith(f"1 rows were written to {tmp_path / 'saved'}.")


def test_an_export_comes_back_into_the_other_kind_of_database(
    run: Run, database_url: str, other_database_url: str, tmp_path: Path
) -> None:
    add(database_url, "सीता")
    run("db", "export", tmp_path / "saved", GEM_SAATHI_DATABASE=database_url)
    assert run("db", "restore", tmp_path / "saved", GEM_SAATHI_DATABASE=other_database_url).returncode == 0
    assert names(other_database_url) == ["सीता"]


def test_who_was_not_heard_of_for_long_is_erased(run: Run, database_url: str) -> None:
    add(database_url, "old", heard=datetime.now(UTC) - timedelta(days=31))
    add(database_url, "new", heard=datetime.now(UTC) - timedelta(days=29))
    done = run("db", "purge", "--days", "30", "--lang", "en", GEM_SAATHI_DATABASE=database_url)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "1 people were erased who had not been heard of for 30 days.\n"
    assert names(database_url) == ["new"]


@sqlite_only
def test_a_database_newer_than_the_program_is_told_in_one_sentence(run: Run, database_url: str) -> None:
    with closing(sqlite3.connect(database_url, isolation_level=None)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    done = run("db", "upgrade", "--lang", "en", GEM_SAATHI_DATABASE=database_url)
    assert done.returncode == 1
    assert done.stderr == (
        "The database is newer than this program (database 9999, program 0001). Install a newer GeM Saathi.\n"
    )


@pytest.mark.parametrize("address", ["postgresql://saathi:s3cret@127.0.0.1:1/saathi", "mysql://saathi:s3cret@h/d"])
@pytest.mark.parametrize("command", ["upgrade", "export", "purge"])
def test_what_is_said_of_a_server_that_is_not_there_is_one_sentence_without_its_address(
    run: Run, address: str, command: str
) -> None:
    done = run("db", command, GEM_SAATHI_DATABASE=address)
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert "s3cret" not in done.stderr
    assert "GEM_SAATHI_DEBUG" not in done.stderr


def test_the_database_of_the_config_file_is_used(run: Run, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("database: data/x.sqlite3\n", "utf-8")
    assert run("db", "upgrade").returncode == 0
    assert (tmp_path / "data" / "x.sqlite3").stat().st_mode & 0o777 == 0o600
