"""
A question as people type it -> the answer, up to three to choose from, or nothing.

**Evidence.** The question is folded and cut into features like the phrasings (see ``index``); their evidence adds up to
one number for each entry, and for each aside: a group of messages that the FAQ must not answer, either of strangers
(other services, small talk) or of one request ("write me into the workshop"). A word that neither a phrasing nor the
lexicon holds is read as the nearest known word, if one is near (rapidfuzz, optimal string alignment). A message that
stands word for word among the phrasings or examples is what it stands for.

**How sure.** Two questions are asked of the numbers. *Is this ours at all?* is a logistic function of five signals: the
gap between the best entry and the best group of strangers, the margin over the second entry, the share of the
question's weight that the best entry explains, the question's length and its weight. So the matcher abstains on what
supports the answer, not on the topic: "registration of my bike" has GeM's word and nothing else of GeM's. *Which one?*
is a softmax over the entries. An entry's score is the product: the probability that it is the right answer, comparable
between questions.

**What then.** A request fits far better than all else: Nothing, with the request. The best entry's score high enough,
and no aside better: Answer. Else, the question likely ours: Choices. Else Nothing, with the aside that fits better than
any entry, if one does. The numbers come from cross-validation on labelled questions (``gem-saathi faq calibrate``),
never from looking.

Example: "payment" alone is ours, but three entries share it: Choices. "gaadi ka RC transfer" is an aside's: Nothing,
with its pointer.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.core.answers.calibration import Calibration, Signals
from bot.core.answers.faq import Aside, Faq, in_language
from bot.core.answers.fold import fold
from bot.core.answers.index import WEIGHTS, Floats, Index, Progress, learn, phrase_features, unseen, word_features
from bot.core.answers.lexicon import Lexicon

# Longer messages are read up to here: a minute of speech has about 1,000 characters.
MAX_CHARS = 2_000
MAX_CHOICES = 3
# How many entries a ranking names.
MAX_RANKED = 5
# How alike an unknown word must be to a known one to be read as it, and how long to be worth it.
_NEAR = 0.75
_MIN_LETTERS = 4
# Words' evidence is kept for the words that come again and again; this bounds it.
_CACHE_BYTES = 12_000_000
# Below this share of the best one's score, a choice would only confuse.
_WORTH_OFFERING = 0.01
# What it counts, in evidence, to stand word for word among the phrasings or examples: more than any doubt.
_WORD_FOR_WORD = 30.0
# An aside's pointer is given when the aside is likelier than all entries and other asides together.
_POINT_FROM = 0.5
# A request is met from this share on, even where its words are ours ("my registration"). Of examples left out of the
# learning, 0.5 meets 85 % right and 8 % as another request, 0.7 83 % and 6 %: a wrong act costs more than a choice.
_DO_FROM = 0.7


@dataclass(frozen=True, slots=True)
class Scored:
    """An entry and the probability, 0..1, that it answers the question."""

    id: str
    score: float


@dataclass(frozen=True, slots=True)
class Answer:
    """One entry answers the question."""

    id: str
    ranking: tuple[Scored, ...]
    kind: ClassVar[str] = "answer"

    @property
    def ids(self) -> tuple[str, ...]:
        """The entries that a person gets to see."""
        return (self.id,)


@dataclass(frozen=True, slots=True)
class Choices:
    """One of up to three entries, best first, may answer it; the person should choose."""

    ids: tuple[str, ...]
    ranking: tuple[Scored, ...]
    kind: ClassVar[str] = "choices"


@dataclass(frozen=True, slots=True)
class Nothing:
    """The FAQ does not answer this; the aside tells what it is instead, a request or a stranger, if that is known."""

    aside: Aside | None
    ranking: tuple[Scored, ...]
    kind: ClassVar[str] = "nothing"
    ids: ClassVar[tuple[str, ...]] = ()


Match = Answer | Choices | Nothing


@dataclass(frozen=True, slots=True)
class _Word:
    """What one folded word says: evidence and squared length of its letters and of its consonants."""

    letters: Floats
    letters_length: float
    consonants: Floats
    consonants_length: float
    read_as: str


class Matcher:
    """
    Answers questions from one FAQ.

    Not safe for use by several threads at once: it remembers words.
    """

    def __init__(self, faq: Faq, index: Index, calibration: Calibration) -> None:
        """Args: index: learnt from ``training_texts(faq)``."""
        self._asides = {aside_class(aside): aside for aside in faq.asides}
        self._index = index
        self._lexicon = Lexicon(faq.lexicon)
        self._calibration = calibration
        self._entries = sum(name not in self._asides for name in index.classes)
        self._strangers = np.array(
            [at for at, name in enumerate(index.classes) if name in self._asides and not self._asides[name].does],
            np.intp,
        )
        self._known = index.vocabulary | self._lexicon.words
        self._by_initial: dict[str, list[str]] = {}
        for word in sorted(self._known):
            self._by_initial.setdefault(word[0], []).append(word)
        self._rarest = float(index.rarity.max(initial=1.0))
        self._words: dict[str, _Word] = {}
        self._max_words = max(_CACHE_BYTES // (8 * max(len(index.classes), 1)), 64)

    def match(self, question: str) -> Match:
        """Decide what to do with a question; any text is taken."""
        words = fold(question[:MAX_CHARS]).split()
        evidence, signals = self._read(words)
        if signals is None:
            return Nothing(None, ())
        ours = self._calibration.is_ours(signals)
        shares = _softmax(evidence[: self._entries] * self._calibration.sharpness)
        order = np.argsort(-shares, kind="stable")[:MAX_RANKED]
        ranking = tuple(Scored(self._index.classes[at], float(ours * shares[at])) for at in order)
        if not any(map(str.isalpha, "".join(words))) and " ".join(words) not in self._index.texts:
            return Nothing(None, ranking)  # a lone number is the answer to something, not a question
        aside, share = self._aside(evidence)
        if aside is not None and aside.does and share >= _DO_FROM:
            return Nothing(aside, ranking)
        # However sure of the entry: where an aside fits better still, the person is asked.
        if aside is None and ranking[0].score >= self._calibration.answer_from:
            return Answer(ranking[0].id, ranking)
        if ours >= self._calibration.offer_from:
            least = ranking[0].score * _WORTH_OFFERING
            return Choices(tuple(scored.id for scored in ranking[:MAX_CHOICES] if scored.score >= least), ranking)
        return Nothing(aside if share >= _POINT_FROM else None, ranking)

    def signals(self, question: str) -> tuple[Signals, tuple[tuple[str, float], ...]] | None:
        """
        What calibration learns from: the signals, and all entries with their evidence, best first.

        None where the question has no letters or digits.
        """
        evidence, signals = self._read(fold(question[:MAX_CHARS]).split())
        if signals is None:
            return None
        order = np.argsort(-evidence[: self._entries], kind="stable")
        return signals, tuple((self._index.classes[at], float(evidence[at])) for at in order)

    def _read(self, words: Sequence[str]) -> tuple[Floats, Signals | None]:
        """Evidence for all classes, and the signals; no signals where there is nothing to read."""
        evidence = np.zeros(len(self._index.classes), np.float32)
        if not words or not self._entries:
            return evidence, None
        read = [self._word(word) for word in words]
        for kind, vectors, length in (
            ("c", [word.letters for word in read], sum(word.letters_length for word in read)),
            ("s", [word.consonants for word in read], sum(word.consonants_length for word in read)),
        ):
            if length:
                evidence += np.sum(vectors, axis=0) * (WEIGHTS[kind] / math.sqrt(length))
        meant = [word.read_as for word in read]
        reduced = self._lexicon.reduce(meant)
        features = {"w": [f"w{word}" for word in meant], **phrase_features(meant, reduced)}
        for kind, names in features.items():
            said, length = self._index.weigh(self._index.rows(names))
            if length:
                evidence += said * (WEIGHTS[kind] / math.sqrt(length))
        if (known := self._index.texts.get(" ".join(words))) is not None:
            evidence[known] += _WORD_FOR_WORD
        return evidence, self._signals(evidence, reduced, len(words))

    def _signals(self, evidence: Floats, reduced: Sequence[str], words: int) -> Signals:
        entries, asides = evidence[: self._entries], evidence[self._strangers]
        best = int(np.argmax(entries))
        second = np.partition(entries, -2)[-2] if len(entries) > 1 else entries[best]
        rows = self._index.rows(("g" if name[0] == "§" else "w") + name for name in reduced)
        rarity = self._index.rarity[rows]
        # What nobody has ever said weighs most.
        weight = float(rarity.sum()) + (len(reduced) - len(rows)) * self._rarest
        explained = float(rarity[self._index.seen(rows, best)].sum())
        return Signals(
            gap=float(entries[best] - asides.max()) if len(asides) else None,
            margin=float(entries[best] - second),
            coverage=explained / weight,
            length=math.log1p(words),
            weight=weight,
        )

    def _word(self, word: str) -> _Word:
        known = self._words.get(word)
        if known is None:
            features = word_features(word)
            known = _Word(
                *self._index.weigh(self._index.rows(features["c"])),
                *self._index.weigh(self._index.rows(features["s"])),
                self._nearest(word),
            )
            if len(self._words) >= self._max_words:
                self._words.clear()
            self._words[word] = known
        return known

    def _nearest(self, word: str) -> str:
        if word in self._known or len(word) < _MIN_LETTERS or not word.isalpha():
            return word
        found = process.extractOne(
            word, self._by_initial.get(word[0], ()), scorer=OSA.normalized_similarity, score_cutoff=_NEAR
        )
        return found[0] if found else word

    def _aside(self, evidence: Floats) -> tuple[Aside | None, float]:
        """The aside that fits better than all entries, if one does, and its share of all that could be meant."""
        best = int(np.argmax(evidence))
        if best < self._entries:
            return None, 0.0
        shares = _softmax(evidence * self._calibration.sharpness)
        return self._asides[self._index.classes[best]], float(shares[best])


def aside_class(aside: Aside) -> str:
    """The class name of an aside; no entry id holds a "!"."""
    return f"!{aside.id}"


def training_texts(faq: Faq) -> list[tuple[str, str]]:
    """
    (class, text) of all that the index learns from, entries first.

    Title and answer count as a phrasing each: with one phrasing an entry, they lift the right answer to the top from 23
    to 63 of 100 questions; with forty they change nothing.
    """
    texts = [
        (entry.id, text)
        for entry in faq.entries
        for text in (*entry.questions, in_language(entry.title, "hi"), in_language(entry.answer, "hi"))
    ]
    return texts + [(aside_class(aside), example) for aside in faq.asides for example in aside.examples]


def learn_faq(faq: Faq, progress: Progress = unseen) -> Index:
    """Learn the index that a matcher of this FAQ needs."""
    return learn(training_texts(faq), Lexicon(faq.lexicon), progress)


def _softmax(values: Floats) -> Floats:
    raised: Floats = np.exp(values - values.max())
    shares: Floats = raised / raised.sum()
    return shares
