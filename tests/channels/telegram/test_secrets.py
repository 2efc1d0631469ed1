"""What nobody may find in a log or an error: the token, the secret, people's words and numbers."""

import asyncio
import json
import logging
import socket
import traceback
from collections.abc import Iterator
from dataclasses import replace

import aiohttp
import pytest
from starlette.applications import Starlette

from bot.channels.contract import NotSentError
from bot.channels.telegram import Telegram, TelegramSettings
from bot.channels.telegram.settings import WEBHOOK_PATH
from bot.core.talk.message import Delivery, Document, Incoming, Option, Reply
from bot.core.talk.phrases import Phrases
from tests.crash.waiting import running
from tests.fakes.telegram import TOKEN, FakeTelegram, Trouble, served

WORDS, NUMBER, OUR_SECRET = "मेरी दुकान का राज़", "919876543210", "our-very-own-secret"
REPLY = Reply(f"{WORDS} {NUMBER}", (Option("menu", WORDS),))
ECHO = f"Not Found: /bot{TOKEN}/sendMessage {WORDS}".encode()


@pytest.fixture
def everything(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """All that was logged at any level, and what the test adds; at the end, nothing secret may be in it."""
    caplog.set_level(logging.DEBUG)
    texts: list[str] = []
    yield texts
    written = [caplog.text, *texts]
    for secret in (TOKEN, TOKEN.partition(":")[2], WORDS, NUMBER, OUR_SECRET):
        assert [text for text in written if secret in text] == []


TROUBLES = [
    Trouble(status=404, raw=ECHO),
    Trouble(status=500, raw=ECHO),
    Trouble(status=200, raw=ECHO),
    Trouble(status=400, description=f"Bad Request: bot{TOKEN} is wrong"),
    Trouble(status=403, description=f"Forbidden: {TOKEN}"),
    Trouble(status=401, description=f"Unauthorized {TOKEN}"),
    Trouble(status=429, description=f"{TOKEN}", parameters={"retry_after": 0.01}),
    Trouble(status=400, description=f"{TOKEN}", parameters={"migrate_to_chat_id": -5, "x": TOKEN}),
    Trouble(drop=True),
]


def told(error: BaseException) -> list[str]:
    lines = ["".join(traceback.format_exception(error)), str(error), repr(error)]
    return [*lines, error.trouble] if isinstance(error, NotSentError) else lines


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: f"{trouble.status}")
async def test_no_refusal_shows_a_secret(
    channel: Telegram, fake: FakeTelegram, everything: list[str], trouble: Trouble
) -> None:
    asyncio.get_running_loop().set_debug(enabled=True)
    fake.trouble(replace(trouble, times=2))
    fake.trouble(replace(trouble, method="sendDocument"))
    for reply in (REPLY, REPLY, replace(REPLY, document=Document("a.ics", "text/calendar", WORDS))):
        try:
            await channel.send(NUMBER, reply)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is looked at
            everything += told(error)
    assert len(everything) >= 9
    everything.append(repr(channel))


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:{free}/bot", "http://no.invalid/bot", "nonsense", "http://[/bot"]
)
async def test_no_trouble_with_the_connection_shows_a_secret(
    settings: TelegramSettings, phrases: Phrases, everything: list[str], address: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        free = listener.getsockname()[1]
    channel = Telegram(replace(settings, base_url=address.format(free=free)), phrases, "hi")
    with pytest.raises(NotSentError) as caught:
        await channel.send(NUMBER, REPLY)
    everything += told(caught.value)
    await channel.close()


async def test_a_time_out_shows_no_secret(
    channel: Telegram, fake: FakeTelegram, everything: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.telegram.request._ANSWER_WITHIN", 0.1)
    fake.trouble(Trouble(hold=True))
    with pytest.raises(Exception, match="Timed out") as caught:
        await channel.send(NUMBER, REPLY)
    everything += told(caught.value)


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: f"{trouble.status}")
async def test_no_message_on_its_way_in_shows_a_secret(
    channel: Telegram, fake: FakeTelegram, everything: list[str], trouble: Trouble
) -> None:
    everything.append("")
    for method in ("getMe", "deleteWebhook", "getUpdates", "setMyCommands", "answerCallbackQuery"):
        fake.trouble(replace(trouble, method=method, chat=0))
    await fake.write(1, WORDS)
    await fake.press(1, "menu")
    await fake.write(1, contact={"phone_number": NUMBER, "first_name": WORDS, "user_id": 1})
    await fake.put({"message": {"text": WORDS}}, valid=False)

    async def take(message: Incoming) -> None:
        raise ValueError(message.text)

    async with running(channel.run(take)):
        await fake.until(lambda: not fake.waiting)


async def test_no_call_of_the_webhook_shows_a_secret(
    settings: TelegramSettings, phrases: Phrases, fake: FakeTelegram, everything: list[str]
) -> None:
    by_webhook = replace(settings, mode="webhook", webhook_url="https://x.example", secret=OUR_SECRET)
    everything += [repr(by_webhook), str(by_webhook)]
    channel = Telegram(by_webhook, phrases, "hi")
    fake.trouble(Trouble("setWebhook", status=400, description=f"Bad Request: {TOKEN} {OUR_SECRET}"))

    async def take(message: Incoming) -> None:
        raise ValueError(message.text)

    async def note(_: Delivery) -> None:
        raise AssertionError

    await channel.run(take)
    app = Starlette(routes=list(channel.routes(take, note)))
    async with served(app) as port, aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        good = json.dumps({"update_id": 1, "message": fake.message(1, WORDS)})
        for body in (good, WORDS, "[", ""):
            for secret in (OUR_SECRET, OUR_SECRET + "x"):
                said = {"X-Telegram-Bot-Api-Secret-Token": secret}
                async with session.post(WEBHOOK_PATH, data=body.encode(), headers=said) as answer:
                    everything.append(await answer.text())
    await channel.close()


async def test_the_settings_hide_the_token(settings: TelegramSettings, everything: list[str]) -> None:
    everything += [repr(settings), str(settings), f"{settings}"]
    assert settings.token == TOKEN
