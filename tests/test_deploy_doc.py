"""docs/deploy.md: its commands can be read by a shell, and its names are those of the program."""

import configparser
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.config import SECRETS, Settings, load_settings, unmet

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "deploy.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


COMMANDS = sorted(
    set(re.findall(r"gem-saathi ((?:run|web|db|faq|workshop)(?: [a-z]+)?)\b", "\n".join(blocks("(?:sh|ini)"))))
)


@pytest.mark.parametrize("block", blocks("sh"))
def test_a_shell_can_read_its_commands(block: str) -> None:
    shell = shutil.which("bash")
    assert shell is not None
    done = subprocess.run([shell, "-n"], input=block, text=True, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("command", COMMANDS)
def test_its_commands_are_the_program_s(command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot", *command.split(), "--help"], cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 0


def test_its_settings_are_the_program_s(tmp_path: Path) -> None:
    for number, block in enumerate(blocks("yaml")):
        file = tmp_path / f"{number}.yaml"
        file.write_text(block, "utf-8")
        load_settings(file, {})
    names = {*Settings.model_fields, *SECRETS, *(f"{secret}_file" for secret in SECRETS)}
    assert [name for name in re.findall(r"GEM_SAATHI_([A-Z_]+)", TEXT) if name.lower() not in names] == []


def test_the_first_server_lacks_nothing(tmp_path: Path) -> None:
    first, *_ = blocks("yaml")
    (tmp_path / "config.yaml").write_text(first, "utf-8")
    settings = load_settings(tmp_path / "config.yaml", {"GEM_SAATHI_TELEGRAM_TOKEN": "1:x"})
    assert unmet(settings, ["telegram", "web"]) == []


def test_its_units_are_units_and_name_what_the_program_does() -> None:
    units = []
    for block in blocks("ini"):
        unit = configparser.RawConfigParser(strict=False)
        unit.optionxform = str  # type: ignore[assignment,method-assign]
        unit.read_string(block)
        units.append(unit)
    service, backup, timer = units
    assert int(service["Service"]["TimeoutStopSec"]) > 20
    assert "db backup" in backup["Service"]["ExecStart"]
    assert timer["Install"]["WantedBy"] == "timers.target"


def test_its_paths_are_served() -> None:
    from bot.channels.telegram.settings import WEBHOOK_PATH  # noqa: PLC0415 - a library that takes its time to load
    from bot.channels.whatsapp.webhook import PATH  # noqa: PLC0415

    assert f"https://saathi.example.org{PATH}`" in TEXT
    assert f"public_url + {PATH}\n" in (ROOT / "config.example.yaml").read_text("utf-8")
    # The proxy keeps these for itself, or treats them in a way of their own.
    assert not WEBHOOK_PATH.startswith(("/metrics", "/web/"))


def test_its_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", TEXT):
        assert (ROOT / "docs" / target).exists(), target
