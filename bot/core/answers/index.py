"""
What is learnt from the phrasings: which pieces of words speak for which answer.

Each phrasing, and each example of what must not be answered, is cut into **features** of six kinds:

====== ======================================= ==================================================
``c``  runs of 3 and 4 letters of each word    survive misspelling, joined and split words
``s``  the same of its consonants              survive dropped and wrong vowel signs (krna, karna)
``w``  words
``b``  pairs of neighbouring words
``g``  groups of the lexicon                   survive a word that no phrasing has
``p``  pairs of neighbouring words, reduced to their groups
====== ======================================= ==================================================

A feature weighs by its rarity (inverse document frequency); the features of one kind share that kind's weight, so a
ramble of forty words says no more in sum than a question of four. From these weights a multinomial naive Bayes model
follows in closed form: the evidence of a feature for a class is ``log((its weight in that class + a) / a)``, less a
constant by class. Most pairs of feature and class never meet, so the model is an inverted index: feature -> the classes
it was seen in. It is learnt in one pass, exactly, without chance, and asks for no more memory than the text itself.

Measured against it on the same features (CONTRIBUTING, "Matching"): a linear support vector machine and logistic
regression are no better and take seconds to train; nearest phrasing and centroids are far worse.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise

import numpy as np
import numpy.typing as npt

from bot.core.answers.fold import fold
from bot.core.answers.lexicon import Lexicon

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int32]
Progress = Callable[[int, int], None]
"""Called with (done, in all) now and then."""

# What each kind of feature weighs. The optimum is flat: halving or doubling one changes top-1 by less than a point.
WEIGHTS = {"c": 1.0, "s": 0.6, "w": 0.6, "b": 0.6, "g": 1.0, "p": 0.6}
# What a class is taken to hold of every feature that it never showed.
SMOOTHING = 0.03
# How far classes of few texts are raised to the weight of the others: 0 not at all, 1 to the same. A new entry with
# twelve phrasings among entries with seventy is found at once in 35 of 100 questions with 0, in 64 with 1, in 76 so.
_EVEN_OUT = 1.3
_SHORTEST, _LONGEST = 3, 4
_VOWELS = str.maketrans("", "", "aeiou")


def _runs(kind: str, word: str) -> list[str]:
    padded = f" {word} "
    return [
        kind + padded[at : at + length]
        for length in range(_SHORTEST, _LONGEST + 1)
        for at in range(len(padded) - length + 1)
    ]


def word_features(word: str) -> dict[str, list[str]]:
    """Features of one folded word, by kind."""
    skeleton = word[0] + word[1:].translate(_VOWELS)
    return {"c": _runs("c", word), "s": [f"s{skeleton}", *_runs("s", skeleton)], "w": [f"w{word}"]}


def phrase_features(words: Sequence[str], reduced: Sequence[str]) -> dict[str, list[str]]:
    """Features of folded words and of the same words reduced to their groups, by kind."""
    return {
        "b": [f"b{first} {second}" for first, second in pairwise(words)],
        "g": [f"g{word}" for word in reduced if word[0] == "§"],
        "p": [f"p{first} {second}" for first, second in pairwise(reduced)],
    }


@dataclass(frozen=True)
class Index:
    """
    The learnt model.

    Attributes:
        classes: entry ids and, behind them, ids of asides.
        features: feature -> row.
        rarity: [rows] inverse document frequency.
        starts: [rows + 1] where the postings of a row begin in ``seen_in`` and ``evidence``.
        seen_in: [postings] class numbers, ascending within a row.
        evidence: [postings] what the feature says for that class.
        floor: [classes] what any feature says for the class, per unit of weight.
        texts: folded text that was learnt -> class number; the first class that has it.
    """

    classes: tuple[str, ...]
    features: dict[str, int]
    rarity: Floats
    starts: Rows
    seen_in: Rows
    evidence: Floats
    floor: Floats
    texts: dict[str, int]

    def rows(self, features: Iterable[str]) -> Rows:
        """Rows of those features that are known."""
        known = self.features
        return np.array([row for name in features if (row := known.get(name)) is not None], np.int32)

    def weigh(self, rows: Rows) -> tuple[Floats, float]:
        """
        What features say, before their kind's weight.

        Returns:
            [classes] evidence, and the squared length of the features' weights by which their kind is normalised.
        """
        classes = len(self.classes)
        if not len(rows):
            return np.zeros(classes, np.float32), 0.0
        weights = self.rarity[rows]
        postings, _ = self._postings(rows)
        said = np.bincount(self.seen_in[postings], self.evidence[postings], minlength=classes)
        return said.astype(np.float32) + weights.sum() * self.floor, float(weights @ weights)

    def seen(self, rows: Rows, label: int) -> npt.NDArray[np.bool_]:
        """[rows] whether each feature was seen in a class."""
        postings, lengths = self._postings(rows)
        here = np.arange(len(rows)).repeat(lengths)[self.seen_in[postings] == label]
        return np.bincount(here, minlength=len(rows)) > 0

    def _postings(self, rows: Rows) -> tuple[npt.NDArray[np.int64], Rows]:
        """Where the postings of rows are, one row after the other, and [rows] how many each has."""
        starts = self.starts[rows]
        lengths = self.starts[rows + 1] - starts
        ends = lengths.cumsum()
        return np.arange(ends[-1] if len(rows) else 0) + (starts - ends + lengths).repeat(lengths), lengths

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """All folded words of the phrasings."""
        return frozenset(name[1:] for name in self.features if name[0] == "w")


def unseen(_done: int, _total: int) -> None:
    """Progress that nobody looks at."""


def learn(labelled: Sequence[tuple[str, str]], lexicon: Lexicon, progress: Progress = unseen) -> Index:
    """
    Learn an index.

    Args:
        labelled: (class id, text as typed); classes are numbered in the order in which they first appear.
        lexicon: words that mean the same.
        progress: counts texts.
    """
    classes = {label: number for number, label in enumerate(dict.fromkeys(label for label, _ in labelled))}
    cut = _Cut(lexicon)
    texts: list[list[_Text]] = [[] for _ in classes]
    known: dict[str, int] = {}
    for done, (label, said) in enumerate(labelled):
        words = fold(said).split()
        known.setdefault(" ".join(words), classes[label])
        texts[classes[label]].append(cut.text(words))
        if done % 500 == 0:
            progress(done, len(labelled))
    seen = np.zeros(len(cut.features), np.int32)
    for text in chain.from_iterable(texts):
        seen[np.unique(text.rows)] += 1
    rarity = (np.log((len(labelled) + 1) / (seen + 1)) + 1).astype(np.float32)
    starts, seen_in, amounts = _invert([_amounts(its_texts, rarity) for its_texts in texts], len(rarity))
    totals = np.bincount(seen_in, amounts, minlength=len(classes))
    raised = (totals.mean() / totals) ** _EVEN_OUT
    amounts *= raised[seen_in].astype(np.float32)
    evidence = np.log((amounts + SMOOTHING) / SMOOTHING) * np.repeat(rarity, np.diff(starts))
    floor = math.log(SMOOTHING) - np.log(totals * raised + SMOOTHING * len(rarity))
    progress(len(labelled), len(labelled))
    return Index(
        tuple(classes),
        cut.features,
        rarity,
        starts,
        seen_in,
        evidence.astype(np.float32),
        floor.astype(np.float32),
        known,
    )


@dataclass(frozen=True, slots=True)
class _Text:
    """The rows of one text's features, kind after kind, and how many there are of each kind."""

    rows: Rows
    lengths: tuple[int, ...]


class _Cut:
    """Cuts texts into features, numbering these as they come."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.features: dict[str, int] = {}
        self._lexicon = lexicon
        self._by_word: dict[str, dict[str, Rows]] = {}

    def text(self, words: Sequence[str]) -> _Text:
        """The features of a text, folded."""
        of_words = [self._word(word) for word in words]
        phrases = self._number(phrase_features(words, self._lexicon.reduce(words)))
        rows = [
            np.concatenate([np.zeros(0, np.int32), *(its[kind] for its in (*of_words, phrases) if kind in its)])
            for kind in WEIGHTS
        ]
        return _Text(np.concatenate(rows), tuple(map(len, rows)))

    def _word(self, word: str) -> dict[str, Rows]:
        if word not in self._by_word:
            self._by_word[word] = self._number(word_features(word))
        return self._by_word[word]

    def _number(self, features: dict[str, list[str]]) -> dict[str, Rows]:
        number = self.features.setdefault
        return {
            kind: np.array([number(name, len(self.features)) for name in names], np.int32)
            for kind, names in features.items()
        }


def _amounts(texts: Sequence[_Text], rarity: Floats) -> tuple[Rows, Floats]:
    """Which features one class holds, ascending, and how much of each."""
    rows = np.concatenate([text.rows for text in texts])
    lengths = np.array([text.lengths for text in texts]).ravel()
    block = np.repeat(np.arange(len(lengths)), lengths)
    weights = rarity[rows]
    length_of = np.sqrt(np.bincount(block, weights * weights, minlength=len(lengths)))
    shares = np.tile(list(WEIGHTS.values()), len(texts)) / np.maximum(length_of, 1e-9)
    held, which = np.unique(rows, return_inverse=True)
    return held, np.bincount(which, weights * shares[block], minlength=len(held)).astype(np.float32)


def _invert(held: Sequence[tuple[Rows, Floats]], features: int) -> tuple[Rows, Rows, Floats]:
    """What each class holds -> starts, classes and amounts by feature."""
    rows = np.concatenate([its_rows for its_rows, _ in held])
    labels = np.repeat(np.arange(len(held), dtype=np.int32), [len(its_rows) for its_rows, _ in held])
    order = np.argsort(rows, kind="stable")
    starts = np.searchsorted(rows[order], np.arange(features + 1)).astype(np.int32)
    return starts, labels[order], np.concatenate([amounts for _, amounts in held])[order]
