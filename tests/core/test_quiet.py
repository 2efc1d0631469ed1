"""Hours in which nothing is sent that can wait."""

from datetime import datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.quiet import Quiet
from bot.core.workshops.batch import IST

QUARTER = timedelta(minutes=15)
moments = st.integers(0, 4 * 96).map(lambda count: datetime(2026, 1, 1, tzinfo=IST) + count * QUARTER)
times = st.builds(time, st.integers(0, 23), st.sampled_from((0, 15, 30, 45)))
quiets = st.builds(Quiet, times, times)


def quarters(begin: datetime, end: datetime, quiet: Quiet) -> int:
    """Quarters of an hour that are not quiet, counted."""
    count = 0
    while begin < end:
        count += not quiet.is_quiet(begin)
        begin += QUARTER
    return count


@pytest.mark.parametrize(
    ("at", "quiet"), [("20:59", False), ("21:00", True), ("03:00", True), ("07:59", True), ("08:00", False)]
)
def test_a_night_begins_and_ends_on_the_minute(at: str, quiet: bool) -> None:  # noqa: FBT001 - a table
    moment = datetime.combine(datetime(2026, 11, 26, tzinfo=IST).date(), time.fromisoformat(at), IST)
    assert Quiet(time(21), time(8)).is_quiet(moment) is quiet


def test_equal_times_are_no_quiet_hours() -> None:
    none = Quiet(time(9), time(9))
    moment = datetime(2026, 11, 26, 9, tzinfo=IST)
    assert not none.is_quiet(moment)
    assert none.awake(moment, moment + timedelta(days=2)) == timedelta(days=2)
    assert none.after(moment, timedelta(days=2)) == moment + timedelta(days=2)


@given(moments, moments, quiets)
def test_what_is_awake_is_what_one_counts(begin: datetime, end: datetime, quiet: Quiet) -> None:
    assert quiet.awake(begin, end) == quarters(begin, end, quiet) * QUARTER


@given(moments, st.integers(1, 60), quiets)
def test_after_so_much_time_awake_just_so_much_has_passed(begin: datetime, count: int, quiet: Quiet) -> None:
    end = quiet.after(begin, count * QUARTER)
    assert quarters(begin, end, quiet) == count
    # And not later than needed: the last quarter is no quiet one.
    assert not quiet.is_quiet(end - QUARTER)
