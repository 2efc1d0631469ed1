"""
What people asked in vain, grouped by likeness: a to-do list instead of a heap.

Two questions are alike where most of their words sound the same, in whatever script and order (``fold``).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from rapidfuzz import fuzz

from bot.core.answers.fold import fold
from bot.core.answers.matcher import Match, Nothing

# Out of 100; below it, questions of the test sets that have nothing to do with each other come together.
_ALIKE = 78
_NEAREST = 2
# What is further from an entry than this has nothing to do with it.
_NEAR = 0.02


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that had no answer."""

    text: str
    count: int
    last: datetime


@dataclass(frozen=True, slots=True)
class Gap:
    """
    Questions that are alike.

    Attributes:
        asked: the wordings, the most frequent first.
        nearest: ids of entries that come nearest, the nearest first.
    """

    asked: tuple[Asked, ...]
    nearest: tuple[str, ...]

    @property
    def count(self) -> int:
        """How often they were asked."""
        return sum(each.count for each in self.asked)

    @property
    def last(self) -> datetime:
        """When one of them was asked last."""
        return max(each.last for each in self.asked)


def grouped(asked: Sequence[Asked], match: Callable[[str], Match]) -> list[Gap]:
    """
    Group questions, the most frequent group first; what is out of scope by now is left out.

    Args:
        asked: all of them.
        match: tells which entries come near.
    """
    groups: list[tuple[str, list[Asked]]] = []
    for each in sorted(asked, key=lambda one: (-one.count, one.text)):
        sound = fold(each.text)
        for first, members in groups:
            if fuzz.token_sort_ratio(sound, first) >= _ALIKE:
                members.append(each)
                break
        else:
            groups.append((sound, [each]))
    matches = [(members, match(members[0].text)) for _, members in groups]
    # What the office has called out of scope since is none of its answers' gaps.
    found = [Gap(tuple(members), _near(found)) for members, found in matches if not _is_outside(found)]
    return sorted(found, key=lambda gap: (-gap.count, gap.asked[0].text))


def _is_outside(match: Match) -> bool:
    return isinstance(match, Nothing) and match.aside is not None


def _near(match: Match) -> tuple[str, ...]:
    ranking = [scored for scored in match.ranking if scored.score >= _NEAR]
    return tuple(scored.id for scored in ranking[:_NEAREST])
