"""
How somebody of the office changes answers in their chat.

``/jawab EMD छूट`` finds the answer and shows it; buttons lead to a new wording, new words of the answer, or a new
answer, asked for step by step. What was before and what would be is shown, and only a yes proposes it. The gate looks
at it outside the talk (``bot/keeping.py``), and says there what became of it.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from bot.core.announcements.acts import Propose
from bot.core.answers.faq import Entry, in_language
from bot.core.answers.fold import fold
from bot.core.answers.proposal import Proposal, face
from bot.core.staff import Role
from bot.core.talk.message import Incoming, Option, Reply, is_number
from bot.core.talk.state import State, Turn, World, say
from bot.core.talk.words import COMMANDS, chosen_number
from bot.core.tickets.acts import Trespass
from bot.core.workshops.batch import IST

ABOUT, ANSWERS = "about", "answers"
# What fits a row of a list on every channel; and what fits a phone's screen.
MAX_TITLE, MAX_ANSWER, MAX_WORDING, MOST_WORDINGS = 24, 800, 200, 20
_COMMAND = re.compile(r"/(?:jawab|javab|जवाब|answer)(?:@\w+)?(?:\s+(.*))?", re.IGNORECASE | re.DOTALL)
_PRESS = "faq:"
_SHOWN = 3
# What is further from an answer than this has nothing to do with it.
_NEAR = 0.02
_NOT_ID = re.compile(r"[^a-z0-9]+")
_STEPS = {"more": ("more",), "answer": ("answer",), "new": ("title", "category", "answer", "more")}


def heard(incoming: Incoming, state: State, world: World) -> Turn | None:  # noqa: PLR0911 - one line a case
    """The turn after something that concerns answers; None where a message does not."""
    command = _COMMAND.fullmatch(incoming.text.strip()) if not incoming.press else None
    is_meant = command is not None or incoming.press.startswith(_PRESS)
    is_open = state.draft.get(ABOUT) == ANSWERS
    if not is_meant and not is_open:
        return None
    staff = world.roster.at(incoming.channel, incoming.address)
    if staff is None or not staff.role.covers(Role.EDITOR):
        key = "announce.chat.not-staff" if staff is None else "input.announce-not-allowed"
        state = replace(state, draft={}) if is_open else state
        words = {"channel": incoming.channel, "address": incoming.address} if staff is None else {}
        if not is_meant:
            return None
        turn = say(state, Reply(world.phrases.say(key, state.language, **words)))
        return replace(turn, staff=(Trespass(incoming.press),)) if incoming.press else turn
    if command is not None:
        return _find(" ".join((command[1] or "").split()), replace(state, draft={}), world)
    if incoming.press.startswith(_PRESS):
        return _pressed(incoming.press.removeprefix(_PRESS), incoming.at, state, world)
    if incoming.press:
        return None
    return _told(incoming.text.strip(), incoming.at, state, world)


def proposed(state: State, world: World) -> Turn:
    """A proposal is noted."""
    return say(replace(state, draft={}), Reply(_say("looking", state, world)))


def undo_button(revision: int, title: str) -> Option:
    """What undoes a revision."""
    return Option(f"{_PRESS}undo:{revision}", title)


def _find(words: str, state: State, world: World) -> Turn:
    if not words:
        return say(state, Reply(_say("which", state, world), (_option("new", "new", state, world),)))
    match = world.answers.match(words)
    known = world.faq.by_id
    if len(match.ids) == 1 and match.ids[0] in known:
        return _show(known[match.ids[0]], state, world)
    near = [scored.id for scored in match.ranking[:_SHOWN] if scored.id in known and scored.score >= _NEAR]
    options = [Option(f"{_PRESS}show:{each}", in_language(known[each].title, state.language)) for each in near]
    text = _say("near" if near else "none", state, world, words=words)
    return say(state, Reply(text, (*options, _option("new", "new", state, world))))


def _show(entry: Entry, state: State, world: World) -> Turn:
    text = _say(
        "shown", state, world, title=in_language(entry.title, state.language), id=entry.id,
        answer=in_language(entry.answer, state.language).strip(), count=len(entry.questions),
        some="\n".join(f"• {each}" for each in entry.questions[:_SHOWN]),
    )  # fmt: skip
    options = (
        _option(f"more:{entry.id}", "more", state, world),
        _option(f"answer:{entry.id}", "answer", state, world),
        _option("new", "new", state, world),
    )
    return say(state, Reply(text, options))


def _pressed(what: str, at: datetime, state: State, world: World) -> Turn:  # noqa: PLR0911 - one line a case
    kind, _, value = what.partition(":")
    entry = world.faq.by_id.get(value)
    match kind:
        case "show" if entry is not None:
            return _show(entry, replace(state, draft={}), world)
        case "more" | "answer" if entry is not None:
            draft = {ABOUT: ANSWERS, "what": kind, "entry": value, "seen": face(entry)}
            return _ask(replace(state, draft=draft), world)
        case "new":
            return _ask(replace(state, draft={ABOUT: ANSWERS, "what": "new"}), world)
        case "in" if state.draft.get("what") == "new" and any(each.id == value for each in world.faq.categories):
            return _ask(replace(state, draft={**state.draft, "category": value}), world)
        case "yes" if state.draft.get(ABOUT) == ANSWERS and not _missing(state.draft):
            return Turn(state, staff=(Propose(_proposal(state.draft, at, world)),))
        case "no":
            return say(replace(state, draft={}), Reply(_say("dropped", state, world)))
        case "undo" if is_number(value):
            return Turn(state, staff=(Propose(Proposal(undo=int(value))),))
    return Turn(state, (Reply(world.phrases.say("talk.gone", state.language)),))


def _told(text: str, at: datetime, state: State, world: World) -> Turn | None:
    command = COMMANDS.get(fold(text))
    if command == "cancel":
        return say(replace(state, draft={}), Reply(_say("dropped", state, world)))
    if command is not None:
        return None
    step, number = _missing(state.draft), chosen_number(fold(text))
    if step in ("", "category"):
        if number is not None and 1 <= number <= len(state.offered):
            return _pressed(state.offered[number - 1].removeprefix(_PRESS), at, state, world)
        return _ask(state, world)
    if fault := _fault(step, text):
        return say(state, Reply(_say(fault, state, world, length=len(text))))
    if step == "more":
        text = "\n".join(dict.fromkeys(" ".join(line.split()) for line in text.splitlines() if line.strip()))
    return _ask(replace(state, draft={**state.draft, step: text}), world)


def _fault(step: str, text: str) -> str:
    """What is wrong with what was typed; "" for nothing."""
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines or not fold(text):
        return "empty"
    if step == "title" and len(text) > MAX_TITLE:
        return "long-title"
    if step == "answer" and len(text) > MAX_ANSWER:
        return "long-answer"
    if step == "more" and (len(lines) > MOST_WORDINGS or any(len(line) > MAX_WORDING for line in lines)):
        return "long-wording"
    return ""


def _missing(draft: Mapping[str, str]) -> str:
    return next((step for step in _STEPS.get(draft.get("what", ""), ()) if step not in draft), "")


def _ask(state: State, world: World) -> Turn:
    """Ask what is missing, or show what would be."""
    step = _missing(state.draft)
    if step == "category":
        options = tuple(
            Option(f"{_PRESS}in:{each.id}", in_language(each.title, state.language)) for each in world.faq.categories
        )
        return say(state, Reply(_say("ask-category", state, world), options))
    if step:
        entry = world.faq.by_id.get(state.draft.get("entry", ""))
        now = in_language(entry.answer, state.language).strip() if entry is not None else ""
        key = f"ask-{step}" if entry is None or step != "answer" else "ask-other-answer"
        return say(state, Reply(_say(key, state, world, now=now)))
    options = (_option("yes", "yes", state, world), _option("no", "no", state, world))
    return say(state, Reply(_preview(state, world), options))


def _preview(state: State, world: World) -> str:
    draft = state.draft
    entry = world.faq.by_id.get(draft.get("entry", ""))
    title = draft.get("title") or (in_language(entry.title, state.language) if entry is not None else "")
    more = "\n".join(f"+ {line}" for line in draft.get("more", "").splitlines())
    before = in_language(entry.answer, state.language).strip() if entry is not None else ""
    key = f"preview-{draft['what']}"
    return _say(key, state, world, title=title, before=before, answer=draft.get("answer", ""), more=more)


def _proposal(draft: Mapping[str, str], at: datetime, world: World) -> Proposal:
    is_new = draft["what"] == "new"
    return Proposal(
        entry=_new_id(draft["title"], world) if is_new else draft["entry"],
        seen=draft.get("seen", ""),
        category=draft.get("category", ""),
        title=draft.get("title", ""),
        answer=draft.get("answer", ""),
        more=tuple(draft.get("more", "").splitlines()),
        checked_on=at.astimezone(IST).date().isoformat() if "answer" in draft else "",
    )


def _new_id(title: str, world: World) -> str:
    """An id for a new answer: its title by sound, in Latin letters."""
    base = _NOT_ID.sub("-", fold(title)).strip("-")[:40] or "answer"
    number, found = 1, base
    while found in world.faq.by_id:
        number += 1
        found = f"{base}-{number}"
    return found


def _option(option: str, key: str, state: State, world: World) -> Option:
    return Option(f"{_PRESS}{option}", _say(f"button.{key}", state, world))


def _say(key: str, state: State, world: World, **values: object) -> str:
    return world.phrases.say(f"keeping.{key}", state.language, **values)
