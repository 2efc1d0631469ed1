"""Answering: what the FAQ says to a question, what to choose from where that is unclear, and what there is to ask."""

from collections.abc import Iterable
from dataclasses import replace

from bot.core.answers.faq import Does, Entry, in_language
from bot.core.answers.fold import fold
from bot.core.answers.render import answer_text
from bot.core.talk import ticketing
from bot.core.talk.message import Option, Reply
from bot.core.talk.registering import ask_again
from bot.core.talk.state import Outcome, State, Turn, World, say
from bot.core.workshops.acts import Keep, Look

MAX_RELATED = 3


def answer(entry_id: str, state: State, world: World) -> Turn | None:
    """The answer of an entry and what may be asked next; None where it is gone."""
    entry = world.faq.by_id.get(entry_id)
    if entry is None:
        return None
    question, answered_with = state.asked
    if answered_with != entry_id:
        # A related entry, or one from the menu, is no answer to what was asked before.
        state = replace(state, asked=("" if answered_with else question, entry_id))
    if entry.does is Does.WORKSHOP:
        # The office's own dates, if there are any, make the general answer superfluous.
        return Turn(state, (), (Look(why=f"entry:{entry_id}"),))
    return approved(entry, state, world)


def approved(entry: Entry, state: State, world: World) -> Turn:
    """What the office approved for an entry; one message, for platforms let only so many through."""
    text = answer_text(entry, world.phrases, state.language, world.today)
    if state.form is not None:
        return ask_again(Turn(state, (Reply(text),)), world)
    related = _entries(entry.related[:MAX_RELATED], state, world)
    votes = (
        _button(f"useful:yes:{entry.id}", "talk.useful-yes", state, world),
        _button(f"useful:no:{entry.id}", "talk.useful-no", state, world),
    )
    key = "talk.related" if related else "talk.useful"
    return say(state, Reply(f"{text}\n\n{world.phrases.say(key, state.language)}", (*related, *votes)))


def useful(what: str, state: State, world: World) -> Turn:
    """Whether an answer helped; where it did not, the question is kept for the staff."""
    vote, _, entry = what.partition(":")
    _, answered_with = state.asked
    if vote == "yes":
        state = replace(state, asked=("", ""), vain=0)
        turn = ask_again(say(state, Reply(world.phrases.say("talk.glad", state.language))), world)
    else:
        turn = _in_vain("talk.not-useful", answered_with == entry, state, world)
    # An id that somebody made up counts for nothing.
    known = entry in world.faq.by_id
    return replace(turn, counted=((Outcome.HELPFUL if vote == "yes" else Outcome.UNHELPFUL, entry),) if known else ())


def offer(entries: Iterable[str], state: State, world: World) -> Turn:
    """Entries to choose from, and none of them."""
    none = _button("none", "talk.none-of-these", state, world)
    options = _entries(entries, state, world)
    text = world.phrases.say("talk.choices" if len(options) > 1 else "talk.one-choice", state.language)
    return say(state, Reply(text, (*options, none)))


def none_of_these(_: str, state: State, world: World) -> Turn:
    """None of the offered entries was meant; the question is kept for the staff."""
    _, answered_with = state.asked
    return _in_vain("talk.say-it-otherwise", not answered_with, state, world)


def _in_vain(key: str, concerns_last: bool, state: State, world: World) -> Turn:  # noqa: FBT001
    """What can be done now; the last question is kept, once, if that is what was not answered."""
    question, _ = state.asked
    kept = (Keep(fold(question), question),) if question and concerns_last else ()
    lines = [world.phrases.say(key, state.language)]
    if kept:
        state = replace(state, asked=("", ""))
        lines.append(world.phrases.say("talk.noted", state.language))
    if str(world.office):
        lines.append(world.phrases.say("talk.office", state.language, office=world.office))
    if kept and (turn := ticketing.handed_over(question, state, world)):
        return replace(turn, effects=kept)
    state = ticketing.failed(state)
    turn = say(state, Reply("\n".join(lines), _ways_on(state, world)))
    return ask_again(replace(turn, effects=kept), world)


def menu(_: str, state: State, world: World) -> Turn:
    """All headings."""
    categories = tuple(
        Option(f"category:{category.id}", in_language(category.title, state.language))
        for category in world.faq.categories
    )
    workshop = _button("workshop", "batch.see", state, world)
    return say(state, Reply(world.phrases.say("talk.menu", state.language), (*categories, workshop)))


def category(category_id: str, state: State, world: World) -> Turn | None:
    """All entries of a heading; None where it is gone."""
    heading = next((each for each in world.faq.categories if each.id == category_id), None)
    if heading is None:
        return None
    entries = _entries((entry.id for entry in world.faq.entries if entry.category == category_id), state, world)
    to_menu = _button("menu", "talk.menu-button", state, world)
    return say(state, Reply(in_language(heading.title, state.language), (*entries, to_menu)))


def refuse(question: str, state: State, world: World) -> Turn:
    """Nothing was found: what the person can do; the second time in a row, somebody of the office is asked."""
    if turn := ticketing.handed_over(question, state, world):
        return turn
    state = ticketing.failed(state)
    key = "talk.nothing-office" if str(world.office) else "talk.nothing"
    text = world.phrases.say(key, state.language, office=world.office)
    return ask_again(say(state, Reply(text, _ways_on(state, world))), world)


def _ways_on(state: State, world: World) -> tuple[Option, ...]:
    """All headings, and somebody of the office where there is one."""
    human = (_button("human", "ticket.human-button", state, world),) if world.takes_over and not state.ticket else ()
    return (_button("menu", "talk.menu-button", state, world), *human)


def _entries(entries: Iterable[str], state: State, world: World) -> tuple[Option, ...]:
    return tuple(
        Option(f"entry:{entry}", in_language(world.faq.by_id[entry].title, state.language)) for entry in entries
    )


def _button(option: str, key: str, state: State, world: World) -> Option:
    return Option(option, world.phrases.say(key, state.language))
