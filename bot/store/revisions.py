"""Published answers: each revision whole, with who published it, when and why."""

import asyncio
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import revisions


@dataclass(frozen=True, slots=True)
class Revision:
    """
    A published state of the answers.

    Attributes:
        digest: of its files.
        entries, questions: how many it has.
        why: in the words of whoever published it; may be empty.
        forced: why it was published although the gate refused it; "" where it did not.
        of: the earlier revision that it brought back; None for none.
    """

    id: int
    digest: str
    at: datetime
    who: str
    why: str
    forced: str
    of: int | None
    entries: int
    questions: int


_COLUMNS = (
    revisions.c.id, revisions.c.digest, revisions.c.at, revisions.c.who, revisions.c.why, revisions.c.forced,
    revisions.c.of, revisions.c.entries, revisions.c.questions,
)  # fmt: skip


async def insert_revision(connection: AsyncConnection, revision: Revision, files: Mapping[str, str]) -> int:
    """
    Write a revision down; its number.

    Args:
        connection: of a writing transaction.
        revision: its ``id`` does not matter.
        files: name -> text.
    """
    values = {column.name: getattr(revision, column.name) for column in _COLUMNS if column.name != "id"}
    packed = await asyncio.to_thread(_packed, files)
    statement = revisions.insert().values(values | {"content": packed}).returning(revisions.c.id)
    return int((await connection.execute(statement)).scalar_one())


async def newest(connection: AsyncConnection) -> Revision | None:
    """The one that is in use."""
    row = (await connection.execute(sa.select(*_COLUMNS).order_by(revisions.c.id.desc()).limit(1))).one_or_none()
    return None if row is None else Revision(*row)


async def list_revisions(connection: AsyncConnection, count: int) -> list[Revision]:
    """The last ones, the newest first."""
    rows = await connection.execute(sa.select(*_COLUMNS).order_by(revisions.c.id.desc()).limit(count))
    return [Revision(*row) for row in rows]


async def digests(connection: AsyncConnection) -> set[str]:
    """Of all that was ever published."""
    return set((await connection.execute(sa.select(revisions.c.digest).distinct())).scalars())


async def files_of(connection: AsyncConnection, revision: int) -> dict[str, str] | None:
    """The files of a revision, name -> text; None where there is none."""
    content = await connection.scalar(sa.select(revisions.c.content).where(revisions.c.id == revision))
    return None if content is None else await asyncio.to_thread(_unpacked, content)


def _packed(files: Mapping[str, str]) -> bytes:
    """The files behind a line that tells their names and lengths: no long JSON, which would hold up everybody."""
    texts = {name: text.encode() for name, text in files.items()}
    head = json.dumps({name: len(text) for name, text in texts.items()}).encode()
    return zlib.compress(b"\n".join([head, b"".join(texts.values())]))


def _unpacked(content: bytes) -> dict[str, str]:
    head, _, texts = zlib.decompress(content).partition(b"\n")
    files, at = {}, 0
    for name, length in json.loads(head).items():
        files[name] = texts[at : at + length].decode()
        at += length
    return files


async def lock_revisions(connection: AsyncConnection) -> None:
    """Let nobody else publish in the meantime; ``connection`` is of a writing transaction."""
    if connection.dialect.name == "postgresql":
        # Any number, as long as no other program uses it on this database: "GeM", "faq".
        await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(0x47654D666171)))
