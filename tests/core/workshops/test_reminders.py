from datetime import datetime, timedelta

import pytest

from bot.core.workshops.batch import Batch, BatchStatus, Status
from bot.core.workshops.reminders import Kind, due_from, due_until, is_in_time, is_wanted
from tests.seats.given import batch, ist, offered, registration, seated, waiting

# On Monday the 23rd, from 10 to 16.
BATCH = batch()
COMING, EVENING, FEEDBACK = Kind.COMING, Kind.EVENING, Kind.FEEDBACK


@pytest.mark.parametrize(
    ("kind", "since", "until"),
    [
        (COMING, ist(20, 10), ist(22, 18)),
        (EVENING, ist(22, 18), ist(23, 10)),
        (FEEDBACK, ist(23, 16, 30), ist(30, 16)),
    ],
)
def test_each_kind_has_its_time(kind: Kind, since: datetime, until: datetime) -> None:
    assert (due_from(kind, BATCH), due_until(kind, BATCH)) == (since, until)


@pytest.mark.parametrize(
    ("kind", "now"),
    [
        (COMING, ist(20, 10)),
        (COMING, ist(20, 20, 59)),
        (COMING, ist(21, 8)),
        (COMING, ist(22, 17, 59)),
        (EVENING, ist(22, 18)),
        (EVENING, ist(22, 20, 59)),
        (EVENING, ist(23, 8)),
        (EVENING, ist(23, 9, 59)),
        (FEEDBACK, ist(23, 16, 30)),
        (FEEDBACK, ist(24, 8)),
        (FEEDBACK, ist(30, 15, 59)),
    ],
)
def test_a_reminder_is_sent_in_its_time_and_later_where_the_program_was_down(kind: Kind, now: datetime) -> None:
    assert is_in_time(kind, BATCH, now)


@pytest.mark.parametrize(
    ("kind", "now"),
    [
        (COMING, ist(20, 9, 59)),
        (COMING, ist(22, 18)),  # the evening reminder says it too
        (EVENING, ist(22, 17, 59)),
        (EVENING, ist(23, 10)),  # it has begun
        (EVENING, ist(23, 12)),
        (FEEDBACK, ist(23, 16, 29)),
        (FEEDBACK, ist(30, 16)),
    ],
)
def test_a_reminder_is_not_sent_too_early_or_too_late(kind: Kind, now: datetime) -> None:
    assert not is_in_time(kind, BATCH, now)


@pytest.mark.parametrize(
    ("kind", "now"),
    [
        (COMING, ist(20, 21)),
        (COMING, ist(21, 3)),
        (EVENING, ist(22, 23)),
        (EVENING, ist(23, 7, 59)),
        (FEEDBACK, ist(24, 2)),
    ],
)
def test_nothing_is_sent_in_the_night(kind: Kind, now: datetime) -> None:
    assert not is_in_time(kind, BATCH, now)


def test_an_evening_batch_asks_for_feedback_on_the_next_morning_at_the_earliest() -> None:
    late = batch(starts=ist(23, 15))
    assert not is_in_time(FEEDBACK, late, due_from(FEEDBACK, late))
    assert is_in_time(FEEDBACK, late, ist(24, 8))


@pytest.mark.parametrize("kind", list(Kind))
def test_a_cancelled_batch_reminds_nobody(kind: Kind) -> None:
    cancelled = batch(status=BatchStatus.CANCELLED)
    assert is_in_time(kind, BATCH, due_from(kind, BATCH))
    assert not is_in_time(kind, cancelled, due_from(kind, cancelled))


@pytest.mark.parametrize(
    ("kind", "registered", "wanted"),
    [
        (COMING, ist(2, 11), True),
        (COMING, ist(19, 10), True),
        (COMING, ist(19, 10, 1), False),
        (COMING, ist(20, 9), False),  # an hour ago
        (EVENING, ist(19, 12), True),
        (EVENING, ist(22, 12), True),
        (EVENING, ist(22, 12, 1), False),
        (EVENING, ist(22, 17), False),  # an hour ago
    ],
)
def test_who_took_their_seat_just_now_is_not_reminded_of_it(kind: Kind, registered: datetime, *, wanted: bool) -> None:
    assert is_wanted(kind, BATCH, seated(1, registered=registered)) is wanted


@pytest.mark.parametrize("kind", [COMING, EVENING])
@pytest.mark.parametrize("status", sorted(set(Status) - {Status.SEATED}))
def test_only_who_has_a_seat_is_reminded_of_the_batch(kind: Kind, status: Status) -> None:
    assert not is_wanted(kind, BATCH, registration(1, status, registered=ist(2, 11)))


def test_who_has_said_that_they_are_coming_is_not_asked_but_told_in_the_evening() -> None:
    said = seated(1, registered=ist(2, 11), coming=True)
    assert not is_wanted(COMING, BATCH, said)
    assert is_wanted(EVENING, BATCH, said)


@pytest.mark.parametrize("status", [Status.SEATED, Status.OVER])
def test_feedback_is_asked_of_who_was_present(status: Status) -> None:
    present = registration(1, status, attended=ist(23, 10, 30), registered=ist(23, 9))
    assert is_wanted(FEEDBACK, BATCH, present)
    assert not is_wanted(FEEDBACK, BATCH, registration(1, status))


def test_feedback_is_not_asked_of_who_never_had_a_seat() -> None:
    for each in (waiting(1, 1), offered(1), registration(1, Status.LEFT, attended=ist(23, 10))):
        assert not is_wanted(FEEDBACK, BATCH, each)


def test_a_batch_moved_by_a_day_asks_by_its_new_date() -> None:
    moved: Batch = batch(starts=ist(24, 10))
    assert not is_in_time(COMING, moved, ist(20, 10))
    assert is_in_time(COMING, moved, ist(20, 10) + timedelta(days=1))
