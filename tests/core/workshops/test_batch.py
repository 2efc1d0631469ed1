from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.core.workshops.batch import HAD_SEAT, HOLDS_SEAT, LIVE, BatchStatus, Status
from tests.seats.given import NOW, batch, ist, registration


@pytest.mark.parametrize("taken", [-1, 3])
def test_a_batch_with_more_seats_taken_than_it_has_cannot_be_made(taken: int) -> None:
    with pytest.raises(ValueError, match="seats taken"):
        batch(seats=2, taken=taken)


@pytest.mark.parametrize("ends", [ist(23, 10), ist(23, 9)])
def test_a_batch_that_does_not_end_after_it_starts_cannot_be_made(ends: datetime) -> None:
    with pytest.raises(ValueError, match="ends"):
        batch(starts=ist(23, 10), ends=ends)


def test_free_seats_are_those_that_nobody_holds() -> None:
    assert batch(seats=5, taken=3).free == 2
    assert batch(seats=5, taken=5).free == 0


def test_people_register_until_the_last_date_and_never_after_the_start() -> None:
    early = batch(last_date=ist(20, 18))
    assert early.takes_registrations(ist(20, 17, 59))
    assert not early.takes_registrations(ist(20, 18))
    late = batch(last_date=ist(30, 18))
    assert late.takes_registrations(ist(23, 9, 59))
    assert not late.takes_registrations(ist(23, 10))
    assert not replace(early, status=BatchStatus.CANCELLED).takes_registrations(NOW)


def test_a_batch_is_ahead_until_it_starts_unless_it_is_cancelled() -> None:
    one = batch(last_date=ist(20, 18))
    assert one.is_ahead(ist(23, 9, 59))
    assert not one.is_ahead(one.starts)
    assert not one.is_ahead(one.starts + timedelta(hours=1))
    assert not replace(one, status=BatchStatus.CANCELLED).is_ahead(NOW)


@pytest.mark.parametrize("status", list(Status))
def test_a_registration_is_live_while_it_holds_a_seat_or_waits_for_one(status: Status) -> None:
    assert registration(1, status).is_live is (status in {Status.SEATED, Status.OFFERED, Status.WAITING})


def test_who_holds_a_seat_is_live_and_an_offer_is_not_yet_a_seat_that_was_had() -> None:
    assert HOLDS_SEAT < LIVE
    assert Status.OFFERED not in HAD_SEAT
