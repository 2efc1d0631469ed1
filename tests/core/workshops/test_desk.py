"""The desk: looking, registering, moving, leaving, offers, and whether one is coming."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.core.workshops.acts import (
    Accept,
    Act,
    AlreadyIn,
    Begin,
    Closed,
    Confirm,
    Confirmed,
    Decline,
    Declined,
    Leave,
    Left,
    Look,
    MayRegister,
    MobileTaken,
    Move,
    News,
    NothingAsked,
    NothingThere,
    OfferOver,
    Own,
    Queued,
    Register,
    Say,
    Seated,
    Seen,
    WouldWait,
)
from bot.core.workshops.batch import Batch, BatchStatus, Registration, Status
from bot.core.workshops.desk import Desk
from tests.seats.given import NOW, batch, full, ist, mobile, offered, registration, seated, waiting

LATER = batch(2, starts=ist(30, 10))
DAY = ist(23, 10, 30)
AFTER = ist(23, 16)


def desk(
    batches: Iterable[Batch], registrations: Iterable[Registration] = (), now: datetime = NOW, **more: Any
) -> Desk:
    return Desk(batches, registrations, now, **more)


def register(person: int, number: int = 1, its_mobile: str = "") -> Register:
    return Register(number, its_mobile or mobile(person), {"name": "अ"})


def status(of: Desk, person: int, number: int = 1) -> Status:
    return of.seats.registrations[number, person].status


def told(of: Desk) -> list[tuple[int, News]]:
    return [(notice.person, notice.news) for notice in of.seats.notices]


# --- looking ----------------------------------------------------------------------------------------------------------


def test_looking_shows_the_batches_that_take_people_soonest_first_and_ones_own_place() -> None:
    here = [seated(1), waiting(2, 1)]
    closed = batch(3, last_date=NOW)
    one = desk([LATER, full(*here), closed], here, ahead={(1, 2): 0})
    assert one.settle(9, Look()) == Seen((full(*here), LATER), closed=closed)
    assert one.settle(2, Look()) == Seen((full(*here), LATER), Own(full(*here), here[1], 0), closed)


def test_looking_at_one_batch_shows_it_even_where_it_is_closed_and_nothing_where_it_never_was() -> None:
    closed = batch(3, last_date=NOW)
    one = desk([LATER, closed])
    assert one.settle(1, Look(3)) == Seen((closed,))
    assert one.settle(1, Look(77)) == Seen(())


def test_who_waits_sees_how_many_wait_before_them() -> None:
    here = [seated(1), waiting(2, 8)]
    seen = desk([full(*here)], here, ahead={(1, 2): 4}).settle(2, Look())
    assert isinstance(seen, Seen)
    assert seen.own == Own(full(*here), here[1], 4)


# --- registering ------------------------------------------------------------------------------------------------------


def test_who_is_in_no_batch_may_begin() -> None:
    assert desk([batch(), LATER]).settle(1, Begin(1)) == MayRegister(batch())


@pytest.mark.parametrize(
    "closed", [batch(last_date=NOW), batch(status=BatchStatus.CANCELLED), batch(starts=NOW - timedelta(hours=1))]
)
@pytest.mark.parametrize("act", [Begin(1), register(7)])
def test_a_batch_that_takes_nobody_any_more_names_the_next_one(closed: Batch, act: Act) -> None:
    assert desk([closed, LATER]).settle(7, act) == Closed(closed, LATER)
    assert desk([closed]).settle(7, act) == Closed(closed, None)


@pytest.mark.parametrize("act", [Begin(77), register(7, 77)])
def test_a_batch_that_never_was_takes_nobody(act: Act) -> None:
    assert desk([LATER]).settle(7, act) == Closed(None, LATER)


def test_seats_are_given_in_order_and_then_places_in_the_waiting_list() -> None:
    one = desk([batch(seats=2)])
    outcomes = [one.settle(person, register(person)) for person in range(1, 5)]
    assert [type(each) for each in outcomes] == [Seated, Seated, Queued, Queued]
    assert [each.number for each in outcomes if isinstance(each, Queued)] == [1, 2]
    assert [one.seats.registrations[1, person].place for person in range(1, 5)] == [0, 0, 1, 2]


def test_a_registration_keeps_what_was_filled_in_and_when() -> None:
    one = desk([batch()])
    one.settle(1, Register(1, mobile(1), {"name": "सीता"}))
    assert one.seats.registrations[1, 1] == Registration(1, 1, mobile(1), Status.SEATED, NOW, {"name": "सीता"})


@pytest.mark.parametrize("own", [seated(1), offered(1), waiting(1, 1)])
@pytest.mark.parametrize("act", [Begin(2), register(1, 2), Begin(1), register(1)])
def test_nobody_has_two_places(own: Registration, act: Register | Begin) -> None:
    here = full(own, seats=3)
    one = desk([here, LATER], [own])
    wanted = here if act.batch == 1 else LATER
    assert one.settle(1, act) == AlreadyIn(Own(here, own), wanted)
    assert one.seats.changed == []


@pytest.mark.parametrize("theirs", [seated(1), offered(1), waiting(1, 1)])
@pytest.mark.parametrize("number", [1, 2])
def test_nobody_has_two_places_by_the_same_mobile_in_another_chat(theirs: Registration, number: int) -> None:
    here = full(theirs, seats=3)
    one = desk([here, LATER], [theirs])
    assert one.settle(5, register(5, number, mobile(1))) == MobileTaken(here)
    assert one.seats.changed == []


@pytest.mark.parametrize("past", sorted(set(Status) - {Status.SEATED, Status.OFFERED, Status.WAITING}))
def test_whose_place_is_history_registers_again_from_the_end_of_the_line(past: Status) -> None:
    here = [registration(1, past, place=1, asked=NOW, coming=True, tries=2), seated(2)]
    one = desk([full(*here, places=4)], here)
    assert isinstance(one.settle(1, register(1)), Queued)
    assert one.seats.registrations[1, 1] == Registration(1, 1, mobile(1), Status.WAITING, NOW, {"name": "अ"}, place=5)


@pytest.mark.parametrize("past", [seated(1), waiting(1, 1)])
def test_once_a_batch_has_ended_a_person_registers_for_the_next(past: Registration) -> None:
    one = desk([full(past, seats=1), LATER], [past], AFTER)
    assert isinstance(one.settle(1, register(1, 2)), Seated)
    assert status(one, 1) is (Status.OVER if past.status is Status.SEATED else Status.LAPSED)


def test_once_a_batch_has_ended_its_mobile_numbers_are_free_in_other_chats() -> None:
    past = seated(1)
    one = desk([full(past), LATER], [past], AFTER)
    assert isinstance(one.settle(5, register(5, 2, mobile(1))), Seated)
    assert status(one, 1) is Status.OVER


# --- moving -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("own", [seated(1), offered(1), waiting(1, 1)])
@pytest.mark.parametrize("may_wait", [True, False])
def test_a_person_moves_to_a_free_seat(own: Registration, *, may_wait: bool) -> None:
    here = full(own, seats=1)
    one = desk([here, LATER], [own])
    outcome = one.settle(1, Move(1, 2, may_wait))
    assert outcome == Seated(one.seats.batches[2], one.seats.batches[1])
    assert (status(one, 1), status(one, 1, 2)) == (Status.MOVED, Status.SEATED)
    assert (one.seats.batches[1].taken, one.seats.batches[1].waiting, one.seats.batches[2].taken) == (0, 0, 1)
    assert one.seats.registrations[2, 1].mobile == own.mobile
    assert one.seats.registrations[2, 1].profile == own.profile


def test_the_seat_that_a_person_moved_from_is_offered_to_the_next_in_line() -> None:
    here = [seated(1), waiting(2, 1)]
    one = desk([full(*here), LATER], here)
    one.settle(1, Move(1, 2))
    assert told(one) == [(2, News.OFFER)]


@pytest.mark.parametrize("there", [full(seated(8, 2), number=2), batch(2, 2, taken=1, waiting=1, places=1)])
def test_a_person_is_asked_before_a_move_makes_them_wait(there: Batch) -> None:
    there = replace(there, starts=ist(30, 10), ends=ist(30, 16), last_date=ist(30, 10))
    own = seated(1)
    one = desk([full(own), there], [own])
    assert one.settle(1, Move(1, 2)) == WouldWait(full(own), there, there.waiting + 1)
    assert one.seats.changed == []
    outcome = one.settle(1, Move(1, 2, may_wait=True))
    assert isinstance(outcome, Queued)
    assert outcome.number == there.waiting + 1
    assert outcome.left == one.seats.batches[1]
    assert status(one, 1) is Status.MOVED


def test_who_is_there_already_is_told_so() -> None:
    own = seated(1, 2)
    there = full(own, number=2, seats=3)
    one = desk([batch(), there], [own, registration(1, Status.MOVED)])
    assert one.settle(1, Move(1, 2)) == AlreadyIn(Own(there, own), there)


@pytest.mark.parametrize(
    "mine", [[], [registration(1, Status.LEFT)], [registration(1, Status.MOVED), seated(1, 3)]], ids=str
)
def test_only_who_is_in_a_batch_can_move_from_it(mine: list[Registration]) -> None:
    one = desk([batch(), LATER, batch(3, taken=1)], mine)
    assert one.settle(1, Move(1, 2)) == NothingThere(batch())
    assert one.settle(1, Move(77, 2)) == NothingThere(None)
    assert one.seats.changed == []


def test_nobody_moves_to_a_batch_that_takes_nobody() -> None:
    own = seated(1)
    closed = batch(3, last_date=NOW)
    one = desk([full(own), closed, LATER], [own])
    assert one.settle(1, Move(1, 3, may_wait=True)) == Closed(closed, LATER)
    assert one.settle(1, Move(1, 77)) == Closed(None, LATER)
    assert status(one, 1) is Status.SEATED


def test_a_move_from_a_batch_that_has_ended_changes_no_history() -> None:
    own = seated(1, attended=DAY)
    one = desk([full(own), LATER], [own], AFTER)
    assert one.settle(1, Move(1, 2)) == NothingThere(full(own))
    assert status(one, 1) is Status.OVER
    assert one.seats.batches[1].taken == 1


# --- leaving ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("own", [seated(1), offered(1), waiting(1, 1)])
def test_a_person_gives_up_their_place(own: Registration) -> None:
    one = desk([full(own, seats=1)], [own])
    assert one.settle(1, Leave(1)) == Left(one.seats.batches[1])
    assert status(one, 1) is Status.LEFT
    assert (one.seats.batches[1].taken, one.seats.batches[1].waiting) == (0, 0)


def test_nobody_gives_up_what_they_do_not_have() -> None:
    one = desk([batch()], [registration(1, Status.LEFT)])
    assert one.settle(1, Leave(1)) == NothingThere(batch())
    assert one.settle(2, Leave(1)) == NothingThere(batch())
    assert one.settle(2, Leave(77)) == NothingThere(None)


@pytest.mark.parametrize("now", [ist(23, 10), AFTER])
def test_a_seat_cannot_be_given_up_once_the_batch_has_begun(now: datetime) -> None:
    own = seated(1)
    one = desk([full(own)], [own], now)
    assert one.settle(1, Leave(1)) == NothingThere(full(own))
    assert status(one, 1) is not Status.LEFT


# --- offers -----------------------------------------------------------------------------------------------------------


def test_an_offer_is_accepted_and_counts_as_registering_now() -> None:
    own = offered(1, registered=NOW - timedelta(days=9))
    one = desk([full(own)], [own])
    assert one.settle(1, Accept(1)) == Seated(full(own))
    assert one.seats.registrations[1, 1] == replace(own, status=Status.SEATED, offered_until=None, registered=NOW)
    assert one.seats.batches[1].taken == 1


def test_accepting_twice_says_twice_that_one_has_a_seat() -> None:
    own = seated(1)
    one = desk([full(own)], [own])
    assert one.settle(1, Accept(1)) == Seated(full(own))
    assert one.seats.changed == []


def test_an_offer_that_ran_out_is_over_even_before_the_clock_was_looked_at() -> None:
    here = [offered(1, NOW), waiting(2, 2)]
    one = desk([full(*here)], here)
    assert one.settle(1, Accept(1)) == OfferOver(one.seats.batches[1])
    assert (status(one, 1), status(one, 2)) == (Status.LAPSED, Status.OFFERED)
    assert told(one) == [(2, News.OFFER)]  # who pressed too late reads it in the answer


def test_a_declined_seat_goes_to_the_next_in_line() -> None:
    here = [offered(1), waiting(2, 2)]
    one = desk([full(*here)], here)
    assert one.settle(1, Decline(1)) == Declined(one.seats.batches[1])
    assert (status(one, 1), status(one, 2)) == (Status.DECLINED, Status.OFFERED)
    assert told(one) == [(2, News.OFFER)]


@pytest.mark.parametrize("past", [Status.LEFT, Status.DECLINED, Status.LAPSED, Status.MOVED, Status.CALLED_OFF])
@pytest.mark.parametrize("act", [Accept(1), Decline(1)])
def test_the_button_of_an_old_offer_says_that_it_is_over(past: Status, act: Act) -> None:
    assert desk([batch()], [registration(1, past)]).settle(1, act) == OfferOver(batch())


def test_who_waits_cannot_take_a_seat_by_an_old_button() -> None:
    here = [seated(1), waiting(2, 5)]
    one = desk([full(*here)], here)
    assert one.settle(2, Accept(1)) == OfferOver(full(*here))
    assert one.settle(2, Decline(1)) == OfferOver(full(*here))
    assert one.seats.changed == []


def test_a_seat_that_one_has_is_not_declined_by_an_old_button() -> None:
    own = seated(1)
    one = desk([full(own)], [own])
    assert one.settle(1, Decline(1)) == OfferOver(full(own))
    assert status(one, 1) is Status.SEATED


@pytest.mark.parametrize("act", [Accept(1), Decline(1), Confirm(1)])
def test_who_never_registered_has_nothing_to_answer(act: Act) -> None:
    assert desk([batch()]).settle(1, act) == NothingThere(batch())


@pytest.mark.parametrize("act", [Accept(1), Decline(1)])
def test_a_batch_that_has_ended_has_no_seat_to_accept_or_decline(act: Act) -> None:
    for own in (seated(1), offered(1, ist(23, 10))):
        one = desk([full(own)], [own], AFTER)
        assert one.settle(1, act) == OfferOver(full(own))
        assert status(one, 1) in {Status.OVER, Status.LAPSED}


# --- coming -----------------------------------------------------------------------------------------------------------


def test_a_person_says_that_they_are_coming() -> None:
    own = seated(1, asked=NOW)
    one = desk([full(own)], [own])
    assert one.settle(1, Confirm(1)) == Confirmed(full(own))
    assert one.seats.registrations[1, 1].coming is True


@pytest.mark.parametrize("own", [offered(1), waiting(1, 1)])
def test_who_has_no_seat_yet_and_says_that_they_are_coming_is_told_where_they_stand(own: Registration) -> None:
    here = full(own, seats=1)
    one = desk([here], [own], ahead={(1, 1): 3})
    assert one.settle(1, Confirm(1)) == Own(here, own, 3)
    assert one.seats.changed == []


def test_nobody_is_coming_to_a_batch_that_has_ended() -> None:
    own = seated(1)
    assert desk([full(own)], [own], AFTER).settle(1, Confirm(1)) == NothingThere(full(own))


@pytest.mark.parametrize(
    ("own", "yes", "outcome", "then"),
    [
        (offered(1), True, Seated, Status.SEATED),
        (offered(1), False, Declined, Status.DECLINED),
        (offered(1, NOW), True, OfferOver, Status.LAPSED),
        (seated(1, asked=NOW), True, Confirmed, Status.SEATED),
        (seated(1, asked=NOW), False, Left, Status.LEFT),
        (seated(1, asked=NOW, coming=True), False, NothingAsked, Status.SEATED),
        (seated(1), True, NothingAsked, Status.SEATED),
        (seated(1), False, NothingAsked, Status.SEATED),
        (waiting(1, 1), True, NothingAsked, Status.WAITING),
        (waiting(1, 1), False, NothingAsked, Status.WAITING),
        (registration(1, Status.LEFT, asked=NOW), True, NothingAsked, Status.LEFT),
    ],
)
def test_yes_and_no_answer_what_the_office_asked_last(
    own: Registration, *, yes: bool, outcome: type, then: Status
) -> None:
    one = desk([full(own, seats=1)], [own])
    assert type(one.settle(1, Say(yes))) is outcome
    assert status(one, 1) is then


@pytest.mark.parametrize("yes", [True, False])
def test_yes_and_no_of_somebody_in_no_batch_mean_nothing_here(*, yes: bool) -> None:
    assert desk([batch()]).settle(1, Say(yes)) == NothingAsked(yes)


def test_what_one_person_does_counts_for_the_next_at_the_same_desk() -> None:
    here = [seated(1), waiting(2, 1), waiting(3, 2)]
    one = desk([full(*here)], here)
    outcomes = [one.settle(1, Leave(1)), one.settle(2, Accept(1)), one.settle(3, Leave(1)), one.settle(4, register(4))]
    assert [type(each) for each in outcomes] == [Left, Seated, Left, Queued]
    assert [one.seats.batches[1].taken, one.seats.batches[1].waiting, one.seats.batches[1].places] == [1, 1, 3]
