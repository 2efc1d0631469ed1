"""Telegram, and our bot on it."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.channels.telegram import Telegram, TelegramSettings
from bot.config import shipped
from bot.content.locales import load_phrases
from bot.core.talk.phrases import Phrases
from tests.channels.telegram.taken import Taken
from tests.fakes.telegram import TOKEN, FakeTelegram, served


@pytest.fixture(scope="session")
def phrases() -> Phrases:
    return load_phrases(shipped("locales"))


@pytest.fixture
def taken() -> Taken:
    return Taken()


@pytest.fixture
async def fake() -> AsyncIterator[FakeTelegram]:
    """The platform; at the end, all that it was asked must have kept to its documentation."""
    telegram = FakeTelegram()
    yield telegram
    assert telegram.faults == []


@pytest.fixture
async def settings(fake: FakeTelegram) -> AsyncIterator[TelegramSettings]:
    """Settings with which the platform is reached, by polling, without long waits."""
    async with served(fake) as port:
        yield TelegramSettings(TOKEN, f"http://127.0.0.1:{port}/bot", poll_for=5, first_retry=0.01, longest_retry=0.05)


@pytest.fixture
async def channel(settings: TelegramSettings, phrases: Phrases) -> AsyncIterator[Telegram]:
    made = Telegram(settings, phrases, "hi")
    yield made
    await made.close()


@pytest.fixture
async def webhook(settings: TelegramSettings, phrases: Phrases) -> AsyncIterator[Telegram]:
    """The same by webhook."""
    by_webhook = replace(settings, mode="webhook", webhook_url="https://saathi.example.in")
    made = Telegram(by_webhook, phrases, "hi")
    yield made
    await made.close()
