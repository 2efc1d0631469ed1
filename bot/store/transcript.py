"""
What was said in talks, for channels that have no memory of their own: the web chat shows it after a reload.

Who reads on from the last line that they saw must miss none. So the lines of one talk are committed in the order of
their ids: on PostgreSQL, whose sequences run ahead of commits, a lock on the talk holds the second writer back until
the first has committed. Between talks there is no such order, which ``changed`` allows for.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.privacy import mask
from bot.core.talk.message import Document, Option
from bot.core.talk.transcript import Line
from bot.store.bulk import insert
from bot.store.database import Database
from bot.store.files import load_files
from bot.store.tables import transcript

# Lines are kept for as long as messages that were sent.
KEPT_FOR = timedelta(days=30)
# Any number, as long as no other program uses it on this database: "GeM".
_TALK_LOCK = 0x47654D
_COLUMNS = (transcript.c.id, transcript.c.at, transcript.c.mine, transcript.c.message, transcript.c.body)


class Transcript:
    """The talks of one channel."""

    def __init__(self, database: Database, channel: str) -> None:
        self._database = database
        self._channel = channel

    async def said(self, address: str, after: int | None, limit: int) -> list[Line]:
        """
        Lines of one talk, in order.

        Args:
            address: whose.
            after: the id after which they begin; None for the newest ``limit``.
            limit: at most so many.

        Raises:
            StoreUnavailable: the database cannot be read.
        """
        talk = sa.select(*_COLUMNS).where(transcript.c.channel == self._channel, transcript.c.address == address)
        if after is None:
            statement = talk.order_by(transcript.c.id.desc()).limit(limit)
        else:
            statement = talk.where(transcript.c.id > after).order_by(transcript.c.id).limit(limit)
        async with self._database.read() as connection:
            rows = (await connection.execute(statement)).all()
        return [_line(*row) for row in (rows if after is not None else rows[::-1])]

    async def write(self, address: str, lines: Sequence[Line]) -> None:
        """
        Write lines down at the end of a talk, all or none.

        What the person said is masked; a message of theirs that is there already is not written again.

        Raises:
            StoreUnavailable: the database cannot be written.
        """
        rows = [
            {
                "channel": self._channel,
                "address": address,
                "at": line.at,
                "mine": line.mine,
                "message": line.message or None,
                "body": _body(line),
            }
            for line in lines
        ]
        async with self._database.write() as connection:
            await _lock(connection, self._channel, address)
            await connection.execute(insert(connection.dialect.name, transcript).on_conflict_do_nothing(), rows)

    async def content(self, document: Document) -> bytes | None:
        """
        What is in a document of a line; None where it is not kept any more.

        Raises:
            StoreUnavailable: the database cannot be read.
        """
        if not document.stored:
            return document.data
        async with self._database.read() as connection:
            found = await load_files(connection, [document.stored])
        return found[document.stored].data if found else None

    async def changed(self, after: int | None) -> tuple[int, frozenset[str]]:
        """
        Which talks have lines after an id; a line may become visible after one with a greater id of another talk.

        Args:
            after: the id; None to learn only where the lines end.

        Returns:
            The greatest id that is visible, at least ``after``; and the addresses.

        Raises:
            StoreUnavailable: the database cannot be read.
        """
        async with self._database.read() as connection:
            if after is None:
                newest = (await connection.execute(sa.select(sa.func.max(transcript.c.id)))).scalar()
                return newest or 0, frozenset()
            found = await connection.execute(
                sa.select(transcript.c.id, transcript.c.address).where(
                    transcript.c.id > after, transcript.c.channel == self._channel
                )
            )
            rows = found.all()
        return max((row.id for row in rows), default=after), frozenset(row.address for row in rows)


async def forget_old(connection: AsyncConnection, now: datetime) -> None:
    """Delete what is older than it is kept; of a writing transaction."""
    # Ids grow with time, so that the old ones are those before the first that is not.
    oldest = now - KEPT_FOR
    kept = sa.select(transcript.c.id).where(transcript.c.at >= oldest).order_by(transcript.c.id).limit(1)
    first_kept = (await connection.execute(kept)).scalar()
    old = transcript.c.at < oldest if first_kept is None else transcript.c.id < first_kept
    await connection.execute(sa.delete(transcript).where(old))


async def _lock(connection: AsyncConnection, channel: str, address: str) -> None:
    if connection.dialect.name == "postgresql":
        talk = sa.func.hashtext(f"{channel} {address}")
        await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_TALK_LOCK, talk)))


def _body(line: Line) -> dict[str, Any]:
    body: dict[str, Any] = {"text": mask(line.text).text if line.mine else line.text}
    if line.options:
        body["options"] = [[option.id, option.title] for option in line.options]
    if (document := line.document) is not None:
        # What is stored stays where it is.
        content = "" if document.stored else document.content
        body["document"] = [document.name, document.media_type, content, document.stored]
    return body


def _line(number: int, at: datetime, mine: bool, message: str | None, body: dict[str, Any]) -> Line:  # noqa: FBT001
    options = tuple(Option(option, title) for option, title in body.get("options", ()))
    document = body.get("document")
    return Line(
        at,
        mine,
        str(body["text"]),
        options,
        Document(*document) if document else None,
        message or "",
        number,
    )
