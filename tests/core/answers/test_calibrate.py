"""Fitting the matcher's numbers, on made-up signals."""

import math
from functools import cache

import numpy as np
import pytest

from bot.core.answers.calibrate import MAX_ANSWERED_WRONG, MAX_STRANGERS_ANSWERED, fit
from bot.core.answers.calibration import Calibration, Signals
from bot.core.answers.evaluation import Labelled

Ranking = tuple[tuple[str, float], ...]
Found = tuple[Signals, Ranking]


class World:
    """Questions whose signals are drawn once: ours lie ``apart`` from strangers, and ``sure`` of them rank right."""

    def __init__(self, apart: float, sure: float, ours: int = 150, strangers: int = 100) -> None:
        draw = np.random.default_rng(7)
        self.questions: list[Labelled] = []
        self._found: dict[str, Found] = {}
        for number in range(ours + strangers):
            is_ours = number < ours
            right = draw.random() < sure
            ahead = float(draw.normal(8 if right else 1, 1))
            signals = Signals(
                gap=float(draw.normal(apart if is_ours else -apart, 2)),
                margin=abs(ahead),
                coverage=float(np.clip(draw.normal(0.8 if is_ours else 0.8 - apart / 20, 0.1), 0, 1)),
                length=math.log1p(int(draw.integers(1, 12))),
                weight=float(draw.normal(20, 4)),
            )
            first, second = ("right", "other") if right else ("other", "right")
            name = f"question {number}"
            self._found[name] = signals, ((first, abs(ahead)), (second, 0.0), ("third", -3.0), ("fourth", -4.0))
            self.questions.append(Labelled(name, frozenset({"right"}) if is_ours else frozenset()))

    def with_asides(self, question: str) -> Found | None:
        return self._found.get(question)

    def without_asides(self, question: str) -> Found | None:
        if (found := self._found.get(question)) is None:
            return None
        signals, ranking = found
        return Signals(None, signals.margin, signals.coverage, signals.length, signals.weight), ranking

    def fitted(self) -> tuple[Calibration, dict[str, float]]:
        return fit(self.questions, self.with_asides, self.without_asides)


@cache
def fitted(apart: float, sure: float) -> tuple[Calibration, dict[str, float]]:
    return World(apart, sure).fitted()


@pytest.mark.parametrize(("apart", "sure"), [(10.0, 1.0), (4.0, 0.95), (1.0, 0.9), (0.0, 0.6)])
def test_fractions_of_ours_and_of_strangers_add_up_to_one(apart: float, sure: float) -> None:
    _, expected = fitted(apart, sure)
    strangers = sum(value for name, value in expected.items() if name.startswith("oos"))
    assert sum(expected.values()) - strangers == pytest.approx(1)
    assert strangers == pytest.approx(1)


def test_questions_far_apart_are_told_apart() -> None:
    world = World(apart=10.0, sure=1.0)
    calibration, expected = world.fitted()
    assert expected["answered_right"] > 0.95
    assert expected["answered_wrong"] == 0
    assert expected["oos_answered"] <= 0.02
    chances = {
        ours: [
            calibration.is_ours(found[0])
            for question in world.questions
            if bool(question.expected) == ours and (found := world.with_asides(question.query))
        ]
        for ours in (True, False)
    }
    assert min(chances[True]) > max(chances[False])


@pytest.mark.parametrize(("apart", "sure"), [(4.0, 0.9), (1.0, 0.9), (0.0, 0.7)])
def test_wrong_answers_and_answered_strangers_stay_near_their_limits(apart: float, sure: float) -> None:
    _, expected = fitted(apart, sure)
    # Out of fold, so chance may add a few.
    assert expected["answered_wrong"] <= MAX_ANSWERED_WRONG + 0.02
    assert expected["oos_answered"] <= MAX_STRANGERS_ANSWERED + 0.02


def test_harder_questions_are_answered_less() -> None:
    answered = [fitted(apart, 0.9)[1]["answered_right"] for apart in (10.0, 2.0, 0.0)]
    assert sorted(answered, reverse=True) == answered
    assert answered[0] > answered[-1]


def test_each_set_of_weights_has_a_bias_and_one_for_each_signal() -> None:
    calibration, _ = fitted(4.0, 0.9)
    assert len(calibration.with_asides) == 1 + 5
    assert len(calibration.without_asides) == 1 + 4
    assert calibration.with_asides[1] > 0


def test_the_thresholds_can_be_reached() -> None:
    calibration, _ = fitted(4.0, 0.9)
    assert 0 < calibration.offer_from <= 0.5
    assert 0 < calibration.answer_from < 1
    assert calibration.sharpness > 0


def test_evidence_that_ranks_well_is_trusted_more() -> None:
    assert fitted(4.0, 0.98)[0].sharpness > fitted(4.0, 0.5)[0].sharpness


def test_fitting_twice_gives_the_same() -> None:
    world = World(3.0, 0.9)
    assert world.fitted() == world.fitted()


def test_questions_without_letters_are_left_out() -> None:
    world = World(4.0, 0.9)
    before = world.fitted()
    world.questions += [Labelled("👍", frozenset()), Labelled("…", frozenset({"right"}))]
    assert before == world.fitted()


def test_a_right_entry_beyond_the_third_is_offered_wrong() -> None:
    world = World(10.0, 1.0)
    world.questions = [
        Labelled(question.query, frozenset({"fourth"}) if question.expected else frozenset())
        for question in world.questions
    ]
    _, expected = world.fitted()
    assert expected["offered_wrong"] > 0.9
    assert expected["answered_right"] == expected["offered_right"] == 0


def test_a_question_nearer_to_an_aside_is_never_answered() -> None:
    world = World(10.0, 1.0)
    found = world.with_asides

    def on_the_other_side(question: str) -> Found | None:
        if (its := found(question)) is None:
            return None
        signals, ranking = its
        assert signals.gap is not None
        return Signals(-signals.gap, signals.margin, signals.coverage, signals.length, signals.weight), ranking

    _, expected = fit(world.questions, on_the_other_side, world.without_asides)
    assert expected["answered_right"] == expected["answered_wrong"] == 0
