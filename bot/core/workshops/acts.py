"""What a person wants of the workshops (acts), what came of it (outcomes), what others must be told (notices)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.core.workshops.batch import Batch, Registration

# --- acts -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Look:
    """
    See one batch, or, where ``batch`` is None, all that take registrations, and one's own place.

    Attributes:
        why: what the talk will make of it; the desk does not mind.
    """

    batch: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Begin:
    """See whether one may register for a batch, before the form."""

    batch: int


@dataclass(frozen=True, slots=True)
class Register:
    """Take a seat in a batch, or a place in its waiting list. ``mobile`` is in E.164."""

    batch: int
    mobile: str
    profile: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Move:
    """Leave one batch for another; onto its waiting list only where ``may_wait``."""

    batch: int
    to: int
    may_wait: bool = False


@dataclass(frozen=True, slots=True)
class Leave:
    """Give up one's seat, offer or place in the waiting list."""

    batch: int


@dataclass(frozen=True, slots=True)
class Accept:
    """Take the seat that is held for one."""

    batch: int


@dataclass(frozen=True, slots=True)
class Decline:
    """Not take the seat that is held for one."""

    batch: int


@dataclass(frozen=True, slots=True)
class Confirm:
    """Say that one is coming; saying no is ``Leave``."""

    batch: int


@dataclass(frozen=True, slots=True)
class Say:
    """Yes or no to whatever the office asked last: a seat that is held for one, or "are you coming?"."""

    yes: bool


@dataclass(frozen=True, slots=True)
class Attend:
    """Send the code of the day."""

    code: str


@dataclass(frozen=True, slots=True)
class Rate:
    """Give 1 to 5 stars."""

    batch: int
    stars: int


@dataclass(frozen=True, slots=True)
class Remark:
    """Say a line about the workshop; personal numbers are masked already."""

    batch: int
    text: str


@dataclass(frozen=True, slots=True)
class Correct:
    """Change what one filled in earlier; it changes in the live registration too."""

    mobile: str
    profile: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ShowData:
    """See all that is kept about one."""


@dataclass(frozen=True, slots=True)
class Erase:
    """Have all that is kept about one erased."""


@dataclass(frozen=True, slots=True)
class Agree:
    """Agree to this version of the notice on personal data."""

    notice: str


@dataclass(frozen=True, slots=True)
class Keep:
    """Keep a question that found nothing; personal numbers are masked already."""

    folded: str
    text: str


# What is settled against batches, and what only writes something down.
Act = (
    Look | Begin | Register | Move | Leave | Accept | Decline | Confirm | Say | Attend | Rate | Remark | Correct
    | ShowData | Erase
)  # fmt: skip
Effect = Act | Agree | Keep

# --- outcomes ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Seen:
    """
    What there is to see.

    Attributes:
        batches: those that take registrations, soonest first, or the one asked for.
        own: the person's live place.
        closed: the soonest that will take place and takes nobody any more.
    """

    batches: tuple[Batch, ...]
    own: "Own | None" = None
    closed: Batch | None = None


@dataclass(frozen=True, slots=True)
class MayRegister:
    """The batch takes registrations and they are in none."""

    batch: Batch


@dataclass(frozen=True, slots=True)
class Own:
    """A person's place in a batch; ``ahead``: how many wait before them."""

    batch: Batch
    registration: Registration
    ahead: int = 0


@dataclass(frozen=True, slots=True)
class Seated:
    """They have a seat; ``left``: the batch they gave up for it."""

    batch: Batch
    left: Batch | None = None


@dataclass(frozen=True, slots=True)
class Queued:
    """They wait; ``number`` is their place, 1 is next; ``left``: the batch they gave up for it."""

    batch: Batch
    number: int
    left: Batch | None = None


@dataclass(frozen=True, slots=True)
class WouldWait:
    """The batch to move to is full: they would wait as ``number``. Nothing has changed."""

    own: Batch
    batch: Batch
    number: int


@dataclass(frozen=True, slots=True)
class AlreadyIn:
    """They have a live place, in this batch or another; ``wanted`` is the one they asked for now."""

    own: Own
    wanted: Batch


@dataclass(frozen=True, slots=True)
class MobileTaken:
    """Somebody else's live registration has this mobile number; ``batch`` is theirs."""

    batch: Batch


@dataclass(frozen=True, slots=True)
class Closed:
    """The batch takes nobody any more; ``batch`` is None where it never was, ``instead`` the next that takes people."""

    batch: Batch | None
    instead: Batch | None


@dataclass(frozen=True, slots=True)
class Left:
    """They gave up their place."""

    batch: Batch


@dataclass(frozen=True, slots=True)
class NothingThere:
    """They have no place in this batch, or in any."""

    batch: Batch | None = None


@dataclass(frozen=True, slots=True)
class OfferOver:
    """The seat is no longer held for them."""

    batch: Batch


@dataclass(frozen=True, slots=True)
class Declined:
    """They declined the offered seat."""

    batch: Batch


@dataclass(frozen=True, slots=True)
class Confirmed:
    """It is noted that they are coming."""

    batch: Batch


@dataclass(frozen=True, slots=True)
class NothingAsked:
    """The office asked nothing; ``yes`` is what they said."""

    yes: bool


@dataclass(frozen=True, slots=True)
class Attended:
    """They are present."""

    batch: Batch


@dataclass(frozen=True, slots=True)
class WrongCode:
    """The code was wrong; ``left``: how many tries remain."""

    batch: Batch
    left: int


@dataclass(frozen=True, slots=True)
class NoClassToday:
    """They have no seat in a workshop today, so the digits mean something else."""


@dataclass(frozen=True, slots=True)
class Rated:
    """The stars are noted."""

    batch: Batch
    stars: int


@dataclass(frozen=True, slots=True)
class Remarked:
    """The line is noted."""

    batch: Batch


@dataclass(frozen=True, slots=True)
class Corrected:
    """The changed answers are kept."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a person beside registrations: since when, and consents (version of the notice, when)."""

    since: datetime
    consents: tuple[tuple[str, datetime], ...]


@dataclass(frozen=True, slots=True)
class Data:
    """All that is kept."""

    kept: Kept
    registrations: tuple[tuple[Registration, Batch], ...]


@dataclass(frozen=True, slots=True)
class Erased:
    """All is erased."""


Outcome = (
    Seen | MayRegister | Own | Seated | Queued | WouldWait | AlreadyIn | MobileTaken | Closed | Left | NothingThere
    | OfferOver | Declined | Confirmed | NothingAsked | Attended | WrongCode | NoClassToday | Rated | Remarked
    | Corrected | Data | Erased
)  # fmt: skip

# --- notices ----------------------------------------------------------------------------------------------------------


class News(StrEnum):
    """What a notice says."""

    OFFER = "offer"  # a seat is held for you until ``until``
    LAPSED = "lapsed"  # you did not answer in time; the seat went on
    CHANGED = "changed"  # date, time or venue is different from ``before``
    CALLED_OFF = "called-off"  # it does not take place; ``instead`` is the next
    REMOVED = "removed"  # the office took you out, as it was asked to
    NO_SEAT = "no-seat"  # it has begun and no seat became free for you; ``instead`` is the next


@dataclass(frozen=True, slots=True)
class Notice:
    """Somebody must be told of a batch."""

    person: int
    news: News
    batch: Batch
    until: datetime | None = None
    before: Batch | None = None
    instead: Batch | None = None
