"""
What claimed messages say.

Replies and notices are words already; reminders and announcements become words when they are sent, from how things
stand then, and what is not wanted any more becomes none.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.announcements.wording import NamelessError, Reader, render
from bot.core.talk.message import Document, Reply
from bot.core.talk.notices import remind
from bot.core.talk.phrases import Phrases
from bot.core.workshops.reminders import Kind, is_in_time, is_wanted
from bot.store import ledger
from bot.store.announcements import find_announcements
from bot.store.batches import find_batch
from bot.store.files import Shelf
from bot.store.outgoing import Claimed, Fate, Result
from bot.store.reminding import Concerning, concerning

# Puts a message into words; or says why it is not wanted any more, None for what needs no reason.
_Say = Callable[[], Reply | str | None]

_log = logging.getLogger(__name__)


async def in_words(
    connection: AsyncConnection, claimed: Sequence[Claimed], phrases: Phrases, shelf: Shelf, now: datetime
) -> tuple[list[tuple[Claimed, Reply]], list[Result]]:
    """
    The messages that are to be sent, with what they say, and what became of the others.

    Args:
        connection: of the transaction in which they were claimed.
        claimed: which.
        phrases: for what has no words yet.
        shelf: where files that go along are.
        now: when.
    """
    replies = [row.reply for row in claimed if row.reply is not None]
    documents = await shelf.take(connection, {reply.document.stored for reply in replies if reply.document})
    worded = [(row, _whole(row.reply, documents)) for row in claimed if row.reply is not None]
    wordless = [row for row in claimed if row.reply is None]
    reminders = await _reminders(connection, [row for row in wordless if row.announcement is None], phrases, now)
    told = await _announced(connection, [row for row in wordless if row.announcement is not None], phrases, shelf, now)
    others = []
    for row, say in (*reminders, *told):
        try:
            said = say()
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one must not hold up the rest
            _log.error("Message %s could not be put into words (%s).", row.id, type(error).__name__)
            others.append(Result(row.id, Fate.FAILED, now, trouble=type(error).__name__))
            continue
        if isinstance(said, Reply):
            worded.append((row, said))
        else:
            others.append(Result(row.id, Fate.SKIPPED, now, trouble=said))
    return worded, others


def _whole(reply: Reply, documents: Mapping[int, Document]) -> Reply:
    if reply.document is None or not reply.document.stored:
        return reply
    # One that is not kept any more is left out.
    return replace(reply, document=documents.get(reply.document.stored))


async def _reminders(
    connection: AsyncConnection, rows: Sequence[Claimed], phrases: Phrases, now: datetime
) -> list[tuple[Claimed, _Say]]:
    if not rows:
        return []
    about = await concerning(connection, [(row.batch, row.person) for row in rows])
    return [(row, partial(_remind, row.kind, about.get((row.batch, row.person)), phrases, now)) for row in rows]


def _remind(named: str, about: Concerning | None, phrases: Phrases, now: datetime) -> Reply | None:
    kind = Kind(named)
    if about is None or not is_in_time(kind, about.batch, now):
        return None
    if not is_wanted(kind, about.batch, about.registration):
        return None
    return remind(kind, about.batch, about.language, phrases)


async def _announced(
    connection: AsyncConnection, rows: Sequence[Claimed], phrases: Phrases, shelf: Shelf, now: datetime
) -> list[tuple[Claimed, _Say]]:
    if not rows:
        return []
    texts = await find_announcements(connection, {row.announcement for row in rows if row.announcement})
    abouts = {each.batch: await find_batch(connection, each.batch) for each in texts.values() if each.batch}
    documents = await shelf.take(connection, {each.file or 0 for each in texts.values()})
    readers = await ledger.readers(connection, {row.person for row in rows if row.person})

    def say(row: Claimed) -> Reply | str:
        told, reader = texts[row.announcement or 0], readers[row.person or 0]
        if told.expires <= now:
            return ledger.Skipped.EXPIRED
        if why := ledger.why_not(reader.news, reader.gone):
            return why
        try:
            about = abouts.get(told.batch or 0)
            said = render(told.text, Reader(reader.name, reader.language), about, phrases, now)
            return said if told.file is None else replace(said, document=documents[told.file])
        except NamelessError:
            return ledger.Skipped.NAMELESS

    return [(row, partial(say, row)) for row in rows]
