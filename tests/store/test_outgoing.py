"""The outbox in the database: who may send what, and when."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from bot.core.talk.message import Document, Option, Reply
from bot.store.database import Database, open_database
from bot.store.outgoing import (
    LEASE,
    MAX_TAKEN_OVER,
    NOTICES,
    Claimed,
    Fate,
    Result,
    claim,
    next_due,
    record,
    take_over,
)
from bot.store.queueing import Outgoing, queue
from bot.store.tables import outbox

NOW = datetime(2026, 11, 26, 6, 30, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
CHANNELS = ("post",)
postgresql_only = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)


@pytest.fixture
async def other(database_url: str) -> AsyncIterator[Database]:
    opened = await open_database(database_url)
    yield opened
    await opened.close()


async def put(database: Database, *rows: Outgoing, now: datetime = NOW) -> None:
    async with database.write() as connection:
        await queue(connection, rows, now)


def letter(address: str, text: str, *, notice: bool = False, channel: str = "post") -> Outgoing:
    return Outgoing(None, channel, address, Reply(text), priority=NOTICES if notice else 0)


async def take(
    database: Database, owner: str = "me", count: int = 100, now: datetime = NOW, channels: tuple[str, ...] = CHANNELS
) -> list[Claimed]:
    async with database.write() as connection:
        return await claim(connection, channels, owner, count, now)


async def tell(database: Database, owner: str, row: int, fate: Fate, due: datetime | None = None) -> None:
    async with database.write() as connection:
        await record(connection, owner, [Result(row, fate, NOW, due=due)])


async def fates(database: Database) -> list[str]:
    async with database.read() as connection:
        return list((await connection.execute(sa.select(outbox.c.status).order_by(outbox.c.id))).scalars())


def texts(claimed: list[Claimed]) -> list[str]:
    return [row.reply.text for row in claimed if row.reply is not None]


async def test_a_reply_comes_out_as_it_was_put_in(database: Database) -> None:
    replies = [
        Reply("नमस्ते"),
        Reply("चुनिए", (Option("menu", "सब विषय"), Option("entry:emd-amount", "EMD"))),
        Reply("फ़ाइल", (), Document("gem.ics", "text/calendar", "BEGIN:VCALENDAR\r\n")),
    ]
    await put(database, *(Outgoing(None, "post", str(number), reply) for number, reply in enumerate(replies)))
    assert [row.reply for row in await take(database)] == replies


async def test_a_reminder_comes_out_without_words(database: Database) -> None:
    await put(database, Outgoing(None, "post", "a", None, "coming", NOTICES))
    (row,) = await take(database)
    assert (row.reply, row.kind, row.tries, row.in_doubt) == (None, "coming", 1, False)


async def test_one_message_a_person_is_taken_replies_first_and_in_order(database: Database) -> None:
    await put(database, letter("a", "a notice", notice=True), letter("a", "a1"), letter("a", "a2"), letter("b", "b1"))
    assert texts(await take(database)) == ["a1", "b1"]
    assert await take(database) == []
    for row, following in ((2, ["a2"]), (3, ["a notice"]), (1, [])):
        await tell(database, "me", row, Fate.SENT)
        assert texts(await take(database)) == following


async def test_people_of_the_same_address_on_two_channels_are_two(database: Database) -> None:
    await put(database, letter("a", "1"), letter("a", "2", channel="other"))
    assert texts(await take(database, channels=("post", "other"))) == ["1", "2"]


async def test_no_more_are_taken_than_there_is_room_for_and_replies_come_first(database: Database) -> None:
    await put(database, *(letter(f"n{number}", "notice", notice=True) for number in range(20)))
    await put(database, *(letter(f"r{number}", str(number)) for number in range(20)))
    assert texts(await take(database, count=7)) == [str(number) for number in range(7)]
    assert sorted(texts(await take(database, count=15))) == [*sorted(map(str, range(7, 20))), "notice", "notice"]


async def test_what_is_not_due_or_on_another_channel_is_left(database: Database) -> None:
    await put(database, letter("a", "later"), now=LATER)
    await put(database, letter("b", "elsewhere", channel="other"))
    assert await take(database) == []
    assert texts(await take(database, now=LATER)) == ["later"]


async def test_the_next_is_due_when_it_says_or_when_its_claim_runs_out(database: Database) -> None:
    async def due() -> datetime | None:
        async with database.read() as connection:
            return (await next_due(connection, CHANNELS, LEASE)).get("post")

    assert await due() is None
    await put(database, letter("a", "1"), now=LATER)
    assert await due() == LATER
    await take(database, now=LATER)
    assert await due() == LATER + LEASE
    await tell(database, "me", 1, Fate.DUE, NOW)
    assert await due() == NOW
    await take(database)
    await tell(database, "me", 1, Fate.FAILED)
    assert await due() is None


async def test_only_who_claimed_it_can_say_that_a_message_did_not_go_out(database: Database) -> None:
    await put(database, letter("a", "1"))
    await take(database, "another")
    for fate in (Fate.DUE, Fate.FAILED, Fate.UNKNOWN, Fate.SKIPPED):
        await tell(database, "me", 1, fate, LATER)
        assert await fates(database) == ["claimed"]


async def test_what_was_told_is_not_changed_by_telling_it_again(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(
            sa.text("INSERT INTO people (channel, address, created, heard) VALUES ('post', 'a', 0, 0)")
        )
    await put(database, Outgoing(1, "post", "a", Reply("1")))
    await take(database)
    await tell(database, "me", 1, Fate.DUE, NOW)
    await take(database, "another")
    await tell(database, "another", 1, Fate.SENT)
    await tell(database, "me", 1, Fate.DUE, NOW)
    assert await fates(database) == ["sent"]


async def test_only_claims_that_ran_out_and_are_not_under_way_are_taken_over(database: Database) -> None:
    await put(database, *(letter(str(number), "x") for number in range(4)))
    old = [row.id for row in await take(database, count=3)]
    await take(database, now=LATER)
    async with database.write() as connection:
        assert await take_over(connection, ("other",), LATER, ()) == 0
        assert await take_over(connection, CHANNELS, NOW, ()) == 0
        assert await take_over(connection, CHANNELS, LATER, old[:1]) == 2
    assert await fates(database) == ["claimed", "due", "due", "claimed"]
    assert [row.in_doubt for row in await take(database, now=LATER)] == [True, True]


async def test_taken_over_often_it_is_given_up(database: Database) -> None:
    await put(database, letter("a", "1"))
    for _ in range(MAX_TAKEN_OVER - 1):
        await take(database)
        async with database.write() as connection:
            await take_over(connection, CHANNELS, LATER, ())
    assert len(await take(database)) == 1
    async with database.write() as connection:
        assert await take_over(connection, CHANNELS, LATER, ()) == 1
    # Of somebody who is gone nothing is kept.
    assert await fates(database) == []


@postgresql_only
async def test_who_claims_waits_for_another_who_is_claiming(database: Database, other: Database) -> None:
    await put(database, letter("a", "notice", notice=True))
    async with database.write() as connection:
        assert texts(await claim(connection, CHANNELS, "me", 10, NOW)) == ["notice"]
        await put(other, letter("a", "reply"))
        waiting = asyncio.create_task(take(other, "another"))
        blocked = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'advisory'")
        is_waiting = False
        async with asyncio.timeout(20):
            while not waiting.done() and not is_waiting:
                async with other.read() as looking:
                    is_waiting = bool(await looking.scalar(blocked))
    # The person's notice is on its way.
    assert await waiting == []
