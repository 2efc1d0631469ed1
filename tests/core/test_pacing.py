"""The rate of a channel."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.core.pacing import AHEAD, SECOND, SHARED_SECOND, Lane

NOW = datetime(2026, 11, 26, 6, 30, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def lane(per_second: int = 30) -> Lane:
    return Lane(per_second * 60, NOW, NOW)


@given(
    per_second=st.integers(1, 1000),
    asks=st.lists(st.tuples(st.floats(0, 3), st.integers(1, 200), st.sampled_from("ab")), max_size=40),
)
def test_no_second_holds_more_slots_than_the_rate_whoever_asks_when(
    per_second: int, asks: list[tuple[float, int, str]]
) -> None:
    now, known, slots = NOW, lane(per_second), list[datetime]()
    for seconds, wanted, taker in asks:
        now += timedelta(seconds=seconds)
        known, taken = known.of(taker, now).take(min(wanted, known.of(taker, now).slots(now)), now)
        assert all(now <= slot <= now + AHEAD for slot in taken)
        slots += taken
    assert slots == sorted(slots)
    assert all(
        later - earlier >= timedelta(seconds=1) for earlier, later in zip(slots, slots[per_second:], strict=False)
    )


def test_who_asks_again_and_again_loses_nothing_of_the_rate() -> None:
    now, known, count = NOW, lane(), 0
    while now < after(60):
        known, taken = known.take(known.slots(now), now)
        count += len(taken)
        now += timedelta(milliseconds=20)
    assert count >= 0.98 * 30 * 60


def test_too_fast_shuts_the_lane_and_halves_its_rate_once_for_many_messages() -> None:
    shut = lane().shut(after(5), NOW)
    assert (shut.rate, shut.slots(after(4.9)), shut.slots(after(5)) > 0) == (900, 0, True)
    again = shut.shut(after(7), after(1)).shut(after(6), after(1))
    assert (again.rate, again.paused_until) == (900, after(7))
    assert again.shut(after(20), after(8)).rate == 450


def test_the_rate_climbs_back_step_by_step_from_when_the_lane_opens_again_and_not_beyond_the_pace() -> None:
    slowed = lane().shut(after(5), NOW)
    assert slowed.climbed(30, after(14)).rate == 900
    climbed = slowed.climbed(30, after(15))
    assert (climbed.rate, climbed.climbed(30, after(24)).rate, climbed.climbed(30, after(25)).rate) == (960, 960, 1020)
    assert lane().climbed(30, after(100)) == lane()


def test_a_lower_pace_in_the_settings_holds_at_once() -> None:
    assert lane().climbed(10, after(1)).rate == 600


def test_the_slowest_is_a_message_a_second() -> None:
    known = lane(1).shut(after(5), NOW)
    assert (known.rate, known.gap(NOW)) == (60, SECOND)


def test_where_several_take_slots_they_lie_wider_for_a_while() -> None:
    alone, _ = lane(30).of("a", NOW).take(1, NOW)
    alone, _ = alone.of("a", NOW).take(1, NOW)
    assert alone.gap(NOW) == SECOND / 30
    shared, slots = alone.of("b", NOW).take(2, NOW)
    assert slots[1] - slots[0] == SHARED_SECOND / 30
    assert shared.gap(NOW + timedelta(seconds=9)) == SHARED_SECOND / 30
    # The other one is gone.
    assert shared.gap(NOW + timedelta(seconds=11)) == SECOND / 30
