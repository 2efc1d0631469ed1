"""The registration form: which answers can be used, what is kept of them, and how fields are said."""

import time
from collections import Counter

import pytest
from hypothesis import example as with_example
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.config import shipped
from bot.content.locales import load_phrases
from bot.core.workshops.checks import STATES
from bot.core.workshops.fields import (
    BUILT_IN,
    DEFAULT_FIELDS,
    Bad,
    Choice,
    Field,
    FieldKind,
    Good,
    ask,
    check,
    example,
    explain,
    label,
    option_title,
    said,
    said_mobile,
    skips,
)

PHRASES = load_phrases(shipped("locales"))
TRADE = Field(
    "trade",
    FieldKind.CHOICE,
    label={"hi": "काम", "en": "Trade"},
    ask={"hi": "आपका काम?"},
    options=(Choice("weaving", {"hi": "बुनाई", "en": "Weaving"}), Choice("clay", {"hi": "मिट्टी का काम"})),
)
VILLAGE = Field("village", FieldKind.TEXT, label={"hi": "गाँव"}, ask={"hi": "गाँव कौन सा?"}, example={"hi": "जैसे: भटहट"})
FIELDS = (*DEFAULT_FIELDS, TRADE, VILLAGE)
PIECES = [
    "9876543210", "98765 43210", "+91", "0091", "0", "91", "०", "१२", "٩", "(", ")", "-", ".", "/",
    ", ", " ", "\n", "+977", "9841234567", "0551", "2345678", "UDYAM", "-UP-", "31", "0012345",
    "UP31A0012345", "उद्यम", "यूपी", "मेरा नाम ", " है", "mera naam ", "naam:", " hai", "सीता", "Devi",
    "\u200d", "\u200c", "\u202e", "\u0301", "क्ष", "क़", "🙏", "?", "।", "registered", "nahi",
    "bid dalte hai", "हो गया", "product daal diya", "2341 2341 2346", "ram@x.in", "[आधार]", "[", "]",
]  # fmt: skip
TYPED = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=4)), max_size=15).map("".join)
ANY = st.one_of(st.text(max_size=80), TYPED)
many = settings(max_examples=600, deadline=None, derandomize=True)


def answered(field: str, text: str) -> Good | Bad:
    return check(BUILT_IN[field], text, PHRASES)


def reason(field: str, text: str) -> str:
    checked = answered(field, text)
    assert isinstance(checked, Bad), checked
    return checked.reason


def test_the_form_asks_seven_things_in_this_order_of_which_only_udyam_can_be_left_out() -> None:
    ids = ["name", "mobile", "enterprise", "products", "place", "udyam", "stage"]
    assert [field.id for field in DEFAULT_FIELDS] == ids
    assert [field.id for field in DEFAULT_FIELDS if field.optional] == ["udyam"]


@pytest.mark.parametrize(
    "text",
    [
        "9876543210",
        "98765 43210",
        "98765-43210",
        "9876 543 210",
        "98 76 54 32 10",
        "98765.43210",
        "+919876543210",
        "+91 98765 43210",
        "+91-98765-43210",
        "(+91) 98765 43210",
        "+ 91 9876543210",
        "+91 0 98765 43210",
        "919876543210",
        "91 98765 43210",
        "0091 9876543210",
        "00919876543210",
        "091-9876543210",
        "09876543210",
        "0 98765 43210",
        "९८७६५ ४३२१०",
        "९८७६५43210",
        "৯৮৭৬৫৪৩২১০",
        "٩٨٧٦٥٤٣٢١٠",
        "９８７６５４３２１０",
        "9️⃣8️⃣7️⃣6️⃣5️⃣4️⃣3️⃣2️⃣1️⃣0️⃣",
        "98765\u201143210",
        "\u202a9876543210\u202c",
        "mera no 9876543210 hai",
        "मेरा नंबर ९८७६५४३२१० है।",
        "no9876543210hai",
        "mob:9876543210",
        "9876543210 9876543210",
        "9876543210, +91 98765 43210",
        "1. 9876543210",
        "mere 2 number hai par 9876543210 par whatsapp hai",
        "9876543210 / 0551-2345678",
        "pin 273001, mobile 9876543210",
        "+9876543210",
    ],
)
def test_a_mobile_number_is_read_however_it_is_typed(text: str) -> None:
    assert answered("mobile", text) == Good("+919876543210")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "mobile-none"),
        ("nahi batana", "mobile-none"),
        ("98765", "mobile-short"),
        ("98765 4321", "mobile-short"),
        ("+91 98765 432", "mobile-short"),
        ("91 98765 432", "mobile-short"),
        ("0919876543", "mobile-short"),
        ("98765432101", "mobile-long"),
        ("98765 43210 1", "mobile-long"),
        ("9187 6543 2109", "mobile-long"),
        ("+91 98765 43210 5", "mobile-long"),
        ("9" * 60, "mobile-long"),
        ("9876543210 8765432109", "mobile-many"),
        ("9876543210, 8765432109", "mobile-many"),
        ("9876543210/8765432109", "mobile-many"),
        ("0551 2345678", "mobile-landline"),
        ("05512345678", "mobile-landline"),
        ("+91 551 2345678", "mobile-landline"),
        ("+977 984-1234567", "mobile-abroad"),
        ("+9779841234567", "mobile-abroad"),
        ("00977 9841234567", "mobile-abroad"),
        ("+1 202 555 0123", "mobile-abroad"),
        ("+65 98765432", "mobile-abroad"),
        ("1800-419-3436", "mobile-other"),
        ("0000000000", "mobile-short"),
        ("2000000000", "mobile-other"),
        ("2341 2341 2346", "personal-number"),
        ("ABCPE1234F", "personal-number"),
    ],
)
def test_what_is_no_mobile_number_is_told_so_for_its_own_reason(text: str, why: str) -> None:
    assert reason("mobile", text) == why


@pytest.mark.parametrize(
    ("text", "digits"), [("98765 4321", 9), ("098765 4321", 9), ("+91 98765", 5), ("987654321013", 12), ("１", 1)]
)
def test_people_are_told_how_many_digits_were_read(text: str, digits: int) -> None:
    checked = answered("mobile", text)
    assert isinstance(checked, Bad)
    assert checked.values == {"digits": digits}
    assert f" {digits} " in explain(checked, BUILT_IN["mobile"], PHRASES, "hi").replace(",", " ")


def test_a_mobile_number_is_said_in_two_halves() -> None:
    assert said_mobile("+919876543210") == "98765 43210"
    assert said(BUILT_IN["mobile"], "+919876543210", PHRASES, "hi") == "98765 43210"


@pytest.mark.parametrize(
    "text",
    [
        "UDYAM-UP-31-0012345",
        "udyam-up-31-0012345",
        "Udyam UP 31 0012345",
        "UDYAMUP310012345",
        "UDYAM–UP–31–0012345",
        "UDYAM_UP_31_0012345",
        "UDYAM/UP/31/0012345",
        "UDYAM - UP - 31 - 0012345",
        "UDYAM-UP-३१-००१२३४५",
        "udyam no. up 31 0012345",
        "Udyam Registration Number: UDYAM-UP-31-0012345",
        "mera number UDYAM UP 31 00 12345 hai",
        "UP-31-0012345",
        "up310012345",
        "Udhyam-UP-31-0012345",
        "उद्यम-यूपी-३१-००१२३४५",
        "उद्यम नंबर यू पी 31 0012345",
        "ＵＤＹＡＭ－ＵＰ－３１－００１２３４５",
        "UDYAM-UP-31-0012345 (UDYAM-UP-31-0012345)",
    ],
)
def test_a_udyam_number_is_read_however_it_is_typed(text: str) -> None:
    assert answered("udyam", text) == Good("UDYAM-UP-31-0012345")


@pytest.mark.parametrize("state", sorted(STATES))
def test_every_state_has_udyam_numbers(state: str) -> None:
    assert answered("udyam", f"udyam {state.lower()} 01 0000001") == Good(f"UDYAM-{state}-01-0000001")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "udyam"),
        ("hai to", "udyam"),
        ("UDYAM-UP-31-012345", "udyam"),
        ("UDYAM-UP-31-00123456", "udyam"),
        ("UDYAM-31-0012345", "udyam"),
        ("UDYAM-ZZ-31-0012345", "udyam-state"),
        ("UDYAM-XX-00-0000000", "udyam-state"),
        ("UP31A0012345", "udyam-old"),
        ("up 31 d 0012345", "udyam-old"),
        ("UDYAM-UP-31-0012345, UDYAM-UP-31-0012346", "udyam-many"),
        ("2341 2341 2346", "personal-number"),
    ],
)
def test_what_is_no_udyam_number_is_told_so_for_its_own_reason(text: str, why: str) -> None:
    assert reason("udyam", text) == why


@pytest.mark.parametrize(
    "name",
    [
        "सीता देवी",
        "Sita Devi",
        "श्रीमती सीता देवी",
        "Dr. A.K. Singh",
        "D'Souza",
        "محمد عارف",
        "রহিমা খাতুন",
        "ਗੁਰਪ੍ਰੀਤ ਕੌਰ",
        "क्षत्रिय प्रसाद",
        "शर्\u200dमा",
        "शर्\u200cमा",
        "Nam Dev",
        "Hari Ram",
        "मुहम्मद आरिफ़ अली ख़ान".replace("\u095e", "फ\u093c").replace("\u0959", "ख\u093c"),
    ],
)
def test_a_name_is_kept_as_it_was_typed_in_any_script(name: str) -> None:
    assert answered("name", name) == Good(name)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("  सीता   देवी \n", "सीता देवी"),
        ("मेरा नाम सीता देवी है", "सीता देवी"),
        ("mera naam Sita Devi hai.", "Sita Devi"),
        ("my name is Sita Devi", "Sita Devi"),
        ("naam: Sita Devi", "Sita Devi"),
        ("Sita Devi 🙏🙏", "Sita Devi"),
        ("Sita Devi।", "Sita Devi"),
        ("\u202eSita\u202c Devi\u0000", "Sita Devi"),
        ("👨\u200d👩 राम", "राम"),
        ("मो० आरिफ", "मो॰ आरिफ"),
        ("डा0 शर्मा", "डा॰ शर्मा"),
        ("क\u093cासिम", "क\u093cासिम"),
        ("\u0958ासिम", "क\u093cासिम"),
    ],
)
def test_what_is_around_a_name_does_not_count(text: str, name: str) -> None:
    assert answered("name", text) == Good(name)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "name"),
        ("र", "name"),
        ("...", "name"),
        ("\u093e\u093e\u093e", "name"),
        ("नाम", "name"),
        ("namaste", "name"),
        ("skip", "name"),
        ("नाम हटाना", "name"),
        ("सहमत हूँ", "name"),
        ("ek minute", "name"),
        ("=cmd()", "name"),
        ("www.sita.in", "name"),
        ("sita@example.in", "name"),
        ("Sita2", "name-digits"),
        ("सीता २", "name-digits"),
        ("9876543210", "name-digits"),
        ("पेमेंट कब मिलेगा", "name-sentence"),
        ("payment kab milega", "name-sentence"),
        ("EMD kya hota hai", "name-sentence"),
        ("how to register", "name-sentence"),
        ("naam batana jaruri hai?", "name-sentence"),
        ("nahi bataunga", "name-sentence"),
        ("main yahan dukan chalata raha bahut din se", "name-long"),
        ("सी" * 31, "name-long"),
        ("Sita ABCPE1234F", "personal-number"),
        ("Sita 2341 2341 2346", "personal-number"),
    ],
)
def test_what_is_no_name_is_told_so_for_its_own_reason(text: str, why: str) -> None:
    assert reason("name", text) == why


@pytest.mark.parametrize("field", ["enterprise", "products", "place", "village"])
@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("टेराकोटा", "टेराकोटा"),
        ("  achar,  papad\nbadi ", "achar, papad badi"),
        ("Sita Traders 9876543210", "Sita Traders [मोबाइल]"),
        ("3M", "3M"),
        ("kapde ki dukan hai", "kapde ki dukan hai"),
        ("\u202eab\u202c", "ab"),
        ("=1+1 ka", "=1+1 ka"),
        ("क" * 200, "क" * 200),
    ],
)
def test_a_line_of_words_is_kept_with_numbers_masked(field: str, text: str, kept: str) -> None:
    by_id = {each.id: each for each in FIELDS}
    assert check(by_id[field], text, PHRASES) == Good(kept)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "text-none"),
        ("क", "text-none"),
        ("123", "text-none"),
        ("🙏🙏", "text-none"),
        ("9876543210", "text-none"),
        ("क" * 201, "text-long"),
        ("क " * 5000, "text-long"),
        ("EMD kya hota hai", "text-question"),
        ("पेमेंट कब मिलेगा", "text-question"),
        ("trader ko chhoot?", "text-question"),
        ("nahi", "text-said"),
        ("haan", "text-said"),
        ("ruko", "text-said"),
        ("ek minute", "text-said"),
        ("kuchh nahi", "text-said"),
        ("पता नहीं", "text-said"),
        ("samajh nahi aaya", "text-said"),
        ("papad, aadhar 2341 2341 2346", "personal-number"),
        ("khata 123456789012", "personal-number"),
        ("otp 482913", "personal-number"),
    ],
)
def test_what_is_no_line_of_words_is_told_so_for_its_own_reason(text: str, why: str) -> None:
    assert reason("products", text) == why


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        ("not-registered", "not-registered"),
        ("रजिस्ट्रेशन नहीं हुआ", "not-registered"),
        ("rajistreshan nahi hua", "not-registered"),
        ("abhi nahi kiya", "not-registered"),
        ("नहीं", "not-registered"),
        ("nhi", "not-registered"),
        ("register nahi kiya hai", "not-registered"),
        ("abhi tak register nahi hua", "not-registered"),
        ("i am not registered", "not-registered"),
        ("registered", "registered"),
        ("registered hai", "registered"),
        ("GeM par registered hu", "registered"),
        ("हो गया", "registered"),
        ("registration ho gaya hai ji", "registered"),
        ("haan", "registered"),
        ("Products listed", "products-listed"),
        ("product daal diya hai", "products-listed"),
        ("product list kar diya hai", "products-listed"),
        ("प्रोडक्ट डाल दिए हैं", "products-listed"),
        ("bid dalte hai", "bidding"),
        ("मैं बिड डालता हूँ", "bidding"),
    ],
)
def test_a_choice_can_be_said_in_words(text: str, stage: str) -> None:
    assert answered("stage", text) == Good(stage)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "🙏",
        "pata nahi bhai sahab",
        "bid nahi dali",
        "product nahi daal diya hai",
        "registered hai par product nahi dala",
        "registered hai aur bid dalte hai",
        "registered hu aur product daal diya hai",
        "kaise register kare",
        "registered kaise ho",
        "register",
        "registered " * 1000,
    ],
)
def test_words_that_mean_no_option_or_several_choose_nothing(text: str) -> None:
    assert reason("stage", text) == "choice"


@pytest.mark.parametrize(
    ("text", "option"), [("बुनाई", "weaving"), ("weaving ka kaam", "weaving"), ("mitti ka kaam", "clay")]
)
def test_an_option_that_the_office_added_is_chosen_by_its_title(text: str, option: str) -> None:
    assert check(TRADE, text, PHRASES) == Good(option)


@pytest.mark.parametrize("option", BUILT_IN["stage"].options)
def test_each_wording_of_the_locales_chooses_its_option(option: Choice) -> None:
    for texts in PHRASES.texts.values():
        for wording in (texts[f"form.stage.{option.id}"], *texts[f"form.stage.words.{option.id}"].split("|")):
            assert answered("stage", wording) == Good(option.id), wording


@pytest.mark.parametrize("text", ["नहीं है", "nahi hai", "nhi h", "Skip", "-", "छोड़ दीजिए", "abhi nahi hai", "no"])
def test_only_an_optional_field_is_left_out_by_words(text: str) -> None:
    assert skips(BUILT_IN["udyam"], text, PHRASES)
    assert not skips(BUILT_IN["place"], text, PHRASES)


@pytest.mark.parametrize("text", ["", "UDYAM-UP-31-0012345", "nahi samjha", "udyam kya hai", "nahi " * 3000])
def test_other_words_do_not_leave_a_field_out(text: str) -> None:
    assert not skips(BUILT_IN["udyam"], text, PHRASES)


@given(ANY)
@many
@with_example("मेरा नाम मेरा नाम है है")
@with_example("naam: naam: x y")
@with_example("\u0958" * 100)
@with_example("a@b.cd " * 28)
@with_example("\ud800")
def test_any_text_is_taken_and_what_is_kept_is_good_and_the_same_when_it_is_checked_again(text: str) -> None:
    for field in FIELDS:
        checked = check(field, text, PHRASES)
        if isinstance(checked, Good):
            assert checked.value.strip()
            assert checked.value.isprintable() or "\u200c" in checked.value or "\u200d" in checked.value
            checked.value.encode("utf-8")
            assert check(field, checked.value, PHRASES) == checked
            assert said(field, checked.value, PHRASES, "en")
        else:
            assert all(explain(checked, field, PHRASES, language) for language in ("hi", "en"))


@given(ANY)
@many
def test_no_personal_number_is_kept(text: str) -> None:
    for field in FIELDS:
        assert isinstance(check(field, text + " 2341 2341 2346", PHRASES), Bad) or field.kind in {
            FieldKind.MOBILE,
            FieldKind.UDYAM,
            FieldKind.CHOICE,
        }


@given(st.from_regex("9[0-9]{9}", fullmatch=True), st.integers(1, 9), st.sampled_from(["", " ", "-", ".", " - "]))
@many
def test_wherever_a_number_is_cut_in_two_it_is_read(number: str, cut: int, between: str) -> None:
    assert answered("mobile", f"+91 {number[:cut]}{between}{number[cut:]}") == Good(f"+91{number}")


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.id)
@pytest.mark.parametrize(
    "piece",
    [
        "9", "9 ", "98765 43210 ", "+91", "0091 ", "UP", "UP-31-00", "UDYAM-UP-31-0012345 ", "naam ", "mera naam ", "(",
        "[", "\u0301\u0316", "\u0958", "क्", "nahi ", "registered ", "a@", "a/c 123456789 ", "\u200d", " ", "?", "१२३४ ",
    ],
)  # fmt: skip
def test_ten_thousand_characters_take_no_time(field: Field, piece: str) -> None:
    text = (piece * 10_000)[:10_000]
    check(field, "x", PHRASES)
    before = time.perf_counter()
    check(field, text, PHRASES)
    skips(field, text, PHRASES)
    assert time.perf_counter() - before < 1


@pytest.mark.parametrize("language", ["hi", "en"])
@pytest.mark.parametrize("field", DEFAULT_FIELDS, ids=lambda field: field.id)
def test_every_built_in_field_is_said_in_both_languages(field: Field, language: str) -> None:
    assert label(field, PHRASES, language)
    assert len(ask(field, PHRASES, language)) <= 80
    assert bool(example(field, PHRASES, language)) == (field.kind is not FieldKind.CHOICE)


@pytest.mark.parametrize("language", ["hi", "en"])
def test_titles_of_options_fit_a_row_of_a_list_and_differ(language: str) -> None:
    stage = BUILT_IN["stage"]
    titles = [option_title(stage, option.id, PHRASES, language) for option in stage.options]
    assert max(map(len, titles)) <= 20
    assert Counter(titles).most_common(1)[0][1] == 1


@pytest.mark.parametrize("language", ["hi", "en"])
@pytest.mark.parametrize("field", DEFAULT_FIELDS, ids=lambda field: field.id)
def test_the_example_of_a_field_is_an_answer_that_is_taken(field: Field, language: str) -> None:
    shown = example(field, PHRASES, language).rpartition(": ")[2]
    assert not shown or isinstance(check(field, shown, PHRASES), Good)


def test_texts_of_the_office_stand_in_for_phrases_in_hindi_where_there_is_no_english() -> None:
    assert [label(TRADE, PHRASES, language) for language in ("hi", "en")] == ["काम", "Trade"]
    assert ask(TRADE, PHRASES, "en") == "आपका काम?"
    assert (example(VILLAGE, PHRASES, "en"), example(TRADE, PHRASES, "hi")) == ("जैसे: भटहट", "")
    assert [option_title(TRADE, "clay", PHRASES, "en"), said(TRADE, "weaving", PHRASES, "en")] == [
        "मिट्टी का काम",
        "Weaving",
    ]


def test_an_option_that_the_office_has_taken_out_is_shown_by_its_id() -> None:
    assert said(TRADE, "sewing", PHRASES, "hi") == "sewing"


def test_an_explanation_of_a_line_of_words_ends_with_the_fields_example() -> None:
    bad = check(VILLAGE, "123", PHRASES)
    assert isinstance(bad, Bad)
    assert explain(bad, VILLAGE, PHRASES, "hi").endswith("जैसे: भटहट")
