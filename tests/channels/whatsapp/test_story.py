"""A number of the office's, end to end: Meta's webhooks over a real port, inbox, database, outbox, the Graph API."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette

from bot.channels.whatsapp import WhatsApp
from bot.core.talk.message import Option, Reply
from bot.core.workshops.batch import Batch
from bot.service import Service, service_on
from bot.store.batches import insert_batch
from bot.store.database import Database
from bot.store.outgoing import NOTICES
from bot.store.queueing import Outgoing, queue
from bot.store.tables import outbox, people, registrations
from tests.channels.whatsapp.conftest import PHRASES, RAM, SETTINGS, SITA, TEMPLATE, Clock
from tests.crash.talks import small_world
from tests.crash.waiting import running
from tests.fakes.whatsapp import TOKEN, FakeGraph, Someone, choices, served

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
NEWS = Reply("नई कार्यशाला आने वाली है।", (Option("help", "मदद चाहिए"), Option("stay", "नहीं चाहिए")))


class Town:
    """People on WhatsApp, Meta, and the office."""

    def __init__(self, graph: FakeGraph, url: str, service: Service, database: Database) -> None:
        self.graph = graph
        self.url = url
        self.service = service
        self._database = database

    async def says(self, person: Someone, text: str) -> str:
        """What they read after saying something."""
        return await self._read_after(person, partial(self.graph.says, person, text))

    async def presses(self, person: Someone, option: str) -> str:
        """What they read after choosing something that was offered to them."""
        return await self._read_after(person, partial(self.graph.presses, person, option))

    async def shares(self, person: Someone, kind: str, content: Any) -> str:
        """What they read after sharing something."""
        return await self._read_after(person, partial(self.graph.shares, person, kind, content))

    async def _read_after(self, person: Someone, act: Callable[[], object]) -> str:
        before = len(self.graph.to(person))
        act()
        assert await self.graph.deliver(self.url) == [200]
        await self.settled()
        return "\n".join(map(words, self.graph.to(person)[before:]))

    async def settled(self) -> None:
        """Wait until nothing is due any more."""
        due = sa.select(sa.func.count()).where(outbox.c.status.in_(["due", "claimed"]))
        await self.until(lambda rows: rows == [(0,)], due)

    async def until(self, condition: Callable[[list[tuple[Any, ...]]], bool], statement: sa.Select[Any]) -> None:
        """Wait until the database says so."""
        async with asyncio.timeout(20):
            while not condition(await self.rows(statement)):
                self.service.outbox.wake()

    async def rows(self, statement: sa.Select[Any]) -> list[tuple[Any, ...]]:
        """What the database says."""
        async with self._database.read() as connection:
            return [tuple(row) for row in await connection.execute(statement)]

    async def tell(self, person: Someone, reply: Reply) -> None:
        """The office tells somebody something."""
        async with self._database.write() as connection:
            known = await connection.scalar(sa.select(people.c.id).where(people.c.address == person.address))
            told = Outgoing(known, "whatsapp", person.address, reply, priority=NOTICES)
            await queue(connection, [told], self.graph.clock())
        self.service.outbox.wake()

    def offered(self, person: Someone) -> list[str]:
        """The ids of what they can choose under the last message."""
        return [choice["id"] for choice, _ in choices(self.graph.to(person)[-1])]


def words(message: dict[str, Any]) -> str:
    """What people read of a message."""
    content = message[message["type"]]
    match message["type"]:
        case "text":
            return str(content["body"])
        case "interactive":
            return str(content["body"]["text"])
        case "template":
            return str(content["components"][0]["parameters"][-1]["text"])
    return str(content.get("caption", ""))


@asynccontextmanager
async def town_of(
    database: Database, graph: FakeGraph, graph_url: str, clock: Clock, **settings: Any
) -> AsyncIterator[Town]:
    whatsapp = WhatsApp(replace(SETTINGS, base_url=graph_url, **settings), PHRASES, "hi", clock)
    service = service_on(database, small_world(), {"whatsapp": whatsapp}, clock)
    app = Starlette(routes=list(whatsapp.routes(service.inbox.take, partial(service.outbox.note, "whatsapp"))))
    async with served(app) as url, running(service.inbox.run(), service.outbox.run()):
        yield Town(graph, f"{url}/whatsapp", service, database)
    await whatsapp.close()


@pytest.fixture
async def town(database: Database, graph: FakeGraph, graph_url: str, clock: Clock) -> AsyncIterator[Town]:
    """A town whose office has no template."""
    async with town_of(database, graph, graph_url, clock) as made:
        yield made


@pytest.fixture
async def workshop(database: Database, clock: Clock) -> Batch:
    """A workshop in a month, with one seat."""
    starts = clock.now + timedelta(days=30)
    made = Batch(1, "GeM", starts, starts + timedelta(hours=6), "Gorakhpur", 1, starts, "4821")
    async with database.write() as connection:
        await insert_batch(connection, made)
    return made


@pytest.mark.usefixtures("workshop")
async def test_somebody_registers_with_buttons_their_own_number_and_their_place(
    town: Town, graph: FakeGraph, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        assert "1 में से 1 खाली" in await town.says(SITA, "कार्यशाला")
        assert "सहमत" in await town.presses(SITA, "register:1")
        await town.presses(SITA, town.offered(SITA)[0])
        assert "(2/7)" in await town.says(SITA, "सीता देवी")
        (button, _), *_ = choices(graph.to(SITA)[-1])
        # All of it: a number that is cut could not be judged.
        assert (button["id"], "98765 43210" in str(button)) == ("f:1:own", True)
        assert "(3/7)" in await town.presses(SITA, "f:1:own")
        await town.says(SITA, "देवी सिलाई केंद्र")
        await town.says(SITA, "मिट्टी के दीये")
        assert "(6/7)" in await town.shares(SITA, "location", {"latitude": 26.7606, "longitude": 83.3732})
        await town.presses(SITA, "f:1:skip:udyam")
        assert len(town.offered(SITA)) == 4
        assert "देख लीजिए" in await town.presses(SITA, "f:1:set:stage:registered")
        assert "पक्की" in await town.presses(SITA, "f:1:confirm")
        await town.presses(SITA, "calendar:1")
    ((status, mobile, profile),) = await town.rows(
        sa.select(registrations.c.status, registrations.c.mobile, registrations.c.profile)
    )
    assert (status, mobile, profile["place"]) == ("seated", "+919876543210", "नक्शे पर 26.7606, 83.3732")
    ((media_type, content),) = graph.media.values()
    assert media_type == "text/plain"
    assert content.startswith(b"BEGIN:VCALENDAR")
    file = next(each for each in graph.to(SITA) if each["type"] == "document")
    assert file["document"]["filename"].endswith(".ics")
    assert len(graph.receipts) == 12
    for secret in (TOKEN, SITA.number, SITA.user_id, "9876543210", "wamid", "दीये", SETTINGS.app_secret):
        assert secret not in "\n".join(each.getMessage() for each in caplog.records if each.name != "aiosqlite")


async def test_somebody_who_hides_their_number_is_answered_and_asked_for_it(
    town: Town, graph: FakeGraph, workshop: Batch
) -> None:
    gita = Someone("919800000009", "IN.777", "गीता", hides_number=True)
    assert workshop.title in await town.says(gita, "कार्यशाला")
    await town.presses(gita, "register:1")
    await town.presses(gita, town.offered(gita)[0])
    assert "(2/7)" in await town.says(gita, "गीता देवी")
    assert list(choices(graph.to(gita)[-1])) == []
    assert all("to" not in message for message in graph.to(gita))


async def test_what_became_of_messages_is_known_whatever_order_it_is_told_in(town: Town, graph: FakeGraph) -> None:
    for person in (SITA, RAM, Someone("919800000001")):
        await town.says(person, "कार्यशाला")
    first, second, third = (each["id"] for each in graph.sent)
    for message, status, *codes in (
        (first, "read"), (first, "sent"), (second, "delivered"), (first, "delivered"), (third, "failed", 131026),
        (second, "sent"), ("wamid.of-somebody-else", "read"),
    ):  # fmt: skip
        graph.tell(message, status, *codes)
    assert await graph.deliver(town.url, times=3, shuffled=random.Random(1)) == [200] * 3  # noqa: S311 - no secret
    read, delivered, failed = await town.rows(
        sa.select(outbox.c.status, outbox.c.delivered, outbox.c.read, outbox.c.trouble).order_by(outbox.c.id)
    )
    assert (read[0], read[1] is not None, read[2] is not None) == ("sent", True, True)
    assert (delivered[0], delivered[1] is not None, delivered[2]) == ("sent", True, None)
    assert (failed[0], failed[3].partition(":")[0]) == ("failed", "131026")


async def test_webhooks_repeated_batched_and_out_of_order_are_answered_once_and_in_order(
    town: Town, graph: FakeGraph, clock: Clock
) -> None:
    crowd = [Someone(f"9198765{number:05}", f"IN.{number}" if number % 2 else "") for number in range(20)]
    for number in range(3):
        for person in crowd:
            graph.says(person, ("मदद", "कार्यशाला", f"क्या है {number}")[number])
        clock.pass_(seconds=1)
    shuffled = random.Random(2)  # noqa: S311 - no secret
    events = list(graph.events)
    ends = await asyncio.gather(*(graph.deliver(town.url, times=2, shuffled=shuffled) for _ in range(3)))
    assert ends == [[200, 200]] * 3
    graph.events = events
    assert await graph.deliver(town.url) == [200]
    await town.settled()
    whole = [list(map(words, graph.to(person))) for person in crowd]
    assert all(len(each) == 3 for each in whole)
    assert all(each == whole[0] for each in whole)


async def test_an_expired_token_holds_everything_with_one_loud_line_and_nothing_is_lost_or_doubled(
    town: Town, graph: FakeGraph, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    crowd = [Someone(f"9198765{number:05}") for number in range(60)]
    graph.token = "another"  # noqa: S105 - of a fake
    for person in crowd:
        graph.says(person, "कार्यशाला")
    assert await graph.deliver(town.url) == [200]
    tried = sa.select(outbox.c.trouble).where(outbox.c.trouble.like("190: %"))
    await town.until(bool, tried)
    assert graph.sent == []
    # The ticks of all people, and at most as many messages as were on their way at once.
    assert graph.requests <= len(crowd) + 30
    graph.token = TOKEN
    clock.pass_(minutes=10)
    await town.settled()
    assert all(len(graph.to(person)) == 1 for person in crowd)
    loud = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(loud) == 1
    assert "token has expired" in loud[0]
    assert "go out again" in caplog.text


async def test_a_day_after_their_last_message_people_get_the_template_and_answer_with_a_number(
    database: Database, graph: FakeGraph, graph_url: str, clock: Clock
) -> None:
    graph.templates["workshop_news", "hi"] = (2, 100)
    async with town_of(database, graph, graph_url, clock, template=TEMPLATE) as town:
        await town.says(SITA, "कार्यशाला")
        clock.pass_(hours=25)
        await town.tell(SITA, NEWS)
        await town.settled()
        assert words(graph.to(SITA)[-1]) == "नई कार्यशाला आने वाली है। | 1. मदद चाहिए | 2. नहीं चाहिए"
        assert await town.says(SITA, "1") == PHRASES.say("talk.help", "hi")
        # They have written: buttons again.
        await town.tell(SITA, NEWS)
        await town.settled()
    assert town.offered(SITA) == ["help", "stay"]


async def test_without_a_template_it_waits_until_they_write_and_goes_out_then(
    town: Town, graph: FakeGraph, clock: Clock
) -> None:
    await town.says(SITA, "कार्यशाला")
    clock.pass_(hours=25)
    await town.tell(SITA, NEWS)
    waiting = sa.select(outbox.c.status).where(outbox.c.trouble == "window closed")
    await town.until(bool, waiting)
    assert len(graph.to(SITA)) == 1
    await town.says(SITA, "नमस्ते")
    assert NEWS.text in map(words, graph.to(SITA))


async def test_who_has_just_erased_themselves_is_told_so(town: Town, graph: FakeGraph) -> None:
    await town.says(SITA, "मेरा डेटा मिटाओ")
    before = len(graph.to(SITA))
    graph.shares(SITA, "interactive", {"type": "button_reply", "button_reply": {"id": "data:erase-yes", "title": "हाँ"}})
    assert await graph.deliver(town.url) == [200]
    await graph.until(lambda: len(graph.to(SITA)) > before)
    assert await town.rows(sa.select(people.c.id)) == []


@pytest.mark.parametrize("how", ["lost", "502"])
async def test_where_an_answer_is_lost_the_message_is_sent_once_more(
    town: Town, graph: FakeGraph, clock: Clock, how: str
) -> None:
    graph.says(SITA, "कार्यशाला")
    graph.refusing.append(how)
    assert await graph.deliver(town.url) == [200]
    await town.until(bool, sa.select(outbox.c.id).where(outbox.c.trouble.like("in doubt: %")))
    clock.pass_(seconds=10)
    await town.settled()
    assert len(graph.to(SITA)) == (2 if how == "lost" else 1)
