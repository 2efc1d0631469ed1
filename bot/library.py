"""
The answers in use: the newest published revision, taken up by every process within seconds.

The folder is watched. A state of it that is new to the office is checked, and published where the gate lets it pass;
where not, people are answered as before, and staff are told in their chats what and where. A state that was published
before is left alone: who rolls back, or starts another process with older files, does not undo what came since.

What takes long (reading YAML, learning) is done by another process, and what that has learnt is read from the cache
in a thread; so no message waits for it. The new answers are put in use between two slices of messages.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from bot.answered import tell_askers
from bot.content.faults import fault_lines
from bot.content.folder import read_files
from bot.content.prepared import Prepared
from bot.core.answers.calibration import SHIPPED
from bot.core.answers.matcher import Matcher
from bot.core.staff import Role, addresses_of
from bot.core.talk.message import Reply
from bot.core.talk.phrases import Phrases
from bot.core.talk.state import Answers, World
from bot.core.workshops.batch import IST
from bot.elsewhere import elsewhere
from bot.errors import ContentError, Fault, InputError, StoreUnavailable
from bot.publishing import Verdict, digest_of, examine, prepared_of, publish, published
from bot.store.announcements import was_written_down, write_down
from bot.store.database import Database
from bot.store.outgoing import NOTICES
from bot.store.patience import again_and_again
from bot.store.people import persons_at
from bot.store.queueing import Outgoing, queue
from bot.store.revisions import digests, newest

LOOK_EVERY = 2.0
REFUSED = "refused"
# As many mistakes are told in a chat; the rest stands in ``faq check``.
_TOLD = 8

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """
    Where answers come from.

    Attributes:
        folder: the working copy.
        cache: of what was learnt.
        language: in which staff are told.
    """

    folder: Path
    cache: Path
    language: str


class Library:
    """
    Keeps the answers in use.

    Attributes:
        revision: which is in use; 0 for the folder as it was at the start.
    """

    def __init__(
        self,
        database: Database,
        place: Place,
        world: World,
        clock: Callable[[], datetime],
        *,
        wrap: Callable[[Answers], Answers] = lambda answers: answers,
        queued: Callable[[], None] = lambda: None,
    ) -> None:
        """
        Args:
            database: where revisions are.
            place: the folder and what belongs to it.
            world: as it is at the start.
            clock: tells the time, aware.
            wrap: what is put around whatever answers; to time it.
            queued: called when there may be something new in the outbox.
        """  # noqa: D205 - the class says what it is
        self.revision = 0
        self._database = database
        self._place = place
        self._phrases: Phrases = world.phrases
        self._wrap = wrap
        self._world = replace(world, answers=wrap(world.answers))
        self._bare: Answers = world.answers
        self._clock = clock
        self._queued = queued
        # What the folder looked like when it was looked at last, and when it was taken in.
        self._seen: object = None
        self._taken: object = None
        # A revision that could not be taken up, so that it is said once.
        self._unusable = 0

    def world(self) -> World:
        """What talks need to know, as it is now."""
        return replace(self._world, today=self._clock().astimezone(IST).date())

    async def run(self) -> None:
        """Look, until cancelled."""
        await again_and_again(self.look, LOOK_EVERY)

    async def look(self) -> None:
        """Take up what was published; and publish what is new in the folder."""
        await self._take_up()
        seen = await asyncio.to_thread(_signature, self._place.folder)
        # A file that is being written now has another face a moment later.
        if seen == self._seen and seen != self._taken:
            try:
                await self._take_in()
            except StoreUnavailable:
                raise
            except Exception as error:  # noqa: BLE001 - people are answered all the same
                _log.error("The answers in %s could not be looked at (%s).", self._place.folder, type(error).__name__)
            self._taken = seen
            await self._take_up()
        self._seen = seen

    async def _take_up(self) -> None:
        async with self._database.read() as connection:
            latest = await newest(connection)
        if latest is None or latest.id in (self.revision, self._unusable):
            return
        found = await published(self._database)
        if found is None:
            return
        revision, files = found
        try:
            await elsewhere(_learn, files, self._phrases, self._place.cache)
            prepared = await asyncio.to_thread(prepared_of, files, self._phrases, self._place.cache)
            matcher = await asyncio.to_thread(_matcher, prepared)
        except ContentError:
            # Made for another version of the program.
            self._unusable = revision.id
            _log.error("Revision %s of the answers cannot be used by this program; the earlier ones stay.", revision.id)
            return
        before = self._world
        self._world = replace(self._world, faq=prepared.loaded.faq, answers=self._wrap(matcher))
        self.revision = revision.id
        _log.info("Revision %s of the answers is in use.", revision.id)
        # Not by what counts the questions of people.
        told = await tell_askers(
            self._database, replace(before, answers=self._bare), replace(self.world(), answers=matcher), self._clock()
        )
        self._bare = matcher
        if told:
            self._queued()
            _log.info("%s people are told that there is an answer to what they asked.", told)

    async def _take_in(self) -> None:
        """Publish what stands in the folder, where it is new and the gate lets it pass."""
        try:
            files = await asyncio.to_thread(read_files, self._place.folder)
        except ContentError as error:
            await self._refuse(str(self._place.folder), error.faults)
            return
        digest = await asyncio.to_thread(digest_of, files)
        async with self._database.read() as connection:
            if digest in await digests(connection):
                return
        now = await published(self._database)
        before = None if now is None else now[1]
        place = self._place
        try:
            verdict: Verdict = await elsewhere(examine, files, before, self._phrases, place.cache, place.language)
        except ContentError as error:
            await self._refuse(digest, error.faults)
            return
        if verdict.refused:
            await self._refuse(digest, [fault for fault in verdict.faults if not fault.warning])
            return
        try:
            revision = await publish(
                self._database, verdict, place.folder.name, self._clock(), since=0 if now is None else now[0].id
            )
        except InputError:
            return  # another process was faster; the next look compares with what it published
        _log.info("Revision %s of the answers is published: %s changes.", revision.id, len(verdict.changes))

    async def _refuse(self, digest: str, faults: Sequence[Fault]) -> None:
        """Say once, to all who may change answers, why the folder is not published."""
        lines = fault_lines(faults, self._phrases, self._place.language)
        now, what = self._clock(), f"files:{digest}"
        roster = self._world.roster
        addresses = addresses_of(roster.who_may(Role.EDITOR))
        more = self._phrases.say("publish.more", self._place.language, count=len(lines) - _TOLD)
        told = [*lines[:_TOLD], *([more] if len(lines) > _TOLD else [])]
        text = self._phrases.say("publish.not-published", self._place.language) + "\n\n" + "\n".join(told)
        async with self._database.write() as connection:
            if await was_written_down(connection, REFUSED, what):
                return
            await write_down(connection, self._place.folder.name, REFUSED, what, now, lines[0] if lines else "")
            persons = await persons_at(connection, addresses)
            rows = [Outgoing(person, *key, Reply(text), REFUSED, NOTICES) for person, key in persons.items()]
            await queue(connection, rows, now)
        self._queued()
        _log.warning("The answers in %s are not published: %s.", self._place.folder, len(faults))


def _learn(files: dict[str, str], phrases: Phrases, cache: Path) -> None:
    prepared_of(files, phrases, cache)


def _matcher(prepared: Prepared) -> Matcher:
    return Matcher(prepared.loaded.faq, prepared.index, SHIPPED)


def _signature(folder: Path) -> object:
    """Something that is different when a file of the folder is."""
    try:
        found = [(each.name, each.stat()) for each in folder.iterdir() if each.suffix in (".yaml", ".yml", ".tsv")]
    except OSError:
        return None
    return sorted((name, state.st_mtime_ns, state.st_size) for name, state in found)
