"""A server with the shipped answers, on SQLite."""

from collections.abc import AsyncIterator

import pytest

from bot.app import App
from bot.store.database import Database
from tests.channels.web.house import House, Page, open_house, page


@pytest.fixture
def engine_name() -> str:
    return "sqlite"


@pytest.fixture
async def house(database: Database, shipped: App) -> AsyncIterator[House]:
    async with open_house(database, shipped.world) as house:
        yield house


@pytest.fixture
async def sita(house: House) -> AsyncIterator[Page]:
    async with page(house) as one:
        yield one


@pytest.fixture
async def ram(house: House) -> AsyncIterator[Page]:
    async with page(house) as one:
        yield one
