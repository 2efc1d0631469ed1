"""People on Telegram, our bot and a real database: asked, registered, stopped, blocked; over real connections."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette

from bot.channels.telegram import Telegram, TelegramSettings
from bot.core.staff import Role, Roster, Staff
from bot.core.talk.phrases import Phrases
from bot.core.talk.state import World
from bot.core.tickets.helpdesk import Helpdesk
from bot.core.workshops.batch import LIVE
from bot.inbox import Inbox
from bot.outbox import Outbox
from bot.store.batches import find_batch, insert_batch
from bot.store.database import Database
from bot.store.tables import outbox, people, registrations, seen
from tests.channels.telegram.taken import note
from tests.crash.talks import MESSAGES, batch, replies, small_world, talk
from tests.crash.waiting import running
from tests.fakes.telegram import FakeTelegram, Trouble, served

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
PEOPLE = 60
SITA, RAM, GROUP = 42, 43, -100500
NOW = batch(1).starts - timedelta(days=29)


class Dying(BaseException):
    """Where a process dies."""


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@asynccontextmanager
async def open_office(
    database: Database,
    channel: Telegram,
    step: Callable[[str], None] = lambda _: None,
    world: Callable[[], World] = small_world,
) -> AsyncIterator[int]:
    """All parts run; by webhook, the port on which the program listens."""
    sender = Outbox(database, {"telegram": channel}, lambda: small_world().phrases, lambda: NOW)
    inbox = Inbox(database, world, lambda: NOW, queued=sender.wake, step=step)
    app = Starlette(routes=list(channel.routes(inbox.take, note)))
    async with running(inbox.run(), sender.run(), channel.run(inbox.take)), served(app) as port:
        yield port


async def add_batch(database: Database, seats: int) -> None:
    async with database.write() as connection:
        await insert_batch(connection, batch(seats))


async def count(database: Database, table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
    async with database.read() as connection:
        return int((await connection.execute(sa.select(sa.func.count()).select_from(table).where(*where))).scalar_one())


async def everybody_writes_and_presses(fake: FakeTelegram) -> None:
    for at_once in zip(*(talk(person) for person in range(PEOPLE)), strict=True):
        for person, (text, press) in enumerate(at_once):
            await (fake.press(person + 1, press) if press else fake.write(person + 1, text))


async def everybody_is_registered_and_was_answered_once_and_in_order(database: Database, fake: FakeTelegram) -> None:
    expected = {person + 1: replies(person, batch(PEOPLE)) for person in range(PEOPLE)}
    assert {person: fake.texts(person) for person in expected} == expected
    async with database.read() as connection:
        found = await find_batch(connection, 1)
    assert found is not None
    assert (found.taken, found.waiting) == (PEOPLE, 0)
    assert await count(database, seen) == await count(database, outbox, outbox.c.status == "sent") == PEOPLE * MESSAGES
    assert fake.counts() == dict.fromkeys(expected, MESSAGES)


def all_answered(fake: FakeTelegram) -> bool:
    return sum(fake.counts().values()) >= PEOPLE * MESSAGES


async def test_sixty_people_register_by_long_polling(database: Database, channel: Telegram, fake: FakeTelegram) -> None:
    await add_batch(database, PEOPLE)
    await everybody_writes_and_presses(fake)
    async with open_office(database, channel):
        await fake.until(lambda: all_answered(fake) and not fake.waiting, seconds=60)
    await everybody_is_registered_and_was_answered_once_and_in_order(database, fake)


async def test_sixty_people_register_by_webhook_though_answers_get_lost_and_calls_come_again(
    database: Database, webhook: Telegram, fake: FakeTelegram
) -> None:
    await add_batch(database, PEOPLE)
    await everybody_writes_and_presses(fake)
    async with open_office(database, webhook) as port:
        await fake.until(lambda: fake.webhook is not None)
        again = fake.waiting[:100]
        assert set(await fake.deliver(port)) == {200}
        fake.give_again(again)
        assert set(await fake.deliver(port)) == {200}
        await fake.until(lambda: all_answered(fake), seconds=60)
    await everybody_is_registered_and_was_answered_once_and_in_order(database, fake)


async def test_nothing_is_confirmed_before_it_is_committed_and_a_crash_loses_and_doubles_nothing(
    database: Database, settings: TelegramSettings, phrases: Phrases, fake: FakeTelegram
) -> None:
    seen_by_telegram: list[tuple[str, int, int]] = []

    def step(name: str) -> None:
        seen_by_telegram.append((name, len(fake.waiting), fake.confirmed))
        if name == dies_at:
            dead.set()
            raise Dying

    texts = ["पहला सवाल", "दूसरा सवाल", "तीसरा सवाल"]
    for dies_at in ("received", "decided", "saved", "committed", ""):
        channel, dead = Telegram(settings, phrases, "hi"), asyncio.Event()
        if not seen_by_telegram:
            for text in texts:
                await fake.write(SITA, text)
        if dies_at:
            with pytest.raises(Dying):
                async with open_office(database, channel, step):
                    await dead.wait()
        else:
            async with open_office(database, channel, step):
                await fake.until(lambda: not fake.waiting and len(fake.sent(SITA)) == len(texts))
        await channel.close()
    assert {confirmed for name, _, confirmed in seen_by_telegram if name != "acknowledged"} == {0}
    assert await count(database, seen) == await count(database, outbox) == len(texts)
    assert len(fake.sent(SITA)) == len(texts)


async def test_somebody_registers_with_buttons_a_shared_number_and_a_shared_place(
    database: Database, channel: Telegram, fake: FakeTelegram
) -> None:
    await add_batch(database, 5)

    async def answered(number: int) -> str:
        await fake.until(lambda: len(fake.sent(SITA)) == number)
        return fake.texts(SITA)[-1]

    async def press(row: int = 0) -> None:
        await fake.press(SITA, fake.sent(SITA)[-1].buttons[row][0]["callback_data"])

    async with open_office(database, channel):
        await fake.write(SITA, "/start workshop-1")
        assert "सीटें: 5 में से 5 खाली" in await answered(1)
        await press()
        assert "सहमत हैं?" in await answered(2)
        await press()
        assert "(1/7)" in await answered(3)
        await fake.write(SITA, "सीता देवी")
        assert "(2/7)" in await answered(4)
        await fake.write(SITA, contact={"phone_number": "919876543210", "first_name": "सीता", "user_id": SITA})
        assert "(3/7)" in await answered(5)
        await fake.write(SITA, "देवी सिलाई केंद्र")
        await answered(6)
        await fake.write(SITA, voice={"file_id": "f", "file_unique_id": "u", "duration": 3})
        assert "(4/7)" in await answered(8)
        assert "आवाज़" in fake.texts(SITA)[-2]
        await fake.write(SITA, "मिठाई")
        assert "(5/7)" in await answered(9)
        await fake.write(SITA, location={"latitude": 26.7606, "longitude": 83.3732})
        assert "(6/7)" in await answered(10)
        await press()
        assert "(7/7)" in await answered(11)
        await press()
        summary = await answered(12)
        assert "98765 43210" in summary
        assert "26.7606" in summary
        await press()
        assert "सीट पक्की" in await answered(13)
    assert await count(database, registrations, registrations.c.status.in_(LIVE)) == 1
    assert len(fake.of("answerCallbackQuery")) == 5


async def test_what_is_edited_at_once_is_answered_anew_and_later_changes_are_not(
    database: Database, channel: Telegram, fake: FakeTelegram
) -> None:
    await fake.write(SITA, "emb kya hai")
    await fake.edit(SITA, "emd kya hai", after=20)
    await fake.edit(SITA, "emd?", after=400)
    async with open_office(database, channel):
        await fake.until(lambda: not fake.waiting and len(fake.sent(SITA)) == 2)
    assert await count(database, seen) == 2


async def test_in_a_group_only_who_speaks_to_the_bot_is_answered_and_there(
    database: Database, channel: Telegram, fake: FakeTelegram
) -> None:
    chat = {"id": GROUP, "type": "supergroup", "title": "उद्यमी सभा"}
    for text in ("आज बारिश होगी क्या", "@GemSaathiBot emd kya hai", "/menu@OtherBot", "/help@GemSaathiBot"):
        await fake.write(SITA, text, chat=chat)
    async with open_office(database, channel):
        await fake.until(lambda: not fake.waiting and len(fake.sent(GROUP)) == 2)
    assert fake.counts() == {GROUP: 2}


async def test_staff_answer_a_person_by_replying_in_their_group(
    database: Database, settings: TelegramSettings, phrases: Phrases, fake: FakeTelegram
) -> None:
    channel = Telegram(replace(settings, staff_group=str(GROUP)), phrases, "hi")
    chat = {"id": GROUP, "type": "supergroup", "title": "कार्यालय"}
    staff = Roster((Staff("राम", Role.EDITOR, {"telegram": str(RAM)}),))
    world = replace(small_world(), roster=staff, helpdesk=Helpdesk(group=("telegram", str(GROUP))))
    async with open_office(database, channel, world=lambda: world):
        await fake.press(SITA, "human")
        await fake.until(lambda: len(fake.sent(GROUP)) == 1 and len(fake.sent(SITA)) == 1)
        card = None
        while card is None:  # it is written down a moment after it arrived
            async with database.read() as connection:
                card = await connection.scalar(sa.select(outbox.c.sent_as).where(outbox.c.ticket == 1))
        itself = {"id": 1, "is_bot": True, "first_name": "x"}
        replied = {"message_id": int(card), "date": 1, "chat": chat, "from": itself}
        await fake.write(RAM, "सोमवार को आइए", chat=chat, reply_to_message=replied)
        await fake.write(SITA + 1000, "पैसे भेजो", chat=chat, reply_to_message=replied)
        await fake.until(lambda: not fake.waiting and len(fake.sent(SITA)) == 2)
        await fake.write(RAM, "/id@GemSaathiBot", chat=chat)
        await fake.until(lambda: any(str(GROUP) in text for text in fake.texts(GROUP)))
    assert "सोमवार को आइए" in fake.texts(SITA)[-1]
    assert not any("पैसे" in text for text in fake.texts(SITA))
    await channel.close()


async def test_who_blocked_the_bot_holds_up_nobody(database: Database, channel: Telegram, fake: FakeTelegram) -> None:
    fake.trouble(Trouble(chat=SITA, status=403, description="Forbidden: bot was blocked by the user"))
    await fake.write(SITA, "नमस्ते")
    await fake.write(RAM, "नमस्ते")
    async with open_office(database, channel):
        await fake.until(lambda: not fake.waiting and len(fake.sent(RAM)) == 1)
    assert await count(database, outbox, outbox.c.status == "failed") == 1
    assert (fake.sent(SITA), await count(database, people)) == ([], 2)


async def test_a_message_in_doubt_is_sent_once_more_and_one_that_certainly_failed_until_it_arrives(
    database: Database, channel: Telegram, fake: FakeTelegram
) -> None:
    clock = Clock()
    fake.trouble(Trouble(chat=SITA, drop=True, delivered=True))
    fake.trouble(Trouble(chat=RAM, status=502, raw=b"<html>", times=1))
    sender = Outbox(database, {"telegram": channel}, lambda: small_world().phrases, clock)
    inbox = Inbox(database, small_world, clock)
    await fake.write(SITA, "नमस्ते")
    await fake.write(RAM, "नमस्ते")
    async with running(inbox.run(), channel.run(inbox.take)):
        await fake.until(lambda: not fake.waiting)
    await sender.drain()
    clock.now += timedelta(minutes=1)
    await sender.drain()
    assert (len(fake.sent(SITA)), len(fake.sent(RAM))) == (2, 1)


async def test_where_telegram_asks_to_wait_nobody_is_written_to_until_then(
    database: Database, channel: Telegram, fake: FakeTelegram
) -> None:
    clock = Clock()
    fake.trouble(Trouble(status=429, description="Too Many Requests: retry after 7", parameters={"retry_after": 7}))
    sender = Outbox(database, {"telegram": channel}, lambda: small_world().phrases, clock)
    inbox = Inbox(database, small_world, clock)
    await fake.write(SITA, "नमस्ते")
    async with running(inbox.run(), channel.run(inbox.take)):
        await fake.until(lambda: not fake.waiting)
        await sender.drain()
        await fake.write(RAM, "नमस्ते")
        await fake.until(lambda: not fake.waiting)
    clock.now += timedelta(seconds=6)
    await sender.drain()
    assert fake.counts() == {}
    clock.now += timedelta(seconds=2)
    await sender.drain()
    assert fake.counts() == {SITA: 1, RAM: 1}


async def test_a_platform_that_comes_late_still_gets_everything(
    database: Database, settings: TelegramSettings, phrases: Phrases, fake: FakeTelegram
) -> None:
    fake.latency = 0.05
    channel = Telegram(replace(settings, typing_after=0.01), phrases, "hi")
    for person in range(1, 31):
        await fake.write(person, "नमस्ते")
    async with open_office(database, channel):
        await fake.until(lambda: not fake.waiting and len(fake.counts()) == 30)
    await channel.close()
    assert set(fake.counts().values()) == {1}
