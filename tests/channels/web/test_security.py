"""Who may post, how much, and what the answers forbid."""

import asyncio
import json
import logging
import re
from http.cookies import SimpleCookie
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from bot.app import App
from bot.channels.web.session import COOKIE, Sessions
from bot.errors import InputError
from bot.store.database import Database
from bot.store.tables import transcript
from tests.channels.web.house import House, Page, open_house, page, with_settings

OFFICE = "https://udyog.example.gov.in"


def message(text: str = "नमस्ते", **more: object) -> str:
    return json.dumps({"id": "message-1", "text": text} | more)


async def kept(house: House) -> int:
    async with house.database.read() as connection:
        return int((await connection.execute(sa.select(sa.func.count()).select_from(transcript))).scalar_one())


# --- the cookie -------------------------------------------------------------------------------------------------------


def test_a_cookie_that_was_changed_or_signed_by_somebody_else_is_nobody() -> None:
    ours, other = Sessions("one secret", secure=True), Sessions("another", secure=True)
    session = ours.new()
    value = SimpleCookie(ours.header(session, framed=False))[COOKIE].value
    assert ours.read(value) == session
    assert other.read(value) is None
    for changed in (
        "",
        ".",
        session,
        f"{session}.",
        f"x{value}",
        value[:-1],
        f"{ours.new()}.{value.split('.')[1]}",
        "ह.ह",
    ):
        assert ours.read(changed) is None
    assert ours.read(None) is None


async def test_the_cookie_cannot_be_read_by_scripts_and_goes_to_no_other_site(house: House) -> None:
    async with httpx.AsyncClient(base_url=house.url) as client:
        cookie = (await client.get("/")).headers["set-cookie"]
        assert re.fullmatch(
            rf"{COOKIE}=[\w-]{{24}}\.[\w-]{{32}}; Path=/; Max-Age=34560000; HttpOnly; SameSite=Lax", cookie
        )
        again = (await client.get("/")).headers["set-cookie"]
    assert again == cookie


async def test_over_https_the_cookie_goes_over_https_only(database: Database, shipped: App) -> None:
    async with (
        open_house(database, shipped.world, with_settings(secure_cookie=True)) as house,
        httpx.AsyncClient(base_url=house.url) as client,
    ):
        assert (await client.get("/")).headers["set-cookie"].endswith("; SameSite=Lax; Secure")


@pytest.mark.parametrize(
    ("address", "site", "ends"),
    [
        ("/?window", "cross-site", "SameSite=None; Secure; Partitioned"),
        ("/?window", None, "SameSite=None; Secure; Partitioned"),
        ("/?window", "same-site", "SameSite=Lax"),
        ("/?window", "none", "SameSite=Lax"),
        ("/", "cross-site", "SameSite=Lax"),
    ],
)
async def test_only_in_a_window_on_another_site_the_cookie_is_one_of_that_window(
    database: Database, shipped: App, address: str, site: str | None, ends: str
) -> None:
    settings = with_settings(allowed_origins=(OFFICE,))
    headers = {} if site is None else {"Sec-Fetch-Site": site}
    async with (
        open_house(database, shipped.world, settings) as house,
        httpx.AsyncClient(base_url=house.url, headers=headers) as client,
    ):
        assert (await client.get(address)).headers["set-cookie"].endswith(f"HttpOnly; {ends}")


async def test_where_no_website_may_show_the_chat_there_is_no_cookie_for_windows(house: House) -> None:
    async with httpx.AsyncClient(base_url=house.url, headers={"Sec-Fetch-Site": "cross-site"}) as client:
        assert (await client.get("/?window")).headers["set-cookie"].endswith("; SameSite=Lax")


async def test_without_a_cookie_nothing_is_said_and_the_page_is_told_why(house: House, shipped: App) -> None:
    async with httpx.AsyncClient(base_url=house.url) as client:
        answer = await Page(client).post(message())
        assert (answer.status_code, answer.json()) == (401, {"say": shipped.phrases.say("web.no-cookie")})
        events = await client.get("/web/events")
        assert (events.status_code, events.text) == (200, "event: stranger\ndata:\n\n")
    assert await kept(house) == 0


# --- where a post comes from ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 202),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://chat.example"}, 202),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "{own}"}, 403),
        ({"Origin": "{own}"}, 202),
        ({"Origin": "https://chat.example"}, 202),
        ({"Origin": "https://chat.example.evil"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": OFFICE}, 403),
        ({}, 403),
    ],
)
async def test_only_our_own_page_may_post(
    database: Database, shipped: App, headers: dict[str, str], status: int
) -> None:
    settings = with_settings(public_url="https://chat.example/", allowed_origins=(OFFICE,))
    async with open_house(database, shipped.world, settings) as house, page(house) as sita:
        own = {name: value.replace("{own}", house.url.rstrip("/")) for name, value in headers.items()}
        json_ = {"Content-Type": "application/json"}
        answer = await sita.client.post("/web/messages", content=message(), headers=own | json_)
        assert answer.status_code == status
        assert (await kept(house) > 0) == (status == 202)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS"])
async def test_messages_are_posted_and_nothing_else(sita: Page, method: str) -> None:
    assert (await sita.client.request(method, "/web/messages")).status_code == 405


# --- what is posted ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"[]", 400),
        (b"null", 400),
        (b"[" * 9000, 400),
        (b"1e999", 400),
        (message(text=""), 400),
        (message(text=" \n"), 400),
        (message(text=7), 400),  # type: ignore[arg-type]
        (message(text="a\0b"), 400),
        (b'{"id": "message-1", "text": "\\ud800"}', 400),
        (message(press="menu", title="x"), 400),
        (message(text="", press="menu"), 400),
        (message(text="", press="x" * 65, title="x"), 400),
        (message(text="", press="menu", title="x" * 301), 400),
        (message(id="short"), 400),
        (message(id="x" * 65), 400),
        (message(id="message 1"), 400),
        (message(id=["message-1"]), 400),
        (message(text="क" * 2001), 413),
        (message(text="x" * 1_000_000), 413),
        (b"x" * 1_000_000, 413),
        (message(text="क" * 2000), 202),
        (message(unknown={"a": [1]}), 202),
    ],
    ids=range(25),
)
async def test_what_is_no_message_is_refused_and_not_kept(
    house: House, sita: Page, shipped: App, body: str | bytes, status: int
) -> None:
    answer = await sita.post(body)
    assert answer.status_code == status
    assert (await kept(house) > 0) == (status == 202)
    if status == 413:
        assert answer.json()["say"] == shipped.phrases.say("web.too-long")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", "application/json5"])
async def test_what_a_form_of_another_site_could_post_is_refused(sita: Page, kind: str) -> None:
    assert (await sita.post(message(), Content_Type=kind)).status_code == 415


async def test_markup_stays_text_from_end_to_end(sita: Page) -> None:
    evil = "<img src=x onerror=alert(1)>\n\nevent: stranger\ndata: x\u2028</script>"
    await sita.say(evil)
    await sita.listen()
    assert sita.said[0] == evil
    assert set(sita.events) <= {"", "ready", "beat"}


# --- how much ---------------------------------------------------------------------------------------------------------


class Watch:
    """Seconds that tests move."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


async def test_who_posts_too_fast_is_told_kindly_and_when_to_come_again(database: Database, shipped: App) -> None:
    watch = Watch()
    async with open_house(database, shipped.world, seconds=watch) as house, page(house) as sita, page(house) as ram:
        answers = [await sita.say(f"सवाल {number}") for number in range(16)]
        assert [answer.status_code for answer in answers] == [202] * 15 + [429]
        assert answers[-1].json() == {"say": shipped.phrases.say("web.too-fast")}
        assert answers[-1].headers["retry-after"] == "2"
        assert (await ram.say("नमस्ते")).status_code == 202
        watch.at += 2
        assert (await sita.say("फिर")).status_code == 202


async def test_one_address_cannot_flood_with_ever_new_cookies(database: Database, shipped: App) -> None:
    settings = with_settings(client_header="x-forwarded-for")
    async with open_house(database, shipped.world, settings, seconds=Watch()) as house, page(house) as sita:
        async with httpx.AsyncClient(base_url=house.url) as client:

            async def post(come_by: str) -> int:
                session = house.web._sessions.new()  # noqa: SLF001 - as many cookies as a flood needs, without asking for them
                header = house.web._sessions.header(session, framed=False)  # noqa: SLF001
                flood = {"Cookie": header.split(";")[0], "X-Forwarded-For": come_by}
                return (await Page(client).post("{", **flood)).status_code

            statuses = [await post(f"10.9.9.{number % 250}, 2001:db8::{number:x}") for number in range(301)]
            assert statuses == [400] * 300 + [429]
            assert await post("203.0.113.7") == 400
        assert (await sita.say("नमस्ते")).status_code == 202


async def test_without_a_proxy_nobody_can_say_where_they_come_from(database: Database, shipped: App) -> None:
    async with (
        open_house(database, shipped.world, seconds=Watch()) as house,
        httpx.AsyncClient(base_url=house.url) as client,
    ):
        for number in range(301):
            cookie = house.web._sessions.header(f"{number}", framed=False).split(";")[0]  # noqa: SLF001
            answer = await Page(client).post("{", Cookie=cookie, X_Forwarded_For=f"203.0.113.{number % 250}")
        assert answer.status_code == 429


async def test_one_person_opens_only_so_many_windows_and_one_that_is_closed_makes_room(sita: Page) -> None:
    async def opens() -> bool:
        async with sita.client.stream("GET", "/web/events") as answer:
            assert answer.status_code in {200, 429}
            return answer.status_code == 200

    windows = []
    for _ in range(8):
        window = Page(sita.client)
        await window.listen()
        windows.append(window)
    assert not await opens()
    await windows.pop().leave()
    async with asyncio.timeout(5):
        while not await opens():
            pass
    for window in windows:
        await window.leave()


# --- what answers forbid ----------------------------------------------------------------------------------------------


async def test_the_page_may_load_from_itself_alone_and_stand_where_it_is_allowed(
    database: Database, shipped: App
) -> None:
    async with (
        open_house(database, shipped.world, with_settings(allowed_origins=(OFFICE,))) as house,
        httpx.AsyncClient(base_url=house.url) as client,
    ):
        headers = (await client.get("/")).headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "connect-src": "'self'",
        "img-src": "'self' data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": f"'self' {OFFICE}",
    }
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "private, no-store"


async def test_every_answer_forbids_guessing_its_type(sita: Page) -> None:
    index = (await sita.client.get("/")).text
    linked = re.findall(r'(?:href|src)="(web/[^"]+)"', index)
    assert len(linked) == 2
    for address in (*linked, "widget.js", "web/files/1", "web/messages"):
        answer = await (sita.post("{") if address == "web/messages" else sita.client.get(f"/{address}"))
        assert answer.headers["x-content-type-options"] == "nosniff", address


async def test_the_session_stands_in_no_log_and_no_page(sita: Page, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await sita.listen()
    await sita.say("मेरी बात")
    await sita.until(lambda: len(sita.heard) == 2)
    session = sita.client.cookies[COOKIE].split(".")[0]
    index = (await sita.client.get("/")).text
    ours = [record for record in caplog.records if record.name.startswith(("bot", "uvicorn", "starlette"))]
    assert ours
    told = "\n".join([index, json.dumps(sita.heard), *(f"{record.getMessage()}" for record in ours)])
    assert session not in told
    assert "मेरी बात" not in "\n".join(record.getMessage() for record in ours)


# --- the office's own -------------------------------------------------------------------------------------------------


async def test_the_office_s_name_emblem_and_colour_are_on_the_page(
    database: Database, shipped: App, tmp_path: Path
) -> None:
    emblem = tmp_path / "emblem.svg"
    emblem.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    settings = with_settings(office='उद्योग <b>"कार्यालय"</b>', title="साथी", colour="#ffd500", emblem=emblem)
    async with open_house(database, shipped.world, settings) as house, httpx.AsyncClient(base_url=house.url) as client:
        index = (await client.get("/")).text
        assert "<h1>साथी</h1><p>उद्योग &lt;b&gt;&quot;कार्यालय&quot;&lt;/b&gt;</p>" in index
        (source,) = re.findall(r'data-src="([^"]+)"', index)
        picture = await client.get(f"/{source}")
        assert (picture.headers["content-type"], picture.text) == ("image/svg+xml", emblem.read_text())
        assert "sandbox" in picture.headers["content-security-policy"]
        (style,) = re.findall(r'rel="stylesheet" href="([^"]+)"', index)
        assert ":root{--head:#ffd500;--on-head:#000000;" in (await client.get(f"/{style}")).text


@pytest.mark.parametrize(("name", "size"), [("emblem.txt", 10), ("emblem.png", 0), ("emblem.png", 100_001), ("", 0)])
def test_an_emblem_that_cannot_be_used_is_told_at_the_start(shipped: App, tmp_path: Path, name: str, size: int) -> None:
    from bot.channels.web.pages import Pages  # noqa: PLC0415 - what the channel does at its start

    emblem = tmp_path / (name or "missing.png")
    if name:
        emblem.write_bytes(b"x" * size)
    with pytest.raises(InputError) as caught:
        Pages(with_settings(emblem=emblem), shipped.phrases)
    assert caught.value.key == "web-emblem"
