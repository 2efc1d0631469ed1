"""What Meta's documented webhook bodies are read as."""

import copy
import json
import logging
import random
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.whatsapp.reading import read
from bot.core.talk.message import Attachment, Incoming, Kind
from tests.channels.whatsapp.conftest import RAM, SITA
from tests.fakes.whatsapp import PHONE_ID, Someone, body_of, contact_of, value_of

AT = datetime.fromtimestamp(1749416383, UTC)
# As in the reference of text messages.
DOCUMENTED = {
    "object": "whatsapp_business_account",
    "entry": [
        {
            "id": "102290129340398",
            "changes": [
                {
                    "value": {
                        "messaging_product": "whatsapp",
                        "metadata": {"display_phone_number": "15550783881", "phone_number_id": "106540352242922"},
                        "contacts": [
                            {
                                "profile": {"name": "Sheena Nelson"},
                                "wa_id": "16505551234",
                                "user_id": "US.13491208655302741918",
                            }
                        ],
                        "messages": [
                            {
                                "from": "16505551234",
                                "from_user_id": "US.13491208655302741918",
                                "id": "wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA=",
                                "timestamp": "1749416383",
                                "type": "text",
                                "text": {"body": "Does it come in another color?"},
                            }
                        ],
                    },
                    "field": "messages",
                }
            ],
        }
    ],
}


def message(kind: str, content: Any = None, **more: Any) -> dict[str, Any]:
    """A message of राम, who has no user ID."""
    made = {"from": RAM.number, "id": "wamid.1", "timestamp": "1749416383", "type": kind, **more}
    return made if content is None else {**made, kind: content}


def read_one(kind: str, content: Any = None, **more: Any) -> Incoming:
    """The one message that a body with this one is read as."""
    (incoming,), deliveries = read(body_of(value_of([message(kind, content, **more)], [contact_of(RAM)])))
    assert deliveries == []
    return incoming


def test_a_reply_says_to_what() -> None:
    assert read_one("text", {"body": "हाँ"}, context={"from": "15550783881", "id": "wamid.9"}).replied_to == "wamid.9"
    assert read_one("text", {"body": "हाँ"}).replied_to == ""
    assert read_one("text", {"body": "हाँ"}, context={"forwarded": True}).replied_to == ""


def test_a_documented_body_is_read_whole() -> None:
    (incoming,), deliveries = read(DOCUMENTED)
    assert deliveries == []
    assert incoming == Incoming(
        "whatsapp",
        "US.13491208655302741918",
        "wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA=",
        AT,
        text="Does it come in another color?",
        name="Sheena Nelson",
        mobile="+16505551234",
    )


MEDIA = {"id": "1003383421387256", "mime_type": "image/jpeg", "sha256": "SfInY0gGKTsJ"}
CASES: list[tuple[str, Any, Kind, str, str]] = [
    ("text", {"body": "emd kya hota hai"}, Kind.TEXT, "emd kya hota hai", ""),
    ("text", {"body": ""}, Kind.TEXT, "", ""),
    ("button", {"payload": "accept:7", "text": "हाँ"}, Kind.TEXT, "", "accept:7"),
    ("button", {"payload": "हाँ", "text": "हाँ"}, Kind.TEXT, "हाँ", ""),
    ("button", {"text": "हाँ"}, Kind.TEXT, "हाँ", ""),
    (
        "interactive",
        {"type": "button_reply", "button_reply": {"id": "entry:emd-amount", "title": "EMD कितनी"}},
        Kind.TEXT,
        "",
        "entry:emd-amount",
    ),
    (
        "interactive",
        {"type": "list_reply", "list_reply": {"id": "category:payment", "title": "पेमेंट", "description": "…"}},
        Kind.TEXT,
        "",
        "category:payment",
    ),
    ("interactive", {"type": "nfm_reply", "nfm_reply": {"response_json": "{}", "name": "flow"}}, Kind.OTHER, "", ""),
    ("image", {**MEDIA, "caption": "ye kya hai"}, Kind.TEXT, "ye kya hai", ""),
    ("image", MEDIA, Kind.PHOTO, "", ""),
    ("video", MEDIA, Kind.VIDEO, "", ""),
    ("video", {**MEDIA, "caption": "देखिए"}, Kind.TEXT, "देखिए", ""),
    ("document", {**MEDIA, "filename": "pan.pdf"}, Kind.DOCUMENT, "", ""),
    ("document", {**MEDIA, "filename": "pan.pdf", "caption": "ये रहा"}, Kind.TEXT, "ये रहा", ""),
    ("audio", {**MEDIA, "voice": True}, Kind.VOICE, "", ""),
    ("audio", {**MEDIA, "voice": False}, Kind.VOICE, "", ""),
    ("voice", MEDIA, Kind.VOICE, "", ""),
    ("sticker", {**MEDIA, "animated": False}, Kind.STICKER, "", ""),
    (
        "contacts",
        [{"name": {"formatted_name": "राम"}, "phones": [{"phone": "+91 98765 43210", "type": "CELL"}]}],
        Kind.CONTACT,
        "+91 98765 43210",
        "",
    ),
    (
        "contacts",
        [{"name": {"formatted_name": "राम"}, "phones": [{"phone": "098765", "wa_id": "919876543210"}]}],
        Kind.CONTACT,
        "+919876543210",
        "",
    ),
    ("contacts", [{"name": {"formatted_name": "राम"}}], Kind.CONTACT, "", ""),
    ("order", {"catalog_id": "1", "product_items": []}, Kind.OTHER, "", ""),
    ("unsupported", {"type": "poll"}, Kind.OTHER, "", ""),
    ("edit", {"original_message_id": "wamid.0", "message": {}}, Kind.OTHER, "", ""),
    ("something_new", {"x": 1}, Kind.OTHER, "", ""),
    # Contents that are not as documented.
    ("text", None, Kind.OTHER, "", ""),
    ("text", "emd", Kind.OTHER, "", ""),
    ("text", {"body": 7}, Kind.OTHER, "", ""),
    ("interactive", {"type": "button_reply", "button_reply": {}}, Kind.OTHER, "", ""),
    ("contacts", {"phones": 5}, Kind.OTHER, "", ""),
    ("location", {"latitude": 100, "longitude": 0}, Kind.OTHER, "", ""),
    ("location", {"latitude": "NaN", "longitude": 0}, Kind.OTHER, "", ""),
]


@pytest.mark.parametrize(("kind", "content", "expected", "text", "press"), CASES)
def test_each_kind_of_message_is_read_as_what_it_is(
    kind: str, content: Any, expected: Kind, text: str, press: str
) -> None:
    incoming = read_one(kind, content)
    assert (incoming.kind, incoming.text, incoming.press, incoming.location) == (expected, text, press, None)
    assert (incoming.address, incoming.mobile, incoming.name) == (RAM.number, f"+{RAM.number}", RAM.name)
    assert (incoming.message, incoming.at) == ("wamid.1", AT)


def test_a_place_has_its_degrees() -> None:
    content = {"latitude": 26.7606, "longitude": 83.3732, "name": "Gorakhpur", "address": "…"}
    incoming = read_one("location", content)
    assert (incoming.kind, incoming.location) == (Kind.LOCATION, (26.7606, 83.3732))


@pytest.mark.parametrize("kind", ["reaction", "system", "revoke", "request_welcome"])
def test_what_asks_for_no_answer_gets_none(kind: str) -> None:
    body = body_of(value_of([message(kind, {"emoji": "👍"})], [contact_of(RAM)]))
    assert read(body) == ([], [])


def test_what_is_said_in_a_group_gets_no_answer() -> None:
    body = body_of(value_of([message("text", {"body": "नमस्ते"}, group_id="12036304")], [contact_of(RAM)]))
    assert read(body) == ([], [])


# --- who it is --------------------------------------------------------------------------------------------------------

NUMBER, USER = SITA.number, SITA.user_id
BY_ID = {"profile": {"name": "सीता"}, "user_id": USER}
BY_NUMBER = {"profile": {"name": "सीता"}, "wa_id": NUMBER}
BY_BOTH = {**BY_ID, "wa_id": NUMBER}


@pytest.mark.parametrize(
    ("contacts", "sender", "address", "mobile", "name"),
    [
        ([BY_BOTH], {"from": NUMBER, "from_user_id": USER}, USER, f"+{NUMBER}", "सीता"),
        ([BY_BOTH], {"from": NUMBER}, USER, f"+{NUMBER}", "सीता"),
        ([BY_BOTH], {}, USER, f"+{NUMBER}", "सीता"),
        ([BY_ID], {"from_user_id": USER}, USER, "", "सीता"),
        ([BY_ID], {"from": None, "from_user_id": USER}, USER, "", "सीता"),
        ([BY_NUMBER], {"from": NUMBER}, NUMBER, f"+{NUMBER}", "सीता"),
        ([], {"from": NUMBER}, NUMBER, f"+{NUMBER}", ""),
        ([], {"from": NUMBER, "from_user_id": USER}, USER, f"+{NUMBER}", ""),
        ([], {"from_user_id": USER}, USER, "", ""),
        # Somebody else's name is never taken for theirs.
        ([BY_BOTH], {"from": RAM.number}, RAM.number, f"+{RAM.number}", ""),
        ([contact_of(RAM), BY_BOTH], {"from": NUMBER, "from_user_id": USER}, USER, f"+{NUMBER}", "सीता"),
        ([{"profile": None, "wa_id": NUMBER}], {"from": NUMBER}, NUMBER, f"+{NUMBER}", ""),
        ([5, None, {"wa_id": 7}], {"from": NUMBER}, NUMBER, f"+{NUMBER}", ""),
    ],
)
def test_people_are_known_by_their_user_id_where_it_is_given_else_by_their_number(
    contacts: list[Any], sender: dict[str, Any], address: str, mobile: str, name: str
) -> None:
    said = {"id": "wamid.1", "timestamp": "1749416383", "type": "text", "text": {"body": "नमस्ते"}, **sender}
    (incoming,), _ = read(body_of(value_of([said], contacts)))
    assert (incoming.address, incoming.mobile, incoming.name) == (address, mobile, name)


@pytest.mark.parametrize("contacts", [[], [contact_of(RAM), BY_BOTH]])
def test_who_cannot_be_told_from_others_is_left_out(contacts: list[Any]) -> None:
    said = {"id": "wamid.1", "timestamp": "1749416383", "type": "text", "text": {"body": "नमस्ते"}}
    assert read(body_of(value_of([said], contacts))) == ([], [])


# --- several at once --------------------------------------------------------------------------------------------------


def text_of(person: Someone, number: int, second: int) -> dict[str, Any]:
    return {
        "from": person.number,
        "id": f"wamid.{number}",
        "timestamp": str(1749416383 + second),
        "type": "text",
        "text": {"body": f"{number}"},
    }


def test_all_messages_of_all_changes_and_entries_are_read_in_the_order_of_their_times() -> None:
    first = body_of(
        value_of([text_of(RAM, 1, 5), text_of(RAM, 2, 3)], [contact_of(RAM)]),
        value_of([text_of(SITA, 3, 4)], [contact_of(SITA)]),
    )
    second = body_of(value_of([text_of(RAM, 4, 3), text_of(RAM, 1, 5)], [contact_of(RAM)]))
    incoming, _ = read({**first, "entry": first["entry"] + second["entry"]})
    assert [each.text for each in incoming] == ["2", "4", "3", "1"]
    assert [each.address for each in incoming] == [RAM.number, RAM.number, SITA.user_id, RAM.number]


BROKEN: list[Any] = [
    None,
    5,
    "text",
    [],
    {},
    {"id": "wamid.9"},
    {"id": "", "from": RAM.number, "timestamp": "1", "type": "text", "text": {"body": "x"}},
    {"id": "wamid.9", "from": RAM.number, "timestamp": "soon", "type": "text", "text": {"body": "x"}},
    {"id": "wamid.9", "from": RAM.number, "timestamp": "-1", "type": "text", "text": {"body": "x"}},
    {"id": "wamid.9", "from": RAM.number, "timestamp": "9" * 30, "type": "text", "text": {"body": "x"}},
    {"id": "wamid.9", "from": {"x": 1}, "timestamp": "1", "type": "text", "text": {"body": "x"}},
]


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_message_or_status_spoils_no_other(broken: Any, caplog: pytest.LogCaptureFixture) -> None:
    good = {"id": "wamid.5", "status": "read", "timestamp": "1749416383"}
    said = [broken, text_of(RAM, 1, 0), broken]
    with caplog.at_level(logging.DEBUG):
        incoming, deliveries = read(body_of(value_of(said, [contact_of(RAM)], [broken, good])))
    assert [each.message for each in incoming] == ["wamid.1"]
    assert [each.sent_as for each in deliveries] == ["wamid.5"]
    assert "could not be read" in caplog.text
    assert RAM.number not in caplog.text
    assert "wamid" not in caplog.text


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"entry": 5},
        {"entry": [5, None, {}, {"changes": 3}, {"changes": [None, {}, {"value": 5}, {"value": {"messages": {}}}]}]},
        {"object": "page", "entry": [{"messaging": [{"message": {"text": "x"}}]}]},
    ],
)
def test_a_body_without_messages_says_nothing(body: dict[str, Any]) -> None:
    assert read(body) == ([], [])


def test_other_fields_and_other_numbers_are_not_for_us() -> None:
    value = value_of([text_of(RAM, 1, 0)], [contact_of(RAM)])
    other = value_of([text_of(RAM, 2, 0)], [contact_of(RAM)], phone_id="5")
    assert read(body_of(value, field="message_echoes")) == ([], [])
    assert [each.text for each in read(body_of(value, other), PHONE_ID)[0]] == ["1"]
    assert [each.text for each in read(body_of(value, other))[0]] == ["1", "2"]


def test_halves_of_characters_are_replaced() -> None:
    said = json.loads('{"body": "\\ud83d\\ude4f \\ud83d नमस्ते"}')
    assert read_one("text", said).text == "🙏 \N{REPLACEMENT CHARACTER} नमस्ते"


@given(st.integers())
def test_whatever_is_spoilt_in_a_body_the_other_message_is_read(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    body = copy.deepcopy(DOCUMENTED)
    value: Any = body["entry"][0]["changes"][0]["value"]  # type: ignore[index]
    spoilt = copy.deepcopy(value["messages"][0])
    place: Any = spoilt
    while isinstance(place, dict) and place and chance.random() < 0.8:
        key = chance.choice(sorted(place))
        if not isinstance(place[key], dict):
            place[key] = chance.choice([None, 5, "", [], {}, "\ud800", True, 1e400])
        place = place[key]
    value["messages"].insert(0, spoilt)
    spoilt["id"] = "other" if isinstance(spoilt.get("id"), str) else spoilt.get("id")
    incoming, _ = read(body)
    assert any(each.message == value["messages"][1]["id"] for each in incoming)


# --- what became of messages ------------------------------------------------------------------------------------------


def status(fate: str, *codes: int, second: int = 0) -> dict[str, Any]:
    told = {"id": "wamid.1", "status": fate, "timestamp": str(1749416383 + second), "recipient_id": RAM.number}
    errors = [{"code": code, "title": "…", "message": "…", "error_data": {"details": RAM.number}} for code in codes]
    return {**told, "errors": errors} if codes else told


def test_delivered_read_and_failed_are_told_in_order_and_once() -> None:
    told = [status("read", second=9), status("sent"), status("delivered", second=5), status("read", second=9)]
    incoming, deliveries = read(body_of(value_of(statuses=told)))
    assert incoming == []
    assert [(each.sent_as, each.fate, each.trouble) for each in deliveries] == [
        ("wamid.1", "delivered", ""),
        ("wamid.1", "read", ""),
    ]


@pytest.mark.parametrize(
    ("codes", "trouble"),
    [
        ((131026,), "131026: undeliverable: not on WhatsApp, or an old version of it"),
        ((131047, 5), "131047: window closed"),
        ((999,), "999: unknown error"),
        ((), "unknown"),
    ],
)
def test_a_failure_says_why_in_our_own_words(codes: tuple[int, ...], trouble: str) -> None:
    _, (delivery,) = read(body_of(value_of(statuses=[status("failed", *codes)])))
    assert (delivery.fate, delivery.trouble) == ("failed", trouble)


@pytest.mark.parametrize("fate", ["sent", "warning", "deleted", "played", ""])
def test_other_statuses_say_nothing(fate: str) -> None:
    assert read(body_of(value_of(statuses=[status(fate)]))) == ([], [])


@pytest.mark.parametrize(
    ("kind", "content", "expected"),
    [
        ("image", {"id": "77", "mime_type": "image/jpeg"}, Attachment("whatsapp", "77", "", "image/jpeg")),
        (
            "document",
            {"id": "78", "mime_type": "application/pdf", "filename": "नियम.pdf", "caption": "पढ़िए"},
            Attachment("whatsapp", "78", "नियम.pdf", "application/pdf"),
        ),
        ("image", {"id": "../x", "mime_type": "image/jpeg"}, None),
        ("image", {}, None),
        ("video", {"id": "79", "mime_type": "video/mp4"}, None),
    ],
)
def test_a_photo_or_a_document_is_named_to_be_fetched(
    kind: str, content: dict[str, Any], expected: Attachment | None
) -> None:
    message = {"from": RAM.number, "id": "wamid.1", "timestamp": "1790000000", "type": kind, kind: content}
    ((incoming,), _) = read(body_of(value_of([message], contacts=[contact_of(RAM)])))
    assert incoming.attachment == expected
