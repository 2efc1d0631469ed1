"""Finds phrasings that the matcher, had it not learnt them, would surely answer with another entry."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from rapidfuzz import fuzz, process

from bot.core.answers.calibration import SHIPPED
from bot.core.answers.faq import Entry, Faq
from bot.core.answers.fold import fold
from bot.core.answers.index import Progress, unseen
from bot.core.answers.matcher import Answer, Matcher, learn_faq

# Each fifth of the phrasings is judged by a matcher that learnt the other four.
FOLDS = 5
# Below these the matcher is in doubt, and would rather offer both: no mistake that staff must look at.
_SURE, _EXCLUDED = 0.98, 0.01


@dataclass(frozen=True, slots=True)
class Collision:
    """
    A phrasing that would be answered wrong.

    Attributes:
        entry: where it stands; ``position`` among that entry's questions.
        other: what it would be answered with; ``other_position`` is that entry's most similar question.
    """

    text: str
    entry: str
    position: int
    other: str
    other_position: int


def collisions(faq: Faq, progress: Progress = unseen) -> list[Collision]:
    """All collisions of an FAQ; takes ``FOLDS`` times as long as learning it."""
    found: list[Collision] = []
    for number in range(FOLDS):
        entries = tuple(
            replace(entry, questions=tuple(text for at, text in enumerate(entry.questions) if at % FOLDS != number))
            for entry in faq.entries
        )
        learnt = replace(faq, entries=tuple(entry for entry in entries if entry.questions))
        if not learnt.entries:
            continue
        matcher = Matcher(learnt, learn_faq(learnt), SHIPPED)
        for entry in faq.entries:
            found += _judge(faq, entry, number, matcher)
        progress(number + 1, FOLDS)
    return found


def _judge(faq: Faq, entry: Entry, number: int, matcher: Matcher) -> Iterator[Collision]:
    # An entry with so few phrasings that all of them are left out has nothing to be known by.
    if len(entry.questions) <= 1:
        return
    for at in range(number, len(entry.questions), FOLDS):
        match matcher.match(entry.questions[at]):
            case Answer(id=other, ranking=ranking) if other != entry.id and ranking[0].score >= _SURE:
                own = next((scored.score for scored in ranking if scored.id == entry.id), 0.0)
                if own >= _EXCLUDED:
                    continue
                yield Collision(
                    entry.questions[at], entry.id, at, other, _nearest(entry.questions[at], faq.by_id[other])
                )


def _nearest(text: str, entry: Entry) -> int:
    folded = fold(text)
    best = process.extractOne(folded, [fold(question) for question in entry.questions], scorer=fuzz.token_sort_ratio)
    return int(best[2]) if best else 0
