"""
The registration desk: works out what people want of the workshops, one act after another, against ``seats``.

>>> from datetime import datetime, timedelta, UTC
>>> now = datetime(2026, 11, 2, 4, tzinfo=UTC)
>>> day = now + timedelta(days=30)
>>> batch = Batch(1, "GeM", day, day + timedelta(hours=6), "Gorakhpur", 1, day, "4821")
>>> desk = Desk([batch], [], now)
>>> [type(desk.settle(person, Register(1, f"+91987654321{person}", {}))).__name__ for person in (7, 8)]
['Seated', 'Queued']
>>> type(desk.settle(7, Leave(1))).__name__, desk.seats.notices[0].person, desk.seats.notices[0].news.value
('Left', 8, 'offer')
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import assert_never

from bot.core.workshops.acts import (
    Accept,
    Act,
    AlreadyIn,
    Attend,
    Attended,
    Begin,
    Closed,
    Confirm,
    Confirmed,
    Correct,
    Corrected,
    Data,
    Decline,
    Declined,
    Erase,
    Erased,
    Kept,
    Leave,
    Left,
    Look,
    MayRegister,
    MobileTaken,
    Move,
    NoClassToday,
    NothingAsked,
    NothingThere,
    OfferOver,
    Outcome,
    Rate,
    Rated,
    Register,
    Remark,
    Remarked,
    Say,
    Seated,
    Seen,
    ShowData,
    WouldWait,
    WrongCode,
)  # fmt: skip
from bot.core.workshops.batch import HAD_SEAT, IST, Batch, Registration, Status
from bot.core.workshops.seats import Seats

MAX_TRIES = 3


class Desk:
    """
    Settles acts.

    Attributes:
        seats: what has become of batches and registrations.
        erased: people whose data must be erased.
    """

    def __init__(
        self,
        batches: Iterable[Batch],
        registrations: Iterable[Registration],
        now: datetime,
        ahead: Mapping[tuple[int, int], int] | None = None,
        kept: Mapping[int, Kept] | None = None,
    ) -> None:
        """
        See ``Seats``.

        Args:
            batches: those that the acts name, and all that take registrations now.
            registrations: see ``seats``.
            now: when all this happens.
            ahead: (batch, person) -> how many wait before them, for those who look.
            kept: person -> what else is kept of them, for those who want to see it.
        """
        self.seats = Seats(batches, registrations, now, ahead or {})
        self.erased: list[int] = []
        self._kept = kept or {}

    def settle(self, person: int, act: Act) -> Outcome:  # noqa: C901, PLR0911, PLR0912 - one line an act
        """Do what one person wants, if it can be done."""
        match act:
            case Look(batch=batch):
                return self._look(person, batch)
            case Begin(batch=batch):
                return self._begin(person, batch)
            case Register():
                return self._register(person, act)
            case Move():
                return self._move(person, act)
            case Leave(batch=batch):
                return self._leave(person, batch, Status.LEFT)
            case Accept(batch=batch):
                return self._accept(person, batch)
            case Decline(batch=batch):
                return self._decline(person, batch)
            case Confirm(batch=batch):
                return self._confirm(person, batch)
            case Say(yes=yes):
                return self._said(person, yes=yes)
            case Attend(code=code):
                return self._attend(person, code)
            case Rate():
                return self._rate(person, act)
            case Remark():
                return self._remark(person, act)
            case Correct():
                return self._correct(person, act)
            case ShowData():
                return self._data(person)
            case Erase():
                return self._erase(person)
            case _:
                assert_never(act)

    def _look(self, person: int, batch: int | None) -> Seen:
        own = self.seats.own(person)
        if batch is None:
            return Seen(self.seats.open_ones(), own, self.seats.next_closed())
        found = self.seats.batches.get(batch)
        return Seen((found,) if found else (), own)

    def _begin(self, person: int, batch_id: int) -> AlreadyIn | Closed | MayRegister:
        batch = self.seats.batches.get(batch_id)
        own = self.seats.own(person)
        if own is not None and batch is not None:
            return AlreadyIn(own, batch)
        if batch is None or not batch.takes_registrations(self.seats.now):
            return Closed(batch, self.seats.next_open(batch_id))
        return MayRegister(batch)

    def _register(self, person: int, act: Register) -> Outcome:
        may = self._begin(person, act.batch)
        if not isinstance(may, MayRegister):
            return may
        batch = may.batch
        if (theirs := self.seats.holder(act.mobile)) is not None:
            return MobileTaken(self.seats.batches[theirs.batch])
        return self.seats.enter(
            batch, Registration(batch.id, person, act.mobile, Status.SEATED, self.seats.now, act.profile)
        )

    def _move(self, person: int, act: Move) -> Outcome:
        old = self.seats.at(act.batch, person)
        to = self.seats.batches.get(act.to)
        if (elsewhere := self.seats.own(person)) is not None and to is not None and elsewhere.batch.id == to.id:
            return AlreadyIn(elsewhere, to)
        if old is None or not old.is_live:
            return NothingThere(self.seats.batches.get(act.batch))
        if to is None or not to.takes_registrations(self.seats.now):
            return Closed(to, self.seats.next_open(act.batch))
        if not act.may_wait and (not to.free or to.waiting):
            return WouldWait(self.seats.batches[act.batch], to, to.waiting + 1)
        self.seats.release(old, Status.MOVED)
        return self.seats.enter(
            self.seats.batches[act.to],
            Registration(act.to, person, old.mobile, Status.SEATED, self.seats.now, old.profile),
            self.seats.batches[act.batch],
        )

    def _leave(self, person: int, batch: int, status: Status) -> Outcome:
        registration = self.seats.at(batch, person)
        if registration is None or not registration.is_live or not self.seats.batches[batch].is_ahead(self.seats.now):
            return NothingThere(self.seats.batches.get(batch))
        self.seats.release(registration, status)
        return Left(self.seats.batches[batch])

    def _accept(self, person: int, batch: int) -> Outcome:
        registration = self.seats.at(batch, person)
        if registration is None:
            return NothingThere(self.seats.batches.get(batch))
        if registration.status is Status.OFFERED:
            if registration.offered_until is not None and registration.offered_until <= self.seats.now:
                self.seats.lapse(registration, tell=False)
                return OfferOver(self.seats.batches[batch])
            self.seats.put(replace(registration, status=Status.SEATED, offered_until=None, registered=self.seats.now))
        elif registration.status is not Status.SEATED:
            return OfferOver(self.seats.batches[batch])
        return Seated(self.seats.batches[batch])

    def _decline(self, person: int, batch: int) -> Outcome:
        registration = self.seats.at(batch, person)
        if registration is None:
            return NothingThere(self.seats.batches.get(batch))
        if registration.status is not Status.OFFERED:
            return OfferOver(self.seats.batches[batch])
        self.seats.release(registration, Status.DECLINED)
        return Declined(self.seats.batches[batch])

    def _confirm(self, person: int, batch: int) -> Outcome:
        registration = self.seats.at(batch, person)
        if registration is None or not registration.is_live:
            return NothingThere(self.seats.batches.get(batch))
        if registration.status is not Status.SEATED and (own := self.seats.own(person)) is not None:
            # All who are in a batch that was moved are asked, and who still waits must not think that they have a seat.
            return own
        self.seats.put(replace(registration, coming=True))
        return Confirmed(self.seats.batches[batch])

    def _said(self, person: int, *, yes: bool) -> Outcome:
        own = self.seats.own(person)
        if own is None:
            return NothingAsked(yes)
        batch = own.batch.id
        if own.registration.status is Status.OFFERED:
            return self._accept(person, batch) if yes else self._decline(person, batch)
        if own.registration.status is Status.SEATED and own.registration.asked and own.registration.coming is None:
            return self._confirm(person, batch) if yes else self._leave(person, batch, Status.LEFT)
        return NothingAsked(yes)

    def _attend(self, person: int, code: str) -> Outcome:
        today = self.seats.now.astimezone(IST).date()
        classes = [
            each
            for each in self.seats.of(person)
            if each.status in HAD_SEAT and self.seats.batches[each.batch].starts.astimezone(IST).date() == today
        ]
        if not classes:
            return NoClassToday()
        # Of two classes in one day, the one that they are in now.
        now = min(classes, key=lambda each: (not each.is_live, each.attended is not None))
        return self._check_code(self.seats.batches[now.batch], now, code)

    def _check_code(self, batch: Batch, registration: Registration, code: str) -> Outcome:
        if registration.attended is not None:
            return Attended(batch)
        if registration.tries >= MAX_TRIES:
            return WrongCode(batch, 0)
        if code == batch.code:
            self.seats.put(replace(registration, attended=self.seats.now))
            return Attended(batch)
        self.seats.put(replace(registration, tries=registration.tries + 1))
        return WrongCode(batch, MAX_TRIES - registration.tries - 1)

    def _rate(self, person: int, act: Rate) -> Outcome:
        registration = self.seats.at(act.batch, person)
        if registration is None or registration.attended is None:
            return NothingThere(self.seats.batches.get(act.batch))
        self.seats.put(replace(registration, stars=act.stars))
        return Rated(self.seats.batches[act.batch], act.stars)

    def _remark(self, person: int, act: Remark) -> Outcome:
        registration = self.seats.at(act.batch, person)
        if registration is None or registration.attended is None:
            return NothingThere(self.seats.batches.get(act.batch))
        self.seats.put(replace(registration, remark=act.text))
        return Remarked(self.seats.batches[act.batch])

    def _correct(self, person: int, act: Correct) -> Outcome:
        theirs = self.seats.holder(act.mobile)
        if theirs is not None and theirs.person != person:
            return MobileTaken(self.seats.batches[theirs.batch])
        if (own := self.seats.own(person)) is not None:
            self.seats.put(replace(own.registration, mobile=act.mobile, profile=act.profile))
        return Corrected()

    def _data(self, person: int) -> Data:
        mine = sorted(self.seats.of(person), key=lambda each: each.registered)
        return Data(self._kept[person], tuple((each, self.seats.batches[each.batch]) for each in mine))

    def _erase(self, person: int) -> Erased:
        if (own := self.seats.own(person)) is not None:
            was_there = own.registration.status is Status.SEATED and not own.batch.is_ahead(self.seats.now)
            self.seats.release(own.registration, Status.OVER if was_there else Status.LEFT)
        self.erased.append(person)
        return Erased()
