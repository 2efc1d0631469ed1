"""
A process with the real inbox, outbox and announcer, that takes messages from a fake platform and sends there.

It kills itself, as nobody can catch, when it comes to a given step for the so-manieth time. SIGTERM asks it to stop.
Processes are forked from one that has imported everything, for that takes longer than most of them live.
"""

import asyncio
import logging
import os
import signal
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from bot.announcer import Announcer, Rules
from bot.core.quiet import Quiet
from bot.core.talk.message import Incoming, Reply
from bot.inbox import Inbox
from bot.outbox import Outbox
from bot.store.database import open_database
from tests.crash.fake_platform import call
from tests.crash.talks import CHANNEL, small_world

# Steps of the channel itself: before a batch is given to the inbox, before the platform hears that it may forget it.
FETCHED, ANSWERED = "fetched", "answered"
AT_ANY_TIME = Rules(Quiet(time(0), time(0)))


class Post:
    """The channel."""

    def __init__(self, port: int, step: Callable[[str], None]) -> None:
        self._port = port
        self._step = step

    async def send(self, address: str, reply: Reply, *, heard: datetime | None = None, ours: str = "") -> str:  # noqa: ARG002
        """Send."""
        return str((await call(self._port, "send", {"address": address, "text": reply.text}))["id"])

    async def poll(self, inbox: Inbox) -> None:
        """Take what is there, until cancelled."""
        offset = 0
        while True:
            updates = await call(self._port, "updates", {"offset": offset})
            self._step(FETCHED)
            messages = [
                Incoming(CHANNEL, each["address"], str(each["id"]), _now(), each["text"], each["press"])
                for each in updates
            ]
            await asyncio.gather(*map(inbox.take, messages))
            self._step(ANSWERED)
            offset = max([offset, *(each["id"] + 1 for each in updates)])


def _now() -> datetime:
    return datetime.now(UTC)


def _killer(step: str, count: int) -> Callable[[str], None]:
    passed: Counter[str] = Counter()

    def at(name: str) -> None:
        passed[name] += 1
        if name == step and passed[name] == count:
            os.kill(os.getpid(), signal.SIGKILL)

    return at


async def _work(address: str, port: int, step: Callable[[str], None]) -> None:
    world = small_world()
    database = await open_database(address)
    channel = Post(port, step)
    # Whoever is found to have claimed something when this starts is dead.
    outbox = Outbox(database, {CHANNEL: channel}, lambda: world.phrases, _now, lease=timedelta(0), step=step)
    inbox = Inbox(database, lambda: world, _now, queued=outbox.wake, step=step)
    announcer = Announcer(database, [CHANNEL], AT_ANY_TIME, _now, queued=outbox.wake, step=step)
    parts = (inbox.run(), outbox.run(), announcer.run(), channel.poll(inbox))
    async with asyncio.TaskGroup() as running:
        tasks = [running.create_task(each) for each in parts]
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, lambda: [task.cancel() for task in tasks])
    await database.close()


def run(address: str, port: int, log: Path, step: str, count: int) -> None:
    """Work until told to stop, or until the step comes for the ``count``-th time."""
    with log.open("wb", buffering=0) as out:
        os.dup2(out.fileno(), 2)
    logging.basicConfig()
    asyncio.run(_work(address, port, _killer(step, count)))


def start(address: str, port: int, log: Path, step: str = "", count: int = 0) -> ForkServerProcess:
    """A process of its own that does so."""
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__, "sqlalchemy.dialects.postgresql.asyncpg", "asyncpg", "pytest"])
    process = context.Process(target=run, args=(address, port, log, step, count))
    process.start()
    return process
