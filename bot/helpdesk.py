"""What the clock makes due of tickets: the staff are reminded, and what nobody speaks of any more is over."""

from collections.abc import Callable
from datetime import datetime

from bot.core.talk.state import World
from bot.core.tickets.ticket import OVER_AFTER
from bot.store.database import Database
from bot.store.patience import again_and_again
from bot.store.tickets import find_ticket, overdue_tickets, silent_tickets
from bot.tickets import close, remind

LOOK_EVERY = 20.0


class Clerk:
    """Looks after tickets."""

    def __init__(
        self,
        database: Database,
        world: Callable[[], World],
        clock: Callable[[], datetime],
        *,
        queued: Callable[[], None] = lambda: None,
    ) -> None:
        """Args: as of ``Inbox``."""
        self._database = database
        self._world = world
        self._clock = clock
        self._queued = queued

    async def run(self) -> None:
        """Look every twenty seconds, until cancelled."""
        await again_and_again(self.look, LOOK_EVERY)

    async def look(self) -> None:
        """Do all that is due now."""
        world, now = self._world(), self._clock()
        if not world.takes_over:
            return
        since = now - OVER_AFTER
        async with self._database.read() as connection:
            owed = await overdue_tickets(connection, now)
            silent = await silent_tickets(connection, since)
        for number in owed:
            async with self._database.write() as connection:
                ticket = await find_ticket(connection, number, lock=True)
                # Another process may have reminded them, or somebody answered.
                if ticket is not None and ticket.is_open and ticket.due is not None and ticket.due <= now:
                    await remind(connection, ticket, world, now)
        for number in silent:
            async with self._database.write() as connection:
                ticket = await find_ticket(connection, number, lock=True)
                if ticket is not None and ticket.is_open and ticket.due is None and ticket.said <= since:
                    await close(connection, ticket, "", world, now)
        if owed or silent:
            self._queued()
