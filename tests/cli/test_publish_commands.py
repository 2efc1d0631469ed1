"""``gem-saathi faq publish``, ``diff``, ``history``, ``rollback`` and ``stale``, as a clerk runs them."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def mine(small: Path, tmp_path: Path) -> Path:
    """A folder that may be changed."""
    return Path(shutil.copytree(small, tmp_path / "faq"))


def change(folder: Path, old: str, new: str) -> None:
    (file,) = folder.glob("*.yaml")
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def test_what_is_changed_is_shown_published_and_brought_back(run: Run, mine: Path) -> None:
    first = run("faq", "publish", "--faq", mine, "--why", "पहली बार")
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout == "संस्करण 1 प्रकाशित हुआ: 2 जवाब, 13 तरह के सवाल। लोगों को अब यही जवाब मिलेंगे।\n"
    change(mine, "एक सौ रुपये", "दो सौ रुपये")
    change(mine, "      - fees kab deni hai\n", "      - fees kab deni hai\n      - शुल्क कब भरना है\n")
    shown = run("faq", "diff", "--faq", mine).stdout
    assert "fees-amount" in shown
    assert "बदला: जवाब" in shown
    assert "शुल्क कब भरना है" in shown
    assert "संस्करण 2" in run("faq", "publish", "--faq", mine, "--why", "नया शुल्क").stdout
    assert "कोई अंतर नहीं" in run("faq", "diff", "--faq", mine).stdout
    back = run("faq", "rollback", "1", "--why", "शुल्क वही रहा")
    assert "संस्करण 1 वापस आ गया (अब इसका नंबर 3 है)" in back.stdout
    told = run("faq", "history").stdout
    for words in ("पहली बार", "नया शुल्क", "संस्करण 1 वापस लाया गया; शुल्क वही रहा"):
        assert words in told
    assert "बदला: जवाब" in run("faq", "diff", "--faq", mine).stdout


def test_what_is_refused_names_file_line_and_entry_and_a_reason_overrides_it(run: Run, mine: Path) -> None:
    run("faq", "publish", "--faq", mine)
    change(
        mine, "      - fees wapas milegi kya\n", "      - fees wapas milegi kya\n      - helpdesk phone number batao\n"
    )
    refused = run("faq", "publish", "--faq", mine)
    assert refused.returncode == 1
    assert "यह सवाल पहले से 'फ़ोन' (helpdesk) में है: 'helpdesk phone number batao'" in refused.stdout
    assert ".yaml:14: गलती" in refused.stdout
    assert refused.stderr.startswith("जवाब प्रकाशित नहीं हुए; लोगों को पहले वाले ही मिल रहे हैं।")
    assert "Traceback" not in refused.stderr
    assert "संस्करण 2" in run("faq", "publish", "--faq", mine, "--force", "पता है, ठीक है").stdout
    assert "जाँच के ख़िलाफ़: पता है, ठीक है" in run("faq", "history").stdout


def test_where_nothing_is_different_or_there_that_is_said(run: Run, mine: Path) -> None:
    assert run("faq", "history").stdout == "अभी कुछ प्रकाशित नहीं हुआ है। चलाएँ: gem-saathi faq publish\n"
    assert run("faq", "diff", "--faq", mine).stdout == "अभी कुछ प्रकाशित नहीं हुआ है। चलाएँ: gem-saathi faq publish\n"
    run("faq", "publish", "--faq", mine)
    again = run("faq", "publish", "--faq", mine)
    assert (again.returncode, again.stderr) == (1, "कुछ नहीं बदला: यही जवाब प्रकाशित हैं (संस्करण 1)।\n")
    none = run("faq", "rollback", "7")
    assert (none.returncode, "7 नंबर का कोई संस्करण नहीं है" in none.stderr) == (1, True)


def test_a_file_with_mistakes_is_not_published(run: Run, mine: Path) -> None:
    change(mine, "answer: शुल्क एक सौ रुपये है।", "answr: शुल्क एक सौ रुपये है।")
    done = run("faq", "publish", "--faq", mine)
    assert done.returncode == 1
    assert "faq/" in done.stderr
    assert "answr" in done.stderr


def test_answers_whose_time_is_over_are_listed(run: Run, mine: Path) -> None:
    assert "अभी बाकी है" in run("faq", "stale", "--faq", mine).stdout
    dates = "    checked_on: 2020-01-10\n    review_by: 2020-07-01\n"
    change(mine, "    related: [helpdesk]\n", f"    related: [helpdesk]\n{dates}")
    shown = run("faq", "stale", "--faq", mine).stdout
    assert "fees-amount" in shown
    assert "01-07-2020" in shown
    assert "10 जनवरी 2020" in shown
