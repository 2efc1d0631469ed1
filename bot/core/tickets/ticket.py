"""A ticket: a talk that somebody of the office takes over, from the question until it is closed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

# The person is answered within so many hours in which the office is open; then the staff are reminded.
ANSWERED_WITHIN = timedelta(hours=4)
# A talk in which nobody says anything after the office's answer is over by itself.
OVER_AFTER = timedelta(days=2)
# As long as an answer may be that staff write.
MAX_LINE = 1500


class Why(StrEnum):
    """Why somebody of the office is wanted."""

    ASKED = "asked"
    VAIN = "vain"  # the assistant failed twice in a row


@dataclass(frozen=True, slots=True)
class Line:
    """Something that was said since; ``who`` of the office, "" for the person."""

    at: datetime
    who: str
    text: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """
    One ticket.

    Attributes:
        person: their number among the people; channel, address, name and language as theirs.
        question: what it is about, personal numbers masked.
        talk: what was said before: whether the person said it, and what; the oldest first.
        near: ids of the entries that come nearest to the question.
        taken_by: who of the office has it, by name; "" for nobody.
        due: by when the person is to have an answer; None where none is owed.
        said: when something was said last.
        closed_by: who closed it; "" for the person, or the clock.
    """

    id: int
    person: int
    channel: str
    address: str
    name: str
    language: str
    why: Why
    question: str
    talk: Sequence[tuple[bool, str]]
    near: Sequence[str]
    opened: datetime
    said: datetime
    taken_by: str = ""
    due: datetime | None = None
    closed: datetime | None = None
    closed_by: str = ""
    lines: Sequence[Line] = field(default=())

    @property
    def is_open(self) -> bool:
        """Whether somebody of the office talks with the person."""
        return self.closed is None

    @property
    def first_name(self) -> str:
        """What the person is called, without the rest of their name."""
        return next(iter(self.name.split()), "")
