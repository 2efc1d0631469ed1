"""
Beside pywa, a client library of others: what we send is what it would send, and what our fake shows, it can read.

It reads only the first message of a webhook, so it is shown one at a time.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from pywa import WhatsApp as Pywa
from pywa import types
from pywa.utils import webhook_updates_validator

from bot.channels.whatsapp.reading import read
from bot.channels.whatsapp.sending import LIMITS, in_template, pieces
from bot.channels.whatsapp.settings import Template
from bot.core.talk.message import Document, Kind, Option, Reply
from bot.core.talk.shaping import cut
from tests.channels.whatsapp.conftest import RAM, SITA
from tests.fakes.whatsapp import APP_SECRET, PHONE_ID, TOKEN, VERIFY_TOKEN, FakeGraph, Someone, body_of, signed

OPEN = "यहाँ से चुनिए"
TITLES = ("बहुत लंबा सवाल जो बटन पर नहीं आता", "EMD")
BUTTONS = (Option("yes", "हाँ"), Option("no", "नहीं"))
ROWS = tuple(Option(f"entry:{number}", title) for number, title in enumerate(TITLES))


class Oracle:
    """pywa with a wire that ends here."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.session = httpx.Client(transport=httpx.MockTransport(self._answer))
        self.client = Pywa(
            PHONE_ID, TOKEN, session=self.session, server=None, verify_token=VERIFY_TOKEN, app_secret=APP_SECRET
        )

    def _answer(self, request: httpx.Request) -> httpx.Response:
        payload = json.loads(request.content)
        self.sent.append(payload)
        if "status" in payload:
            return httpx.Response(200, json={"success": True})
        return httpx.Response(200, json={"contacts": [{"input": "x", "wa_id": "x"}], "messages": [{"id": "wamid.x"}]})


@pytest.fixture
def oracle() -> Iterator[Oracle]:
    made = Oracle()
    yield made
    made.session.close()


def bare(value: Any) -> Any:
    """Without what makes no difference: a preview that is not wanted, the title of an only section, BODY for body."""
    if value == "BODY":
        return "body"
    if isinstance(value, dict):
        left = {name: bare(each) for name, each in value.items() if name not in ("messaging_product", "preview_url")}
        return {name: each for name, each in left.items() if not (name == "title" and "rows" in left)}
    return [bare(each) for each in value] if isinstance(value, list | tuple) else value


@pytest.mark.parametrize("person", [RAM, SITA], ids=["number", "user-id"])
@pytest.mark.parametrize(
    ("reply", "theirs"),
    [
        (Reply("नमस्ते"), lambda client, to: client.send_message(to, "नमस्ते")),
        (
            Reply("सही है?", BUTTONS),
            lambda client, to: client.send_message(
                to, "सही है?", buttons=[types.Button(each.title, each.id) for each in BUTTONS]
            ),
        ),
        (
            Reply("क्या पूछना है?", ROWS),
            lambda client, to: client.send_message(
                to,
                "क्या पूछना है?",
                buttons=types.SectionList(
                    OPEN,
                    [
                        types.Section(
                            "सवाल",
                            [
                                types.SectionRow(cut(TITLES[0], 24, LIMITS), "entry:0", TITLES[0]),
                                types.SectionRow("EMD", "entry:1"),
                            ],
                        )
                    ],
                ),
            ),
        ),
    ],
)
def test_what_we_send_is_what_pywa_would_send(
    oracle: Oracle, person: Someone, reply: Reply, theirs: Callable[[Any, str], Any]
) -> None:
    theirs(oracle.client, person.address)
    (ours,) = pieces(person.address, reply, OPEN)
    assert bare(ours.payload) == bare(oracle.sent[0])


def test_a_document_and_a_template_are_what_pywa_would_send(oracle: Oracle) -> None:
    oracle.client.send_document(RAM.address, "1003383421387256", filename="workshop.ics", caption="तारीख")
    template = Template("workshop_news", "hi", ("जिला", "{text}"))
    body: Any = types.templates.BodyText
    oracle.client.send_template(
        RAM.address,
        "workshop_news",
        types.templates.TemplateLanguage.HINDI,
        [body.params("जिला", "सीट खाली है")],
    )
    reply = Reply("तारीख", document=Document("workshop.ics", "text/calendar", "…"))
    (file,) = pieces(RAM.address, reply, OPEN)
    ours = [file.with_media("1003383421387256"), in_template(RAM.address, Reply("सीट खाली है"), template).payload]
    assert list(map(bare, ours)) == list(map(bare, oracle.sent))


def test_a_message_is_marked_as_read_as_pywa_would_do_it(oracle: Oracle) -> None:
    oracle.client.indicate_typing("wamid.1")
    assert bare(oracle.sent[0]) == {"status": "read", "message_id": "wamid.1", "typing_indicator": {"type": "text"}}


def test_signatures_are_what_pywa_takes() -> None:
    raw = json.dumps(body_of(), ensure_ascii=False).encode()
    header = signed(raw)["X-Hub-Signature-256"]
    assert webhook_updates_validator(APP_SECRET, raw, header)
    assert not webhook_updates_validator(APP_SECRET, raw + b" ", header)
    assert not webhook_updates_validator("another", raw, header)


def update_of(events: list[dict[str, Any]]) -> Any:
    (event,) = events
    return body_of(event)


def test_pywa_reads_what_the_fake_shows_as_we_do(oracle: Oracle) -> None:
    graph = FakeGraph()
    graph.shares(SITA, "location", {"latitude": 26.7606, "longitude": 83.3732})
    ((place,), _), theirs = (
        read(update_of(graph.events)),
        types.Message.from_update(oracle.client, update_of(graph.events)),
    )
    assert theirs.location is not None
    assert place.location == (theirs.location.latitude, theirs.location.longitude)
    assert (place.message, place.address, place.name) == (theirs.id, theirs.from_user.bsuid, theirs.from_user.name)
    assert place.mobile == f"+{theirs.from_user.wa_id}"
    assert place.at == theirs.timestamp
    graph.events.clear()
    graph.says(SITA, "नमस्ते")
    ((said,), _), heard = (
        read(update_of(graph.events)),
        types.Message.from_update(oracle.client, update_of(graph.events)),
    )
    assert (said.text, said.kind) == (heard.text, Kind.TEXT)


@pytest.mark.parametrize(
    ("kind", "update"), [("button_reply", types.CallbackButton), ("list_reply", types.CallbackSelection)]
)
def test_pywa_reads_a_press_as_we_do(oracle: Oracle, kind: str, update: Any) -> None:
    graph = FakeGraph()
    graph.shares(SITA, "interactive", {"type": kind, kind: {"id": "entry:emd-amount", "title": "EMD"}}, "wamid.x")
    (press,), _ = read(update_of(graph.events))
    theirs = update.from_update(oracle.client, update_of(graph.events))
    assert press.press == theirs.data
