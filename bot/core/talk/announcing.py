"""
How somebody of the office makes an announcement in their chat, and sees to it.

``/ghoshna`` asks for the text, a photo or a PDF, the workshop, the audience and the time, one after the other; what was
said so far stands in ``State.draft``, and what is missing there first is asked next. Then the draft is made, its card
comes (``bot/staffroom.py``), and the card's button sends it. ``/ghoshna 7`` tells how far number 7 is.

Who is not of the office is told so, with the number by which the engineer can add them. What somebody may do is decided
where it is done (``bot/announcing.py``), not here.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, time, timedelta

from bot.core.announcements.acts import (
    Deed,
    Do,
    Done,
    Follow,
    Followed,
    List,
    Listed,
    Made,
    Make,
    Proposed,
    Refused,
    StaffAct,
    StaffOutcome,
)
from bot.core.announcements.announcement import OVER, UNDER_WAY, Announcement, Stage
from bot.core.announcements.audience import BadSegmentError, parse
from bot.core.announcements.media import MAX_FILE, MEDIA_TYPES
from bot.core.announcements.preflight import Preflight, grouped
from bot.core.announcements.wording import MAX_CAPTION, faults
from bot.core.answers.fold import fold
from bot.core.staff import Role, Staff
from bot.core.talk import keeping, ticketing
from bot.core.talk.message import Attachment, Incoming, Kind, Option, Reply, is_number
from bot.core.talk.phrases import Phrases
from bot.core.talk.state import State, Turn, World, say
from bot.core.talk.understood import chosen
from bot.core.talk.words import COMMANDS, chosen_number
from bot.core.tickets.acts import Handled, ListedTickets, Trespass
from bot.core.workshops.acts import Look, Seen
from bot.core.workshops.batch import IST
from bot.core.workshops.times import read_moment, say_day, say_when

# Why ``Look`` is asked on behalf of a draft.
LOOK = "announce"
_STEPS = ("text", "file", "batch", "to", "at")
_NONE = "-"
_NO_BATCHES = "no-batches"
_COMMAND = re.compile(r"/(?:ghoshna|ghosna|घोषणा|announce)(?:@\w+)?(?:\s+(\d{1,9}))?", re.IGNORECASE)
_PRESS = "announce:"
_MORNING = time(10)
# With these a member of staff leaves or goes back, whatever is asked.
_CANCEL, _BACK = "cancel", "back"


def heard(incoming: Incoming, state: State, world: World) -> Turn | None:  # noqa: PLR0911 - one line a case
    """The turn after something that concerns announcements; None where a message does not."""
    text = incoming.text.strip()
    command = _COMMAND.fullmatch(text) if not incoming.press else None
    is_meant = command is not None or incoming.press.startswith(_PRESS)
    if not is_meant and (not state.draft or keeping.ABOUT in state.draft):
        return None
    staff = world.roster.at(incoming.channel, incoming.address)
    if staff is None:
        # Who was of the office when they began may not be any more.
        state = replace(state, draft={})
        if not is_meant:
            return None
        turn = _plain("not-staff", state, world, channel=incoming.channel, address=incoming.address)
        return replace(turn, staff=(Trespass(incoming.press),)) if incoming.press else turn
    if command is not None:
        return _begin(command[1], staff, state, world)
    if incoming.press.startswith(_PRESS):
        return _pressed(incoming.press.removeprefix(_PRESS), incoming.at, state, world)
    if incoming.press:
        return None
    return _told(incoming, state, world)


def with_batches(seen: Seen, state: State, world: World) -> Turn:
    """Ask which workshop it is about, or, where there is none, go on."""
    if not seen.batches:
        return _next(state, world, batch=_NONE, **{_NO_BATCHES: _NONE})
    options = [Option(f"{_PRESS}batch:{batch.id}", f"{batch.id}. {batch.title}") for batch in seen.batches]
    options.append(_option("batch:0", "no-batch", state, world))
    return say(state, Reply(_say("ask-batch", state, world), tuple(options)))


def after(  # noqa: C901, PLR0911 - one line a case
    act: StaffAct, outcome: StaffOutcome, state: State, world: World
) -> Turn:
    """What is said once an act is settled."""
    match outcome:
        case Made(announcement=made):
            return _plain("made", replace(state, draft={}), world, id=made.id)
        case Handled() | ListedTickets():
            return ticketing.after(outcome, state, world)
        case Followed():
            return Turn(state)
        case Refused() if isinstance(act, Trespass):
            return Turn(state)  # they have heard that it is for staff
        case Proposed():
            return keeping.proposed(state, world)
        case Listed(announcements=found):
            return _list(found, state, world)
        case Done(deed=Deed.SEND, announcement=sent):
            when = say_when(sent.begins or sent.made, world.phrases, state.language)
            options = (_option(f"cancel:{sent.id}", "undo", state, world),)
            return say(state, Reply(_say("sent", state, world, id=sent.id, when=when), options))
        case Done(deed=deed, announcement=done):
            return _plain(f"done-{deed}", state, world, id=done.id)
        case Refused(key=key, values=values):
            sentence = Reply(world.phrases.say(f"input.{key}", state.language, **values))
            state = ticketing.refused(key, state)
            if not isinstance(act, Make):
                return say(state, sentence)
            # The words are not lost; it is the time or the workshop that was overtaken.
            again = replace(state, draft={"text": act.text})
            turn = _ask(again, world)
            return replace(turn, replies=(sentence, *turn.replies))


def card_options(seen: Preflight, role: Role, language: str, phrases: Phrases) -> tuple[Option, ...]:
    """The buttons below a card."""
    number = seen.announcement.id
    options = []
    if not seen.forbidden:
        title = phrases.say("announce.chat.button.send", language, count=grouped(seen.total))
        options.append(Option(f"{_PRESS}{Deed.SEND}:{number}:{seen.total}", title))
        if role.covers(Role.APPROVER) and not seen.announcement.uncapped:
            options.append(_button(Deed.UNCAP, number, language, phrases))
    return (*options, _button(Deed.CANCEL, number, language, phrases))


def actions(announcement: Announcement, role: Role, language: str, phrases: Phrases) -> tuple[Option, ...]:
    """What can be done to one that is set, as buttons."""
    if not role.covers(Role.EDITOR):
        return ()
    deeds = [Deed.PAUSE, Deed.CANCEL] if announcement.stage in UNDER_WAY else []
    if announcement.stage is Stage.PAUSED:
        deeds = [Deed.RESUME, Deed.CANCEL]
    return tuple(_button(deed, announcement.id, language, phrases) for deed in deeds)


# --- making one -------------------------------------------------------------------------------------------------------


def _begin(number: str | None, staff: Staff, state: State, world: World) -> Turn:
    if number is not None:
        return Turn(state, staff=(Follow(int(number)),))
    if not staff.role.covers(Role.EDITOR):
        return Turn(state, staff=(List(),))
    return _ask(replace(state, draft={"begun": _NONE}), world)


def _next(state: State, world: World, **said: str) -> Turn:
    return _ask(replace(state, draft={**state.draft, **said}), world)


def _missing(draft: Mapping[str, str]) -> str:
    return next((step for step in _STEPS if step not in draft), "")


def _ask(state: State, world: World) -> Turn:
    """Ask what is missing, or have the draft made."""
    match _missing(state.draft):
        case "batch":
            return Turn(state, (), (Look(why=LOOK),))
        case "":
            return Turn(state, staff=(_made_of(state.draft),))
        case step:
            return say(state, Reply(_say(f"ask-{step}", state, world), _OFFERS[step](state, world)))


def _made_of(draft: Mapping[str, str]) -> Make:
    at = draft["at"]
    batch = draft["batch"]
    return Make(
        draft["text"],
        None if draft["file"] == _NONE else _unpacked(draft["file"]),
        None if batch == _NONE else int(batch),
        draft["to"],
        None if at == _NONE else datetime.fromisoformat(at),
    )


def _told(incoming: Incoming, state: State, world: World) -> Turn | None:  # noqa: PLR0911 - one line a case
    """What was typed, or sent along, for what is asked."""
    text, step = incoming.text.strip(), _missing(state.draft)
    folded = fold(text)
    command = COMMANDS.get(folded)
    if command == _CANCEL:
        return _plain("dropped", replace(state, draft={}), world)
    if command == _BACK:
        return _back(state, world)
    if command is not None:
        return None
    number = chosen_number(folded)
    if step != "text" and (option := chosen(text, folded, state, world)).startswith(_PRESS):
        return _pressed(option.removeprefix(_PRESS), incoming.at, state, world)
    if step != "text" and number is not None and 1 <= number <= len(state.offered):
        return _pressed(state.offered[number - 1].removeprefix(_PRESS), incoming.at, state, world)
    if incoming.kind not in (Kind.TEXT, Kind.PHOTO, Kind.DOCUMENT) or (step not in ("text", "file") and not text):
        return _again(f"bad-{step}", state, world)
    return _READERS[step](incoming, state, world)


def _back(state: State, world: World) -> Turn:
    said = [step for step in _STEPS if step in state.draft]
    # A question that answered itself is not gone back to.
    gone = said[-2:] if said[-1:] == ["batch"] and _NO_BATCHES in state.draft else said[-1:]
    return _ask(replace(state, draft={key: value for key, value in state.draft.items() if key not in gone}), world)


def _read_text(incoming: Incoming, state: State, world: World) -> Turn:
    text = incoming.text.strip()
    for fault in faults(text, None):
        if fault.key != "no-workshop":  # which one is asked later
            return _refused(f"announce-{fault.key}", state, world, **fault.values)
    if incoming.attachment is None:
        return _next(state, world, text=text)
    return _read_file(incoming, replace(state, draft={**state.draft, "text": text}), world)


def _read_file(incoming: Incoming, state: State, world: World) -> Turn:
    sent = incoming.attachment
    if sent is None or sent.media_type not in MEDIA_TYPES:
        return _again("bad-file", state, world)
    if sent.size > MAX_FILE:
        return _again("big-file", state, world, size=f"{sent.size / 1e6:.1f}")
    if (length := len(state.draft["text"])) > MAX_CAPTION:
        return _refused("announce-caption", state, world, length=length, limit=MAX_CAPTION)
    return _next(state, world, file=_packed(sent))


def _read_batch(_incoming: Incoming, state: State, world: World) -> Turn:
    return _again("bad-batch", state, world)


def _read_audience(incoming: Incoming, state: State, world: World) -> Turn:
    try:
        return _next(state, world, to=str(parse(incoming.text)))
    except BadSegmentError as error:
        return _refused("announce-segment", state, world, word=error.word)


def _read_moment(incoming: Incoming, state: State, world: World) -> Turn:
    moment = read_moment(incoming.text, incoming.at, incoming.at.astimezone(IST).date())
    if moment is None or moment <= incoming.at:
        return _again("bad-at", state, world)
    return _next(state, world, at=moment.isoformat())


_READERS: Mapping[str, Callable[[Incoming, State, World], Turn]] = {
    "text": _read_text,
    "file": _read_file,
    "batch": _read_batch,
    "to": _read_audience,
    "at": _read_moment,
}


# --- buttons ----------------------------------------------------------------------------------------------------------


def _pressed(what: str, at: datetime, state: State, world: World) -> Turn:
    kind, _, value = what.partition(":")
    number, _, count = value.partition(":")
    if kind in set(Deed) and is_number(number) and (not count or is_number(count)):
        return Turn(state, staff=(Do(Deed(kind), int(number), int(count or 0)),))
    if kind == "see" and is_number(number):
        return Turn(state, staff=(Follow(int(number)),))
    if kind == "list":
        return Turn(state, staff=(List(),))
    if not state.draft or kind not in _STEPS:
        return Turn(state, (Reply(world.phrases.say("talk.gone", state.language)),))
    if _STEPS.index(kind) > _STEPS.index(_missing(state.draft)):
        return _ask(state, world)  # a button of an earlier draft
    return _answered(kind, value, at, state, world)


def _answered(step: str, value: str, at: datetime, state: State, world: World) -> Turn:
    """What a button said to what is asked; what it cannot have said is asked again."""
    said = {"file": _NONE, "at": _tomorrow(at).isoformat() if value == "tomorrow" else _NONE}.get(step, "")
    if step == "batch" and is_number(value):
        said = value if int(value) else _NONE
        if said == _NONE and any(fault.key == "no-workshop" for fault in faults(state.draft["text"], None)):
            return _again("needs-batch", state, world)
    if step == "to":
        with suppress(BadSegmentError):
            said = str(parse(value))
    return _next(state, world, **{step: said}) if said else _ask(state, world)


def _last(state: State, world: World) -> tuple[Option, ...]:
    return (_option("list", "list", state, world),)


def _no_file(state: State, world: World) -> tuple[Option, ...]:
    return (_option("file:", "no-file", state, world),)


def _audiences(state: State, world: World) -> tuple[Option, ...]:
    batch = state.draft["batch"]
    if batch == _NONE:
        return tuple(_option(f"to:{to}", f"to-{to}", state, world) for to in ("all", "unregistered", "attended"))
    chosen = {
        f"all -registered:{batch} -waiting:{batch}": "to-not-in",
        "all": "to-all",
        f"registered:{batch}": "to-registered",
        f"waiting:{batch}": "to-waiting",
    }
    return tuple(_option(f"to:{to}", key, state, world) for to, key in chosen.items())


def _moments(state: State, world: World) -> tuple[Option, ...]:
    return (_option("at:now", "now", state, world), _option("at:tomorrow", "tomorrow", state, world))


# What is offered with a question; of workshops, see ``with_batches``.
_OFFERS: Mapping[str, Callable[[State, World], tuple[Option, ...]]] = {
    "text": _last,
    "file": _no_file,
    "to": _audiences,
    "at": _moments,
}


def _tomorrow(now: datetime) -> datetime:
    return datetime.combine(now.astimezone(IST).date() + timedelta(days=1), _MORNING, IST)


def _list(found: Sequence[Announcement], state: State, world: World) -> Turn:
    if not found:
        return _plain("none", state, world)
    lines, options = [_say("last", state, world)], []
    for each in found:
        stage = world.phrases.say(f"announce.stage.{each.stage}", state.language)
        day = say_day(each.begins or each.made, world.phrases, state.language)
        lines.append(f"{each.id}. {day}: {stage}")
        if each.stage not in OVER or each.stage is Stage.FINISHED:
            title = _say("see", state, world, id=each.id)
            options.append(Option(f"{_PRESS}see:{each.id}", title))
    return say(state, Reply("\n".join(lines), tuple(options)))


def _packed(sent: Attachment) -> str:
    return "\t".join((sent.channel, sent.handle, sent.media_type, str(sent.size), " ".join(sent.name.split())))


def _unpacked(text: str) -> Attachment:
    channel, handle, media_type, size, name = text.split("\t", 4)
    return Attachment(channel, handle, name, media_type, int(size))


def _again(key: str, state: State, world: World, **values: object) -> Turn:
    """Say what is wrong with an answer; the question stands."""
    return _wrong(_say(key, state, world, **values), state, world)


def _refused(key: str, state: State, world: World, **values: object) -> Turn:
    return _wrong(world.phrases.say(f"input.{key}", state.language, **values), state, world)


def _wrong(sentence: str, state: State, world: World) -> Turn:
    step = _missing(state.draft)
    if step in _OFFERS:
        return say(state, Reply(sentence, _OFFERS[step](state, world)))
    # Which workshops there are is looked up anew.
    return Turn(state, (Reply(sentence),), (Look(why=LOOK),))


def _button(deed: Deed, number: int, language: str, phrases: Phrases) -> Option:
    return Option(f"{_PRESS}{deed}:{number}", phrases.say(f"announce.chat.button.{deed}", language))


def _option(option: str, key: str, state: State, world: World) -> Option:
    return Option(f"{_PRESS}{option}", _say(f"button.{key}", state, world))


def _plain(key: str, state: State, world: World, **values: object) -> Turn:
    return say(state, Reply(_say(key, state, world, **values)))


def _say(key: str, state: State, world: World, **values: object) -> str:
    return world.phrases.say(f"announce.chat.{key}", state.language, **values)
