"""``gem-saathi faq gaps``: what people asked in vain, so that the office knows what is missing."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cli.shared import Config, Lang, speak
from bot.core.workshops.times import say_day


def gaps(
    days: Annotated[int, typer.Option("--days", min=1, max=3650, help="Asked within so many days.")] = 30,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: JSON on one line.")] = False,
    config: Config = None,
    lang: Lang = None,
) -> None:
    """Questions that found nothing, the most frequent first; personal numbers are masked."""
    from bot.store.database import open_database  # noqa: PLC0415 - a library that asking the FAQ need not load
    from bot.store.people import unanswered_questions  # noqa: PLC0415 - likewise

    settings, phrases, language = speak(config, lang)
    since = datetime.now(UTC) - timedelta(days=days)

    async def read() -> list[tuple[str, int, datetime]]:
        database = await open_database(settings.database.get_secret_value())
        try:
            async with database.read() as connection:
                return await unanswered_questions(connection, since)
        finally:
            await database.close()

    found = asyncio.run(read())
    if as_json:
        rows = [{"text": text, "count": count, "last": last.isoformat()} for text, count, last in found]
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    if not found:
        typer.echo(phrases.say("gaps.none", language, days=days))
        return
    table = Table(*(phrases.say(f"gaps.{name}", language) for name in ("question", "count", "last")))
    for text, count, last in found:
        table.add_row(Text(text), str(count), say_day(last, phrases, language))
    Console().print(table)
    typer.echo(phrases.say("gaps.what-to-do", language))
