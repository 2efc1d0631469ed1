"""What a member of staff wants of the answers, in their chat: a change of one of them, or the last one undone."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bot.core.answers.faq import Entry


@dataclass(frozen=True, slots=True)
class Proposal:
    """
    A change that is wanted.

    Attributes:
        entry: id of the answer; a new one where ``category`` is given.
        seen: the answer as it was shown, see ``face``; "" for a new one.
        more: phrasings that it gets besides.
        answer, title: in Hindi; "" leaves them.
        checked_on: the day on which it was said, as 2026-11-26.
        undo: a revision that is to be undone; 0 for none, and then all else is empty.
    """

    entry: str = ""
    seen: str = ""
    category: str = ""
    title: str = ""
    answer: str = ""
    more: tuple[str, ...] = ()
    checked_on: str = ""
    undo: int = 0

    def plain(self) -> dict[str, Any]:
        """JSON-ready values; ``proposal_of`` reads them."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}


def proposal_of(values: Mapping[str, Any]) -> Proposal:
    """The proposal that ``Proposal.plain`` made these values of."""
    return Proposal(**{**values, "more": tuple(values.get("more", ()))})


def face(entry: Entry | None) -> str:
    """What staff see of an answer, in a few letters: it is another when somebody else has changed it."""
    if entry is None:
        return ""
    shown = repr((sorted(entry.title.items()), sorted(entry.answer.items()), entry.questions))
    return hashlib.sha256(shown.encode()).hexdigest()[:12]
