"""
Fits ``calibration.SHIPPED`` to labelled questions, and says what to expect of it, by cross-validation.

For each tenth of the questions the numbers are fitted to the other nine and tried on it; the thresholds are those that
keep wrong answers and answered strangers under their limits at the least loss. So no figure comes from a question that
helped to fit it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from bot.core.answers.calibration import Calibration, Signals
from bot.core.answers.evaluation import TOP, Labelled

Numbers = npt.NDArray[np.float64]
SignalsOf = Callable[[str], tuple[Signals, tuple[tuple[str, float], ...]] | None]

FOLDS = 10
# A quarter of what is tolerable (4 % wrong, 2 % strangers answered), so that other people's questions have room.
MAX_ANSWERED_WRONG = 0.01
MAX_STRANGERS_ANSWERED = 0.005
# Of our own people's questions, how many may be turned away when thresholds are chosen.
MAX_TURNED_AWAY = 0.01
# Where the gap stands in a sample's vector, behind the constant.
_GAP = 1
_PENALTY = 1.0
_NEWTON_STEPS = 30
_SHARPNESS = np.geomspace(0.05, 2.0, 60)


@dataclass(frozen=True)
class _Sample:
    """What calibration needs of one question: [entries] evidence best first, and where the right one stands in it."""

    ours: bool
    vector: Numbers
    evidence: Numbers
    place: int  # -1: not there


def fit(
    questions: Sequence[Labelled], with_asides: SignalsOf, without_asides: SignalsOf
) -> tuple[Calibration, dict[str, float]]:
    """
    Fit a calibration.

    Args:
        questions: labelled, in and out of scope.
        with_asides: ``Matcher.signals`` of the FAQ.
        without_asides: the same of the FAQ without its asides.

    Returns:
        The calibration, and out-of-fold fractions named as in ``evaluation.figures``.
    """
    full = _samples(questions, with_asides)
    bare = _samples(questions, without_asides)
    calibration = _fit_fold(full)
    calibration = replace(calibration, without_asides=_logistic(bare))
    fold_of = np.random.default_rng(0).permutation(len(full)) % FOLDS
    counts: dict[str, float] = {}
    for number in range(FOLDS):
        trained = _fit_fold([sample for sample, fold in zip(full, fold_of, strict=True) if fold != number])
        tried = [sample for sample, fold in zip(full, fold_of, strict=True) if fold == number]
        for sample in tried:
            outcome = _outcome(sample, trained)
            counts[outcome] = counts.get(outcome, 0) + 1
    ours = sum(sample.ours for sample in full)
    return calibration, {
        name: counts.get(name, 0) / max(len(full) - ours if name.startswith("oos") else ours, 1)
        for name in (
            "answered_right", "answered_wrong", "offered_right", "offered_wrong", "refused",
            "oos_answered", "oos_offered", "oos_refused",
        )
    }  # fmt: skip


def _samples(questions: Sequence[Labelled], signals_of: SignalsOf) -> list[_Sample]:
    samples = []
    for question in questions:
        found = signals_of(question.query)
        if found is None:
            continue
        signals, ranking = found
        place = next((at for at, (entry, _) in enumerate(ranking) if entry in question.expected), -1)
        samples.append(
            _Sample(
                bool(question.expected),
                np.array([1.0, *signals.vector]),
                np.array([evidence for _, evidence in ranking]),
                place,
            )
        )
    return samples


def _fit_fold(samples: Sequence[_Sample]) -> Calibration:
    calibration = Calibration(_logistic(samples), (), _sharpness(samples), 1.0, 1.0)
    return _thresholds(samples, calibration)


def _logistic(samples: Sequence[_Sample]) -> tuple[float, ...]:
    """Logistic regression by Newton's method on standardised signals, both classes weighing the same."""
    vectors = np.array([sample.vector for sample in samples])
    ours = np.array([sample.ours for sample in samples], float)
    balance = np.where(ours > 0, 0.5 / max(ours.mean(), 1e-9), 0.5 / max(1 - ours.mean(), 1e-9))
    mean, spread = vectors.mean(0), vectors.std(0)
    mean[0] = 0.0
    spread[spread == 0] = 1.0
    scaled = (vectors - mean) / spread
    weights = np.zeros(scaled.shape[1])
    penalty = np.full(len(weights), _PENALTY)
    penalty[0] = 0.0
    for _ in range(_NEWTON_STEPS):
        chance = 1 / (1 + np.exp(-scaled @ weights))
        slope = scaled.T @ (balance * (chance - ours)) + penalty * weights
        bend = (scaled * (balance * chance * (1 - chance))[:, None]).T @ scaled + np.diag(penalty + 1e-9)
        weights -= np.linalg.solve(bend, slope)
    weights /= spread
    weights[0] -= float(weights[1:] @ mean[1:])
    return tuple(round(float(weight), 4) for weight in weights)


def _sharpness(samples: Sequence[_Sample]) -> float:
    """The softmax factor under which the right entries are most likely."""
    placed = [sample for sample in samples if sample.place >= 0]

    def loss(sharpness: float) -> float:
        return -sum(float(np.log(_shares(sample, sharpness)[sample.place] + 1e-9)) for sample in placed)

    return round(float(min(_SHARPNESS, key=loss)), 3)


def _shares(sample: _Sample, sharpness: float) -> Numbers:
    raised: Numbers = np.exp((sample.evidence - sample.evidence[0]) * sharpness)
    shares: Numbers = raised / raised.sum()
    return shares


def _is_ours(sample: _Sample, calibration: Calibration) -> float:
    return float(1 / (1 + np.exp(-sample.vector @ np.array(calibration.with_asides))))


def _thresholds(samples: Sequence[_Sample], calibration: Calibration) -> Calibration:
    """The lowest threshold for answering that keeps both limits, and the highest for offering that keeps its own."""
    ours = max(sum(sample.ours for sample in samples), 1)
    strangers = max(len(samples) - ours, 1)
    likely = [_is_ours(sample, calibration) for sample in samples]
    best = [
        chance * float(_shares(sample, calibration.sharpness)[0])
        for sample, chance in zip(samples, likely, strict=True)
    ]
    wrong = np.sort([score for sample, score in zip(samples, best, strict=True) if sample.ours and sample.place != 0])
    strange = np.sort([score for sample, score in zip(samples, best, strict=True) if not sample.ours])
    answer_from = max(
        _least_above(wrong, int(MAX_ANSWERED_WRONG * ours)),
        _least_above(strange, int(MAX_STRANGERS_ANSWERED * strangers)),
    )
    own = np.sort([chance for sample, chance in zip(samples, likely, strict=True) if sample.ours])
    offer_from = float(own[int(MAX_TURNED_AWAY * ours)])
    return replace(calibration, answer_from=round(answer_from, 3), offer_from=round(min(offer_from, 0.5), 3))


def _least_above(scores: Numbers, tolerated: int) -> float:
    """The threshold which at most that many of the ascending scores reach."""
    return float(scores[-tolerated - 1]) + 1e-3 if len(scores) > tolerated else 0.0


def _outcome(sample: _Sample, calibration: Calibration) -> str:
    likely = _is_ours(sample, calibration)
    score = likely * float(_shares(sample, calibration.sharpness)[0])
    if score >= calibration.answer_from and sample.vector[_GAP] >= 0:
        done, right = "answered", sample.place == 0
    elif likely >= calibration.offer_from:
        done, right = "offered", 0 <= sample.place < TOP
    else:
        return "refused" if sample.ours else "oos_refused"
    if not sample.ours:
        return f"oos_{done}"
    return f"{done}_{'right' if right else 'wrong'}"
