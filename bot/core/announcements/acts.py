"""What staff want of announcements and answers in their chat (acts), and what came of it (outcomes)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.core.announcements.announcement import Announcement
from bot.core.answers.proposal import Proposal
from bot.core.talk.message import Attachment
from bot.core.tickets.acts import Handle, Handled, ListedTickets, ListTickets, Trespass


class Deed(StrEnum):
    """What may be done to an announcement."""

    SEND = "send"
    CANCEL = "cancel"
    PAUSE = "pause"
    RESUME = "resume"
    UNCAP = "uncap"  # let those have it too who had their share this week


@dataclass(frozen=True, slots=True)
class Make:
    """Have a draft made; its card comes when it is worked out."""

    text: str
    file: Attachment | None
    batch: int | None
    segment: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Do:
    """Do something to one; ``count``: to how many people, as the card said."""

    deed: Deed
    announcement: int
    count: int = 0


@dataclass(frozen=True, slots=True)
class Follow:
    """See how far one is, from now on."""

    announcement: int


@dataclass(frozen=True, slots=True)
class List:
    """See the last ones."""


@dataclass(frozen=True, slots=True)
class Propose:
    """Have a change of the answers looked at, and published where nothing stands against it."""

    proposal: Proposal


StaffAct = Make | Do | Follow | List | Propose | Handle | ListTickets | Trespass


@dataclass(frozen=True, slots=True)
class Made:
    """There is a draft."""

    announcement: Announcement


@dataclass(frozen=True, slots=True)
class Done:
    """It is done; this is the announcement now."""

    deed: Deed
    announcement: Announcement


@dataclass(frozen=True, slots=True)
class Followed:
    """Where it stands will be told."""


@dataclass(frozen=True, slots=True)
class Listed:
    """The last ones, the newest first."""

    announcements: Sequence[Announcement]


@dataclass(frozen=True, slots=True)
class Refused:
    """It may not be done; ``key`` is of the sentence that says why, ``values`` fill it."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Proposed:
    """It will be looked at."""


StaffOutcome = Made | Done | Followed | Listed | Proposed | Handled | ListedTickets | Refused
