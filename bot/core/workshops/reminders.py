"""
When somebody in a batch is written to, worked out from how things stand at that moment.

- COMING, "are you coming?": three days before, from 10 in the morning on; not any more once the evening reminder is
  due. Not for who took their seat less than a day before: they have just said that they are coming.
- EVENING: the evening before, from 6 on, with venue and what to bring; not once the batch has begun, not for who took
  their seat in the last hours.
- FEEDBACK: from half an hour after the end until a week later, for who was present.

Each at most once, and never in the night, however late the program comes back.
"""

from datetime import datetime, time, timedelta
from enum import StrEnum

from bot.core.workshops.batch import HAD_SEAT, IST, Batch, BatchStatus, Registration, Status
from bot.core.workshops.night import NIGHT


class Kind(StrEnum):
    """What a reminder is about."""

    COMING = "coming"
    EVENING = "evening"
    FEEDBACK = "feedback"


DAYS_BEFORE = 3
COMING_AT, EVENING_AT = time(10), time(18)
FEEDBACK_AFTER, FEEDBACK_UNTIL = timedelta(minutes=30), timedelta(days=7)
# Who took their seat later than so long before a reminder was due does not need it.
FRESH = {Kind.COMING: timedelta(hours=24), Kind.EVENING: timedelta(hours=6)}


def due_from(kind: Kind, batch: Batch) -> datetime:
    """The moment from which a reminder is sent."""
    day = batch.starts.astimezone(IST).date()
    match kind:
        case Kind.COMING:
            return datetime.combine(day - timedelta(days=DAYS_BEFORE), COMING_AT, IST)
        case Kind.EVENING:
            return datetime.combine(day - timedelta(days=1), EVENING_AT, IST)
        case Kind.FEEDBACK:
            return batch.ends + FEEDBACK_AFTER


def due_until(kind: Kind, batch: Batch) -> datetime:
    """The moment from which it is too late for a reminder."""
    match kind:
        case Kind.COMING:
            return due_from(Kind.EVENING, batch)
        case Kind.EVENING:
            return batch.starts
        case Kind.FEEDBACK:
            return batch.ends + FEEDBACK_UNTIL


def is_in_time(kind: Kind, batch: Batch, now: datetime) -> bool:
    """Whether this is the time for a reminder of this kind to anybody in the batch."""
    return (
        batch.status is BatchStatus.OPEN
        and due_from(kind, batch) <= now < due_until(kind, batch)
        and not NIGHT.is_quiet(now)
    )


def is_wanted(kind: Kind, batch: Batch, registration: Registration) -> bool:
    """Whether a reminder concerns this person, as things stand; not whether they had it already."""
    if kind is Kind.FEEDBACK:
        return registration.status in HAD_SEAT and registration.attended is not None
    if registration.status is not Status.SEATED:
        return False
    if kind is Kind.COMING and registration.coming is not None:
        return False
    return registration.registered <= due_from(kind, batch) - FRESH[kind]
