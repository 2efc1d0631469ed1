"""
Many people at the same moment, through the whole inbox: in one process, and in four on PostgreSQL.

``GEM_SAATHI_FULL=1`` makes more rounds of what depends on chance.
"""

import os
import random
from collections import Counter
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.core.talk.state import SUMMARY, Form, State, World, state_of
from bot.core.workshops.batch import Status
from bot.inbox import Inbox
from bot.store.database import Database
from bot.store.tables import outbox, people, registrations, seen
from tests.seats.conftest import Processes
from tests.seats.given import NOW, batch, ist, mobile
from tests.seats.people import (
    add_batches,
    add_people,
    at_summary,
    batches_in,
    buried_in,
    filled_in,
    queued_in,
    recount,
    registered_in,
)
from tests.seats.process import Job, incoming, take_all

PEOPLE, SEATS = 1000, 40
CONFIRM = "f:1:confirm"
MIXTURES = 40 if os.environ.get("GEM_SAATHI_FULL") else 2
on_postgresql = pytest.mark.parametrize("engine_name", ["postgresql"])


def jobs(url: str, messages: list[list[tuple[str, str, str, str]]], **more: object) -> list[Job]:
    return [Job(url, NOW.isoformat(), each, **more) for each in messages]  # type: ignore[arg-type]


def spread(messages: list[tuple[str, str, str, str]], over: int = 4) -> list[list[tuple[str, str, str, str]]]:
    return [messages[at::over] for at in range(over)]


async def check_all_told(database: Database, small: World) -> dict[str, int]:
    """All thousand have one reply, and it says what they have; address -> place."""
    (one,) = (await batches_in(database)).values()
    assert (one.taken, one.waiting, one.places) == (SEATS, PEOPLE - SEATS, PEOPLE - SEATS)
    registered, said = await registered_in(database), await queued_in(database)
    assert len(registered) == len(said) == PEOPLE
    assert Counter(its.status for (its,) in registered.values()) == {
        Status.SEATED: SEATS,
        Status.WAITING: PEOPLE - SEATS,
    }
    places = {address: its.place for address, (its,) in registered.items()}
    assert sorted(place for place in places.values() if place) == list(range(1, PEOPLE - SEATS + 1))
    beginnings = {
        place: small.phrases.say("batch.queued" if place else "batch.seated", "hi", **_values(place)).splitlines()[0]
        for place in places.values()
    }
    for address, place in places.items():
        (text,) = said[address]
        assert text.startswith(beginnings[place])
    await recount(database)
    assert await buried_in(database) == []
    return places


def _values(place: int) -> dict[str, object]:
    return {"title": "GeM 1", "when": "{when}", "venue": "गोरखपुर", "number": place}


async def add_a_thousand(database: Database, small: World) -> list[str]:
    (number,) = await add_batches(database, batch(seats=SEATS))
    addresses = [f"p{at:04}" for at in range(PEOPLE)]
    # Not in the order of their ids, so that the order of arrival is one of its own.
    random.Random(7).shuffle(addresses)  # noqa: S311 - the same each time
    await add_people(
        database, {address: at_summary(mobile(int(address[1:])), number, small) for address in sorted(addresses)}
    )
    return addresses


async def test_of_a_thousand_at_once_forty_are_seated_and_the_rest_wait_in_the_order_of_arrival(
    database: Database, small: World
) -> None:
    addresses = await add_a_thousand(database, small)
    inbox = Inbox(database, lambda: small, lambda: NOW)
    await take_all(inbox, [incoming((address, f"m{address}", "", CONFIRM), NOW) for address in addresses])
    places = await check_all_told(database, small)
    assert [places[address] for address in addresses] == [0] * SEATS + list(range(1, PEOPLE - SEATS + 1))


@on_postgresql
async def test_four_processes_seat_forty_of_a_thousand_and_keep_each_its_order(
    database: Database, database_url: str, small: World, processes: Processes
) -> None:
    messages = [(address, f"m{address}", "", CONFIRM) for address in await add_a_thousand(database, small)]
    shares = spread(messages)
    assert processes.run(jobs(database_url, shares)) == []
    places = await check_all_told(database, small)
    for share in shares:
        theirs = [places[address] for address, *_ in share]
        assert theirs == sorted(theirs)


@on_postgresql
async def test_one_mobile_number_in_eight_chats_gets_one_seat(
    database: Database, database_url: str, small: World, processes: Processes
) -> None:
    """Each chat is a slice of its own, so nothing but locks keeps them apart."""
    numbers = await add_batches(database, batch(1, 40), batch(2, 40, starts=ist(30, 10)))
    rounds = 8
    for turn in range(rounds):
        addresses = [f"r{turn}c{at}" for at in range(8)]
        states = {address: at_summary(mobile(turn), numbers[at // 4], small) for at, address in enumerate(addresses)}
        await add_people(database, states)
        messages = [(address, f"m{address}", "", CONFIRM) for address in addresses]
        assert processes.run(jobs(database_url, spread(messages))) == []
    registered, said = await registered_in(database), await queued_in(database)
    assert Counter(its.mobile for (its,) in registered.values()) == {mobile(turn): 1 for turn in range(rounds)}
    assert Counter(map(len, said.values())) == {1: 8 * rounds}
    assert await buried_in(database) == []
    await recount(database)


@on_postgresql
async def test_two_who_take_each_others_number_at_once_do_not_lock_each_other_out(
    database: Database, database_url: str, small: World, processes: Processes
) -> None:
    """A slice each of many, the same numbers in opposite order and in two batches."""
    numbers = await add_batches(database, batch(1, 40), batch(2, 40, starts=ist(30, 10)))
    states = {f"a{at:02}": at_summary(mobile(at), numbers[0], small) for at in range(40)}
    states |= {f"b{at:02}": at_summary(mobile(39 - at), numbers[1], small) for at in range(40)}
    await add_people(database, states)
    shares = [[(f"{who}{at:02}", f"m{who}{at}", "", CONFIRM) for at in range(40)] for who in "ab"]
    assert processes.run(jobs(database_url, shares)) == []
    registered = await registered_in(database)
    assert Counter(its.mobile for (its,) in registered.values()) == {mobile(at): 1 for at in range(40)}
    assert await buried_in(database) == []
    await recount(database)


@on_postgresql
async def test_a_message_that_comes_to_all_processes_at_once_acts_once(
    database: Database, database_url: str, small: World, processes: Processes
) -> None:
    (number,) = await add_batches(database, batch(seats=2))
    addresses = [f"p{at}" for at in range(30)]
    await add_people(database, {each: at_summary(mobile(at), number, small) for at, each in enumerate(addresses)})
    messages = [(address, f"m{address}", "", CONFIRM) for address in addresses]
    assert processes.run(jobs(database_url, [messages, messages[::-1], messages, messages[::-1]])) == []
    said = await queued_in(database)
    assert Counter(map(len, said.values())) == {1: 30}
    (one,) = (await batches_in(database)).values()
    assert (one.taken, one.waiting, one.places) == (2, 28, 28)
    async with database.read() as connection:
        assert (await connection.execute(sa.select(sa.func.count()).select_from(seen))).scalar_one() == 30


@on_postgresql
async def test_a_first_message_that_comes_to_all_processes_at_once_makes_one_person(
    database: Database, database_url: str, processes: Processes
) -> None:
    messages = [(f"new{at}", "first", "", "help") for at in range(30)]
    assert processes.run(jobs(database_url, [messages, messages[::-1], messages, messages[::-1]])) == []
    async with database.read() as connection:
        assert (await connection.execute(sa.select(sa.func.count()).select_from(people))).scalar_one() == 30
    assert Counter(map(len, (await queued_in(database)).values())) == {1: 30}


@on_postgresql
async def test_two_messages_of_one_person_in_two_processes_lose_no_answer(
    database: Database, database_url: str, processes: Processes
) -> None:
    (number,) = await add_batches(database, batch())
    answered = {name: value for name, value in filled_in("").items() if name not in ("mobile", "stage")}
    form = Form(1, number, "mobile", answered)
    addresses = [f"p{at:02}" for at in range(40)]
    await add_people(database, {each: State(form=form, forms=1, own_mobile="+919876543210") for each in addresses})
    own = [(address, "own", "", "f:1:own") for address in addresses]
    stage = [(address, "stage", "", "f:1:set:stage:bidding") for address in addresses]
    assert processes.run(jobs(database_url, [own, stage[::-1]])) == []
    async with database.read() as connection:
        talks = (await connection.execute(sa.select(people.c.talk))).scalars().all()
    for talk in talks:
        after = state_of(talk, "hi", None).form
        assert after is not None
        assert after.answers == answered | {"mobile": "+919876543210", "stage": "bidding"}
        assert after.step == SUMMARY
    assert Counter(map(len, (await queued_in(database)).values())) == {2: 40}


@on_postgresql
async def test_four_processes_that_look_at_the_clock_at_once_do_nothing_twice(
    database: Database, database_url: str, small: World, processes: Processes
) -> None:
    """Some are asked whether they come, and, in the other batch, offers have run out."""
    asked, full = await add_batches(database, batch(1, 40), batch(2, 3, starts=ist(30, 10)))
    addresses = [f"p{at:02}" for at in range(36)]
    states = {each: at_summary(mobile(at), full if at % 2 else asked, small) for at, each in enumerate(addresses)}
    await add_people(database, states)
    inbox = Inbox(database, lambda: small, lambda: NOW)
    await take_all(inbox, [incoming((address, "1", "", CONFIRM), NOW) for address in addresses])
    async with database.write() as connection:
        ran_out = {"status": Status.OFFERED, "offered_until": ist(19, 10)}
        await connection.execute(
            registrations.update()
            .where(registrations.c.status == Status.SEATED, registrations.c.batch == full)
            .values(ran_out)
        )
        await connection.execute(outbox.delete())
    assert processes.run([Job(database_url, NOW.isoformat(), [], ist(20, 10).isoformat(), looks=5)] * 4) == []
    async with database.read() as connection:
        rows = (await connection.execute(sa.select(outbox.c.address, outbox.c.kind))).all()
    told = Counter(map(tuple, rows))
    assert told == {
        **{(address, "coming"): 1 for address in addresses[::2]},
        **{(address, "lapsed"): 1 for address in addresses[1::2][:3]},
        **{(address, "offer"): 1 for address in addresses[1::2][3:6]},
    }
    await recount(database)


@on_postgresql
@pytest.mark.parametrize("seed", range(MIXTURES))
async def test_whatever_many_people_do_in_four_processes_the_seats_add_up(
    database: Database, database_url: str, small: World, processes: Processes, seed: int
) -> None:
    """People come and go while offers run out and the office adds seats; a person's messages come to any process."""
    chance = random.Random(seed)  # noqa: S311 - the same each time
    numbers = await add_batches(database, batch(1, 6), batch(2, 4, starts=ist(24, 10)), batch(3, 2, starts=ist(30, 10)))
    addresses = [f"p{at:02}" for at in range(60)]
    # Some share a mobile.
    states = {each: at_summary(mobile(at % 50), chance.choice(numbers), small) for at, each in enumerate(addresses)}
    await add_people(database, states)
    shares: list[list[tuple[str, str, str, str]]] = [[], [], [], []]
    for turn in range(12):
        for address in chance.sample(addresses, len(addresses)):
            text, press = ("haan", "") if not turn else something(chance, numbers)
            chance.choice(shares).append((address, f"{turn}", text, press))
    others = {"clock": (NOW + timedelta(hours=30)).isoformat(), "looks": 15, "more_seats": numbers}
    assert processes.run(jobs(database_url, shares, **others)) == []
    assert await buried_in(database) == []
    await recount(database)
    async with database.read() as connection:
        handled = (await connection.execute(sa.select(sa.func.count()).select_from(seen))).scalar_one()
    assert handled == 12 * len(addresses)


def something(chance: random.Random, numbers: list[int]) -> tuple[str, str]:
    """A text or a press that a person may send."""
    one, other = chance.sample(numbers, 2)
    said = chance.choice(
        [
            "haan",
            "nahi",
            f":register:{one}",
            f":leave-yes:{one}",
            f":accept:{one}",
            f":decline:{one}",
            f":coming:{one}",
            f":move:{one}:{other}",
            f":move-wait:{one}:{other}",
            ":my-place",
            ":workshop",
            ":data:erase-yes" if chance.random() < 0.2 else "haan",
        ]
    )
    return ("", said[1:]) if said.startswith(":") else (said, "")
