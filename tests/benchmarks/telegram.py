"""
Messages a second from Telegram's socket to the sent replies, beside the echo bots of two libraries.

    python -m tests.benchmarks.telegram                  all; some minutes
    python -m tests.benchmarks.telegram --quick          a small run
    python -m tests.benchmarks.telegram --memory 200000  memory over so many messages, too

Every message of ours is written down before it is acknowledged, answered from the FAQ with two messages (the answer, and
what else can be asked), and its replies go through the outbox: queued, claimed, sent, recorded. The echo bots write
nothing down and send one message. All stand before the same fake Bot API on this machine, one at a time, each and the
fake in a process of their own; "round trip" is how long the fake waits before it does what it is asked for.

The highest rate is what as many people get who each write again when all replies to their last message have come. The
times are from the message's arrival at Telegram to its first reply: at the highest rate, and at half of it.
"""

import argparse
import os
import socket
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bot.app import load_app
from bot.cli.faq import read_labelled
from bot.config import Settings
from bot.content.locales import load_phrases
from bot.core.talk.dialogue import decide
from bot.core.talk.message import Incoming
from bot.core.talk.state import State
from tests.benchmarks import telegram_bots, telegram_load
from tests.benchmarks.telegram_bots import AIOGRAM, BOTS, OURS, PTB, Place, Usage
from tests.benchmarks.telegram_load import Load, Measured

QUESTIONS = Path(__file__).parents[1] / "questions" / "dev.tsv"
REPLIES = 2
PEOPLE = 300
# Times what python-telegram-bot's echo bot manages; times aiogram's; seconds.
LIMIT_PTB, LIMIT_AIOGRAM, LIMIT_P99 = 5, 1, 0.150
_SPAWN = get_context("spawn")


@dataclass(frozen=True, slots=True)
class Sizes:
    """Of a run: seconds to warm up, and to measure."""

    warm: float
    seconds: float


class Pair:
    """A bot, and the platform that it works on."""

    def __init__(self, platform: Connection, bot: Connection) -> None:
        self._platform = platform
        self._bot = bot

    def load(self, load: Load) -> Measured:
        self._platform.send(load)
        measured = self._platform.recv()
        assert isinstance(measured, Measured)
        return measured

    def usage(self) -> Usage:
        self._bot.send(None)
        told = self._bot.recv()
        assert isinstance(told, Usage)
        return told


@contextmanager
def pair(name: str, mode: str, latency: float, texts: list[str]) -> Iterator[Pair]:
    """Both, ready: one message has been answered."""
    platform, its = _SPAWN.Pipe()
    bot, own = _SPAWN.Pipe()
    listening = socket.create_server(("127.0.0.1", 0), backlog=2048) if mode == "webhook" else None
    called = 0 if listening is None else int(listening.getsockname()[1])
    replies = REPLIES if name == OURS else 1
    processes = [_SPAWN.Process(target=telegram_load.work, args=(its, latency, texts, replies, called), daemon=True)]
    with tempfile.TemporaryDirectory() as folder:
        try:
            processes[0].start()
            place = Place(platform.recv(), listening, Path(folder))
            processes.append(_SPAWN.Process(target=telegram_bots.work, args=(own, name, place), daemon=True))
            processes[1].start()
            both = Pair(platform, bot)
            both.load(Load(people=1, messages=1))
            yield both
        finally:
            for process in processes:
                process.kill()
                process.join()
            if listening is not None:
                listening.close()


def questions() -> list[str]:
    """Questions that are answered, with as many messages as ``REPLIES``."""
    settings = Settings()
    world = load_app(settings, load_phrases(settings.locales_dir)).world
    asked = [labelled.query for labelled in read_labelled([QUESTIONS])]

    def replies(text: str) -> int:
        return len(decide(Incoming("telegram", "1", "1", datetime.now(UTC), text), State(), world).replies)

    return [text for text in asked if replies(text) == REPLIES]


def percentile(waits: list[float], percent: int) -> float:
    return statistics.quantiles(waits, n=100)[percent - 1] if len(waits) > 1 else float("nan")


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms"


def compare(mode: str, latency: float, texts: list[str], sizes: Sizes, table: Table) -> None:
    """All bots, one after the other."""
    rates: dict[str, float] = {}
    ours_p99 = 0.0
    for name in BOTS:
        with pair(name, mode, latency, texts) as both:
            both.load(Load(PEOPLE, seconds=sizes.warm))
            before = both.usage()
            high = both.load(Load(PEOPLE, seconds=sizes.seconds))
            cpu = (both.usage().cpu - before.cpu) / max(high.done, 1)
            half = ""
            if name == OURS:
                # What the people before had still to get is out of the way then.
                both.load(Load(rate=high.rate / 4, seconds=1))
                waits = both.load(Load(rate=high.rate / 2, seconds=sizes.seconds)).waits
                ours_p99 = percentile(waits, 99)
                half = f"{milliseconds(percentile(waits, 50))} / {milliseconds(ours_p99)}"
        rates[name] = high.rate
        replies = REPLIES if name == OURS else 1
        table.add_row(
            mode,
            milliseconds(latency),
            name,
            f"{high.rate:,.0f}",
            f"{high.rate * replies:,.0f}",
            f"{cpu * 1000:.2f} ms",
            f"{milliseconds(percentile(high.waits, 50))} / {milliseconds(percentile(high.waits, 99))}",
            half,
        )
    by_ptb, by_aiogram = rates[OURS] / rates[PTB], rates[OURS] / rates[AIOGRAM]
    bars = [
        f"{by_ptb:.1f} x python-telegram-bot (bar {LIMIT_PTB}): {_verdict(by_ptb >= LIMIT_PTB)}",
        f"{by_aiogram:.2f} x aiogram (bar {LIMIT_AIOGRAM} at 50 ms): {_verdict(by_aiogram >= LIMIT_AIOGRAM)}",
        f"p99 at half (bar {milliseconds(LIMIT_P99)}): {_verdict(ours_p99 <= LIMIT_P99)}",
    ]
    table.add_row("", "", *["\n".join(bars)], end_section=True)


def _verdict(holds: bool) -> str:  # noqa: FBT001 - it is what it tells
    return "kept" if holds else "MISSED"


def memory(messages: int, texts: list[str], console: Console) -> None:
    """How much ours takes after so many messages, and on the way there."""
    table = Table("messages", "memory", title="memory of the bot's process, by polling")
    steps = 4
    with pair(OURS, "polling", 0, texts) as both:
        both.load(Load(PEOPLE, messages=2_000))
        table.add_row("2,000", f"{both.usage().memory / 1e6:,.1f} MB")
        for step in range(1, steps + 1):
            both.load(Load(PEOPLE, messages=messages // steps))
            table.add_row(f"{2_000 + messages // steps * step:,}", f"{both.usage().memory / 1e6:,.1f} MB")
    console.print(table)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a small run")
    parser.add_argument("--memory", type=int, default=0, help="messages over which memory is watched")
    parser.add_argument("--mode", choices=("polling", "webhook"), help="only this one")
    parser.add_argument("--latency", type=int, help="only this round trip, in milliseconds")
    given = parser.parse_args()
    sizes = Sizes(1, 3) if given.quick else Sizes(3, 10)
    texts = questions()
    console = Console()
    title = f"{PEOPLE} people at once, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} before"
    table = Table("", "round trip", "bot", "messages a second", "sent a second", "CPU a message", "p50 / p99", title=title)
    table.add_column("p50 / p99 at half")
    for mode in (given.mode,) if given.mode else ("polling", "webhook"):
        for latency in (0, 50) if given.latency is None else (given.latency,):
            compare(mode, latency / 1000, texts, sizes, table)
    console.print(table)
    if watched := given.memory or (40_000 if given.quick else 0):
        memory(watched, texts, console)


if __name__ == "__main__":
    main()
