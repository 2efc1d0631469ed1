"""
Reads what staff give for a batch, option by option; what cannot be used is told with a right example.

All of it is checked before anything is written. Options that were not given are asked for where somebody sits at the
terminal.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit

from bot.core.talk.phrases import Phrases
from bot.core.workshops.batch import IST, Batch
from bot.core.workshops.times import read_moment, say_when
from bot.errors import InputError
from bot.sheets import printable

MOST_SEATS = 5000
MOST_TOPICS = 20
# In characters; the whole card fits one message.
LIMITS = {"title": 120, "venue": 200, "map": 500, "topic": 120, "trainer": 120, "bring": 400}
# What is later than this is a slip of the keyboard.
LATEST_START, LONGEST = timedelta(days=2 * 365), timedelta(days=7)
# A last date without a time is all of that day.
DAY_ENDS = time(23, 59)
REQUIRED = ("title", "starts", "ends", "venue", "seats")
OPTIONAL = ("last_date", "topic", "bring", "trainer", "map")
_BATCH_FIELDS = {"topic": "topics", "map": "map_url"}


@dataclass(frozen=True, slots=True)
class Given:
    """What was typed for a batch, as it was typed; None where nothing was."""

    title: str | None = None
    starts: str | None = None
    ends: str | None = None
    venue: str | None = None
    map: str | None = None
    seats: str | None = None
    last_date: str | None = None
    topic: tuple[str, ...] | None = None
    trainer: str | None = None
    bring: str | None = None

    @property
    def texts(self) -> dict[str, Any]:
        """What was given, by name."""
        named = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {name: text for name, text in named if text is not None}


class BatchForm:
    """
    The values of one batch, read one by one.

    Attributes:
        values: a field of ``Batch`` -> what was read for it so far.
    """

    def __init__(self, phrases: Phrases, language: str, now: datetime, batch: Batch | None = None) -> None:
        """Start with nothing, or with the values of a batch that is there."""
        self.values: dict[str, Any] = (
            {} if batch is None else {field.name: getattr(batch, field.name) for field in fields(Batch)}
        )
        self._phrases = phrases
        self._language = language
        self._now = now

    def example(self, name: str) -> str:
        """A value that could be given."""
        next_start = self._now.astimezone(IST).replace(hour=10, minute=30) + timedelta(days=21)
        starts: datetime = self.values.get("starts", next_start).astimezone(IST)
        ends = starts.replace(hour=16, minute=0)
        last_date = starts - timedelta(days=2)
        examples = {
            "starts": _typed(next_start),
            "ends": _typed(ends if ends > starts else starts + timedelta(hours=2)),
            "last_date": f"{last_date:%d-%m-%Y}" if last_date > self._now else _typed(starts),
            "seats": "40",
            "map": "https://maps.google.com/?q=Gorakhpur",
        }
        if name in examples:
            return examples[name]
        if name == "topic":
            return self._phrases.say("workshop.example-topics", self._language).splitlines()[0]
        return self._phrases.say(f"workshop.example-{name}", self._language)

    def read(self, name: str, text: Any) -> None:
        """
        Take what was given for one option; "" takes back an optional one.

        Raises:
            InputError: it cannot be used.
        """
        match name:
            case "starts":
                value: Any = self._starts(text)
            case "ends":
                value = self._ends(text)
            case "last_date":
                value = self._last_date(text)
            case "seats":
                value = self._seats(text)
            case "map":
                value = self._map(text)
            case "topic":
                value = self._topics(text)
            case _:
                value = self._line(name, text)
        self.values[_BATCH_FIELDS.get(name, name)] = value

    def _line(self, name: str, text: str) -> str:
        line = " ".join(printable(text).split())
        if not line and name in REQUIRED:
            raise InputError("option-empty", option=f"--{name}", example=self.example(name))
        if len(line) > LIMITS[name]:
            raise InputError(
                "option-too-long",
                option=f"--{name}",
                length=len(line),
                limit=LIMITS[name],
                example=self.example(name),
            )
        return line

    def _topics(self, texts: Iterable[str]) -> tuple[str, ...]:
        topics = tuple(filter(None, (self._line("topic", text) for text in texts)))
        if len(topics) > MOST_TOPICS:
            raise InputError("too-many-topics", count=len(topics), limit=MOST_TOPICS, example=self.example("topic"))
        return topics

    def _map(self, text: str) -> str:
        link = self._line("map", text)
        try:
            parts = urlsplit(link)
            is_link = parts.scheme in ("http", "https") and "." in (parts.hostname or "") and " " not in link
        except ValueError:
            is_link = False
        if link and not is_link:
            raise InputError("bad-map", value=link, example=self.example("map"))
        return link

    def _seats(self, text: str) -> int:
        seats = int(text) if re.fullmatch(r"\d{1,9}", text := text.strip()) else 0
        if not 1 <= seats <= MOST_SEATS:
            raise InputError("bad-seats", value=printable(text), limit=MOST_SEATS, example=self.example("seats"))
        taken = self.values.get("taken", 0)
        if seats < taken:
            raise InputError("fewer-seats-than-taken", value=seats, taken=taken)
        return seats

    def _starts(self, text: str) -> datetime:
        starts = self._moment("starts", text, read_moment(text, self._now))
        if starts <= self._now:
            raise InputError("starts-in-past", value=printable(text), example=self.example("starts"))
        if starts > self._now + LATEST_START:
            raise InputError("starts-too-far", value=printable(text), example=self.example("starts"))
        return starts

    def _ends(self, text: str) -> datetime:
        ends = self._moment("ends", text, read_moment(text, self._now, day=self._start_day()))
        self.check_ends(ends, printable(text))
        return ends

    def check_ends(self, ends: datetime, value: str) -> None:
        """Refuse an end that does not fit the start."""
        starts = self.values["starts"]
        if starts < ends <= starts + LONGEST:
            return
        raise InputError(
            "ends-before-start" if ends <= starts else "ends-too-late",
            value=value,
            starts=self._said(starts),
            example=self.example("ends"),
        )

    def _last_date(self, text: str) -> datetime:
        starts: datetime = self.values["starts"]
        if not text.strip():
            return starts
        last = self._moment("last_date", text, read_moment(text, self._now, day=self._start_day(), at=DAY_ENDS))
        if last.time() == DAY_ENDS and last.date() == self._start_day():
            last = starts
        self.check_last_date(last, printable(text))
        # A batch that is there may be closed at once.
        if last <= self._now and "id" not in self.values:
            raise InputError("last-date-in-past", value=printable(text), example=self.example("last_date"))
        return last

    def check_last_date(self, last: datetime, value: str) -> None:
        """Refuse a last date that is after the start."""
        starts = self.values["starts"]
        if last > starts:
            raise InputError(
                "last-date-after-start", value=value, starts=self._said(starts), example=self.example("last_date")
            )

    def _moment(self, name: str, text: str, moment: datetime | None) -> datetime:
        if moment is None:
            option = f"--{name}".replace("_", "-")
            raise InputError("bad-moment", option=option, value=printable(text), example=self.example(name))
        return moment

    def _start_day(self) -> Any:
        return self.values["starts"].astimezone(IST).date()

    def _said(self, moment: datetime) -> str:
        return say_when(moment, self._phrases, self._language)


def new_batch(form: BatchForm, given: Given, ask: Callable[[str], Any] | None) -> Batch:
    """
    The batch that was described; without id and code yet.

    Args:
        form: empty.
        given: the options.
        ask: asks for one of them and reads it into the form; None where nobody can be asked.

    Raises:
        InputError: a value cannot be used, or one is missing and nobody can be asked.
    """
    texts = given.texts
    # What was given is looked at first: nobody should answer ten questions to learn of a slip in the command.
    for name in (*REQUIRED, *OPTIONAL):
        if name in texts and (name not in ("ends", "last_date") or "starts" in form.values):
            form.read(name, texts[name])
    is_asking = ask is not None and not texts.keys() >= set(REQUIRED)
    for name in (*REQUIRED, *OPTIONAL):
        if _BATCH_FIELDS.get(name, name) in form.values:
            continue
        if name in texts:
            form.read(name, texts[name])
        elif ask is not None and is_asking:
            ask(name)
        elif name in REQUIRED:
            raise InputError("missing-option", option=f"--{name}", example=form.example(name))
    return Batch(**{"id": 0, "code": "", "last_date": form.values["starts"]} | form.values)


def changed_batch(form: BatchForm, given: Given, batch: Batch) -> Batch:
    """
    The batch with what was given changed.

    An end and a last date that were not given go along where a workshop is moved: the end stays at its time of day, and
    registration that was open until the start stays so.

    Args:
        form: with the values of ``batch``.
        given: what is to be different.
        batch: as it is.

    Raises:
        InputError: a value cannot be used, or does not go together with what the batch has.
    """
    texts = given.texts
    for name in (*REQUIRED, *OPTIONAL):
        if name in texts:
            form.read(name, texts[name])
    if "starts" in texts:
        starts: datetime = form.values["starts"]
        if "ends" not in texts:
            ends = batch.ends + (starts.astimezone(IST).date() - batch.starts.astimezone(IST).date())
            form.check_ends(ends, _typed(ends))
            form.values["ends"] = ends
        if "last_date" not in texts:
            last = starts if batch.last_date == batch.starts else batch.last_date
            form.check_last_date(last, _typed(last))
            form.values["last_date"] = last
    return Batch(**form.values)


def example_batch(phrases: Phrases, language: str, now: datetime) -> Given:
    """A workshop as the office holds it, about three weeks ahead and not on a Sunday."""
    day = now.astimezone(IST).date() + timedelta(days=21)
    day += timedelta(days=day.weekday() == 6)  # noqa: PLR2004 - Sunday
    return Given(
        title=phrases.say("workshop.example-title", language),
        starts=f"{day} 10:30",
        ends=f"{day} 16:00",
        venue=phrases.say("workshop.example-venue", language),
        seats="40",
        last_date=f"{day - timedelta(days=2)}",
        topic=tuple(phrases.say("workshop.example-topics", language).splitlines()),
        bring=phrases.say("workshop.example-bring", language),
    )


def _typed(moment: datetime) -> str:
    return f"{moment.astimezone(IST):%d-%m-%Y %H:%M}"
