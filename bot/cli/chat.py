"""
``gem-saathi chat``: the assistant in a terminal.

A line is what a person types. Lines that begin with "@" are for the terminal: "@NAME" lets another person speak, "@+3d"
("@+2h", "@2026-12-14 18:00") moves the clock, so that a whole story, from registration to feedback, can be played. Only
in a trial: on the office's own database tomorrow's clock would write to people and forget them before their time.
"""

import asyncio
import sys
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.shared import Config, FaqDir, Lang, open_app
from bot.core.workshops.times import read_moment
from bot.errors import InputError


def chat(
    script: Annotated[Path | None, typer.Option("--script", help="Take the person's lines from this file.")] = None,
    trial: Annotated[
        bool, typer.Option("--trial", help="Play with an empty database and an example workshop; nothing is kept.")
    ] = False,
    begin: Annotated[
        str | None, typer.Option("--now", help='With --trial: what the clock says, as "2026-11-23 10:00".')
    ] = None,
    faq: FaqDir = None,
    config: Config = None,
    lang: Lang = None,
) -> None:
    """Talk with the assistant; with --script or piped input, line by line and then out."""
    if begin is not None and not trial:
        raise InputError("only-in-trial", option="--now")
    from bot.cli.talk import Talk  # noqa: PLC0415 - a database library that no other command needs to load

    app, language = open_app(config, faq, lang)
    lines = None if script is None else _lines(script)
    with ExitStack() as stack:
        address = app.settings.database.get_secret_value()
        if trial:
            address = str(Path(stack.enter_context(tempfile.TemporaryDirectory())) / "trial.sqlite3")
        runner = stack.enter_context(asyncio.Runner())
        talk = Talk(app, language, _moment(begin), runner, trial=trial, insist=lang is not None)
        talk.open(stack, address)
        if lines is not None:
            talk.play(lines)
        elif sys.stdin.isatty():
            talk.converse()
        else:
            talk.play(sys.stdin)


def _moment(begin: str | None) -> datetime | None:
    moment = None if begin is None else read_moment(begin, datetime.now(UTC))
    if begin is not None and moment is None:
        raise InputError("bad-moment", option="--now", value=begin, example="2026-11-23 10:00")
    return moment


def _lines(script: Path) -> list[str]:
    try:
        return script.read_text("utf-8-sig").splitlines()
    except OSError as error:
        raise InputError("unreadable", path=script, reason=error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise InputError("not-utf8", path=script) from error
