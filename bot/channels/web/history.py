"""What the web chat needs of whoever remembers its talks."""

from collections.abc import Sequence
from typing import Protocol

from bot.core.talk.message import Document
from bot.core.talk.transcript import Line


class History(Protocol):
    """
    The talks of the web chat, on the disk.

    Every method raises ``StoreUnavailable`` while that cannot be reached.
    """

    async def said(self, address: str, after: int | None, limit: int) -> list[Line]:
        """At most ``limit`` lines of one talk after an id, in order; the newest where ``after`` is None."""

    async def write(self, address: str, lines: Sequence[Line]) -> None:
        """Write lines at the end of a talk; a message of the person's that is there already is not written again."""

    async def content(self, document: Document) -> bytes | None:
        """What is in a document of a line; None where it is not kept any more."""

    async def changed(self, after: int | None) -> tuple[int, frozenset[str]]:
        """The last id of all talks, and the addresses of those with lines after an id; of none where it is None."""
