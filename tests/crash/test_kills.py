"""
A real process is killed (SIGKILL) at every step between receiving and sending, and at random moments, and started
again: every message is handled once, every reply arrives in order, and twice only what was on its way.

Whole size: ``GEM_SAATHI_FULL=1`` kills at 200 random moments for each engine instead of 10.
"""

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.talk.message import Incoming, Reply
from bot.core.workshops.batch import Status
from bot.inbox import Inbox
from bot.outbox import AT_ONCE, Outbox
from bot.store.batches import find_batch, insert_batch
from bot.store.database import Database
from bot.store.outgoing import Fate
from bot.store.tables import consents, dead_letters, outbox, people, registrations, seen, unanswered
from tests.crash.fake_platform import FakePlatform
from tests.crash.talks import CHANNEL, MESSAGES, address, batch, replies, small_world, talk
from tests.crash.worker import ANSWERED, FETCHED
from tests.crash.workers import Workers, ended, server_has_noticed

PEOPLE, SEATS = 12, 8
# At which of its occurrences the process dies: in the middle of the talks.
STEPS = {
    FETCHED: 2,
    "received": 5,
    "seen": 4,
    "loaded": 6,
    "decided": 11,
    "settled": 2,
    "saved": 11,
    "committed": 7,
    "acknowledged": 3,
    ANSWERED: 1,
    "claiming": 4,
    "claimed": 3,
    "sending": 50,
    "sent": 30,
    "recording": 1,
    "recorded": 1,
}
Sent = tuple[str, str]  # address and text
KILLS = 200 if os.environ.get("GEM_SAATHI_FULL") else 10
PEOPLE_A_KILL = 5


async def add_batch(database: Database, seats: int) -> None:
    async with database.write() as connection:
        await insert_batch(connection, batch(seats))


async def write_all(platform: FakePlatform, persons: Iterable[int]) -> None:
    """All at once: each person's next message comes long before the last one is answered."""
    for messages in zip(*([(person, *said) for said in talk(person)] for person in persons), strict=True):
        for person, text, press in messages:
            await platform.write(address(person), text, press)


async def rows_of(database: Database, which: sa.ColumnElement[bool]) -> Counter[Sent]:
    async with database.read() as connection:
        rows = await connection.execute(sa.select(outbox.c.address, outbox.c.body).where(which))
        return Counter((where, body["text"]) for where, body in rows)


async def in_doubt(database: Database) -> Counter[Sent]:
    """What a dead process may or may not have sent."""
    if not database.is_sqlite:
        await server_has_noticed(database)
    claimed = await rows_of(database, outbox.c.status == Fate.CLAIMED)
    assert claimed.total() <= AT_ONCE
    return claimed


def twice(platform: FakePlatform) -> Counter[Sent]:
    """What people got more than once, and how often too often."""
    got = Counter((where, text) for where, texts in platform.arrived.items() for text in texts)
    return Counter({sent: times - 1 for sent, times in got.items() if times > 1})


async def finish(workers: Workers, platform: FakePlatform, persons: int) -> None:
    """A last process that is left alone until all is done, and then is asked to stop."""

    def is_done() -> bool:
        return platform.acknowledged == platform.written and platform.told == persons * MESSAGES

    async with workers.worker() as process:
        await platform.until(is_done, 60 + persons)
        process.terminate()
        assert await ended(process) == 0


def has_begun(platform: FakePlatform, before: int, again: Mapping[Sent, int]) -> bool:
    """Whether a process has asked for updates, and sent again what was in doubt."""
    return platform.requests > before and all(platform.times(*sent) > times for sent, times in again.items())


async def check(database: Database, platform: FakePlatform, persons: int, seats: int) -> None:
    """Everybody is registered once and has read each reply in order; nothing is left over."""
    workshop = batch(seats)
    places = Counter[str]()
    for person in range(persons):
        told = [text for text, _ in groupby(platform.arrived[address(person)])]
        expected = replies(person, workshop)
        assert told[:-1] == expected[:-1]
        places["seated" if told[-1] == expected[-1] else told[-1]] += 1
    assert places["seated"] == min(seats, persons)
    assert max(count for place, count in places.items() if place != "seated") == 1

    async def column(statement: Any) -> list[Any]:
        async with database.read() as connection:
            return list((await connection.execute(statement)).scalars())

    async with database.read() as connection:
        found = await find_batch(connection, 1)
    assert found is not None
    assert (found.taken, found.waiting, found.places) == (seats, persons - seats, persons - seats)
    by_person = sa.select(registrations.c.status).order_by(registrations.c.person)
    assert Counter(await column(by_person)) == {Status.SEATED: seats, Status.WAITING: persons - seats}
    waiting = sa.select(registrations.c.place).where(registrations.c.place > 0).order_by(registrations.c.place)
    assert await column(waiting) == [*range(1, persons - seats + 1)]
    assert sorted(await column(sa.select(people.c.address))) == sorted(map(address, range(persons)))
    assert sorted(await column(sa.select(consents.c.person))) == sorted(await column(sa.select(people.c.id)))
    assert await column(sa.select(unanswered.c.count)) == [persons]
    assert len(await column(sa.select(seen.c.message))) == persons * MESSAGES
    assert len(await column(sa.select(outbox.c.id))) == persons * MESSAGES
    assert await rows_of(database, outbox.c.status != Fate.SENT) == Counter()
    assert await column(sa.select(dead_letters.c.id)) == []


@pytest.mark.parametrize("step", STEPS)
async def test_killed_at_a_step_it_loses_nothing_and_doubles_only_what_was_on_its_way(
    step: str, database: Database, workers: Workers, platform: FakePlatform
) -> None:
    await add_batch(database, SEATS)
    await write_all(platform, range(PEOPLE))
    async with workers.worker(step, STEPS[step]) as process:
        assert await ended(process) == -signal.SIGKILL
    doubtful = await in_doubt(database)
    await finish(workers, platform, PEOPLE)
    assert twice(platform) <= doubtful
    await check(database, platform, PEOPLE, SEATS)


async def test_killed_at_random_moments_it_loses_nothing_and_doubles_only_what_was_on_its_way(
    database: Database, workers: Workers, platform: FakePlatform
) -> None:
    chance = random.Random(26)  # noqa: S311 - no secret
    await add_batch(database, KILLS * 2)
    doubtful, last = Counter[Sent](), Counter[Sent]()
    for kill in range(KILLS):
        await write_all(platform, range(kill * PEOPLE_A_KILL, (kill + 1) * PEOPLE_A_KILL))
        before = platform.requests
        again = {sent: platform.times(*sent) for sent in last}
        async with workers.worker() as process:
            # What many died over is given up, so what is in doubt is given the time to arrive.
            await platform.until(partial(has_begun, platform, before, again))
            asyncio.get_running_loop().call_later(chance.uniform(0, 0.25), process.kill)
            assert await ended(process) == -signal.SIGKILL
        last = await in_doubt(database)
        doubtful += last
    await finish(workers, platform, KILLS * PEOPLE_A_KILL)
    assert twice(platform) <= doubtful
    await check(database, platform, KILLS * PEOPLE_A_KILL, KILLS * 2)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_there_is_no_step_at_which_it_is_not_killed(database: Database) -> None:
    class Nowhere:
        async def send(self, _address: str, _reply: Reply, *, heard: datetime | None = None, ours: str = "") -> str:  # noqa: ARG002
            return ""

    passed: set[str] = set()
    world = small_world()

    def clock() -> datetime:
        return batch(1).starts

    out = Outbox(database, {CHANNEL: Nowhere()}, lambda: world.phrases, clock, step=passed.add)
    inbox = Inbox(database, lambda: world, clock, step=passed.add)
    running = asyncio.create_task(inbox.run())
    await inbox.take(Incoming(CHANNEL, "a", "1", clock(), press="workshop"))
    await out.drain()
    running.cancel()
    assert passed == STEPS.keys() - {FETCHED, ANSWERED}
