"""A whole assistant behind the web chat: a real socket, inbox and outbox, on SQLite."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Self

import httpx
import uvicorn
from starlette.applications import Starlette

from bot.calendar_file import MEDIA_TYPE, calendar_name, calendar_text
from bot.channels.web import Web, WebSettings
from bot.core.talk.message import Delivery, Document
from bot.core.talk.state import World
from bot.core.workshops.batch import Batch
from bot.inbox import Inbox
from bot.outbox import Outbox
from bot.store.database import Database
from bot.store.transcript import Transcript
from tests.crash.waiting import running

SETTINGS = WebSettings(secret="a secret of the tests alone", secure_cookie=False)  # noqa: S106 - of the tests alone


def now() -> datetime:
    """The time."""
    return datetime.now(UTC)


@dataclass
class House:
    """
    A running server.

    Attributes:
        port: where it listens on 127.0.0.1.
        web: the channel.
        wait: cleared, every message waits before it is handled.
    """

    port: int
    web: Web
    database: Database
    outbox: Outbox
    wait: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.port}/"


@asynccontextmanager
async def open_house(
    database: Database, world: World, settings: WebSettings = SETTINGS, *, port: int = 0, **more: Any
) -> AsyncIterator[House]:
    """A server that runs until the end."""
    world = replace(world, calendar=lambda batch, language: calendar(batch, world, language))
    web = Web(settings, Transcript(database, "web"), world.phrases, **more)
    outbox = Outbox(database, {"web": web}, lambda: world.phrases, now)
    inbox = Inbox(database, lambda: world, now, queued=outbox.wake)
    house = House(port, web, database, outbox)
    house.wait.set()

    async def take(incoming: Any) -> None:
        await house.wait.wait()
        await inbox.take(incoming)

    async with (
        serving(Starlette(routes=list(web.routes(take, note))), port) as house.port,
        running(inbox.run(), outbox.run(), web.run(take)),
    ):
        yield house
        await web.close()


def calendar(batch: Batch, world: World, language: str) -> Document:
    """As the program itself makes it."""
    return Document(calendar_name(batch), MEDIA_TYPE, calendar_text(batch, world.phrases, language))


async def note(_: Delivery) -> None:
    """Nothing comes of what the page would tell."""


@asynccontextmanager
async def serving(app: Any, port: int = 0) -> AsyncIterator[int]:
    """A real server on this machine; its port."""
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    # Whether a proxy is believed is the channel's setting; uvicorn would believe anybody on this machine.
    config = uvicorn.Config(app, log_config=None, lifespan="off", proxy_headers=False, timeout_graceful_shutdown=5)
    server = Quiet(config)
    task = asyncio.create_task(server.serve([listening]))
    await server.begun.wait()
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        await task
        listening.close()


class Quiet(uvicorn.Server):
    """
    A server that leaves the process's signals alone.

    Attributes:
        begun: set once it answers.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.begun = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin."""
        await super().startup(sockets)
        self.begun.set()

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until asked to stop."""
        await self._serve(sockets)


class Page:
    """
    What the page's script does, without a browser.

    Attributes:
        heard: what was said, as the server told it.
    """

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.heard: list[dict[str, Any]] = []
        self.events: list[str] = []
        self._number = 0
        self._task: asyncio.Task[None] | None = None
        self._news = asyncio.Event()

    async def __aenter__(self) -> Self:
        (await self.client.get("/")).raise_for_status()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.leave()

    async def say(self, text: str = "", number: str = "", **more: object) -> httpx.Response:
        """Post a message."""
        self._number += 1
        body = {"id": number or f"message-{self._number}", "text": text} | more
        return await self.post(json.dumps(body))

    async def press(self, option: str, title: str) -> httpx.Response:
        """Press a button."""
        return await self.say(press=option, title=title)

    async def post(self, body: str | bytes, **headers: str) -> httpx.Response:
        """Post anything as the page does."""
        own = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/json"}
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.post("/web/messages", content=body, headers=own | given)

    async def listen(self, after: int | None = None) -> None:
        """Begin to listen; returns once all that there was is heard."""
        self._task = asyncio.create_task(self._listen(after))
        await self.until(lambda: "ready" in self.events)

    async def leave(self) -> None:
        """Stop listening."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
            self.events.clear()

    async def until(self, true: Callable[[], object], seconds: float = 10) -> None:
        """Wait until something was heard."""
        async with asyncio.timeout(seconds):
            while not true():
                self._news.clear()
                await self._news.wait()

    @property
    def said(self) -> list[str]:
        """The texts."""
        return [line["text"] for line in self.heard]

    async def _listen(self, after: int | None) -> None:
        address = "/web/events" if after is None else f"/web/events?after={after}"
        try:
            async with self.client.stream("GET", address, timeout=None) as answer:
                assert answer.status_code == 200, answer
                name, rest = "", ""
                async for text in answer.aiter_text():
                    # Not aiter_lines, which knows more ends of lines than server-sent events do.
                    *lines, rest = (rest + text).split("\n")
                    for line in lines:
                        if line.startswith("event: "):
                            name = line.removeprefix("event: ")
                        elif line.startswith("data: "):
                            self.heard.append(json.loads(line.removeprefix("data: ")))
                        elif not line:
                            self.events.append(name)
                            name = ""
                    self._news.set()
        finally:
            self.events.append("end")
            self._news.set()


@asynccontextmanager
async def page(house: House) -> AsyncIterator[Page]:
    """Somebody new who opens the page."""
    async with httpx.AsyncClient(base_url=house.url) as client, Page(client) as one:
        yield one


def with_settings(**changes: Any) -> WebSettings:
    """The settings of the tests, changed."""
    return replace(SETTINGS, **changes)


def ids(lines: Sequence[dict[str, Any]]) -> list[int]:
    """The numbers of lines."""
    return [line["id"] for line in lines]
