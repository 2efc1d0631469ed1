"""Who is in a batch, as lists for the terminal and for spreadsheets: the roster and the attendance."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bot.core.talk.phrases import Phrases
from bot.core.workshops.batch import HAD_SEAT, IST, LIVE, Registration, Status
from bot.core.workshops.fields import Field, FieldKind, label, said, said_mobile

if TYPE_CHECKING:  # the store takes long to load, and this module is loaded by every command
    from bot.store.batches import RosterRow

Cell = Callable[["RosterRow"], str]
# Who did not go of their own accord; where a workshop is called off, staff may want to phone them.
_STAYED = LIVE | HAD_SEAT | {Status.CALLED_OFF}


@dataclass(frozen=True, slots=True)
class Listing:
    """A list with the names of its columns; ``brief`` are the numbers of those that fit on a terminal."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    brief: tuple[int, ...]


class Lists:
    """Makes lists of people, in one language and with the office's own fields."""

    def __init__(self, form_fields: Sequence[Field], phrases: Phrases, language: str) -> None:
        self._fields = form_fields
        self._phrases = phrases
        self._language = language

    def roster(self, rows: "Iterable[RosterRow]", *, everybody: bool) -> Listing:
        """Who has or had a seat and who waits, in the order of ``rows``; on demand also who is out of it."""
        shown = [row for row in rows if everybody or row.registration.status in _STAYED]
        waiting = [row.registration.person for row in shown if row.registration.status is Status.WAITING]
        numbers = {person: number for number, person in enumerate(waiting, start=1)}
        columns: list[tuple[str, Cell, bool]] = [
            *self._profile(),
            (self._say("column-status"), lambda row: self._status(row.registration, numbers), True),
            (self._say("column-registered"), lambda row: _moment(row.registration.registered), False),
            (self._say("column-channel"), lambda row: row.channel, False),
            (self._say("column-coming"), lambda row: self._yes_or_no(row.registration.coming), True),
        ]
        return self._listing(columns, shown)

    def attendance(self, rows: "Iterable[RosterRow]") -> Listing:
        """Who had a seat, and whether they came; and what they said afterwards."""
        shown = [row for row in rows if row.registration.status in HAD_SEAT or row.registration.attended]
        columns: list[tuple[str, Cell, bool]] = [
            *self._profile(),
            (
                self._say("column-attended"),
                lambda row: self._yes_or_no(row.registration.attended is not None),
                True,
            ),
            (self._say("column-time"), lambda row: _moment(row.registration.attended), True),
            (self._say("column-stars"), lambda row: str(row.registration.stars or ""), True),
            (self._say("column-remark"), lambda row: row.registration.remark, True),
        ]
        return self._listing(columns, shown)

    def erased(self, counts: Mapping[str, int]) -> str:
        """How many people are counted but not known any more; "" where there are none."""
        told = ", ".join(f"{self._say(f'status-{what}')} {count}" for what, count in counts.items() if count)
        return self._phrases.say("workshop.erased", self._language, counts=told) if told else ""

    def _profile(self) -> list[tuple[str, Cell, bool]]:
        columns: list[tuple[str, Cell, bool]] = []
        for field in self._fields:
            is_brief = field.kind in (FieldKind.NAME, FieldKind.MOBILE)
            columns.append((label(field, self._phrases, self._language), self._answer(field), is_brief))
        if not any(field.kind is FieldKind.MOBILE for field in self._fields):
            columns.append((self._say("column-mobile"), lambda row: said_mobile(row.registration.mobile), True))
        return columns

    def _answer(self, field: Field) -> Cell:
        def answer(row: "RosterRow") -> str:
            if field.kind is FieldKind.MOBILE:
                return said_mobile(row.registration.mobile)
            value = row.registration.profile.get(field.id, "")
            return said(field, value, self._phrases, self._language) if value else ""

        return answer

    def _listing(self, columns: Sequence[tuple[str, Cell, bool]], rows: "Sequence[RosterRow]") -> Listing:
        return Listing(
            header=(self._say("column-number"), *(name for name, _, _ in columns)),
            rows=tuple(
                (str(number), *(cell(row) for _, cell, _ in columns)) for number, row in enumerate(rows, start=1)
            ),
            brief=(0, *(number for number, (_, _, is_brief) in enumerate(columns, start=1) if is_brief)),
        )

    def _status(self, registration: Registration, numbers: Mapping[int, int]) -> str:
        status = self._say(f"status-{registration.status}")
        number = numbers.get(registration.person)
        return f"{status} ({number})" if number else status

    def _yes_or_no(self, value: bool | None) -> str:  # noqa: FBT001 - what is to be said
        return "" if value is None else self._say("yes" if value else "no")

    def _say(self, key: str) -> str:
        return self._phrases.say(f"workshop.{key}", self._language)


def _moment(moment: datetime | None) -> str:
    """Year first: the one way that no spreadsheet takes for another day, and that sorts."""
    return "" if moment is None else f"{moment.astimezone(IST):%Y-%m-%d %H:%M}"
