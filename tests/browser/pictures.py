"""
Takes the pictures in docs/: ``python -m tests.browser.pictures [FOLDER]``.

A question and a registration, on a phone and at a desk, by day and by night; those by night are only for looking at.
"""

import asyncio
import os
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright, expect

from bot.app import App, load_app
from bot.config import Settings
from bot.content.locales import load_phrases
from bot.store.database import open_database
from tests.browser.conftest import DESKTOP, OFFICE, PHONE, add_workshop, ready, say, until_answered
from tests.channels.web.house import House, open_house, with_settings


async def main(folder: Path) -> None:
    """Take them all."""
    app = _app()
    program = os.environ.get("GEM_SAATHI_CHROMIUM") or shutil.which("chromium")
    with tempfile.TemporaryDirectory() as kept:
        database = await open_database(str(Path(kept) / "x.sqlite3"))
        await add_workshop(database)
        async with (
            open_house(database, app.world, with_settings(office=OFFICE)) as house,
            async_playwright() as playwright,
        ):
            browser = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
            for scheme, ending in (("light", ""), ("dark", "-dark")):
                await _take(browser, house, folder / f"web-phone{ending}.png", PHONE, scheme, _phone)
                await _take(browser, house, folder / f"web-desktop{ending}.png", DESKTOP, scheme, _desktop)
            await browser.close()
        await database.close()


def _app() -> App:
    settings = Settings()
    return load_app(settings, load_phrases(settings.locales_dir))


async def _take(browser: Browser, house: House, file: Path, size: dict[str, int], scheme: str, play: object) -> None:
    context = await browser.new_context(viewport=size, locale="hi-IN", color_scheme=scheme)  # type: ignore[arg-type]
    page = await context.new_page()
    await page.goto(house.url)
    await ready(page)
    await play(page)  # type: ignore[operator]
    await page.screenshot(path=file)
    await context.close()


async def _phone(page: Page) -> None:
    await say(page, "workshop me naam likhwana hai")
    await until_answered(page, 3)
    await expect(page.locator(".options").last.locator("button").first).to_be_visible()


async def _desktop(page: Page) -> None:
    await say(page, "bina tender ke kitne tak kharid sakte hai")
    await until_answered(page, 3)
    await expect(page.locator(".options").last.locator("button").last).to_be_visible()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("docs")))
