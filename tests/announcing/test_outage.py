"""PostgreSQL is stopped and started again underneath an announcement: nobody is skipped, nobody gets it twice."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, time, timedelta

from bot.announcer import Announcer, Rules
from bot.announcing import Draft, make, send, status
from bot.core.announcements.announcement import Stage
from bot.core.pacing import Pace
from bot.core.quiet import Quiet
from bot.outbox import Outbox
from bot.store.database import Database, open_database
from bot.store.outgoing import Fate
from bot.store.tables import people
from tests.crash.talks import CHANNEL, small_world
from tests.crash.waiting import Letterbox, running
from tests.databases import Server

RECIPIENTS = 120


def now() -> datetime:
    return datetime.now(UTC)


async def announce(database: Database) -> int:
    """So many people, and an announcement to them that begins at once; its number."""
    since = now() - timedelta(minutes=2)
    values = {"channel": CHANNEL, "news": True, "created": since, "heard": since}
    async with database.write() as connection:
        rows = [values | {"address": f"p{number}", "name": "x"} for number in range(RECIPIENTS)]
        await connection.execute(people.insert(), rows)
    made = await make(database, Draft("नमस्ते"), "test", since)
    return (await send(database, made.id, "test", since)).id


async def test_the_database_is_restarted_underneath(own_postgresql_server: Server) -> None:
    await asyncio.to_thread(own_postgresql_server.run, "CREATE DATABASE announcing")
    database = await open_database(own_postgresql_server.at("announcing"), upgrade=True)
    try:
        number = await announce(database)
        post, phrases, paces = Letterbox(), small_world().phrases, {CHANNEL: Pace(per_second=60)}
        outbox = Outbox(database, {CHANNEL: post}, lambda: phrases, now, paces=paces)
        rules = Rules(Quiet(time(0), time(0)))
        announcer = Announcer(database, [CHANNEL], rules, now, paces=paces, queued=outbox.wake)
        async with running(outbox.run(), announcer.run()):
            for reached in (20, 60):
                await post.arrived.reaches(reached)
                await asyncio.to_thread(own_postgresql_server.stop)
                await asyncio.to_thread(own_postgresql_server.start)
            await post.arrived.reaches(RECIPIENTS)
            async with asyncio.timeout(30):
                while (await status(database, number)).announcement.stage is not Stage.FINISHED:
                    pass
        assert Counter(address for address, _ in post.got) == {f"p{each}": 1 for each in range(RECIPIENTS)}
        # Who sends remembers what it has sent until it can be written down.
        assert (await status(database, number)).tally == {(CHANNEL, Fate.SENT): RECIPIENTS}
    finally:
        await asyncio.to_thread(own_postgresql_server.start)
        await database.close()
        await asyncio.to_thread(own_postgresql_server.run, "DROP DATABASE announcing WITH (FORCE)")
