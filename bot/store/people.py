"""People and where their talks stand; and which messages were handled before."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.talk.message import Incoming
from bot.core.talk.state import State, plain, state_of
from bot.core.workshops.acts import Keep, Kept
from bot.store.bulk import Bulk, insert
from bot.store.reaching import let_through
from bot.store.tables import askers, consents, dead_letters, people, seen, unanswered

# Channel and address: who somebody is.
Key = tuple[str, str]

# As many questions without an answer are asked again when answers change.
_ASKED_AGAIN = 5_000

_MET = (
    people.c.id, people.c.channel, people.c.address, people.c.language, people.c.news, people.c.talk, people.c.prompted,
    people.c.ticket,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Met:
    """A person whose row is locked, and where their talk stands."""

    id: int
    state: State


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody who asked what had no answer."""

    person: int
    channel: str
    address: str
    language: str


def digest(message: Incoming) -> bytes:
    """16 bytes that stand for a message: WhatsApp's ids hold the phone number."""
    return hashlib.blake2b(f"{message.channel}\0{message.address}\0{message.message}".encode(), digest_size=16).digest()


async def unseen(connection: AsyncConnection, digests: Iterable[bytes], now: datetime) -> set[bytes]:
    """Remember messages; which of them were not remembered before."""
    new = await connection.execute(
        insert(connection.dialect.name, seen).on_conflict_do_nothing().returning(seen.c.message),
        [{"message": each, "at": now} for each in sorted(digests)],
    )
    return set(new.scalars())


async def meet(connection: AsyncConnection, names: Mapping[Key, str], now: datetime, language: str) -> dict[Key, Met]:
    """
    The people of a slice, locked; those who come for the first time are made.

    Args:
        connection: of a writing transaction.
        names: whom; what each is called on their channel.
        now: since when they are known, if they are new.
        language: what newcomers are spoken to in.
    """
    if connection.dialect.name == "sqlite":
        return await _meet(connection, names, now, language, lock=False)
    while True:
        savepoint = await connection.begin_nested()
        met = await _meet(connection, names, now, language, lock=True)
        if len(met) == len(names):
            await savepoint.commit()
            return met
        # Another process erased somebody while this one waited for them; they are somebody new now, and are made before
        # any row is locked, so all that is locked is let go.
        await savepoint.rollback()


async def _meet(
    connection: AsyncConnection, names: Mapping[Key, str], now: datetime, language: str, *, lock: bool
) -> dict[Key, Met]:
    known = await _load(connection, names, lock=False)
    new = sorted(names.keys() - known.keys())
    if new:
        # Before any row is locked: another process may be making the same person, and waiting goes in one direction.
        rows = [
            {
                "channel": channel,
                "address": address,
                "name": names[channel, address],
                "language": language,
                "created": now,
                "heard": now,
            }
            for channel, address in new
        ]
        await connection.execute(insert(connection.dialect.name, people).on_conflict_do_nothing(), rows)
    if lock:
        return await _load(connection, names, lock=True)
    return known | await _load(connection, new, lock=False) if new else known


_REMEMBER = Bulk(
    lambda _: (
        people.update()
        .where(people.c.id == sa.bindparam("person"))
        .values(
            {name: sa.bindparam(name) for name in ("name", "language", "news", "talk", "heard")}
            | {"prompted": sa.null(), "gone": sa.null()}
        )
    )
)


async def remember(connection: AsyncConnection, met: Sequence[Met], names: Sequence[str], now: datetime) -> None:
    """Write down where talks stand now; who writes can be written to again."""
    rows = [
        {
            "person": each.id,
            "name": name,
            "language": each.state.language,
            "news": each.state.news,
            "talk": plain(each.state),
            "heard": now,
        }
        for each, name in zip(met, names, strict=True)
    ]
    await _REMEMBER.execute(connection, rows)
    await let_through(connection, [each.id for each in met], now)


async def persons_at(connection: AsyncConnection, keys: Collection[Key]) -> dict[int, Key]:
    """Those who are known under some channels and addresses, and can be written to: number -> channel and address."""
    if not keys:
        return {}
    known = sa.select(people.c.id, people.c.channel, people.c.address).where(
        sa.tuple_(people.c.channel, people.c.address).in_(sorted(keys)), people.c.gone.is_(None)
    )
    return {row.id: (row.channel, row.address) for row in await connection.execute(known)}


async def agree(connection: AsyncConnection, agreed: Collection[tuple[int, str, str]], now: datetime) -> None:
    """Write consents down: (person, version of the notice, channel)."""
    rows = [{"person": person, "notice": notice, "channel": channel, "at": now} for person, notice, channel in agreed]
    await connection.execute(consents.insert(), rows)


async def kept_of(connection: AsyncConnection, persons: Collection[int]) -> dict[int, Kept]:
    """Since when people are known, and what they agreed to."""
    since = await connection.execute(sa.select(people.c.id, people.c.created).where(people.c.id.in_(persons)))
    agreed = await connection.execute(
        sa.select(consents.c.person, consents.c.notice, consents.c.at)
        .where(consents.c.person.in_(persons))
        .order_by(consents.c.id)
    )
    theirs: dict[int, list[tuple[str, datetime]]] = {person: [] for person in persons}
    for person, notice, at in agreed:
        theirs[person].append((notice, at))
    return {person: Kept(created, tuple(theirs[person])) for person, created in since}


def _keep(dialect: str) -> sa.Insert:
    statement = insert(dialect, unanswered)
    added = {"count": unanswered.c.count + statement.excluded.count, "last": statement.excluded.last}
    return statement.on_conflict_do_update(index_elements=[unanswered.c.folded], set_=added)


_KEEP = Bulk(_keep, ("folded", "text", "count", "first", "last"))
_ASKED = Bulk(lambda dialect: insert(dialect, askers).on_conflict_do_nothing(), ("person", "question"))


async def keep_questions(connection: AsyncConnection, asked: Iterable[tuple[int, Keep]], now: datetime) -> None:
    """Keep questions that found nothing, each once, with how often it came and who asked: (person, question)."""
    rows: dict[str, dict[str, Any]] = {}
    who: dict[str, set[int]] = {}
    for person, question in sorted(asked, key=lambda each: each[1].folded):
        row = rows.setdefault(
            question.folded,
            {"folded": question.folded, "text": question.text, "count": 0, "first": now, "last": now},
        )
        row["count"] += 1
        who.setdefault(question.folded, set()).add(person)
    await _KEEP.execute(connection, rows.values())
    kept = await connection.execute(
        sa.select(unanswered.c.id, unanswered.c.folded).where(unanswered.c.folded.in_(sorted(rows)))
    )
    theirs = [{"person": person, "question": number} for number, folded in kept for person in sorted(who[folded])]
    await _ASKED.execute(connection, theirs)


async def unanswered_questions(connection: AsyncConnection, since: datetime) -> list[tuple[str, int, datetime]]:
    """Questions that found nothing since a moment: text, how often it came, when last; the most frequent first."""
    statement = (
        sa.select(unanswered.c.text, unanswered.c.count, unanswered.c.last)
        .where(unanswered.c.last >= since)
        .order_by(unanswered.c.count.desc(), unanswered.c.last.desc())
    )
    return [(text, count, last) for text, count, last in await connection.execute(statement)]


async def kept_questions(connection: AsyncConnection) -> dict[int, str]:
    """The questions that had no answer, the newest first: number -> text."""
    rows = await connection.execute(
        sa.select(unanswered.c.id, unanswered.c.text).order_by(unanswered.c.last.desc()).limit(_ASKED_AGAIN)
    )
    return {row.id: row.text for row in rows}


async def take_askers(connection: AsyncConnection, question: int) -> list[Asker]:
    """
    Who asked a question and wants to hear of the office; the question is not kept any more.

    Args:
        connection: of a writing transaction.
        question: its number; where it is gone, another process has told its askers.
    """
    theirs = await connection.execute(
        sa.select(people.c.id, people.c.channel, people.c.address, people.c.language)
        .join(askers, askers.c.person == people.c.id)
        .where(askers.c.question == question, people.c.gone.is_(None), people.c.news.is_not(sa.false()))
        .order_by(people.c.id)
    )
    found = [Asker(*row) for row in theirs]
    taken = await connection.execute(sa.delete(unanswered).where(unanswered.c.id == question))
    return found if taken.rowcount else []


async def bury(connection: AsyncConnection, message: Incoming, text: str, trouble: str, now: datetime) -> None:
    """Keep a message that cannot be handled; ``text`` is masked."""
    row = {"channel": message.channel, "message": digest(message), "text": text, "press": message.press}
    await connection.execute(dead_letters.insert(), row | {"trouble": trouble, "at": now})


async def _load(connection: AsyncConnection, keys: Iterable[Key], *, lock: bool) -> dict[Key, Met]:
    by_channel: dict[str, list[str]] = {}
    for channel, address in keys:
        by_channel.setdefault(channel, []).append(address)
    which = sa.or_(
        *(
            sa.and_(people.c.channel == channel, people.c.address.in_(addresses))
            for channel, addresses in by_channel.items()
        )
    )
    statement = sa.select(*_MET).where(which)
    if lock:
        # Their ids stay: who only queues something for them must not wait for this, perhaps with their batch locked.
        statement = statement.order_by(people.c.id).with_for_update(key_share=True)
    return {
        (channel, address): Met(person, _state(talk, language, news, prompted, ticket))
        for person, channel, address, language, news, talk, prompted, ticket in await connection.execute(statement)
    }


def _state(
    talk: dict[str, Any],
    language: str,
    news: bool | None,  # noqa: FBT001 - as stored
    prompted: list[str] | None,
    ticket: int | None,
) -> State:
    state = state_of(talk, language, news)
    if ticket is not None:
        state = replace(state, ticket=ticket)
    # What the office asked since is what a typed number or a yes answers now.
    return replace(state, offered=tuple(prompted)) if prompted else state
