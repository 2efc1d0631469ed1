import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.core.talk.message import Incoming
from bot.core.talk.state import Form, State
from bot.core.workshops.acts import Keep, Kept
from bot.store.database import Database
from bot.store.erasing import erase
from bot.store.people import (
    Met,
    agree,
    bury,
    digest,
    keep_questions,
    kept_of,
    meet,
    remember,
    unanswered_questions,
    unseen,
)
from bot.store.tables import consents, dead_letters, people, seen, unanswered
from tests.seats.given import NOW
from tests.seats.people import until_waiting

LATER = NOW + timedelta(days=3)
SITA, RAM = ("telegram", "11"), ("whatsapp", "919876543210")
MESSAGE = Incoming("whatsapp", "919876543210", "wamid.919876543210==", NOW, "नमस्ते", press="menu")


async def met(database: Database, *keys: tuple[str, str], name: str = "सीता") -> list[Met]:
    async with database.write() as connection:
        found = await meet(connection, dict.fromkeys(keys, name), NOW, "hi")
    return [found[key] for key in keys]


async def column(database: Database, what: sa.Column[object]) -> list[object]:
    async with database.read() as connection:
        return list((await connection.execute(sa.select(what).order_by(what))).scalars())


async def test_who_comes_for_the_first_time_is_made_and_stands_at_the_beginning(database: Database) -> None:
    (sita,) = await met(database, SITA)
    assert sita.state == State()
    assert await column(database, people.c.name) == ["सीता"]
    assert await column(database, people.c.created) == await column(database, people.c.heard) == [NOW]


async def test_who_comes_again_is_the_same_person_beside_those_who_are_new(database: Database) -> None:
    (sita,) = await met(database, SITA)
    again, ram = await met(database, SITA, RAM, name="और")
    assert again == sita
    assert ram.id != sita.id
    assert await column(database, people.c.name) == ["और", "सीता"]


async def test_the_same_address_on_another_channel_is_somebody_else(database: Database) -> None:
    one, two, three = await met(database, ("web", "1"), ("console", "1"), ("web", "console"))
    assert len({one.id, two.id, three.id}) == 3


async def test_a_talk_goes_on_where_it_stood_weeks_later(database: Database) -> None:
    (sita,) = await met(database, SITA)
    state = State(
        language="en",
        news=False,
        offered=("menu", "f:2:skip:udyam"),
        warned=True,
        asked=("सवाल", "emd-refund"),
        form=Form(2, 7, "udyam", {"name": "सीता", "udyam": ""}, bad=1),
        forms=2,
        profile={"name": "सीता"},
        agreed="ab12cd34",
        own_mobile="+919876543210",
        remark=4,
    )
    async with database.write() as connection:
        await remember(connection, [Met(sita.id, state)], ["सीता देवी"], LATER)
    assert await met(database, SITA) == [Met(sita.id, state)]
    assert await column(database, people.c.name) == ["सीता देवी"]
    assert await column(database, people.c.heard) == [LATER]
    assert await column(database, people.c.created) == [NOW]


@pytest.mark.parametrize("news", [None, True, False])
async def test_never_having_said_whether_one_wants_news_is_not_a_no(database: Database, *, news: bool | None) -> None:
    (sita,) = await met(database, SITA)
    async with database.write() as connection:
        await remember(connection, [Met(sita.id, State(news=news))], [""], LATER)
    ((_, state),) = [(each.id, each.state) for each in await met(database, SITA)]
    assert state.news is news


async def test_talks_of_many_are_written_down_each_with_its_own(database: Database) -> None:
    keys = [("web", str(number)) for number in range(40)]
    everybody = await met(database, *keys)
    states = [replace(State(), forms=number) for number in range(40)]
    async with database.write() as connection:
        rows = [Met(each.id, state) for each, state in zip(everybody, states, strict=True)]
        await remember(connection, rows, [f"n{number}" for number in range(40)], LATER)
    assert [each.state.forms for each in await met(database, *keys)] == list(range(40))


@pytest.mark.parametrize("engine_name", ["postgresql"])
async def test_who_is_just_being_erased_by_another_process_is_met_as_somebody_new(database: Database) -> None:
    sita, ram = await met(database, SITA, RAM)
    async with database.write() as connection:
        await erase(connection, [sita.id])
        meeting = asyncio.create_task(met(database, SITA, RAM))
        await until_waiting(database, meeting)
    again, still = await meeting
    assert still == ram
    assert again.id not in (sita.id, ram.id)


async def test_a_message_is_unseen_once(database: Database) -> None:
    first, second = digest(MESSAGE), digest(replace(MESSAGE, message="2"))
    async with database.write() as connection:
        assert await unseen(connection, [first], NOW) == {first}
    async with database.write() as connection:
        assert await unseen(connection, [second, first], LATER) == {second}
        assert await unseen(connection, [first, second], LATER) == set()
    assert sorted([first, second]) == await column(database, seen.c.message)


async def test_what_was_rolled_back_is_unseen_again(database: Database) -> None:
    async def handled_badly() -> None:
        async with database.write() as connection:
            await unseen(connection, [digest(MESSAGE)], NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await handled_badly()
    async with database.write() as connection:
        assert await unseen(connection, [digest(MESSAGE)], NOW)


@pytest.mark.parametrize("other", [{"channel": "web"}, {"address": "1"}, {"message": "1"}])
def test_a_message_is_known_by_channel_sender_and_id(other: dict[str, str]) -> None:
    assert digest(replace(MESSAGE, **other)) != digest(MESSAGE)  # type: ignore[arg-type]
    assert digest(replace(MESSAGE, text="", at=LATER, name="x")) == digest(MESSAGE)


def test_what_is_remembered_of_a_message_tells_no_number() -> None:
    assert len(digest(MESSAGE)) == 16
    assert b"9876543210" not in digest(MESSAGE)


async def test_a_question_that_found_nothing_is_kept_once_with_how_often_it_came(database: Database) -> None:
    sita, ram = await met(database, SITA, RAM)
    async with database.write() as connection:
        asked = [(sita.id, Keep("kab", "कब?")), (sita.id, Keep("kahan", "कहाँ?")), (ram.id, Keep("kab", "kab"))]
        await keep_questions(connection, asked, NOW)
    async with database.write() as connection:
        await keep_questions(connection, [(ram.id, Keep("kab", "KAB"))], LATER)
    async with database.read() as connection:
        columns = (unanswered.c.folded, unanswered.c.text, unanswered.c.count, unanswered.c.first, unanswered.c.last)
        rows = (await connection.execute(sa.select(*columns).order_by(unanswered.c.folded))).all()
    assert [tuple(row) for row in rows] == [("kab", "कब?", 3, NOW, LATER), ("kahan", "कहाँ?", 1, NOW, NOW)]


async def test_consents_are_kept_with_version_channel_and_time(database: Database) -> None:
    sita, ram = await met(database, SITA, RAM)
    async with database.write() as connection:
        await agree(connection, [(sita.id, "v1", "telegram"), (ram.id, "v1", "whatsapp")], NOW)
        await agree(connection, [(sita.id, "v2", "telegram")], LATER)
    async with database.read() as connection:
        kept = await kept_of(connection, [sita.id, ram.id])
        rows = await connection.execute(sa.select(consents.c.person, consents.c.channel).order_by(consents.c.id))
        assert [tuple(row) for row in rows] == [(sita.id, "telegram"), (ram.id, "whatsapp"), (sita.id, "telegram")]
    assert kept == {sita.id: Kept(NOW, (("v1", NOW), ("v2", LATER))), ram.id: Kept(NOW, (("v1", NOW),))}


async def test_who_agreed_to_nothing_is_known_since_they_first_came(database: Database) -> None:
    (sita,) = await met(database, SITA)
    async with database.read() as connection:
        assert await kept_of(connection, [sita.id]) == {sita.id: Kept(NOW, ())}


async def test_a_message_that_cannot_be_handled_is_kept_for_the_engineer(database: Database) -> None:
    async with database.write() as connection:
        await bury(connection, MESSAGE, "नमस्ते", "ZeroDivisionError", NOW)
    async with database.read() as connection:
        row = (await connection.execute(sa.select(dead_letters))).one()
    assert (row.channel, row.message, row.text, row.press, row.trouble, row.at) == (
        "whatsapp",
        digest(MESSAGE),
        "नमस्ते",
        "menu",
        "ZeroDivisionError",
        NOW,
    )


async def test_staff_see_the_questions_that_came_most_often_first(database: Database) -> None:
    (sita,) = await met(database, SITA)
    for text, times in (("कब?", 1), ("कहाँ?", 3)):
        async with database.write() as connection:
            await keep_questions(connection, [(sita.id, Keep(text, text))] * times, NOW)
    async with database.read() as connection:
        assert await unanswered_questions(connection, NOW) == [("कहाँ?", 3, NOW), ("कब?", 1, NOW)]
        assert await unanswered_questions(connection, LATER) == []
