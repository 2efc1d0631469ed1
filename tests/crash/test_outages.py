"""
The database goes away in the middle of traffic and comes back: nobody is acknowledged meanwhile, the log says it once,
and each message is handled once.
"""

import asyncio
import logging
import resource
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.core.talk.message import Incoming
from bot.core.talk.state import World
from bot.inbox import Inbox
from bot.outbox import Outbox
from bot.store.batches import find_batch, insert_batch
from bot.store.database import Database, open_database
from bot.store.outgoing import LEASE
from bot.store.tables import dead_letters, outbox, people, registrations, seen, unanswered
from tests.crash.drops_commits import DropsCommits
from tests.crash.talks import CHANNEL, MESSAGES, address, batch, replies, small_world, talk
from tests.crash.waiting import Letterbox, Tally, running
from tests.databases import Server
from tests.store.test_database import as_somebody_else

NOW = batch(1).starts.replace(day=1)
PEOPLE = 20
TRIES = 2
# Everybody's messages but the last three, and the rest.
BEFORE = MESSAGES - 3
sqlite_only = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
postgresql_only = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)


class Traffic:
    """
    People who register, through a real inbox and outbox.

    Attributes:
        database: which.
        steps: the inbox's.
        tries: called each time a slice is begun or tried again.
        letterbox: what they got.
    """

    def __init__(self, database: Database, steps: Tally | None = None) -> None:
        self.database = database
        self.steps = steps or Tally()
        self.tries = Tally()
        self.letterbox = Letterbox()
        self.outbox = Outbox(database, {CHANNEL: self.letterbox}, lambda: small_world().phrases, lambda: NOW)
        self._inbox = Inbox(database, self._world, lambda: NOW, step=self.steps)

    def _world(self) -> World:
        self.tries()
        return small_world()

    async def begin(self) -> None:
        """A batch with seats for all."""
        async with self.database.write() as connection:
            await insert_batch(connection, batch(PEOPLE))

    @asynccontextmanager
    async def flowing(self) -> AsyncIterator[None]:
        """Let the inbox run."""
        async with running(self._inbox.run()):
            yield

    def take(self, first: int = 0, last: int = MESSAGES) -> list[asyncio.Task[None]]:
        """Each person's messages from one number to another, all at once."""
        return [
            asyncio.create_task(
                self._inbox.take(Incoming(CHANNEL, address(person), f"{person}/{number}", NOW, text, press))
            )
            for number in range(first, last)
            for person in range(PEOPLE)
            for text, press in ([*talk(person)][number],)
        ]

    async def tried_in_vain(self, times: int = TRIES) -> None:
        """Wait until a slice was tried some times more."""
        await self.tries.reaches(len(self.tries.names) + times)

    async def check(self) -> None:
        """Send what is queued; everybody is registered once, and has read every reply once and in order."""
        await self.outbox.drain()
        for person in range(PEOPLE):
            assert self.letterbox.of(address(person)) == replies(person, batch(PEOPLE))
        async with self.database.read() as connection:
            found = await find_batch(connection, 1)
            counts = {
                table.name: await connection.scalar(sa.select(sa.func.count()).select_from(table))
                for table in (people, registrations, seen, outbox, dead_letters)
            }
            asked = await connection.scalar(sa.select(unanswered.c.count))
        assert found is not None
        assert (found.taken, found.waiting, asked) == (PEOPLE, 0, PEOPLE)
        messages = PEOPLE * MESSAGES
        assert counts == {
            "people": PEOPLE, "registrations": PEOPLE, "seen": messages, "outbox": messages, "dead_letters": 0,
        }  # fmt: skip


def told(caplog: pytest.LogCaptureFixture) -> list[tuple[int, str]]:
    return [(record.levelno, record.getMessage()) for record in caplog.records]


def told_once(caplog: pytest.LogCaptureFixture, reason: str) -> None:
    """One line when it went away, naming why, and one when it came back."""
    (gone, why), (back, _) = told(caplog)
    assert (gone, back) == (logging.ERROR, logging.WARNING)
    assert reason in why


async def all_done(tasks: list[asyncio.Task[None]]) -> None:
    async with asyncio.timeout(60):
        await asyncio.gather(*tasks)


@pytest.fixture
async def traffic(database_url: str) -> AsyncIterator[Traffic]:
    database = await open_database(database_url, lock_seconds=0.05)
    its = Traffic(database)
    await its.begin()
    yield its
    await database.close()


# --- SQLite -----------------------------------------------------------------------------------------------------------


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Another program holds the lock."""
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    yield
    other.execute("ROLLBACK")
    other.close()


@contextmanager
def no_file_grows(_: Path) -> Iterator[None]:
    """Whatever this process writes to a file fails."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@sqlite_only
@pytest.mark.parametrize(("outage", "reason"), [(locked, "locked (SQLITE_BUSY)"), (no_file_grows, "SQLITE_IOERR")])
async def test_while_sqlite_cannot_be_written_nobody_is_acknowledged(
    traffic: Traffic,
    database_url: str,
    outage: Callable[[Path], AbstractContextManager[None]],
    reason: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with traffic.flowing():
        await all_done(traffic.take(0, BEFORE))
        with outage(Path(database_url)):
            tasks = traffic.take(BEFORE)
            await traffic.tried_in_vain()
            assert not any(task.done() for task in tasks)
        await all_done(tasks)
    await traffic.check()
    told_once(caplog, reason)


@sqlite_only
async def test_while_the_disk_is_full_nobody_is_acknowledged(
    traffic: Traffic, caplog: pytest.LogCaptureFixture
) -> None:
    async def room(pages: int) -> int:
        async with traffic.database.write() as connection:
            has: int = await connection.scalar(sa.text("PRAGMA page_count"))
            await connection.execute(sa.text(f"PRAGMA max_page_count = {pages or has}"))
            return has

    async with traffic.flowing():
        await room(0)
        tasks = traffic.take()
        await traffic.tried_in_vain()
        assert not any(task.done() for task in tasks)
        await room(1_000_000)
        await all_done(tasks)
    await traffic.check()
    told_once(caplog, "full (SQLITE_FULL)")


@contextmanager
def moved_away(folder: Path) -> Iterator[None]:
    """The folder is somewhere else."""
    away = folder.with_name(f"{folder.name}-away")
    folder.rename(away)
    yield
    away.rename(folder)


@sqlite_only
@pytest.mark.parametrize("outage", [moved_away, as_somebody_else], ids=["moved", "read-only"])
async def test_a_folder_that_is_moved_away_or_made_read_only_for_a_while_loses_nothing(
    traffic: Traffic, database_url: str, outage: Callable[[Path], AbstractContextManager[None]]
) -> None:
    async with traffic.flowing():
        await all_done(traffic.take(0, BEFORE))
        with outage(Path(database_url).parent):
            tasks = traffic.take(BEFORE)
            # They may be handled, through what is open, or may have to wait, but may not be lost.
            await asyncio.wait(tasks, timeout=0.5)
        await all_done(tasks)
    await traffic.check()
    again = await open_database(database_url)
    async with again.read() as connection:
        assert await connection.scalar(sa.select(sa.func.count()).select_from(outbox)) == PEOPLE * MESSAGES
    await again.close()


@sqlite_only
async def test_what_was_sent_while_the_database_was_away_is_not_sent_again(traffic: Traffic, database_url: str) -> None:
    ahead = timedelta(0)
    out = Outbox(traffic.database, {CHANNEL: traffic.letterbox}, lambda: small_world().phrases, lambda: NOW + ahead)
    traffic.letterbox.hanging = {address(person) for person in range(PEOPLE)}
    async with traffic.flowing():
        await all_done(traffic.take())
    async with running(out.run()):
        await traffic.letterbox.tried.reaches(PEOPLE)
        with locked(Path(database_url)):
            traffic.letterbox.release()
            await traffic.letterbox.arrived.reaches(PEOPLE)
            ahead = LEASE * 10
        await traffic.letterbox.arrived.reaches(PEOPLE * MESSAGES)
    await traffic.check()


# --- PostgreSQL -------------------------------------------------------------------------------------------------------


async def test_while_postgresql_is_down_nobody_is_acknowledged(
    own_postgresql_server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    await asyncio.to_thread(own_postgresql_server.run, "CREATE DATABASE outage")
    database = await open_database(own_postgresql_server.at("outage"), upgrade=True)
    traffic = Traffic(database)
    await traffic.begin()
    try:
        async with traffic.flowing():
            tasks = traffic.take()
            await traffic.steps.reaches(20)
            await asyncio.to_thread(own_postgresql_server.stop)
            await traffic.tried_in_vain()
            done = sum(task.done() for task in tasks)
            assert done < len(tasks)
            await traffic.tried_in_vain(1)
            assert sum(task.done() for task in tasks) == done
            await asyncio.to_thread(own_postgresql_server.start)
            await all_done(tasks)
        await traffic.check()
        (gone, _), (back, _) = told(caplog)
        assert (gone, back) == (logging.ERROR, logging.WARNING)
    finally:
        await asyncio.to_thread(own_postgresql_server.start)
        await database.close()
        await asyncio.to_thread(own_postgresql_server.run, "DROP DATABASE outage WITH (FORCE)")


@postgresql_only
@pytest.mark.parametrize("step", ["received", "seen", "loaded", "decided", "settled", "saved"])
async def test_a_connection_that_is_lost_at_a_step_costs_and_doubles_nothing(
    database_url: str, postgresql_server: Server, step: str, caplog: pytest.LogCaptureFixture
) -> None:
    def lose(name: str) -> None:
        if name == step and steps.names.count(step) in (3, 7):
            # A hook is no coroutine, and what ends connections needs a loop of its own.
            ending = threading.Thread(target=postgresql_server.end_connections, args=(database_url,))
            ending.start()
            ending.join()

    steps = Tally(lose)
    database = await open_database(database_url)
    traffic = Traffic(database, steps)
    await traffic.begin()
    async with traffic.flowing():
        await all_done(traffic.take())
    await traffic.check()
    await database.close()
    assert [level for level, _ in told(caplog)] == [logging.ERROR, logging.WARNING] * 2


@postgresql_only
async def test_a_commit_whose_success_nobody_heard_of_is_not_done_twice(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    between = DropsCommits(database_url, {4, 9, 14})
    async with between.serve():
        database = await open_database(between.url)
        traffic = Traffic(database)
        await traffic.begin()
        async with traffic.flowing():
            await all_done(traffic.take())
        await traffic.check()
        await database.close()
    assert between.dropped == 3
    assert [level for level, _ in told(caplog)] == [logging.ERROR, logging.WARNING] * 3


@postgresql_only
async def test_a_claim_of_whose_success_nobody_heard_is_sent_once(database: Database, database_url: str) -> None:
    traffic = Traffic(database)
    await traffic.begin()
    async with traffic.flowing():
        await all_done(traffic.take())
    between = DropsCommits(database_url, {2, 5, 9})
    async with between.serve():
        other = await open_database(between.url)
        ahead = NOW - datetime.now(UTC)
        traffic.outbox = Outbox(
            other,
            {CHANNEL: traffic.letterbox},
            lambda: small_world().phrases,
            lambda: datetime.now(UTC) + ahead,
            lease=timedelta(0),
        )
        await traffic.check()
        await other.close()
    assert between.dropped == 3
