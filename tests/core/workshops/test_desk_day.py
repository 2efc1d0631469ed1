"""The desk on the day of the workshop and after it, and what people want of their data."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from bot.core.workshops.acts import (
    Act,
    Attend,
    Attended,
    Correct,
    Corrected,
    Data,
    Erase,
    Erased,
    Kept,
    MobileTaken,
    News,
    NoClassToday,
    NothingThere,
    Queued,
    Rate,
    Rated,
    Register,
    Remark,
    Remarked,
    Seated,
    ShowData,
    WrongCode,
)
from bot.core.workshops.batch import Batch, Registration, Status
from bot.core.workshops.desk import MAX_TRIES, Desk
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


# --- the code of the day ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("now", [ist(23, 0), ist(23, 9, 30), DAY, ist(23, 23, 59)])
def test_the_code_holds_all_day_and_says_that_a_person_is_there(now: datetime) -> None:
    own = seated(1)
    one = desk([full(own)], [own], now)
    assert one.settle(1, Attend("4821")) == Attended(full(own))
    assert one.seats.registrations[1, 1].attended == now


@pytest.mark.parametrize("now", [ist(22, 23, 59), ist(24, 0), NOW])
def test_on_any_other_day_the_code_is_only_a_number(now: datetime) -> None:
    own = seated(1)
    one = desk([full(own)], [own], now)
    assert one.settle(1, Attend("4821")) == NoClassToday()
    assert one.seats.registrations[1, 1].attended is None


@pytest.mark.parametrize("own", [offered(1), waiting(1, 1), registration(1, Status.LEFT)])
def test_without_a_seat_the_code_is_only_a_number(own: Registration) -> None:
    assert desk([full(own, seats=1)], [own], DAY).settle(1, Attend("4821")) == NoClassToday()


def test_there_are_three_tries_and_after_them_the_right_code_does_not_help() -> None:
    own = seated(1)
    one = desk([full(own)], [own], DAY)
    outcomes = [one.settle(1, Attend(code)) for code in ("1111", "2222", "3333", "4821", "4444")]
    assert outcomes == [WrongCode(full(own), left) for left in (2, 1, 0, 0, 0)]
    assert one.seats.registrations[1, 1].tries == MAX_TRIES
    assert one.seats.registrations[1, 1].attended is None


def test_the_third_try_may_be_the_right_one_and_whoever_is_there_stays_there() -> None:
    own = seated(1)
    one = desk([full(own)], [own], DAY)
    outcomes = [one.settle(1, Attend(code)) for code in ("1111", "2222", "4821", "9999")]
    assert [type(each) for each in outcomes] == [WrongCode, WrongCode, Attended, Attended]
    assert one.seats.registrations[1, 1].tries == 2


def test_who_comes_from_the_class_with_the_code_in_hand_is_still_in_time_that_day() -> None:
    own = registration(1, Status.OVER)
    one = desk([full(own, seats=1, taken=1)], [own], ist(23, 17))
    assert isinstance(one.settle(1, Attend("4821")), Attended)


def test_of_two_classes_in_one_day_the_code_is_that_of_the_one_they_are_in() -> None:
    morning = registration(1, Status.OVER, attended=ist(23, 8, 30))
    afternoon = seated(1, 2)
    first = batch(starts=ist(23, 8), ends=ist(23, 9), code="1357")
    second = full(afternoon, number=2)
    one = desk([first, second], [morning, afternoon], DAY)
    assert one.settle(1, Attend("2468")) == WrongCode(second, 2)
    assert one.settle(1, Attend("4821")) == Attended(second)
    assert one.seats.registrations[1, 1] == morning


# --- feedback ---------------------------------------------------------------------------------------------------------


def test_who_was_there_gives_stars_and_a_line() -> None:
    own = registration(1, Status.OVER, attended=DAY)
    one = desk([full(own)], [own], ist(24, 9))
    assert one.settle(1, Rate(1, 2)) == Rated(full(own), 2)
    assert one.settle(1, Rate(1, 5)) == Rated(full(own), 5)
    assert one.settle(1, Remark(1, "बहुत अच्छा")) == Remarked(full(own))
    assert one.seats.registrations[1, 1] == replace(own, stars=5, remark="बहुत अच्छा")


@pytest.mark.parametrize("act", [Rate(1, 5), Remark(1, "अच्छा")])
@pytest.mark.parametrize("mine", [[], [registration(1, Status.OVER)], [seated(1)]])
def test_who_was_not_there_has_nothing_to_say_about_it(act: Act, mine: list[Registration]) -> None:
    one = desk([batch(taken=1)], mine)
    assert one.settle(1, act) == NothingThere(batch(taken=1))
    assert one.seats.changed == []


def test_a_batch_that_never_was_gets_no_stars() -> None:
    assert desk([batch()]).settle(1, Rate(77, 5)) == NothingThere(None)


# --- one's data -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("own", [seated(1), offered(1), waiting(1, 1)])
def test_what_is_corrected_changes_in_the_live_registration_too(own: Registration) -> None:
    one = desk([full(own, seats=1)], [own])
    assert one.settle(1, Correct(mobile(9), {"name": "राधा"})) == Corrected()
    assert one.seats.registrations[1, 1] == replace(own, mobile=mobile(9), profile={"name": "राधा"})
    assert isinstance(one.settle(5, register(5, 1, mobile(9))), MobileTaken)
    assert isinstance(one.settle(6, register(6, 1, mobile(1))), Seated | Queued)


def test_a_correction_with_ones_own_number_is_no_clash() -> None:
    own = seated(1)
    assert desk([full(own)], [own]).settle(1, Correct(mobile(1), {"name": "ब"})) == Corrected()


def test_nobody_takes_somebody_elses_number_by_a_correction() -> None:
    here = [seated(1), seated(2)]
    one = desk([full(*here)], here)
    assert one.settle(1, Correct(mobile(2), {})) == MobileTaken(full(*here))
    assert one.seats.changed == []


def test_a_correction_leaves_history_as_it_was() -> None:
    past = registration(1, Status.OVER)
    one = desk([full(past)], [past], AFTER)
    assert one.settle(1, Correct(mobile(9), {"name": "राधा"})) == Corrected()
    assert one.seats.changed == []


def test_a_person_sees_all_that_is_kept_oldest_first() -> None:
    old, new = registration(1, Status.OVER, registered=ist(1, 9)), seated(1, 2, registered=ist(2, 9))
    one = desk([batch(), full(new, number=2)], [new, old], kept={1: Kept(NOW, (("ab12", NOW),))})
    assert one.settle(1, ShowData()) == Data(Kept(NOW, (("ab12", NOW),)), ((old, batch()), (new, full(new, number=2))))


def test_who_is_erased_frees_their_seat_for_the_next_in_line() -> None:
    here = [seated(1), waiting(2, 1)]
    one = desk([full(*here)], here)
    assert one.settle(1, Erase()) == Erased()
    assert one.erased == [1]
    assert told(one) == [(2, News.OFFER)]
    assert status(one, 1) is Status.LEFT


def test_who_is_erased_from_a_class_that_is_running_counts_as_having_had_a_seat() -> None:
    own = seated(1, attended=DAY)
    one = desk([full(own)], [own], ist(23, 12))
    one.settle(1, Erase())
    assert status(one, 1) is Status.OVER


def test_who_is_in_no_batch_is_erased_too() -> None:
    one = desk([batch()])
    assert one.settle(1, Erase()) == Erased()
    assert (one.erased, one.seats.changed) == ([1], [])
