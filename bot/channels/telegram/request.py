"""
How python-telegram-bot's requests travel: by aiohttp, and with errors that say whether anything was sent.

Its own way (httpx) manages a tenth of the requests. The address of each holds the bot's token, and what a server
answers may repeat it; so no error of the library below is passed on, and the token is struck out of answers.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import aiohttp
from telegram.error import BadRequest, NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.channels.downloading import read_up_to

# Connections at once: as many as the outbox may have on their way (``Pace.at_once``), and as many for what is done
# beside: who waits for a connection is taken for not connected.
_AT_ONCE = 300
_CONNECT_WITHIN = 5.0
_ANSWER_WITHIN = 12.0
_DOWNLOAD_WITHIN = 60.0
# Of those that a client has to answer for, these pass by themselves.
_AGAIN = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
_NOT_CONNECTED = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
    aiohttp.NonHttpUrlClientError,
)
# Where a server does not say how long to wait.
_WAIT = 5.0


class NotReachedError(NetworkError):
    """There was no connection, so nothing was sent."""


class TooFastError(TelegramError):
    """
    Telegram asks to wait.

    Attributes:
        again_in: for how many seconds.
    """

    def __init__(self, again_in: float) -> None:
        super().__init__(f"Too many requests: again in {again_in:g} s")
        self.again_in = again_in


@dataclass(frozen=True, slots=True)
class _Plain:
    """What a request says, as JSON has it; python-telegram-bot's own class takes a good part of a request's time."""

    parameters: Mapping[str, Any]
    contains_files: bool = False


class AiohttpRequest(BaseRequest):
    """Sends requests; all errors are python-telegram-bot's or one of those above."""

    def __init__(self, token: str) -> None:
        self._token = token.encode()
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, url: str, parameters: Mapping[str, Any]) -> Any:
        """
        Send one request that has no files.

        Returns:
            The result, as JSON has it.

        Raises:
            TelegramError: there is none.
        """
        # It comes back to ``do_request`` as it is.
        return await self.post(url, _Plain(parameters))  # type: ignore[arg-type]

    async def download(self, url: str, limit: int) -> bytes:
        """
        A file of at most so many bytes.

        Raises:
            BadRequest: it is not there, or longer.
            NetworkError: it could not be had just now.
        """
        timeout = aiohttp.ClientTimeout(total=_DOWNLOAD_WITHIN, connect=_CONNECT_WITHIN)
        try:
            async with self._opened().get(url, timeout=timeout, allow_redirects=False) as answer:
                if answer.status != HTTPStatus.OK:
                    again = answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status in _AGAIN
                    raise (NetworkError if again else BadRequest)(f"status {answer.status}")
                content = await read_up_to(answer, limit)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise NetworkError(type(error).__name__) from None
        if content is None:
            raise BadRequest("too large")
        return content

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=_AT_ONCE))
        return self._session

    @property
    def read_timeout(self) -> float | None:
        """Seconds in which a request is answered."""
        return _ANSWER_WITHIN

    async def initialize(self) -> None:
        """Nothing yet: the first request opens what it needs."""

    async def shutdown(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | _Plain | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ARG002 - python-telegram-bot's
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ARG002
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ARG002
    ) -> tuple[int, bytes]:
        """Send one request; the status and the body of the answer."""
        session = self._opened()
        total = _ANSWER_WITHIN if read_timeout is BaseRequest.DEFAULT_NONE else read_timeout
        timeout = aiohttp.ClientTimeout(total=total, connect=_CONNECT_WITHIN)
        try:
            async with session.request(method, url, data=_body(request_data), timeout=timeout) as answer:
                status, payload = answer.status, await answer.read()
        except _NOT_CONNECTED as error:
            raise NotReachedError(type(error).__name__) from None
        except TimeoutError:
            raise TimedOut from None
        except (aiohttp.ClientError, OSError) as error:
            raise NetworkError(type(error).__name__) from None
        if status < HTTPStatus.BAD_REQUEST:
            return status, payload
        return status, self._refusal(status, payload)

    @staticmethod
    def parse_json_payload(payload: bytes) -> Any:
        """What an answer says; python-telegram-bot's own logs the whole of one that it cannot read."""
        with suppress(ValueError, RecursionError):
            if isinstance(said := json.loads(payload), dict):
                return said
        raise TelegramError("The answer is no JSON object")

    def _refusal(self, status: int, payload: bytes) -> bytes:
        """What a server says where it refuses, as python-telegram-bot can read it, and without the token."""
        said: dict[str, Any] = {}
        with suppress(TelegramError):
            said = self.parse_json_payload(payload.replace(self._token, b"..."))
        parameters = said.get("parameters")
        parameters = parameters if isinstance(parameters, dict) else {}
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            again_in = parameters.get("retry_after")
            raise TooFastError(max(float(again_in), 0) if isinstance(again_in, int | float) else _WAIT)
        moved_to = parameters.get("migrate_to_chat_id")
        kept = {"migrate_to_chat_id": moved_to} if isinstance(moved_to, int) else {}
        return json.dumps({"description": str(said.get("description") or ""), "parameters": kept}).encode()


def _body(data: RequestData | _Plain | None) -> aiohttp.FormData | aiohttp.BytesPayload | None:
    if data is None:
        return None
    if isinstance(data, _Plain) or not data.contains_files:
        # Three bytes a letter of Hindi; nine as a form, which also takes longer to make.
        text = json.dumps(data.parameters, ensure_ascii=False)
        return aiohttp.BytesPayload(text.encode(), content_type="application/json")
    # Names of files as they are: Telegram does not undo what would be done to Devanagari.
    form = aiohttp.FormData(quote_fields=False)
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (file, content, media_type) in data.multipart_data.items():
        form.add_field(name, content, filename=file, content_type=media_type)
    return form
