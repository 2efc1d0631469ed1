"""
Two blue ticks and "is typing", at once when a message comes; best effort.

WhatsApp shows "is typing" until the next message, or for 25 seconds; so whoever answers waits until the sign has gone
out, or it would come after the answer and promise another. It is not shown for messages that Meta repeats minutes
later, which may have been answered long ago.
"""

import asyncio
import logging
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

from bot.channels.contract import NotSentError
from bot.channels.whatsapp.graph import Graph
from bot.core.talk.message import Incoming

_FRESH = timedelta(seconds=20)
_AT_ONCE = 100
_WAIT = 2.0

_log = logging.getLogger(__name__)


class Receipts:
    """Marks messages as read."""

    def __init__(self, graph: Graph, clock: Callable[[], datetime]) -> None:
        self._graph = graph
        self._clock = clock
        self._under_way: dict[asyncio.Task[None], str] = {}

    def show(self, messages: Collection[Incoming]) -> None:
        """Mark these, and with them all before them, as read; returns at once."""
        last = {message.address: message for message in messages}
        for address, message in last.items():
            if len(self._under_way) < _AT_ONCE:
                task = asyncio.create_task(self._mark(message))
                self._under_way[task] = address
                task.add_done_callback(self._under_way.pop)

    async def settled(self, address: str) -> None:
        """Wait until a person's sign has gone out, if there is one and it does not take too long."""
        if tasks := [task for task, whose in self._under_way.items() if whose == address]:
            await asyncio.wait(tasks, timeout=_WAIT)

    async def close(self) -> None:
        """Give up what is under way."""
        tasks = list(self._under_way)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _mark(self, message: Incoming) -> None:
        payload: dict[str, Any] = {"status": "read", "message_id": message.message}
        if self._clock() - message.at <= _FRESH:
            payload["typing_indicator"] = {"type": "text"}
        try:
            await self._graph.send(payload)
        except NotSentError as error:
            _log.debug("A message could not be marked as read (%s).", error.trouble)
        except Exception as error:  # noqa: BLE001 - nobody misses a tick
            _log.debug("A message could not be marked as read (%s).", type(error).__name__)
