"""Questions in vain come together where they are alike."""

from datetime import UTC, datetime, timedelta

from bot.core.answers.gaps import Asked, grouped
from bot.core.answers.matcher import Match, Nothing, Scored

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def match(text: str) -> Match:
    near = 0.3 if "emd" in text.lower() else 0.001
    return Nothing(None, (Scored("emd-exemption", near), Scored("fees", 0.0)))


def asked(text: str, count: int = 1, days: int = 0) -> Asked:
    return Asked(text, count, NOW - timedelta(days=days))


def test_the_same_question_in_other_words_and_scripts_is_one_gap() -> None:
    found = grouped(
        [
            asked("EMD ka paisa kab wapas aata hai"),
            asked("ईएमडी का पैसा कब वापस आता है", 2, days=3),
            asked("paisa EMD ka wapas kab aata hai", 4),
            asked("गाय को कौन सा चारा दें", 5),
        ],
        match,
    )
    assert [(gap.count, len(gap.asked)) for gap in found] == [(7, 3), (5, 1)]
    assert found[0].asked[0].text == "paisa EMD ka wapas kab aata hai"
    assert (found[0].nearest, found[1].nearest) == (("emd-exemption",), ())
    assert found[0].last == NOW


def test_of_none_there_are_none() -> None:
    assert grouped([], match) == []
