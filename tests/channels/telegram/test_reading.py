"""One update, the messages in it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiogram.types import Update
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram.reading import Bot, pressed, read
from bot.core.talk.message import Attachment, Incoming, Kind

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
AT = NOW - timedelta(minutes=5)
SITA = {"id": 42, "is_bot": False, "first_name": "सीता", "last_name": "देवी"}
PRIVATE = {"id": 42, "type": "private", "first_name": "सीता"}
GROUP = {"id": -100500, "type": "supergroup", "title": "उद्यमी सभा"}
BOT = Bot("GemSaathiBot")
FILE = {"file_id": "f", "file_unique_id": "u"}
OWN = {"phone_number": "919876543210", "first_name": "सीता", "user_id": 42}


def message(chat: dict[str, Any] = PRIVATE, **more: Any) -> dict[str, Any]:
    return {"message_id": 7, "date": int(AT.timestamp()), "chat": chat, "from": SITA} | more


def update(**what: Any) -> dict[str, Any]:
    made = {"update_id": 9001} | what
    Update.model_validate(made)  # it is one that Telegram could send
    return made


def press(data: str, chat: dict[str, Any] = PRIVATE) -> dict[str, Any]:
    what = {"id": "77", "from": SITA, "chat_instance": "1", "data": data, "message": message(chat, text="?")}
    return update(callback_query=what)


def only(found: list[Incoming]) -> Incoming:
    (one,) = found
    return one


STAFF = Bot("GemSaathiBot", str(GROUP["id"]))
CARD = {
    "message_id": 5,
    "date": 1,
    "chat": GROUP,
    "from": {"id": 1, "is_bot": True, "first_name": "साथी"},
    "text": "🎫",
}


def test_in_the_staffs_group_a_reply_to_the_bot_is_read_with_who_said_it_and_to_what() -> None:
    said = update(message=message(GROUP, text="सोमवार को आइए", reply_to_message=CARD))
    one = only(read(said, STAFF, NOW))
    assert (one.text, one.in_group, one.address, one.said_by, one.replied_to) == (
        "सोमवार को आइए", True, str(GROUP["id"]), "42", "5",
    )  # fmt: skip
    assert read(said, BOT, NOW) == []


def test_a_reply_to_a_person_is_no_reply_to_the_bot() -> None:
    card = CARD | {"from": SITA}
    assert read(update(message=message(GROUP, text="हाँ", reply_to_message=card)), STAFF, NOW) == []
    alone = only(read(update(message=message(text="हाँ", reply_to_message=card | {"chat": PRIVATE})), STAFF, NOW))
    assert alone.replied_to == ""


def test_a_picture_in_reply_is_read_as_one() -> None:
    photo = [FILE | {"width": 1, "height": 1}]
    one = only(read(update(message=message(GROUP, photo=photo, reply_to_message=CARD)), STAFF, NOW))
    assert (one.kind, one.replied_to) == (Kind.PHOTO, "5")


def test_who_pressed_a_button_of_a_ticket_in_a_group_is_known() -> None:
    one = only(read(press("ticket:take:1", GROUP), BOT, NOW))
    assert (one.press, one.said_by, one.address) == ("ticket:take:1", "42", str(GROUP["id"]))
    assert read(press("announce:send:1:5", GROUP), BOT, NOW) == []


def test_words_come_with_who_when_and_an_id_that_a_repeated_update_has_again() -> None:
    said = update(message=message(text="emd kya hai"))
    expected = Incoming("telegram", "42", "update 9001", AT, text="emd kya hai", name="सीता देवी")
    assert read(said, BOT, NOW) == read(said, BOT, NOW + timedelta(hours=1)) == [expected]


@pytest.mark.parametrize(
    ("text", "understood"),
    [
        ("/start workshop-1", "/start workshop-1"),
        ("/menu@GemSaathiBot", "/menu"),
        ("/menu@gemsaathibot", "/menu"),
        ("/start@GemSaathiBot q-emd-amount", "/start q-emd-amount"),
        ("नमस्ते @GemSaathiBot", "नमस्ते @GemSaathiBot"),
        (" ", " "),
    ],
)
def test_a_private_chat_is_read_as_it_is(text: str, understood: str) -> None:
    assert only(read(update(message=message(text=text)), BOT, NOW)).text == understood


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ({"voice": FILE | {"duration": 3}}, Kind.VOICE),
        ({"audio": FILE | {"duration": 3}}, Kind.VOICE),
        (
            {"sticker": FILE | {"type": "regular", "width": 1, "height": 1, "is_animated": False, "is_video": False}},
            Kind.STICKER,
        ),
        ({"photo": [FILE | {"width": 1, "height": 1}]}, Kind.PHOTO),
        ({"video": FILE | {"width": 1, "height": 1, "duration": 3}}, Kind.VIDEO),
        ({"video_note": FILE | {"length": 1, "duration": 3}}, Kind.VIDEO),
        ({"animation": FILE | {"width": 1, "height": 1, "duration": 3}, "document": FILE}, Kind.VIDEO),
        ({"document": FILE}, Kind.DOCUMENT),
        ({"dice": {"emoji": "🎲", "value": 4}}, Kind.OTHER),
        ({"story": {"chat": PRIVATE, "id": 1}}, Kind.OTHER),
    ],
)
def test_what_is_no_words_is_named(content: dict[str, Any], kind: Kind) -> None:
    found = only(read(update(message=message(**content)), BOT, NOW))
    assert (found.kind, found.text, found.address) == (kind, "", "42")


def test_a_caption_makes_words_of_a_picture() -> None:
    picture = message(photo=[FILE | {"width": 1, "height": 1}], caption="ye kaun sa form hai")
    found = only(read(update(message=picture), BOT, NOW))
    assert (found.kind, found.text) == (Kind.TEXT, "ye kaun sa form hai")


def test_a_persons_own_contact_is_vouched_for() -> None:
    found = only(read(update(message=message(contact=OWN)), BOT, NOW))
    assert (found.kind, found.text, found.mobile) == (Kind.CONTACT, "919876543210", "919876543210")


@pytest.mark.parametrize(
    "content",
    [
        {"contact": OWN | {"user_id": 43}},
        {"contact": {"phone_number": "919876543210", "first_name": "राम"}},
        {"contact": OWN, "forward_origin": {"type": "user", "date": 1, "sender_user": SITA}},
    ],
)
def test_nobody_elses_contact_is_vouched_for(content: dict[str, Any]) -> None:
    found = only(read(update(message=message(**content)), BOT, NOW))
    assert (found.kind, found.text, found.mobile) == (Kind.CONTACT, "919876543210", "")


def test_a_contact_without_sender_or_owner_is_not_vouched_for() -> None:
    said = message(contact={"phone_number": "919876543210"})
    del said["from"]
    found = only(read({"update_id": 1, "message": said}, BOT, NOW))
    assert (found.mobile, found.name) == ("", "सीता")


@pytest.mark.parametrize(
    "beside", [{}, {"venue": {"location": {"latitude": 1, "longitude": 1}, "title": "t", "address": "a"}}]
)
def test_a_place_comes_with_its_degrees(beside: dict[str, Any]) -> None:
    place = message(location={"latitude": 26.76, "longitude": 83.37}, **beside)
    found = only(read(update(message=place), BOT, NOW))
    assert (found.kind, found.location) == (Kind.LOCATION, (26.76, 83.37))


@pytest.mark.parametrize(
    "place",
    [{"latitude": "26", "longitude": 83}, {"latitude": 91, "longitude": 0}, {"latitude": float("nan"), "longitude": 0}],
)
def test_a_place_that_cannot_be_is_none(place: dict[str, Any]) -> None:
    found = only(read({"update_id": 1, "message": message(location=place)}, BOT, NOW))
    assert (found.kind, found.location) == (Kind.LOCATION, None)


def test_a_press_is_the_id_of_its_option_and_comes_now() -> None:
    found = only(read(press("entry:emd-amount"), BOT, NOW))
    assert found == Incoming("telegram", "42", "update 9001", NOW, press="entry:emd-amount", name="सीता देवी")
    assert pressed(press("menu")) == "77"


def test_a_press_below_a_message_too_old_to_come_along_is_the_persons_own() -> None:
    old = {"message_id": 7, "date": 0, "chat": PRIVATE}
    what = {"id": "77", "from": SITA, "chat_instance": "1", "data": "menu", "message": old}
    assert only(read(update(callback_query=what), BOT, NOW)).address == "42"


@pytest.mark.parametrize(
    ("after", "answered"), [(0, True), (59, True), (60, True), (61, False), (86_400, False), (-1, False)]
)
def test_what_is_edited_within_a_minute_is_a_message_of_its_own(after: int, answered: bool) -> None:  # noqa: FBT001
    edited = message(text="EMD kya hota hai", edit_date=int(AT.timestamp()) + after)
    found = read({"update_id": 9002, "edited_message": edited}, BOT, NOW)
    assert [(one.text, one.message) for one in found] == [("EMD kya hota hai", "update 9002")] * answered


def test_a_place_that_moves_is_answered_only_once() -> None:
    moved = message(location={"latitude": 26.76, "longitude": 83.37}, edit_date=int(AT.timestamp()) + 5)
    assert read(update(edited_message=moved), BOT, NOW) == []


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("/menu", "/menu"),
        ("/menu@GemSaathiBot", "/menu"),
        ("/menu@OtherBot", None),
        ("@GemSaathiBot emd kya hai", "emd kya hai"),
        ("emd kya hai, @gemsaathibot?", "emd kya hai, ?"),
        ("@GemSaathiBot: emd\nkya hai", "emd\nkya hai"),
        ("emd @GemSaathiBot kya hai", "emd kya hai"),
        ("@GemSaathiBotX emd kya hai", None),
        ("mail@GemSaathiBot", None),
        ("@GemSaathiBot", None),
        ("emd kya hai", None),
    ],
)
def test_in_a_group_only_what_is_said_to_the_bot_is_heard(text: str, heard: str | None) -> None:
    found = read(update(message=message(GROUP, text=text)), BOT, NOW)
    expected = [("-100500", heard, "उद्यमी सभा")] if heard else []
    assert [(one.address, one.text, one.name) for one in found] == expected


@pytest.mark.parametrize(
    ("option", "taken"), [("entry:emd", True), ("menu", True), ("register:3", False), ("f:1:own", False)]
)
def test_in_a_group_only_answers_can_be_chosen(option: str, taken: bool) -> None:  # noqa: FBT001
    assert [one.address for one in read(press(option, GROUP), BOT, NOW)] == ["-100500"] * taken


def test_in_a_group_pictures_and_mentions_of_an_unknown_bot_are_left_alone() -> None:
    assert read(update(message=message(GROUP, photo=[FILE | {"width": 1, "height": 1}])), BOT, NOW) == []
    assert read(update(message=message(GROUP, text="@GemSaathiBot emd")), Bot(), NOW) == []
    assert read(update(message=message(GROUP, text="/menu@GemSaathiBot")), Bot(), NOW) == []


ELSEWHERE = [
    update(channel_post=message({"id": -1, "type": "channel", "title": "c"}, text="x")),
    update(message=message({"id": -1, "type": "channel", "title": "c"}, text="/menu")),
    update(inline_query={"id": "1", "from": SITA, "query": "x", "offset": ""}),
    update(message=message(new_chat_members=[SITA])),
    update(message=message(GROUP, migrate_to_chat_id=-5)),
    update(message=message(text="x") | {"from": SITA | {"is_bot": True}}),
    update(my_chat_member={
        "chat": PRIVATE, "from": SITA, "date": 1,
        "old_chat_member": {"status": "member", "user": SITA},
        "new_chat_member": {"status": "kicked", "user": SITA, "until_date": 0},
    }),
    update(callback_query={"id": "77", "from": SITA, "chat_instance": "1", "game_short_name": "g"}),
]  # fmt: skip


@pytest.mark.parametrize("what", ELSEWHERE, ids=lambda what: next(key for key in what if key != "update_id"))
def test_what_nobody_said_to_the_bot_is_left_alone(what: dict[str, Any]) -> None:
    assert read(what, BOT, NOW) == []


BROKEN: list[Any] = [
    None, [], "x", 3, {}, {"update_id": 1}, {"update_id": "1", "message": message(text="x")},
    {"update_id": True, "message": message(text="x")},
    {"update_id": 1, "message": []}, {"update_id": 1, "message": {"chat": {"id": 42}}},
    {"update_id": 1, "message": {"chat": {"id": "42", "type": "private"}, "text": "x"}},
    {"update_id": 1, "message": {"chat": {"id": 2**70, "type": "private"}, "text": "x"}},
    {"update_id": 1, "message": {"chat": {"type": "private"}, "text": "x"}},
    {"update_id": 1, "message": {"chat": {"id": 42, "type": ["private"]}, "text": "x"}},
    {"update_id": 1, "callback_query": {"id": 1, "data": {"a": 1}}},
    {"update_id": 1, "edited_message": {"chat": PRIVATE, "text": "x", "date": 5}},
]  # fmt: skip


@pytest.mark.parametrize("what", BROKEN, ids=lambda what: json.dumps(what)[:60])
def test_what_is_broken_is_none(what: Any) -> None:
    assert read(what, BOT, NOW) == []
    assert pressed(what) == ""


@pytest.mark.parametrize("date", [None, "x", -5, 2**62, 1.5, True])
def test_a_message_without_a_time_that_can_be_came_now(date: Any) -> None:
    assert only(read({"update_id": 1, "message": message(text="x", date=date)}, BOT, NOW)).at == NOW


def whole_updates() -> Iterator[dict[str, Any]]:
    yield update(message=message(text="/menu@GemSaathiBot", contact=OWN, location={"latitude": 1.0, "longitude": 2.0}))
    yield update(edited_message=message(GROUP, text="@GemSaathiBot x", edit_date=int(AT.timestamp())))
    yield press("entry:emd", GROUP)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(st.sampled_from(list(whole_updates())), st.integers(0, 40), JSON)
def test_any_part_of_an_update_may_be_anything(whole: dict[str, Any], at: int, instead: Any) -> None:
    changed = json.loads(json.dumps(whole))
    places = list(_places(changed))
    where, key = places[at % len(places)]
    where[key] = instead
    for one in read(changed, BOT, NOW):
        assert one.address.lstrip("-").isdecimal()
        assert all(isinstance(text, str) for text in (one.text, one.press, one.name, one.mobile))
    assert isinstance(pressed(changed), str)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    for key in list(value) if isinstance(value, dict) else ():
        yield value, key
        yield from _places(value[key])


SIZES = [{"file_id": "small", "file_size": 9}, {"file_id": "large", "file_size": 90}]
PDF = {"file_id": "pdf-1", "file_name": "नियम.pdf", "mime_type": "application/pdf", "file_size": 7}


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ({"photo": SIZES}, Attachment("telegram", "large", "", "image/jpeg", 90)),
        ({"photo": SIZES, "caption": "कल कैंप है"}, Attachment("telegram", "large", "", "image/jpeg", 90)),
        ({"document": PDF}, Attachment("telegram", "pdf-1", "नियम.pdf", "application/pdf", 7)),
        ({"document": {"file_id": "x"}}, Attachment("telegram", "x", "", "", 0)),
        ({"document": {"file_id": 7}}, None),
        ({"photo": "no list"}, None),
        ({"text": "बस शब्द"}, None),
    ],
)
def test_a_photo_or_a_document_is_named_to_be_fetched(what: dict[str, Any], expected: Attachment | None) -> None:
    chat = {"id": 5, "type": "private"}
    message = {"message_id": 1, "date": 1_790_000_000, "chat": chat, "from": {"id": 5, "first_name": "S"}, **what}
    (incoming,) = read({"update_id": 1, "message": message}, BOT, NOW)
    assert incoming.attachment == expected
