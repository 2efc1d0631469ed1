"""What becomes of messages that are to be sent: later, never, unknown, skipped; on both databases, by a moved clock."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels.contract import NotSentError
from bot.core.talk.message import Incoming, Reply
from bot.core.talk.notices import remind
from bot.core.workshops.batch import IST, Batch, BatchStatus, Status
from bot.core.workshops.reminders import Kind
from bot.inbox import Inbox
from bot.outbox import FIRST_RETRY, LONGEST_RETRY, Outbox
from bot.store.batches import insert_batch
from bot.store.database import Database, open_database
from bot.store.outgoing import LEASE, MAX_TAKEN_OVER, MAX_TRIES, NOTICES, REPLIES
from bot.store.queueing import Outgoing, queue
from bot.store.tables import batches, outbox, people, registrations
from tests.crash.talks import CHANNEL, small_world
from tests.crash.waiting import Letterbox, Tally, running

STARTS = datetime(2026, 12, 11, 10, tzinfo=IST)
WORKSHOP = Batch(1, "GeM", STARTS, STARTS + timedelta(hours=6), "Gorakhpur", 5, STARTS, "4821")
THREE_DAYS_BEFORE = STARTS - timedelta(days=3) + timedelta(hours=2)
postgresql_only = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = THREE_DAYS_BEFORE

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Dying(Exception):  # noqa: N818 - a process dies
    """Where a process dies between claim and record."""


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def letterbox() -> Letterbox:
    return Letterbox()


def outbox_on(database: Database, letterbox: Letterbox, clock: Clock, send_within: float = 15) -> Outbox:
    phrases = small_world().phrases
    return Outbox(database, {CHANNEL: letterbox}, lambda: phrases, clock, send_within=send_within)


async def put(database: Database, *texts: str, address: str = "a", priority: int = REPLIES) -> None:
    async with database.write() as connection:
        rows = [Outgoing(None, CHANNEL, address, Reply(text), priority=priority) for text in texts]
        await queue(connection, rows, THREE_DAYS_BEFORE)
        # Whoever is erased is forgotten when it is sent, and here it is looked at afterwards.
        person = await _person(connection, address)
        await connection.execute(outbox.update().where(outbox.c.address == address).values(person=person))


async def _person(connection: AsyncConnection, address: str) -> int:
    found = await connection.scalar(sa.select(people.c.id).where(people.c.address == address))
    if found is None:
        values = {"channel": CHANNEL, "address": address, "created": THREE_DAYS_BEFORE, "heard": THREE_DAYS_BEFORE}
        found = await connection.scalar(people.insert().values(values).returning(people.c.id))
    return int(found)


async def fates(database: Database) -> list[tuple[str, int, str | None]]:
    """(fate, tries, trouble) of each message, in order."""
    async with database.read() as connection:
        statement = sa.select(outbox.c.status, outbox.c.tries, outbox.c.trouble).order_by(outbox.c.id)
        return [tuple(row) for row in await connection.execute(statement)]


async def dies_over_it(database: Database, clock: Clock, lease: timedelta = LEASE) -> None:
    """A process that claims what is due, and dies."""

    def die(name: str) -> None:
        if name == "claimed":
            raise Dying

    dying = Outbox(database, {CHANNEL: Letterbox()}, lambda: small_world().phrases, clock, lease=lease, step=die)
    with pytest.raises(Dying):
        await dying.drain()


# --- order ------------------------------------------------------------------------------------------------------------


async def test_replies_go_before_notices_and_each_persons_in_order(
    database: Database, letterbox: Letterbox, clock: Clock
) -> None:
    await put(database, "n1", "n2", priority=NOTICES)
    await put(database, "r1", "r2")
    await outbox_on(database, letterbox, clock).drain()
    assert letterbox.of("a") == ["r1", "r2", "n1", "n2"]
    assert [fate for fate, _, _ in await fates(database)] == ["sent"] * 4


async def test_what_is_tried_again_later_holds_back_that_persons_next_messages_and_nobody_elses(
    database: Database, letterbox: Letterbox, clock: Clock
) -> None:
    await put(database, "1", "2", "3")
    await put(database, "1", "2", address="b")
    letterbox.failing["a"].append(NotSentError("flooded", 5))
    out = outbox_on(database, letterbox, clock)
    await out.drain()
    assert letterbox.got == [("b", "1"), ("b", "2")]
    clock.pass_(5)
    await out.drain()
    assert letterbox.of("a") == ["1", "2", "3"]


async def test_a_reply_overtakes_a_notice_that_is_tried_again_later(
    database: Database, letterbox: Letterbox, clock: Clock
) -> None:
    await put(database, "notice", priority=NOTICES)
    letterbox.failing["a"].append(NotSentError("flooded", 5))
    out = outbox_on(database, letterbox, clock)
    await out.drain()
    await put(database, "reply")
    await out.drain()
    clock.pass_(5)
    await out.drain()
    assert letterbox.of("a") == ["reply", "notice"]


async def test_rows_of_other_channels_are_left_alone(database: Database, letterbox: Letterbox, clock: Clock) -> None:
    async with database.write() as connection:
        await queue(connection, [Outgoing(None, "other", "a", Reply("x"))], clock())
    await outbox_on(database, letterbox, clock).drain()
    assert await fates(database) == [("due", 0, None)]


# --- what certainly did not go out ------------------------------------------------------------------------------------


async def test_what_will_never_go_out_fails_at_once_and_the_next_one_goes(
    database: Database, letterbox: Letterbox, clock: Clock
) -> None:
    await put(database, "1", "2")
    letterbox.failing["a"].append(NotSentError("blocked by the person", None))
    await outbox_on(database, letterbox, clock).drain()
    assert letterbox.of("a") == ["2"]
    assert await fates(database) == [("failed", 1, "blocked by the person"), ("sent", 1, None)]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_the_wait_doubles_up_to_a_limit_and_ends_with_the_last_try(
    database: Database, letterbox: Letterbox, clock: Clock
) -> None:
    await put(database, "1")
    letterbox.failing["a"] = [NotSentError("away", 0) for _ in range(MAX_TRIES)]
    out = outbox_on(database, letterbox, clock)
    for done in range(1, MAX_TRIES):
        await out.drain()
        assert await fates(database) == [("due", done, "away")]
        wait = min(FIRST_RETRY * 2 ** (done - 1), LONGEST_RETRY)
        clock.pass_(wait - 0.001)
        await out.drain()
        assert len(letterbox.tried.names) == done
        clock.pass_(0.001)
    await out.drain()
    assert await fates(database) == [("failed", MAX_TRIES, "away")]
    assert letterbox.got == []


async def test_it_is_not_tried_again_sooner_than_the_platform_allows(
    database: Database, letterbox: Letterbox, clock: Clock
) -> None:
    await put(database, "1")
    letterbox.failing["a"].append(NotSentError("flooded", LONGEST_RETRY * 3))
    out = outbox_on(database, letterbox, clock)
    await out.drain()
    clock.pass_(LONGEST_RETRY * 3 - 0.001)
    await out.drain()
    assert letterbox.got == []
    clock.pass_(0.001)
    await out.drain()
    assert letterbox.got == [("a", "1")]


# --- what is in doubt -------------------------------------------------------------------------------------------------


async def test_what_is_in_doubt_is_sent_once_more_and_then_given_up(
    database: Database, letterbox: Letterbox, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    await put(database, "9876543210", "2")
    letterbox.doubtful["a"] = [ConnectionResetError("9876543210")] * 2
    out = outbox_on(database, letterbox, clock)
    await out.drain()
    clock.pass_(FIRST_RETRY)
    await out.drain()
    assert letterbox.of("a") == ["9876543210", "9876543210", "2"]
    assert await fates(database) == [("unknown", 2, "in doubt: ConnectionResetError"), ("sent", 1, None)]
    assert "9876543210" not in caplog.text
    assert [record.levelno for record in caplog.records] == [logging.WARNING] * 2


async def test_what_certainly_failed_before_is_still_sent_once_more_when_it_is_in_doubt(
    database: Database, letterbox: Letterbox, clock: Clock
) -> None:
    await put(database, "1")
    letterbox.failing["a"] = [NotSentError("away", 0), NotSentError("away", 0)]
    letterbox.doubtful["a"] = [ConnectionResetError()]
    out = outbox_on(database, letterbox, clock)
    for _ in range(4):
        await out.drain()
        clock.pass_(LONGEST_RETRY)
    assert letterbox.of("a") == ["1", "1"]
    assert await fates(database) == [("sent", 4, None)]


async def test_doubt_is_not_forgotten_over_a_try_that_certainly_failed(
    database: Database, letterbox: Letterbox, clock: Clock
) -> None:
    await put(database, "1")
    out = outbox_on(database, letterbox, clock)
    letterbox.doubtful["a"] = [ConnectionResetError(), ConnectionResetError()]
    await out.drain()
    letterbox.failing["a"] = [NotSentError("away", 0)]
    for _ in range(3):
        clock.pass_(LONGEST_RETRY)
        await out.drain()
    assert letterbox.of("a") == ["1", "1"]
    assert await fates(database) == [("unknown", 3, "in doubt: ConnectionResetError")]


async def test_what_takes_too_long_is_in_doubt_and_holds_up_nobody_else(
    database: Database, letterbox: Letterbox, clock: Clock
) -> None:
    await put(database, "1")
    await put(database, "1", address="b")
    letterbox.hanging.add("a")
    await outbox_on(database, letterbox, clock, send_within=0.05).drain()
    assert letterbox.got == [("b", "1")]
    assert await fates(database) == [("due", 1, "in doubt: TimeoutError"), ("sent", 1, None)]


async def test_what_a_dead_process_had_claimed_is_sent_after_its_lease_and_only_then(
    database: Database, letterbox: Letterbox, clock: Clock
) -> None:
    await put(database, "1", "2")
    await dies_over_it(database, clock)
    clock.pass_(LEASE.total_seconds())
    out = outbox_on(database, letterbox, clock)
    await out.drain()
    assert letterbox.got == []
    clock.pass_(0.001)
    await out.drain()
    assert letterbox.of("a") == ["1", "2"]
    assert await fates(database) == [("sent", 2, None), ("sent", 1, None)]


async def test_what_a_few_processes_died_over_is_still_sent(
    database: Database, letterbox: Letterbox, clock: Clock
) -> None:
    await put(database, "1", "2")
    for _ in range(MAX_TAKEN_OVER - 1):
        await dies_over_it(database, clock)
        clock.pass_(LEASE.total_seconds() + 1)
    await outbox_on(database, letterbox, clock).drain()
    assert letterbox.of("a") == ["1", "2"]
    assert await fates(database) == [("sent", MAX_TAKEN_OVER, None), ("sent", 1, None)]


async def test_what_many_processes_died_over_is_given_up_and_the_next_one_goes(
    database: Database, letterbox: Letterbox, clock: Clock
) -> None:
    await put(database, "1", "2")
    for _ in range(MAX_TAKEN_OVER):
        await dies_over_it(database, clock)
        clock.pass_(LEASE.total_seconds() + 1)
    await outbox_on(database, letterbox, clock).drain()
    assert letterbox.of("a") == ["2"]
    assert await fates(database) == [("unknown", MAX_TAKEN_OVER, "in doubt: taken over"), ("sent", 1, None)]


async def test_what_was_in_doubt_and_then_met_a_killed_process_is_still_sent(
    database: Database, letterbox: Letterbox, clock: Clock
) -> None:
    await put(database, "1")
    letterbox.doubtful["a"] = [ConnectionResetError()]
    await outbox_on(database, letterbox, clock).drain()
    clock.pass_(FIRST_RETRY)
    await dies_over_it(database, clock)
    clock.pass_(LEASE.total_seconds() + 1)
    await outbox_on(database, letterbox, clock).drain()
    assert letterbox.of("a") == ["1", "1"]
    assert await fates(database) == [("sent", 3, None)]


async def test_what_is_on_its_way_is_not_taken_over_by_the_same_process_however_long_it_takes(
    database: Database, letterbox: Letterbox, clock: Clock
) -> None:
    await put(database, "1")
    await put(database, "1", address="b")
    letterbox.hanging.add("a")
    async with running(outbox_on(database, letterbox, clock).run()):
        await letterbox.arrived.reaches(1)
        clock.pass_(LEASE.total_seconds() * 10)
        await put(database, "2", address="b")
        await letterbox.arrived.reaches(2)
        letterbox.release()
        await letterbox.arrived.reaches(3)
    assert letterbox.of("a") == ["1"]
    assert await fates(database) == [("sent", 1, None)] * 3


async def test_who_was_wrongly_taken_for_dead_can_still_tell_that_it_was_sent_and_nothing_else(
    database: Database, letterbox: Letterbox, clock: Clock
) -> None:
    slow = Letterbox()
    for address in ("sent", "failed"):
        await put(database, "1", address=address)
    slow.hanging = {"sent", "failed"}
    slow.failing["failed"] = [NotSentError("away", 0)]
    letterbox.hanging = {"sent", "failed"}
    first = asyncio.create_task(outbox_on(database, slow, clock).run())
    await slow.tried.reaches(2)
    clock.pass_(LEASE.total_seconds() + 1)
    async with running(outbox_on(database, letterbox, clock).run()):
        await letterbox.tried.reaches(2)
        slow.release()
        first.cancel()
        await asyncio.wait([first], timeout=20)
        assert await fates(database) == [("sent", 2, None), ("claimed", 2, "in doubt: taken over")]
        letterbox.release()
        await letterbox.arrived.reaches(2)
    assert [fate for fate, _, _ in await fates(database)] == ["sent", "sent"]


async def test_asked_to_stop_it_writes_down_what_was_on_its_way(
    database: Database, letterbox: Letterbox, clock: Clock
) -> None:
    await put(database, "1", "2")
    await put(database, "1", address="b")
    letterbox.hanging = {"a"}
    out = asyncio.create_task(outbox_on(database, letterbox, clock).run())
    await letterbox.arrived.reaches(1)
    out.cancel()
    await asyncio.wait([out], timeout=0)
    letterbox.release()
    with pytest.raises(asyncio.CancelledError):
        await out
    assert await fates(database) == [("sent", 1, None), ("due", 0, None), ("sent", 1, None)]


# --- reminders --------------------------------------------------------------------------------------------------------


async def remind_of(database: Database, kind: str = Kind.COMING) -> None:
    """A person with a seat, and a reminder queued for them."""
    async with database.write() as connection:
        await insert_batch(connection, replace(WORKSHOP, taken=1))
        person = await _person(connection, "a")
        registration = {
            "batch": 1,
            "person": person,
            "mobile": "+919876543210",
            "profile": {},
            "status": Status.SEATED,
            "registered": STARTS - timedelta(days=20),
        }
        await connection.execute(registrations.insert(), registration)
        await queue(connection, [Outgoing(person, CHANNEL, "a", None, kind, NOTICES, 1)], THREE_DAYS_BEFORE)


async def change(database: Database, table: sa.Table, **values: object) -> None:
    async with database.write() as connection:
        await connection.execute(table.update().values(values))


async def test_a_reminder_says_how_things_stand_when_it_is_sent(
    database: Database, letterbox: Letterbox, clock: Clock
) -> None:
    await remind_of(database)
    await change(database, batches, venue="नया भवन")
    await change(database, people, language="en")
    await outbox_on(database, letterbox, clock).drain()
    wanted = remind(Kind.COMING, replace(WORKSHOP, venue="नया भवन"), "en", small_world().phrases)
    assert letterbox.of("a") == [wanted.text]
    assert await fates(database) == [("sent", 1, None)]


@pytest.mark.parametrize(
    ("table", "values"),
    [
        (registrations, {"status": Status.LEFT}),
        (registrations, {"coming": True}),
        (batches, {"status": BatchStatus.CANCELLED}),
        (batches, {"starts": THREE_DAYS_BEFORE - timedelta(hours=1)}),
        (batches, {"starts": STARTS + timedelta(days=5), "ends": STARTS + timedelta(days=6)}),
    ],
    ids=["left", "said that they come", "cancelled", "begun", "put off"],
)
async def test_a_reminder_that_is_not_wanted_any_more_is_skipped(
    database: Database, letterbox: Letterbox, clock: Clock, table: sa.Table, values: dict[str, object]
) -> None:
    await remind_of(database)
    await change(database, table, **values)
    await put(database, "next", address="a", priority=NOTICES)
    await outbox_on(database, letterbox, clock).drain()
    assert letterbox.of("a") == ["next"]
    assert await fates(database) == [("skipped", 1, None), ("sent", 1, None)]


async def test_by_night_a_reminder_is_skipped_and_a_reply_is_sent(
    database: Database, letterbox: Letterbox, clock: Clock
) -> None:
    await remind_of(database)
    await put(database, "reply", address="b")
    clock.now = THREE_DAYS_BEFORE.replace(hour=21)
    await outbox_on(database, letterbox, clock).drain()
    assert letterbox.got == [("b", "reply")]
    assert [fate for fate, _, _ in await fates(database)] == ["skipped", "sent"]


async def test_a_reminder_that_cannot_be_put_into_words_holds_up_nobody(
    database: Database, letterbox: Letterbox, clock: Clock
) -> None:
    await remind_of(database, "of a newer program")
    await put(database, "1", address="b")
    await outbox_on(database, letterbox, clock).drain()
    assert letterbox.got == [("b", "1")]
    assert await fates(database) == [("failed", 1, "ValueError"), ("sent", 1, None)]


# --- people who are gone ----------------------------------------------------------------------------------------------


async def test_of_who_erased_themselves_the_goodbye_is_gone_too_once_it_is_sent(
    database: Database, letterbox: Letterbox, clock: Clock
) -> None:
    out = outbox_on(database, letterbox, clock)
    inbox = Inbox(database, small_world, clock)
    async with running(inbox.run()), asyncio.timeout(20):
        await inbox.take(Incoming(CHANNEL, "a", "1", clock(), press="menu"))
        await inbox.take(Incoming(CHANNEL, "a", "2", clock(), press="data:erase-yes"))
    await out.drain()
    assert letterbox.of("a")[-1:] == [small_world().phrases.say("data.erased")]
    assert await fates(database) == []


async def test_a_goodbye_of_which_nobody_knows_whether_it_was_sent_is_gone_too(
    database: Database, letterbox: Letterbox, clock: Clock
) -> None:
    async with database.write() as connection:
        await queue(connection, [Outgoing(None, CHANNEL, "a", Reply("goodbye"))], clock())
    for _ in range(MAX_TAKEN_OVER):
        await dies_over_it(database, clock)
        clock.pass_(LEASE.total_seconds() + 1)
    await outbox_on(database, letterbox, clock).drain()
    assert letterbox.got == []
    assert await fates(database) == []


# --- two at once ------------------------------------------------------------------------------------------------------


@pytest.fixture
async def other(database_url: str) -> AsyncIterator[Database]:
    opened = await open_database(database_url)
    yield opened
    await opened.close()


@postgresql_only
async def test_two_at_once_send_nothing_twice_and_keep_each_persons_order(
    database: Database, other: Database, letterbox: Letterbox, clock: Clock
) -> None:
    people_of_it, each = 40, 12
    async with database.write() as connection:
        rows = [
            Outgoing(None, CHANNEL, f"p{person}", Reply(str(number)), priority=REPLIES)
            for number in range(each)
            for person in range(people_of_it)
        ]
        await queue(connection, rows, clock())
    outboxes = [outbox_on(one, letterbox, clock) for one in (database, other)]
    async with running(*(out.run() for out in outboxes)):
        await letterbox.arrived.reaches(people_of_it * each, 60)
    for person in range(people_of_it):
        assert letterbox.of(f"p{person}") == [str(number) for number in range(each)]
    assert await fates(database) == []


@postgresql_only
async def test_two_at_once_never_have_two_messages_of_one_person_on_their_way(
    database: Database, other: Database, clock: Clock
) -> None:
    on_its_way: set[str] = set()
    arrived = Tally()

    class OneAtATime:
        async def send(self, address: str, _reply: Reply, *, heard: datetime | None = None, ours: str = "") -> str:  # noqa: ARG002
            assert address not in on_its_way
            on_its_way.add(address)
            # As long as the other one needs to claim.
            async with database.read() as connection:
                await connection.execute(sa.select(outbox.c.id))
            on_its_way.remove(address)
            arrived(address)
            return ""

    await put(database, *(f"notice {number}" for number in range(20)), priority=NOTICES)
    phrases = small_world().phrases
    outboxes = [Outbox(one, {CHANNEL: OneAtATime()}, lambda: phrases, clock) for one in (database, other)]
    async with running(*(out.run() for out in outboxes)):
        for number in range(20):
            await put(database, f"reply {number}")
            for out in outboxes:
                out.wake()
            await arrived.reaches(min(number, 38))
        await arrived.reaches(40)
    assert [fate for fate, _, _ in await fates(database)] == ["sent"] * 40
