"""``gem-saathi workshop``: batches of the office's workshops, who is in them, and who came."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cli.rosters import Listing, Lists
from bot.cli.shared import Config, Lang, speak
from bot.cli.workshop_form import BatchForm, Given, changed_batch, example_batch, new_batch
from bot.config import Settings
from bot.core.talk.phrases import Phrases
from bot.core.workshops.batch import IST, Batch, BatchStatus
from bot.core.workshops.checks import Bad, check_mobile, said_mobile
from bot.core.workshops.times import say_span, say_when
from bot.errors import InputError
from bot.newfile import new_file
from bot.sheets import printable, write_sheet

if TYPE_CHECKING:
    from bot.cli.batch_store import BatchStore

app = typer.Typer(help="Workshops: add, change and cancel them; who is in them, and who came.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(metavar="ID", help="The number that `workshop list` shows.")]
Mobile = Annotated[str, typer.Argument(metavar="MOBILE", help="Their mobile number.")]
Title = Annotated[str | None, typer.Option("--title", help="What it is about.")]
Starts = Annotated[str | None, typer.Option("--starts", help='Indian time: "14-12-2026 10:30", "14 दिसंबर सुबह 10 बजे".')]
Ends = Annotated[str | None, typer.Option("--ends", help='Like --starts; the time alone is enough: "शाम 4 बजे".')]
Venue = Annotated[str | None, typer.Option("--venue", help="Where, as people know the place.")]
Map = Annotated[str | None, typer.Option("--map", help="Link to a map.")]
Seats = Annotated[str | None, typer.Option("--seats", help="How many people fit.")]
LastDate = Annotated[str | None, typer.Option("--last-date", help="Registration until; default: the start.")]
Topic = Annotated[list[str] | None, typer.Option("--topic", help="What is taught; may be given several times.")]
Trainer = Annotated[str | None, typer.Option("--trainer", help="Who teaches.")]
Bring = Annotated[str | None, typer.Option("--bring", help="What people should bring.")]
Force = Annotated[bool, typer.Option("--force", help="Replace a file that is there already.")]
Json = Annotated[bool, typer.Option("--json", help="For programs: JSON on one line.")]


@app.command()
def add(
    title: Title = None,
    starts: Starts = None,
    ends: Ends = None,
    venue: Venue = None,
    map_url: Map = None,
    seats: Seats = None,
    last_date: LastDate = None,
    topic: Topic = None,
    trainer: Trainer = None,
    bring: Bring = None,
    example: Annotated[bool, typer.Option("--example", help="An example workshop; other options change it.")] = False,
    config: Config = None,
    lang: Lang = None,
) -> None:
    """Add a workshop; on a terminal, what is not given is asked for."""
    settings, phrases, language = speak(config, lang)
    now = datetime.now(UTC)
    given = _given(title, starts, ends, venue, map_url, seats, last_date, topic, trainer, bring)
    if example:
        given = replace(example_batch(phrases, language, now), **given.texts)
    form = BatchForm(phrases, language, now)
    ask = _Asking(form, phrases, language) if sys.stdin.isatty() else None
    batch = _store(settings).add(new_batch(form, given, ask))
    typer.echo(phrases.say("workshop.added", language, id=batch.id))
    _print_card(batch, phrases, language, now)


@app.command("list")
def list_(
    everything: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False,
    as_json: Json = False,
    config: Config = None,
    lang: Lang = None,
) -> None:
    """List the workshops, soonest first."""
    settings, phrases, language = speak(config, lang)
    now = datetime.now(UTC)
    found = _store(settings).batches(now, upcoming=not everything)
    if as_json:
        typer.echo(json.dumps([_for_programs(batch) for batch in found], ensure_ascii=False))
        return
    if not found:
        typer.echo(phrases.say("workshop.none", language))
        return
    names = ("id", "title", "when", "venue", "free", "taken", "waiting", "status")
    table = Table(*(phrases.say(f"workshop.{name}", language) for name in names))
    for batch in found:
        when = say_span(batch.starts, batch.ends, phrases, language)
        numbers = map(str, (batch.free, batch.taken, batch.waiting))
        row = (str(batch.id), batch.title, when, batch.venue, *numbers, _state(batch, phrases, language, now))
        table.add_row(*map(Text, row))
    Console().print(table)


@app.command()
def show(batch_id: Id, config: Config = None, lang: Lang = None) -> None:
    """Show one workshop, with the code to write on the board."""
    settings, phrases, language = speak(config, lang)
    _print_card(_store(settings).find(batch_id), phrases, language, datetime.now(UTC))


@app.command()
def edit(
    batch_id: Id,
    title: Title = None,
    starts: Starts = None,
    ends: Ends = None,
    venue: Venue = None,
    map_url: Map = None,
    seats: Seats = None,
    last_date: LastDate = None,
    topic: Topic = None,
    trainer: Trainer = None,
    bring: Bring = None,
    config: Config = None,
    lang: Lang = None,
) -> None:
    """Change a workshop; only what is given changes, and everyone in it is told."""
    settings, phrases, language = speak(config, lang)
    now = datetime.now(UTC)
    batch = _store(settings).find(batch_id)
    _refuse_unchangeable(batch, phrases, language, now)
    given = _given(title, starts, ends, venue, map_url, seats, last_date, topic, trainer, bring)
    if not given.texts:
        raise InputError("nothing-to-change", id=batch.id)
    wanted = changed_batch(BatchForm(phrases, language, now, batch), given, batch)
    people = _store(settings).change(wanted, phrases, now)
    typer.echo(phrases.say("workshop.changed", language, id=batch.id, people=people))
    _print_card(_store(settings).find(batch_id), phrases, language, now)


@app.command()
def cancel(
    batch_id: Id,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: Config = None,
    lang: Lang = None,
) -> None:
    """Cancel a workshop; everyone in it is told, and offered the next one."""
    settings, phrases, language = speak(config, lang)
    now = datetime.now(UTC)
    batch = _store(settings).find(batch_id)
    _refuse_unchangeable(batch, phrases, language, now)
    if not yes:
        if not sys.stdin.isatty():
            raise InputError("say-yes", id=batch.id)
        when = say_when(batch.starts, phrases, language)
        people = batch.taken + batch.waiting
        question = phrases.say(
            "workshop.really-cancel", language, id=batch.id, title=batch.title, when=when, people=people
        )
        if _answer(question).lower() not in phrases.say("workshop.yes-words", language).split("|"):
            raise InputError("given-up")
    people = _store(settings).change(replace(batch, status=BatchStatus.CANCELLED), phrases, now)
    typer.echo(phrases.say("workshop.cancelled", language, id=batch.id, people=people))


@app.command()
def remove(batch_id: Id, mobile: Mobile, config: Config = None, lang: Lang = None) -> None:
    """Take out a person who asks the office to; they are told, and the seat goes to the next in line."""
    settings, phrases, language = speak(config, lang)
    number = _mobile(mobile)
    _store(settings).remove(batch_id, number, phrases, datetime.now(UTC))
    typer.echo(phrases.say("workshop.removed", language, mobile=said_mobile(number)))


@app.command("roster")
def roster_(
    batch_id: Id,
    out: Annotated[Path | None, typer.Option("--out", help="Write it to this .csv or .xlsx.")] = None,
    everybody: Annotated[bool, typer.Option("--all", help="Also who gave up their place.")] = False,
    force: Force = False,
    config: Config = None,
    lang: Lang = None,
) -> None:
    """Who has a seat and who waits: on the terminal in brief, in a file with all they filled in."""
    settings, phrases, language = speak(config, lang)
    batch, rows, erased = _store(settings).people(batch_id)
    lists = Lists(settings.registration_fields, phrases, language)
    listing = lists.roster(rows, everybody=everybody)
    if out is not None:
        _write(out, listing, phrases, language, overwrite=force)
        return
    _print_listing(batch, listing, phrases, language)
    _print_line(lists.erased(erased))
    if listing.rows:
        typer.echo(phrases.say("workshop.see-all", language, id=batch.id))


@app.command()
def attendance(
    batch_id: Id,
    out: Annotated[Path | None, typer.Option("--out", help="Write it to this .csv or .xlsx.")] = None,
    present: Annotated[
        str | None, typer.Option("--present", metavar="MOBILE", help="This person came; the code did not work.")
    ] = None,
    force: Force = False,
    config: Config = None,
    lang: Lang = None,
) -> None:
    """Who came and who did not, and what they said of it; and the code of the day."""
    settings, phrases, language = speak(config, lang)
    if present is not None:
        number = _mobile(present)
        _store(settings).mark_present(batch_id, number, datetime.now(UTC))
        typer.echo(phrases.say("workshop.marked-present", language, mobile=said_mobile(number)))
        return
    batch, rows, erased = _store(settings).people(batch_id)
    lists = Lists(settings.registration_fields, phrases, language)
    listing = lists.attendance(rows)
    if out is not None:
        _write(out, listing, phrases, language, overwrite=force)
        return
    typer.echo("{}: {}".format(phrases.say("workshop.code", language), batch.code))
    _print_listing(batch, listing, phrases, language)
    came = sum(row.registration.attended is not None for row in rows)
    typer.echo(phrases.say("workshop.present", language, present=len(listing.rows), came=came))
    _print_line(lists.erased(erased))


@app.command()
def calendar(
    batch_id: Id,
    out: Annotated[Path | None, typer.Option("--out", help="Write it to this .ics; default: print it.")] = None,
    force: Force = False,
    config: Config = None,
    lang: Lang = None,
) -> None:
    """Make the calendar file (.ics) of a workshop."""
    from bot.calendar_file import calendar_text  # noqa: PLC0415 - a library that no other command loads

    settings, phrases, language = speak(config, lang)
    content = calendar_text(_store(settings).find(batch_id), phrases, language).encode()
    if out is None:
        typer.echo(content, nl=False)
        return
    with new_file(out, overwrite=force) as place:
        place.write_bytes(content)
    typer.echo(phrases.say("workshop.calendar-written", language, path=out))


def _mobile(typed: str) -> str:
    """The number as it is kept."""
    checked = check_mobile(typed)
    if isinstance(checked, Bad):
        raise InputError("bad-mobile", value=printable(typed))
    return checked.value


class _Asking:
    """Asks for an option until what is typed can be used."""

    def __init__(self, form: BatchForm, phrases: Phrases, language: str) -> None:
        self._form = form
        self._phrases = phrases
        self._language = language

    def __call__(self, name: str) -> None:
        while True:
            typed = self._lines(name) if name == "topic" else self._line(name)
            try:
                self._form.read(name, typed)
            except InputError as error:
                typer.echo(self._phrases.say(f"input.{error.key}", self._language, **error.values), err=True)
            else:
                return

    def _line(self, name: str) -> str:
        key = "workshop.ask-{}".format(name.replace("_", "-"))
        return _answer(self._phrases.say(key, self._language, example=self._form.example(name)))

    def _lines(self, name: str) -> list[str]:
        lines = []
        while line := self._line(name):
            lines.append(line)
        return lines


def _answer(question: str) -> str:
    try:
        return input(question).strip()
    except (EOFError, KeyboardInterrupt):
        typer.echo()
        raise InputError("given-up") from None


def _given(
    title: str | None,
    starts: str | None,
    ends: str | None,
    venue: str | None,
    map_url: str | None,
    seats: str | None,
    last_date: str | None,
    topic: Sequence[str] | None,
    trainer: str | None,
    bring: str | None,
) -> Given:
    topics = None if topic is None else tuple(topic)
    return Given(title, starts, ends, venue, map_url, seats, last_date, topics, trainer, bring)


def _store(settings: Settings) -> "BatchStore":
    from bot.cli.batch_store import BatchStore  # noqa: PLC0415 - see that module

    return BatchStore(settings)


def _refuse_unchangeable(batch: Batch, phrases: Phrases, language: str, now: datetime) -> None:
    if batch.status is BatchStatus.CANCELLED:
        raise InputError("batch-cancelled", id=batch.id)
    if not batch.is_ahead(now):
        raise InputError("batch-begun", id=batch.id, when=say_when(batch.starts, phrases, language))


def _state(batch: Batch, phrases: Phrases, language: str, now: datetime) -> str:
    if batch.status is BatchStatus.CANCELLED:
        key = "is-cancelled"
    elif batch.ends <= now:
        key = "is-over"
    elif batch.starts <= now:
        key = "is-running"
    else:
        key = "is-open" if batch.takes_registrations(now) else "is-closed"
    return phrases.say(f"workshop.{key}", language)


def _print_card(batch: Batch, phrases: Phrases, language: str, now: datetime) -> None:
    seats = phrases.say(
        "workshop.seats-now",
        language,
        seats=batch.seats,
        taken=batch.taken,
        free=batch.free,
        waiting=batch.waiting,
    )
    lines = {
        "id": str(batch.id),
        "title": batch.title,
        "when": say_span(batch.starts, batch.ends, phrases, language),
        "venue": batch.venue,
        "map": batch.map_url,
        "seats": seats,
        "last-date": say_when(batch.last_date, phrases, language),
        "topics": "".join(f"\n  • {topic}" for topic in batch.topics),
        "trainer": batch.trainer,
        "bring": batch.bring,
        "code": batch.code,
        "status": _state(batch, phrases, language, now),
    }
    for name, value in lines.items():
        if value:
            typer.echo(
                "{}:{}{}".format(phrases.say(f"workshop.{name}", language), "" if value[0] == "\n" else " ", value)
            )


def _for_programs(batch: Batch) -> Mapping[str, Any]:
    moments = {name: getattr(batch, name).astimezone(IST).isoformat() for name in ("starts", "ends", "last_date")}
    names = ("id", "title", "venue", "map_url", "seats", "taken", "free", "waiting", "topics", "trainer", "bring")
    return {name: getattr(batch, name) for name in names} | moments | {"code": batch.code, "status": batch.status.value}


def _print_listing(batch: Batch, listing: Listing, phrases: Phrases, language: str) -> None:
    typer.echo(f"{batch.title}, {say_span(batch.starts, batch.ends, phrases, language)}")
    if not listing.rows:
        typer.echo(phrases.say("workshop.nobody", language))
        return
    table = Table(*(listing.header[number] for number in listing.brief))
    for row in listing.rows:
        table.add_row(*(Text(printable(row[number])) for number in listing.brief))
    Console().print(table)


def _print_line(line: str) -> None:
    if line:
        typer.echo(line)


def _write(out: Path, listing: Listing, phrases: Phrases, language: str, *, overwrite: bool) -> None:
    write_sheet(out, listing.header, listing.rows, overwrite=overwrite)
    typer.echo(phrases.say("workshop.written", language, path=out, count=len(listing.rows)))
