"""
A reply as a channel can carry it: long texts in parts, choices as buttons, as a list, or as numbers.

What a channel can carry is data (``Limits``). A text that is too long is cut at the end of a paragraph, else of a
sentence, else between words, and never inside a cluster: what people see as one letter, such as "क्षि" or a family of
emoji. Choices stand under the last part: as buttons where all fit, else as a list where all fit, else as numbers in the
text, which ``dialogue`` understands. A title that is too long for its button is cut between clusters.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import regex

from bot.core.talk.message import Document, Option, Reply

_ELLIPSIS = "…"
_VIRAMA = "\u094d"
_CLUSTER = regex.compile(r"\X")
_SENTENCE = re.compile(r"(?<=[।॥.?!])\s+")
# What is longer is no letter but mischief, and may be cut.
_LONGEST_CLUSTER = 100
# A cut that leaves less than this share of a part unused is good enough.
_WORTH = 0.5


class Layout(StrEnum):
    """How choices are shown."""

    NONE = "none"
    BUTTONS = "buttons"
    LIST = "list"
    NUMBERS = "numbers"  # they stand in the text


@dataclass(frozen=True, slots=True)
class Limits:
    """
    What a channel can carry.

    Attributes:
        text: length of a message.
        choice_text: length of a message that has choices.
        buttons: as many buttons as fit under a message; 0 for none.
        button_title: length of a button's title.
        rows: as many rows as fit into a list; 0 for none.
        row_title: length of a row's title.
        utf16: whether lengths are counted in UTF-16 units (Telegram) rather than characters.
    """

    text: int
    choice_text: int
    buttons: int
    button_title: int
    rows: int = 0
    row_title: int = 0
    utf16: bool = False

    def length(self, text: str) -> int:
        """The length of a text as the channel counts it."""
        # Half of a character counts as one, as it does where it stands.
        return len(text.encode("utf-16-le", "surrogatepass")) // 2 if self.utf16 else len(text)


@dataclass(frozen=True, slots=True)
class Part:
    """One message as it goes out; ``options`` have titles that fit."""

    text: str
    layout: Layout = Layout.NONE
    options: tuple[Option, ...] = ()
    document: Document | None = None


def shape(reply: Reply, limits: Limits) -> tuple[Part, ...]:
    """The messages that carry a reply; the choices and the document go with the last."""
    layout = _layout(reply.options, limits)
    text = reply.text
    if layout is Layout.NUMBERS:
        text = "\n".join([text, *(f"{number}. {option.title}" for number, option in enumerate(reply.options, 1))])
    most = limits.choice_text if layout in (Layout.BUTTONS, Layout.LIST) else limits.text
    *before, last = split(text, limits, limits.text, most)
    title = {Layout.BUTTONS: limits.button_title, Layout.LIST: limits.row_title}.get(layout, 0)
    options = tuple(Option(option.id, cut(option.title, title, limits)) for option in reply.options) if title else ()
    return (*map(Part, before), Part(last, layout, options, reply.document))


def cut(title: str, most: int, limits: Limits) -> str:
    """A title of at most ``most``, cut between clusters."""
    if limits.length(title) <= most:
        return title
    return _fitting(clusters(title), limits, most - limits.length(_ELLIPSIS)).rstrip() + _ELLIPSIS


def split(text: str, limits: Limits, most: int, last: int) -> list[str]:
    """Parts of at most ``most`` each, the last of at most ``last``."""
    parts = []
    # Looked at once, however many parts there are.
    left = limits.length(text)
    at = 0
    while left > last:
        room = most if left > most else last
        # A letter has a unit at least, so the next part lies within so many.
        part = _first(text[at : at + room + _LONGEST_CLUSTER], limits, room)
        parts.append(part.rstrip())
        gone = at + len(part)
        while gone < len(text) and text[gone].isspace():
            gone += 1
        left -= limits.length(text[at:gone])
        at = gone
    return [*parts, text[at:]]


def brief(text: str, most: int) -> str:
    """The beginning of a text, at most so many characters long and never cut inside a cluster."""
    return cut(text, most, Limits(most, most, 0, 0))


def clusters(text: str) -> Iterator[str]:
    """What people see as letters; a conjunct ("क्ष") is one, which Unicode's own rule cuts after the virama."""
    held = ""
    for found in _CLUSTER.finditer(text):
        held += found[0]
        if not held.rstrip("\u200c\u200d").endswith(_VIRAMA):
            yield held
            held = ""
    if held:
        yield held


def _layout(options: tuple[Option, ...], limits: Limits) -> Layout:
    if not options:
        return Layout.NONE
    longest = max(limits.length(option.title) for option in options)
    if len(options) <= limits.buttons and (longest <= limits.button_title or not limits.rows):
        return Layout.BUTTONS
    if len(options) <= limits.rows:
        return Layout.LIST
    return Layout.BUTTONS if len(options) <= limits.buttons else Layout.NUMBERS


def _first(text: str, limits: Limits, most: int) -> str:
    """As much of the beginning as fits, cut where it hurts least."""
    # Where one letter is too long for a message, it is none.
    fits = _fitting(clusters(text), limits, most) or _fitting(text, limits, most) or text[:1]
    ends = (fits.rfind("\n\n"), fits.rfind("\n"), _last_sentence(fits), fits.rfind(" "))
    return next((fits[:end] for end in ends if end > len(fits) * _WORTH), fits)


def _fitting(pieces: Iterable[str], limits: Limits, most: int) -> str:
    """As many of the first pieces as fit."""
    fits, length = [], 0
    for piece in pieces:
        length += limits.length(piece)
        if length > most:
            break
        fits.append(piece)
    return "".join(fits)


def _last_sentence(text: str) -> int:
    return max((found.start() for found in _SENTENCE.finditer(text)), default=-1)
