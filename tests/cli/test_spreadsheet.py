"""``gem-saathi faq export`` and ``import``: a clerk changes answers in a spreadsheet."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from bot.config import shipped
from bot.content.faq import load_faq
from bot.content.folder import unpacked
from bot.content.locales import load_phrases
from bot.content.workbook import write_workbook

Run = Callable[..., subprocess.CompletedProcess[str]]
OFFICE = """\
# कार्यालय के जवाब
category: {id: office, title: कार्यालय}
entries:
  # शुल्क बदले, तो यहाँ लिखें
  - id: fees
    title: शुल्क
    answer: |
      शुल्क एक सौ रुपये है।
      नकद नहीं लगता।
    checked_on: 2026-01-10
    questions:
      # सबसे ज़्यादा पूछा जाता है
      - fees kitni hai
      - "फीस: कितनी लगती है"

  - id: phone
    title: {hi: फ़ोन, en: Phone}
    answer: फ़ोन 0000-111 पर पूछें।
    questions: [phone number do, helpdesk ka number]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "faq"
    made.mkdir()
    (made / "office.yaml").write_text(OFFICE, "utf-8")
    return made


def change(file: Path, sheet: str, cell: str, value: object) -> None:
    book: Any = load_workbook(file)
    book[sheet][cell] = value
    book.save(file)


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """What ``faq export`` writes of them."""
    file = tmp_path / "faq.xlsx"
    with unpacked({"office.yaml": OFFICE}) as folder:
        write_workbook(file, load_faq(folder, load_phrases(shipped("locales"))).faq)
    return file


def test_there_and_back_nothing_is_different(run: Run, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(shipped("faq"), tmp_path / "faq"))
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    run("faq", "export", "--xlsx", tmp_path / "x.xlsx", "--faq", folder)
    done = run("faq", "import", tmp_path / "x.xlsx", "--faq", folder)
    assert (done.returncode, done.stdout) == (0, "फ़ाइलों में और शीट में कोई अंतर नहीं है।\n")
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


def test_what_is_changed_there_is_changed_in_the_file_and_all_else_stays(run: Run, folder: Path, sheet: Path) -> None:
    change(sheet, "जवाब", "D2", "शुल्क दो सौ रुपये है।\nनकद नहीं लगता।")
    change(sheet, "सवाल", "A6", "fees")
    change(sheet, "सवाल", "B6", "shulk: kab dena hai")
    tried = run("faq", "import", sheet, "--try", "--faq", folder)
    assert tried.stdout == "1 जवाब बदलेंगे: fees। अभी कुछ नहीं बदला।\n"
    assert (folder / "office.yaml").read_text("utf-8") == OFFICE
    done = run("faq", "import", sheet, "--faq", folder)
    assert (done.returncode, done.stderr) == (0, "")
    expected = OFFICE.replace("एक सौ", "दो सौ").replace(
        '      - "फीस: कितनी लगती है"\n', '      - "फीस: कितनी लगती है"\n      - "shulk: kab dena hai"\n'
    )
    assert (folder / "office.yaml").read_text("utf-8") == expected


def test_a_new_answer_and_one_in_english(run: Run, folder: Path, sheet: Path) -> None:
    for cell, value in {
        "A4": "timing",
        "B4": "office",
        "C4": "समय",
        "D4": "10 से 5 बजे।",
        "K3": "Call 0000-111.",
    }.items():
        change(sheet, "जवाब", cell, value)
    change(sheet, "सवाल", "A6", "timing")
    change(sheet, "सवाल", "B6", "office kab khulta hai")
    done = run("faq", "import", sheet, "--faq", folder)
    assert (done.returncode, done.stderr) == (0, "")
    text = (folder / "office.yaml").read_text("utf-8")
    assert text.endswith(
        "\n  - id: timing\n    title: समय\n    answer: 10 से 5 बजे।\n    questions:\n      - office kab khulta hai\n"
    )
    assert "en: Call 0000-111." in text
    assert run("faq", "check", folder).returncode == 0


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({("जवाब", "D2"): ""}, "faq.xlsx (जवाब):2: गलती: 'fees' में 'जवाब' ख़ाली है"),
        ({("जवाब", "A3"): "fees"}, "faq.xlsx (जवाब):3: गलती: 'fees' पहले से लाइन 2 में है"),
        ({("जवाब", "A2"): ""}, "faq.xlsx (जवाब):2: गलती: यह लाइन अधूरी है"),
        ({("सवाल", "B3"): ""}, "faq.xlsx (सवाल):3: गलती: यह लाइन अधूरी है"),
        ({("सवाल", "B4"): "fees kitni hai"}, "faq.xlsx (सवाल):4: गलती:"),
        ({("जवाब", "A2"): "new-one", ("जवाब", "B2"): "कहीं"}, "इनमें से एक लिखिए: office"),
        ({("जवाब", "G2"): "अगले साल"}, "गलती:"),
        ({("जवाब", "I2"): "nowhere"}, "nowhere"),
        ({("जवाब", "A1"): "नाम"}, "'id' नाम का खाना नहीं है"),
    ],
)
def test_what_is_wrong_is_named_with_its_row_and_nothing_changes(
    run: Run, folder: Path, sheet: Path, cells: dict[tuple[str, str], str], told: str
) -> None:
    for (name, cell), value in cells.items():
        change(sheet, name, cell, value)
    done = run("faq", "import", sheet, "--faq", folder)
    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert (folder / "office.yaml").read_text("utf-8") == OFFICE


def test_a_day_that_the_spreadsheet_made_a_date_of_is_one(run: Run, folder: Path, sheet: Path) -> None:
    from datetime import date  # noqa: PLC0415 - of this test alone

    change(sheet, "जवाब", "G2", date(2027, 3, 31))
    assert run("faq", "import", sheet, "--faq", folder).returncode == 0
    assert "review_by: 2027-03-31\n" in (folder / "office.yaml").read_text("utf-8")


def test_who_is_in_no_row_stays_as_they_are(run: Run, folder: Path, sheet: Path) -> None:
    book: Any = load_workbook(sheet)
    book["जवाब"].delete_rows(3)
    for row in (5, 4):
        book["सवाल"].delete_rows(row)
    book.save(sheet)
    done = run("faq", "import", sheet, "--faq", folder)
    assert done.stdout == "फ़ाइलों में और शीट में कोई अंतर नहीं है।\n"


@pytest.mark.parametrize("content", [b"no spreadsheet", b""])
def test_a_file_that_is_no_spreadsheet_is_told(run: Run, folder: Path, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.xlsx").write_bytes(content)
    done = run("faq", "import", tmp_path / "x.xlsx", "--faq", folder)
    assert (done.returncode, ".xlsx फ़ाइल नहीं है, या ख़राब है" in done.stderr) == (1, True)
    assert "नहीं है" in run("faq", "export", "--xlsx", tmp_path / "x.csv", "--faq", folder).stderr
