"""
Publishing answers: what stands in the folder is checked, compared with what is published, and kept as a revision.

The folder is the working copy. What people are answered from is the newest revision in the database, whole, so that a
mistake never reaches them and yesterday's answers can always be had back. A change that the gate refuses
(``core/answers/gate.py``) leaves everything as it was, and says what and where.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from bot.content.folder import GOLDEN, Files, unpacked
from bot.content.labelled import parse_labelled
from bot.content.prepared import Prepared, prepare
from bot.core.answers.calibration import SHIPPED
from bot.core.answers.faq import in_language
from bot.core.answers.gate import Ask, Change, changes, worse
from bot.core.answers.index import Progress, unseen
from bot.core.answers.matcher import Answer, Matcher
from bot.core.talk.phrases import Phrases
from bot.errors import ContentError, Fault, InputError
from bot.store.announcements import write_down
from bot.store.database import Database
from bot.store.revisions import Revision, files_of, insert_revision, list_revisions, lock_revisions, newest

# A new entry of whose phrasings more than this share belong to another is that other once more.
_SAME = 0.5
_ALL = 100_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    What the gate says.

    Attributes:
        faults: why it may not be published; those that are warnings do not stand in the way.
        changes: what is different from what is published.
    """

    files: Files
    entries: int
    questions: int
    faults: tuple[Fault, ...]
    changes: tuple[Change, ...]

    @property
    def refused(self) -> bool:
        """Whether it may not be published."""
        return any(not fault.warning for fault in self.faults)


def digest_of(files: Files) -> str:
    """Names a state of the files."""
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{len(files[name])}\0{files[name]}\0".encode())
    return digest.hexdigest()[:16]


def prepared_of(files: Files, phrases: Phrases, cache: Path, progress: Progress = unseen) -> Prepared:
    """
    Read, check and learn files; see ``prepare``.

    Raises:
        ContentError: they have faults; all of them.
    """
    with unpacked(files) as folder:
        return prepare(folder, phrases, cache, progress)


def examine(
    files: Files, before: Files | None, phrases: Phrases, cache: Path, language: str, progress: Progress = unseen
) -> Verdict:
    """
    What the gate says to files.

    Args:
        files: name -> text.
        before: what is published; None for nothing.
        phrases: all that the program says.
        cache: folder of what was learnt.
        language: in which entries are named.
        progress: called with (texts done, texts in all) while learning.

    Raises:
        ContentError: they have faults; all of them.
    """
    after = prepared_of(files, phrases, cache, progress)
    was = _was(before, phrases, cache)
    faq, ask = after.loaded.faq, Matcher(after.loaded.faq, after.index, SHIPPED).match
    old = None if was is None else Matcher(was.loaded.faq, was.index, SHIPPED).match
    found = changes(None if was is None else was.loaded.faq, faq)
    titles = {entry.id: in_language(entry.title, language) for entry in faq.entries}
    faults = [*after.loaded.warnings, *_golden(files, old, ask, titles)]
    if old is not None:
        faults += _taken(found, old, after, titles)
    questions = sum(len(entry.questions) for entry in faq.entries)
    return Verdict(files, len(faq.entries), questions, tuple(faults), tuple(found))


def _golden(files: Files, old: Ask | None, ask: Ask, titles: Mapping[str, str]) -> Iterator[Fault]:
    """Golden questions that come out worse."""
    if GOLDEN not in files:
        return
    golden = parse_labelled(files[GOLDEN], f"faq/{GOLDEN}")
    lines = {one.query: line for line, one in golden.items()}
    for one in worse(list(golden.values()), old, ask):
        expected = ", ".join(titles.get(each, each) for each in one.expected)
        got = titles.get(one.got, "")
        key = "gate-golden-outside" if not one.expected else "gate-golden-wrong" if got else "gate-golden-lost"
        values = {"text": one.query, "expected": expected, "got": got}
        yield Fault(key, f"faq/{GOLDEN}", lines[one.query], values)


def _was(before: Files | None, phrases: Phrases, cache: Path) -> Prepared | None:
    """What is published; None where there is nothing, or this version of the program cannot read it any more."""
    if before is None:
        return None
    try:
        return prepared_of(before, phrases, cache)
    except ContentError:
        return None


def _taken(found: Sequence[Change], old: Ask, after: Prepared, titles: Mapping[str, str]) -> Iterator[Fault]:
    """Phrasings that are new in one entry and that another one answers already."""
    moved = {text for change in found for text in change.fewer}
    for change in found:
        if change.after is None:
            continue
        others: Counter[str] = Counter()
        taken = []
        for position, text in enumerate(change.after.questions):
            if text not in change.more or text in moved:
                continue
            match old(text):
                case Answer(id=other) if other != change.id and other in titles:
                    others[other] += 1
                    taken.append((position, text, other))
        # An entry that is split has phrasings of the old one; one that is the old one once more has mostly such.
        is_new = change.before is None
        allowed = is_new and max(others.values(), default=0) <= _SAME * len(change.after.questions)
        for position, text, other in taken:
            path, _, line = after.loaded.places[change.id][position].rpartition(":")
            values = {"text": text, "entry": titles[change.id], "other": titles[other], "id": other}
            yield Fault("gate-taken", path, int(line), values, warning=allowed)


async def published(database: Database) -> tuple[Revision, dict[str, str]] | None:
    """What people are answered from; None where nothing was published yet."""
    async with database.read() as connection:
        revision = await newest(connection)
        files = None if revision is None else await files_of(connection, revision.id)
    return None if revision is None or files is None else (revision, files)


async def publish(
    database: Database, verdict: Verdict, who: str, now: datetime, *, why: str = "", forced: str = "", since: int = 0
) -> Revision:
    """
    Let people be answered from these files from now on.

    Args:
        database: where.
        verdict: of the gate on them.
        who: of the staff.
        now: when.
        why: in their words.
        forced: why it is published although the gate refuses it.
        since: the revision with which the gate compared them; 0 for none.

    Raises:
        InputError: the gate refuses it; nothing is different; or somebody else has published meanwhile.
    """
    if verdict.refused and not forced:
        raise InputError("publish-refused")
    digest = await asyncio.to_thread(digest_of, verdict.files)
    async with database.write() as connection:
        await lock_revisions(connection)
        before = await newest(connection)
        if before is not None and before.digest == digest:
            raise InputError("publish-same", id=before.id)
        if (before.id if before else 0) != since:
            raise InputError("publish-meanwhile", who=before.who if before else "")
        forced = forced if verdict.refused else ""
        revision = Revision(0, digest, now, who, why, forced, None, verdict.entries, verdict.questions)
        number = await insert_revision(connection, revision, verdict.files)
        await write_down(connection, who, "publish", f"revision:{number}", now, forced or why)
    return replace(revision, id=number)


async def roll_back(database: Database, to: int, who: str, now: datetime, why: str = "") -> Revision:
    """
    Let people be answered as they were at an earlier revision.

    Raises:
        InputError: there is none of this number, or it is in use.
    """
    async with database.write() as connection:
        await lock_revisions(connection)
        earlier = next((each for each in await list_revisions(connection, _ALL) if each.id == to), None)
        files = await files_of(connection, to)
        before = await newest(connection)
        if earlier is None or files is None or before is None:
            raise InputError("no-such-revision", id=to)
        if before.digest == earlier.digest:
            raise InputError("publish-same", id=before.id)
        revision = replace(earlier, at=now, who=who, why=why, forced="", of=to)
        number = await insert_revision(connection, revision, files)
        await write_down(connection, who, "rollback", f"revision:{number}", now, why)
    return replace(revision, id=number)
