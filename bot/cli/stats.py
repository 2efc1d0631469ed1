"""``gem-saathi faq stats``: how many asked, how many were answered and helped; as a table and as pictures."""

from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cli.shared import Config, FaqDir, Lang, speak
from bot.config import Settings
from bot.content.faq import load_faq
from bot.core.answers.faq import in_language
from bot.core.talk.phrases import Phrases
from bot.core.talk.state import Outcome
from bot.core.workshops.batch import IST
from bot.errors import InputError

if TYPE_CHECKING:
    from bot.store.database import Database

_TOP = 15
_ASKED = (Outcome.ANSWERED, Outcome.CHOICES, Outcome.NOTHING)
What = tuple[Outcome, str]


def stats(
    days: Annotated[int, typer.Option("--days", min=1, max=3650, help="Of so many days.")] = 30,
    png: Annotated[
        Path | None, typer.Option("--png", metavar="FOLDER", help="Write pictures of it to this folder.")
    ] = None,
    faq: FaqDir = None,
    config: Config = None,
    lang: Lang = None,
) -> None:
    """Questions a day, how many were answered, how many answers helped, and what is asked most."""
    settings, phrases, language = speak(config, lang)
    today = datetime.now(IST).date()
    by_day = _read(settings, today - timedelta(days=days - 1))
    if not by_day:
        typer.echo(phrases.say("stats.none", language, days=days))
        return
    names = ("day", "asked", *_ASKED, "helpful")
    table = Table(*(phrases.say(f"stats.{name}", language) for name in names))
    total: Counter[What] = Counter()
    for day in sorted(by_day):
        total += by_day[day]
        table.add_row(day.strftime("%d-%m-%Y"), *_row(by_day[day]))
    table.add_section()
    table.add_row(phrases.say("stats.all", language), *_row(total), style="bold")
    Console().print(table)
    entries = load_faq(faq or settings.faq_dir, phrases).faq.entries
    titles = {entry.id: in_language(entry.title, language) for entry in entries}
    most = Table(*(phrases.say(f"stats.{name}", language) for name in ("entry", "answered", "helpful")))
    top = Counter({entry: count for (outcome, entry), count in total.items() if outcome is Outcome.ANSWERED})
    for entry, count in top.most_common(_TOP):
        yes, no = total[Outcome.HELPFUL, entry], total[Outcome.UNHELPFUL, entry]
        most.add_row(Text(f"{titles.get(entry, '')} ({entry})"), str(count), _share(yes, yes + no))
    Console().print(most)
    if png is not None:
        _draw(
            png,
            by_day,
            [(titles.get(entry, entry), count) for entry, count in top.most_common(_TOP)],
            phrases,
            language,
        )
        typer.echo(phrases.say("stats.drawn", language, folder=png))


def _read(settings: Settings, since: date) -> dict[date, Counter[What]]:
    from bot.cli.on_database import on_database  # noqa: PLC0415 - a library that asking the FAQ need not load
    from bot.store.questions import questions_since  # noqa: PLC0415 - likewise

    async def read(database: "Database") -> dict[date, Counter[What]]:
        async with database.read() as connection:
            return await questions_since(connection, since)

    return on_database(settings.database.get_secret_value(), read)


def _sums(counted: Counter[What]) -> Counter[Outcome]:
    sums: Counter[Outcome] = Counter()
    for (outcome, _), count in counted.items():
        sums[outcome] += count
    return sums


def _row(counted: Counter[What]) -> list[str]:
    sums = _sums(counted)
    asked = sum(sums[outcome] for outcome in _ASKED)
    votes = sums[Outcome.HELPFUL] + sums[Outcome.UNHELPFUL]
    return [str(asked), *(str(sums[outcome]) for outcome in _ASKED), _share(sums[Outcome.HELPFUL], votes)]


def _share(part: int, whole: int) -> str:
    return f"{part * 100 // whole} % ({part}/{whole})" if whole else ""


def _draw(
    folder: Path, by_day: dict[date, Counter[What]], top: list[tuple[str, int]], phrases: Phrases, language: str
) -> None:
    from bot.charts import bars, stacked  # noqa: PLC0415 - a library that nothing else here needs

    try:
        folder.mkdir(parents=True, exist_ok=True)
        first, last = min(by_day), max(by_day)
        days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        rows = [[_sums(by_day.get(day, Counter()))[outcome] for outcome in _ASKED] for day in days]
        legend = [phrases.say(f"stats.{outcome}", language) for outcome in _ASKED]
        title = phrases.say("stats.title-days", language)
        stacked(title, [day.strftime("%d-%m") for day in days], rows, legend).save(folder / "questions-by-day.png")
        bars(phrases.say("stats.title-top", language), top).save(folder / "most-asked.png")
    except OSError as error:
        raise InputError("unwritable", path=folder, reason=error.strerror or str(error)) from error
