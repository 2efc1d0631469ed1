"""The words of an announcement."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import shipped
from bot.content.locales import load_phrases
from bot.core.announcements.wording import MAX_NAME, MAX_TEXT, NamelessError, Reader, faults, needs_name, render
from bot.core.workshops.batch import IST, Batch

PHRASES = load_phrases(shipped("locales"))
NOW = datetime(2026, 11, 26, 10, tzinfo=IST)
STARTS = datetime(2026, 12, 14, 10, 30, tzinfo=IST)
BATCH = Batch(3, "GeM पर बिक्री", STARTS, STARTS + timedelta(hours=5), "गोरखपुर", 40, STARTS, "4821")
SITA = Reader("सीता देवी", "hi")


def said(text: str, reader: Reader = SITA, batch: Batch | None = BATCH) -> str:
    return render(text, reader, batch, PHRASES, NOW).text


def test_fields_are_filled_in() -> None:
    text = said("नमस्ते {name}! {workshop.title}: {workshop.starts}, {workshop.venue}। आखिरी: {workshop.last_date}")
    assert text.startswith("नमस्ते सीता देवी! GeM पर बिक्री: सोमवार, 14 दिसंबर 2026, सुबह 10:30 बजे से")
    assert "गोरखपुर। आखिरी: सोमवार, 14 दिसंबर 2026" in text


def test_who_has_no_name_is_called_what_stands_behind_the_bar_else_nobody_is_told() -> None:
    assert said("नमस्ते {name|साथी}!", Reader("", "hi")) == "नमस्ते साथी!"
    assert said("नमस्ते {name|साथी}!") == "नमस्ते सीता देवी!"
    with pytest.raises(NamelessError):
        said("नमस्ते {name}!", Reader(" \n", "hi"))
    assert (needs_name("{name}"), needs_name("{name|x}"), needs_name("{{name}}"), needs_name("x")) == (
        True, False, False, False,
    )  # fmt: skip


def test_what_fills_a_field_is_never_read_for_fields_again() -> None:
    assert said("{name}", Reader("{workshop.title}", "hi")) == "{workshop.title}"
    assert said("{{name}} {name}") == "{name} सीता देवी"


@given(st.text(max_size=200))
def test_a_name_breaks_no_line_and_turns_none_round(name: str) -> None:
    text = said("नमस्ते {name|साथी}, आइए", Reader(name, "hi"))
    assert text.startswith("नमस्ते ")
    assert text.endswith(", आइए")
    assert len(text.splitlines()) == 1
    assert not set(text) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\u200f")
    assert len(text) <= len("नमस्ते , आइए") + MAX_NAME


def test_below_it_one_can_register_where_the_workshop_takes_people_and_stop_such_messages() -> None:
    def options(batch: Batch | None, now: datetime = NOW) -> list[str]:
        return [option.id for option in render("आइए", SITA, batch, PHRASES, now).options]

    assert options(BATCH) == ["register:3", "news:off"]
    assert options(None) == options(BATCH, STARTS) == ["news:off"]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (" \n", "empty"),
        ("क" * (MAX_TEXT + 1), "too-long"),
        ("नमस्ते {name", "brace"),
        ("नमस्ते name}", "brace"),
        ("नमस्ते {nmae}", "no-such-field"),
        ("{}", "no-such-field"),
        ("{0.__class__}", "no-such-field"),
    ],
)
def test_a_text_that_cannot_be_filled_in_is_named(text: str, key: str) -> None:
    assert key in [fault.key for fault in faults(text, BATCH)]


def test_a_slip_gets_the_field_that_was_meant() -> None:
    (fault,) = faults("{workshop.titel}", BATCH)
    assert fault.values["near"] == "workshop.title"


def test_a_workshops_field_needs_a_workshop() -> None:
    assert [fault.key for fault in faults("{workshop.title}", None)] == ["no-workshop"]
    assert faults("{workshop.title} {name} {name|x} {{}}", BATCH) == ()


@given(st.lists(st.sampled_from([*"{}|name. \nक", "{name}", "{workshop.title}"]), max_size=60).map("".join))
def test_a_text_without_faults_can_be_said_to_everybody_with_a_name(text: str) -> None:
    if not faults(text, BATCH):
        assert isinstance(said(text), str)
