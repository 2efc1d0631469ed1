"""``gem-saathi faq gaps``, after a talk in which nothing was found."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import yaml

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


def test_those_alike_stand_together_and_go_into_an_answer_in_one_step(run: Run, small: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(small, tmp_path / "faq"))
    asked = "rasid kahan milegi qwrt\nkahan rasid milegi qwrt\nvbnmq wrtplk\n"
    run("chat", "--faq", folder, stdin=asked.encode())
    rows = json.loads(run("faq", "gaps", "--json", "--faq", folder).stdout)
    assert [(row["count"], len(row["wordings"])) for row in rows] == [(2, 2), (1, 1)]
    done = run("faq", "add", "fees-amount", "--gap", "1", "--faq", folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("2 सवाल 'शुल्क कितना है' (fees-amount) में जुड़े।")
    text = (folder / "office.yaml").read_text("utf-8")
    assert "ka phone number do\n      - kahan rasid milegi qwrt\n      - rasid kahan milegi qwrt\n" in text

    assert run("faq", "add", "helpdesk", "naya", "sawal", "--faq", folder).returncode == 0


def test_what_cannot_be_added_is_told(run: Run, small: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(small, tmp_path / "faq"))
    for arguments, told in (
        (("nowhere", "x"), "'nowhere' नाम का कोई जवाब नहीं है"),
        (("helpdesk",), "क्या जोड़ना है"),
        (("helpdesk", "--gap", "3"), "3 नंबर का समूह नहीं है"),
        (("helpdesk", "fees kitni hai"), "पहले से 'fees-amount' में है"),
    ):
        done = run("faq", "add", *arguments, "--faq", folder)
        assert (done.returncode, told in done.stderr) == (1, True)
        assert "Traceback" not in done.stderr


def test_a_group_begins_a_new_answer_in_one_step(run: Run, small: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(small, tmp_path / "faq"))
    run("chat", "--faq", folder, stdin=b"rasid kahan milegi qwrt\nkahan rasid milegi qwrt\n")
    [category] = {row["id"] for row in categories(folder)}
    done = run(
        "faq", "start", "rasid", "--category", category, "--title", "रसीद कहाँ", "--answer", "कार्यालय में।",
        "--gap", "1", "--faq", folder,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    answered = json.loads(run("faq", "ask", "rasid kahan milegi qwrt", "--json", "--faq", folder).stdout)
    assert "rasid" in json.dumps(answered)
    for arguments, told in (
        (("rasid", "x"), "पहले से है"),
        (("naya", "x", "--category", "nowhere"), f"इनमें से एक दें: {category}"),
        (("naya", "x", "--category", category), "--title"),
    ):
        failed = run("faq", "start", *arguments, "--faq", folder)
        assert (failed.returncode, told in failed.stderr) == (1, True)


def test_a_group_is_called_out_of_scope_in_one_step_and_is_no_gap_any_more(
    run: Run, small: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(small, tmp_path / "faq"))
    group = "  - id: cows\n    kind: off-topic\n    say: यह हमारा काम नहीं।\n    examples: [gaay ka daam]\n"
    scope = f"# हमारा काम नहीं\ngroups:\n{group}"
    (folder / "out-of-scope.yaml").write_text(scope, "utf-8")
    run("chat", "--faq", folder, stdin=b"zxcvb qwrtp\nvbnmq wrtplk\n")
    before = [row["text"] for row in json.loads(run("faq", "gaps", "--json", "--faq", folder).stdout)]
    number = str(1 + before.index("zxcvb qwrtp"))
    done = run("faq", "outside", "cows", "--gap", number, "--faq", folder)
    assert (done.returncode, done.stderr) == (0, "")
    text = (folder / "out-of-scope.yaml").read_text("utf-8")
    assert text.startswith("# हमारा काम नहीं\n")
    assert "zxcvb qwrtp" in text
    rows = json.loads(run("faq", "gaps", "--json", "--faq", folder).stdout)
    assert "zxcvb qwrtp" not in [row["text"] for row in rows]
    failed = run("faq", "outside", "dogs", "x", "--faq", folder)
    assert (failed.returncode, "cows" in failed.stderr) == (1, True)


def categories(folder: Path) -> list[dict[str, str]]:
    """The headings of a folder with one file."""
    return [yaml.safe_load(file.read_text("utf-8"))["category"] for file in folder.glob("office.yaml")]


def test_since_a_day(run: Run, small: Path) -> None:
    assert "तब से कोई सवाल" in run("faq", "gaps", "--since", "01-11-2026", "--faq", small).stdout
    assert run("faq", "gaps", "--since", "kal", "--faq", small).returncode == 1
