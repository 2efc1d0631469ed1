"""People who talk with the assistant, an office with workshops, and a clock: the core's own desk, kept in memory."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.core.talk.dialogue import after, decide
from bot.core.talk.message import Incoming, Reply
from bot.core.talk.notices import notify, remind
from bot.core.talk.state import State, World, plain, state_of
from bot.core.workshops.acts import Act, Agree, Effect, Keep, Kept
from bot.core.workshops.batch import LIVE, Batch, Registration, Status
from bot.core.workshops.desk import Desk
from bot.core.workshops.reminders import Kind, is_in_time, is_wanted
from bot.core.workshops.seats import Seats

# Which field of a registration says that a person had a reminder.
HAD = {Kind.COMING: "asked", Kind.EVENING: "reminded", Kind.FEEDBACK: "rated"}
Told = tuple[str, Reply]


@dataclass
class Villager:
    """Somebody who talks with the assistant, as the office knows them."""

    number: int
    since: datetime
    state: State = field(default_factory=State)
    consents: tuple[tuple[str, datetime], ...] = ()


class Village:
    """
    Attributes:
        now: what the clock says.
        kept: questions that were kept for the staff, and how often.
    """

    def __init__(self, world: World, now: datetime, batches: Sequence[Batch] = ()) -> None:
        self.world = world
        self.now = now
        self.kept: Counter[str] = Counter()
        self.people: dict[str, Villager] = {}
        self.batches = {batch.id: batch for batch in batches}
        self.registrations: dict[tuple[int, int], Registration] = {}

    def state(self, name: str) -> State:
        return self.person(name).state

    def person(self, name: str) -> Villager:
        return self.people.setdefault(name, Villager(1 + len(self.people), self.now))

    def say(self, name: str, text: str = "", press: str = "", mobile: str = "") -> list[Told]:
        """One message; what it leads to, for whomever, in order."""
        person = self.person(name)
        incoming = Incoming("village", name, "", self.now, text=text, press=press, mobile=mobile)
        turn = decide(incoming, person.state, self.world)
        person.state = stored(turn.state)
        told = [(name, reply) for reply in turn.replies]
        notices: list[Told] = []
        effects: list[Effect] = list(turn.effects)
        while effects:
            match effects.pop(0):
                case Agree(notice=notice):
                    person.consents += ((notice, self.now),)
                case Keep(text=question):
                    self.kept[question] += 1
                case act:
                    replies, more, others = self._settle(name, act)
                    told += replies
                    # An outcome leads to no further act: the inbox settles those of the message only.
                    assert all(isinstance(effect, Agree | Keep) for effect in more)
                    effects += more
                    notices += others
        return told + notices

    def pass_time(self, until: datetime) -> list[Told]:
        """The clock moves, and what is due then is done."""
        self.now = until
        told: list[Told] = []
        for batch in tuple(self.batches):
            seats = Seats(self.batches.values(), self.registrations.values(), self.now, {})
            seats.pass_time(batch)
            told += self._absorb(seats)
            told += self._remind(self.batches[batch])
        return self._prompt(told)

    def change(self, batch: Batch) -> list[Told]:
        """The office changes or cancels a batch."""
        seats = Seats(self.batches.values(), self.registrations.values(), self.now, {})
        seats.change(batch)
        return self._absorb(seats)

    def _settle(self, name: str, act: Act) -> tuple[list[Told], tuple[Effect, ...], list[Told]]:
        person = self.person(name)
        waiting = [each for each in self.registrations.values() if each.status is Status.WAITING]
        ahead = {
            (each.batch, each.person): sum(other.batch == each.batch and other.place < each.place for other in waiting)
            for each in waiting
        }
        kept = {person.number: Kept(person.since, person.consents)}
        desk = Desk(self.batches.values(), self.registrations.values(), self.now, ahead, kept)
        turn = after(act, desk.settle(person.number, act), person.state, self.world)
        notices = self._absorb(desk.seats)
        person.state = stored(turn.state)
        if desk.erased:
            self.registrations = {key: each for key, each in self.registrations.items() if each.person != person.number}
            self.people[name] = replace(person, since=self.now, state=State(), consents=())
        return [(name, reply) for reply in turn.replies], turn.effects, notices

    def _absorb(self, seats: Seats) -> list[Told]:
        """What has become of the seats; what people are told of it."""
        self.batches, self.registrations = dict(seats.batches), dict(seats.registrations)
        for batch in self.batches.values():
            held = [each for each in self.registrations.values() if each.batch == batch.id and each.status in LIVE]
            assert batch.waiting == sum(each.status is Status.WAITING for each in held)
        names = {person.number: name for name, person in self.people.items()}
        return self._prompt(
            [
                (names[each.person], notify(each, self.state(names[each.person]).language, self.world.phrases))
                for each in seats.notices
            ]
        )

    def _prompt(self, told: list[Told]) -> list[Told]:
        """What the outbox sent is what a typed answer means next; of its options only the ids are known."""
        for name, reply in told:
            if reply.options:
                person = self.person(name)
                person.state = replace(person.state, offered=tuple(option.id for option in reply.options), titles={})
        return told

    def _remind(self, batch: Batch) -> list[Told]:
        told = []
        for kind in Kind:
            for name, person in self.people.items():
                each = self.registrations.get((batch.id, person.number))
                if each is None or getattr(each, HAD[kind]) is not None:
                    continue
                if is_in_time(kind, batch, self.now) and is_wanted(kind, batch, each):
                    had: dict[str, Any] = {HAD[kind]: self.now}
                    self.registrations[batch.id, person.number] = replace(each, **had)
                    told.append((name, remind(kind, batch, person.state.language, self.world.phrases)))
        return told


def stored(state: State) -> State:
    """The state after the database had it, which is the same."""
    again = state_of(json.loads(json.dumps(plain(state))), state.language, state.news)
    assert again == state
    return again
