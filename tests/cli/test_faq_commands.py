import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.app import App
from bot.core.answers.evaluation import figures
from bot.core.answers.render import answer_text

Run = Callable[..., subprocess.CompletedProcess[str]]
DEVANAGARI = re.compile(r"[\u0900-\u097f]")
DEV = Path(__file__).parents[1] / "questions" / "dev.tsv"
UNHEARD_OF = "qqq zzz"


def rows_of(predictions: Path) -> list[dict[str, str]]:
    head, *rows = [line.split("\t") for line in predictions.read_text("utf-8").splitlines()]
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_ask_prints_the_answer_with_source_and_date_and_the_ranking(run: Run, shipped: App) -> None:
    entry = shipped.prepared.loaded.faq.by_id["helpdesk-number"]
    done = run("faq", "ask", "हेल्पलाइन नंबर")
    assert (done.returncode, done.stderr) == (0, "")
    first, rest = done.stdout.split("\n", 1)
    assert re.fullmatch(r"जवाब \(\d\.\d\d\)", first)
    answer = answer_text(entry, shipped.phrases, "hi")
    assert rest.startswith(f"\n{answer}\n")
    ranking = [line.split() for line in rest.removeprefix(f"\n{answer}\n").splitlines()]
    assert entry.id == ranking[0][1]
    assert sorted((float(line[0]) for line in ranking), reverse=True) == [float(line[0]) for line in ranking]


@pytest.mark.parametrize(
    ("question", "kind", "ids", "text"),
    [
        ("fees kitni hai", "answer", ["fees-amount"], "शुल्क एक सौ रुपये है।"),
        (UNHEARD_OF, "nothing", [], None),
        ("", "nothing", [], None),
        ("?!", "nothing", [], None),
    ],
)
def test_ask_for_programs_is_one_line_of_json(
    run: Run, small: Path, question: str, kind: str, ids: list[str], text: str | None
) -> None:
    done = run("faq", "ask", "--faq", small, "--json", question)
    assert (done.returncode, done.stderr, done.stdout.count("\n")) == (0, "", 1)
    said = json.loads(done.stdout)
    ranking = said.pop("ranking")
    assert {"question": question, "kind": kind, "ids": ids, "aside": None, "text": text} == said
    assert all({"id", "score"} == set(scored) and 0 <= scored["score"] <= 1 for scored in ranking)
    assert sorted((scored["score"] for scored in ranking), reverse=True) == [scored["score"] for scored in ranking]
    assert bool(re.search(r"\w", question)) == bool(ranking)


def test_ask_for_programs_names_the_aside_and_what_it_says(run: Run, shipped: App) -> None:
    aside = shipped.prepared.loaded.faq.asides[0]
    said = json.loads(run("faq", "ask", "--json", aside.examples[0]).stdout)
    assert ("nothing", aside.id, aside.say["hi"]) == (said["kind"], said["aside"], said["text"])


def test_ask_answers_in_english_where_an_entry_has_english(run: Run, small: Path) -> None:
    done = run("faq", "ask", "--faq", small, "--lang", "en", "helpdesk phone number")
    assert re.match(r"Answer \(\d\.\d\d\)\n\nCall 0000-111\.\n", done.stdout)
    assert "Phone" in done.stdout
    assert "शुल्क एक सौ रुपये है।" in run("faq", "ask", "--faq", small, "--lang", "en", "fees kitni hai").stdout


def test_eval_gives_every_figure_for_all_and_for_each_script(run: Run, tmp_path: Path) -> None:
    questions = DEV.read_text("utf-8").splitlines(keepends=True)[:61]
    file = tmp_path / "questions.tsv"
    file.write_text("".join(questions), "utf-8")
    done = run("faq", "eval", file, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    scripts = said.pop("by_script")
    assert list(figures([])) == list(said)
    assert {line.split("\t")[2] for line in questions[1:]} == set(scripts)
    assert all(list(figures([])) == list(its) for its in scripts.values())
    assert 60 == said["n"] == sum(its["n"] for its in scripts.values())
    shares = figures([]).keys() - {"n", "p50_ms", "p99_ms"}
    assert all(0 <= its[name] <= 1 for its in (said, *scripts.values()) for name in shares)
    assert 0 < said["p50_ms"] <= said["p99_ms"]


def test_eval_counts_what_was_made_of_each_question(run: Run, small: Path, tmp_path: Path) -> None:
    file = tmp_path / "questions.tsv"
    rows = [
        ("query", "ids", "script"),
        ("fees kitni hai", "fees-amount", "roman"),
        ("फीस कितनी लगती है", "helpdesk", "deva"),
        ("fees kab deni hai", "helpdesk,fees-amount", "roman"),
        ("helpdesk number batao", "", "roman"),
        (UNHEARD_OF, "", "roman"),
        (UNHEARD_OF, "helpdesk", "deva"),
    ]
    file.write_text("".join("\t".join(row) + "\n" for row in rows), "utf-8")
    said = json.loads(run("faq", "eval", file, "--faq", small, "--json").stdout)
    assert tuple(said[name] for name in ("n", "answered_right", "answered_wrong", "refused")) == (6, 0.5, 0.25, 0.25)
    assert (said["oos_answered"], said["oos_refused"]) == (0.5, 0.5)
    assert (said["by_script"]["deva"]["n"], said["by_script"]["roman"]["n"]) == (2, 4)
    assert (said["by_script"]["deva"]["answered_wrong"], said["by_script"]["roman"]["answered_right"]) == (0.5, 1.0)


def test_eval_for_people_is_a_table_of_the_same_figures(run: Run, small: Path, tmp_path: Path) -> None:
    file = tmp_path / "questions.tsv"
    file.write_text("query\tids\tscript\nfees kitni hai\tfees-amount\troman\n", "utf-8")
    done = run("faq", "eval", file, "--faq", small)
    assert (done.returncode, done.stderr) == (0, "")
    cells = [re.split(r"\s*[│┃]\s*", line)[1:4] for line in done.stdout.splitlines() if line[0] in "│┃"]
    assert cells[0] == ["", "all", "roman"]
    assert cells[1:3] == [["n", "1", "1"], ["top1", "1.000", "1.000"]]
    assert list(figures([])) == [row[0] for row in cells[1:]]


def test_predictions_tell_of_every_question_what_ranked_best_even_where_it_was_refused(
    run: Run, shipped: App, tmp_path: Path
) -> None:
    labelled = DEV.read_text("utf-8").splitlines()[1:101]
    file, predictions = tmp_path / "questions.tsv", tmp_path / "predictions.tsv"
    asked = [*labelled, f"{aside_example(shipped)}\t\troman", "qwzx gem\t\troman"]
    file.write_text("query\tids\tscript\n" + "".join(f"{row}\n" for row in asked), "utf-8")
    assert run("faq", "eval", file, "--predictions", predictions, "--json").returncode == 0
    assert predictions.read_text("utf-8").split("\n")[0] == "query\texpected\tkind\tbest"
    rows = rows_of(predictions)
    assert [row.split("\t")[0] for row in asked] == [row["query"] for row in rows]
    assert [set(row.split("\t")[1].split(",")) for row in asked] == [set(row["expected"].split(",")) for row in rows]
    assert {"answer", "choices", "nothing"} == {row["kind"] for row in rows}
    for row in rows:
        best = [scored.split("=") for scored in row["best"].split(",")]
        scores = [float(score) for _, score in best]
        assert 1 <= len(best) <= 5
        assert {name for name, _ in best} <= set(shipped.prepared.loaded.faq.by_id)
        assert len(best) == len({name for name, _ in best})
        assert sorted(scores, reverse=True) == scores
        assert 0 <= scores[-1] <= scores[0] <= 1


def aside_example(shipped: App) -> str:
    return shipped.prepared.loaded.faq.asides[0].examples[0]


def test_predictions_hold_the_ids_of_whatever_faq_was_given(run: Run, small: Path, tmp_path: Path) -> None:
    file, predictions = tmp_path / "questions.tsv", tmp_path / "predictions.tsv"
    file.write_text(f"query\tids\nfees kitni hai\tfees-amount\n{UNHEARD_OF}\t\n", "utf-8")
    assert run("faq", "eval", file, "--faq", small, "--predictions", predictions).returncode == 0
    answered, refused = rows_of(predictions)
    assert (answered["expected"], answered["kind"]) == ("fees-amount", "answer")
    assert (refused["expected"], refused["kind"]) == ("", "nothing")
    for row in (answered, refused):
        assert {"fees-amount", "helpdesk"} == {scored.split("=")[0] for scored in row["best"].split(",")}


@pytest.mark.parametrize(
    "text",
    [
        "query\tids\tscript\r\nfees kitni hai\tfees-amount\troman\r\nhelpdesk number batao\thelpdesk\troman\r\n",
        "\ufeffquery\tids\nfees kitni hai\tfees-amount\n\nhelpdesk number batao\thelpdesk",
        "ids\tstyle\tquery\nfees-amount\tclean\tfees kitni hai\nhelpdesk\tnoisy\thelpdesk number batao\n",
    ],
    ids=["CRLF", "byte order mark, no script, an empty line, no last line feed", "other order, one more column"],
)
def test_tables_are_read_as_spreadsheets_save_them(run: Run, small: Path, tmp_path: Path, text: str) -> None:
    file = tmp_path / "questions.tsv"
    file.write_bytes(text.encode())
    done = run("faq", "eval", file, "--faq", small, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    assert (said["n"], said["answered_right"], said["top1"]) == (2, 1.0, 1.0)
    assert ["roman" if "script" in text.split("\n", maxsplit=1)[0] else ""] == list(said["by_script"])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"question\tanswer\na\tb\n", "{}: पहली लाइन में 'query' नाम का खाना नहीं है। "),
        (b"query,ids\na,b\n", "{}: पहली लाइन में 'query' नाम का खाना नहीं है। "),
        (b"query\tscript\na\tb\n", "{}: पहली लाइन में 'ids' नाम का खाना नहीं है। "),
        (b"", "{}: पहली लाइन में 'query' नाम का खाना नहीं है। "),
        (b"query\tids\n\n", "{}: इसमें कोई सवाल नहीं है।"),
        (b"query\tids\n\xff\xfe\t\n", "फ़ाइल {} UTF-8 में नहीं है। "),
        (None, "फ़ाइल {} पढ़ी नहीं जा सकी (No such file or directory)। "),
    ],
    ids=["wrong columns", "commas", "no ids", "empty", "no rows", "not UTF-8", "missing"],
)
def test_a_table_that_cannot_be_used_is_told_in_one_sentence(
    run: Run, small: Path, tmp_path: Path, content: bytes | None, sentence: str
) -> None:
    file = tmp_path / "questions.tsv"
    if content is not None:
        file.write_bytes(content)
    done = run("faq", "eval", file, "--faq", small)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(sentence.format(file))
    assert done.stderr.count("\n") == 1


def test_predictions_that_cannot_be_written_are_told_in_one_sentence(run: Run, small: Path, tmp_path: Path) -> None:
    file = tmp_path / "questions.tsv"
    file.write_text("query\tids\nfees kitni hai\tfees-amount\n", "utf-8")
    done = run("faq", "eval", file, "--faq", small, "--predictions", tmp_path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith(f"फ़ाइल {tmp_path} लिखी नहीं जा सकी (Is a directory)। ")


FAULTY = """\
- id: Bad Id
  title: एक
  answer: जवाब
  questions: [सवाल]
- id: two
  title: दो
  questions:
    - fees
  related: [three]
"""


@pytest.mark.parametrize(
    ("lang", "faults"),
    [
        (
            [],
            [
                "faq/a.yaml:1: गलती: 'id' में सिर्फ़ अंग्रेज़ी अक्षर, अंक, '-', '_' और '.' चलते हैं, जैसे emd-refund।",
                "faq/a.yaml:5: गलती: 'answer' नहीं लिखा है। इसे जोड़ें।",
                "faq/b.yaml:2: गलती: लाइन के शुरू में Tab दबाया गया है। Tab की जगह स्पेस (खाली जगह) लगाएँ।",
            ],
        ),
        (
            ["--lang", "en"],
            [
                (
                    "faq/a.yaml:1: error: 'id' may hold only Latin letters, digits, '-', '_' and '.', "
                    "for example emd-refund."
                ),
                "faq/a.yaml:5: error: 'answer' is missing. Add it.",
                "faq/b.yaml:2: error: The line begins with a tab. Use spaces instead.",
            ],
        ),
    ],
    ids=["Hindi", "English"],
)
def test_check_tells_all_faults_of_all_files_at_once_by_file_and_line(
    run: Run, tmp_path: Path, lang: list[str], faults: list[str]
) -> None:
    folder = tmp_path / "faq"
    folder.mkdir()
    (folder / "a.yaml").write_text(FAULTY, "utf-8")
    (folder / "b.yaml").write_text("entries:\n\t- id: x\n", "utf-8")
    done = run("faq", "check", folder, *lang)
    assert (done.returncode, done.stdout) == (1, "")
    assert faults == done.stderr.splitlines()
    assert done.stderr == run("faq", "ask", "--faq", folder, "fees", *lang).stderr


@pytest.mark.parametrize(("strict", "code", "errors"), [([], 0, 0), (["--strict"], 1, 11)], ids=["", "strict"])
def test_check_warns_of_what_publishing_needs_and_refuses_it_only_when_strict(
    run: Run, small: Path, strict: list[str], code: int, errors: int
) -> None:
    done = run("faq", "check", small, "--lang", "en", *strict)
    assert (code, "") == (done.returncode, done.stderr)
    *warnings, folder, last = done.stdout.splitlines()
    assert warnings
    assert folder == f"Folder checked: {small.resolve()}"
    assert all(re.match(r"faq/office\.yaml:\d+: warning: ", line) for line in warnings)
    assert "faq/office.yaml:3: warning: 'fees-amount' has no 'sources'. Add it before publishing." in warnings
    assert f"{errors} errors and {len(warnings) - errors} warnings found." == last


def test_check_names_both_places_of_a_collision(run: Run, small: Path) -> None:
    done = run("faq", "check", small)
    (line,) = [line for line in done.stdout.splitlines() if "helpdesk ka phone number do" in line]
    place, word, sentence = line.split(": ", 2)
    assert (place, word) == ("faq/office.yaml:14", "चेतावनी")
    named = re.search(r"'helpdesk' \(faq/office\.yaml:(\d+)\)", sentence)
    assert named is not None
    assert "helpdesk ka" in (small / "office.yaml").read_text("utf-8").splitlines()[int(named[1]) - 1]


FEES = [
    "fees kitni hai",
    "fees kab deni hai",
    "फीस कितनी लगती है",
    "fees kaise jama kare",
    "fees ka paisa kitna",
    "fees wapas milegi kya",
    "fees ki rasid",
    "fees kahan bhare",
    "fees online",
    "fees maaf hogi",
    "fees zyada hai",
    "fees ka form",
]
HELPDESK = [
    "helpdesk phone number",
    "helpdesk ka phone number kya hai",
    "helpdesk ka number do",
    "helpdesk number batao",
    "phone number helpdesk ka chahiye",
    "हेल्पडेस्क नंबर",
    "helpdesk kab khulta hai",
    "helpdesk se baat",
    "helpdesk ka samay",
    "helpdesk hindi me",
    "helpdesk ka email",
    "helpdesk kaun hai",
]


def publishable(fees: list[str], helpdesk: list[str]) -> str:
    def entry(number: int, questions: list[str]) -> str:
        return f"""\
  - id: entry-{number}
    title: नाम {number}
    answer: जवाब {number}
    sources:
      - {{url: "https://gem.gov.in", title: GeM}}
    checked_on: 2026-07
    review_by: 2027-11-30
    confidence: high
    related: [entry-{3 - number}]
    questions:
{"".join(f"      - {question}" + chr(10) for question in questions)}"""

    return f"category: {{id: good, title: अच्छा}}\nentries:\n{entry(1, fees)}{entry(2, helpdesk)}"


def test_check_says_how_much_there_is_where_nothing_is_wrong(run: Run, tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(publishable(FEES, HELPDESK), "utf-8")
    (tmp_path / "lexicon.yaml").write_text("groups:\n  fee: [fees, शुल्क, फीस]\n", "utf-8")
    done = run("faq", "check", tmp_path, "--strict")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"जाँचा गया फ़ोल्डर: {tmp_path.resolve()}\nसब ठीक है: 2 जवाब, 24 सवाल, 3 शब्द शब्दकोश में।\n"


def test_strict_leaves_collisions_to_people(run: Run, tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(publishable([*FEES, "phone number helpdesk ka"], HELPDESK), "utf-8")
    done = run("faq", "check", tmp_path, "--strict", "--lang", "en")
    assert (done.returncode, done.stderr) == (0, "")
    collision, _, last = done.stdout.splitlines()
    assert collision.startswith(f"{tmp_path.name}/good.yaml:25: warning: ")
    assert last == "0 errors and 1 warnings found."


@pytest.mark.parametrize("lang", [[], ["--lang", "en"]], ids=["Hindi", "English"])
def test_a_folder_that_is_not_there_is_told_in_one_sentence(run: Run, tmp_path: Path, lang: list[str]) -> None:
    folder = tmp_path / "nowhere"
    done = run("faq", "check", folder, *lang)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith(f"{folder}: {'error' if lang else 'गलती'}: ")


@pytest.mark.parametrize(
    ("config", "places"),
    [
        ('office_name: "जिला\n', ["config.yaml:1"]),
        ("langage: hi\nlanguage: fr\n", ["config.yaml:1", "config.yaml:2"]),
        ("language: hi\nlanguage: en\n", ["config.yaml:2"]),
    ],
)
def test_a_broken_config_yaml_is_told_by_line_and_nothing_else_happens(
    run: Run, small: Path, tmp_path: Path, config: str, places: list[str]
) -> None:
    (tmp_path / "config.yaml").write_text(config, "utf-8")
    done = run("faq", "ask", "--faq", small, "x")
    assert (done.returncode, done.stdout) == (1, "")
    lines = done.stderr.splitlines()
    assert places == [line.split(": ")[0] for line in lines]
    assert all(": गलती: " in line and DEVANAGARI.search(line.split(": गलती: ")[1]) for line in lines)


def test_a_config_yaml_in_the_folder_is_used(run: Run, small: Path, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(f"language: en\nfaq_dir: {small}\n", "utf-8")
    assert "Call 0000-111." in run("faq", "ask", "helpdesk phone number").stdout
    assert "फ़ोन 0000-111" in run("faq", "ask", "helpdesk phone number", "--lang", "hi").stdout


def test_something_unforeseen_ends_in_one_sentence_and_in_a_traceback_only_for_makers(
    run: Run, small: Path, tmp_path: Path
) -> None:
    (tmp_path / "hi.yaml").write_text("nothing: that the program says\n", "utf-8")
    told = run("faq", "ask", "--faq", small, "x", GEM_SAATHI_LOCALES_DIR=str(tmp_path))
    assert (told.returncode, told.stdout, told.stderr.count("\n")) == (70, "", 1)
    assert told.stderr.startswith("कुछ ऐसा हुआ जो सोचा नहीं गया था: KeyError: ")
    shown = run("faq", "ask", "--faq", small, "x", GEM_SAATHI_LOCALES_DIR=str(tmp_path), GEM_SAATHI_DEBUG="1")
    assert "Traceback (most recent call last)" in shown.stderr


@pytest.mark.parametrize(
    "arguments", [["ask", "fees"], ["ask", "--json", "fees"], ["eval", "questions.tsv"], ["check"]], ids=" ".join
)
def test_a_reader_that_is_gone_leaves_no_traceback(
    environment: dict[str, str], small: Path, tmp_path: Path, arguments: list[str]
) -> None:
    (tmp_path / "questions.tsv").write_text("query\tids\nfees kitni hai\tfees-amount\n", "utf-8")
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "bot", "faq", *arguments],
            stdout=writer,
            stderr=subprocess.PIPE,
            check=False,
            cwd=tmp_path,
            env=environment | {"GEM_SAATHI_FAQ_DIR": str(small)},
        )
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr.decode()) == (1, "")


@pytest.mark.parametrize("command", [["ask", "x"], ["check"]], ids=" ".join)
def test_an_unknown_language_is_told_with_those_there_are(run: Run, command: list[str]) -> None:
    done = run("faq", *command, "--lang", "xx")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "भाषा 'xx' नहीं मिली। इनमें से एक लिखें: hi, en।\n"


def test_a_damaged_cache_costs_time_only(run: Run, small: Path, tmp_path: Path) -> None:
    cache = {"GEM_SAATHI_CACHE_DIR": str(tmp_path / "cache")}
    first = run("faq", "ask", "--faq", small, "fees kitni hai", **cache)
    (kept,) = (tmp_path / "cache").glob("*.npz")
    kept.write_bytes(kept.read_bytes()[: kept.stat().st_size // 2])
    again = run("faq", "ask", "--faq", small, "fees kitni hai", **cache)
    assert (again.returncode, again.stdout) == (0, first.stdout)


def test_a_row_too_short_for_its_question_is_no_unforeseen_error(run: Run, small: Path, tmp_path: Path) -> None:
    file = tmp_path / "questions.tsv"
    file.write_text("ids\tquery\nhelpdesk\thelpdesk number batao\nhelpdesk\n", "utf-8")
    done = run("faq", "eval", file, "--faq", small, "--json")
    assert done.returncode in (0, 1)
    assert "KeyError" not in done.stderr


def test_a_carriage_return_inside_a_question_is_part_of_it(run: Run, small: Path, tmp_path: Path) -> None:
    file = tmp_path / "questions.tsv"
    file.write_bytes(b"query\tids\nhelpdesk\rnumber batao\thelpdesk\n")
    assert json.loads(run("faq", "eval", file, "--faq", small, "--json").stdout)["n"] == 1
