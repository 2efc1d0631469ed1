"""
Which of the options offered last a typed message means: by its title, by its number and title, or by yes and no.

The titles were kept when they were shown (``State.titles``). Of what the outbox sent only the ids are known; for those
the titles are found again, in every language.
"""

import re

from bot.core.answers.fold import fold
from bot.core.talk.agreement import Kind, Said, said_to
from bot.core.talk.state import LANGUAGES, State, World

# What was asked is not decided by what was said, and is to be asked again.
AGAIN = "again"
# The kinds of a notice's and a reminder's options -> their texts.
_SENT = {
    "accept": ("batch.accept",),
    "decline": ("batch.decline",),
    "coming": ("batch.coming", "batch.still-coming"),
    "not-coming": ("batch.not-coming",),
    "others": ("batch.other-batch",),
    "leave": ("batch.not-coming", "batch.leave"),
    "register": ("batch.register-next", "batch.register-again", "batch.register"),
    "stars": ("batch.stars.{last}",),
}
_ANY = frozenset(Kind)
_SURE = frozenset({Kind.PLAIN, Kind.FINE})
_AGREED = _SURE | {Kind.AGREEING}
# What a yes chooses, by the beginnings of ids, and by which kinds of yes.
_AFFIRMS = {
    r"agree:.*": _AGREED,
    r"accept:.*": _ANY,
    r"coming:.*": _ANY,
    r"register:.*": _ANY,
    r"move-wait:.*": _AGREED,
    r"leave-yes:.*": _SURE,
    r"data:erase-yes": frozenset({Kind.PLAIN}),
    r"news:on": _AGREED | {Kind.WANTING},
    r"useful:yes:.*": _SURE,
    r"f:\d+:(?:confirm|own)": _AGREED,
}
_REFUSES = (r"disagree", r"decline:.*", r"not-coming:.*", r"stay", r"none", r"useful:no:.*", r"f:\d+:which")
# Questions that want a yes or a no, and are repeated where they get neither.
_WAITING = re.compile(r"(?:agree|accept|coming|leave-yes|move-wait):.*|data:erase-yes|f:\d+:confirm")
_ONE_OR_NONE = 2
_NUMBERED = re.compile(r"(\d{1,3}) (.+)")
_STAR = "|".join(map(fold, ("star", "stars", "स्टार", "तारे", "सितारे", "अंक", "out of 5")))
_STARS = re.compile(rf"([1-5])(?: (?:5|{_STAR}))?|5 (?:me|men) se ([1-5])(?: (?:{_STAR}))?")
_STAR_SIGNS = re.compile(r"[★⭐🌟\ufe0f\s]+")
_NUMBER_WORDS = {
    fold(word): number
    for number, words in enumerate(
        (("एक", "one"), ("दो", "two"), ("तीन", "three"), ("चार", "four"), ("पाँच", "five")), 1
    )
    for word in words
}


def chosen(text: str, folded: str, state: State, world: World) -> str:
    """The id of the option that a message names by its title, or by its number and title; "" where it names none."""
    if stars := _stars(text, folded, state.offered):
        return stars
    if not folded:
        return ""
    for option in state.offered:
        if folded in _titles(option, state, world):
            return option
    if (numbered := _NUMBERED.fullmatch(folded)) and 1 <= int(numbered[1]) <= len(state.offered):
        option, rest = state.offered[int(numbered[1]) - 1], numbered[2]
        said = said_to(rest)
        if rest in _titles(option, state, world) or (said.clear and decided(said, state.offered) == option):
            return option
    return ""


def decided(said: Said, offered: tuple[str, ...]) -> str:
    """
    What a yes or a no means.

    Returns:
        The id of one of the options offered last; ``AGAIN`` where something waits for a yes or a no and this is not
        clearly one to it; "leave-place" for "we are not coming", "my-place" for both at once, "yes" or "no" where
        nothing waits; "" where it says nothing.
    """
    if not said.yes and not said.no:
        return ""
    if said.clear:
        option = _agreed(said.yes, offered) if said.yes else _refused(said.no, offered)
        if option:
            return option
    if waits(offered):
        return AGAIN if said.whole or said.mixed else ""
    if not said.clear:
        return "my-place" if said.whole and Kind.COMING in said.yes else ""
    if said.yes:
        return "yes" if said.yes & {Kind.PLAIN, Kind.FINE, Kind.COMING} else ""
    return "leave-place" if Kind.COMING in said.no else "no"


def waits(offered: tuple[str, ...]) -> str:
    """The option that waits for a yes or a no; "" where none does."""
    return next((option for option in offered if _WAITING.fullmatch(option)), "")


def _agreed(yes: frozenset[Kind], offered: tuple[str, ...]) -> str:
    one = len(offered) == _ONE_OR_NONE and offered[1] in ("none", "stay")
    if one and yes <= _SURE and offered[0].startswith(("entry:", "move:")):
        return offered[0]
    for option in offered:
        for pattern, kinds in _AFFIRMS.items():
            if not re.fullmatch(pattern, option):
                continue
            if option.startswith("leave-yes:") and not yes <= _SURE:
                return "stay"  # who comes or wants the seat does not give it up
            if kinds & yes and (option != "data:erase-yes" or yes <= _SURE):
                return option
    return ""


def _refused(no: frozenset[Kind], offered: tuple[str, ...]) -> str:
    leaving = next((option for option in offered if option.startswith("leave-yes:")), "")
    if leaving and no != {Kind.PLAIN}:
        return leaving if no == {Kind.COMING} else ""
    for option in offered:
        if any(re.fullmatch(pattern, option) for pattern in _REFUSES):
            return option
    if any(option.startswith("coming:") for option in offered):
        return next((option for option in offered if option.startswith("leave:")), "")
    return ""


def _stars(text: str, folded: str, offered: tuple[str, ...]) -> str:
    if not offered or not offered[0].startswith("stars:"):
        return ""
    signs = text.strip()
    number = len(re.sub(r"[\ufe0f\s]", "", signs)) if signs and _STAR_SIGNS.fullmatch(signs) else 0
    words = folded.split()
    if not number and words and words[0] in _NUMBER_WORDS:
        folded = " ".join((str(_NUMBER_WORDS[words[0]]), *words[1:]))
    if not number and (found := _STARS.fullmatch(folded)):
        number = int(found[1] or found[2])
    return offered[number - 1] if 1 <= number <= len(offered) else ""


def _titles(option: str, state: State, world: World) -> set[str]:
    if option in state.titles:
        return {fold(state.titles[option])} - {""}
    kind, _, what = option.partition(":")
    keys = [key.format(last=what.rpartition(":")[2]) for key in _SENT.get(kind, ())]
    return {fold(said) for language in LANGUAGES for key in keys if (said := world.phrases.texts[language].get(key))}
