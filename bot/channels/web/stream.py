"""
Lines of a talk as server-sent events, to each page that is open, as soon as they are on the disk.

What is sent is always what was read from the history after the last line that the page has, so that a page which was
away, for whatever reason, misses nothing. ``Streams`` only says that it is time to look: when this process wrote
something, and when another one did, which one query a second for all talks finds out. The page hears a beat now and
then, so that it notices a connection that is dead without a word.
"""

import asyncio
import json
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any

from bot.channels.web.history import History
from bot.core.talk.transcript import Line
from bot.errors import StoreUnavailable

# Seconds between looks at what other processes wrote.
LOOK_EVERY = 1.0
BEAT_EVERY = 15.0
# A page that is opened shows so many lines; one that was away gets all that it missed, so many at once.
FIRST_LINES = 100
# What a page hears whose browser sends no cookie.
STRANGER = "event: stranger\ndata:\n\n"
# For so many looks back a line may still become visible after later ones of other talks.
_LOOKS_BACK = 10


class Streams:
    """The pages that are open."""

    def __init__(self, history: History, *, beat_every: float = BEAT_EVERY) -> None:
        self._history = history
        self._beat_every = beat_every
        self._open: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._closed = False

    def wake(self, address: str) -> None:
        """There may be something new in a talk."""
        for event in self._open.get(address, ()):
            event.set()

    def count(self, address: str) -> int:
        """How many pages of a talk are open."""
        return len(self._open.get(address, ()))

    def close(self) -> None:
        """End all streams; the pages come back by themselves when there is a server again."""
        self._closed = True
        for address in list(self._open):
            self.wake(address)

    async def events(self, address: str, after: int | None) -> AsyncIterator[str]:
        """
        A talk as the text of server-sent events, until ``close`` or until the history cannot be read.

        Args:
            address: whose.
            after: the last line that the page has; None where it has none.
        """
        wakes = asyncio.Event()
        self._open[address].add(wakes)
        try:
            # Some proxies hold the head of an answer back until something follows.
            yield ": \n\n"
            with suppress(StoreUnavailable):
                async for event in self._events(address, after, wakes):
                    yield event
        finally:
            self._open[address].discard(wakes)
            if not self._open[address]:
                del self._open[address]

    async def _events(self, address: str, after: int | None, wakes: asyncio.Event) -> AsyncIterator[str]:
        ready = False
        while not self._closed:
            wakes.clear()
            lines = await self._history.said(address, after, FIRST_LINES)
            if lines:
                yield "".join(map(_event, lines))
            after = lines[-1].id if lines else after or 0
            if not ready:
                # The page may now show what it has, and send what it could not send before.
                yield "event: ready\ndata:\n\n"
                ready = True
            elif len(lines) < FIRST_LINES:
                try:
                    async with asyncio.timeout(self._beat_every):
                        await wakes.wait()
                except TimeoutError:
                    yield "event: beat\ndata:\n\n"

    async def look(self, every: float = LOOK_EVERY, clock: Callable[[], float] = time.monotonic) -> None:
        """Wake the pages of talks in which another process wrote something, until cancelled."""
        ends: deque[int] = deque(maxlen=_LOOKS_BACK)
        while True:
            began = clock()
            with suppress(StoreUnavailable):
                if not self._open:
                    # Nobody is there; where the lines end is found out anew when somebody comes.
                    ends.clear()
                else:
                    newest, addresses = await self._history.changed(ends[0] if ends else None)
                    for address in addresses if ends else list(self._open):
                        self.wake(address)
                    ends.append(newest)
            await asyncio.sleep(max(every - (clock() - began), 0))


def line_values(line: Line) -> dict[str, Any]:
    """A line as the page reads it: JSON-ready."""
    values: dict[str, Any] = {"id": line.id, "at": round(line.at.timestamp() * 1000), "text": line.text}
    if line.mine:
        values["mine"] = line.message
    if line.options:
        values["options"] = [[option.id, option.title] for option in line.options]
    if line.document is not None:
        values["document"] = line.document.name
        if line.document.is_photo:
            values["photo"] = True
    return values


def _event(line: Line) -> str:
    # JSON has no line breaks, so that nothing that anybody wrote can end the event.
    return f"id: {line.id}\ndata: {json.dumps(line_values(line), ensure_ascii=False, separators=(',', ':'))}\n\n"
