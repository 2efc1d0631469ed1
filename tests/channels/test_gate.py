"""Who may set out on a channel now, and who next."""

import asyncio
from datetime import UTC, datetime, timedelta

from bot.channels.gate import Gate
from bot.core.pacing import AHEAD, AS_IT_GOES, Pace

NOW = datetime(2026, 11, 26, 6, 30, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_without_a_pace_only_what_is_on_its_way_takes_room() -> None:
    gate = Gate(AS_IT_GOES, 3)
    gate.set_out("a", NOW)
    gate.set_out("a", NOW)
    assert (gate.room(NOW), gate.too_soon(NOW), gate.opens(NOW)) == (1, [], None)
    gate.on_their_way = 0
    assert gate.room(NOW) == 3


def test_a_lane_that_has_given_out_its_next_slots_shuts_the_gate_until_shortly_before_the_next() -> None:
    gate = Gate(Pace(per_second=2), 30)
    gate.lane_opens = after(0.6)
    assert (gate.room(NOW), gate.opens(NOW)) == (0, after(0.6) - AHEAD)
    assert (gate.room(after(0.6) - AHEAD), gate.opens(after(0.6) - AHEAD)) == (30, None)


def test_a_group_waits_longer_than_a_person() -> None:
    gate = Gate(Pace(per_person=timedelta(seconds=1), per_group=timedelta(seconds=3)), 30)
    gate.set_out("7", NOW)
    gate.set_out("-7", NOW)
    assert (gate.too_soon(after(1)), gate.opens(after(1))) == (["-7"], after(3))
    assert gate.too_soon(after(3)) == []


async def test_whoever_matters_most_goes_into_the_next_slot() -> None:
    gate, went = Gate(Pace(per_second=1000), 30), list[int]()

    async def go(row: int, priority: int, seconds: float) -> None:
        await gate.turn(row, priority, seconds)
        went.append(row)

    await asyncio.gather(go(1, 2, 0.01), go(2, 2, 0.02), go(3, 0, 0.03), go(4, 1, 0.04))
    assert went == [3, 4, 1, 2]


async def test_slots_that_are_used_late_do_not_crowd_the_next_second() -> None:
    gate, loop = Gate(Pace(per_second=3), 30), asyncio.get_running_loop()
    went: list[float] = []

    async def go(row: int) -> None:
        await gate.turn(row, 0, 0)
        went.append(loop.time())

    await asyncio.gather(*map(go, range(7)))
    assert all(later - earlier >= 1 for earlier, later in zip(went, went[3:], strict=False))


async def test_who_gives_up_leaves_the_slot_to_the_next() -> None:
    gate = Gate(Pace(per_second=1000), 30)
    first, second = (asyncio.create_task(gate.turn(row, 0, 0.01 * row)) for row in (1, 2))
    await asyncio.sleep(0)
    first.cancel()
    async with asyncio.timeout(20):
        await second


def test_a_person_gets_the_next_message_when_their_time_has_come() -> None:
    gate = Gate(Pace(per_person=timedelta(seconds=1)), 30)
    gate.set_out("a", NOW)
    gate.set_out("b", after(0.5))
    assert (gate.too_soon(after(0.5)), gate.opens(after(0.5))) == (["a", "b"], after(1))
    assert (gate.too_soon(after(1)), gate.opens(after(1))) == (["b"], after(1.5))
    gate.set_out("a", after(1.2))
    assert gate.too_soon(after(1.2)) == ["b", "a"]


def test_where_nobody_waits_any_more_the_clock_opens_nothing() -> None:
    gate = Gate(Pace(per_person=timedelta(seconds=1)), 30)
    gate.set_out("a", NOW)
    assert gate.opens(after(60)) is None


def test_a_pause_shuts_it_and_only_a_longer_one_is_news() -> None:
    gate = Gate(AS_IT_GOES, 3)
    assert gate.pause(after(10))
    assert not gate.pause(after(5))
    assert (gate.room(after(9.9)), gate.opens(NOW)) == (0, after(10))
    assert (gate.room(after(10)), gate.is_paused(after(10)), gate.opens(after(10))) == (3, False, None)
