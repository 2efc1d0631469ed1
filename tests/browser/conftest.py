"""
Real Chromium on a real server.

Chromium is the one of ``GEM_SAATHI_CHROMIUM``, else the system's; axe-core is the file of ``GEM_SAATHI_AXE``
(axe.min.js of the npm package). Where one is missing its tests are skipped, and where ``GEM_SAATHI_NO_SKIP`` is set,
as in CI, they fail instead.
"""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from bot.app import App
from bot.core.workshops.batch import IST, Batch
from bot.store.batches import insert_batch
from bot.store.database import Database, open_database
from tests.channels.web.house import House, open_house, with_settings

PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 800}
OFFICE = "जिला उद्योग प्रोत्साहन केंद्र, गोरखपुर"

Open = Callable[..., Awaitable[Page]]


def _missing(what: str) -> Any:
    say: Any = pytest.fail if os.environ.get("GEM_SAATHI_NO_SKIP") else pytest.skip
    say(f"no {what} to test with")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for all tests."""
    program = os.environ.get("GEM_SAATHI_CHROMIUM") or shutil.which("chromium") or _missing("Chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        await browser.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core."""
    file = os.environ.get("GEM_SAATHI_AXE") or _missing("axe-core")
    return Path(file).read_text("utf-8")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def house(shipped: App, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """One server for all tests, with a workshop of many seats."""
    database = await open_database(str(tmp_path_factory.mktemp("browser") / "x.sqlite3"))
    await add_workshop(database)
    settings = with_settings(office=OFFICE, secure_cookie=False)
    async with open_house(database, shipped.world, settings) as house:
        yield house
    await database.close()


async def add_workshop(database: Database) -> None:
    """A workshop in a fortnight."""
    starts = (
        (datetime.now(UTC) + timedelta(days=14)).astimezone(IST).replace(hour=10, minute=30, second=0, microsecond=0)
    )
    last_date = starts - timedelta(days=1)
    title, venue = "GeM पोर्टल: पंजीकरण से ऑनलाइन बिड तक", "उपायुक्त उद्योग कार्यालय, गोरखपुर"
    workshop = Batch(1, title, starts, starts + timedelta(hours=6), venue, 40, last_date, "4821")
    async with database.write() as connection:
        await insert_batch(connection, workshop)


@pytest_asyncio.fixture(loop_scope="session")
async def context(browser: Browser, troubles: list[str]) -> AsyncIterator[BrowserContext]:
    """Somebody with a phone, who was never here."""
    context = await browser.new_context(viewport=PHONE, locale="hi-IN")  # type: ignore[arg-type]
    context.set_default_timeout(10_000)
    context.on("page", lambda page: watch(page, troubles))
    yield context
    await context.close()


@pytest.fixture
def troubles() -> list[str]:
    """What a page complains of; a test that provokes it empties the list."""
    return []


def watch(page: Page, troubles: list[str]) -> None:
    """Note errors of a page's script, and what its policy forbids."""
    page.on("pageerror", lambda error: troubles.append(str(error)))

    def hear(message: Any) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text and "net::ERR" not in message.text:
            troubles.append(message.text)

    page.on("console", hear)


@pytest_asyncio.fixture(loop_scope="session")
async def page(context: BrowserContext, house: House, troubles: list[str]) -> AsyncIterator[Page]:
    """The page, open and connected; at the end nothing may have gone wrong in it."""
    page = await context.new_page()
    await page.goto(house.url)
    await ready(page)
    yield page
    assert troubles == []


async def ready(page: Page) -> None:
    """Wait until the page has its talk."""
    # Not wait_for_function, which the page's own policy forbids.
    await expect(page.locator("#talk:not([aria-busy])")).to_be_attached(timeout=20_000)


async def say(page: Page, text: str) -> None:
    """Type and send."""
    await page.get_by_role("textbox").fill(text)
    await page.keyboard.press("Enter")


async def until_answered(page: Page, lines: int) -> None:
    """Wait until so many lines stand in the talk and nobody types."""
    await expect(page.locator("#talk .line:not(.typing)").nth(lines - 1)).to_be_attached(timeout=20_000)
    await expect(page.locator(".typing")).to_have_count(0)


async def lines(page: Page) -> list[str]:
    """The texts of the talk, without who said them and when."""
    found: list[str] = await page.evaluate(
        """() => [...document.querySelectorAll('#talk .line:not(.typing) .bubble')].map((bubble) => {
            const copy = bubble.cloneNode(true);
            copy.querySelectorAll('.unseen, .meta').forEach((one) => one.remove());
            return copy.textContent;
        })"""
    )
    return found
