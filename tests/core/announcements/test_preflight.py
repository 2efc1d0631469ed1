"""The card that staff see before an announcement begins."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.config import shipped
from bot.content.locales import load_phrases
from bot.core.announcements.announcement import Announcement, Stage
from bot.core.announcements.preflight import Caution, Known, Preflight, Way, card, grouped, look_over
from bot.core.quiet import Quiet
from bot.core.talk.message import Option, Reply
from bot.core.workshops.batch import IST, Batch

PHRASES = load_phrases(shipped("locales"))
NOW = datetime(2026, 11, 26, 10, tzinfo=IST)
STARTS = datetime(2026, 12, 14, 10, 30, tzinfo=IST)
BATCH = Batch(3, "GeM पर बिक्री", STARTS, STARTS + timedelta(hours=5), "गोरखपुर", 40, STARTS, "4821")
DRAFT = Announcement(
    7, "नमस्ते {name}", "all", None, None, NOW + timedelta(days=3), 0, False, Stage.DRAFT, None, None, 0, 0, NOW, "सुनीता",
    "", "", None,
)  # fmt: skip
KNOWN = Known(
    {("telegram", Way.MESSAGE): 3000, ("whatsapp", Way.MESSAGE): 120, ("whatsapp", Way.TEMPLATE): 61},
    0,
    0,
    {"telegram": 30, "whatsapp": 60},
    Decimal("0.8631"),
    Quiet(time(21), time(8)),
)


def seen(known: dict[str, Any] | None = None, batch: Batch | None = None, **draft: Any) -> Preflight:
    now = draft.pop("now", NOW)
    return look_over(replace(DRAFT, **draft), replace(KNOWN, **(known or {})), batch, (), now)


def test_it_says_to_how_many_until_when_and_at_what_cost() -> None:
    flight = seen()
    assert (flight.total, flight.cost, flight.warnings) == (3181, Decimal("52.65"), {})
    assert flight.begins == NOW + timedelta(minutes=1)
    assert flight.finishes == flight.begins + timedelta(seconds=100)


def test_what_would_begin_by_night_begins_in_the_morning_and_is_worked_out_through_the_night() -> None:
    late = datetime(2026, 11, 26, 22, tzinfo=IST)
    flight = seen(now=late)
    assert (flight.begins, Caution.NIGHT in flight.warnings) == (datetime(2026, 11, 27, 8, tzinfo=IST), True)
    long = seen({"people": {("telegram", Way.MESSAGE): 30 * 3600 * 20}}, expires=NOW + timedelta(days=9))
    # Eleven hours are left of that day, and nine are for the next.
    assert long.finishes == datetime(2026, 11, 27, 17, 1, tzinfo=IST)


def test_spread_over_hours_it_takes_so_many() -> None:
    assert seen(hours=4).finishes == NOW + timedelta(hours=4, minutes=1)


@pytest.mark.parametrize(
    ("known", "draft", "warning", "count", "forbidden"),
    [
        ({"people": {}}, {}, Caution.NOBODY, 0, True),
        ({"nameless": 9}, {}, Caution.NAMELESS, 9, True),
        ({"told_before": 12}, {}, Caution.SAME_AGAIN, 12, False),
        ({"people": {("telegram", Way.MESSAGE): 1, ("whatsapp", Way.NONE): 5}}, {}, Caution.NO_TEMPLATE, 5, False),
        ({}, {"expires": NOW + timedelta(seconds=110)}, Caution.NOT_IN_TIME, 1591, False),
        ({}, {"batch": replace(BATCH, starts=NOW, last_date=NOW)}, Caution.AFTER_WORKSHOP, 0, False),
        ({}, {"batch": replace(BATCH, taken=40)}, Caution.NO_SEATS, 0, False),
    ],
)
def test_what_is_wrong_is_said(
    known: dict[str, Any], draft: dict[str, Any], warning: Caution, count: int, *, forbidden: bool
) -> None:
    batch = draft.pop("batch", None)
    flight = seen(known, batch, **draft)
    assert (flight.warnings, flight.forbidden) == ({warning: count}, forbidden)


def test_a_text_that_needs_no_name_may_go_to_the_nameless() -> None:
    assert seen({"nameless": 9}, text="नमस्ते {name|साथी}").warnings == {}


@pytest.mark.parametrize("language", ["hi", "en"])
def test_the_card_says_all_of_it(language: str) -> None:
    sample = Reply("नमस्ते सीता", (Option("news:off", "बंद करें"),))
    flight = replace(seen({"told_before": 1200}), samples=(sample,), warnings=dict.fromkeys(Caution, 1200))
    text = card(flight, language, PHRASES)
    assert all(part in text for part in ("3,181", "Telegram: 3,000", "WhatsApp", "₹52.65", "नमस्ते सीता\n[बंद करें]"))
    assert text.count("⚠") == len(Caution) - 2
    assert text.count("✖") == 2
    assert "{" not in text.replace("{name|", "").replace("{name}", "")


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1,000"),
        (123456, "1,23,456"),
        (12345678, "1,23,45,678"),
        (Decimal("1234.50"), "1,234.50"),
    ],
)
def test_numbers_are_grouped_as_in_india(number: int | Decimal, written: str) -> None:
    assert grouped(number) == written
