"""``gem-saathi faq gaps``, after a talk in which nothing was found."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

Run = Callable[..., subprocess.CompletedProcess[str]]


def test_staff_see_what_was_asked_in_vain_with_numbers_masked(run: Run, small: Path) -> None:
    asked = "qwrtpsdf ghjklzx 9876543210\nqwrtpsdf ghjklzx 9876543210\nvbnmq wrtplk\n"
    run("chat", "--faq", small, stdin=asked.encode())
    rows = json.loads(run("faq", "gaps", "--json").stdout)
    assert [(row["text"], row["count"]) for row in rows] == [("qwrtpsdf ghjklzx [मोबाइल]", 2), ("vbnmq wrtplk", 1)]
    shown = run("faq", "gaps").stdout
    assert "qwrtpsdf ghjklzx [मोबाइल]" in shown
    assert "9876543210" not in shown


def test_where_nothing_was_asked_in_vain_that_is_said(run: Run) -> None:
    done = run("faq", "gaps", "--days", "7")
    assert (done.returncode, done.stdout) == (0, "पिछले 7 दिनों में कोई सवाल ख़ाली नहीं गया।\n")
