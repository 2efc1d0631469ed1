import asyncio
import io
import unicodedata
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from bot.app import App
from bot.channels.console import Terminal, wrap
from bot.core.answers.render import answer_text
from bot.core.talk.message import Document, Option, Reply

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


Send = Callable[..., str]


@pytest.fixture
def send(shipped: App, tmp_path: Path) -> Send:
    """``send(reply, ..., width=40)`` is what a terminal shows of replies to its person."""

    def send(*replies: Reply, width: int = 88, language: str = "hi") -> str:
        file = io.StringIO()
        terminal = Terminal(shipped.phrases, language, Console(file=file, width=width), tmp_path)
        asyncio.run(send_all(terminal, *replies))
        return file.getvalue()

    return send


async def send_all(terminal: Terminal, *replies: Reply, to: str = "") -> None:
    for reply in replies:
        await terminal.send(to, reply)


def answers(shipped: App) -> list[str]:
    return [answer_text(entry, shipped.phrases, "hi") for entry in shipped.prepared.loaded.faq.entries]


@pytest.mark.parametrize("width", [1, 40])
def test_every_shipped_answer_is_shown_whole_at_any_width(shipped: App, send: Send, width: int) -> None:
    for answer in answers(shipped):
        text = send(Reply(answer), width=width)
        assert " ".join(answer.split()) in " ".join(text.split())
        assert [line for line in text.split("\n") if cell_len(line) > width and len(line.split()) > 1] == []


def test_on_a_wide_screen_lines_stay_short_enough_to_read(shipped: App, send: Send) -> None:
    texts = [send(Reply(answer), width=300) for answer in answers(shipped)]
    widths = [cell_len(line) for text in texts for line in text.split("\n") if len(line.split()) > 1]
    assert 80 < max(widths) <= 88


def test_what_looks_like_markup_is_shown_as_it_is(shipped: App, send: Send, tmp_path: Path) -> None:
    assert send(Reply("[bold]gem[/bold] [/] :smile:")) == "साथी: [bold]gem[/bold] [/] :smile:\n"
    file = io.StringIO()
    Terminal(shipped.phrases, "hi", Console(file=file, width=80), tmp_path).show_typed("[bold]gem[/bold] [/] :smile:")
    assert file.getvalue() == "आप: [bold]gem[/bold] [/] :smile:\n"


def test_options_are_numbered_each_on_its_line(send: Send) -> None:
    reply = Reply("क्या पूछना है?", (Option("entry:a", "पहला"), Option("menu", "सब विषय")))
    assert send(reply) == "साथी: क्या पूछना है?\n  1. पहला\n  2. सब विषय\n"


def test_replies_that_follow_each_other_name_the_speaker_once(send: Send) -> None:
    assert send(Reply("एक"), Reply("दो")) == "साथी: एक\n  दो\n"


@pytest.fixture
def terminal(shipped: App, tmp_path: Path) -> Terminal:
    return Terminal(shipped.phrases, "hi", Console(file=io.StringIO(), width=80), tmp_path)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("2", "menu"), ("२", "menu"), ("पहला", "entry:a"), ("0", ""), ("3", ""), ("menu", ""), ("", "")],
)
async def test_a_number_means_an_option_that_was_shown_last(terminal: Terminal, typed: str, meant: str) -> None:
    await send_all(
        terminal, Reply("?", (Option("none", "कोई नहीं"),)), Reply("?", (Option("entry:a", "क"), Option("menu", "ख")))
    )
    assert terminal.meant(typed) == meant


async def test_a_number_means_what_was_shown_to_the_person_who_types_it(terminal: Terminal) -> None:
    await send_all(terminal, Reply("?", (Option("accept:1", "हाँ"),)), to="गीता")
    terminal.person = "राम"
    assert terminal.meant("1") == ""
    terminal.person = "गीता"
    assert terminal.meant("1") == "accept:1"


async def test_what_others_are_sent_is_shown_with_their_name(shipped: App, tmp_path: Path) -> None:
    file = io.StringIO()
    terminal = Terminal(shipped.phrases, "hi", Console(file=file, width=80), tmp_path)
    terminal.person = "राम"
    terminal.show_typed("नमस्ते")
    await send_all(terminal, Reply("एक"), to="राम")
    await send_all(terminal, Reply("दो"), Reply("तीन"), to="गीता")
    assert file.getvalue() == "राम: नमस्ते\nसाथी: एक\nसाथी → गीता: दो\n  तीन\n"


async def test_a_document_is_a_file_whose_path_is_shown(shipped: App, tmp_path: Path) -> None:
    file = io.StringIO()
    folder = tmp_path / "files"
    terminal = Terminal(shipped.phrases, "hi", Console(file=file, width=300), folder)
    await terminal.send("", Reply("लीजिए", (), Document("workshop-1.ics", "text/calendar", "BEGIN\r\nEND\r\n")))
    assert (folder / "workshop-1.ics").read_bytes() == b"BEGIN\r\nEND\r\n"
    assert str(folder / "workshop-1.ics") in file.getvalue()
    assert folder.stat().st_mode & 0o077 == 0


def test_the_goodbye_and_the_prompt_are_in_the_language_of_the_terminal(shipped: App, tmp_path: Path) -> None:
    file = io.StringIO()
    terminal = Terminal(shipped.phrases, "en", Console(file=file, width=80), tmp_path)
    terminal.goodbye()
    assert (terminal.prompt(), file.getvalue()) == ("\nYou: ", "\nThank you, goodbye!\n")
