"""``gem-saathi faq gaps`` and ``faq add``: what people asked in vain, and one step from there to an answer."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cli.shared import Config, FaqDir, Lang, open_app
from bot.cli.spreadsheet import checked
from bot.config import Settings
from bot.content.editing import Edit, NoGroupError, edited, put_outside
from bot.content.folder import Files, read_files, write_changed
from bot.core.answers.faq import in_language
from bot.core.answers.gaps import Asked, Gap, grouped
from bot.core.workshops.batch import IST
from bot.core.workshops.times import read_moment, say_day
from bot.errors import InputError
from bot.sheets import printable

if TYPE_CHECKING:
    from bot.app import App
    from bot.store.database import Database

# As many wordings of a group are shown.
_WORDINGS = 4
_MIDNIGHT = datetime.min.time()

Since = Annotated[str | None, typer.Option("--since", help='Asked since a day, as "14-12-2026".')]
Gap_ = Annotated[int | None, typer.Option("--gap", help="All wordings of this number of `faq gaps`.")]
Days = Annotated[int, typer.Option("--days", min=1, max=3650, help="Asked within so many days.")]


def gaps(
    days: Days = 30,
    since: Since = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: JSON on one line.")] = False,
    faq: FaqDir = None,
    config: Config = None,
    lang: Lang = None,
) -> None:
    """Questions that found nothing, those alike together, the most frequent first; personal numbers are masked."""
    opened, language = open_app(config, faq, lang)
    phrases = opened.phrases
    found = grouped(_read(opened.settings, _begin(days, since)), opened.matcher.match)
    if as_json:
        rows = [
            {
                "text": gap.asked[0].text,
                "count": gap.count,
                "last": gap.last.isoformat(),
                "wordings": [each.text for each in gap.asked],
                "nearest": list(gap.nearest),
            }
            for gap in found
        ]
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    if not found:
        typer.echo(phrases.say("gaps.none" if since is None else "gaps.none-since", language, days=days))
        return
    entries = opened.prepared.loaded.faq.by_id
    heads = ("number", "question", "count", "last", "nearest")
    table = Table(*(phrases.say(f"gaps.{name}", language) for name in heads))
    for number, gap in enumerate(found, 1):
        near = "\n".join(f"{each}: {in_language(entries[each].title, language)}" for each in gap.nearest)
        day = say_day(gap.last, phrases, language)
        table.add_row(str(number), _wordings(gap), str(gap.count), day, Text(near))
    Console().print(table)
    typer.echo(phrases.say("gaps.what-to-do", language))


def add(
    entry: Annotated[str, typer.Argument(help="The id of the answer, as `faq gaps` shows it.")],
    words: Annotated[list[str] | None, typer.Argument(metavar="QUESTION", help="A new wording of it.")] = None,
    gap: Gap_ = None,
    days: Days = 30,
    since: Since = None,
    faq: FaqDir = None,
    config: Config = None,
    lang: Lang = None,
) -> None:
    """Add wordings to an answer; nobody is answered by them before they are published."""
    opened, language = open_app(config, faq, lang)
    phrases, known = opened.phrases, opened.prepared.loaded.faq.by_id
    if entry not in known:
        raise InputError("no-such-entry", id=printable(entry))
    texts = _texts(opened, words, gap, _begin(days, since))
    _write(opened, faq, lambda files: edited(files, [Edit(entry, more=texts)]))
    title = in_language(known[entry].title, language)
    typer.echo(phrases.say("gaps.added", language, count=len(texts), id=entry, title=title))


def start(
    entry: Annotated[str, typer.Argument(help="An id of your own for it, in small Latin letters: bijli-bill.")],
    words: Annotated[list[str] | None, typer.Argument(metavar="QUESTION", help="A wording of it.")] = None,
    category: Annotated[str, typer.Option("--category", help="Under which heading, as `payment`.")] = "",
    title: Annotated[str, typer.Option("--title", help="What the button says.")] = "",
    answer: Annotated[str, typer.Option("--answer", help="What people are told.")] = "",
    gap: Gap_ = None,
    days: Days = 30,
    since: Since = None,
    faq: FaqDir = None,
    config: Config = None,
    lang: Lang = None,
) -> None:
    """Begin a new answer with wordings, or with all of a group of `faq gaps`; it is not published yet."""
    opened, language = open_app(config, faq, lang)
    known = opened.prepared.loaded.faq
    if entry in known.by_id:
        raise InputError("entry-there", id=printable(entry))
    headings = [each.id for each in known.categories]
    if category not in headings:
        raise InputError("no-category", category=printable(category), known=", ".join(headings))
    if not title.strip() or not answer.strip():
        raise InputError("title-and-answer")
    texts = _texts(opened, words, gap, _begin(days, since))
    made = Edit(entry, category, {"hi": title.strip()}, {"hi": answer.strip()}, questions=texts)
    _write(opened, faq, lambda files: edited(files, [made]))
    typer.echo(opened.phrases.say("gaps.added", language, count=len(texts), id=entry, title=title.strip()))


def outside(
    group: Annotated[str, typer.Argument(help="The id of a group in out-of-scope.yaml.")],
    words: Annotated[list[str] | None, typer.Argument(metavar="QUESTION", help="A question like it.")] = None,
    gap: Gap_ = None,
    days: Days = 30,
    since: Since = None,
    faq: FaqDir = None,
    config: Config = None,
    lang: Lang = None,
) -> None:
    """Say that a question, or all of a group of `faq gaps`, is nothing that this office answers."""
    opened, language = open_app(config, faq, lang)
    texts = _texts(opened, words, gap, _begin(days, since))
    try:
        _write(opened, faq, lambda files: put_outside(files, group, texts))
    except NoGroupError as error:
        raise InputError("no-outside", id=printable(group), known=", ".join(error.known)) from None
    typer.echo(opened.phrases.say("gaps.outside", language, count=len(texts), id=group))


def _write(opened: "App", faq: Path | None, change: Callable[[Files], dict[str, str]]) -> None:
    """Change the files of the answers, where the change has no faults."""
    folder = faq or opened.settings.faq_dir
    files = read_files(folder)
    after = change(files)
    checked(after, opened.phrases)
    write_changed(folder, files, after)


def _texts(opened: "App", words: list[str] | None, gap: int | None, since: datetime) -> list[str]:
    """What is to be added: a question that was typed, and the wordings of a gap."""
    texts = [" ".join(words)] if words else []
    if gap is not None:
        found = grouped(_read(opened.settings, since), opened.matcher.match)
        if not 1 <= gap <= len(found):
            raise InputError("no-such-gap", number=gap, most=len(found))
        texts += [each.text for each in found[gap - 1].asked]
    if not texts:
        raise InputError("nothing-to-add")
    return texts


def _wordings(gap: Gap) -> Text:
    more = [f"… +{len(gap.asked) - _WORDINGS}"] if len(gap.asked) > _WORDINGS else []
    return Text("\n".join([*(each.text for each in gap.asked[:_WORDINGS]), *more]))


def _begin(days: int, since: str | None) -> datetime:
    now = datetime.now(UTC)
    if since is None:
        return now - timedelta(days=days)
    moment = read_moment(since, now, at=_MIDNIGHT)
    if moment is None:
        example = now.astimezone(IST).strftime("%d-%m-%Y")
        raise InputError("bad-moment", option="--since", value=printable(since), example=example)
    return moment


def _read(settings: Settings, since: datetime) -> list[Asked]:
    from bot.cli.on_database import on_database  # noqa: PLC0415 - a library that asking the FAQ need not load
    from bot.store.people import unanswered_questions  # noqa: PLC0415 - likewise

    async def read(database: "Database") -> list[Asked]:
        async with database.read() as connection:
            return [Asked(*row) for row in await unanswered_questions(connection, since)]

    return on_database(settings.database.get_secret_value(), read)
