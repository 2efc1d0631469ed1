"""Waiting for what happens, with a deadline and without sleeping."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any

from bot.core.talk.message import Reply


class Tally:
    """
    Counts how often it is called.

    Attributes:
        names: what it was called with, in order.
    """

    def __init__(self, then: Callable[[str], object] = lambda _: None) -> None:
        self.names: list[str] = []
        self._then = then
        self._called = asyncio.Event()

    def __call__(self, name: str = "") -> None:
        self.names.append(name)
        self._called.set()
        self._then(name)

    async def reaches(self, count: int, seconds: float = 20) -> None:
        """Wait until it was called so often; raises TimeoutError where that does not come about."""
        async with asyncio.timeout(seconds):
            while len(self.names) < count:
                self._called.clear()
                await self._called.wait()


class Letterbox:
    """
    A channel's sender that keeps what it sends.

    Attributes:
        got: (address, text), in the order in which it arrived.
        hanging: addresses for which sending does not come to an end until ``release``.
        failing: address -> what sending to it raises, each once, before anything goes out.
        doubtful: address -> what sending to it raises, each once, although it arrived.
    """

    def __init__(self) -> None:
        self.got: list[tuple[str, str]] = []
        self.hanging: set[str] = set()
        self.failing: dict[str, list[Exception]] = defaultdict(list)
        self.doubtful: dict[str, list[Exception]] = defaultdict(list)
        self.tried = Tally()
        self.arrived = Tally()
        self._released = asyncio.Event()

    def release(self) -> None:
        """Let what hangs go on."""
        self.hanging.clear()
        self._released.set()

    def of(self, address: str) -> list[str]:
        """What one person got."""
        return [text for whose, text in self.got if whose == address]

    async def send(self, address: str, reply: Reply, *, heard: datetime | None = None, ours: str = "") -> str:  # noqa: ARG002
        """Send."""
        self.tried(address)
        if address in self.hanging:
            await self._released.wait()
        if self.failing[address]:
            raise self.failing[address].pop(0)
        self.got.append((address, reply.text))
        self.arrived(address)
        if self.doubtful[address]:
            raise self.doubtful[address].pop(0)
        return f"{address}/{len(self.got)}"


@asynccontextmanager
async def running(*parts: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Let parts of the program run, and stop them at the end; what goes wrong in one is raised."""
    tasks = [asyncio.create_task(part) for part in parts]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
