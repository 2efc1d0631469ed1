from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import shipped
from bot.content.locales import load_phrases
from bot.core.workshops.batch import IST
from bot.core.workshops.times import read_moment, say_day, say_span, say_time, say_when

PHRASES = load_phrases(shipped("locales"))
NOW = datetime(2026, 11, 2, 9, 15, tzinfo=IST)
MORNING = datetime(2026, 12, 14, 10, 30, tzinfo=IST)
FOUR = datetime(2026, 12, 14, 16, tzinfo=IST)


@pytest.mark.parametrize(
    ("language", "when", "span"),
    [
        (
            "hi",
            "सोमवार, 14 दिसंबर 2026, सुबह 10:30 बजे",
            "सोमवार, 14 दिसंबर 2026, सुबह 10:30 बजे से शाम 4 बजे तक",
        ),
        ("en", "Monday, 14 December 2026, 10:30 am", "Monday, 14 December 2026, 10:30 am to 4 pm"),
    ],
)
def test_a_moment_is_said_with_its_weekday_and_minutes_only_where_there_are_any(
    language: str, when: str, span: str
) -> None:
    assert say_when(MORNING, PHRASES, language) == when
    assert say_span(MORNING, FOUR, PHRASES, language) == span


def test_a_workshop_of_two_days_names_both() -> None:
    ends = FOUR + timedelta(days=1)
    assert say_span(MORNING, ends, PHRASES, "hi") == (
        "सोमवार, 14 दिसंबर 2026, सुबह 10:30 बजे से मंगलवार, 15 दिसंबर 2026, शाम 4 बजे तक"
    )


def test_people_hear_indian_time_whatever_zone_a_moment_is_kept_in() -> None:
    assert say_when(datetime(2026, 12, 13, 20, tzinfo=UTC), PHRASES, "hi") == "सोमवार, 14 दिसंबर 2026, रात 1:30 बजे"
    assert say_day(datetime(2027, 2, 28, 18, 30, tzinfo=UTC), PHRASES, "hi") == "सोमवार, 1 मार्च 2027"


@pytest.mark.parametrize(
    ("hour", "hindi", "english"),
    [
        (0, "रात 12 बजे", "12 am"),
        (3, "रात 3 बजे", "3 am"),
        (4, "सुबह 4 बजे", "4 am"),
        (11, "सुबह 11 बजे", "11 am"),
        (12, "दोपहर 12 बजे", "12 pm"),
        (15, "दोपहर 3 बजे", "3 pm"),
        (16, "शाम 4 बजे", "4 pm"),
        (19, "शाम 7 बजे", "7 pm"),
        (20, "रात 8 बजे", "8 pm"),
        (23, "रात 11 बजे", "11 pm"),
    ],
)
def test_every_part_of_the_day_has_its_name(hour: int, hindi: str, english: str) -> None:
    moment = MORNING.replace(hour=hour, minute=0)
    assert [say_time(moment, PHRASES, language) for language in ("hi", "en")] == [hindi, english]


@pytest.mark.parametrize(
    "text",
    [
        "2026-12-14 10:30",
        "2026-12-14T10:30",
        "2026/12/14 10.30",
        "14-12-2026 10:30",
        "14/12/2026 10.30",
        "14.12.2026 10.30",
        "14–12–2026 10:30",
        "१४-१२-२०२६ १०:३०",
        "14-12-2026, 10:30 am",
        "14-12-2026 10:30AM",
        "14-12-2026 10:30 a.m.",
        "10:30 14-12-2026",
        "सुबह 10:30 बजे, 14 दिसंबर 2026 को",
        "14 दिसंबर 2026 10:30",
        "14 दिसम्बर 2026 सुबह 10:30",
        "सोमवार, 14 दिसंबर 2026, सुबह 10:30 बजे",
        "14 दिसंबर सुबह 10:30बजे",
        "14 Dec 10:30",
        "14-Dec-2026 10:30",
        "Monday, 14th December 2026, 10:30 am",
        "December 14, 2026 10:30 am IST",
        "  14/12/2026   subah 10:30 baje ",
    ],
)
def test_staff_may_type_a_moment_in_many_ways(text: str) -> None:
    assert read_moment(text, NOW) == MORNING


@pytest.mark.parametrize(
    ("text", "hour", "minute"),
    [
        ("शाम 4 बजे", 16, 0),
        ("दोपहर 12 बजे", 12, 0),
        ("दोपहर 1:15", 13, 15),
        ("सुबह 9", 9, 0),
        ("शाम 16:00 बजे", 16, 0),
        ("रात 8 बजे", 20, 0),
        ("4 pm", 16, 0),
        ("4pm", 16, 0),
        ("12 am", 0, 0),
        ("12:05 pm", 12, 5),
        ("16:00", 16, 0),
        ("16:00 pm", 16, 0),
        ("9:30", 9, 30),
        ("04:30", 4, 30),
        ("10 बजे", 10, 0),
        ("१० बजे", 10, 0),
    ],
)
def test_a_time_alone_belongs_to_the_day_that_is_meant(text: str, hour: int, minute: int) -> None:
    day = date(2026, 12, 14)
    assert read_moment(text, NOW, day=day) == datetime.combine(day, time(hour, minute), IST)
    assert read_moment(text, NOW) is None


def test_a_date_alone_has_the_time_that_is_meant() -> None:
    assert read_moment("14.12.2026", NOW) is None
    assert read_moment("14.12.2026", NOW, at=time(23, 59)) == MORNING.replace(hour=23, minute=59)
    assert read_moment("14.12.2026 10:30", NOW, at=time(23, 59)) == MORNING


@pytest.mark.parametrize(
    ("text", "expected"),
    [("14 दिसंबर 10:30", 2026), ("2 नवंबर 10:30", 2026), ("1 नवंबर 10:30", 2027), ("14 फ़रवरी 10:30", 2027)],
)
def test_a_date_without_its_year_is_the_next_such_date(text: str, expected: int) -> None:
    moment = read_moment(text, NOW)
    assert moment is not None
    assert moment.year == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "कल सुबह",
        "14-12-26 10:30",  # a year of two digits
        "31-02-2027 10:30",
        "12/14/2026 10:30",
        "29 फरवरी 10:30",
        "0000-12-14 10:30",
        "14-12-2026 25:00",
        "14-12-2026 10:60",
        "14-12-2026 10",
        "14-12-2026 4:30",  # in the morning or in the afternoon
        "14-12-2026 4 बजे",
        "14-12-2026 रात 12 बजे",  # before or after that day
        "14-12-2026 सुबह 4 pm",
        "14-12-2026 सुबह 16:00",
        "14-12-2026 13 am",
        "14-12-2026 10:30 11:30",
        "14-12-2026 15-12-2026 10:30",
        "मंगलवार, 14 दिसंबर 2026, सुबह 10:30 बजे",  # it is a Monday
        "114-12-2026 10:30",
        "14-12-20261 10:30",
        "14/12-2026 10:30",
        "14-12-2026 सुबह शाम 10:30",
        "14-12-2026 पता नहीं 10:30",
    ],
)
def test_what_is_no_moment_or_could_be_one_of_two_is_none(text: str) -> None:
    assert read_moment(text, NOW) is None


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2100, 1, 1), timezones=st.just(IST)).map(  # noqa: DTZ001 - see timezones
        lambda moment: moment.replace(hour=4 + moment.hour % 20, second=0, microsecond=0)
    ),
    st.sampled_from(["hi", "en"]),
)
def test_what_is_said_can_be_typed_back(moment: datetime, language: str) -> None:
    assert read_moment(say_when(moment, PHRASES, language), NOW) == moment


@given(st.text(alphabet="0123456789१-/.: ,apm दिसंबरबजेसुबह"))
def test_nothing_that_is_typed_breaks_it(text: str) -> None:
    moment = read_moment(text, NOW)
    assert moment is None or moment.utcoffset() == IST.utcoffset(None)
