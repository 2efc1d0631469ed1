"""
Files that a platform keeps: each is handed over once, and by its name there from then on.

Many messages with the same file may be on their way at once. The first of them carries it; the others wait a little for
its name, and longer in the outbox: nothing of theirs has gone out.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.channels.contract import NotSentError
from bot.core.talk.message import Document

T = TypeVar("T")
# Less than the outbox gives a message.
_WAIT = 5.0
_AGAIN = 3.0


class HandedOver:
    """The names of stored files at one platform."""

    def __init__(self) -> None:
        self._names: dict[int, str] = {}
        self._locks: dict[int, asyncio.Lock] = {}

    async def use(self, document: Document, send: Callable[[str], Awaitable[tuple[T, str]]]) -> T:
        """
        Send something with a file.

        Args:
            document: the file.
            send: sends, given the file's name there, or "" where it has none yet; returns what it will, and the name.

        Raises:
            NotSentError: the file is still on its way with somebody else's message.
        """
        number = document.stored
        if not number:
            return (await send(""))[0]
        if number not in self._names:
            lock = self._locks.setdefault(number, asyncio.Lock())
            try:
                async with asyncio.timeout(_WAIT):
                    await lock.acquire()
            except TimeoutError:
                raise NotSentError("the file is being handed over", _AGAIN) from None
            try:
                if number not in self._names:
                    result, name = await send("")
                    if name:
                        self._names[number] = name
                    return result
            finally:
                lock.release()
        return (await send(self._names[number]))[0]
