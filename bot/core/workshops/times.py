"""
Dates and times of workshops as people say them, and as staff type them; always in IST.

>>> now = datetime(2026, 11, 2, 9, tzinfo=IST)
>>> read_moment("14/12/2026, शाम 4 बजे", now).isoformat()
'2026-12-14T16:00:00+05:30'
>>> read_moment("१४ दिसंबर 10:30", now).isoformat()
'2026-12-14T10:30:00+05:30'
>>> read_moment("14.12.2026 4 बजे", now) is None  # in the morning or in the afternoon?
True
"""

import re
import unicodedata
from datetime import date, datetime, time
from functools import lru_cache

from bot.core.talk.phrases import Phrases
from bot.core.workshops.batch import IST

# From which hour on a part of the day has which name.
_PARTS = ((20, "night"), (16, "evening"), (12, "afternoon"), (4, "morning"), (0, "small-hours"))


def say_day(moment: datetime, phrases: Phrases, language: str) -> str:
    """``सोमवार, 14 दिसंबर 2026``."""
    day = moment.astimezone(IST).date()
    return phrases.say(
        "dates.day",
        language,
        weekday=phrases.say(f"dates.weekday.{day.weekday()}", language),
        day=day.day,
        month=phrases.say(f"dates.month.{day.month}", language),
        year=day.year,
    )


def say_time(moment: datetime, phrases: Phrases, language: str) -> str:
    """``सुबह 10:30 बजे``; minutes only where there are any."""
    at = moment.astimezone(IST).time()
    part = next(name for since, name in _PARTS if at.hour >= since)
    clock = f"{at.hour % 12 or 12}" + (f":{at.minute:02}" if at.minute else "")
    return phrases.say("dates.time", language, part=phrases.say(f"dates.{part}", language), clock=clock)


def say_when(moment: datetime, phrases: Phrases, language: str) -> str:
    """``सोमवार, 14 दिसंबर 2026, सुबह 10:30 बजे``."""
    day, at = (say(moment, phrases, language) for say in (say_day, say_time))
    return phrases.say("dates.when", language, day=day, time=at)


# The same few batches are spoken of again and again.
@lru_cache(maxsize=1024)
def say_span(starts: datetime, ends: datetime, phrases: Phrases, language: str) -> str:
    """``सोमवार, 14 दिसंबर 2026, सुबह 10 बजे से शाम 4 बजे तक``; the day is said again only where it is another."""
    one_day = starts.astimezone(IST).date() == ends.astimezone(IST).date()
    until = (say_time if one_day else say_when)(ends, phrases, language)
    return phrases.say("dates.span", language, starts=say_when(starts, phrases, language), ends=until)


# --- what staff type --------------------------------------------------------------------------------------------------

# Without nukta, "म्ब" as "ंब", lower case: see _plain.
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "जनवरी january jan", "फरवरी february feb", "मार्च march mar", "अप्रैल april apr", "मई may",
            "जून june jun", "जुलाई july jul", "अगस्त august aug", "सितंबर september sept sep",
            "अक्टूबर अक्तूबर october oct", "नवंबर november nov", "दिसंबर december dec",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "सोमवार monday mon", "मंगलवार tuesday tue", "बुधवार wednesday wed",
            "गुरुवार गुरूवार बृहस्पतिवार वीरवार thursday thu", "शुक्रवार friday fri", "शनिवार saturday sat",
            "रविवार इतवार sunday sun",
        )
    )
    for name in names.split()
}  # fmt: skip
# Which hours a part of the day can mean; "रात 12" and after is left out, for it may belong to either of two days.
_SPANS = {
    **dict.fromkeys(("सुबह", "subah"), range(4, 12)),
    **dict.fromkeys(("दोपहर", "dopahar", "dopeher"), range(11, 17)),
    **dict.fromkeys(("शाम", "shaam", "sham"), range(15, 21)),
    **dict.fromkeys(("रात", "raat"), range(19, 24)),
    "am": range(12),
    "pm": range(12, 24),
}
_FILLERS = {"को", "के", "से", "तक", "ko", "ke", "at", "on", "ist"}
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—−"), "-")
_BAJE = {"बजे", "baje"}

_NAMES = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DAYS = (
    re.compile(r"(?<![\d.:/-])(?P<year>\d{4})([-/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})(?:t(?=\d)|(?![\d/-]))"),
    re.compile(r"(?<![\d.:/-])(?P<day>\d{1,2})([-/.])(?P<month>\d{1,2})\2(?P<year>\d{4})(?![\d/-])"),
    re.compile(rf"(?<!\S)(?P<day>\d\d?)(?:st|nd|rd|th)? ?[-.]?(?P<name>{_NAMES})(?:[- ](?P<year>\d{{4}}))?(?!\S)"),
    re.compile(rf"(?<!\S)(?P<name>{_NAMES}) (?P<day>\d\d?)(?:st|nd|rd|th)?(?: (?P<year>\d{{4}}))?(?!\S)"),
)
_CLOCK = re.compile(r"(?P<hour>\d\d?)(?:[:.](?P<minute>\d\d))?")
# A clock has letters right behind it as often as not: "10:30am", "4बजे".
_GLUED = re.compile(r"(?<=\d)(?=[a-z]|बजे)|(?<=बजे)(?=\d)")
# "4:30" is rather half past four in the afternoon; who means the early morning writes "04:30" or "सुबह 4:30".
_EITHER = range(1, 7)


def read_moment(text: str, now: datetime, day: date | None = None, at: time | None = None) -> datetime | None:
    """
    A moment as staff type it: ``2026-12-14 10:30``, ``14/12/2026 सुबह 10 बजे``, ``14 दिसंबर 2026 10:30 am``, ...

    Args:
        text: in Devanagari or Latin letters and digits; numbers are day, month, year, or year first.
        now: a date without its year is the next such date.
        day: what a time alone belongs to.
        at: the time where there is a date alone.

    Returns:
        Aware, in IST; None where it is no moment, or could be one of two.
    """
    plain = _plain(text)
    for pattern in _DAYS:
        if found := pattern.search(plain):
            day = _day(found.groupdict(), now)
            plain = f"{plain[: found.start()]} {plain[found.end() :]}"
            break
    words = [word for word in _GLUED.sub(" ", plain).split() if word not in _FILLERS]
    weekdays = {_WEEKDAYS[word] for word in words if word in _WEEKDAYS}
    words = [word for word in words if word not in _WEEKDAYS]
    if day is None or weekdays - {day.weekday()}:
        return None
    if words:
        at = _time(words)
    return None if at is None else datetime.combine(day, at, IST)


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).lower().replace("\u093c", "").replace("म्ब", "ंब")
    folded = re.sub(r"([ap])\.\s?m\b\.?", r"\1m", folded.translate(_DASHES))
    digits = "".join(str(unicodedata.decimal(letter, letter)) for letter in folded)
    return " ".join(digits.replace(",", " ").split())


def _day(found: dict[str, str | None], now: datetime) -> date | None:
    month = _MONTHS[found["name"] or ""] if "name" in found else int(found["month"] or 0)
    if found["year"]:
        return _date(int(found["year"]), month, int(found["day"] or 0))
    today = now.astimezone(IST).date()
    days = (_date(year, month, int(found["day"] or 0)) for year in (today.year, today.year + 1))
    return next((day for day in days if day is not None and day >= today), None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _time(words: list[str]) -> time | None:
    """The time that exactly these words say."""
    clocks = [found for word in words if (found := _CLOCK.fullmatch(word))]
    spans = [_SPANS[word] for word in words if word in _SPANS]
    baje = sum(word in _BAJE for word in words)
    if len(clocks) != 1 or len(spans) > 1 or baje > 1 or 1 + len(spans) + baje != len(words):
        return None
    written, minutes = clocks[0]["hour"], clocks[0]["minute"]
    hour, minute = int(written), int(minutes or 0)
    if minute > 59 or not (minutes or spans or baje):  # noqa: PLR2004 - minutes of an hour
        return None
    if spans:
        # Twelve-hour clocks say 12 for 0; "शाम 16:00" is said as well.
        possible = {hour % 12, hour % 12 + 12} if 1 <= hour <= 12 else {hour}  # noqa: PLR2004 - hours of a clock
        meant = [each for each in possible if each in spans[0] and each < 24]  # noqa: PLR2004 - hours of a day
        return time(meant[0], minute) if len(meant) == 1 else None
    if hour > 23 or (hour in _EITHER and len(written) == 1):  # noqa: PLR2004 - hours of a day
        return None
    return time(hour, minute)
