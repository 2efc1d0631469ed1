"""What the contract suite asks of every channel: how its platform says things, and what arrived there."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from bot.channels.contract import Channel
from bot.core.talk.message import Kind

SITA, RAM = 1, 2


@dataclass(frozen=True, slots=True)
class Arrived:
    """One message on the platform: its text, and the ids and titles of what can be chosen."""

    text: str
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Trouble:
    """
    Something that goes wrong with the next message.

    Attributes:
        happens: lets it go wrong.
        everybody, gone, later: what the channel must say of it; see ``NotSentError``.
        open: whether it may have gone out all the same.
    """

    name: str
    happens: Callable[[], None]
    everybody: bool = False
    gone: bool = False
    later: bool = False
    open: bool = False


class Dialect(Protocol):
    """
    A platform and the channel on it.

    What it says is raw: the bytes of one call, as the platform would post them. A person is a number. None stands for
    what the platform cannot say.

    Attributes:
        cannot: the cases that its platform has no words for, each with the reason.
    """

    cannot: dict[str, str]

    @property
    def channel(self) -> Channel:
        """The channel, reachable and able to send."""

    def text(self, person: int, number: int, words: str) -> bytes:
        """A message, the so-manyeth of the person."""

    def press(self, person: int, number: int, option: str) -> bytes:
        """A press of a button, or a choice from a list."""

    def of_kind(self, kind: Kind, number: int) -> bytes | None:
        """Sita sends something that is no text."""

    def batch(self, *messages: bytes) -> bytes | None:
        """Several in one body."""

    def edited(self, number: int, words: str) -> bytes | None:
        """Sita changes a message at once."""

    def unheard_of(self, number: int) -> bytes:
        """Something that the platform may bring one day, which asks for no answer or a kind one."""

    async def post(self, body: bytes, person: int = SITA, *, forged: bool = False) -> int:
        """The platform calls; the status of the answer. ``forged``: somebody else does."""

    async def arrived(self, address: str) -> list[Arrived]:
        """What a person got, in order."""

    def troubles(self, address: str) -> list[Trouble]:
        """What may go wrong with sending."""
