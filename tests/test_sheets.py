import csv
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from bot.errors import InputError
from bot.sheets import printable, write_sheet

HEADER = ("क्रम", "नाम", "मोबाइल")
ROWS = [("1", "राम किशोर", "98765 43210"), ("2", 'Sita "Devi", Gorakhpur', "91234 56789")]
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "＝1+1", "＋1", "－1", "＠x", "﹦1"]
BEFORE = (" ", "\t", "\r", "\n ", "\u00a0", "\u200b", "\ufeff", "\0")
HIDDEN = [f"{before}{formula}" for formula in ("=1+1", "＝1", "@x") for before in BEFORE]


def csv_rows(file: Path) -> list[list[str]]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream))


def written(file: Path, *rows: tuple[str, ...]) -> Path:
    write_sheet(file, HEADER, rows)
    return file


def test_a_csv_is_what_excel_opens_as_hindi_text(tmp_path: Path) -> None:
    file = written(tmp_path / "roster.csv", *ROWS)
    assert file.read_bytes().startswith('\ufeff"क्रम","नाम","मोबाइल"\r\n"1",'.encode())
    assert csv_rows(file) == [list(HEADER), *map(list, ROWS)]


def test_an_xlsx_has_a_bold_head_that_stays_and_columns_wide_enough(tmp_path: Path) -> None:
    sheet = load_workbook(written(tmp_path / "roster.XLSX", *ROWS)).active
    assert sheet is not None
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [list(HEADER), *map(list, ROWS)]
    assert sheet.freeze_panes == "A2"
    assert [cell.font.bold for row in sheet.iter_rows() for cell in row] == [True] * 3 + [False] * 6
    assert [sheet.column_dimensions[letter].width for letter in "ABC"] == [6, 24, 13]


def test_every_cell_of_an_xlsx_is_text_and_no_formula(tmp_path: Path) -> None:
    rows = [("1", text, "#N/A") for text in (*FORMULAS, *HIDDEN, "919876543210", "true", "2026-12-14", "x" * 300)]
    sheet = load_workbook(written(tmp_path / "roster.xlsx", *rows)).active
    assert sheet is not None
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert {(cell.data_type, cell.number_format) for cell in cells} == {("s", "@")}
    assert [row[1].value for row in sheet.iter_rows(min_row=2)] == [printable(text) for _, text, _ in rows]


@pytest.mark.parametrize("text", [*FORMULAS, *HIDDEN], ids=ascii)
def test_no_cell_of_a_csv_runs_as_a_formula(tmp_path: Path, text: str) -> None:
    (_, row) = csv_rows(written(tmp_path / "roster.csv", (text, "राम", "x")))
    assert row == [f"'{printable(text)}", "राम", "x"]


@pytest.mark.parametrize("text", ["98765 43210", "राम = श्याम", "a-b", "1+1", "UDYAM-UP-31-0012345", "", "क्‍ष", "👩‍🌾"])
def test_what_is_harmless_stays_as_it_was_typed(tmp_path: Path, text: str) -> None:
    assert csv_rows(written(tmp_path / "roster.csv", (text, text, text)))[1] == [text] * 3


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@settings(deadline=None)
@given(
    rows=st.lists(st.tuples(*[st.text(st.characters(categories=None) | st.sampled_from("=\0\x1b\ud800\uffff"))] * 3))
)
def test_whatever_people_typed_can_be_written_and_read_back(
    tmp_path_factory: pytest.TempPathFactory, ending: str, rows: list[tuple[str, str, str]]
) -> None:
    file = written(tmp_path_factory.mktemp("any") / f"roster.{ending}", *rows)
    expected = [[printable(cell) for cell in row] for row in rows]
    if ending == "csv":
        assert [[cell.removeprefix("'") for cell in row] for row in csv_rows(file)[1:]] == [
            [cell.removeprefix("'") for cell in row] for row in expected
        ]
    else:
        sheet = load_workbook(file).active
        assert sheet is not None
        assert [[cell.value or "" for cell in row] for row in sheet.iter_rows(min_row=2)] == expected


@pytest.mark.parametrize("name", ["roster.csv", "roster.xlsx"])
def test_only_the_owner_may_read_the_file_and_nothing_else_is_left(tmp_path: Path, name: str) -> None:
    file = written(tmp_path / name, *ROWS)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_that_is_there_is_replaced_only_when_that_is_wanted(tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    file.write_text("older", "utf-8")
    with pytest.raises(InputError) as caught:
        write_sheet(file, HEADER, ROWS)
    assert (caught.value.key, file.read_text("utf-8")) == ("file-exists", "older")
    write_sheet(file, HEADER, ROWS, overwrite=True)
    assert csv_rows(file)[0] == list(HEADER)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["roster", "roster.xls", "roster.txt", ".csv"])
def test_another_ending_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="no-such-sheet"):
        write_sheet(tmp_path / name, HEADER, ROWS)
    assert list(tmp_path.iterdir()) == []
