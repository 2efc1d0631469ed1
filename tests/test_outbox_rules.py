"""What a channel's refusals mean for the others' messages: paused, gone, moved, shut out; and how fast it may go."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels.contract import NotSentError
from bot.core.pacing import SECOND, Pace
from bot.core.talk.message import Delivery, Incoming, Reply
from bot.core.talk.state import State
from bot.inbox import Inbox
from bot.outbox import LONGEST_RETRY, Outbox
from bot.store import reaching
from bot.store.database import Database
from bot.store.outgoing import MAX_TRIES, NOTICES, REPLIES, depths
from bot.store.people import Met, remember
from bot.store.queueing import Outgoing, queue
from bot.store.reaching import SHUT_OUT_FOR, WINDOW_CLOSED
from bot.store.tables import outbox, people
from tests.crash.talks import CHANNEL, small_world
from tests.crash.waiting import Letterbox, running

BEGIN = datetime(2026, 11, 26, 6, 30, tzinfo=UTC)
WEEK = SHUT_OUT_FOR.total_seconds()
OTHER = "other"


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = BEGIN

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Heard(Letterbox):
    """A letterbox that remembers when people were said to have written last."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[datetime | None] = []
        self.ours: list[str] = []

    async def send(self, address: str, reply: Reply, *, heard: datetime | None = None, ours: str = "") -> str:
        self.heard.append(heard)
        self.ours.append(ours)
        return await super().send(address, reply, ours=ours)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def post() -> Heard:
    return Heard()


@pytest.fixture
def other() -> Letterbox:
    return Letterbox()


@pytest.fixture
def outbox_of(database: Database, post: Heard, other: Letterbox, clock: Clock) -> Callable[..., Outbox]:
    phrases = small_world().phrases
    return partial(Outbox, database, {CHANNEL: post, OTHER: other}, lambda: phrases, clock)


@pytest.fixture
def out(outbox_of: Callable[..., Outbox]) -> Outbox:
    return outbox_of()


async def person(connection: AsyncConnection, address: str, channel: str = CHANNEL) -> int:
    which = (people.c.address == address, people.c.channel == channel)
    found = await connection.scalar(sa.select(people.c.id).where(*which))
    if found is None:
        values = {"channel": channel, "address": address, "created": BEGIN, "heard": BEGIN}
        found = await connection.scalar(people.insert().values(values).returning(people.c.id))
    return int(found)


async def put(
    database: Database, *texts: str, address: str = "a", channel: str = CHANNEL, priority: int = REPLIES
) -> None:
    async with database.write() as connection:
        who = await person(connection, address, channel)
        rows = [Outgoing(who, channel, address, Reply(text), priority=priority) for text in texts]
        await queue(connection, rows, BEGIN)


async def writes(database: Database, clock: Clock, address: str = "a") -> None:
    """A person writes, as the inbox remembers it."""
    async with database.write() as connection:
        met = Met(await person(connection, address), State())
        await remember(connection, [met], [""], clock())


async def rows(database: Database, *columns: sa.Column[object]) -> list[tuple[object, ...]]:
    async with database.read() as connection:
        return [tuple(row) for row in await connection.execute(sa.select(*columns).order_by(columns[0].table.c.id))]


async def fates(database: Database) -> list[tuple[object, ...]]:
    """(fate, tries, trouble) of each message, in order."""
    return await rows(database, outbox.c.status, outbox.c.tries, outbox.c.trouble)


# --- what holds for everybody -----------------------------------------------------------------------------------------


async def test_what_is_refused_to_everybody_pauses_the_channel_and_counts_for_nobody(
    database: Database, post: Heard, other: Letterbox, clock: Clock, out: Outbox
) -> None:
    await put(database, "1", "2")
    post.failing["a"] = [NotSentError("429", 7, everybody=True)]
    await out.drain()
    await put(database, "1", address="b")
    await put(database, "1", address="c", channel=OTHER)
    await out.drain()
    assert (post.got, other.got) == ([], [("c", "1")])
    assert await fates(database) == [("due", 0, "429"), ("due", 0, None), ("due", 0, None), ("sent", 1, None)]
    clock.pass_(6.999)
    await out.drain()
    assert post.tried.names == ["a"]
    clock.pass_(0.001)
    await out.drain()
    assert post.of("a") == ["1", "2"]
    assert post.of("b") == ["1"]


async def test_of_many_on_their_way_the_longest_wait_is_kept(
    database: Database, post: Heard, clock: Clock, out: Outbox
) -> None:
    for address, seconds in (("a", 50.0), ("b", 5.0), ("c", 20.0)):
        await put(database, "1", address=address)
        post.failing[address] = [NotSentError("429", seconds, everybody=True)]
        post.hanging.add(address)
    async with running(out.run()):
        await post.tried.reaches(3)
        post.release()
    clock.pass_(49)
    await out.drain()
    assert len(post.tried.names) == 3
    clock.pass_(1)
    await out.drain()
    assert sorted(post.got) == [("a", "1"), ("b", "1"), ("c", "1")]


async def test_a_channel_in_trouble_is_loud_once_and_says_when_it_works_again(
    database: Database, post: Heard, clock: Clock, out: Outbox, caplog: pytest.LogCaptureFixture
) -> None:
    await put(database, "1")
    post.failing["a"] = [NotSentError("token refused", None, everybody=True) for _ in range(MAX_TRIES + 5)]
    for _ in range(MAX_TRIES + 5):
        await out.drain()
        clock.pass_(LONGEST_RETRY)
    assert await fates(database) == [("due", 0, "token refused")]
    assert [(record.levelno, "token refused" in record.message) for record in caplog.records] == [(logging.ERROR, True)]
    await out.drain()
    assert post.of("a") == ["1"]
    assert [record.levelno for record in caplog.records] == [logging.ERROR, logging.WARNING]


async def test_a_channel_that_hangs_takes_no_room_from_another(
    database: Database, post: Heard, other: Letterbox, outbox_of: Callable[..., Outbox]
) -> None:
    for number in range(40):
        await put(database, "1", address=f"h{number}")
        post.hanging.add(f"h{number}")
    out = outbox_of(send_within=20)
    async with running(out.run()):
        await post.tried.reaches(30)
        await put(database, "1", "2", address="b", channel=OTHER)
        out.wake()
        await other.arrived.reaches(2)
        post.release()
        await post.arrived.reaches(40)


# --- people who are gone or moved -------------------------------------------------------------------------------------


async def test_who_is_gone_is_marked_and_what_waits_for_them_fails(
    database: Database, post: Heard, clock: Clock, out: Outbox
) -> None:
    await put(database, "1", "2")
    await put(database, "notice", priority=NOTICES)
    await put(database, "1", address="b")
    post.failing["a"] = [NotSentError("blocked", None, gone=True)]
    await out.drain()
    assert post.got == [("b", "1")]
    assert await fates(database) == [
        ("failed", 1, "blocked"),
        ("failed", 0, "blocked"),
        ("failed", 0, "blocked"),
        ("sent", 1, None),
    ]
    assert await rows(database, people.c.address, people.c.gone) == [("a", BEGIN), ("b", None)]
    clock.pass_(60)
    await writes(database, clock)
    assert await rows(database, people.c.address, people.c.gone) == [("a", None), ("b", None)]


async def test_who_wrote_while_a_message_failed_is_not_gone(
    database: Database, post: Heard, clock: Clock, out: Outbox
) -> None:
    await put(database, "1", "2")
    post.failing["a"] = [NotSentError("blocked", None, gone=True)]
    post.hanging.add("a")
    async with running(out.run()):
        await post.tried.reaches(1)
        clock.pass_(1)
        await writes(database, clock)
        post.release()
        await post.arrived.reaches(1)
    assert post.of("a") == ["2"]
    assert await rows(database, people.c.gone) == [(None,)]


async def test_who_moved_gets_it_at_the_new_address_at_once_and_everything_after(
    database: Database, post: Heard, out: Outbox
) -> None:
    await put(database, "1", "2")
    post.failing["a"] = [NotSentError("moved", 0, moved_to="new")]
    await out.drain()
    assert post.got == [("new", "1"), ("new", "2")]
    assert await rows(database, people.c.address) == [("new",)]


async def test_where_somebody_is_known_at_the_new_address_already_both_stay_who_they_are(
    database: Database, post: Heard, out: Outbox
) -> None:
    await put(database, "for new", address="new")
    await put(database, "for a")
    post.failing["a"] = [NotSentError("moved", 0, moved_to="new")]
    await out.drain()
    assert sorted(post.of("new")) == ["for a", "for new"]
    assert await rows(database, people.c.address) == [("new",), ("a",)]


async def test_who_moves_in_a_circle_is_given_up(database: Database, post: Heard, out: Outbox) -> None:
    await put(database, "1")
    post.failing["a"] = [NotSentError("moved", 0, moved_to="b") for _ in range(MAX_TRIES)]
    post.failing["b"] = [NotSentError("moved", None, moved_to="a") for _ in range(MAX_TRIES)]
    await out.drain()
    assert await fates(database) == [("failed", MAX_TRIES, "moved")]


# --- the window -------------------------------------------------------------------------------------------------------


async def test_a_channel_hears_when_the_person_wrote_last(
    database: Database, post: Heard, clock: Clock, out: Outbox
) -> None:
    await put(database, "1")
    clock.pass_(60)
    await writes(database, clock)
    await out.drain()
    assert post.heard == [BEGIN + timedelta(seconds=60)]


async def test_who_erased_themselves_was_heard_when_the_goodbye_was_queued(
    database: Database, post: Heard, clock: Clock, out: Outbox
) -> None:
    async with database.write() as connection:
        await queue(connection, [Outgoing(None, CHANNEL, "a", Reply("goodbye"))], BEGIN)
    clock.pass_(5)
    await out.drain()
    assert post.heard == [BEGIN]


@pytest.mark.parametrize("trouble", [WINDOW_CLOSED, f"131047: {WINDOW_CLOSED}"])
async def test_what_came_after_the_window_closed_waits_until_the_person_writes(
    database: Database, post: Heard, clock: Clock, out: Outbox, trouble: str
) -> None:
    await put(database, "notice", priority=NOTICES)
    post.failing["a"] = [NotSentError(trouble, 3600)]
    await out.drain()
    clock.pass_(WEEK - 1)
    await out.drain()
    assert await fates(database) == [("due", 0, WINDOW_CLOSED)]
    assert post.tried.names == ["a"]
    await writes(database, clock)
    await out.drain()
    assert post.of("a") == ["notice"]
    assert await fates(database) == [("sent", 1, None)]


async def test_after_a_week_nobody_waits_any_more(database: Database, post: Heard, clock: Clock, out: Outbox) -> None:
    await put(database, "1")
    post.failing["a"] = [NotSentError(WINDOW_CLOSED, None)] * 2
    await out.drain()
    clock.pass_(WEEK)
    await out.drain()
    assert await fates(database) == [("failed", 1, WINDOW_CLOSED)]


async def test_who_wrote_while_the_window_closed_gets_it_at_once(
    database: Database, post: Heard, clock: Clock, out: Outbox
) -> None:
    await put(database, "1")
    post.failing["a"] = [NotSentError(WINDOW_CLOSED, 3600)]
    post.hanging.add("a")
    async with running(out.run()):
        await post.tried.reaches(1)
        clock.pass_(1)
        await writes(database, clock)
        post.release()
        await post.arrived.reaches(1)


async def test_the_inbox_lets_through_what_waited_behind_the_reply(
    database: Database, post: Heard, clock: Clock, out: Outbox
) -> None:
    await put(database, "notice", priority=NOTICES)
    post.failing["a"] = [NotSentError(WINDOW_CLOSED, 3600)]
    await out.drain()
    inbox = Inbox(database, small_world, clock)
    async with running(inbox.run()), asyncio.timeout(20):
        await inbox.take(Incoming(CHANNEL, "a", "1", clock(), press="menu"))
    await out.drain()
    assert post.of("a")[1:] == ["notice"]


# --- pace -------------------------------------------------------------------------------------------------------------


async def test_no_more_go_out_in_a_second_than_the_pace_allows_and_replies_first(
    database: Database, post: Heard, clock: Clock, outbox_of: Callable[..., Outbox]
) -> None:
    for number in range(4):
        await put(database, "notice", address=f"n{number}", priority=NOTICES)
    for number in range(4):
        await put(database, "reply", address=f"r{number}")
    out = outbox_of(paces={CHANNEL: Pace(per_second=3)})
    counts = []
    for _ in range(10):
        await out.drain()
        counts.append(len(post.got))
        clock.pass_(SECOND.total_seconds() / 3)
    assert counts == [1, 2, 3, 4, 5, 6, 7, 8, 8, 8]
    assert [text for _, text in post.got] == ["reply"] * 4 + ["notice"] * 4


async def test_one_person_is_not_sent_to_faster_than_the_pace_allows_and_holds_up_nobody(
    database: Database, post: Heard, clock: Clock, outbox_of: Callable[..., Outbox]
) -> None:
    await put(database, "1", "2", "3")
    await put(database, "1", address="b")
    out = outbox_of(paces={CHANNEL: Pace(per_person=timedelta(seconds=1))})
    await out.drain()
    assert sorted(post.got) == [("a", "1"), ("b", "1")]
    clock.pass_(0.999)
    await out.drain()
    assert post.of("a") == ["1"]
    clock.pass_(0.001)
    await out.drain()
    assert post.of("a") == ["1", "2"]


async def test_a_pace_needs_nobody_to_wake_it(database: Database, post: Heard) -> None:
    phrases = small_world().phrases
    await put(database, "1", "2", "3")
    pace = Pace(per_second=50, per_person=timedelta(milliseconds=20))
    seconds = asyncio.get_running_loop().time
    since = seconds()
    living = lambda: BEGIN + timedelta(seconds=seconds() - since)  # noqa: E731 - a clock that goes by itself
    out = Outbox(database, {CHANNEL: post}, lambda: phrases, living, paces={CHANNEL: pace})
    async with running(out.run()):
        await post.arrived.reaches(3)
    assert post.of("a") == ["1", "2", "3"]


# --- what platforms tell later ----------------------------------------------------------------------------------------

Told = tuple[str, datetime]


async def tell(out: Outbox, sent_as: str, *told: Told, channel: str = CHANNEL) -> None:
    async with running(out.run()), asyncio.timeout(20):
        for fate, at in told:
            trouble = "undeliverable" if fate == "failed" else ""
            await out.note(channel, Delivery(sent_as, fate, at, trouble))


LATER, LATEST = BEGIN + timedelta(seconds=5), BEGIN + timedelta(seconds=9)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([("delivered", LATER)], ("sent", LATER, None, None)),
        ([("delivered", LATER), ("read", LATEST)], ("sent", LATER, LATEST, None)),
        ([("read", LATEST), ("delivered", LATER)], ("sent", LATEST, LATEST, None)),
        ([("read", LATER), ("read", LATEST)], ("sent", LATER, LATER, None)),
        ([("failed", LATER)], ("failed", None, None, "undeliverable")),
        ([("of a newer platform", LATER)], ("sent", None, None, None)),
    ],
)
async def test_what_a_platform_tells_of_a_message_is_written_down(
    database: Database, out: Outbox, told: list[Told], expected: tuple[object, ...]
) -> None:
    await put(database, "1")
    await out.drain()
    await tell(out, "a/1", *told)
    await tell(out, "a/1", ("read", LATER), channel=OTHER)
    columns = (outbox.c.status, outbox.c.delivered, outbox.c.read, outbox.c.trouble)
    assert await rows(database, *columns) == [expected]


async def test_what_is_told_of_an_unknown_message_changes_nothing_and_is_taken(database: Database, out: Outbox) -> None:
    await put(database, "1")
    await out.drain()
    await tell(out, "of another program", ("failed", LATER))
    await tell(out, "", ("failed", LATER))
    assert await fates(database) == [("sent", 1, None)]


async def test_what_is_told_before_the_platform_has_answered_waits_for_that(
    database: Database, post: Heard, out: Outbox
) -> None:
    await put(database, "1")
    post.hanging.add("a")
    async with running(out.run()), asyncio.timeout(20):
        await post.tried.reaches(1)
        noted: Awaitable[None] = asyncio.ensure_future(out.note(CHANNEL, Delivery("a/1", "delivered", LATER)))
        post.release()
        await noted
    assert await rows(database, outbox.c.status, outbox.c.delivered) == [("sent", LATER)]


async def test_how_much_waits_and_for_how_long_can_be_asked(database: Database) -> None:
    await put(database, "1", "2")
    await put(database, "1", address="b", channel=OTHER)
    async with database.read() as connection:
        assert await depths(connection) == {CHANNEL: (2, BEGIN), OTHER: (1, BEGIN)}


# --- by our own id ----------------------------------------------------------------------------------------------------


async def told(database: Database, delivery: Delivery) -> None:
    async with database.write() as connection:
        await reaching.note(connection, CHANNEL, delivery)


@pytest.mark.parametrize("status", ["claimed", "due", "unknown"])
async def test_what_is_told_with_our_own_id_settles_a_message_of_which_nothing_is_recorded(
    database: Database, post: Heard, out: Outbox, status: str
) -> None:
    await put(database, "1")
    async with database.write() as connection:
        await connection.execute(outbox.update().values(status=status, trouble="in doubt: taken over"))
    await told(database, Delivery("wamid.9", "delivered", LATER, ours="1"))
    (row,) = await rows(database, outbox.c.status, outbox.c.sent_as, outbox.c.delivered, outbox.c.trouble)
    assert row == ("sent", "wamid.9", LATER, None)
    await out.drain()
    assert post.got == []


@pytest.mark.parametrize("ours", ["", "2", "x", "१", "9" * 40])
async def test_another_id_settles_nothing(database: Database, ours: str) -> None:
    await put(database, "1")
    await told(database, Delivery("wamid.9", "delivered", LATER, ours=ours))
    assert await fates(database) == [("due", 0, None)]


async def test_an_id_of_ours_with_another_name_of_theirs_settles_nothing(database: Database) -> None:
    await put(database, "1")
    async with database.write() as connection:
        await connection.execute(outbox.update().values(status="sent", sent_as="wamid.1"))
    await told(database, Delivery("wamid.9", "failed", LATER, "undeliverable", ours="1"))
    assert await fates(database) == [("sent", 0, None)]


async def test_what_fails_later_for_the_closed_window_waits_until_the_person_writes(
    database: Database, post: Heard, clock: Clock, out: Outbox
) -> None:
    await put(database, "1")
    await out.drain()
    await told(database, Delivery("a/1", "failed", LATER, f"131047: {WINDOW_CLOSED}"))
    clock.pass_(3600)
    await out.drain()
    assert post.of("a") == ["1"]
    await writes(database, clock)
    await out.drain()
    assert post.of("a") == ["1", "1"]


async def test_the_channel_is_told_our_own_id(database: Database, post: Heard, out: Outbox) -> None:
    await put(database, "1", "2")
    await out.drain()
    assert post.ours == ["1", "2"]
