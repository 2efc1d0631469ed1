"""Telegram's updates, as its webhook brings them."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from starlette.applications import Starlette

from bot.channels.contract import Note, Take
from bot.channels.telegram import Telegram, TelegramSettings
from bot.channels.telegram.settings import WEBHOOK_PATH
from bot.core.talk.message import Kind
from bot.core.talk.phrases import Phrases
from tests.channels.dialects.speaking import SITA, Arrived, Trouble
from tests.fakes import telegram as fakes
from tests.fakes.telegram import TOKEN, FakeTelegram, served

_CONTENT: dict[Kind, dict[str, Any]] = {
    Kind.VOICE: {"voice": {"file_id": "f", "file_unique_id": "u", "duration": 3}},
    Kind.STICKER: {
        "sticker": {
            "file_id": "f", "file_unique_id": "u", "type": "regular", "width": 9, "height": 9, "is_animated": False,
            "is_video": False,
        }
    },
    Kind.PHOTO: {"photo": [{"file_id": "f", "file_unique_id": "u", "width": 9, "height": 9}]},
    Kind.VIDEO: {"video": {"file_id": "f", "file_unique_id": "u", "width": 9, "height": 9, "duration": 3}},
    Kind.DOCUMENT: {"document": {"file_id": "f", "file_unique_id": "u"}},
    Kind.CONTACT: {"contact": {"phone_number": "919876543210", "first_name": "सीता", "user_id": SITA}},
    Kind.LOCATION: {"location": {"latitude": 26.76, "longitude": 83.37}},
}  # fmt: skip


class OnTelegram:
    """A ``Dialect``."""

    cannot = {"batch": "a call of the webhook brings one update"}  # noqa: RUF012 - nobody changes it

    def __init__(self, channel: Telegram, fake: FakeTelegram, client: httpx.AsyncClient, secret: str) -> None:
        self.channel = channel
        self._fake = fake
        self._client = client
        self._secret = secret

    def text(self, person: int, number: int, words: str) -> bytes:
        return self._update(person, number, {"text": words})

    def press(self, person: int, number: int, option: str) -> bytes:
        return json.dumps({"update_id": number, "callback_query": self._fake.callback(person, option)}).encode()

    def of_kind(self, kind: Kind, number: int) -> bytes | None:
        return self._update(SITA, number, _CONTENT[kind])

    def batch(self, *messages: bytes) -> bytes | None:  # noqa: ARG002
        return None

    def edited(self, number: int, words: str) -> bytes | None:
        changed = self._fake.message(SITA, words) | {"edit_date": fakes.DATE + 5}
        return json.dumps({"update_id": number, "edited_message": changed}).encode()

    def unheard_of(self, number: int) -> bytes:
        return self._update(SITA, number, {"telepathy": {"thought": "?"}})

    async def post(self, body: bytes, person: int = SITA, *, forged: bool = False) -> int:  # noqa: ARG002
        headers = {"X-Telegram-Bot-Api-Secret-Token": "somebody-else" if forged else self._secret}
        return (await self._client.post(WEBHOOK_PATH, content=body, headers=headers)).status_code

    async def arrived(self, address: str) -> list[Arrived]:
        found = []
        for asked in self._fake.sent(int(address)):
            rows = (asked.values.get("reply_markup") or {}).get("inline_keyboard", [])
            options = tuple((button["callback_data"], button["text"]) for row in rows for button in row)
            found.append(Arrived(asked.text, options))
        return found

    def troubles(self, address: str) -> list[Trouble]:
        def of(status: int, description: str, **more: Any) -> Any:
            return lambda: self._fake.trouble(
                fakes.Trouble(chat=int(address), status=status, description=description, **more)
            )

        return [
            Trouble(
                "too fast", of(429, "Too Many Requests", parameters={"retry_after": 7}), everybody=True, later=True
            ),
            Trouble("blocked", of(403, "Forbidden: bot was blocked by the user"), gone=True),
            Trouble("refused", of(400, "Bad Request: chat not found")),
            Trouble("out of order", of(502, "Bad Gateway"), open=True),
            Trouble("broken off", lambda: self._fake.trouble(fakes.Trouble(chat=int(address), drop=True)), open=True),
        ]

    def _update(self, person: int, number: int, content: dict[str, Any]) -> bytes:
        message = self._fake.message(person) | content
        return json.dumps({"update_id": number, "message": message}).encode()


@asynccontextmanager
async def on_telegram(take: Take, note: Note, phrases: Phrases) -> AsyncIterator[OnTelegram]:
    """Telegram, by webhook."""
    fake = FakeTelegram()
    async with served(fake) as port:
        settings = TelegramSettings(
            TOKEN,
            f"http://127.0.0.1:{port}/bot",
            mode="webhook",
            webhook_url="https://saathi.example.in",
            first_retry=0.01,
        )
        channel = Telegram(settings, phrases, "hi")
        await channel.run(take)
        transport = httpx.ASGITransport(Starlette(routes=list(channel.routes(take, note))))
        async with httpx.AsyncClient(transport=transport, base_url="http://office") as client:
            yield OnTelegram(channel, fake, client, settings.spoken_secret)
        await channel.close()
