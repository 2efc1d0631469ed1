"""The timer, with a clock of the test's."""

import asyncio
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from bot.core.talk.state import World
from bot.core.workshops.batch import Status
from bot.inbox import Inbox
from bot.store.database import Database
from bot.store.tables import people
from bot.timer import PURGE_EVERY, Timer
from tests.seats.given import NOW, batch, ist, mobile
from tests.seats.people import add_batches, add_people, at_summary, registered_in
from tests.seats.process import incoming, small_world, take_all

YEARS = timedelta(days=730)


@pytest.fixture(scope="module")
def world() -> World:
    return small_world()


class Clock:
    """Says what it is told."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


async def registered(database: Database, world: World) -> None:
    (number,) = await add_batches(database, batch(seats=1))
    await add_people(database, {"sita": at_summary(mobile(1), number, world)})
    inbox = Inbox(database, lambda: world, lambda: NOW)
    await take_all(inbox, [incoming(("sita", "1", "", "f:1:confirm"), NOW)])


async def known(database: Database) -> int:
    async with database.read() as connection:
        return int((await connection.execute(sa.select(sa.func.count()).select_from(people))).scalar_one())


async def test_the_outbox_is_woken_only_when_something_was_queued(database: Database, world: World) -> None:
    await registered(database, world)
    clock, woken = Clock(ist(20, 9)), list[datetime]()
    timer = Timer(database, lambda: world, clock, queued=lambda: woken.append(clock.now))
    await timer.look()
    assert woken == []
    clock.now = ist(20, 10)
    await timer.look()
    await timer.look()
    assert woken == [ist(20, 10)]


async def test_a_batch_that_ended_becomes_history(database: Database, world: World) -> None:
    await registered(database, world)
    await Timer(database, lambda: world, lambda: ist(23, 16)).look()
    assert [its.status for (its,) in (await registered_in(database)).values()] == [Status.OVER]


async def test_people_are_forgotten_at_the_start_and_then_every_few_hours(database: Database, world: World) -> None:
    clock = Clock(NOW + YEARS)
    timer = Timer(database, lambda: world, clock)
    await registered(database, world)
    await timer.look()  # heard of exactly so long ago
    assert await known(database) == 1
    clock.now += PURGE_EVERY - timedelta(seconds=1)
    await timer.look()
    assert await known(database) == 1
    clock.now += timedelta(seconds=1)
    await timer.look()
    assert await known(database) == 0


async def test_it_looks_as_soon_as_it_runs_and_ends_when_it_is_cancelled(database: Database, world: World) -> None:
    await registered(database, world)
    queued = asyncio.Event()
    running = asyncio.create_task(Timer(database, lambda: world, lambda: ist(20, 10), queued=queued.set).run())
    await queued.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
