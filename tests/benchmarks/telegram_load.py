"""
People who write to a bot through the fake Bot API, and the fake Bot API itself, in a process of their own.

The fake is served by aiohttp, whose parser is written in C: a bot that is measured must be slower than what measures it.
"""

import asyncio
import contextlib
import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection

import aiohttp
from aiohttp import web
from starlette.types import Message

from tests.fakes.telegram import FakeTelegram
from tests.fakes.telegram_requests import Asked

# Telegram's most.
CONNECTIONS = 100
_PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Load:
    """
    What is asked of the platform's process.

    Attributes:
        people: who write at once, each again when all replies to the last message have come; 0 for a stream of
            ``rate`` messages a second, each of somebody new.
        seconds: for so long; 0 for as long as it takes.
        messages: as many in all; 0 for any number.
    """

    people: int = 0
    rate: float = 0
    seconds: float = 0
    messages: int = 0


@dataclass(frozen=True, slots=True)
class Measured:
    """Messages a second whose replies had all come, and seconds from the message to its first reply."""

    rate: float
    done: int
    waits: list[float]


class _Heard(list[Asked]):
    """Requests that are told of, and not kept: there are too many."""

    def __init__(self, tell: Callable[[Asked], None]) -> None:
        super().__init__()
        self._tell = tell

    def append(self, asked: Asked, /) -> None:
        self._tell(asked)


@dataclass(slots=True)
class _Open:
    since: float
    left: int
    done: asyncio.Future[None]


class Platform:
    """The fake, and the people on it."""

    def __init__(self, latency: float, questions: list[str], replies: int, webhook: int) -> None:
        """
        Args:
            latency: seconds of a round trip.
            questions: what people write.
            replies: so many come for each.
            webhook: the port that is called; 0 where the bot asks for updates.
        """  # noqa: D205 - the class says what it is
        self.fake = FakeTelegram()
        self.fake.latency = latency
        self.fake.checked = False
        self.fake.asked = _Heard(self._told)
        self._texts = itertools.cycle(questions)
        self._replies = replies
        self._webhook = webhook
        self._open: dict[int, _Open] = {}
        self._strangers = itertools.count(1_000_000)
        self._waits: list[float] = []
        self._done = 0
        self._calling = asyncio.Semaphore(CONNECTIONS)
        self._client: aiohttp.ClientSession | None = None

    async def serve(self) -> int:
        """Answer requests from now on; the port."""
        runner = web.ServerRunner(web.Server(self._answer), access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return int(runner.addresses[0][1])

    async def run(self, load: Load) -> Measured:
        """Let people write."""
        self._waits, self._done = [], 0
        start = time.perf_counter()
        end = start + load.seconds if load.seconds else float("inf")
        if load.people:
            left = iter(range(load.messages)) if load.messages else itertools.count()
            await self._by_people(load.people, end, left)
        else:
            await self._as_a_stream(load.rate, end)
        took = time.perf_counter() - start
        self._open.clear()
        return Measured(self._done / took, self._done, self._waits)

    async def _by_people(self, people: int, end: float, left: Iterator[int]) -> None:
        async def person(number: int) -> None:
            for _ in left:
                await self._ask(number)

        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(None if end == float("inf") else end - time.perf_counter()):
                await asyncio.gather(*(person(number) for number in range(1, people + 1)))

    async def _as_a_stream(self, rate: float, end: float) -> None:
        asking: set[asyncio.Task[None]] = set()
        moment = time.perf_counter()
        while moment < end:
            if (wait := moment - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            moment += 1 / rate
            asking.add(task := asyncio.create_task(self._ask(next(self._strangers))))
            task.add_done_callback(asking.discard)
        if asking:
            await asyncio.wait(set(asking), timeout=_PATIENCE)

    async def _ask(self, person: int) -> None:
        done = asyncio.get_running_loop().create_future()
        self._open[person] = _Open(time.perf_counter(), self._replies, done)
        update = {"message": self.fake.message(person, next(self._texts))}
        if self._webhook:
            await self._call(update)
        else:
            await self.fake.put(update, valid=False)
        await done

    async def _call(self, update: dict[str, object]) -> None:
        while self.fake.webhook is None:
            await asyncio.sleep(0.05)
        if self._client is None:
            secret = {"X-Telegram-Bot-Api-Secret-Token": self.fake.webhook.get("secret_token", "")}
            connector = aiohttp.TCPConnector(limit=CONNECTIONS)
            self._client = aiohttp.ClientSession(f"http://127.0.0.1:{self._webhook}", headers=secret, connector=connector)
        path = "/" + self.fake.webhook["url"].split("/", 3)[3]
        whole = {"update_id": next(self._strangers), **update}
        async with self._calling:
            await asyncio.sleep(self.fake.latency)
            while True:
                async with self._client.post(path, json=whole) as answer:
                    if answer.status == 200:
                        return
                await asyncio.sleep(0.05)

    def _told(self, asked: Asked) -> None:
        if asked.method != "sendMessage" or (waiting := self._open.get(asked.values["chat_id"])) is None:
            return
        if waiting.left == self._replies:
            self._waits.append(time.perf_counter() - waiting.since)
        waiting.left -= 1
        if not waiting.left:
            del self._open[asked.values["chat_id"]]
            self._done += 1
            if not waiting.done.done():
                waiting.done.set_result(None)

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await request.read()
        said: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body}

        async def send(message: Message) -> None:  # noqa: RUF029 - as ASGI has it
            said.append(message)

        headers = [(name.lower(), value) for name, value in request.raw_headers]
        scope = {"type": "http", "path": request.path, "query_string": request.query_string.encode(), "headers": headers}
        await self.fake(scope, receive, send)
        return web.Response(status=said[0]["status"], body=said[1]["body"], content_type="application/json")


def work(pipe: Connection, latency: float, questions: list[str], replies: int, webhook: int) -> None:
    """A process: tells its port, then answers each ``Load`` with what was ``Measured``, until None comes."""

    async def serve() -> None:
        platform = Platform(latency, questions, replies, webhook)
        pipe.send(await platform.serve())
        while (load := await asyncio.to_thread(pipe.recv)) is not None:
            pipe.send(await platform.run(load))

    asyncio.run(serve())
