"""Where the program is run in a checkout, it is the files of the checkout that answer."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_answers_of_the_folder_one_works_in_are_used_and_named(tmp_path: Path) -> None:
    faq = shutil.copytree(ROOT / "faq", tmp_path / "faq")
    (faq / "broken.yaml").write_text("x: [\n", "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "bot", "faq", "check", "--lang", "en"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 1
    assert done.stderr.startswith("faq/broken.yaml:")


def test_a_folder_that_only_has_the_name_is_not_taken_for_the_answers(tmp_path: Path) -> None:
    (tmp_path / "faq").mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "bot", "faq", "ask", "gem kya hai"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert (done.returncode, done.stderr) == (0, "")
