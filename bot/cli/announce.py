"""``gem-saathi announce``: the office tells many people something, once each."""

import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from bot.cli.shared import Config, Lang, speak, who_types
from bot.core.announcements.announcement import OVER, Announcement, Stage
from bot.core.announcements.audience import parse, say
from bot.core.announcements.media import MAX_FILE, file_name, media_type_of
from bot.core.announcements.preflight import card, grouped
from bot.core.talk.phrases import Phrases
from bot.core.workshops.batch import IST
from bot.core.workshops.times import read_moment, say_when
from bot.errors import InputError
from bot.sheets import printable

if TYPE_CHECKING:
    from bot.announcing import Status
    from bot.cli.announce_store import AnnounceStore
    from bot.store.ledger import Line
    from bot.store.outgoing import Fate

app = typer.Typer(help="Announcements: tell many people something, once each.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(metavar="ID", help="The number that `announce list` shows.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
_EXAMPLE = "14-12-2026 10:30"
_WATCH_EVERY = 0.5
_LONGEST = 1_000_000
_BEGINNING = 50
# What Telegram says of who blocked the bot or is not there any more.
_GONE = "Forbidden"
# Column -> the fates that count there.
_SHOWN = {
    "held": ("held", "due", "claimed"),
    "sent": ("sent",),
    "failed": ("failed",),
    "skipped": ("skipped",),
    "unknown": ("unknown",),
}


@app.command()
def new(
    text: Annotated[
        str, typer.Option("--text", metavar="FILE|-", help="A file with the text, or - for what is typed.")
    ],
    workshop: Annotated[
        str | None, typer.Option("--workshop", metavar="ID", help="Which workshop it is about.")
    ] = None,
    to: Annotated[str, typer.Option("--to", metavar="SEGMENT", help='As "registered:3", "all -attended".')] = "all",
    at: Annotated[str | None, typer.Option("--at", help=f'When it begins, in Indian time: "{_EXAMPLE}".')] = None,
    expires: Annotated[str | None, typer.Option("--expires", help="From then on nobody gets it.")] = None,
    file: Annotated[
        Path | None, typer.Option("--file", help="A photo (JPG, PNG) or a PDF that goes along; up to 5 MB.")
    ] = None,
    over: Annotated[int, typer.Option("--over", metavar="HOURS", min=0, max=72, help="Spread it over so long.")] = 0,
    uncapped: Annotated[bool, typer.Option("--uncapped", help="Also to those who had their share this week.")] = False,
    config: Config = None,
    lang: Lang = None,
) -> None:
    """Make an announcement; nothing is sent yet."""
    from bot.announcing import Draft  # noqa: PLC0415 - as in ``announce_store``

    _, phrases, language = speak(config, lang)
    now = datetime.now(UTC)
    store = _store(config, lang)
    batch = None if workshop is None else _number(workshop)
    wanted, end = _moment("--at", at, now), _moment("--expires", expires, now)
    along = None if file is None else _file(file)
    made = store.make(Draft(_read(text), to, batch, wanted, end, over, uncapped, file=along), now)
    typer.echo(card(store.look_over(made.id, phrases, language, now), language, phrases))
    typer.echo("\n" + phrases.say("announce.made", language, id=made.id))


@app.command("list")
def list_(config: Config = None, lang: Lang = None) -> None:
    """All announcements, the newest last."""
    _, phrases, language = speak(config, lang)
    found = _store(config, lang).all()
    if not found:
        typer.echo(phrases.say("announce.none", language))
        return
    table = Table(*(phrases.say(f"announce.head.{name}", language) for name in ("id", "text", "to", "begins", "stage")))
    for each in found:
        begins = each.begins or each.wanted
        when = say_when(begins, phrases, language) if begins else ""
        stage = phrases.say(f"announce.stage.{each.stage}", language)
        beginning = printable(each.text[:_BEGINNING])
        table.add_row(*map(Text, (str(each.id), beginning, _to(each, phrases, language), when, stage)))
    Console().print(table)


@app.command()
def preview(announcement: Id, config: Config = None, lang: Lang = None) -> None:
    """To how many people, by which way, until when, at what cost, and what some of them would read."""
    _, phrases, language = speak(config, lang)
    now = datetime.now(UTC)
    typer.echo(card(_store(config, lang).look_over(_number(announcement), phrases, language, now), language, phrases))


@app.command()
def send(announcement: Id, yes: Yes = False, config: Config = None, lang: Lang = None) -> None:
    """Send it; it begins in a minute, or when it was wanted, and can be cancelled until then."""
    _, phrases, language = speak(config, lang)
    now, number = datetime.now(UTC), _number(announcement)
    store = _store(config, lang)
    seen = store.look_over(number, phrases, language, now)
    typer.echo(card(seen, language, phrases))
    if seen.forbidden:
        raise InputError("announce-forbidden", id=number)
    if not yes:
        if not sys.stdin.isatty():
            raise InputError("announce-say-yes", id=number)
        _ask(phrases.say("announce.really", language, count=seen.total), str(seen.total))
    sent = store.send(number, datetime.now(UTC))
    begins = say_when(sent.begins or now, phrases, language)
    typer.echo(phrases.say("announce.sent", language, id=number, when=begins))


@app.command()
def pause(announcement: Id, config: Config = None, lang: Lang = None) -> None:
    """Let nothing more of it out."""
    _done(_store(config, lang).pause(_number(announcement), datetime.now(UTC)), config, lang)


@app.command()
def resume(announcement: Id, config: Config = None, lang: Lang = None) -> None:
    """Go on where it was paused."""
    _done(_store(config, lang).resume(_number(announcement), datetime.now(UTC)), config, lang)


@app.command()
def cancel(announcement: Id, config: Config = None, lang: Lang = None) -> None:
    """End it; who has not got it gets nothing."""
    _done(_store(config, lang).cancel(_number(announcement), datetime.now(UTC)), config, lang)


@app.command()
def status(
    announcement: Id,
    watch: Annotated[bool, typer.Option("--watch", help="Until it is over.")] = False,
    config: Config = None,
    lang: Lang = None,
) -> None:
    """How far it is: how many got it, how many not and why, and when it will be through."""
    _, phrases, language = speak(config, lang)
    console, store, number = Console(), _store(config, lang), _number(announcement)
    view = _View(phrases, language)
    if not watch:
        console.print(view.of(store.status(number)))
        return
    with Live(console=console, refresh_per_second=4) as live:
        while True:
            now = store.status(number)
            live.update(view.of(now))
            if now.announcement.stage in OVER:
                return
            time.sleep(_WATCH_EVERY)


@app.command()
def report(
    announcement: Id,
    out: Annotated[Path | None, typer.Option("--out", help="Write each recipient to this .csv or .xlsx.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there already.")] = False,
    config: Config = None,
    lang: Lang = None,
) -> None:
    """Who got it, who did not, and why."""
    _, phrases, language = speak(config, lang)
    store, number = _store(config, lang), _number(announcement)
    if out is None:
        now = store.status(number)
        Console().print(_View(phrases, language).of(now))
        _print_reasons(now, phrases, language)
        return
    header = [
        phrases.say(f"announce.head.{name}", language)
        for name in ("name", "channel", "address", "fate", "why", "tries", "sent", "delivered", "read")
    ]
    count = store.report(number, out, header, lambda line: _row(line, phrases, language), overwrite=force)
    typer.echo(phrases.say("announce.reported", language, path=out, count=grouped(count)))


@app.command()
def retry(
    announcement: Id,
    reason: Annotated[
        list[int] | None, typer.Option("--reason", help="Its number in the list; may be given several times.")
    ] = None,
    config: Config = None,
    lang: Lang = None,
) -> None:
    """Send it again to those who did not get it, for chosen reasons only; without one, they are listed."""
    _, phrases, language = speak(config, lang)
    store, number = _store(config, lang), _number(announcement)
    now = store.status(number)
    reasons = sorted(now.reasons)
    if not reason:
        _print_reasons(now, phrases, language)
        return
    if not all(1 <= each <= len(reasons) for each in reason):
        raise InputError("announce-reason", id=number, most=len(reasons))
    again = store.retry(number, [reasons[each - 1] for each in reason], datetime.now(UTC))
    typer.echo(phrases.say("announce.again", language, count=grouped(again)))


class _View:
    """A status as a picture for the terminal."""

    def __init__(self, phrases: Phrases, language: str) -> None:
        self._phrases = phrases
        self._language = language
        self._since: tuple[datetime, int] | None = None

    def of(self, status: "Status") -> Group:
        """The picture."""
        from bot.store.outgoing import Fate  # noqa: PLC0415 - as in ``announce_store``

        announcement = status.announcement
        total = sum(status.tally.values())
        left = status.of(*map(Fate, _SHOWN["held"]))
        line = [f"{announcement.id}. {self._say(f'stage.{announcement.stage}')}"]
        if announcement.why:
            line.append(self._say(f"why.{announcement.why}"))
        table = Table("", *(self._say(f"fate.{fate}") for fate in _SHOWN), show_edge=False)
        for channel in sorted({channel for channel, _ in status.tally}):
            counts = [sum(status.tally.get((channel, Fate(fate)), 0) for fate in fates) for fates in _SHOWN.values()]
            table.add_row(channel, *map(grouped, counts))
        sums = (status.of(*map(Fate, fates)) for fates in _SHOWN.values())
        table.add_row(self._say("head.all"), *map(grouped, sums))
        parts: list[RenderableType] = [Text(" · ".join(line)), table]
        if total:
            parts += [ProgressBar(total=total, completed=total - left, width=60), Text()]
        if ends := self._ends(status, total - left, left):
            parts.append(Text(ends))
        return Group(*parts)

    def _ends(self, status: "Status", done: int, left: int) -> str:
        now = datetime.now(UTC)
        if status.announcement.stage is not Stage.RUNNING or not left:
            self._since = None
            return ""
        if self._since is None:
            self._since = now, done
        since, before = self._since
        if done <= before:
            return ""
        end = now + (now - since) * left / (done - before)
        return self._say("ends", time=end.astimezone(IST).strftime("%H:%M:%S"), left=grouped(left))

    def _say(self, key: str, **values: object) -> str:
        return self._phrases.say(f"announce.{key}", self._language, **values)


def _print_reasons(status: "Status", phrases: Phrases, language: str) -> None:
    if not status.reasons:
        typer.echo(phrases.say("announce.nobody-left", language))
        return
    names = ("number", "fate", "why", "people")
    table = Table(*(phrases.say(f"announce.head.{name}", language) for name in names))
    for number, (fate, trouble) in enumerate(sorted(status.reasons), 1):
        why = _why(fate, trouble, phrases, language)
        said = phrases.say(f"announce.fate.{fate}", language)
        table.add_row(str(number), said, Text(why), grouped(status.reasons[fate, trouble]))
    Console().print(table)


def _why(fate: "Fate", trouble: str, phrases: Phrases, language: str) -> str:
    """Why somebody did not get it, in words."""
    from bot.store.ledger import Skipped  # noqa: PLC0415 - as in ``announce_store``
    from bot.store.outgoing import Fate  # noqa: PLC0415
    from bot.store.reaching import WINDOW_CLOSED  # noqa: PLC0415

    if trouble in set(Skipped):
        return phrases.say(f"announce.reason.{trouble}", language)
    if trouble.startswith(_GONE):
        return phrases.say("announce.reason.gone", language)
    if trouble.endswith(WINDOW_CLOSED):
        return phrases.say("announce.reason.window-closed", language)
    if fate is Fate.UNKNOWN:
        return phrases.say("announce.reason.in-doubt", language)
    return phrases.say("announce.reason.other", language, trouble=printable(trouble)) if trouble else ""


def _row(line: "Line", phrases: Phrases, language: str) -> Sequence[str]:
    moments = (line.sent, line.delivered, line.read)
    return (
        line.name,
        line.channel,
        line.address,
        phrases.say(f"announce.fate.{line.fate}", language),
        _why(line.fate, line.trouble, phrases, language),
        str(line.tries),
        *(moment.astimezone(IST).strftime("%d-%m-%Y %H:%M:%S") if moment else "" for moment in moments),
    )


def _done(announcement: Announcement, config: Path | None, lang: str | None) -> None:
    _, phrases, language = speak(config, lang)
    stage = phrases.say(f"announce.stage.{announcement.stage}", language)
    typer.echo(phrases.say("announce.is", language, id=announcement.id, stage=stage))


def _to(announcement: Announcement, phrases: Phrases, language: str) -> str:
    return say(parse(announcement.segment), language, phrases)


def _store(config: Path | None, lang: str | None) -> "AnnounceStore":
    from bot.cli.announce_store import AnnounceStore  # noqa: PLC0415 - see that module

    settings, _, _ = speak(config, lang)
    return AnnounceStore(settings, who_types())


def _number(typed: str) -> int:
    if not (typed.isascii() and typed.isdecimal() and len(typed) < len(str(2**31))):
        raise InputError("announce-number", value=printable(typed))
    return int(typed)


def _moment(option: str, typed: str | None, now: datetime) -> datetime | None:
    if typed is None:
        return None
    moment = read_moment(typed, now)
    if moment is None:
        example = (now + timedelta(days=1)).astimezone(IST).strftime("%d-%m-%Y %H:%M")
        raise InputError("bad-moment", option=option, value=printable(typed), example=example)
    return moment


def _read(file: str) -> str:
    try:
        raw = sys.stdin.buffer.read(_LONGEST) if file == "-" else Path(file).read_bytes()[:_LONGEST]
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("not-utf8", path=file) from error
    except OSError as error:
        raise InputError("unreadable", path=file, reason=error.strerror or str(error)) from error


def _file(path: Path) -> tuple[str, str, bytes]:
    try:
        with path.open("rb") as opened:
            content = opened.read(MAX_FILE + 1)
    except OSError as error:
        raise InputError("unreadable", path=path, reason=error.strerror or str(error)) from error
    if len(content) > MAX_FILE:
        raise InputError("announce-file-large", path=path, size=f"{path.stat().st_size / 1e6:.1f}")
    media_type = media_type_of(content)
    if not media_type:
        raise InputError("announce-file", path=path)
    return file_name(path.name, media_type), media_type, content


def _ask(question: str, wanted: str) -> None:
    """Go on only where somebody types what is wanted."""
    try:
        typed = input(question).strip()
    except (EOFError, KeyboardInterrupt):
        typed = ""
    if typed.replace(",", "") != wanted:
        raise InputError("given-up")
