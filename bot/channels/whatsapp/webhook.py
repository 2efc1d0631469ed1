"""
Where Meta shows what people said: checked, read, taken, and only then acknowledged.

The signature is checked over the raw body before anything is parsed. Whatever is not 200 Meta repeats, with growing
pauses and for up to seven days; so 200 is said only once every message and every status of the body is on the disk,
and where that takes too long or fails, 503. What was taken already is recognised by its id when it comes again.
"""

import asyncio
import hashlib
import hmac
import json
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.channels.contract import Note, Take
from bot.channels.whatsapp.receipts import Receipts
from bot.channels.whatsapp.settings import WhatsAppSettings
from bot.core.talk.message import Delivery, Incoming

PATH = "/whatsapp"
# As much as Meta's webhooks hold at the most; what is refused here would come again for a week and never be taken.
MOST = 3 * 2**20
# Meta waits some seconds for the acknowledgement.
TAKE_WITHIN = 8.0
_CHALLENGE = 1000
_SIGNED = "sha256="

_log = logging.getLogger(__name__)

Read = Callable[[dict[str, Any]], tuple[list[Incoming], list[Delivery]]]


class Webhook:
    """What the server answers to Meta."""

    def __init__(
        self,
        settings: WhatsAppSettings,
        read: Read,
        take: Take,
        note: Note,
        receipts: Receipts,
        within: float = TAKE_WITHIN,
    ) -> None:
        self._settings = settings
        self._read = read
        self._take = take
        self._note = note
        self._receipts = receipts
        self._within = within
        self._is_refusing = False

    def routes(self) -> Sequence[Route]:
        """GET for the verification, POST for all that comes."""
        return [
            Route(PATH, self._verify, methods=["GET"]),
            Route(PATH, self._receive, methods=["POST"]),
        ]

    async def _verify(self, request: Request) -> Response:
        """Meta asks once, when the webhook is entered, whether it is ours."""
        asked = request.query_params
        expected, given = self._settings.verify_token.encode(), asked.get("hub.verify_token", "").encode()
        is_ours = bool(expected) and hmac.compare_digest(expected, given)
        challenge = asked.get("hub.challenge", "")
        if not is_ours or asked.get("hub.mode") != "subscribe" or len(challenge) > _CHALLENGE:
            return Response(status_code=403)
        return PlainTextResponse(challenge, headers={"X-Content-Type-Options": "nosniff"})

    async def _receive(self, request: Request) -> Response:
        raw = await _whole(request)
        if raw is None:
            return Response(status_code=413)
        if not self._is_metas(raw, request.headers.get("X-Hub-Signature-256", "")):
            return Response(status_code=403)
        try:
            body = json.loads(raw)
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict):
            _log.warning("A WhatsApp webhook could not be read: it is no JSON object.")
            return Response(status_code=400)
        messages, deliveries = self._read(body)
        self._receipts.show(messages)
        return Response(status_code=200 if await self._kept(messages, deliveries) else 503)

    def _is_metas(self, raw: bytes, signature: str) -> bool:
        secret = self._settings.app_secret
        expected = _SIGNED + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
        is_metas = bool(secret) and hmac.compare_digest(expected.encode(), signature.encode())
        if not is_metas and not self._is_refusing:
            # Once, for anybody can send such a thing as often as they like.
            _log.error("A WhatsApp webhook was refused: its signature is wrong. Is app_secret right?")
        self._is_refusing = not is_metas
        return is_metas

    async def _kept(self, messages: Sequence[Incoming], deliveries: Sequence[Delivery]) -> bool:
        """Whether all is on the disk. People side by side, what one person said one after the other."""
        work: dict[tuple[str, str], list[Callable[[], Awaitable[None]]]] = defaultdict(list)
        for message in messages:
            work["from", message.address].append(partial(self._take, message))
        for delivery in deliveries:
            work["sent", delivery.sent_as].append(partial(self._note, delivery))
        try:
            async with asyncio.timeout(self._within):
                ends = await asyncio.gather(*map(_one_by_one, work.values()), return_exceptions=True)
        except TimeoutError:
            _log.warning("A WhatsApp webhook could not be handled in time; Meta will repeat it.")
            return False
        failed = {type(end).__name__ for end in ends if end is not None}
        if failed:
            _log.error("A WhatsApp webhook could not be handled (%s); Meta will repeat it.", ", ".join(sorted(failed)))
        return not failed


async def _one_by_one(steps: Sequence[Callable[[], Awaitable[None]]]) -> None:
    for step in steps:
        await step()


async def _whole(request: Request) -> bytes | None:
    """The body as it came; None where it is too long, or whoever sent it hung up."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MOST:
                return None
    except ClientDisconnect:
        return None
    return bytes(body)
