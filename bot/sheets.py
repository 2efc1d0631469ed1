"""
Lists that the office opens in a spreadsheet: CSV and XLSX.

Every cell is text, and what people typed stays what they typed: a spreadsheet must neither make a number of a mobile
number nor run a name that begins with "=" as a formula (OWASP, "CSV Injection").
"""

import csv
import string
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bot.errors import InputError
from bot.newfile import new_file

_RUN = "=+-@"
_NARROWEST, _WIDEST = 6, 48  # characters
_LETTERS = string.ascii_uppercase
# As many rows say how wide the columns are.
_MEASURED = 1_000


Append = Callable[[Sequence[str]], None]


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
    with new_sheet(file, header, overwrite=overwrite) as append:
        for row in rows:
            append(row)


@contextmanager
def new_sheet(file: Path, header: Sequence[str], *, overwrite: bool = False) -> Iterator[Append]:
    """
    A list that is written row by row, by what is yielded, and is there at the end; see ``write_sheet``.

    Raises:
        InputError: as ``write_sheet``.
    """
    write = {".csv": _csv, ".xlsx": _xlsx}.get(file.suffix.lower())
    if write is None:
        raise InputError("no-such-sheet", path=file)
    with new_file(file, overwrite=overwrite) as place, write(place) as append:
        append([printable(cell) for cell in header])
        yield lambda row: append([printable(cell) for cell in row])


@contextmanager
def _csv(file: Path) -> Iterator[Append]:
    # Without the mark at its head Excel takes the file for Latin letters.
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        yield lambda row: writer.writerow([f"'{cell}" if _would_run(cell) else cell for cell in row])


@contextmanager
def _xlsx(file: Path) -> Iterator[Append]:
    # Ten megabytes and a tenth of a second that no other command should pay for.
    from openpyxl import Workbook  # noqa: PLC0415

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    # How wide columns are must be said before the first row is written.
    first: list[Sequence[str]] = []
    styled = _cells(sheet)

    def begin() -> None:
        for letter, column in zip(_LETTERS, zip(*first, strict=True), strict=False):
            widest = max(map(_width, column)) + 2
            sheet.column_dimensions[letter].width = min(max(widest, _NARROWEST), _WIDEST)
        for number, row in enumerate(first):
            sheet.append(styled(row, number == 0))

    def append(row: Sequence[str]) -> None:
        if len(first) >= _MEASURED:
            sheet.append(styled(row, False))
            return
        first.append(row)
        if len(first) == _MEASURED:
            begin()

    yield append
    if len(first) < _MEASURED:
        begin()
    book.save(file)


def _cells(sheet: Any) -> Callable[[Sequence[str], bool], list[Any]]:
    """What makes the cells of a row, of texts."""
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415 - as above
    from openpyxl.styles import Alignment, Font  # noqa: PLC0415

    bold, wrapped = Font(bold=True), Alignment(wrap_text=True, vertical="top")

    def styled(row: Sequence[str], is_head: bool) -> list[Any]:  # noqa: FBT001 - see above
        cells = [WriteOnlyCell(sheet, value=cell) for cell in row]
        for cell in cells:
            cell.data_type = "s"  # openpyxl has made formulas and errors of some by itself
            cell.number_format = "@"
            cell.alignment = wrapped
            if is_head:
                cell.font = bold
        return cells

    return styled


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
