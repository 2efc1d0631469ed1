"""What takes messages in tests, and what runs meanwhile."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette

from bot.channels.contract import Take
from bot.channels.telegram import Telegram
from bot.core.talk.message import Delivery, Incoming
from tests.fakes.telegram import served


class Taken:
    """Takes messages; each is done when its gate is open, and all are from the beginning unless ``shut``."""

    def __init__(self) -> None:
        self.begun: list[Incoming] = []
        self.done: list[Incoming] = []
        self.gates: dict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self.shut: set[str] = set()
        self.failing: dict[str, int] = {}
        self._changed = asyncio.Condition()

    async def take(self, message: Incoming) -> None:
        async with self._changed:
            self.begun.append(message)
            self._changed.notify_all()
        if self.failing.get(message.text, 0):
            self.failing[message.text] -= 1
            raise RuntimeError(message.text)
        if message.address in self.shut:
            await self.gates[message.address].wait()
        async with self._changed:
            self.done.append(message)
            self._changed.notify_all()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(20), self._changed:
            await self._changed.wait_for(condition)

    @property
    def texts(self) -> list[str]:
        return [message.text or message.press for message in self.done]


async def note(_: Delivery) -> None:
    raise AssertionError


@asynccontextmanager
async def listening(channel: Telegram, take: Take) -> AsyncIterator[int]:
    """The program's own server; Telegram knows of it."""
    async with served(Starlette(routes=list(channel.routes(take, note)))) as port:
        await channel.run(take)
        yield port
