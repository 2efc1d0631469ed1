"""When people sleep: nothing that can wait is sent then, and no deadline falls into it."""

from datetime import datetime, time, timedelta

from bot.core.workshops.batch import IST

NIGHT_FROM, NIGHT_TO = time(21), time(8)
# A deadline that would fall into the night moves to here, so that who wakes up has time to answer.
MORNING = time(10)


def is_night(moment: datetime) -> bool:
    """Whether it is between 21:00 and 08:00 in India."""
    at = moment.astimezone(IST).time()
    return at >= NIGHT_FROM or at < NIGHT_TO


def not_by_night(moment: datetime) -> datetime:
    """The moment, or the morning after the night that it falls into."""
    if not is_night(moment):
        return moment
    return datetime.combine(awake(moment).date(), MORNING, IST)


def awake(moment: datetime) -> datetime:
    """The moment, or, by night, when people get up."""
    if not is_night(moment):
        return moment
    at = moment.astimezone(IST)
    day = at.date() + timedelta(days=at.time() >= NIGHT_FROM)
    return datetime.combine(day, NIGHT_TO, IST)
