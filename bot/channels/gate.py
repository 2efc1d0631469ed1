"""
The gate before a channel, in one process: who may set out now, and who next.

A slot of the lane (``core/pacing.py``) that is used late would crowd the next second; so the gate also counts what it
really let out.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush

from bot.core.pacing import AHEAD, SECOND, Pace


@dataclass(slots=True)
class Gate:
    """
    Before one channel, in one process.

    Attributes:
        pace: how fast the channel may be sent to.
        at_once: as many messages may be on their way.
        paused_until: nothing goes out before.
        on_their_way: how many are, with those that wait for their slot.
        lane_opens: when the lane's next slot was, when it was last seen.
    """

    pace: Pace
    at_once: int
    paused_until: datetime | None = None
    on_their_way: int = 0
    lane_opens: datetime | None = None
    _last: dict[str, datetime] = field(default_factory=dict)
    _waiting: list[tuple[int, int, asyncio.Future[None]]] = field(default_factory=list)
    # When messages really went out, in the loop's time.
    _out: deque[float] = field(default_factory=deque)

    def room(self, now: datetime) -> int:
        """How many messages may set out now, as far as this process knows."""
        if self.is_paused(now) or (self.lane_opens is not None and self.lane_opens > now + AHEAD):
            return 0
        return self.at_once - self.on_their_way

    def too_soon(self, now: datetime) -> list[str]:
        """Addresses that were sent to a moment ago and get nothing yet."""
        for address in [address for address, last in self._last.items() if self._free(address, last) <= now]:
            del self._last[address]
        return list(self._last)

    def set_out(self, address: str, now: datetime) -> None:
        """A message sets out."""
        self.on_their_way += 1
        if self.pace.between(address) is not None:
            self._last[address] = now

    async def turn(self, row: int, priority: int, seconds: float) -> None:
        """
        Wait until a message may go onto the wire.

        Args:
            row: its id.
            priority: the lowest goes first, whoever's slot it is.
            seconds: until the slot that it brings.
        """
        loop = asyncio.get_running_loop()
        mine: asyncio.Future[None] = loop.create_future()
        heappush(self._waiting, (priority, row, mine))
        loop.call_later(seconds, self._let_one_out, loop)
        await mine

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
        moments = [self._free(address, last) for address, last in self._last.items()]
        if self.lane_opens is not None and self.lane_opens > now + AHEAD:
            moments.append(self.lane_opens - AHEAD)
        return min((moment for moment in moments if moment > now), default=None)

    def _free(self, address: str, last: datetime) -> datetime:
        return last + (self.pace.between(address) or timedelta())

    def _let_one_out(self, loop: asyncio.AbstractEventLoop) -> None:
        now, most = loop.time(), self.pace.per_second
        second = SECOND.total_seconds()
        while self._out and self._out[0] <= now - second:
            self._out.popleft()
        if most is not None and len(self._out) >= most:
            loop.call_at(self._out[len(self._out) - most] + second, self._let_one_out, loop)
            return
        while self._waiting:
            _, _, first = heappop(self._waiting)
            if not first.done():
                self._out.append(now)
                first.set_result(None)
                return
