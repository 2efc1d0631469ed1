"""
What people who ask feel while new answers are taken up.

    python -m tests.benchmarks.reload

Somebody asks a hundred times a second of the real answers; meanwhile the folder changes again and again, is looked at
by the gate, published and taken up.
"""

import asyncio
import gc
import shutil
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bot.config import shipped
from bot.content.locales import load_phrases
from bot.content.prepared import prepare
from bot.core.answers.calibration import SHIPPED
from bot.core.answers.evaluation import percentile
from bot.core.answers.matcher import Matcher
from bot.core.talk.state import World
from bot.library import Library, Place
from bot.store.database import open_database

QUESTIONS = ("gem par registration kaise kare", "EMD me chhut kisko milti hai", "paisa kab aayega", "आज मौसम कैसा है")
A_SECOND, QUIET, CHANGES = 100, 10.0, 4


async def asking(library: Library, waits: list[float], done: asyncio.Event) -> None:
    """Ask at even moments; seconds from the moment to the answer."""
    loop, number = asyncio.get_running_loop(), 0
    begin = loop.time()
    while not done.is_set():
        moment = begin + number / A_SECOND
        await asyncio.sleep(max(0.0, moment - loop.time()))
        library.world().answers.match(QUESTIONS[number % len(QUESTIONS)])
        waits.append(loop.time() - moment)
        number += 1


async def measure(library: Library, folder: Path, progress: Progress) -> tuple[list[float], list[float], float]:
    """Waits while nothing changes, and while answers are taken up; and how long that takes."""
    await library.look()
    await library.look()
    quiet: list[float] = []
    done = asyncio.Event()
    task = asyncio.create_task(asking(library, quiet, done))
    await asyncio.sleep(QUIET)
    done.set()
    await task
    busy: list[float] = []
    done = asyncio.Event()
    task = asyncio.create_task(asking(library, busy, done))
    took = 0.0
    bar = progress.add_task("changes", total=CHANGES)
    for number in range(CHANGES):
        file = folder / "payment.yaml"
        file.write_text(
            file.read_text("utf-8").replace(
                "    questions:\n", f"    questions:\n      - naya bhugtan sawal {number} xq\n", 1
            ),
            "utf-8",
        )
        since, before = time.monotonic(), library.revision
        while library.revision == before:
            await library.look()
        took = max(took, time.monotonic() - since)
        progress.advance(bar)
    done.set()
    await task
    return sorted(quiet), sorted(busy), took


async def run() -> None:
    phrases = load_phrases(shipped("locales"))
    with tempfile.TemporaryDirectory() as place, Progress(console=Console(stderr=True)) as progress:
        folder = Path(shutil.copytree(shipped("faq"), Path(place) / "faq"))
        cache = Path(place) / "cache"
        prepared = prepare(folder, phrases, cache)
        matcher = Matcher(prepared.loaded.faq, prepared.index, SHIPPED)
        database = await open_database(str(Path(place) / "x.sqlite3"))
        world = World(prepared.loaded.faq, matcher, phrases)
        # As ``service_on`` does.
        gc.collect()
        gc.freeze()
        library = Library(database, Place(folder, cache, "hi"), world, lambda: datetime.now(UTC))
        quiet, busy, took = await measure(library, folder, progress)
        await database.close()
    table = Table("", "nothing changes", "answers are taken up", "times")
    for name, share in (("p50", 0.5), ("p99", 0.99), ("slowest", 1.0)):
        alone, meanwhile = percentile(quiet, share), percentile(busy, share)
        table.add_row(name, f"{alone * 1000:.1f} ms", f"{meanwhile * 1000:.1f} ms", f"{meanwhile / alone:.1f}")
    Console().print(table)
    Console().print(
        f"From the change of a file to its use, the slowest of {CHANGES}: {took:.1f} s (besides two looks)."
    )


if __name__ == "__main__":
    asyncio.run(run())
