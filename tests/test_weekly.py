"""Staff are told once a week what waits for them; on both databases, by a moved clock."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa

from bot.core.answers.faq import Category, Entry, Faq
from bot.core.answers.fold import fold
from bot.core.staff import Role, Roster, Staff
from bot.core.workshops.acts import Keep
from bot.core.workshops.batch import IST
from bot.store.database import Database
from bot.store.people import keep_questions
from bot.store.tables import outbox, people
from bot.weekly import Weekly
from tests.announcing.office import Clock
from tests.crash.talks import small_world

MONDAY = datetime(2026, 11, 30, 10, tzinfo=IST)
ROSTER = Roster((Staff("राम", Role.EDITOR, {"telegram": "7"}), Staff("नया", Role.VIEWER, {"telegram": "8"})))
OLD = Entry("fees", "c", {"hi": "शुल्क"}, {"hi": "100"}, ("x",), review_by=date(2026, 7, 1))
FRESH = replace(OLD, id="new", review_by=date(2027, 7, 1))


@pytest.fixture
async def clock(database: Database) -> Clock:
    clock = Clock(MONDAY)
    async with database.write() as connection:
        values = {"channel": "telegram", "created": MONDAY, "heard": MONDAY, "name": "x"}
        await connection.execute(people.insert(), [values | {"address": each} for each in ("7", "8", "9")])
    return clock


def weekly(database: Database, clock: Clock, *entries: Entry) -> Weekly:
    faq = Faq((Category("c", {"hi": "c"}),), entries)
    return Weekly(database, lambda: replace(small_world(), roster=ROSTER, faq=faq), clock)


async def ask_in_vain(database: Database, text: str, at: datetime) -> None:
    async with database.write() as connection:
        number = await connection.scalar(sa.select(people.c.id).where(people.c.address == "9"))
        await keep_questions(connection, [(int(number or 0), Keep(fold(text), text))], at)


async def told(database: Database) -> list[tuple[str, str]]:
    async with database.read() as connection:
        rows = await connection.execute(sa.select(outbox.c.address, outbox.c.body).order_by(outbox.c.id))
        return [(address, body["text"]) for address, body in rows]


async def test_on_monday_at_ten_what_waits_is_told_once_to_who_can_do_it(database: Database, clock: Clock) -> None:
    await ask_in_vain(database, "नमक कहाँ है", MONDAY)
    await ask_in_vain(database, "पुराना सवाल", MONDAY - timedelta(days=8))
    mine, other = weekly(database, clock, OLD, FRESH), weekly(database, clock, OLD, FRESH)
    clock.now = MONDAY - timedelta(seconds=1)
    await mine.look()
    assert await told(database) == []
    clock.now = MONDAY
    for each in (mine, other, mine):
        await each.look()
    ((address, text),) = await told(database)
    assert address == "7"
    assert text == (
        "इस हफ़्ते का काम\n\nइन सवालों का जवाब नहीं था (1 तरह के):\n1. नमक कहाँ है (1)\n"
        "जवाब जोड़ने के लिए लिखिए: /jawab और सवाल\n\n"
        "इन जवाबों की जाँच की तारीख़ निकल गई (1); पोर्टल से मिला लीजिए:\n• शुल्क (fees)"
    )
    clock.now = MONDAY + timedelta(days=7)
    await other.look()
    assert len(await told(database)) == 2


async def test_where_nothing_waits_nothing_is_told(database: Database, clock: Clock) -> None:
    await weekly(database, clock, FRESH).look()
    assert await told(database) == []


async def test_where_the_program_did_not_run_on_monday_it_is_told_later(database: Database, clock: Clock) -> None:
    clock.now = MONDAY + timedelta(days=3)
    await weekly(database, clock, OLD).look()
    assert len(await told(database)) == 1
