"""
The seats of batches: who gets one, who waits, and what happens when one becomes free.

Theory of operation. A batch has ``seats``; SEATED and OFFERED registrations take one each. Whoever registers gets a
free seat, unless somebody waits; then, as when all is taken, a place at the end of the waiting list. A seat that
becomes free is at once held (OFFERED) for the first in line until a deadline that they see; declined or unanswered it
goes to the next. So at any moment, for every batch that is ahead:

1. taken = seated + offered <= seats;
2. whoever waits came before all who wait behind them (``place`` only grows);
3. no seat is free while somebody waits;
4. nobody, by person or by mobile number, has two live registrations.

No I/O: whoever makes a ``Seats`` has loaded, under lock, the batches and registrations that may be touched, and as many
of the first in line as seats may become free. Afterwards ``changed`` and ``changed_batches`` are to be written, and
``notices`` told. What people do at these seats is in ``desk``.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.workshops.acts import News, Notice, Own, Queued, Seated
from bot.core.workshops.batch import HOLDS_SEAT, Batch, BatchStatus, Registration, Status
from bot.core.workshops.night import NIGHT, not_by_night

# A seat is held for a quarter of the time that is left, within these bounds.
SHORTEST_OFFER, LONGEST_OFFER = timedelta(hours=1), timedelta(hours=12)


def held_until(now: datetime, starts: datetime) -> datetime:
    """Until when a freed seat is held for the next in line; never after the batch starts."""
    until = NIGHT.until(now) + min(max((starts - now) / 4, SHORTEST_OFFER), LONGEST_OFFER)
    return min(not_by_night(until), starts)


class Seats:
    """
    Batches and registrations as they were loaded, and what has become of them since.

    Attributes:
        batches: id -> batch, as it is now.
        registrations: (batch, person) -> registration, as it is now.
        now: when all this happens.
        notices: what people must be told, in order.
    """

    def __init__(
        self,
        batches: Iterable[Batch],
        registrations: Iterable[Registration],
        now: datetime,
        ahead: Mapping[tuple[int, int], int],
    ) -> None:
        """Args: ``ahead``: (batch, person) -> how many wait before them, for those who ask; the rest see the module."""
        self.now = now
        self.batches = {batch.id: batch for batch in batches}
        self.registrations: dict[tuple[int, int], Registration] = {}
        self.notices: list[Notice] = []
        self._of_person: defaultdict[int, set[int]] = defaultdict(set)
        self._live_with: dict[str, Registration] = {}
        self._ahead = ahead
        for each in registrations:
            self.put(each)
        self._batches_before = dict(self.batches)
        self._before = dict(self.registrations)

    @property
    def changed(self) -> list[Registration]:
        """Registrations that are new or different from what was loaded."""
        return [each for key, each in self.registrations.items() if each is not self._before.get(key)]

    @property
    def changed_batches(self) -> list[Batch]:
        """Batches that are different from what was loaded."""
        return [each for key, each in self.batches.items() if each != self._batches_before[key]]

    def put(self, registration: Registration) -> None:
        """Put a registration in the place of what was there."""
        before = self.registrations.get((registration.batch, registration.person))
        if before is not None and self._live_with.get(before.mobile) is before:
            del self._live_with[before.mobile]
        self.registrations[registration.batch, registration.person] = registration
        self._of_person[registration.person].add(registration.batch)
        if registration.is_live:
            self._live_with[registration.mobile] = registration

    def own(self, person: int) -> Own | None:
        """The live registration of a person."""
        for each in self.of(person):
            if each.is_live and not self.finish(each):
                return Own(self.batches[each.batch], each, self._ahead.get((each.batch, person), 0))
        return None

    def holder(self, mobile: str) -> Registration | None:
        """The live registration with this mobile number."""
        holder = self._live_with.get(mobile)
        return None if holder is None or self.finish(holder) else holder

    def at(self, batch: int, person: int) -> Registration | None:
        """The registration of a person for a batch, as it is now."""
        found = self.registrations.get((batch, person))
        return self.registrations[batch, person] if found is not None and self.finish(found) else found

    def of(self, person: int) -> list[Registration]:
        """All registrations of a person that were loaded or made."""
        return [self.registrations[batch, person] for batch in sorted(self._of_person[person])]

    def open_ones(self) -> tuple[Batch, ...]:
        """Batches that take registrations, soonest first."""
        taking = [batch for batch in self.batches.values() if batch.takes_registrations(self.now)]
        return tuple(sorted(taking, key=lambda batch: (batch.starts, batch.id)))

    def next_closed(self) -> Batch | None:
        """The soonest batch that will take place and takes nobody any more."""
        closed = (
            batch
            for batch in self.batches.values()
            if batch.is_ahead(self.now) and not batch.takes_registrations(self.now)
        )
        return min(closed, key=lambda batch: (batch.starts, batch.id), default=None)

    def next_open(self, other_than: int) -> Batch | None:
        """The soonest batch that takes registrations, but for one."""
        return next((batch for batch in self.open_ones() if batch.id != other_than), None)

    def enter(self, batch: Batch, registration: Registration, left: Batch | None = None) -> Seated | Queued:
        """Give a seat, as ``registration`` says, or a place at the end of the line."""
        if batch.free and not batch.waiting:
            self.put(registration)
            self.batches[batch.id] = taken = replace(batch, taken=batch.taken + 1)
            return Seated(taken, left)
        place = batch.places + 1
        self.put(replace(registration, status=Status.WAITING, place=place))
        self.batches[batch.id] = longer = replace(batch, waiting=batch.waiting + 1, places=place)
        return Queued(longer, longer.waiting, left)

    def release(self, registration: Registration, status: Status) -> None:
        """End a live registration and hold its seat, if it had one, for the next in line."""
        batch = self.batches[registration.batch]
        self.put(replace(registration, status=status, offered_until=None))
        if registration.status in HOLDS_SEAT:
            self.batches[batch.id] = replace(batch, taken=batch.taken - 1)
            self._fill(batch.id)
        else:
            self.batches[batch.id] = replace(batch, waiting=batch.waiting - 1)

    def remove(self, registration: Registration) -> None:
        """The office takes somebody out."""
        self._tell(registration, News.REMOVED)
        self.release(registration, Status.LEFT)

    def lapse(self, registration: Registration, *, tell: bool = True) -> None:
        """Take back a seat that was held for somebody who did not answer in time."""
        if tell:
            self._tell(registration, News.LAPSED)
        self.release(registration, Status.LAPSED)

    def finish(self, registration: Registration) -> bool:
        """Make a live registration history if its batch has ended; whether it has."""
        if registration.is_live and self.batches[registration.batch].ends <= self.now:
            had_seat = registration.status is Status.SEATED
            self.put(replace(registration, status=Status.OVER if had_seat else Status.LAPSED, offered_until=None))
            return True
        return False

    def pass_time(self, batch_id: int) -> None:
        """
        Do what is due by now in a batch.

        An offer that was not answered in time goes to the next in line; whoever still waits when the batch begins is
        told so, also by a program that was down meanwhile; once it has ended, registrations are history.
        """
        batch = self.batches[batch_id]
        for each in self._live(batch_id):
            if batch.starts <= self.now and each.status is not Status.SEATED:
                self._tell(each, News.NO_SEAT, instead=self.next_open(batch_id))
                self.release(each, Status.LAPSED)
            elif batch.ends <= self.now:
                self.finish(each)
            elif each.status is Status.OFFERED and each.offered_until is not None and each.offered_until <= self.now:
                self.lapse(each)
        self._fill(batch_id)

    def change(self, batch: Batch) -> None:
        """
        Put a batch that staff changed in the place of the old one; everybody who is in it is told what concerns them.

        All its live registrations must have been loaded. ``taken``, ``waiting`` and ``places`` are kept from the old.

        Raises:
            ValueError: fewer seats than are taken.
        """
        before = self.batches[batch.id]
        self.batches[batch.id] = replace(batch, taken=before.taken, waiting=before.waiting, places=before.places)
        if batch.status is BatchStatus.CANCELLED:
            if before.status is BatchStatus.OPEN:
                self._call_off(batch.id)
            return
        if (before.starts, before.ends, before.venue) != (batch.starts, batch.ends, batch.venue):
            # Whoever said they were coming said it of the old date.
            anew = before.starts != batch.starts
            for each in self._live(batch.id):
                if anew:
                    # No seat is held beyond the start.
                    until = each.offered_until and min(each.offered_until, batch.starts)
                    self.put(replace(each, asked=None, coming=None, reminded=None, offered_until=until))
                self._tell(each, News.CHANGED, before=before)
        self._fill(batch.id)

    def _call_off(self, batch: int) -> None:
        instead = self.next_open(batch)
        for each in self._live(batch):
            self.put(replace(each, status=Status.CALLED_OFF, offered_until=None))
            self._tell(each, News.CALLED_OFF, instead=instead)
        self.batches[batch] = replace(self.batches[batch], taken=0, waiting=0)

    def _fill(self, batch_id: int) -> None:
        """Hold every free seat for the first in line, while somebody waits and the batch is ahead."""
        while (batch := self.batches[batch_id]).free and batch.waiting and batch.is_ahead(self.now):
            waiting = (each for each in self._live(batch_id) if each.status is Status.WAITING)
            first = min(waiting, key=lambda each: each.place)
            until = held_until(self.now, batch.starts)
            self.batches[batch_id] = replace(batch, taken=batch.taken + 1, waiting=batch.waiting - 1)
            self.put(replace(first, status=Status.OFFERED, offered_until=until))
            self._tell(first, News.OFFER, until=until)

    def _live(self, batch: int) -> list[Registration]:
        return [each for (its, _), each in self.registrations.items() if its == batch and each.is_live]

    def _tell(
        self,
        registration: Registration,
        news: News,
        *,
        until: datetime | None = None,
        before: Batch | None = None,
        instead: Batch | None = None,
    ) -> None:
        batch = self.batches[registration.batch]
        self.notices.append(Notice(registration.person, news, batch, until, before, instead))
