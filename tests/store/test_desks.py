import asyncio
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from bot.core.talk.state import World
from bot.core.workshops.acts import (
    Accept,
    Act,
    AlreadyIn,
    Attend,
    Attended,
    Begin,
    Confirm,
    Correct,
    Data,
    Erase,
    Kept,
    Leave,
    Look,
    MobileTaken,
    Move,
    NoClassToday,
    Outcome,
    Own,
    Queued,
    Rate,
    Rated,
    Register,
    Remark,
    Say,
    Seated,
    Seen,
    ShowData,
)
from bot.core.workshops.batch import Registration, Status
from bot.core.workshops.seats import Seats
from bot.staff import change_batch
from bot.store.database import Database
from bot.store.desks import batches_ahead, first_in_line, live_in, load_desk, lock_batches, save_seats
from bot.store.people import meet
from bot.store.reminding import pass_time
from bot.store.tables import batches, people, registrations
from tests.seats.given import NOW, batch, ist, mobile
from tests.seats.people import add_batches, batches_in, recount, until_waiting
from tests.seats.process import small_world

AFTER = ist(23, 17)
on_postgresql = pytest.mark.parametrize("engine_name", ["postgresql"])


@pytest.fixture(scope="module")
def world() -> World:
    return small_world()


async def settle(database: Database, *acts: tuple[int, Act], now: datetime = NOW) -> list[Outcome]:
    """A slice, as the inbox settles it."""
    async with database.write() as connection:
        desk = await load_desk(connection, acts, now)
        outcomes = [desk.settle(person, act) for person, act in acts]
        await save_seats(connection, desk.seats)
    return outcomes


async def persons(database: Database, count: int) -> list[int]:
    async with database.write() as connection:
        met = await meet(connection, {("web", f"{number:03}"): "" for number in range(count)}, NOW, "hi")
    return [met["web", f"{number:03}"].id for number in range(count)]


def register(person: int, number: int, its: int | None = None) -> tuple[int, Register]:
    return person, Register(number, mobile(person if its is None else its), {"name": f"नाम {person}"})


async def stand(database: Database, number: int) -> dict[int, tuple[Status, int]]:
    async with database.read() as connection:
        columns = (registrations.c.person, registrations.c.status, registrations.c.place)
        rows = await connection.execute(sa.select(*columns).where(registrations.c.batch == number))
        return {person: (Status(status), place) for person, status, place in rows}


# --- what is written is what is loaded --------------------------------------------------------------------------------


async def test_registrations_are_written_as_they_were_settled(database: Database) -> None:
    (number,) = await add_batches(database, batch(seats=2))
    a, b, c = await persons(database, 3)
    outcomes = await settle(database, register(a, number), register(b, number), register(c, number))
    assert [type(each) for each in outcomes] == [Seated, Seated, Queued]
    assert await stand(database, number) == {a: (Status.SEATED, 0), b: (Status.SEATED, 0), c: (Status.WAITING, 1)}
    async with database.read() as connection:
        live = {each.person: each for each in await live_in(connection, number)}
    assert live[c] == Registration(number, c, mobile(c), Status.WAITING, NOW, {"name": f"नाम {c}"}, place=1)
    one = (await batches_in(database))[number]
    assert (one.taken, one.waiting, one.places) == (2, 1, 1)


async def test_who_left_and_comes_back_has_one_row_that_begins_anew(database: Database) -> None:
    (number,) = await add_batches(database, batch(seats=1))
    a, b = await persons(database, 2)
    await settle(database, register(a, number), register(b, number))
    await settle(database, (a, Leave(number)))
    await settle(database, register(a, number, its=77))
    assert await stand(database, number) == {a: (Status.WAITING, 2), b: (Status.OFFERED, 1)}
    await recount(database)


async def test_as_many_in_line_are_loaded_as_seats_may_become_free(database: Database) -> None:
    (number,) = await add_batches(database, batch(seats=5))
    everybody = await persons(database, 40)
    await settle(database, *(register(person, number) for person in everybody))
    leaving = [everybody[at] for at in (0, 2, 4, 6, 8)]
    await settle(database, *((person, Leave(number)) for person in leaving))
    then = await stand(database, number)
    offered = [person for person, (status, _) in then.items() if status is Status.OFFERED]
    assert sorted(offered) == [everybody[at] for at in (5, 7, 9)]
    await recount(database)


async def test_a_slice_that_frees_seats_in_several_ways_fills_them_all(database: Database) -> None:
    one, other = await add_batches(database, batch(seats=4), batch(2, 1, starts=ist(30, 10)))
    everybody = await persons(database, 12)
    await settle(database, *(register(person, one) for person in everybody))
    a, b, c, d, e, *_ = everybody
    await settle(database, (a, Leave(one)), (b, Move(one, other)), (c, Erase()), (e, Leave(one)))
    then = await stand(database, one)
    assert [person for person, (status, _) in sorted(then.items()) if status is Status.OFFERED] == everybody[5:8]
    assert then[d] == (Status.SEATED, 0)
    await recount(database)


async def test_who_looks_and_waits_sees_how_many_wait_before_them(database: Database) -> None:
    (number,) = await add_batches(database, batch(seats=1))
    everybody = await persons(database, 5)
    await settle(database, *(register(person, number) for person in everybody))
    await settle(database, (everybody[2], Leave(number)))
    (seen,) = await settle(database, (everybody[4], Look()))
    assert isinstance(seen, Seen)
    assert seen.own is not None
    assert (seen.own.ahead, seen.own.registration.place) == (2, 4)


@pytest.mark.parametrize(
    "act", [Begin, Confirm, lambda number: Move(number + 1, number), lambda n: Register(n, "+91", {})]
)
async def test_whoever_is_told_where_they_wait_is_told_the_right_number(database: Database, act: type[Begin]) -> None:
    number, _ = await add_batches(database, batch(seats=1), batch(2))
    everybody = await persons(database, 4)
    await settle(database, *(register(person, number) for person in everybody))
    (outcome,) = await settle(database, (everybody[3], act(number)))
    own = outcome.own if isinstance(outcome, AlreadyIn) else outcome
    assert isinstance(own, Own)
    assert own.ahead == 2


async def test_all_that_is_kept_is_shown_with_its_batches(database: Database) -> None:
    (number,) = await add_batches(database, batch())
    (a,) = await persons(database, 1)
    await settle(database, register(a, number))
    (data,) = await settle(database, (a, ShowData()))
    assert isinstance(data, Data)
    assert data.kept == Kept(NOW, ())
    assert [(each.status, its.id) for each, its in data.registrations] == [(Status.SEATED, number)]


async def test_a_batch_that_was_only_looked_at_is_found(database: Database) -> None:
    (number,) = await add_batches(database, batch(last_date=NOW))
    (a,) = await persons(database, 1)
    assert await settle(database, (a, Look(number))) == [Seen(((await batches_in(database))[number],))]
    assert await settle(database, (a, Look(number + 7))) == [Seen(())]


async def test_what_concerns_whichever_batch_one_is_in_finds_it(database: Database) -> None:
    (number,) = await add_batches(database, batch(seats=1))
    a, b = await persons(database, 2)
    await settle(database, register(a, number), register(b, number))
    assert await settle(database, (a, Attend("4821"))) == [NoClassToday()]
    await settle(database, (a, Correct(mobile(99), {"name": "नया"})))
    async with database.read() as connection:
        changed = {each.person: each for each in await live_in(connection, number)}[a]
    assert (changed.mobile, changed.profile) == (mobile(99), {"name": "नया"})
    await settle(database, (a, Leave(number)))
    await settle(database, (b, Say(yes=True)))
    assert (await stand(database, number))[b] == (Status.SEATED, 1)
    (attended,) = await settle(database, (b, Attend("4821")), now=ist(23, 11))
    assert isinstance(attended, Attended)


async def test_stars_and_a_line_are_kept(database: Database) -> None:
    (number,) = await add_batches(database, batch())
    (a,) = await persons(database, 1)
    await settle(database, register(a, number))
    await settle(database, (a, Attend("4821")), now=ist(23, 11))
    (rated,) = await settle(database, (a, Rate(number, 4)), now=AFTER)
    await settle(database, (a, Remark(number, "बहुत 'अच्छा'; \\")), now=AFTER)
    assert isinstance(rated, Rated)
    async with database.read() as connection:
        row = (await connection.execute(sa.select(registrations))).one()
    assert (row.stars, row.remark, row.status, row.attended) == (4, "बहुत 'अच्छा'; \\", Status.OVER, ist(23, 11))


async def test_once_a_batch_has_ended_its_people_and_their_numbers_are_free_for_the_next(database: Database) -> None:
    old, new = await add_batches(database, batch(seats=3), batch(2, 9, starts=ist(30, 10)))
    a, b, c = await persons(database, 3)
    await settle(database, register(a, old), register(b, old))
    outcomes = await settle(database, register(a, new), register(c, new, its=b), now=AFTER)
    assert [type(each) for each in outcomes] == [Seated, Seated]
    assert await stand(database, old) == {a: (Status.OVER, 0), b: (Status.OVER, 0)}
    await recount(database, AFTER)


async def test_a_number_that_was_given_up_in_a_slice_is_taken_in_the_same_slice(database: Database) -> None:
    one, other = await add_batches(database, batch(), batch(2))
    a, b = await persons(database, 2)
    await settle(database, register(b, one))
    outcomes = await settle(database, (b, Leave(one)), register(a, other, its=b))
    assert isinstance(outcomes[1], Seated)
    await recount(database)


async def test_looking_writes_nothing(database: Database) -> None:
    await add_batches(database, batch())
    (a,) = await persons(database, 1)
    async with database.write() as connection:
        desk = await load_desk(connection, [(a, Look()), (a, Begin(1)), (a, ShowData())], NOW)
        desk.settle(a, Look())
    assert (desk.seats.changed, desk.seats.changed_batches) == ([], [])


async def test_batches_ahead_are_those_that_have_not_begun_also_where_they_take_nobody_any_more(
    database: Database,
) -> None:
    given = [batch(1), batch(2, last_date=NOW), batch(3, starts=NOW), batch(4, starts=NOW + timedelta(minutes=1))]
    ids = await add_batches(database, *given)
    async with database.read() as connection:
        assert {each.id for each in await batches_ahead(connection, NOW)} == {ids[0], ids[1], ids[3]}
        assert {each.id for each in await batches_ahead(connection, NOW, ids[0])} == {ids[1], ids[3]}
        also = await batches_ahead(connection, NOW, also=[ids[2]])
        assert {each.id for each in also} == set(ids)


async def test_the_first_in_line_are_those_with_the_smallest_places(database: Database) -> None:
    (number,) = await add_batches(database, batch(seats=1))
    everybody = await persons(database, 6)
    await settle(database, *(register(person, number) for person in reversed(everybody)))
    async with database.read() as connection:
        first = await first_in_line(connection, number, 3)
    assert [each.person for each in first] == everybody[4:1:-1]
    assert [each.place for each in first] == [1, 2, 3]


# --- the second wall --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("values", [{"taken": 3}, {"taken": -1}, {"waiting": -1}, {"seats": 0, "taken": 1}])
async def test_the_database_itself_refuses_an_oversold_batch(database: Database, values: dict[str, int]) -> None:
    await add_batches(database, batch(seats=2))
    with pytest.raises(sa.exc.IntegrityError):
        async with database.write() as connection:
            await connection.execute(batches.update().values(values))


@pytest.mark.parametrize("status", [Status.SEATED, Status.OFFERED, Status.WAITING])
@pytest.mark.parametrize("twice", ["mobile", "person"])
async def test_the_database_itself_refuses_two_live_places(database: Database, status: Status, twice: str) -> None:
    one, other = await add_batches(database, batch(), batch(2))
    a, b = await persons(database, 2)
    await settle(database, register(a, one))
    whose = {"person": b, "mobile": mobile(a)} if twice == "mobile" else {"person": a, "mobile": mobile(b)}
    row = {"batch": other, "profile": {}, "registered": NOW} | whose
    async with database.write() as connection:
        await connection.execute(registrations.insert().values(row | {"status": Status.LEFT}))
    with pytest.raises(sa.exc.IntegrityError):
        async with database.write() as connection:
            await connection.execute(registrations.update().where(registrations.c.batch == other).values(status=status))


# --- several processes, which only PostgreSQL lets write at the same time ---------------------------------------------


@on_postgresql
async def test_a_number_that_somebody_else_is_just_giving_a_place_is_waited_for(database: Database) -> None:
    one, other = await add_batches(database, batch(), batch(2))
    a, b = await persons(database, 2)
    async with database.write() as connection:
        desk = await load_desk(connection, [register(a, one)], NOW)
        second = asyncio.create_task(settle(database, register(b, other, its=a)))
        await until_waiting(database, second)
        assert not second.done()
        desk.settle(*register(a, one))
        await save_seats(connection, desk.seats)
    (outcome,) = await second
    assert outcome == MobileTaken((await batches_in(database))[one])


@on_postgresql
async def test_who_talks_does_not_hold_up_what_is_queued_for_them(database: Database, world: World) -> None:
    """Else two processes, each with a person whom the other has a notice for, would wait for each other."""
    (number,) = await add_batches(database, batch())
    (a,) = await persons(database, 1)
    await settle(database, register(a, number))
    moved = batch(number, 2, venue="देवरिया")
    async with database.write() as connection:
        await meet(connection, {("web", "000"): ""}, NOW, "hi")
        told = asyncio.create_task(change_batch(database, moved, world.phrases, NOW))
        await until_waiting(database, told)
        assert told.done()
    assert await told == 1


@on_postgresql
async def test_what_the_clock_wrote_down_is_not_undone_by_somebody_who_was_just_looking(
    database: Database, world: World
) -> None:
    (number,) = await add_batches(database, batch())
    (a,) = await persons(database, 1)
    await settle(database, register(a, number))
    await settle(database, (a, Attend("4821")), now=ist(23, 11))
    async with database.write() as connection:
        desk = await load_desk(connection, [(a, Look())], AFTER)
        clock = asyncio.create_task(pass_time(database, world.phrases, AFTER))
        await until_waiting(database, clock)
        desk.settle(a, Look())
        await save_seats(connection, desk.seats)
    assert await clock == 1
    assert await pass_time(database, world.phrases, AFTER) == 0


@on_postgresql
async def test_batches_are_locked_until_the_transaction_ends(database: Database) -> None:
    (number,) = await add_batches(database, batch(seats=1))
    a, b = await persons(database, 2)
    async with database.write() as connection:
        (held,) = await lock_batches(connection, [number])
        second = asyncio.create_task(settle(database, register(b, number)))
        await until_waiting(database, second)
        assert not second.done()
        seats = Seats([held], [], NOW, {})
        seats.enter(held, Registration(number, a, mobile(a), Status.SEATED, NOW))
        await save_seats(connection, seats)
    assert [type(each) for each in await second] == [Queued]
    assert await lock_of_nothing(database) == []


async def lock_of_nothing(database: Database) -> list[object]:
    async with database.write() as connection:
        return list(await lock_batches(connection, []))


async def test_an_offer_that_is_accepted_is_a_seat(database: Database) -> None:
    (number,) = await add_batches(database, batch(seats=1))
    a, b = await persons(database, 2)
    await settle(database, register(a, number), register(b, number))
    await settle(database, (a, Leave(number)))
    assert [type(each) for each in await settle(database, (b, Accept(number)))] == [Seated]
    async with database.read() as connection:
        found = (
            await connection.execute(sa.select(registrations.c.offered_until, people.c.address).join(people))
        ).all()
    assert [row.offered_until for row in found] == [None, None]
