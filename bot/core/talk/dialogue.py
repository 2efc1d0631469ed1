"""
What is said next: (what the person typed or chose, where the talk stands, the world) -> Turn.

A message is, in this order:

1. the **number** of one of the options that were offered last (१ and 1 alike), which chooses it;
2. a **command**: menu, help, cancel, ... in the words that people use for them, with or without "/";
3. an **answer** to what an open form asks, if it can be one and does not read like a question or a request;
4. "yes" or "no", or the **code** of a workshop's day;
5. a **request** ("write my name down for the workshop", "erase my data"), in any wording: the matcher knows them;
6. a **question** to the FAQ: answered, offered as choices, or refused with the pointer of an aside.

Choosing an option does what the option's id says, whatever was offered since: an old button never answers the current
question. After whatever interrupted a form, the form asks its question again. A message with a personal number in it
(Aadhaar, PAN, ...) is handled as any other, and the person is told once that such numbers do not belong here.

What touches batches and registrations is not decided here: a turn names it as an act (``core/workshops/acts.py``); the
outcome comes back to ``after``, whose turn names no further act. A typed "yes" after "did the answer help?" may rather
mean what the office asked in between ("are you coming?"): then that is asked again.

Pure: no clock, no I/O, so a talk can be replayed (``tests/talks``).
"""

import re
from collections.abc import Callable
from dataclasses import replace

from bot.core.answers.faq import Aside, in_language
from bot.core.answers.fold import fold
from bot.core.answers.matcher import MAX_CHARS, Answer, Choices, Match, Nothing
from bot.core.privacy import Secret, mask
from bot.core.talk import answering, registering, telling
from bot.core.talk.looking import looked
from bot.core.talk.message import Incoming, Kind, Option, Reply
from bot.core.talk.registering import ask_again
from bot.core.talk.sharing import shared
from bot.core.talk.state import CONSENT, LANGUAGES, State, Turn, World, say
from bot.core.talk.words import COMMANDS, QUESTION, chosen_number, is_sentence, yes_or_no
from bot.core.workshops.acts import (
    Accept,
    Act,
    Attend,
    Begin,
    Confirm,
    Correct,
    Decline,
    Effect,
    Erase,
    Keep,
    Leave,
    Look,
    MayRegister,
    MobileTaken,
    Move,
    NothingThere,
    Outcome,
    Rate,
    Register,
    Remark,
    Say,
    Seen,
    ShowData,
)  # fmt: skip
from bot.core.workshops.fields import FieldKind

# From so many words on, what is typed for a name may be a question.
LONG_NAME = 3
# As much of a question as staff need to see.
MAX_KEPT = 300
MAX_REMARK = 500
MAX_ID_DIGITS = 9
# What must not be typed into a chat. A mobile number or an e-mail address may have to be.
UNSAFE = frozenset({Secret.AADHAAR, Secret.PAN, Secret.CARD, Secret.ACCOUNT, Secret.OTP})
_LINK = re.compile(r"/start +(\S+)", re.IGNORECASE)
_CODE = re.compile(r"(?:(?:{0}) )?(\d{{4}})(?: (?:{0}))?".format("|".join(map(fold, ("code", "कोड")))))


def decide(incoming: Incoming, state: State, world: World) -> Turn:
    """One message or press; any text and any id is taken."""
    if incoming.mobile and incoming.mobile != state.own_mobile:
        state = replace(state, own_mobile=incoming.mobile)
    if incoming.press:
        turn = choose(incoming.press, state, world)
    elif incoming.kind is Kind.TEXT:
        turn = take(incoming.text, state, world)
    else:
        turn = shared(incoming, state, world)
    # A line of feedback comes next after the stars, or not at all.
    return replace(turn, state=replace(turn.state, remark=0)) if turn.state.remark else turn


def after(act: Act, outcome: Outcome, state: State, world: World) -> Turn:
    """What is said once an act of a turn is settled."""
    if isinstance(outcome, MayRegister | MobileTaken):
        return telling.tell(outcome, state, world)  # which speaks of the form itself
    if isinstance(act, Register | Correct):
        state = telling.sent(state)
    if isinstance(act, Begin) and state.form is not None and state.form.step == CONSENT:
        state = replace(state, form=None)
    if isinstance(act, Rate | Remark | Confirm) and isinstance(outcome, NothingThere) and outcome.batch is not None:
        return ask_again(telling.not_theirs(act, outcome.batch, state, world), world)
    if isinstance(act, Look) and isinstance(outcome, Seen):
        # After "yes" and "no" with nothing weightier to answer, what was offered last is meant.
        turn = looked(act, outcome, state, world)
        return turn or choose(yes_or_no(fold(act.why), state.offered), state, world)
    return ask_again(telling.tell(outcome, state, world), world)


def greet(state: State, world: World) -> Turn:
    """The first words of a talk."""
    return say(state, Reply(world.phrases.say("talk.greeting", state.language)))


def take(text: str, state: State, world: World) -> Turn:
    """One message that a person typed; any text is taken."""
    text = text[:MAX_CHARS]
    masked = mask(text)
    turn = _understand(text, masked.text, state, world)
    if state.warned or UNSAFE.isdisjoint(masked.found):
        return turn
    turn = replace(turn, state=replace(turn.state, warned=True))
    refused = state.form is not None and turn.state.form is not None and turn.state.form.bad > state.form.bad
    if refused and registering.asks(state, world) not in (None, FieldKind.CHOICE):
        return turn  # the form has said it
    warning = Reply(world.phrases.say("talk.personal-number", state.language))
    return replace(turn, replies=(warning, *turn.replies))


def choose(option: str, state: State, world: World) -> Turn:
    """
    An option that a person chose, now or long ago, by its id.

    What it names may be gone by now; that is said.
    """
    kind, _, what = option.partition(":")
    chosen = _CHOICES.get(kind)
    turn = chosen(what, state, world) if chosen else None
    return turn or ask_again(_plain("talk.gone", state, world), world)


def _understand(text: str, masked: str, state: State, world: World) -> Turn:  # noqa: PLR0911 - the module's order
    folded = fold(text)
    number = chosen_number(folded)
    if number is not None and state.offered:
        return _numbered(number, state, world)
    if command := _command(text, folded):
        return choose(command, state, world)
    if state.form is not None:
        return _in_form(text, masked, state, world)
    remark = Turn(state, (), (Remark(state.remark, masked[:MAX_REMARK]),)) if state.remark else None
    if not folded and text.strip():
        return remark or Turn(state, (Reply(world.phrases.say("talk.no-words", state.language)),))
    if number is not None or not folded:
        return Turn(state, (Reply(world.phrases.say("talk.empty", state.language)),))
    if code := _CODE.fullmatch(folded):
        return Turn(state, (), (Attend(code[1]),))
    if said := yes_or_no(folded, state.offered):
        if said.startswith(("useful:", "none")):
            return Turn(state, (), (Look(why="no" if said.startswith(("useful:no:", "none")) else "yes"),))
        return choose(said, state, world)
    match = world.answers.match(text)
    if remark and not isinstance(match, Answer) and not _does(match) and not _asks(text, folded):
        return remark
    return _reply(masked[:MAX_KEPT], match, state, world)


def _command(text: str, folded: str) -> str | None:
    """The id of the option that a command stands for; a link's "/start workshop-3" too."""
    if link := _LINK.fullmatch(text.strip()):
        kind, _, what = link[1].partition("-")
        return {"workshop": f"batch:{what}", "q": f"entry:{what}"}.get(kind, "start")
    return COMMANDS.get(folded)


def _in_form(text: str, masked: str, state: State, world: World) -> Turn:
    """An answer to what the form asks; or a question, after which the form asks again."""
    folded = fold(text)
    asks = registering.asks(state, world)
    answered = registering.answer(text, state, world)
    if isinstance(answered, Turn) and asks in (FieldKind.MOBILE, FieldKind.UDYAM):
        return answered
    looks_like_one = _asks(text, folded)
    if isinstance(answered, Turn) and asks is FieldKind.CHOICE and not looks_like_one:
        return answered
    if (said := yes_or_no(folded, state.offered)) in state.offered:
        return choose(said, state, world)
    if asks is None and (pressed := registering.at_summary(folded, state)):
        return choose(pressed, state, world)
    if folded and (is_sentence(folded) or looks_like_one or not isinstance(answered, Turn)):
        match = world.answers.match(text)
        asked = isinstance(match, Answer) and (asks is not FieldKind.TEXT or looks_like_one)
        asked = asked and (asks is not FieldKind.NAME or len(folded.split()) >= LONG_NAME)
        if asked or _does(match) or (looks_like_one and (isinstance(match, Choices) or _aside_of(match))):
            return _reply(masked[:MAX_KEPT], match, state, world)
    return answered if isinstance(answered, Turn) else registering.refuse(answered, state, world)


def _asks(text: str, folded: str) -> bool:
    return "?" in text or QUESTION.search(folded) is not None


def _reply(masked: str, match: Match, state: State, world: World) -> Turn:
    match match:
        case Answer(id=entry):
            return choose(f"entry:{entry}", replace(state, asked=(masked, entry)), world)
        case Choices(ids=entries):
            return answering.offer(entries, replace(state, asked=(masked, "")), world)
        case Nothing(aside=aside) if aside is not None:
            return _aside(aside, state, world)
        case _:
            turn = answering.refuse(replace(state, asked=("", "")), world)
            return replace(turn, effects=(Keep(fold(masked), masked),))


def _aside_of(match: Match) -> Aside | None:
    return match.aside if isinstance(match, Nothing) else None


def _does(match: Match) -> bool:
    aside = _aside_of(match)
    return aside is not None and aside.does is not None


def _aside(aside: Aside, state: State, world: World) -> Turn:
    if aside.does is not None:
        return choose(_REQUESTS[aside.does], state, world)
    said = in_language(aside.say, state.language)
    if aside.id == "talk-to-human" and str(world.office):
        said += "\n" + world.phrases.say("talk.office", state.language, office=world.office)
    # What was offered still stands: a thank-you or a slip into another matter ends no choice.
    return ask_again(Turn(state, (Reply(said),)), world)


def _numbered(number: int, state: State, world: World) -> Turn:
    if 1 <= number <= len(state.offered):
        return choose(state.offered[number - 1], state, world)
    last = len(state.offered)
    return Turn(state, (Reply(world.phrases.say("talk.no-such-number", state.language, last=last)),))


def _start(_: str, state: State, world: World) -> Turn:
    """The first words, and announcements on: whoever presses Start wants to hear of workshops, until they say stop."""
    state = replace(state, news=True)
    text = "\n".join(world.phrases.say(key, state.language) for key in ("talk.greeting", "news.on-at-start"))
    options = (
        _button("workshop", "batch.see", state, world),
        _button("menu", "talk.menu-button", state, world),
    )
    return ask_again(say(state, Reply(text, options)), world)


def _help(_: str, state: State, world: World) -> Turn:
    options = (
        _button("menu", "talk.menu-button", state, world),
        _button("workshop", "batch.see", state, world),
        _button("data:show", "data.show", state, world),
    )
    return ask_again(say(state, Reply(world.phrases.say("talk.help", state.language), options)), world)


def _language(code: str, state: State, world: World) -> Turn | None:
    if not code:
        options = tuple(Option(f"language:{code}", name) for code, name in LANGUAGES.items())
        return say(state, Reply(world.phrases.say("talk.which-language", state.language), options))
    if code not in LANGUAGES:
        return None
    return ask_again(_plain("talk.language-set", replace(state, language=code), world), world)


def _news(what: str, state: State, world: World) -> Turn | None:
    if what not in ("on", "off"):
        return None
    return ask_again(_plain(f"news.{what}", replace(state, news=what == "on"), world), world)


def _cancel(_: str, state: State, world: World) -> Turn:
    if state.form is not None:
        return registering.cancel(state, world)
    return _plain("talk.nothing-to-cancel", state, world)


def _back(_: str, state: State, world: World) -> Turn:
    return answering.menu("", state, world) if state.form is None else registering.back(state, world)


def _data(what: str, state: State, world: World) -> Turn | None:
    match what:
        case "show":
            return Turn(state, (), (ShowData(),))
        case "correct":
            return registering.correct(state, world)
        case "erase":
            options = (
                _button("data:erase-yes", "data.erase-yes", state, world),
                _button("stay", "data.erase-no", state, world),
            )
            return say(state, Reply(world.phrases.say("data.erase-sure", state.language), options))
        case "erase-yes":
            return Turn(state, (), (Erase(),))
    return None


def _agree(what: str, state: State, world: World) -> Turn | None:
    batch, _, version = what.partition(":")
    return registering.agreed(int(batch), version, state, world) if _is_id(batch) else None


def _leave(what: str, state: State, world: World) -> Turn | None:
    return telling.leave_sure(int(what), state, world) if _is_id(what) else None


def _move(what: str, state: State, *, may_wait: bool) -> Turn | None:
    batch, _, to = what.partition(":")
    if not (_is_id(batch) and _is_id(to)):
        return None
    return Turn(state, (), (Move(int(batch), int(to), may_wait),))


def _stars(what: str, state: State, _world: World) -> Turn | None:
    batch, _, stars = what.partition(":")
    return Turn(state, (), (Rate(int(batch), int(stars)),)) if _is_id(batch) and stars in set("12345") else None


def _is_id(text: str) -> bool:
    """Whether a part of an option's id, which anybody can make up, may be a number of the database."""
    return len(text) <= MAX_ID_DIGITS and text.isascii() and text.isdecimal()


def _act(make: Callable[[int], Effect]) -> Callable[[str, State, World], Turn | None]:
    """A choice that is an act on the batch that its id names."""
    return lambda what, state, _: Turn(state, (), (make(int(what)),)) if _is_id(what) else None


# What an option's id can begin with, and what choosing it does; None where what it names is gone.
_CHOICES: dict[str, Callable[[str, State, World], Turn | None]] = {
    "entry": answering.answer,
    "category": answering.category,
    "menu": answering.menu,
    "help": _help,
    "start": _start,
    "language": _language,
    "none": answering.none_of_these,
    "useful": answering.useful,
    "news": _news,
    "cancel": _cancel,
    "back": _back,
    "f": registering.press,
    "agree": _agree,
    "disagree": lambda _, state, world: registering.disagreed(state, world),
    "workshop": lambda _, state, __: Turn(state, (), (Look(),)),
    "my-place": lambda _, state, __: Turn(state, (), (Look(why="mine"),)),
    "leave-place": lambda _, state, __: Turn(state, (), (Look(why="leave"),)),
    "move-place": lambda _, state, __: Turn(state, (), (Look(why="move"),)),
    "batch": _act(Look),
    "register": _act(Begin),
    "others": _act(lambda batch: Look(why=f"others:{batch}")),
    "calendar": _act(lambda batch: Look(batch, "calendar")),
    "move": lambda what, state, _: _move(what, state, may_wait=False),
    "move-wait": lambda what, state, _: _move(what, state, may_wait=True),
    "leave": _leave,
    "leave-yes": _act(Leave),
    "not-coming": _act(Leave),
    "coming": _act(Confirm),
    "accept": _act(Accept),
    "decline": _act(Decline),
    "stay": lambda _, state, world: ask_again(_plain("talk.as-it-was", state, world), world),
    "stars": _stars,
    "data": _data,
    "yes": lambda _, state, __: Turn(state, (), (Say(yes=True),)),
    "no": lambda _, state, __: Turn(state, (), (Say(yes=False),)),
}
# What a request in any wording does, as an option's id.
_REQUESTS = {
    "workshop": "workshop",
    "my-place": "my-place",
    "leave-workshop": "leave-place",
    "move-workshop": "move-place",
    "show-data": "data:show",
    "correct-data": "data:correct",
    "erase-data": "data:erase",
    "stop-news": "news:off",
    "start-news": "news:on",
}


def _plain(key: str, state: State, world: World) -> Turn:
    return say(state, Reply(world.phrases.say(key, state.language)))


def _button(option: str, key: str, state: State, world: World) -> Option:
    return Option(option, world.phrases.say(key, state.language))
