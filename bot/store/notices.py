"""Puts what a desk, the clock or the office has to tell people into their language and the outbox."""

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.talk.notices import notify
from bot.core.talk.phrases import Phrases
from bot.core.workshops.seats import Seats
from bot.store.outgoing import NOTICES
from bot.store.queueing import Outgoing
from bot.store.tables import people


async def notices_of(connection: AsyncConnection, seats: Seats, phrases: Phrases) -> list[Outgoing]:
    """What must be told of changed seats, to be queued, in order; ``connection`` is of a writing transaction."""
    if not seats.notices:
        return []
    who = await addressees(connection, {notice.person for notice in seats.notices})
    told = []
    for notice in seats.notices:
        if notice.person in who:
            channel, address, language = who[notice.person]
            reply = notify(notice, language, phrases)
            told.append(Outgoing(notice.person, channel, address, reply, notice.news, NOTICES, notice.batch.id))
    return told


async def addressees(connection: AsyncConnection, persons: Collection[int]) -> dict[int, tuple[str, str, str]]:
    """Person -> channel, address, language; nobody of them is erased before something is queued for them."""
    rows = await connection.execute(
        sa.select(people.c.id, people.c.channel, people.c.address, people.c.language)
        .where(people.c.id.in_(sorted(persons)))
        .order_by(people.c.id)
        .with_for_update(read=True, key_share=True)
    )
    return {person: (channel, address, language) for person, channel, address, language in rows}
