from datetime import UTC, datetime

import pytest

from bot.core.workshops.night import NIGHT, not_by_night
from tests.seats.given import ist


@pytest.mark.parametrize(
    ("hour", "minute", "night"),
    [(8, 0, False), (7, 59, True), (20, 59, False), (21, 0, True), (0, 0, True), (12, 0, False), (3, 30, True)],
)
def test_night_is_from_nine_in_the_evening_to_eight_in_the_morning(hour: int, minute: int, *, night: bool) -> None:
    assert NIGHT.is_quiet(ist(2, hour, minute)) is night


def test_night_is_what_it_is_in_india_whatever_zone_a_moment_is_told_in() -> None:
    assert NIGHT.is_quiet(datetime(2026, 11, 2, 16, tzinfo=UTC))
    assert not NIGHT.is_quiet(datetime(2026, 11, 2, 2, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    ("moment", "moved"),
    [
        (ist(2, 20, 59), ist(2, 20, 59)),
        (ist(2, 8), ist(2, 8)),
        (ist(2, 21), ist(3, 10)),
        (ist(2, 23, 59), ist(3, 10)),
        (ist(3, 0), ist(3, 10)),
        (ist(3, 7, 59), ist(3, 10)),
    ],
)
def test_what_falls_into_a_night_moves_to_ten_on_the_morning_after(moment: datetime, moved: datetime) -> None:
    assert not_by_night(moment) == moved
