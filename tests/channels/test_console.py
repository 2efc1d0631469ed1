import io
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from bot.app import App
from bot.channels.console import Terminal, wrap
from bot.core.answers.render import answer_text

# Letters, vowel signs, virama, nukta, joiners, Latin, wide and combining characters, and spaces that must not break.
CHARACTERS = "कखगतनमरलसहक्षज्ञ़ािीुेैोंँः्\u200c\u200dabcXYZ0129./:?-—•()日本é\u0301\u00a0\t"
WORDS = st.text(CHARACTERS, max_size=30) | st.sampled_from(
    ["प्रक्रिया", "क्षेत्र", "श्रृंखला", "https://gem.gov.in/news/view_news/166", "EMD", "•", "1800-419-3436", "—"]
)
TEXTS = st.lists(st.tuples(WORDS, st.sampled_from([" ", "\n", "  "])), max_size=25).map(
    lambda pairs: "".join(word + gap for word, gap in pairs)
)
PROPERTY = settings(deadline=None, derandomize=True, max_examples=300)


def words_of(text: str) -> list[str]:
    return [word for line in text.split("\n") for word in line.split(" ") if word]


@PROPERTY
@given(TEXTS, st.integers(-2, 90))
def test_no_line_is_wider_than_asked_unless_it_is_one_word(text: str, width: int) -> None:
    assert [line for line in wrap(text, width) if cell_len(line) > max(width, 0) and len(words_of(line)) != 1] == []


@PROPERTY
@given(TEXTS, st.integers(-2, 90))
def test_the_lines_together_hold_the_same_words_in_the_same_order(text: str, width: int) -> None:
    assert words_of(text) == [word for line in wrap(text, width) for word in words_of(line)]


@PROPERTY
@given(TEXTS, st.integers(1, 90))
def test_a_line_begins_with_a_mark_only_where_a_word_does(text: str, width: int) -> None:
    def begin_with_a_mark(parts: list[str]) -> int:
        return sum(unicodedata.category(part[0]) in ("Mn", "Mc", "Cf") for part in parts if part)

    lines = [line.lstrip(" ") for line in wrap(text, width)]
    assert begin_with_a_mark(lines) <= begin_with_a_mark(words_of(text))


@PROPERTY
@given(TEXTS, st.integers(1, 90))
def test_a_line_is_broken_only_where_the_next_word_does_not_fit(text: str, width: int) -> None:
    for paragraph in text.split("\n"):
        for line, following in pairwise(wrap(paragraph, width)):
            assert cell_len(f"{line} {following.split(' ')[0]}") > width


@PROPERTY
@given(TEXTS)
def test_breaks_that_were_written_stay(text: str) -> None:
    assert [words_of(line) for line in text.split("\n")] == [words_of(line) for line in wrap(text, 10_000)]


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 10, [""]),
        ("एक दो तीन", 100, ["एक दो तीन"]),
        ("एक दो तीन", 1, ["एक", "दो", "तीन"]),
        ("पता https://gem.gov.in/x यह", 8, ["पता", "https://gem.gov.in/x", "यह"]),
        ("ab cd ef", 5, ["ab cd", "ef"]),
        ("a\n\nb", 5, ["a", "", "b"]),
    ],
)
def test_wrapped(text: str, width: int, lines: list[str]) -> None:
    assert lines == list(wrap(text, width))


def shown(shipped: App, width: int, language: str, *messages: str) -> str:
    file = io.StringIO()
    Terminal(shipped.world, language, Console(file=file, width=width)).play(messages)
    return file.getvalue()


@pytest.mark.parametrize("width", [1, 40])
def test_every_shipped_answer_is_shown_whole_at_any_width(shipped: App, width: int) -> None:
    for entry in shipped.prepared.loaded.faq.entries:
        text = shown(shipped, width, "hi", entry.questions[0])
        answer = answer_text(entry, shipped.phrases, "hi")
        assert " ".join(answer.split()) in " ".join(text.split())
        assert [line for line in text.split("\n") if cell_len(line) > width and len(line.split()) > 1] == []


def test_on_a_wide_screen_lines_stay_short_enough_to_read(shipped: App) -> None:
    texts = [shown(shipped, 300, "hi", entry.questions[0]) for entry in shipped.prepared.loaded.faq.entries]
    widths = [cell_len(line) for text in texts for line in text.split("\n") if len(line.split()) > 1]
    assert 80 < max(widths) <= 88


def test_what_looks_like_markup_is_shown_as_it_was_typed(shipped: App) -> None:
    assert shown(shipped, 80, "hi", "[bold]gem[/bold] [/] :smile:").startswith("आप: [bold]gem[/bold] [/] :smile:\n")


def test_options_are_numbered_each_on_its_line_and_a_number_takes_one(shipped: App) -> None:
    entry = shipped.prepared.loaded.faq.by_id["helpdesk-number"]
    titles = [shipped.prepared.loaded.faq.by_id[other].title["hi"] for other in entry.related[:3]]
    text = shown(shipped, 88, "hi", entry.questions[0], "२")
    assert "".join(f"  {number}. {title}\n" for number, title in enumerate(titles, 1)) in text
    second = answer_text(shipped.prepared.loaded.faq.by_id[entry.related[1]], shipped.phrases, "hi")
    assert " ".join(f"आप: २ साथी: {second}".split()) in " ".join(text.split())


def test_the_goodbye_and_the_prompt_are_in_the_language_of_the_talk(shipped: App) -> None:
    file = io.StringIO()
    terminal = Terminal(shipped.world, "en", Console(file=file, width=80))
    terminal.goodbye()
    assert (terminal.prompt(), file.getvalue()) == ("\nYou: ", "\nThank you, goodbye!\n")
