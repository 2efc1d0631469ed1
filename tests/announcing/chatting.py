"""An office whose staff announce in their chats: messages in, replies, cards and progress out; by a moved clock."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa

from bot.announcer import RULES, Announcer, Rules
from bot.announcing import Means
from bot.channels.contract import NotFetchedError
from bot.core.announcements.announcement import UNDO
from bot.core.announcements.outcomes import Outcomes
from bot.core.pacing import Pace
from bot.core.staff import Role, Roster, Staff
from bot.core.talk.message import Attachment, Incoming, Kind, Reply
from bot.inbox import Inbox
from bot.outbox import Outbox
from bot.staffroom import Office as Announcing
from bot.staffroom import Staffroom
from bot.store.database import Database
from bot.store.tables import outbox, people
from tests.announcing.office import Clock
from tests.crash.talks import small_world
from tests.crash.waiting import running

CHANNEL = "telegram"
PHOTO = b"\xff\xd8\xff" + bytes(100)
BOSS, CHIEF, CLERK, INTERN = "boss", "chief", "clerk", "intern"
ROSTER = Roster(
    (
        Staff("सुनीता", Role.APPROVER, {CHANNEL: BOSS}),
        Staff("मुख्य", Role.APPROVER, {CHANNEL: CHIEF}),
        Staff("राम", Role.EDITOR, {CHANNEL: CLERK}),
        Staff("नया", Role.VIEWER, {CHANNEL: INTERN}),
    )
)


@dataclass
class Post:
    """
    A platform on which messages can be changed and files sent.

    Attributes:
        said: address -> what stands in their talk, by the platform's ids.
        edits: address and id of each change.
        files: handle -> what is in it, or what fetching it raises.
        failing: addresses that nothing reaches.
    """

    said: dict[str, dict[str, Reply]] = field(default_factory=dict)
    edits: list[tuple[str, str]] = field(default_factory=list)
    files: dict[str, bytes | NotFetchedError] = field(default_factory=dict)
    failing: dict[str, Exception] = field(default_factory=dict)
    sent: int = 0

    async def send(self, address: str, reply: Reply, *, heard: datetime | None = None, ours: str = "") -> str:  # noqa: ARG002
        if address in self.failing:
            raise self.failing[address]
        self.sent += 1
        name = f"m{self.sent}"
        self.said.setdefault(address, {})[name] = reply
        return name

    async def edit(self, address: str, message: str, reply: Reply) -> None:
        self.edits.append((address, message))
        self.said[address][message] = reply

    async def fetch(self, handle: str, limit: int) -> bytes:
        content = self.files[handle]
        if isinstance(content, NotFetchedError):
            raise content
        assert len(content) <= limit
        return content

    def texts(self, address: str) -> list[str]:
        return [reply.text for reply in self.said.get(address, {}).values()]

    def last(self, address: str) -> Reply:
        return list(self.said[address].values())[-1]


@dataclass
class Bureau:
    """All that takes part."""

    database: Database
    above: int = 3
    edits: bool = True
    rules: Rules = RULES
    roster: Roster = ROSTER
    paces: Mapping[str, Pace] = field(default_factory=dict)
    clock: Clock = field(default_factory=Clock)
    post: Post = field(default_factory=Post)
    messages: int = 0

    def __post_init__(self) -> None:
        world = replace(small_world(), roster=self.roster)
        outcomes, phrases = Outcomes(), world.phrases
        editors = {CHANNEL: self.post} if self.edits else {}
        means = Means({CHANNEL: 30}, (), has_template=False, price=Decimal(0), quiet=self.rules.quiet)
        office = Announcing(self.above, means, editors, {CHANNEL: self.post})
        self.outbox = Outbox(
            self.database, {CHANNEL: self.post}, lambda: phrases, self.clock,
            editors=editors, paces=self.paces, announced=outcomes.heard,
        )  # fmt: skip
        self.inbox = Inbox(self.database, lambda: world, self.clock, announce_above=self.above, queued=self.outbox.wake)
        self.announcer = Announcer(
            self.database, [CHANNEL], self.rules, self.clock, paces=self.paces, outcomes=outcomes
        )
        self.staffroom = Staffroom(self.database, office, self.roster, phrases, self.clock)

    async def settle(self, *names: str) -> None:
        """People come to live here, who want news."""
        values = {"channel": CHANNEL, "news": True, "created": self.clock(), "heard": self.clock()}
        async with self.database.write() as connection:
            await connection.execute(people.insert(), [values | {"address": name, "name": name} for name in names])

    async def write(self, who: str, text: str = "", press: str = "", file: Attachment | None = None) -> list[Reply]:
        """Somebody writes; what they are answered at once."""
        self.messages += 1
        before = len(self.post.said.get(who, {}))
        kind = Kind.TEXT if text or press else Kind.PHOTO
        incoming = Incoming(
            CHANNEL, who, str(self.messages), self.clock(), text, press, name=who, kind=kind, attachment=file
        )
        async with running(self.inbox.run()):
            async with asyncio.timeout(20):
                await self.inbox.take(incoming)
        await self.outbox.drain()
        # A paced channel lets out one after the other.
        while await self._has_reply(who):
            self.clock.pass_(0.2)
            await self.outbox.drain()
        return list(self.post.said.get(who, {}).values())[before:]

    async def _has_reply(self, who: str) -> bool:
        theirs = sa.and_(outbox.c.address == who, outbox.c.kind == "reply", outbox.c.status == "due")
        async with self.database.read() as connection:
            return (await connection.execute(sa.select(outbox.c.id).where(theirs))).first() is not None

    async def press(self, who: str, title: str) -> list[Reply]:
        """Somebody presses a button of the last message that has it."""
        offered = [option for reply in self.post.said[who].values() for option in reply.options]
        titles = [option.title for option in offered]
        assert title in titles
        return await self.write(who, press=[option.id for option in offered if option.title == title][-1])

    async def work(self, seconds: float = 0) -> None:
        """What can be done now is done."""
        self.clock.pass_(seconds)
        await self.announcer.look()
        await self.outbox.drain()
        await self.announcer.look()
        await self.staffroom.look()
        await self.outbox.drain()

    async def minute(self) -> None:
        """The minute passes in which it can be undone."""
        await self.work(UNDO.total_seconds() + 1)
