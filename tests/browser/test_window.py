"""The chat as a window on another website."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, FrameLocator, Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.app import App
from bot.store.database import open_database
from tests.browser.conftest import until_answered
from tests.channels.web.house import House, open_house, serving, with_settings

pytestmark = pytest.mark.asyncio(loop_scope="session")


class Website:
    """The office's website, on a host of its own; it shows the chat of ``chat``."""

    chat = ""

    async def page(self, _: Request) -> Response:
        """Its only page."""
        line = f'<script src="{self.chat}widget.js" defer></script>'
        return HTMLResponse(f"<!doctype html><html lang=en><title>Office</title><h1>Office</h1><p>Text</p>{line}")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def website() -> AsyncIterator[str]:
    """Where it is: another site than 127.0.0.1."""
    site = Website()
    async with serving(Starlette(routes=[Route("/", site.page)])) as port:
        _SITES[f"http://localhost:{port}"] = site
        yield f"http://localhost:{port}"


_SITES: dict[str, Website] = {}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shown(website: str, shipped: App, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """A server that may be shown on the website."""
    database = await open_database(str(tmp_path_factory.mktemp("window") / "x.sqlite3"))
    async with open_house(database, shipped.world, with_settings(allowed_origins=(website,))) as house:
        _SITES[website].chat = house.url
        yield house
    await database.close()


def inside(page: Page) -> FrameLocator:
    return page.frame_locator("iframe")


async def test_one_line_puts_the_chat_on_a_website(
    context: BrowserContext, website: str, shown: House, troubles: list[str]
) -> None:
    page = await context.new_page()
    await page.goto(website)
    button = page.get_by_role("button", name="GeM साथी से पूछिए")
    assert await page.locator("iframe").count() == 0
    await button.click()
    field = inside(page).get_by_role("textbox")
    await field.fill("नमस्ते")
    await field.press("Enter")
    await expect(inside(page).locator(".line:not(.typing)").nth(2)).to_be_visible()
    (cookie,) = await context.cookies(shown.url)
    assert (cookie["sameSite"], cookie["secure"], cookie["httpOnly"]) == ("None", True, True)
    assert str(cookie.get("partitionKey")).startswith("http://localhost")
    await page.reload()
    await button.click()
    await expect(inside(page).locator(".line.mine")).to_contain_text("नमस्ते")
    assert troubles == []


async def test_the_window_opens_and_closes_by_keyboard(context: BrowserContext, website: str, shown: House) -> None:
    assert shown.port
    page = await context.new_page()
    await page.goto(website)
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(inside(page).get_by_role("heading")).to_be_visible()
    await inside(page).get_by_role("button", name="बंद कीजिए").click()
    await expect(page.locator("iframe")).to_be_hidden()
    assert await page.evaluate("document.activeElement.id") == "gem-saathi"
    await page.keyboard.press("Enter")
    await inside(page).get_by_role("textbox").press("Escape")
    await expect(page.locator("iframe")).to_be_hidden()


async def test_on_a_phone_the_window_fills_the_screen(context: BrowserContext, website: str, shown: House) -> None:
    assert shown.port
    page = await context.new_page()
    await page.goto(website)
    await page.get_by_role("button").click()
    assert await page.locator("iframe").bounding_box() == {"x": 0, "y": 0, "width": 360, "height": 740}


async def test_the_talk_on_the_website_is_not_that_on_the_page_itself(
    context: BrowserContext, website: str, shown: House
) -> None:
    page = await context.new_page()
    await page.goto(shown.url)
    await page.get_by_role("textbox").fill("नमस्ते")
    await page.keyboard.press("Enter")
    await until_answered(page, 3)
    other = await context.new_page()
    await other.goto(website)
    await other.get_by_role("button").click()
    await expect(inside(other).locator("#talk:not([aria-busy])")).to_be_attached()
    assert await inside(other).locator(".mine").count() == 0


async def test_a_website_that_is_not_allowed_shows_nothing(
    context: BrowserContext, website: str, house: House, troubles: list[str]
) -> None:
    site = _SITES[website]
    before, site.chat = site.chat, house.url
    page = await context.new_page()
    await page.goto(website)
    await page.get_by_role("button").click()
    await expect(page.locator("iframe")).to_be_visible()
    async with page.expect_event("console", lambda told: "frame-ancestors" in told.text):
        await page.locator("iframe").evaluate("(frame) => { frame.src = frame.src + '='; }")
    assert await inside(page).get_by_role("textbox").count() == 0
    site.chat = before
    troubles.clear()
