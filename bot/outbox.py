"""
Messages out: claimed, sent, recorded.

Rows that are due are claimed in a transaction of their own (``store/outgoing.py``), sent side by side but one at a time
to each person and in order, and what became of each is written down together with the next claim, so one commit serves
many messages. Replies go before what the office has to tell.

A message that certainly did not go out is tried again, later each time, or never; one whose fate is open (the
connection broke while it was being sent) is sent once more, for the worst that can happen is that a person reads it
twice. An announcement is not: nobody is told twice what many are told, and staff see of whom it is not known. Reminders
and announcements are put into words when they are sent, from how things stand then, and skipped where they are not
wanted any more.

Each channel has room of its own, so that a platform that hangs holds up no other, and a pace that all processes share
(``core/pacing.py``, ``channels/gate.py``). What a platform refuses to everybody (too fast, a bad token) pauses the
channel: nothing more of it is claimed, and what was claimed goes back without counting as a try. Where people have to
write first, their messages wait for that: see ``store/reaching.py``.

Who is asked to stop claims nothing more, waits for what is on its way and writes down what became of it, so that only a
process that is killed leaves anything in doubt.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels.contract import Editor, NotSentError, Sender
from bot.channels.gate import Gate
from bot.core.pacing import AS_IT_GOES, Pace
from bot.core.talk.message import Delivery, Reply
from bot.core.talk.phrases import Phrases
from bot.errors import StoreUnavailable
from bot.rendering import in_words
from bot.store import lanes, outgoing, reaching
from bot.store.database import Database
from bot.store.files import Shelf
from bot.store.outgoing import LEASE, MAX_TRIES, REPLIES, Claimed, Fate, Result
from bot.store.patience import while_unavailable
from bot.store.reaching import SHUT_OUT_FOR, WINDOW_CLOSED

# Messages on their way at once, of a channel whose pace does not say; a crash leaves at most so many in doubt.
AT_ONCE = 30
# Where nothing wakes the outbox, it looks for what other processes queued.
LOOK_EVERY = 1.0
SEND_WITHIN = 15.0
# Seconds between two transactions where nothing new is queued, so that under load each records many messages.
BREATH = 0.01
FIRST_RETRY, LONGEST_RETRY = 2.0, 600.0
_SHORTEST_REST = 0.001

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Note:
    """What a platform tells of a message, and which messages were on their way then: it may be one of them."""

    channel: str
    delivery: Delivery
    done: asyncio.Future[None]
    sending: frozenset[int]


class Outbox:
    """Sends what is queued."""

    def __init__(
        self,
        database: Database,
        senders: Mapping[str, Sender],
        phrases: Callable[[], Phrases],
        clock: Callable[[], datetime],
        *,
        editors: Mapping[str, Editor] | None = None,
        paces: Mapping[str, Pace] | None = None,
        lease: timedelta = LEASE,
        send_within: float = SEND_WITHIN,
        announced: Callable[[int, bool], None] = lambda _announcement, _went_well: None,
        step: Callable[[str], None] = lambda _: None,
    ) -> None:
        """
        Args:
            database: where it is queued.
            senders: channel -> who sends on it; rows of other channels are left alone.
            phrases: to put into words what has none yet.
            clock: tells the time, aware.
            editors: channel -> who changes messages there; on the others, what is to be changed is said anew.
            paces: channel -> how fast it may be sent to; the others, as fast as it goes.
            lease: whoever claimed a message so long ago and has not told what became of it is taken for dead.
            send_within: seconds after which it is not known any more whether a message will go out.
            announced: told of each message of an announcement whether it went out.
            step: called with the name of each step between claim and record; tests kill the process there.
        """  # noqa: D205 - the class says what it is
        self._database = database
        self._senders = senders
        self._editors = editors or {}
        self._shelf = Shelf()
        self._phrases = phrases
        self._clock = clock
        self._lease = lease
        self._send_within = send_within
        self._outcome = announced
        self._step = step
        self._owner = secrets.token_hex(8)
        self._gates = {name: _gate((paces or {}).get(name, AS_IT_GOES)) for name in senders}
        # The channels that have trouble with everybody, and which.
        self._troubles: dict[str, str] = {}
        self._wake = asyncio.Event()
        self._queued = asyncio.Event()
        # Something may be due that did not come of what was sent last.
        self._look = True
        self._looked = -LOOK_EVERY
        # By the row's id, until what became of it is known.
        self._sending: dict[int, asyncio.Task[None]] = {}
        self._results: list[tuple[str, Result]] = []
        # Channels that a platform has shut to everybody, until when; not written down yet.
        self._shut: dict[str, datetime] = {}
        self._notes: list[_Note] = []

    def wake(self) -> None:
        """There may be something new."""
        self._look = True
        self._queued.set()
        self._wake.set()

    async def note(self, channel: str, delivery: Delivery) -> None:
        """Write down what a platform tells of a message; returns once that is on the disk."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._notes.append(_Note(channel, delivery, done, frozenset(self._sending)))
        self._wake.set()
        await done

    async def run(self) -> None:
        """Send, until cancelled; then within ``send_within`` what is on its way is waited for and written down."""
        clock = asyncio.get_running_loop().time
        try:
            while True:
                self._wake.clear()
                self._queued.clear()
                since = clock()
                if await while_unavailable(self._turn):
                    with suppress(TimeoutError):
                        async with asyncio.timeout(since + BREATH - clock()):
                            await self._queued.wait()
                else:
                    await self._rest()
        finally:
            await self._stop()

    async def drain(self) -> None:
        """Send all that is due and may go out now, and return when it has gone."""
        self._look = True
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
                    await reaching.record(connection, self._owner, [result for _, result in self._results])
                self._results.clear()
        for note in self._notes:
            # Whoever told it will tell it again.
            note.done.cancel()

    async def _rest(self) -> None:
        """Until something is queued or sent, a channel opens, or it is time to look again."""
        now = self._clock()
        opens = [moment for gate in self._gates.values() if (moment := gate.opens(now)) is not None]
        seconds = min([LOOK_EVERY, *((moment - now).total_seconds() for moment in opens)])
        # Not wait_for, which does not stop where it is cancelled at the moment at which something is sent.
        try:
            async with asyncio.timeout(max(seconds, _SHORTEST_REST)):
                await self._wake.wait()
        except TimeoutError:
            self._look = True

    async def _turn(self) -> bool:
        """Record what is done and claim what is due, in one transaction; whether there was anything."""
        told, notes, now = list(self._results), list(self._notes), self._clock()
        open_ = {name for name, gate in self._gates.items() if gate.room(now) > 0}
        looks = self._look or not told or asyncio.get_running_loop().time() - self._looked >= LOOK_EVERY
        # What was sent makes way for the next one of that channel.
        wanted = open_ & ({channel for channel, _ in told} | (await self._due(open_, now) if looks else set()))
        if not told and not notes and not wanted:
            return False
        under_way = {*self._sending, *(result.id for _, result in self._results)}
        claimed: list[tuple[Claimed, datetime]] = []
        shut = dict(self._shut)
        async with self._database.write() as connection:
            if told:
                await reaching.record(connection, self._owner, [result for _, result in told])
            noted = [note for note in notes if await self._noted(connection, note, told)]
            if looks:
                await outgoing.take_over(connection, tuple(self._senders), now - self._lease, under_way)
            for channel, until in shut.items():
                await self._shut_lane(connection, channel, until, now)
            claimed = [each for channel in sorted(wanted) for each in await self._claim(connection, channel, now)]
            worded, others = await in_words(connection, [row for row, _ in claimed], self._phrases(), self._shelf, now)
            if others:
                await outgoing.record(connection, self._owner, others)
            self._step("claiming" if claimed else "recording")
        del self._results[: len(told)]
        for note in noted:
            self._notes.remove(note)
            if not note.done.done():
                note.done.set_result(None)
        self._step("claimed" if claimed else "recorded")
        self._shut = {channel: until for channel, until in self._shut.items() if shut.get(channel) != until}
        slots = {row.id: moment for row, moment in claimed}
        for row, reply in worded:
            self._gates[row.channel].set_out(row.address, slots[row.id])
            self._sending[row.id] = task = asyncio.create_task(self._send(row, reply, slots[row.id]))
            task.add_done_callback(partial(self._ended, row))
        return bool(told or claimed or noted)

    async def _claim(self, connection: AsyncConnection, channel: str, now: datetime) -> list[tuple[Claimed, datetime]]:
        """What goes out next on a channel, and when."""
        gate = self._gates[channel]
        room = gate.room(now)
        if gate.pace.per_second is None:
            rows = await outgoing.claim(connection, [channel], self._owner, room, now, gate.too_soon(now))
            return [(row, now) for row in rows]
        known = await lanes.lock(connection, channel, gate.pace.per_second, now)
        lane = known.climbed(gate.pace.per_second, now)
        room = min(room, lane.of(self._owner, now).slots(now))
        rows = await outgoing.claim(connection, [channel], self._owner, room, now, gate.too_soon(now)) if room else []
        if rows:
            lane = lane.of(self._owner, now)
        lane, slots = lane.take(len(rows), now)
        gate.lane_opens = lane.opens if lane.paused_until is None else max(lane.opens, lane.paused_until)
        if lane != known:
            await lanes.save(connection, channel, lane)
        return list(zip(rows, slots, strict=True))

    async def _shut_lane(self, connection: AsyncConnection, channel: str, until: datetime, now: datetime) -> None:
        if (per_second := self._gates[channel].pace.per_second) is not None:
            lane = await lanes.lock(connection, channel, per_second, now)
            await lanes.save(connection, channel, lane.shut(until, now))

    def _ended(self, row: Claimed, _: asyncio.Task[None]) -> None:
        del self._sending[row.id]
        self._gates[row.channel].on_their_way -= 1

    async def _due(self, channels: set[str], now: datetime) -> set[str]:
        """The channels that have something to be claimed."""
        # Before the reading: what comes meanwhile is looked for again.
        self._look = False
        self._looked = asyncio.get_running_loop().time()
        if not channels:
            return set()
        async with self._database.read() as connection:
            due = await outgoing.next_due(connection, tuple(channels), self._lease)
        return {channel for channel, moment in due.items() if moment <= now}

    async def _noted(self, connection: AsyncConnection, note: _Note, told: list[tuple[str, Result]]) -> bool:
        """Whether a note is done with: written, or about no message that is known here."""
        delivery = note.delivery
        known = await reaching.note(connection, note.channel, delivery)
        unrecorded = {*self._sending, *(result.id for _, result in self._results[len(told) :])}
        return known or not note.sending & unrecorded

    async def _send(self, row: Claimed, reply: Reply, slot: datetime) -> None:
        gate = self._gates[row.channel]
        if gate.pace.per_second is not None:
            await gate.turn(row.id, row.priority, (slot - self._clock()).total_seconds())
        self._step("sending")
        result = await self._sent(row, reply)
        self._step("sent")
        if row.announcement is not None and result.counted:
            # Somebody who blocked the assistant says nothing about the others.
            self._outcome(row.announcement, result.fate is Fate.SENT or result.gone)
        self._results.append((row.channel, result))
        self._wake.set()

    async def _sent(self, row: Claimed, reply: Reply) -> Result:
        gate = self._gates[row.channel]
        if gate.is_paused(self._clock()):
            return self._uncounted(row, self._troubles.get(row.channel, ""), gate.paused_until)
        # Who erased themselves did so when this was queued.
        heard = row.created if row.person is None else row.heard
        try:
            async with asyncio.timeout(self._send_within):
                editor = self._editors.get(row.channel)
                if row.changes and editor is not None:
                    await editor.edit(row.address, sent_as := row.changes, reply)
                else:
                    sender = self._senders[row.channel]
                    sent_as = await sender.send(row.address, reply, heard=heard, ours=str(row.id))
        except NotSentError as error:
            return self._failed(row, error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the message may or may not have gone out
            _log.warning("Message %s: it is not known whether it went out (%s).", row.id, type(error).__name__)
            return self._in_doubt(row, type(error).__name__)
        if self._troubles.pop(row.channel, None):
            _log.warning("Messages on %s go out again.", row.channel)
        return Result(row.id, Fate.SENT, self._clock(), sent_as, prompted=_prompted(row, reply))

    def _failed(self, row: Claimed, error: NotSentError) -> Result:
        """Due again after a while that doubles, or, where that is no use or was done often enough, at its end."""
        now = self._clock()
        if error.everybody:
            return self._paused(row, error, now)
        # A platform's code may stand before it.
        is_shut_out = error.trouble.endswith(WINDOW_CLOSED)
        if is_shut_out and row.announcement is not None:
            return Result(row.id, Fate.SKIPPED, now, trouble=WINDOW_CLOSED)
        if is_shut_out and now < row.created + SHUT_OUT_FOR:
            return replace(self._uncounted(row, WINDOW_CLOSED, row.created + SHUT_OUT_FOR), row=row)
        if error.moved_to and row.tries < MAX_TRIES:
            moved = Result(row.id, Fate.DUE, now, trouble=error.trouble, due=now, in_doubt=row.in_doubt)
            return replace(moved, row=row, moved_to=error.moved_to)
        if error.gone or is_shut_out or error.again_in is None or row.tries >= MAX_TRIES:
            last = Fate.UNKNOWN if row.in_doubt else Fate.FAILED
            end = Result(row.id, last, now, trouble=error.trouble, in_doubt=row.in_doubt)
            return replace(end, row=row, gone=True) if error.gone else end
        # Never sooner than the platform allows.
        wait = max(error.again_in, min(FIRST_RETRY * 2 ** (row.tries - 1), LONGEST_RETRY))
        due = now + timedelta(seconds=wait)
        return Result(row.id, Fate.DUE, now, trouble=error.trouble, due=due, in_doubt=row.in_doubt)

    def _paused(self, row: Claimed, error: NotSentError, now: datetime) -> Result:
        """Nothing goes out on the channel for a while, this one neither."""
        seconds = LONGEST_RETRY if error.again_in is None else error.again_in
        gate = self._gates[row.channel]
        until = now + timedelta(seconds=seconds)
        if gate.pause(until) and error.too_fast:
            self._shut[row.channel] = until
        if self._troubles.get(row.channel) != error.trouble:
            self._troubles[row.channel] = error.trouble
            text = "No message goes out on %s (%s); tried again in %.0f s, until it works."
            _log.error(text, row.channel, error.trouble, seconds)
        return self._uncounted(row, error.trouble, gate.paused_until)

    def _uncounted(self, row: Claimed, trouble: str, due: datetime | None) -> Result:
        """Due later, as if it had not been tried."""
        now = self._clock()
        return Result(row.id, Fate.DUE, now, trouble=trouble, due=due, in_doubt=row.in_doubt, counted=False)

    def _in_doubt(self, row: Claimed, trouble: str) -> Result:
        """Due once more; what was in doubt before stays so, and an announcement at once."""
        now = self._clock()
        if row.in_doubt or row.announcement is not None:
            return Result(row.id, Fate.UNKNOWN, now, trouble=trouble, in_doubt=True)
        return Result(row.id, Fate.DUE, now, trouble=trouble, due=now + timedelta(seconds=FIRST_RETRY), in_doubt=True)


def _gate(pace: Pace) -> Gate:
    return Gate(pace, AT_ONCE if pace.at_once is None else pace.at_once)


def _prompted(row: Claimed, reply: Reply) -> tuple[int, tuple[str, ...]] | None:
    """Who is asked something that is no answer to them, and what they can choose; the talk itself knows its answers."""
    if row.person is None or row.priority == REPLIES or not reply.options:
        return None
    return row.person, tuple(option.id for option in reply.options)
