"""What choosing an option does: a button, a number or a title that was typed, a command, a request in any wording."""

from collections.abc import Callable
from dataclasses import replace

from bot.core.talk import answering, registering, telling, ticketing
from bot.core.talk.message import Option, Reply, is_number
from bot.core.talk.registering import ask_again
from bot.core.talk.state import LANGUAGES, State, Turn, World, say
from bot.core.tickets.ticket import Why
from bot.core.workshops.acts import (
    Accept,
    Begin,
    Confirm,
    Decline,
    Effect,
    Erase,
    Leave,
    Look,
    Move,
    Rate,
    Say,
    ShowData,
)  # fmt: skip


def choose(option: str, state: State, world: World) -> Turn:
    """
    An option that a person chose, now or long ago, by its id.

    What it names may be gone by now; that is said.
    """
    kind, _, what = option.partition(":")
    chosen = _CHOICES.get(kind)
    turn = chosen(what, state, world) if chosen else None
    return turn or ask_again(_plain("talk.gone", state, world), world)


def again(option: str, state: State, world: World) -> Turn:
    """Ask once more what a yes or a no was wanted to, by the option that a yes would have chosen."""
    if state.form is not None:
        return ask_again(Turn(state), world)
    kind, _, what = option.partition(":")
    match kind:
        case "leave-yes":
            return choose(f"leave:{what}", state, world)
        case "data":
            return choose("data:erase", state, world)
        case "move-wait":
            return choose(f"move:{what}", state, world)
        case "agree":
            batch, _, _ = what.partition(":")
            return choose(f"register:{batch}", state, world)
        case _:
            return Turn(state, (), (Look(why="waiting"),))


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
    return registering.agreed(int(batch), version, state, world) if is_number(batch) else None


def _leave(what: str, state: State, world: World) -> Turn | None:
    return telling.leave_sure(int(what), state, world) if is_number(what) else None


def _move(what: str, state: State, *, may_wait: bool) -> Turn | None:
    batch, _, to = what.partition(":")
    if not (is_number(batch) and is_number(to)):
        return None
    return Turn(state, (), (Move(int(batch), int(to), may_wait),))


def _stars(what: str, state: State, _world: World) -> Turn | None:
    batch, _, stars = what.partition(":")
    return Turn(state, (), (Rate(int(batch), int(stars)),)) if is_number(batch) and stars in set("12345") else None


def _act(make: Callable[[int], Effect]) -> Callable[[str, State, World], Turn | None]:
    """A choice that is an act on the batch that its id names."""
    return lambda what, state, _: Turn(state, (), (make(int(what)),)) if is_number(what) else None


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
    "human": lambda _, state, world: ticketing.wanted(Why.ASKED, "", state, world),
    "ticket": lambda what, state, _: ticketing.pressed(what, state),
    "stars": _stars,
    "data": _data,
    "yes": lambda _, state, __: Turn(state, (), (Say(yes=True),)),
    "no": lambda _, state, __: Turn(state, (), (Say(yes=False),)),
}
# What a request in any wording does, as an option's id.
REQUESTS = {
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
