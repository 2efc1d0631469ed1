"""
``gem-saathi db``: bring the database up to date, copy it, bring a copy back, drop what need not be kept.

What works with the database is imported where it is used: that takes longer than a command about answers runs.
"""

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.shared import Config, Lang, progress_line, speak
from bot.core.talk.phrases import Phrases

if TYPE_CHECKING:
    from bot.store.database import Database

app = typer.Typer(help="The database: upgrade, backup, restore, export, purge.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(metavar="FILE")]
Force = Annotated[bool, typer.Option("--force", help="Replace FILE if it is there.")]


@app.command()
def upgrade(config: Config = None, lang: Lang = None) -> None:
    """Bring the database up to date; a file is brought up to date without this."""
    from bot.cli.on_database import on_database  # noqa: PLC0415

    settings, phrases, language = speak(config, lang)
    on_database(settings.database.get_secret_value(), _nothing, upgrade=True)
    typer.echo(phrases.say("db.upgraded", language))


@app.command()
def backup(file: File, force: Force = False, config: Config = None, lang: Lang = None) -> None:
    """Copy the database to FILE, also while the assistant runs."""
    from bot.cli.on_database import on_database  # noqa: PLC0415
    from bot.store.backup import backup as write  # noqa: PLC0415

    settings, phrases, language = speak(config, lang)
    with _progress(phrases, language, "progress.saving") as progress:
        on_database(
            settings.database.get_secret_value(),
            lambda database: write(database, file, overwrite=force, progress=progress),
        )
    typer.echo(phrases.say("db.backed-up", language, path=file))


@app.command()
def restore(
    file: File,
    replace: Annotated[bool, typer.Option("--replace", help="Drop what the database holds now.")] = False,
    config: Config = None,
    lang: Lang = None,
) -> None:
    """Bring a backup or an export back, all of it or nothing."""
    from bot.store.backup import restore as read  # noqa: PLC0415

    settings, phrases, language = speak(config, lang)
    with _progress(phrases, language, "progress.restoring") as progress:
        rows = asyncio.run(read(settings.database.get_secret_value(), file, replace=replace, progress=progress))
    typer.echo(phrases.say("db.restored", language, path=file, rows=rows))


@app.command()
def export(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="Without it, everything is printed.")] = None,
    force: Force = False,
    config: Config = None,
    lang: Lang = None,
) -> None:
    """Write all rows as JSON lines, which restore brings into either kind of database."""
    from bot.cli.on_database import on_database  # noqa: PLC0415
    from bot.store import backup  # noqa: PLC0415

    settings, phrases, language = speak(config, lang)
    address = settings.database.get_secret_value()
    if file is None:
        on_database(address, lambda database: backup.export(database, sys.stdout.buffer))
        return
    with _progress(phrases, language, "progress.saving") as progress:
        rows = on_database(
            address, lambda database: backup.export_file(database, file, overwrite=force, progress=progress)
        )
    typer.echo(phrases.say("db.exported", language, path=file, rows=rows))


@app.command()
def purge(
    days: Annotated[
        int | None,
        typer.Option("--days", min=1, help="Keep who was heard of within so many days; default: keep_days."),
    ] = None,
    config: Config = None,
    lang: Lang = None,
) -> None:
    """Erase what is older than it need be kept; numbers stay."""
    from bot.cli.on_database import on_database  # noqa: PLC0415
    from bot.store.erasing import purge as forget  # noqa: PLC0415

    settings, phrases, language = speak(config, lang)
    kept, now = days or settings.keep_days, datetime.now(UTC)
    erased = on_database(
        settings.database.get_secret_value(), lambda database: forget(database, now - timedelta(days=kept), now)
    )
    typer.echo(phrases.say("db.purged", language, count=erased, days=kept))


async def _nothing(_database: "Database") -> None:
    pass


@contextmanager
def _progress(phrases: Phrases, language: str, key: str) -> Iterator[Callable[[int, int], None]]:
    with progress_line(phrases, language, key) as shown:
        task = shown.add_task("", total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total)
