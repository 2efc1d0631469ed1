"""The posts of the web chat's page."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from starlette.applications import Starlette

from bot.channels.contract import Note, Take
from bot.channels.web import Web
from bot.core.talk.message import Kind
from bot.core.talk.phrases import Phrases
from bot.store.database import Database
from bot.store.transcript import Transcript
from tests.channels.dialects.speaking import RAM, SITA, Arrived, Trouble
from tests.channels.web.house import SETTINGS


class OnTheWeb:
    """A ``Dialect``."""

    cannot = {  # noqa: RUF012 - nobody changes it
        "batch": "the page posts one message at a time",
        "edited": "the page changes nothing that was said",
        "of_kind": "the page has words and buttons only",
        "troubles": "what is said is written down here, and nobody refuses it",
    }

    def __init__(self, channel: Web, history: Transcript, clients: dict[int, httpx.AsyncClient]) -> None:
        self.channel = channel
        self._history = history
        self._clients = clients

    def text(self, person: int, number: int, words: str) -> bytes:  # noqa: ARG002 - the cookie says who
        return json.dumps({"id": f"message-{number}", "text": words}).encode()

    def press(self, person: int, number: int, option: str) -> bytes:  # noqa: ARG002
        return json.dumps({"id": f"message-{number}", "press": option, "title": "…"}).encode()

    def of_kind(self, kind: Kind, number: int) -> bytes | None:  # noqa: ARG002
        return None

    def batch(self, *messages: bytes) -> bytes | None:  # noqa: ARG002
        return None

    def edited(self, number: int, words: str) -> bytes | None:  # noqa: ARG002
        return None

    def unheard_of(self, number: int) -> bytes:
        return json.dumps({"id": f"message-{number}", "thought": "?"}).encode()

    async def post(self, body: bytes, person: int = SITA, *, forged: bool = False) -> int:
        site = "cross-site" if forged else "same-origin"
        headers = {"Sec-Fetch-Site": site, "Content-Type": "application/json"}
        return (await self._clients[person].post("/web/messages", content=body, headers=headers)).status_code

    async def arrived(self, address: str) -> list[Arrived]:
        said = [line for line in await self._history.said(address, 0, 1000) if not line.mine]
        return [Arrived(line.text, tuple((option.id, option.title) for option in line.options)) for line in said]

    def troubles(self, address: str) -> list[Trouble]:  # noqa: ARG002
        return []


@asynccontextmanager
async def on_the_web(take: Take, note: Note, phrases: Phrases, database: Database) -> AsyncIterator[OnTheWeb]:
    """The web chat, with a page for each person."""
    history = Transcript(database, "web")
    channel = Web(SETTINGS, history, phrases)
    transport = httpx.ASGITransport(Starlette(routes=list(channel.routes(take, note))))
    clients = {who: httpx.AsyncClient(transport=transport, base_url="http://office") for who in (SITA, RAM)}
    for client in clients.values():
        await client.get("/")
    yield OnTheWeb(channel, history, clients)
    for client in clients.values():
        await client.aclose()
    await channel.close()
