"""To whom an announcement goes, as staff write it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import shipped
from bot.content.locales import load_phrases
from bot.core.announcements.audience import BadSegmentError, Kind, Segment, Term, parse, say

PHRASES = load_phrases(shipped("locales"))
STAGES = ("not-registered", "registered", "products-listed", "bidding")
words = st.text("कखगािी्षabc ", min_size=1, max_size=20).map(lambda text: " ".join(text.split()) or "x")
terms = st.one_of(
    st.sampled_from([Kind.REGISTERED, Kind.WAITING, Kind.ATTENDED]).flatmap(
        lambda kind: st.builds(Term, st.just(kind), st.just("") | st.integers(1, 999).map(str))
    ),
    st.builds(Term, st.just(Kind.NOWHERE)),
    st.builds(Term, st.sampled_from([Kind.PLACE, Kind.CHANNEL]), words),
    st.builds(Term, st.just(Kind.STAGE), st.sampled_from(STAGES)),
)
segments = st.builds(
    Segment, st.lists(terms, max_size=5, unique=True).map(tuple), st.lists(terms, max_size=3, unique=True).map(tuple)
)


@given(segments)
def test_what_is_written_is_read_again(segment: Segment) -> None:
    assert parse(str(segment)) == segment


@given(segments, st.sampled_from(["hi", "en"]))
def test_every_segment_can_be_said(segment: Segment, language: str) -> None:
    assert say(segment, language, PHRASES).strip()


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("", Segment()),
        ("all", Segment()),
        ("सब", Segment()),
        ("  प्रतीक्षा:3   -channel:web ", Segment((Term(Kind.WAITING, "3"),), (Term(Kind.CHANNEL, "web"),))),
        ("place:गोरखपुर_सदर", Segment((Term(Kind.PLACE, "गोरखपुर सदर"),))),
        ("बिना-नाम", Segment((Term(Kind.NOWHERE),))),
        ("registered registered", Segment((Term(Kind.REGISTERED),))),
        ("all -all", Segment((), (Term(Kind.ALL),))),
    ],
)
def test_words_in_hindi_and_english_are_read(written: str, expected: Segment) -> None:
    assert parse(written) == expected


@pytest.mark.parametrize(
    ("written", "word"),
    [
        ("everybody", "everybody"),
        ("all registered:x", "registered:x"),
        ("registered:0", "registered:0"),
        ("registered:9999999999", "registered:9999999999"),
        ("-all:3", "-all:3"),
        ("place:", "place:"),
        ("stage:rich", "stage:rich"),
        ("unregistered:3", "unregistered:3"),
        ("registered:१", "registered:१"),
        ("place:" + "क" * 100, "place:" + "क" * 100),
    ],
)
def test_a_word_that_is_none_is_named(written: str, word: str) -> None:
    with pytest.raises(BadSegmentError) as caught:
        parse(written)
    assert caught.value.word == word
