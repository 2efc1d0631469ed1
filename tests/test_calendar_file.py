from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from bot.calendar_file import MEDIA_TYPE, calendar_name, calendar_text
from bot.config import shipped
from bot.content.locales import load_phrases
from bot.core.workshops.batch import IST, Batch, BatchStatus

PHRASES = load_phrases(shipped("locales"))
NOW = datetime(2026, 11, 2, 9, 15, tzinfo=IST)
BATCH = Batch(
    id=7,
    title="GeM पोर्टल: प्रोडक्ट रजिस्ट्रेशन से ऑनलाइन बिड तक; भाग 1, सुबह",
    starts=datetime(2026, 12, 14, 10, 30, tzinfo=IST),
    ends=datetime(2026, 12, 14, 16, tzinfo=IST),
    venue="उपायुक्त उद्योग कार्यालय, गोरखपुर",
    seats=40,
    last_date=datetime(2026, 12, 12, 18, tzinfo=IST),
    code="4821",
    map_url="https://maps.example/?q=1,2",
    topics=("रजिस्ट्रेशन", "बिड"),
    trainer="श्री राम किशोर",
    bring="आधार, PAN",
)


def event_of(text: str) -> Any:
    (event,) = Calendar.from_ical(text).walk("VEVENT")
    return event


def test_the_file_says_what_when_and_where_in_utc() -> None:
    event = event_of(calendar_text(BATCH, PHRASES, "hi", NOW))
    assert (str(event["summary"]), str(event["location"])) == (BATCH.title, BATCH.venue)
    assert (event["dtstart"].dt, event["dtend"].dt) == (BATCH.starts, BATCH.ends)
    assert event["dtstart"].to_ical() == b"20261214T050000Z"
    assert event["dtstamp"].to_ical() == b"20261102T034500Z"
    assert str(event["status"]) == "CONFIRMED"


def test_the_description_tells_topics_what_to_bring_and_the_way() -> None:
    event = event_of(calendar_text(BATCH, PHRASES, "hi", NOW))
    assert str(event["description"]).splitlines() == [
        "• रजिस्ट्रेशन",
        "• बिड",
        "प्रशिक्षक: श्री राम किशोर",
        "साथ लाएँ: आधार, PAN",
        "नक्शा: https://maps.example/?q=1,2",
    ]
    english = event_of(calendar_text(replace(BATCH, topics=(), trainer=""), PHRASES, "en", NOW))
    assert str(english["description"]).splitlines()[0] == "Bring along: आधार, PAN"


def test_the_phone_rings_a_day_before() -> None:
    (alarm,) = event_of(calendar_text(BATCH, PHRASES, "hi", NOW)).walk("VALARM")
    assert (str(alarm["action"]), alarm["trigger"].dt) == ("DISPLAY", timedelta(days=-1))


def test_a_workshop_keeps_its_place_in_the_calendar_when_it_is_moved_or_cancelled() -> None:
    moved = replace(BATCH, starts=BATCH.starts + timedelta(days=7), ends=BATCH.ends + timedelta(days=7))
    cancelled = replace(BATCH, status=BatchStatus.CANCELLED)
    first, second, third = (event_of(calendar_text(each, PHRASES, "hi", NOW)) for each in (BATCH, moved, cancelled))
    assert str(first["uid"]) == str(second["uid"]) == str(third["uid"]) == "workshop-7@gem-saathi"
    assert str(third["status"]) == "CANCELLED"
    assert third.walk("VALARM") == []


def test_without_a_moment_it_is_stamped_now() -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    assert before <= event_of(calendar_text(BATCH, PHRASES, "hi"))["dtstamp"].dt <= datetime.now(UTC)


@pytest.mark.parametrize("title", ["कार्यशाला " * 20, "a\nBEGIN:VALARM\nb", "x\r\nATTENDEE:mailto:a@example.org"])
def test_every_line_is_short_and_none_comes_in_through_a_text(title: str) -> None:
    text = calendar_text(replace(BATCH, title=title), PHRASES, "hi", NOW)
    lines = text.split("\r\n")
    assert lines[-1] == ""
    assert all(len(line.encode()) <= 75 and "\n" not in line for line in lines)
    assert sum(line.startswith("BEGIN:VALARM") for line in lines) == 1
    assert not any(line.startswith("ATTENDEE") for line in lines)


def test_it_has_a_name_and_a_type_to_be_sent_under() -> None:
    assert (calendar_name(BATCH), MEDIA_TYPE) == ("workshop-7.ics", "text/calendar")
