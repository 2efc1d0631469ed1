"""
What members of staff read in their chats of announcements: the card of a draft, how far one is, what went wrong.

Who makes an announcement, or does something to it, follows it; one that was begun in the terminal is followed by all
who may make some. Each follower has one message that says how far it is; where the platform lets messages be changed,
it is changed as things go on, and not repeated. A card, an alarm and the end are messages of their own, so that the
phone rings.

It looks once a second. What was told to whom stands in the database and is changed in the transaction that queues the
message, so nobody is told twice, however many processes run.
"""

import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.announcing import Means, Status, look_over, status
from bot.channels.contract import Editor, Fetcher, NotFetchedError
from bot.core.announcements.announcement import FAILURES, OVER, UNDER_WAY, Announcement, Stage
from bot.core.announcements.media import MAX_FILE, file_name, media_type_of
from bot.core.announcements.preflight import Preflight, card, finish, grouped
from bot.core.staff import Role, Roster, addresses_of
from bot.core.talk.announcing import actions, card_options
from bot.core.talk.message import Document, Reply
from bot.core.talk.phrases import Phrases
from bot.core.workshops.night import NIGHT
from bot.core.workshops.times import say_when
from bot.errors import StoreUnavailable
from bot.store.announcements import (
    find_announcement,
    find_announcements,
    list_announcements,
    lock_announcement,
    save_announcement,
)
from bot.store.database import Database
from bot.store.files import keep_file, load_files
from bot.store.followers import OVER as TOLD_OVER
from bot.store.followers import (
    Follower,
    follow,
    followers_of,
    mark_shown,
    mark_told,
    remember_message,
    uncarded,
    untold,
)
from bot.store.outgoing import NOTICES, Fate
from bot.store.patience import again_and_again
from bot.store.people import persons_at
from bot.store.queueing import Outgoing, amend, is_open, queue, queue_one

LOOK_EVERY = 1.0
# A message is changed no more often than this.
TELL_EVERY = timedelta(seconds=4)
CARD, PROGRESS, ALARM = "card", "progress", "alarm"
_BAR = 10

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Office:
    """
    The office as announcements concern it.

    Attributes:
        above: to more people than this, only an approver who has not made it starts an announcement.
        means: what it sends with.
        editors: channel -> who changes messages there, on channels on which that can be done.
        fetchers: channel -> who fetches files that were sent there.
    """

    above: int
    means: Means
    editors: Mapping[str, Editor] = field(default_factory=dict)
    fetchers: Mapping[str, Fetcher] = field(default_factory=dict)


NO_OFFICE = Office(0, Means({}, (), has_template=False, price=Decimal(0), quiet=NIGHT))


class Staffroom:
    """Tells members of staff."""

    def __init__(
        self,
        database: Database,
        office: Office,
        roster: Roster,
        phrases: Phrases,
        clock: Callable[[], datetime],
        *,
        queued: Callable[[], None] = lambda: None,
    ) -> None:
        """
        Args:
            database: where announcements are.
            office: whose.
            roster: who works there.
            phrases: what is said.
            clock: tells the time, aware.
            queued: called when there may be something new in the outbox.
        """  # noqa: D205 - the class says what it is
        self._database = database
        self._office = office
        self._roster = roster
        self._phrases = phrases
        self._clock = clock
        self._queued = queued
        self._complained: set[tuple[int, str]] = set()

    async def run(self) -> None:
        """Look, until cancelled."""
        await again_and_again(self.look, LOOK_EVERY)

    async def look(self) -> None:
        """Tell all that there is to tell now."""
        async with self._database.read() as connection:
            wait = await uncarded(connection)
            followed = await untold(connection)
            open_ = await list_announcements(connection, [*UNDER_WAY, Stage.PAUSED, Stage.CANCELLING])
            # Those that are over stay out of it, once all who follow them have heard.
            told_of = await find_announcements(connection, {each.announcement for each in followed})
        for number, group in groupby(wait, lambda each: each.announcement):
            await self._try(number, self._show(number, list(group)))
        for each in open_:
            if each.id not in told_of:
                await self._try(each.id, self._have_followed(each.id))
        for number, group in groupby(followed, lambda each: each.announcement):
            await self._try(number, self._tell(told_of[number], list(group)))

    async def _try(self, number: int, work: Awaitable[None]) -> None:
        try:
            await work
        except StoreUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one must not hold up the others
            complaint = (number, type(error).__name__)
            if complaint not in self._complained:
                self._complained.add(complaint)
                _log.error("The staff cannot be told of announcement %s (%s); tried again, said once.", *complaint)

    # --- cards --------------------------------------------------------------------------------------------------------

    async def _show(self, number: int, followers: Sequence[Follower]) -> None:
        """Show the card of a draft, once the file that goes along is here."""
        async with self._database.read() as connection:
            found = await find_announcement(connection, number)
        if (
            found is None
            or found.stage is not Stage.DRAFT
            or (found.attachment is not None and not await self._fetched(found, followers))
        ):
            return
        now = self._clock()
        office, language = self._office, followers[0].language
        seen = await look_over(self._database, number, office.means, self._phrases, language, now)
        async with self._database.write() as connection:
            draft = await lock_announcement(connection, number)
            if draft is None or draft.stage is not Stage.DRAFT:
                return
            await save_announcement(connection, replace(draft, counted=None if seen.forbidden else seen.total))
            needs_two = not seen.forbidden and seen.total > office.above
            if needs_two:
                others = [each for each in self._roster.who_may(Role.APPROVER) if each.name != draft.made_by]
                await follow(connection, number, await persons_at(connection, addresses_of(others)), shown=False)
            documents = await load_files(connection, [draft.file] if draft.file else [])
            for follower in await uncarded(connection):
                if follower.announcement == number and await mark_shown(connection, follower):
                    reply = self._card(seen, follower, documents.get(draft.file or 0), needs_two=needs_two)
                    await queue(connection, [_to(follower, CARD, reply)], now)
        self._queued()

    def _card(self, seen: Preflight, follower: Follower, file: Document | None, *, needs_two: bool) -> Reply:
        staff = self._roster.at(follower.channel, follower.address)
        if staff is None:  # they left meanwhile
            return Reply(self._say("none", follower))
        text = card(seen, follower.language, self._phrases)
        draft, options = seen.announcement, card_options(seen, staff.role, follower.language, self._phrases)
        if needs_two and staff.name == draft.made_by:
            two = self._say("two", follower, count=grouped(seen.total), above=grouped(self._office.above))
            text, options = f"{text}\n\n{two}", options[-1:]
        elif needs_two and staff.role.covers(Role.APPROVER):
            text = f"{self._say('for-you', follower, name=draft.made_by)}\n\n{text}"
        return Reply(text, options if staff.role.covers(Role.EDITOR) else (), file)

    async def _fetched(self, draft: Announcement, followers: Sequence[Follower]) -> bool:
        """Fetch what goes along with a draft; whether the card can be shown now."""
        sent = draft.attachment
        if sent is None or sent.channel not in self._office.fetchers:
            return False  # another process may be on that channel
        try:
            content = await self._office.fetchers[sent.channel].fetch(sent.handle, MAX_FILE)
        except NotFetchedError as error:
            if not error.for_good:
                return False
            await self._drop(draft, followers, "no-file-any-more")
            return False
        media_type = media_type_of(content)
        if not media_type:
            await self._drop(draft, followers, "bad-content")
            return False
        now = self._clock()
        async with self._database.write() as connection:
            locked = await lock_announcement(connection, draft.id)
            if locked is None or locked.attachment != sent:
                return False
            number = await keep_file(connection, file_name(sent.name, media_type), media_type, content, now)
            await save_announcement(connection, replace(locked, attachment=None, file=number))
        return True

    async def _drop(self, draft: Announcement, followers: Sequence[Follower], why: str) -> None:
        """Say that the file cannot be had; without it nothing goes out that was meant to have it."""
        now = self._clock()
        async with self._database.write() as connection:
            locked = await lock_announcement(connection, draft.id)
            if locked is None or locked.stage is not Stage.DRAFT:
                return
            await save_announcement(connection, replace(locked, stage=Stage.CANCELLED, over=now, attachment=None))
            for follower in followers:
                if await mark_shown(connection, follower) and await mark_told(connection, follower, TOLD_OVER, now):
                    reply = Reply(self._say(why, follower, id=draft.id))
                    await queue(connection, [_to(follower, ALARM, reply)], now)
        self._queued()

    # --- progress -----------------------------------------------------------------------------------------------------

    async def _have_followed(self, number: int) -> None:
        """One that nobody of the staff follows was begun in the terminal: all who may make some are told."""
        addresses = addresses_of(self._roster.who_may(Role.EDITOR))
        async with self._database.read() as connection:
            known = await persons_at(connection, addresses)
            if not known or await followers_of(connection, [number]):
                return
        async with self._database.write() as connection:
            await follow(connection, number, known, shown=True)

    async def _tell(self, announcement: Announcement, followers: Sequence[Follower]) -> None:
        """Tell those who do not know yet how far it is."""
        now = self._clock()
        due = [each for each in followers if _may_tell(each, announcement, now, self._office.editors)]
        if not due:
            return
        how_far = await status(self._database, announcement.id)
        key = _key(how_far)
        for follower in due:
            if follower.told != key:
                async with self._database.write() as connection:
                    await self._tell_one(connection, how_far, follower, key, now)
        self._queued()

    async def _tell_one(
        self, connection: AsyncConnection, how_far: Status, follower: Follower, key: str, now: datetime
    ) -> None:
        if follower.message is not None and await is_open(connection, follower.message):
            return  # it is on its way; the next look has newer numbers
        if not await mark_told(connection, follower, key, now):
            return
        announcement = how_far.announcement
        staff = self._roster.at(follower.channel, follower.address)
        role = Role.VIEWER if staff is None else staff.role
        options = actions(announcement, role, follower.language, self._phrases)
        is_over = announcement.stage in OVER
        if is_over and follower.told:
            await queue(connection, [_to(follower, ALARM, Reply(self._over(how_far, follower)))], now)
        if announcement.why == FAILURES and not follower.told.startswith(f"{Stage.PAUSED}:"):
            alarm = Reply(self._say("alarm", follower, id=announcement.id), options)
            await queue(connection, [_to(follower, ALARM, alarm)], now)
        reply = Reply(self._over(how_far, follower) if is_over else self._progress(how_far, follower, now), options)
        can_change = follower.channel in self._office.editors
        if follower.message is None or (can_change and not await amend(connection, follower.message, reply, now)):
            number = await queue_one(connection, _to(follower, PROGRESS, reply), now)
            await remember_message(connection, follower, number)

    def _over(self, how_far: Status, follower: Follower) -> str:
        counts = {
            "sent": how_far.of(Fate.SENT),
            "failed": how_far.of(Fate.FAILED),
            "skipped": how_far.of(Fate.SKIPPED),
            "unknown": how_far.of(Fate.UNKNOWN),
        }
        stage = self._stage(how_far.announcement, follower)
        numbers = {name: grouped(count) for name, count in counts.items()}
        return self._say("over", follower, id=how_far.announcement.id, stage=stage, **numbers)

    def _progress(self, how_far: Status, follower: Follower, now: datetime) -> str:
        announcement = how_far.announcement
        total = sum(how_far.tally.values())
        if not announcement.is_frozen or not total:
            begins = say_when(announcement.begins or now, self._phrases, follower.language)
            count = grouped(max(announcement.counted or 0, announcement.people))
            stage = self._stage(announcement, follower)
            return self._say("progress-begins", follower, id=announcement.id, stage=stage, when=begins, count=count)
        left = how_far.of(Fate.HELD, Fate.DUE, Fate.CLAIMED)
        done = (total - left) / total
        text = self._say(
            "progress",
            follower,
            id=announcement.id,
            stage=self._stage(announcement, follower),
            bar="▓" * round(done * _BAR) + "░" * (_BAR - round(done * _BAR)),
            percent=int(done * 100),
            sent=grouped(how_far.of(Fate.SENT)),
            failed=grouped(how_far.of(Fate.FAILED, Fate.SKIPPED, Fate.UNKNOWN)),
            left=grouped(left),
        )
        if announcement.stage is not Stage.RUNNING or not left:
            return text
        means = self._office.means
        waiting: dict[str, int] = {}
        for (channel, fate), people in how_far.tally.items():
            if fate in (Fate.HELD, Fate.DUE, Fate.CLAIMED):
                waiting[channel] = waiting.get(channel, 0) + people
        per_second = {channel: float(pace) for channel, pace in means.per_second.items() if pace is not None}
        spread = timedelta(hours=announcement.hours) - (now - (announcement.begins or now))
        ends = finish(now, waiting, per_second, spread, means.quiet)
        return f"{text}\n{self._say('progress-ends', follower, when=say_when(ends, self._phrases, follower.language))}"

    def _stage(self, announcement: Announcement, follower: Follower) -> str:
        key = f"why.{announcement.why}" if announcement.why else f"stage.{announcement.stage}"
        return self._phrases.say(f"announce.{key}", follower.language)

    def _say(self, key: str, follower: Follower, **values: object) -> str:
        return self._phrases.say(f"announce.chat.{key}", follower.language, **values)


def _key(how_far: Status) -> str:
    """What there is to tell, so that it is known whether it has changed."""
    announcement = how_far.announcement
    if announcement.stage in OVER:
        return TOLD_OVER
    counts = [how_far.of(fate) for fate in (Fate.SENT, Fate.FAILED, Fate.SKIPPED, Fate.UNKNOWN)]
    return ":".join(map(str, (announcement.stage, announcement.why, *counts, announcement.begins)))


def _may_tell(follower: Follower, announcement: Announcement, now: datetime, edits: Collection[str]) -> bool:
    """Whether it is time to tell somebody again."""
    told, stage = follower.told.partition(":")[0], announcement.stage
    if stage != told and (not told or stage in (*OVER, Stage.PAUSED)):
        return True
    if follower.channel not in edits:
        return False  # each would be a message of its own
    return follower.told_at is None or now - follower.told_at >= TELL_EVERY


def _to(follower: Follower, kind: str, reply: Reply) -> Outgoing:
    return Outgoing(follower.person, follower.channel, follower.address, reply, kind, NOTICES)
