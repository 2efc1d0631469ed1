"""
When a channel may be sent to: not too fast in all, not too fast to one person, and not at all while it is paused.

The rate of a channel is one budget of all processes. It is a ``Lane``, a row of the database: whoever claims messages
takes as many of its next slots, which lie evenly a moment apart, so that any second holds no more than the rate. Slots
are given out a tenth of a second ahead at most; a reply waits no longer than that, and less, for within a process the
best message that waits goes into the next slot (``channels/gate.py``). A platform's "too fast" shuts the lane until the
moment it names, for all processes, and halves its rate, which then climbs back step by step.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

# What counts as a second: the clocks of platforms tick differently, and messages take their time on the wire.
SECOND = timedelta(seconds=1.01)
# The same where several processes take slots: none can see when the messages of the others really go out, and each is
# some hundredths of a second late now and then.
SHARED_SECOND = timedelta(seconds=1.07)
_SHARED_FOR = timedelta(seconds=10)
# So far ahead are slots given out.
AHEAD = timedelta(milliseconds=100)
# A lane that was slowed down climbs by a message a second, this often.
_CLIMBS_EVERY = timedelta(seconds=10)
_STEP = 60
_SLOWEST = 60


@dataclass(frozen=True, slots=True)
class Pace:
    """
    How fast a channel may be sent to; None for as fast as it goes.

    Attributes:
        per_second: messages in any second.
        per_person: between two messages to one person.
        per_group: between two messages to one group, whose address begins with "-".
        at_once: as many may be on their way; a crash leaves at most so many in doubt.
    """

    per_second: int | None = None
    per_person: timedelta | None = None
    per_group: timedelta | None = None
    at_once: int | None = None

    def between(self, address: str) -> timedelta | None:
        """The time between two messages to an address."""
        return self.per_group if address.startswith("-") else self.per_person


AS_IT_GOES = Pace()


@dataclass(frozen=True, slots=True)
class Lane:
    """
    How fast a channel may be sent to now, by all processes together.

    Attributes:
        rate: messages a minute.
        opens: the next slot.
        raised: when the rate changed last.
        paused_until: nothing goes out before.
        taker: who took slots last.
        shared: when they were taken by another than before, last.
    """

    rate: int
    opens: datetime
    raised: datetime
    paused_until: datetime | None = None
    taker: str = ""
    shared: datetime | None = None

    def gap(self, now: datetime) -> timedelta:
        """Between two slots."""
        is_shared = self.shared is not None and now - self.shared < _SHARED_FOR
        return (SHARED_SECOND if is_shared else SECOND) * 60 / self.rate

    def of(self, taker: str, now: datetime) -> "Lane":
        """The lane as somebody finds it who is going to take slots."""
        if taker == self.taker:
            return self
        return replace(self, taker=taker, shared=now if self.taker else None)

    def slots(self, now: datetime) -> int:
        """How many may be taken now."""
        if self.paused_until is not None and now < self.paused_until:
            return 0
        return max(0, (now + AHEAD - max(now, self.opens)) // self.gap(now) + 1)

    def take(self, count: int, now: datetime) -> tuple["Lane", list[datetime]]:
        """The lane without its next slots, and these."""
        first, gap = max(now, self.opens), self.gap(now)
        moments = [first + number * gap for number in range(count)]
        return replace(self, opens=first + count * gap), moments

    def climbed(self, per_second: int, now: datetime) -> "Lane":
        """Faster again, where nothing has gone wrong for a while, and never faster than the pace."""
        highest = per_second * 60
        if self.rate > highest:
            return replace(self, rate=highest, raised=now)
        if self.rate == highest or now - self.raised < _CLIMBS_EVERY:
            return self
        return replace(self, rate=min(self.rate + _STEP, highest), raised=now)

    def shut(self, until: datetime, now: datetime) -> "Lane":
        """Paused until a moment, and half as fast; once, however many messages tell the same."""
        if self.paused_until is not None and now < self.paused_until:
            return replace(self, paused_until=max(until, self.paused_until))
        return replace(self, rate=max(self.rate // 2, _SLOWEST), raised=until, paused_until=until)
