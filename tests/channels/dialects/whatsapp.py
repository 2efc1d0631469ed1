"""WhatsApp's webhooks, as the Cloud API's documentation shows them."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
from starlette.applications import Starlette

from bot.channels.contract import Note, Take
from bot.channels.whatsapp import WhatsApp
from bot.channels.whatsapp.webhook import PATH
from bot.core.talk.message import Kind
from bot.core.talk.phrases import Phrases
from tests.channels.dialects.speaking import RAM, SITA, Arrived, Trouble
from tests.channels.whatsapp.conftest import SETTINGS
from tests.fakes.whatsapp import APP_SECRET, FakeGraph, Someone, body_of, choices, contact_of, served, signed, value_of

PEOPLE = {SITA: Someone("919876543210", "IN.13491208655302741918"), RAM: Someone("919812345678", name="राम")}
_CONTENT: dict[Kind, tuple[str, Any]] = {
    Kind.VOICE: ("audio", {"id": "1", "mime_type": "audio/ogg", "voice": True}),
    Kind.STICKER: ("sticker", {"id": "1", "mime_type": "image/webp"}),
    Kind.PHOTO: ("image", {"id": "1", "mime_type": "image/jpeg"}),
    Kind.VIDEO: ("video", {"id": "1", "mime_type": "video/mp4"}),
    Kind.DOCUMENT: ("document", {"id": "1", "filename": "a.pdf"}),
    Kind.CONTACT: ("contacts", [{"name": {"formatted_name": "सीता"}, "phones": [{"phone": "+91 98765 43210"}]}]),
    Kind.LOCATION: ("location", {"latitude": 26.76, "longitude": 83.37}),
}


class OnWhatsApp:
    """A ``Dialect``."""

    cannot = {"edited": "an edited message is not told"}  # noqa: RUF012 - nobody changes it

    def __init__(self, channel: WhatsApp, graph: FakeGraph, client: httpx.AsyncClient) -> None:
        self.channel = channel
        self._graph = graph
        self._client = client

    def text(self, person: int, number: int, words: str) -> bytes:
        return self._message(person, number, "text", {"body": words})

    def press(self, person: int, number: int, option: str) -> bytes:
        reply = {"type": "list_reply", "list_reply": {"id": option, "title": "…"}}
        return self._message(person, number, "interactive", reply)

    def of_kind(self, kind: Kind, number: int) -> bytes | None:
        return self._message(SITA, number, *_CONTENT[kind])

    def batch(self, *messages: bytes) -> bytes | None:
        entries = [entry for message in messages for entry in json.loads(message)["entry"]]
        return json.dumps(body_of() | {"entry": entries}).encode()

    def edited(self, number: int, words: str) -> bytes | None:  # noqa: ARG002
        return None

    def unheard_of(self, number: int) -> bytes:
        return self._message(SITA, number, "telepathy", {"thought": "?"})

    async def post(self, body: bytes, person: int = SITA, *, forged: bool = False) -> int:  # noqa: ARG002
        headers = signed(body, "somebody else" if forged else APP_SECRET)
        return (await self._client.post(PATH, content=body, headers=headers)).status_code

    async def arrived(self, address: str) -> list[Arrived]:
        someone = next(each for each in PEOPLE.values() if each.address == address)
        found = []
        for message in self._graph.to(someone):
            content = message.get("interactive", {}).get("body") or message.get("text") or {}
            options = tuple((option["id"], option["title"]) for option, _ in choices(message))
            found.append(Arrived(content.get("text") or content.get("body", ""), options))
        return found

    def troubles(self, address: str) -> list[Trouble]:  # noqa: ARG002 - the next request is met
        def of(code: int | str) -> Any:
            return lambda: self._graph.refusing.append(code)

        return [
            Trouble("too fast", of(130429), everybody=True, later=True),
            Trouble("too fast to this person", of(131056), later=True),
            Trouble("the token has expired", of(190), everybody=True, later=True),
            Trouble("refused", of(131026)),
            Trouble("broken off", of("lost"), open=True),
        ]

    def _message(self, person: int, number: int, kind: str, content: Any) -> bytes:
        who = PEOPLE[person]
        self._graph.hears(who)
        message = {
            "from": who.number,
            "from_user_id": who.user_id,
            "id": f"wamid.{person}.{number}",
            "timestamp": str(1749416383 + number),
            "type": kind,
            kind: content,
        }
        return json.dumps(body_of(value_of([message], [contact_of(who)]))).encode()


@asynccontextmanager
async def on_whatsapp(take: Take, note: Note, phrases: Phrases) -> AsyncIterator[OnWhatsApp]:
    """WhatsApp, with a fake Graph API."""
    graph = FakeGraph(lambda: datetime.now(UTC))
    async with served(graph.app) as url:
        channel = WhatsApp(replace(SETTINGS, base_url=f"{url}/v23.0"), phrases, "hi", lambda: datetime.now(UTC))
        transport = httpx.ASGITransport(Starlette(routes=list(channel.routes(take, note))))
        async with httpx.AsyncClient(transport=transport, base_url="http://office") as client:
            yield OnWhatsApp(channel, graph, client)
        await channel.close()
