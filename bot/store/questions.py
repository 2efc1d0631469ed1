"""What became of questions, day by day: numbers alone."""

from collections import Counter
from collections.abc import Mapping
from datetime import date

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.talk.state import Outcome
from bot.store.bulk import insert
from bot.store.tables import questions

# Outcome and entry.
What = tuple[Outcome, str]


async def count_questions(connection: AsyncConnection, day: date, counted: Mapping[What, int]) -> None:
    """Add to a day's numbers; ``connection`` is of a writing transaction."""
    statement = insert(connection.dialect.name, questions)
    added = {"count": questions.c.count + statement.excluded.count}
    keys = [questions.c.day, questions.c.outcome, questions.c.entry]
    # In one order, so that no two processes wait for each other.
    rows = [
        {"day": day.isoformat(), "outcome": outcome.value, "entry": entry, "count": count}
        for (outcome, entry), count in sorted(counted.items())
    ]
    await connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=added), rows)


async def questions_since(connection: AsyncConnection, day: date) -> dict[date, Counter[What]]:
    """The numbers of each day from one on."""
    columns = (questions.c.day, questions.c.outcome, questions.c.entry, questions.c.count)
    since = sa.select(*columns).where(questions.c.day >= day.isoformat())
    rows = await connection.execute(since.order_by(questions.c.day))
    found: dict[date, Counter[What]] = {}
    for on, outcome, entry, count in rows:
        found.setdefault(date.fromisoformat(on), Counter())[Outcome(outcome), entry] += count
    return found
