"""
What seats are supposed to do, said again as simply as it can be: three collections a batch, and no clever bookkeeping.

People are letters of an alphabet (their numbers), a batch is who sits, to whom a seat is offered, and who waits, in
order. The tests let the real thing and this do the same, and compare.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

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
    News,
    Register,
    Say,
)


@dataclass
class Room:
    """One batch."""

    seats: int
    starts: datetime
    ends: datetime
    cancelled: bool = False
    sits: set[int] = field(default_factory=set)
    # Person -> until when.
    offered: dict[int, datetime] = field(default_factory=dict)
    waits: list[int] = field(default_factory=list)
    ever: set[int] = field(default_factory=set)

    @property
    def taken(self) -> int:
        return len(self.sits) + len(self.offered)

    def holds(self, person: int) -> bool:
        return person in self.sits or person in self.offered or person in self.waits

    def remove(self, person: int) -> None:
        self.sits.discard(person)
        self.offered.pop(person, None)
        if person in self.waits:
            self.waits.remove(person)

    def empty(self) -> None:
        self.sits, self.offered, self.waits = set(), {}, []


@dataclass
class Model:
    """All batches, and what people must have been told since somebody last looked."""

    now: datetime
    rooms: dict[int, Room] = field(default_factory=dict)
    mobiles: dict[int, str] = field(default_factory=dict)
    asked: set[int] = field(default_factory=set)
    told: Counter[tuple[int, News]] = field(default_factory=Counter)
    # (batch, person), in the order in which seats were offered.
    offers: list[tuple[int, int]] = field(default_factory=list)

    def of(self, person: int) -> int | None:
        return next((number for number, room in self.rooms.items() if room.holds(person)), None)

    def is_ahead(self, number: int) -> bool:
        room = self.rooms[number]
        return not room.cancelled and self.now < room.starts

    def with_mobile(self, mobile: str) -> int | None:
        return next((each for each, its in self.mobiles.items() if its == mobile and self.of(each) is not None), None)

    # --- what people do -----------------------------------------------------------------------------------------------

    def settle(self, person: int, act: Act) -> str:  # noqa: C901, PLR0911, PLR0912 - one line an act
        """Do it; the name of the outcome, and a number where there is one."""
        own = self.of(person)
        match act:
            case Look():
                return "Seen"
            case Register(batch=number, mobile=mobile):
                if own is not None:
                    return "AlreadyIn"
                if not self.is_ahead(number):
                    return "Closed"
                if self.with_mobile(mobile) is not None:
                    return "MobileTaken"
                self.mobiles[person] = mobile
                return self._enter(person, number)
            case Move(batch=number, to=to, may_wait=may_wait):
                return self._move(person, number, to, may_wait=may_wait)
            case Leave(batch=number):
                return self._leave(person, number)
            case Accept(batch=number) | Decline(batch=number):
                return self._answer(person, number, yes=isinstance(act, Accept))
            case Confirm(batch=number):
                if own != number:
                    return "NothingThere"
                return "Confirmed" if person in self.rooms[number].sits else "Own"
            case Say(yes=yes):
                return self._say(person, yes=yes)
            case Correct(mobile=mobile):
                if self.with_mobile(mobile) not in (None, person):
                    return "MobileTaken"
                if own is not None:
                    self.mobiles[person] = mobile
                return "Corrected"
            case Erase():
                if own is not None:
                    self._free(person, own)
                for room in self.rooms.values():
                    room.ever.discard(person)
                # There is nobody any more whom one could tell.
                self.told = Counter({key: count for key, count in self.told.items() if key[0] != person})
                return "Erased"
            case _:
                raise AssertionError(act)

    def _enter(self, person: int, number: int) -> str:
        room = self.rooms[number]
        room.ever.add(person)
        self.asked.discard(person)
        if room.taken < room.seats and not room.waits:
            room.sits.add(person)
            return "Seated"
        room.waits.append(person)
        return f"Queued {len(room.waits)}"

    def _free(self, person: int, number: int) -> None:
        self.rooms[number].remove(person)
        self._offer(number)

    def _offer(self, number: int) -> None:
        room = self.rooms[number]
        while self.is_ahead(number) and room.waits and room.taken < room.seats:
            first = room.waits.pop(0)
            # How long is for the real thing to say.
            room.offered[first] = room.starts
            self.offers.append((number, first))
            self.told[first, News.OFFER] += 1

    def _move(self, person: int, number: int, to: int, *, may_wait: bool) -> str:
        own = self.of(person)
        if own is not None and own == to:
            return "AlreadyIn"
        if own is None or own != number:
            return "NothingThere"
        if not self.is_ahead(to):
            return "Closed"
        there = self.rooms[to]
        if not may_wait and (there.taken == there.seats or there.waits):
            return f"WouldWait {len(there.waits) + 1}"
        self._free(person, number)
        return self._enter(person, to)

    def _leave(self, person: int, number: int) -> str:
        if self.of(person) != number or not self.is_ahead(number):
            return "NothingThere"
        self._free(person, number)
        return "Left"

    def _answer(self, person: int, number: int, *, yes: bool) -> str:
        room = self.rooms[number]
        if person not in room.ever:
            return "NothingThere"
        if person not in room.offered:
            return "Seated" if yes and person in room.sits else "OfferOver"
        if not yes:
            self._free(person, number)
            return "Declined"
        if room.offered[person] <= self.now:
            self._free(person, number)
            return "OfferOver"
        del room.offered[person]
        room.sits.add(person)
        return "Seated"

    def _say(self, person: int, *, yes: bool) -> str:
        own = self.of(person)
        if own is not None and person in self.rooms[own].offered:
            return self._answer(person, own, yes=yes)
        if own is None or person not in self.rooms[own].sits or person not in self.asked:
            return "NothingAsked"
        return "Confirmed" if yes else self._leave(person, own)

    # --- what the clock and the office do -----------------------------------------------------------------------------

    def pass_time(self, number: int) -> None:
        room = self.rooms[number]
        if room.cancelled:
            return
        if room.starts <= self.now:
            for person in [*room.offered, *room.waits]:
                self.told[person, News.NO_SEAT] += 1
                room.remove(person)
        if room.ends <= self.now:
            room.empty()
            return
        for person in [each for each, until in room.offered.items() if until <= self.now]:
            self.told[person, News.LAPSED] += 1
            room.remove(person)
        self._offer(number)

    def change(self, number: int, seats: int, starts: datetime, ends: datetime, *, moved: bool) -> None:
        room = self.rooms[number]
        if moved:
            for person in [*room.sits, *room.offered, *room.waits]:
                self.told[person, News.CHANGED] += 1
        room.seats, room.starts, room.ends = seats, starts, ends
        self._offer(number)

    def cancel(self, number: int) -> None:
        room = self.rooms[number]
        for person in [*room.sits, *room.offered, *room.waits]:
            self.told[person, News.CALLED_OFF] += 1
        room.cancelled = True
        room.empty()
