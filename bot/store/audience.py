"""Who belongs to a segment: a condition on ``people``, and what there is to know of them before they are told."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.announcements.audience import Kind, Segment, Term
from bot.core.answers.fold import fold
from bot.core.workshops.batch import HAD_SEAT, HOLDS_SEAT, LIVE, Status
from bot.store.tables import outbox, people, registrations

# A condition on ``people``.
Who = sa.ColumnElement[bool]

# Not the column itself: SQLite would go by its index, and look through everybody of a channel for each slice of them.
CHANNEL: sa.ColumnElement[str] = people.c.channel.concat("")

_DAY = timedelta(hours=24)
# Examples are looked for among the first so many of a channel.
_AMONG = 50
_THEIRS = registrations.c.person == people.c.id
# Where they are from and how far they have come they say in a form; what they confirmed there is kept with the talk.
_PLACE: sa.ColumnElement[str] = people.c.talk["profile"]["place"].as_string()
_STAGE: sa.ColumnElement[str] = people.c.talk["profile"]["stage"].as_string()


@dataclass(frozen=True, slots=True)
class Crowd:
    """
    People of one channel.

    Attributes:
        count: all of them.
        lately: those who have written within a day.
        nameless: those whose name is not known.
    """

    count: int
    lately: int
    nameless: int


@dataclass(frozen=True, slots=True)
class Someone:
    """One of them, as an example."""

    channel: str
    name: str
    language: str


async def condition(connection: AsyncConnection, segment: Segment) -> Who:
    """
    Who of ``people`` belongs to a segment: of those who want announcements and can be reached.

    Where it names workshops, also those who never said whether they want any.
    """
    wants = people.c.news.is_not(sa.false()) if segment.names_a_batch else people.c.news.is_(sa.true())
    found: list[Who] = [wants, people.c.gone.is_(None)]
    places = await _places(connection, [*segment.of, *segment.but])
    for kind, values in segment.kinds().items():
        found.append(sa.or_(*(_of(kind, value, places) for value in values)))
    # Who has told no place is in none, so is not taken away with it.
    found += [~sa.func.coalesce(_of(term.kind, term.value, places), sa.false()) for term in segment.but]
    return sa.and_(*found)


async def crowds(connection: AsyncConnection, who: Who, channels: Collection[str], now: datetime) -> dict[str, Crowd]:
    """Channel -> who of a segment is there."""
    statement = (
        sa.select(
            people.c.channel,
            sa.func.count(),
            sa.func.count(sa.case((people.c.heard > now - _DAY, 1))),
            sa.func.count(sa.case((people.c.name == "", 1))),
        )
        .where(who, people.c.channel.in_(sorted(channels)))
        .group_by(people.c.channel)
        .order_by(people.c.channel)
    )
    return {channel: Crowd(*numbers) for channel, *numbers in await connection.execute(statement)}


async def examples(connection: AsyncConnection, who: Who, channels: Collection[str], count: int) -> list[Someone]:
    """Some of a segment, none called as another, the first of each channel before the second of any."""
    found: list[tuple[int, Someone]] = []
    for channel in sorted(channels):
        some = sa.select(people.c.channel, people.c.name, people.c.language).where(who, people.c.channel == channel)
        rows = await connection.execute(some.order_by(people.c.id).limit(_AMONG))
        found += enumerate(Someone(*row) for row in rows)
    by_name: dict[str, Someone] = {}
    for _, each in sorted(found, key=lambda pair: pair[0]):
        by_name.setdefault(each.name, each)
    return list(by_name.values())[:count]


async def had_it(connection: AsyncConnection, who: Who, announcements: Sequence[int]) -> int:
    """How many of a segment are recipients of one of these announcements."""
    told = sa.exists().where(outbox.c.person == people.c.id, outbox.c.announcement.in_(announcements))
    return int(await connection.scalar(sa.select(sa.func.count()).select_from(people).where(who, told)) or 0)


async def _places(connection: AsyncConnection, terms: Sequence[Term]) -> Mapping[str, list[str]]:
    """Place as staff write it -> the spellings in which people have told it."""
    wanted = {term.value: fold(term.value) for term in terms if term.kind is Kind.PLACE}
    if not wanted:
        return {}
    told = (await connection.execute(sa.select(_PLACE).where(_PLACE.is_not(None)).distinct())).scalars()
    by_sound: dict[str, list[str]] = {}
    for place in told:
        by_sound.setdefault(fold(place), []).append(place)
    return {value: by_sound.get(sound, []) for value, sound in wanted.items()}


def _of(kind: Kind, value: str, places: Mapping[str, list[str]]) -> Who:  # noqa: PLR0911 - a table
    in_batch = [registrations.c.batch == int(value)] if value.isdecimal() else []
    match kind:
        case Kind.ALL:
            return sa.true()
        case Kind.REGISTERED:
            # A batch that is over still has those who had a seat in it.
            seated = registrations.c.status.in_(sorted(HOLDS_SEAT | HAD_SEAT if in_batch else HOLDS_SEAT))
            return sa.exists().where(_THEIRS, seated, *in_batch)
        case Kind.WAITING:
            return sa.exists().where(_THEIRS, registrations.c.status == Status.WAITING, *in_batch)
        case Kind.ATTENDED:
            return sa.exists().where(_THEIRS, registrations.c.attended.is_not(None), *in_batch)
        case Kind.NOWHERE:
            return ~sa.exists().where(_THEIRS, registrations.c.status.in_(sorted(LIVE)))
        case Kind.PLACE:
            return _PLACE.in_(places[value])
        case Kind.STAGE:
            return _STAGE.in_([value])
        case Kind.CHANNEL:
            return CHANNEL.in_([value])
