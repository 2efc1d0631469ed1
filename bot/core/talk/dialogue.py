"""
What is said next: (what the person typed or chose, where the talk stands, the world) -> Turn.

A message is, in this order:

1. the **number** of one of the options that were offered last (१ and 1 alike), which chooses it;
2. a **command**: menu, help, language, in the words that people use for them, with or without "/";
3. a **question** to the FAQ: answered, offered as choices, or refused with the pointer of an aside.

Choosing an option does what the option's id says, whatever was offered since: an old button never answers the current
question. A message with a personal number in it (Aadhaar, PAN, ...) is handled as any other, and the person is told
once that such numbers do not belong here.

Pure: no clock, no I/O, so a talk can be replayed (``tests/talks``).
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from bot.core.answers.faq import Aside, Faq, in_language
from bot.core.answers.fold import fold
from bot.core.answers.matcher import MAX_CHARS, Answer, Choices, Match
from bot.core.answers.render import answer_text
from bot.core.privacy import Secret, mask
from bot.core.talk.message import Option, Reply
from bot.core.talk.phrases import Phrases

MAX_RELATED = 3
LANGUAGES = {"hi": "हिंदी", "en": "English"}
# What must not be typed into a chat. A mobile number or an e-mail address may have to be.
UNSAFE = frozenset({Secret.AADHAAR, Secret.PAN, Secret.CARD, Secret.ACCOUNT, Secret.OTP})

# "2", "२)", "2 nambar", "option 2"; folded, so in either script.
_BESIDE = "|".join(map(fold, ("option", "ऑप्शन", "number", "नंबर", "no", "वाला", "वाली")))
_NUMBER = re.compile(rf"(?:(?:{_BESIDE}) )?(\d{{1,3}})(?: (?:{_BESIDE}))?")
_ORDINALS = {
    fold(f"{word} {noun}".strip()): number
    for number, words in enumerate((("पहला", "पहले"), ("दूसरा", "दूसरे"), ("तीसरा", "तीसरे"), ("चौथा", "चौथे")), 1)
    for word in words
    for noun in ("", "वाला", "वाली", "वाले", "नंबर", "नंबर वाला")
}
_COMMANDS = {
    "menu": ("menu", "मेन्यू", "मेनू", "मैन्यू", "menyu", "main menu", "मुख्य मेन्यू", "विषय सूची", "sab sawal dikhao"),
    "help": ("start", "help", "sahayata", "सहायता", "madad karo", "कैसे चलाएँ", "kaise chalaye"),
    "language": ("language", "bhasha", "भाषा", "bhasa badlo", "भाषा बदलो", "भाषा बदलें", "change language"),
}
_COMMAND_OF = {fold(word): command for command, words in _COMMANDS.items() for word in words}


class Answers(Protocol):
    """Whatever tells which entry a question means; ``Matcher`` does."""

    def match(self, question: str) -> Match:
        """See ``Matcher.match``."""


@dataclass(frozen=True, slots=True)
class World:
    """
    What a talk needs to know of everything outside it.

    Attributes:
        office: whom people can ask where the assistant does not know: name, phone, or both; may be empty.
    """

    faq: Faq
    answers: Answers
    phrases: Phrases
    office: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """
    Where a talk stands.

    Attributes:
        language: what the person reads, a key of ``LANGUAGES``.
        offered: ids of the options offered last, in the order of their numbers.
        warned: whether the person was told about personal numbers.
    """

    language: str = "hi"
    offered: tuple[str, ...] = ()
    warned: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """What one message led to."""

    state: State
    replies: tuple[Reply, ...]


def greet(state: State, world: World) -> Turn:
    """The first words of a talk."""
    return _say(state, Reply(world.phrases.say("talk.greeting", state.language)))


def take(text: str, state: State, world: World) -> Turn:
    """One message that a person typed; any text is taken."""
    text = text[:MAX_CHARS]
    turn = _understand(text, state, world)
    if state.warned or UNSAFE.isdisjoint(mask(text).found):
        return turn
    warning = Reply(world.phrases.say("talk.personal-number", state.language))
    return Turn(replace(turn.state, warned=True), (warning, *turn.replies))


def choose(option: str, state: State, world: World) -> Turn:
    """
    An option that a person chose, now or long ago, by its id.

    What it names may be gone by now; that is said.
    """
    kind, _, what = option.partition(":")
    chosen = _CHOICES.get(kind)
    turn = chosen(what, state, world) if chosen else None
    return turn or _say(state, Reply(world.phrases.say("talk.gone", state.language)))


def _understand(text: str, state: State, world: World) -> Turn:
    folded = fold(text)
    number = _number(folded)
    if number is not None and state.offered:
        return _numbered(number, state, world)
    if not folded and text.strip():
        return Turn(state, (Reply(world.phrases.say("talk.no-words", state.language)),))
    if number is not None or not folded:
        return Turn(state, (Reply(world.phrases.say("talk.empty", state.language)),))
    command = _COMMAND_OF.get(folded)
    return choose(command, state, world) if command else _ask(text, state, world)


def _ask(question: str, state: State, world: World) -> Turn:
    match world.answers.match(question):
        case Answer(id=entry):
            return choose(f"entry:{entry}", state, world)
        case Choices(ids=entries):
            return _offer(entries, state, world)
        case nothing:
            # What was offered still stands: a thank-you or a slip into another matter ends no choice.
            return Turn(state, (_aside(nothing.aside, state, world),)) if nothing.aside else _refuse(state, world)


def _number(folded: str) -> int | None:
    number = _NUMBER.fullmatch(folded)
    return int(number[1]) if number else _ORDINALS.get(folded)


def _aside(aside: Aside, state: State, world: World) -> Reply:
    said = in_language(aside.say, state.language)
    if aside.id == "talk-to-human" and world.office:
        said += "\n" + world.phrases.say("talk.office", state.language, office=world.office)
    return Reply(said)


def _numbered(number: int, state: State, world: World) -> Turn:
    if 1 <= number <= len(state.offered):
        return choose(state.offered[number - 1], state, world)
    last = len(state.offered)
    return Turn(state, (Reply(world.phrases.say("talk.no-such-number", state.language, last=last)),))


def _answer(entry_id: str, state: State, world: World) -> Turn | None:
    entry = world.faq.by_id.get(entry_id)
    if entry is None:
        return None
    answer = Reply(answer_text(entry, world.phrases, state.language))
    related = _entries(entry.related[:MAX_RELATED], state, world)
    if not related:
        return _say(state, answer)
    return _say(state, answer, Reply(world.phrases.say("talk.related", state.language), related))


def _offer(entries: Iterable[str], state: State, world: World) -> Turn:
    none = Option("none", world.phrases.say("talk.none-of-these", state.language))
    options = _entries(entries, state, world)
    text = world.phrases.say("talk.choices" if len(options) > 1 else "talk.one-choice", state.language)
    return _say(state, Reply(text, (*options, none)))


def _none_of_these(_: str, state: State, world: World) -> Turn:
    menu = Option("menu", world.phrases.say("talk.menu-button", state.language))
    return _say(state, Reply(world.phrases.say("talk.say-it-otherwise", state.language), (menu,)))


def _menu(_: str, state: State, world: World) -> Turn:
    categories = tuple(
        Option(f"category:{category.id}", in_language(category.title, state.language))
        for category in world.faq.categories
    )
    return _say(state, Reply(world.phrases.say("talk.menu", state.language), categories))


def _category(category_id: str, state: State, world: World) -> Turn | None:
    category = next((category for category in world.faq.categories if category.id == category_id), None)
    if category is None:
        return None
    entries = _entries((entry.id for entry in world.faq.entries if entry.category == category_id), state, world)
    menu = Option("menu", world.phrases.say("talk.menu-button", state.language))
    return _say(state, Reply(in_language(category.title, state.language), (*entries, menu)))


def _help(_: str, state: State, world: World) -> Turn:
    menu = Option("menu", world.phrases.say("talk.menu-button", state.language))
    return _say(state, Reply(world.phrases.say("talk.help", state.language), (menu,)))


def _language(code: str, state: State, world: World) -> Turn | None:
    if not code:
        options = tuple(Option(f"language:{code}", name) for code, name in LANGUAGES.items())
        return _say(state, Reply(world.phrases.say("talk.which-language", state.language), options))
    if code not in LANGUAGES:
        return None
    return _say(replace(state, language=code), Reply(world.phrases.say("talk.language-set", code)))


# What an option's id can begin with, and what choosing it does; None where what it names is gone.
_CHOICES: dict[str, Callable[[str, State, World], Turn | None]] = {
    "entry": _answer,
    "category": _category,
    "menu": _menu,
    "help": _help,
    "language": _language,
    "none": _none_of_these,
}


def _refuse(state: State, world: World) -> Turn:
    menu = Option("menu", world.phrases.say("talk.menu-button", state.language))
    key = "talk.nothing-office" if world.office else "talk.nothing"
    return _say(state, Reply(world.phrases.say(key, state.language, office=world.office), (menu,)))


def _entries(entries: Iterable[str], state: State, world: World) -> tuple[Option, ...]:
    return tuple(
        Option(f"entry:{entry}", in_language(world.faq.by_id[entry].title, state.language)) for entry in entries
    )


def _say(state: State, *replies: Reply) -> Turn:
    """Replies, after which a number means one of the options of the last."""
    return Turn(replace(state, offered=tuple(option.id for option in replies[-1].options)), replies)
