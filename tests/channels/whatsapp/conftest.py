"""A fake Meta on a port of this machine, and the channel that talks to it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.channels.whatsapp import Template, WhatsApp, WhatsAppSettings
from bot.config import shipped
from bot.content.locales import load_phrases
from tests.fakes.whatsapp import APP_SECRET, PHONE_ID, TOKEN, VERIFY_TOKEN, FakeGraph, Someone, served

SITA = Someone("919876543210", "IN.13491208655302741918")
RAM = Someone("919812345678", name="राम")
SETTINGS = WhatsAppSettings(TOKEN, PHONE_ID, APP_SECRET, VERIFY_TOKEN)
TEMPLATE = Template("workshop_news", "hi", ("जिला उद्योग केंद्र", "{text}"))
PHRASES = load_phrases(shipped("locales"))


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 26, 10, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **by: float) -> None:
        """So much later."""
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def graph(clock: Clock) -> FakeGraph:
    return FakeGraph(clock)


@pytest.fixture
async def graph_url(graph: FakeGraph) -> AsyncIterator[str]:
    """Where the fake Graph API answers."""
    async with served(graph.app) as url:
        yield f"{url}/v23.0"


@pytest.fixture
async def channel(graph_url: str, clock: Clock) -> AsyncIterator[WhatsApp]:
    """The channel, without a template."""
    whatsapp = WhatsApp(replace(SETTINGS, base_url=graph_url), PHRASES, "hi", clock)
    yield whatsapp
    await whatsapp.close()


@pytest.fixture
async def templated(graph_url: str, clock: Clock) -> AsyncIterator[WhatsApp]:
    """The channel, with a template."""
    whatsapp = WhatsApp(replace(SETTINGS, base_url=graph_url, template=TEMPLATE), PHRASES, "hi", clock)
    yield whatsapp
    await whatsapp.close()
