"""What is due by the clock: reminders, offers that ran out, and forgetting people whose time of keeping is over."""

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.core.talk.state import World
from bot.store.database import Database
from bot.store.erasing import purge
from bot.store.patience import again_and_again
from bot.store.reminding import pass_time

LOOK_EVERY = 20.0
PURGE_EVERY = timedelta(hours=6)


class Timer:
    """Looks at the clock."""

    def __init__(
        self,
        database: Database,
        world: Callable[[], World],
        clock: Callable[[], datetime],
        *,
        queued: Callable[[], None] = lambda: None,
    ) -> None:
        """Args: as of ``Inbox``."""
        self._database = database
        self._world = world
        self._clock = clock
        self._queued = queued
        self._purged: datetime | None = None

    async def run(self) -> None:
        """Look every twenty seconds, until cancelled."""
        await again_and_again(self.look, LOOK_EVERY)

    async def look(self) -> None:
        """Do all that is due now."""
        now = self._clock()
        world = self._world()
        if await pass_time(self._database, world.phrases, now):
            self._queued()
        if self._purged is None or now >= self._purged + PURGE_EVERY:
            await purge(self._database, now - timedelta(days=world.office.keep_days), now)
            self._purged = now
