"""
How many messages a second go from Telegram's socket to the reply on it, beside bare echo bots in the same run.

    python -m tests.benchmarks.telegram                       all: polling and webhook, 0 and 50 ms round trip
    python -m tests.benchmarks.telegram --only webhook        one of them
    python -m tests.benchmarks.telegram --memory 200000       the program's memory over so many messages

Each bot is a process of its own, the Bot API server is this one. Every message is of somebody new. The echo bots send
back what they read; GeM Saathi writes each message down, durably, finds its answer in the FAQ, writes that down, sends
it and records what became of it. The pace is the highest that the settings allow, for what is measured is the program.
"""

import argparse
import asyncio
import math
import os
import statistics
import sys
import tempfile
import time
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bot.channels.telegram.settings import WEBHOOK_PATH
from bot.cli.faq import read_labelled
from tests.benchmarks.bot_api import TOKEN, BotApi, Load, post
from tests.processes import free_port

OURS, PTB, PTB_CONCURRENT, AIOGRAM = "GeM Saathi", "python-telegram-bot", "python-telegram-bot, concurrent", "aiogram"
BOTS = (OURS, PTB, PTB_CONCURRENT, AIOGRAM)
MODES = ("polling", "webhook")
ROUND_TRIPS = (0.0, 0.05)
SECRET = "the-secret-of-the-webhook"  # noqa: S105 - it opens nothing
QUESTIONS = Path(__file__).parents[1] / "questions" / "dev.tsv"
# A run is long enough for a rate, and short enough for the slowest.
WAITING = {OURS: 3_000, AIOGRAM: 3_000, PTB: 300, PTB_CONCURRENT: 600}
# As many calls at once as a bot may ask Telegram for.
CONNECTIONS = 100
WARM = 100
AT_HALF_RATE = 8.0
# Some bots give up some messages under load: who has no answer after so many seconds without any gets none.
PATIENCE = 20.0
FIRST = 60.0
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")

Feed = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Measured:
    """Of one bot: updates and messages a second, CPU µs an update, and the waits at half the rate, in seconds."""

    rate: float
    sent: float
    cpu: float
    waits: list[float]


def texts() -> list[str]:
    """Questions as people type them."""
    return [row.query for row in read_labelled([QUESTIONS]) if row.expected]


def cpu_seconds(process: Process) -> float:
    """What a process has used."""
    fields = Path(f"/proc/{process.pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident(process: Process) -> float:
    """What a process holds in memory, in MB."""
    return int(Path(f"/proc/{process.pid}/statm").read_text("ascii").split()[1]) * PAGE / 1e6


@asynccontextmanager
async def bot_at(name: str, mode: str, api: BotApi, folder: Path) -> AsyncIterator[tuple[Process, str]]:
    """A bot, answering; its process and its webhook."""
    port = free_port()
    environment = dict(os.environ)
    if name == OURS:
        environment |= {
            "GEM_SAATHI_TELEGRAM_TOKEN": TOKEN,
            "GEM_SAATHI_TELEGRAM_SECRET": SECRET,
            "GEM_SAATHI_TELEGRAM_BASE_URL": f"http://127.0.0.1:{api.port}/bot",
            "GEM_SAATHI_TELEGRAM_MODE": mode,
            "GEM_SAATHI_TELEGRAM_PER_SECOND": "1000",
            "GEM_SAATHI_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "GEM_SAATHI_LISTEN_PORT": str(port),
            "GEM_SAATHI_DATABASE": str(folder / f"{port}.sqlite3"),
        }
        command, path = ["-m", "bot", "run"], WEBHOOK_PATH
    else:
        command, path = (
            ["-m", "tests.benchmarks.echo_bots", name.replace(", ", "-"), mode, str(api.port), str(port)],
            "/telegram",
        )
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, env=environment, stdout=DEVNULL, stderr=DEVNULL
    )
    try:
        if mode == "webhook":
            await _listens(port)
        yield process, f"http://127.0.0.1:{port}{path}"
    finally:
        process.terminate()
        await process.wait()


async def _listens(port: int) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.1)
                continue
            writer.close()
            return


@asynccontextmanager
async def feeding(mode: str, api: BotApi, url: str) -> AsyncIterator[Feed]:
    """What brings updates to a bot."""
    if mode == "polling":
        yield api.put
        return
    waiting: asyncio.Queue[bytes] = asyncio.Queue()

    def put(*updates: bytes) -> None:
        for update in updates:
            waiting.put_nowait(update)

    task = asyncio.create_task(post(api, url, SECRET, waiting, CONNECTIONS))
    try:
        yield put
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def measure(name: str, mode: str, round_trip: float, questions: Sequence[str], folder: Path) -> Measured:
    """One bot, in one way."""
    api = BotApi(round_trip)
    await api.start()
    clock = asyncio.get_running_loop().time
    async with bot_at(name, mode, api, folder) as (process, url), feeding(mode, api, url) as feed:
        feed(*(api.update(text) for text in questions[:WARM]))
        await api.answered(WARM, FIRST)
        count = WAITING[name]
        api.load = Load()
        updates = [api.update(questions[number % len(questions)]) for number in range(count)]
        used, since = cpu_seconds(process), clock()
        feed(*updates)
        await api.answered(count, PATIENCE)
        seconds = max(api.load.answered.values(), default=clock()) - since
        used, sent = cpu_seconds(process) - used, api.load.sent
        rate = len(api.load.answered) / seconds
        waits = await _at_half_rate(api, feed, rate / 2, questions)
    await api.stop()
    return Measured(rate, sent / seconds, used / count * 1e6, waits)


async def _at_half_rate(api: BotApi, feed: Feed, per_second: float, questions: Sequence[str]) -> list[float]:
    """How long each answer takes where messages come evenly, whatever becomes of those before."""
    api.load = Load()
    clock = asyncio.get_running_loop().time
    since, count = clock(), round(per_second * AT_HALF_RATE)
    for number in range(count):
        await asyncio.sleep(since + number / per_second - clock())
        feed(api.update(questions[number % len(questions)]))
    await api.answered(count, PATIENCE)
    # Whoever has no answer by then gets none.
    return [*api.load.waits(), *([math.inf] * (count - len(api.load.answered)))]


def percentile(waits: Sequence[float], share: float) -> float:
    """The wait that so many do not exceed."""
    return waits[min(int(len(waits) * share), len(waits) - 1)] if waits else math.inf


async def compare(modes: Sequence[str], repeats: int) -> Table:
    """All bots in all ways; medians."""
    questions = texts()
    table = Table(
        "", "round trip", "updates a second", "messages a second", "CPU an update", "p50, half rate", "p99, half rate",
        "times python-telegram-bot", "times aiogram",
    )  # fmt: skip
    with Progress(console=Console(stderr=True), transient=True) as progress, tempfile.TemporaryDirectory() as folder:
        task = progress.add_task("", total=len(modes) * len(ROUND_TRIPS) * len(BOTS) * repeats)
        for mode in modes:
            for round_trip in ROUND_TRIPS:
                runs: dict[str, list[Measured]] = {name: [] for name in BOTS}
                for _ in range(repeats):
                    for name in BOTS:
                        progress.update(task, description=f"{name}, {mode}, {round_trip * 1000:.0f} ms")
                        runs[name].append(await measure(name, mode, round_trip, questions, Path(folder)))
                        progress.advance(task)
                _add_rows(table, mode, round_trip, runs)
    return table


def _add_rows(table: Table, mode: str, round_trip: float, runs: dict[str, list[Measured]]) -> None:
    rates = {name: statistics.median(run.rate for run in measured) for name, measured in runs.items()}
    for name, measured in runs.items():
        waits = [percentile(run.waits, share) * 1000 for share in (0.5, 0.99) for run in measured]
        half = len(measured)
        table.add_row(
            f"{name}, {mode}",
            f"{round_trip * 1000:.0f} ms",
            f"{rates[name]:,.0f}",
            f"{statistics.median(run.sent for run in measured):,.0f}",
            f"{statistics.median(run.cpu for run in measured):,.0f} µs",
            f"{statistics.median(waits[:half]):,.0f} ms",
            f"{statistics.median(waits[half:]):,.0f} ms",
            _times(rates[name], rates[PTB]),
            _times(rates[name], rates[AIOGRAM]),
        )


def _times(rate: float, other: float) -> str:
    return f"{rate / other:.1f}" if other else ""


async def memory(count: int) -> Table:
    """The program's memory over so many messages, each of somebody new, by polling."""
    questions, table, api = texts(), Table("messages", "memory", "a second"), BotApi(0.0)
    await api.start()
    with Progress(console=Console(stderr=True), transient=True) as progress, tempfile.TemporaryDirectory() as folder:
        task = progress.add_task("messages", total=count)
        async with bot_at(OURS, "polling", api, Path(folder)) as (process, _):
            step = max(count // 10, 1)
            for done in range(step, count + 1, step):
                api.load, since = Load(), time.monotonic()
                api.put(*(api.update(questions[number % len(questions)]) for number in range(step)))
                await api.answered(step, FIRST)
                table.add_row(f"{done:,}", f"{resident(process):.0f} MB", f"{step / (time.monotonic() - since):,.0f}")
                progress.update(task, completed=done)
    await api.stop()
    return table


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=MODES)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--memory", type=int, metavar="MESSAGES")
    given = parser.parse_args()
    console = Console(width=160)
    if given.memory:
        console.print(asyncio.run(memory(given.memory)))
        return
    console.print(asyncio.run(compare([given.only] if given.only else MODES, given.repeats)))


if __name__ == "__main__":
    main()
