"""What people are told of workshops: the outcome of what they did, and what others did that concerns them."""

from collections.abc import Sequence
from dataclasses import replace

from bot.core.talk import registering
from bot.core.talk.message import Option, Reply
from bot.core.talk.notices import card, details, option, remind, when
from bot.core.talk.state import LANGUAGES, State, Turn, World, say
from bot.core.workshops.acts import (
    AlreadyIn,
    Attended,
    Closed,
    Confirm,
    Confirmed,
    Corrected,
    Data,
    Declined,
    Erased,
    Left,
    MayRegister,
    MobileTaken,
    NoClassToday,
    NothingAsked,
    NothingThere,
    OfferOver,
    Outcome,
    Own,
    Queued,
    Rate,
    Rated,
    Remark,
    Remarked,
    Seated,
    Seen,
    WouldWait,
    WrongCode,
)  # fmt: skip
from bot.core.workshops.batch import Batch, Status
from bot.core.workshops.fields import label
from bot.core.workshops.reminders import Kind
from bot.core.workshops.times import say_day, say_when

# As many batches as a person can choose among at a glance.
MAX_BATCHES = 5


def tell(outcome: Outcome, state: State, world: World) -> Turn:  # noqa: C901, PLR0911, PLR0912 - one line an outcome
    """The turn after an act."""
    match outcome:
        case Seen():
            return _seen(outcome, state, world)
        case MayRegister(batch=batch):
            return registering.start(batch.id, state, world)
        case Own():
            return _own(outcome, state, world)
        case Seated(batch=batch, left=left):
            return _in_batch("moved" if left else "seated", batch, state, world)
        case Queued(batch=batch, number=number):
            return _in_batch("queued", batch, state, world, number=number)
        case WouldWait():
            return _would_wait(outcome, state, world)
        case AlreadyIn(own=own):
            return _own(own, state, world, "batch.already-in")
        case MobileTaken(batch=batch):
            return _mobile_taken(batch, state, world)
        case Closed():
            return _closed(outcome, state, world)
        case Left(batch=batch):
            return _with_next("batch.left", batch, state, world)
        case NothingThere():
            return _plain("batch.nothing-there", state, world, _option("workshop", "batch.see", state, world))
        case OfferOver(batch=batch):
            again = _option(f"register:{batch.id}", "batch.register-again", state, world)
            return _about("batch.offer-over", batch, state, world, again)
        case Declined(batch=batch):
            return _with_next("batch.declined", batch, state, world)
        case Confirmed(batch=batch):
            return _about("batch.confirmed", batch, state, world)
        case NothingAsked(yes=yes):
            return _plain("talk.yes" if yes else "talk.no", state, world)
        case Attended(batch=batch):
            return _about("batch.attended", batch, state, world)
        case WrongCode(left=left):
            return _plain("batch.wrong-code" if left else "batch.no-tries", state, world, left=left)
        case NoClassToday():
            return _plain("talk.no-list", state, world)
        case Rated(batch=batch):
            return _plain("batch.rated", replace(state, remark=batch.id), world)
        case Remarked():
            return _plain("batch.remarked", replace(state, remark=0), world)
        case Corrected():
            return _plain("data.corrected", state, world)
        case Data():
            return _data(outcome, state, world)
        case Erased():
            return _plain("data.erased", State(state.language), world)


def asked_again(own: Own, state: State, world: World) -> Turn | None:
    """What the office asked and has no answer to: whether they take a seat, whether they come; None if nothing."""
    if own.registration.status is Status.OFFERED:
        return _own(own, state, world)
    if own.registration.status is Status.SEATED and own.registration.asked and own.registration.coming is None:
        return say(state, remind(Kind.COMING, own.batch, state.language, world.phrases))
    return None


def not_theirs(act: Rate | Remark | Confirm, batch: Batch, state: State, world: World) -> Turn:
    """They have no seat there to confirm, or were not there and cannot judge it."""
    key = "batch.no-seat-there" if isinstance(act, Confirm) else "batch.not-present"
    return _about(key, batch, state, world, _option("my-place", "batch.my-place", state, world))


def no_such_batch(state: State, world: World) -> Turn:
    """A button or a link names a batch that is not there, or does not take place."""
    return _plain("batch.gone", state, world, _option("workshop", "batch.see", state, world))


def leave_sure(batch: int, state: State, world: World) -> Turn:
    """Ask once more: a seat that is given up goes to the next in line at once."""
    options = (
        _option(f"leave-yes:{batch}", "batch.leave-yes", state, world),
        _option("stay", "batch.stay", state, world),
    )
    return _plain("batch.leave-sure", state, world, *options)


def _seen(seen: Seen, state: State, world: World) -> Turn:
    if seen.own is not None:
        if len(seen.batches) == 1 and seen.batches[0].id != seen.own.batch.id:
            other = seen.batches[0]
            move = _option(f"move:{seen.own.batch.id}:{other.id}", "batch.move-here", state, world)
            return say(state, Reply(card(other, state.language, world.phrases), (move,)))
        return _own(seen.own, state, world)
    if not seen.batches:
        tell_me: tuple[Option, ...] = () if state.news else (_option("news:on", "news.tell-me", state, world),)
        text = world.phrases.say("batch.none", state.language)
        if (closed := seen.closed) is not None:
            last = say_when(closed.last_date, world.phrases, state.language)
            when = _when(closed, state, world)
            text = world.phrases.say("batch.none-but-closed", state.language, when=when, venue=closed.venue, last=last)
        if str(world.office):
            text += "\n" + world.phrases.say("talk.office", state.language, office=world.office)
        return say(state, Reply(text, tell_me))
    first, *others = seen.batches
    title = "batch.register" if first.free and not first.waiting else "batch.register-waiting"
    options = (_option(f"register:{first.id}", title, state, world), *_batch_options("batch", others, state, world))
    return say(state, Reply(card(first, state.language, world.phrases), options))


def others(seen: Seen, leaving: int, state: State, world: World) -> Turn:
    """The batches that a person can move to."""
    open_ones = [batch for batch in seen.batches if batch.id != leaving]
    keep = _option("stay", "batch.stay", state, world)
    if not open_ones:
        leave = _option(f"leave:{leaving}", "batch.leave", state, world)
        return _plain("batch.no-other", state, world, leave, keep)
    options = _batch_options(f"move:{leaving}", open_ones, state, world)
    return _plain("batch.which-batch", state, world, *options, keep)


def _own(own: Own, state: State, world: World, heading: str = "batch.yours") -> Turn:
    """Where the person stands, and what they can do about it."""
    batch, registration = own.batch, own.registration
    values: dict[str, object] = {"number": own.ahead + 1}
    options = [
        _option(f"others:{batch.id}", "batch.other-batch", state, world),
        _option(f"leave:{batch.id}", "batch.leave", state, world),
    ]
    if registration.status is Status.OFFERED:
        values["until"] = say_when(registration.offered_until or batch.starts, world.phrases, state.language)
        options = [
            _option(f"accept:{batch.id}", "batch.accept", state, world),
            _option(f"decline:{batch.id}", "batch.decline", state, world),
        ]
    elif registration.status is Status.SEATED and world.calendar is not None:
        options.append(_option(f"calendar:{batch.id}", "batch.calendar", state, world))
    status = world.phrases.say(f"batch.status.{registration.status}", state.language, **values)
    text = world.phrases.say(
        heading, state.language, title=batch.title, when=_when(batch, state, world), venue=batch.venue, status=status
    )
    return say(state, Reply(text, tuple(options)))


def _in_batch(key: str, batch: Batch, state: State, world: World, **values: object) -> Turn:
    text = world.phrases.say(
        f"batch.{key}",
        state.language,
        title=batch.title,
        when=_when(batch, state, world),
        venue=batch.venue,
        **values,
    )
    options = [_option(f"leave:{batch.id}", "batch.leave", state, world)]
    if key != "queued":
        text += details(batch, state.language, world.phrases)
        if world.calendar is not None:
            options.insert(0, _option(f"calendar:{batch.id}", "batch.calendar", state, world))
    return say(state, Reply(text, tuple(options)))


def _would_wait(outcome: WouldWait, state: State, world: World) -> Turn:
    options = (
        _option(f"move-wait:{outcome.own.id}:{outcome.batch.id}", "batch.move-and-wait", state, world),
        _option("stay", "batch.stay", state, world),
    )
    text = world.phrases.say(
        "batch.would-wait",
        state.language,
        when=_day(outcome.batch, state, world),
        own=_day(outcome.own, state, world),
        number=outcome.number,
    )
    return say(state, Reply(text, options))


def _mobile_taken(batch: Batch, state: State, world: World) -> Turn:
    """The form stays open at its summary, so that the number can be changed."""
    text = world.phrases.say("batch.mobile-taken", state.language, when=_day(batch, state, world))
    if str(world.office):
        text += "\n" + world.phrases.say("talk.office", state.language, office=world.office)
    if state.form is None:
        return say(state, Reply(text))
    number = state.form.number
    options = (
        _option(f"f:{number}:change:{registering.MOBILE}", "form.change-mobile", state, world),
        _option(f"f:{number}:cancel", "form.cancel", state, world),
    )
    return say(state, Reply(text, options))


def _closed(outcome: Closed, state: State, world: World) -> Turn:
    options: tuple[Option, ...] = ()
    key = "batch.closed"
    values: dict[str, object] = {}
    if outcome.instead is not None:
        key = "batch.closed-next"
        values["next"] = _when(outcome.instead, state, world)
        options = (_option(f"register:{outcome.instead.id}", "batch.register-next", state, world),)
    return say(state, Reply(world.phrases.say(key, state.language, **values), options))


def _with_next(key: str, batch: Batch, state: State, world: World) -> Turn:
    return _about(key, batch, state, world, _option("workshop", "batch.see", state, world))


def _data(data: Data, state: State, world: World) -> Turn:
    """All that is kept, as people read it."""
    language, phrases = state.language, world.phrases
    lines = [
        phrases.say("data.since", language, when=say_day(data.kept.since, phrases, language)),
        phrases.say("data.language", language, language=LANGUAGES[language]),
        phrases.say("data.news-on" if state.news else "data.news-off", language),
    ]
    for field in world.fields:
        if field.id in state.profile:
            value = registering.shown(field, state.profile, language, world)
            lines.append(phrases.say("form.line", language, label=label(field, phrases, language), value=value))
    for registration, batch in data.registrations:
        status = phrases.say(f"batch.past.{registration.status}", language)
        when = _when(batch, state, world)
        lines.append(phrases.say("data.registration", language, title=batch.title, when=when, status=status))
        if registration.attended is not None:
            lines.append(phrases.say("data.attended", language))
        if registration.stars is not None:
            lines.append(phrases.say("data.stars", language, stars=registration.stars, remark=registration.remark))
    lines += [
        phrases.say("data.consent", language, when=say_when(at, phrases, language)) for _, at in data.kept.consents
    ]
    options = [_option("data:erase", "data.erase", state, world)]
    if state.profile:
        options.insert(0, _option("data:correct", "data.correct", state, world))
    return say(state, Reply(phrases.say("data.all", language, lines="\n".join(lines)), tuple(options)))


def _about(key: str, batch: Batch, state: State, world: World, *options: Option) -> Turn:
    values = {"title": batch.title, "when": _when(batch, state, world), "day": _day(batch, state, world)}
    return _plain(key, state, world, *options, venue=batch.venue, **values)


def _plain(key: str, state: State, world: World, *options: Option, **values: object) -> Turn:
    return say(state, Reply(world.phrases.say(key, state.language, **values), options))


def _batch_options(kind: str, batches: Sequence[Batch], state: State, world: World) -> tuple[Option, ...]:
    return tuple(
        Option(f"{kind}:{batch.id}", say_day(batch.starts, world.phrases, state.language))
        for batch in batches[:MAX_BATCHES]
    )


def sent(state: State) -> State:
    """The state after a form was sent: its answers are the profile now."""
    if state.form is None:
        return state
    return replace(state, form=None, profile={name: value for name, value in state.form.answers.items() if value})


def _option(option_id: str, key: str, state: State, world: World) -> Option:
    return option(option_id, key, state.language, world.phrases)


def _when(batch: Batch, state: State, world: World) -> str:
    return when(batch, state.language, world.phrases)


def _day(batch: Batch, state: State, world: World) -> str:
    return say_day(batch.starts, world.phrases, state.language)
