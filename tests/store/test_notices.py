import asyncio

import pytest

from bot.core.talk.notices import notify
from bot.core.talk.state import State, World
from bot.core.workshops.acts import News, Notice
from bot.core.workshops.seats import Seats
from bot.store.database import Database
from bot.store.erasing import erase
from bot.store.notices import addressees, notices_of
from bot.store.outgoing import NOTICES
from bot.store.people import meet
from bot.store.queueing import queue
from tests.seats.given import NOW, batch
from tests.seats.people import add_batches, add_people, queued_in, until_waiting
from tests.seats.process import CHANNEL, small_world

BATCH = batch()


@pytest.fixture(scope="module")
def world() -> World:
    return small_world()


async def ids_of(database: Database, *addresses: str) -> list[int]:
    async with database.write() as connection:
        met = await meet(connection, {(CHANNEL, address): "" for address in addresses}, NOW, "hi")
    return [met[CHANNEL, address].id for address in addresses]


def told(*notices: Notice) -> Seats:
    seats = Seats([BATCH], [], NOW, {})
    seats.notices += notices
    return seats


async def test_each_is_told_in_their_language_in_order_and_after_replies(database: Database, world: World) -> None:
    sita, ram = await ids_of(database, "sita", "ram")
    async with database.write() as connection:
        await connection.exec_driver_sql("UPDATE people SET language = 'en' WHERE address = 'ram'")
    given = [
        Notice(person, news, BATCH) for person, news in ((ram, News.LAPSED), (sita, News.OFFER), (ram, News.CHANGED))
    ]
    async with database.write() as connection:
        rows = await notices_of(connection, told(*given), world.phrases)
    assert [(row.person, row.channel, row.address, row.kind, row.priority) for row in rows] == [
        (ram, CHANNEL, "ram", News.LAPSED, NOTICES),
        (sita, CHANNEL, "sita", News.OFFER, NOTICES),
        (ram, CHANNEL, "ram", News.CHANGED, NOTICES),
    ]
    expected = [notify(each, "en" if each.person == ram else "hi", world.phrases) for each in given]
    assert [row.reply for row in rows] == expected


async def test_without_notices_there_is_nothing_to_tell(database: Database, world: World) -> None:
    async with database.write() as connection:
        assert await notices_of(connection, told(), world.phrases) == []


async def test_who_is_not_there_any_more_is_told_nothing(database: Database, world: World) -> None:
    sita, ram = await ids_of(database, "sita", "ram")
    async with database.write() as connection:
        await erase(connection, [sita])
        notices = [Notice(person, News.OFFER, BATCH) for person in (sita, ram)]
        rows = await notices_of(connection, told(*notices), world.phrases)
    assert [row.person for row in rows] == [ram]


@pytest.mark.parametrize("engine_name", ["postgresql"])
async def test_who_is_just_being_erased_by_another_process_is_told_nothing(database: Database, world: World) -> None:
    await add_batches(database, BATCH)
    await add_people(database, {"sita": State(), "ram": State()})
    sita, ram = await ids_of(database, "sita", "ram")

    async def tell() -> None:
        async with database.write() as connection:
            notices = [Notice(person, News.OFFER, BATCH) for person in (sita, ram)]
            await queue(connection, await notices_of(connection, told(*notices), world.phrases), NOW)

    async with database.write() as connection:
        await erase(connection, [sita])
        telling = asyncio.create_task(tell())
        await until_waiting(database, telling)
    await telling
    assert list(await queued_in(database)) == ["ram"]


async def test_addressees_are_found_with_channel_and_language(database: Database) -> None:
    sita, ram = await ids_of(database, "sita", "ram")
    async with database.write() as connection:
        assert await addressees(connection, [ram, sita, 10_000]) == {
            sita: (CHANNEL, "sita", "hi"),
            ram: (CHANNEL, "ram", "hi"),
        }
