"""
Hours of the day, in India, in which nothing is sent that can wait.

>>> night = Quiet(time(21), time(8))
>>> night.until(datetime(2026, 11, 26, 23, tzinfo=IST)).isoformat()
'2026-11-27T08:00:00+05:30'
>>> night.after(datetime(2026, 11, 26, 20, tzinfo=IST), timedelta(hours=2)).isoformat()
'2026-11-27T09:00:00+05:30'
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from bot.core.workshops.batch import IST

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Quiet:
    """
    From one time of the day to another, over midnight or not; none where both are the same.

    Attributes:
        begins, ends: in India; at ``ends`` things are sent again.
    """

    begins: time
    ends: time

    def is_quiet(self, moment: datetime) -> bool:
        """Whether nothing is sent at a moment."""
        at = moment.astimezone(IST).time()
        if self.begins <= self.ends:
            return self.begins <= at < self.ends
        return at >= self.begins or at < self.ends

    def until(self, moment: datetime) -> datetime:
        """The moment, or, in quiet hours, their end."""
        return self._next(self.ends, moment) if self.is_quiet(moment) else moment

    def awake(self, begin: datetime, end: datetime) -> timedelta:
        """How much of a time is not quiet."""
        begin = self.until(begin)
        if end <= begin:
            return timedelta()
        days, rest = divmod(end - begin, _DAY)
        since = end - rest
        asleep = timedelta()
        if self.begins != self.ends and (falls := self._next(self.begins, since)) < end:
            asleep = min(end, self._next(self.ends, falls)) - falls
        return days * (_DAY - self._length) + rest - asleep

    def after(self, begin: datetime, awake: timedelta) -> datetime:
        """The moment at which so much time has passed that is not quiet."""
        begin = self.until(begin)
        days, rest = divmod(awake, _DAY - self._length)
        if days and not rest:
            days, rest = days - 1, _DAY - self._length
        end = begin + days * _DAY + rest
        if self.begins != self.ends and self._next(self.begins, begin + days * _DAY) < end:
            end += self._length
        return end

    @property
    def _length(self) -> timedelta:
        on = datetime(2026, 1, 1, tzinfo=IST).date()
        length = datetime.combine(on, self.ends, IST) - datetime.combine(on, self.begins, IST)
        return length + _DAY if length < timedelta() else length

    @staticmethod
    def _next(at: time, moment: datetime) -> datetime:
        """The next time that it is so late."""
        today = datetime.combine(moment.astimezone(IST).date(), at, IST)
        return today if today > moment else today + _DAY
