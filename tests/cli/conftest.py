"""Runs the program as people do: a process of its own, in a folder of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.app import App

ROOT = Path(__file__).parents[2]
Run = Callable[..., subprocess.CompletedProcess[str]]
SMALL = """\
category: {id: office, title: कार्यालय}
entries:
  - id: fees-amount
    title: शुल्क कितना है
    answer: शुल्क एक सौ रुपये है।
    related: [helpdesk]
    questions:
      - fees kitni hai
      - fees kab deni hai
      - फीस कितनी लगती है
      - fees kaise jama kare
      - fees ka paisa kitna
      - fees wapas milegi kya
      - helpdesk ka phone number do
  - id: helpdesk
    title: {hi: फ़ोन, en: Phone}
    answer: {hi: "फ़ोन 0000-111 पर पूछें।", en: "Call 0000-111."}
    questions:
      - helpdesk phone number
      - helpdesk ka phone number kya hai
      - helpdesk ka number do
      - helpdesk number batao
      - phone number helpdesk ka chahiye
      - हेल्पडेस्क नंबर
"""


@pytest.fixture(scope="session")
def environment(shipped: App) -> dict[str, str]:
    """What the program sees of the machine; nothing of the settings of whoever runs the tests."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {
        "PYTHONPATH": str(ROOT),
        "GEM_SAATHI_CACHE_DIR": str(shipped.settings.cache_dir),
        "LANG": "C.UTF-8",
        "COLUMNS": "200",
    }


@pytest.fixture
def run(environment: dict[str, str], tmp_path: Path) -> Run:
    """
    ``run("faq", "ask", ...)`` is ``python -m bot faq ask ...``, to its end; what it prints must be UTF-8.

    All of a test share a database of their own, unless they name another or write a config.yaml.
    """
    database = {"GEM_SAATHI_DATABASE": str(tmp_path / "talk.sqlite3")}

    def run(*arguments: str | Path, stdin: bytes = b"", **variables: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "bot", *map(str, arguments)],
            input=stdin,
            capture_output=True,
            check=False,
            cwd=tmp_path,
            env=environment | ({} if (tmp_path / "config.yaml").is_file() else database) | variables,
            timeout=300,
        )
        return subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
        )

    return run


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An FAQ of two entries and no lexicon, quick to learn; one question stands in the wrong entry (line 14)."""
    folder = tmp_path_factory.mktemp("small") / "faq"
    folder.mkdir()
    (folder / "office.yaml").write_text(SMALL, "utf-8")
    return folder
