"""
A Bot API server for measuring: as little work as possible for each request, and every reply counted.

It knows what the bots that are measured ask, answers after a round trip, hands out updates by long polling, or posts
them as Telegram does: over so many connections at once, each waiting for its answer.
"""

import asyncio
import itertools
import json
import re
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

TOKEN = "700100:AAE-the-token-for-measuring"  # noqa: S105 - it opens nothing
BOT = 700100
_CHAT = re.compile(rb"chat_id\D{1,20}?(\d+)")
_OFFSET = re.compile(rb"offset\D{1,20}?(\d+)")
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_AT_ONCE = 100
_POLL = 20.0
_OK = json.dumps({"ok": True, "result": True}).encode()
_ME = json.dumps(
    {"ok": True, "result": {"id": BOT, "is_bot": True, "first_name": "GeM", "username": "GemSaathiBot"}}
).encode()


@dataclass
class Load:
    """
    What goes through it.

    Attributes:
        came: chat -> when its update was there to be fetched, in the loop's time.
        answered: chat -> when its first reply arrived.
        at: when messages arrived, in order.
    """

    came: dict[int, float] = field(default_factory=dict)
    answered: dict[int, float] = field(default_factory=dict)
    at: list[float] = field(default_factory=list)

    @property
    def sent(self) -> int:
        """How many messages arrived."""
        return len(self.at)

    def waits(self) -> list[float]:
        """Seconds that each answer took, in order."""
        return sorted(self.answered[chat] - since for chat, since in self.came.items() if chat in self.answered)


class BotApi:
    """The server; ``port`` is where it listens, ``load`` what goes through it now."""

    def __init__(self, round_trip: float) -> None:
        self.round_trip = round_trip
        self.load = Load()
        self.port = 0
        self._updates: deque[bytes] = deque()
        # The number of the first of them.
        self._first = 1
        self._update_ids = itertools.count(1)
        self._message_ids = itertools.count(1)
        self._chats = itertools.count(1_000_001)
        self._there = asyncio.Event()
        self._moved = asyncio.Event()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening."""
        assert self._server is not None
        self._server.close()

    def update(self, text: str) -> bytes:
        """Somebody new writes; the update is there from now on."""
        chat, number = next(self._chats), next(self._update_ids)
        self.load.came[chat] = asyncio.get_running_loop().time()
        person = {"id": chat, "is_bot": False, "first_name": "सीता", "language_code": "hi"}
        message = {
            "message_id": number,
            "date": 1_795_000_000,
            "chat": {"id": chat, "type": "private", "first_name": "सीता"},
            "from": person,
            "text": text,
        }
        return json.dumps({"update_id": number, "message": message}).encode()

    def put(self, *updates: bytes) -> None:
        """Let updates be fetched."""
        self._updates.extend(updates)
        self._there.set()

    async def answered(self, count: int, patience: float) -> None:
        """Wait until so many have their first reply, or for so many seconds nobody has got one."""
        with suppress(TimeoutError):
            while len(self.load.answered) < count:
                self._moved.clear()
                async with asyncio.timeout(patience):
                    await self._moved.wait()

    async def answer(self, method: bytes, body: bytes) -> bytes:
        """The body of the answer to a request."""
        if method == b"sendMessage":
            if found := _CHAT.search(body):
                chat = int(found[1])
                self.load.at.append(now := asyncio.get_running_loop().time())
                self.load.answered.setdefault(chat, now)
                self._moved.set()
            result = {
                "message_id": next(self._message_ids),
                "date": 1,
                "chat": {"id": 1, "type": "private"},
                "text": ".",
            }
            return json.dumps({"ok": True, "result": result}).encode()
        if method == b"getUpdates":
            return await self._get_updates(body)
        return _ME if method == b"getMe" else _OK

    async def _get_updates(self, body: bytes) -> bytes:
        found = _OFFSET.search(body)
        offset = int(found[1]) if found else 0
        while self._updates and self._first < offset:
            self._updates.popleft()
            self._first += 1
        if not self._updates:
            self._there.clear()
            try:
                async with asyncio.timeout(_POLL):
                    await self._there.wait()
            except TimeoutError:
                pass
        return b'{"ok": true, "result": [%s]}' % b",".join(itertools.islice(self._updates, _AT_ONCE))


class _Connection(asyncio.Protocol):
    def __init__(self, api: BotApi) -> None:
        self._api = api
        self._buffer = b""
        self._tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end]
            found = _LENGTH.search(head)
            whole = end + 4 + (int(found[1]) if found else 0)
            if len(self._buffer) < whole:
                return
            body, self._buffer = self._buffer[end + 4 : whole], self._buffer[whole:]
            target = head.split(b" ", 2)[1]
            path, _, query = target.partition(b"?")
            task = asyncio.create_task(self._answer(path.rpartition(b"/")[2], body + query))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _answer(self, method: bytes, body: bytes) -> None:
        answer = await self._api.answer(method, body)
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(answer)
        asyncio.get_running_loop().call_later(self._api.round_trip, self._write, head + answer)

    def _write(self, answer: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(answer)


async def post(api: BotApi, url: str, secret: str, updates: "asyncio.Queue[bytes]", connections: int) -> None:
    """Post updates to a webhook, over so many connections, until cancelled; what is not answered 200 comes again."""
    parts = urlsplit(url)

    async def connection() -> None:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        while True:
            update = await updates.get()
            status = b""
            while status != b"200":
                head = (
                    f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
                    f"X-Telegram-Bot-Api-Secret-Token: {secret}\r\nContent-Length: {len(update)}\r\n\r\n"
                )
                writer.write(head.encode() + update)
                answer = await reader.readuntil(b"\r\n\r\n")
                status = answer.split(b" ", 2)[1]
                if found := _LENGTH.search(answer):
                    await reader.readexactly(int(found[1]))
                await asyncio.sleep(api.round_trip if status == b"200" else 1)

    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(connection())
