"""
Announcements in the database, for commands that run once: each opens it, acts, and closes it.

Loaded when it is needed, as ``batch_store``.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from bot import announcing
from bot.announcing import Draft, Status, means_of
from bot.cli.on_database import on_database
from bot.config import Settings
from bot.core.announcements.announcement import Announcement
from bot.core.announcements.preflight import Preflight
from bot.core.talk.phrases import Phrases
from bot.sheets import new_sheet
from bot.store.announcements import list_announcements
from bot.store.database import Database
from bot.store.ledger import Line
from bot.store.outgoing import Fate

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AnnounceStore:
    """
    What the commands do with announcements.

    All methods raise ``StoreError`` where the database cannot be used, and ``InputError`` for what may not be done.

    Attributes:
        by: who does it.
    """

    settings: Settings
    by: str

    def make(self, draft: Draft, now: datetime) -> Announcement:
        """Keep a draft."""
        return self._run(lambda database: announcing.make(database, draft, self.by, now))

    def all(self) -> list[Announcement]:
        """All there are, the oldest first."""

        async def read(database: Database) -> list[Announcement]:
            async with database.read() as connection:
                return await list_announcements(connection)

        return self._run(read)

    def look_over(self, number: int, phrases: Phrases, language: str, now: datetime) -> Preflight:
        """The card that is seen before it begins."""
        means = means_of(self.settings)
        return self._run(lambda database: announcing.look_over(database, number, means, phrases, language, now))

    def send(self, number: int, now: datetime) -> Announcement:
        """Let it begin."""
        return self._run(lambda database: announcing.send(database, number, self.by, now))

    def pause(self, number: int, now: datetime) -> Announcement:
        """Let nothing more out."""
        return self._run(lambda database: announcing.pause(database, number, self.by, now))

    def resume(self, number: int, now: datetime) -> Announcement:
        """Go on."""
        return self._run(lambda database: announcing.resume(database, number, self.by, now))

    def cancel(self, number: int, now: datetime) -> Announcement:
        """End it."""
        return self._run(lambda database: announcing.cancel(database, number, self.by, now))

    def retry(self, number: int, reasons: Collection[tuple[Fate, str]], now: datetime) -> int:
        """Send it again for some reasons; to how many."""
        return self._run(lambda database: announcing.retry(database, number, reasons, self.by, now))

    def status(self, number: int) -> Status:
        """How far it is."""
        return self._run(lambda database: announcing.status(database, number))

    def report(
        self, number: int, out: Path, header: Sequence[str], row: Callable[[Line], Sequence[str]], *, overwrite: bool
    ) -> int:
        """Write what became of it for each recipient; how many there are."""

        async def write(database: Database) -> int:
            count = 0
            async with announcing.report(database, number) as lines:
                with new_sheet(out, header, overwrite=overwrite) as append:
                    async for line in lines:
                        append(row(line))
                        count += 1
            return count

        return self._run(write)

    def _run(self, act: Callable[[Database], Awaitable[T]]) -> T:
        return on_database(self.settings.database.get_secret_value(), act)
