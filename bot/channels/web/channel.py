"""
The web chat as a channel.

GET /                 the page; a cookie says who somebody is (``session``)
GET /web/events       what is said in their talk, as it is said (``stream``)
GET /web/files/ID     the file of a line
POST /web/messages    one message: {"id", "text"} or {"id", "press", "title"}; 202 once it is on the disk
GET /widget.js        puts the chat as a window on another website

The page makes the id of a message, so that it may post it again when no answer came. Before a message is handled it is
written into the talk, so that it stands there above its answer, in every window of the same person. A reply is sent
once it is written into the talk: a page that is open is told at once, one that is away finds it when it comes back.
"""

import re
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from math import ceil
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from bot.channels.contract import Note, Take
from bot.channels.web.history import History
from bot.channels.web.limiting import Buckets, network
from bot.channels.web.messages import Message, UnreadableError, read_message
from bot.channels.web.pages import SAFE, SHUT, File, Pages
from bot.channels.web.session import COOKIE, Sessions
from bot.channels.web.settings import WebSettings
from bot.channels.web.stream import STRANGER, Streams
from bot.core.talk.message import Incoming, Reply
from bot.core.talk.phrases import Phrases
from bot.core.talk.shaping import Limits, shape
from bot.core.talk.transcript import Line
from bot.errors import StoreUnavailable

# A person fills in a form; a village shares one address of its mobile network.
_A_PERSON, _A_PERSON_PER_SECOND = 15, 0.5
_AN_ADDRESS, _AN_ADDRESS_PER_SECOND = 300, 15.0
# Windows of one person that are open at once; browsers open six connections.
_WINDOWS = 8
_AGAIN_SECONDS = 3
_FILE = re.compile(r"[\w.-]{1,80}", re.ASCII)


def _now() -> datetime:
    return datetime.now(UTC)


class Web:
    """The web chat; see ``Channel``."""

    name = "web"
    limits = Limits(text=8000, choice_text=8000, buttons=13, button_title=120)

    def __init__(
        self,
        settings: WebSettings,
        history: History,
        phrases: Phrases,
        *,
        clock: Callable[[], datetime] = _now,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """
        Make the channel.

        Args:
            settings: what the office decides.
            history: remembers its talks.
            phrases: all that the program says.
            clock: tells the time, aware.
            seconds: for how often somebody asks; ever growing.

        Raises:
            InputError: the office's emblem cannot be used.
        """
        self._settings = settings
        self._history = history
        self._phrases = phrases
        self._clock = clock
        self._pages = Pages(settings, phrases)
        self._sessions = Sessions(settings.secret, secure=settings.secure_cookie)
        self._streams = Streams(history)
        self._by_person = Buckets(_A_PERSON, _A_PERSON_PER_SECOND, seconds)
        self._by_address = Buckets(_AN_ADDRESS, _AN_ADDRESS_PER_SECOND, seconds)

    async def send(self, address: str, reply: Reply, *, heard: datetime | None = None, ours: str = "") -> str:  # noqa: ARG002
        """Write a reply into a talk and tell the pages of it; see ``Sender``."""
        at = self._clock()
        parts = shape(reply, self.limits)
        await self._history.write(
            address,
            [Line(at, mine=False, text=part.text, options=part.options, document=part.document) for part in parts],
        )
        self._streams.wake(address)
        return ""

    def routes(self, take: Take, note: Note) -> Sequence[BaseRoute]:  # noqa: ARG002 - the page tells nothing later
        """What the server answers."""

        async def post(request: Request) -> Response:
            return await self._post(request, take)

        pages = self._pages
        files = {"/web/chat.css": pages.style, "/web/chat.js": pages.script, "/widget.js": pages.widget}
        if pages.emblem is not None:
            files["/web/emblem"] = pages.emblem
        return [
            Route("/", self._index),
            *(Route(path, _serving(file)) for path, file in files.items()),
            Route("/web/events", self._events),
            Route("/web/files/{line:int}", self._document),
            Route("/web/messages", post, methods=["POST"]),
        ]

    async def run(self, take: Take) -> None:  # noqa: ARG002 - messages come by post
        """Look for what other processes wrote, until cancelled."""
        await self._streams.look()

    async def close(self) -> None:
        """End the streams; before the server is asked to stop, for it waits for them."""
        self._streams.close()

    async def _index(self, request: Request) -> Response:
        session = self._session(request) or self._sessions.new()
        # Whoever knows nothing of such headers is told by the address that widget.js asks for.
        site = request.headers.get("sec-fetch-site", "cross-site")
        may_be_framed = bool(self._settings.allowed_origins) and "window" in request.query_params
        framed = may_be_framed and site == "cross-site"
        return self._pages.index.answer(request, {"Set-Cookie": self._sessions.header(session, framed=framed)})

    async def _post(self, request: Request, take: Take) -> Response:
        if not self._is_own(request):
            return _refused(403)
        session = self._session(request)
        if session is None:
            return self._says(401, "web.no-cookie")
        wait = max(self._by_person.wait(session), self._by_address.wait(self._client(request)))
        if wait:
            return self._says(429, "web.too-fast", {"Retry-After": str(ceil(wait))})
        try:
            message = await read_message(request)
        except UnreadableError as error:
            return self._says(error.status, "web.too-long") if error.too_long else _refused(error.status)
        try:
            await self._write(session, message)
        except StoreUnavailable:
            return self._says(503, "web.not-now", {"Retry-After": str(_AGAIN_SECONDS)})
        await take(Incoming(self.name, session, message.id, self._clock(), text=message.text, press=message.press))
        return JSONResponse({}, 202, SHUT | {"Cache-Control": "no-store"})

    async def _write(self, session: str, message: Message) -> None:
        text = message.title if message.press else message.text
        await self._history.write(session, [Line(self._clock(), mine=True, text=text, message=message.id)])
        self._streams.wake(session)

    async def _events(self, request: Request) -> Response:
        session = self._session(request)
        if session is None:
            # Not 401: of an answer that is no stream the page's script learns nothing.
            return Response(STRANGER, headers=SHUT | {"Cache-Control": "no-store"}, media_type="text/event-stream")
        if self._by_address.wait(self._client(request)) or self._streams.count(session) >= _WINDOWS:
            return self._says(429, "web.too-fast", {"Retry-After": str(_AGAIN_SECONDS)})
        # A browser that comes back by itself says it in the header; the page, when it does, in the address.
        given = request.headers.get("last-event-id") or request.query_params.get("after", "")
        after = int(given) if given.isascii() and given.isdigit() and len(given) < len(str(2**63)) else None
        return StreamingResponse(
            self._streams.events(session, after),
            headers=SHUT | {"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
            media_type="text/event-stream",
        )

    async def _document(self, request: Request) -> Response:
        session = self._session(request)
        number = request.path_params["line"]
        try:
            lines = await self._history.said(session, number - 1, 1) if session and 0 < number < 2**63 else []
            document = lines[0].document if lines and lines[0].id == number else None
            content = None if document is None else await self._history.content(document)
        except StoreUnavailable:
            return self._says(503, "web.not-now", {"Retry-After": str(_AGAIN_SECONDS)})
        if document is None or content is None:
            return _refused(404)
        name = document.name if _FILE.fullmatch(document.name) else "file"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
        return Response(content, headers=SHUT | headers, media_type=document.media_type)

    def _session(self, request: Request) -> str | None:
        return self._sessions.read(request.cookies.get(COOKIE))

    def _is_own(self, request: Request) -> bool:
        """Whether a post comes from our page: browsers tell, and no page can make them tell otherwise."""
        if site := request.headers.get("sec-fetch-site"):
            return site == "same-origin"
        origin = request.headers.get("origin")
        if not origin:
            return False
        own = {request.headers.get("host", ""), urlsplit(self._settings.public_url).netloc}
        return urlsplit(origin).netloc in own - {""}

    def _client(self, request: Request) -> str:
        """Whom to count a request to: the network that it comes from."""
        given = request.headers.getlist(self._settings.client_header) if self._settings.client_header else []
        if given:
            # What stands before the last one, the proxy was told by whoever asks.
            return network(given[-1].rpartition(",")[2].strip())
        return network(request.client.host if request.client else "")

    def _says(self, status: int, key: str, headers: dict[str, str] | None = None) -> Response:
        """An answer with a sentence for the person."""
        say = self._phrases.say(key, self._settings.language)
        return JSONResponse({"say": say}, status, SHUT | {"Cache-Control": "no-store"} | (headers or {}))


def _serving(file: File) -> Callable[[Request], Response]:
    def serve(request: Request) -> Response:
        return file.answer(request)

    return serve


def _refused(status: int) -> Response:
    return Response(status_code=status, headers=SAFE)
