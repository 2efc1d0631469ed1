"""When people sleep: nothing that can wait is sent then, and no deadline falls into it."""

from datetime import datetime, time

from bot.core.quiet import Quiet
from bot.core.workshops.batch import IST

NIGHT = Quiet(time(21), time(8))
# A deadline that would fall into the night moves to here, so that who wakes up has time to answer.
MORNING = time(10)


def not_by_night(moment: datetime) -> datetime:
    """The moment, or the morning after the night that it falls into."""
    if not NIGHT.is_quiet(moment):
        return moment
    return datetime.combine(NIGHT.until(moment).date(), MORNING, IST)
