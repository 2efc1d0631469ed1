"""
Telegram's Bot API for one bot, as a small ASGI app; and Telegram's side of the webhook.

From the public documentation (core.telegram.org/bots/api) and what its published server does: updates are kept until an
offset after them confirms them, a second one who asks for updates ends the question of the first with 409, a webhook is
called in order for each chat and again where it does not answer 200 (after its Retry-After, if it says so), answers are
429 with retry_after, 403, 400 with migrate_to_chat_id.

Every request is checked against aiogram's models, which know nothing of python-telegram-bot, and every update too; a
request with a parameter that its method has not is refused and kept in ``faults``.
"""

import asyncio
import contextlib
import json
import socket
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import uvicorn
from aiogram.types import Update
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.fakes.telegram_requests import Asked, faults_of, read_request, request_faults

BOT, USERNAME = 700100, "GemSaathiBot"
TOKEN = f"{BOT}:AAE-the-very-secret-token"
DATE = 1_795_000_000


@dataclass(slots=True)
class Trouble:
    """
    Something that goes wrong with some of the requests.

    Attributes:
        method: whose.
        chat: only of this chat; 0 for any.
        times: with so many of them.
        status, description, parameters: what is answered.
        raw: answered instead, as it is.
        delivered: whether the request is done all the same.
        drop: whether the connection breaks instead of an answer.
        hold: whether there is never an answer.
        skip: so many go well before.
    """

    method: str = "sendMessage"
    chat: int = 0
    times: int = 1
    status: int = 500
    description: str = "Internal Server Error"
    parameters: Mapping[str, Any] = field(default_factory=dict)
    raw: bytes | None = None
    delivered: bool = False
    drop: bool = False
    hold: bool = False
    skip: int = 0


class _Refused(Exception):  # noqa: N818 - it is what Telegram says
    def __init__(self, status: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.answer = (status, {"ok": False, "error_code": status, "description": description})
        if parameters:
            self.answer[1]["parameters"] = parameters


class FakeTelegram:
    """
    The platform, as tests see it.

    Attributes:
        asked: all requests, in order.
        faults: what was wrong with requests and updates; empty where all keep to the documentation.
        confirmed: updates before this number are forgotten.
        webhook: what setWebhook said; None by polling.
        latency: seconds before each answer.
        checked: whether requests are checked; benchmarks have no time for it.
        held: requests that never get one.
        moments: when each message came, in seconds.
        files: the files it keeps, by its names for them.
        chat_limit: as many messages one chat gets, then 429 with ``retry_after``; None for any.
    """

    def __init__(self, token: str = TOKEN) -> None:
        self.token = token
        self.asked: list[Asked] = []
        self.faults: list[str] = []
        self.confirmed = 0
        self.webhook: dict[str, Any] | None = None
        self.latency = 0.0
        self.checked = True
        self.held = 0
        self.chat_limit: int | None = None
        self.retry_after = 3
        self.username = USERNAME
        self.moments: list[float] = []
        self.files: dict[str, bytes] = {}
        self._edits: dict[tuple[int, int], tuple[str, str]] = {}
        self._troubles: list[Trouble] = []
        self._updates: list[dict[str, Any]] = []
        # Updates that Telegram could not send, and that are handed out whatever was asked for.
        self._odd: set[int] = set()
        self._last_update = 5_000_000
        self._last_message = 0
        self._poller = 0
        self._changed = asyncio.Condition()

    # What tests ask.

    @property
    def waiting(self) -> list[dict[str, Any]]:
        """Updates that nobody confirmed."""
        return [update for update in self._updates if update["update_id"] >= self.confirmed]

    def of(self, method: str) -> list[Asked]:
        """All requests of one method."""
        return [asked for asked in self.asked if asked.method == method]

    def sent(self, chat: int) -> list[Asked]:
        """What arrived in a chat, in order."""
        return [asked for asked in self.asked if asked.values.get("chat_id") == chat and asked.method in _SENDING]

    def texts(self, chat: int) -> list[str]:
        return [asked.text for asked in self.sent(chat)]

    def counts(self) -> dict[int, int]:
        """Messages by chat."""
        counts: dict[int, int] = defaultdict(int)
        for asked in self.asked:
            if asked.method in _SENDING:
                counts[asked.values["chat_id"]] += 1
        return dict(counts)

    async def until(self, condition: Callable[[], bool], seconds: float = 20) -> None:
        """Wait for something; raises TimeoutError where it does not come about."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(condition)

    # What people do.

    def trouble(self, trouble: Trouble) -> None:
        """Let something go wrong."""
        self._troubles.append(trouble)

    def give_again(self, updates: list[dict[str, Any]]) -> None:
        """The answers to these never arrived: they come again."""
        self._updates += updates

    def call(self, url: str) -> None:
        """Somebody has set a webhook."""
        self.webhook = {"url": url}

    async def put(self, update: Mapping[str, Any], *, valid: bool = True) -> int:
        """An update as it is, with a number; ``valid``: whether it is one that Telegram could send."""
        async with self._changed:
            self._last_update += 1
            whole = {"update_id": self._last_update, **update}
            if valid:
                self.faults += [f"update: {fault}" for fault in faults_of(Update, whole)]
            else:
                self._odd.add(id(whole))
            self._updates.append(whole)
            self._changed.notify_all()
            return self._last_update

    async def write(self, person: int, text: str = "", **more: Any) -> int:
        """A person writes to the bot; ``more``: anything else that the message has."""
        return await self.put({"message": self.message(person, text, **more)})

    async def press(self, person: int, data: str) -> int:
        """A person presses a button."""
        return await self.put({"callback_query": self.callback(person, data)})

    async def edit(self, person: int, text: str, after: int) -> int:
        """A person changes what they wrote, so many seconds after they did."""
        return await self.put({"edited_message": self.message(person, text) | {"edit_date": DATE + after}})

    def message(self, person: int, text: str = "", **more: Any) -> dict[str, Any]:
        self._last_message += 1
        message = {
            "message_id": self._last_message,
            "date": DATE,
            "chat": {"id": person, "type": "private", "first_name": f"P{person}"},
            "from": user(person),
            **({"text": text} if text else {}),
        }
        return message | more

    def callback(self, person: int, data: str, **more: Any) -> dict[str, Any]:
        return {
            "id": f"press-{self._last_update}",
            "from": user(person),
            "chat_instance": "1",
            "message": self.message(person, "?") | {"from": user(BOT) | {"is_bot": True}} | more,
            "data": data,
        }

    # What the program sees.

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        assert scope["type"] == "http"
        if scope["path"].startswith(f"/file/bot{self.token}/documents/"):
            content = self.files.get(scope["path"].rpartition("/")[2].removesuffix(".bin"))
            await _answer(send, 404 if content is None else 200, content or b"")
            return
        asked = read_request(scope, await _body(receive), self.token)
        if asked is None:
            await _answer(send, 401, {"ok": False, "error_code": 401, "description": "Unauthorized"})
            return
        if self.checked:
            self.faults += request_faults(asked)
        if self.latency:
            await asyncio.sleep(self.latency)
        trouble = self._met(asked)
        if trouble is not None and not trouble.delivered:
            await self._spoil(trouble, receive, send)
            return
        try:
            status, answer = 200, {"ok": True, "result": await self._do(asked)}
        except _Refused as refusal:
            status, answer = refusal.answer
        if trouble is not None:
            await self._spoil(trouble, receive, send)
        else:
            await _answer(send, status, answer)

    async def _spoil(self, trouble: Trouble, receive: Receive, send: Send) -> None:
        if trouble.hold:
            async with self._changed:
                self.held += 1
                self._changed.notify_all()
            while (await receive())["type"] != "http.disconnect":
                pass
        elif trouble.drop:
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
            await send({"type": "http.response.body", "body": b"{", "more_body": True})
        elif trouble.raw is not None:
            await _answer(send, trouble.status, trouble.raw)
        else:
            refused = _Refused(trouble.status, trouble.description, **trouble.parameters)
            await _answer(send, *refused.answer)

    def _met(self, asked: Asked) -> Trouble | None:
        for trouble in self._troubles:
            if trouble.method != asked.method or trouble.chat not in (0, asked.values.get("chat_id")):
                continue
            if trouble.skip:
                trouble.skip -= 1
                continue
            trouble.times -= 1
            if not trouble.times:
                self._troubles.remove(trouble)
            return trouble
        return None

    async def _do(self, asked: Asked) -> Any:  # noqa: PLR0911 - one line a method
        if asked.method == "getUpdates":
            return await self._get_updates(**asked.values)
        async with self._changed:
            chat = asked.values.get("chat_id", 0)
            if asked.method in _SENDING and self.chat_limit is not None and len(self.sent(chat)) >= self.chat_limit:
                raise _Refused(429, f"Too Many Requests: retry after {self.retry_after}", retry_after=self.retry_after)
            self.asked.append(asked)
            if asked.method in _SENDING:
                self.moments.append(time.monotonic())
            self._changed.notify_all()
        match asked.method:
            case "getMe":
                return user(BOT) | {"is_bot": True, "username": self.username}
            case "setWebhook" | "deleteWebhook":
                self.webhook = dict(asked.values) if asked.method == "setWebhook" else None
                return True
            case "sendMessage":
                return self.message(chat, asked.text)
            case "sendPhoto" | "sendDocument":
                return self.message(chat, asked.text) | self._kept(asked)
            case "editMessageText":
                return self._edited(asked)
            case "getFile":
                return self._file(asked.values["file_id"])
            case _:
                return True

    def _kept(self, asked: Asked) -> dict[str, Any]:
        """What Telegram says of a file; it keeps what it was given, under a name of its own."""
        photo = asked.method == "sendPhoto"
        name = asked.values.get("photo" if photo else "document")
        if not isinstance(name, str) or name not in self.files:
            name = f"file-{len(self.files) + 1}"
            self.files[name] = asked.file[1] if asked.file else b""
        size = {"file_id": name, "file_unique_id": name, "file_size": len(self.files[name])}
        return {"photo": [size | {"width": 9, "height": 9}]} if photo else {"document": size}

    def _edited(self, asked: Asked) -> dict[str, Any]:
        key = (asked.values["chat_id"], asked.values["message_id"])
        if key[1] > self._last_message:
            raise _Refused(400, "Bad Request: message to edit not found")
        says = (asked.text, json.dumps(asked.values.get("reply_markup")))
        if self._edits.get(key) == says:
            raise _Refused(400, "Bad Request: message is not modified")
        self._edits[key] = says
        return self.message(key[0], asked.text) | {"message_id": key[1]}

    def _file(self, name: str) -> dict[str, Any]:
        if name not in self.files:
            raise _Refused(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        return {"file_id": name, "file_unique_id": name, "file_path": f"documents/{name}.bin"}

    async def _get_updates(
        self,
        offset: int = 0,
        limit: int = 100,
        timeout: int = 0,  # noqa: ASYNC109 - Telegram's
        allowed_updates: list[str] | None = None,
    ) -> list[dict[str, Any]]:
        self.asked.append(Asked("getUpdates", {"offset": offset, "limit": limit, "timeout": timeout}))
        if self.webhook is not None:
            raise _Refused(409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook")
        async with self._changed:
            self._poller = mine = self._poller + 1
            self.confirmed = max(self.confirmed, offset)
            self._updates = self.waiting
            self._changed.notify_all()

            def found() -> list[dict[str, Any]]:
                kinds = {*(allowed_updates or ())}
                return [each for each in self._updates if id(each) in self._odd or not kinds or kinds & each.keys()]

            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(timeout, 50)):
                    await self._changed.wait_for(lambda: found() or self._poller != mine)
            if self._poller != mine:
                raise _Refused(409, "Conflict: terminated by other getUpdates request; make sure that only one runs")
            return found()[: min(limit, 100)]

    # Telegram's side of the webhook.

    async def deliver(self, port: int = 0, tries: int = 10, wait: float = 0.01) -> list[int]:
        """
        Call the webhook for all that waits, one at a time for each chat, and again where it does not answer 200.

        Args:
            port: where the program listens on this machine, whatever the address of the webhook says.
            tries: of one update.
            wait: seconds between them.

        Returns:
            All statuses, in the order in which they came.
        """
        assert self.webhook is not None
        lanes: dict[Any, list[dict[str, Any]]] = defaultdict(list)
        for update in self.waiting:
            what = update.get("callback_query") or update.get("message") or update.get("edited_message") or {}
            lanes[what.get("from", {}).get("id")].append(update)
        statuses: list[int] = []
        path = "/" + self.webhook["url"].split("/", 3)[3]
        secret = {"X-Telegram-Bot-Api-Secret-Token": self.webhook.get("secret_token", "")}
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}", headers=secret) as session:

            async def lane(updates: list[dict[str, Any]]) -> None:
                for update in updates:
                    for _ in range(tries):
                        try:
                            async with session.post(path, json=update) as answer:
                                statuses.append(answer.status)
                        except aiohttp.ClientError:
                            statuses.append(0)
                        if statuses[-1] == 200:
                            self._updates.remove(update)
                            break
                        await asyncio.sleep(wait)

            await asyncio.gather(*map(lane, lanes.values()))
        return statuses


_SENDING = ("sendMessage", "sendDocument", "sendPhoto")


def user(number: int) -> dict[str, Any]:
    """Somebody, as Telegram describes them."""
    return {"id": number, "is_bot": False, "first_name": f"P{number}"}


class _Server(uvicorn.Server):
    """Says when it is up, and leaves signals to the tests' own process."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(
            uvicorn.Config(
                app, lifespan="off", ws="none", log_config=None, access_log=False, timeout_graceful_shutdown=1
            )
        )
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def served(app: ASGIApp) -> AsyncIterator[int]:
    """An ASGI app on a port of this machine."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = _Server(app)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    await server.up.wait()
    try:
        yield int(listener.getsockname()[1])
    finally:
        server.should_exit = server.force_exit = True
        await task
        listener.close()


async def _body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


async def _answer(send: Send, status: int, answer: Any) -> None:
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
