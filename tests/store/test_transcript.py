"""What was said in a talk: in order, once, masked, and gone when its time is over or its person is."""

import asyncio
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from bot.core.talk.message import Document, Option
from bot.core.talk.transcript import Line
from bot.store.database import Database, open_database
from bot.store.erasing import erase, purge
from bot.store.tables import people, transcript
from bot.store.transcript import KEPT_FOR, Transcript

NOW = datetime(2026, 11, 26, 6, 30, tzinfo=UTC)


def mine(text: str, message: str) -> Line:
    return Line(NOW, mine=True, text=text, message=message)


def reply(text: str, at: datetime = NOW) -> Line:
    return Line(at, mine=False, text=text)


def texts(lines: list[Line]) -> list[str]:
    return [line.text for line in lines]


async def test_a_line_comes_back_as_it_was_written(database: Database) -> None:
    talks = Transcript(database, "web")
    whole = Line(
        NOW,
        mine=False,
        text="नमस्ते\n\u2028",
        options=(Option("menu", "सब विषय"), Option("stop", "रोकिए")),
        document=Document("workshop-1.ics", "text/calendar", "BEGIN\r\n"),
    )
    await talks.write("sita", [mine("जी", "m-1"), whole])
    first, second = await talks.said("sita", None, 10)
    assert (first.text, first.mine, first.message, first.at) == ("जी", True, "m-1", NOW)
    assert (second.text, second.options, second.document, second.mine) == (
        whole.text,
        whole.options,
        whole.document,
        False,
    )
    assert 0 < first.id < second.id


async def test_a_talk_is_read_on_from_any_line(database: Database) -> None:
    talks = Transcript(database, "web")
    await talks.write("sita", [reply(str(number)) for number in range(5)])
    await talks.write("ram", [reply("ram")])
    everything = await talks.said("sita", None, 100)
    assert texts(everything) == ["0", "1", "2", "3", "4"]
    assert texts(await talks.said("sita", None, 2)) == ["3", "4"]
    assert texts(await talks.said("sita", everything[1].id, 2)) == ["2", "3"]
    assert texts(await talks.said("sita", 0, 100)) == texts(everything)
    assert await talks.said("sita", everything[-1].id, 100) == []
    assert await Transcript(database, "other").said("sita", None, 100) == []


async def test_a_message_that_comes_again_is_written_once(database: Database) -> None:
    talks = Transcript(database, "web")
    for _ in range(3):
        await talks.write("sita", [mine("जी", "m-1")])
    await talks.write("ram", [mine("जी", "m-1")])
    await talks.write("sita", [reply("एक"), reply("एक")])
    assert texts(await talks.said("sita", None, 100)) == ["जी", "एक", "एक"]


async def test_what_people_say_is_masked_and_what_they_are_told_is_not(database: Database) -> None:
    talks = Transcript(database, "web")
    await talks.write("sita", [mine("9876543210 पर बताइए", "m-1"), reply("नंबर: 98765 43210")])
    said, told = texts(await talks.said("sita", None, 100))
    assert "9876543210" not in said
    assert told == "नंबर: 98765 43210"


async def test_which_talks_go_on_is_found_out_for_all_at_once(database: Database) -> None:
    talks = Transcript(database, "web")
    assert await talks.changed(None) == (0, frozenset())
    await talks.write("sita", [reply("एक")])
    newest, addresses = await talks.changed(None)
    assert (newest > 0, addresses) == (True, frozenset())
    assert await talks.changed(newest) == (newest, frozenset())
    await talks.write("ram", [reply("दो")])
    await Transcript(database, "other").write("gita", [reply("तीन")])
    later, addresses = await talks.changed(newest)
    assert later > newest
    assert addresses == frozenset({"ram"})


async def test_who_reads_on_while_others_write_misses_no_line(database: Database, database_url: str) -> None:
    elsewhere = await open_database(database_url)
    talks, others = Transcript(database, "web"), Transcript(elsewhere, "web")

    async def write(where: Transcript, name: str) -> None:
        for number in range(40):
            await where.write("sita", [reply(f"{name}{number}"), reply(f"{name}{number}+")])

    async def read() -> list[str]:
        heard: list[Line] = []
        while len(heard) < 320:
            heard += await talks.said("sita", heard[-1].id if heard else 0, 7)
        return texts(heard)

    async with asyncio.TaskGroup() as group:
        reading = group.create_task(read())
        for where, name in ((talks, "a"), (others, "b"), (talks, "c"), (others, "d")):
            group.create_task(write(where, name))
    heard = reading.result()
    await elsewhere.close()
    assert len(set(heard)) == 320
    for name in "abcd":
        own = [text for text in heard if text.startswith(name)]
        assert own == [f"{name}{number}{end}" for number in range(40) for end in ("", "+")]


async def test_the_talk_of_who_is_erased_is_gone_and_its_numbers_are_not_given_again(database: Database) -> None:
    talks = Transcript(database, "web")
    await talks.write("ram", [reply("यह रहता है")])
    await talks.write("sita", [mine("जी", "m-1"), reply("नमस्ते")])
    last = (await talks.said("sita", None, 1))[0].id
    async with database.write() as connection:
        rows = [
            {"channel": channel, "address": "sita", "created": NOW, "heard": NOW} for channel in ("web", "telegram")
        ]
        ids = (await connection.execute(people.insert().returning(people.c.id), rows)).scalars().all()
        await erase(connection, ids[:1])
    assert await talks.said("sita", None, 100) == []
    assert texts(await talks.said("ram", None, 100)) == ["यह रहता है"]
    await talks.write("sita", [reply("मिटा दिया")])
    assert texts(await talks.said("sita", last, 100)) == ["मिटा दिया"]


async def test_lines_are_forgotten_after_a_while(database: Database) -> None:
    talks = Transcript(database, "web")
    little = timedelta(seconds=1)
    await talks.write("sita", [reply("पुराना", NOW - KEPT_FOR - little), reply("नया", NOW - KEPT_FOR)])
    await purge(database, NOW - timedelta(days=730), NOW)
    assert texts(await talks.said("sita", None, 100)) == ["नया"]
    await purge(database, NOW - timedelta(days=730), NOW + 2 * little)
    async with database.read() as connection:
        assert (await connection.execute(sa.select(sa.func.count()).select_from(transcript))).scalar() == 0
