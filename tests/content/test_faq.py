from datetime import date
from pathlib import Path

import pytest

from bot.config import shipped
from bot.content.faq import MAX_FILES, LoadedFaq, faq_files, load_faq
from bot.content.locales import load_phrases
from bot.core.answers.faq import Aside, Category, Confidence, Does, Kind, Source
from bot.core.answers.render import answer_text
from bot.errors import ContentError, Fault

PHRASES = load_phrases(shipped("locales"))
# Said of every entry that is not ready to be published; see the tests of strictness.
NOT_PUBLISHED = {"missing-for-publishing", "few-questions"}

EMD = """\
- id: emd
  title: ईएमडी
  answer: बिड के साथ दी जाने वाली रकम।
  questions:
    - ईएमडी क्या है
    - emd kitna lagta hai
"""
PAYMENT = """\
category:
  id: payment
  title: {hi: भुगतान, en: Payment}
entries:
  - id: payment-late
    title: {hi: पैसा नहीं आया, en: Late payment}
    answer:
      hi: CRAC के बाद पैसा आता है।
      en: Money comes after the CRAC.
    questions: [paisa nahi aaya, भुगतान कब होगा]
"""
LEXICON = """\
groups:
  emd: [EMD, ईएमडी]
  money: [paisa, rakam]
"""
ASIDES = """\
groups:
  - id: pan-card
    kind: other-service
    say: यह GeM का काम नहीं है।
    examples: [pan card banwana hai]
"""
REQUESTS = """\
groups:
  - id: my-place
    kind: request
    does: my-place
    examples: [mera number kab aayega, मेरी सीट पक्की है क्या]
"""


def folder_of(tmp_path: Path, files: dict[str, str]) -> Path:
    folder = tmp_path / "answers"
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    return folder


def loaded(tmp_path: Path, files: dict[str, str]) -> LoadedFaq:
    return load_faq(folder_of(tmp_path, files), PHRASES)


def faults_of(folder: Path) -> tuple[Fault, ...]:
    with pytest.raises(ContentError) as caught:
        load_faq(folder, PHRASES)
    return caught.value.faults


def found(tmp_path: Path, files: dict[str, str]) -> list[tuple[str, str]]:
    """Place and key of each fault; sees to it that each can be said in both languages."""
    faults = [fault for fault in faults_of(folder_of(tmp_path, files)) if fault.key not in NOT_PUBLISHED]
    for fault in faults:
        assert_can_be_said(fault)
    return [(fault.place.removeprefix("answers/"), fault.key) for fault in faults]


def assert_can_be_said(fault: Fault) -> None:
    key = f"faults.{fault.key}"
    hindi, english = (PHRASES.say(key, language, **fault.values) for language in ("hi", "en"))
    assert any("\u0900" <= char <= "\u097f" for char in hindi)
    assert hindi != english
    assert key in PHRASES.texts["en"]


def full_entry(questions: int = 12) -> str:
    return (
        "- id: emd\n  title: ईएमडी\n  answer: रकम।\n  sources: [{url: 'https://gem.gov.in', title: GeM}]\n"
        "  checked_on: 2024-07-10\n  review_by: 2027-01-31\n  confidence: high\n  related: [other]\n  questions:\n"
        + "".join(f"    - emd {chr(97 + number) * 3}\n" for number in range(questions))
        + "- id: other\n  title: दूसरा\n  answer: रकम।\n  sources: [{url: 'https://gem.gov.in', title: GeM}]\n"
        "  checked_on: 2024\n  review_by: 2027-01-31\n  confidence: low\n  related: [emd]\n  questions:\n"
        + "".join(f"    - dusra {chr(97 + number) * 3}\n" for number in range(12))
    )


def test_a_folder_with_only_what_is_required_is_taken(tmp_path: Path) -> None:
    faq = loaded(tmp_path, {"bid.yaml": EMD}).faq
    (entry,) = faq.entries
    assert (entry.id, entry.category, entry.title) == ("emd", "bid", {"hi": "ईएमडी"})
    assert entry.answer == {"hi": "बिड के साथ दी जाने वाली रकम।"}
    assert entry.questions == ("ईएमडी क्या है", "emd kitna lagta hai")
    assert (entry.sources, entry.related) == ((), ())
    assert (entry.checked_on, entry.review_by, entry.confidence) == (None, None, None)
    assert (faq.lexicon, faq.asides) == ({}, ())


def test_a_list_at_the_top_is_a_category_named_like_its_file(tmp_path: Path) -> None:
    faq = loaded(tmp_path, {"Bid & EMD.yaml": EMD}).faq
    assert faq.categories == (Category("bid-emd", {"hi": "Bid & EMD"}),)


def test_a_file_without_a_category_is_named_like_its_file(tmp_path: Path) -> None:
    faq = loaded(tmp_path, {"bid.yml": "entries:\n" + EMD}).faq
    assert faq.categories == (Category("bid", {"hi": "bid"}),)


def test_a_plain_text_means_the_same_as_its_hindi(tmp_path: Path) -> None:
    spelt_out = EMD.replace("title: ईएमडी", "title: {hi: ईएमडी}").replace("answer: बिड", "answer:\n    hi: बिड")
    assert load_faq(folder_of(tmp_path, {"bid.yaml": EMD}), PHRASES).faq.entries == (
        loaded(tmp_path / "answers", {"bid.yaml": spelt_out}).faq.entries
    )


def test_a_category_and_both_languages_are_read(tmp_path: Path) -> None:
    faq = loaded(tmp_path, {"anything.yaml": PAYMENT}).faq
    assert faq.categories == (Category("payment", {"hi": "भुगतान", "en": "Payment"}),)
    (entry,) = faq.entries
    assert entry.category == "payment"
    assert entry.title == {"hi": "पैसा नहीं आया", "en": "Late payment"}
    assert entry.answer == {"hi": "CRAC के बाद पैसा आता है।", "en": "Money comes after the CRAC."}


def test_everything_that_an_entry_can_have_is_read(tmp_path: Path) -> None:
    entry = loaded(tmp_path, {"bid.yaml": full_entry()}).faq.by_id["emd"]
    assert entry.sources == (Source("https://gem.gov.in", "GeM"),)
    assert entry.checked_on is not None
    assert entry.checked_on.iso == "2024-07-10"
    assert (entry.review_by, entry.confidence) == (date(2027, 1, 31), Confidence.HIGH)
    assert entry.related == ("other",)


def test_lexicon_and_out_of_scope_are_read(tmp_path: Path) -> None:
    faq = loaded(tmp_path, {"bid.yaml": EMD, "lexicon.yaml": LEXICON, "out-of-scope.yaml": ASIDES}).faq
    assert faq.lexicon == {"emd": ("EMD", "ईएमडी"), "money": ("paisa", "rakam")}
    assert faq.asides == (
        Aside("pan-card", Kind.OTHER_SERVICE, {"hi": "यह GeM का काम नहीं है।"}, ("pan card banwana hai",)),
    )
    assert [category.id for category in faq.categories] == ["bid"]


def test_requests_are_read_behind_what_is_out_of_scope(tmp_path: Path) -> None:
    files = {"bid.yaml": EMD, "out-of-scope.yaml": ASIDES, "requests.yaml": REQUESTS}
    faq = loaded(tmp_path, files).faq
    assert [aside.id for aside in faq.asides] == ["pan-card", "my-place"]
    examples = ("mera number kab aayega", "मेरी सीट पक्की है क्या")
    assert faq.asides[1] == Aside("my-place", Kind.REQUEST, {}, examples, Does.MY_PLACE)
    assert [category.id for category in faq.categories] == ["bid"]


def test_a_request_may_have_a_sentence_too(tmp_path: Path) -> None:
    said = REQUESTS.replace("    examples", "    say: देखते हैं।\n    examples")
    assert loaded(tmp_path, {"bid.yaml": EMD, "requests.yaml": said}).faq.asides[0].say == {"hi": "देखते हैं।"}


@pytest.mark.parametrize("does", list(Does))
def test_an_entry_and_a_request_say_what_they_do(tmp_path: Path, does: Does) -> None:
    files = {
        "bid.yaml": EMD + f"  does: {does}\n",
        "requests.yaml": REQUESTS.replace("does: my-place", f"does: {does}"),
    }
    faq = loaded(tmp_path, files).faq
    assert [faq.entries[0].does, faq.asides[0].does] == [does, does]


def test_files_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    files = {f"{name}.yaml": EMD.replace("emd", f"emd-{name}").replace("ईएमडी", name) for name in ("c", "a", "b")}
    faq = loaded(tmp_path, files).faq
    assert [entry.id for entry in faq.entries] == ["emd-a", "emd-b", "emd-c"]


def test_other_files_and_hidden_files_are_left_alone(tmp_path: Path) -> None:
    faq = loaded(tmp_path, {"bid.yaml": EMD, "notes.txt": "x: [", ".bid.yaml.swp": "x: [", ".old.yaml": "x: ["}).faq
    assert [entry.id for entry in faq.entries] == ["emd"]


def test_every_question_has_its_place(tmp_path: Path) -> None:
    places = loaded(tmp_path, {"bid.yaml": EMD, "payment.yaml": PAYMENT}).places
    assert {key: tuple(place) for key, place in places.items()} == {
        "emd": ("answers/bid.yaml:5", "answers/bid.yaml:6"),
        "payment-late": ("answers/payment.yaml:10", "answers/payment.yaml:10"),
    }


@pytest.mark.parametrize(
    ("iso", "hindi", "english"),
    [
        ("2024-07-10", "10 जुलाई 2024", "10 July 2024"),
        ("2024-02-29", "29 फ़रवरी 2024", "29 February 2024"),
        ("2024-07", "जुलाई 2024", "July 2024"),
        ("2024-02", "फ़रवरी 2024", "February 2024"),
        ("2024", "2024", "2024"),
    ],
)
def test_a_day_a_month_or_a_year_is_said_as_exactly_as_it_is_known(
    tmp_path: Path, iso: str, hindi: str, english: str
) -> None:
    (entry,) = loaded(tmp_path, {"bid.yaml": EMD + f"  checked_on: {iso}\n"}).faq.entries
    assert entry.checked_on is not None
    assert iso == entry.checked_on.iso
    assert {"hi": hindi, "en": english} == entry.checked_on.said


# (what of EMD, becomes, line, key)
@pytest.mark.parametrize(
    ("old", "new", "line", "key"),
    [
        ("  title: ईएमडी\n", "", 1, "missing-field"),
        ("  answer: बिड के साथ दी जाने वाली रकम।\n", "", 1, "missing-field"),
        ("- id: emd\n ", "-", 1, "missing-field"),
        ("title: ईएमडी", "title: {en: EMD}", 2, "missing-field"),
        ("title: ईएमडी", "title: [ईएमडी]", 2, "not-mapping"),
        ("title: ईएमडी", "title: {hi: [ईएमडी]}", 2, "not-text"),
        ("title: ईएमडी", "title:", 2, "empty-text"),
        ("title: ईएमडी", "title: '   '", 2, "empty-text"),
        ("title: ईएमडी", "title: {hi: ''}", 2, "empty-text"),
        ("title: ईएमडी", "title: {hi: x, en: ''}", 2, "empty-text"),
        ("id: emd", "id: [emd]", 1, "not-text"),
        ("id: emd", "id: emd,refund", 1, "bad-id"),
        ("id: emd", "id: emd=refund", 1, "bad-id"),
        ("id: emd", "id: -emd", 1, "bad-id"),
        ("id: emd", "id: emd refund", 1, "bad-id"),
        ("id: emd", "id: ईएमडी", 1, "bad-id"),
        ("id: emd", "id:", 1, "bad-id"),
        ("id: emd", f"id: {'e' * 49}", 1, "text-too-long"),
        ("    - emd kitna lagta hai\n", "    - emd kitna lagta hai\n    -\n", 7, "empty-text"),
        ("    - emd kitna lagta hai\n", "    - emd: kitna lagta hai\n", 6, "colon"),
        ("    - emd kitna lagta hai\n", "    - '?!'\n", 6, "no-letters"),
        ("    - emd kitna lagta hai\n", "    - 'ईएमडी क्या है'\n", 6, "phrasing-twice"),
        ("ईएमडी क्या है\n    - emd kitna lagta hai\n", "emd kitna\n    - EMD KITNA\n", 6, "phrasing-twice"),
        (
            "  questions:\n    - ईएमडी क्या है\n    - emd kitna lagta hai\n",
            "  questions: []\n",
            4,
            "empty-list",
        ),
        (
            "  questions:\n    - ईएमडी क्या है\n    - emd kitna lagta hai\n",
            "  questions: ईएमडी क्या है\n",
            4,
            "not-list",
        ),
        ("  title", "  checked_on: 10 July 2024\n  title", 2, "bad-date"),
        ("  title", "  checked_on: 2024-7-1\n  title", 2, "bad-date"),
        ("  title", "  checked_on: 2024-13\n  title", 2, "bad-date"),
        ("  title", "  checked_on: 2023-02-29\n  title", 2, "bad-date"),
        ("  title", "  checked_on: २०२४\n  title", 2, "bad-date"),
        ("  title", "  checked_on: 0000\n  title", 2, "bad-date"),
        ("  title", "  review_by: 2027-01\n  title", 2, "bad-date"),
        ("  title", "  review_by: 2027-01-32\n  title", 2, "bad-date"),
        ("  title", "  confidence: sure\n  title", 2, "not-one-of"),
        ("  title", "  does: dance\n  title", 2, "not-one-of"),
        ("  title", "  sources: https://gem.gov.in\n  title", 2, "not-list"),
        ("  title", "  sources: [https://gem.gov.in]\n  title", 2, "not-mapping"),
        ("  title", "  sources:\n    - url: gem.gov.in\n      title: GeM\n  title", 3, "bad-url"),
        ("  title", "  sources:\n    - url: 'https://gem gov in'\n      title: GeM\n  title", 3, "bad-url"),
        ("  title", "  sources:\n    - url: javascript:alert(1)\n      title: GeM\n  title", 3, "bad-url"),
        ("  title", "  sources:\n    - title: GeM\n  title", 3, "missing-field"),
        ("  title", "  sources:\n    - url: https://gem.gov.in\n  title", 3, "missing-field"),
        ("  title", "  related: emd\n  title", 2, "not-list"),
        ("  title", "  related:\n    - E MD\n  title", 3, "bad-id"),
        ("  title", "  related:\n    - emd\n  title", 3, "related-self"),
        ("  title", "  related:\n    - nowhere\n  title", 3, "unknown-related"),
        ("बिड के साथ", "ब" * 900, 3, "answer-too-long"),
        ("answer: बिड", f"answer:\n    en: {'x' * 901}\n    hi: बिड", 4, "answer-too-long"),
        ("  title", "  title: x\n  title", 3, "key-twice"),
        ("  answer", "\tanswer", 3, "tab"),
    ],
)
def test_a_fault_of_an_entry_is_named_with_its_line(tmp_path: Path, old: str, new: str, line: int, key: str) -> None:
    assert old in EMD
    assert [(f"bid.yaml:{line}", key)] == found(tmp_path, {"bid.yaml": EMD.replace(old, new, 1)})


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ("just a sentence\n", 1, "not-list"),
        ("entries: just a sentence\n", 1, "not-list"),
        ("# a note\nentries: {emd: x}\n", 2, "not-list"),
        ("category: {id: x, title: x}\n", 1, "missing-field"),
        ("- just a sentence\n", 1, "not-mapping"),
        ("entries:\n  - [emd]\n", 2, "not-mapping"),
        ("category: bids\nentries: []\n", 1, "not-mapping"),
        ("category:\n  id: bids\nentries: []\n", 1, "missing-field"),
        ("category:\n  title: Bids\nentries: []\n", 1, "missing-field"),
        ("category:\n  id: All Bids\n  title: Bids\nentries: []\n", 2, "bad-id"),
        ("- id: 'emd\n", 1, "yaml"),
    ],
)
def test_a_fault_of_a_file_is_named_with_its_line(tmp_path: Path, text: str, line: int, key: str) -> None:
    assert found(tmp_path, {"bid.yaml": text}) == [(f"bid.yaml:{line}", key)]


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, {"bid.yaml": EMD})
    (folder / "other.yaml").write_bytes(b"- id: x\n  title: \xff\n")
    assert [(fault.place, fault.key) for fault in faults_of(folder) if fault.key not in NOT_PUBLISHED] == [
        ("answers/other.yaml:2", "not-utf8")
    ]


@pytest.mark.parametrize("name", ["more.yaml", "lexicon.yaml", "out-of-scope.yaml", "requests.yaml"])
def test_an_empty_file_is_named(tmp_path: Path, name: str) -> None:
    faults = faults_of(folder_of(tmp_path, {"bid.yaml": EMD, name: ""}))
    (fault,) = [fault for fault in faults if fault.key not in NOT_PUBLISHED]
    assert (fault.path, fault.key) == (f"answers/{name}", "empty-file")
    assert_can_be_said(fault)


def test_a_folder_in_place_of_a_file_is_named(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, {"bid.yaml": EMD})
    (folder / "other.yaml").mkdir()
    (fault,) = [fault for fault in faults_of(folder) if fault.key not in NOT_PUBLISHED]
    assert (fault.path, fault.key) == ("answers/other.yaml", "unreadable")
    assert_can_be_said(fault)


@pytest.mark.parametrize("name", ["missing", "file", "file/below"])
def test_a_folder_that_cannot_be_opened_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    (fault,) = faults_of(tmp_path / name)
    assert (fault.key, fault.place) == ("no-folder", str(tmp_path / name))
    assert_can_be_said(fault)


@pytest.mark.parametrize(
    "files", [{}, {"notes.txt": "x"}, {"bid.yaml": "[]\n"}, {"lexicon.yaml": LEXICON, "out-of-scope.yaml": ASIDES}]
)
def test_a_folder_without_entries_is_a_fault(tmp_path: Path, files: dict[str, str]) -> None:
    assert found(tmp_path, files) == [(str(tmp_path / "answers"), "no-entries")]


def test_a_folder_of_too_many_files_is_not_even_read(tmp_path: Path) -> None:
    assert found(tmp_path, {f"{number}.yaml": "x: [" for number in range(MAX_FILES + 1)}) == [
        (str(tmp_path / "answers"), "too-many-files")
    ]


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    files = {
        "a.yaml": EMD.replace("id: emd", "id: E MD").replace("title: ईएमडी", "title:")
        + PAYMENT.split("entries:\n")[1].replace("\n  ", "\n").removeprefix("  ") * 2,
        "b.yaml": EMD + "  related: [nowhere]\n",
        "c.yaml": "- id: 'open\n",
        "lexicon.yaml": LEXICON.replace("rakam", "emd"),
        "out-of-scope.yaml": ASIDES.replace("other-service", "service"),
    }
    assert sorted(found(tmp_path, files)) == [
        ("a.yaml:1", "bad-id"),
        ("a.yaml:13", "id-twice"),
        ("a.yaml:2", "empty-text"),
        ("c.yaml:1", "yaml"),
        ("lexicon.yaml:3", "word-in-two-groups"),
        ("out-of-scope.yaml:3", "not-one-of"),
    ]


def test_all_faults_of_one_entry_are_told_at_once(tmp_path: Path) -> None:
    text = "- id: E M D\n  title: [x]\n  answer: ''\n  confidence: sure\n  review_by: soon\n  questions: x\n"
    assert found(tmp_path, {"bid.yaml": text}) == [
        ("bid.yaml:1", "bad-id"),
        ("bid.yaml:2", "not-mapping"),
        ("bid.yaml:3", "empty-text"),
        ("bid.yaml:6", "not-list"),
        ("bid.yaml:5", "bad-date"),
        ("bid.yaml:4", "not-one-of"),
    ]


def test_an_id_used_in_two_files_names_the_first(tmp_path: Path) -> None:
    again = EMD.replace("ईएमडी क्या है", "धरोहर").replace("emd kitna lagta hai", "dharohar kya")
    (fault,) = [
        fault
        for fault in faults_of(folder_of(tmp_path, {"a.yaml": EMD, "b.yaml": again}))
        if fault.key not in NOT_PUBLISHED
    ]
    assert (fault.place, fault.key) == ("answers/b.yaml:1", "id-twice")
    assert dict(fault.values) == {"id": "emd", "first": "answers/a.yaml:1"}
    assert_can_be_said(fault)


def test_a_category_used_in_two_files_is_a_fault(tmp_path: Path) -> None:
    other = PAYMENT.split("entries:", maxsplit=1)[0] + "entries:\n" + EMD
    assert found(tmp_path, {"a.yaml": PAYMENT, "b.yaml": other}) == [("b.yaml:2", "id-twice")]


@pytest.mark.parametrize("again", ["ईएमडी क्या है", "EMD kya hai?", "ई.एम.डी. क्या है", "emd, kyaa hai"])
def test_a_question_that_sounds_like_one_of_another_entry_names_that_one(tmp_path: Path, again: str) -> None:
    other = EMD.replace("id: emd", "id: other").replace("ईएमडी क्या है", f"'{again}'").replace("emd kitna", "kitna")
    (fault,) = [
        fault
        for fault in faults_of(folder_of(tmp_path, {"a.yaml": EMD, "b.yaml": other}))
        if fault.key not in NOT_PUBLISHED
    ]
    assert (fault.place, fault.key) == ("answers/b.yaml:5", "phrasing-twice")
    assert {"text": again, "entry": "emd", "first": "answers/a.yaml:5"} == dict(fault.values)
    assert_can_be_said(fault)


def test_one_question_in_both_scripts_is_welcome_within_an_entry(tmp_path: Path) -> None:
    text = EMD.replace("emd kitna lagta hai", "emd kya hai")
    (entry,) = loaded(tmp_path, {"bid.yaml": text}).faq.entries
    assert entry.questions == ("ईएमडी क्या है", "emd kya hai")


def test_an_entry_named_like_the_start_of_a_question_is_no_repetition(tmp_path: Path) -> None:
    text = "".join(
        f"- id: {name}\n  title: {name}\n  answer: x\n  questions: [{question}]\n"
        for name, question in (("emd", "din"), ("other", "emd din"))
    )
    assert len(loaded(tmp_path, {"bid.yaml": text}).faq.entries) == 2


def test_an_answer_is_measured_with_its_source_and_date(tmp_path: Path) -> None:
    short = EMD.replace("बिड के साथ दी जाने वाली रकम।", "कक")
    short += "  checked_on: 2024-07\n  sources: [{url: 'https://gem.gov.in', title: GeM}]\n"
    folder = folder_of(tmp_path, {"bid.yaml": short})
    (entry,) = load_faq(folder, PHRASES).faq.entries
    shown = answer_text(entry, PHRASES, "hi")
    assert "https://gem.gov.in" in shown
    assert "जुलाई 2024" in shown
    just_fits = short.replace("कक", "क" * (902 - len(shown)))
    (folder / "bid.yaml").write_text(just_fits, "utf-8")
    assert len(load_faq(folder, PHRASES).faq.entries) == 1
    (folder / "bid.yaml").write_text(just_fits.replace("कक", "ककक", 1), "utf-8")
    (fault,) = [fault for fault in faults_of(folder) if fault.key not in NOT_PUBLISHED]
    assert (fault.key, fault.values["length"], fault.values["limit"]) == ("answer-too-long", 901, 900)


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ("just a sentence\n", 1, "missing-field"),
        ("emd: [EMD]\n", 1, "missing-field"),
        ("groups: [EMD]\n", 1, "missing-field"),
        ("groups:\n  emd: EMD\n", 2, "not-list"),
        ("groups:\n  emd:\n    - [EMD]\n", 2, "not-list"),
        ("groups:\n  emd:\n    - EMD\n    - '?'\n", 4, "no-letters"),
        ("groups:\n  emd:\n    - EMD\n  money:\n    - paisa\n    - ईएमडी\n", 6, "word-in-two-groups"),
        ("groups:\n  emd: [EMD]\n  emd: [emd]\n", 3, "key-twice"),
    ],
)
def test_a_fault_of_the_lexicon_is_named_with_its_line(tmp_path: Path, text: str, line: int, key: str) -> None:
    assert [(f"lexicon.yaml:{line}", key)] == found(tmp_path, {"bid.yaml": EMD, "lexicon.yaml": text})


def test_a_word_in_two_groups_names_the_first(tmp_path: Path) -> None:
    files = {"bid.yaml": EMD, "lexicon.yaml": LEXICON.replace("rakam", "ई एम डी")}
    fault = faults_of(folder_of(tmp_path, files))[-1]
    assert dict(fault.values) == {"word": "ई एम डी", "group": "emd", "first": "answers/lexicon.yaml:2"}


def test_one_word_may_stand_twice_in_its_group(tmp_path: Path) -> None:
    faq = loaded(tmp_path, {"bid.yaml": EMD, "lexicon.yaml": LEXICON.replace("rakam", "paisaa")}).faq
    assert faq.lexicon["money"] == ("paisa", "paisaa")


@pytest.mark.parametrize(
    ("old", "new", "line", "key"),
    [
        (ASIDES, "just a sentence\n", 1, "missing-field"),
        (ASIDES, "groups: {pan: x}\n", 1, "missing-field"),
        (ASIDES, "groups:\n  - pan\n", 2, "not-mapping"),
        ("    kind: other-service\n", "", 2, "missing-field"),
        ("    say: यह GeM का काम नहीं है।\n", "", 2, "missing-field"),
        ("    examples: [pan card banwana hai]\n", "", 2, "missing-field"),
        ("other-service", "another-service", 3, "not-one-of"),
        ("pan-card", "PAN card", 2, "bad-id"),
        ("say: यह GeM का काम नहीं है।", "say:", 4, "empty-text"),
        ("[pan card banwana hai]", "[]", 5, "empty-list"),
        ("[pan card banwana hai]", "pan card", 5, "not-list"),
    ],
)
def test_a_fault_of_out_of_scope_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, key: str
) -> None:
    assert old in ASIDES
    files = {"bid.yaml": EMD, "out-of-scope.yaml": ASIDES.replace(old, new)}
    assert [(f"out-of-scope.yaml:{line}", key)] == found(tmp_path, files)


@pytest.mark.parametrize(
    ("old", "new", "line", "key"),
    [
        (REQUESTS, "just a sentence\n", 1, "missing-field"),
        ("    does: my-place\n", "", 2, "missing-field"),
        ("does: my-place", "does: dance", 4, "not-one-of"),
        ("does: my-place", "does:", 4, "not-one-of"),
        ("kind: request", "kind: off-topic", 3, "not-one-of"),
        ("    kind: request\n", "", 2, "missing-field"),
        ("    kind", "    say:\n    kind", 3, "empty-text"),
        ("id: my-place", "id: my place", 2, "bad-id"),
        ("[mera number kab aayega, मेरी सीट पक्की है क्या]", "[]", 5, "empty-list"),
        ("मेरी सीट पक्की है क्या", "'ईएमडी क्या है'", 5, "phrasing-twice"),
    ],
)
def test_a_fault_of_requests_is_named_with_its_line(tmp_path: Path, old: str, new: str, line: int, key: str) -> None:
    assert old in REQUESTS
    files = {"bid.yaml": EMD, "requests.yaml": REQUESTS.replace(old, new)}
    assert [(f"requests.yaml:{line}", key)] == found(tmp_path, files)


def test_what_can_be_done_is_listed_where_something_else_stands(tmp_path: Path) -> None:
    files = {"bid.yaml": EMD, "requests.yaml": REQUESTS.replace("does: my-place", "does: dance")}
    assert faults_of(folder_of(tmp_path, files))[-1].values["expected"] == ", ".join(Does)


def test_a_request_stands_in_no_other_file(tmp_path: Path) -> None:
    asked = ASIDES.replace("other-service", "request")
    assert found(tmp_path, {"bid.yaml": EMD, "out-of-scope.yaml": asked}) == [("out-of-scope.yaml:3", "not-one-of")]


def test_an_example_in_two_groups_names_the_first(tmp_path: Path) -> None:
    again = REQUESTS.replace("mera number kab aayega", "PAN card banwana hai?")
    files = {"bid.yaml": EMD, "out-of-scope.yaml": ASIDES, "requests.yaml": again}
    fault = faults_of(folder_of(tmp_path, files))[-1]
    assert (fault.place, fault.key) == ("answers/requests.yaml:5", "phrasing-twice")
    first = "answers/out-of-scope.yaml:5"
    assert dict(fault.values) == {"text": "PAN card banwana hai?", "entry": "pan-card", "first": first}
    assert_can_be_said(fault)


def test_examples_without_letters_may_stand_in_two_groups(tmp_path: Path) -> None:
    files = {
        "bid.yaml": EMD,
        "out-of-scope.yaml": ASIDES.replace("[pan", "['👍', pan"),
        "requests.yaml": REQUESTS.replace("[mera", "['👍', mera"),
    }
    assert len(loaded(tmp_path, files).faq.asides) == 2


def test_an_id_of_a_group_used_in_two_files_names_the_first(tmp_path: Path) -> None:
    files = {
        "bid.yaml": EMD,
        "out-of-scope.yaml": ASIDES,
        "requests.yaml": REQUESTS.replace("id: my-place", "id: pan-card"),
    }
    fault = faults_of(folder_of(tmp_path, files))[-1]
    assert (fault.place, fault.key) == ("answers/requests.yaml:2", "id-twice")
    assert dict(fault.values) == {"id": "pan-card", "first": "answers/out-of-scope.yaml:2"}


def test_a_group_out_of_scope_written_twice_names_the_first(tmp_path: Path) -> None:
    files = {"bid.yaml": EMD, "out-of-scope.yaml": ASIDES + ASIDES.removeprefix("groups:\n")}
    fault = faults_of(folder_of(tmp_path, files))[-1]
    assert (fault.place, fault.key) == ("answers/out-of-scope.yaml:6", "id-twice")
    assert dict(fault.values) == {"id": "pan-card", "first": "answers/out-of-scope.yaml:2"}


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("bid.yaml", EMD + "  anser: x\n", 7),
        ("payment.yaml", PAYMENT + "enteries: []\n", 11),
        ("payment.yaml", PAYMENT.replace("  id: payment\n", "  id: payment\n  colour: red\n"), 3),
        ("out-of-scope.yaml", ASIDES + "    why: x\n", 6),
    ],
)
def test_an_unknown_field_is_only_a_warning(tmp_path: Path, name: str, text: str, line: int) -> None:
    other = EMD.replace("emd", "first").replace("ईएमडी", "पहला")
    read = loaded(tmp_path, {"a.yaml": other, name: text})
    (warning,) = [fault for fault in read.warnings if fault.key not in NOT_PUBLISHED]
    assert (warning.place, warning.key, warning.warning) == (f"answers/{name}:{line}", "unknown-field", True)
    assert warning.values["known"]
    assert_can_be_said(warning)


def test_warnings_are_told_along_with_faults(tmp_path: Path) -> None:
    faults = faults_of(folder_of(tmp_path, {"bid.yaml": EMD + "  anser: x\n  related: [emd]\n"}))
    assert {fault.key: fault.warning for fault in faults} == {
        "unknown-field": True,
        "related-self": False,
        "missing-for-publishing": True,
        "few-questions": True,
    }


def test_an_entry_that_is_ready_to_be_published_gives_no_warning(tmp_path: Path) -> None:
    assert loaded(tmp_path, {"bid.yaml": full_entry()}).warnings == ()


def test_what_an_entry_lacks_for_publishing_is_warned_of(tmp_path: Path) -> None:
    warnings = loaded(tmp_path, {"bid.yaml": EMD}).warnings
    assert [warning.values["field"] for warning in warnings if warning.key == "missing-for-publishing"] == [
        "sources",
        "checked_on",
        "review_by",
        "confidence",
        "related",
    ]
    assert {("answers/bid.yaml:1", True)} == {(warning.place, warning.warning) for warning in warnings}
    for warning in warnings:
        assert_can_be_said(warning)


def test_fewer_than_twelve_questions_are_warned_of(tmp_path: Path) -> None:
    (warning,) = loaded(tmp_path, {"bid.yaml": full_entry(questions=11)}).warnings
    assert (warning.place, warning.key) == ("answers/bid.yaml:1", "few-questions")
    assert dict(warning.values) == {"id": "emd", "count": 11, "least": 12}
    assert_can_be_said(warning)


def test_the_files_of_a_folder_come_in_a_fixed_order(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, dict.fromkeys(("c.yaml", "a.yml", "b.yaml", "d.txt"), EMD))
    (folder / "folder.yaml").mkdir()
    assert [file.name for file in faq_files(folder)] == ["a.yml", "b.yaml", "c.yaml"]


def test_no_entries_is_a_fault_even_beside_a_warning(tmp_path: Path) -> None:
    assert "no-entries" in {
        fault.key for fault in faults_of(folder_of(tmp_path, {"a.yaml": "entries: []\ncolour: red\n"}))
    }


def test_files_with_hindi_names_are_categories(tmp_path: Path) -> None:
    other = EMD.replace("emd", "pay").replace("ईएमडी", "भुगतान")
    assert len(loaded(tmp_path, {"सवाल.yaml": EMD, "भुगतान.yaml": other}).faq.categories) == 2


@pytest.mark.parametrize("name", ["EMD", "emd_refund", "12", "Q1.2", "emd--refund"])
def test_an_id_may_be_any_plain_name(tmp_path: Path, name: str) -> None:
    assert [name] == [its.id for its in loaded(tmp_path, {"a.yaml": EMD.replace("id: emd", f"id: {name}")}).faq.entries]


def test_headings_stand_in_the_order_of_their_numbers_and_those_without_one_last(tmp_path: Path) -> None:
    orders = {"a": "", "b": "  order: 10\n", "c": "  order: 2\n"}
    files = {
        f"{name}.yaml": f"category:\n  id: {name}\n{order}  title: {name}\nentries:\n"
        f"  - id: {name}\n    title: {name}\n    answer: {name}\n    questions: [question {name}]\n"
        for name, order in orders.items()
    }
    assert [category.id for category in loaded(tmp_path, files).faq.categories] == ["c", "b", "a"]


def test_a_place_in_the_menu_is_a_number(tmp_path: Path) -> None:
    assert found(tmp_path, {"a.yaml": "category:\n  id: a\n  order: first\n  title: a\nentries: []\n"}) == [
        ("a.yaml:3", "bad-number")
    ]
