"""Messages on their way in by webhook, over real connections."""

import asyncio
import json
import logging
from dataclasses import replace

import aiohttp
import pytest
from starlette.applications import Starlette

from bot.channels.telegram import Telegram, TelegramSettings
from bot.channels.telegram.channel import MAX_BODY
from bot.channels.telegram.settings import WEBHOOK_PATH
from bot.core.talk.phrases import Phrases
from tests.channels.telegram.taken import Taken, listening, note
from tests.fakes.telegram import FakeTelegram, Trouble, served

HEADER = "X-Telegram-Bot-Api-Secret-Token"


async def test_telegram_is_told_where_to_call_and_what_to_say(
    webhook: Telegram, fake: FakeTelegram, taken: Taken, settings: TelegramSettings
) -> None:
    fake.trouble(Trouble("setWebhook", status=502, times=2))
    await webhook.run(taken.take)
    assert fake.webhook == {
        "url": "https://saathi.example.in/telegram/updates",
        "secret_token": settings.spoken_secret,
        "max_connections": 100,
        "allowed_updates": ["message", "edited_message", "callback_query"],
    }
    assert len(settings.spoken_secret) == 64
    assert settings.token not in settings.spoken_secret


async def test_a_call_is_answered_once_its_message_was_taken(
    webhook: Telegram, fake: FakeTelegram, taken: Taken
) -> None:
    taken.shut = {"1"}
    await fake.write(1, "एक")
    await fake.press(2, "menu")
    async with listening(webhook, taken.take) as port:
        delivering = asyncio.create_task(fake.deliver(port))
        await taken.until(lambda: len(taken.begun) == 2 and len(taken.done) == 1)
        assert len(fake.waiting) >= 1
        taken.gates["1"].set()
        assert await delivering == [200, 200]
    assert fake.waiting == []


async def test_who_takes_too_long_is_asked_to_call_again_later(
    fake: FakeTelegram, taken: Taken, settings: TelegramSettings, phrases: Phrases
) -> None:
    channel = Telegram(
        replace(settings, mode="webhook", webhook_url="https://x.example", answer_within=0.05), phrases, "hi"
    )
    taken.shut = {"1"}
    await fake.write(1, "एक")
    async with listening(channel, taken.take) as port, aiohttp.ClientSession() as session:
        headers = {HEADER: settings.spoken_secret}
        url = f"http://127.0.0.1:{port}{WEBHOOK_PATH}"
        async with session.post(url, json=fake.waiting[0], headers=headers) as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    await channel.close()


async def call(port: int, body: bytes, secret: str | None, **headers: str) -> tuple[int, bytes]:
    said = headers | ({HEADER: secret} if secret is not None else {})
    async with aiohttp.ClientSession() as session:
        url = f"http://127.0.0.1:{port}{WEBHOOK_PATH}"
        async with session.post(url, data=body, headers=said) as answer:
            return answer.status, await answer.read()


async def test_a_stranger_is_turned_away_unread(webhook: Telegram, taken: Taken, settings: TelegramSettings) -> None:
    secret = settings.spoken_secret
    async with listening(webhook, taken.take) as port:
        for wrong in (None, "", "x", secret[:-1], secret + "x", secret.upper(), "é" * 64):
            assert await call(port, b'{"update_id": 1', wrong) == (403, b"")
            assert await call(port, b"x" * (MAX_BODY + 1), wrong) == (403, b"")
    assert taken.begun == []


BODIES = [
    (b"", 400),
    (b"{", 400),
    (b"[]", 400),
    (b"\xff\xfe{}", 400),
    (b"[" * 500_000, 400),
    (b'{"update_id": ' + b"9" * 100_000 + b"}", 400),
    (b"x" * (MAX_BODY + 1), 413),
    (b"{}", 200),
    (json.dumps({"update_id": 1, "message": {"text": "x" * 900_000}}).encode(), 200),
]


@pytest.mark.parametrize(("body", "status"), BODIES, ids=lambda what: repr(what)[:30])
async def test_any_body_is_answered(
    webhook: Telegram, taken: Taken, settings: TelegramSettings, body: bytes, status: int
) -> None:
    async with listening(webhook, taken.take) as port:
        assert await call(port, body, settings.spoken_secret) == (status, b"")
    assert taken.begun == []


async def test_a_long_text_comes_whole(
    webhook: Telegram, fake: FakeTelegram, taken: Taken, settings: TelegramSettings
) -> None:
    body = json.dumps({"update_id": 1, "message": fake.message(1, "x" * 900_000)}).encode()
    async with listening(webhook, taken.take) as port:
        assert await call(port, body, settings.spoken_secret) == (200, b"")
    assert len(taken.done[0].text) == 900_000


async def test_a_secret_of_ones_own_is_asked_for(
    settings: TelegramSettings, phrases: Phrases, fake: FakeTelegram, taken: Taken
) -> None:
    by_webhook = replace(settings, mode="webhook", webhook_url="https://x.example/", secret="our-own_1")  # noqa: S106
    channel = Telegram(by_webhook, phrases, "hi")
    await fake.write(1, "एक")
    async with listening(channel, taken.take) as port:
        assert await fake.deliver(port) == [200]
        assert await call(port, b"{}", settings.spoken_secret) == (403, b"")
    assert fake.webhook is not None
    assert (fake.webhook["url"], fake.webhook["secret_token"]) == ("https://x.example/telegram/updates", "our-own_1")
    await channel.close()


async def test_calls_that_come_before_the_bot_knows_its_name_come_again(
    webhook: Telegram, taken: Taken, settings: TelegramSettings
) -> None:
    async with served(Starlette(routes=list(webhook.routes(taken.take, note)))) as port:
        assert await call(port, b'{"update_id": 1}', settings.spoken_secret) == (503, b"")
        await webhook.run(taken.take)
        assert await call(port, b'{"update_id": 1}', settings.spoken_secret) == (200, b"")


async def test_who_hangs_up_in_the_middle_of_a_call_does_no_harm(
    webhook: Telegram, fake: FakeTelegram, taken: Taken, settings: TelegramSettings, caplog: pytest.LogCaptureFixture
) -> None:
    await fake.write(1, "एक")
    async with listening(webhook, taken.take) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        head = f"POST {WEBHOOK_PATH} HTTP/1.1\r\nHost: x\r\n{HEADER}: {settings.spoken_secret}\r\n"
        writer.write(f"{head}Content-Length: 100\r\n\r\n{{".encode())
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        assert await fake.deliver(port) == [200]
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
