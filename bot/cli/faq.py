"""``gem-saathi faq``: ask the answers one question, measure them, check them, calibrate the matcher."""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bot.cli.gaps import add, gaps, outside, start
from bot.cli.publish import diff, history, publish, rollback, stale
from bot.cli.shared import Config, FaqDir, Lang, open_app, progress_line, speak
from bot.cli.spreadsheet import export, import_
from bot.cli.stats import stats
from bot.content.faq import load_faq
from bot.content.faults import fault_lines
from bot.content.labelled import parse_labelled
from bot.core.answers.calibrate import fit
from bot.core.answers.calibration import SHIPPED
from bot.core.answers.collisions import collisions
from bot.core.answers.evaluation import Judged, Labelled, by_script, figures, judge
from bot.core.answers.faq import in_language
from bot.core.answers.matcher import Answer, Matcher, Nothing, learn_faq
from bot.core.answers.render import answer_text
from bot.errors import Fault, InputError

app = typer.Typer(help="The answers: ask, measure, check, see what is missing.", no_args_is_help=True)
app.command()(gaps)
app.command()(add)
app.command()(start)
app.command()(outside)
app.command()(stats)
for _command in (publish, diff, history, rollback, stale):
    app.command()(_command)
app.command("export")(export)
app.command("import")(import_)

Json = Annotated[bool, typer.Option("--json", help="For programs: JSON on one line.")]
_COLUMNS = ("query", "expected", "kind", "best")


@app.command()
def ask(
    words: Annotated[list[str], typer.Argument(metavar="QUESTION")],
    as_json: Json = False,
    faq: FaqDir = None,
    config: Config = None,
    lang: Lang = None,
) -> None:
    """Ask one question and see what the matcher makes of it."""
    opened, language = open_app(config, faq, lang)
    question = " ".join(words)
    matched = opened.matcher.match(question)
    entries = opened.prepared.loaded.faq.by_id
    ranking = [{"id": scored.id, "score": round(scored.score, 4)} for scored in matched.ranking]
    aside = matched.aside if isinstance(matched, Nothing) else None
    said = in_language(aside.say, language) if aside and aside.say else None
    if as_json:
        shown = {
            "question": question,
            "kind": matched.kind,
            "ids": list(matched.ids),
            "ranking": ranking,
            "aside": aside.id if aside else None,
            "text": answer_text(entries[matched.id], opened.phrases, language) if isinstance(matched, Answer) else said,
        }
        typer.echo(json.dumps(shown, ensure_ascii=False))
        return
    best = ranking[0]["score"] if ranking else 0.0
    typer.echo(opened.phrases.say(f"ask.{matched.kind}", language, score=f"{best:.2f}"))
    if isinstance(matched, Answer):
        typer.echo("\n" + answer_text(entries[matched.id], opened.phrases, language))
    elif said:
        typer.echo("\n" + said)
    for scored in matched.ranking:
        typer.echo(f"  {scored.score:.3f}  {scored.id}  {in_language(entries[scored.id].title, language)}")


@app.command("eval")
def evaluate(
    file: Annotated[Path, typer.Argument(help="TSV with the columns query, ids (empty: out of scope), script.")],
    as_json: Json = False,
    faq: FaqDir = None,
    predictions: Annotated[Path | None, typer.Option("--predictions", help="Write what was made of each.")] = None,
    config: Config = None,
    lang: Lang = None,
) -> None:
    """Ask labelled questions and print how many were answered right, offered, refused, wrong."""
    opened, language = open_app(config, faq, lang)
    questions = read_labelled([file])
    judged: list[Judged] = []
    with progress_line(opened.phrases, language, "progress.asking") as progress:
        task = progress.add_task("", total=len(questions))
        for one in judge(questions, opened.matcher.match, time.perf_counter):
            judged.append(one)
            progress.advance(task)
    if predictions is not None:
        _write_predictions(predictions, judged)
    all_figures = figures(judged)
    scripts = by_script(judged)
    if as_json:
        rounded = {script: _rounded(its) for script, its in scripts.items()}
        typer.echo(json.dumps({**_rounded(all_figures), "by_script": rounded}, ensure_ascii=False))
        return
    table = Table("", "all", *(script or "-" for script in scripts))
    for name in all_figures:
        table.add_row(name, *(_shown(name, its[name]) for its in (all_figures, *scripts.values())))
    Console().print(table)


@app.command()
def check(
    folder: Annotated[Path | None, typer.Argument(help="The folder of answers; default: as in config.yaml.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse also what is only warned of.")] = False,
    config: Config = None,
    lang: Lang = None,
) -> None:
    """Check the answers for mistakes, all at once, each with its file and line."""
    settings, phrases, language = speak(config, lang)
    checked = folder or settings.faq_dir
    loaded = load_faq(checked, phrases)
    faults = list(loaded.warnings)
    with progress_line(phrases, language, "progress.checking") as progress:
        task = progress.add_task("", total=None)
        found = collisions(loaded.faq, lambda done, total: progress.update(task, completed=done, total=total))
    for one in found:
        path, _, line = loaded.places[one.entry][one.position].rpartition(":")
        values = {
            "text": one.text,
            "entry": one.entry,
            "other": one.other,
            "other_place": loaded.places[one.other][one.other_position],
        }
        faults.append(Fault("collision", path, int(line), values, warning=True))
    for line in fault_lines(faults, phrases, language):
        typer.echo(line)
    # A collision is for a person to judge: two entries may well share a question, and the matcher then offers both.
    refused = [fault for fault in faults if strict and fault.key != "collision"]
    typer.echo(phrases.say("check.folder", language, folder=checked.resolve()))
    typer.echo(
        phrases.say("check.found", language, errors=len(refused), warnings=len(faults) - len(refused))
        if faults
        else phrases.say(
            "check.good",
            language,
            entries=len(loaded.faq.entries),
            questions=sum(len(entry.questions) for entry in loaded.faq.entries),
            words=sum(map(len, loaded.faq.lexicon.values())),
        )
    )
    if refused:
        raise typer.Exit(1)


@app.command()
def calibrate(
    files: Annotated[list[Path], typer.Argument(help="TSV files as for eval.")],
    faq: FaqDir = None,
    config: Config = None,
) -> None:
    """For developers: fit the matcher's few numbers to labelled questions, and cross-validate them."""
    opened, _ = open_app(config, faq, "en")
    questions = read_labelled(files)
    if not opened.prepared.loaded.faq.asides or len({bool(one.expected) for one in questions}) == 1:
        raise InputError("one-sided")
    bare = replace(opened.prepared.loaded.faq, asides=())
    fitted, expected = fit(questions, opened.matcher.signals, Matcher(bare, learn_faq(bare), SHIPPED).signals)
    typer.echo(repr(fitted))
    for name, value in expected.items():
        typer.echo(f"  {name:16} {value:.3f}")


def read_labelled(files: Sequence[Path]) -> list[Labelled]:
    """
    Labelled questions of TSV files.

    Raises:
        InputError: a file cannot be read, lacks a column or holds no question.
    """
    return [question for file in files for question in _read_labelled(file)]


def _read_labelled(file: Path) -> list[Labelled]:
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError("unreadable", path=file, reason=error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise InputError("not-utf8", path=file) from error
    return list(parse_labelled(text, str(file)).values())


def _write_predictions(file: Path, judged: Sequence[Judged]) -> None:
    def rows() -> Iterator[tuple[str, ...]]:
        yield _COLUMNS
        for one in judged:
            best = ",".join(f"{scored.id}={scored.score:.6f}" for scored in one.match.ranking)
            yield one.labelled.query, ",".join(sorted(one.labelled.expected)), one.kind, best

    try:
        file.write_text("".join("\t".join(row) + "\n" for row in rows()), "utf-8")
    except OSError as error:
        raise InputError("unwritable", path=file, reason=error.strerror or str(error)) from error


def _rounded(its: dict[str, float]) -> dict[str, float]:
    return {name: value if isinstance(value, int) else round(value, 4) for name, value in its.items()}


def _shown(name: str, value: float) -> str:
    if name == "n":
        return str(value)
    return f"{value:.2f} ms" if name.endswith("_ms") else f"{value:.3f}"
