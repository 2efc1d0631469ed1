from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from bot.core.workshops.batch import IST, Batch, BatchStatus, Registration, Status
from bot.store.batches import (
    REGISTRATION_COLUMNS,
    erased_counts,
    find_batch,
    insert_batch,
    list_batches,
    new_code,
    registration_of,
    roster,
)
from bot.store.database import Database
from bot.store.tables import batches, counts, people, registrations

NOW = datetime(2026, 11, 2, 9, 15, 0, 123456, tzinfo=IST)
BATCH = Batch(
    id=0,
    title="GeM पोर्टल: रजिस्ट्रेशन से बिड तक",
    starts=NOW + timedelta(days=21),
    ends=NOW + timedelta(days=21, hours=5),
    venue="गोरखपुर",
    seats=40,
    last_date=NOW + timedelta(days=19),
    code="",
    map_url="https://maps.example/x",
    topics=("रजिस्ट्रेशन", "बिड; 'उद्धरण'"),
    trainer="श्री राम",
    bring="आधार",
)


async def add(database: Database, batch: Batch) -> int:
    async with database.write() as connection:
        return await insert_batch(connection, batch)


async def register(database: Database, batch: int, number: int, channel: str, **values: object) -> None:
    row = {
        "mobile": f"+9198765432{number:02}",
        "profile": {"name": f"व्यक्ति {number}"},
        "status": Status.SEATED,
        "registered": NOW + timedelta(minutes=number),
    }
    async with database.write() as connection:
        insert = sa.insert(people).values(channel=channel, address=str(number), created=NOW, heard=NOW)
        person = (await connection.execute(insert.returning(people.c.id))).scalar_one()
        await connection.execute(sa.insert(registrations).values(row | values | {"batch": batch, "person": person}))


async def test_a_batch_is_found_as_it_was_written_with_a_code_of_its_own(database: Database) -> None:
    first, second = [await add(database, BATCH) for _ in range(2)]
    async with database.read() as connection:
        found = await find_batch(connection, first)
    assert found is not None
    assert first != second
    assert found == replace(BATCH, id=first, code=found.code)
    assert (found.starts, found.topics, found.status) == (BATCH.starts, BATCH.topics, BatchStatus.OPEN)
    assert len(found.code) == 4


async def test_a_code_that_was_given_stays(database: Database) -> None:
    number = await add(database, replace(BATCH, code="4821"))
    async with database.read() as connection:
        found = await find_batch(connection, number)
    assert found is not None
    assert found.code == "4821"


async def test_there_is_no_batch_of_an_unknown_id(database: Database) -> None:
    async with database.read() as connection:
        assert await find_batch(connection, 77) is None


async def test_batches_are_listed_soonest_first_and_those_that_are_over_only_on_demand(database: Database) -> None:
    def moved(days: int, title: str) -> Batch:
        shift = timedelta(days=days)
        return replace(BATCH, title=title, starts=BATCH.starts + shift, ends=BATCH.ends + shift)

    later, past, soon = moved(10, "later"), moved(-30, "past"), moved(0, "soon")
    running = replace(BATCH, title="running", starts=NOW - timedelta(hours=1), ends=NOW + timedelta(hours=1))
    called_off = replace(moved(5, "called off"), status=BatchStatus.CANCELLED)
    for batch in (later, past, soon, running, called_off):
        await add(database, batch)
    async with database.read() as connection:
        upcoming = await list_batches(connection, NOW, upcoming=True)
        everything = await list_batches(connection, NOW, upcoming=False)
    assert [batch.title for batch in upcoming] == ["running", "soon", "called off", "later"]
    assert [batch.title for batch in everything] == ["past", "running", "soon", "called off", "later"]


async def test_a_roster_shows_seats_then_offers_then_the_queue_then_the_rest(database: Database) -> None:
    number = await add(database, BATCH)
    other = await add(database, BATCH)
    await register(database, number, 1, "telegram", status=Status.WAITING, place=5)
    await register(database, number, 2, "telegram", status=Status.LEFT)
    await register(database, number, 3, "whatsapp", status=Status.WAITING, place=4)
    await register(database, number, 4, "whatsapp", status=Status.OFFERED, place=3)
    await register(database, number, 6, "console", registered=NOW + timedelta(minutes=5))
    await register(database, number, 5, "console", registered=NOW + timedelta(minutes=6))
    await register(database, number, 7, "web", status=Status.OVER, registered=NOW)
    await register(database, other, 8, "web")
    async with database.read() as connection:
        rows = await roster(connection, number)
    assert [(row.registration.profile["name"], row.channel) for row in rows] == [
        ("व्यक्ति 7", "web"),
        ("व्यक्ति 6", "console"),
        ("व्यक्ति 5", "console"),
        ("व्यक्ति 4", "whatsapp"),
        ("व्यक्ति 3", "whatsapp"),
        ("व्यक्ति 1", "telegram"),
        ("व्यक्ति 2", "telegram"),
    ]
    assert {row.registration.batch for row in rows} == {number}


async def test_a_registration_is_read_as_it_was_written(database: Database) -> None:
    number = await add(database, BATCH)
    await register(database, number, 1, "web", coming=True, attended=NOW, tries=2, stars=4, remark="अच्छा", reminded=NOW)
    async with database.read() as connection:
        row = (await connection.execute(sa.select(*REGISTRATION_COLUMNS))).one()
    read = registration_of(row)
    assert read == Registration(
        batch=number,
        person=read.person,
        mobile="+919876543201",
        status=Status.SEATED,
        registered=NOW + timedelta(minutes=1),
        profile={"name": "व्यक्ति 1"},
        reminded=NOW,
        coming=True,
        attended=NOW,
        tries=2,
        stars=4,
        remark="अच्छा",
    )
    assert type(read.status) is Status


async def test_erased_people_are_still_counted(database: Database) -> None:
    number = await add(database, BATCH)
    async with database.write() as connection:
        rows = [{"batch": number, "what": what, "count": count} for what, count in (("over", 3), ("attended", 2))]
        await connection.execute(sa.insert(counts), rows)
    async with database.read() as connection:
        assert await erased_counts(connection, number) == {"attended": 2, "over": 3}
        assert await erased_counts(connection, number + 1) == {}


async def test_the_database_itself_refuses_a_batch_that_ends_before_it_starts(database: Database) -> None:
    number = await add(database, BATCH)
    with pytest.raises(sa.exc.IntegrityError):
        async with database.write() as connection:
            await connection.execute(
                sa.update(batches).where(batches.c.id == number).values(ends=BATCH.starts - timedelta(hours=1))
            )


def test_no_code_is_one_that_is_tried_first() -> None:
    codes = {new_code() for _ in range(3000)}
    assert all(code.isdecimal() and len(code) == 4 and code[0] != "0" for code in codes)
    assert codes.isdisjoint({"1111", "1234", "4321", "1212", "7788", "2026", "1947"})
    assert len(codes) > 1000
