"""
Meta's Graph API as far as it is needed: send a message, hand over a file, say what went wrong.

A message did certainly not go out where no connection came about or Meta said no: ``NotSentError``. Where the answer
was lost, or came from a gateway that gave up waiting, nobody knows, and the exception goes through to the outbox. There
is one layer that tries again, and it is the outbox: nothing is repeated here. It also says loudly what holds for
everybody; what is wrong with the template is said here, once.
"""

import json
import logging
from typing import Any

import aiohttp

from bot.channels.contract import NotFetchedError
from bot.channels.downloading import read_up_to
from bot.channels.whatsapp.settings import WhatsAppSettings
from bot.channels.whatsapp.troubles import UNREACHABLE, WINDOW_CLOSED, Of, is_unclear, trouble_of

# Less than the outbox waits for a message.
_TIMEOUT = aiohttp.ClientTimeout(total=12, connect=5)
# From this status on, Meta did not take it.
_REDIRECTED = 300
_NOT_THERE = (400, 404, 410)
# The token is shown to nobody else: https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media
_MEDIA_HOST = "https://lookaside.fbsbx.com/"

_log = logging.getLogger(__name__)


class UnclearError(Exception):
    """Nobody can know whether the message went out."""


class WindowClosedError(Exception):
    """The person wrote more than a day ago, says WhatsApp: certainly not sent, but a template could be."""


class Graph:
    """Talks to the Graph API with one token, for one number."""

    def __init__(self, settings: WhatsAppSettings, timeout: aiohttp.ClientTimeout = _TIMEOUT) -> None:
        self._settings = settings
        self._timeout = timeout
        self._opened: aiohttp.ClientSession | None = None
        # What is wrong with the template, as far as it was said in the log.
        self._template_trouble = ""

    async def send(self, payload: dict[str, Any]) -> str:
        """
        Send a message, or mark one as read.

        Returns:
            The message's id (wamid); "" where the answer does not name it.

        Raises:
            WindowClosedError: only a template may be sent.
            NotSentError: it did not go out.
            Exception: anything else leaves open whether it did.
        """
        answer = await self._post("messages", json={"messaging_product": "whatsapp", **payload})
        if payload.get("type") == "template" and self._template_trouble:
            self._template_trouble = ""
            _log.warning("WhatsApp takes the template again.")
        match answer:
            case {"messages": [{"id": str(message)}, *_]}:
                return message
        return ""

    async def upload(self, content: bytes, media_type: str) -> str:
        """
        Hand over a file.

        Returns:
            Its id, to be sent within 30 days.

        Raises:
            NotSentError: it was not taken. A file that was taken without our knowing it does no harm.
        """
        form = aiohttp.FormData()
        form.add_field("messaging_product", "whatsapp")
        form.add_field("type", media_type)
        # Its own name goes with the message; here it might not be ASCII.
        form.add_field("file", content, filename="document", content_type=media_type)
        try:
            answer = await self._post("media", data=form)
        except (aiohttp.ClientError, TimeoutError, UnclearError) as error:
            raise UNREACHABLE.error() from error
        match answer:
            case {"id": str(media)}:
                return media
        raise trouble_of(131053).error()

    async def download(self, media: str, limit: int) -> bytes:
        """
        A file that somebody sent, by its id.

        Raises:
            NotFetchedError: it is not here.
        """
        base = self._settings.base_url.rstrip("/")
        try:
            answer = _parsed(await self._get(f"{base}/{media}", 100_000))
            match answer:
                case {"url": str(url)} if url.startswith((_MEDIA_HOST, f"{base}/")):
                    return await self._get(url, limit)
            raise NotFetchedError("no address", for_good=True)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise NotFetchedError(type(error).__name__, for_good=False) from error

    async def _get(self, url: str, limit: int) -> bytes:
        headers = {"Authorization": f"Bearer {self._settings.token}"}
        async with self._session().get(url, headers=headers, allow_redirects=False) as response:
            if response.status >= _REDIRECTED:
                # Of an old token or too many questions, the office hears by what it sends.
                raise NotFetchedError(f"status {response.status}", for_good=response.status in _NOT_THERE)
            content = await read_up_to(response, limit)
        if content is None:
            raise NotFetchedError("too large", for_good=True)
        return content

    async def close(self) -> None:
        """Let go of connections."""
        if self._opened is not None:
            await self._opened.close()
            self._opened = None

    async def _post(self, what: str, **body: Any) -> Any:
        """Meta's answer; None where it cannot be read although it is good."""
        url = f"{self._settings.base_url.rstrip('/')}/{self._settings.phone_id}/{what}"
        headers = {"Authorization": f"Bearer {self._settings.token}"}
        try:
            async with self._session().post(url, headers=headers, allow_redirects=False, **body) as response:
                content = await response.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise UNREACHABLE.error() from error
        answer = _parsed(content)
        if response.status < _REDIRECTED:
            return answer
        code = _code(answer)
        if code is None and is_unclear(response.status):
            raise UnclearError(f"status {response.status}")
        if code == WINDOW_CLOSED:
            raise WindowClosedError
        trouble = trouble_of(code, response.status)
        if trouble.of is Of.TEMPLATE and trouble.text != self._template_trouble:
            self._template_trouble = trouble.text
            text = (
                "WhatsApp refuses the template (%s). Who did not write for a day gets nothing until that is put right."
            )
            _log.error(text, trouble.text)
        raise trouble.error(_asked_to_wait(response))

    def _session(self) -> aiohttp.ClientSession:
        if self._opened is None:
            self._opened = aiohttp.ClientSession(timeout=self._timeout, cookie_jar=aiohttp.DummyCookieJar())
        return self._opened


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _code(answer: Any) -> int | None:
    match answer:
        case {"error": {"code": int(code)}}:
            return code
    return None


def _asked_to_wait(response: aiohttp.ClientResponse) -> float:
    asked = response.headers.get("Retry-After", "")
    return min(float(asked), 3600) if asked.isascii() and asked.isdecimal() else 0
