"""
How the matcher's evidence becomes probabilities, and from where on it answers.

The numbers are fitted, not chosen: ``gem-saathi faq calibrate FILE.tsv...`` fits them to labelled questions and prints
them with what cross-validation says of them. They are few and of the form "how much does a signal count", so they hold
for other FAQs too; an FAQ without examples of what is out of scope has a set of its own.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Signals:
    """
    What is known of one question besides which entry is best.

    Attributes:
        gap: evidence for the best entry less that for the best aside that is no request; None without such.
        margin: evidence for the best entry less that for the second.
        coverage: 0..1, share of the question's weight in words that the best entry has.
        length: log(1 + number of words).
        weight: summed rarity of the question's words.
    """

    gap: float | None
    margin: float
    coverage: float
    length: float
    weight: float

    @property
    def vector(self) -> tuple[float, ...]:
        """The signals as numbers, in the order of ``Calibration``'s weights."""
        rest = (self.margin, self.coverage, self.length, self.weight)
        return rest if self.gap is None else (self.gap, *rest)


@dataclass(frozen=True, slots=True)
class Calibration:
    """
    The few numbers between evidence and decision.

    Attributes:
        with_asides: bias, then the weights of gap, margin, coverage, length, weight.
        without_asides: bias, then the weights of margin, coverage, length, weight.
        sharpness: what evidence is multiplied by before the softmax over entries.
        answer_from: least score of an entry that is given as the answer.
        offer_from: least probability that the question is ours at all, for choices to be offered.
    """

    with_asides: tuple[float, ...]
    without_asides: tuple[float, ...]
    sharpness: float
    answer_from: float
    offer_from: float

    def is_ours(self, signals: Signals) -> float:
        """The probability, 0..1, that the FAQ has an answer to the question."""
        bias, *weights = self.with_asides if signals.gap is not None else self.without_asides
        total = bias + sum(weight * value for weight, value in zip(weights, signals.vector, strict=True))
        return 1 / (1 + math.exp(-max(-60.0, min(60.0, total))))


# Fitted by `gem-saathi faq calibrate` (CONTRIBUTING, "Calibrate").
SHIPPED = Calibration(
    with_asides=(-0.8546, 0.3105, -0.1403, 7.6407, -3.7247, 0.0719),
    without_asides=(-7.0378, 0.1408, 10.1202, -2.5586, 0.0875),
    sharpness=0.649,
    answer_from=0.886,
    offer_from=0.333,
)
