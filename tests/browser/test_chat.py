"""What people do with the chat, in a real browser."""

import re
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Locator, Page, expect

from bot.app import App
from bot.core.talk.message import Reply
from bot.store.database import open_database
from tests.browser.conftest import lines, ready, say, until_answered
from tests.channels.web.house import House, open_house

pytestmark = pytest.mark.asyncio(loop_scope="session")

REGISTERING = ("सीता देवी", "9876543210", "देवी हस्तशिल्प", "मिट्टी के दीये", "गोरखपुर")


async def test_who_opens_the_page_is_greeted_and_can_choose_at_once(page: Page, shipped: App) -> None:
    assert await lines(page) == [shipped.phrases.say("talk.greeting")]
    await page.get_by_role("button", name="सब विषय").click()
    await until_answered(page, 3)
    assert (await lines(page))[1:] == ["सब विषय", shipped.phrases.say("talk.menu")]
    assert await page.locator(".options").last.locator("button").count() > 3


async def test_a_question_is_answered_with_links_that_can_be_followed(page: Page) -> None:
    await say(page, "bina tender ke kitne tak kharid sakte hai")
    await until_answered(page, 3)
    assert "50,000" in (await lines(page))[2]
    link = page.locator(".line:not(.mine) .bubble a").first
    assert re.fullmatch(r"https://\S+\w", await link.get_attribute("href") or "")
    assert (await link.get_attribute("rel"), await link.get_attribute("target")) == ("noopener noreferrer", "_blank")
    assert await page.evaluate("document.activeElement.id") == "text"


async def test_a_whole_registration_with_its_file_for_the_calendar(page: Page) -> None:
    await register(page)
    text = "\n".join(await lines(page))
    assert "पक्की" in text
    await choose(page, "कैलेंडर में जोड़ें")
    link = page.locator("a.file")
    await expect(link).to_have_count(1)
    async with page.expect_download() as download:
        await link.click()
    assert (await download.value).suggested_filename == "workshop-1.ics"


async def register(page: Page) -> None:
    await say(page, "workshop me naam likhwana hai")
    await until_answered(page, 3)
    await choose(page, "नाम लिखवाएँ")
    await choose(page, "हाँ, सहमत हूँ")
    for answer in REGISTERING:
        count = await page.locator(".line").count()
        await say(page, answer)
        await until_answered(page, count + 2)
    for title in ("छोड़ दीजिए", "रजिस्ट्रेशन हो गया", "सही है, नाम लिखिए"):
        await choose(page, title)


async def choose(page: Page, title: str) -> None:
    count = await page.locator(".line").count()
    await page.locator(".options").last.get_by_role("button", name=title).click()
    await until_answered(page, count + 2)


async def test_a_reload_keeps_the_talk_and_its_order(page: Page) -> None:
    await say(page, "नमस्ते")
    await until_answered(page, 3)
    await page.get_by_role("button", name="सब विषय").first.click()
    await until_answered(page, 5)
    before = await lines(page)
    await page.reload()
    await ready(page)
    assert await lines(page) == before
    assert await page.locator(".day").all_inner_texts() == ["आज"]


async def test_what_is_said_without_a_network_goes_when_it_is_back(page: Page, context: BrowserContext) -> None:
    await context.set_offline(True)
    await expect(page.get_by_role("status")).to_contain_text("इंटरनेट नहीं है")
    await say(page, "नमस्ते")
    await say(page, "menu")
    await expect(page.locator(".unsent")).to_have_count(2)
    await context.set_offline(False)
    await expect(page.get_by_role("status")).to_have_text("")
    await until_answered(page, 5)
    said = await lines(page)
    assert [said[1], "menu" in said, len(said)] == ["नमस्ते", True, 5]
    await expect(page.locator(".unsent")).to_have_count(0)


async def test_what_could_not_be_sent_outlives_a_reload(page: Page, context: BrowserContext) -> None:
    await context.route("**/web/messages", lambda route: route.abort())
    await say(page, "नमस्ते")
    await expect(page.locator(".unsent")).to_have_count(1)
    await page.reload()
    await ready(page)
    await expect(page.locator(".unsent")).to_have_count(1)
    await context.unroute("**/web/messages")
    await until_answered(page, 3)
    assert (await lines(page))[1] == "नमस्ते"


async def test_a_message_whose_answer_was_lost_counts_once(page: Page, context: BrowserContext) -> None:
    posted = []

    async def lose(route: object) -> None:
        posted.append(await route.fetch())  # type: ignore[attr-defined]
        await route.abort()  # type: ignore[attr-defined]

    await context.route("**/web/messages", lose, times=1)
    await say(page, "नमस्ते")
    await until_answered(page, 3)
    await page.reload()
    await ready(page)
    assert [answer.status for answer in posted] == [202]
    assert len(await lines(page)) == 3


async def test_replies_that_came_while_the_page_was_away_are_there(
    page: Page, context: BrowserContext, house: House
) -> None:
    await say(page, "नमस्ते")
    await until_answered(page, 3)
    session = (await context.cookies())[0]["value"].split(".")[0]
    await context.set_offline(True)
    for number in range(3):
        await house.web.send(session, Reply(f"ख़बर {number}"))
    await context.set_offline(False)
    await until_answered(page, 6)
    assert (await lines(page))[3:] == ["ख़बर 0", "ख़बर 1", "ख़बर 2"]


async def test_two_tabs_of_one_person_show_the_same_talk(page: Page, context: BrowserContext, house: House) -> None:
    other = await context.new_page()
    await other.goto(house.url)
    await ready(other)
    await say(page, "नमस्ते")
    await until_answered(other, 3)
    await say(other, "menu")
    await until_answered(page, 5)
    assert await lines(page) == await lines(other)


async def test_a_longer_text_is_written_in_a_growing_field(page: Page) -> None:
    field = page.get_by_role("textbox")
    before = await height(field)
    await field.press_sequentially("एक")
    await page.keyboard.press("Shift+Enter")
    await field.press_sequentially("दो")
    assert await height(field) > before + 15
    await page.keyboard.press("Enter")
    await until_answered(page, 3)
    assert (await lines(page))[1] == "एक\nदो"
    assert await height(field) == before


async def height(of: Locator) -> float:
    box = await of.bounding_box()
    assert box
    return box["height"]


async def test_text_stays_text(page: Page, troubles: list[str]) -> None:
    evil = "<img src=x onerror=alert(1)> <b>x</b> javascript:alert(1) https://a.example/<script>"
    await say(page, evil)
    await until_answered(page, 3)
    await page.reload()
    await ready(page)
    assert (await lines(page))[1] == evil
    assert await page.locator("#talk img, #talk b, #talk script").count() == 0
    assert await page.locator(".mine a").evaluate_all("all => all.map((a) => a.href)") == ["https://a.example/"]
    assert troubles == []


async def test_who_is_too_fast_is_told_and_nothing_is_lost(page: Page) -> None:
    for number in range(17):
        await say(page, f"सवाल {number}")
    await expect(page.get_by_role("alert")).to_contain_text("थोड़ा रुकिए")
    await expect(page.locator(".unsent")).to_have_count(0, timeout=20_000)
    mine = await page.locator(".mine").count()
    assert mine == 17
    await expect(page.get_by_role("alert")).to_have_text("")


async def test_the_page_asks_no_other_host(context: BrowserContext, house: House) -> None:
    asked = []
    page = await context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(house.url)
    await ready(page)
    await say(page, "नमस्ते")
    await until_answered(page, 3)
    assert len(asked) >= 4
    assert [url for url in asked if not url.startswith((house.url, "data:image/svg+xml"))] == []


async def test_whose_browser_takes_no_cookies_is_told_what_to_do(page: Page, context: BrowserContext) -> None:
    await context.clear_cookies()
    await context.set_offline(True)
    await context.set_offline(False)
    await expect(page.get_by_role("alert")).to_contain_text("कुकी")
    await page.get_by_role("alert").get_by_role("button").click()
    await ready(page)
    await say(page, "नमस्ते")
    await until_answered(page, 3)


async def test_over_2g_an_answer_is_there_within_seconds(context: BrowserContext, house: House) -> None:
    page = await context.new_page()
    session = await context.new_cdp_session(page)
    await session.send("Network.enable")
    # What browsers' own tools call "Slow 2G" is faster than this.
    slow = {"offline": False, "latency": 800, "downloadThroughput": 30_000 / 8, "uploadThroughput": 20_000 / 8}
    await session.send("Network.emulateNetworkConditions", slow)
    await page.goto(house.url, timeout=20_000)
    await ready(page)
    took = await page.evaluate("performance.now()")
    assert took < 12_000
    await say(page, "नमस्ते")
    await until_answered(page, 3)


async def test_a_tab_that_nobody_looks_at_lets_go_and_catches_up(context: BrowserContext, house: House) -> None:
    async def look(*, hidden: bool) -> None:
        value = "true" if hidden else "false"
        await page.evaluate(f"Object.defineProperty(document, 'hidden', {{value: {value}, configurable: true}})")
        await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    page = await context.new_page()
    await page.clock.install()
    await page.goto(house.url)
    await ready(page)
    session = (await context.cookies())[0]["value"].split(".")[0]
    await look(hidden=True)
    async with page.expect_event("requestfailed", lambda request: "web/events" in request.url):
        await page.clock.fast_forward(61_000)
    await house.web.send(session, Reply("ख़बर"))
    assert len(await lines(page)) == 1
    await look(hidden=False)
    await until_answered(page, 2)
    assert (await lines(page))[1] == "ख़बर"


async def test_when_the_server_was_away_for_a_while_all_goes_on_by_itself(
    context: BrowserContext, shipped: App, tmp_path: Path
) -> None:
    database = await open_database(str(tmp_path / "x.sqlite3"))
    page = await context.new_page()
    async with open_house(database, shipped.world) as house:
        port = house.port
        await page.goto(house.url)
        await ready(page)
        await say(page, "नमस्ते")
        await until_answered(page, 3)
    await expect(page.get_by_role("status")).to_have_text("जुड़ रहे हैं…")
    await say(page, "menu")
    await expect(page.locator(".unsent")).to_have_count(1)
    async with open_house(database, shipped.world, port=port):
        await expect(page.get_by_role("status")).to_have_text("", timeout=20_000)
        await until_answered(page, 5)
        assert (await lines(page))[3:] == ["menu", shipped.phrases.say("talk.menu")]
    await database.close()
