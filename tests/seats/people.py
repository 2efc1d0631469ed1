"""People in a database whose talk stands at a certain point, and what became of them."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.core.talk.state import SUMMARY, Form, State, World, plain
from bot.core.workshops.batch import LIVE, Batch, Registration, Status
from bot.store.batches import BATCH_COLUMNS, REGISTRATION_COLUMNS, batch_of, insert_batch, registration_of
from bot.store.database import Database
from bot.store.tables import batches, dead_letters, outbox, people, registrations
from tests.seats.given import NOW, batch
from tests.seats.process import CHANNEL


def filled_in(mobile: str) -> dict[str, str]:
    """A whole form."""
    return {
        "name": "सीता देवी",
        "mobile": mobile,
        "enterprise": "सीता अचार उद्योग",
        "products": "अचार",
        "place": "गोरखपुर",
        "udyam": "",
        "stage": "registered",
    }


def at_summary(mobile: str, number: int, world: World) -> State:
    """Somebody who has answered all and has only to confirm: the press is "f:1:confirm"."""
    return State(form=Form(1, number, SUMMARY, filled_in(mobile)), forms=1, agreed=world.notice_version)


async def add_batches(database: Database, *given: Batch) -> list[int]:
    """New batches; their ids."""
    async with database.write() as connection:
        return [await insert_batch(connection, each) for each in given or (batch(),)]


async def add_people(database: Database, states: Mapping[str, State]) -> None:
    """People of these addresses, who stand so."""
    rows = [
        {"channel": CHANNEL, "address": address, "talk": plain(state), "created": NOW, "heard": NOW}
        for address, state in states.items()
    ]
    async with database.write() as connection:
        await connection.execute(people.insert(), rows)


async def batches_in(database: Database) -> dict[int, Batch]:
    """All batches."""
    async with database.read() as connection:
        rows = await connection.execute(sa.select(*BATCH_COLUMNS))
        return {found.id: found for found in map(batch_of, rows)}


async def registered_in(database: Database) -> dict[str, list[Registration]]:
    """Address -> registrations."""
    statement = sa.select(*REGISTRATION_COLUMNS, people.c.address).join(people, people.c.id == registrations.c.person)
    found: dict[str, list[Registration]] = {}
    async with database.read() as connection:
        for row in await connection.execute(statement):
            found.setdefault(row[-1], []).append(registration_of(row))
    return found


async def queued_in(database: Database) -> dict[str, list[str]]:
    """Address -> what is to be said there, in order."""
    said: dict[str, list[str]] = {}
    async with database.read() as connection:
        rows = await connection.execute(sa.select(outbox.c.address, outbox.c.body).order_by(outbox.c.id))
        for address, body in rows:
            said.setdefault(address, []).append(body["text"] if body else "")
    return said


async def buried_in(database: Database) -> Sequence[Any]:
    """Messages that could not be handled."""
    async with database.read() as connection:
        return (await connection.execute(sa.select(dead_letters))).all()


async def recount(database: Database, now: datetime = NOW) -> None:
    """Recount all that must hold at any moment for batches that have not ended."""
    found = await batches_in(database)
    async with database.read() as connection:
        rows = await connection.execute(
            sa.select(*REGISTRATION_COLUMNS).where(registrations.c.status.in_(sorted(LIVE)))
        )
        live = [registration_of(row) for row in rows]
        orphans = (
            sa.select(sa.func.count())
            .select_from(registrations)
            .where(registrations.c.person.not_in(sa.select(people.c.id)))
        )
        assert (await connection.execute(orphans)).scalar_one() == 0
    for number, one in ((number, one) for number, one in found.items() if now < one.ends):
        here = Counter(each.status for each in live if each.batch == number)
        assert one.taken == here[Status.SEATED] + here[Status.OFFERED] <= one.seats
        assert one.waiting == here[Status.WAITING]
        assert not (one.free and one.waiting)
        places = [each.place for each in live if each.batch == number and each.status is Status.WAITING]
        assert len(places) == len(set(places))
        assert max(places, default=0) <= one.places
    assert len({each.mobile for each in live}) == len(live)
    assert len({each.person for each in live}) == len(live)
    assert sorted(batches.c.keys()) == sorted({column.name for column in BATCH_COLUMNS})


async def until_waiting(database: Database, task: asyncio.Task[Any]) -> None:
    """Return once a task on PostgreSQL waits for a lock that somebody else holds, or is done."""
    statement = sa.text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    async with database.read() as connection:
        while not task.done() and not (await connection.execute(statement)).scalar_one():
            # The server tells one transaction the same again and again, unless it is asked anew.
            await connection.execute(sa.text("SELECT pg_stat_clear_snapshot()"))
