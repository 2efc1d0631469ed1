"""
The poster, read back from its PDF: what is drawn, the links that a scanner finds, and that every letter is there.

The picture in docs/ is made by::

    gem-saathi poster --telegram gem_saathi_bot --whatsapp 9876543210 --web https://saathi.example.org --out poster.pdf
    pdftoppm -r 80 -png -singlefile poster.pdf docs/poster

with office_name and office_phone as in config.example.yaml.
"""

import re
import unicodedata
from datetime import UTC, datetime
from itertools import pairwise

import pypdfium2
import pytest
import uharfbuzz
import zxingcpp

from bot.app import App
from bot.config import shipped
from bot.content.locales import load_phrases
from bot.core.answers.fold import fold
from bot.core.answers.matcher import Answer
from bot.core.talk.words import COMMANDS
from bot.errors import InputError
from bot.poster import Places, poster
from bot.poster.page import FONTS, QUESTIONS

PHRASES = load_phrases(shipped("locales"))
MADE = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
OFFICE = ("उपायुक्त उद्योग कार्यालय, गोरखपुर", "0551-2230000")
ALL = Places("gem_saathi_bot", "98765 43210", "https://saathi.example.org")
HELLO = "%E0%A4%A8%E0%A4%AE%E0%A4%B8%E0%A5%8D%E0%A4%A4%E0%A5%87"
# The longest that the settings and the command line let through.
LONGEST = Places("m" * 32, "+1 212 736 5000", f"https://{'saathi.' * 5}x.example.org")
LONG_OFFICE = (("उपायुक्त उद्योग एवं उद्यम प्रोत्साहन केंद्र, " * 5)[:200], ("0551 2230000, " * 5)[:60])
A4 = (595.28, 841.89)


def drawn(places: Places = ALL, office: tuple[str, str] = OFFICE, language: str = "hi", made: datetime = MADE) -> bytes:
    checked = places.checked(PHRASES.say("poster.hello", language))
    return poster(checked, office, "#075e54", (PHRASES, language), made)


def scanned(pdf: bytes) -> set[str]:
    document = pypdfium2.PdfDocument(pdf)
    picture = document[0].render(scale=3).to_pil()
    return {code.text for code in zxingcpp.read_barcodes(picture)}


def lines(pdf: bytes) -> list[str]:
    """What the page says; a reader of PDFs guesses spaces, and puts a sign where one letter is drawn in two parts."""
    return list(map(squeezed, pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_bounded().split("\r\n")))


def says(pdf: bytes, wanted: str) -> bool:
    """Whether all letters of all lines of a text stand on the page, a line in a line, in their order."""

    def within(wanted: str, line: str) -> bool:
        rest = iter(line)
        return all(char in rest for char in wanted)

    return all(any(within(squeezed(part), line) for line in lines(pdf)) for part in wanted.splitlines())


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFC", text))


def glyphs(text: str, weight: str = "Regular") -> list[str]:
    font = uharfbuzz.Font(uharfbuzz.Face(uharfbuzz.Blob((FONTS / f"SaathiPoster-{weight}.ttf").read_bytes())))
    buffer = uharfbuzz.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    buffer.script = "Deva"
    uharfbuzz.shape(font, buffer)
    return [font.glyph_to_string(glyph.codepoint) for glyph in buffer.glyph_infos]


@pytest.mark.parametrize("language", ["hi", "en"])
@pytest.mark.parametrize(
    ("places", "office"), [(ALL, OFFICE), (Places("gem_saathi_bot"), ("", "")), (LONGEST, LONG_OFFICE)]
)
def test_a_poster_is_one_page_of_a4_and_nothing_lies_beyond_its_edges(
    places: Places, office: tuple[str, str], language: str
) -> None:
    document = pypdfium2.PdfDocument(drawn(places, office, language))
    assert len(document) == 1
    assert document[0].get_size() == pytest.approx(A4, abs=0.1)
    for thing in document[0].get_objects():
        left, bottom, right, top = thing.get_bounds()
        assert left >= 25
        assert bottom >= 25
        assert right <= A4[0] - 25
        assert top <= A4[1] - 25


@pytest.mark.parametrize("language", ["hi", "en"])
def test_no_line_lies_on_another_even_where_names_are_as_long_as_they_may_be(language: str) -> None:
    page = pypdfium2.PdfDocument(drawn(LONGEST, LONG_OFFICE, language))[0]
    # Letters reach beyond their line a little; what stands in one column must still not cross.
    baselines = sorted({round(thing.get_matrix().f, 1) for thing in page.get_objects() if thing.type == 1})
    close = [(one, two) for one, two in pairwise(baselines) if 2 < two - one < 14]
    assert close == []


def test_scanners_find_the_links_of_all_places() -> None:
    assert scanned(drawn()) == {
        "https://t.me/gem_saathi_bot?start=poster",
        f"https://wa.me/919876543210?text={HELLO}",
        "https://saathi.example.org",
    }


@pytest.mark.parametrize("language", ["hi", "en"])
def test_scanners_find_the_longest_links_too(language: str) -> None:
    links = {place.link for place in LONGEST.checked(PHRASES.say("poster.hello", language))}
    assert scanned(drawn(LONGEST, LONG_OFFICE, language)) == links


@pytest.mark.parametrize("field", ["telegram", "whatsapp", "web"])
def test_only_what_is_given_is_shown(field: str) -> None:
    only = Places(**{field: getattr(ALL, field)})
    (place,) = only.checked("नमस्ते")
    pdf = drawn(only)
    assert scanned(pdf) == {place.link}
    assert says(pdf, place.shown)
    names = {"telegram": "Telegram", "whatsapp": "WhatsApp", "web": PHRASES.say("poster.web")}
    shown = {each for each, name in names.items() if squeezed(name) in lines(pdf)}
    assert shown == {field}


@pytest.mark.parametrize("language", ["hi", "en"])
def test_the_page_says_all_that_people_need(language: str) -> None:
    pdf = drawn(language=language)
    keys = ("title", "what", "scan", "ask", "workshops", "warning", *(f"question-{n + 1}" for n in range(QUESTIONS)))
    wanted = [*(PHRASES.say(f"poster.{key}", language) for key in keys), *OFFICE]
    wanted += ["@gem_saathi_bot", "+91 98765 43210", "saathi.example.org"]
    assert [one for one in wanted if not says(pdf, one)] == []


def test_no_text_is_smaller_than_14_points() -> None:
    for places, office in ((ALL, OFFICE), (LONGEST, LONG_OFFICE)):
        page = pypdfium2.PdfDocument(drawn(places, office))[0]
        sizes = {round(thing.get_font_size(), 2) for thing in page.get_objects() if thing.type == 1}
        assert min(sizes) == 14
        assert max(sizes) >= 50


@pytest.mark.parametrize("weight", ["Regular", "Bold"])
@pytest.mark.parametrize("language", ["hi", "en"])
def test_the_font_has_every_letter_that_the_poster_says(language: str, weight: str) -> None:
    said = [
        value for key, value in PHRASES.texts[language].items() if key.startswith("poster.") and key != "poster.made"
    ]
    assert len(said) >= 16
    assert [one for one in said if ".notdef" in glyphs(one.replace("\n", " "), weight)] == []


@pytest.mark.parametrize("weight", ["Regular", "Bold"])
def test_conjuncts_are_joined_and_vowel_signs_stand_in_their_places(weight: str) -> None:
    # The sign of i comes before what it follows in speech, and क्ष is one letter.
    assert glyphs("क्षि", weight) == ["ivowelsign06deva", "kassadeva"]
    assert glyphs("प्र", weight) == ["paradeva"]
    # The r of र्य is a hook above what follows it; the line begins with Latin letters all the same.
    assert glyphs("GeM कार्य", weight) == ["G", "e", "M", "space", "kadeva", "aavowelsigndeva", "yadeva", "rephdeva"]


def test_a_line_that_begins_with_latin_letters_is_drawn_as_shaped_as_others() -> None:
    # Unshaped, the letters and the virama of a conjunct would stand one by one.
    together = pypdfium2.PdfDocument(drawn(office=("GeM क्षि", "")))[0]
    apart = pypdfium2.PdfDocument(drawn(office=("क्षि GeM", "")))[0]

    def width(page: pypdfium2.PdfPage) -> float:
        top = max((thing for thing in page.get_objects() if thing.type == 1), key=lambda thing: thing.get_matrix().f)
        same = [each for each in page.get_objects() if each.type == 1 and each.get_matrix().f == top.get_matrix().f]
        return float(max(each.get_bounds()[2] for each in same) - min(each.get_bounds()[0] for each in same))

    assert width(together) == pytest.approx(width(apart), rel=0.03)


def test_the_same_poster_is_the_same_file_but_for_the_date() -> None:
    assert drawn() == drawn()
    later = drawn(made=datetime(2027, 1, 1, tzinfo=UTC))
    assert later != drawn()
    assert len(later) == len(drawn())


def test_letters_that_the_font_lacks_are_refused_by_name() -> None:
    with pytest.raises(InputError) as caught:
        drawn(office=("دفتر 🏭", "0551"))
    assert caught.value.key == "poster-letters"
    assert "🏭" in str(caught.value.values["letters"])


def test_lines_and_tabs_in_the_office_s_name_are_spaces() -> None:
    assert drawn(office=("उद्योग\n\tकार्यालय", "")) == drawn(office=("उद्योग कार्यालय", ""))


@pytest.mark.parametrize(
    ("places", "links"),
    [
        (Places(telegram="@gem_saathi_bot"), ["https://t.me/gem_saathi_bot?start=poster"]),
        (Places(whatsapp="+91 98765-43210"), [f"https://wa.me/919876543210?text={HELLO}"]),
        (Places(whatsapp="09876543210"), [f"https://wa.me/919876543210?text={HELLO}"]),
        (Places(whatsapp="+44 20 7946 0018"), [f"https://wa.me/442079460018?text={HELLO}"]),
        (Places(web="http://10.0.0.5:8000/"), ["http://10.0.0.5:8000/"]),
    ],
)
def test_places_are_understood_as_people_write_them(places: Places, links: list[str]) -> None:
    assert [place.link for place in places.checked("नमस्ते")] == links


def test_addresses_are_shown_short_but_so_that_they_work() -> None:
    shown = [
        Places(web=web).checked("")[0].shown
        for web in ("https://a.example/", "http://a.example", "https://a.example/x/")
    ]
    assert shown == ["a.example", "http://a.example", "a.example/x/"]


@pytest.mark.parametrize(
    ("places", "key"),
    [
        (Places(), "poster-nowhere"),
        *((Places(telegram=name), "poster-telegram") for name in ("bot", "x" * 33, "gem saathi", "जेम_साथी", "a-b-c")),
        *(
            (Places(whatsapp=number), "poster-whatsapp")
            for number in ("98765", "0000000000", "+91 98765 432101", "नंबर")
        ),
        *(
            (Places(web=address), "poster-web")
            for address in (
                "saathi.example.org",
                "ftp://saathi.example.org",
                "https://",
                "https://[x",
                "https://a b.example",
                "https://साथी.example",
                "https://a.example:99999",
                f"https://{'x' * 60}.example",
                "javascript:alert(1)",
            )
        ),
    ],
)
def test_what_cannot_be_a_place_is_refused(places: Places, key: str) -> None:
    with pytest.raises(InputError) as caught:
        places.checked("नमस्ते")
    assert caught.value.key == key
    for language in ("hi", "en"):
        assert PHRASES.say(f"input.{key}", language, **caught.value.values)


@pytest.mark.parametrize("language", ["hi", "en"])
def test_what_the_poster_says_one_can_ask_is_answered_at_once(shipped: App, language: str) -> None:
    questions = [PHRASES.say(f"poster.question-{number + 1}", language) for number in range(QUESTIONS)]
    found = [shipped.matcher.match(question) for question in questions]
    assert [match.id if isinstance(match, Answer) else match for match in found] == [
        "how-to-register",
        "registration-documents",
        "udyam-registration",
        "add-product",
        "caution-money-needed",
        "emd-exemption",
        "how-to-bid",
        "payment-time",
    ]


@pytest.mark.parametrize(("language", "word"), [("hi", "कार्यशाला"), ("en", "workshop")])
def test_the_word_that_the_poster_tells_to_send_leads_to_the_workshops(language: str, word: str) -> None:
    assert f'"{word}"' in PHRASES.say("poster.workshops", language)
    assert COMMANDS[fold(word)] == "workshop"
