import re
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.cli.workshop_form import BatchForm, Given, changed_batch, example_batch, new_batch
from bot.config import shipped
from bot.content.locales import load_phrases
from bot.core.workshops.batch import IST, Batch
from bot.errors import InputError

PHRASES = load_phrases(shipped("locales"))
NOW = datetime(2026, 11, 2, 9, 15, tzinfo=IST)
GOOD: dict[str, Any] = {
    "title": "GeM पोर्टल",
    "starts": "14-12-2026 10:30",
    "ends": "शाम 4 बजे",
    "venue": "उद्योग कार्यालय",
    "seats": "४०",
}
STARTS = datetime(2026, 12, 14, 10, 30, tzinfo=IST)
BATCH = Batch(
    id=7,
    title="GeM पोर्टल",
    starts=STARTS,
    ends=STARTS.replace(hour=16, minute=0),
    venue="उद्योग कार्यालय",
    seats=40,
    last_date=STARTS,
    code="4821",
    trainer="श्री राम",
    taken=12,
    waiting=3,
    places=5,
)


def form(batch: Batch | None = None) -> BatchForm:
    return BatchForm(PHRASES, "hi", NOW, batch)


def made(**given: Any) -> Batch:
    return new_batch(form(), Given(**GOOD | given), None)


def edited(**given: Any) -> Batch:
    return changed_batch(form(BATCH), Given(**given), BATCH)


def refused(read: Any, **given: Any) -> str:
    """The sentence that is told."""
    with pytest.raises(InputError) as caught:
        read(**given)
    return PHRASES.say(f"input.{caught.value.key}", "hi", **caught.value.values)


def test_options_make_a_batch_that_takes_registrations_until_it_starts() -> None:
    batch = made()
    assert (batch.title, batch.venue, batch.seats) == ("GeM पोर्टल", "उद्योग कार्यालय", 40)
    assert (batch.starts, batch.ends, batch.last_date) == (STARTS, BATCH.ends, STARTS)
    assert (batch.map_url, batch.topics, batch.trainer, batch.bring, batch.taken) == ("", (), "", "", 0)


def test_every_option_reaches_its_place() -> None:
    batch = made(
        map=" https://maps.example/x ",
        last_date="12-12-2026",
        topic=("रजिस्ट्रेशन ", "", "बिड\tऔर\x1b[31m EMD"),
        trainer="श्री राम",
        bring="आधार\nPAN",
    )
    assert batch.map_url == "https://maps.example/x"
    assert batch.last_date == datetime(2026, 12, 12, 23, 59, tzinfo=IST)
    assert batch.topics == ("रजिस्ट्रेशन", "बिड और[31m EMD")
    assert (batch.trainer, batch.bring) == ("श्री राम", "आधार PAN")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("14-12-2026", STARTS),
        ("12-12-2026 शाम 6 बजे", datetime(2026, 12, 12, 18, tzinfo=IST)),
        ("सुबह 9 बजे", STARTS.replace(hour=9, minute=0)),
        ("", STARTS),
    ],
)
def test_a_last_date_is_a_day_a_time_or_the_start(given: str, expected: datetime) -> None:
    assert made(last_date=given).last_date == expected


WRONG = [
    ({"title": " "}, '--title खाली है। कुछ लिखें, जैसे --title "GeM पोर्टल: प्रोडक्ट रजिस्ट्रेशन से ऑनलाइन बिड तक"।'),
    ({"title": "क" * 121}, "--title में 121 अक्षर हैं; 120 अक्षर तक लिखें"),
    ({"venue": "\x00"}, '--venue खाली है। कुछ लिखें, जैसे --venue "उपायुक्त उद्योग कार्यालय, गोरखपुर"।'),
    ({"starts": "कल सुबह"}, "--starts में 'कल सुबह' से तारीख और समय साफ़ नहीं हुआ। ऐसे लिखें: --starts \"23-11-2026 10:30\"।"),
    ({"starts": "14-12-2026"}, "--starts में '14-12-2026' से तारीख और समय साफ़ नहीं हुआ।"),
    ({"starts": "1-11-2026 10:30"}, "--starts में '1-11-2026 10:30' बीत चुका है।"),
    ({"starts": "14-12-2062 10:30"}, "--starts में '14-12-2062 10:30' दो साल से भी आगे है।"),
    ({"ends": "14-12-2026 25:00"}, '--ends "14-12-2026 16:00"'),
    ({"ends": "10:30"}, "--ends में '10:30' कार्यशाला शुरू होने (सोमवार, 14 दिसंबर 2026, सुबह 10:30 बजे) के बाद का समय नहीं है।"),
    ({"ends": "14-12-2027 16:00"}, "सात दिन से भी ज़्यादा बाद है। तारीख जाँचें"),
    ({"last_date": "15-12-2026"}, "--last-date में '15-12-2026' कार्यशाला शुरू होने"),
    ({"last_date": "1-11-2026"}, "--last-date में '1-11-2026' बीत चुका है। आगे का समय लिखें, जैसे --last-date \"12-12-2026\"।"),
    ({"last_date": "परसों"}, "--last-date में 'परसों' से तारीख और समय साफ़ नहीं हुआ।"),
    ({"seats": "0"}, "--seats में '0' नहीं चलता। 1 से 5000 तक कोई अंक लिखें, जैसे --seats 40।"),
    ({"seats": "5001"}, "--seats में '5001' नहीं चलता।"),
    ({"seats": "-4"}, "--seats में '-4' नहीं चलता।"),
    ({"seats": "चालीस"}, "--seats में 'चालीस' नहीं चलता।"),
    ({"map": "maps.example"}, "--map में 'maps.example' पूरा लिंक नहीं है। http:// या https:// से शुरू करें, जैसे --map"),
    ({"map": "javascript:alert(1)"}, "--map में 'javascript:alert(1)' पूरा लिंक नहीं है।"),
    ({"map": "https://[x"}, "--map में 'https://[x' पूरा लिंक नहीं है।"),
    ({"map": "https://a b.example"}, "--map में 'https://a b.example' पूरा लिंक नहीं है।"),
    ({"topic": ("x",) * 21}, "--topic 21 बार दिया गया है; 20 बार तक दे सकते हैं।"),
    ({"topic": ("x" * 121,)}, "--topic में 121 अक्षर हैं"),
    ({"trainer": "x" * 121}, "--trainer में 121 अक्षर हैं"),
    ({"bring": "x" * 401}, "--bring में 401 अक्षर हैं"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "told"), WRONG)
def test_a_wrong_value_is_told_with_its_option_and_a_right_example(given: dict[str, Any], told: str) -> None:
    sentence = refused(made, **given)
    assert told in sentence
    assert "\n" not in sentence
    assert re.search('--[a-z-]+ ("[^"]+"|40)।', sentence)


@pytest.mark.parametrize("name", ["starts", "ends", "last_date", "seats", "map", "title", "venue", "topic", "bring"])
def test_the_example_that_is_shown_can_be_used(name: str) -> None:
    example = form(BATCH).example(name)
    made(**{name: (example,) if name == "topic" else example})


@pytest.mark.parametrize(
    ("missing", "told"),
    [
        ("title", '--title नहीं दिया गया। ऐसे लिखें: --title "GeM पोर्टल: प्रोडक्ट रजिस्ट्रेशन से ऑनलाइन बिड तक"।'),
        ("starts", '--starts नहीं दिया गया। ऐसे लिखें: --starts "23-11-2026 10:30"।'),
        ("ends", '--ends नहीं दिया गया। ऐसे लिखें: --ends "14-12-2026 16:00"।'),
        ("seats", '--seats नहीं दिया गया। ऐसे लिखें: --seats "40"।'),
    ],
)
def test_what_is_missing_is_told_where_nobody_can_be_asked(missing: str, told: str) -> None:
    assert refused(made, **{missing: None}) == told


def test_what_is_missing_is_asked_for_one_by_one_and_in_order() -> None:
    asking, asked = form(), []
    answers = {**GOOD, "last_date": "", "topic": ["बिड"], "bring": "", "trainer": "", "map": ""}

    def ask(name: str) -> None:
        asked.append(name)
        asking.read(name, answers[name])

    batch = new_batch(asking, Given(venue="विकास भवन", ends="16:00"), ask)
    assert asked == ["title", "starts", "seats", "last_date", "topic", "bring", "trainer", "map"]
    assert (batch.venue, batch.ends, batch.topics) == ("विकास भवन", BATCH.ends, ("बिड",))


def test_a_slip_in_the_command_is_told_before_anything_is_asked() -> None:
    asked: list[str] = []
    with pytest.raises(InputError, match="bad-seats"):
        new_batch(form(), Given(seats="many"), asked.append)
    assert asked == []


def test_nothing_is_asked_where_all_that_is_needed_was_given() -> None:
    asked: list[str] = []
    new_batch(form(), Given(**GOOD), asked.append)
    assert asked == []


def test_the_example_is_a_workshop_on_a_working_day_in_three_weeks() -> None:
    for day in range(14):
        now = NOW + timedelta(days=day)
        batch = new_batch(BatchForm(PHRASES, "hi", now), example_batch(PHRASES, "hi", now), None)
        assert timedelta(days=20) < batch.starts - now < timedelta(days=23)
        assert batch.starts.weekday() != 6
        assert (batch.starts.hour, batch.starts.minute, batch.ends.hour, batch.seats) == (10, 30, 16, 40)
        assert (batch.starts.date() - batch.last_date.date()).days == 2
        assert (len(batch.topics), batch.trainer, "Udyam" in batch.bring) == (5, "", True)


def test_only_what_is_given_changes() -> None:
    assert edited(venue="विकास भवन") == Batch(**{**_values(BATCH), "venue": "विकास भवन"})
    assert edited(trainer="", topic=("",)) == Batch(**{**_values(BATCH), "trainer": "", "topics": ()})


def test_a_workshop_that_is_moved_keeps_its_end_and_takes_registrations_until_its_new_start() -> None:
    moved = edited(starts="21-12-2026 11:00")
    assert (moved.starts, moved.ends) == (
        datetime(2026, 12, 21, 11, tzinfo=IST),
        datetime(2026, 12, 21, 16, tzinfo=IST),
    )
    assert moved.last_date == moved.starts


def test_a_last_date_of_its_own_stays_where_it_still_fits() -> None:
    batch = Batch(**{**_values(BATCH), "last_date": datetime(2026, 12, 12, 18, tzinfo=IST)})

    def moved(starts: str) -> Batch:
        return changed_batch(form(batch), Given(starts=starts), batch)

    assert moved("21-12-2026 10:30").last_date == batch.last_date
    assert "--last-date में '12-12-2026 18:00' कार्यशाला शुरू होने" in refused(moved, starts="7-12-2026 10:30")


def test_a_start_after_the_end_asks_for_the_end_too() -> None:
    assert "--ends में '14-12-2026 16:00' कार्यशाला शुरू होने" in refused(edited, starts="14-12-2026 17:00")


def test_fewer_seats_than_are_taken_are_refused_with_the_number() -> None:
    assert refused(edited, seats="11") == "--seats में 11 कम है: 12 सीटें भर चुकी हैं। 12 या ज़्यादा लिखें, जैसे --seats 12।"
    assert edited(seats="12").seats == 12


def test_registration_can_be_closed_at_once() -> None:
    assert edited(last_date="1-11-2026").last_date < NOW


def _values(batch: Batch) -> dict[str, Any]:
    return {name: getattr(batch, name) for name in Batch.__slots__}
