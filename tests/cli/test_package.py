import importlib.util
import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from bot.app import App

ROOT = Path(__file__).parents[2]


def done_well(command: list[str | Path], folder: Path, environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    # Where the builder is at hand, it need not be fetched: the build works without a network.
    at_hand = ["--no-build-isolation"] if importlib.util.find_spec("hatchling") else []
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    done_well([*pip, "wheel", "--no-deps", *at_hand, "--wheel-dir", folder, ROOT], folder)
    (built,) = folder.iterdir()
    return built


def test_the_wheel_carries_the_program_the_answers_and_the_words(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        carried = {name: archive.read(name) for name in archive.namelist()}
    modules = {
        file.relative_to(ROOT).as_posix(): file
        for file in (ROOT / "bot").rglob("*")
        if file.is_file() and file.suffix != ".pyc"
    }
    shipped = {
        f"bot/shipped/{folder}/{file.name}": file for folder in ("faq", "locales") for file in ROOT.glob(f"{folder}/*")
    }
    for name, file in (modules | shipped).items():
        assert file.read_bytes() == carried[name], name
    beside = {name for name in carried if ".dist-info/" not in name}
    assert modules.keys() | shipped.keys() == beside


def test_installed_it_answers_from_any_folder(wheel: Path, tmp_path: Path, shipped: App) -> None:
    place, elsewhere = tmp_path / "venv", tmp_path / "elsewhere"
    elsewhere.mkdir()
    venv.create(place, symlinks=True)
    python = place / "bin" / "python"
    pip: list[str | Path] = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python]
    done_well([*pip, "install", "--no-deps", "--no-index", wheel], elsewhere)
    # The dependencies are those that the tests run with.
    site = Path(done_well([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], elsewhere).strip())
    (site / "dependencies.pth").write_text(
        "".join(f"{sysconfig.get_path(kind)}\n" for kind in ("purelib", "platlib")), "utf-8"
    )
    environment = {"PATH": os.environ["PATH"], "GEM_SAATHI_CACHE_DIR": str(tmp_path / "cache"), "LANG": "C.UTF-8"}
    where = done_well([python, "-c", "import bot; print(bot.__file__)"], elsewhere, environment)
    assert Path(where.strip()).is_relative_to(site)
    said = done_well([place / "bin" / "gem-saathi", "faq", "ask", "--json", "helpdesk number"], elsewhere, environment)
    entry = shipped.prepared.loaded.faq.by_id["helpdesk-number"]
    assert (
        json.loads(said)["ids"],
        entry.answer["hi"].strip() in json.loads(said)["text"],
    ) == (["helpdesk-number"], True)
