"""What the documents show is true, and their commands run."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = ["README.md", "CONTRIBUTING.md", "docs/karyalay-guide.md"]
# Minutes long, or asking for a network: run by .ci/run, or by hand as CONTRIBUTING says.
ELSEWHERE = {"bench matching", "faq calibrate"}


def blocks(document: str, language: str) -> list[str]:
    text = (ROOT / document).read_text("utf-8")
    return re.findall(rf"^ *```{language}\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)


def gem_saathi(*arguments: str, stdin: str = "", cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """The program, with an empty database of its own."""
    with tempfile.TemporaryDirectory() as folder:
        return subprocess.run(
            [sys.executable, "-m", "bot", *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            cwd=cwd,
            env=os.environ | {"PYTHONPATH": str(ROOT), "GEM_SAATHI_DATABASE": str(Path(folder) / "docs.sqlite3")},
        )


def test_the_story_in_the_readme_is_what_the_program_plays() -> None:
    (story,) = blocks("README.md", "console")
    (command,) = [line for line in commands() if "--script" in line]
    played = iter(gem_saathi(*shlex.split(command)[1:]).stdout.splitlines())
    # Left out parts are marked; the rest comes line by line, in order.
    assert [line for line in story.splitlines() if line.strip() != "…" and line not in played] == []


def commands() -> list[str]:
    lines = {line.strip() for document in DOCUMENTS for block in blocks(document, "sh") for line in block.splitlines()}
    return sorted(line for line in lines if line.startswith("gem-saathi "))


def test_the_talk_in_the_readme_is_what_the_program_says() -> None:
    (talk,) = blocks("README.md", "text")
    said = "".join(line.removeprefix("आप: ") for line in talk.splitlines(keepends=True) if line.startswith("आप: "))
    assert gem_saathi("chat", stdin=said).stdout == talk


@pytest.mark.parametrize("command", [line for line in commands() if not any(name in line for name in ELSEWHERE)])
def test_a_command_of_the_documents_runs(command: str, tmp_path: Path) -> None:
    for folder in ("faq", "tests", "docs"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    done = gem_saathi(*shlex.split(command)[1:], cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


@pytest.mark.parametrize("command", commands())
def test_a_command_of_the_documents_is_known(command: str) -> None:
    words = [word for word in shlex.split(command)[1:3] if re.fullmatch("[a-z]+", word)]
    assert gem_saathi(*words, "--help").returncode == 0


def test_ci_runs_the_commands_of_the_readme() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    script = (ROOT / ".ci/run").read_text("utf-8")
    for name in ("chat", "test"):
        assert f"<!-- command: {name} -->\n```sh\npython3 -m venv" in text
        assert f"readme_command {name}" in script


def test_a_question_can_be_added_as_the_readme_says(tmp_path: Path) -> None:
    faq = shutil.copytree(ROOT / "faq", tmp_path / "faq")
    (added,) = blocks("README.md", "yaml")
    file = faq / "payment.yaml"
    before, found, after = file.read_text("utf-8").partition("  - id: payment-not-received\n")
    head, questions, tail = after.partition("    questions:\n")
    file.write_text(before + found + head + questions + f"      {added.strip()}\n" + tail, "utf-8")
    question = added.strip().removeprefix("- ")
    done = gem_saathi("faq", "ask", question, "--json", "--faq", str(faq))
    assert '"ids": ["payment-not-received"]' in done.stdout


def test_the_entry_in_the_guide_is_one_that_the_program_takes(tmp_path: Path) -> None:
    (entry,) = blocks("docs/karyalay-guide.md", "yaml")
    text = "entries:\n" + entry.replace("related: [transaction-charges, total-cost]", "related: []")
    (tmp_path / "fees.yaml").write_text(text, "utf-8")
    done = gem_saathi("faq", "check", str(tmp_path), "--lang", "en")
    assert done.returncode == 0
    assert "0 errors" in done.stdout


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_link_within_the_repository_leads_somewhere(document: str) -> None:
    text = (ROOT / document).read_text("utf-8")
    for target in re.findall(r"\]\((?!https?://)([^)#]+)", text):
        assert (ROOT / document).parent.joinpath(target).exists(), target


def test_every_setting_is_explained_in_the_example() -> None:
    from bot.config import Settings  # noqa: PLC0415 - the one test that needs it

    example = (ROOT / "config.example.yaml").read_text("utf-8")
    assert [name for name in Settings.model_fields if f"{name}:" not in example] == []
