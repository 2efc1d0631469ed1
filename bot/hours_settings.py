"""Times of day and days of the week in config.yaml."""

import re
from datetime import time
from typing import Literal, NamedTuple

from bot.core.quiet import Quiet

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WORKING: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat")
DAYS: tuple[Day, ...] = (*WORKING, "sun")


def _span(given: str) -> tuple[time, time] | None:
    """Two times of day; None where these are none."""
    found = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)", given.strip())
    if found is None:
        return None
    from_hour, from_minute, to_hour, to_minute = map(int, found.groups())
    return time(from_hour, from_minute), time(to_hour, to_minute)


def read_quiet(given: object) -> object:
    """``announce_quiet``; "" is never."""
    if not isinstance(given, str):
        return given
    if not given.strip():
        return Quiet(time(), time())
    span = _span(given)
    if span is None:
        raise ValueError('should be like "21:00-08:00", or ""')
    return Quiet(*span)


class Hours(NamedTuple):
    """From when to when on a day."""

    opens: time
    closes: time


def read_hours(given: object) -> object:
    """``office_hours``."""
    if not isinstance(given, str):
        return given
    span = _span(given)
    if span is None or span[0] >= span[1]:
        raise ValueError('should be like "10:00-17:00"')
    return Hours(*span)
