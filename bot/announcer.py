"""
Announcements on their way: begun when their time has come, written down, let out, and finished.

The announcer looks twice a second at what is under way. Each step is a transaction that has the announcement locked, so
any process may take it and none takes it twice; where one is killed, another goes on within the second. The recipients
are let out a little ahead of sending (``RESERVE``), so that a pause, the night or an end stops all but a handful at
once, and the outbox looks through few rows however many people are to be told.

Where too many of the last messages failed, an announcement pauses by itself.
"""

import logging
import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.announcements.announcement import FAILURES, UNDER_WAY, Announcement, Stage
from bot.core.announcements.audience import parse
from bot.core.announcements.outcomes import Outcomes
from bot.core.announcements.plan import let_out_by
from bot.core.pacing import AS_IT_GOES, Pace
from bot.core.quiet import Quiet
from bot.core.workshops.night import NIGHT
from bot.errors import StoreUnavailable
from bot.store import ledger
from bot.store.announcements import list_announcements, lock_if, save_announcement
from bot.store.audience import Who, condition
from bot.store.database import Database
from bot.store.ledger import Skipped
from bot.store.patience import again_and_again

LOOK_EVERY = 0.5
# As many seconds of sending are let out ahead, or as many messages on a channel without a pace.
RESERVE, RESERVE_UNPACED = 2.0, 2_000
# What is paused can still run out of time.
_SEEN_TO = (*UNDER_WAY, Stage.PAUSED, Stage.CANCELLING)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rules:
    """
    How the office sends announcements.

    Attributes:
        quiet: when nothing of them goes out.
        share: how many a person gets in a week; 0 for any number.
        failures: so many percent of the last messages may fail.
    """

    quiet: Quiet
    share: int = 3
    failures: int = 20


RULES = Rules(NIGHT)


class Announcer:
    """Sees to announcements."""

    def __init__(
        self,
        database: Database,
        channels: Collection[str],
        rules: Rules,
        clock: Callable[[], datetime],
        *,
        paces: Mapping[str, Pace] | None = None,
        outcomes: Outcomes | None = None,
        queued: Callable[[], None] = lambda: None,
        step: Callable[[str], None] = lambda _: None,
    ) -> None:
        """
        Args:
            database: where they are.
            channels: that can be sent on; nobody else is a recipient.
            rules: the office's.
            clock: tells the time, aware.
            paces: channel -> how fast it may be sent to; the others, as fast as it goes.
            outcomes: what the outbox hears of their messages.
            queued: called when there may be something new in the outbox.
            step: called with the name of each step; tests kill the process there.
        """  # noqa: D205 - the class says what it is
        self._database = database
        self._channels = sorted(channels)
        self._rules = rules
        self._clock = clock
        self._paces = paces or {}
        self._queued = queued
        self._step = step
        self._outcomes = outcomes or Outcomes()
        # The condition on people, while recipients are written down.
        self._who: dict[int, Who] = {}

    async def run(self) -> None:
        """Look, until cancelled."""
        await again_and_again(self.look, LOOK_EVERY)

    async def look(self) -> None:
        """Do all that can be done now."""
        async with self._database.read() as connection:
            open_ = [each.id for each in await list_announcements(connection, _SEEN_TO)]
        self._outcomes.keep_only(open_)
        self._who = {number: who for number, who in self._who.items() if number in open_}
        for number in open_:
            try:
                # Between two steps, whoever waits for the database has their turn.
                while await self._advance(number):
                    pass
            except StoreUnavailable:
                raise
            except Exception as error:  # noqa: BLE001 - whatever is wrong with one must not hold up the others
                _log.error("Announcement %s could not go on (%s).", number, type(error).__name__)

    async def _advance(self, number: int) -> bool:
        """One step; whether there is another one at once."""
        now = self._clock()
        async with self._database.write() as connection:
            before = await lock_if(connection, number, _SEEN_TO)
            if before is None:
                return False
            after = await self._next(connection, before, now)
            if after is not None and after != before:
                await save_announcement(connection, after)
        self._step("advanced")
        if after is None:
            return True
        if after.stage is not before.stage:
            _log.info("Announcement %s: %s.", number, after.stage)
        if after.stage is Stage.RUNNING:
            self._queued()
        return after != before

    async def _next(  # noqa: PLR0911 - one line a stage
        self, connection: AsyncConnection, announcement: Announcement, now: datetime
    ) -> Announcement | None:
        """What becomes of a locked announcement; None where the same step is not yet done."""
        if announcement.stage is Stage.CANCELLING:
            given_up = await ledger.give_up(connection, announcement.id, Skipped.CANCELLED)
            return None if given_up else announcement.cancelled(now)
        if announcement.expires <= now:
            return (
                None if await ledger.give_up(connection, announcement.id, Skipped.EXPIRED) else announcement.expire(now)
            )
        match announcement.stage:
            case Stage.SET if announcement.begins is not None and announcement.begins <= now:
                return announcement.begin(await ledger.last_person(connection))
            case Stage.FREEZING:
                if announcement.id not in self._who:
                    self._who[announcement.id] = await condition(connection, parse(announcement.segment))
                frozen = await ledger.freeze(connection, announcement, self._who[announcement.id], self._channels, now)
                self._step("freezing")
                return frozen
            case Stage.RUNNING if self._outcomes.fails(announcement.id, self._rules.failures):
                _log.error("Announcement %s is paused: too many of its messages fail.", announcement.id)
                self._outcomes.forget(announcement.id)
                await ledger.hold(connection, announcement.id)
                return replace(announcement, stage=Stage.PAUSED, why=FAILURES)
            case Stage.RUNNING:
                await self._let_out(connection, announcement, now)
                return announcement.finish(now) if await ledger.is_over(connection, announcement.id) else announcement
        return announcement

    async def _let_out(self, connection: AsyncConnection, announcement: Announcement, now: datetime) -> None:
        """Let out as many as are wanted ahead of sending."""
        under_way = await ledger.due_now(connection, announcement.id)
        allowed: float = math.inf
        if (by_now := let_out_by(announcement, now, self._rules.quiet)) is not None:
            if by_now == 0:
                await ledger.hold(connection, announcement.id)
                return
            held = sum((await ledger.held(connection, announcement.id)).values())
            allowed = by_now - (announcement.people - held)
        for channel in self._channels:
            wanted = min(self._reserve(channel) - under_way.get(channel, 0), allowed)
            if wanted > 0:
                share = self._rules.share
                allowed -= await ledger.let_out(connection, announcement, channel, int(wanted), share, now)

    def _reserve(self, channel: str) -> int:
        per_second = self._paces.get(channel, AS_IT_GOES).per_second
        return RESERVE_UNPACED if per_second is None else math.ceil(RESERVE * per_second)
