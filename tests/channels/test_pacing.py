"""When a channel may be sent to."""

from datetime import UTC, datetime, timedelta

from bot.channels.pacing import AS_IT_GOES, Gate, Pace

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


def test_in_no_second_more_set_out_than_the_pace_allows() -> None:
    gate = Gate(Pace(per_second=2), 30)
    gate.set_out("a", NOW)
    gate.set_out("b", after(0.6))
    assert (gate.room(after(0.6)), gate.opens(after(0.6))) == (0, after(1))
    assert (gate.room(after(0.999)), gate.room(after(1)), gate.opens(after(1))) == (0, 1, None)
    gate.set_out("c", after(1))
    assert (gate.room(after(1.5)), gate.opens(after(1.5))) == (0, after(1.6))


def test_a_person_gets_the_next_message_when_their_time_has_come() -> None:
    gate = Gate(Pace(per_person=timedelta(seconds=1)), 30)
    gate.set_out("a", NOW)
    gate.set_out("b", after(0.5))
    assert (gate.too_soon(after(0.5)), gate.opens(after(0.5))) == (["a", "b"], after(1))
    assert (gate.too_soon(after(1)), gate.opens(after(1))) == (["b"], after(1.5))
    gate.set_out("a", after(1.2))
    assert gate.too_soon(after(1.2)) == ["b", "a"]


def test_where_nobody_waits_any_more_the_clock_opens_nothing() -> None:
    gate = Gate(Pace(2, timedelta(seconds=1)), 30)
    gate.set_out("a", NOW)
    assert gate.opens(after(60)) is None


def test_a_pause_shuts_it_and_only_a_longer_one_is_news() -> None:
    gate = Gate(AS_IT_GOES, 3)
    assert gate.pause(after(10))
    assert not gate.pause(after(5))
    assert (gate.room(after(9.9)), gate.opens(NOW)) == (0, after(10))
    assert (gate.room(after(10)), gate.is_paused(after(10)), gate.opens(after(10))) == (3, False, None)
