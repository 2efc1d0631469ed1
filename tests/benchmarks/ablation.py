"""
What each part of the matcher brings: ``python -m tests.benchmarks.ablation``.

Each row takes one part away, learns anew and asks all questions of ``tests/questions``. Prints a Markdown table.
"""

import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import track

from bot.cli.faq import read_labelled
from bot.cli.shared import open_app
from bot.core.answers import index, lexicon, matcher
from bot.core.answers.calibration import SHIPPED
from bot.core.answers.evaluation import figures, judge
from bot.core.answers.faq import Faq
from bot.core.answers.matcher import Matcher, learn_faq

QUESTIONS = Path(__file__).parents[1] / "questions"


def unfolded(text: str) -> str:
    """Words as typed, in small letters: what a matcher without ``fold`` compares."""
    return " ".join(re.findall(r"[^\s!-/:-@\[-`{-~।]+", text.casefold()))


@contextmanager
def instead(*changes: tuple[Any, str, Any]) -> Iterator[None]:
    """Other values for names of modules or classes, for a while."""
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in changes]
    for owner, name, value in changes:
        setattr(owner, name, value)
    try:
        yield
    finally:
        for owner, name, value in before:
            setattr(owner, name, value)


def without_fold() -> tuple[tuple[Any, str, Any], ...]:
    return tuple((module, "fold", unfolded) for module in (index, lexicon, matcher))


def rows(faq: Faq) -> list[tuple[str, Faq, tuple[tuple[Any, str, Any], ...]]]:
    """Name, FAQ, and what is other than shipped."""
    first_twelve = replace(
        faq, entries=tuple(replace(entry, questions=entry.questions[::5][:12]) for entry in faq.entries)
    )

    def light(*kinds: str) -> tuple[tuple[Any, str, Any], ...]:
        weights = {kind: 1e-6 if kind in kinds else weight for kind, weight in index.WEIGHTS.items()}
        return ((index, "WEIGHTS", weights), (matcher, "WEIGHTS", weights))

    def equal_rarity(labelled: Any, its_lexicon: Any, progress: Any = index.unseen) -> index.Index:
        learnt = learn(labelled, its_lexicon, progress)
        per_posting = np.repeat(learnt.rarity, np.diff(learnt.starts))
        return replace(learnt, rarity=np.ones_like(learnt.rarity), evidence=learnt.evidence / per_posting)

    learn: Callable[..., index.Index] = index.learn
    return [
        ("nothing (as shipped)", faq, ()),
        ("fold", faq, without_fold()),
        ("lexicon", replace(faq, lexicon={}), ()),
        ("learnt rarity (all features weigh the same)", faq, ((matcher, "learn", equal_rarity),)),
        ("evening out of small entries", faq, ((index, "_EVEN_OUT", 0.0),)),
        ("letters of words (c)", faq, light("c")),
        ("consonants of words (s)", faq, light("s")),
        ("words and pairs of words (w, b)", faq, light("w", "b")),
        ("groups and their pairs (g, p)", faq, light("g", "p")),
        ("reading unknown words as near ones", faq, ((matcher, "_NEAR", 1.0),)),
        ("word-for-word recognition", faq, ((matcher, "_WORD_FOR_WORD", 0.0),)),
        ("out-of-scope examples", replace(faq, asides=()), ()),
        ("all but twelve phrasings an entry", first_twelve, ()),
    ]


def main() -> None:
    app, _ = open_app(None, None, "en")
    questions = read_labelled(sorted(QUESTIONS.glob("*.tsv")))
    lines = [
        "| without | top-1 | top-3 | answered wrong | right or offered | strangers answered | strangers refused |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, faq, changes in track(rows(app.prepared.loaded.faq), "ablating", transient=True):
        with instead(*changes):
            its = Matcher(faq, learn_faq(faq), SHIPPED)
            row = figures(list(judge(questions, its.match, time.perf_counter)))
        helped = row["answered_right"] + row["offered_right"]
        cells = (row["top1"], row["top3"], row["answered_wrong"], helped, row["oos_answered"], row["oos_refused"])
        lines.append(f"| {name} | " + " | ".join(f"{cell:.3f}" for cell in cells) + " |")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
