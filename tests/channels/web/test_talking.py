"""People talk through real sockets, with the real inbox and outbox."""

import asyncio

import httpx
import sqlalchemy as sa

from bot.app import App
from bot.calendar_file import MEDIA_TYPE
from bot.core.talk.message import Document, Option, Reply
from bot.store.database import Database, open_database
from bot.store.tables import people, transcript
from tests.channels.web.house import House, Page, ids, open_house, page


async def test_a_question_is_answered(sita: Page) -> None:
    await sita.listen()
    assert (await sita.say("gem par registration kaise kare")).status_code == 202
    await sita.until(lambda: len(sita.heard) >= 2)
    asked, answered, *_ = sita.heard
    assert (asked["text"], asked["mine"]) == ("gem par registration kaise kare", "message-1")
    assert "mine" not in answered
    assert "GeM" in answered["text"]


async def test_a_press_means_its_id_and_stands_in_the_talk_with_its_title(sita: Page, shipped: App) -> None:
    await sita.listen()
    assert (await sita.press("menu", "सब विषय")).status_code == 202
    await sita.until(lambda: len(sita.heard) == 2)
    assert sita.said == ["सब विषय", shipped.phrases.say("talk.menu")]
    assert sita.heard[1]["options"]
    assert sita.heard[1]["options"][0][0].startswith("category:")


async def test_opening_the_page_makes_nobody_known_and_switches_no_news_on(house: House, sita: Page) -> None:
    await sita.listen()
    async with house.database.read() as connection:
        assert (await connection.execute(sa.select(sa.func.count()).select_from(people))).scalar() == 0
    await sita.say("नमस्ते")
    await sita.until(lambda: len(sita.heard) == 2)
    async with house.database.read() as connection:
        assert (await connection.execute(sa.select(people.c.news))).scalars().all() == [None]


async def test_a_message_that_is_posted_again_acts_once_and_stands_once(sita: Page) -> None:
    for _ in range(3):
        assert (await sita.say("नमस्ते", number="the-same-one")).status_code == 202
    await sita.say("menu")
    await sita.listen()
    await sita.until(lambda: len(sita.heard) >= 4)
    assert [line.get("mine") for line in sita.heard] == ["the-same-one", None, "message-4", None]


async def test_a_message_is_acknowledged_only_when_it_was_handled(house: House, sita: Page) -> None:
    house.wait.clear()
    await sita.listen()
    posted = asyncio.create_task(sita.say("नमस्ते"))
    await sita.until(lambda: sita.heard)
    assert not posted.done()
    house.wait.set()
    assert (await posted).status_code == 202


async def test_the_talk_is_there_after_a_reload_and_only_what_is_new_after_a_break(sita: Page) -> None:
    await sita.listen()
    await sita.say("नमस्ते")
    await sita.until(lambda: len(sita.heard) == 2)
    before = list(sita.heard)
    await sita.leave()
    await sita.say("menu")
    sita.heard.clear()
    await sita.listen(after=before[-1]["id"])
    await sita.until(lambda: len(sita.heard) == 2)
    assert sita.said[0] == "menu"
    after = list(sita.heard)
    await sita.leave()
    sita.heard.clear()
    await sita.listen()
    assert sita.heard == before + after
    assert ids(sita.heard) == sorted(set(ids(sita.heard)))


async def test_a_reply_that_comes_while_nobody_listens_waits_for_them(house: House, sita: Page) -> None:
    await sita.say("नमस्ते")
    await house.outbox.drain()
    await sita.listen()
    await sita.until(lambda: len(sita.heard) == 2)


async def test_a_page_that_missed_many_lines_gets_all_of_them(house: House, sita: Page) -> None:
    await sita.say("नमस्ते")
    await sita.listen()
    await sita.until(lambda: len(sita.heard) == 2)
    await sita.leave()
    (address,) = await addresses(house.database)
    for number in range(250):
        await house.web.send(address, Reply(str(number)))
    last = sita.heard[-1]["id"]
    sita.heard.clear()
    await sita.listen(after=last)
    await sita.until(lambda: len(sita.heard) == 250)
    assert sita.said == [str(number) for number in range(250)]
    await sita.leave()
    sita.heard.clear()
    await sita.listen()
    assert sita.said == [str(number) for number in range(150, 250)]


async def test_people_hear_only_their_own_talk(sita: Page, ram: Page) -> None:
    await ram.listen()
    await sita.listen()
    await sita.say("नमस्ते")
    await sita.until(lambda: len(sita.heard) == 2)
    await ram.say("menu")
    await ram.until(lambda: len(ram.heard) == 2)
    assert ram.said[0] == "menu"
    assert len(sita.heard) == 2


async def test_two_windows_of_one_person_show_the_same_talk(house: House, sita: Page) -> None:
    async with httpx.AsyncClient(base_url=house.url, cookies=sita.client.cookies) as client:
        other = Page(client)
        await other.listen()
        await sita.listen()
        await sita.say("नमस्ते")
        await other.until(lambda: len(other.heard) == 2)
        await sita.until(lambda: len(sita.heard) == 2)
        assert other.heard == sita.heard
        await other.leave()


async def test_what_one_server_writes_is_heard_at_another(database: Database, shipped: App) -> None:
    elsewhere = await open_database(str(database.file))
    async with open_house(database, shipped.world) as house, page(house) as sita:
        await sita.say("नमस्ते")
        await sita.listen()
        await sita.until(lambda: len(sita.heard) == 2)
        (address,) = await addresses(database)
        async with open_house(elsewhere, shipped.world) as other:
            await other.web.send(address, Reply("यहाँ से"))
            await sita.until(lambda: sita.said[-1] == "यहाँ से")
    await elsewhere.close()


async def test_a_reply_in_many_parts_has_its_choices_under_the_last(house: House, sita: Page) -> None:
    await sita.say("नमस्ते")
    (address,) = await addresses(house.database)
    await sita.listen()
    sita.heard.clear()
    text = "यह एक वाक्य है। " * 1000
    await house.web.send(address, Reply(text.strip(), (Option("menu", "सब विषय"),)))
    await sita.until(lambda: any("options" in line for line in sita.heard))
    parts = [line for line in sita.heard if "वाक्य" in line["text"]]
    assert [("options" in line) for line in parts] == [False] * (len(parts) - 1) + [True]
    assert " ".join(line["text"] for line in parts) == text.strip()


async def test_a_file_is_had_by_its_own_person_alone(house: House, sita: Page, ram: Page) -> None:
    await sita.say("नमस्ते")
    (address,) = await addresses(house.database)
    await house.web.send(address, Reply("लीजिए", (), Document("workshop-1.ics", MEDIA_TYPE, "BEGIN:VCALENDAR\r\n")))
    await sita.listen()
    line = next(line for line in sita.heard if line["text"] == "लीजिए")
    assert line["document"] == "workshop-1.ics"
    answer = await sita.client.get(f"/web/files/{line['id']}")
    assert (answer.status_code, answer.text) == (200, "BEGIN:VCALENDAR\r\n")
    assert answer.headers["content-disposition"] == 'attachment; filename="workshop-1.ics"'
    assert answer.headers["content-type"].startswith("text/calendar")
    others = [await one.client.get(f"/web/files/{line['id'] - less}") for one, less in ((ram, 0), (sita, 1))]
    assert [other.status_code for other in others] == [404, 404]


async def test_personal_numbers_are_not_written_down(house: House, sita: Page) -> None:
    await sita.say("मेरा आधार 2341 2341 2346 है")
    await sita.listen()
    assert sita.said[0] == "मेरा आधार [आधार] है"
    async with house.database.read() as connection:
        bodies = (await connection.execute(sa.select(transcript.c.body))).scalars().all()
    assert "2346" not in repr(bodies)


async def test_who_is_erased_finds_only_the_goodbye(sita: Page, shipped: App) -> None:
    await sita.say("नमस्ते")
    await sita.listen()
    await sita.until(lambda: len(sita.heard) == 2)
    await sita.press("data:erase-yes", "हाँ, मिटा दीजिए")
    goodbye = shipped.phrases.say("data.erased")
    await sita.until(lambda: goodbye in sita.said)
    await sita.leave()
    sita.heard.clear()
    await sita.listen()
    assert sita.said == [goodbye]


async def test_while_the_database_is_away_nothing_is_acknowledged_and_nothing_lost(
    house: House, sita: Page, shipped: App
) -> None:
    await sita.say("नमस्ते")
    file = house.database.file
    assert file is not None
    away = file.with_suffix(".away")
    file.rename(away)
    answer = await sita.say("menu", number="the-same-one")
    assert (answer.status_code, answer.json()) == (503, {"say": shipped.phrases.say("web.not-now")})
    assert answer.headers["retry-after"] == "3"
    away.rename(file)
    assert (await sita.say("menu", number="the-same-one")).status_code == 202
    await sita.listen()
    await sita.until(lambda: shipped.phrases.say("talk.menu") in sita.said)
    assert sita.said.count("menu") == 1


async def test_an_open_page_does_not_hold_the_server_up_when_it_stops(database: Database, shipped: App) -> None:
    async with open_house(database, shipped.world) as house, page(house) as sita:
        await sita.listen()
        await house.web.close()
        await sita.until(lambda: "end" in sita.events)


async def addresses(database: Database) -> list[str]:
    async with database.read() as connection:
        found = await connection.execute(sa.select(transcript.c.address).distinct())
        return list(found.scalars())
