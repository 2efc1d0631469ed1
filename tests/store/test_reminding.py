from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from bot.core.talk.state import State, World
from bot.core.workshops.batch import Batch, BatchStatus, Registration, Status
from bot.staff import change_batch
from bot.store.database import Database
from bot.store.people import meet
from bot.store.reminding import concerning, pass_time
from bot.store.tables import outbox, registrations
from tests.seats.given import NOW, batch, full, ist, offered, registration, seated, waiting
from tests.seats.people import add_batches, add_people, batches_in, recount, registered_in
from tests.seats.process import CHANNEL, small_world

EARLY = ist(2, 9)
THREE_DAYS_BEFORE, EVENING_BEFORE, HALF_AN_HOUR_AFTER = ist(20, 10), ist(22, 18), ist(23, 16, 30)


@pytest.fixture(scope="module")
def world() -> World:
    return small_world()


async def given(database: Database, *registrations_: Registration, of: Batch | None = None) -> int:
    """A batch with these people in it; each has the address of their number."""
    (number,) = await add_batches(database, of or full(*registrations_, seats=9))
    addresses = [str(each.person) for each in registrations_]
    await add_people(database, dict.fromkeys(addresses, State()))
    async with database.write() as connection:
        met = await meet(connection, {(CHANNEL, address): "" for address in addresses}, NOW, "hi")
        for each in registrations_:
            row = {name: getattr(each, name) for name in registrations.c.keys()}  # noqa: SIM118 - no mapping
            row |= {"batch": number, "person": met[CHANNEL, str(each.person)].id, "profile": dict(each.profile)}
            await connection.execute(registrations.insert().values(row))
    return number


async def kinds(database: Database) -> Mapping[str, Counter[str]]:
    """Address -> what kinds of message are queued."""
    found: dict[str, Counter[str]] = {}
    async with database.read() as connection:
        for address, kind in await connection.execute(sa.select(outbox.c.address, outbox.c.kind)):
            found.setdefault(address, Counter())[kind] += 1
    return found


async def statuses(database: Database) -> dict[str, Status]:
    return {address: its.status for address, (its,) in (await registered_in(database)).items()}


# --- reminders --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "kind"), [(THREE_DAYS_BEFORE, "coming"), (EVENING_BEFORE, "evening"), (HALF_AN_HOUR_AFTER, "feedback")]
)
async def test_each_reminder_is_queued_once_for_whom_it_concerns(
    database: Database, world: World, now: datetime, kind: str
) -> None:
    here = [
        seated(1, registered=EARLY, attended=ist(23, 11) if kind == "feedback" else None),
        seated(2, registered=now - timedelta(hours=1)),
        waiting(3, 1, registered=EARLY),
        registration(4, Status.LEFT, registered=EARLY),
    ]
    await given(database, *here, of=full(*here))
    assert await pass_time(database, world.phrases, now) == (1 if kind != "feedback" else 2)
    queued = await kinds(database)
    assert queued["1"] == {kind: 1}
    assert "2" not in queued
    assert "4" not in queued
    for later in (timedelta(), timedelta(seconds=20), timedelta(hours=1)):
        assert await pass_time(database, world.phrases, now + later) == 0


@pytest.mark.parametrize(
    "now", [ist(20, 9, 59), ist(20, 21), ist(21, 3), ist(22, 22), ist(23, 5), ist(23, 10), ist(24, 3), ist(30, 16)]
)
async def test_nobody_is_reminded_too_early_in_the_night_or_too_late(
    database: Database, world: World, now: datetime
) -> None:
    await given(database, seated(1, registered=EARLY, attended=ist(23, 11) if now > ist(23, 16) else None))
    assert await pass_time(database, world.phrases, now) == 0
    assert await kinds(database) == {}


async def test_a_program_that_was_down_sends_what_is_still_in_time_and_only_that(
    database: Database, world: World
) -> None:
    await given(database, seated(1, registered=EARLY))
    assert await pass_time(database, world.phrases, ist(23, 8)) == 1
    assert await kinds(database) == {"1": {"evening": 1}}


async def test_who_said_they_are_coming_is_not_asked(database: Database, world: World) -> None:
    await given(database, seated(1, registered=EARLY, coming=True), seated(2, registered=EARLY))
    assert await pass_time(database, world.phrases, THREE_DAYS_BEFORE) == 1
    assert await kinds(database) == {"2": {"coming": 1}}


async def test_a_batch_that_was_moved_is_asked_about_anew(database: Database, world: World) -> None:
    number = await given(database, seated(1, registered=EARLY))
    await pass_time(database, world.phrases, THREE_DAYS_BEFORE)
    one = (await batches_in(database))[number]
    moved = replace(one, starts=ist(26, 10), ends=ist(26, 16), last_date=ist(26, 10))
    assert await change_batch(database, moved, world.phrases, ist(20, 11)) == 1
    assert await pass_time(database, world.phrases, ist(22, 18)) == 0
    assert await pass_time(database, world.phrases, ist(23, 10)) == 1
    assert await kinds(database) == {"1": {"coming": 2, "changed": 1}}


async def test_a_cancelled_batch_reminds_nobody(database: Database, world: World) -> None:
    number = await given(database, seated(1, registered=EARLY))
    await change_batch(
        database, replace((await batches_in(database))[number], status=BatchStatus.CANCELLED), world.phrases, NOW
    )
    for now in (THREE_DAYS_BEFORE, EVENING_BEFORE, HALF_AN_HOUR_AFTER):
        assert await pass_time(database, world.phrases, now) == 0


async def test_a_whole_story_reminds_each_time_once_however_often_the_clock_is_looked_at(
    database: Database, world: World
) -> None:
    await given(database, seated(1, registered=EARLY), seated(2, registered=EARLY))
    now = NOW
    while now < ist(30, 18):
        await pass_time(database, world.phrases, now)
        if now == ist(23, 11):
            async with database.write() as connection:
                await connection.execute(registrations.update().values(attended=now))
        now += timedelta(hours=3)
    expected = {"coming": 1, "evening": 1, "feedback": 1}
    assert await kinds(database) == {"1": expected, "2": expected}


# --- offers, beginning, end -------------------------------------------------------------------------------------------


async def test_offers_that_ran_out_go_on_down_the_line_and_nothing_happens_twice(
    database: Database, world: World
) -> None:
    here = [offered(1, NOW), offered(2, NOW, place=2), waiting(3, 3), waiting(4, 4), waiting(5, 5)]
    await given(database, *here, of=full(*here))
    assert await pass_time(database, world.phrases, NOW) == 4
    assert await statuses(database) == {
        "1": Status.LAPSED,
        "2": Status.LAPSED,
        "3": Status.OFFERED,
        "4": Status.OFFERED,
        "5": Status.WAITING,
    }
    assert await pass_time(database, world.phrases, NOW) == 0
    await recount(database)


async def test_an_idle_seat_is_offered_even_where_nobodys_offer_ran_out(database: Database, world: World) -> None:
    here = [seated(1), waiting(2, 1), waiting(3, 2)]
    await given(database, *here, of=full(*here, seats=2))
    assert await pass_time(database, world.phrases, NOW) == 1
    assert (await statuses(database))["2"] is Status.OFFERED
    await recount(database)


async def test_who_waits_until_the_batch_begins_is_told_of_the_next_one(database: Database, world: World) -> None:
    here = [seated(1), waiting(2, 1)]
    await given(database, *here, of=full(*here))
    await add_batches(database, batch(2, starts=ist(30, 10)))
    assert await pass_time(database, world.phrases, ist(23, 10)) == 1
    async with database.read() as connection:
        body = (await connection.execute(sa.select(outbox.c.body))).scalar_one()
    assert [option[0].partition(":")[0] for option in body["options"]] == ["register"]
    assert await statuses(database) == {"1": Status.SEATED, "2": Status.LAPSED}


async def test_a_batch_that_has_ended_is_history_and_is_not_seen_to_for_ever(database: Database, world: World) -> None:
    here = [seated(1), seated(2)]
    await given(database, *here, of=full(*here))
    await pass_time(database, world.phrases, ist(23, 16))
    assert await statuses(database) == {"1": Status.OVER, "2": Status.OVER}
    assert await pass_time(database, world.phrases, ist(23, 16)) == 0


async def test_how_things_stand_is_found_for_several_at_once(database: Database) -> None:
    one = await given(database, seated(1))
    other = await given(database, seated(2))
    registered = await registered_in(database)
    ids = {address: its.person for address, (its,) in registered.items()}
    async with database.read() as connection:
        found = await concerning(connection, [(one, ids["1"]), (other, ids["2"]), (None, ids["1"]), (one, None)])
    assert {(number, person) for number, person in found} == {(one, ids["1"]), (other, ids["2"])}
    mine = found[one, ids["1"]]
    assert (mine.batch.id, mine.registration.person, mine.language) == (one, ids["1"], "hi")
