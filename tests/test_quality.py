"""The bars that the shipped FAQ and matcher hold on labelled questions which neither has learnt."""

import time
from pathlib import Path

import pytest

from bot.app import App
from bot.cli.faq import read_labelled
from bot.core.answers.evaluation import Judged, by_script, figures, judge

QUESTIONS = Path(__file__).parent / "questions"
SETS = ("dev", "field", "hard", "fresh")


@pytest.fixture(scope="module", params=SETS)
def judged(request: pytest.FixtureRequest, shipped: App) -> list[Judged]:
    return list(judge(read_labelled([QUESTIONS / f"{request.param}.tsv"]), shipped.matcher.match, time.perf_counter))


def test_the_right_entry_comes_first_or_among_three(judged: list[Judged]) -> None:
    found = figures(judged)
    assert found["top1"] >= 0.88
    assert found["top3"] >= 0.96


def test_people_get_to_see_the_right_answer(judged: list[Judged]) -> None:
    found = figures(judged)
    assert found["answered_right"] + found["offered_right"] >= 0.93


def test_wrong_answers_are_rare(judged: list[Judged]) -> None:
    assert figures(judged)["answered_wrong"] <= 0.04


def test_what_is_out_of_scope_is_refused_and_hardly_ever_answered(judged: list[Judged]) -> None:
    found = figures(judged)
    assert found["oos_answered"] <= 0.02
    assert found["oos_refused"] >= 0.85


def test_both_scripts_are_understood_alike(judged: list[Judged]) -> None:
    by = by_script(judged)
    assert abs(by["deva"]["top1"] - by["roman"]["top1"]) <= 0.04


def test_the_sets_are_large_and_hold_both_kinds_of_question(judged: list[Judged]) -> None:
    ours = sum(bool(one.labelled.expected) for one in judged)
    assert ours >= 300
    assert len(judged) - ours >= 80
    assert all(its["n"] >= 100 for script, its in by_script(judged).items() if script in {"deva", "roman"})


def test_every_label_names_an_entry(judged: list[Judged], shipped: App) -> None:
    assert {entry for one in judged for entry in one.labelled.expected} <= shipped.prepared.loaded.faq.by_id.keys()
