"""Questions -> answer, choices or nothing: on the shipped FAQ, and on FAQs of other shapes."""

import unicodedata
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.app import App
from bot.core.answers.calibration import SHIPPED
from bot.core.answers.faq import Aside, Does, Entry, Faq, Kind
from bot.core.answers.fold import fold
from bot.core.answers.matcher import (
    MAX_CHARS,
    MAX_CHOICES,
    MAX_RANKED,
    Answer,
    Choices,
    Match,
    Matcher,
    Nothing,
    aside_class,
    learn_faq,
    training_texts,
)

many = settings(max_examples=200, deadline=None, derandomize=True)
CONTROL = "".join(map(chr, [*range(32), *range(0x7F, 0xA0), 0x200E, 0x202E, 0x2066, 0xFEFF, 0xFFFD]))


def letters(first: int, end: int) -> st.SearchStrategy[str]:
    return st.text(st.characters(min_codepoint=first, max_codepoint=end - 1), max_size=40)


ZALGO = st.lists(st.tuples(st.sampled_from("gembidक"), letters(0x0300, 0x0370))).map(
    lambda stacks: "".join(letter + marks for letter, marks in stacks)
)
ANYTHING = st.one_of(
    st.text(max_size=60),
    letters(0x0900, 0x0980),  # Devanagari
    letters(0x0980, 0x0A00),  # Bengali
    letters(0x0600, 0x0700),  # Urdu
    letters(0x1F300, 0x1F650),  # emoji
    st.text(CONTROL + " bid", max_size=40),
    ZALGO,
    st.lists(st.sampled_from(["gem", "emd", "bid", "payment", "कब", "ka", "50,000", "में", "?", "🙏"]), max_size=60).map(
        " ".join
    ),
)


def learnt(faq: Faq) -> Matcher:
    return Matcher(faq, learn_faq(faq), SHIPPED)


def assert_well_formed(match: Match) -> None:
    scores = [scored.score for scored in match.ranking]
    assert all(0 <= score <= 1 for score in scores)
    assert sorted(scores, reverse=True) == scores
    assert len({scored.id for scored in match.ranking}) == len(scores) <= MAX_RANKED
    assert list(match.ids) == [scored.id for scored in match.ranking[: len(match.ids)]]
    assert {Answer: 1, Choices: MAX_CHOICES, Nothing: 0}[type(match)] >= len(match.ids) >= (match.kind != "nothing")


@pytest.mark.parametrize(
    ("question", "entry"),
    [
        ("GeM पर नया रजिस्ट्रेशन करने का तरीका", "how-to-register"),
        ("gem registration kaise kare", "how-to-register"),
        ("EMD वापस कितने दिन में मिलेगी", "emd-refund"),
        ("emd ka paisa wapas kab aayega", "emd-refund"),
        ("पेमेंट नहीं आया", "payment-not-received"),
        ("transaction charge kitna hai", "transaction-charges"),
        ("password bhul gaya gem ka", "forgot-password"),
        ("जेम का पासवर्ड भूल गए", "forgot-password"),
        ("startup ko emd me chhut milti hai kya", "startup-benefits"),
        ("helpdesk ka number do", "helpdesk-number"),
        ("reverse auction kya hota hai", "reverse-auction"),
    ],
)
def test_a_plain_question_is_answered(shipped: App, question: str, entry: str) -> None:
    match = shipped.matcher.match(question)
    assert isinstance(match, Answer)
    assert entry == match.id == match.ranking[0].id
    assert (entry,) == match.ids


@pytest.mark.parametrize(
    ("question", "among"),
    [
        ("catalog", {"add-product", "listing-rejected"}),
        ("payment", {"payment-time", "payment-not-received"}),
        ("l1", {"l1-and-l2", "l1-purchase"}),
    ],
)
def test_a_question_that_several_entries_share_is_offered_as_choices(
    shipped: App, question: str, among: set[str]
) -> None:
    match = shipped.matcher.match(question)
    assert isinstance(match, Choices)
    assert among <= set(match.ids)
    assert 2 <= len(match.ids) <= MAX_CHOICES


@pytest.mark.parametrize(
    "question",
    [
        "bike ka registration",
        "mausam kaisa rahega",
        "ration card kaise banega",
        "क्रिकेट का स्कोर",
        "meri bhains kho gayi",
        "qwrtpsdf ghjklzx",
        "নমস্কার",
        "سلام علیکم",
    ],
)
def test_what_the_faq_does_not_know_is_refused_with_its_ranking(shipped: App, question: str) -> None:
    match = shipped.matcher.match(question)
    assert isinstance(match, Nothing)
    assert match.ids == ()
    assert len(match.ranking) == MAX_RANKED


@pytest.mark.parametrize(
    ("question", "aside"),
    [
        ("नमस्ते जी", "greeting"),
        ("hello hello", "greeting"),
        ("बहुत बहुत धन्यवाद", "thanks"),
        ("tum kaun ho", "who-are-you"),
        ("english me bolo", "language-request"),
        ("aadmi se baat karao", "talk-to-human"),
        ("mausam kaisa rahega", "weather"),
        ("क्रिकेट का स्कोर", "cricket-sport"),
        ("PAN card kaise banaye", "pan-card"),
        ("gstr 3b late fee", "gst-portal"),
    ],
)
def test_a_refusal_points_to_the_aside_that_fits(shipped: App, question: str, aside: str) -> None:
    match = shipped.matcher.match(question)
    assert isinstance(match, Nothing)
    assert match.aside is not None
    assert aside == match.aside.id
    assert match.aside.say["hi"]


@pytest.mark.parametrize(
    "said",
    [
        "namaste", "Hii", "hlo", "good morning sir ji", "gud evening", "राम राम", "ram ram bhaiya", "प्रणाम", "जय हिंद",
        "aadab", "धन्यवाद भैया", "thank you ji", "chalo theek hai", "ठीक है", "okk", "हाँ", "नहीं", "achha", "accha ji",
        "kaise ho", "आप कौन हैं", "aap robot ho kya", "tumhara naam kya hai", "बहुत बढ़िया", "mast", "bakwas hai",
        "samajh nahi aaya", "ek minute ruko", "baad me baat karte hain", "तुम क्या कर सकते हो", "bye", "I love you",
        "शुभ रात्रि", "khana khaya kya", "sorry",
    ],
)  # fmt: skip
def test_small_talk_is_neither_answered_nor_offered(shipped: App, said: str) -> None:
    assert shipped.matcher.match(said).kind == "nothing"


def test_no_example_of_an_aside_is_answered_or_offered(shipped: App) -> None:
    asides = shipped.prepared.loaded.faq.asides
    caught = [text for aside in asides for text in aside.examples if shipped.matcher.match(text).kind != "nothing"]
    assert caught == []


def test_a_word_for_word_phrasing_is_answered_with_its_entry(shipped: App) -> None:
    entries = shipped.prepared.loaded.faq.entries
    missed = [
        (entry.id, text)
        for entry in entries
        for text in entry.questions
        if shipped.matcher.match(text).ids != (entry.id,)
    ]
    assert missed == []


@pytest.mark.parametrize("change", [str.upper, str.title, lambda text: f"  {text} ???", lambda text: f"🙏{text}।"])
def test_a_phrasing_is_answered_however_it_is_decorated(shipped: App, change: Callable[[str], str]) -> None:
    for entry in shipped.prepared.loaded.faq.entries:
        assert shipped.matcher.match(change(entry.questions[0])).ids == (entry.id,)


def test_the_same_question_in_another_composition_matches_the_same(shipped: App) -> None:
    for entry in shipped.prepared.loaded.faq.entries:
        for text in entry.questions[::9]:
            composed, decomposed = unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)
            assert shipped.matcher.match(composed) == shipped.matcher.match(decomposed)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("bhugtaan kb milegaa", "bhugtan kab milega"),
        ("ट्रांजेक्सन चार्ज कितना है", "ट्रांजेक्शन चार्ज कितना है"),
        ("catlog reject ho gya", "catalogue reject ho gaya"),
        ("regstration kese kre gem pe", "registration kaise kare gem pe"),
    ],
)
def test_a_misspelt_question_finds_the_same_entry(shipped: App, typed: str, meant: str) -> None:
    assert shipped.matcher.match(meant).ranking[0].id == shipped.matcher.match(typed).ranking[0].id


@pytest.mark.parametrize("nothing", ["", " ", "\n\t", "???", "🙏🙏", "👍", "\x00", "\u200d", "।।।", "\u0301" * 50])
def test_a_message_without_letters_is_refused_without_a_ranking(shipped: App, nothing: str) -> None:
    assert shipped.matcher.match(nothing) == Nothing(None, ())
    assert shipped.matcher.signals(nothing) is None


@pytest.mark.parametrize(
    "piece", ["emd ", "क", "ा", "a", "🙏", "\u0301", "9,", "\x00", "ع", "কি ", "emd kab wapas hogi? "]
)
def test_a_hundred_thousand_characters_are_survived(shipped: App, piece: str) -> None:
    assert_well_formed(shipped.matcher.match((piece * 100_000)[:100_000]))


def test_what_stands_behind_the_first_two_thousand_characters_is_not_read(shipped: App) -> None:
    question = "emd kab wapas hogi".ljust(MAX_CHARS)
    assert shipped.matcher.match(question) == shipped.matcher.match(question + " payment nahi aaya" * 1_000)


@many
@given(ANYTHING)
@example("")
@example("g\u0336e\u0336m\u0336 kya hai")
@example("\ud800")
def test_anything_is_survived(shipped: App, text: str) -> None:
    assert_well_formed(shipped.matcher.match(text))


@many
@given(ANYTHING)
def test_signals_and_ranking_agree(shipped: App, text: str) -> None:
    found = shipped.matcher.signals(text)
    ranking = shipped.matcher.match(text).ranking
    if found is None:
        assert ranking == ()
        return
    signals, evidence = found
    assert len(evidence) == len(shipped.prepared.loaded.faq.entries)
    assert [scored.id for scored in ranking] == [entry for entry, _ in evidence[:MAX_RANKED]]
    assert signals.margin == pytest.approx(evidence[0][1] - evidence[1][1], abs=1e-3)
    assert 0 <= signals.coverage <= 1 + 1e-6
    assert signals.gap is not None


def test_what_was_asked_before_changes_nothing(shipped: App) -> None:
    questions = [text for entry in shipped.prepared.loaded.faq.entries for text in entry.questions[::20]]
    # Half of them misspelt, so that many words are met for the first time.
    questions += [text[1:] for text in questions]
    fresh = Matcher(shipped.prepared.loaded.faq, shipped.prepared.index, SHIPPED)
    backwards = {text: fresh.match(text) for text in reversed(questions)}
    assert backwards == {text: shipped.matcher.match(text) for text in questions}


def test_an_answer_needs_a_score_and_choices_a_likelihood(shipped: App) -> None:
    faq, index = shipped.prepared.loaded.faq, shipped.prepared.index
    question = "emd ka paisa wapas kab aayega"
    never = Matcher(faq, index, replace(SHIPPED, answer_from=1.01))
    strict = Matcher(faq, index, replace(SHIPPED, answer_from=1.01, offer_from=1.01))
    assert [Answer, Choices, Nothing] == [type(its.match(question)) for its in (shipped.matcher, never, strict)]
    assert shipped.matcher.match(question).ranking == never.match(question).ranking == strict.match(question).ranking


def test_a_question_nearer_to_an_aside_is_offered_at_most_however_low_the_thresholds(shipped: App) -> None:
    eager = Matcher(shipped.prepared.loaded.faq, shipped.prepared.index, replace(SHIPPED, answer_from=0, offer_from=0))
    strangers = [aside for aside in shipped.prepared.loaded.faq.asides if not aside.does]
    assert {"choices"} == {eager.match(aside.examples[0]).kind for aside in strangers}
    assert eager.match("registration").kind == "answer"


def entry(entry_id: str, *questions: str) -> Entry:
    return Entry(entry_id, "all", {"hi": questions[0]}, {"hi": f"{questions[0]}: जवाब।"}, questions)


REFUND = entry("refund", "ईएमडी कब वापस मिलेगी", "emd refund kab hoga", "बयाना वापस कैसे लें", "emd wapas nahi mili")
PAYMENT = entry("payment", "पेमेंट कब आएगा", "maal ka paisa kab milega", "payment kitne din me", "पेमेंट नहीं मिला")
LOGIN = entry("password", "पासवर्ड भूल गया", "password reset kaise kare", "login nahi ho raha", "पासवर्ड बदलना है")
WEATHER = Aside("weather", Kind.OFF_TOPIC, {"hi": "मौसम नहीं बता सकता।"}, ("barish kab hogi", "aaj mausam kaisa hai"))
BARE = Faq((), (REFUND, PAYMENT, LOGIN))
FULL = replace(
    BARE, asides=(WEATHER,), lexicon={"emd": ("emd", "ईएमडी", "बयाना"), "money": ("पेमेंट", "payment", "paisa")}
)


@pytest.mark.parametrize("faq", [BARE, FULL], ids=["without asides and lexicon", "with both"])
def test_a_small_faq_answers_its_own_questions_and_refuses_strange_ones(faq: Faq) -> None:
    matcher = learnt(faq)
    for its in faq.entries:
        for text in its.questions:
            assert matcher.match(text).ids == (its.id,)
    assert matcher.match("zzz qqqq").kind == "nothing"
    for text in ("पेमेंट कब तक आएगा", "password bhul gaye", "zzz", "", "emd payment password"):
        assert_well_formed(matcher.match(text))


MY_PLACE = Aside("my-place", Kind.REQUEST, {}, ("mera number kab aayega", "मेरी सीट पक्की है क्या"), Does.MY_PLACE)


@pytest.mark.parametrize("asides", [(MY_PLACE,), (WEATHER, MY_PLACE)], ids=["with requests alone", "with others"])
def test_a_request_is_met_and_takes_no_question_away(asides: tuple[Aside, ...]) -> None:
    matcher = learnt(replace(FULL, asides=asides))
    for asked in ("mera number kb aayega", "meri seat pakki hai", *MY_PLACE.examples):
        met = matcher.match(asked)
        assert isinstance(met, Nothing)
        assert met.aside == MY_PLACE
    for its in FULL.entries:
        for text in its.questions:
            assert matcher.match(text).ids == (its.id,)


def test_a_request_leaves_a_question_as_sure_as_it_was() -> None:
    before, after = (learnt(replace(FULL, asides=its)) for its in ((WEATHER,), (WEATHER, MY_PLACE)))
    (signals, _), (same, _) = (found for its in (before, after) if (found := its.signals("पेमेंट कब आएगा")))
    assert signals.gap is not None
    assert same.gap is not None
    assert same.gap == pytest.approx(signals.gap, rel=0.2)
    only_requests = learnt(replace(FULL, asides=(MY_PLACE,))).signals("पेमेंट कब आएगा")
    assert only_requests is not None
    assert only_requests[0].gap is None


def test_a_request_is_met_however_low_the_thresholds() -> None:
    faq = replace(FULL, asides=(WEATHER, MY_PLACE))
    eager = Matcher(faq, learn_faq(faq), replace(SHIPPED, answer_from=0, offer_from=0))
    assert eager.match(MY_PLACE.examples[0]) == Nothing(MY_PLACE, eager.match(MY_PLACE.examples[0]).ranking)


def test_without_asides_nothing_is_pointed_to() -> None:
    match = learnt(BARE).match("barish kab hogi")
    assert isinstance(match, Nothing)
    assert match.aside is None


def test_an_example_of_an_aside_is_pointed_to() -> None:
    match = learnt(FULL).match("Barish kab hogi?")
    assert isinstance(match, Nothing)
    assert match.aside == WEATHER


def test_a_phrasing_outranks_the_same_words_among_an_asides_examples() -> None:
    twice = replace(WEATHER, examples=(*WEATHER.examples, "पेमेंट कब आएगा"))
    assert learnt(replace(FULL, asides=(twice,))).match("पेमेंट कब आएगा").ranking[0].id == "payment"


def test_the_lexicon_finds_an_entry_by_a_word_that_no_phrasing_has() -> None:
    asked = "अर्नेस्ट डिपॉजिट"
    wordy = replace(FULL, lexicon={**FULL.lexicon, "emd": (*FULL.lexicon["emd"], asked)})
    before, after = (
        {scored.id: scored.score for scored in learnt(faq).match(asked).ranking}["refund"] for faq in (FULL, wordy)
    )
    assert before < after
    assert learnt(wordy).match(asked).ranking[0].id == "refund"


@pytest.mark.parametrize("asides", [(), (WEATHER,)], ids=["without asides", "with asides"])
def test_an_faq_with_one_entry_answers_its_question_and_no_other(asides: tuple[Aside, ...]) -> None:
    matcher = learnt(Faq((), (REFUND,), asides=asides))
    assert matcher.match("emd refund kab hoga").ids == ("refund",)
    assert len(matcher.match("emd refund kab hoga").ranking) == 1
    for strange in ("zzz qqqq", "क", "barish kab hogi"):
        assert matcher.match(strange).kind == "nothing"


def test_an_entry_with_one_phrasing_is_found_beside_large_ones(shipped: App) -> None:
    shop = entry("tea-stall", "चाय की टपरी का लाइसेंस कहाँ मिलता है")
    small = learnt(replace(FULL, entries=(*FULL.entries, shop)))
    assert small.match("चाय की टपरी का लाइसेंस कहाँ मिलता है").ids == ("tea-stall",)
    assert small.match("chai ki tapri ka licence kahan milega").ranking[0].id == "tea-stall"
    whole = shipped.prepared.loaded.faq
    large = learnt(replace(whole, entries=(*whole.entries, shop)))
    assert large.match("चाय की टपरी का लाइसेंस कहाँ मिलता है").ids == ("tea-stall",)


def test_training_texts_are_phrasings_title_and_answer_with_entries_first() -> None:
    texts = training_texts(FULL)
    assert [("refund", text) for text in (*REFUND.questions, REFUND.title["hi"], REFUND.answer["hi"])] == texts[:6]
    assert [(aside_class(WEATHER), text) for text in WEATHER.examples] == texts[-2:]
    assert len(texts) == 3 * 6 + 2


def test_all_classes_of_the_shipped_index_are_entries_then_asides(shipped: App) -> None:
    faq = shipped.prepared.loaded.faq
    expected = [*(its.id for its in faq.entries), *map(aside_class, faq.asides)]
    assert expected == list(shipped.prepared.index.classes)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(st.text("abcdeghiklmnoprstu ", min_size=1, max_size=20).filter(fold), min_size=2, max_size=6))
def test_an_faq_of_any_phrasings_finds_each(phrasings: list[str]) -> None:
    distinct = list({fold(text): text for text in phrasings}.values())
    matcher = learnt(Faq((), tuple(entry(f"e{number}", text) for number, text in enumerate(distinct))))
    for number, text in enumerate(distinct):
        match = matcher.match(text)
        assert_well_formed(match)
        assert match.ranking[0].id == f"e{number}"
