"""Seats: who gets one, who waits, what happens when one becomes free."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.core.workshops.acts import News, Queued, Seated
from bot.core.workshops.batch import Batch, BatchStatus, Registration, Status
from bot.core.workshops.night import NIGHT
from bot.core.workshops.seats import LONGEST_OFFER, SHORTEST_OFFER, Seats, held_until
from tests.seats.given import NOW, batch, full, ist, mobile, offered, registration, seated, waiting


def seats_of(batches: Iterable[Batch], registrations: Iterable[Registration] = (), now: datetime = NOW) -> Seats:
    return Seats(batches, registrations, now, {})


def statuses(seats: Seats, number: int = 1) -> dict[int, Status]:
    return {person: each.status for (its, person), each in seats.registrations.items() if its == number}


def told(seats: Seats) -> list[tuple[int, News]]:
    return [(notice.person, notice.news) for notice in seats.notices]


# --- how long a seat is held ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "starts", "until"),
    [
        (ist(2, 8), ist(23, 10), ist(2, 20)),  # far ahead: twelve hours
        (ist(2, 11), ist(23, 10), ist(3, 10)),  # that would be 23:00: the morning after
        (ist(2, 9), ist(4, 9), ist(3, 10)),  # 21:00 is night
        (ist(2, 10), ist(3, 18), ist(2, 18)),  # a quarter of 32 hours
        (ist(2, 11), ist(2, 15), ist(2, 12)),  # a quarter of four hours
        (ist(2, 11), ist(2, 13), ist(2, 12)),  # never less than an hour
        (ist(2, 11), ist(2, 11, 30), ist(2, 11, 30)),  # but never after the start
        (ist(2, 23), ist(3, 9), ist(3, 9)),  # by night, and it starts before ten
        (ist(2, 23), ist(3, 12), ist(3, 11, 15)),  # by night, counted from eight in the morning
        (ist(3, 2), ist(23, 10), ist(3, 20)),
        (ist(2, 22, 30), ist(23, 10), ist(3, 20)),
    ],
)
def test_a_seat_is_held_for_a_quarter_of_the_time_that_is_left(
    now: datetime, starts: datetime, until: datetime
) -> None:
    assert held_until(now, starts) == until


def test_no_deadline_is_past_in_the_night_or_after_the_start() -> None:
    starts = ist(23, 10)
    for minutes in range(10, 21 * 24 * 60, 17):
        now = starts - timedelta(minutes=minutes)
        until = held_until(now, starts)
        assert now < until <= starts
        assert until == starts or not NIGHT.is_quiet(until)
        assert until == starts or until - now >= SHORTEST_OFFER
        assert until - now <= LONGEST_OFFER + timedelta(hours=13)


# --- entering ---------------------------------------------------------------------------------------------------------


def test_who_comes_while_a_seat_is_free_gets_it() -> None:
    seats = seats_of([batch(seats=1)])
    outcome = seats.enter(seats.batches[1], registration(7))
    assert outcome == Seated(seats.batches[1])
    assert (seats.batches[1].taken, seats.batches[1].free, seats.batches[1].places) == (1, 0, 0)
    assert statuses(seats) == {7: Status.SEATED}


def test_who_comes_when_all_is_taken_waits_at_the_end() -> None:
    here = [seated(1), waiting(2, 4)]
    seats = seats_of([full(*here)], here)
    outcome = seats.enter(seats.batches[1], registration(3))
    assert isinstance(outcome, Queued)
    assert outcome.number == 2
    assert seats.registrations[1, 3].place == 5
    assert (seats.batches[1].waiting, seats.batches[1].places) == (2, 5)


def test_nobody_overtakes_who_waits_even_where_a_seat_is_free() -> None:
    seats = seats_of([batch(seats=2, taken=1, waiting=1, places=1)], [seated(1), waiting(2, 1)])
    assert isinstance(seats.enter(seats.batches[1], registration(3)), Queued)


def test_places_are_never_given_twice() -> None:
    here = [seated(1), waiting(2, 1), waiting(3, 2)]
    seats = seats_of([full(*here)], here)
    seats.release(seats.registrations[1, 3], Status.LEFT)
    seats.enter(seats.batches[1], registration(4))
    assert seats.registrations[1, 4].place == 3
    assert seats.batches[1].waiting == 2


# --- releasing --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("gone", [seated(1), offered(1)])
def test_a_seat_that_becomes_free_is_held_at_once_for_the_first_in_line(gone: Registration) -> None:
    here = [gone, waiting(2, 9), waiting(3, 5)]
    seats = seats_of([full(*here)], here)
    seats.release(gone, Status.LEFT)
    assert statuses(seats) == {1: Status.LEFT, 2: Status.WAITING, 3: Status.OFFERED}
    until = held_until(NOW, seats.batches[1].starts)
    assert seats.registrations[1, 3].offered_until == until
    assert [(notice.person, notice.news, notice.until) for notice in seats.notices] == [(3, News.OFFER, until)]
    assert (seats.batches[1].taken, seats.batches[1].waiting) == (1, 1)


def test_a_seat_that_becomes_free_while_nobody_waits_stays_free() -> None:
    here = [seated(1), seated(2)]
    seats = seats_of([full(*here)], here)
    seats.release(here[0], Status.LEFT)
    assert (seats.batches[1].taken, seats.batches[1].free, seats.notices) == (1, 1, [])


def test_who_gives_up_waiting_frees_no_seat() -> None:
    here = [seated(1), waiting(2, 1), waiting(3, 2)]
    seats = seats_of([full(*here)], here)
    seats.release(here[1], Status.LEFT)
    assert statuses(seats) == {1: Status.SEATED, 2: Status.LEFT, 3: Status.WAITING}
    assert (seats.batches[1].taken, seats.batches[1].waiting, seats.notices) == (1, 1, [])


@pytest.mark.parametrize("now", [ist(23, 10), ist(23, 12)])
def test_no_seat_is_offered_once_the_batch_has_begun(now: datetime) -> None:
    here = [seated(1), waiting(2, 1)]
    seats = seats_of([full(*here)], here, now)
    seats.release(here[0], Status.MOVED)
    assert seats.batches[1].free == 1
    assert seats.notices == []


# --- time -------------------------------------------------------------------------------------------------------------


def test_an_offer_that_ran_out_goes_to_the_next_in_line_and_both_are_told() -> None:
    here = [offered(1, NOW), waiting(2, 2)]
    seats = seats_of([full(*here)], here)
    seats.pass_time(1)
    assert statuses(seats) == {1: Status.LAPSED, 2: Status.OFFERED}
    assert told(seats) == [(1, News.LAPSED), (2, News.OFFER)]
    assert seats.registrations[1, 1].offered_until is None


def test_an_offer_that_has_not_run_out_stays() -> None:
    here = [offered(1, NOW + timedelta(microseconds=1)), waiting(2, 2)]
    seats = seats_of([full(*here)], here)
    seats.pass_time(1)
    assert seats.changed == []
    assert seats.changed_batches == []


def test_a_seat_that_was_left_idle_is_offered_when_time_passes() -> None:
    here = [seated(1), waiting(2, 1), waiting(3, 2)]
    seats = seats_of([replace(full(*here), seats=3)], here)
    seats.pass_time(1)
    assert statuses(seats) == {1: Status.SEATED, 2: Status.OFFERED, 3: Status.OFFERED}


def test_who_still_waits_when_the_batch_begins_is_told_with_the_next_batch_named() -> None:
    here = [seated(1), offered(2, ist(23, 10)), waiting(3, 2)]
    later = batch(2, starts=ist(30, 10))
    seats = seats_of([full(*here), later], here, ist(23, 10))
    seats.pass_time(1)
    assert statuses(seats) == {1: Status.SEATED, 2: Status.LAPSED, 3: Status.LAPSED}
    assert [(notice.person, notice.news, notice.instead) for notice in seats.notices] == [
        (2, News.NO_SEAT, later),
        (3, News.NO_SEAT, later),
    ]
    assert (seats.batches[1].taken, seats.batches[1].waiting) == (1, 0)


@pytest.mark.parametrize("late", [timedelta(), timedelta(days=2)])
def test_once_a_batch_has_ended_its_registrations_are_history(late: timedelta) -> None:
    here = [seated(1, attended=ist(23, 10, 5)), seated(2), registration(3, Status.LEFT)]
    seats = seats_of([full(*here)], here, ist(23, 16) + late)
    seats.pass_time(1)
    assert statuses(seats) == {1: Status.OVER, 2: Status.OVER, 3: Status.LEFT}
    assert seats.notices == []


def test_who_waited_is_told_even_by_a_program_that_was_down_until_the_batch_had_ended() -> None:
    here = [seated(1), offered(2, ist(23, 9)), waiting(3, 2)]
    seats = seats_of([full(*here)], here, ist(23, 17))
    seats.pass_time(1)
    assert statuses(seats) == {1: Status.OVER, 2: Status.LAPSED, 3: Status.LAPSED}
    assert told(seats) == [(2, News.NO_SEAT), (3, News.NO_SEAT)]


def test_time_that_passed_once_does_nothing_when_it_passes_again() -> None:
    here = [offered(1, NOW), waiting(2, 2), seated(3)]
    once = seats_of([full(*here)], here)
    once.pass_time(1)
    twice = seats_of(once.batches.values(), once.registrations.values())
    twice.pass_time(1)
    assert (twice.changed, twice.changed_batches, twice.notices) == ([], [], [])


# --- what staff change ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changed",
    [{"venue": "देवरिया"}, {"starts": ist(24, 10)}, {"ends": ist(23, 17)}],
    ids=["venue", "start", "end"],
)
def test_everybody_in_a_batch_is_told_of_another_time_or_venue(changed: dict[str, object]) -> None:
    here = [seated(1), offered(2), waiting(3, 2), registration(4, Status.LEFT)]
    before = full(*here)
    seats = seats_of([before], here)
    more = {"last_date": ist(23, 9), "ends": ist(24, 16)} if "starts" in changed else {}
    seats.change(replace(before, **more | changed))  # type: ignore[arg-type]
    assert told(seats) == [(1, News.CHANGED), (2, News.CHANGED), (3, News.CHANGED)]
    assert {notice.before for notice in seats.notices} == {before}
    assert {notice.batch for notice in seats.notices} == {seats.batches[1]}


@pytest.mark.parametrize(
    "changed", [{"title": "GeM"}, {"trainer": "राम"}, {"topics": ("बिड",)}, {"last_date": ist(20, 10)}]
)
def test_other_changes_disturb_nobody(changed: dict[str, object]) -> None:
    here = [seated(1), waiting(2, 1)]
    seats = seats_of([full(*here)], here)
    seats.change(replace(full(*here), **changed))  # type: ignore[arg-type]
    assert seats.notices == []
    assert seats.changed == []
    assert len(seats.changed_batches) == 1


def test_a_moved_batch_asks_anew_and_a_new_venue_does_not() -> None:
    asked = seated(1, asked=NOW, coming=True, reminded=NOW)
    before = full(asked)
    seats = seats_of([before], [asked])
    seats.change(replace(before, venue="देवरिया"))
    assert seats.registrations[1, 1] == asked
    moved = replace(before, starts=ist(25, 10), ends=ist(25, 16), last_date=ist(25, 10))
    seats.change(moved)
    assert seats.registrations[1, 1] == replace(asked, asked=None, coming=None, reminded=None)


def test_no_seat_is_held_beyond_the_start_of_a_batch_that_was_moved_forward() -> None:
    here = [offered(1, ist(3, 10))]
    before = full(*here)
    seats = seats_of([before], here)
    moved = replace(before, starts=ist(2, 14), ends=ist(2, 20), last_date=ist(2, 14))
    seats.change(moved)
    assert seats.registrations[1, 1].offered_until == ist(2, 14)
    assert seats.registrations[1, 1].status is Status.OFFERED


def test_more_seats_are_offered_to_the_first_in_line() -> None:
    here = [seated(1), waiting(2, 1), waiting(3, 2), waiting(4, 3)]
    seats = seats_of([full(*here)], here)
    seats.change(replace(full(*here), seats=3))
    assert told(seats) == [(2, News.OFFER), (3, News.OFFER)]
    assert (seats.batches[1].taken, seats.batches[1].waiting) == (3, 1)


def test_there_are_never_fewer_seats_than_are_taken() -> None:
    here = [seated(1), offered(2), waiting(3, 2)]
    seats = seats_of([full(*here)], here)
    with pytest.raises(ValueError, match="2 of 1 seats"):
        seats.change(batch(seats=1))
    assert seats.notices == []
    assert seats.changed == []


def test_staff_cannot_change_by_hand_how_many_seats_are_taken() -> None:
    here = [seated(1), waiting(2, 7)]
    seats = seats_of([full(*here)], here)
    seats.change(batch(seats=1, taken=0, waiting=0, places=0))
    assert (seats.batches[1].taken, seats.batches[1].waiting, seats.batches[1].places) == (1, 1, 7)


def test_a_cancelled_batch_is_called_off_for_everybody_with_the_next_one_named() -> None:
    here = [seated(1), offered(2), waiting(3, 2), registration(4, Status.DECLINED)]
    before, later = full(*here), batch(2, starts=ist(30, 10))
    seats = seats_of([before, later, batch(3, starts=ist(29, 10), last_date=NOW)], here)
    seats.change(replace(before, status=BatchStatus.CANCELLED))
    assert statuses(seats) == dict.fromkeys((1, 2, 3), Status.CALLED_OFF) | {4: Status.DECLINED}
    assert [(notice.person, notice.news, notice.instead) for notice in seats.notices] == [
        (person, News.CALLED_OFF, later) for person in (1, 2, 3)
    ]
    assert (seats.batches[1].taken, seats.batches[1].waiting) == (0, 0)
    assert all(each.offered_until is None for each in seats.registrations.values())


def test_a_batch_is_called_off_only_once() -> None:
    here = [seated(1)]
    seats = seats_of([full(*here)], here)
    cancelled = replace(full(*here), status=BatchStatus.CANCELLED)
    seats.change(cancelled)
    seats.change(replace(cancelled, venue="देवरिया"))
    assert told(seats) == [(1, News.CALLED_OFF)]


# --- who somebody is --------------------------------------------------------------------------------------------------


def test_a_live_registration_is_found_by_its_mobile_and_not_when_it_is_history() -> None:
    here = [seated(1), registration(2, Status.LEFT, mobile=mobile(9))]
    seats = seats_of([full(*here)], here)
    assert seats.holder(mobile(1)) == here[0]
    assert seats.holder(mobile(9)) is None
    seats.release(here[0], Status.LEFT)
    assert seats.holder(mobile(1)) is None


def test_a_mobile_belongs_to_the_last_who_took_it_live() -> None:
    seats = seats_of([batch(seats=2, taken=1)], [seated(1)])
    seats.put(replace(seats.registrations[1, 1], mobile=mobile(5)))
    seats.put(seated(2, mobile=mobile(1)))
    seats.put(replace(seats.registrations[1, 1], status=Status.LEFT))
    assert seats.holder(mobile(1)) == seats.registrations[1, 2]
    assert seats.holder(mobile(5)) is None


def test_a_registration_in_a_batch_that_has_ended_is_nobodys_place_any_more() -> None:
    here = [seated(1), waiting(2, 1)]
    seats = seats_of([full(*here)], here, ist(23, 16))
    assert seats.own(1) is None
    assert seats.holder(mobile(2)) is None
    assert statuses(seats) == {1: Status.OVER, 2: Status.LAPSED}


def test_only_what_is_new_or_different_is_to_be_written() -> None:
    here = [seated(1), seated(2)]
    seats = seats_of([full(*here), batch(2)], here)
    assert (seats.changed, seats.changed_batches) == ([], [])
    seats.put(replace(here[1], coming=True))
    seats.put(seated(3, 2))
    assert [(each.batch, each.person) for each in seats.changed] == [(1, 2), (2, 3)]


def test_batches_that_take_registrations_are_named_soonest_first() -> None:
    many = [batch(1, starts=ist(25, 10)), batch(2), batch(3), batch(4, starts=ist(20, 10), last_date=NOW)]
    seats = seats_of([*many, batch(5, starts=ist(10, 10), status=BatchStatus.CANCELLED)])
    assert [each.id for each in seats.open_ones()] == [2, 3, 1]
    assert [seats.next_open(but) for but in (1, 2)] == [many[1], many[2]]
    assert seats_of([many[3]]).next_open(1) is None
