"""
How fast and how evenly an announcement goes out, what it costs, and what people who write meanwhile feel of it.

    python -m tests.benchmarks.announcing pace [RECIPIENTS]      at Telegram's 30 a second (10,000: six minutes)
    python -m tests.benchmarks.announcing speed                  unthrottled, beside bare loops of two libraries
    python -m tests.benchmarks.announcing freeze [PEOPLE]        writing down the recipients among 1,000,000 people

The Bot API server is this process; ``gem-saathi run`` and the bare loops are processes of their own.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bot.announcing import Draft, make, send, status
from bot.core.announcements.announcement import Announcement
from bot.store.announcements import find_announcement
from bot.store.database import Database, open_database
from bot.store.tables import people
from tests.benchmarks.bot_api import TOKEN, BotApi, Load
from tests.benchmarks.telegram import cpu_seconds, percentile, resident, texts
from tests.processes import free_port

TEXT = "नमस्ते {name|साथी}! अगले हफ़्ते GeM की कार्यशाला है। बैठने की जगह कम है, नाम जल्दी लिखवाइए।"
RATE = 30
ROUND_TRIP = 0.05
AT_ONCE = 100
# How often somebody writes while the announcement goes out.
WRITING = 2.0


@asynccontextmanager
async def office(folder: Path, count: int) -> AsyncIterator[tuple[Database, str]]:
    """A database with so many people on Telegram, and where it is."""
    file = str(folder / "office.sqlite3")
    database = await open_database(file)
    now = datetime.now(UTC)
    values = {"channel": "telegram", "news": True, "created": now, "heard": now}
    for begin in range(0, count, 10_000):
        numbers = range(begin, min(begin + 10_000, count))
        async with database.write() as connection:
            rows = [values | {"address": str(10_000_000 + number), "name": "सीता"} for number in numbers]
            await connection.execute(people.insert(), rows)
    try:
        yield database, file
    finally:
        await database.close()


@asynccontextmanager
async def program(api: BotApi, file: str, per_second: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """``gem-saathi run`` on that database."""
    environment = os.environ | {
        "GEM_SAATHI_TELEGRAM_TOKEN": TOKEN,
        "GEM_SAATHI_TELEGRAM_BASE_URL": f"http://127.0.0.1:{api.port}/bot",
        "GEM_SAATHI_TELEGRAM_PER_SECOND": str(per_second),
        "GEM_SAATHI_LISTEN_PORT": str(free_port()),
        "GEM_SAATHI_DATABASE": file,
        "GEM_SAATHI_ANNOUNCE_QUIET": "00:00-00:00",
    }
    command = [sys.executable, "-m", "bot", "run"]
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=DEVNULL, stderr=DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        await process.wait()


async def announced(database: Database) -> Announcement:
    """An announcement to everybody, that begins at once."""
    now = datetime.now(UTC) - timedelta(minutes=2)
    made = await make(database, Draft(TEXT), "benchmark", now)
    return await send(database, made.id, "benchmark", now)


async def replies(api: BotApi, questions: Sequence[str], until: asyncio.Event) -> None:
    """Somebody new writes, again and again."""
    number = 0
    while not until.is_set():
        api.put(api.update(questions[number % len(questions)]))
        number += 1
        await asyncio.sleep(1 / WRITING)


async def _alone(api: BotApi) -> list[float]:
    """How long replies take before anything is announced, once the program is warm."""
    await asyncio.sleep(10)
    api.load = Load()
    await asyncio.sleep(8)
    alone, api.load = api.load.waits(), Load()
    return alone


def busiest(at: Sequence[float]) -> int:
    """The most messages in any second."""
    most = begin = 0
    for end, moment in enumerate(at):
        while at[begin] <= moment - 1:
            begin += 1
        most = max(most, end - begin + 1)
    return most


async def pace(count: int, console: Console) -> None:
    """At the rate that Telegram allows."""
    api, questions, done = BotApi(0.0), texts(), asyncio.Event()
    await api.start()
    with tempfile.TemporaryDirectory() as folder, Progress(console=Console(stderr=True), transient=True) as progress:
        async with office(Path(folder), count) as (database, file), program(api, file, RATE):
            # Without an announcement first.
            writing = asyncio.create_task(replies(api, questions, done))
            alone = await _alone(api)
            await announced(database)
            task = progress.add_task("sent", total=count)
            while api.load.sent < count:
                progress.update(task, completed=api.load.sent)
                await asyncio.sleep(0.5)
            # Replies are among them, and count at Telegram all the same.
            done.set()
            await writing
            load = api.load
    seconds = load.at[count - 1] - load.at[0]
    table = Table("", "measured", "limit")
    table.add_row("messages a second", f"{(count - 1) / seconds:.2f}", f"{0.98 * RATE:.1f} of {RATE}")
    table.add_row("most in any second", str(busiest(load.at)), str(RATE))
    waits = sorted(load.waits())
    for share in (0.5, 0.99):
        before, now = percentile(alone, share) * 1000, percentile(waits, share) * 1000
        table.add_row(f"a reply meanwhile, p{share * 100:.0f}", f"{now:.0f} ms", f"{before:.0f} ms alone, + 150 ms")
    console.print(table)


_LOOPS = {
    "python-telegram-bot": """
import asyncio, sys
from telegram import Bot
async def main(api, first, count):
    bot = Bot("TOKEN", f"http://127.0.0.1:{api}/bot")
    await bot.initialize()
    for chat in range(first, first + count):
        await bot.send_message(chat, TEXT)
""",
    "python-telegram-bot, 100 at once": """
import asyncio, sys
from telegram import Bot
async def main(api, first, count):
    bot, room = Bot("TOKEN", f"http://127.0.0.1:{api}/bot"), asyncio.Semaphore(100)
    await bot.initialize()
    async def one(chat):
        async with room:
            try:
                await bot.send_message(chat, TEXT)
            except Exception:
                pass
    await asyncio.gather(*map(one, range(first, first + count)))
""",
    "aiogram, 100 at once": """
import asyncio, sys
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
async def main(api, first, count):
    session = AiohttpSession(api=TelegramAPIServer.from_base(f"http://127.0.0.1:{api}"))
    bot, room = Bot("TOKEN", session=session), asyncio.Semaphore(100)
    async def one(chat):
        async with room:
            await bot.send_message(chat, TEXT)
    await asyncio.gather(*map(one, range(first, first + count)))
    await session.close()
""",
}


async def speed(console: Console) -> None:
    """As fast as it goes, at a round trip of 50 ms, every outcome recorded."""
    table = Table("", "messages a second", "CPU a message", "times python-telegram-bot")
    first_rate = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for name, loop in _LOOPS.items():
            count = 300 if name == "python-telegram-bot" else 3_000
            rate, cpu = await _bare(loop, count)
            first_rate = first_rate or rate
            table.add_row(name, f"{rate:,.0f}", f"{cpu:,.0f} µs", f"{rate / first_rate:.1f}")
        api, count = BotApi(ROUND_TRIP), 10_000
        await api.start()
        async with office(Path(folder), count) as (database, file), program(api, file, 10_000) as process:
            await asyncio.sleep(8)
            used = cpu_seconds(process)
            await announced(database)
            await api.answered(count, 20)
            used = cpu_seconds(process) - used
        rate = (api.load.sent - 1) / (api.load.at[-1] - api.load.at[0])
        table.add_row("GeM Saathi", f"{rate:,.0f}", f"{used / count * 1e6:,.0f} µs", f"{rate / first_rate:.1f}")
    console.print(table)


async def _bare(loop: str, count: int) -> tuple[float, float]:
    api = BotApi(ROUND_TRIP)
    await api.start()
    code = loop.replace("TOKEN", TOKEN).replace("TEXT", repr(TEXT))
    code += f"\nasyncio.run(main({api.port}, 1, {count}))\nprint(sum(__import__('os').times()[:2]))"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE, stderr=DEVNULL
    )
    out, _ = await process.communicate()
    await api.stop()
    return (api.load.sent - 1) / (api.load.at[-1] - api.load.at[0]), float(out) / count * 1e6


async def freeze(count: int, console: Console) -> None:
    """Among so many people, while somebody writes."""
    api, questions, done = BotApi(0.0), texts(), asyncio.Event()
    await api.start()
    with tempfile.TemporaryDirectory() as folder:
        async with office(Path(folder), count) as (database, file), program(api, file, RATE) as process:
            writing = asyncio.create_task(replies(api, questions, done))
            alone = await _alone(api)
            announcement, since = await announced(database), time.monotonic()
            most = 0.0
            while not (await status_of(database, announcement)).is_frozen:
                most = max(most, resident(process))
                await asyncio.sleep(0.1)
            seconds = time.monotonic() - since
            done.set()
            await writing
            waits = sorted(api.load.waits())
            asked = time.monotonic()
            await status(database, announcement.id)
            asked = time.monotonic() - asked
        reported, memory = await asyncio.to_thread(report, Path(folder), file)
    table = Table(f"{count:,} people", "measured", "limit")
    table.add_row("recipients written down in", f"{seconds:.1f} s", "15 s")
    table.add_row("memory of the program, most", f"{most:.0f} MB", "300 MB")
    slowest = (waits[-1] if waits else 0.0) * 1000
    table.add_row("slowest reply meanwhile", f"{slowest:.0f} ms", f"{alone[-1] * 1000:.0f} ms alone, + 100 ms")
    table.add_row("status answers in", f"{asked * 1000:.0f} ms", "500 ms")
    table.add_row("the report of them all, as CSV", f"{reported:.0f} s, {memory:.0f} MB", "")
    console.print(table)


def report(folder: Path, file: str) -> tuple[float, float]:
    """How long the whole report takes, in seconds, and its memory in megabytes."""
    since = time.monotonic()
    command = [sys.executable, "-m", "bot", "announce", "report", "1", "--out", str(folder / "report.csv")]
    child = subprocess.Popen(command, env=os.environ | {"GEM_SAATHI_DATABASE": file}, stdout=subprocess.DEVNULL)
    _, status_, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status_)
    assert child.returncode == 0
    return time.monotonic() - since, used.ru_maxrss / 1024


async def status_of(database: Database, announcement: Announcement) -> Announcement:
    """Where it stands, without counting."""
    async with database.read() as connection:
        found = await find_announcement(connection, announcement.id)
    assert found is not None
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("pace", "speed", "freeze"))
    parser.add_argument("count", type=int, nargs="?")
    given = parser.parse_args()
    console = Console(width=140)
    match given.what:
        case "pace":
            asyncio.run(pace(given.count or 10_000, console))
        case "speed":
            asyncio.run(speed(console))
        case _:
            asyncio.run(freeze(given.count or 1_000_000, console))


if __name__ == "__main__":
    main()
