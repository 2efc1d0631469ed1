"""
A chat platform as a small server on this machine, run by the test: it keeps what people wrote until it is acknowledged.

A program asks for updates from a number on; asking acknowledges all before that number, and until then the same come
again, as with Telegram's getUpdates. What the program sends is kept by address, in the order of arrival.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

LIMIT = 100
# How long the platform holds a request for updates while there are none.
_HOLD = 1.0


async def call(port: int, method: str, values: dict[str, Any]) -> Any:
    """One request of the program to the platform; raises OSError or EOFError where the platform is not there."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        body = json.dumps(values).encode()
        writer.write(
            f"POST /{method} HTTP/1.1\r\nHost: platform\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
        )
        _, answer = await _message(reader)
        return json.loads(answer)
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def _message(reader: asyncio.StreamReader) -> tuple[str, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    (length,) = (line.partition(":")[2] for line in head if line.lower().startswith("content-length:"))
    return head[0], await reader.readexactly(int(length))


class FakePlatform:
    """
    What people write and what they get.

    Attributes:
        port: where it listens.
        arrived: address -> texts, as they came in.
        told: how many there are, those that came again at once left out.
        acknowledged: how many updates the program will not be given again.
        requests: how many it has had.
    """

    def __init__(self) -> None:
        self.port = 0
        self.arrived: dict[str, list[str]] = defaultdict(list)
        self.told = 0
        self.acknowledged = 0
        self.requests = 0
        self._updates: list[dict[str, Any]] = []
        self._changed = asyncio.Condition()
        self._serving: set[asyncio.Task[None]] = set()

    @property
    def written(self) -> int:
        """How many updates there are in all."""
        return len(self._updates)

    def times(self, address: str, text: str) -> int:
        """How often a text arrived at an address."""
        return self.arrived[address].count(text)

    async def write(self, address: str, text: str = "", press: str = "") -> None:
        """A person writes or presses something."""
        async with self._changed:
            self._updates.append({"id": len(self._updates), "address": address, "text": text, "press": press})
            self._changed.notify_all()

    async def until(self, condition: Callable[[], bool], seconds: float = 30) -> None:
        """Wait for something; raises TimeoutError where it does not come about."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(condition)

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[None]:
        """Answer requests."""
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield
        finally:
            server.close()
            for task in self._serving:
                task.cancel()
            await asyncio.gather(*self._serving, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A program that is killed hangs up in the middle.
        with suppress(OSError, EOFError):
            try:
                line, body = await _message(reader)
                method = line.split()[1].removeprefix("/")
                answer = json.dumps(await getattr(self, f"_on_{method}")(**json.loads(body))).encode()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(answer) + answer)
                await writer.drain()
            finally:
                writer.close()
                await writer.wait_closed()

    async def _on_updates(self, offset: int) -> list[dict[str, Any]]:
        async with self._changed:
            self.requests += 1
            self.acknowledged = max(self.acknowledged, offset)
            self._changed.notify_all()
            with suppress(TimeoutError):
                async with asyncio.timeout(_HOLD):
                    await self._changed.wait_for(lambda: self.written > self.acknowledged)
            return self._updates[self.acknowledged :][:LIMIT]

    async def _on_send(self, address: str, text: str) -> dict[str, str]:
        async with self._changed:
            self.requests += 1
            self.told += self.arrived[address][-1:] != [text]
            self.arrived[address].append(text)
            self._changed.notify_all()
            return {"id": f"{address}/{len(self.arrived[address])}"}
