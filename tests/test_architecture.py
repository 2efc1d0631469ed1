import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "bot").rglob("*.py"))
CORE = [file for file in MODULES if file.is_relative_to(ROOT / "bot" / "core")]
# What a core that neither reads, writes, waits nor looks at a clock can do without.
EDGES = {"os", "io", "pathlib", "shutil", "tempfile", "time", "asyncio", "threading", "socket", "subprocess", "logging"}


def name_of(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(file)}:{node.lineno} imports relatively"
            yield node.module or ""


def test_there_are_modules_to_judge() -> None:
    assert {"bot/core/answers/matcher.py", "bot/core/talk/dialogue.py"} <= {name_of(file) for file in CORE}


def test_imports_keep_the_contracts() -> None:
    command = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", command, "--no-cache", "--no-logo"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"Contracts: [1-9]\d* kept, 0 broken\.", done.stdout)


@pytest.mark.parametrize("file", CORE, ids=name_of)
def test_the_core_knows_only_itself_numbers_letters_and_phone_numbers(file: Path) -> None:
    tops = {name.partition(".")[0]: name for name in imported(file)}
    assert set() == tops.keys() - sys.stdlib_module_names - {"numpy", "rapidfuzz", "regex", "phonenumbers", "bot"}
    assert set() == tops.keys() & EDGES
    assert [name for name in imported(file) if name == "bot" or re.match(r"bot\.(?!core\b)", name)] == []


@pytest.mark.parametrize("file", MODULES, ids=name_of)
def test_a_module_is_short_enough_to_read_at_one_sitting(file: Path) -> None:
    assert len(file.read_text("utf-8").splitlines()) <= 400


@pytest.mark.parametrize("file", MODULES, ids=name_of)
def test_nothing_is_left_for_later(file: Path) -> None:
    assert re.findall(r"\b(?:TODO|FIXME|XXX|HACK)\b", file.read_text("utf-8")) == []
