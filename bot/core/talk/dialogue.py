"""
What is said next: (what the person typed or chose, where the talk stands, the world) -> Turn.

A message is, in this order:

1. the **number** of one of the options that were offered last (१ and 1 alike), or its **title**, which chooses it;
2. a **command**: menu, help, cancel, ... in the words that people use for them, with or without "/";
3. an **answer** to what an open form asks, if it can be one and does not read like a question or a request;
4. **yes or no** (``agreement.py``, ``understood.py``); where one is wanted and neither was said, that is asked again;
5. a **request** ("write my name down for the workshop", "erase my data"), in any wording: the matcher knows them;
6. four digits, which may be the **code** of a workshop's day;
7. a **question** to the FAQ: answered, offered as choices, or refused with the pointer of an aside.

Choosing an option does what the option's id says, whatever was offered since: an old button never answers the current
question. After whatever interrupted a form, the form asks its question again. A message with a personal number in it
(Aadhaar, PAN, ...) is handled as any other, and the person is told once that such numbers do not belong here.

What touches batches and registrations is not decided here: a turn names it as an act (``core/workshops/acts.py``); the
outcome comes back to ``after``, whose turn names no further act. A typed "yes" after "did the answer help?" may rather
mean what the office asked in between ("are you coming?"): then that is asked again.

What members of staff do with answers and announcements has its own way (``keeping.py``, ``announcing.py``), before all
this.

Pure: no clock, no I/O, so a talk can be replayed (``tests/talks``).
"""

import re
from dataclasses import replace

from bot.core.answers.faq import Aside, Does, in_language
from bot.core.answers.fold import fold
from bot.core.answers.matcher import MAX_CHARS, Answer, Choices, Match, Nothing
from bot.core.privacy import Masked, mask
from bot.core.talk import announcing, answering, keeping, registering, telling, ticketing
from bot.core.talk.agreement import Kind, Said, keeps, said_to
from bot.core.talk.attending import code_in, is_bare, names_code
from bot.core.talk.choosing import REQUESTS, again, choose
from bot.core.talk.fieldwords import changes, to_change
from bot.core.talk.looking import looked
from bot.core.talk.message import Incoming, Reply
from bot.core.talk.own_number import own_number
from bot.core.talk.public import elsewhere, is_public
from bot.core.talk.registering import ask_again
from bot.core.talk.sharing import is_shared, shared
from bot.core.talk.state import CONSENT, State, Turn, World, say
from bot.core.talk.state import Outcome as Asked
from bot.core.talk.understood import AGAIN, chosen, decided, waits
from bot.core.talk.words import COMMANDS, QUESTION, chosen_number, is_greeting, is_sentence, without_courtesy
from bot.core.tickets.acts import Tell
from bot.core.tickets.ticket import Why
from bot.core.workshops.acts import (
    Act,
    Attend,
    Begin,
    Confirm,
    Correct,
    Keep,
    Look,
    MayRegister,
    MobileTaken,
    NoClassToday,
    NothingThere,
    Outcome,
    Rate,
    Register,
    Remark,
    Seen,
)  # fmt: skip
from bot.core.workshops.checks import NO_ANSWERS, UNSAFE, Bad
from bot.core.workshops.fields import FieldKind

# From so many words on, what is typed for a name may be a question.
LONG_NAME = 3
# As much of a question as staff need to see.
MAX_KEPT = 300
MAX_REMARK = 500
# A message that is short and neither yes nor no, to a question that wants one.
SHORT = 5
_ENROLS = re.compile(rf"(?<!\w){fold('नाम लिख')}")
# Asides that answer a yes or a no to nothing.
_OFFHAND = ("yes-ok", "no-refusal", "wait-later", "nonsense-typing")
_LINK = re.compile(r"/start +(\S+)", re.IGNORECASE)


def decide(incoming: Incoming, state: State, world: World) -> Turn:
    """One message or press; any text and any id is taken."""
    if incoming.mobile and incoming.mobile != state.own_mobile:
        state = replace(state, own_mobile=incoming.mobile)
    before = state
    if (told := own_number(incoming, state, world)) is not None:
        return told
    if (staffs := ticketing.heard(incoming, state, world)) is not None:
        return staffs
    if incoming.in_group:
        turn = _in_group(incoming, state, world)
    elif (staffs := keeping.heard(incoming, state, world) or announcing.heard(incoming, state, world)) is not None:
        turn = staffs
    elif incoming.press:
        turn = choose(incoming.press, state, world)
    elif (passed := ticketing.passed_on(incoming, state)) is not None:
        turn = _warned(mask(incoming.text[:MAX_CHARS]), passed, state, world)
    elif is_shared(incoming):
        turn = shared(incoming, state, world)
    else:
        turn = take(incoming.text, state, world)
    turn = replace(turn, state=ticketing.remembered(incoming, before, turn, world))
    # A line of feedback comes next after the stars, or not at all.
    return replace(turn, state=replace(turn.state, remark=0)) if turn.state.remark else turn


def after(act: Act, outcome: Outcome, state: State, world: World) -> Turn:
    """What is said once an act of a turn is settled."""
    if isinstance(act, Look) and act.why == announcing.LOOK and isinstance(outcome, Seen):
        return announcing.with_batches(outcome, state, world)
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
        if turn is None:
            kinds = frozenset({Kind.PLAIN})
            said = Said(yes=kinds) if act.why == "yes" else Said(no=kinds)
            turn = choose(decided(said, state.offered), state, world)
        return turn
    if isinstance(act, Attend) and isinstance(outcome, NoClassToday) and code_in(state.asked[0]) == act.code:
        return _no_code(state, world)
    return ask_again(telling.tell(outcome, state, world), world)


def take(text: str, state: State, world: World) -> Turn:
    """One message that a person typed; any text is taken."""
    text = text[:MAX_CHARS]
    masked = mask(text)
    return _warned(masked, _understand(text, masked.text, state, world), state, world)


def _warned(masked: Masked, turn: Turn, state: State, world: World) -> Turn:
    """A turn, and, once, that personal numbers do not belong here."""
    if state.warned or UNSAFE.isdisjoint(masked.found):
        return turn
    turn = replace(turn, state=replace(turn.state, warned=True))
    refused = state.form is not None and turn.state.form is not None and turn.state.form.bad > state.form.bad
    if refused and registering.asks(state, world) not in (None, FieldKind.CHOICE):
        return turn  # the form has said it
    warning = Reply(world.phrases.say("talk.personal-number", state.language))
    return replace(turn, replies=(warning, *turn.replies))


def _understand(text: str, masked: str, state: State, world: World) -> Turn:  # noqa: C901, PLR0911 - the module's order
    folded = fold(text)
    number = chosen_number(folded)
    if option := chosen(text, folded, state, world):
        return choose(option, state, world)
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
        key = "talk.empty" if number is None else "talk.no-list"
        return Turn(state, (Reply(world.phrases.say(key, state.language)),))
    code = code_in(masked)
    if code and is_bare(masked):
        return Turn(state, (), (Attend(code),))
    said = said_to(folded)
    if answered := _answered(said, text, folded, state, world):
        return answered
    match = world.answers.match(text)
    if remark and not isinstance(match, Answer) and not _does(match) and not _asks(text, folded):
        return remark
    if code and not isinstance(match, Answer) and not _does(match):
        return Turn(replace(state, asked=(masked[:MAX_KEPT], "")), (), (Attend(code),))
    if _unclear(match, said, text, folded, state):
        return again(waits(state.offered), state, world)
    return _reply(masked[:MAX_KEPT], match, state, world)


def _answered(said: Said, text: str, folded: str, state: State, world: World) -> Turn | None:
    """The turn after a yes, a no, or the wish that nothing be removed; None where a message is none of them."""
    waiting = waits(state.offered)
    if keeps(folded) and waiting.startswith(("leave-yes:", "data:erase-yes")):
        return choose("stay", state, world)
    if "?" in text and not said.clear:
        return None
    meant = decided(said, state.offered)
    if meant.startswith(("useful:", "none")):
        return Turn(state, (), (Look(why="no" if meant.startswith(("useful:no:", "none")) else "yes"),))
    if meant == AGAIN:
        return again(waiting, state, world) if said.whole else None
    return choose(meant, state, world) if meant else None


def _kept(match: Match, text: str) -> str:
    """
    What is chosen in place of what a message only seems to ask for; "" where it does not.

    "Do not remove my name", "is the workshop cancelled?",
    "not today, we come tomorrow"; "write down my name, Ram, mobile
    98765 43210", which has much of a correction in it.
    """
    folded = fold(text)
    said = said_to(folded)
    aside = _aside_of(match)
    does = aside.does if aside is not None else None
    if does in (Does.CORRECT_DATA, Does.SHOW_DATA) and _ENROLS.search(folded) and not changes(folded):
        return "workshop"
    if does not in (Does.LEAVE_WORKSHOP, Does.ERASE_DATA):
        return "my-place" if said.mixed and Kind.COMING in said.yes and does is None and _offhand(match) else ""
    if keeps(folded):
        return "stay"
    shown = "my-place" if does is Does.LEAVE_WORKSHOP else "data:show"
    if does is Does.LEAVE_WORKSHOP and Kind.COMING in said.yes:
        return shown
    return shown if _asks(text, folded) else ""


def _unclear(match: Match, said: Said, text: str, folded: str, state: State) -> bool:
    """Whether a message is neither a yes nor a no to a question that wants one, and nothing else either."""
    if not waits(state.offered):
        return False
    short = len(folded.split()) <= SHORT and not _asks(text, folded)
    return ((short or said.mixed) and _offhand(match)) or (said.mixed and _kept(match, text) == "my-place")


def _offhand(match: Match) -> bool:
    """Whether nothing in particular was found."""
    aside = _aside_of(match)
    return not isinstance(match, Answer) and (aside is None or aside.id in _OFFHAND)


def _no_code(state: State, world: World) -> Turn:
    """Four digits that were no code, for whoever has no class today: as what was typed is understood without them."""
    question = state.asked[0]
    match = world.answers.match(question)
    if isinstance(match, Choices):
        return answering.offer(match.ids, state, world)
    if names_code(question) or isinstance(match, Answer) or _does(match):
        return say(replace(state, asked=("", "")), Reply(world.phrases.say("talk.no-list", state.language)))
    return _reply(question, match, state, world)


def _in_group(incoming: Incoming, state: State, world: World) -> Turn:
    """What is said in a group: answers, and the way into a private chat for the rest."""
    text = incoming.text[:MAX_CHARS]
    folded = fold(text)
    if option := incoming.press or chosen(text, folded, state, world) or _command(text, folded):
        return choose(option, state, world) if is_public(option) else elsewhere(option, state, world)
    masked = mask(text).text[:MAX_KEPT]
    match world.answers.match(text):
        case Answer(id=entry):
            return choose(f"entry:{entry}", replace(state, asked=(masked, entry)), world)
        case Choices(ids=entries):
            return answering.offer(entries, replace(state, asked=(masked, "")), world)
        case Nothing(aside=aside) if aside is not None:
            return elsewhere(REQUESTS[aside.does], state, world) if aside.does else _aside(aside, state, world)
        case _:
            return answering.refuse("", replace(state, asked=("", "")), world)


def _command(text: str, folded: str) -> str | None:
    """The id of the option that a command stands for; a link's "/start workshop-3" too."""
    if link := _LINK.fullmatch(text.strip()):
        kind, _, what = link[1].partition("-")
        return {"workshop": f"batch:{what}", "q": f"entry:{what}"}.get(kind, "start")
    return COMMANDS.get(folded) or COMMANDS.get(without_courtesy(folded))


def _in_form(text: str, masked: str, state: State, world: World) -> Turn:  # noqa: PLR0911 - one line a case
    """An answer to what the form asks; or a question, after which the form asks again."""
    folded = fold(text)
    asks = registering.asks(state, world)
    answered = registering.answer(text, state, world)
    if isinstance(answered, Turn) and asks in (FieldKind.MOBILE, FieldKind.UDYAM):
        return answered
    if state.form is not None and (field := to_change(folded, state.form.answers, world)):
        return choose(f"f:{state.form.number}:change:{field}", state, world)
    if is_greeting(folded) and asks is not FieldKind.NAME:
        return ask_again(Turn(state, (Reply(world.phrases.say("talk.hello", state.language)),)), world)
    looks_like_one = _asks(text, folded)
    if isinstance(answered, Turn) and asks is FieldKind.CHOICE and not looks_like_one:
        return answered
    if asks is None and (pressed := registering.at_summary(folded, state, world)):
        return choose(pressed, state, world)
    if (said := decided(said_to(folded), state.offered)) in state.offered:
        return choose(said, state, world)
    if folded in NO_ANSWERS and isinstance(answered, Bad):
        return registering.refuse(answered, state, world)
    if folded and (is_sentence(folded) or looks_like_one or not isinstance(answered, Turn)):
        match = world.answers.match(text)
        asked = isinstance(match, Answer) and (asks is not FieldKind.TEXT or looks_like_one)
        asked = asked and (asks is not FieldKind.NAME or len(folded.split()) >= LONG_NAME)
        # A whole question that is no answer is one also where nothing is known to it: staff should see it.
        unknown = not isinstance(answered, Turn) and len(folded.split()) >= LONG_NAME
        found = isinstance(match, Choices) or _aside_of(match) or unknown
        if asked or _does(match) or (looks_like_one and found):
            return _reply(masked[:MAX_KEPT], match, state, world)
    return answered if isinstance(answered, Turn) else registering.refuse(answered, state, world)


def _asks(text: str, folded: str) -> bool:
    return "?" in text or QUESTION.search(folded) is not None


def _reply(masked: str, match: Match, state: State, world: World) -> Turn:
    if kept := _kept(match, masked):
        return choose(kept, state, world)
    if state.ticket and not _does(match):
        # In a form: the rest of what they say is for whoever of the office talks with them.
        return ask_again(Turn(state, tickets=(Tell(ticketing.safe(masked)),)), world)
    match match:
        case Answer(id=entry):
            turn = choose(f"entry:{entry}", replace(state, asked=(masked, entry), vain=0), world)
            return replace(turn, counted=((Asked.ANSWERED, entry),))
        case Choices(ids=entries):
            turn = answering.offer(entries, replace(state, asked=(masked, "")), world)
            return replace(turn, counted=((Asked.CHOICES, ""),))
        case Nothing(aside=aside) if aside is not None:
            return _aside(aside, state, world, masked)
        case _:
            turn = answering.refuse(masked, replace(state, asked=("", "")), world)
            return replace(turn, effects=(Keep(fold(masked), masked),), counted=((Asked.NOTHING, ""),))


def _aside_of(match: Match) -> Aside | None:
    return match.aside if isinstance(match, Nothing) else None


def _does(match: Match) -> bool:
    aside = _aside_of(match)
    return aside is not None and aside.does is not None


def _aside(aside: Aside, state: State, world: World, question: str = "") -> Turn:
    if aside.does is not None:
        return choose(REQUESTS[aside.does], state, world)
    if aside.id == "talk-to-human" and question and (turn := ticketing.wanted(Why.ASKED, question, state, world)):
        return turn
    said = in_language(aside.say, state.language)
    if aside.id == "talk-to-human" and str(world.office):
        said += "\n" + world.phrases.say("talk.office", state.language, office=world.office)
    # What was offered still stands: a thank-you or a slip into another matter ends no choice.
    return ask_again(Turn(state, (Reply(said),)), world)


def _numbered(number: int, state: State, world: World) -> Turn:
    if 1 <= number <= len(state.offered):
        return choose(state.offered[number - 1], state, world)
    last = len(state.offered)
    key = "talk.no-such-number" if last > 1 else "talk.only-number"
    return Turn(state, (Reply(world.phrases.say(key, state.language, last=last)),))
