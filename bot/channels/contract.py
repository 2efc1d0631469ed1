"""
What every channel does: reads its platform's messages, sends replies, and says what it can carry.

A channel knows its platform and nothing of the store. It reads a payload into ``Incoming`` values (after checking that
it is the platform's), hands each to ``take``, which returns once the message is on the disk, and only then acknowledges
it. What it sends it gets from the outbox, one reply at a time, and shapes it by its ``limits``.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from starlette.routing import BaseRoute

from bot.core.talk.message import Delivery, Incoming, Reply
from bot.core.talk.shaping import Limits

# Handles one message; returns once it may be acknowledged.
Take = Callable[[Incoming], Awaitable[None]]


# Writes down what a platform tells; returns once that is on the disk.
Note = Callable[[Delivery], Awaitable[None]]


class NotSentError(Exception):
    """
    The message certainly did not go out.

    Attributes:
        trouble: why, safe to store.
        again_in: seconds after which trying again makes sense; None where it never will.
        everybody: it holds for all messages of the channel until then (too fast, a bad token), not for this one.
        too_fast: so many messages were sent that the platform wants fewer.
        gone: the person cannot be written to any more (blocked the bot, closed the account).
        moved_to: the address that the person has now; "" for the same.
    """

    def __init__(
        self,
        trouble: str,
        again_in: float | None,
        *,
        everybody: bool = False,
        too_fast: bool = False,
        gone: bool = False,
        moved_to: str = "",
    ) -> None:
        super().__init__(trouble)
        self.trouble = trouble
        self.again_in = again_in
        self.everybody = everybody
        self.too_fast = too_fast
        self.gone = gone
        self.moved_to = moved_to


class Sender(Protocol):
    """Sends on one channel."""

    async def send(self, address: str, reply: Reply, *, heard: datetime | None = None, ours: str = "") -> str:
        """
        Send one message.

        Args:
            address: to whom.
            reply: what, not yet shaped to the channel's limits.
            heard: when the person wrote last; None where that is not known any more.
            ours: our own id of it, for a platform that gives it back with what it tells later (``Delivery.ours``).

        Returns:
            The platform's id of it; may be "".

        Raises:
            NotSentError: it did not go out.
            Exception: anything else leaves open whether it did.
        """


@runtime_checkable
class Editor(Protocol):
    """A channel on which a message that was sent can be changed."""

    async def edit(self, address: str, message: str, reply: Reply) -> None:
        """
        Let a message say something else.

        Args:
            address: whose talk it is in.
            message: the platform's id of it, as ``send`` returned it.
            reply: what it says from now on; one text, no document.

        Raises:
            NotSentError: it stays as it was.
            Exception: anything else leaves open whether it does.
        """


class NotFetchedError(Exception):
    """
    A file that somebody sent is not here.

    Attributes:
        for_good: trying again is no use.
    """

    def __init__(self, trouble: str, *, for_good: bool) -> None:
        super().__init__(trouble)
        self.for_good = for_good


@runtime_checkable
class Fetcher(Protocol):
    """A channel on which people can send files."""

    async def fetch(self, handle: str, limit: int) -> bytes:
        """
        Fetch a file.

        Args:
            handle: of it, see ``Attachment.handle``.
            limit: it may have so many bytes.

        Raises:
            NotFetchedError: it is not here.
        """


class Channel(Sender, Protocol):
    """
    One channel, whole.

    Attributes:
        name: as it stands in ``Incoming.channel`` and in the database.
        limits: what it can carry.
    """

    name: str
    limits: Limits

    def routes(self, take: Take, note: Note) -> Sequence[BaseRoute]:
        """What the server answers for it: a webhook, a page."""

    async def run(self, take: Take) -> None:
        """Fetch messages until cancelled, where the platform is asked for them; else return."""

    async def close(self) -> None:
        """Let go of connections."""
