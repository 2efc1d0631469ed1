"""
WhatsApp as a channel, over Meta's Cloud API.

In: ``webhook`` checks and acknowledges, ``reading`` reads. Out: ``sending`` shapes, ``graph`` sends, ``troubles`` says
what a refusal means. Within a day of a person's last message anything may be sent to them; later only a template that
WhatsApp has approved, and without one the message waits for them to write. Where it is not known when they wrote, as of
somebody who has just had themselves erased, WhatsApp is asked: it knows.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.routing import BaseRoute

from bot.channels.contract import Note, NotSentError, Take
from bot.channels.handing_over import HandedOver
from bot.channels.whatsapp import reading
from bot.channels.whatsapp.graph import Graph, WindowClosedError
from bot.channels.whatsapp.receipts import Receipts
from bot.channels.whatsapp.sending import LIMITS, Piece, in_template, media_type_of, pieces
from bot.channels.whatsapp.settings import WhatsAppSettings
from bot.channels.whatsapp.troubles import WINDOW_WAIT, is_fault
from bot.channels.whatsapp.webhook import TAKE_WITHIN, Webhook
from bot.core.talk.message import Delivery, Incoming, Reply
from bot.core.talk.phrases import Phrases

WINDOW = timedelta(hours=24)
_MOST_BEGUN = 1000
# Longer than the outbox waits between two tries.
_BEGUN_FOR = timedelta(minutes=15)
_TELL_EVERY = timedelta(hours=1)

_log = logging.getLogger(__name__)


def _now() -> datetime:
    return datetime.now(UTC)


class WhatsApp:
    """One number of the Cloud API; a ``Channel``."""

    def __init__(
        self,
        settings: WhatsAppSettings,
        phrases: Phrases,
        language: str,
        clock: Callable[[], datetime] = _now,
        within: float = TAKE_WITHIN,
    ) -> None:
        """
        Args:
            settings: of the number.
            phrases: for what opens a list.
            language: to say it in.
            clock: tells the time, aware.
            within: seconds after which Meta is told to repeat what is not on the disk.
        """  # noqa: D205 - the class says what it is
        self.name = reading.CHANNEL
        self.limits = LIMITS
        self._settings = settings
        self._list_button = phrases.say("whatsapp.choose", language)
        self._clock = clock
        self._within = within
        self._graph = Graph(settings)
        self._handed_over = HandedOver()
        self._receipts = Receipts(self._graph, clock)
        # Of replies in several messages, how many have gone out, and when it stopped there.
        self._begun: OrderedDict[tuple[str, Reply], tuple[int, datetime]] = OrderedDict()
        # What the office was told to put right, and when.
        self._told: dict[str, datetime] = {}

    def read(self, body: dict[str, Any]) -> tuple[list[Incoming], list[Delivery]]:
        """What a webhook body says to this number, and of what it sent."""
        messages, deliveries = reading.read(body, self._settings.phone_id)
        for delivery in deliveries:
            self._tell(delivery.trouble)
        return messages, deliveries

    def routes(self, take: Take, note: Note) -> Sequence[BaseRoute]:
        """The webhook."""
        return Webhook(self._settings, self.read, take, note, self._receipts, self._within).routes()

    async def run(self, take: Take) -> None:
        """Nothing: Meta comes by itself."""

    async def send(self, address: str, reply: Reply, *, heard: datetime | None = None, ours: str = "") -> str:
        """
        Send one reply, in as many messages as it takes.

        Returns:
            The id (wamid) of the last of them.

        Raises:
            NotSentError: it, or what of it had not gone out before, did not go out. Tried again soon, it goes on there.
            Exception: anything else leaves open whether the last that was tried did.
        """
        await self._receipts.settled(address)
        if heard is not None and self._clock() - heard >= WINDOW:
            return await self._send_template(address, reply, ours)
        try:
            return await self._send_all(address, reply, ours)
        except WindowClosedError:
            return await self._send_template(address, reply, ours)

    async def close(self) -> None:
        """Let go of connections."""
        await self._receipts.close()
        await self._graph.close()

    def _tell(self, trouble: str) -> None:
        """Say loudly what the office has to put right and Meta tells only afterwards, such as an unpaid bill."""
        now = self._clock()
        told = self._told.get(trouble)
        if is_fault(trouble) and (told is None or now - told >= _TELL_EVERY):
            self._told[trouble] = now
            _log.error("WhatsApp did not deliver a message (%s); said once an hour.", trouble)

    async def _send_all(self, address: str, reply: Reply, ours: str) -> str:
        key = (address, reply)
        gone, stopped = self._begun.pop(key, (0, self._clock()))
        if self._clock() - stopped > _BEGUN_FOR:
            gone = 0
        sent_as = ""
        all_ = pieces(address, reply, self._list_button)
        for piece in all_[gone:]:
            try:
                # Whoever has the last one has all.
                sent_as = await self._send(piece, ours if piece is all_[-1] else "")
            except WindowClosedError:
                raise
            except BaseException as error:
                if gone and not (isinstance(error, NotSentError) and error.again_in is None):
                    self._begun[key] = gone, self._clock()
                    if len(self._begun) > _MOST_BEGUN:
                        self._begun.popitem(last=False)
                raise
            gone += 1
        return sent_as

    async def _send(self, piece: Piece, ours: str) -> str:
        named = {"biz_opaque_callback_data": ours} if ours else {}
        if piece.document is None:
            return await self._graph.send(piece.payload | named)
        document = piece.document

        async def send(media: str) -> tuple[str, str]:
            media = media or await self._graph.upload(document.data, media_type_of(document))
            return await self._graph.send(piece.with_media(media) | named), media

        return await self._handed_over.use(document, send)

    async def fetch(self, handle: str, limit: int) -> bytes:
        """A file that somebody sent; see ``Fetcher``."""
        return await self._graph.download(handle, limit)

    async def _send_template(self, address: str, reply: Reply, ours: str) -> str:
        closed = NotSentError("window closed", WINDOW_WAIT)
        if self._settings.template is None:
            raise closed
        try:
            return await self._send(in_template(address, reply, self._settings.template), ours)
        except WindowClosedError:
            raise closed from None
