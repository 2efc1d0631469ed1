"""An answer as people read it."""

from datetime import date

import pytest

from bot.config import shipped
from bot.content.locales import load_phrases
from bot.core.answers.faq import Dated, Entry, Source
from bot.core.answers.render import answer_text

PHRASES = load_phrases(shipped("locales"))
ENTRY = Entry(
    "fees", "c", {"hi": "शुल्क"}, {"hi": "शुल्क 100 रुपये है।"}, ("x",),
    (Source("https://gem.gov.in", "GeM"),),
    Dated("2026-01-10", {"hi": "10 जनवरी 2026", "en": "10 January 2026"}),
    date(2026, 7, 1),
)  # fmt: skip


@pytest.mark.parametrize("today", [None, date(2026, 7, 1)])
def test_until_it_is_to_be_reviewed_an_answer_says_when_it_was_checked(today: date | None) -> None:
    text = answer_text(ENTRY, PHRASES, "hi", today)
    assert "10 जनवरी 2026" in text
    assert "मिला लें" not in text


def test_after_that_it_says_that_people_should_compare_it() -> None:
    text = answer_text(ENTRY, PHRASES, "hi", date(2026, 7, 2))
    assert text.splitlines()[-1] == "यह जानकारी 10 जनवरी 2026 की है; कृपया पोर्टल पर मिला लें।"
    assert "https://gem.gov.in" in text
