import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bot.app import App
from bot.core.answers.faq import MAX_ANSWER_CHARS, Aside, Does, Entry, Kind
from bot.core.answers.fold import fold
from bot.core.answers.render import answer_text

ROOT = Path(__file__).parents[1]
FACTS = (ROOT / "docs" / "gem-facts.md").read_text("utf-8")
MIN_PHRASINGS = 12
MAX_TITLE = 24
# The helpdesk may be named wherever a person can get stuck.
HELPDESK = "1800-419-3436 1800-102-3436"


def sections() -> dict[str, str]:
    """Topic id -> its section of the facts."""
    parts = re.split(r"^### `([a-z0-9-]+)`", FACTS, flags=re.MULTILINE)[1:]
    return {topic: text.split("\n## ")[0] for topic, text in zip(parts[::2], parts[1::2], strict=True)}


SECTIONS = sections()


def figures(text: str) -> set[str]:
    """Numbers in digits of any script, without the commas of thousands."""
    plain = "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in text)
    return set(re.findall(r"\d+(?:\.\d+)?", re.sub(r"(?<=\d),(?=\d)", "", plain)))


def without_step_numbers(answer: str) -> str:
    return re.sub(r"^\s*\d+[.)]\s", "", answer, flags=re.MULTILINE)


def supported(topic: str) -> set[str]:
    """Figures that an answer on a topic may name: of its section, of those that it refers to, and the helpdesk's."""
    named = re.findall(r"`([a-z0-9-]+)`", SECTIONS[topic])
    return figures(HELPDESK).union(*(figures(SECTIONS.get(one, "")) for one in [topic, *named]))


def is_devanagari(text: str) -> bool:
    return any("\u0900" <= char <= "\u097f" for char in text)


def entries(shipped: App) -> tuple[Entry, ...]:
    return shipped.prepared.loaded.faq.entries


def asides(shipped: App) -> tuple[Aside, ...]:
    return shipped.prepared.loaded.faq.asides


def phrasings(shipped: App) -> Iterator[tuple[str, str]]:
    return ((entry.id, question) for entry in entries(shipped) for question in entry.questions)


def examples(shipped: App) -> Iterator[tuple[str, str]]:
    return ((aside.id, example) for aside in asides(shipped) for example in aside.examples)


def by_fold(texts: Iterable[tuple[str, str]]) -> dict[str, tuple[str, str]]:
    return {fold(text): (owner, text) for owner, text in texts}


def test_there_is_an_entry_for_each_topic_of_the_facts(shipped: App) -> None:
    assert len(entries(shipped)) == 120
    assert set(SECTIONS) == {entry.id for entry in entries(shipped)}


def test_the_strict_check_finds_nothing(shipped: App) -> None:
    assert shipped.prepared.loaded.warnings == ()


@pytest.mark.parametrize("devanagari", [True, False])
def test_every_entry_has_a_dozen_phrasings_in_each_script(shipped: App, *, devanagari: bool) -> None:
    counts = {
        entry.id: sum(is_devanagari(text) == devanagari for text in entry.questions) for entry in entries(shipped)
    }
    assert {topic: count for topic, count in counts.items() if count < MIN_PHRASINGS} == {}


@pytest.mark.parametrize("language", ["hi", "en"])
def test_every_answer_fits_a_phone(shipped: App, language: str) -> None:
    lengths = {entry.id: len(answer_text(entry, shipped.phrases, language)) for entry in entries(shipped)}
    assert {topic: length for topic, length in lengths.items() if length > MAX_ANSWER_CHARS} == {}
    assert MAX_ANSWER_CHARS == 900


def test_every_title_fits_a_button(shipped: App) -> None:
    titles = [title for entry in entries(shipped) for title in entry.title.values()]
    assert [title for title in titles if len(title) > MAX_TITLE] == []


def test_titles_tell_entries_apart(shipped: App) -> None:
    titles = [entry.title["hi"] for entry in entries(shipped)]
    assert len(titles) == len(set(titles))


def test_every_figure_of_an_answer_stands_in_the_facts_on_its_topic(shipped: App) -> None:
    unsupported = {
        entry.id: sorted(figures(without_step_numbers(text)) - supported(entry.id))
        for entry in entries(shipped)
        for text in entry.answer.values()
    }
    assert {topic: found for topic, found in unsupported.items() if found} == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("₹50,000 और 2.5%", {"50000", "2.5"}),
        ("१० लाख", {"10"}),
        ("1800-419-3436", {"1800", "419", "3436"}),
        ("12,50,000", {"1250000"}),
        ("कोई नहीं", set()),
    ],
)
def test_figures_are_found_however_they_are_written(text: str, expected: set[str]) -> None:
    assert expected == figures(text)


def test_a_step_number_is_no_figure_but_a_figure_in_a_step_is() -> None:
    assert figures(without_step_numbers("1. खोलें\n 2) 45 दिन\n3 दिन")) == {"45", "3"}


def test_every_source_is_one_of_the_facts_or_an_official_page(shipped: App) -> None:
    # "?hl=ar" is the language that a page happened to be stored in; the page is the same without.
    addresses = {re.sub(r"\?hl=\w+$", "", address) for address in re.findall(r"https?://[^\s<>)`]+", FACTS)}
    official = {
        host for address in addresses if (host := urlsplit(address).hostname or "").endswith((".gov.in", ".nic.in"))
    }
    foreign = {
        (entry.id, source.url)
        for entry in entries(shipped)
        for source in entry.sources
        if source.url not in addresses and urlsplit(source.url).hostname not in {"gem.gov.in", *official}
    }
    assert foreign == set()


def test_every_entry_names_a_source_a_date_and_when_to_look_again(shipped: App) -> None:
    for entry in entries(shipped):
        assert entry.sources, entry.id
        assert entry.checked_on, entry.id
        assert entry.review_by, entry.id
        assert entry.review_by.isoformat() > entry.checked_on.iso, entry.id
        assert entry.confidence, entry.id


def test_related_entries_are_known_and_named_once(shipped: App) -> None:
    known = {entry.id for entry in entries(shipped)}
    for entry in entries(shipped):
        assert set(entry.related) <= known - {entry.id}, entry.id
        assert len(entry.related) == len(set(entry.related)), entry.id


@pytest.mark.parametrize("file", ["dev.tsv", "field.tsv", "hard.tsv", "fresh.tsv", "requests/requests.tsv"])
def test_no_question_to_measure_with_was_learnt(shipped: App, file: str) -> None:
    head, *rows = (ROOT / "tests" / "questions" / file).read_text("utf-8").splitlines()
    column = head.split("\t").index("query")
    asked = {fold(row.split("\t")[column]) for row in rows}
    # An empty file would prove nothing; fresh.tsv has 437.
    assert len(asked) > (200 if file.startswith("requests") else 400)
    learnt = by_fold([*phrasings(shipped), *examples(shipped)])
    assert {text: learnt[text] for text in asked & set(learnt)} == {}


def test_no_phrasing_reads_like_an_example_of_what_must_not_be_answered(shipped: App) -> None:
    ours, others = by_fold(phrasings(shipped)), by_fold(examples(shipped))
    assert [(ours[text], others[text]) for text in set(ours) & set(others)] == []


def test_the_only_figures_said_of_other_matters_are_short_public_helplines(shipped: App) -> None:
    spoken = [aside for aside in asides(shipped) if not aside.does]
    for aside in spoken:
        for text in aside.say.values():
            assert all(re.fullmatch(r"1\d{2,4}", figure) for figure in figures(text)), (aside.id, text)
    assert sum(len(figures(aside.say["hi"])) for aside in spoken) > 5


def test_asides_can_be_told_from_entries_and_from_each_other(shipped: App) -> None:
    ids = [aside.id for aside in asides(shipped)]
    assert len(ids) == len(set(ids))
    spoken = [aside.say["hi"] for aside in asides(shipped) if not aside.does]
    assert len(spoken) == len(set(spoken)) >= 100


def test_each_thing_that_can_be_done_is_asked_for_in_fifty_ways_in_both_scripts(shipped: App) -> None:
    requests = {aside.does: aside.examples for aside in asides(shipped) if aside.kind is Kind.REQUEST}
    assert set(requests) == set(Does)
    for does, texts in requests.items():
        in_devanagari = sum(map(is_devanagari, texts))
        assert len(texts) >= 50, does
        assert min(in_devanagari, len(texts) - in_devanagari) >= MIN_PHRASINGS, does


def test_whoever_asks_about_workshops_is_offered_a_seat_too(shipped: App) -> None:
    assert {entry.id: entry.does for entry in entries(shipped) if entry.does} == {"workshops": Does.WORKSHOP}
