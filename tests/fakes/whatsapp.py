"""
Meta's Graph API for one WhatsApp number, as a small ASGI app; and Meta's side of the webhook.

From the public documentation (developers.facebook.com/documentation/business-messaging/whatsapp): the messages and
media endpoints, the limits of each kind of message, the error codes with their statuses, one message in six seconds to
one person after a burst of 45, 80 messages a second, the 24-hour window, templates. What people say and what became of
messages waits here until it is delivered: signed, several at once, repeated, out of order, as a test wants it.
"""

import asyncio
import base64
import contextlib
import email
import email.policy
import hashlib
import hmac
import json
import random
import re
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

ACCOUNT = "102290129340398"
PHONE_ID = "106540352242922"
TOKEN = "EAAJB-the-very-secret-token"  # noqa: S105 - of a fake
APP_SECRET = "the-very-secret-app-secret"  # noqa: S105 - of a fake
VERIFY_TOKEN = "the-very-secret-word"  # noqa: S105 - of a fake
WINDOW = timedelta(hours=24)
BURST, PAIR_SECONDS, A_SECOND = 45, 6, 80
_TAKEN = {"text/plain", "application/pdf", "image/jpeg", "image/png", "application/msword"}
# The status that goes with a code; 400 for all others.
_STATUS = {
    0: 401, 190: 401, 3: 500, 10: 403, 200: 403, 368: 403, 130429: 429, 131000: 500, 131005: 403, 131016: 503,
    131031: 403, 131057: 500, 132001: 404, 1: 500, 2: 503,
}  # fmt: skip


class Refused(Exception):  # noqa: N818 - it is what Meta says
    """A request is answered with an error."""

    def __init__(self, code: int, details: str = "") -> None:
        super().__init__(details)
        self.code = code
        self.details = details


@dataclass(frozen=True, slots=True)
class Someone:
    """A person on WhatsApp; ``number`` without "+"; ``user_id`` is this business's name for them."""

    number: str
    user_id: str = ""
    name: str = "सीता देवी"
    hides_number: bool = False

    @property
    def address(self) -> str:
        """What messages to them are sent to."""
        return self.user_id or self.number


def wamid(number: str, what: str) -> str:
    """An id as Meta makes them: the number can be read out of it."""
    return "wamid." + base64.b64encode(b"\x1d\x0c" + number.encode() + b"\x15\x02\x00" + what.encode()).decode()


def signed(raw: bytes, secret: str = APP_SECRET) -> dict[str, str]:
    """The headers of a webhook."""
    signature = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
    return {"Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={signature}"}


def value_of(
    messages: Sequence[Any] = (), contacts: Sequence[Any] = (), statuses: Sequence[Any] = (), phone_id: str = PHONE_ID
) -> dict[str, Any]:
    """The value of a change."""
    value: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550783881", "phone_number_id": phone_id},
    }
    parts = {"contacts": contacts, "messages": messages, "statuses": statuses}
    return value | {name: list(part) for name, part in parts.items() if part}


def body_of(*values: dict[str, Any], field: str = "messages") -> dict[str, Any]:
    """A webhook body with one entry and a change for each value."""
    changes = [{"value": value, "field": field} for value in values]
    return {"object": "whatsapp_business_account", "entry": [{"id": ACCOUNT, "changes": changes}]}


def contact_of(person: Someone) -> dict[str, Any]:
    """Who wrote, as a webhook names them."""
    contact: dict[str, Any] = {"profile": {"name": person.name}}
    if not person.hides_number:
        contact["wa_id"] = person.number
    if person.user_id:
        contact["user_id"] = person.user_id
    return contact


@dataclass
class FakeGraph:
    """
    What Meta knows of one number.

    Attributes:
        clock: tells the time, aware.
        token: the one that is valid now.
        sent: the messages that were taken, in order, each with its "id".
        receipts: the messages marked as read.
        media: id -> (media type, content).
        download_at: where it says that files are; "" for where they are.
        requests: how many there were, whatever came of them.
        refusing: how the next requests to send a message are answered: a code, or "500", "502", "503", "504" without
            one, "lost" (taken, and the answer breaks off), "hanging" (taken, and never answered).
        templates: (name, language) -> (how many parameters, length of its own text).
        events: what has not been delivered yet: values of changes.
    """

    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    token: str = TOKEN
    sent: list[dict[str, Any]] = field(default_factory=list)
    receipts: list[dict[str, Any]] = field(default_factory=list)
    media: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    requests: int = 0
    refusing: deque[int | str] = field(default_factory=deque)
    templates: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    download_at: str = ""

    def __post_init__(self) -> None:
        self._heard: dict[str, datetime] = {}
        self._numbers: dict[str, str] = {}
        self._pairs: dict[str, tuple[float, datetime]] = {}
        self._seconds: dict[int, int] = defaultdict(int)
        self._count = 0
        self._arrived = asyncio.Event()
        path = "/v23.0/" + PHONE_ID
        self.app: ASGIApp = Starlette(
            routes=[
                Route(path + "/messages", self._message, methods=["POST"]),
                Route(path + "/media", self._medium, methods=["POST"]),
                Route("/v23.0/{media:int}", self._address),
                Route("/v23.0/download/{media:int}", self._download),
            ]
        )

    def to(self, person: Someone) -> list[dict[str, Any]]:
        """What one person got."""
        return [each for each in self.sent if person.address in (each.get("to"), each.get("recipient"))]

    async def until(self, condition: Callable[[], bool], seconds: float = 20) -> None:
        """Wait for something that comes of a request; raises TimeoutError where it does not come about."""
        async with asyncio.timeout(seconds):
            while not condition():
                self._arrived.clear()
                await self._arrived.wait()

    # --- what people do ---

    def says(self, person: Someone, text: str) -> str:
        """A text; returns its id."""
        return self.shares(person, "text", {"body": text})

    def presses(self, person: Someone, option: str) -> str:
        """A button or row of the last message that has it; returns the id."""
        for message in reversed(self.to(person)):
            for choice, kind in choices(message):
                if choice["id"] == option:
                    reply = {"type": kind, kind: {"id": option, "title": choice["title"]}}
                    return self.shares(person, "interactive", reply, message["id"])
        raise AssertionError(f"{option} was not offered: {[choices(each) for each in self.to(person)]}")

    def shares(self, person: Someone, kind: str, content: Any, answered: str = "") -> str:
        """Anything, perhaps as the answer to a message; returns its id."""
        self._count += 1
        identity = wamid(person.number, f"in{self._count}")
        at = str(int(self.clock().timestamp()))
        message: dict[str, Any] = {"id": identity, "timestamp": at, "type": kind, kind: content}
        if answered:
            message["context"] = {"from": "15550783881", "id": answered}
        if not person.hides_number:
            message["from"] = person.number
        if person.user_id:
            message["from_user_id"] = person.user_id
        self.hears(person)
        self.events.append(value_of([message], [contact_of(person)]))
        return identity

    def hears(self, person: Someone) -> None:
        """The person wrote: the window is open."""
        self._heard[person.address] = self.clock()
        self._numbers[person.address] = person.number

    # --- Meta's side of the webhook ---

    async def deliver(
        self, url: str, *, times: int = 1, shuffled: random.Random | None = None, secret: str = APP_SECRET
    ) -> list[int]:
        """Deliver all that waits in one body, so many times; what is not acknowledged waits on. Returns statuses."""
        events = list(self.events)
        if shuffled is not None:
            shuffled.shuffle(events)
        raw = json.dumps(body_of(*events)).encode()
        async with aiohttp.ClientSession() as session:
            statuses = []
            for _ in range(times):
                async with session.post(url, data=raw, headers=signed(raw, secret)) as response:
                    statuses.append(response.status)
        if 200 in statuses:
            self.events = [each for each in self.events if each not in events]
        return statuses

    def tell(self, message: str, status: str, *codes: int) -> None:
        """A status of a message."""
        told: dict[str, Any] = {"id": message, "status": status, "timestamp": str(int(self.clock().timestamp()))}
        given = next((each.get("biz_opaque_callback_data") for each in self.sent if each["id"] == message), None)
        if given is not None:
            told["biz_opaque_callback_data"] = given
        if codes:
            told["errors"] = [{"code": code, "title": "…", "message": "…"} for code in codes]
        self.events.append(value_of(statuses=[told]))

    # --- the endpoints ---

    async def _message(self, request: Request) -> Response:
        payload = json.loads(await request.body())
        self.requests += 1
        try:
            self._authorise(request)
            if payload.get("status") == "read":
                self.receipts.append(payload)
                return JSONResponse({"success": True})
            how = self.refusing.popleft() if self.refusing else ""
            code = how if isinstance(how, int) else 0
            _demand(isinstance(how, str), code)
            how = str(how)
            if how.isdecimal():
                return PlainTextResponse("<html>…</html>", int(how))
            address = self.check(payload)
            answer = self._accept(address, payload)
            if how:
                return _Broken(hanging=how == "hanging")
            return JSONResponse(answer)
        except Refused as error:
            return _refusal(error)
        finally:
            self._arrived.set()

    async def _medium(self, request: Request) -> Response:
        head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
        form = email.message_from_bytes(head + await request.body(), policy=email.policy.HTTP)
        parts = {str(part.get_param("name", header="content-disposition")): part for part in form.iter_parts()}
        self.requests += 1
        try:
            self._authorise(request)
            _demand(parts["messaging_product"].get_payload(decode=True) == b"whatsapp", 100, "messaging_product")
            media_type = parts["file"].get_content_type()
            _demand(media_type in _TAKEN, 100, "Param file must be a file with one of the following types: …")
            identity = str(1000 + len(self.media))
            content = parts["file"].get_payload(decode=True)
            assert isinstance(content, bytes)
            self.media[identity] = (media_type, content)
            return JSONResponse({"id": identity})
        except Refused as error:
            return _refusal(error)

    async def _address(self, request: Request) -> Response:
        """Where a file is that somebody sent."""
        media = str(request.path_params["media"])
        try:
            self._authorise(request)
            _demand(media in self.media, 100, "Object does not exist")
        except Refused as error:
            return _refusal(error)
        url = self.download_at or f"{request.url.scheme}://{request.url.netloc}/v23.0/download/{media}"
        media_type, content = self.media[media]
        return JSONResponse({"url": url, "mime_type": media_type, "file_size": len(content), "id": media})

    async def _download(self, request: Request) -> Response:
        try:
            self._authorise(request)
        except Refused as error:
            return _refusal(error)
        media_type, content = self.media[str(request.path_params["media"])]
        return Response(content, media_type=media_type)

    def _authorise(self, request: Request) -> None:
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            raise Refused(190, "Session has expired")

    def _accept(self, address: str, payload: dict[str, Any]) -> dict[str, Any]:
        self._count += 1
        identity = wamid(self._numbers.get(address, address), f"out{self._count}")
        self.sent.append({**payload, "id": identity})
        key = "user_id" if "recipient" in payload else "wa_id"
        return {
            "messaging_product": "whatsapp",
            "contacts": [{"input": address, key: address}],
            "messages": [{"id": identity}],
        }

    def check(self, payload: dict[str, Any]) -> str:
        """Whom a message is for; raises Refused where Meta would not take it."""
        kind = payload.get("type", "text")
        known = {"messaging_product", "recipient_type", "to", "recipient", "type", kind, "biz_opaque_callback_data"}
        _demand(payload.keys() <= known, 100, f"unknown: {payload.keys() - known}")
        _demand(payload.get("messaging_product") == "whatsapp", 100, "messaging_product")
        address: str = payload.get("to") or payload.get("recipient") or ""
        _demand(bool(re.fullmatch(r"[0-9]{7,15}" if "to" in payload else r"[A-Z]{2}\.[A-Za-z0-9]+", address)), 131009)
        self._check_rates(address)
        if kind != "template":
            heard = self._heard.get(address)
            _demand(heard is not None and self.clock() - heard < WINDOW, 131047)
        _demand(kind in _CHECKS or kind in ("template", "document", "image"), 131051)
        content = payload[kind]
        header = content.get("header", {}) if kind == "interactive" else {}
        if header:
            _demand(content["type"] == "button" and header["type"] in ("image", "document"), 131009, "header")
            self._check_media(header["type"], header[header["type"]])
        if kind == "template":
            self._check_template(content)
        elif kind in ("document", "image"):
            self._check_media(kind, content)
        else:
            _CHECKS[kind](content)
        return address

    def _check_media(self, kind: str, content: dict[str, Any]) -> None:
        _demand(content["id"] in self.media, 100)
        _demand(self.media[content["id"]][0].startswith("image/") == (kind == "image"), 131053)
        if kind == "document":
            _demand(0 < len(content["filename"]) <= 240, 100)
        _demand(content.keys() <= {"id", "caption", *(("filename",) if kind == "document" else ())}, 100)
        _demand(length(content.get("caption", "")) <= 1024, 131009)

    def _check_rates(self, address: str) -> None:
        now = self.clock()
        self._seconds[int(now.timestamp())] += 1
        _demand(self._seconds[int(now.timestamp())] <= A_SECOND, 130429)
        left, at = self._pairs.get(address, (float(BURST), now))
        left = min(BURST, left + (now - at).total_seconds() / PAIR_SECONDS)
        _demand(left >= 1, 131056)
        self._pairs[address] = (left - 1, now)

    def _check_template(self, content: dict[str, Any]) -> None:
        known = self.templates.get((content["name"], content["language"]["code"]))
        if known is None:
            raise Refused(132001)
        parameters = [each for part in content["components"] if part["type"] == "body" for each in part["parameters"]]
        _demand(len(parameters) == known[0], 132000)
        _demand(not any(re.search(r"[\n\t]| {5}", each["text"]) or not each["text"] for each in parameters), 132018)
        _demand(sum(length(each["text"]) for each in parameters) + known[1] <= 1024, 132005)


def choices(message: dict[str, Any]) -> Iterator[tuple[dict[str, str], str]]:
    """The buttons or rows of a message, with what an answer to them is called."""
    action = message.get("interactive", {}).get("action", {})
    yield from ((button["reply"], "button_reply") for button in action.get("buttons", ()))
    yield from ((row, "list_reply") for section in action.get("sections", ()) for row in section["rows"])


def _demand(is_so: bool, code: int, details: str = "") -> None:  # noqa: FBT001 - as assert has it
    if not is_so:
        raise Refused(code, details)


def _check_text(content: dict[str, Any]) -> None:
    _demand(content.keys() <= {"body", "preview_url"}, 100)
    _demand(content["body"].strip() != "" and length(content["body"]) <= 4096, 131009, "body")


def length(text: str) -> int:
    """In UTF-16 units, of which no way of counting finds more."""
    return len(text.encode("utf-16-le")) // 2


def _check_interactive(content: dict[str, Any]) -> None:
    _demand(content.keys() <= {"type", "header", "body", "footer", "action"}, 100)
    _demand(content["body"]["text"].strip() != "" and length(content["body"]["text"]) <= 1024, 131009, "body")
    action = content["action"]
    if content["type"] == "button":
        buttons = action["buttons"]
        replies = [button["reply"] for button in buttons]
        _demand(all(button["type"] == "reply" for button in buttons), 131009)
        _demand(1 <= len(replies) <= 3, 131009, "buttons")
        _demand(len({reply["title"] for reply in replies}) == len(replies), 131009, "the same title twice")
        most_title, most_id = 20, 256
    else:
        _demand(content["type"] == "list", 131009)
        _demand(0 < length(action["button"]) <= 20, 131009, "button")
        replies = [row for section in action["sections"] for row in section["rows"]]
        _demand(1 <= len(replies) <= 10, 131009, "rows")
        _demand(len(action["sections"]) == 1 or all(each.get("title") for each in action["sections"]), 131009)
        most_title, most_id = 24, 200
    _demand(all(reply.keys() <= {"id", "title", "description"} for reply in replies), 100)
    _demand(all(0 < length(reply["title"]) <= most_title for reply in replies), 131009, "title")
    _demand(all(length(reply.get("description", "")) <= 72 for reply in replies), 131009, "description")
    _demand(all(0 < len(reply["id"]) <= most_id for reply in replies), 131009, "id")
    _demand(len({reply["id"] for reply in replies}) == len(replies), 131009, "the same id twice")


_CHECKS: dict[str, Callable[[dict[str, Any]], None]] = {"text": _check_text, "interactive": _check_interactive}


def _refusal(error: Refused) -> Response:
    body = {
        "error": {
            "message": f"(#{error.code}) …",
            "type": "OAuthException",
            "code": error.code,
            "error_data": {"messaging_product": "whatsapp", "details": error.details},
            "fbtrace_id": "Az8or2yhqkZfEZ-_4Qn_Bam",
        }
    }
    return JSONResponse(body, _STATUS.get(error.code, 400))


class _Broken(Response):
    """An answer that breaks off in the middle, or never comes."""

    def __init__(self, *, hanging: bool) -> None:
        super().__init__()
        self._hanging = hanging

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        if self._hanging:
            while (await receive())["type"] != "http.disconnect":
                pass
            return
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
        await send({"type": "http.response.body", "body": b'{"messaging_product":', "more_body": False})


@contextlib.asynccontextmanager
async def served(app: ASGIApp) -> AsyncIterator[str]:
    """
    The address of an app that answers on a port of this machine.

    uvicorn's protocol without its server, which takes a fifth of a second to stop.
    """
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none", http="h11")
    config.load()
    state = ServerState()
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(
        lambda: H11Protocol(config=config, server_state=state, app_state={}), "127.0.0.1", 0
    )
    try:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    finally:
        listening.close()
        for connection in list(state.connections):
            connection.shutdown()
        for task in list(state.tasks):
            task.cancel()
        await asyncio.gather(*state.tasks, return_exceptions=True)
