"""
Who asked in vain is told when there is an answer: once, where they want to hear of the office.

When new answers come into use, the questions that had none are asked again. Where one is answered now that was not
before, or is answered otherwise (it may be kept because the earlier answer did not help), its askers are told, and the
question is not kept any more. The row that goes is the claim: of several processes one tells.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime

from bot.core.answers.matcher import Answer
from bot.core.answers.render import answer_text
from bot.core.talk.message import Option, Reply
from bot.core.talk.state import World
from bot.store.database import Database
from bot.store.outgoing import NOTICES
from bot.store.people import Asker, kept_questions, take_askers
from bot.store.queueing import Outgoing, queue

ANSWERED = "answered"
# As much of a question as reminds somebody of it.
_QUOTED = 120


async def tell_askers(database: Database, before: World, after: World, now: datetime) -> int:
    """
    Tell those whose questions are answered by now.

    Args:
        database: where they are.
        before: what talks knew until now.
        after: what they know from now on.
        now: when.

    Returns:
        How many were told.
    """
    async with database.read() as connection:
        questions = await kept_questions(connection)
    # A matcher needs half a millisecond a question; nobody should wait for that.
    found = await asyncio.to_thread(_newly_answered, questions, before, after)
    told = 0
    for question, entry in found.items():
        async with database.write() as connection:
            askers = await take_askers(connection, question)
            rows = [_notice(asker, questions[question], entry, after) for asker in askers]
            await queue(connection, rows, now)
        told += len(rows)
    return told


def _newly_answered(questions: Mapping[int, str], before: World, after: World) -> dict[int, str]:
    """Question -> the entry that answers it now, and did not say the same before."""
    found = {}
    for number, text in questions.items():
        now = after.answers.match(text)
        if not isinstance(now, Answer):
            continue
        was = before.answers.match(text)
        if isinstance(was, Answer) and was.id == now.id:
            old, new = before.faq.by_id.get(was.id), after.faq.by_id[now.id]
            if old is not None and old.answer == new.answer:
                continue
        found[number] = now.id
    return found


def _notice(asker: Asker, question: str, entry: str, world: World) -> Outgoing:
    say, language = world.phrases.say, asker.language
    quoted = question if len(question) <= _QUOTED else f"{question[:_QUOTED].rsplit(' ', 1)[0]} …"
    answer = answer_text(world.faq.by_id[entry], world.phrases, language, world.today)
    text = f"{say('gaps.answered', language, question=quoted)}\n\n{answer}"
    votes = (
        Option(f"useful:yes:{entry}", say("talk.useful-yes", language)),
        Option(f"useful:no:{entry}", say("talk.useful-no", language)),
    )
    return Outgoing(asker.person, asker.channel, asker.address, Reply(text, votes), ANSWERED, NOTICES)
