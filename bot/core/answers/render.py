"""An entry as a person reads it: the answer, then where it comes from and when that was checked."""

from datetime import date

from bot.core.answers.faq import Entry, in_language
from bot.core.talk.phrases import Phrases


def answer_text(entry: Entry, phrases: Phrases, language: str, today: date | None = None) -> str:
    """
    The answer and, below an empty line, its source link and date; what of them the entry has.

    Where its facts should have been looked at again by ``today``, it says that people should compare it.
    """
    proof = []
    if entry.sources:
        proof.append(phrases.say("answer.source", language, url=entry.sources[0].url))
    if today is not None and entry.review_by is not None and entry.review_by < today:
        dated = entry.checked_on.said if entry.checked_on else {"hi": entry.review_by.strftime("%d-%m-%Y")}
        proof.append(phrases.say("answer.stale", language, date=in_language(dated, language)))
    elif entry.checked_on:
        proof.append(phrases.say("answer.checked-on", language, date=in_language(entry.checked_on.said, language)))
    answer = in_language(entry.answer, language).strip()
    return answer + "".join(f"\n{line}" for line in ("", *proof)) if proof else answer
