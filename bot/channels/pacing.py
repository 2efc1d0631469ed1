"""
When a channel may be sent to: not too fast in all, not too fast to one person, and not at all while it is paused.

One ``Gate`` stands before each channel. It knows the moments of the last second only, so it forgets by itself.
"""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Pace:
    """
    How fast a channel may be sent to; None for as fast as it goes.

    Attributes:
        per_second: messages in any second.
        per_person: between two messages to one person.
        at_once: as many may be on their way; a crash leaves at most so many in doubt.
    """

    per_second: int | None = None
    per_person: timedelta | None = None
    at_once: int | None = None


AS_IT_GOES = Pace()


@dataclass(slots=True)
class Gate:
    """
    Before one channel.

    Attributes:
        pace: how fast the channel may be sent to.
        at_once: as many messages may be on their way.
        paused_until: nothing goes out before.
        on_their_way: how many are.
    """

    pace: Pace
    at_once: int
    paused_until: datetime | None = None
    on_their_way: int = 0
    _sent: deque[datetime] = field(default_factory=deque)
    _last: dict[str, datetime] = field(default_factory=dict)

    def room(self, now: datetime) -> int:
        """How many messages may set out now."""
        if self.is_paused(now):
            return 0
        room = self.at_once - self.on_their_way
        if self.pace.per_second is None:
            return room
        while self._sent and self._sent[0] <= now - _SECOND:
            self._sent.popleft()
        return min(room, self.pace.per_second - len(self._sent))

    def too_soon(self, now: datetime) -> list[str]:
        """Addresses that were sent to a moment ago and get nothing yet."""
        every = self.pace.per_person
        if every is None:
            return []
        # In the order of their moments.
        for address in [address for address, last in self._last.items() if last <= now - every]:
            del self._last[address]
        return list(self._last)

    def set_out(self, address: str, now: datetime) -> None:
        """A message sets out."""
        self.on_their_way += 1
        if self.pace.per_second is not None:
            self._sent.append(now)
        if self.pace.per_person is not None:
            self._last.pop(address, None)
            self._last[address] = now

    def is_paused(self, now: datetime) -> bool:
        """Whether nothing may go out."""
        return self.paused_until is not None and now < self.paused_until

    def pause(self, until: datetime) -> bool:
        """Let nothing out before a moment; whether it was not known already."""
        is_new = self.paused_until is None or until > self.paused_until
        if is_new:
            self.paused_until = until
        return is_new

    def opens(self, now: datetime) -> datetime | None:
        """When more may go out than now, as far as the clock decides; None where it does not."""
        if self.is_paused(now):
            return self.paused_until
        moments = []
        if self._sent and self.room(now) <= 0:
            moments.append(self._sent[0] + _SECOND)
        if self.pace.per_person is not None and self.too_soon(now):
            moments.append(next(iter(self._last.values())) + self.pace.per_person)
        return min(moments, default=None)
