"""Two offices that do the same: the desk alone, in memory, and the desk with the store, on a database."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa

from bot.core.talk.phrases import Phrases
from bot.core.workshops.acts import Act, News, Outcome
from bot.core.workshops.batch import LIVE, Batch, Registration, Status
from bot.core.workshops.desk import Desk
from bot.core.workshops.seats import Seats
from bot.staff import change_batch
from bot.store.batches import REGISTRATION_COLUMNS, insert_batch, registration_of
from bot.store.database import Database
from bot.store.desks import load_desk, save_seats
from bot.store.erasing import erase
from bot.store.metadata import metadata
from bot.store.notices import notices_of
from bot.store.outgoing import NOTICES
from bot.store.people import meet
from bot.store.queueing import queue
from bot.store.reminding import pass_time
from bot.store.tables import outbox, people, registrations
from tests.seats.people import batches_in
from tests.seats.process import CHANNEL

# How many notices each person got.
Told = Counter[int]


class Office(Protocol):
    """What the tests do to either."""

    # (batch, person) of the seats that were offered since somebody last looked, in order.
    offers: list[tuple[int, int]]

    def add(self, batch: Batch) -> int: ...
    def settle(self, acts: Sequence[tuple[int, Act]], now: datetime) -> list[Outcome]: ...
    def pass_time(self, numbers: Sequence[int], now: datetime) -> None: ...
    def change(self, batch: Batch, now: datetime) -> None: ...
    def batches(self) -> dict[int, Batch]: ...
    def live(self) -> list[Registration]: ...
    def told(self) -> Told: ...


class Desks:
    """The desk alone: all batches and registrations are at hand each time."""

    def __init__(self) -> None:
        self._batches: dict[int, Batch] = {}
        self._registrations: dict[tuple[int, int], Registration] = {}
        self._told: Told = Counter()
        self.offers: list[tuple[int, int]] = []

    def add(self, batch: Batch) -> int:
        number = len(self._batches) + 1
        self._batches[number] = replace(batch, id=number)
        return number

    def settle(self, acts: Sequence[tuple[int, Act]], now: datetime) -> list[Outcome]:
        desk = Desk(self._batches.values(), self._registrations.values(), now)
        outcomes = [desk.settle(person, act) for person, act in acts]
        self._keep(desk.seats, set(desk.erased))
        return outcomes

    def pass_time(self, numbers: Sequence[int], now: datetime) -> None:
        for number in numbers:
            seats = self._seats(now)
            seats.pass_time(number)
            self._keep(seats)

    def change(self, batch: Batch, now: datetime) -> None:
        seats = self._seats(now)
        seats.change(batch)
        self._keep(seats)

    def batches(self) -> dict[int, Batch]:
        return self._batches

    def live(self) -> list[Registration]:
        return [each for each in self._registrations.values() if each.is_live]

    def told(self) -> Told:
        told, self._told = self._told, Counter()
        return told

    def _seats(self, now: datetime) -> Seats:
        return Seats(self._batches.values(), self._registrations.values(), now, {})

    def _keep(self, seats: Seats, erased: set[int] = frozenset()) -> None:  # type: ignore[assignment]
        self._batches = seats.batches
        self._registrations = {key: each for key, each in seats.registrations.items() if key[1] not in erased}
        for notice in seats.notices:
            if notice.person not in erased:
                self._told[notice.person] += 1
            if notice.news is News.OFFER:
                self.offers.append((notice.batch.id, notice.person))


class Stored:
    """The desk as the inbox, the timer and the office's commands have it: loaded from a database and written to it."""

    def __init__(self, runner: asyncio.Runner, database: Database, phrases: Phrases) -> None:
        self._runner = runner
        self._database = database
        self._phrases = phrases
        self._numbers: dict[int, int] = {}
        self._told: Told = Counter()
        self.offers: list[tuple[int, int]] = []
        self._runner.run(self._clear())

    def add(self, batch: Batch) -> int:
        async def add() -> int:
            async with self._database.write() as connection:
                return await insert_batch(connection, batch)

        return self._runner.run(add())

    def settle(self, acts: Sequence[tuple[int, Act]], now: datetime) -> list[Outcome]:
        outcomes = self._runner.run(self._settle(acts, now))
        self._read(offers=False)
        return outcomes

    def pass_time(self, numbers: Sequence[int], now: datetime) -> None:
        assert numbers
        self._runner.run(pass_time(self._database, self._phrases, now))
        self._read(offers=True)

    def change(self, batch: Batch, now: datetime) -> None:
        self._runner.run(change_batch(self._database, batch, self._phrases, now))
        self._read(offers=True)

    def batches(self) -> dict[int, Batch]:
        return self._runner.run(batches_in(self._database))

    def live(self) -> list[Registration]:
        async def read() -> list[Registration]:
            statement = sa.select(*REGISTRATION_COLUMNS).where(registrations.c.status.in_(sorted(LIVE)))
            async with self._database.read() as connection:
                return [registration_of(row) for row in await connection.execute(statement)]

        return [replace(each, person=self._numbers[each.person]) for each in self._runner.run(read())]

    def told(self) -> Told:
        told, self._told = self._told, Counter()
        return told

    async def _settle(self, acts: Sequence[tuple[int, Act]], now: datetime) -> list[Outcome]:
        """As the inbox does it."""
        async with self._database.write() as connection:
            met = await meet(connection, {(CHANNEL, str(person)): "" for person, _ in acts}, now, "hi")
            ids = {person: met[CHANNEL, str(person)].id for person, _ in acts}
            self._numbers |= {its: person for person, its in ids.items()}
            desk = await load_desk(connection, [(ids[person], act) for person, act in acts], now)
            outcomes = [desk.settle(ids[person], act) for person, act in acts]
            await save_seats(connection, desk.seats)
            if desk.erased:
                await erase(connection, desk.erased)
            await queue(connection, await notices_of(connection, desk.seats, self._phrases), now)
        self.offers += [
            (notice.batch.id, self._numbers[notice.person])
            for notice in desk.seats.notices
            if notice.news is News.OFFER
        ]
        return outcomes

    def _read(self, *, offers: bool) -> None:
        """What was queued for people; where the desk was not at hand, its buttons say what was offered."""

        async def take() -> Sequence[Any]:
            notices = sa.and_(outbox.c.kind.in_(list(News)), outbox.c.priority == NOTICES)
            async with self._database.write() as connection:
                rows = await connection.execute(
                    sa.select(outbox.c.address, outbox.c.body).where(notices).order_by(outbox.c.id)
                )
                await connection.execute(sa.delete(outbox).where(notices))
                return rows.all()

        for address, body in self._runner.run(take()):
            self._told[int(address)] += 1
            first = body.get("options", [["", ""]])[0][0]
            if offers and first.startswith("accept:"):
                self.offers.append((int(first.removeprefix("accept:")), int(address)))

    async def _clear(self) -> None:
        async with self._database.write() as connection:
            for table in reversed(metadata.sorted_tables):
                await connection.execute(sa.delete(table))
            found = await connection.execute(sa.select(people.c.id))
            assert found.first() is None


def standing(live: Sequence[Registration], number: int, status: Status) -> list[Registration]:
    """Who stands so in a batch, in order of their places."""
    return sorted((each for each in live if (each.batch, each.status) == (number, status)), key=lambda each: each.place)
