"""
To whom an announcement goes, as staff write it.

>>> str(parse("channel:telegram place:सहजनवां -registered:3"))
'channel:telegram place:सहजनवां -registered:3'

Words of one kind are alternatives, words of different kinds must all be true, and what begins with "-" is taken away.
Without a word that is not taken away, it is everybody who wants announcements. In a place, "_" stands for a space.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.core.talk.phrases import Phrases
from bot.core.workshops.fields import BUILT_IN

_MAX_WORDS = 30
_MAX_VALUE = 80
_STAGES = tuple(choice.id for choice in BUILT_IN["stage"].options)


class Kind(StrEnum):
    """What a word says of people."""

    ALL = "all"
    REGISTERED = "registered"  # has a seat
    WAITING = "waiting"
    ATTENDED = "attended"
    NOWHERE = "unregistered"  # has no seat and does not wait
    PLACE = "place"
    STAGE = "stage"
    CHANNEL = "channel"


_IN_A_BATCH = (Kind.REGISTERED, Kind.WAITING, Kind.ATTENDED)
_SAID: Mapping[str, Kind] = {
    "सब": Kind.ALL,
    "सभी": Kind.ALL,
    "नामांकित": Kind.REGISTERED,
    "सीट": Kind.REGISTERED,
    "प्रतीक्षा": Kind.WAITING,
    "आए": Kind.ATTENDED,
    "बिना-नाम": Kind.NOWHERE,
    "जगह": Kind.PLACE,
    "ब्लॉक": Kind.PLACE,
    "चरण": Kind.STAGE,
    "चैनल": Kind.CHANNEL,
} | {kind.value: kind for kind in Kind}


@dataclass(frozen=True, slots=True)
class Term:
    """One word; ``value`` is a batch's number, a place, a stage or a channel, or "" for any."""

    kind: Kind
    value: str = ""

    def __str__(self) -> str:
        """As staff write it."""
        return f"{self.kind}:{self.value.replace(' ', '_')}" if self.value else self.kind.value


@dataclass(frozen=True, slots=True)
class Segment:
    """Those for whom all kinds of ``of`` are true, without those for whom one of ``but`` is."""

    of: tuple[Term, ...] = ()
    but: tuple[Term, ...] = ()

    def __str__(self) -> str:
        """As staff write it; ``parse`` reads it."""
        words = [*map(str, self.of), *(f"-{term}" for term in self.but)]
        return " ".join(words) or Kind.ALL.value

    def kinds(self) -> Mapping[Kind, tuple[str, ...]]:
        """Kind -> its alternatives, of those it consists of."""
        return {kind: tuple(term.value for term in self.of if term.kind is kind) for kind in _kinds(self.of)}

    @property
    def names_a_batch(self) -> bool:
        """Whether it is of people whom the office has to tell of a workshop of theirs."""
        return any(term.kind in _IN_A_BATCH for term in self.of)


class BadSegmentError(ValueError):
    """A word is not understood: ``word``."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


def parse(text: str) -> Segment:
    """
    Read what staff wrote.

    Raises:
        BadSegmentError: a word is none.
    """
    words = text.split()
    if len(words) > _MAX_WORDS:
        raise BadSegmentError(words[_MAX_WORDS])
    of, but = [], []
    for word in words:
        term = _term(word.removeprefix("-"), word)
        if word.startswith("-"):
            but.append(term)
        elif term.kind is not Kind.ALL:
            of.append(term)
    return Segment(tuple(dict.fromkeys(of)), tuple(dict.fromkeys(but)))


def say(segment: Segment, language: str, phrases: Phrases) -> str:
    """The same in a sentence."""

    def each(term: Term) -> str:
        any_batch = "-any" if term.kind in _IN_A_BATCH and not term.value else ""
        value = phrases.say(f"form.stage.{term.value}", language) if term.kind is Kind.STAGE else term.value
        return phrases.say(f"announce.audience.{term.kind}{any_batch}", language, value=value)

    either, but = (phrases.say(f"announce.audience.{key}", language) for key in ("or", "but"))
    groups = [either.join(each(term) for term in segment.of if term.kind is kind) for kind in _kinds(segment.of)] or [
        phrases.say("announce.audience.all", language)
    ]
    said = phrases.say("announce.audience.and", language).join(groups)
    return said + but + ", ".join(map(each, segment.but)) if segment.but else said


def _kinds(terms: Collection[Term]) -> list[Kind]:
    return list(dict.fromkeys(term.kind for term in terms))


def _term(plain: str, word: str) -> Term:
    name, _, value = plain.partition(":")
    kind = _SAID.get(name.casefold())
    value = " ".join(value.replace("_", " ").split())
    if kind is None or len(value) > _MAX_VALUE:
        raise BadSegmentError(word)
    if kind in (Kind.ALL, Kind.NOWHERE):
        fits = not value
    elif kind in _IN_A_BATCH:
        fits = not value or re.fullmatch(r"[1-9][0-9]{0,8}", value) is not None
    else:
        fits = value in _STAGES if kind is Kind.STAGE else bool(value)
    if not fits:
        raise BadSegmentError(word)
    return Term(kind, value)
