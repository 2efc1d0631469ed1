"""``gem-saathi bench``: how fast this machine answers, and with how much memory."""

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from bot.cli.shared import Config, FaqDir, open_app
from bot.core.answers.calibration import SHIPPED
from bot.core.answers.evaluation import percentile
from bot.core.answers.faq import Category, Entry, Faq
from bot.core.answers.matcher import Matcher, learn_faq

app = typer.Typer(help="How fast this machine answers.", no_args_is_help=True)

_ASKED = 2_000
_STARTS = 5
_QUESTION = "gem par rajistreshan kaise kare"
# The size that the matcher must still bear: the FAQ of a whole state.
_ENTRIES, _PHRASINGS, _WORDS = 1_500, 20_000, 12_000


@app.callback()
def bench() -> None:
    """How fast this machine answers."""


@app.command()
def matching(faq: FaqDir = None, config: Config = None) -> None:
    """Time per question, time to the first answer, memory; for the FAQ and for a generated one of 20,000 phrasings."""
    # New processes first: a child's peak memory counts what its parent held when it was started.
    starts = _starts(faq)
    opened, _ = open_app(config, faq, "en")
    table = Table("a question", "words", "p50", "p99", "limits")
    for name, limits, matcher, questions in (
        (_name("FAQ", opened.prepared.loaded.faq), "1 / 5 ms", opened.matcher, _misspelt(opened.prepared.loaded.faq)),
        *_generated(),
    ):
        # To a process that starts every word is new; to one that has run for a day, hardly any.
        for words in ("new", "met before"):
            times = sorted(_times(matcher, questions))
            table.add_row(name, words, *(f"{percentile(times, share):.2f} ms" for share in (0.5, 0.99)), limits)
    Console().print(starts, table)


def _starts(faq: Path | None) -> Table:
    table = Table("a new process", "first answer", "limit", "peak memory", "limit")
    with tempfile.TemporaryDirectory() as cache:
        seconds, megabytes = _run(faq, cache)
        table.add_row("index not kept", f"{seconds:.2f} s", "8 s", f"{megabytes:.0f} MB", "")
        runs = sorted(_run(faq, cache) for _ in track(range(_STARTS), "starting", transient=True))
    seconds, megabytes = runs[_STARTS // 2]
    table.add_row("index kept", f"{seconds:.2f} s", "1.5 s", f"{megabytes:.0f} MB", "150 MB")
    return table


def _name(kind: str, faq: Faq) -> str:
    return f"{kind}: {len(faq.entries):,} entries, {sum(len(entry.questions) for entry in faq.entries):,} phrasings"


def _generated() -> Iterator[tuple[str, str, Matcher, list[str]]]:
    faq = generated_faq(random.Random(1))  # noqa: S311 - the same FAQ every time is what is wanted
    with Console(stderr=True).status("learning the generated FAQ"):
        matcher = Matcher(faq, learn_faq(faq), SHIPPED)
    yield _name("generated", faq), "- / 15 ms", matcher, _misspelt(faq)


def generated_faq(chance: random.Random) -> Faq:
    """20,000 phrasings of random words over 1,500 entries; some words frequent, most of them rare, as in speech."""
    syllables = [consonant + vowel for consonant in "kgcjtdnpbmyrlvsh" for vowel in "aiueo"]
    words = ["".join(chance.choices(syllables, k=chance.randint(1, 4))) for _ in range(_WORDS)]
    frequency = [1 / rank for rank in range(1, _WORDS + 1)]

    def phrases(about: list[str], count: int) -> Iterator[str]:
        for _ in range(count):
            said = chance.choices(words, frequency, k=chance.randint(1, 8)) + chance.sample(about, chance.randint(2, 4))
            chance.shuffle(said)
            yield " ".join(said)

    entries = []
    for number in range(_ENTRIES):
        count = _PHRASINGS * (number + 1) // _ENTRIES - _PHRASINGS * number // _ENTRIES
        about = chance.sample(words, 8)
        title = {"hi": " ".join(about)}
        entries.append(Entry(f"entry-{number}", "generated", title, title, tuple(phrases(about, count))))
    return Faq((Category("generated", {"hi": "generated"}),), tuple(entries))


def _misspelt(faq: Faq) -> list[str]:
    """Phrasings with one letter dropped, so that they are like those of the FAQ but none of them."""
    chance = random.Random(2)  # noqa: S311 - likewise
    texts = [question for entry in faq.entries for question in entry.questions]
    chosen = chance.sample(texts, min(_ASKED, len(texts)))
    return [text[:at] + text[at + 1 :] for text in chosen for at in (chance.randrange(len(text)),)]


def _times(matcher: Matcher, questions: Iterable[str]) -> Iterator[float]:
    for question in questions:
        start = time.perf_counter()
        matcher.match(question)
        yield (time.perf_counter() - start) * 1000


def _run(faq: Path | None, cache: str) -> tuple[float, float]:
    """Seconds and peak megabytes of a new process that answers one question."""
    command = [sys.executable, "-m", "bot", "faq", "ask", _QUESTION, *(["--faq", str(faq)] if faq else [])]
    start = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 - our own command
        command, env={**os.environ, "GEM_SAATHI_CACHE_DIR": cache}, stdout=subprocess.DEVNULL
    )
    _, _, used = os.wait4(process.pid, 0)
    process.returncode = 0
    return time.perf_counter() - start, used.ru_maxrss / 1024
