"""Photos and papers that go along with announcements."""

from collections import OrderedDict
from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.talk.message import Document
from bot.store.tables import files


async def keep_file(connection: AsyncConnection, name: str, media_type: str, content: bytes, now: datetime) -> int:
    """Keep a file; its number. ``connection`` is of a writing transaction."""
    values = {"name": name, "media_type": media_type, "content": content, "at": now}
    return int((await connection.execute(files.insert().values(values).returning(files.c.id))).scalar_one())


class Shelf:
    """Files that were wanted lately; they never change."""

    _MOST = 8

    def __init__(self) -> None:
        self._files: OrderedDict[int, Document] = OrderedDict()

    async def take(self, connection: AsyncConnection, numbers: Collection[int]) -> dict[int, Document]:
        """Files by their numbers."""
        wanted = {number for number in numbers if number}
        if missing := wanted - self._files.keys():
            self._files |= await load_files(connection, missing)
        found = {number: self._files[number] for number in wanted if number in self._files}
        for number in found:
            self._files.move_to_end(number)
        while len(self._files) > self._MOST:
            self._files.popitem(last=False)
        return found


async def load_files(connection: AsyncConnection, numbers: Collection[int]) -> dict[int, Document]:
    """Files by their numbers."""
    rows = await connection.execute(sa.select(files).where(files.c.id.in_(sorted(numbers))))
    return {row.id: Document(row.name, row.media_type, row.content, row.id) for row in rows}
