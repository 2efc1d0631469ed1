"""Messages on their way in by long polling, and what is done beside, over real connections."""

import logging
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.channels.telegram import Telegram, TelegramSettings
from bot.core.talk.phrases import Phrases
from tests.channels.telegram.taken import Taken, note
from tests.crash.waiting import running
from tests.fakes.telegram import FakeTelegram, Trouble

AT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


async def test_nothing_is_confirmed_before_all_of_its_batch_was_taken(
    channel: Telegram, fake: FakeTelegram, taken: Taken
) -> None:
    taken.shut = {"2"}
    first = await fake.write(1, "एक")
    await fake.write(2, "दो")
    async with running(channel.run(taken.take)):
        await taken.until(lambda: len(taken.begun) == 2 and taken.texts == ["एक"])
        assert (len(fake.waiting), fake.confirmed) == (2, 0)
        taken.gates["2"].set()
        await fake.until(lambda: fake.confirmed == first + 2)
    assert [message.message for message in taken.begun] == [f"update {first}", f"update {first + 1}"]


async def test_what_was_not_confirmed_comes_again_after_a_stop_with_the_same_id(
    settings: TelegramSettings, phrases: Phrases, fake: FakeTelegram, taken: Taken
) -> None:
    await fake.write(1, "एक")
    for _ in range(2):
        taken.shut = {"1"} if not taken.begun else set()
        channel = Telegram(settings, phrases, "hi")
        count = len(taken.begun)
        async with running(channel.run(taken.take)):
            await taken.until(lambda: len(taken.begun) > count)  # noqa: B023 - it is called at once
            if not taken.shut:
                await fake.until(lambda: not fake.waiting)
        await channel.close()
    assert len({message.message for message in taken.begun}) == 1
    assert taken.texts == ["एक"]


async def test_people_do_not_wait_for_each_other_and_each_keeps_their_order(
    channel: Telegram, fake: FakeTelegram, taken: Taken
) -> None:
    taken.shut = {"1"}
    for number in range(60):
        await fake.write(1 + number % 3, f"{number}")
    async with running(channel.run(taken.take)):
        await taken.until(lambda: len(taken.done) == 40)
        taken.gates["1"].set()
        await taken.until(lambda: len(taken.done) == 60)
    by_person: dict[str, list[int]] = defaultdict(list)
    for message in taken.done:
        by_person[message.address].append(int(message.text))
    assert all(texts == sorted(texts) for texts in by_person.values())


async def test_more_than_a_batch_comes_in_batches(channel: Telegram, fake: FakeTelegram, taken: Taken) -> None:
    for number in range(250):
        await fake.write(number + 1, f"{number}")
    async with running(channel.run(taken.take)):
        await fake.until(lambda: not fake.waiting)
    assert sorted(map(int, taken.texts)) == list(range(250))


POISON: list[dict[str, Any]] = [
    {"message": "x"},
    {"message": {"chat": {"id": "x", "type": "private"}, "text": "x"}},
    {"something_new": {"a": 1}},
    {"callback_query": {"id": "1", "data": "x"}},
    {},
    {"message": {"chat": {"id": 5, "type": "private"}, "new_kind": {"a": 1}}},
]


async def test_updates_that_cannot_be_read_hold_up_nothing(channel: Telegram, fake: FakeTelegram, taken: Taken) -> None:
    await fake.write(1, "पहले")
    for poison in POISON:
        await fake.put(poison, valid=False)
    last = await fake.write(1, "बाद में")
    async with running(channel.run(taken.take)):
        await fake.until(lambda: fake.confirmed == last + 1)
    assert taken.texts == ["पहले", "बाद में"]


async def test_a_message_that_fails_is_tried_again_and_then_left_so_that_others_are_not_held_up(
    channel: Telegram, fake: FakeTelegram, taken: Taken, caplog: pytest.LogCaptureFixture
) -> None:
    taken.failing = {"दूसरी बार": 1, "कभी नहीं": 99}
    for text in ("कभी नहीं", "दूसरी बार", "ठीक"):
        last = await fake.write(1, text)
    async with running(channel.run(taken.take)):
        await fake.until(lambda: fake.confirmed == last + 1)
    assert taken.texts == ["दूसरी बार", "ठीक"]
    (told,) = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert told == f"update {last - 2} could not be handled and is left (RuntimeError)."


async def test_another_program_that_polls_is_told_of_once_and_polling_goes_on(
    channel: Telegram, fake: FakeTelegram, taken: Taken, caplog: pytest.LogCaptureFixture
) -> None:
    conflict = "Conflict: terminated by other getUpdates request"
    fake.trouble(Trouble("getUpdates", status=409, description=conflict, times=5))
    await fake.write(1, "एक")
    async with running(channel.run(taken.take)):
        await fake.until(lambda: not fake.waiting)
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == [
        "Another program receives the messages of this Telegram bot: stop it, or use another bot here."
    ]


async def test_two_programs_of_one_bot_get_every_message_and_both_say_what_is_wrong(
    settings: TelegramSettings, phrases: Phrases, fake: FakeTelegram, taken: Taken, caplog: pytest.LogCaptureFixture
) -> None:
    both = [Telegram(settings, phrases, "hi") for _ in range(2)]
    async with running(both[0].run(taken.take)), running(both[1].run(taken.take)):
        await fake.until(lambda: len(fake.of("getUpdates")) > 6)
        await fake.write(1, "एक")
        await fake.until(lambda: not fake.waiting)
    for channel in both:
        await channel.close()
    assert {*taken.texts} == {"एक"}
    assert sum("Another program" in record.getMessage() for record in caplog.records) == 2


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble("getUpdates", status=500),
        Trouble("getUpdates", status=502, raw=b"<html>"),
        Trouble("getUpdates", status=429, description="x", parameters={"retry_after": 0.01}),
        Trouble("getUpdates", drop=True),
        Trouble("getUpdates", status=200, raw=b'{"ok": true, "result": {"a": 1}}'),
        Trouble("getUpdates", status=200, raw=b'{"ok": true, "result": [{"a": 1}, 3]}'),
        Trouble("getUpdates", status=200, raw=b"[" * 100_000),
        Trouble("getUpdates", status=401, description="Unauthorized"),
        Trouble("deleteWebhook", status=500),
        Trouble("getMe", status=401, description="Unauthorized"),
        Trouble("getMe", status=404, description="Not Found"),
    ],
    ids=str,
)
async def test_trouble_of_telegram_passes_and_costs_no_message(
    channel: Telegram, fake: FakeTelegram, taken: Taken, trouble: Trouble
) -> None:
    fake.trouble(replace(trouble, times=3))
    await fake.write(1, "एक")
    async with running(channel.run(taken.take)):
        await fake.until(lambda: not fake.waiting)
    assert taken.texts == ["एक"]


async def test_a_question_that_is_never_answered_is_asked_anew(
    settings: TelegramSettings,
    phrases: Phrases,
    fake: FakeTelegram,
    taken: Taken,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.channels.telegram.channel._GRACE", 0.1)
    fake.trouble(Trouble("getUpdates", hold=True))
    await fake.write(1, "एक")
    channel = Telegram(replace(settings, poll_for=0), phrases, "hi", lambda: AT)
    heard_of = [channel.heard_of]
    async with running(channel.run(taken.take)):
        await fake.until(lambda: not fake.waiting)
    assert [*heard_of, channel.heard_of] == [None, AT]
    await channel.close()


async def test_polling_takes_the_bot_back_from_a_webhook(channel: Telegram, fake: FakeTelegram, taken: Taken) -> None:
    fake.call("https://elsewhere.example")
    await fake.write(1, "एक")
    async with running(channel.run(taken.take)):
        await fake.until(lambda: not fake.waiting)
    assert (fake.webhook, taken.texts) == (None, ["एक"])
    assert list(channel.routes(taken.take, note)) == []


async def test_it_is_known_at_once_that_telegram_is_there_though_nobody_writes(
    channel: Telegram, fake: FakeTelegram, taken: Taken
) -> None:
    async with running(channel.run(taken.take)):
        await fake.until(lambda: len(fake.of("getUpdates")) == 2)
        assert channel.heard_of is not None
    assert [asked.values["timeout"] for asked in fake.of("getUpdates")] == [0, 5]


# What is done beside.


async def test_the_bots_profile_speaks_hindi_and_all_its_commands_are_understood(
    channel: Telegram, fake: FakeTelegram, taken: Taken
) -> None:
    async with running(channel.run(taken.take)):
        await fake.until(lambda: bool(fake.of("setMyShortDescription")))
    (commands,) = fake.of("setMyCommands")
    names = [command["command"] for command in commands.values["commands"]]
    assert names == ["menu", "workshop", "my_place", "data", "language", "help", "stop"]
    assert all(any("ऀ" <= letter <= "ॿ" for letter in each["description"]) for each in commands.values["commands"])
    (description,), (short,) = fake.of("setMyDescription"), fake.of("setMyShortDescription")
    assert description.values["description"].startswith("नमस्ते! मैं GeM साथी हूँ।")
    assert len(description.values["description"]) <= 512
    assert 0 < len(short.values["short_description"]) <= 120


async def test_trouble_with_what_is_only_nice_to_have_stops_nothing(
    channel: Telegram, fake: FakeTelegram, taken: Taken, caplog: pytest.LogCaptureFixture
) -> None:
    for method in ("setMyCommands", "setMyDescription", "setMyShortDescription", "answerCallbackQuery"):
        fake.trouble(Trouble(method, status=429, description="x", parameters={"retry_after": 999}))
    await fake.press(1, "menu")
    async with running(channel.run(taken.take)):
        await fake.until(lambda: not fake.waiting)
    assert taken.texts == ["menu"]
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_a_pressed_button_rests_at_once_and_who_has_to_wait_sees_the_bot_typing(
    settings: TelegramSettings, phrases: Phrases, fake: FakeTelegram, taken: Taken
) -> None:
    channel = Telegram(replace(settings, typing_after=0), phrases, "hi")
    taken.shut = {"1"}
    await fake.press(1, "menu")
    async with running(channel.run(taken.take)):
        await fake.until(lambda: bool(fake.of("answerCallbackQuery")) and bool(fake.of("sendChatAction")))
        assert taken.done == []
    assert fake.of("sendChatAction")[0].values == {"chat_id": 1, "action": "typing"}
    await channel.close()


async def test_who_is_answered_at_once_sees_no_typing(channel: Telegram, fake: FakeTelegram, taken: Taken) -> None:
    await fake.write(1, "एक")
    async with running(channel.run(taken.take)):
        await fake.until(lambda: not fake.waiting)
    assert fake.of("sendChatAction") == []


async def test_a_crowd_of_presses_leaves_out_what_is_only_nice_to_have(
    channel: Telegram, fake: FakeTelegram, taken: Taken
) -> None:
    fake.trouble(Trouble("answerCallbackQuery", times=100, hold=True))
    for person in range(1, 101):
        await fake.press(person, "menu")
    async with running(channel.run(taken.take)):
        await fake.until(lambda: not fake.waiting)
    assert len(taken.done) == 100
