"""What the office does to batches, on a database."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from bot.core.talk.state import World
from bot.core.workshops.acts import News
from bot.core.workshops.batch import BatchStatus, Status
from bot.inbox import Inbox
from bot.staff import change_batch, mark_present, remove
from bot.store.database import Database
from bot.store.outgoing import Fate
from bot.store.tables import outbox
from tests.seats.given import NOW, batch, ist, mobile
from tests.seats.people import add_batches, add_people, at_summary, batches_in, queued_in, recount, registered_in
from tests.seats.process import incoming, small_world, take_all


@pytest.fixture(scope="module")
def world() -> World:
    return small_world()


async def four_for_two_seats(database: Database, world: World) -> int:
    (number,) = await add_batches(database, batch(seats=2))
    addresses = [f"p{at}" for at in range(4)]
    await add_people(database, {address: at_summary(mobile(at), number, world) for at, address in enumerate(addresses)})
    inbox = Inbox(database, lambda: world, lambda: NOW)
    await take_all(inbox, [incoming((address, address, "", "f:1:confirm"), NOW) for address in addresses])
    return number


async def statuses(database: Database) -> list[Status]:
    return [its.status for _, (its,) in sorted((await registered_in(database)).items())]


async def test_more_seats_are_offered_to_who_waits_in_the_same_transaction(database: Database, world: World) -> None:
    number = await four_for_two_seats(database, world)
    assert await change_batch(database, batch(number, 3), world.phrases, NOW) == 1
    assert await statuses(database) == [Status.SEATED, Status.SEATED, Status.OFFERED, Status.WAITING]
    assert {address: len(said) for address, said in (await queued_in(database)).items()} == {
        "p0": 1,
        "p1": 1,
        "p2": 2,
        "p3": 1,
    }
    await recount(database)


async def test_fewer_seats_than_are_taken_are_refused_and_nothing_changes(database: Database, world: World) -> None:
    number = await four_for_two_seats(database, world)
    before = await batches_in(database)
    with pytest.raises(ValueError, match="2 of 1 seats"):
        await change_batch(database, batch(number, 1, venue="देवरिया"), world.phrases, NOW)
    assert await batches_in(database) == before
    assert {len(said) for said in (await queued_in(database)).values()} == {1}


async def test_everybody_is_told_of_a_new_venue(database: Database, world: World) -> None:
    number = await four_for_two_seats(database, world)
    assert await change_batch(database, batch(number, 2, venue="देवरिया"), world.phrases, NOW) == 4
    assert all("देवरिया" in said[-1] for said in (await queued_in(database)).values())
    assert (await batches_in(database))[number].venue == "देवरिया"


async def test_a_cancelled_batch_is_called_off_for_all_with_the_next_one_named(
    database: Database, world: World
) -> None:
    number = await four_for_two_seats(database, world)
    await add_batches(database, batch(2, starts=ist(30, 10)))
    one = (await batches_in(database))[number]
    assert await change_batch(database, replace(one, status=BatchStatus.CANCELLED), world.phrases, NOW) == 4
    assert set(await statuses(database)) == {Status.CALLED_OFF}
    after = (await batches_in(database))[number]
    assert (after.status, after.taken, after.waiting) == (BatchStatus.CANCELLED, 0, 0)
    assert all("30 नवंबर" in said[-1] for said in (await queued_in(database)).values())
    assert await change_batch(database, replace(after, status=BatchStatus.CANCELLED), world.phrases, NOW) == 0


async def test_who_was_in_a_cancelled_batch_can_register_for_the_next(database: Database, world: World) -> None:
    number = await four_for_two_seats(database, world)
    (later,) = await add_batches(database, batch(2, 9, starts=ist(30, 10)))
    called_off = replace((await batches_in(database))[number], status=BatchStatus.CANCELLED)
    await change_batch(database, called_off, world.phrases, NOW)
    inbox = Inbox(database, lambda: world, lambda: NOW)
    await take_all(inbox, [incoming(("p0", "1", "", f"register:{later}"), NOW), incoming(("p0", "2", "haan", ""), NOW)])
    assert {its.batch: its.status for its in (await registered_in(database))["p0"]} == {
        number: Status.CALLED_OFF,
        later: Status.SEATED,
    }
    await recount(database)


async def test_numbers_that_the_office_has_read_long_ago_do_not_overwrite_how_many_are_in(
    database: Database, world: World
) -> None:
    number = await four_for_two_seats(database, world)
    stale = replace(batch(number, 2), title="GeM: बिड", taken=0, waiting=0, places=0)
    assert await change_batch(database, stale, world.phrases, NOW) == 0
    one = (await batches_in(database))[number]
    assert (one.title, one.taken, one.waiting, one.places) == ("GeM: बिड", 2, 2, 2)


async def test_a_batch_that_never_was_cannot_be_changed(database: Database, world: World) -> None:
    with pytest.raises(LookupError):
        await change_batch(database, batch(77), world.phrases, NOW)


async def test_only_the_newest_change_is_told_where_the_one_before_has_not_gone_out(
    database: Database, world: World
) -> None:
    number = await four_for_two_seats(database, world)
    for venue in ("देवरिया", "बस्ती"):
        one = (await batches_in(database))[number]
        await change_batch(database, replace(one, venue=venue), world.phrases, NOW)
    async with database.read() as connection:
        changed = outbox.c.kind == News.CHANGED
        rows = (await connection.execute(sa.select(outbox.c.body, outbox.c.status).where(changed))).all()
    assert {status for body, status in rows if "कहाँ: बस्ती" in body["text"]} == {Fate.DUE}
    assert {status for body, status in rows if "कहाँ: बस्ती" not in body["text"]} == {Fate.SKIPPED}


async def test_who_is_removed_by_the_office_is_told_and_the_seat_goes_to_the_next(
    database: Database, world: World
) -> None:
    number = await four_for_two_seats(database, world)
    await remove(database, number, mobile(0), world.phrases, NOW)
    now = {address: its.status for address, (its,) in (await registered_in(database)).items()}
    assert now == {"p0": Status.LEFT, "p1": Status.SEATED, "p2": Status.OFFERED, "p3": Status.WAITING}
    said = await queued_in(database)
    assert "कार्यालय ने हटा दिया" in said["p0"][-1]
    assert "सीट खाली हुई" in said["p2"][-1]
    await recount(database)


@pytest.mark.parametrize("given", [0, 9])
async def test_who_is_not_in_a_batch_cannot_be_removed_from_it(database: Database, world: World, given: int) -> None:
    number = await four_for_two_seats(database, world)
    if given == 0:
        await remove(database, number, mobile(0), world.phrases, NOW)
    with pytest.raises(LookupError):
        await remove(database, number, mobile(given), world.phrases, NOW)
    with pytest.raises(LookupError):
        await remove(database, number + 1, mobile(1), world.phrases, NOW)


async def test_the_office_marks_somebody_present_who_has_a_seat_and_nobody_else(
    database: Database, world: World
) -> None:
    number = await four_for_two_seats(database, world)
    for _ in range(2):
        await mark_present(database, number, mobile(1), NOW)
    came = {address: its.attended for address, (its,) in (await registered_in(database)).items()}
    assert came == {"p0": None, "p1": NOW, "p2": None, "p3": None}
    for nobody in (mobile(2), mobile(9)):
        with pytest.raises(LookupError):
            await mark_present(database, number, nobody, NOW)
