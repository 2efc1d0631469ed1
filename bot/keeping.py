"""
Changes of the answers that staff want in their chats: looked at by the gate, published, told, undone.

A change is made to what is published, so that it holds whatever stands in the folder; the folder gets it too where it
may be written to, comments and all. Where somebody else has changed the same answer since it was shown, that is told,
and nothing changes. What was published so can be undone for a day, as long as nothing came after it.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.content.editing import Edit, NoPlaceError, edited
from bot.content.faults import fault_lines
from bot.content.folder import Files, read_files, write_changed
from bot.core.answers.faq import in_language
from bot.core.answers.proposal import Proposal, face
from bot.core.talk.keeping import undo_button
from bot.core.talk.message import Option, Reply
from bot.core.talk.phrases import Phrases
from bot.elsewhere import elsewhere
from bot.errors import ContentError, FaultsError, InputError, StoreUnavailable
from bot.library import Place
from bot.publishing import Verdict, examine, prepared_of, publish, published, roll_back
from bot.store.database import Database
from bot.store.outgoing import NOTICES
from bot.store.patience import again_and_again
from bot.store.proposals import Waiting, claim_proposal, drop_proposal, waiting_proposals
from bot.store.queueing import Outgoing, queue
from bot.store.revisions import Revision, files_of, list_revisions

LOOK_EVERY = 1.0
UNDO_FOR = timedelta(hours=24)
KEPT = "keeping"
_TOLD = 8

_log = logging.getLogger(__name__)


class Keeper:
    """Deals with what staff propose."""

    def __init__(
        self,
        database: Database,
        place: Place,
        phrases: Phrases,
        clock: Callable[[], datetime],
        *,
        queued: Callable[[], None] = lambda: None,
    ) -> None:
        """
        Args:
            database: where proposals and revisions are.
            place: the folder and what belongs to it.
            phrases: what is said.
            clock: tells the time, aware.
            queued: called when there may be something new in the outbox.
        """  # noqa: D205 - the class says what it is
        self._database = database
        self._place = place
        self._phrases = phrases
        self._clock = clock
        self._queued = queued

    async def run(self) -> None:
        """Look, until cancelled."""
        await again_and_again(self.look, LOOK_EVERY)

    async def look(self) -> None:
        """Deal with all that waits, one after the other."""
        async with self._database.read() as connection:
            waiting = await waiting_proposals(connection)
        for each in waiting:
            async with self._database.write() as connection:
                if not await claim_proposal(connection, each.id, self._clock()):
                    continue
            try:
                text, options = await self._settle(each)
            except StoreUnavailable:
                raise
            except InputError as error:
                text, options = self._phrases.say(f"input.{error.key}", each.language, **error.values), ()
            except Exception as error:  # noqa: BLE001 - whatever is wrong with one must not hold up the others
                _log.error("A change of the answers could not be made (%s).", type(error).__name__)
                text, options = self._say("failed", each), ()
            await self._tell(each, text, options)

    async def _tell(self, to: Waiting, text: str, options: tuple[Option, ...]) -> None:
        row = Outgoing(to.person, to.channel, to.address, Reply(text, options), KEPT, NOTICES)
        async with self._database.write() as connection:
            if await drop_proposal(connection, to.id):
                await queue(connection, [row], self._clock())
        self._queued()

    async def _settle(self, wanted: Waiting) -> tuple[str, tuple[Option, ...]]:
        """Do it; what is told."""
        now = await published(self._database)
        if now is None:
            return self._say("not-yet", wanted), ()
        revision, files = now
        if wanted.proposal.undo:
            return await self._undo(wanted, revision, files)
        place, proposal = self._place, wanted.proposal
        before = await asyncio.to_thread(prepared_of, files, self._phrases, place.cache)
        if face(before.loaded.faq.by_id.get(proposal.entry)) != proposal.seen:
            return self._say("meanwhile", wanted, who=revision.who), ()
        edit = _edit(proposal)
        try:
            after = edited(files, [edit])
            verdict: Verdict = await elsewhere(examine, after, files, self._phrases, place.cache, wanted.language)
            if verdict.refused:
                raise ContentError(verdict.faults)  # noqa: TRY301 - told as what cannot be read is
        except ContentError as error:
            return self._refused(error, wanted), ()
        why = self._phrases.say("keeping.why", place.language, id=proposal.entry)
        new = await publish(self._database, verdict, wanted.who, self._clock(), why=why, since=revision.id)
        written = await asyncio.to_thread(_write_back, place, edit)
        entry = next((change.after for change in verdict.changes if change.id == proposal.entry), None)
        title = in_language(entry.title, wanted.language) if entry is not None else proposal.entry
        text = self._say("published", wanted, title=title, revision=new.id)
        if not written:
            text += "\n" + self._say("not-in-files", wanted)
        return text, (undo_button(new.id, self._say("button.undo", wanted)),)

    async def _undo(self, wanted: Waiting, last: Revision, files: Files) -> tuple[str, tuple[Option, ...]]:
        """Bring back what was before a revision, if it is the last one and not too old."""
        async with self._database.read() as connection:
            earlier = [each for each in await list_revisions(connection, 2) if each.id < last.id]
        if last.id != wanted.proposal.undo or not earlier:
            return self._say("undo-later", wanted), ()
        if self._clock() - last.at > UNDO_FOR:
            return self._say("undo-old", wanted), ()
        back = await roll_back(self._database, earlier[0].id, wanted.who, self._clock())
        async with self._database.read() as connection:
            restored = await files_of(connection, back.id)
        await asyncio.to_thread(_bring_back, self._place, files, restored or {})
        return self._say("undone", wanted, revision=back.id), ()

    def _refused(self, error: FaultsError, wanted: Waiting) -> str:
        lines = fault_lines([each for each in error.faults if not each.warning], self._phrases, wanted.language)
        return "\n".join([self._say("refused", wanted), "", *lines[:_TOLD]])

    def _say(self, key: str, to: Waiting, **values: object) -> str:
        return self._phrases.say(f"keeping.{key}", to.language, **values)


def _edit(proposal: Proposal) -> Edit:
    return Edit(
        proposal.entry,
        category=proposal.category or None,
        title={"hi": proposal.title} if proposal.title else None,
        answer={"hi": proposal.answer} if proposal.answer else None,
        fields={"checked_on": proposal.checked_on} if proposal.checked_on else {},
        more=proposal.more,
    )


def _write_back(place: Place, edit: Edit) -> bool:
    """Make the same change in the folder; False where that cannot be."""
    try:
        files = read_files(place.folder)
        write_changed(place.folder, files, edited(files, [edit]))
    except (FaultsError, InputError, NoPlaceError, OSError, ValueError) as error:
        _log.warning("A published change could not be written to %s (%s).", place.folder, type(error).__name__)
        return False
    return True


def _bring_back(place: Place, undone: Files, back: Files) -> None:
    """Undo the same in the folder, in files that nobody has changed since."""
    try:
        files = read_files(place.folder)
        kept = {name: back.get(name, text) if text == undone.get(name) else text for name, text in files.items()}
        write_changed(place.folder, files, kept)
    except (FaultsError, InputError, OSError) as error:
        _log.warning("What was undone could not be written to %s (%s).", place.folder, type(error).__name__)
