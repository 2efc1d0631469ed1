"""Changes of the answers that staff want in their chats, until they are looked at."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.answers.proposal import Proposal, proposal_of
from bot.store.tables import people, proposals

# Longer than the gate needs.
_LOOKED_AT = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A proposal, who made it, and where they are told what became of it."""

    id: int
    person: int
    channel: str
    address: str
    language: str
    who: str
    proposal: Proposal


async def insert_proposal(
    connection: AsyncConnection, person: int, who: str, proposal: Proposal, now: datetime
) -> None:
    """Have a change looked at; ``connection`` is of a writing transaction."""
    values = {"person": person, "who": who, "body": proposal.plain(), "at": now}
    await connection.execute(proposals.insert().values(values))


async def waiting_proposals(connection: AsyncConnection) -> list[Waiting]:
    """What is to be looked at, in the order in which it came."""
    rows = await connection.execute(
        sa.select(
            proposals.c.id, proposals.c.person, people.c.channel, people.c.address, people.c.language, proposals.c.who,
            proposals.c.body,
        )
        .join(people, people.c.id == proposals.c.person)
        .order_by(proposals.c.id)
    )  # fmt: skip
    return [Waiting(*row[:-1], proposal_of(row.body)) for row in rows]


async def claim_proposal(connection: AsyncConnection, number: int, now: datetime) -> bool:
    """It is looked at here; False where another process does so, or has lately and not died over it."""
    is_free = sa.or_(proposals.c.claimed.is_(None), proposals.c.claimed < now - _LOOKED_AT)
    claimed = proposals.update().where(proposals.c.id == number, is_free).values(claimed=now)
    return (await connection.execute(claimed)).rowcount == 1


async def drop_proposal(connection: AsyncConnection, number: int) -> bool:
    """It is dealt with; False where another process has done so."""
    return (await connection.execute(sa.delete(proposals).where(proposals.c.id == number))).rowcount == 1
