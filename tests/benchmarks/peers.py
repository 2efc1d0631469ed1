"""
The matcher beside what others would use: ``python -m tests.benchmarks.peers [PICTURE]``.

All learn from the same phrasings and rank the same entries for the in-scope questions of ``tests/questions``, in one
run. Prints a Markdown table; with a file name, also draws it. Needs ``pip install 'gem-saathi[bench]'``.
"""

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import bm25s
import numpy as np
from matplotlib import pyplot as plt
from rapidfuzz import fuzz, process, utils
from rich.progress import track
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from bot.app import App
from bot.cli.faq import read_labelled
from bot.cli.shared import open_app
from bot.core.answers.calibration import SHIPPED
from bot.core.answers.evaluation import TOP, Labelled, percentile
from bot.core.answers.fold import fold
from bot.core.answers.matcher import Matcher, learn_faq

QUESTIONS = Path(__file__).parents[1] / "questions"
# A ranking: question -> entry ids, best first.
Rank = Callable[[str], Sequence[str]]
Texts = Sequence[tuple[str, str]]


def ours(app: App) -> Rank:
    faq = app.prepared.loaded.faq
    matcher = Matcher(faq, learn_faq(faq), SHIPPED)
    return lambda question: [scored.id for scored in matcher.match(question).ranking]


def best_phrasings(texts: Texts, scores: Callable[[str], Sequence[float]]) -> Rank:
    """Entries by the score of their best phrasing."""
    names = np.array([name for name, _ in texts])

    def rank(question: str) -> Sequence[str]:
        order = np.argsort(-np.asarray(scores(question)), kind="stable")
        return list(dict.fromkeys(names[order[:200]]))[:TOP]

    return rank


def wratio(texts: Texts) -> Rank:
    choices = [utils.default_process(text) for _, text in texts]
    return best_phrasings(
        texts, lambda question: process.cdist([utils.default_process(question)], choices, scorer=fuzz.WRatio)[0]
    )


def token_set(texts: Texts) -> Rank:
    choices = [fold(text) for _, text in texts]
    return best_phrasings(
        texts, lambda question: process.cdist([fold(question)], choices, scorer=fuzz.token_set_ratio)[0]
    )


def bm25(texts: Texts, prepare: Callable[[str], str]) -> Rank:
    retriever = bm25s.BM25()
    retriever.index([prepare(text).split() for _, text in texts], show_progress=False)
    return best_phrasings(texts, lambda question: retriever.get_scores(prepare(question).split() or [""]))


def logistic(texts: Texts, prepare: Callable[[str], str]) -> Rank:
    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=2)
    model = LogisticRegression(C=20, max_iter=200)
    model.fit(vectorizer.fit_transform([prepare(text) for _, text in texts]), [name for name, _ in texts])

    def rank(question: str) -> Sequence[str]:
        scores = model.decision_function(vectorizer.transform([prepare(question)]))[0]
        return [str(model.classes_[at]) for at in np.argsort(-scores)[:TOP]]

    return rank


def main() -> None:
    app, _ = open_app(None, None, "en")
    texts = [(entry.id, question) for entry in app.prepared.loaded.faq.entries for question in entry.questions]
    questions = [one for one in read_labelled(sorted(QUESTIONS.glob("*.tsv"))) if one.expected]
    peers: list[tuple[str, Callable[[], Rank]]] = [
        ("GeM Saathi", lambda: ours(app)),
        ("rapidfuzz WRatio, default_process", lambda: wratio(texts)),
        ("rapidfuzz token_set_ratio, folded", lambda: token_set(texts)),
        ("bm25s", lambda: bm25(texts, str.casefold)),
        ("bm25s, folded", lambda: bm25(texts, fold)),
        ("scikit-learn char 2-5 TF-IDF + LR", lambda: logistic(texts, str.casefold)),
        ("scikit-learn char 2-5 TF-IDF + LR, folded", lambda: logistic(texts, fold)),
    ]
    results = [(name, *measure(make, questions)) for name, make in track(peers, "comparing", transient=True)]
    lines = ["| matcher | top-1 | top-3 | p50 a question | ready in |", "|---|---|---|---|---|"]
    lines += [
        f"| {name} | {top1:.3f} | {top3:.3f} | {p50:.2f} ms | {ready:.1f} s |"
        for name, top1, top3, p50, ready in results
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    if len(sys.argv) > 1:
        draw(Path(sys.argv[1]), results)


def measure(make: Callable[[], Rank], questions: Sequence[Labelled]) -> tuple[float, float, float, float]:
    """Top-1, top-3, median milliseconds a question, seconds to be ready."""
    start = time.perf_counter()
    rank = make()
    ready = time.perf_counter() - start
    ranked, times = [], []
    for one in questions:
        start = time.perf_counter()
        ranked.append(rank(one.query))
        times.append((time.perf_counter() - start) * 1000)
    top1 = np.mean([found[0] in one.expected for one, found in zip(questions, ranked, strict=True)])
    top3 = np.mean([not one.expected.isdisjoint(found[:TOP]) for one, found in zip(questions, ranked, strict=True)])
    return float(top1), float(top3), percentile(sorted(times), 0.5), ready


def draw(file: Path, results: Sequence[tuple[str, float, float, float, float]]) -> None:
    """Right answers and time side by side, ours on top."""
    names = [name for name, *_ in results][::-1]
    figure, (right, took) = plt.subplots(1, 2, figsize=(10, 4), sharey=True, width_ratios=(3, 2))
    places = np.arange(len(names))
    colours = ["#9aa5b1"] * (len(names) - 1) + ["#1f6f5c"]
    for offset, column, shade, label in ((0.19, 1, 1.0, "top-1"), (-0.19, 2, 0.5, "top-3")):
        bars = right.barh(
            places + offset, [row[column] for row in results][::-1], 0.36, color=colours, alpha=shade, label=label
        )
        right.bar_label(bars, fmt="%.3f", padding=3, fontsize=8)
    right.set(yticks=places, yticklabels=names, xlim=(0, 1.09), title="right answers: first (dark), in the first three")
    bars = took.barh(places, [row[3] for row in results][::-1], 0.5, color=colours)
    took.bar_label(bars, fmt="%.2f", padding=3, fontsize=8)
    took.set(xscale="log", title="median milliseconds a question")
    took.margins(x=0.25)
    for axes in (right, took):
        axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(file, dpi=110)


if __name__ == "__main__":
    main()
