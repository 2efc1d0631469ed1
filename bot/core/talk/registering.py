"""
The registration form: consent first, one question at a time, everything at a glance, and only then is it sent.

A button of a form names the form it belongs to and the field it answers, so it does what it said even when another
question is being asked, and says kindly that it is over when the form is. Whatever is typed is first an answer to the
question that is asked; what cannot be one is for ``dialogue`` to understand, which comes back here to ask again.

Steps: CONSENT, unless the notice on personal data was agreed to before; each field of ``World.fields`` that has no
answer yet, in order; then SUMMARY, from which WHICH leads back to any field. "back" goes one field back. Nothing is
saved before "confirm" on the summary.
"""

from collections.abc import Mapping
from dataclasses import replace

from bot.core.talk.agreement import said_to
from bot.core.talk.fieldwords import labels_of, named
from bot.core.talk.message import Option, Reply
from bot.core.talk.state import CONSENT, CORRECTING, NO_FIELDS, SUMMARY, WHICH, Form, State, Turn, World, say
from bot.core.talk.words import CHANGING, CONFIRMING
from bot.core.workshops.acts import Agree, Begin, Correct, Register
from bot.core.workshops.checks import Bad, Good, said_mobile
from bot.core.workshops.fields import Field, FieldKind, ask, check, example, explain, label, option_title, said, skips

# From so many answers in a row that cannot be used on, ways out are offered.
TOO_MANY_BAD = 2
MOBILE = "mobile"


def start(batch: int, state: State, world: World) -> Turn:
    """Begin a registration: with the notice on personal data, unless this version of it was agreed to."""
    if state.agreed == world.notice_version:
        return _open(batch, state, world)
    form = Form(state.forms + 1, batch, CONSENT)
    return say(replace(state, form=form), Reply(world.notice(state.language), _consent(form, state, world)))


def agreed(batch: int, version: str, state: State, world: World) -> Turn:
    """
    Agreed to the notice, in the version that the button was made for.

    Whether the batch still takes them is asked again: between notice and button may lie weeks, or a whole form.
    """
    if state.agreed == world.notice_version:
        return Turn(state, (), (Begin(batch),))
    if version != world.notice_version:
        return start(batch, state, world)
    return Turn(replace(state, agreed=version), (), (Agree(version), Begin(batch)))


def disagreed(state: State, world: World) -> Turn:
    """Did not agree to the notice; who has registered since is told that this is over."""
    if state.form is None and state.profile:
        return _over(state, world)
    key = "talk.as-it-was" if state.profile else "consent.disagreed"
    return say(replace(state, form=None, agreed=""), Reply(world.phrases.say(key, state.language)))


def correct(state: State, world: World) -> Turn:
    """Change what was filled in earlier, or in the form that is open."""
    if state.form is not None and state.form.step != CONSENT:
        step = WHICH if state.form.answers else state.form.step
        return _ask(replace(state.form, step=step), state, world)
    if not state.profile:
        return say(state, Reply(world.phrases.say("data.nothing-to-correct", state.language)))
    turn = _open(CORRECTING, state, world)
    form = _form(turn.state, world)
    return _ask(replace(form, step=WHICH), state, world) if form.step == SUMMARY else turn


def prompt(state: State, world: World) -> Reply:
    """What the open form asks now."""
    form = _form(state, world)
    if form.step == CONSENT:
        return Reply(world.phrases.say("consent.again", state.language), _consent(form, state, world))
    if form.step == SUMMARY:
        return _summary(form, state, world)
    if form.step == WHICH:
        fields = tuple(
            _option(form, f"change:{field.id}", label(field, world.phrases, state.language))
            for field in world.fields
            if field.id in form.answers
        )
        done = _option(form, "summary", world.phrases.say("form.nothing-more", state.language))
        text = world.phrases.say("form.which", state.language)
        if form.batch == CORRECTING:
            text = "\n".join((text, *_lines(form, state, world)))
        return Reply(text, (*fields, done))
    field = _field(form.step, world)
    at = world.fields.index(field) + 1
    shown = (ask(field, world.phrases, state.language), example(field, world.phrases, state.language))
    question = " ".join(filter(None, shown))
    text = world.phrases.say("form.question", state.language, at=at, of=len(world.fields), ask=question)
    if at == 1 and field.id not in form.answers:
        text += "\n" + world.phrases.say("form.how", state.language)
    return Reply(text, _options(field, form, state, world))


def asks(state: State, world: World) -> FieldKind | None:
    """What kind of field the open form asks; None where it asks for none."""
    form = _form(state, world)
    return None if form.step in NO_FIELDS else _field(form.step, world).kind


def ask_again(turn: Turn, world: World) -> Turn:
    """The turn, and then what an open form asks, so that the talk goes on where it was."""
    if turn.state.form is None or ((turn.effects or turn.tickets) and not turn.replies):
        return turn
    told = tuple(replace(reply, options=()) for reply in turn.replies)
    asked = say(turn.state, *told, prompt(turn.state, world))
    return replace(turn, state=asked.state, replies=asked.replies)


def answer(text: str, state: State, world: World) -> Turn | Bad:
    """The turn after an answer to what is asked, or why it is none."""
    form = _form(state, world)
    if form.step in NO_FIELDS:
        return Bad("summary")
    field = _field(form.step, world)
    if skips(field, text, world.phrases):
        return _next(form, field.id, "", state, world)
    checked = check(field, text, world.phrases)
    if isinstance(checked, Good):
        return _next(form, field.id, checked.value, state, world)
    return checked


def at_summary(folded: str, state: State, world: World) -> str:
    """
    The option that words mean where everything stands at a glance, or where it is asked what to change.

    "सब सही है", "कुछ बदलना है"; "नाम", "ठीक है"; "" if they mean none.
    """
    form = state.form
    if form is None or form.step not in (SUMMARY, WHICH):
        return ""
    said = said_to(folded)
    if form.step == WHICH:
        field = named(folded, form.answers, labels_of(world))
        done = folded in CONFIRMING or said.clear
        meant = f"change:{field}" if field else "summary" if done else "which" if folded in CHANGING else ""
    else:
        meant = "confirm" if folded in CONFIRMING else "which" if folded in CHANGING else ""
    option = f"f:{form.number}:{meant}"
    return option if option in state.offered or meant.startswith(("change:", "which")) else ""


def refuse(bad: Bad, state: State, world: World) -> Turn:
    """Say what is wrong with an answer, with an example; from the second time on with ways out."""
    form = _form(state, world)
    form = replace(form, bad=form.bad + 1)
    state = replace(state, form=form)
    asked = prompt(state, world)
    if form.step == CONSENT:
        text = asked.text
    elif form.step in NO_FIELDS:
        text = world.phrases.say(f"form.bad.{form.step}", state.language)
    else:
        text = explain(bad, _field(form.step, world), world.phrases, state.language)
    if form.bad < TOO_MANY_BAD:
        return say(state, Reply(text, asked.options))
    text += "\n" + world.phrases.say("form.ways-out", state.language)
    if str(world.office):
        text += "\n" + world.phrases.say("talk.office", state.language, office=world.office)
    stop = _option(form, "cancel", world.phrases.say("form.cancel", state.language))
    out = () if stop in asked.options or form.step == CONSENT else (stop,)
    return say(state, Reply(text, (*asked.options, *out)))


def back(state: State, world: World) -> Turn:
    """Ask the field before this one again."""
    form = _form(state, world)
    if form.step == CONSENT:
        return _ask(form, state, world)
    ids = [field.id for field in world.fields]
    before = ids[max(ids.index(form.step) - 1, 0)] if form.step in ids else ids[-1]
    return _ask(replace(form, step=before, bad=0), state, world)


def cancel(state: State, world: World) -> Turn:
    """Close the form without saving anything."""
    key = "talk.as-it-was" if _form(state, world).batch == CORRECTING else "form.cancelled"
    return say(replace(state, form=None), Reply(world.phrases.say(key, state.language)))


def press(what: str, state: State, world: World) -> Turn:  # noqa: C901, PLR0911 - one line a button
    """
    A button of a form.

    ``what`` is "NUMBER:cancel", ":back", ":own", ":confirm", ":which", ":summary", ":skip:FIELD", ":change:FIELD" or
    ":set:FIELD:OPTION"; the number is the form's.
    """
    number, _, rest = what.partition(":")
    verb, _, rest = rest.partition(":")
    field_id, _, option = rest.partition(":")
    form = state.form
    if form is None or str(form.number) != number:
        return ask_again(_over(state, world), world)
    field = next((each for each in world.fields if each.id == field_id), None)
    match verb:
        case "cancel":
            return cancel(state, world)
        case _ if form.step == CONSENT:
            return _ask(form, state, world)
        case "back":
            return back(state, world)
        case "confirm":
            return _confirm(form, state, world)
        case "summary" if _unchanged(form, state):
            return _confirm(form, state, world)
        case "which":
            return _ask(replace(form, step=WHICH), state, world)
        case "change" if field is not None:
            return _ask(replace(form, step=field.id), state, world)
        case "skip" if field is not None and field.optional:
            return _next(form, field.id, "", state, world)
        case "set" if field is not None and option in {each.id for each in field.options}:
            return _next(form, field.id, option, state, world)
        case "own" if state.own_mobile and isinstance(
            own := check(_field(MOBILE, world), state.own_mobile, world.phrases), Good
        ):
            return _next(form, MOBILE, own.value, state, world)
        case _:
            return _ask(form if verb != "summary" else replace(form, step=SUMMARY), state, world)


def shown(field: Field, answers: Mapping[str, str], language: str, world: World) -> str:
    """An answer as people read it; a dash where there is none."""
    value = answers.get(field.id, "")
    if not value:
        return "—"
    return said(field, value, world.phrases, language)


def _over(state: State, world: World) -> Turn:
    mine = Option("my-place", world.phrases.say("batch.my-place", state.language))
    return say(state, Reply(world.phrases.say("form.over", state.language), (mine,)))


def _open(batch: int, state: State, world: World) -> Turn:
    """A new form with all that is known; the open one, if it is for this batch: a button is easily pressed twice."""
    known = dict(state.profile)
    if known:
        # What was left out the last time is not asked again; the summary shows that it is not there.
        known = {field.id: "" for field in world.fields if field.optional} | known
    if state.form is not None:
        if state.form.batch == batch and state.form.step != CONSENT:
            return _ask(_form(state, world), state, world)
        known |= state.form.answers
    ids = {field.id for field in world.fields}
    form = Form(state.forms + 1, batch, SUMMARY, {field: value for field, value in known.items() if field in ids})
    return _ask(replace(form, step=_unanswered(form, world)), replace(state, forms=form.number), world)


def _next(form: Form, field: str, value: str, state: State, world: World) -> Turn:
    """Write an answer down and go on, unless another question is being asked."""
    answered = replace(form, answers={**form.answers, field: value}, bad=0)
    if form.step in (field, SUMMARY, WHICH):
        answered = replace(answered, step=_unanswered(answered, world))
    return _ask(answered, state, world)


def _ask(form: Form, state: State, world: World) -> Turn:
    state = replace(state, form=form)
    return say(state, prompt(state, world))


def _confirm(form: Form, state: State, world: World) -> Turn:
    missing = _unanswered(form, world)
    if missing != SUMMARY:
        return _ask(replace(form, step=missing), state, world)
    if _unchanged(form, state):
        return say(replace(state, form=None), Reply(world.phrases.say("form.nothing-changed", state.language)))
    profile = {field.id: form.answers[field.id] for field in world.fields if form.answers[field.id]}
    mobile = profile[MOBILE]
    if form.batch == CORRECTING:
        return Turn(state, (), (Correct(mobile, profile),))
    return Turn(state, (), (Register(form.batch, mobile, profile),))


def _unchanged(form: Form, state: State) -> bool:
    """Whether earlier answers were to be corrected and are what they were."""
    answers = {field: value for field, value in form.answers.items() if value}
    return form.batch == CORRECTING and answers == {
        field: value for field, value in state.profile.items() if field in form.answers
    }


def _unanswered(form: Form, world: World) -> str:
    """The first field without an answer, or SUMMARY."""
    return next((field.id for field in world.fields if field.id not in form.answers), SUMMARY)


def _summary(form: Form, state: State, world: World) -> Reply:
    kind = "correct" if form.batch == CORRECTING else "register"
    options = (
        _option(form, "confirm", world.phrases.say(f"form.confirm-{kind}", state.language)),
        _option(form, "which", world.phrases.say("form.change", state.language)),
        _option(form, "cancel", world.phrases.say("form.cancel", state.language)),
    )
    return Reply(
        world.phrases.say("form.summary", state.language, lines="\n".join(_lines(form, state, world))), options
    )


def _lines(form: Form, state: State, world: World) -> list[str]:
    """All answers as people read them, each in its line."""
    return [
        world.phrases.say(
            "form.line",
            state.language,
            label=label(field, world.phrases, state.language),
            value=shown(field, form.answers, state.language, world),
        )
        for field in world.fields
    ]


def _options(field: Field, form: Form, state: State, world: World) -> tuple[Option, ...]:
    options = [
        _option(form, f"set:{field.id}:{each.id}", option_title(field, each.id, world.phrases, state.language))
        for each in field.options
    ]
    if field.kind is FieldKind.MOBILE and (own := _own_mobile(state, world)):
        title = world.phrases.say("form.own-mobile", state.language, mobile=said_mobile(own))
        options.append(_option(form, "own", title))
    if field.optional:
        options.append(_option(form, f"skip:{field.id}", world.phrases.say("form.skip", state.language)))
    return tuple(options)


def _consent(form: Form, state: State, world: World) -> tuple[Option, ...]:
    return (
        Option(f"agree:{form.batch}:{world.notice_version}", world.phrases.say("consent.agree", state.language)),
        Option("disagree", world.phrases.say("consent.disagree", state.language)),
    )


def _own_mobile(state: State, world: World) -> str:
    """The number that the channel vouches for, as it would be kept; "" where there is none, or none that will do."""
    checked = check(_field(MOBILE, world), state.own_mobile, world.phrases)
    return checked.value if isinstance(checked, Good) else ""


def _option(form: Form, what: str, title: str) -> Option:
    return Option(f"f:{form.number}:{what}", title)


def _form(state: State, world: World) -> Form:
    """The open form; where the office has taken its field out of the form since, at what is still to be answered."""
    form = state.form
    if form is None:
        raise ValueError("no form is open")
    if form.step in (*NO_FIELDS, *(field.id for field in world.fields)):
        return form
    return replace(form, step=_unanswered(form, world))


def _field(field_id: str, world: World) -> Field:
    return next(field for field in world.fields if field.id == field_id)
