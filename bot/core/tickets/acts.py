"""What is wanted of tickets, by people and by staff (acts), and what came of it (outcomes)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.core.tickets.ticket import Ticket, Why


@dataclass(frozen=True, slots=True)
class Open:
    """Have somebody of the office talk with the person; ``talk`` as of ``Ticket``."""

    why: Why
    question: str
    talk: Sequence[tuple[bool, str]] = ()
    near: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Tell:
    """What the person says while a ticket is open."""

    text: str


@dataclass(frozen=True, slots=True)
class End:
    """The person needs nobody any more; ``ticket`` as a button names it."""

    ticket: int


PersonAct = Open | Tell | End


@dataclass(frozen=True, slots=True)
class Opened:
    """It is open; ``is_new`` where it was not before."""

    ticket: Ticket
    is_new: bool


@dataclass(frozen=True, slots=True)
class Told:
    """The staff have it; ``due`` is by when they answer."""

    ticket: Ticket


@dataclass(frozen=True, slots=True)
class Ended:
    """It is closed; ``was_open`` where it was not before."""

    was_open: bool


@dataclass(frozen=True, slots=True)
class NoTicket:
    """There is none that is this person's."""


PersonOutcome = Opened | Told | Ended | NoTicket


class Deed(StrEnum):
    """What somebody of the office does with a ticket."""

    SHOW = "show"
    TAKE = "take"
    ASSIGN = "assign"
    ANSWER = "answer"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Handle:
    """
    Do something with a ticket.

    Attributes:
        ticket: which.
        text: the answer; or the name of whom it is assigned to.
        entry: id of the entry whose answer is sent; "" for a text of their own.
    """

    deed: Deed
    ticket: int
    text: str = ""
    entry: str = ""


@dataclass(frozen=True, slots=True)
class ListTickets:
    """See the open ones."""


@dataclass(frozen=True, slots=True)
class Handled:
    """It is done; this is the ticket now."""

    deed: Deed
    ticket: Ticket


@dataclass(frozen=True, slots=True)
class ListedTickets:
    """The open ones, the oldest first."""

    tickets: Sequence[Ticket]


@dataclass(frozen=True, slots=True)
class Trespass:
    """Somebody who is not of the office pressed what is for staff; it is written down. ``what`` is the option's id."""

    what: str
