"""
The words of an announcement: a text with fields, and what each recipient reads.

>>> [fault.key for fault in faults("नमस्ते {nmae}!", None)]
['no-such-field']

Fields are {name}, {workshop.title}, {workshop.starts}, {workshop.venue} and {workshop.last_date}; {name|साथी} says what
stands there for somebody whose name is not known. ``{{`` and ``}}`` are braces. What fills a field is never read for
fields again.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from rapidfuzz import process

from bot.core.talk.message import Option, Reply
from bot.core.talk.notices import option, when
from bot.core.talk.phrases import Phrases
from bot.core.workshops.batch import Batch
from bot.core.workshops.times import say_when

# One message on every platform, with what fills the fields.
MAX_TEXT = 3_500
# The same below a photo: Telegram takes 1,024 there, and a name may take 40.
MAX_CAPTION = 900
MAX_NAME = 40
_FIELD = re.compile(r"\{\{|\}\}|\{([^{}|]*)(?:\|([^{}]*))?\}|[{}]")
_NAME = "name"
# What could turn the line round or break it.
_CONTROL = ("C", "Z")
_WORKSHOP: Mapping[str, Callable[[Batch, str, Phrases], str]] = {
    "workshop.title": lambda batch, _language, _phrases: batch.title,
    "workshop.starts": when,
    "workshop.venue": lambda batch, _language, _phrases: batch.venue,
    "workshop.last_date": lambda batch, language, phrases: say_when(batch.last_date, phrases, language),
}
FIELDS = (_NAME, *_WORKSHOP)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads it: their name, which may be "", and their language."""

    name: str
    language: str


@dataclass(frozen=True, slots=True)
class WordingFault:
    """
    What is wrong with a text.

    Attributes:
        key: of the sentence that says it.
        values: what fills that.
    """

    key: str
    values: Mapping[str, object] = field(default_factory=dict)


class NamelessError(ValueError):
    """The text needs a name that is not known."""


def faults(text: str, batch: Batch | None) -> tuple[WordingFault, ...]:
    """
    What is wrong with a text.

    Args:
        text: as staff wrote it.
        batch: the workshop that it is about.
    """
    if not text.strip():
        return (WordingFault("empty"),)
    found = []
    if len(text) > MAX_TEXT:
        found.append(WordingFault("too-long", {"length": len(text), "limit": MAX_TEXT}))
    for match in _FIELD.finditer(text):
        name = match[1]
        if match[0] in ("{", "}"):
            found.append(WordingFault("brace", {"near": text[max(match.start() - 10, 0) : match.end() + 10].strip()}))
        elif name is not None and name.strip() not in FIELDS:
            near, _, _ = process.extract(name.strip(), FIELDS, limit=1)[0]
            found.append(WordingFault("no-such-field", {"field": name.strip(), "near": near}))
        elif name is not None and name.strip() in _WORKSHOP and batch is None:
            found.append(WordingFault("no-workshop", {"field": name.strip()}))
    return tuple(found)


def needs_name(text: str) -> bool:
    """Whether somebody whose name is not known could not be told."""
    return any((found[1] or "").strip() == _NAME and not found[2] for found in _FIELD.finditer(text))


def render(text: str, reader: Reader, batch: Batch | None, phrases: Phrases, now: datetime) -> Reply:
    """
    What a recipient reads, with a button into the registration where the workshop takes people, and one that stops it.

    Args:
        text: one without faults.
        reader: whom it is for.
        batch: the workshop that it is about, as it is now.
        phrases: for what is filled in.
        now: when it is read.

    Raises:
        NamelessError: it needs a name.
    """

    def fill(found: re.Match[str]) -> str:
        name = (found[1] or "").strip()
        if found[0] in ("{{", "}}"):
            return found[0][0]
        if name in _WORKSHOP and batch is not None:
            return _WORKSHOP[name](batch, reader.language, phrases)
        if name != _NAME:
            return found[0]
        if known := _cleaned(reader.name) or (found[2] or "").strip():
            return known
        raise NamelessError

    options: list[Option] = []
    if batch is not None and batch.takes_registrations(now):
        options.append(option(f"register:{batch.id}", "announce.register", reader.language, phrases))
    options.append(option("news:off", "announce.stop", reader.language, phrases))
    return Reply(_FIELD.sub(fill, text).strip(), tuple(options))


def _cleaned(name: str) -> str:
    """A name as people call themselves, on one line; joiners stay, which Hindi needs."""
    plain = "".join(
        letter if letter in "\u200c\u200d" or unicodedata.category(letter)[0] not in _CONTROL else " "
        for letter in name
    )
    words, kept = plain.split(), ""
    for word in words:
        if len(kept) + len(word) > MAX_NAME:
            break
        kept = f"{kept} {word}".strip()
    return kept
