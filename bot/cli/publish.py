"""``gem-saathi faq publish``, ``diff``, ``history``, ``rollback``, ``stale``: what people are answered from."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cli.shared import Config, FaqDir, Lang, progress_line, speak, who_types
from bot.config import Settings
from bot.content.faq import load_faq
from bot.content.faults import fault_lines
from bot.content.folder import read_files
from bot.core.answers.faq import in_language
from bot.core.talk.phrases import Phrases
from bot.core.workshops.batch import IST
from bot.core.workshops.times import say_when

if TYPE_CHECKING:
    from bot.publishing import Verdict
    from bot.store.database import Database

T = TypeVar("T")
_SHOWN = 20
_MOST = 20


def publish(
    why: Annotated[str, typer.Option("--why", help="What you changed, for those who read the history.")] = "",
    force: Annotated[str, typer.Option("--force", help="Publish although it is refused; say why.")] = "",
    faq: FaqDir = None,
    config: Config = None,
    lang: Lang = None,
) -> None:
    """Let people be answered from the folder from now on; refused where a question would be answered worse."""
    from bot.publishing import publish as publish_files  # noqa: PLC0415 - a library that asking the FAQ need not load

    settings, phrases, language = speak(config, lang)
    verdict, since = _examined(settings, phrases, language, faq or settings.faq_dir)
    for line in fault_lines([fault for fault in verdict.faults if _matters(fault.key)], phrases, language):
        typer.echo(line)
    now = datetime.now(UTC)
    revision = _run(
        settings,
        lambda database: publish_files(database, verdict, who_types(), now, why=why, forced=force, since=since),
    )
    typer.echo(
        phrases.say("publish.done", language, id=revision.id, entries=revision.entries, questions=revision.questions)
    )


def diff(faq: FaqDir = None, config: Config = None, lang: Lang = None) -> None:
    """What is different between the folder and what people are answered from; and what the gate says to it."""
    settings, phrases, language = speak(config, lang)
    verdict, since = _examined(settings, phrases, language, faq or settings.faq_dir)
    if not since:
        typer.echo(phrases.say("input.nothing-published", language))
        return
    if not verdict.changes:
        typer.echo(phrases.say("publish.no-changes", language, id=since))
        return
    table = Table(*(phrases.say(f"publish.head.{name}", language) for name in ("entry", "change", "more", "fewer")))
    for change in verdict.changes:
        entry = change.after or change.before
        kind = "new" if change.before is None else "gone" if change.after is None else "changed"
        fields = ", ".join(phrases.say(f"publish.field.{name}", language) for name in change.fields)
        said = phrases.say(f"publish.kind.{kind}", language) + (f": {fields}" if fields else "")
        title = "" if entry is None else in_language(entry.title, language)
        table.add_row(Text(f"{change.id}\n{title}"), said, _some(change.more), _some(change.fewer))
    Console().print(table)
    for line in fault_lines([fault for fault in verdict.faults if _matters(fault.key)], phrases, language):
        typer.echo(line)


def history(config: Config = None, lang: Lang = None) -> None:
    """What was published, by whom, when and why; the newest first."""
    from bot.store.revisions import Revision, list_revisions  # noqa: PLC0415 - as above

    settings, phrases, language = speak(config, lang)

    async def read(database: "Database") -> list[Revision]:
        async with database.read() as connection:
            return await list_revisions(connection, _SHOWN)

    found = _run(settings, read)
    if not found:
        typer.echo(phrases.say("input.nothing-published", language))
        return
    names = ("id", "when", "who", "size", "why")
    table = Table(*(phrases.say(f"publish.head.{name}", language) for name in names))
    for each in found:
        why = [each.why]
        if each.of is not None:
            why.insert(0, phrases.say("publish.brought-back", language, id=each.of))
        if each.forced:
            why.insert(0, phrases.say("publish.forced", language, why=each.forced))
        said = Text("; ".join(filter(None, why)))
        when = say_when(each.at, phrases, language)
        table.add_row(str(each.id), when, Text(each.who), f"{each.entries} / {each.questions}", said)
    Console().print(table)


def rollback(
    revision: Annotated[int, typer.Argument(help="The number that `faq history` shows.")],
    why: Annotated[str, typer.Option("--why", help="For those who read the history.")] = "",
    config: Config = None,
    lang: Lang = None,
) -> None:
    """Let people be answered as they were at an earlier revision; the folder stays as it is."""
    from bot.publishing import roll_back  # noqa: PLC0415 - as above

    settings, phrases, language = speak(config, lang)
    now = datetime.now(UTC)
    done = _run(settings, lambda database: roll_back(database, revision, who_types(), now, why))
    typer.echo(phrases.say("publish.rolled-back", language, id=done.id, of=revision))


def stale(faq: FaqDir = None, config: Config = None, lang: Lang = None) -> None:
    """Answers whose facts should have been looked at again by now, the oldest first."""
    settings, phrases, language = speak(config, lang)
    today = datetime.now(IST).date()
    loaded = load_faq(faq or settings.faq_dir, phrases)
    found = [(each.review_by, each) for each in loaded.faq.entries if each.review_by and each.review_by < today]
    if not found:
        typer.echo(phrases.say("publish.none-stale", language))
        return
    table = Table(*(phrases.say(f"publish.head.{name}", language) for name in ("entry", "review-by", "checked-on")))
    for day, entry in sorted(found, key=lambda pair: (pair[0], pair[1].id)):
        checked = in_language(entry.checked_on.said, language) if entry.checked_on else ""
        name = Text(f"{entry.id}\n{in_language(entry.title, language)}")
        table.add_row(name, day.strftime("%d-%m-%Y"), checked)
    Console().print(table)
    typer.echo(phrases.say("publish.stale-what-to-do", language))


def _examined(settings: Settings, phrases: Phrases, language: str, folder: Path) -> tuple["Verdict", int]:
    """What the gate says to a folder, and with which revision it was compared; 0 for none."""
    from bot.publishing import examine, published  # noqa: PLC0415 - as above

    files = read_files(folder)
    now = _run(settings, published)
    with progress_line(phrases, language, "progress.learning") as progress:
        task = progress.add_task("", total=None)
        verdict = examine(
            files,
            None if now is None else now[1],
            phrases,
            settings.cache_dir,
            language,
            lambda done, total: progress.update(task, completed=done, total=total),
        )
    return verdict, 0 if now is None else now[0].id


def _matters(key: str) -> bool:
    """Whether the gate says it; the rest is told by ``faq check``."""
    return key.startswith("gate-")


def _some(texts: Sequence[str]) -> Text:
    more = [f"… +{len(texts) - _MOST}"] if len(texts) > _MOST else []
    return Text("\n".join([*texts[:_MOST], *more]))


def _run(settings: Settings, act: "Callable[[Database], Awaitable[T]]") -> T:
    from bot.cli.on_database import on_database  # noqa: PLC0415 - as above

    return on_database(settings.database.get_secret_value(), act)
