"""
What the registration form asks: its fields, how they are said, and the check of an answer.

Some fields the program knows (``BUILT_IN``); their texts are phrases under ``form.ID``. Others an office adds in its
configuration, with texts of its own. Functions here hide the difference.

A choice is pressed, or said in words. Words are compared folded, so in either script: a text means an option if it has
the option's title, or one of the wordings of ``form.ID.words.OPTION``, in it, of no other option, and nothing that
turns the meaning round ("bid nahi dali" is no bid).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from bot.core.answers.faq import Text, in_language
from bot.core.answers.fold import fold
from bot.core.talk.phrases import Phrases
from bot.core.workshops.checks import (
    TEXT_CHARS,
    Bad,
    Good,
    check_mobile,
    check_name,
    check_text,
    check_udyam,
    said_mobile,
)

__all__ = [
    "BUILT_IN", "DEFAULT_FIELDS", "Bad", "Choice", "Field", "FieldKind", "Good", "ask", "check", "example", "explain",
    "label", "option_title", "said", "said_mobile", "skips",
]  # fmt: skip


# The wordings of the locales and of the configuration, which are the same each time.
_folded = lru_cache(maxsize=4096)(fold)


class FieldKind(StrEnum):
    """How an answer is checked."""

    TEXT = "text"
    NAME = "name"
    MOBILE = "mobile"
    UDYAM = "udyam"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Choice:
    """An option of a field; ``title`` is empty where it is a phrase."""

    id: str
    title: Text = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Field:
    """
    One question of the form.

    Attributes:
        id: unique; answers are kept under it.
        optional: may be left out.
        label: as it stands in the summary and at the head of a column; this and the texts below are empty where they
            are phrases.
        ask: the question.
        example: "जैसे: ..."; an office may have none.
        options: of a choice, in order.
    """

    id: str
    kind: FieldKind
    optional: bool = False
    label: Text = field(default_factory=dict)
    ask: Text = field(default_factory=dict)
    example: Text = field(default_factory=dict)
    options: tuple[Choice, ...] = ()


DEFAULT_FIELDS = (
    Field("name", FieldKind.NAME),
    Field("mobile", FieldKind.MOBILE),
    Field("enterprise", FieldKind.TEXT),
    Field("products", FieldKind.TEXT),
    Field("place", FieldKind.TEXT),
    Field("udyam", FieldKind.UDYAM, optional=True),
    Field(
        "stage",
        FieldKind.CHOICE,
        options=tuple(map(Choice, ("not-registered", "registered", "products-listed", "bidding"))),
    ),
)
BUILT_IN: Mapping[str, Field] = {each.id: each for each in DEFAULT_FIELDS}

# What turns the meaning of the words beside it round, and what makes a question of them.
_TURNS = frozenset(
    fold("नहीं nahi nhi ni nahin nai ना na मत bina बिना not no never क्या कैसे कब कहाँ kahan क्यों how what when").split()
)
# Yes and no are answers only where they are all that is said.
_ALONE = _TURNS | frozenset(fold("हाँ haan yes").split())
_NOTHING = frozenset({"-", "--", "—", "❌"})
_CHECKS = {
    FieldKind.NAME: check_name,
    FieldKind.MOBILE: check_mobile,
    FieldKind.UDYAM: check_udyam,
    FieldKind.TEXT: check_text,
}


def label(field: Field, phrases: Phrases, language: str) -> str:
    """What the field is called."""
    return in_language(field.label, language) if field.label else phrases.say(f"form.{field.id}.label", language)


def ask(field: Field, phrases: Phrases, language: str) -> str:
    """The question."""
    return in_language(field.ask, language) if field.ask else phrases.say(f"form.{field.id}.ask", language)


def example(field: Field, phrases: Phrases, language: str) -> str:
    """What an answer looks like; "" where that is not told."""
    if field.example:
        return in_language(field.example, language)
    if field.id in BUILT_IN and field.kind is not FieldKind.CHOICE:
        return phrases.say(f"form.{field.id}.example", language)
    return ""


def option_title(field: Field, option: str, phrases: Phrases, language: str) -> str:
    """An option as people read it; its id where the office has taken the option out since."""
    choice = next((each for each in field.options if each.id == option), None)
    if choice is None:
        return option
    return in_language(choice.title, language) if choice.title else phrases.say(f"form.{field.id}.{option}", language)


def said(field: Field, value: str, phrases: Phrases, language: str) -> str:
    """A value that was kept, as people read it."""
    if field.kind is FieldKind.MOBILE:
        return said_mobile(value)
    if field.kind is FieldKind.CHOICE:
        return option_title(field, value, phrases, language)
    return value


def explain(bad: Bad, field: Field, phrases: Phrases, language: str) -> str:
    """Why an answer to a field cannot be used, with an example of one that can."""
    text = phrases.say(f"form.bad.{bad.reason}", language, **bad.values)
    shown = example(field, phrases, language) if field.kind is FieldKind.TEXT else ""
    return f"{text}\n{shown}" if shown else text


def check(field: Field, text: str, phrases: Phrases) -> Good | Bad:
    """
    Whether a text answers a field, and what is kept of it.

    Args:
        field: what was asked.
        text: anything that a person can type.
        phrases: where the wordings of the built-in choices stand.

    Returns:
        A good value that is checked again is good and the same.
    """
    if field.kind is FieldKind.CHOICE:
        return _check_choice(field, text, phrases)
    return _CHECKS[field.kind](text)


def skips(field: Field, text: str, phrases: Phrases) -> bool:
    """Whether a text says that an optional field is to be left out: "नहीं है", "skip", "-"."""
    if not field.optional or len(text) > TEXT_CHARS[-1]:
        return False
    words = {_folded(words) for said in phrases.texts.values() for words in said.get("form.skip-words", "").split("|")}
    return fold(text) in words if fold(text) else text.strip() in _NOTHING


def _check_choice(field: Field, text: str, phrases: Phrases) -> Good | Bad:
    typed = text.strip()
    if any(option.id == typed for option in field.options):
        return Good(typed)
    if len(typed) > TEXT_CHARS[-1]:
        return Bad("choice")
    folded = f" {fold(typed)} "
    found = []
    for option in field.options:
        for wording in _wordings(field, option, phrases):
            if wording == folded:
                return Good(option.id)
            if wording.strip() not in _ALONE:
                found += [(each.start(), each.end(), option.id) for each in re.finditer(re.escape(wording), folded)]
    # "registered" inside "not registered" says nothing of its own.
    longest = [
        (start, end, option)
        for start, end, option in found
        if not any(a <= start and end <= b and end - start < b - a for a, b, _ in found)
    ]
    meant = {option for _, _, option in longest}
    if len(meant) != 1:
        return Bad("choice")
    beside = folded
    for start, end, _ in longest:
        beside = beside[:start] + " " * (end - start) + beside[end:]
    return Good(meant.pop()) if _TURNS.isdisjoint(beside.split()) else Bad("choice")


def _wordings(field: Field, option: Choice, phrases: Phrases) -> frozenset[str]:
    """What an option is called, folded, between spaces."""
    if option.title:
        return _between_spaces(tuple(option.title.values()))
    return _phrased(field.id, option.id, phrases)


@lru_cache(maxsize=64)
def _phrased(field_id: str, option_id: str, phrases: Phrases) -> frozenset[str]:
    texts = []
    for said in phrases.texts.values():
        texts.append(said.get(f"form.{field_id}.{option_id}", ""))
        texts += said.get(f"form.{field_id}.words.{option_id}", "").split("|")
    return _between_spaces(tuple(texts))


@lru_cache(maxsize=256)
def _between_spaces(texts: tuple[str, ...]) -> frozenset[str]:
    return frozenset(f" {folded} " for folded in map(_folded, texts) if folded)
