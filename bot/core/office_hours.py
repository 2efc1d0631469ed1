"""
When the office is open, and by when it will have had so many hours for something.

>>> hours = OfficeHours()
>>> friday = datetime(2026, 11, 27, 15, 30, tzinfo=IST)
>>> hours.after(friday, timedelta(hours=4)).isoformat()
'2026-11-28T12:30:00+05:30'
>>> hours.after(datetime(2026, 11, 28, 18, tzinfo=IST), timedelta(hours=4)).isoformat()
'2026-11-30T14:00:00+05:30'
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.core.workshops.batch import IST

# Monday to Saturday, as ``date.weekday`` counts.
_WORKING = frozenset(range(6))
# An office that is closed for longer has closed.
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """
    When people of the office are there, in India.

    Attributes:
        days: weekdays; Monday is 0.
        holidays: days on which nobody is there.
    """

    opens: time = time(10)
    closes: time = time(17)
    days: frozenset[int] = _WORKING
    holidays: Collection[date] = ()

    def after(self, since: datetime, work: timedelta) -> datetime:
        """The moment at which the office will have been open for so long since another moment; both aware."""
        moment = since.astimezone(IST)
        for _ in range(_LONGEST):
            opens, closes = (datetime.combine(moment.date(), at, IST) for at in (self.opens, self.closes))
            if self._works(moment.date()) and moment < closes:
                begins = max(moment, opens)
                if begins + work <= closes:
                    return begins + work
                work -= closes - begins
            moment = datetime.combine(moment.date() + timedelta(days=1), time(), IST)
        return moment

    def _works(self, day: date) -> bool:
        return day.weekday() in self.days and day not in self.holidays
