"""Figures, counted by hand."""

from collections.abc import Iterable

import pytest

from bot.core.answers.evaluation import Judged, Labelled, by_script, figures, judge, percentile
from bot.core.answers.matcher import Answer, Choices, Match, Nothing, Scored


def ranked(*ids: str) -> tuple[Scored, ...]:
    return tuple(Scored(entry, 0.9 / (place + 1)) for place, entry in enumerate(ids))


def answer(*ids: str) -> Answer:
    return Answer(ids[0], ranked(*ids))


def choices(*ids: str) -> Choices:
    return Choices(ids[:3], ranked(*ids))


def nothing(*ids: str) -> Nothing:
    return Nothing(None, ranked(*ids))


def judged(match: Match, expected: Iterable[str] = (), script: str = "", milliseconds: float = 1.0) -> Judged:
    return Judged(Labelled("?", frozenset(expected), script), match, milliseconds)


OURS = [
    judged(answer("a", "b"), ["a"], "deva", 3.0),  # answered right
    judged(answer("b", "a"), ["a"], "deva", 1.0),  # answered wrong, the right one second
    judged(choices("b", "c", "a", "d"), ["a"], "roman", 2.0),  # offered right, third
    judged(choices("b", "c", "d", "a"), ["a"], "roman", 9.0),  # offered wrong, fourth
    judged(nothing("a"), ["a"], "roman", 5.0),  # refused though first
    judged(nothing(), ["a"], "roman", 6.0),  # refused, nothing read
    judged(answer("b", "a"), ["a", "b"], "deva", 7.0),  # one of two is right
    judged(choices("b", "c"), ["a"], "deva", 8.0),  # offered wrong, nowhere
]
STRANGERS = [
    judged(answer("a"), (), "deva", 4.0),
    judged(choices("a", "b"), (), "roman", 1.0),
    judged(nothing("a"), (), "roman", 1.0),
    judged(nothing(), (), "roman", 1.0),
]


def test_the_figures_of_a_small_set_are_as_counted_by_hand() -> None:
    expected = {
        "n": 12,
        "top1": 3 / 8,
        "top3": 5 / 8,
        "mrr": (1 + 1 / 2 + 1 / 3 + 1 / 4 + 1 + 0 + 1 + 0) / 8,
        "answered_right": 2 / 8,
        "answered_wrong": 1 / 8,
        "offered_right": 1 / 8,
        "offered_wrong": 2 / 8,
        "refused": 2 / 8,
        "oos_answered": 1 / 4,
        "oos_offered": 1 / 4,
        "oos_refused": 2 / 4,
    }
    found = figures(OURS + STRANGERS)
    assert expected == pytest.approx({name: found[name] for name in expected})
    assert {"p50_ms", "p99_ms"} == found.keys() - expected.keys()


def test_the_order_of_questions_does_not_change_the_figures() -> None:
    assert figures(OURS + STRANGERS) == pytest.approx(figures([*reversed(STRANGERS), *reversed(OURS)]))


def test_fractions_of_no_questions_are_zero() -> None:
    assert set(figures([]).values()) == {0}
    assert figures(STRANGERS)["top1"] == figures(STRANGERS)["refused"] == 0
    assert figures(OURS)["oos_refused"] == figures(OURS)["oos_answered"] == 0


@pytest.mark.parametrize(
    ("match", "rank", "right"),
    [
        (answer("a", "b"), 1, True),
        (answer("b", "a"), 2, False),
        (choices("b", "c", "a"), 3, True),
        (choices("b", "c", "d", "a"), 4, False),
        (nothing("a"), 1, False),
        (nothing("b"), 0, False),
        (nothing(), 0, False),
    ],
)
def test_the_rank_is_of_the_ranking_and_right_is_what_the_person_sees(match: Match, rank: int, right: bool) -> None:  # noqa: FBT001
    one = judged(match, ["a"])
    assert (rank, right) == (one.rank, one.right)
    assert match.kind == one.kind


def test_the_first_right_entry_of_several_gives_the_rank() -> None:
    assert judged(answer("x", "b", "a"), ["a", "b"]).rank == 2


def test_nothing_is_right_for_a_question_out_of_scope() -> None:
    assert [one.right for one in STRANGERS] == [False] * 4


def test_each_script_has_figures_of_its_own() -> None:
    by = by_script(OURS + STRANGERS)
    assert list(by) == ["deva", "roman"]
    assert (by["deva"]["n"], by["roman"]["n"]) == (5, 7)
    assert by["deva"] == figures([one for one in OURS + STRANGERS if one.labelled.script == "deva"])
    assert by["deva"]["answered_right"] == 2 / 4
    assert by["roman"]["refused"] == 2 / 4
    assert by_script([]) == {}


@pytest.mark.parametrize(
    ("numbers", "share", "expected"),
    [([], 0.5, 0.0), ([4.0], 0.5, 4.0), ([4.0], 0.99, 4.0), ([1.0, 2.0, 9.0], 0.5, 2.0), ([1.0, 2.0, 9.0], 0.99, 9.0)],
)
def test_percentiles_are_numbers_that_were_measured(numbers: list[float], share: float, expected: float) -> None:
    assert expected == percentile(numbers, share)


@pytest.mark.parametrize(("share", "expected"), [(0.0, 1.0), (0.01, 1.0), (0.5, 50.0), (0.99, 99.0), (1.0, 100.0)])
def test_percentiles_are_by_nearest_rank(share: float, expected: float) -> None:
    assert expected == percentile([float(number) for number in range(1, 101)], share)


def test_each_question_is_asked_once_in_order_and_timed() -> None:
    asked: list[str] = []
    ticks = iter([10.0, 10.002, 20.0, 20.5])

    def match(question: str) -> Match:
        asked.append(question)
        return answer("a")

    questions = [Labelled("one", frozenset({"a"})), Labelled("two", frozenset())]
    found = list(judge(questions, match, lambda: next(ticks)))
    assert asked == ["one", "two"]
    assert questions == [one.labelled for one in found]
    assert pytest.approx([one.milliseconds for one in found]) == [2.0, 500.0]
