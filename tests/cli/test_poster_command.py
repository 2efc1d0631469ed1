from pathlib import Path

import pypdfium2
import pytest
import zxingcpp

from tests.cli.conftest import Run

TELEGRAM = "https://t.me/gem_saathi_bot?start=poster"
TOKEN = "7001001:AAE-0123456789_abcdefghijklmnopqrs"  # noqa: S105 - invented


def links(file: Path) -> list[str]:
    picture = pypdfium2.PdfDocument(file.read_bytes())[0].render(scale=3).to_pil()
    return sorted(code.text.partition("?text=")[0] for code in zxingcpp.read_barcodes(picture))


def test_a_poster_is_written_and_what_to_do_with_it_said(run: Run, tmp_path: Path) -> None:
    done = run("poster", "--out", "wall.pdf", "--telegram", "gem_saathi_bot", "--whatsapp", "98765 43210")
    assert (done.returncode, done.stderr) == (0, "")
    assert "wall.pdf" in done.stdout
    assert "2 QR" in done.stdout
    assert links(tmp_path / "wall.pdf") == [TELEGRAM, "https://wa.me/919876543210"]


def test_what_is_left_out_comes_from_the_configuration(run: Run, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(
        "office_name: उद्योग कार्यालय\ntelegram_name: '@gem_saathi_bot'\nwhatsapp_number: '9876543210'\n"
        f"telegram_token: '{TOKEN}'\nweb: yes\npublic_url: https://saathi.example.org\ndatabase: talk.sqlite3\n",
        "utf-8",
    )
    (tmp_path / "config.yaml").chmod(0o600)
    assert run("poster").returncode == 0
    assert links(tmp_path / "poster.pdf") == ["https://saathi.example.org", TELEGRAM, "https://wa.me/919876543210"]
    assert run("poster", "--force", "--telegram", "other_bot", "--whatsapp", "", "--web", "").returncode == 0
    assert links(tmp_path / "poster.pdf") == ["https://t.me/other_bot?start=poster"]


def test_the_address_of_the_program_is_no_web_chat_where_that_is_switched_off(run: Run, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("web: no\npublic_url: https://saathi.example.org\n", "utf-8")
    done = run("poster", "--telegram", "gem_saathi_bot")
    assert done.returncode == 0
    assert links(tmp_path / "poster.pdf") == [TELEGRAM]


def test_an_english_poster_says_so_in_english(run: Run) -> None:
    done = run("poster", "--lang", "en", "--telegram", "gem_saathi_bot")
    assert done.returncode == 0
    assert "Print it on A4" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "कम से कम एक दें"),
        (["--telegram", "bot"], "'bot' बॉट का नाम नहीं"),
        (["--whatsapp", "12345"], "WhatsApp का नंबर '12345'"),
        (["--web", "example.org"], "'example.org' नहीं चलता"),
        (["--telegram", "gem_saathi_bot", "--out", "no/such/folder.pdf"], "लिखी नहीं जा सकी"),
    ],
)
def test_a_mistake_is_one_sentence_and_leaves_no_file(
    run: Run, tmp_path: Path, arguments: list[str], said: str
) -> None:
    done = run("poster", *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.glob("*.pdf")) == []


def test_a_file_that_is_there_is_kept_unless_one_says_so(run: Run, tmp_path: Path) -> None:
    (tmp_path / "poster.pdf").write_bytes(b"mine")
    done = run("poster", "--telegram", "gem_saathi_bot")
    assert done.returncode == 1
    assert "--force" in done.stderr
    assert (tmp_path / "poster.pdf").read_bytes() == b"mine"
    assert run("poster", "--telegram", "gem_saathi_bot", "--force").returncode == 0
    assert links(tmp_path / "poster.pdf") == [TELEGRAM]
