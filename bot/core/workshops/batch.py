"""A workshop batch and who is written into it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from enum import StrEnum

# India has one zone and no summer time.
IST = timezone(timedelta(hours=5, minutes=30), "IST")


class BatchStatus(StrEnum):
    """Whether a batch takes place."""

    OPEN = "open"
    CANCELLED = "cancelled"


class Status(StrEnum):
    """Where one person's registration for one batch stands."""

    SEATED = "seated"
    OFFERED = "offered"  # a freed seat is held for them until ``offered_until``
    WAITING = "waiting"
    LEFT = "left"  # they gave it up
    DECLINED = "declined"  # they declined the seat that was offered
    LAPSED = "lapsed"  # they did not answer the offer in time
    MOVED = "moved"  # they went to another batch
    CALLED_OFF = "called-off"  # the office cancelled the batch
    OVER = "over"  # they had a seat and the batch has ended; ``attended`` says whether they came


HOLDS_SEAT = frozenset({Status.SEATED, Status.OFFERED})
LIVE = HOLDS_SEAT | {Status.WAITING}
# Who was, or will be, in the room unless they stay away.
HAD_SEAT = frozenset({Status.SEATED, Status.OVER})


@dataclass(frozen=True, slots=True)
class Batch:
    """
    One workshop on one day.

    Attributes:
        starts, ends: aware; people see them in IST.
        seats: how many people fit.
        taken: seated and offered; never more than ``seats``.
        waiting: how many wait.
        places: as many places as were ever given in the waiting list; the next one is one more.
        last_date: from this moment on nobody registers any more, aware; never after ``starts``.
        topics: what is taught, a line each.
        bring: what people should bring; may be empty.
        code: four digits that the trainer writes on the board.
    """

    id: int
    title: str
    starts: datetime
    ends: datetime
    venue: str
    seats: int
    last_date: datetime
    code: str
    map_url: str = ""
    topics: tuple[str, ...] = ()
    trainer: str = ""
    bring: str = ""
    status: BatchStatus = BatchStatus.OPEN
    taken: int = 0
    waiting: int = 0
    places: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        if not 0 <= self.taken <= self.seats:
            raise ValueError(f"batch {self.id}: {self.taken} of {self.seats} seats taken")
        if not self.starts < self.ends:
            raise ValueError(f"batch {self.id}: ends at {self.ends}, before it starts")

    @property
    def free(self) -> int:
        """Seats that nobody holds."""
        return self.seats - self.taken

    def takes_registrations(self, now: datetime) -> bool:
        """Whether people may still write themselves in, for a seat or for the waiting list."""
        return self.status is BatchStatus.OPEN and now < min(self.last_date, self.starts)

    def is_ahead(self, now: datetime) -> bool:
        """Whether it will take place and has not begun."""
        return self.status is BatchStatus.OPEN and now < self.starts


@dataclass(frozen=True, slots=True)
class Registration:
    """
    One person in one batch; there is at most one of these for the two.

    Attributes:
        person: the store's id of the chat identity.
        mobile: "+919876543210"; no two live registrations have the same.
        profile: field id -> what the person filled in.
        place: order in the waiting list; 0 for one that never waited.
        registered: when, aware.
        offered_until: until when an offered seat is held.
        asked: when "are you coming?" was sent.
        coming: what they answered.
        reminded: when the evening reminder was sent.
        attended: when they sent the code of the day.
        tries: wrong codes so far.
        rated: when they were asked for feedback.
        stars: 1 to 5.
        remark: their line of feedback, personal numbers masked.
    """

    batch: int
    person: int
    mobile: str
    status: Status
    registered: datetime
    profile: Mapping[str, str] = field(default_factory=dict)
    place: int = 0
    offered_until: datetime | None = None
    asked: datetime | None = None
    coming: bool | None = None
    reminded: datetime | None = None
    attended: datetime | None = None
    tries: int = 0
    rated: datetime | None = None
    stars: int | None = None
    remark: str = ""

    @property
    def is_live(self) -> bool:
        """Whether it holds a seat or waits for one."""
        return self.status in LIVE
