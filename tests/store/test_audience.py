"""Who belongs to a segment, as the database says it and as one would say it by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.announcements.audience import parse
from bot.store.audience import condition, crowds, examples, had_it
from bot.store.database import Database
from bot.store.tables import announcements, batches, outbox, people, registrations

NOW = datetime(2026, 11, 26, 6, 30, tzinfo=UTC)
# name: channel, news, what they confirmed, (batch, status, attended)
VILLAGE: dict[str, tuple[str, bool | None, dict[str, str], tuple[int, str, bool] | None]] = {
    "sita": ("telegram", True, {"place": "सहजनवां", "stage": "registered"}, (1, "seated", False)),
    "gita": ("telegram", None, {"place": "Sahjanwa", "stage": "bidding"}, (1, "waiting", False)),
    "ram": ("whatsapp", True, {"place": "भटहट"}, (2, "over", True)),
    "mohan": ("whatsapp", False, {"place": "सहजनवाँ"}, (1, "seated", False)),
    "rahim": ("web", True, {}, (1, "left", False)),
    "asha": ("telegram", True, {"stage": "registered"}, None),
    "gone": ("telegram", True, {"place": "सहजनवां"}, None),
}


@pytest.fixture
async def village(database: Database) -> Database:
    async with database.write() as connection:
        common: dict[str, Any] = {
            "ends": NOW + timedelta(hours=9),
            "venue": "x",
            "seats": 9,
            "last_date": NOW,
            "code": "4821",
        }
        rows = [common | {"id": number, "title": "t", "starts": NOW} for number in (1, 2)]
        await connection.execute(batches.insert(), rows)
        for number, (name, (channel, news, profile, place)) in enumerate(VILLAGE.items(), 1):
            heard = NOW - timedelta(hours=number * 6)
            person = {"id": number, "channel": channel, "address": name, "name": name, "news": news, "heard": heard}
            gone = NOW if name == "gone" else None
            await connection.execute(
                people.insert().values(person | {"talk": {"profile": profile}, "created": NOW, "gone": gone})
            )
            if place is not None:
                batch, status, attended = place
                of = {"person": number, "batch": batch, "mobile": name, "profile": {}, "status": status}
                when = NOW if attended else None
                await connection.execute(registrations.insert().values(of | {"registered": NOW, "attended": when}))
    return database


async def who(database: Database, segment: str) -> list[str]:
    async with database.read() as connection:
        statement = sa.select(people.c.address).where(await condition(connection, parse(segment))).order_by(people.c.id)
        return list((await connection.execute(statement)).scalars())


@pytest.mark.parametrize(
    ("segment", "expected"),
    [
        ("all", ["sita", "ram", "rahim", "asha"]),
        ("registered", ["sita"]),
        ("registered:1", ["sita"]),
        ("registered:2", ["ram"]),
        ("waiting:1", ["gita"]),
        ("waiting", ["gita"]),
        ("attended", ["ram"]),
        ("attended:1", []),
        ("unregistered", ["ram", "rahim", "asha"]),
        ("place:सहजनवां", ["sita"]),
        ("place:sahjanwa waiting:1", ["gita"]),
        ("place:bhathat", ["ram"]),
        ("place:nowhere", []),
        ("stage:registered", ["sita", "asha"]),
        ("stage:registered -registered", ["asha"]),
        ("channel:telegram", ["sita", "asha"]),
        ("channel:telegram channel:web", ["sita", "rahim", "asha"]),
        ("all -channel:telegram", ["ram", "rahim"]),
        ("all -place:सहजनवां", ["ram", "rahim", "asha"]),
        ("all -registered:1 -attended", ["rahim", "asha"]),
        ("registered:1 waiting:1", []),
        ("all -all", []),
    ],
)
async def test_a_segment_is_who_it_says(village: Database, segment: str, expected: list[str]) -> None:
    assert await who(village, segment) == expected


async def test_how_many_there_are_how_many_wrote_lately_and_how_many_have_no_name(village: Database) -> None:
    async with village.write() as connection:
        await connection.execute(people.update().where(people.c.address == "asha").values(name=""))
    async with village.read() as connection:
        found = await crowds(connection, await condition(connection, parse("all")), ["telegram", "whatsapp"], NOW)
    assert {channel: (crowd.count, crowd.lately, crowd.nameless) for channel, crowd in found.items()} == {
        "telegram": (2, 1, 1),
        "whatsapp": (1, 1, 0),
    }


async def test_examples_are_of_every_channel_first(village: Database) -> None:
    async with village.read() as connection:
        everybody = await condition(connection, parse("all"))
        some = await examples(connection, everybody, ["telegram", "whatsapp", "web"], 3)
    assert [each.name for each in some] == ["sita", "rahim", "ram"]


async def test_no_two_examples_are_called_the_same(village: Database) -> None:
    async with village.write() as connection:
        await connection.execute(people.update().where(people.c.channel != "web").values(name="sita"))
    async with village.read() as connection:
        everybody = await condition(connection, parse("all"))
        some = await examples(connection, everybody, ["telegram", "whatsapp", "web"], 3)
    assert sum(each.name == "sita" for each in some) == 1


async def test_who_had_the_same_is_counted(village: Database) -> None:
    async with village.write() as connection:
        values = {"id": 1, "text": "x", "segment": "all", "expires": NOW, "stage": "finished", "made": NOW}
        await connection.execute(announcements.insert().values(values))
        row = {"person": 1, "channel": "telegram", "address": "sita", "kind": "announcement", "priority": 2}
        await connection.execute(
            outbox.insert().values(row | {"announcement": 1, "status": "sent", "created": NOW, "due": NOW})
        )
    async with village.read() as connection:
        everybody = await condition(connection, parse("all"))
        assert (await had_it(connection, everybody, [1]), await had_it(connection, everybody, [2])) == (1, 0)
