"""
What staff see before an announcement begins: to how many people, by which way, until when, at what cost, what is wrong.

``look_over`` works it out of numbers; ``card`` puts it into words, for the chat and the terminal alike.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_UP, Decimal
from enum import StrEnum

from bot.core.announcements.announcement import UNDO, Announcement
from bot.core.announcements.audience import parse
from bot.core.announcements.audience import say as say_audience
from bot.core.announcements.wording import needs_name
from bot.core.quiet import Quiet
from bot.core.talk.message import Reply
from bot.core.talk.phrases import Phrases
from bot.core.workshops.batch import Batch
from bot.core.workshops.times import say_when

_PAISA = Decimal("0.01")
# They are called so in every language.
_NAMES = {"telegram": "Telegram", "whatsapp": "WhatsApp"}
# On a channel without a pace of its own.
_PER_SECOND = 200


class Way(StrEnum):
    """How a message reaches somebody."""

    MESSAGE = "message"
    TEMPLATE = "template"  # on WhatsApp, who has not written for a day
    NONE = "none"  # there is no template, so they get nothing


class Caution(StrEnum):
    """What staff should think about once more."""

    NOBODY = "nobody"
    NAMELESS = "nameless"
    SAME_AGAIN = "same-again"
    NIGHT = "night"
    AFTER_WORKSHOP = "after-workshop"
    NO_SEATS = "no-seats"
    WORDS_ONLY = "words-only"
    NO_TEMPLATE = "no-template"
    NOT_IN_TIME = "not-in-time"


# With these it cannot be sent.
FORBIDS = (Caution.NOBODY, Caution.NAMELESS)


@dataclass(frozen=True, slots=True)
class Known:
    """
    The numbers that it is worked out of.

    Attributes:
        people: channel and way -> how many.
        nameless: how many have no name that is known.
        told_before: how many of them got the same text within two days.
        per_second: channel -> messages a second at the present pace; others go as fast as they can.
        price: of a template message, in rupees.
    """

    people: Mapping[tuple[str, Way], int]
    nameless: int
    told_before: int
    per_second: Mapping[str, float]
    price: Decimal
    quiet: Quiet


@dataclass(frozen=True, slots=True)
class Preflight:
    """
    The card.

    Attributes:
        total: how many get it.
        begins, finishes: aware.
        cost: in rupees.
        samples: what some of them read.
        warnings: each with the number that belongs to it.
    """

    announcement: Announcement
    people: Mapping[tuple[str, Way], int]
    total: int
    begins: datetime
    finishes: datetime
    cost: Decimal
    samples: Sequence[Reply] = ()
    warnings: Mapping[Caution, int] = field(default_factory=dict)

    @property
    def forbidden(self) -> bool:
        """Whether it cannot be sent like this."""
        return not self.warnings.keys().isdisjoint(FORBIDS)


def look_over(
    announcement: Announcement, known: Known, batch: Batch | None, samples: Sequence[Reply], now: datetime
) -> Preflight:
    """
    Work out the card of a draft.

    Args:
        announcement: which.
        known: how many people, how fast.
        batch: the workshop that it is about.
        samples: what some of them would read.
        now: when one looks.
    """
    wanted = max(announcement.wanted or now, now + UNDO)
    begins = known.quiet.until(wanted)
    by_channel: dict[str, int] = {}
    for (channel, way), count in known.people.items():
        by_channel[channel] = by_channel.get(channel, 0) + (count if way is not Way.NONE else 0)
    total = sum(by_channel.values())
    spread = timedelta(hours=announcement.hours) if total else timedelta()
    needed = _needed(by_channel, known.per_second, spread)
    finishes = finish(begins, by_channel, known.per_second, spread, known.quiet)
    templates = sum(count for (_, way), count in known.people.items() if way is Way.TEMPLATE)
    warnings = _warnings(announcement, known, total, templates)
    if begins > wanted:
        warnings[Caution.NIGHT] = 0
    if batch is not None and (not batch.takes_registrations(now) or finishes >= min(batch.starts, batch.last_date)):
        warnings[Caution.AFTER_WORKSHOP] = 0
    elif batch is not None and not batch.free:
        warnings[Caution.NO_SEATS] = 0
    if total and announcement.expires < finishes:
        share = known.quiet.awake(begins, announcement.expires) / needed
        warnings[Caution.NOT_IN_TIME] = total - math.floor(total * share)
    cost = (templates * known.price).quantize(_PAISA, ROUND_UP)
    return Preflight(announcement, known.people, total, begins, finishes, cost, tuple(samples), warnings)


def _warnings(announcement: Announcement, known: Known, total: int, templates: int) -> dict[Caution, int]:
    """What is to be thought of whenever it goes out."""
    warnings: dict[Caution, int] = {}
    if not total:
        warnings[Caution.NOBODY] = 0
    if known.nameless and needs_name(announcement.text):
        warnings[Caution.NAMELESS] = known.nameless
    if known.told_before:
        warnings[Caution.SAME_AGAIN] = known.told_before
    if templates and (announcement.file is not None or announcement.attachment is not None):
        warnings[Caution.WORDS_ONLY] = templates
    if left_out := sum(count for (_, way), count in known.people.items() if way is Way.NONE):
        warnings[Caution.NO_TEMPLATE] = left_out
    return warnings


def finish(
    begins: datetime, people: Mapping[str, int], per_second: Mapping[str, float], spread: timedelta, quiet: Quiet
) -> datetime:
    """
    When it is through.

    Args:
        begins: from when on it goes out.
        people: channel -> how many are to get it.
        per_second: channel -> messages a second; others go as fast as they can.
        spread: it takes as long as this at least.
        quiet: when nothing goes out.
    """
    needed = _needed(people, per_second, spread)
    return quiet.after(quiet.until(begins), needed) if needed else begins


def _needed(people: Mapping[str, int], per_second: Mapping[str, float], spread: timedelta) -> timedelta:
    seconds = max((count / per_second.get(channel, _PER_SECOND) for channel, count in people.items()), default=0.0)
    return max(timedelta(seconds=math.ceil(seconds)), spread)


def card(preflight: Preflight, language: str, phrases: Phrases) -> str:
    """The card in words."""

    def say(key: str, **values: object) -> str:
        return phrases.say(f"announce.card.{key}", language, **values)

    announcement = preflight.announcement
    audience = say_audience(parse(announcement.segment), language, phrases)
    lines = [say("title", id=announcement.id), say("audience", audience=audience)]
    lines.append(say("total", count=grouped(preflight.total)))
    for (channel, way), count in sorted(preflight.people.items()):
        if count:
            titled = _NAMES.get(channel) or say(f"channel-{channel}")
            lines.append(say(f"way-{way}", channel=titled, count=grouped(count)))
    begins, finishes, expires = (
        say_when(moment, phrases, language) for moment in (preflight.begins, preflight.finishes, announcement.expires)
    )
    lines.append(say("begins", when=begins))
    lines.append(say("finishes", when=finishes) if preflight.finishes > preflight.begins else say("at-once"))
    lines.append(say("expires", when=expires))
    if preflight.cost:
        lines.append(say("cost", rupees=grouped(preflight.cost)))
    lines += [warn(warning, count, language, phrases) for warning, count in preflight.warnings.items()]
    for number, sample in enumerate(preflight.samples, 1):
        buttons = "".join(f"\n[{option.title}]" for option in sample.options)
        lines.append(f"\n{say('sample', number=number)}\n{sample.text}{buttons}")
    return "\n".join(lines)


def warn(warning: Caution, count: int, language: str, phrases: Phrases) -> str:
    """One warning in a sentence."""
    sign = "✖" if warning in FORBIDS else "⚠"
    return f"{sign} {phrases.say(f'announce.warning.{warning}', language, count=grouped(count))}"


def grouped(number: int | Decimal) -> str:
    """A number as it is written in India: 12,34,567."""
    whole, point, rest = str(number).partition(".")
    head, tail = whole[:-3], whole[-3:]
    pairs = [head[max(end - 2, 0) : end] for end in range(len(head), 0, -2)]
    return ",".join([*reversed(pairs), tail]) + point + rest
