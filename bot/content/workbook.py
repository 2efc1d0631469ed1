"""
The answers as a spreadsheet, there and back: a sheet of answers, and one of questions, a phrasing a row.

What stands in a row is what the entry says from now on; an entry that is in no row stays as it is. Every cell is text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from bot.content.editing import Edit
from bot.core.answers.faq import Entry, Faq
from bot.errors import ContentError, Fault, InputError
from bot.newfile import new_file

ANSWERS, QUESTIONS = "जवाब", "सवाल"
# What a column is called in the sheet, in this order.
COLUMNS: Mapping[str, str] = {
    "id": "id",
    "category": "विषय",
    "title": "शीर्षक",
    "answer": "जवाब",
    "sources": "स्रोत (पता और नाम)",
    "checked_on": "किस तारीख़ की जानकारी",
    "review_by": "अगली जाँच",
    "confidence": "भरोसा",
    "related": "जुड़े जवाब",
    "title_en": "Title (English)",
    "answer_en": "Answer (English)",
}
_WIDE = {"answer": 70, "answer_en": 70, "sources": 45, "title": 26, "title_en": 26, "id": 24}
_QUESTION = ("id", "सवाल")
# A sheet of more rows is something else.
_MOST = 50_000
_MAX_CELL = 10_000


@dataclass(frozen=True, slots=True)
class Read:
    """
    What a spreadsheet says.

    Attributes:
        rows: entry id -> its row in the sheet of answers.
        asked: phrasing -> its row in the sheet of questions.
    """

    edits: tuple[Edit, ...]
    rows: Mapping[str, int]
    asked: Mapping[str, int]


def write_workbook(file: Path, faq: Faq, *, overwrite: bool = False) -> None:
    """
    Write all answers.

    Raises:
        InputError: it is no .xlsx, is there already, or cannot be written.
    """
    from openpyxl import Workbook  # noqa: PLC0415 - as in ``sheets``

    if file.suffix.lower() != ".xlsx":
        raise InputError("not-xlsx", path=file)
    book = Workbook()
    book.remove(book.worksheets[0])
    answers, questions = book.create_sheet(ANSWERS), book.create_sheet(QUESTIONS)
    _fill(answers, [list(COLUMNS.values()), *map(_row, faq.entries)])
    _fill(questions, [list(_QUESTION), *([entry.id, text] for entry in faq.entries for text in entry.questions)])
    for letter, name in zip("ABCDEFGHIJK", COLUMNS, strict=True):
        answers.column_dimensions[letter].width = _WIDE.get(name, 16)
    questions.column_dimensions["A"].width, questions.column_dimensions["B"].width = _WIDE["id"], 90
    answers.freeze_panes, questions.freeze_panes = "B2", "A2"
    with new_file(file, overwrite=overwrite) as place:
        book.save(place)


def _row(entry: Entry) -> list[str]:
    sources = "\n".join(f"{source.url} {source.title}" for source in entry.sources)
    return [
        entry.id,
        entry.category,
        entry.title["hi"],
        entry.answer["hi"].strip(),
        sources,
        entry.checked_on.iso if entry.checked_on else "",
        entry.review_by.isoformat() if entry.review_by else "",
        entry.confidence or "",
        ", ".join(entry.related),
        entry.title.get("en", ""),
        entry.answer.get("en", "").strip(),
    ]


def _fill(sheet: Any, rows: Sequence[Sequence[str]]) -> None:
    """Write rows of texts, the first of them in bold."""
    from openpyxl.styles import Alignment, Font  # noqa: PLC0415 - as in ``sheets``

    wrapped, bold = Alignment(wrap_text=True, vertical="top"), Font(bold=True)
    for number, cells in enumerate(rows, 1):
        for at, text in enumerate(cells, 1):
            cell = sheet.cell(number, at, text)
            cell.data_type, cell.number_format, cell.alignment = "s", "@", wrapped
            if number == 1:
                cell.font = bold


def read_workbook(file: Path) -> Read:
    """
    Read what a spreadsheet says of answers.

    Raises:
        InputError: it cannot be read.
        ContentError: rows are wrong; all of them.
    """
    from openpyxl import load_workbook  # noqa: PLC0415 - as in ``sheets``

    try:
        book = load_workbook(file, read_only=True, data_only=True)
        sheets = {name: list(book[name].iter_rows(values_only=True, max_row=_MOST)) for name in book.sheetnames}
    except OSError as error:
        raise InputError("unreadable", path=file, reason=error.strerror or str(error)) from error
    except (BadZipFile, KeyError, ValueError, TypeError) as error:
        raise InputError("not-xlsx", path=file) from error
    faults: list[Fault] = []
    answers = _table(sheets, ANSWERS, file, faults)
    questions = _table(sheets, QUESTIONS, file, faults)
    by_title = {title: name for name, title in COLUMNS.items()}
    edits: dict[str, dict[str, str]] = {}
    rows: dict[str, int] = {}
    for number, cells in answers:
        values = {by_title[title]: text for title, text in cells.items() if title in by_title}
        _check(values, number, f"{file.name} ({ANSWERS})", rows, faults)
        edits.setdefault(values.get("id", ""), values)
        rows.setdefault(values.get("id", ""), number)
    asked: dict[str, list[str]] = {}
    places: dict[str, int] = {}
    for number, cells in questions:
        entry, text = cells.get("id", ""), " ".join(cells.get(_QUESTION[1], "").split())
        if not entry or not text:
            faults.append(Fault("sheet-half", f"{file.name} ({QUESTIONS})", number))
            continue
        asked.setdefault(entry, []).append(text)
        # Of one that stands there twice, the second is at fault.
        places[text] = number
    if faults:
        raise ContentError(faults)
    made = [_edit(entry, values, asked.pop(entry, None)) for entry, values in edits.items()]
    made += [Edit(entry, questions=texts) for entry, texts in asked.items()]
    return Read(tuple(made), rows, places)


def _table(
    sheets: Mapping[str, list[Any]], name: str, file: Path, faults: list[Fault]
) -> list[tuple[int, dict[str, str]]]:
    """The rows of a sheet that say something: number, and column -> text."""
    rows = sheets.get(name)
    if not rows:
        faults.append(Fault("sheet-missing", file.name, values={"sheet": name}))
        return []
    head = [_text(cell) for cell in rows[0]]
    if "id" not in head:
        faults.append(Fault("sheet-no-id", f"{file.name} ({name})", 1))
        return []
    found = []
    for number, cells in enumerate(rows[1:], 2):
        values = {title: _text(cell) for title, cell in zip(head, cells, strict=False) if title}
        if any(values.values()):
            found.append((number, values))
    return found


def _text(cell: object) -> str:
    """What stands in a cell; a spreadsheet makes days and numbers of what looks like them."""
    if cell is None:
        return ""
    if isinstance(cell, datetime | date):
        return cell.strftime("%Y-%m-%d")
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).replace("\r\n", "\n").replace("_x000D_", "").strip()[:_MAX_CELL]


def _check(values: Mapping[str, str], row: int, place: str, rows: Mapping[str, int], faults: list[Fault]) -> None:
    entry = values.get("id", "")
    if not entry:
        faults.append(Fault("sheet-half", place, row))
    elif entry in rows:
        faults.append(Fault("sheet-twice", place, row, {"id": entry, "first": rows[entry]}))
    empty = [name for name in ("title", "answer") if name in values and not values[name]]
    faults += [Fault("sheet-empty", place, row, {"column": COLUMNS[name], "id": entry}) for name in empty]


def _edit(entry: str, values: Mapping[str, str], questions: list[str] | None) -> Edit:
    def said(name: str) -> dict[str, str] | None:
        found = {"hi": values[name]} if name in values else {}
        if f"{name}_en" in values:
            found["en"] = values[f"{name}_en"]
        return found or None

    sources = None
    if "sources" in values:
        lines = [line.split(maxsplit=1) for line in values["sources"].splitlines() if line.strip()]
        sources = [(line[0], line[1] if len(line) > 1 else line[0]) for line in lines]
    related = None
    if "related" in values:
        related = [name for name in values["related"].replace(",", " ").split() if name]
    fields = {name: values[name] for name in ("checked_on", "review_by", "confidence") if name in values}
    return Edit(
        entry, values.get("category") or None, said("title"), said("answer"), fields, sources, related, questions
    )
