"""
Whatever people, the clock and the office do, in any order: the desk, alone and on a database, against a simple model.

Here and in CI a reduced number of examples, always the same ones. ``GEM_SAATHI_FULL=1`` takes many times as many, and
others each time:

    GEM_SAATHI_FULL=1 pytest tests/seats/test_any_order.py
"""

import asyncio
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bot.core.talk.state import World
from bot.core.workshops.acts import (
    Accept,
    Act,
    Confirm,
    Correct,
    Decline,
    Erase,
    Leave,
    Look,
    Move,
    Outcome,
    Queued,
    Register,
    Say,
    WouldWait,
)
from bot.core.workshops.batch import BatchStatus, Status
from bot.store.database import open_database
from tests.seats.given import NOW, batch, mobile
from tests.seats.model import Model, Room
from tests.seats.offices import Desks, Office, Stored, standing

FULL = bool(os.environ.get("GEM_SAATHI_FULL"))
PEOPLE = range(1, 15)
# Several people share a number, and several numbers are one person's.
MOBILES = [mobile(number) for number in range(9)]
BATCHES = 4
HOURS = st.sampled_from([1, 3, 5, 11, 13, 40])


def examples(reduced: int, full: int, steps: int) -> settings:
    return settings(
        max_examples=full if FULL else reduced,
        stateful_step_count=steps,
        derandomize=not FULL,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def said(outcome: Outcome) -> str:
    """As the model says it."""
    name = type(outcome).__name__
    return f"{name} {outcome.number}" if isinstance(outcome, Queued | WouldWait) else name


class AnyOrder(RuleBasedStateMachine):
    """An office, and the model of it."""

    def __init__(self, office: Callable[[], Office]) -> None:
        super().__init__()
        self.office = office()
        self.model = Model(NOW)

    # --- what happens -------------------------------------------------------------------------------------------------

    @initialize(seats=st.lists(st.integers(1, 3), min_size=2, max_size=3), order=st.permutations(PEOPLE))
    def batches_are_announced_and_many_register_for_the_first(self, seats: list[int], order: list[int]) -> None:
        for days, each in enumerate(seats):
            self.announce(each, timedelta(days=2 + 3 * days))
        first = min(self.model.rooms)
        self.compare([(person, Register(first, MOBILES[person % len(MOBILES)], {})) for person in order])

    @precondition(lambda self: sum(self.model.is_ahead(number) for number in self.model.rooms) < BATCHES)
    @rule(seats=st.integers(1, 3), days=st.integers(2, 9))
    def a_batch_is_announced(self, seats: int, days: int) -> None:
        self.announce(seats, timedelta(days=days))

    @rule(data=st.data(), persons=st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=6, unique=True))
    def people_come(self, data: st.DataObject, persons: list[int]) -> None:
        self.come(persons, data)

    @precondition(lambda self: self.placed())
    @rule(data=st.data())
    def people_come_who_have_a_place(self, data: st.DataObject) -> None:
        some = st.lists(st.sampled_from(self.placed()), min_size=1, max_size=6, unique=True)
        self.come(data.draw(some, "who"), data)

    @precondition(lambda self: self.offered())
    @rule(data=st.data())
    def people_come_to_whom_a_seat_is_offered(self, data: st.DataObject) -> None:
        some = st.lists(st.sampled_from(self.offered()), min_size=1, max_size=3, unique=True)
        self.come(data.draw(some, "who"), data)

    @precondition(lambda self: self.changeable())
    @rule(persons=st.lists(st.sampled_from(PEOPLE), min_size=2, max_size=8, unique=True), data=st.data())
    def many_register_for_one(self, persons: list[int], data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(self.changeable()), "batch")
        self.compare([(person, Register(number, MOBILES[person % len(MOBILES)], {})) for person in persons])

    @rule(hours=HOURS, looks=st.booleans())
    def time_passes(self, hours: int, *, looks: bool) -> None:
        """The program may be down for a while, but not over the end of a batch."""
        self.model.now += timedelta(hours=hours)
        if looks or any(not room.cancelled and room.ends <= self.model.now for room in self.model.rooms.values()):
            self.look()

    @rule()
    def the_program_looks_at_the_clock(self) -> None:
        self.look()

    @precondition(lambda self: self.changeable())
    @rule(
        data=st.data(),
        more=st.sampled_from([-1, 0, 0, 1, 2]),
        days=st.sampled_from([0, 0, 1, 4, -1]),
        venue=st.sampled_from(["गोरखपुर", "देवरिया"]),
    )
    def the_office_changes_a_batch(self, data: st.DataObject, more: int, days: int, venue: str) -> None:
        number = data.draw(st.sampled_from(self.changeable()), "batch")
        before = self.office.batches()[number]
        shift = timedelta(days=days)
        if before.starts + shift <= self.model.now:
            shift = timedelta()
        starts, ends = before.starts + shift, before.ends + shift
        seats = max(before.seats + more, 1)
        wanted = replace(before, seats=before.seats, starts=starts, ends=ends, last_date=starts, venue=venue)
        if seats < self.model.rooms[number].taken:
            with pytest.raises(ValueError, match="seats taken"):
                self.office.change(replace(wanted, seats=seats, taken=0), self.model.now)
            return
        self.office.change(replace(wanted, seats=seats), self.model.now)
        self.model.change(number, seats, starts, ends, moved=(venue, starts) != (before.venue, before.starts))

    @precondition(lambda self: self.changeable())
    @rule(data=st.data(), sure=st.integers(0, 3))
    def the_office_cancels_a_batch(self, data: st.DataObject, sure: int) -> None:
        if sure:
            return
        number = data.draw(st.sampled_from(self.changeable()), "batch")
        self.office.change(replace(self.office.batches()[number], status=BatchStatus.CANCELLED), self.model.now)
        self.model.cancel(number)

    # --- what must hold -----------------------------------------------------------------------------------------------

    @invariant()
    def all_is_as_the_model_says(self) -> None:
        live, found = self.office.live(), self.office.batches()
        for number, room in self.model.rooms.items():
            sits, offers, waits = (
                standing(live, number, each) for each in (Status.SEATED, Status.OFFERED, Status.WAITING)
            )
            assert {each.person for each in sits} == room.sits
            assert {each.person for each in offers} == set(room.offered)
            assert [each.person for each in waits] == room.waits
            for each in offers:
                assert each.offered_until is not None
                assert each.offered_until <= room.starts
                room.offered[each.person] = each.offered_until
            if not room.cancelled and self.model.now < room.ends:
                one = found[number]
                assert one.taken == len(sits) + len(offers) <= one.seats == room.seats
                assert one.waiting == len(waits)
            if self.model.is_ahead(number):
                assert not (room.waits and room.taken < room.seats)
        assert len({each.mobile for each in live}) == len({each.person for each in live}) == len(live)
        assert all(each.mobile == self.model.mobiles[each.person] for each in live)
        # Who was asked "are you coming?" is for the reminders to say.
        self.model.asked = {each.person for each in live if each.asked and each.coming is None}

    @invariant()
    def all_were_told_what_others_did_to_their_places(self) -> None:
        expected = Counter[int]()
        for (person, _), count in self.model.told.items():
            expected[person] += count
        assert self.office.told() == expected
        self.model.told.clear()

    @invariant()
    def seats_were_offered_in_the_order_of_the_waiting_list(self) -> None:
        for number in self.model.rooms:
            expected, offered = (
                [person for its, person in offers if its == number]
                for offers in (self.model.offers, self.office.offers)
            )
            assert offered == expected
        self.model.offers.clear()
        self.office.offers.clear()

    # ------------------------------------------------------------------------------------------------------------------

    def announce(self, seats: int, ahead: timedelta) -> None:
        starts = self.model.now + ahead
        number = self.office.add(batch(0, seats, starts=starts))
        self.model.rooms[number] = Room(seats, starts, starts + timedelta(hours=6))

    def look(self) -> None:
        self.office.pass_time(sorted(self.model.rooms), self.model.now)
        for number in sorted(self.model.rooms):
            self.model.pass_time(number)

    def compare(self, acts: list[tuple[int, Act]]) -> None:
        outcomes = self.office.settle(acts, self.model.now)
        expected = [self.model.settle(person, act) for person, act in acts]
        assert [said(outcome) for outcome in outcomes] == expected

    def changeable(self) -> list[int]:
        return [number for number in sorted(self.model.rooms) if self.model.is_ahead(number)]

    def placed(self) -> list[int]:
        return [person for person in PEOPLE if self.model.of(person) is not None]

    def offered(self) -> list[int]:
        return sorted({person for room in self.model.rooms.values() for person in room.offered})

    def come(self, persons: list[int], data: st.DataObject) -> None:
        self.compare([(person, data.draw(self.something(person), f"person {person}")) for person in persons])

    def something(self, person: int) -> st.SearchStrategy[Act]:
        """What a person may want, mostly what makes sense where they stand."""
        own = self.model.of(person)
        every = st.sampled_from(sorted(self.model.rooms))
        ahead = st.sampled_from(self.changeable() or sorted(self.model.rooms))
        here = every if own is None else st.sampled_from([own, own, own, *self.model.rooms])
        mobiles = st.sampled_from([MOBILES[person % len(MOBILES)], *MOBILES])
        register = st.builds(Register, ahead, mobiles, st.just({}))
        move = st.builds(Move, here, ahead, st.sampled_from([True, False, True]))
        answers: list[st.SearchStrategy[Act]] = [
            st.builds(Accept, here),
            st.builds(Decline, here),
            st.builds(Say, st.booleans()),
        ]
        others: list[st.SearchStrategy[Act]] = [
            st.builds(Leave, here),
            move,
            st.builds(Confirm, here),
            st.builds(Correct, mobiles, st.just({})),
            st.builds(Look),
            st.just(Erase()),
            st.builds(Register, every, mobiles, st.just({})),
        ]
        if own is None:
            return st.one_of(register, register, register, register, *others, *answers)
        if person in self.model.rooms[own].offered:
            return st.one_of(*answers, *answers, *answers, *others)
        return st.one_of(move, move, st.builds(Leave, st.just(own)), *others, *answers)


def run(office: Callable[[], Office], size: settings) -> None:
    machine: Any = partial(AnyOrder, office)
    run_state_machine_as_test(machine, settings=size)


def test_the_desk_does_what_the_model_says() -> None:
    run(Desks, examples(100, 5000, 50))


def test_the_desk_on_a_database_does_what_the_model_says(database_url: str, engine_name: str, small: World) -> None:
    with asyncio.Runner() as runner:
        database = runner.run(open_database(database_url))
        reduced, full = (12, 400) if engine_name == "sqlite" else (6, 150)
        try:
            run(lambda: Stored(runner, database, small.phrases), examples(reduced, full, 30))
        finally:
            runner.run(database.close())
