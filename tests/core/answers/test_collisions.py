"""A phrasing in the wrong place is found."""

from dataclasses import replace

import pytest

from bot.core.answers.collisions import FOLDS, collisions
from bot.core.answers.faq import Aside, Entry, Faq, Kind

PLANTED = "मेरा पेमेंट कब तक आएगा सर"


def entry(entry_id: str, *questions: str) -> Entry:
    return Entry(entry_id, "all", {"hi": questions[0]}, {"hi": f"{questions[0]}: जवाब।"}, questions)


REFUND = entry(
    "refund",
    "ईएमडी कब वापस मिलेगी",
    "emd wapas kaise milegi",
    "emd refund kab hoga",
    "बयाना वापस कैसे लें",
    "emd kab lautegi",
    "ईएमडी लौटने में कितने दिन लगते हैं",
    "bayana wapas nahi mila",
    "emd wapasi ka time",
    "tender nahi mila to emd wapas hogi kya",
    "ईएमडी वापसी",
)
PAYMENT = entry(
    "payment",
    "पेमेंट कब आएगा",
    "mera payment kab tak aayega",
    "payment kitne din me aata hai",
    "मेरा पेमेंट कब तक मिलेगा",
    "payment kab aayega sir",
    "पेमेंट आने में कितना समय लगता है",
    "सर पेमेंट कब तक आएगा",
    "सर माल दिया पेमेंट कब आएगा",
    "पेमेंट कब तक",
    "payment ka time",
)
LOGIN = entry(
    "password",
    "पासवर्ड भूल गया",
    "password bhul gaya kya kare",
    "login nahi ho raha password galat",
    "पासवर्ड कैसे बदलें",
    "password reset kaise kare",
    "नया पासवर्ड कैसे बनाएँ",
    "login password change",
    "पासवर्ड याद नहीं है",
    "password kaise badle",
    "लॉगिन का पासवर्ड",
)
FAQ = Faq((), (REFUND, PAYMENT, LOGIN))


def planted(at: int) -> Faq:
    questions = (*LOGIN.questions[:at], PLANTED, *LOGIN.questions[at:])
    return replace(FAQ, entries=(REFUND, PAYMENT, replace(LOGIN, questions=questions)))


def test_an_faq_whose_entries_are_clear_has_no_collisions() -> None:
    assert collisions(FAQ) == []


@pytest.mark.parametrize("at", range(FOLDS + 1))
def test_a_planted_collision_is_found_wherever_it_stands(at: int) -> None:
    [found] = collisions(planted(at))
    assert (PLANTED, "password", at, "payment") == (found.text, found.entry, found.position, found.other)
    assert PAYMENT.questions[found.other_position] == "mera payment kab tak aayega"


def test_a_question_that_two_entries_share_is_no_collision() -> None:
    alike = ("मेरा पेमेंट कब तक आएगा", "payment kab tak aayega sir", "मेरा पेमेंट कब आएगा सर", "पेमेंट कब तक आएगा सर")
    shared = replace(LOGIN, questions=(*LOGIN.questions, *alike, PLANTED))
    assert PLANTED not in {found.text for found in collisions(Faq((), (REFUND, PAYMENT, shared)))}


def test_collisions_are_found_with_asides_and_a_lexicon_too() -> None:
    weather = Aside("weather", Kind.OFF_TOPIC, {"hi": "मौसम?"}, ("barish kab hogi", "aaj mausam kaisa hai"))
    faq = replace(planted(3), asides=(weather,), lexicon={"payment": ("payment", "पेमेंट", "bhugtan")})
    assert [found.text for found in collisions(faq)] == [PLANTED]


def test_looking_for_collisions_leaves_the_faq_as_it_was() -> None:
    before = planted(2)
    collisions(before)
    assert planted(2) == before


def test_an_entry_with_one_phrasing_collides_with_nothing() -> None:
    lonely = entry("lonely", "payment kab tak aayega mera")
    assert "lonely" not in {found.entry for found in collisions(replace(FAQ, entries=(*FAQ.entries, lonely)))}


def test_an_faq_of_single_phrasings_has_no_collisions() -> None:
    assert collisions(Faq((), (entry("refund", "emd refund"), entry("payment", "payment kab")))) == []


def test_progress_counts_every_part() -> None:
    told: list[tuple[int, int]] = []
    collisions(FAQ, lambda done, total: told.append((done, total)))
    assert told == [(number, FOLDS) for number in range(1, FOLDS + 1)]
