"""The commands that people type; each group of them is a module."""

import os
import sys

import typer

from bot.cli import announce, bench, chat, db, faq, poster, run, workshop
from bot.cli.shared import tell

app = typer.Typer(
    name="gem-saathi",
    help="GeM Saathi: a district industries office's chat assistant on selling to government through GeM.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=True,
)
app.command("run")(run.run)
app.command("web")(run.web)
app.command("chat")(chat.chat)
app.command("poster")(poster.poster)
app.add_typer(faq.app, name="faq")
app.add_typer(db.app, name="db")
app.add_typer(workshop.app, name="workshop")
app.add_typer(announce.app, name="announce")
app.add_typer(bench.app, name="bench")


def main() -> None:
    """Run the command line; every error ends in one clear sentence, never in a traceback."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        # A terminal set to another encoding must not turn Hindi into an error.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        app()
    except Exception as error:
        if os.environ.get("GEM_SAATHI_DEBUG"):
            raise
        raise SystemExit(tell(error, sys.argv)) from None
