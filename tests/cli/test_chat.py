import contextlib
import errno
import os
import re
import select
import subprocess
import sys
import termios
import unicodedata
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from rich.cells import cell_len

from bot.app import App
from bot.core.answers.matcher import Choices
from bot.core.answers.render import answer_text
from bot.core.workshops.batch import IST

Run = Callable[..., subprocess.CompletedProcess[str]]
ESCAPE = "\x1b["
DEVANAGARI = re.compile(r"[\u0900-\u097f]")
QUESTIONS = Path(__file__).parents[1] / "questions" / "dev.tsv"
# The terminal that stands at descriptor 0 becomes the process's own, so that Ctrl+C reaches it.
ON_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, "-m", "bot", *sys.argv[1:]])
"""
PROMPT = "\nआप: "


class Person:
    """Somebody at a terminal: reads what is shown, types."""

    def __init__(self, arguments: list[str], folder: Path, environment: dict[str, str], columns: int) -> None:
        self.seen = ""
        self._raw = b""
        self._read_up_to = 0
        self._screen, terminal = os.openpty()
        termios.tcsetwinsize(terminal, (24, columns))
        self.process = subprocess.Popen(
            [sys.executable, "-c", ON_TERMINAL, *arguments],
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            cwd=folder,
            env=environment,
            start_new_session=True,
        )
        os.close(terminal)

    def wait_for(self, text: str) -> str:
        """All that was shown since the last wait, up to a text."""
        while text not in self.seen[self._read_up_to :]:
            assert self._read(), f"the program ended without saying {text!r}: {self.seen}"
        start, self._read_up_to = self._read_up_to, self.seen.index(text, self._read_up_to) + len(text)
        return self.seen[start : self._read_up_to]

    def type(self, text: str) -> None:
        os.write(self._screen, text.encode())

    def wait_for_end(self) -> int:
        """The exit code, when all was read."""
        while self._read():
            pass
        return self.process.wait(60)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._screen)

    def _read(self) -> bool:
        readable, _, _ = select.select([self._screen], [], [], 60)
        assert readable, f"the program hangs after {self.seen!r}"
        try:
            more = os.read(self._screen, 65536)
        except OSError as error:  # so Linux says that the other end is closed
            if error.errno != errno.EIO:
                raise
            more = b""
        self._raw += more
        self.seen = self._raw.decode("utf-8", "ignore").replace("\r\n", "\n")
        return bool(more)


@pytest.fixture
def sit_down(environment: dict[str, str], tmp_path: Path) -> Iterator[Callable[..., Person]]:
    with contextlib.ExitStack() as at_the_end:

        def sit_down(*arguments: str, columns: int = 200, **variables: str) -> Person:
            database = {"GEM_SAATHI_DATABASE": str(tmp_path / "talk.sqlite3")}
            sees = environment | database | {"TERM": "xterm-256color"} | variables
            del sees["COLUMNS"]
            person = Person(list(arguments), tmp_path, sees, columns)
            at_the_end.callback(person.close)
            return person

        yield sit_down


def words_of(text: str) -> str:
    return " ".join(text.split())


def a_question_with_choices(shipped: App) -> tuple[str, Choices]:
    for row in QUESTIONS.read_text("utf-8").splitlines()[1:]:
        question = row.split("\t")[0]
        match = shipped.matcher.match(question)
        if len(question) < 100 and isinstance(match, Choices):
            return question, match
    raise AssertionError("no question is answered with choices")


def test_piped_lines_are_shown_with_their_answers_in_order(run: Run, shipped: App) -> None:
    entries = shipped.prepared.loaded.faq.entries[:2]
    done = run("chat", stdin="".join(f"{entry.questions[0]}\n\n" for entry in entries).encode())
    assert (done.returncode, done.stderr) == (0, "")
    said = words_of(done.stdout)
    at = 0
    for entry in entries:
        at = said.index(words_of(f"आप: {entry.questions[0]} साथी: {answer_text(entry, shipped.phrases, 'hi')}"), at) + 1


def test_a_script_says_the_same_as_the_same_lines_piped(run: Run, small: Path, tmp_path: Path) -> None:
    lines = "fees kitni hai\n1\nक ख ग घ\n\n77\n"
    script = tmp_path / "सवाल.txt"
    script.write_text(lines, "utf-8-sig")
    scripted = run("chat", "--faq", small, "--script", script, GEM_SAATHI_DATABASE="scripted.sqlite3")
    piped = run("chat", "--faq", small, stdin=lines.encode(), GEM_SAATHI_DATABASE="piped.sqlite3")
    assert scripted.returncode == 0
    assert piped.stdout == scripted.stdout
    assert scripted.stdout.count("आप: ") == 4
    assert "आप: 1\nसाथी: फ़ोन 0000-111 पर पूछें।\n" in scripted.stdout


def test_asked_for_english_it_speaks_english(run: Run, small: Path) -> None:
    done = run("chat", "--faq", small, "--lang", "en", stdin=b"helpdesk phone number\nqqq zzz\n")
    assert done.stdout.startswith("You: helpdesk phone number\nSaathi: Call 0000-111.\n\n  Did the answer help?\n")
    assert "\nYou: qqq zzz\nSaathi: Sorry, " in done.stdout


@pytest.mark.parametrize("stdin", [b"", b"\n \n\t\n"])
def test_piped_silence_is_met_with_silence(run: Run, small: Path, stdin: bytes) -> None:
    done = run("chat", "--faq", small, stdin=stdin)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_nothing_piped_is_coloured_however_able_the_terminal(run: Run, small: Path) -> None:
    done = run("chat", "--faq", small, stdin=b"fees kitni hai\n1\n", TERM="xterm-256color", COLORTERM="truecolor")
    assert "साथी:" in done.stdout
    assert "\x1b" not in done.stdout + done.stderr


@pytest.mark.parametrize("stdin", [b"\xff\xfe GeM kya hai \x80\n", "जेम क्या है".encode()[:-1], b"\x00\x00 gem\n"])
def test_bytes_that_are_no_text_are_a_question_like_any_other(run: Run, small: Path, stdin: bytes) -> None:
    done = run("chat", "--faq", small, stdin=stdin)
    assert (done.returncode, done.stderr) == (0, "")
    assert "साथी: " in done.stdout


@pytest.mark.parametrize(
    "of_a_server",
    [
        {"LANG": "C"},
        {"LC_ALL": "C"},
        {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "latin-1"},
    ],
    ids=str,
)
def test_hindi_goes_in_and_out_under_any_locale(run: Run, small: Path, of_a_server: dict[str, str]) -> None:
    done = run("chat", "--faq", small, stdin="फीस कितनी लगती है\n".encode(), **of_a_server)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("आप: फीस कितनी लगती है\nसाथी: शुल्क एक सौ रुपये है।\n")


def test_a_narrow_terminal_cuts_no_cluster_and_no_address(run: Run, shipped: App) -> None:
    entries = [entry for entry in shipped.prepared.loaded.faq.entries if entry.sources][:40]
    done = run("chat", stdin="".join(f"{entry.questions[0]}\n" for entry in entries).encode(), COLUMNS="40")
    assert done.returncode == 0
    said = words_of(done.stdout)
    for entry in entries:
        assert words_of(answer_text(entry, shipped.phrases, "hi")) in said
    lines = done.stdout.splitlines()
    assert [line for line in lines if cell_len(line) > 40 and len(line.split()) > 1] == []
    assert [line for line in lines if line.strip() and unicodedata.category(line.strip()[0]).startswith("M")] == []
    for url in (entry.sources[0].url for entry in entries):
        assert any(url in line for line in lines)


def test_the_language_asked_for_on_the_command_line_is_kept_and_can_be_changed(run: Run, small: Path) -> None:
    run("chat", "--faq", small, "--lang", "en", stdin=b"/language\n1\n")
    assert "साथी: नमस्ते!" in run("chat", "--faq", small, stdin=b"/start\n").stdout
    assert "Saathi: Namaste!" in run("chat", "--faq", small, "--lang", "en", stdin=b"/start\n").stdout


def test_the_language_of_the_office_is_spoken_with_newcomers(run: Run, small: Path) -> None:
    said = run("chat", "--faq", small, stdin=b"/start\n/language\n1\n", GEM_SAATHI_LANGUAGE="en").stdout
    assert "Saathi: Namaste!" in said
    assert "Namaste!" not in run("chat", "--faq", small, stdin=b"/start\n", GEM_SAATHI_LANGUAGE="en").stdout


def add_a_workshop(run: Run) -> None:
    starts = datetime.now(IST) + timedelta(days=30)
    times = {"--starts": starts, "--ends": starts + timedelta(hours=5)}
    moments = [part for option, at in times.items() for part in (option, f"{at:%Y-%m-%d %H:%M}")]
    done = run("workshop", "add", "--title", "GeM", *moments, "--venue", "गोरखपुर", "--seats", "2")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_form_goes_on_in_the_next_process(run: Run, shipped: App) -> None:
    add_a_workshop(run)
    first = run("chat", stdin="@सीता\nकार्यशाला\n1\n1\nसीता देवी\n9876543210\n".encode())
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.rstrip().splitlines()[-1].startswith("साथी: (3/7) ")
    rest = run("chat", stdin="@सीता\nसिलाई केंद्र\nअचार\nसहजनवा\n1\n1\n1\n".encode())
    assert (rest.returncode, rest.stderr) == (0, "")
    assert shipped.phrases.say("form.name.label") + ": सीता देवी" in rest.stdout
    assert "साथी: आपकी सीट पक्की है!" in rest.stdout
    shown = run("chat", stdin="@सीता\nमेरी कार्यशाला\n@राम\nमेरी कार्यशाला\n".encode()).stdout
    assert "आपकी सीट पक्की है।" in shown.split("राम: ")[0]
    assert shipped.phrases.say("batch.nothing-there") in shown.split("राम: ")[1]


def test_a_number_typed_in_the_next_process_chooses_what_was_offered_in_the_last(run: Run, small: Path) -> None:
    run("chat", "--faq", small, stdin=b"fees kitni hai\n")
    assert "साथी: फ़ोन 0000-111 पर पूछें।" in run("chat", "--faq", small, stdin=b"1\n").stdout


STORY = """\
@सीता
कार्यशाला
1
1
सीता देवी
9876543210
सिलाई केंद्र
अचार
सहजनवा
नहीं है
1
हाँ
@राम
कार्यशाला
1
1
राम किशोर
9876543211
राम टेराकोटा
दीये
सहजनवा
-
2
हाँ
@गीता
कार्यशाला
1
1
गीता मौर्या
9876543212
गीता अचार
अचार
चौरी चौरा
-
3
हाँ
@राम
मेरी कार्यशाला
नाम हटाना है
हाँ
@गीता
हाँ
@+18d
@सीता
1
@2026-12-13 18:00
@2026-12-14 11:00
4827
@+6h
5
समझ में आया
मेरा डेटा
मिटाओ
हाँ
"""


def test_a_trial_plays_a_whole_story_by_a_moved_clock_and_keeps_nothing(run: Run, shipped: App, tmp_path: Path) -> None:
    script = tmp_path / "story.txt"
    script.write_text(STORY, "utf-8")
    done = run("chat", "--trial", "--now", "2026-11-23 10:00", "--script", script)
    assert (done.returncode, done.stderr) == (0, "")
    said = words_of(done.stdout)
    steps = [
        "सीता: कार्यशाला साथी: GeM पोर्टल",
        "सीता: हाँ साथी: आपकी सीट पक्की है!",
        "राम: हाँ साथी: आपकी सीट पक्की है!",
        "गीता: हाँ साथी: सीटें भर गई हैं। प्रतीक्षा सूची में आपका नंबर 1 है।",
        "साथी → गीता: अच्छी ख़बर!",
        "गीता: हाँ साथी: आपकी सीट पक्की है!",
        "— अब समय है: शुक्रवार, 11 दिसंबर 2026, सुबह 10 बजे —",
        "क्या आप आ रहे हैं?",
        "सीता: 1 साथी: बहुत अच्छा!",
        "— अब समय है: रविवार, 13 दिसंबर 2026, शाम 6 बजे — साथी: याद रखिए, आपकी कार्यशाला आने वाली है!",
        "साथी → गीता: याद रखिए, आपकी कार्यशाला आने वाली है!",
        "सीता: 4827 साथी: हाज़िरी लग गई।",
        "आपको कैसी लगी?",
        "सीता: 5 साथी: धन्यवाद!",
        "सीता: समझ में आया साथी: लिख लिया, धन्यवाद!",
        "आपकी राय: 5/5 समझ में आया",
        f"सीता: हाँ साथी: {shipped.phrases.say('data.erased')}",
    ]
    at = 0
    for step in steps:
        assert words_of(step) in said[at:], step
        at = said.index(words_of(step), at) + 1
    assert not (tmp_path / "talk.sqlite3").exists()


@pytest.mark.parametrize("moved", ["@+1d", "@2030-01-01 10:00"])
def test_the_clock_stands_but_for_a_trial(run: Run, small: Path, shipped: App, moved: str) -> None:
    done = run("chat", "--faq", small, stdin=f"{moved}\n".encode())
    assert done.stdout == f"{shipped.phrases.say('console.clock-stands')}\n"


def test_a_clock_for_no_trial_ends_in_one_sentence(run: Run, small: Path) -> None:
    done = run("chat", "--faq", small, "--now", "2026-11-23 10:00")
    assert (done.returncode, done.stdout) == (1, "")
    (sentence,) = done.stderr.splitlines()
    assert "gem-saathi chat --trial --now" in sentence


@pytest.mark.parametrize("now", ["kal", "2026-13-40 10:00", "", "10:00"])
def test_a_moment_that_is_none_ends_in_one_sentence(run: Run, small: Path, now: str) -> None:
    done = run("chat", "--faq", small, "--trial", "--now", now)
    assert (done.returncode, done.stdout) == (1, "")
    (sentence,) = done.stderr.splitlines()
    assert '--now "2026-11-23 10:00"' in sentence
    assert DEVANAGARI.search(sentence)


def test_a_missing_script_ends_in_one_hindi_sentence(run: Run, small: Path) -> None:
    done = run("chat", "--faq", small, "--script", "नहीं.txt")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == ["फ़ाइल नहीं.txt पढ़ी नहीं जा सकी (No such file or directory)। फ़ाइल का नाम जाँचें।"]


@pytest.mark.parametrize("lang", [["--lang", "en"], ["--lang=en"]])
def test_a_missing_script_ends_in_one_english_sentence_for_who_asked_for_english(
    run: Run, small: Path, lang: list[str]
) -> None:
    done = run("chat", "--faq", small, "--script", "no.txt", *lang)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        "The file no.txt could not be read (No such file or directory). Check its name."
    ]


def test_a_folder_or_a_picture_for_a_script_ends_in_one_sentence(run: Run, small: Path, tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n")
    for script in (tmp_path, picture):
        done = run("chat", "--faq", small, "--script", script)
        assert (done.returncode, done.stdout) == (1, "")
        (sentence,) = done.stderr.splitlines()
        assert str(script) in sentence
        assert DEVANAGARI.search(sentence)


@pytest.mark.parametrize("lines_read", [0, 1])
def test_a_reader_that_leaves_early_leaves_no_traceback(
    environment: dict[str, str], small: Path, tmp_path: Path, lines_read: int
) -> None:
    script = tmp_path / "long.txt"
    script.write_text("helpdesk number batao\n" * 2000, "utf-8")
    own = environment | {"GEM_SAATHI_DATABASE": str(tmp_path / "own.sqlite3")}
    command = [sys.executable, "-m", "bot", "chat", "--faq", str(small), "--script", str(script)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path, env=own) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        for _ in range(lines_read):
            assert process.stdout.readline().decode() == "आप: helpdesk number batao\n"
        process.stdout.close()
        assert process.stderr.read().decode() == ""
        assert process.wait(60) == 1


def test_at_a_terminal_it_greets_answers_and_takes_a_number(sit_down: Callable[..., Person], shipped: App) -> None:
    entry = shipped.prepared.loaded.faq.by_id["helpdesk-number"]
    related = shipped.prepared.loaded.faq.by_id[entry.related[0]]
    person = sit_down("chat", TERM="dumb")
    greeting = person.wait_for(PROMPT)
    assert shipped.phrases.say("talk.greeting").split("\n")[0] in greeting
    assert shipped.phrases.say("console.how-to-leave") in greeting
    person.type("helpdesk number\n")
    answer = words_of(person.wait_for(PROMPT))
    assert words_of(answer_text(entry, shipped.phrases, "hi")) in answer
    assert f"1. {related.title['hi']}" in answer
    person.type("1\n")
    assert words_of(f"साथी: {answer_text(related, shipped.phrases, 'hi')}") in words_of(person.wait_for(PROMPT))
    person.type("\n")
    assert shipped.phrases.say("talk.empty") in person.wait_for(PROMPT)
    person.type("\x04")
    assert person.wait_for_end() == 0
    assert person.seen.endswith(f"\n{shipped.phrases.say('console.goodbye')}\n")
    assert ESCAPE not in person.seen


def test_at_a_terminal_choices_are_numbered_and_the_last_is_none_of_them(
    sit_down: Callable[..., Person], shipped: App
) -> None:
    question, choices = a_question_with_choices(shipped)
    first = shipped.prepared.loaded.faq.by_id[choices.ids[0]]
    none = len(choices.ids) + 1
    person = sit_down("chat")
    person.wait_for(PROMPT)
    person.type(f"{question}\n")
    offer = person.wait_for(PROMPT)
    assert f"\n  1. {first.title['hi']}\n" in offer
    assert f"\n  {none}. {shipped.phrases.say('talk.none-of-these')}\n" in offer
    person.type(f"{none + 1}\n")
    assert words_of(shipped.phrases.say("talk.no-such-number", last=none)) in words_of(person.wait_for(PROMPT))
    person.type(f"{none}\n")
    assert words_of(shipped.phrases.say("talk.say-it-otherwise")) in words_of(person.wait_for(PROMPT))


def test_ctrl_c_in_the_middle_of_a_form_loses_nothing_of_it(sit_down: Callable[..., Person], run: Run) -> None:
    add_a_workshop(run)
    person = sit_down("chat")
    for line in ("कार्यशाला", "1", "1", "सीता देवी"):
        person.wait_for(PROMPT)
        person.type(f"{line}\n")
    assert "(2/7)" in person.wait_for(PROMPT)
    person.type("\x03\n")
    assert person.wait_for_end() == 0
    assert "Traceback" not in person.seen
    assert "(3/7)" in run("chat", stdin=b"9876543210\n").stdout


@pytest.mark.parametrize("key", ["\x04", "\x03"], ids=["Ctrl+D", "Ctrl+C"])
def test_leaving_is_met_with_a_goodbye_and_no_traceback(
    sit_down: Callable[..., Person], shipped: App, small: Path, key: str
) -> None:
    person = sit_down("chat", "--faq", str(small))
    person.wait_for(PROMPT)
    # The line feed wakes Python where Ctrl+C comes after the prompt, but before it waits for the line.
    person.type(f"{key}\n")
    assert person.wait_for_end() == 0
    assert shipped.phrases.say("console.goodbye") in person.seen
    assert "Traceback" not in person.seen


def test_a_terminal_shows_colours_unless_it_has_none(sit_down: Callable[..., Person], small: Path) -> None:
    colourful = sit_down("chat", "--faq", str(small))
    assert f"{ESCAPE}1;32m" in colourful.wait_for(PROMPT)
    plain = sit_down("chat", "--faq", str(small), TERM="dumb")
    assert ESCAPE not in plain.wait_for(PROMPT)


def test_a_narrow_terminal_is_seen_as_narrow(sit_down: Callable[..., Person]) -> None:
    person = sit_down("chat", columns=40)
    person.wait_for(PROMPT)
    person.type("helpdesk number\n")
    shown = re.sub(r"\x1b\[[0-9;]*m", "", person.wait_for(PROMPT)).split("\n")
    assert [line for line in shown if cell_len(line) > 40 and len(line.split()) > 1] == []
    assert any(cell_len(line) > 30 for line in shown)
