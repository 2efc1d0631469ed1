"""``gem-saathi faq stats``, after talks in the terminal."""

import subprocess
from collections.abc import Callable
from pathlib import Path

from PIL import Image

Run = Callable[..., subprocess.CompletedProcess[str]]


def test_what_was_asked_is_counted_day_by_day_without_texts(run: Run, small: Path, tmp_path: Path) -> None:
    assert "किसी ने कुछ नहीं पूछा" in run("faq", "stats", "--faq", small).stdout
    talk = "fees kitni hai\n:useful\nqwrtpsdf ghjklzx\nhelpdesk phone number\nfees kab deni hai\n"
    run("chat", "--faq", small, stdin=talk.encode())
    done = run("faq", "stats", "--faq", small, "--png", tmp_path / "pictures")
    assert (done.returncode, done.stderr) == (0, "")
    (day,) = [line for line in done.stdout.splitlines() if "कुल" in line]
    assert [cell.strip() for cell in day.split("│")[2:6]] == ["5", "3", "0", "2"]
    assert "शुल्क कितना है (fees-amount)" in done.stdout
    assert "qwrtpsdf" not in done.stdout
    for name in ("questions-by-day.png", "most-asked.png"):
        with Image.open(tmp_path / "pictures" / name) as picture:
            assert picture.size[0] == 1200
