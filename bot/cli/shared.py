"""What all commands share: options, loading with progress, and how errors are told."""

import getpass
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from bot.app import App, load_app
from bot.config import Settings, load_settings, shipped
from bot.content.faults import fault_lines
from bot.content.locales import load_phrases
from bot.core.talk.phrases import Phrases
from bot.errors import FaultsError, InputError, SaathiError, StoreError

LANGUAGES = ("hi", "en")

Config = Annotated[Path | None, typer.Option("--config", help="config.yaml; default: the one in this folder, if any.")]
FaqDir = Annotated[Path | None, typer.Option("--faq", help="Use this folder of answers alone.")]
Lang = Annotated[str | None, typer.Option("--lang", help="hi or en; default: as in config.yaml.")]


def speak(config: Path | None, lang: str | None) -> tuple[Settings, Phrases, str]:
    """The settings, all that the program says, and the language to say it in."""
    settings = load_settings(config)
    language = lang or settings.language
    if language not in LANGUAGES:
        raise InputError("no-such-language", language=language, known=", ".join(LANGUAGES))
    return settings, load_phrases(settings.locales_dir), language


def open_app(config: Path | None, faq_dir: Path | None, lang: str | None) -> tuple[App, str]:
    """The assistant and the language to speak; shows progress on the terminal while an FAQ is learnt anew."""
    settings, phrases, language = speak(config, lang)
    with progress_line(phrases, language, "progress.learning") as progress:
        task = progress.add_task("", total=None, visible=False)
        app = load_app(
            settings,
            phrases,
            faq_dir,
            lambda done, total: progress.update(task, completed=done, total=total, visible=True),
        )
    return app, language


def who_types() -> str:
    """Who sits at the terminal, as this machine knows them; "" in a container, which has people without a name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def progress_line(phrases: Phrases, language: str, key: str) -> Progress:
    """A progress line on the terminal's error stream, gone when done; nothing where nobody looks on."""
    return Progress(
        TextColumn(phrases.say(key, language)),
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )


def tell(error: Exception, arguments: Sequence[str]) -> int:
    """
    Say on the error stream what went wrong.

    Args:
        error: one of ours, or something unforeseen.
        arguments: the command line, for the language asked for; it may not have been parsed.

    Returns:
        The exit code.
    """
    language = "en" if "--lang=en" in arguments or "--lang en" in " ".join(arguments) else "hi"
    phrases = load_phrases(shipped("locales"))
    if isinstance(error, FaultsError):
        lines = fault_lines(error.faults, phrases, language)
    elif isinstance(error, InputError):
        lines = [phrases.say(f"input.{error.key}", language, **error.values)]
    elif isinstance(error, StoreError):
        lines = [phrases.say(f"store.{error.key}", language, **error.values)]
    else:
        lines = [phrases.say("trouble", language, error=f"{type(error).__name__}: {error}")]
    sys.stderr.write("\n".join(lines) + "\n")
    return 1 if isinstance(error, SaathiError) else 70
