"""From signals to a probability."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.answers.calibration import SHIPPED, Calibration, Signals

LOUD = 1e9
numbers = st.floats(-LOUD, LOUD)


@pytest.mark.parametrize(
    ("gap", "expected"),
    [
        (3.0, (3.0, 5.0, 0.5, 1.1, 7.0)),
        (None, (5.0, 0.5, 1.1, 7.0)),
    ],
)
def test_the_gap_leads_the_vector_where_there_are_asides(gap: float | None, expected: tuple[float, ...]) -> None:
    assert expected == Signals(gap, 5.0, 0.5, 1.1, 7.0).vector


def test_the_probability_is_the_logistic_function_of_the_weighted_signals() -> None:
    calibration = Calibration((-1.0, 2.0, 0.0, 0.0, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0, 0.0), 1.0, 1.0, 1.0)
    assert calibration.is_ours(Signals(0.5, 9.0, 1.0, 1.0, 1.0)) == pytest.approx(0.5)
    assert calibration.is_ours(Signals(1.5, 9.0, 1.0, 1.0, 1.0)) == pytest.approx(0.880797)
    assert calibration.is_ours(Signals(None, -2.0, 1.0, 1.0, 1.0)) == pytest.approx(0.119203)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.none() | numbers, numbers, st.floats(0, 1), st.floats(0, 10), st.floats(0, LOUD))
def test_the_probability_stays_between_0_and_1(
    gap: float | None, margin: float, coverage: float, length: float, weight: float
) -> None:
    assert 0 <= SHIPPED.is_ours(Signals(gap, margin, coverage, length, weight)) <= 1


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.floats(-30, 30), st.floats(0, 1), st.floats(0, 1))
def test_a_question_better_covered_is_likelier_ours(gap: float, less: float, more: float) -> None:
    less, more = sorted((less, more))
    low, high = (SHIPPED.is_ours(Signals(gap, 5.0, coverage, 1.5, 20.0)) for coverage in (less, more))
    assert low <= high


def test_a_question_nearer_to_an_aside_is_less_likely_ours() -> None:
    chances = [SHIPPED.is_ours(Signals(gap, 5.0, 0.6, 1.5, 20.0)) for gap in (-20.0, -5.0, 0.0, 5.0, 20.0)]
    assert sorted(set(chances)) == chances
