"""``gem-saathi faq export`` and ``import``: the answers as a spreadsheet, there and back."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.shared import Config, FaqDir, Lang, speak
from bot.content.editing import NoPlaceError, edited
from bot.content.faq import load_faq
from bot.content.folder import Files, read_files, unpacked, write_changed
from bot.content.workbook import ANSWERS, QUESTIONS, Read, read_workbook, write_workbook
from bot.core.answers.faq import Faq
from bot.core.answers.gate import changes
from bot.core.talk.phrases import Phrases
from bot.errors import ContentError, Fault


def export(
    xlsx: Annotated[Path, typer.Option("--xlsx", metavar="FILE", help="The spreadsheet that is written.")],
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there already.")] = False,
    faq: FaqDir = None,
    config: Config = None,
    lang: Lang = None,
) -> None:
    """Write the answers as a spreadsheet: one sheet of answers, one of questions."""
    settings, phrases, language = speak(config, lang)
    loaded = load_faq(faq or settings.faq_dir, phrases)
    write_workbook(xlsx, loaded.faq, overwrite=force)
    questions = sum(len(entry.questions) for entry in loaded.faq.entries)
    typer.echo(
        phrases.say(
            "sheet.exported", language, path=xlsx, entries=len(loaded.faq.entries), questions=questions,
            answers=ANSWERS, asked=QUESTIONS,
        )
    )  # fmt: skip


def import_(
    file: Annotated[Path, typer.Argument(help="A spreadsheet as `faq export` writes it.")],
    try_only: Annotated[bool, typer.Option("--try", help="Only say what would change.")] = False,
    faq: FaqDir = None,
    config: Config = None,
    lang: Lang = None,
) -> None:
    """Take what a spreadsheet says into the files: all of it, or, where something is wrong, nothing."""
    settings, phrases, language = speak(config, lang)
    folder = faq or settings.faq_dir
    before = load_faq(folder, phrases).faq
    files = read_files(folder)
    read = read_workbook(file)
    try:
        after = edited(files, read.edits)
    except NoPlaceError as error:
        known = ", ".join(category.id for category in before.categories)
        values = {"id": error.edit.id, "known": known}
        place, row = f"{file.name} ({ANSWERS})", read.rows.get(error.edit.id, 0)
        raise ContentError([Fault("sheet-no-category", place, row, values)]) from error
    try:
        read_back = checked(after, phrases)
    except ContentError as error:
        raise ContentError(
            [_in_sheet(fault, read, file.name) for fault in error.faults if not fault.warning]
        ) from error
    changed = changes(before, read_back)
    if not changed:
        typer.echo(phrases.say("sheet.same", language))
        return
    names = ", ".join(change.id for change in changed)
    if not try_only:
        write_changed(folder, files, after)
    key = "sheet.would" if try_only else "sheet.imported"
    typer.echo(phrases.say(key, language, count=len(changed), ids=names))


def checked(files: Files, phrases: Phrases) -> Faq:
    """The answers that these files hold; raises ContentError."""
    with unpacked(files) as folder:
        return load_faq(folder, phrases).faq


def _in_sheet(fault: Fault, read: Read, name: str) -> Fault:
    """The fault where staff made it: in the spreadsheet."""
    if (row := read.asked.get(str(fault.values.get("text")))) is not None:
        return replace(fault, path=f"{name} ({QUESTIONS})", line=row)
    if (row := read.rows.get(str(fault.values.get("id")))) is not None:
        return replace(fault, path=f"{name} ({ANSWERS})", line=row)
    return fault
