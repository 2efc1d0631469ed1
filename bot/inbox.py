"""
Messages in: taken in slices, each handled in one transaction, acknowledged after its commit.

A slice is what is waiting: up to 200 messages, at most one a person, in the order of their arrival; it does not wait to
grow. For a slice, in one transaction: messages that were handled before fall out; the people are loaded under lock,
those who come for the first time are made; the core decides each message; what it wants of workshops is settled at a
desk, loaded under lock for the whole slice; talks, registrations and replies (rows of the outbox) are written set by
set. Then the commit, and only then does ``take`` return, so that a channel acknowledges what cannot be lost any more.
One commit serves a slice: with a hundred people at once that is ten times faster than a commit a message.

A message that comes again after a crash is recognised by its id and does nothing. While the database cannot be reached
the slice waits and is tried again; nobody is acknowledged. A slice that fails otherwise is tried again one message at a
time, and what fails alone is buried: kept for the engineer, acknowledged, its sender told kindly. So one person's bad
message never holds up another.
"""

import asyncio
import logging
import re
import traceback
from collections import Counter, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot import staff_acts, tickets
from bot.core.announcements.acts import StaffAct
from bot.core.privacy import mask
from bot.core.talk import ticketing
from bot.core.talk.announcing import after as after_staff
from bot.core.talk.dialogue import after, decide
from bot.core.talk.message import Incoming, Reply
from bot.core.talk.state import State, World
from bot.core.tickets.acts import PersonAct
from bot.core.workshops.acts import Act, Agree, Effect, Keep
from bot.core.workshops.batch import IST
from bot.store import people, queueing
from bot.store.database import Database
from bot.store.desks import load_desk, save_seats
from bot.store.erasing import erase
from bot.store.notices import notices_of
from bot.store.patience import while_unavailable
from bot.store.people import Key, Met
from bot.store.questions import What, count_questions
from bot.store.queueing import Outgoing
from bot.store.tickets import ticket_about

SLICE = 200
# How long the loop may be held by deciding before others get their turn.
_SHORT = 0.02
# What JSON can hold and a database cannot: NUL, and halves of characters.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Talk:
    """One message of a slice, and what has come of it so far."""

    incoming: Incoming
    met: Met
    state: State
    replies: list[Reply]
    acts: list[Act]
    agreed: list[Agree]
    kept: list[Keep]
    staff: list[StaffAct]
    counted: list[What]
    tickets: list[PersonAct]
    erased: bool = False


class Inbox:
    """Takes messages and handles them."""

    def __init__(
        self,
        database: Database,
        world: Callable[[], World],
        clock: Callable[[], datetime],
        *,
        announce_above: int = 0,
        queued: Callable[[], None] = lambda: None,
        slice_of: int = SLICE,
        step: Callable[[str], None] = lambda _: None,
    ) -> None:
        """
        Args:
            database: where everything is written.
            world: what talks need to know, as it is now.
            clock: tells the time, aware.
            announce_above: to more people than this, only two of the staff together start an announcement.
            queued: called when there may be something new in the outbox.
            slice_of: at most so many messages in one transaction.
            step: called with the name of each step between receiving and acknowledging; tests kill the process there.
        """  # noqa: D205 - the class says what it is
        self._database = database
        self._world = world
        self._clock = clock
        self._announce_above = announce_above
        self._queued = queued
        self._slice_of = slice_of
        self._step = step
        self._waiting: dict[Key, deque[tuple[Incoming, asyncio.Future[None]]]] = {}
        self._ready: deque[Key] = deque()
        self._wake = asyncio.Event()

    async def take(self, incoming: Incoming) -> None:
        """Handle a message; returns once what it led to is on the disk, and the message may be acknowledged."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        incoming = _storable(incoming)
        key = (incoming.channel, incoming.address)
        if key not in self._waiting:
            self._waiting[key] = deque()
            self._ready.append(key)
        self._waiting[key].append((incoming, done))
        self._wake.set()
        await done

    async def run(self) -> None:
        """Handle what comes, until cancelled; a slice that is being handled then is rolled back and still waits."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._ready:
                messages = self._slice()
                try:
                    await self._handle(messages)
                except BaseException:
                    self._put_back(messages)
                    raise

    def _slice(self) -> list[tuple[Incoming, asyncio.Future[None]]]:
        keys = [self._ready.popleft() for _ in range(min(len(self._ready), self._slice_of))]
        return [self._waiting[key][0] for key in keys]

    def _put_back(self, messages: Sequence[tuple[Incoming, asyncio.Future[None]]]) -> None:
        keys = [((message.channel, message.address), done) for message, done in messages]
        unhandled = [key for key, done in keys if key in self._waiting and self._waiting[key][0][1] is done]
        self._ready.extendleft(reversed(unhandled))
        self._wake.set()

    async def _handle(
        self, messages: Sequence[tuple[Incoming, asyncio.Future[None]]], *, once_more: bool = True
    ) -> None:
        self._step("received")
        incoming = [message for message, _ in messages]
        try:
            await while_unavailable(lambda: self._transact(incoming))
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not hold up the rest
            if once_more:
                # Alone, too: what another process did at the same moment may have stood in its way.
                for message in messages:
                    await self._handle([message], once_more=False)
                return
            await self._bury(incoming[0], error)
        for handled, done in messages:
            self._finish(handled, done)
        self._queued()
        self._step("acknowledged")

    def _finish(self, message: Incoming, done: asyncio.Future[None]) -> None:
        """The message is handled; the person's next one may come."""
        key = (message.channel, message.address)
        self._waiting[key].popleft()
        if self._waiting[key]:
            self._ready.append(key)
        else:
            del self._waiting[key]
        with suppress(asyncio.InvalidStateError):  # whoever waited may have given up
            done.set_result(None)

    async def _transact(self, messages: Sequence[Incoming]) -> None:
        now = self._clock()
        world = self._world()
        async with self._database.write() as connection:
            digests = {people.digest(message): message for message in messages}
            new = await people.unseen(connection, digests, now)
            self._step("seen")
            fresh = [message for each, message in digests.items() if each in new]
            if not fresh:
                return
            names = {(message.channel, message.address): message.name for message in fresh}
            met = await people.meet(connection, names, now, world.language)
            self._step("loaded")
            fresh = [await _about(connection, message, world) for message in fresh]
            talks = await self._decide(fresh, met, world)
            self._step("decided")
            rows: list[Outgoing] = []
            if any(talk.acts for talk in talks):
                rows = await self._settle(connection, talks, world, now)
            if any(talk.tickets for talk in talks):
                await self._settle_tickets(connection, talks, world, now)
            if any(talk.staff for talk in talks):
                await self._settle_staff(connection, talks, world, now)
            self._step("settled")
            if agreed := [(talk.met.id, each.notice, talk.incoming.channel) for talk in talks for each in talk.agreed]:
                await people.agree(connection, agreed, now)
            if counted := Counter(each for talk in talks for each in talk.counted):
                await count_questions(connection, now.astimezone(IST).date(), counted)
            if kept := [(talk.met.id, each) for talk in talks if not talk.erased for each in talk.kept]:
                await people.keep_questions(connection, kept, now)
            if staying := [talk for talk in talks if not talk.erased]:
                states = [Met(talk.met.id, talk.state) for talk in staying]
                await people.remember(connection, states, [talk.incoming.name for talk in staying], now)
            said = [
                Outgoing(None if talk.erased else talk.met.id, talk.incoming.channel, talk.incoming.address, reply)
                for talk in talks
                for reply in talk.replies
            ]
            await queueing.queue(connection, [*said, *rows], now)
            self._step("saved")
        self._step("committed")

    async def _decide(self, messages: Sequence[Incoming], met: dict[Key, Met], world: World) -> list[_Talk]:
        talks = []
        clock = asyncio.get_running_loop().time
        since = clock()
        for message in messages:
            known = met[message.channel, message.address]
            turn = decide(message, known.state, world)
            talk = _Talk(
                message,
                known,
                turn.state,
                list(turn.replies),
                [],
                [],
                [],
                list(turn.staff),
                list(turn.counted),
                list(turn.tickets),
            )
            _sort(talk, turn.effects)
            talks.append(talk)
            if clock() - since > _SHORT:
                await asyncio.sleep(0)
                since = clock()
        return talks

    async def _settle(
        self, connection: AsyncConnection, talks: Sequence[_Talk], world: World, now: datetime
    ) -> list[Outgoing]:
        """Settle all acts of a slice; the notices that others get."""
        desk = await load_desk(connection, [(talk.met.id, act) for talk in talks for act in talk.acts], now)
        for talk in talks:
            for act in tuple(talk.acts):
                turn = after(act, desk.settle(talk.met.id, act), talk.state, world)
                talk.state = turn.state
                talk.replies += turn.replies
                _sort(talk, turn.effects)
        await save_seats(connection, desk.seats)
        if desk.erased:
            await erase(connection, desk.erased)
            for talk in talks:
                talk.erased = talk.met.id in desk.erased
        return await notices_of(connection, desk.seats, world.phrases)

    async def _settle_tickets(
        self, connection: AsyncConnection, talks: Sequence[_Talk], world: World, now: datetime
    ) -> None:
        """Settle what people want of those who work in the office."""
        for talk in talks:
            for act in talk.tickets:
                outcome = await tickets.settle_for(connection, talk.met.id, act, world, now)
                turn = ticketing.after_person(act, outcome, talk.state, world)
                talk.state = turn.state
                talk.replies += turn.replies

    async def _settle_staff(
        self, connection: AsyncConnection, talks: Sequence[_Talk], world: World, now: datetime
    ) -> None:
        """Settle what members of staff want of announcements."""
        for talk in talks:
            who = world.roster.at(talk.incoming.channel, talk.incoming.said_by)
            for act in talk.staff:
                above = self._announce_above
                outcome = await staff_acts.settle(connection, talk.met.id, who, act, above, world, now)
                turn = after_staff(act, outcome, talk.state, world)
                talk.state = turn.state
                talk.replies += turn.replies

    async def _bury(self, message: Incoming, error: Exception) -> None:
        """Keep a message that fails alone, and say so to its sender."""
        trouble = type(error).__name__
        # Only where it happened: the error's own text may quote the message.
        where = "".join(traceback.format_tb(error.__traceback__))
        _log.error("A message could not be handled (%s); it is in dead_letters.\n%s", trouble, where)

        async def write() -> None:
            now = self._clock()
            async with self._database.write() as connection:
                if not await people.unseen(connection, [people.digest(message)], now):
                    return
                await people.bury(connection, message, mask(message.text).text, trouble, now)
                sorry = Reply(self._world().phrases.say("talk.sorry"))
                await queueing.queue(connection, [Outgoing(None, message.channel, message.address, sorry)], now)

        try:
            await while_unavailable(write)
        except Exception as worse:  # noqa: BLE001 - it must not hold up the rest either
            _log.error("A message could not be kept in dead_letters either (%s).", type(worse).__name__)


async def _about(connection: AsyncConnection, message: Incoming, world: World) -> Incoming:
    """A message with the ticket that it replies to, where a member of staff sent it."""
    if not message.replied_to or world.roster.at(message.channel, message.said_by) is None:
        return message
    ticket = await ticket_about(connection, message.channel, message.address, message.replied_to)
    return replace(message, ticket=ticket)


def _storable(message: Incoming) -> Incoming:
    texts = [message.address, message.message, message.text, message.press, message.name, message.mobile]
    if not _UNSTORABLE.search("".join(texts)):
        return message
    address, number, text, press, name, mobile = (_UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", each) for each in texts)
    return replace(message, address=address, message=number, text=text, press=press, name=name, mobile=mobile)


def _sort(talk: _Talk, effects: Sequence[Effect]) -> None:
    for effect in effects:
        match effect:
            case Agree():
                talk.agreed.append(effect)
            case Keep():
                talk.kept.append(effect)
            case _:
                talk.acts.append(effect)
