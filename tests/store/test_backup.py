import asyncio
import contextlib
import io
import json
import os
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.errors import InputError, StoreError
from bot.store.backup import backup, export, export_file, restore
from bot.store.database import Database, open_database
from bot.store.desk_tables import sessions, ticket_lines, tickets
from bot.store.metadata import metadata
from bot.store.tables import (
    announcements,
    askers,
    audit,
    batches,
    consents,
    counts,
    dead_letters,
    files,
    followers,
    lanes,
    outbox,
    people,
    proposals,
    questions,
    registrations,
    revisions,
    seen,
    transcript,
    unanswered,
)

NOW = datetime(2026, 11, 26, 6, 30, 1, 234567, tzinfo=UTC)
sqlite_only = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
postgresql_only = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
# Something in every table, among it what JSON and SQL like least.
ROWS: list[tuple[sa.Table, list[dict[str, Any]]]] = [
    (
        people,
        [
            {"id": 7, "channel": "web", "address": "a", "name": "सीता \"देवी\" 'x'; --", "news": None, "talk": {}},
            {
                "id": 9,
                "channel": "web",
                "address": "\u2028\n\t",
                "name": "",
                "news": True,
                "talk": {"at": [1, None, "घ"]},
            },
            {"id": 2**40, "channel": "console", "address": "z", "name": "🙏", "news": False, "talk": {"x": 0.5}},
        ],
    ),
    (seen, [{"message": bytes(range(16)), "at": NOW}, {"message": b"\xff" * 16, "at": NOW}]),
    (
        batches,
        [
            {
                "id": 3,
                "title": "GeM पर बिक्री",
                "starts": NOW + timedelta(days=9),
                "ends": NOW + timedelta(days=9, hours=5),
                "venue": "गोरखपुर",
                "seats": 40,
                "taken": 1,
                "last_date": NOW,
                "topics": ["पंजीकरण", "बिड"],
                "code": "4821",
            }
        ],
    ),
    (
        registrations,
        [
            {
                "batch": 3,
                "person": 7,
                "mobile": "+919876543210",
                "profile": {"name": "सीता"},
                "status": "seated",
                "registered": NOW,
                "coming": True,
            }
        ],
    ),
    (consents, [{"id": 5, "person": 7, "notice": "1", "channel": "web", "at": NOW}]),
    (unanswered, [{"id": 50, "folded": "x", "text": "X?", "count": 2, "first": NOW, "last": NOW}]),
    (askers, [{"person": 7, "question": 50}]),
    (proposals, [{"id": 4, "person": 7, "who": "राम", "body": {"more": ["x"]}, "at": NOW}]),
    (questions, [{"day": "2026-11-26", "outcome": "answered", "entry": "fees", "count": 3}]),
    (
        revisions,
        [
            {
                "id": 3,
                "digest": "ab",
                "at": NOW,
                "who": "सुनीता",
                "of": None,
                "entries": 1,
                "questions": 2,
                "content": bytes(range(256)),
            }
        ],
    ),
    (files, [{"id": 6, "name": "कैंप.jpg", "media_type": "image/jpeg", "content": bytes(range(256)), "at": NOW}]),
    (
        announcements,
        [
            {
                "id": 2,
                "file": 6,
                "text": "नमस्ते {name}",
                "segment": "all",
                "batch": 3,
                "expires": NOW,
                "stage": "finished",
                "made": NOW,
            }
        ],
    ),
    (followers, [{"announcement": 2, "person": 7, "shown": True, "told": "over", "told_at": NOW, "message": 11}]),
    (lanes, [{"channel": "telegram", "rate": 900, "opens": NOW, "raised": NOW}]),
    (audit, [{"id": 1, "at": NOW, "who": "सुनीता", "act": "send", "what": "announcement:2"}]),
    (
        tickets,
        [
            {
                "id": 12,
                "person": 7,
                "why": "asked",
                "question": "EMD?",
                "talk": [[True, "EMD?"]],
                "near": ["emd-amount"],
                "opened": NOW,
                "said": NOW,
            }
        ],
    ),
    (ticket_lines, [{"id": 3, "ticket": 12, "at": NOW, "who": "राम", "text": "नहीं लगेगा"}]),
    (sessions, [{"key": bytes(range(32)), "who": "राम", "is_link": True, "ends": NOW}]),
    (
        outbox,
        [
            {"id": 11, "person": 7, "body": {"text": "नमस्ते"}, "batch": None, "announcement": None},
            {"id": 12, "person": None, "body": None, "batch": 3, "announcement": 2},
        ],
    ),
    (
        dead_letters,
        [{"id": 4, "channel": "web", "message": b"\0" * 16, "text": "?", "press": "", "trouble": "x", "at": NOW}],
    ),
    (
        transcript,
        [
            {"id": 8, "mine": True, "message": "m-1", "body": {"text": "नमस्ते"}},
            {"id": 2**41, "mine": False, "body": {"text": "जी\u2028", "options": [["menu", "सब विषय"]]}},
        ],
    ),
    (counts, [{"batch": 3, "what": what, "count": 1} for what in ("left", "Attended", "attended", "क")]),
]
COMMON: dict[str, dict[str, Any]] = {
    "transcript": {"channel": "web", "address": "a", "at": NOW, "message": None},
    "people": {"created": NOW, "heard": NOW},
    "outbox": {
        "channel": "web",
        "address": "a",
        "kind": "reply",
        "priority": 0,
        "status": "due",
        "created": NOW,
        "due": NOW,
    },
}
COUNT = sum(len(rows) for _, rows in ROWS)


async def fill(database: Database) -> None:
    async with database.write() as connection:
        for table, rows in ROWS:
            await connection.execute(table.insert(), [COMMON.get(table.name, {}) | row for row in rows])


async def ask(database: Database, text: str) -> None:
    async with database.write() as connection:
        row = {"folded": text, "text": text, "count": 1, "first": NOW, "last": NOW}
        await connection.execute(unanswered.insert(), row)


async def exported(database: Database) -> bytes:
    out = io.BytesIO()
    await export(database, out)
    return out.getvalue()


async def exported_from(address: str) -> bytes:
    database = await open_database(address)
    try:
        return await exported(database)
    finally:
        await database.close()


async def rows_of(address: str) -> dict[str, list[Any]]:
    database = await open_database(address)
    try:
        async with database.read() as connection:
            tables = [table for table in metadata.sorted_tables if table is not counts]
            return {
                table.name: list(await connection.execute(sa.select(table).order_by(*table.primary_key)))
                for table in tables
            }
    finally:
        await database.close()


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    return tmp_path / "saved"


def test_the_examples_hold_something_of_every_table() -> None:
    assert {table for table, _ in ROWS} == set(metadata.sorted_tables)


async def test_an_export_says_what_it_is_of_what_step_and_how_long(database: Database) -> None:
    await fill(database)
    first, *rows, last = [json.loads(line) for line in (await exported(database)).splitlines()]
    assert first == {"format": "gem-saathi export", "revision": "0001"}
    assert last == {"end": COUNT}
    assert len(rows) == COUNT
    person = next(row for row in rows if row["table"] == "people" and row["id"] == 9)
    assert person["heard"] == "2026-11-26T06:30:01.234567+00:00"
    assert (person["news"], person["talk"]) == (True, {"at": [1, None, "घ"]})
    assert next(row["message"] for row in rows if row["table"] == "seen") == "AAECAwQFBgcICQoLDA0ODw=="


async def test_an_export_holds_nothing_of_the_address(database: Database, database_url: str) -> None:
    await fill(database)
    written = await exported(database)
    assert database_url.encode() not in written
    assert b"postgres" not in written


async def test_an_export_is_the_way_to_the_other_kind_of_database_and_back(
    database: Database, database_url: str, other_database_url: str, saved: Path
) -> None:
    await fill(database)
    assert await export_file(database, saved) == COUNT
    assert await restore(other_database_url, saved) == COUNT
    assert await exported_from(other_database_url) == saved.read_bytes()
    assert await rows_of(other_database_url) == await rows_of(database_url)
    before = await rows_of(database_url)
    await fill_differently(database)
    assert await restore(database_url, saved, replace=True) == COUNT
    assert await rows_of(database_url) == before


def change(file: Path, statement: str) -> None:
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute(statement)


async def fill_differently(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(outbox.delete())
        await connection.execute(people.update().values(name="somebody else"))
    await ask(database, "new")


async def test_announcements_under_way_are_paused_in_what_was_restored(
    database: Database, other_database_url: str, saved: Path
) -> None:
    await fill(database)
    async with database.write() as connection:
        await connection.execute(announcements.update().values(stage="running"))
        await connection.execute(outbox.update().where(outbox.c.announcement == 2).values(status="due"))
    await export_file(database, saved)
    await restore(other_database_url, saved)
    restored = await rows_of(other_database_url)
    assert [(row.stage, row.why) for row in restored["announcements"]] == [("paused", "restored")]
    assert [row.status for row in restored["outbox"] if row.announcement == 2] == ["held"]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_a_backup_of_sqlite_is_restored_into_either_kind(
    database: Database, database_url: str, other_database_url: str, saved: Path, tmp_path: Path
) -> None:
    await fill(database)
    await backup(database, saved)
    written = saved.read_bytes()
    assert written.startswith(b"SQLite format 3")
    for address in (str(tmp_path / "fresh" / "x.sqlite3"), other_database_url):
        assert await restore(address, saved) == COUNT
        assert await rows_of(address) == await rows_of(database_url)
    assert saved.read_bytes() == written


@postgresql_only
async def test_a_backup_of_postgresql_is_an_export(database: Database, saved: Path) -> None:
    await fill(database)
    await backup(database, saved)
    assert saved.read_bytes() == await exported(database)


async def test_new_rows_are_numbered_behind_those_restored(
    database: Database, other_database_url: str, saved: Path
) -> None:
    await fill(database)
    await export_file(database, saved)
    await restore(other_database_url, saved)
    other = await open_database(other_database_url)
    row = {"channel": "web", "address": "new", "created": NOW, "heard": NOW}
    async with other.write() as connection:
        assert await connection.scalar(people.insert().returning(people.c.id), row) == 2**40 + 1
    await ask(other, "new")
    await other.close()


async def test_a_backup_is_taken_while_writing_goes_on_and_shows_one_moment(database: Database, tmp_path: Path) -> None:
    done = asyncio.Event()

    async def write() -> int:
        number = 0
        while not done.is_set():
            # Both or neither: a copy that has one of the two is not of one moment.
            async with database.write() as connection:
                row = {"folded": f"{number}", "text": "x", "count": 1, "first": NOW, "last": NOW}
                await connection.execute(unanswered.insert(), row)
                await connection.execute(seen.insert(), {"message": number.to_bytes(16, "big"), "at": NOW})
            number += 1
        return number

    writing = asyncio.create_task(write())
    for number in range(4):
        await backup(database, tmp_path / f"{number}")
    done.set()
    written = await writing
    found = []
    for number in range(4):
        address = str(tmp_path / f"restored-{number}.sqlite3")
        await restore(address, tmp_path / f"{number}")
        rows = await rows_of(address)
        found.append(len(rows["seen"]))
        assert [row[0] for row in rows["seen"]] == [each.to_bytes(16, "big") for each in range(found[-1])]
        assert len(rows["unanswered"]) == found[-1]
    assert found == sorted(found)
    assert written > found[0]


@sqlite_only
async def test_what_was_erased_is_not_left_in_a_backup(database: Database, saved: Path) -> None:
    await ask(database, "gupt-sawaal")
    async with database.write() as connection:
        await connection.execute(unanswered.delete())
    await backup(database, saved)
    assert b"gupt-sawaal" not in saved.read_bytes()


async def test_only_the_owner_can_read_a_backup_and_an_export(database: Database, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        await backup(database, tmp_path / "a")
        await export_file(database, tmp_path / "b")
    finally:
        os.umask(before)
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in "ab"] == [0o600, 0o600]


async def test_a_file_that_is_there_is_replaced_only_when_that_is_asked_for(database: Database, saved: Path) -> None:
    saved.write_text("mine")
    for write in (backup, export_file):
        with pytest.raises(InputError, match="file-exists"):
            await write(database, saved)
        assert saved.read_text() == "mine"
    await backup(database, saved, overwrite=True)
    assert saved.stat().st_size > 40


async def test_a_backup_that_fails_leaves_nothing_behind(database: Database, tmp_path: Path) -> None:
    target = tmp_path / "backups"
    target.mkdir()

    def fail(_done: int, _total: int) -> None:
        raise OSError(28, "No space left on device")

    await fill(database)
    with pytest.raises(InputError, match="unwritable"):
        await export_file(database, target / "x", progress=fail)
    assert list(target.iterdir()) == []


async def test_a_database_that_holds_something_is_not_restored_over_unasked(
    database: Database, database_url: str, saved: Path
) -> None:
    await fill(database)
    await backup(database, saved)
    await ask(database, "later")
    before = await exported(database)
    with pytest.raises(StoreError, match="not-empty"):
        await restore(database_url, saved)
    assert await exported(database) == before
    assert await restore(database_url, saved, replace=True) == COUNT


async def test_many_rows_are_restored_and_progress_is_told(
    database: Database, database_url: str, other_database_url: str, saved: Path
) -> None:
    async with database.write() as connection:
        row = {"channel": "web", "name": "x", "talk": {}, "created": NOW, "heard": NOW}
        await connection.execute(people.insert(), [row | {"address": f"{number}"} for number in range(3_500)])
    told: list[tuple[int, int]] = []
    assert await export_file(database, saved, progress=lambda done, total: told.append((done, total))) == 3_500
    assert told == [(1_000, 3_500), (2_000, 3_500), (3_000, 3_500), (3_500, 3_500)]
    told.clear()
    size = saved.stat().st_size
    assert await restore(other_database_url, saved, progress=lambda done, total: told.append((done, total))) == 3_500
    assert len(told) == 3
    assert all(0 < done < total == size for done, total in told)
    assert await rows_of(other_database_url) == await rows_of(database_url)


# What is no backup, or no whole one


def cut(text: str) -> str:
    return text[:-40]


def without_the_end(text: str) -> str:
    return text[: text.rindex('{"end"')]


def without_a_row(text: str) -> str:
    lines = text.splitlines(keepends=True)
    return "".join(lines[:-2] + lines[-1:])


def twice(text: str) -> str:
    return text + text


def of_a_newer_program(text: str) -> str:
    return text.replace('"revision": "0001"', '"revision": "9999"')


def replaced(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new)

    change.__name__ = f"{new or 'nothing'} for {old}"
    return change


@pytest.mark.parametrize(
    ("spoil", "key"),
    [
        (cut, "half-backup"),
        (without_the_end, "half-backup"),
        (without_a_row, "half-backup"),
        (twice, "half-backup"),
        (of_a_newer_program, "other-backup"),
        (lambda _: "", "bad-backup"),
        (lambda _: "name,mobile\n", "bad-backup"),
        (lambda _: "[1]\n", "bad-backup"),
        (lambda _: '{"a": 1}\n', "bad-backup"),
        (replaced('"table": "seen"', '"table": "saw"'), "bad-line"),
        (replaced('"table": "seen", ', ""), "bad-line"),
        (replaced('"news": true', '"news": "yes"'), "bad-line"),
        (replaced('"seats": 40', '"seats": "40"'), "bad-line"),
        (replaced('"seats": 40', '"seats": true'), "bad-line"),
        (replaced('"seats": 40', '"seats": null'), "bad-line"),
        (replaced('"seats": 40', '"chairs": 40'), "bad-line"),
        (replaced("06:30:01.234567+00:00", "06:30:01.234567"), "bad-line"),
        (replaced("2026-11-26T", "26.11.2026 "), "bad-line"),
        (replaced("AAECAwQFBgcICQoLDA0ODw==", "*"), "bad-line"),
        (replaced('"name": "🙏"', '"name": 5'), "bad-line"),
        (replaced('{"table": "consents"', "consents"), "bad-line"),
        (replaced('"person": 7', '"person": 8'), "bad-rows"),
        (replaced('"taken": 1', '"taken": 41'), "bad-rows"),
        (replaced('"id": 9', '"id": 7'), "bad-rows"),
        (replaced('"id": 9', f'"id": {2**70}'), "bad-rows"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
async def test_what_is_no_whole_export_is_refused_and_changes_nothing(
    spoil: Callable[[str], str], key: str, database: Database, database_url: str, saved: Path
) -> None:
    await fill(database)
    await export_file(database, saved)
    before = await exported(database)
    saved.write_text(spoil(saved.read_text("utf-8")), "utf-8")
    with pytest.raises(StoreError) as caught:
        await restore(database_url, saved, replace=True)
    assert caught.value.key == key
    assert await exported(database) == before


@sqlite_only
async def test_a_backup_newer_than_the_program_is_refused(database: Database, saved: Path, tmp_path: Path) -> None:
    await backup(database, saved)
    change(saved, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="other-backup"):
        await restore(str(tmp_path / "x.sqlite3"), saved)


async def test_another_programs_sqlite_file_is_no_backup(saved: Path, database_url: str) -> None:
    change(saved, "CREATE TABLE invoices (id INTEGER)")
    with pytest.raises(StoreError, match="bad-backup"):
        await restore(database_url, saved)


@sqlite_only
async def test_a_damaged_sqlite_file_is_no_backup(database: Database, saved: Path, tmp_path: Path) -> None:
    await fill(database)
    await backup(database, saved)
    content = saved.read_bytes()
    saved.write_bytes(content[:4096] + b"\xff" * 8192 + content[4096 + 8192 :])
    with pytest.raises(StoreError, match="bad-backup"):
        await restore(str(tmp_path / "x.sqlite3"), saved)


async def test_a_backup_that_is_not_there_is_told(database_url: str, saved: Path) -> None:
    with pytest.raises(InputError, match="unreadable"):
        await restore(database_url, saved)
