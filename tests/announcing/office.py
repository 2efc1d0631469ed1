"""An office that announces: people in a real database, an announcer and an outbox on a moved clock, a letterbox."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.announcer import RULES, Announcer, Rules
from bot.announcing import Draft, make, send, status
from bot.core.announcements.announcement import UNDO, Announcement
from bot.core.announcements.outcomes import Outcomes
from bot.core.pacing import Pace
from bot.core.workshops.batch import IST
from bot.outbox import Outbox
from bot.store.database import Database
from bot.store.outgoing import Fate
from bot.store.tables import people
from tests.crash.talks import CHANNEL, small_world
from tests.crash.waiting import Letterbox

BEGIN = datetime(2026, 11, 26, 10, tzinfo=IST)


@dataclass
class Clock:
    """A clock that tests move."""

    now: datetime = BEGIN

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Office:
    """All that takes part."""

    database: Database
    clock: Clock = field(default_factory=Clock)
    post: Letterbox = field(default_factory=Letterbox)
    rules: Rules = RULES
    paces: Mapping[str, Pace] = field(default_factory=dict)
    channels: Sequence[str] = (CHANNEL,)

    def __post_init__(self) -> None:
        phrases = small_world().phrases
        outcomes = Outcomes()
        self.outbox = Outbox(
            self.database,
            dict.fromkeys(self.channels, self.post),
            lambda: phrases,
            self.clock,
            paces=self.paces,
            announced=outcomes.heard,
        )
        self.announcer = Announcer(
            self.database,
            self.channels,
            self.rules,
            self.clock,
            paces=self.paces,
            outcomes=outcomes,
            queued=self.outbox.wake,
        )

    async def settle(self, *names: str, news: bool | None = True, channel: str = CHANNEL) -> None:
        """People come to live here; their addresses are their names."""
        values = {"channel": channel, "news": news, "created": self.clock(), "heard": self.clock()}
        async with self.database.write() as connection:
            await connection.execute(people.insert(), [values | {"address": name, "name": name} for name in names])

    async def change(self, name: str, **values: object) -> None:
        """Something about somebody changes."""
        async with self.database.write() as connection:
            await connection.execute(people.update().where(people.c.address == name).values(values))

    async def announce(self, text: str = "नमस्ते {name}!", **draft: object) -> Announcement:
        """Make and send one; it has not begun."""
        made = await make(self.database, Draft(text, **draft), "सुनीता", self.clock())  # type: ignore[arg-type]
        return await send(self.database, made.id, "सुनीता", self.clock())

    async def work(self) -> None:
        """What can be done now is done."""
        await self.announcer.look()
        await self.outbox.drain()
        await self.announcer.look()

    async def begin(self, text: str = "नमस्ते {name}!", **draft: object) -> Announcement:
        """Announce, and let the minute pass in which it can be undone."""
        announced = await self.announce(text, **draft)
        self.clock.pass_(UNDO.total_seconds())
        await self.work()
        return announced

    async def go_on(self, times: int) -> None:
        """Time passes, a little at a time."""
        for _ in range(times):
            self.clock.pass_(0.2)
            await self.work()

    async def fates(self, announcement: int) -> dict[Fate, int]:
        """How many recipients have which fate."""
        told: dict[Fate, int] = {}
        for (_, fate), count in (await status(self.database, announcement)).tally.items():
            told[fate] = told.get(fate, 0) + count
        return told

    async def stage(self, announcement: int) -> str:
        """Where it stands."""
        return (await status(self.database, announcement)).announcement.stage

    async def count(self, table: sa.Table) -> int:
        """How many rows there are."""
        async with self.database.read() as connection:
            return int(await connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0)
