"""
A process of its own with a whole inbox, as one of several on one database: ``python -m tests.seats.process``.

A job comes as a line of JSON; "ready" goes out once its database is open; "go" comes, so that all processes begin at
once; then it takes the messages and, meanwhile, lets the clock and the office do what they do; what was logged or went
wrong goes out as a line of JSON. An empty line ends it.
"""

import asyncio
import json
import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.config import shipped
from bot.content.locales import load_phrases
from bot.core.answers.calibration import SHIPPED
from bot.core.answers.faq import Entry, Faq
from bot.core.answers.matcher import Matcher, learn_faq
from bot.core.talk.message import Incoming
from bot.core.talk.state import World
from bot.inbox import Inbox
from bot.staff import change_batch
from bot.store.batches import find_batch
from bot.store.database import Database, open_database
from bot.store.reminding import pass_time

CHANNEL = "web"
_ENTRIES = (
    Entry("tea", "all", {"hi": "चाय"}, {"hi": "चाय यहाँ मिलती है।"}, ("चाय कहाँ मिलेगी", "chai do")),
    Entry("book", "all", {"hi": "किताब"}, {"hi": "किताब वहाँ है।"}, ("किताब कहाँ है", "pustak dikhao")),
)


@dataclass(frozen=True)
class Job:
    """
    What one process does.

    Attributes:
        url: the database.
        now: what its clock says, ISO 8601.
        messages: (address, id, text, press), in the order of arrival.
        clock: what the clock says to the timer, which looks so often; "" and 0 for no timer.
        more_seats: the batches to which the office adds a seat.
    """

    url: str
    now: str
    messages: list[tuple[str, str, str, str]] = field(default_factory=list)
    clock: str = ""
    looks: int = 0
    more_seats: list[int] = field(default_factory=list)


def small_world() -> World:
    """All that is said, and two answers."""
    faq = Faq((), _ENTRIES)
    return World(faq, Matcher(faq, learn_faq(faq), SHIPPED), load_phrases(shipped("locales")))


def incoming(message: tuple[str, str, str, str], now: datetime) -> Incoming:
    """A message of a job."""
    address, number, text, press = message
    return Incoming(CHANNEL, address, number, now, text, press, name=f"नाम {address}")


async def take_all(inbox: Inbox, messages: list[Incoming]) -> None:
    """Let an inbox take messages that come at once, in this order."""
    running = asyncio.create_task(inbox.run())
    await asyncio.gather(*map(inbox.take, messages))
    running.cancel()


async def _do(job: Job, world: World, database: Database) -> None:
    now = datetime.fromisoformat(job.now)
    inbox = Inbox(database, lambda: world, lambda: now)
    async with asyncio.TaskGroup() as group:
        group.create_task(take_all(inbox, [incoming(message, now) for message in job.messages]))
        if job.looks:
            group.create_task(_look(job, world, database))
        for batch in job.more_seats:
            group.create_task(_add_seat(batch, world, database, now))


async def _look(job: Job, world: World, database: Database) -> None:
    for _ in range(job.looks):
        await pass_time(database, world.phrases, datetime.fromisoformat(job.clock))


async def _add_seat(batch: int, world: World, database: Database, now: datetime) -> None:
    async with database.read() as connection:
        found = await find_batch(connection, batch)
    if found is not None:
        await change_batch(database, replace(found, seats=found.seats + 1), world.phrases, now)


class _Told(logging.Handler):
    """What the program complains of."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


async def _serve(world: World, hear: Callable[[], str], say: Callable[[str], None]) -> None:
    while line := (await asyncio.to_thread(hear)).strip():
        values: dict[str, Any] = json.loads(line)
        job = Job(**values | {"messages": [tuple(message) for message in values["messages"]]})
        told = _Told()
        logging.getLogger("bot").addHandler(told)
        database = await open_database(job.url)
        say("ready")
        await asyncio.to_thread(hear)
        try:
            await _do(job, world, database)
        except Exception as error:  # noqa: BLE001 - the test wants to know of all
            told.lines.append(repr(error))
        finally:
            await database.close()
            logging.getLogger("bot").removeHandler(told)
        say(json.dumps(told.lines))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_serve(small_world(), sys.stdin.readline, _say))
