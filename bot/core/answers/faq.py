"""What the office approved: entries, the words that mean the same, what must not be answered and what can be done."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property

# Language code -> text. Hindi ("hi") is always there.
Text = Mapping[str, str]

# Rendered length of an answer with source and date: what fits a phone's screen, and far under every channel's limit.
MAX_ANSWER_CHARS = 900


def in_language(text: Text, language: str) -> str:
    """The text in a language, or in Hindi where that language has none."""
    return text.get(language) or text["hi"]


@dataclass(frozen=True, slots=True)
class Source:
    """A public page that supports an answer."""

    url: str
    title: str


@dataclass(frozen=True, slots=True)
class Dated:
    """
    A day, month or year, as exactly as it is known.

    Attributes:
        iso: ``2024-07-10``, ``2024-07`` or ``2024``.
        said: language -> as people write it, e.g. "10 जुलाई 2024".
    """

    iso: str
    said: Text


class Confidence(StrEnum):
    """How sure the office is of an answer."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Does(StrEnum):
    """What a person can have done; the talk knows how."""

    WORKSHOP = "workshop"
    MY_PLACE = "my-place"
    LEAVE_WORKSHOP = "leave-workshop"
    MOVE_WORKSHOP = "move-workshop"
    SHOW_DATA = "show-data"
    CORRECT_DATA = "correct-data"
    ERASE_DATA = "erase-data"
    STOP_NEWS = "stop-news"
    START_NEWS = "start-news"


@dataclass(frozen=True, slots=True)
class Category:
    """A file of the FAQ, a heading of the menu."""

    id: str
    title: Text


@dataclass(frozen=True, slots=True)
class Entry:
    """
    One answer and the ways in which people ask for it.

    Attributes:
        id: unique, stable, of Latin letters, digits and ``-_.``: registrations, statistics and buttons refer to it.
        questions: phrasings, as people type them, in either script.
        checked_on: when the facts were last known to be right.
        review_by: from this day on the answer counts as stale.
        related: ids of entries that a person would ask for next, or mix this one up with.
        does: what is offered along with the answer, or in its place.
    """

    id: str
    category: str
    title: Text
    answer: Text
    questions: tuple[str, ...]
    sources: tuple[Source, ...] = ()
    checked_on: Dated | None = None
    review_by: date | None = None
    confidence: Confidence | None = None
    related: tuple[str, ...] = ()
    does: Does | None = None


class Kind(StrEnum):
    """Why a message is none of the FAQ's: it asks about something else, or asks to have something done."""

    OTHER_SERVICE = "other-service"
    OFF_TOPIC = "off-topic"
    SMALL_TALK = "small-talk"
    REQUEST = "request"


@dataclass(frozen=True, slots=True)
class Aside:
    """
    A group of messages that the FAQ must not answer, with what may be said or done instead.

    Attributes:
        say: one sentence; of a request it may be empty.
        examples: messages of this kind, as people type them.
        does: what a request asks for; None of all other kinds.
    """

    id: str
    kind: Kind
    say: Text
    examples: tuple[str, ...]
    does: Does | None = None


@dataclass(frozen=True)
class Faq:
    """
    All that answers are made from; the matcher's only input.

    Attributes:
        lexicon: group id -> words and short phrases that mean the same.
        asides: what is not answered but said or done; may be empty.
    """

    categories: tuple[Category, ...]
    entries: tuple[Entry, ...]
    lexicon: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    asides: tuple[Aside, ...] = ()

    @cached_property
    def by_id(self) -> Mapping[str, Entry]:
        """Entry id -> entry."""
        return {entry.id: entry for entry in self.entries}
