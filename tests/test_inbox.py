"""Order, once and only once, bad messages; through the inbox on both databases. Outages: ``crash/test_outages``."""

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa

from bot.core.answers.matcher import Match
from bot.core.talk.message import Incoming
from bot.core.talk.state import World
from bot.inbox import Inbox
from bot.outbox import Outbox
from bot.store.batches import find_batch, insert_batch
from bot.store.database import Database
from bot.store.tables import dead_letters, outbox, people, registrations, seen, unanswered
from tests.crash.talks import CHANNEL, MESSAGES, NoAnswers, address, batch, replies, small_world, talk
from tests.crash.waiting import Letterbox, Tally, running

NOW = batch(1).starts.replace(day=1)
MOBILE = "9876543210"
BAD = f"मेरा नंबर {MOBILE} है, अटक जाओ"
PEOPLE = 6


class Stumbles(NoAnswers):
    """Knows no answers, and fails over one text, always or so many times."""

    def __init__(self, times: int = 1_000) -> None:
        self._times = times

    def match(self, question: str) -> Match:
        """Fail, telling the text, as errors do."""
        if question == BAD and self._times:
            self._times -= 1
            raise ValueError(question)
        return super().match(question)


def inbox_of(database: Database, world: World | None = None, step: Tally | None = None) -> Inbox:
    its_world = world or small_world()
    return Inbox(database, lambda: its_world, lambda: NOW, step=step or Tally())


def outbox_of(database: Database, letterbox: Letterbox) -> Outbox:
    return Outbox(database, {CHANNEL: letterbox}, lambda: small_world().phrases, lambda: NOW)


def message(person: int, number: int, text: str = "", press: str = "") -> Incoming:
    return Incoming(CHANNEL, address(person), f"{person}/{number}", NOW, text, press)


def written(person: int) -> Iterator[Incoming]:
    for number, (text, press) in enumerate(talk(person)):
        yield message(person, number, text, press)


def all_written(persons: int) -> list[Incoming]:
    """Everybody's first message, everybody's second, ..."""
    return [each for at_once in zip(*map(written, range(persons)), strict=True) for each in at_once]


async def take_all(inbox: Inbox, messages: list[Incoming]) -> None:
    async with asyncio.timeout(30):
        await asyncio.gather(*map(inbox.take, messages))


async def rows(database: Database, statement: sa.Select[tuple[object, ...]]) -> list[tuple[object, ...]]:
    async with database.read() as connection:
        return [tuple(row) for row in await connection.execute(statement)]


async def count(database: Database, table: sa.Table) -> int:
    async with database.read() as connection:
        return int((await connection.execute(sa.select(sa.func.count()).select_from(table))).scalar_one())


async def add_batch(database: Database, seats: int = PEOPLE) -> None:
    async with database.write() as connection:
        await insert_batch(connection, batch(seats))


async def everybody_is_registered_once(database: Database, letterbox: Letterbox, persons: int = PEOPLE) -> None:
    """And has read every reply once and in order."""
    for person in range(persons):
        assert letterbox.of(address(person)) == replies(person, batch(PEOPLE))
    async with database.read() as connection:
        found = await find_batch(connection, 1)
    assert found is not None
    assert (found.taken, found.waiting) == (persons, 0)
    assert await count(database, registrations) == await count(database, people) == persons
    assert await rows(database, sa.select(unanswered.c.count)) == [(persons,)]
    assert await count(database, seen) == await count(database, outbox) == persons * MESSAGES
    assert await count(database, dead_letters) == 0


# --- order ------------------------------------------------------------------------------------------------------------


async def test_quick_messages_of_one_person_are_handled_in_order_and_answered_in_order(database: Database) -> None:
    await add_batch(database)
    letterbox = Letterbox()
    inbox, out = inbox_of(database), outbox_of(database, letterbox)
    async with running(inbox.run()):
        await take_all(inbox, all_written(PEOPLE))
    await out.drain()
    await everybody_is_registered_once(database, letterbox)


async def test_whose_messages_do_not_arrive_holds_up_nobody_else(database: Database) -> None:
    await add_batch(database)
    letterbox = Letterbox()
    letterbox.hanging = {address(0), address(1)}
    inbox, out = inbox_of(database), outbox_of(database, letterbox)
    async with running(inbox.run(), out.run()):
        await take_all(inbox, all_written(PEOPLE))
        await letterbox.arrived.reaches((PEOPLE - 2) * MESSAGES)
        assert {whose for whose, _ in letterbox.got} == {address(person) for person in range(2, PEOPLE)}
        letterbox.release()
        await letterbox.arrived.reaches(PEOPLE * MESSAGES)
    await everybody_is_registered_once(database, letterbox)


async def test_a_slice_holds_one_message_a_person_and_many_people(database: Database) -> None:
    steps = Tally()
    inbox = inbox_of(database, step=steps)
    messages = all_written(PEOPLE)
    async with running(inbox.run()):
        await take_all(inbox, messages)
    assert steps.names.count("committed") == MESSAGES


async def test_who_gives_up_waiting_has_given_the_message_all_the_same(database: Database) -> None:
    letterbox = Letterbox()
    inbox, out = inbox_of(database), outbox_of(database, letterbox)
    given_up = asyncio.create_task(inbox.take(message(0, 0, press="menu")))
    await asyncio.wait([given_up], timeout=0)
    given_up.cancel()
    async with running(inbox.run()):
        await take_all(inbox, [message(0, 1, press="help")])
    await out.drain()
    phrases = small_world().phrases
    assert letterbox.of(address(0)) == [phrases.say("talk.menu"), phrases.say("talk.help")]


# --- once -------------------------------------------------------------------------------------------------------------


async def test_a_message_that_comes_again_is_acknowledged_and_does_nothing(database: Database) -> None:
    await add_batch(database)
    letterbox = Letterbox()
    inbox, again, out = inbox_of(database), inbox_of(database), outbox_of(database, letterbox)
    messages = all_written(PEOPLE)
    async with running(inbox.run(), again.run()):
        await take_all(inbox, [each for one in messages for each in (one, one)])
        await take_all(again, messages)
    await out.drain()
    await everybody_is_registered_once(database, letterbox)


async def test_messages_of_two_people_may_have_the_same_id(database: Database) -> None:
    inbox = inbox_of(database)
    async with running(inbox.run()):
        await take_all(inbox, [Incoming(CHANNEL, whose, "1", NOW, press="menu") for whose in ("a", "b")])
    assert sorted(await rows(database, sa.select(outbox.c.address))) == [("a",), ("b",)]


@pytest.mark.parametrize("step", ["received", "seen", "loaded", "decided", "settled", "saved", "committed"])
async def test_stopped_at_a_step_and_started_again_it_goes_on_where_it_was(database: Database, step: str) -> None:
    await add_batch(database)
    letterbox = Letterbox()
    stopping: list[asyncio.Task[None]] = []
    steps = Tally(lambda name: stopping[0].cancel() if steps.names.count(name) == 4 and name == step else None)
    inbox, out = inbox_of(database, step=steps), outbox_of(database, letterbox)
    stopping.append(asyncio.create_task(inbox.run()))
    taken = asyncio.create_task(take_all(inbox, all_written(PEOPLE)))
    await asyncio.wait(stopping, timeout=20)
    assert stopping[0].cancelled()
    assert not taken.done()
    async with running(inbox.run()):
        await taken
    await out.drain()
    await everybody_is_registered_once(database, letterbox)


# --- bad messages -----------------------------------------------------------------------------------------------------


async def test_a_bad_message_is_buried_alone(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    await add_batch(database)
    letterbox = Letterbox()
    world = replace(small_world(), answers=Stumbles())
    inbox, out = inbox_of(database, world), outbox_of(database, letterbox)
    async with running(inbox.run()):
        await take_all(inbox, [message(99, 0, BAD), *all_written(PEOPLE), message(99, 1, press="menu")])
    await out.drain()
    phrases = small_world().phrases
    assert letterbox.of(address(99)) == [phrases.say("talk.sorry"), phrases.say("talk.menu")]
    for person in range(PEOPLE):
        assert letterbox.of(address(person)) == replies(person, batch(PEOPLE))
    buried = await rows(database, sa.select(dead_letters.c.text, dead_letters.c.press, dead_letters.c.trouble))
    assert buried == [(BAD.replace(MOBILE, "[मोबाइल]"), "", "ValueError")]
    assert MOBILE not in caplog.text
    assert "अटक" not in caplog.text
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


async def test_a_buried_message_that_comes_again_is_not_buried_again(database: Database) -> None:
    letterbox = Letterbox()
    inbox = inbox_of(database, replace(small_world(), answers=Stumbles()))
    async with running(inbox.run()):
        await take_all(inbox, [message(1, 0, BAD)])
        await take_all(inbox, [message(1, 0, BAD)])
    await outbox_of(database, letterbox).drain()
    assert letterbox.of(address(1)) == [small_world().phrases.say("talk.sorry")]
    assert await count(database, dead_letters) == 1


async def test_a_lone_message_that_fails_only_once_is_handled(database: Database) -> None:
    letterbox = Letterbox()
    inbox = inbox_of(database, replace(small_world(), answers=Stumbles(times=1)))
    async with running(inbox.run()):
        await take_all(inbox, [message(1, 0, BAD)])
    await outbox_of(database, letterbox).drain()
    assert letterbox.of(address(1)) == [small_world().phrases.say("talk.nothing")]
    assert await count(database, dead_letters) == 0


async def test_a_message_that_cannot_even_be_buried_holds_up_nobody(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    worlds = iter([None] * 3)

    def world() -> World:
        if next(worlds, "well") is None:
            raise KeyError(MOBILE)
        return small_world()

    inbox = Inbox(database, world, lambda: NOW)
    async with running(inbox.run()):
        await take_all(inbox, [message(1, 0, press="menu")])
        await take_all(inbox, [message(1, 1, press="help")])
    assert await count(database, outbox) == 1
    assert MOBILE not in caplog.text
    assert len(caplog.records) == 2


@pytest.mark.parametrize("text", ["नमस्ते\0", "half of \ud83d a smile", "\udfff", "\0"])
async def test_what_a_database_cannot_hold_is_taken_like_any_text(database: Database, text: str) -> None:
    inbox = inbox_of(database)
    odd = Incoming(CHANNEL, address(1), f"1{text}", NOW, text, "", f"Sita{text}")
    async with running(inbox.run()):
        await take_all(inbox, [odd, message(1, 2, press="menu"), message(2, 1, press="menu")])
        await take_all(inbox, [odd])
    assert await count(database, dead_letters) == 0
    assert await count(database, seen) == await count(database, outbox) == 3
