r"""
An announcement, and what may happen to it.

::

    draft -> set -> freezing -> running -> finished
              \________ pause, resume ______/ paused
    from anywhere but the end: cancelling -> cancelled; once its time is over: expired

"Send" sets it: it begins a minute later, or at the time that was wanted, and until then it is as if nothing had been
done. Then its recipients are written down, all of them before anybody gets it; so who joins later, a double click or a
restart changes nothing. It is finished when it is known of every recipient what became of it.

Each step is a function from one value to the next; what may not be done comes back as a ``Refusal``.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.core.talk.message import Attachment

# So long it can be undone.
UNDO = timedelta(seconds=60)
# Why it pauses by itself.
FAILURES = "failures"
# After so long nobody expects it any more, where staff name no end and there is no workshop.
LASTS = timedelta(days=3)


class Stage(StrEnum):
    """Where it stands."""

    DRAFT = "draft"
    SET = "set"
    FREEZING = "freezing"
    RUNNING = "running"
    PAUSED = "paused"
    CANCELLING = "cancelling"  # nobody gets it any more; that is being written down for each
    FINISHED = "finished"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


# Something happens to it by itself.
UNDER_WAY = (Stage.SET, Stage.FREEZING, Stage.RUNNING)
OVER = (Stage.FINISHED, Stage.CANCELLED, Stage.EXPIRED)


class Refusal(StrEnum):
    """Why something may not be done."""

    NOT_A_DRAFT = "not-a-draft"
    NOT_UNDER_WAY = "not-under-way"
    NOT_PAUSED = "not-paused"
    OVER = "over"
    NOT_OVER = "not-over"
    TOO_LATE = "too-late"


@dataclass(frozen=True, slots=True)
class Announcement:
    """
    What the office tells many people.

    Attributes:
        text: with fields, see ``wording``.
        segment: to whom, as ``audience.parse`` reads it.
        batch: which workshop it is about.
        wanted: when it is to begin; None for at once.
        expires: from then on nothing of it goes out.
        hours: over so many hours it is spread; 0 for as fast as it goes.
        uncapped: also to those who had their share of announcements this week.
        begins: when it begins, once it is set.
        up_to: the last person there was when it began.
        frozen: the recipients are written down, up to this person.
        people: how many they are.
        sent_by: who set it.
        why: why it is paused.
        over: since when it is finished, cancelled or expired.
        attachment: what staff sent along in the chat, until it is fetched.
        file: its number among the stored files, from then on.
        counted: to how many people it would go, when its card was worked out; None where it may not be sent.
    """

    id: int
    text: str
    segment: str
    batch: int | None
    wanted: datetime | None
    expires: datetime
    hours: int
    uncapped: bool
    stage: Stage
    begins: datetime | None
    up_to: int | None
    frozen: int
    people: int
    made: datetime
    made_by: str
    sent_by: str
    why: str
    over: datetime | None
    attachment: Attachment | None = None
    file: int | None = None
    counted: int | None = None

    @property
    def is_frozen(self) -> bool:
        """Whether all recipients are written down."""
        return self.up_to is not None and self.frozen >= self.up_to

    def send(self, by: str, now: datetime) -> "Announcement | Refusal":
        """Set it; it can be undone for a minute at least."""
        begins = max(now + UNDO, self.wanted or now)
        if self.stage is not Stage.DRAFT:
            return Refusal.NOT_A_DRAFT
        if self.expires <= begins:
            return Refusal.TOO_LATE
        return replace(self, stage=Stage.SET, begins=begins, sent_by=by)

    def pause(self, why: str = "") -> "Announcement | Refusal":
        """Let nothing more of it out; ``why`` is "" where staff wanted it."""
        if self.stage not in UNDER_WAY:
            return Refusal.NOT_UNDER_WAY
        return replace(self, stage=Stage.PAUSED, why=why)

    def resume(self, now: datetime) -> "Announcement | Refusal":
        """Go on where it stopped."""
        if self.stage is not Stage.PAUSED:
            return Refusal.NOT_PAUSED
        if self.expires <= now:
            return Refusal.TOO_LATE
        has_begun = self.up_to is not None
        stage = Stage.RUNNING if self.is_frozen else Stage.FREEZING if has_begun else Stage.SET
        return replace(self, stage=stage, why="")

    def cancel(self, now: datetime) -> "Announcement | Refusal":
        """End it; who has not got it gets nothing."""
        if self.stage in (*OVER, Stage.CANCELLING):
            return Refusal.OVER
        if self.up_to is not None:
            return replace(self, stage=Stage.CANCELLING, why="")
        return replace(self, stage=Stage.CANCELLED, why="", over=now)

    def retry(self, now: datetime) -> "Announcement | Refusal":
        """Take up again what had ended, for some recipients."""
        if self.stage is not Stage.FINISHED:
            return Refusal.NOT_OVER
        if self.expires <= now:
            return Refusal.TOO_LATE
        return replace(self, stage=Stage.RUNNING, over=None)

    def begin(self, up_to: int) -> "Announcement":
        """Its time has come; ``up_to`` is the last person there is."""
        return replace(self, stage=Stage.FREEZING, up_to=up_to, frozen=0)

    def froze(self, through: int, people: int) -> "Announcement":
        """So many more recipients are written down, through a person."""
        grown = replace(self, frozen=through, people=self.people + people)
        return replace(grown, stage=Stage.RUNNING) if grown.is_frozen else grown

    def finish(self, now: datetime) -> "Announcement":
        """It is known of everybody what became of it."""
        return replace(self, stage=Stage.FINISHED, over=now)

    def cancelled(self, now: datetime) -> "Announcement":
        """That nobody gets it any more is written down for each."""
        return replace(self, stage=Stage.CANCELLED, over=now)

    def uncap(self) -> "Announcement | Refusal":
        """Let those have it too who had their share this week."""
        return replace(self, uncapped=True) if self.stage is Stage.DRAFT else Refusal.NOT_A_DRAFT

    def expire(self, now: datetime) -> "Announcement":
        """Its time is over."""
        return replace(self, stage=Stage.EXPIRED, why="", over=now)
