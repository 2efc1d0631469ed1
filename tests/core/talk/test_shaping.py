"""A reply as a channel can carry it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.talk.message import Option, Reply
from bot.core.talk.shaping import Layout, Limits, clusters, cut, shape, split

TELEGRAM = Limits(text=4096, choice_text=4096, buttons=50, button_title=64, utf16=True)
WHATSAPP = Limits(text=4096, choice_text=1024, buttons=3, button_title=20, rows=10, row_title=24)
SMALL = Limits(text=20, choice_text=10, buttons=2, button_title=6, rows=3, row_title=8, utf16=True)
TEXTS = st.lists(
    st.sampled_from([*"कखगत्ािीु़ ं।.?\n ab", "क्ष", "\u200d", "🙏", "👩‍🌾", "\ud83d", "\u0301"]), max_size=200
).map("".join)


def without_spaces(*texts: str) -> str:
    return "".join("".join(texts).split())


@settings(deadline=None)
@given(TEXTS, st.integers(1, 30), st.integers(1, 30))
def test_nothing_is_lost_and_every_part_fits(text: str, most: int, last: int) -> None:
    parts = split(text, SMALL, most, last)
    assert without_spaces(*parts) == without_spaces(text)
    *before, end = parts
    # A letter that is longer than a whole message cannot be cut further than into characters.
    assert all(SMALL.length(part) <= max(most, last, 2) for part in before)
    assert SMALL.length(end) <= max(last, 2)


@settings(deadline=None)
@given(TEXTS.map(without_spaces))
def test_no_cut_goes_through_a_letter(text: str) -> None:
    longest = max(map(SMALL.length, clusters(text)), default=1)
    parts = split(text, SMALL, longest + 5, longest + 5)
    assert [each for part in parts for each in clusters(part)] == list(clusters(text))


def test_it_is_cut_at_the_end_of_a_paragraph_else_of_a_sentence_else_between_words() -> None:
    assert split("एक दो तीन।\n\nचार पाँच", SMALL, 15, 15) == ["एक दो तीन।", "चार पाँच"]
    assert split("एक दो तीन। चार पाँच", SMALL, 13, 13) == ["एक दो तीन।", "चार पाँच"]
    assert split("एक दो तीन चार पाँच छह", SMALL, 13, 13) == ["एक दो तीन", "चार पाँच छह"]


def test_a_letter_without_an_end_makes_no_thousand_messages() -> None:
    assert len(split("a" + "\u0301" * 20_000, TELEGRAM, 4096, 4096)) == 5


def test_a_long_text_is_looked_at_once() -> None:
    counted = Counting(text=100, choice_text=100, buttons=0, button_title=0)
    work = []
    for times in (10, 100):
        counted.letters[0] = 0
        split("क्षेत्र में काम। " * 10 * times, counted, 100, 100)
        work.append(counted.letters[0])
    assert work[1] < 12 * work[0]


class Counting(Limits):
    """Limits that count the letters that were measured."""

    letters = [0]  # noqa: RUF012 - frozen values have no room of their own

    def length(self, text: str) -> int:
        self.letters[0] += len(text)
        return super().length(text)


def test_half_of_a_character_has_a_length_too() -> None:
    assert (TELEGRAM.length("\ud83d"), TELEGRAM.length("🙏"), WHATSAPP.length("🙏")) == (1, 2, 1)
    assert cut("\ud83d" * 9, 4, SMALL) == "\ud83d\ud83d\ud83d…"


def options(*titles: str) -> tuple[Option, ...]:
    return tuple(Option(f"o:{number}", title) for number, title in enumerate(titles))


def test_choices_are_buttons_where_they_fit_else_a_list_else_numbers() -> None:
    def layout(*titles: str) -> Layout:
        return shape(Reply("चुनिए", options(*titles)), WHATSAPP)[-1].layout

    assert layout("हाँ", "नहीं") is Layout.BUTTONS
    assert layout("हाँ", "एक लंबा-सा नाम जो बटन में न समाए") is Layout.LIST
    assert layout(*"abcd") is Layout.LIST
    assert layout(*"abcdefghijk") is Layout.NUMBERS
    (part,) = shape(Reply("चुनिए", options(*"abcdefghijk")), WHATSAPP)
    assert (part.text.splitlines()[-1], part.options) == ("11. k", ())
