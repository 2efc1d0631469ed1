"""Replies on their way to Telegram, over a real connection."""

import asyncio
import contextlib
import json
import logging
import socket
from dataclasses import replace
from typing import Any

import pytest
from telegram.error import NetworkError, TelegramError

from bot.channels.contract import NotFetchedError, NotSentError
from bot.channels.telegram import Telegram, TelegramSettings
from bot.channels.telegram.sending import LIMITS, Progress, requests
from bot.core.talk.message import Document, Option, Reply
from bot.core.talk.phrases import Phrases
from tests.fakes.telegram import FakeTelegram, Trouble

SITA = 42
LONG = " ".join(f"यह वाक्य नंबर {number} है।" for number in range(600))


async def refused(channel: Telegram, reply: Reply, address: str = str(SITA)) -> NotSentError:
    with pytest.raises(NotSentError) as caught:
        await channel.send(address, reply)
    return caught.value


async def test_a_text_goes_as_it_is_without_a_preview_of_its_links(channel: Telegram, fake: FakeTelegram) -> None:
    sent_as = await channel.send(str(SITA), Reply("<b>5 < 6 & 7</b> _x_ https://gem.gov.in\n• क्षमा"))
    (asked,) = fake.sent(SITA)
    assert asked.values == {
        "chat_id": SITA,
        "text": "<b>5 < 6 & 7</b> _x_ https://gem.gov.in\n• क्षमा",
        "link_preview_options": {"is_disabled": True},
    }
    assert sent_as == "1"


async def test_choices_are_buttons_that_carry_ids_two_in_a_row_where_both_are_short(
    channel: Telegram, fake: FakeTelegram
) -> None:
    titles = ["हाँ", "नहीं", "शायद", "बहुत लंबा नाम वाला विकल्प", "ठीक", "x" * 80]
    options = tuple(Option(f"entry:{number}", title) for number, title in enumerate(titles))
    await channel.send(str(SITA), Reply("चुनिए", options))
    (asked,) = fake.sent(SITA)
    assert [[button["callback_data"] for button in row] for row in asked.buttons] == [
        ["entry:0", "entry:1"], ["entry:2"], ["entry:3"], ["entry:4"], ["entry:5"],
    ]  # fmt: skip
    assert asked.buttons[-1][0]["text"] == "x" * 63 + "…"


async def test_a_long_text_goes_in_parts_of_at_most_4096_units_and_the_choices_with_the_last(
    channel: Telegram, fake: FakeTelegram
) -> None:
    text = LONG + " 👩‍🌾" * 300
    sent_as = await channel.send(str(SITA), Reply(text, (Option("menu", "सब विषय"),)))
    sent = fake.sent(SITA)
    assert len(sent) > 2
    assert all(len(asked.text.encode("utf-16-le")) <= 2 * 4096 for asked in sent)
    assert " ".join(asked.text for asked in sent).split() == text.split()
    assert [bool(asked.buttons) for asked in sent] == [False] * (len(sent) - 1) + [True]
    assert sent_as == str(len(sent))


async def test_a_document_goes_as_a_file_with_the_text_below(channel: Telegram, fake: FakeTelegram) -> None:
    document = Document('कार्य "शाला".ics', "text/calendar", "BEGIN:VCALENDAR\nSUMMARY:कार्यशाला\n")
    await channel.send(str(SITA), Reply("कैलेंडर में जोड़िए", (Option("menu", "सब विषय"),), document))
    (asked,) = fake.sent(SITA)
    assert (asked.method, asked.text) == ("sendDocument", "कैलेंडर में जोड़िए")
    assert asked.file is not None
    assert asked.file[1].decode() == document.content
    assert asked.file[0].replace("\\", "") == document.name
    assert asked.buttons == [[{"text": "सब विषय", "callback_data": "menu"}]]


async def test_a_text_too_long_for_a_caption_goes_before_its_document(channel: Telegram, fake: FakeTelegram) -> None:
    text = "क" * 1025
    await channel.send(str(SITA), Reply(text, (Option("menu", "सब विषय"),), Document("a.ics", "text/calendar", "x")))
    assert [(asked.method, asked.text, bool(asked.buttons)) for asked in fake.sent(SITA)] == [
        ("sendMessage", text, False),
        ("sendDocument", "", True),
    ]


async def test_in_a_group_what_belongs_into_a_private_chat_is_a_link_there(
    channel: Telegram, fake: FakeTelegram
) -> None:
    reader = asyncio.create_task(channel.run(_nothing))
    await fake.until(lambda: bool(fake.of("getUpdates")))
    options = ("entry:emd", "agree:3:abc", "register:12", "my-place")
    await channel.send("-100500", Reply("सुनिए", tuple(Option(option, option) for option in options)))
    (asked,) = fake.sent(-100500)
    assert [{**button, "text": ""} for row in asked.buttons for button in row] == [
        {"text": "", "callback_data": "entry:emd"},
        {"text": "", "url": "https://t.me/GemSaathiBot?start=workshop-3"},
        {"text": "", "url": "https://t.me/GemSaathiBot?start=workshop-12"},
        {"text": "", "url": "https://t.me/GemSaathiBot?start=menu"},
    ]
    reader.cancel()


async def test_in_a_group_of_which_the_bot_does_not_know_its_own_name_yet_such_choices_are_left_out(
    channel: Telegram, fake: FakeTelegram
) -> None:
    await channel.send("-100500", Reply("सुनिए", (Option("register:12", "नाम लिखवाएँ"),)))
    assert fake.sent(-100500)[0].buttons == []


async def _nothing(_: object) -> None:
    pass


REFUSALS = [
    (
        Trouble(status=429, description="Too Many Requests: retry after 7", parameters={"retry_after": 7}),
        {"again_in": 7, "everybody": True, "gone": False, "moved_to": ""},
    ),
    (
        Trouble(status=429, raw=b"<html>slow down</html>"),
        {"again_in": 5, "everybody": True, "gone": False, "moved_to": ""},
    ),
    (
        Trouble(status=403, description="Forbidden: bot was blocked by the user"),
        {"again_in": None, "everybody": False, "gone": True, "moved_to": ""},
    ),
    (
        Trouble(status=403, description="Forbidden: user is deactivated"),
        {"again_in": None, "everybody": False, "gone": True, "moved_to": ""},
    ),
    (
        Trouble(
            status=400,
            description="Bad Request: group chat was upgraded to a supergroup chat",
            parameters={"migrate_to_chat_id": -100777},
        ),
        {"again_in": 0, "everybody": False, "gone": False, "moved_to": "-100777"},
    ),
    (
        Trouble(status=400, description="Bad Request: chat not found"),
        {"again_in": None, "everybody": False, "gone": False, "moved_to": ""},
    ),
    (
        Trouble(status=401, description="Unauthorized"),
        {"again_in": 600, "everybody": True, "gone": False, "moved_to": ""},
    ),
    (
        Trouble(status=404, description="Not Found"),
        {"again_in": 600, "everybody": True, "gone": False, "moved_to": ""},
    ),
]


@pytest.mark.parametrize(("trouble", "meaning"), REFUSALS, ids=lambda what: getattr(what, "description", ""))
async def test_a_refusal_says_whether_and_when_to_try_again(
    channel: Telegram, fake: FakeTelegram, trouble: Trouble, meaning: dict[str, Any]
) -> None:
    fake.trouble(replace(trouble))
    error = await refused(channel, Reply("नमस्ते"))
    assert {name: getattr(error, name) for name in meaning} == meaning
    assert fake.sent(SITA) == []


async def test_a_refused_token_is_told_once_however_many_messages_meet_it(
    channel: Telegram, fake: FakeTelegram, caplog: pytest.LogCaptureFixture
) -> None:
    fake.trouble(Trouble(status=401, description="Unauthorized", times=20))
    for number in range(20):
        await refused(channel, Reply(f"{number}"))
    (told,) = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert (told.levelno, "refuses the bot's token" in told.getMessage()) == (logging.CRITICAL, True)


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble(status=500, delivered=True),
        Trouble(status=502, raw=b"<html>bad gateway</html>"),
        Trouble(status=504, raw=b""),
        Trouble(status=200, raw=b"no json", delivered=True),
        Trouble(drop=True, delivered=True),
    ],
    ids=str,
)
async def test_where_the_message_may_have_gone_out_that_is_left_open(
    channel: Telegram, fake: FakeTelegram, trouble: Trouble
) -> None:
    fake.trouble(replace(trouble))
    with pytest.raises(TelegramError):
        await channel.send(str(SITA), Reply("नमस्ते"))
    assert len(fake.sent(SITA)) == trouble.delivered


async def test_a_connection_that_breaks_while_the_answer_is_awaited_leaves_it_open(
    settings: TelegramSettings, phrases: Phrases
) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    channel = Telegram(replace(settings, base_url=f"http://127.0.0.1:{port}/bot"), phrases, "hi")
    with pytest.raises(NetworkError):
        await channel.send(str(SITA), Reply("नमस्ते"))
    await channel.close()
    server.close()
    await server.wait_closed()


async def test_who_does_not_wait_for_the_answer_may_send_again_from_that_part_on(
    channel: Telegram, fake: FakeTelegram
) -> None:
    fake.trouble(Trouble(hold=True, skip=1))
    reply = Reply(LONG)
    sending = asyncio.create_task(channel.send(str(SITA), reply))
    await fake.until(lambda: fake.held == 1)
    sending.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await sending
    await channel.send(str(SITA), reply)
    assert fake.texts(SITA) == [request.text for request in requests(reply)]


@pytest.mark.parametrize("address", ["http://127.0.0.1:{free}/bot", "http://no-such-host.invalid/bot"])
async def test_where_there_is_no_connection_nothing_was_sent_and_all_wait_a_little(
    settings: TelegramSettings, phrases: Phrases, address: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        free = listener.getsockname()[1]
    channel = Telegram(replace(settings, base_url=address.format(free=free)), phrases, "hi")
    error = await refused(channel, Reply("नमस्ते"))
    assert (error.again_in, error.everybody, error.gone) == (3, True, False)
    await channel.close()


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble(status=429, description="slow", parameters={"retry_after": 1}, skip=1),
        Trouble(status=500, skip=1),
        Trouble(drop=True, skip=1),
    ],
    ids=str,
)
async def test_a_reply_that_stopped_after_a_part_goes_on_with_the_next(
    channel: Telegram, fake: FakeTelegram, trouble: Trouble
) -> None:
    fake.trouble(replace(trouble))
    reply = Reply(LONG, (Option("menu", "सब विषय"),))
    with pytest.raises((NotSentError, TelegramError)):
        await channel.send(str(SITA), reply)
    await channel.send("43", reply)
    await channel.send(str(SITA), reply)
    assert fake.texts(SITA) == fake.texts(43) == [request.text for request in requests(reply)]


async def test_a_reply_that_is_through_is_sent_whole_when_it_comes_again(channel: Telegram, fake: FakeTelegram) -> None:
    fake.trouble(Trouble(status=400, description="Bad Request: x", skip=1))
    reply = Reply(LONG)
    await refused(channel, reply)
    await channel.send(str(SITA), reply)
    await channel.send(str(SITA), reply)
    whole = [request.text for request in requests(reply)]
    assert fake.texts(SITA) == whole[:1] + whole + whole


async def test_what_is_left_of_a_reply_follows_a_group_to_its_new_number(channel: Telegram, fake: FakeTelegram) -> None:
    moved = Trouble(status=400, description="moved", parameters={"migrate_to_chat_id": -1007}, skip=1)
    fake.trouble(moved)
    reply = Reply(LONG)
    error = await refused(channel, reply, "-7")
    await channel.send(error.moved_to, reply)
    assert fake.texts(-7) + fake.texts(-1007) == [request.text for request in requests(reply)]


def test_progress_that_nobody_asks_for_any_more_is_forgotten() -> None:
    progress = Progress()
    for number in range(1001):
        progress.note("42", Reply(str(number)), 1, 0)
    assert [progress.of("42", Reply(str(number)), 0) for number in (0, 1, 1000)] == [0, 1, 1]
    assert progress.of("42", Reply("1000"), 9 * 3600) == 0


async def test_the_limits_count_as_telegram_does() -> None:
    assert LIMITS.length("👍") == 2
    assert (LIMITS.text, LIMITS.rows) == (4096, 0)


# --- files that are kept, and messages that are changed ---------------------------------------------------------------

PHOTO = Document("कैंप.jpg", "image/jpeg", b"\xff\xd8\xff" + bytes(50), stored=7)
PAPER = Document("नियम.pdf", "application/pdf", b"%PDF-1.7", stored=8)


@pytest.mark.parametrize(("document", "method"), [(PHOTO, "sendPhoto"), (PAPER, "sendDocument")])
async def test_a_stored_file_is_handed_over_once_and_named_afterwards(
    channel: Telegram, fake: FakeTelegram, document: Document, method: str
) -> None:
    for person in (1, 2, 3):
        await channel.send(str(person), Reply("कल कैंप है", (Option("news:off", "बंद करें"),), document))
    asked = [fake.sent(person)[0] for person in (1, 2, 3)]
    assert {each.method for each in asked} == {method}
    assert {each.text for each in asked} == {"कल कैंप है"}
    assert asked[0].file is not None
    assert asked[0].file[1] == document.data
    assert [each.file for each in asked[1:]] == [None, None]
    assert len(fake.files) == 1


async def test_of_many_at_once_one_hands_the_file_over(channel: Telegram, fake: FakeTelegram) -> None:
    fake.latency = 0.05
    await asyncio.gather(*(channel.send(str(person), Reply("कैंप", (), PHOTO)) for person in range(1, 21)))
    assert sum(asked.file is not None for asked in fake.asked) == 1
    assert len(fake.files) == 1


async def test_where_it_could_not_be_handed_over_the_next_one_does(channel: Telegram, fake: FakeTelegram) -> None:
    fake.trouble(Trouble("sendPhoto", status=403, description="Forbidden: bot was blocked by the user"))
    assert (await refused(channel, Reply("कैंप", (), PHOTO))).gone
    await channel.send("2", Reply("कैंप", (), PHOTO))
    assert fake.sent(2)[0].file is not None


async def test_a_message_is_changed_with_its_buttons(channel: Telegram, fake: FakeTelegram) -> None:
    sent_as = await channel.send(str(SITA), Reply("10%"))
    await channel.edit(str(SITA), sent_as, Reply("20%", (Option("announce:pause:1", "रोकें"),)))
    # It says so already, which is no fault.
    await channel.edit(str(SITA), sent_as, Reply("20%", (Option("announce:pause:1", "रोकें"),)))
    asked = [each for each in fake.asked if each.method == "editMessageText"]
    assert [each.values["message_id"] for each in asked] == [int(sent_as)] * 2
    assert asked[0].buttons == [[{"text": "रोकें", "callback_data": "announce:pause:1"}]]


async def test_a_message_that_is_gone_is_not_changed_for_good(channel: Telegram) -> None:
    with pytest.raises(NotSentError) as caught:
        await channel.edit(str(SITA), "999", Reply("20%"))
    assert caught.value.again_in is None


async def test_a_change_waits_where_it_is_too_fast(channel: Telegram, fake: FakeTelegram) -> None:
    fake.trouble(Trouble("editMessageText", status=429, description="Too Many Requests", parameters={"retry_after": 4}))
    with pytest.raises(NotSentError) as caught:
        await channel.edit(str(SITA), "1", Reply("20%"))
    assert (caught.value.again_in, caught.value.everybody) == (4, True)


async def test_a_file_that_somebody_sent_is_fetched(channel: Telegram, fake: FakeTelegram) -> None:
    fake.files["abc"] = PHOTO.data
    assert await channel.fetch("abc", 1000) == PHOTO.data


@pytest.mark.parametrize(("handle", "limit"), [("none", 1000), ("abc", 10)])
async def test_a_file_that_is_not_there_or_too_large_is_not_fetched_for_good(
    channel: Telegram, fake: FakeTelegram, handle: str, limit: int
) -> None:
    fake.files["abc"] = PHOTO.data
    with pytest.raises(NotFetchedError) as caught:
        await channel.fetch(handle, limit)
    assert caught.value.for_good


@pytest.mark.parametrize("place", ["../../etc/passwd", "http://evil.example/x", "a b", ""])
async def test_a_file_elsewhere_is_not_fetched(channel: Telegram, fake: FakeTelegram, place: str) -> None:
    answer = {"ok": True, "result": {"file_id": "a", "file_unique_id": "a", "file_path": place}}
    fake.trouble(Trouble("getFile", status=200, raw=json.dumps(answer).encode()))
    with pytest.raises(NotFetchedError):
        await channel.fetch("abc", 1000)


async def test_a_file_waits_while_telegram_cannot_be_reached(channel: Telegram, fake: FakeTelegram) -> None:
    fake.trouble(Trouble("getFile", status=502, description="Bad Gateway"))
    with pytest.raises(NotFetchedError) as caught:
        await channel.fetch("abc", 1000)
    assert not caught.value.for_good
