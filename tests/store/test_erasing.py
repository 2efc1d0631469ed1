from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.talk.message import Incoming
from bot.core.talk.state import World
from bot.core.workshops.batch import Status
from bot.inbox import Inbox
from bot.outbox import Outbox
from bot.staff import change_batch
from bot.store.batches import erased_counts
from bot.store.database import Database
from bot.store.erasing import SEEN_FOR, SENT_FOR, purge
from bot.store.metadata import metadata
from bot.store.outgoing import Fate
from bot.store.reminding import pass_time
from bot.store.tables import counts, dead_letters, outbox, people, registrations, seen, unanswered
from tests.seats.channel import Heard
from tests.seats.given import NOW, batch, ist, mobile
from tests.seats.people import add_batches, add_people, at_summary, batches_in, queued_in, recount
from tests.seats.process import CHANNEL, small_world, take_all

ADDRESS, NAME = "chat-of-sita-4711", "सीता देवी"
YEARS = timedelta(days=730)


@pytest.fixture(scope="module")
def world() -> World:
    return small_world()


async def say(
    database: Database, world: World, *messages: tuple[str, str], now: datetime = NOW, who: str = ADDRESS
) -> None:
    """What one person says, a text or a press at a time."""
    inbox = Inbox(database, lambda: world, lambda: now)
    for at, (text, press) in enumerate(messages):
        await take_all(inbox, [Incoming(CHANNEL, who, f"{now}{at}{press}", now, text, press, name=f"{NAME} {who}")])


async def drained(database: Database, world: World, now: datetime) -> Heard:
    heard = Heard()
    await Outbox(database, {CHANNEL: heard}, lambda: world.phrases, lambda: now).drain()
    return heard


async def everything(database: Database) -> str:
    """All that all tables hold, as text."""
    async with database.read() as connection:
        rows = [row for table in metadata.sorted_tables for row in await connection.execute(sa.select(table))]
    return "\n".join(map(repr, rows))


async def count(database: Database, table: sa.Table, *where: Any) -> int:
    async with database.read() as connection:
        statement = sa.select(sa.func.count()).select_from(table).where(*where)
        return int((await connection.execute(statement)).scalar_one())


async def lived_through(database: Database, world: World) -> int:
    """Sita and Ram have registered, asked, been reminded, sat in a class and said how it was."""
    (number,) = await add_batches(database, batch(seats=2))
    await add_people(
        database, {ADDRESS: at_summary(mobile(1), number, world), "ram": at_summary(mobile(2), number, world)}
    )
    await say(database, world, ("", "data:show"), ("", "f:1:confirm"), ("qwrtpsdf ghjklzx", ""))
    await say(database, world, ("", "f:1:confirm"), who="ram")
    await change_batch(database, batch(number, venue="देवरिया"), world.phrases, NOW)
    for now in (ist(20, 10), ist(22, 18)):
        await pass_time(database, world.phrases, now)
        await drained(database, world, now)
    await say(database, world, ("4821", ""), now=ist(23, 11))
    await pass_time(database, world.phrases, ist(23, 17))
    await say(database, world, ("", f"stars:{number}:5"), ("बहुत अच्छा लगा", ""), now=ist(23, 18))
    return number


async def test_of_who_is_erased_nothing_is_left_but_numbers(database: Database, world: World) -> None:
    number = await lived_through(database, world)
    before = await everything(database)
    assert all(what in before for what in (ADDRESS, NAME, mobile(1), "बहुत अच्छा लगा", "सीता अचार"))
    await say(database, world, ("", "data:erase-yes"), now=ist(24, 9))
    heard = await drained(database, world, ist(24, 9))
    assert [reply.text for reply in heard.by[ADDRESS]][-1] == world.phrases.say("data.erased", "hi")
    after = await everything(database)
    for what in (ADDRESS, mobile(1), mobile(1)[3:], "बहुत अच्छा लगा"):
        assert what not in after
    # All that is left belongs to Ram.
    assert await count(database, people) == await count(database, registrations) == 1
    assert await count(database, outbox, outbox.c.address != "ram") == 0
    assert "ram" in after
    async with database.read() as connection:
        assert await erased_counts(connection, number) == {"attended": 1, "over": 1}
    await recount(database, ist(24, 9))


async def test_what_was_still_to_be_said_to_who_is_erased_is_not_said(database: Database, world: World) -> None:
    (number,) = await add_batches(database, batch())
    await add_people(database, {ADDRESS: at_summary(mobile(1), number, world)})
    await say(database, world, ("", "f:1:confirm"), ("", "menu"), ("", "data:erase-yes"))
    assert await queued_in(database) == {ADDRESS: [world.phrases.say("data.erased", "hi")]}


async def test_who_comes_back_after_being_erased_is_somebody_new(database: Database, world: World) -> None:
    await lived_through(database, world)
    await say(database, world, ("", "data:erase-yes"), now=ist(24, 9))
    await say(database, world, ("", "data:show"), now=ist(25, 9))
    heard = await drained(database, world, ist(25, 9))
    assert NAME not in heard.by[ADDRESS][-1].text
    assert await count(database, people, people.c.created == ist(25, 9)) == 1


async def test_the_seat_of_who_is_erased_goes_to_the_next_in_line(database: Database, world: World) -> None:
    (number,) = await add_batches(database, batch(seats=1))
    await add_people(database, {who: at_summary(mobile(at), number, world) for at, who in enumerate((ADDRESS, "ram"))})
    await say(database, world, ("", "f:1:confirm"))
    await say(database, world, ("", "f:1:confirm"), who="ram")
    await say(database, world, ("", "data:erase-yes"))
    (one,) = (await batches_in(database)).values()
    assert (one.taken, one.waiting) == (1, 0)
    assert len((await queued_in(database))["ram"]) == 2
    async with database.read() as connection:
        assert await erased_counts(connection, number) == {"left": 1}
    await recount(database)


async def test_counts_of_several_add_up(database: Database, world: World) -> None:
    (number,) = await add_batches(database, batch(seats=1))
    who = [f"p{at}" for at in range(4)]
    await add_people(database, {each: at_summary(mobile(at), number, world) for at, each in enumerate(who)})
    for each in who:
        await say(database, world, ("", "f:1:confirm"), who=each)
    for each in who[::-1]:
        await say(database, world, ("", "data:erase-yes"), who=each)
    async with database.read() as connection:
        assert await erased_counts(connection, number) == {"left": 4}
    assert await count(database, people) == 0
    assert await count(database, counts) == 1


# --- when the time of keeping is over ---------------------------------------------------------------------------------


async def add_old(database: Database, number: int, how_many: int, **more: Any) -> None:
    """People who were last heard of three years ago, each with a registration that is history."""
    old = NOW - timedelta(days=1100)
    rows = [
        {"channel": CHANNEL, "address": f"{more.get('name', 'old')}{at}", "created": old, "heard": old} | more
        for at in range(how_many)
    ]
    async with database.write() as connection:
        ids = (await connection.execute(people.insert().returning(people.c.id), rows)).scalars().all()
        values = {"batch": number, "profile": {}, "status": Status.OVER, "registered": old}
        await connection.execute(registrations.insert(), [values | {"person": its, "mobile": f"+{its}"} for its in ids])


@pytest.mark.parametrize("how_many", [499, 500, 501, 1203])
async def test_everybody_who_was_not_heard_of_for_long_is_forgotten(database: Database, how_many: int) -> None:
    (number,) = await add_batches(database, batch())
    await add_old(database, number, how_many)
    assert await purge(database, NOW - YEARS, NOW) == how_many
    assert await count(database, people) == await count(database, registrations) == 0
    async with database.read() as connection:
        assert await erased_counts(connection, number) == {"over": how_many}
    assert await purge(database, NOW - YEARS, NOW) == 0


async def test_who_was_heard_of_or_is_in_a_batch_stays(database: Database) -> None:
    (number,) = await add_batches(database, batch(seats=9, taken=1))
    await add_old(database, number, 1, name="heard", heard=NOW - YEARS)
    await add_old(database, number, 1, name="live")
    await add_old(database, number, 1, name="gone")
    async with database.write() as connection:
        live = sa.select(people.c.id).where(people.c.name == "live").scalar_subquery()
        await connection.execute(
            registrations.update().where(registrations.c.person == live).values(status=Status.SEATED)
        )
    assert await purge(database, NOW - YEARS, NOW) == 1
    async with database.read() as connection:
        assert set((await connection.execute(sa.select(people.c.name))).scalars()) == {"heard", "live"}


async def test_what_is_not_needed_any_more_goes_and_the_rest_stays(database: Database) -> None:
    little = timedelta(seconds=1)
    row = {"channel": CHANNEL, "address": "1", "kind": "reply", "priority": 0, "due": NOW}
    long_ago = NOW - SENT_FOR - little
    letter = {"channel": CHANNEL, "message": b"1" * 16, "text": "", "press": "", "trouble": "x"}
    question = {"text": "?", "count": 1, "first": NOW - 2 * YEARS}
    async with database.write() as connection:
        for at in (NOW - SEEN_FOR, NOW - SEEN_FOR - little):
            await connection.execute(seen.insert().values(message=str(at)[-16:].encode(), at=at))
        for status, created in (
            (Fate.SENT, long_ago),
            (Fate.FAILED, long_ago),
            (Fate.DUE, long_ago),
            (Fate.SENT, NOW - SENT_FOR),
        ):
            await connection.execute(outbox.insert().values(row | {"status": status, "created": created}))
        for at in (long_ago, NOW - SENT_FOR):
            await connection.execute(dead_letters.insert().values(letter | {"at": at}))
        for folded, last in (("old", NOW - YEARS - little), ("new", NOW - YEARS)):
            await connection.execute(unanswered.insert().values(question | {"folded": folded, "last": last}))
    await purge(database, NOW - YEARS, NOW)
    left = {table.name: await count(database, table) for table in (seen, outbox, dead_letters, unanswered)}
    assert left == {"seen": 1, "outbox": 2, "dead_letters": 1, "unanswered": 1}
    assert await count(database, outbox, outbox.c.status == Fate.DUE) == 1


async def test_a_question_is_erased_with_the_last_one_who_asked_it(database: Database, world: World) -> None:
    both, alone = "qwrtpsdf ghjklzx", "vbnmqwr zxcvhjk"
    for who, text in (("a", both), ("b", both), ("a", alone)):
        await say(database, world, (text, ""), who=who)
    await say(database, world, ("", "data:erase-yes"), who="a", now=NOW + timedelta(seconds=1))
    async with database.read() as connection:
        assert list(await connection.scalars(sa.select(unanswered.c.text))) == [both]
    await say(database, world, ("", "data:erase-yes"), who="b", now=NOW + timedelta(seconds=2))
    assert await count(database, unanswered) == 0
