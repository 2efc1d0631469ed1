"""
The bars that the shipped FAQ and matcher hold on what people ask to have done.

``questions/requests/requests.tsv`` was written before the examples of ``faq/requests.yaml``: requests, labelled with
the groups (``!id``) or entries that do what is asked, and near misses, labelled with nothing.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from bot.app import App
from bot.cli.faq import read_labelled
from bot.core.answers.evaluation import Labelled
from bot.core.answers.faq import Does
from bot.core.answers.matcher import Nothing, aside_class

QUESTIONS = Path(__file__).parent / "questions"
LABELLED = read_labelled([QUESTIONS / "requests" / "requests.tsv"])
REQUESTS = [one for one in LABELLED if one.expected]
NEAR_MISSES = [one for one in LABELLED if not one.expected]


def led_to(asked: str, shipped: App) -> set[str]:
    """What a person gets to see: entries, or the group that a refusal names."""
    match = shipped.matcher.match(asked)
    return {aside_class(match.aside)} if isinstance(match, Nothing) and match.aside else set(match.ids)


def labels(shipped: App) -> dict[str, Does]:
    """Label -> what it does, of all entries and groups that do something."""
    faq = shipped.prepared.loaded.faq
    groups = ((aside_class(aside), aside.does) for aside in faq.asides)
    entries = ((entry.id, entry.does) for entry in faq.entries)
    return {name: does for name, does in (*entries, *groups) if does}


def requested(asked: Iterable[Labelled], shipped: App) -> Iterator[tuple[str, set[str]]]:
    """Of messages, those that are taken for a request."""
    groups = {name for name in labels(shipped) if name.startswith("!")}
    return ((one.query, led) for one in asked if (led := led_to(one.query, shipped)) & groups)


def test_nine_of_ten_requests_lead_to_what_was_asked_for(shipped: App) -> None:
    missed = [(one.query, led) for one in REQUESTS if not (led := led_to(one.query, shipped)) & one.expected]
    assert len(missed) <= 0.10 * len(REQUESTS), missed


@pytest.mark.parametrize("does", list(Does))
def test_each_kind_of_request_is_understood(shipped: App, does: Does) -> None:
    doing = {name for name, its in labels(shipped).items() if its is does}
    asked = [one for one in REQUESTS if one.expected & doing]
    assert len(asked) >= 14
    met = [one for one in asked if led_to(one.query, shipped) & doing]
    assert len(met) >= 0.80 * len(asked)


def test_what_only_sounds_like_a_request_hardly_ever_is_taken_for_one(shipped: App) -> None:
    taken = list(requested(NEAR_MISSES, shipped))
    assert len(taken) <= 0.02 * len(NEAR_MISSES), taken


@pytest.mark.parametrize("name", ["dev", "field", "hard", "fresh"])
def test_no_question_of_the_other_sets_is_taken_for_a_request(shipped: App, name: str) -> None:
    assert list(requested(read_labelled([QUESTIONS / f"{name}.tsv"]), shipped)) == []


def test_the_set_is_large_and_every_label_does_something(shipped: App) -> None:
    assert len(REQUESTS) >= 150
    assert len(NEAR_MISSES) >= 60
    assert {label for one in REQUESTS for label in one.expected} == labels(shipped).keys()
