"""What Meta shows is checked, taken, and only then acknowledged."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from bot.channels.whatsapp import WhatsApp, WhatsAppSettings
from bot.channels.whatsapp.webhook import MOST, PATH
from bot.core.talk.message import Delivery, Incoming, Reply
from tests.channels.whatsapp.conftest import PHRASES, RAM, SETTINGS, SITA, Clock
from tests.fakes.whatsapp import APP_SECRET, VERIFY_TOKEN, FakeGraph, Someone, body_of, contact_of, signed, value_of

NOWHERE = replace(SETTINGS, base_url="http://127.0.0.1:9/v23.0")


class Office:
    """Takes and notes, as a test wants it."""

    def __init__(self) -> None:
        self.taken: list[Incoming] = []
        self.noted: list[Delivery] = []
        self.failing: dict[str, Exception] = {}
        self.hanging: set[str] = set()
        self.waiting = 0
        self.most_at_once = 0
        self.step: Callable[[], None] = lambda: None

    async def take(self, incoming: Incoming) -> None:
        self.waiting += 1
        self.most_at_once = max(self.most_at_once, self.waiting)
        try:
            # Others get their turn, as while a transaction is under way.
            for _ in range(20):
                await asyncio.sleep(0)
            if incoming.text in self.failing:
                raise self.failing[incoming.text]
            if incoming.text in self.hanging:
                await asyncio.Event().wait()
            self.taken.append(incoming)
        finally:
            self.waiting -= 1

    async def note(self, delivery: Delivery) -> None:
        if delivery.sent_as in self.failing:
            raise self.failing[delivery.sent_as]
        self.noted.append(delivery)


@pytest.fixture
def office() -> Office:
    return Office()


@asynccontextmanager
async def answering(
    office: Office, settings: WhatsAppSettings = NOWHERE, clock: Clock | None = None, within: float = 8
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the server that has the channel's webhook."""
    whatsapp = WhatsApp(settings, PHRASES, "hi", clock or Clock(), within)
    app = Starlette(routes=list(whatsapp.routes(office.take, office.note)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://office") as client:
        yield client
    await whatsapp.close()


async def post(client: httpx.AsyncClient, body: Any, secret: str = APP_SECRET) -> int:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return (await client.post(PATH, content=raw, headers=signed(raw, secret))).status_code


def text(person: Someone, number: int, words: str = "", second: int = 0) -> dict[str, Any]:
    return {
        "from": person.number,
        "from_user_id": person.user_id,
        "id": f"wamid.{person.number}.{number}",
        "timestamp": str(1749416383 + second),
        "type": "text",
        "text": {"body": words or str(number)},
    }


def said(*messages: tuple[Someone, int, int]) -> dict[str, Any]:
    """A body with a change for each (person, number, second)."""
    changes = [value_of([text(who, number, second=at)], [contact_of(who)]) for who, number, at in messages]
    return body_of(*changes)


# --- verification -----------------------------------------------------------------------------------------------------


async def test_meta_gets_its_challenge_back_for_the_right_word(office: Office) -> None:
    asked = {"hub.mode": "subscribe", "hub.verify_token": VERIFY_TOKEN, "hub.challenge": "<b>1158201444</b>"}
    async with answering(office) as client:
        answer = await client.get(PATH, params=asked)
    assert (answer.status_code, answer.text) == (200, "<b>1158201444</b>")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("asked", "settings"),
    [
        ({"hub.mode": "subscribe", "hub.verify_token": "हाँ", "hub.challenge": "1"}, NOWHERE),
        ({"hub.mode": "subscribe", "hub.verify_token": "", "hub.challenge": "1"}, NOWHERE),
        ({"hub.mode": "subscribe", "hub.challenge": "1"}, replace(NOWHERE, verify_token="")),
        ({"hub.mode": "subscribe", "hub.verify_token": "", "hub.challenge": "1"}, replace(NOWHERE, verify_token="")),
        ({"hub.mode": "unsubscribe", "hub.verify_token": VERIFY_TOKEN, "hub.challenge": "1"}, NOWHERE),
        ({"hub.mode": "subscribe", "hub.verify_token": VERIFY_TOKEN, "hub.challenge": "1" * 2000}, NOWHERE),
        ({}, NOWHERE),
    ],
)
async def test_nobody_else_gets_an_answer(office: Office, asked: dict[str, str], settings: WhatsAppSettings) -> None:
    async with answering(office, settings) as client:
        assert (await client.get(PATH, params=asked)).status_code == 403
        assert (await client.put(PATH)).status_code == 405


# --- signature and size -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "header"),
    [
        (NOWHERE, None),
        (NOWHERE, ""),
        (NOWHERE, "sha256="),
        (NOWHERE, "sha256=" + "0" * 64),
        (NOWHERE, "sha256=हाँ"),
        (NOWHERE, signed(b"{}", "another")["X-Hub-Signature-256"]),
        (NOWHERE, signed(b"{}")["X-Hub-Signature-256"].removeprefix("sha256=")),
        (NOWHERE, signed(b"{} ")["X-Hub-Signature-256"]),
        (replace(NOWHERE, app_secret=""), signed(b"{}", "")["X-Hub-Signature-256"]),
    ],
)
async def test_what_is_not_signed_by_meta_is_refused(
    office: Office, settings: WhatsAppSettings, header: str | None
) -> None:
    headers = [] if header is None else [(b"X-Hub-Signature-256", header.encode())]
    async with answering(office, settings) as client:
        assert (await client.post(PATH, content=b"{}", headers=headers)).status_code == 403
    assert office.taken == []


async def test_the_signature_is_checked_before_anything_is_parsed(office: Office) -> None:
    async with answering(office) as client:
        assert await post(client, b"no JSON", "another") == 403
        assert await post(client, b"no JSON") == 400


async def test_a_wrong_secret_is_said_once_until_it_is_right(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    async with answering(office) as client:
        for secret in ("wrong", "wrong", APP_SECRET, "wrong"):
            await post(client, said((RAM, 1, 0)), secret)
    assert [record.levelname for record in caplog.records if "app_secret" in record.message] == ["ERROR"] * 2


@pytest.mark.parametrize("raw", [b"", b"[]", b"5", b"null", b'{"entry": [', b"\xff", b"[" * 100_000, b'{"a":' * 50_000])
async def test_what_is_no_json_object_is_refused_and_spoils_nothing(office: Office, raw: bytes) -> None:
    async with answering(office) as client:
        assert await post(client, raw) == 400
        assert await post(client, said((RAM, 1, 0))) == 200
    assert len(office.taken) == 1


async def test_a_body_of_a_megabyte_is_taken_and_one_beyond_metas_most_is_refused(office: Office) -> None:
    body = said((RAM, 1, 0), (RAM, 2, 1))
    body["entry"][0]["changes"][0]["value"]["messages"][0]["text"]["body"] = "क" * (2**20 // 6)
    async with answering(office) as client:
        raw = json.dumps(body).encode()
        assert len(raw) >= 2**20
        assert await post(client, raw) == 200
        assert await post(client, raw.ljust(MOST + 1)) == 413
        assert await post(client, raw.ljust(MOST)) == 200
    assert [each.message[-2:] for each in office.taken] == [".1", ".2"] * 2


# --- taking -----------------------------------------------------------------------------------------------------------


async def test_200_is_said_after_everything_is_taken_people_side_by_side_and_each_in_order(office: Office) -> None:
    people = [RAM, SITA, Someone("919800000001"), Someone("919800000002", "IN.5")]
    body = said(*((who, number, number) for number in (3, 1, 2) for who in people))
    body["entry"][0]["changes"].append(
        {
            "field": "messages",
            "value": value_of(
                statuses=[
                    {"id": "wamid.a", "status": "read", "timestamp": "1749416390"},
                    {"id": "wamid.a", "status": "delivered", "timestamp": "1749416389"},
                ]
            ),
        }
    )
    async with answering(office) as client:
        assert await post(client, body) == 200
    assert len(office.taken) == 12
    assert office.most_at_once == len(people)
    for who in people:
        assert [each.text for each in office.taken if each.address == who.address] == ["1", "2", "3"]
    assert [each.fate for each in office.noted] == ["delivered", "read"]


async def test_a_body_with_nothing_for_us_is_acknowledged(office: Office) -> None:
    async with answering(office) as client:
        assert await post(client, {"object": "whatsapp_business_account", "entry": []}) == 200


async def test_what_cannot_be_taken_is_repeated_by_meta_and_holds_up_nobody_else(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    office.failing["1"] = OSError("disk full, says 919812345678")
    body = body_of(
        value_of([text(RAM, 1), text(RAM, 2, second=1)], [contact_of(RAM)]),
        value_of([text(SITA, 3)], [contact_of(SITA)]),
    )
    async with answering(office) as client:
        assert await post(client, body) == 503
        # What RAM said later is not taken before.
        assert [each.text for each in office.taken] == ["3"]
        office.failing.clear()
        assert await post(client, body) == 200
    assert "OSError" in caplog.text
    assert RAM.number not in caplog.text


async def test_what_cannot_be_noted_is_repeated_by_meta(office: Office) -> None:
    office.failing["wamid.a"] = RuntimeError()
    body = body_of(value_of(statuses=[{"id": "wamid.a", "status": "read", "timestamp": "1"}]))
    async with answering(office) as client:
        assert await post(client, body) == 503


async def test_what_is_not_taken_in_time_is_repeated_by_meta(office: Office) -> None:
    office.hanging.add("1")
    async with answering(office, within=0.1) as client:
        assert await post(client, said((RAM, 1, 0), (SITA, 2, 0))) == 503
    assert [each.text for each in office.taken] == ["2"]
    assert office.waiting == 0


async def test_what_whatsapp_tells_afterwards_and_the_office_has_to_put_right_is_said_once_an_hour(
    office: Office, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    told = [{"id": f"wamid.{code}", "status": "failed", "timestamp": "1", "errors": [{"code": code}]}
            for code in (131042, 131026)]  # fmt: skip
    async with answering(office, clock=clock) as client:
        for _ in range(3):
            assert await post(client, body_of(value_of(statuses=told))) == 200
        clock.pass_(hours=1)
        await post(client, body_of(value_of(statuses=told)))
    loud = [record.message for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(loud) == 2
    assert "payment" in loud[0]


async def test_no_log_holds_what_people_said_or_who_they_are(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        async with answering(office) as client:
            body = body_of(
                value_of([text(SITA, 1, "गुप्त बात"), {**text(SITA, 2), "timestamp": "गुप्त"}], [contact_of(SITA)])
            )
            for secret in (APP_SECRET, "wrong"):
                await post(client, body, secret)
            await client.get(PATH)
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("bot."))
    assert ours
    for secret in ("गुप्त", SITA.number, SITA.user_id, "wamid", APP_SECRET, VERIFY_TOKEN):
        assert secret not in caplog.text


# --- ticks ------------------------------------------------------------------------------------------------------------


async def test_a_message_is_marked_as_read_with_a_typing_sign_before_it_is_answered(
    office: Office, graph: FakeGraph, graph_url: str, clock: Clock
) -> None:
    whatsapp = WhatsApp(replace(SETTINGS, base_url=graph_url), PHRASES, "hi", clock)
    app = Starlette(routes=list(whatsapp.routes(office.take, office.note)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://office") as client:
        first, second = graph.says(RAM, "नमस्ते"), graph.says(RAM, "कैसे हैं")
        assert await post(client, body_of(*graph.events)) == 200
        await whatsapp.send(RAM.address, Reply("नमस्ते"), heard=clock.now)
        (receipt,) = graph.receipts
        assert receipt["message_id"] == second != first
        assert receipt["typing_indicator"] == {"type": "text"}
        # Repeated later, it may have been answered long ago: no sign that promises an answer.
        clock.pass_(minutes=5)
        assert await post(client, body_of(*graph.events)) == 200
        await graph.until(lambda: len(graph.receipts) == 2)
        assert "typing_indicator" not in graph.receipts[1]
    await whatsapp.close()


async def test_nobody_waits_for_a_tick_that_cannot_be_made(office: Office, clock: Clock) -> None:
    async with answering(office, clock=clock) as client:
        assert await post(client, said((RAM, 1, 0))) == 200
    assert len(office.taken) == 1
