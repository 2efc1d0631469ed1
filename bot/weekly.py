"""
Once a week, members of staff are told what waits for them: questions asked in vain, and answers to be looked at again.

On Monday at ten, or whenever the program runs next in that week. That it was told stands in the audit log, in the
transaction that queues the messages, so each week is told once.
"""

import asyncio
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from bot.core.answers.faq import Entry, in_language
from bot.core.answers.gaps import Asked, Gap, grouped
from bot.core.staff import Role, addresses_of
from bot.core.talk.message import Reply
from bot.core.talk.state import World
from bot.core.workshops.batch import IST
from bot.store.announcements import was_written_down, write_down
from bot.store.database import Database
from bot.store.outgoing import NOTICES
from bot.store.patience import again_and_again
from bot.store.people import persons_at, unanswered_questions
from bot.store.queueing import Outgoing, queue

LOOK_EVERY = 60.0
WEEKLY = "weekly"
_FROM = time(10)
_GAPS, _STALE = 7, 7
_WEEK = timedelta(days=7)


class Weekly:
    """Tells staff once a week."""

    def __init__(
        self,
        database: Database,
        world: Callable[[], World],
        clock: Callable[[], datetime],
        *,
        queued: Callable[[], None] = lambda: None,
    ) -> None:
        """
        Args:
            database: where questions without an answer are.
            world: what talks know, as it is now.
            clock: tells the time, aware.
            queued: called when there may be something new in the outbox.
        """  # noqa: D205 - the class says what it is
        self._database = database
        self._world = world
        self._clock = clock
        self._queued = queued

    async def run(self) -> None:
        """Look, until cancelled."""
        await again_and_again(self.look, LOOK_EVERY)

    async def look(self) -> None:
        """Tell, if it is time."""
        now, world = self._clock(), self._world()
        week = _week(now)
        addresses = addresses_of(world.roster.who_may(Role.EDITOR))
        if week is None or not addresses:
            return
        async with self._database.read() as connection:
            if await was_written_down(connection, WEEKLY, week) or not await persons_at(connection, addresses):
                return
            asked = [Asked(*row) for row in await unanswered_questions(connection, now - _WEEK)]
        gaps = await asyncio.to_thread(grouped, asked, world.answers.match)
        today = now.astimezone(IST).date()
        stale = [each for each in world.faq.entries if each.review_by is not None and each.review_by < today]
        text = _text(gaps, stale, world)
        async with self._database.write() as connection:
            if await was_written_down(connection, WEEKLY, week):
                return
            await write_down(connection, "", WEEKLY, week, now)
            known = await persons_at(connection, addresses) if text else {}
            rows = [Outgoing(person, *key, Reply(text), WEEKLY, NOTICES) for person, key in known.items()]
            await queue(connection, rows, now)
        self._queued()


def _week(now: datetime) -> str | None:
    """The week that is to be told of; None while it is Monday and early."""
    here = now.astimezone(IST)
    if here.weekday() == 0 and here.time() < _FROM:
        return None
    year, week, _ = here.isocalendar()
    return f"week:{year}-{week}"


def _text(gaps: list[Gap], stale: list[Entry], world: World) -> str:
    """What waits; "" where nothing does."""
    language = world.language

    def say(key: str, **values: object) -> str:
        return world.phrases.say(f"weekly.{key}", language, **values)

    parts = []
    if gaps:
        lines = [f"{number}. {gap.asked[0].text} ({gap.count})" for number, gap in enumerate(gaps[:_GAPS], 1)]
        parts.append("\n".join([say("gaps", count=len(gaps)), *lines, say("what-to-do")]))
    if stale:
        oldest = sorted(stale, key=lambda entry: (entry.review_by or date.max, entry.id))
        lines = [f"• {in_language(entry.title, language)} ({entry.id})" for entry in oldest[:_STALE]]
        parts.append("\n".join([say("stale", count=len(stale)), *lines]))
    return "\n\n".join([say("title"), *parts]) if parts else ""
