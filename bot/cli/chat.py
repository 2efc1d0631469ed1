"""``gem-saathi chat``: the assistant in a terminal."""

import contextlib
import importlib
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot.channels.console import Terminal
from bot.cli.shared import Config, FaqDir, Lang, open_app
from bot.errors import InputError


def chat(
    script: Annotated[Path | None, typer.Option("--script", help="Take the person's lines from this file.")] = None,
    faq: FaqDir = None,
    config: Config = None,
    lang: Lang = None,
) -> None:
    """Talk with the assistant; with --script or piped input, line by line and then out."""
    app, language = open_app(config, faq, lang)
    terminal = Terminal(app.world, language, Console())
    if script is not None:
        terminal.play(_lines(script))
    elif sys.stdin.isatty():
        _talk(terminal)
    else:
        terminal.play(sys.stdin)


def _talk(terminal: Terminal) -> None:
    with contextlib.suppress(ImportError):  # not on Windows, whose terminal does the same
        importlib.import_module("readline")  # arrow keys move in the line and bring back earlier ones
    terminal.greet()
    try:
        while True:
            terminal.take(input(terminal.prompt()))
    except (EOFError, KeyboardInterrupt):
        terminal.goodbye()


def _lines(script: Path) -> list[str]:
    try:
        return script.read_text("utf-8-sig").splitlines()
    except OSError as error:
        raise InputError("unreadable", path=script, reason=error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise InputError("not-utf8", path=script) from error
