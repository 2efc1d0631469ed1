"""How the chat looks and is used: small and large, by keyboard, by ear, at night, on paper."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from bot.core.talk.message import Option, Reply
from tests.browser.conftest import DESKTOP, PHONE, lines, ready, say, until_answered
from tests.channels.web.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")

LONG = "क्ष" * 300 + " " + "x" * 900 + " https://gem.gov.in/" + "a" * 400


async def at(browser: Browser, house: House, size: dict[str, int], **more: Any) -> Page:
    """The page in a window of a size, with a talk."""
    context = await browser.new_context(viewport=size, locale="hi-IN", **more)  # type: ignore[arg-type]
    page = await context.new_page()
    await page.goto(house.url)
    await ready(page)
    await say(page, "bina tender ke kitne tak kharid sakte hai")
    await until_answered(page, 3)
    return page


async def session_of(page: Page) -> str:
    (cookie,) = await page.context.cookies()
    return cookie["value"].split(".")[0]


async def nothing_sticks_out(page: Page) -> bool:
    """Whether nobody has to scroll sideways to read, in the page or within the talk."""
    return bool(
        await page.evaluate(
            """() => {
                const wide = document.documentElement.clientWidth;
                const talk = document.getElementById('talk');
                const all = [...document.querySelectorAll('header, form, #talk *, #send, #text')];
                return document.documentElement.scrollWidth <= wide && talk.scrollWidth <= talk.clientWidth
                    && all.every((one) => one.closest('.unseen') || one.getBoundingClientRect().right <= wide + 0.5);
            }"""
        )
    )


SIZES = {
    "the smallest phone": {"width": 320, "height": 480},
    "a phone": PHONE,
    "a phone on its side": {"width": 740, "height": 360},
    "a desktop": DESKTOP,
    "a desktop made twice as large": {"width": 640, "height": 400},
    "a desktop made four times as large": {"width": 320, "height": 200},
}


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
async def test_everything_fits_whatever_the_size(browser: Browser, house: House, size: dict[str, int]) -> None:
    page = await at(browser, house, size, device_scale_factor=2)
    options = tuple(Option(f"entry:{number}", "क्षेत्रीय " * 3 + str(number)) for number in range(13))
    await house.web.send(await session_of(page), Reply(LONG, options))
    await say(page, LONG[:1900])
    await until_answered(page, 5)
    assert await nothing_sticks_out(page)
    talk = await page.locator("#talk").bounding_box()
    assert talk
    assert talk["height"] >= size["height"] * 0.4
    await expect(page.get_by_role("textbox")).to_be_in_viewport(ratio=0.9)
    await page.context.close()


async def test_text_made_twice_as_large_alone_fits_too(browser: Browser, house: House) -> None:
    page = await at(browser, house, PHONE, bypass_csp=True)
    await page.add_style_tag(path=Path(__file__).parent / "large-text.css")
    assert await nothing_sticks_out(page)
    await page.context.close()


async def test_buttons_are_large_enough_for_a_thumb(page: Page) -> None:
    await page.get_by_role("button", name="सब विषय").click()
    await until_answered(page, 3)
    for button in await page.locator("button:visible").all():
        box = await button.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 44


async def test_a_long_answer_is_shown_from_its_beginning(page: Page, house: House) -> None:
    await say(page, "नमस्ते")
    await until_answered(page, 3)
    await page.context.set_offline(True)
    await page.context.set_offline(False)
    await say(page, "menu")
    await until_answered(page, 5)
    await house.web.send(await session_of(page), Reply("लंबा जवाब। " * 300))
    await until_answered(page, 6)
    await expect(page.locator(".mine").last).to_be_in_viewport()
    await page.get_by_role("button", name="नया संदेश").click()
    await expect(page.locator(".line").last.locator(".meta")).to_be_in_viewport()
    await expect(page.get_by_role("button", name="नया संदेश")).to_be_hidden()


async def test_who_reads_further_up_is_not_torn_away(page: Page, house: House) -> None:
    for number in range(3):
        await say(page, "bina tender ke kitne tak kharid sakte hai")
        await until_answered(page, 1 + (number + 1) * 2)
    await page.locator("#talk").evaluate("(talk) => { talk.scrollTop = 0; }")
    await house.web.send(await session_of(page), Reply("एक ख़बर"))
    await expect(page.get_by_role("button", name="नया संदेश")).to_be_visible()
    assert await page.locator("#talk").evaluate("(talk) => talk.scrollTop") == 0


# --- by keyboard and by ear -------------------------------------------------------------------------------------------


async def test_by_keyboard_alone_one_can_ask_choose_and_ask_again(page: Page) -> None:
    async def focus() -> str:
        return str(
            await page.evaluate("(document.activeElement.textContent || document.activeElement.id).slice(0, 40)")
        )

    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.id") == "talk"
    await page.keyboard.press("Tab")
    assert await focus() == "सब विषय"
    await page.keyboard.press("Enter")
    await until_answered(page, 3)
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    first = await page.locator(".options").last.locator("button").first.text_content()
    assert await focus() == first
    await page.keyboard.press("Space")
    await until_answered(page, 5)
    while await page.evaluate("document.activeElement.id") != "text":
        await page.keyboard.press("Tab")
    await page.keyboard.type("नमस्ते")
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.id") == "send"
    await page.keyboard.press("Enter")
    await until_answered(page, 7)
    assert await page.evaluate("document.activeElement.id") == "text"


async def test_what_has_the_focus_can_be_seen(page: Page) -> None:
    for _ in range(5):
        await page.keyboard.press("Tab")
        outline = await page.evaluate("getComputedStyle(document.activeElement).outline")
        assert re.search(r"solid [23]px|[23]px solid|rgb\(.+\) solid [23]px", outline), outline


async def test_a_screen_reader_hears_who_says_what(page: Page) -> None:
    await say(page, "नमस्ते")
    await until_answered(page, 3)
    log = page.get_by_role("log", name="बातचीत")
    tree = await log.aria_snapshot()
    assert "आपने लिखा: नमस्ते" in tree
    assert tree.count("साथी ने लिखा:") == 2
    assert await page.locator("[aria-busy]").count() == 0
    assert await page.locator("html").get_attribute("lang") == "hi"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_axe_finds_no_fault(browser: Browser, house: House, axe: str, scheme: str, size: dict[str, int]) -> None:
    page = await at(browser, house, size, color_scheme=scheme, bypass_csp=True)
    await page.context.route("**/web/messages", lambda route: route.abort())
    await say(page, "नमस्ते https://gem.gov.in/")
    await expect(page.locator(".unsent")).to_have_count(1)
    await page.context.set_offline(True)
    await expect(page.get_by_role("status")).not_to_have_text("")
    await page.add_script_tag(content=axe)
    found = await page.evaluate(
        "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})"
    )
    assert [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in found["violations"]] == []
    assert len(found["passes"]) > 15
    await page.context.close()


# --- other ways to look -----------------------------------------------------------------------------------------------


async def test_at_night_the_page_is_dark(browser: Browser, house: House) -> None:
    page = await at(browser, house, PHONE, color_scheme="dark")
    ground, ink = await page.evaluate(
        "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
    )
    assert (ground, ink) == ("rgb(11, 20, 26)", "rgb(233, 237, 239)")
    await page.context.close()


async def test_who_wants_no_motion_sees_none(browser: Browser, house: House) -> None:
    page = await at(browser, house, PHONE, reduced_motion="reduce")
    house.wait.clear()
    try:
        await say(page, "नमस्ते")
        dot = page.locator(".typing i").first
        await expect(dot).to_be_visible()
        assert await dot.evaluate("(dot) => getComputedStyle(dot).animationName") == "none"
    finally:
        house.wait.set()
    await page.context.close()


async def test_the_typing_sign_is_there_until_the_answer_is(page: Page, house: House) -> None:
    house.wait.clear()
    try:
        await say(page, "नमस्ते")
        await expect(page.locator(".typing")).to_be_visible()
    finally:
        house.wait.set()
    await until_answered(page, 3)


async def test_the_whole_talk_is_printed_and_nothing_else(page: Page) -> None:
    for number in range(3):
        await say(page, "bina tender ke kitne tak kharid sakte hai")
        await until_answered(page, 1 + (number + 1) * 2)
    await page.emulate_media(media="print")
    height = await page.evaluate("document.documentElement.scrollHeight")
    inside = await page.locator("#talk").evaluate("(talk) => talk.getBoundingClientRect().height")
    assert height > inside > PHONE["height"]
    await expect(page.get_by_role("textbox")).to_be_hidden()
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await expect(page.locator(".options").first).to_be_hidden()
    await expect(page.locator(".day")).to_have_attribute("data-date", re.compile(r"\d+ \S+ 20\d\d"))
    assert (await page.pdf(format="A4")).count(b"/Type /Page\n") >= 1


async def test_yesterday_s_lines_stand_under_yesterday(context: BrowserContext, house: House) -> None:
    page = await context.new_page()
    await page.goto(house.url)
    await ready(page)
    await say(page, "नमस्ते")
    await until_answered(page, 3)
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    later = await context.new_page()
    await later.clock.set_fixed_time(tomorrow)
    await later.goto(house.url)
    await ready(later)
    assert await later.locator(".day").all_inner_texts() == ["कल"]
    assert (await lines(later))[1] == "नमस्ते"
