"""
Whether answers may go to the public: compared with those that are there, no question may be answered worse.

Staff keep a list of golden questions (``faq/golden.tsv``): each with the entries that answer it, or none. A change is
refused where one of them was right and is not any more, or where a question would be answered with something wrong that
was not before. What was wrong before does not stand in the way of other changes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.core.answers.evaluation import Labelled
from bot.core.answers.faq import Entry, Faq
from bot.core.answers.matcher import Answer, Match

Ask = Callable[[str], Match]


@dataclass(frozen=True, slots=True)
class Worse:
    """
    A golden question that comes out worse.

    Attributes:
        expected: entries that answer it; empty where it is out of scope.
        got: the entry that it would be answered with; "" for none.
    """

    query: str
    expected: tuple[str, ...]
    got: str


@dataclass(frozen=True, slots=True)
class Change:
    """
    One entry, before and after; None where it is not there.

    Attributes:
        more, fewer: phrasings that came and went.
    """

    id: str
    before: Entry | None
    after: Entry | None
    more: tuple[str, ...] = ()
    fewer: tuple[str, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """Which of its other parts are different."""
        if self.before is None or self.after is None:
            return ()
        names = ("title", "answer", "sources", "checked_on", "review_by", "confidence", "related", "does", "category")
        return tuple(name for name in names if getattr(self.before, name) != getattr(self.after, name))


def worse(golden: Sequence[Labelled], before: Ask | None, after: Ask) -> list[Worse]:
    """
    Golden questions that come out worse.

    Args:
        golden: all of them.
        before: answers as they are now; None where there are none.
        after: answers as they would be.
    """
    found = []
    for one in golden:
        match = after(one.query)
        if not _is_right(one, match) and (before is None or _is_right(one, before(one.query))):
            got = match.id if isinstance(match, Answer) else ""
            found.append(Worse(one.query, tuple(sorted(one.expected)), got))
    return found


def changes(before: Faq | None, after: Faq) -> list[Change]:
    """What is different, in the order of the new answers; what went comes last."""
    old = {} if before is None else before.by_id
    found = []
    for entry in after.entries:
        was = old.get(entry.id)
        had = () if was is None else was.questions
        more = tuple(text for text in entry.questions if text not in had)
        fewer = tuple(text for text in had if text not in entry.questions)
        change = Change(entry.id, was, entry, more, fewer)
        if was is None or more or fewer or change.fields:
            found.append(change)
    gone = [Change(entry.id, entry, None, (), entry.questions) for entry in old.values() if entry.id not in after.by_id]
    return found + gone


def _is_right(one: Labelled, match: Match) -> bool:
    """Answered or offered as it should be; what is out of scope must not be answered, but may be asked back about."""
    if not one.expected:
        return not isinstance(match, Answer)
    return not one.expected.isdisjoint(match.ids)
