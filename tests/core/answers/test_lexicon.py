"""Words that mean the same."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.app import App
from bot.core.answers.fold import fold
from bot.core.answers.lexicon import Lexicon

GROUPS = {
    "caution-money": ["caution money", "कॉशन मनी", "paise jama"],
    "money": ["paise", "रुपये"],
    "bid": ["bid", "बोली"],
}


def reduced(text: str) -> list[str]:
    return Lexicon(GROUPS).reduce(fold(text).split())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bid", "§bid"),
        ("बोली", "§bid"),
        ("BOLEE", "§bid"),
        ("caution money", "§caution-money"),
        ("kitne paise lagenge", "kitne §money lagenge"),
        ("bid ke rupye", "§bid ke §money"),
        ("gem", "gem"),
        ("", ""),
    ],
)
def test_a_word_of_a_group_is_replaced_by_the_group(text: str, expected: str) -> None:
    words = [word if word.startswith("§") else fold(word) for word in expected.split()]
    assert words == reduced(text)


def test_the_longest_phrase_that_fits_wins() -> None:
    assert reduced("paise jama paise") == ["§caution-money", "§money"]


def test_the_start_of_a_phrase_alone_is_left() -> None:
    assert reduced("caution bid") == [fold("caution"), "§bid"]
    assert reduced("bid caution") == ["§bid", fold("caution")]


def test_phrases_are_read_from_left_to_right_without_overlap() -> None:
    lexicon = Lexicon({"first": ["ka ga"], "second": ["ga ta"]})
    assert lexicon.reduce(["ka", "ga", "ta"]) == ["§first", "ta"]


def test_a_word_in_two_groups_stands_for_the_first() -> None:
    assert Lexicon({"one": ["bid"], "two": ["बिड"]}).reduce(["bid"]) == ["§one"]


def test_a_phrase_without_letters_is_no_phrase() -> None:
    lexicon = Lexicon({"emoji": ["👍", "…"], "bid": ["bid"]})
    assert lexicon.words == {"bid"}
    assert lexicon.reduce(["gem", "bid"]) == ["gem", "§bid"]


def test_an_empty_lexicon_leaves_everything() -> None:
    assert Lexicon({}).reduce(["gem", "bid"]) == ["gem", "bid"]
    assert Lexicon({}).words == frozenset()


def test_the_words_of_all_phrases_are_known() -> None:
    assert Lexicon(GROUPS).words == set(fold("caution money कॉशन मनी paise jama रुपये bid बोली").split())


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(["paise", "jama", "bid", "boli", "kosan", "mani", "gem", "कुछ"]), max_size=12))
def test_words_outside_all_groups_stay_in_their_order(words: list[str]) -> None:
    known = Lexicon(GROUPS).words
    left = [word for word in Lexicon(GROUPS).reduce(words) if word not in known and not word.startswith("§")]
    assert left == [word for word in words if word not in known]


def test_every_phrase_of_the_shipped_lexicon_stands_for_its_group(shipped: App) -> None:
    groups = shipped.prepared.loaded.faq.lexicon
    lexicon = Lexicon(groups)
    strays = [
        (group, phrase)
        for group, phrases in groups.items()
        for phrase in phrases
        if lexicon.reduce(fold(phrase).split()) != [f"§{group}"]
    ]
    assert strays == []
