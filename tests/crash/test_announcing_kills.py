"""
A real process is killed (SIGKILL) while it announces, at every step and at random moments, and started again: everybody
gets it once, but for those to whom it was on its way; they are in the ledger as not known, and are as many at most as
may be on their way.

Whole size: ``GEM_SAATHI_FULL=1``: 200 random kills over one announcement to 5,000 people instead of 8 over 400.
"""

import os
import random
import signal
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from bot.announcing import Draft, make, send, status
from bot.core.announcements.announcement import Stage
from bot.outbox import AT_ONCE
from bot.store.database import Database
from bot.store.outgoing import Fate
from bot.store.tables import outbox, people
from tests.crash.fake_platform import FakePlatform
from tests.crash.talks import CHANNEL
from tests.crash.workers import Workers, ended, server_has_noticed

KILLS, RECIPIENTS = (200, 5_000) if os.environ.get("GEM_SAATHI_FULL") else (8, 400)
# At which of its occurrences the process dies: in the middle.
STEPS = {
    "freezing": 1,
    "advanced": 2,
    "claiming": 2,
    "claimed": 2,
    "sending": 40,
    "sent": 40,
    "recording": 1,
    "recorded": 1,
}


async def announce(database: Database, count: int) -> int:
    """So many people, and an announcement to them that begins at once; its number."""
    now = datetime.now(UTC) - timedelta(minutes=2)
    values = {"channel": CHANNEL, "news": True, "created": now, "heard": now}
    rows = [values | {"address": f"p{number}", "name": f"n{number}"} for number in range(count)]
    async with database.write() as connection:
        await connection.execute(people.insert(), rows)
    made = await make(database, Draft("नमस्ते {name}"), "test", now)
    return (await send(database, made.id, "test", now)).id


async def claimed(database: Database) -> set[str]:
    """To whom it was on its way when a process was killed."""
    if not database.is_sqlite:
        await server_has_noticed(database)
    async with database.read() as connection:
        found = await connection.execute(sa.select(outbox.c.address).where(outbox.c.status == Fate.CLAIMED))
    under_way = set(found.scalars())
    assert len(under_way) <= AT_ONCE
    return under_way


async def fates(database: Database) -> Mapping[str, str]:
    async with database.read() as connection:
        rows = await connection.execute(sa.select(outbox.c.address, outbox.c.status))
        return {row.address: row.status for row in rows}


def got(platform: FakePlatform) -> int:
    """How many people have got it."""
    return sum(map(bool, platform.arrived.values()))


async def finish(workers: Workers, database: Database, number: int) -> None:
    """A last process that is left alone until the announcement is over."""
    async with workers.worker() as process:
        while (await status(database, number)).announcement.stage is not Stage.FINISHED:
            assert process.is_alive()
        process.terminate()
        assert await ended(process) == 0


async def check(database: Database, platform: FakePlatform, count: int, doubtful: set[str]) -> None:
    """Everybody has got it once; who has not, or of whom it is not known, was in doubt."""
    told = await fates(database)
    times = {address: len(platform.arrived[address]) for address in told}
    assert Counter(times.values()).keys() <= {0, 1}
    assert len(told) == count
    assert set(told.values()) <= {Fate.SENT, Fate.UNKNOWN}
    assert {address for address, fate in told.items() if fate == Fate.UNKNOWN} <= doubtful
    assert {address for address in told if not times[address]} <= {
        address for address, fate in told.items() if fate == Fate.UNKNOWN
    }
    assert all(platform.arrived[f"p{number}"] in ([], [f"नमस्ते n{number}"]) for number in range(count))


@pytest.mark.parametrize("step", STEPS)
async def test_killed_at_a_step_it_goes_on_with_those_who_are_left(
    step: str, database: Database, workers: Workers, platform: FakePlatform
) -> None:
    number = await announce(database, 100)
    async with workers.worker(step, STEPS[step]) as process:
        assert await ended(process) == -signal.SIGKILL
    doubtful = await claimed(database)
    await finish(workers, database, number)
    await check(database, platform, 100, doubtful)


async def test_killed_at_random_moments_nobody_gets_it_twice_and_nobody_is_skipped(
    database: Database, workers: Workers, platform: FakePlatform
) -> None:
    chance = random.Random(26)  # noqa: S311 - no secret
    number = await announce(database, RECIPIENTS)
    doubtful = set[str]()
    for _ in range(KILLS):
        enough = got(platform) + chance.randint(1, RECIPIENTS // KILLS)
        async with workers.worker() as process:
            await platform.until(lambda: got(platform) >= min(enough, RECIPIENTS - len(doubtful)))  # noqa: B023
            process.kill()
            assert await ended(process) == -signal.SIGKILL
        doubtful |= await claimed(database)
    await finish(workers, database, number)
    await check(database, platform, RECIPIENTS, doubtful)
