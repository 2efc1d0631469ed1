"""Labelled questions -> figures: how often the matcher answers right, offers, refuses, errs."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from bot.core.answers.matcher import Match

# What counts as "offered": as many as fit under a question on every channel.
TOP = 3


@dataclass(frozen=True, slots=True)
class Labelled:
    """
    A question with the ids of the entries that answer it; none where it is out of scope.

    Attributes:
        script: deva, roman, mixed, english or whatever the file says; figures are given for each.
    """

    query: str
    expected: frozenset[str]
    script: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """A labelled question, what the matcher made of it, and how long that took in milliseconds."""

    labelled: Labelled
    match: Match
    milliseconds: float

    @property
    def rank(self) -> int:
        """Place of the first right entry in the ranking, from 1; 0 if it is not in it."""
        for place, scored in enumerate(self.match.ranking, 1):
            if scored.id in self.labelled.expected:
                return place
        return 0

    @property
    def kind(self) -> str:
        """``answer``, ``choices`` or ``nothing``."""
        return self.match.kind

    @property
    def right(self) -> bool:
        """Answered with a right entry, or offered one among the choices."""
        return not self.labelled.expected.isdisjoint(self.match.ids)


def judge(questions: Iterable[Labelled], match: Callable[[str], Match], clock: Callable[[], float]) -> Iterable[Judged]:
    """Ask each question; ``clock`` gives seconds."""
    for labelled in questions:
        start = clock()
        matched = match(labelled.query)
        yield Judged(labelled, matched, (clock() - start) * 1000)


def figures(judged: Sequence[Judged]) -> dict[str, float]:
    """
    The figures of a set of judged questions.

    Returns:
        n; of in-scope questions the fractions top1, top3, mrr (of the ranking), answered_right, answered_wrong,
        offered_right, offered_wrong, refused; of out-of-scope ones oos_answered, oos_offered, oos_refused; p50_ms and
        p99_ms of all. A fraction of no questions is 0.
    """
    ours = [one for one in judged if one.labelled.expected]
    others = [one for one in judged if not one.labelled.expected]

    def share(of: Sequence[Judged], which: Callable[[Judged], bool]) -> float:
        return sum(map(which, of)) / len(of) if of else 0.0

    times = sorted(one.milliseconds for one in judged)
    return {
        "n": len(judged),
        "top1": share(ours, lambda one: one.rank == 1),
        "top3": share(ours, lambda one: 1 <= one.rank <= TOP),
        "mrr": sum(1 / one.rank for one in ours if one.rank) / len(ours) if ours else 0.0,
        "answered_right": share(ours, lambda one: one.kind == "answer" and one.right),
        "answered_wrong": share(ours, lambda one: one.kind == "answer" and not one.right),
        "offered_right": share(ours, lambda one: one.kind == "choices" and one.right),
        "offered_wrong": share(ours, lambda one: one.kind == "choices" and not one.right),
        "refused": share(ours, lambda one: one.kind == "nothing"),
        "oos_answered": share(others, lambda one: one.kind == "answer"),
        "oos_offered": share(others, lambda one: one.kind == "choices"),
        "oos_refused": share(others, lambda one: one.kind == "nothing"),
        "p50_ms": percentile(times, 0.5),
        "p99_ms": percentile(times, 0.99),
    }


def by_script(judged: Sequence[Judged]) -> dict[str, dict[str, float]]:
    """The same figures for each script."""
    ordered = sorted(judged, key=lambda one: one.labelled.script)
    return {script: figures(list(group)) for script, group in groupby(ordered, lambda one: one.labelled.script)}


def percentile(ordered: Sequence[float], share: float) -> float:
    """The nearest-rank percentile of ascending numbers; 0 of none."""
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)] if ordered else 0.0
