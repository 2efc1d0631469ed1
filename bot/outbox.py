"""
Messages out: claimed, sent, recorded.

Rows that are due are claimed in a transaction of their own (``store/outgoing.py``), sent side by side but one at a time
to each person and in order, and what became of each is written down together with the next claim, so one commit serves
many messages. Replies go before what the office has to tell.

A message that certainly did not go out is tried again, later each time, or never; one whose fate is open (the
connection broke while it was being sent) is sent once more, for the worst that can happen is that a person reads it
twice. A reminder is put into words when it is sent, from how things stand then, and skipped where it is not wanted any
more.

Who is asked to stop claims nothing more, waits for what is on its way and writes down what became of it, so that only a
process that is killed leaves anything in doubt.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels.contract import NotSentError, Sender
from bot.core.talk.message import Reply
from bot.core.talk.notices import remind
from bot.core.talk.phrases import Phrases
from bot.core.workshops.reminders import Kind, is_in_time, is_wanted
from bot.errors import StoreUnavailable
from bot.store import outgoing
from bot.store.database import Database
from bot.store.outgoing import LEASE, MAX_TRIES, REPLIES, Claimed, Fate, Result
from bot.store.patience import while_unavailable
from bot.store.reminding import Concerning, concerning

# Messages on their way at once; a crash leaves at most so many in doubt.
AT_ONCE = 30
# Where nothing wakes the outbox, it looks for what other processes queued.
LOOK_EVERY = 1.0
SEND_WITHIN = 15.0
FIRST_RETRY, LONGEST_RETRY = 2.0, 600.0

_log = logging.getLogger(__name__)


class Outbox:
    """Sends what is queued."""

    def __init__(
        self,
        database: Database,
        senders: Mapping[str, Sender],
        phrases: Callable[[], Phrases],
        clock: Callable[[], datetime],
        *,
        lease: timedelta = LEASE,
        send_within: float = SEND_WITHIN,
        step: Callable[[str], None] = lambda _: None,
    ) -> None:
        """
        Args:
            database: where it is queued.
            senders: channel -> who sends on it; rows of other channels are left alone.
            phrases: to put reminders into words.
            clock: tells the time, aware.
            lease: whoever claimed a message so long ago and has not told what became of it is taken for dead.
            send_within: seconds after which it is not known any more whether a message will go out.
            step: called with the name of each step between claim and record; tests kill the process there.
        """  # noqa: D205 - the class says what it is
        self._database = database
        self._senders = senders
        self._phrases = phrases
        self._clock = clock
        self._lease = lease
        self._send_within = send_within
        self._step = step
        self._owner = secrets.token_hex(8)
        self._wake = asyncio.Event()
        # By the row's id, until what became of it is known.
        self._sending: dict[int, asyncio.Task[None]] = {}
        self._results: list[Result] = []

    def wake(self) -> None:
        """There may be something new."""
        self._wake.set()

    async def run(self) -> None:
        """Send, until cancelled; then within ``send_within`` what is on its way is waited for and written down."""
        try:
            while True:
                self._wake.clear()
                if not await while_unavailable(self._turn):
                    await self._rest()
        finally:
            await self._stop()

    async def drain(self) -> None:
        """Send all that is due now, and return when it has gone."""
        while await while_unavailable(self._turn) or self._sending:
            if self._sending:
                await asyncio.wait(self._sending.values(), return_when=asyncio.FIRST_COMPLETED)

    async def _stop(self) -> None:
        if self._sending:
            await asyncio.wait(self._sending.values())
        if self._results:
            # If not now, then it stays in doubt.
            with suppress(StoreUnavailable):
                async with self._database.write() as connection:
                    await outgoing.record(connection, self._owner, self._results)
                self._results.clear()

    async def _rest(self) -> None:
        """Until something is queued or sent, or it is time to look again."""
        # Not wait_for, which does not stop where it is cancelled at the moment at which something is sent.
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_EVERY):
                await self._wake.wait()

    async def _turn(self) -> bool:
        """Record what is done and claim what is due, in one transaction; whether there was anything."""
        results, now = list(self._results), self._clock()
        room = AT_ONCE - len(self._sending)
        channels = tuple(self._senders)
        if not results and not await self._is_due(channels, now):
            return False
        under_way = {*self._sending, *(result.id for result in self._results)}
        async with self._database.write() as connection:
            if results:
                await outgoing.record(connection, self._owner, results)
            await outgoing.take_over(connection, channels, now - self._lease, under_way)
            claimed = await outgoing.claim(connection, channels, self._owner, room, now) if room else []
            worded = await self._worded(connection, claimed, now)
            self._step("claiming" if claimed else "recording")
        del self._results[: len(results)]
        self._step("claimed" if claimed else "recorded")
        for row, reply in worded:
            self._sending[row.id] = task = asyncio.create_task(self._send(row, reply))
            task.add_done_callback(partial(self._ended, row.id))
        return bool(results or claimed)

    def _ended(self, row: int, _: asyncio.Task[None]) -> None:
        del self._sending[row]

    async def _is_due(self, channels: tuple[str, ...], now: datetime) -> bool:
        async with self._database.read() as connection:
            due = await outgoing.next_due(connection, channels, self._lease)
        return due is not None and due <= now and len(self._sending) < AT_ONCE

    async def _worded(
        self, connection: AsyncConnection, claimed: list[Claimed], now: datetime
    ) -> list[tuple[Claimed, Reply]]:
        """The claimed messages that are to be sent, with what they say; what became of the others is recorded."""
        worded = [(row, row.reply) for row in claimed if row.reply is not None]
        reminders = [row for row in claimed if row.reply is None]
        if not reminders:
            return worded
        about = await concerning(connection, [(row.batch, row.person) for row in reminders])
        others = []
        for row in reminders:
            try:
                reply = self._remind(Kind(row.kind), about.get((row.batch, row.person)), now)
            except Exception as error:  # noqa: BLE001 - whatever is wrong with one must not hold up the rest
                _log.error("Message %s could not be put into words (%s).", row.id, type(error).__name__)
                others.append(Result(row.id, Fate.FAILED, now, trouble=type(error).__name__))
                continue
            if reply is None:
                others.append(Result(row.id, Fate.SKIPPED, now))
            else:
                worded.append((row, reply))
        if others:
            await outgoing.record(connection, self._owner, others)
        return worded

    def _remind(self, kind: Kind, about: Concerning | None, now: datetime) -> Reply | None:
        """What a reminder says; None where it is not wanted any more."""
        if about is None or not is_in_time(kind, about.batch, now):
            return None
        if not is_wanted(kind, about.batch, about.registration):
            return None
        return remind(kind, about.batch, about.language, self._phrases())

    async def _send(self, row: Claimed, reply: Reply) -> None:
        self._step("sending")
        try:
            async with asyncio.timeout(self._send_within):
                sent_as = await self._senders[row.channel].send(row.address, reply)
        except NotSentError as error:
            result = self._failed(row, error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the message may or may not have gone out
            _log.warning("Message %s: it is not known whether it went out (%s).", row.id, type(error).__name__)
            result = self._in_doubt(row, type(error).__name__)
        else:
            result = Result(row.id, Fate.SENT, self._clock(), sent_as, prompted=_prompted(row, reply))
        self._step("sent")
        self._results.append(result)
        self._wake.set()

    def _failed(self, row: Claimed, error: NotSentError) -> Result:
        """Due again after a while that doubles, or, where that is no use or was done often enough, at its end."""
        now = self._clock()
        if error.again_in is None or row.tries >= MAX_TRIES:
            last = Fate.UNKNOWN if row.in_doubt else Fate.FAILED
            return Result(row.id, last, now, trouble=error.trouble, in_doubt=row.in_doubt)
        # Never sooner than the platform allows.
        wait = max(error.again_in, min(FIRST_RETRY * 2 ** (row.tries - 1), LONGEST_RETRY))
        due = now + timedelta(seconds=wait)
        return Result(row.id, Fate.DUE, now, trouble=error.trouble, due=due, in_doubt=row.in_doubt)

    def _in_doubt(self, row: Claimed, trouble: str) -> Result:
        """Due once more; what was in doubt before stays so."""
        now = self._clock()
        if row.in_doubt:
            return Result(row.id, Fate.UNKNOWN, now, trouble=trouble, in_doubt=True)
        return Result(row.id, Fate.DUE, now, trouble=trouble, due=now + timedelta(seconds=FIRST_RETRY), in_doubt=True)


def _prompted(row: Claimed, reply: Reply) -> tuple[int, tuple[str, ...]] | None:
    """Who is asked something that is no answer to them, and what they can choose; the talk itself knows its answers."""
    if row.person is None or row.priority == REPLIES or not reply.options:
        return None
    return row.person, tuple(option.id for option in reply.options)
