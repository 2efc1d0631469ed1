"""
Lists that the office opens in a spreadsheet: CSV and XLSX.

Every cell is text, and what people typed stays what they typed: a spreadsheet must neither make a number of a mobile
number nor run a name that begins with "=" as a formula (OWASP, "CSV Injection").
"""

import csv
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

from bot.errors import InputError
from bot.newfile import new_file

_RUN = "=+-@"
_NARROWEST, _WIDEST = 6, 48  # characters


def write_sheet(file: Path, header: Sequence[str], rows: Iterable[Sequence[str]], *, overwrite: bool = False) -> None:
    """
    Write a list, whole or not at all, readable by its owner only.

    Args:
        file: its ending says what it becomes, ``.csv`` or ``.xlsx``.
        header: the names of the columns.
        rows: as many cells each as there are columns.
        overwrite: replace a file that is there already.

    Raises:
        InputError: the ending is another, the file is there already, or it cannot be written.
    """
    write = {".csv": _write_csv, ".xlsx": _write_xlsx}.get(file.suffix.lower())
    if write is None:
        raise InputError("no-such-sheet", path=file)
    cleaned = [[printable(cell) for cell in row] for row in (header, *rows)]
    with new_file(file, overwrite=overwrite) as place:
        write(place, cleaned)


def _write_csv(file: Path, rows: Iterable[Sequence[str]]) -> None:
    # Without the mark at its head Excel takes the file for Latin letters.
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        writer.writerows([f"'{cell}" if _would_run(cell) else cell for cell in row] for row in rows)


def _write_xlsx(file: Path, rows: Sequence[Sequence[str]]) -> None:
    # Ten megabytes and a tenth of a second that no other command should pay for.
    from openpyxl import Workbook  # noqa: PLC0415
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415
    from openpyxl.styles import Alignment, Font  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    for number, column in enumerate(zip(*rows, strict=True), start=1):
        widest = max(map(_width, column)) + 2
        sheet.column_dimensions[get_column_letter(number)].width = min(max(widest, _NARROWEST), _WIDEST)
    bold, wrapped = Font(bold=True), Alignment(wrap_text=True, vertical="top")
    for number, row in enumerate(rows):
        cells = [WriteOnlyCell(sheet, value=cell) for cell in row]
        for cell in cells:
            cell.data_type = "s"  # openpyxl has made formulas and errors of some by itself
            cell.number_format = "@"
            cell.alignment = wrapped
            if number == 0:
                cell.font = bold
        sheet.append(cells)
    book.save(file)


def printable(cell: str) -> str:
    """A text on one line, without what a terminal would obey and what neither XML nor UTF-8 can hold."""
    spaced = "".join(" " if letter.isspace() else letter for letter in cell)
    return "".join(
        letter for letter in spaced if unicodedata.category(letter) not in ("Cc", "Cs") and letter not in "\ufffe\uffff"
    ).strip()


def _would_run(cell: str) -> bool:
    """Whether a spreadsheet would take the cell for a formula, also one that drops spaces or folds wide letters."""
    seen = (letter for letter in cell if not letter.isspace() and unicodedata.category(letter) != "Cf")
    return unicodedata.normalize("NFKC", next(seen, "")) in set(_RUN)


def _width(cell: str) -> int:
    return sum(unicodedata.category(letter) not in ("Mn", "Me", "Cf") for letter in cell)
