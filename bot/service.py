"""
Wires what handles messages: the database, the inbox, the outbox, the timer.

Apart from ``app``, so that commands which only ask the FAQ do not pay for loading a database library.
"""

import gc
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.announcer import RULES, Announcer, Rules
from bot.calendar_file import MEDIA_TYPE, calendar_name, calendar_text
from bot.channels.contract import Sender
from bot.core.announcements.outcomes import Outcomes
from bot.core.pacing import Pace
from bot.core.talk.message import Document
from bot.core.talk.phrases import Phrases
from bot.core.talk.state import Answers, World
from bot.core.workshops.batch import IST, Batch
from bot.helpdesk import Clerk
from bot.inbox import Inbox
from bot.keeping import Keeper
from bot.library import Library, Place
from bot.outbox import Outbox
from bot.staffroom import NO_OFFICE, Office, Staffroom
from bot.store.database import Database, open_database
from bot.timer import Timer
from bot.weekly import Weekly


def now() -> datetime:
    """The time, aware."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Service:
    """What handles messages: taken in, sent out, and what the clock makes due."""

    database: Database
    inbox: Inbox
    outbox: Outbox
    timer: Timer
    announcer: Announcer
    staffroom: Staffroom
    library: Library | None
    keeper: Keeper | None
    weekly: Weekly
    clerk: Clerk


@asynccontextmanager
async def open_service(
    world: World,
    address: str,
    senders: Mapping[str, Sender],
    clock: Callable[[], datetime] = now,
    paces: Mapping[str, Pace] | None = None,
    rules: Rules = RULES,
    office: Office = NO_OFFICE,
) -> AsyncIterator[Service]:
    """
    The parts that handle messages, on a database that is opened for them; nothing runs yet.

    Args:
        world: what conversations need to know.
        address: of the database, see ``open_database``.
        senders: channel -> who sends on it.
        clock: tells the time, aware.
        paces: channel -> how fast it may be sent to; the others, as fast as it goes.
        rules: how announcements are sent.
        office: whose they are.

    Raises:
        StoreError: the database cannot be used.
    """
    database = await open_database(address)
    try:
        yield service_on(database, world, senders, clock, paces, rules, office)
    finally:
        await database.close()


def service_on(
    database: Database,
    world: World,
    senders: Mapping[str, Sender],
    clock: Callable[[], datetime] = now,
    paces: Mapping[str, Pace] | None = None,
    rules: Rules = RULES,
    office: Office = NO_OFFICE,
    place: Place | None = None,
    wrap: Callable[[Answers], Answers] = lambda answers: answers,
) -> Service:
    """
    The parts that handle messages, on an open database; nothing runs yet.

    Args:
        database: which.
        world: what conversations need to know.
        senders: channel -> who sends on it.
        clock: tells the time, aware.
        paces: channel -> how fast it may be sent to; the others, as fast as it goes.
        rules: how announcements are sent.
        office: whose they are.
        place: where answers come from, where they may change; None for those of ``world`` alone.
        wrap: what is put around whatever answers then.
    """
    # What is loaded by now stays; looking through it at each collection of garbage costs 7 % of the time.
    gc.collect()
    gc.freeze()
    world = replace(world, calendar=lambda batch, language: _calendar(batch, world.phrases, language))
    outcomes = Outcomes()
    outbox = Outbox(
        database,
        senders,
        lambda: world.phrases,
        clock,
        editors=office.editors,
        paces=paces,
        announced=outcomes.heard,
    )
    library = None if place is None else Library(database, place, world, clock, wrap=wrap, queued=outbox.wake)

    def at_present() -> World:
        if library is not None:
            return library.world()
        return replace(world, today=clock().astimezone(IST).date())

    return Service(
        database,
        Inbox(database, at_present, clock, announce_above=office.above, queued=outbox.wake),
        outbox,
        Timer(database, at_present, clock, queued=outbox.wake),
        Announcer(database, senders, rules, clock, paces=paces, outcomes=outcomes, queued=outbox.wake),
        Staffroom(database, office, world.roster, world.phrases, clock, queued=outbox.wake),
        library,
        None if place is None else Keeper(database, place, world.phrases, clock, queued=outbox.wake),
        Weekly(database, at_present, clock, queued=outbox.wake),
        Clerk(database, at_present, clock, queued=outbox.wake),
    )


def _calendar(batch: Batch, phrases: Phrases, language: str) -> Document:
    return Document(calendar_name(batch), MEDIA_TYPE, calendar_text(batch, phrases, language))
