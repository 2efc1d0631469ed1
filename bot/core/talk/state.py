"""
Where a talk stands, what it needs to know of the world, and what one message led to.

A state is plain data: ``plain`` makes JSON-ready values of it, ``state_of`` reads them back, also those that an older
program wrote: what is missing has its default, what is unknown is left out.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any, Protocol

from bot.core.announcements.acts import StaffAct
from bot.core.answers.faq import Faq
from bot.core.answers.matcher import Match
from bot.core.staff import Role, Roster
from bot.core.talk.message import Document, Reply
from bot.core.talk.phrases import Phrases
from bot.core.tickets.acts import PersonAct
from bot.core.tickets.helpdesk import Helpdesk
from bot.core.workshops.acts import Effect
from bot.core.workshops.batch import Batch
from bot.core.workshops.fields import DEFAULT_FIELDS, Field, label

LANGUAGES = {"hi": "हिंदी", "en": "English"}
# Steps of a form that are no field: the notice on personal data, all answers at a glance, and what can be changed.
CONSENT, SUMMARY, WHICH = NO_FIELDS = ("consent", "summary", "which")
# An old form's data is worth asking for again; what it was for may be gone.
CORRECTING = 0
# As much of a title as is kept to know it again.
MAX_TITLE = 80


class Answers(Protocol):
    """Whatever tells which entry a question means; ``Matcher`` does."""

    def match(self, question: str) -> Match:
        """See ``Matcher.match``."""


@dataclass(frozen=True, slots=True)
class Office:
    """
    The office as people know it; each part may be empty.

    Attributes:
        contact: whom to write to about one's data.
        keep_days: for how long data is kept after somebody was last heard of.
    """

    name: str = ""
    phone: str = ""
    contact: str = ""
    keep_days: int = 730

    def __str__(self) -> str:
        """Name and phone, or what there is of them."""
        return ", ".join(filter(None, (self.name, self.phone)))


@dataclass(frozen=True, slots=True)
class World:
    """
    What a talk needs to know of everything outside it.

    Attributes:
        office: whom people can ask where the assistant does not know.
        fields: what the registration form asks, in order.
        calendar: makes a calendar file of a batch in a language.
        language: what newcomers are spoken to in.
        roster: who works here.
        today: in India; None where nobody minds.
        helpdesk: when somebody of the office answers, and where they read; None where nobody does.
    """

    faq: Faq
    answers: Answers
    phrases: Phrases
    office: Office = field(default_factory=Office)
    fields: tuple[Field, ...] = DEFAULT_FIELDS
    calendar: Callable[[Batch, str], Document] | None = None
    language: str = "hi"
    roster: Roster = field(default_factory=Roster)
    today: date | None = None
    helpdesk: Helpdesk | None = None

    @property
    def takes_over(self) -> bool:
        """Whether somebody of the office can answer in the assistant's place."""
        return self.helpdesk is not None and bool(self.roster.who_may(Role.EDITOR))

    def office_named(self, language: str) -> str:
        """The office's name, or that it is the office."""
        return self.office.name or self.phrases.say("ticket.office", language)

    def notice(self, language: str) -> str:
        """What people are told before they give their data."""
        office = str(self.office) or self.phrases.say("consent.office", language)
        return self.phrases.say(
            "consent.notice",
            language,
            fields=", ".join(label(field, self.phrases, language) for field in self.fields),
            office=office,
            contact=self.office.contact or office,
            months=max(round(self.office.keep_days / 30.4), 1),
        )

    @property
    def notice_version(self) -> str:
        """Changes with every word of the notice."""
        return hashlib.sha256(self.notice("hi").encode()).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class Form:
    """
    A form that is being filled in.

    Attributes:
        number: counts this person's forms; buttons of another form than the present one are over.
        batch: what it is for; ``CORRECTING`` where the person corrects earlier answers.
        step: id of the field that is asked, or one of ``NO_FIELDS``.
        answers: field id -> value; an optional field that was left out has "".
        bad: answers in a row that could not be used.
    """

    number: int
    batch: int
    step: str
    answers: Mapping[str, str] = field(default_factory=dict)
    bad: int = 0


@dataclass(frozen=True, slots=True)
class State:
    """
    Where a talk stands.

    Attributes:
        language: what the person reads, a key of ``LANGUAGES``.
        news: whether they want announcements; None where they never said.
        offered: ids of the options offered last, in the order of their numbers.
        warned: whether the person was told about personal numbers.
        asked: the question asked last, personal numbers masked, and the entry that was given for it.
        form: the form that is open.
        forms: how many forms this person has begun.
        profile: what they confirmed in a form: field id -> value.
        agreed: version of the notice on personal data that they agreed to.
        own_mobile: a number the channel vouches for.
        remark: the batch about which a line of feedback may come next; 0 for none.
        titles: what the options offered last are called: id -> title.
        draft: what a member of staff has said of an announcement that they are making: see ``announcing``.
        vain: how often in a row the assistant has failed them.
        recent: what was said last, the oldest first: whether the person said it, and what, personal numbers masked.
        ticket: the ticket that is open for them; 0 for none. It is kept with the ticket, not with the state.
    """

    language: str = "hi"
    news: bool | None = None
    offered: tuple[str, ...] = ()
    warned: bool = False
    asked: tuple[str, str] = ("", "")
    form: Form | None = None
    forms: int = 0
    profile: Mapping[str, str] = field(default_factory=dict)
    agreed: str = ""
    own_mobile: str = ""
    remark: int = 0
    titles: Mapping[str, str] = field(default_factory=dict)
    draft: Mapping[str, str] = field(default_factory=dict)
    vain: int = 0
    recent: tuple[tuple[bool, str], ...] = ()
    ticket: int = 0


class Outcome(StrEnum):
    """What became of a question, for the office's statistics."""

    ANSWERED = "answered"
    CHOICES = "choices"
    NOTHING = "nothing"
    HELPFUL = "helpful"
    UNHELPFUL = "unhelpful"


@dataclass(frozen=True, slots=True)
class Turn:
    """
    What one message led to.

    Attributes:
        effects: what must be done outside the talk, in order; the outcome of an act leads to another turn
            (``telling.tell``), whose replies follow these.
        staff: what a member of staff wants of announcements; the outcome leads to another turn too.
        counted: what became of a question, and the entry that it concerns; "" for none.
        tickets: what the person wants of the people of the office; the outcome leads to another turn too.
    """

    state: State
    replies: tuple[Reply, ...] = ()
    effects: tuple[Effect, ...] = ()
    staff: tuple[StaffAct, ...] = ()
    counted: tuple[tuple[Outcome, str], ...] = ()
    tickets: tuple[PersonAct, ...] = ()


def say(state: State, *replies: Reply) -> Turn:
    """Replies, after which a number means one of the options of the last."""
    options = replies[-1].options
    titles = {option.id: option.title[:MAX_TITLE] for option in options}
    return Turn(replace(state, offered=tuple(option.id for option in options), titles=titles), replies)


def plain(state: State) -> dict[str, Any]:
    """The state as JSON-ready values, without language and news, which stand beside it; defaults are left out."""
    values: dict[str, Any] = {
        "offered": list(state.offered),
        "warned": state.warned,
        "asked": list(state.asked) if any(state.asked) else None,
        "forms": state.forms,
        "profile": dict(state.profile),
        "agreed": state.agreed,
        "own_mobile": state.own_mobile,
        "remark": state.remark,
        "titles": dict(state.titles),
        "draft": dict(state.draft),
        "vain": state.vain,
        "recent": [list(each) for each in state.recent],
    }
    if (form := state.form) is not None:
        values["form"] = {
            "number": form.number,
            "batch": form.batch,
            "step": form.step,
            "answers": dict(form.answers),
            "bad": form.bad,
        }
    return {name: value for name, value in values.items() if value}


def state_of(values: Mapping[str, Any], language: str, news: bool | None) -> State:  # noqa: FBT001 - as stored
    """The state that ``plain`` made these values of."""
    form = values.get("form")
    question, entry = values.get("asked") or ("", "")
    return State(
        language=language,
        news=news,
        offered=tuple(values.get("offered", ())),
        warned=values.get("warned", False),
        asked=(question, entry),
        form=Form(form["number"], form["batch"], form["step"], form.get("answers", {}), form.get("bad", 0))
        if form
        else None,
        forms=values.get("forms", 0),
        profile=values.get("profile", {}),
        agreed=values.get("agreed", ""),
        own_mobile=values.get("own_mobile", ""),
        remark=values.get("remark", 0),
        titles=values.get("titles", {}),
        draft=values.get("draft", {}),
        vain=values.get("vain", 0),
        recent=tuple((is_theirs, text) for is_theirs, text in values.get("recent", ())),
    )
