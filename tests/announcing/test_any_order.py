"""
Announcements in any order: clocks, nights, ends, people who come, stop, block and erase themselves in the middle,
pause, resume, cancel, retry and trouble at the platform, all at random, on a real database.

What must hold whatever happens is checked at each message that arrives. ``GEM_SAATHI_FULL=1`` takes many times as many
examples, and others each time.
"""

import asyncio
import os
from collections import Counter, defaultdict
from collections.abc import Coroutine
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from bot.announcer import Rules
from bot.announcing import cancel, pause, resume, retry, status
from bot.channels.contract import NotSentError
from bot.core.announcements.announcement import OVER, Announcement, Stage
from bot.core.pacing import Pace
from bot.core.talk.message import Reply
from bot.core.workshops.night import NIGHT
from bot.errors import InputError
from bot.store.database import Database, open_database
from bot.store.erasing import erase
from bot.store.metadata import metadata
from bot.store.outgoing import Fate
from bot.store.tables import people
from tests.announcing.office import BEGIN, Clock, Office
from tests.crash.talks import CHANNEL
from tests.crash.waiting import Letterbox

FULL = bool(os.environ.get("GEM_SAATHI_FULL"))
T = TypeVar("T")
SHARE = 2
_AGAIN = (Fate.FAILED, Fate.SKIPPED)


class Watching(Letterbox):
    """Says what arrived when."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self.log: list[tuple[str, str, datetime]] = []

    async def send(self, address: str, reply: Reply, *, heard: datetime | None = None, ours: str = "") -> str:
        if not self.failing[address]:
            self.log.append((address, reply.text, self._clock()))
        return await super().send(address, reply, heard=heard, ours=ours)


class AnyOrder(RuleBasedStateMachine):
    """An office, and what is known of its people."""

    def __init__(self, runner: asyncio.Runner, database: Database) -> None:
        super().__init__()
        self.runner = runner
        self.clock = Clock()
        self.post = Watching(self.clock)
        self.office = Office(
            database, self.clock, self.post, Rules(NIGHT, SHARE, 100), paces={CHANNEL: Pace(per_second=1000, at_once=4)}
        )
        self.database = database
        self.here: set[str] = set()
        self.stopped: set[str] = set()
        self.known: dict[str, Announcement] = {}
        self.seen = 0
        self.still: set[str] = set()
        self.count = 0
        self.do(self._empty())
        self.do(self._settle(6))

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    async def _empty(self) -> None:
        async with self.database.write() as connection:
            for table in reversed(metadata.sorted_tables):
                await connection.execute(sa.delete(table))

    async def _settle(self, count: int) -> None:
        names = [f"p{self.count + number}" for number in range(count)]
        self.count += count
        self.here |= set(names)
        await self.office.settle(*names)

    # --- what happens -------------------------------------------------------------------------------------------------

    @rule(count=st.integers(1, 4))
    def people_come(self, count: int) -> None:
        self.do(self._settle(count))

    @precondition(lambda self: self.here)
    @rule(data=st.data())
    def somebody_stops(self, data: st.DataObject) -> None:
        who = data.draw(st.sampled_from(sorted(self.here)))
        self.stopped.add(who)
        self.do(self.office.change(who, news=False))

    @precondition(lambda self: self.stopped)
    @rule(data=st.data())
    def somebody_wants_news_again(self, data: st.DataObject) -> None:
        who = data.draw(st.sampled_from(sorted(self.stopped)))
        self.stopped.discard(who)
        self.do(self.office.change(who, news=True))

    @precondition(lambda self: self.here)
    @rule(data=st.data())
    def somebody_erases_themselves(self, data: st.DataObject) -> None:
        who = data.draw(st.sampled_from(sorted(self.here)))
        self.here.discard(who)
        self.stopped.discard(who)

        async def forget() -> None:
            async with self.database.write() as connection:
                number = await connection.scalar(sa.select(people.c.id).where(people.c.address == who))
                await erase(connection, [int(number or 0)])

        self.do(forget())

    @precondition(lambda self: self.here)
    @rule(data=st.data(), kind=st.sampled_from(["blocked", "refused", "later", "doubt"]))
    def somebody_cannot_be_reached(self, data: st.DataObject, kind: str) -> None:
        who = data.draw(st.sampled_from(sorted(self.here)))
        if kind == "doubt":
            self.post.doubtful[who] = [ConnectionResetError()]
        else:
            again = 5 if kind == "later" else None
            self.post.failing[who] = [NotSentError(kind, again, gone=kind == "blocked")]

    @precondition(lambda self: len(self.known) < 4)
    @rule(hours=st.sampled_from([0, 0, 3]), lasts=st.sampled_from([1, 30]), uncapped=st.booleans())
    def the_office_announces(self, hours: int, lasts: int, uncapped: bool) -> None:  # noqa: FBT001 - Hypothesis's
        text = f"घोषणा {len(self.known) + 1}"
        expires = self.clock() + timedelta(hours=lasts)
        self.known[text] = self.do(self.office.announce(text, hours=hours, expires=expires, uncapped=uncapped))

    @rule(seconds=st.sampled_from([0.2, 5, 61, 3600, 9 * 3600]))
    def time_passes(self, seconds: float) -> None:
        self.clock.pass_(seconds)
        self.work()

    @rule()
    def work(self) -> None:
        self.still = {text for text, each in self.known.items() if self.stage(each) in (Stage.PAUSED, *OVER)}
        for _ in range(3):
            self.do(self.office.work())

    @precondition(lambda self: self.known)
    @rule(data=st.data(), act=st.sampled_from([pause, resume, cancel, "retry"]))
    def staff_do_something(self, data: st.DataObject, act: Any) -> None:
        announced = data.draw(st.sampled_from(list(self.known.values())))

        async def change() -> None:
            if act != "retry":
                await act(self.database, announced.id, "सुनीता", self.clock())
                return
            reasons = (await status(self.database, announced.id)).reasons
            await retry(self.database, announced.id, [each for each in reasons if each[0] in _AGAIN], "x", self.clock())

        try:
            self.do(change())
        except InputError as refusal:
            assert refusal.key.startswith("announce-")  # noqa: PT017 - any refusal is right, and says why

    # --- what must hold -----------------------------------------------------------------------------------------------

    @invariant()
    def what_arrived_was_right(self) -> None:
        new, self.seen = self.post.log[self.seen :], len(self.post.log)
        for who, text, at in new:
            announced = self.known[text]
            assert who in self.here, "erased"
            assert who not in self.stopped, "stopped"
            assert at < announced.expires, "over"
            assert announced.begins is None or at >= announced.begins, "too early"
            assert not NIGHT.is_quiet(at), "night"
            assert text not in self.still, "paused, or ended"
        times = Counter((who, text) for who, text, _ in self.post.log)
        assert set(times.values()) <= {1}, "twice"

    @invariant()
    def nobody_had_more_than_their_share(self) -> None:
        theirs: dict[str, list[tuple[datetime, bool]]] = defaultdict(list)
        for who, text, at in self.post.log:
            theirs[who].append((at, self.known[text].uncapped))
        for got in theirs.values():
            for number, (at, uncapped) in enumerate(got):
                lately = [before for before, _ in got[:number] if before > at - timedelta(days=7)]
                assert uncapped or len(lately) < SHARE

    def stage(self, announced: Announcement) -> Stage:
        return self.do(status(self.database, announced.id)).announcement.stage

    def teardown(self) -> None:
        """Left alone, each comes to its end, and of everybody it is known what became of it."""
        self.post.failing.clear()
        self.post.doubtful.clear()
        for announced in self.known.values():
            if self.stage(announced) is Stage.PAUSED:
                self.staff_may_resume(announced)
        for _ in range(6):
            self.clock.pass_(6 * 3600)
            self.work()
            self.what_arrived_was_right()
        for text, announced in self.known.items():
            told = self.do(status(self.database, announced.id))
            assert told.announcement.stage in OVER
            assert told.of(Fate.HELD, Fate.DUE, Fate.CLAIMED) == 0
            arrived = {who for who, said, _ in self.post.log if said == text} & self.here
            assert told.of(Fate.SENT) <= len(arrived) <= told.of(Fate.SENT, Fate.UNKNOWN)

    def staff_may_resume(self, announced: Announcement) -> None:
        try:
            self.do(resume(self.database, announced.id, "x", self.clock()))
        except InputError as refusal:
            assert refusal.key == "announce-too-late"  # noqa: PT017


def test_whatever_happens_in_whatever_order(database_url: str, engine_name: str) -> None:
    assert not NIGHT.is_quiet(BEGIN)
    with asyncio.Runner() as runner:
        database = runner.run(open_database(database_url))
        reduced, full = (12, 1000) if engine_name == "sqlite" else (4, 150)
        try:
            # Any maker of machines does; a class is what it is called for.
            machine: Any = partial(AnyOrder, runner, database)
            run_state_machine_as_test(
                machine,
                settings=settings(
                    max_examples=full if FULL else reduced,
                    stateful_step_count=30,
                    derandomize=not FULL,
                    deadline=None,
                    database=None,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            runner.run(database.close())
