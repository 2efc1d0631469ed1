"""
The channel: what Telegram's messages and replies go through.

By long polling, Telegram is asked for updates and told with the next question which of them are done: those that
``take`` returned for. By webhook, each call is answered once its message was taken. Either way a message that was not
written down comes again, and one that comes again keeps its id.

What is nice to have (the sign that the bot is typing, a button that stops waiting, the texts of the bot's profile) is
done beside, and never delays or fails a message.
"""

import asyncio
import hmac
import json
import logging
import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from urllib.parse import urlencode

from starlette.requests import ClientDisconnect
from starlette.requests import Request as Call
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from telegram import Bot, BotCommand, InlineKeyboardMarkup, InputFile
from telegram.constants import ChatAction
from telegram.error import BadRequest, InvalidToken, TelegramError

from bot.channels.contract import Note, NotFetchedError, NotSentError, Take
from bot.channels.handing_over import HandedOver
from bot.channels.telegram import reading
from bot.channels.telegram.reading import CHANNEL, UPDATES
from bot.channels.telegram.receiving import Complaints, Patience, hand_over
from bot.channels.telegram.request import AiohttpRequest
from bot.channels.telegram.sending import LIMITS, Button, Progress, Request, keyboard, not_sent, requests
from bot.channels.telegram.settings import WEBHOOK_PATH, TelegramSettings
from bot.core.talk.message import Incoming, Reply
from bot.core.talk.phrases import Phrases

COMMANDS = ("menu", "workshop", "my_place", "data", "language", "help", "stop")
MAX_BODY = 1_000_000
_AT_ONCE = 100
# Seconds beyond which a question for updates that was not answered is asked anew, on another connection.
_GRACE = 10.0
# So much may be done beside at the same time; what is more is left out.
_BESIDE = 50
# Where Telegram keeps a file: below the bot's own address, and nowhere else.
_FILE_PATH = re.compile(r"(?!.*\.\.)[\w.-]+(?:/[\w.-]+)*")

_log = logging.getLogger(__name__)


def _now() -> datetime:
    return datetime.now(UTC)


class Telegram:
    """
    A ``Channel``.

    Attributes:
        heard_of: when Telegram last answered a question for updates; None before, and by webhook.
    """

    name = CHANNEL
    limits = LIMITS

    def __init__(
        self,
        settings: TelegramSettings,
        phrases: Phrases,
        language: str,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        """
        Args:
            settings: how the bot is reached.
            phrases: what its profile and its commands say.
            language: in which they say it.
            clock: tells the time, aware.
        """  # noqa: D205 - the class says what it is
        # It writes down all that is sent, with people's words and the secret of the webhook.
        logging.getLogger("telegram").setLevel(logging.WARNING)
        self.heard_of: datetime | None = None
        self._settings = settings
        self._phrases = phrases
        self._language = language
        self._clock = clock
        self._request = AiohttpRequest(settings.token)
        self._bot = Bot(
            settings.token,
            settings.base_url,
            settings.files_url,
            request=self._request,
            get_updates_request=self._request,
        )
        # Who the bot is, once Telegram has told.
        self._self: reading.Bot | None = None
        self._complaints = Complaints()
        self._patience = Patience(self._complaints, settings.first_retry, settings.longest_retry)
        self._progress = Progress()
        self._handed_over = HandedOver()
        self._beside: set[asyncio.Task[None]] = set()

    def read(self, update: object) -> list[Incoming]:
        """The messages of an update, as it came from JSON; none where it holds none, or cannot be understood."""
        try:
            return reading.read(
                update, self._self or reading.Bot(staff_group=self._settings.staff_group), self._clock()
            )
        except Exception as error:  # noqa: BLE001 - whatever somebody sent, it must not hold up the rest
            _log.error("An update could not be read (%s).", type(error).__name__)
            return []

    def routes(self, take: Take, note: Note) -> Sequence[BaseRoute]:  # noqa: ARG002 - Telegram tells no fates
        """What Telegram calls; nothing where it is asked instead."""
        if self._settings.mode == "polling":
            return []

        async def called(call: Call) -> Response:
            return await self._called(call, take)

        return [Route(WEBHOOK_PATH, called, methods=["POST"])]

    async def run(self, take: Take) -> None:
        """Fetch messages until cancelled; by webhook, return once Telegram knows where to call."""
        me = await self._patience.until(self._bot.get_me)
        self._self = reading.Bot(me.username or "", self._settings.staff_group)
        self._do_beside(self._introduce)
        if self._settings.mode == "webhook":
            await self._patience.until(self._set_webhook)
            return
        await self._patience.until(self._bot.delete_webhook)
        offset = 0
        while True:
            updates = await self._patience.until(lambda: self._fetch(offset))  # noqa: B023 - it is called at once
            await self._hand_over(updates, take)
            offset = max([offset, *(number + 1 for number in map(_number, updates))])

    async def close(self) -> None:
        """Let go of connections, and of what is done beside."""
        for task in self._beside:
            task.cancel()
        await asyncio.gather(*self._beside, return_exceptions=True)
        await self._request.shutdown()

    async def send(self, address: str, reply: Reply, *, heard: datetime | None = None, ours: str = "") -> str:  # noqa: ARG002
        """Send one reply, or what is left of it; see ``Sender``."""
        steps = requests(reply)
        clock = asyncio.get_running_loop().time
        sent = ""
        try:
            for number in range(self._progress.of(address, reply, clock()), len(steps)):
                sent = await self._send(int(address), steps[number])
                if number + 1 < len(steps):
                    self._progress.note(address, reply, number + 1, clock())
        except TelegramError as error:
            trouble = not_sent(error)
            if trouble is None:
                raise
            if isinstance(error, InvalidToken):
                self._complaints.tell(error)
            if trouble.again_in is None:
                self._progress.over(address, reply)
            if trouble.moved_to:
                self._progress.move(address, trouble.moved_to, reply)
            raise trouble from None
        self._progress.over(address, reply)
        return sent

    async def _send(self, chat: int, request: Request) -> str:
        buttons = self._keyboard(chat, request)
        if (document := request.document) is None:
            asked = {"chat_id": chat, "text": request.text, "link_preview_options": {"is_disabled": True}}
            if buttons is not None:
                asked["reply_markup"] = buttons
            # Its own way makes objects of all that the answer says.
            sent = await self._request.ask(f"{self._bot.base_url}/sendMessage", asked)
            return str(sent["message_id"])
        markup = InlineKeyboardMarkup.de_json(buttons, self._bot) if buttons else None
        call = self._bot.send_photo if document.is_photo else self._bot.send_document

        async def send(name: str) -> tuple[str, str]:
            file = name or InputFile(document.data, filename=document.name)
            sent = await call(chat, file, caption=request.text or None, reply_markup=markup)
            kept = sent.photo[-1] if sent.photo else sent.document
            return str(sent.message_id), kept.file_id if kept else ""

        return await self._handed_over.use(document, send)

    async def edit(self, address: str, message: str, reply: Reply) -> None:
        """Let a message say something else; see ``Editor``."""
        request = requests(reply)[0]
        buttons = self._keyboard(int(address), request)
        asked = {
            "chat_id": int(address),
            "message_id": int(message),
            "text": request.text,
            "link_preview_options": {"is_disabled": True},
        }
        try:
            await self._request.ask(
                f"{self._bot.base_url}/editMessageText", asked | ({"reply_markup": buttons} if buttons else {})
            )
        except BadRequest as error:
            # It says so already.
            if "not modified" not in error.message:
                raise NotSentError(error.message, None) from None
        except TelegramError as error:
            raise not_sent(error) or error from None

    async def fetch(self, handle: str, limit: int) -> bytes:
        """A file that somebody sent; see ``Fetcher``."""
        try:
            file = await self._request.ask(f"{self._bot.base_url}/getFile", {"file_id": handle})
            place = str(file["file_path"]) if isinstance(file, dict) and "file_path" in file else ""
            if not _FILE_PATH.fullmatch(place):
                raise NotFetchedError("no path", for_good=True)
            return await self._request.download(f"{self._bot.base_file_url}/{place}", limit)
        except BadRequest as error:
            raise NotFetchedError(error.message, for_good=True) from None
        except TelegramError as error:
            raise NotFetchedError(type(error).__name__, for_good=False) from None

    def _keyboard(self, chat: int, request: Request) -> dict[str, list[list[Button]]] | None:
        # Groups have negative numbers.
        return keyboard(request.options, private=chat > 0, username=self._self.username if self._self else "")

    async def _fetch(self, offset: int) -> list[object]:
        """
        Updates from a number on; those before are done.

        Raises:
            TelegramError: there is none to be had just now.
        """
        asked = {
            "offset": offset,
            "limit": _AT_ONCE,
            # The first question is answered at once: so it is known that Telegram is there.
            "timeout": round(self._settings.poll_for) if self.heard_of else 0,
            "allowed_updates": json.dumps(UPDATES),
        }
        # As they are: python-telegram-bot would read them itself, and fail with all for one.
        updates: object = await self._request.post(
            f"{self._bot.base_url}/getUpdates?{urlencode(asked)}", read_timeout=self._settings.poll_for + _GRACE
        )
        if not isinstance(updates, list) or (updates and max(map(_number, updates)) < offset):
            raise TelegramError("The answer is no list of updates")
        self.heard_of = self._clock()
        return updates

    async def _set_webhook(self) -> bool:
        return await self._bot.set_webhook(
            self._settings.webhook,
            secret_token=self._settings.spoken_secret,
            max_connections=self._settings.max_connections,
            allowed_updates=UPDATES,
        )

    async def _called(self, call: Call, take: Take) -> Response:
        """One call of the webhook; 200 once its message was taken."""
        given = call.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        if not hmac.compare_digest(given.encode("latin-1"), self._settings.spoken_secret.encode()):
            return Response(status_code=403)
        update = await _update(call)
        if isinstance(update, Response):
            return update
        if self._self is None:  # what is said in groups cannot be told apart yet
            return _later(1)
        try:
            async with asyncio.timeout(self._settings.answer_within):
                await self._hand_over([update], take)
        except TimeoutError:
            return _later(5)
        return Response()

    async def _hand_over(self, updates: Iterable[object], take: Take) -> None:
        loop = asyncio.get_running_loop()

        async def taken(message: Incoming) -> None:
            typing = loop.call_later(self._settings.typing_after, self._type, message.address)
            try:
                await take(message)
            finally:
                typing.cancel()

        messages = []
        for update in updates:
            if press := reading.pressed(update):
                self._do_beside(partial(self._bot.answer_callback_query, press))
            messages += self.read(update)
        await hand_over(messages, taken, self._settings.first_retry)

    def _type(self, address: str) -> None:
        """Who waits sees that the bot is at it."""
        self._do_beside(partial(self._bot.send_chat_action, int(address), ChatAction.TYPING))

    async def _introduce(self) -> None:
        """The commands that people see, and what they read before they begin."""

        def say(key: str) -> str:
            return self._phrases.say(f"telegram.{key}", self._language)

        commands = [BotCommand(name, say(f"commands.{name}")) for name in COMMANDS]
        await self._try(partial(self._bot.set_my_commands, commands))
        await self._try(partial(self._bot.set_my_description, say("description")))
        await self._try(partial(self._bot.set_my_short_description, say("short-description")))

    async def _try(self, call: Callable[[], Awaitable[object]]) -> None:
        try:
            await call()
        except TelegramError as error:
            _log.info("Telegram left out what is only nice to have (%s).", type(error).__name__)

    def _do_beside(self, call: Callable[[], Awaitable[object]]) -> None:
        if len(self._beside) < _BESIDE:
            self._beside.add(task := asyncio.create_task(self._try(call)))
            task.add_done_callback(self._beside.discard)


async def _update(call: Call) -> object | Response:
    """What a call of the webhook brings; an answer where that cannot be Telegram's."""
    body = bytearray()
    try:
        async for chunk in call.stream():
            body += chunk
            if len(body) > MAX_BODY:
                return Response(status_code=413)
        update: object = json.loads(body)
    except (ClientDisconnect, ValueError, RecursionError):
        return Response(status_code=400)
    return update if isinstance(update, dict) else Response(status_code=400)


def _number(update: object) -> int:
    number = update.get("update_id") if isinstance(update, dict) else None
    return number if isinstance(number, int) else -1


def _later(seconds: int) -> Response:
    return Response(status_code=503, headers={"Retry-After": str(seconds)})
