from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.cli.rosters import Lists
from bot.config import shipped
from bot.content.locales import load_phrases
from bot.core.workshops.batch import IST, Registration, Status
from bot.core.workshops.fields import BUILT_IN, DEFAULT_FIELDS, Field, FieldKind
from bot.store.batches import RosterRow

PHRASES = load_phrases(shipped("locales"))
LISTS = Lists(DEFAULT_FIELDS, PHRASES, "hi")
REGISTERED = datetime(2026, 11, 2, 9, 15, tzinfo=IST)
RAM = Registration(
    batch=1,
    person=1,
    mobile="+919876543210",
    status=Status.SEATED,
    registered=REGISTERED,
    profile={
        "name": "राम किशोर",
        "enterprise": "राम फर्नीचर",
        "products": "अलमारी",
        "place": "पिपराइच",
        "stage": "registered",
    },
    coming=True,
)


def rows(*registrations: Registration) -> list[RosterRow]:
    return [RosterRow(each, "telegram") for each in registrations]


def at(status: Status, person: int) -> Registration:
    return replace(RAM, status=status, person=person, coming=None)


def test_a_roster_has_the_offices_columns_and_reads_as_people_do() -> None:
    listing = LISTS.roster(rows(RAM), everybody=False)
    (row,) = listing.rows
    told = dict(zip(listing.header, row, strict=True))
    stage = PHRASES.say("form.stage.registered")
    assert [listing.header[0], *listing.header[-4:]] == ["क्रम", "स्थिति", "लिखवाया कब", "चैनल", "आएँगे?"]
    assert len(listing.header) == 1 + len(DEFAULT_FIELDS) + 4
    assert {"1", "राम किशोर", "98765 43210", "राम फर्नीचर", "अलमारी", "पिपराइच", stage, "सीट मिली"} < set(row)
    assert (told["लिखवाया कब"], told["चैनल"], told["आएँगे?"]) == ("2026-11-02 09:15", "telegram", "हाँ")


def test_who_went_is_shown_only_on_demand_and_the_queue_is_numbered() -> None:
    everyone = rows(*(at(status, person) for person, status in enumerate(Status)), at(Status.WAITING, 99))
    listing = LISTS.roster(everyone, everybody=False)
    status = listing.header.index("स्थिति")
    assert [row[status] for row in listing.rows] == [
        "सीट मिली",
        "सीट दी गई, जवाब बाकी",
        "प्रतीक्षा में (1)",
        "कार्यशाला रद्द",
        "सीट थी",
        "प्रतीक्षा में (2)",
    ]
    assert len(LISTS.roster(everyone, everybody=True).rows) == len(Status) + 1


def test_attendance_is_of_those_who_had_a_seat() -> None:
    came = replace(RAM, status=Status.OVER, attended=REGISTERED + timedelta(days=42), stars=5, remark="बहुत अच्छा")
    stayed_away = replace(RAM, person=2, status=Status.OVER)
    listing = LISTS.attendance(rows(came, stayed_away, at(Status.WAITING, 3), at(Status.LEFT, 4)))
    assert listing.header[-4:] == ("उपस्थित", "समय", "अंक", "टिप्पणी")
    assert [row[-4:] for row in listing.rows] == [
        ("हाँ", "2026-12-14 09:15", "5", "बहुत अच्छा"),
        ("नहीं", "", "", ""),
    ]


def test_a_terminal_shows_who_and_how_to_reach_them() -> None:
    listing = LISTS.roster(rows(RAM), everybody=False)
    shown = [listing.rows[0][number] for number in listing.brief]
    assert shown == ["1", "राम किशोर", "98765 43210", "सीट मिली", "हाँ"]


def test_an_offices_own_fields_are_columns_and_the_mobile_is_never_missing() -> None:
    own = Field("village", FieldKind.TEXT, label={"hi": "गाँव"})
    listing = Lists((BUILT_IN["name"], own), PHRASES, "hi").roster(
        rows(replace(RAM, profile={"name": "राम", "village": "बेलघाट"})), everybody=False
    )
    assert listing.header[2:4] == ("गाँव", "मोबाइल")
    assert listing.rows[0][1:4] == ("राम", "बेलघाट", "98765 43210")


def test_what_an_older_form_did_not_ask_is_empty() -> None:
    listing = LISTS.roster(rows(replace(RAM, profile={})), everybody=False)
    assert listing.rows[0][1:8].count("") == 6


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ({}, ""),
        ({"over": 0}, ""),
        ({"attended": 2, "over": 3, "waiting": 1}, "अपना डेटा मिटवा चुके लोग: आए 2, सीट थी 3, प्रतीक्षा में 1"),
    ],
)
def test_erased_people_are_told_as_numbers(counts: dict[str, int], told: str) -> None:
    assert LISTS.erased(counts) == told


@pytest.mark.parametrize("language", ["hi", "en"])
def test_every_status_can_be_said(language: str) -> None:
    everyone = rows(*(at(status, person) for person, status in enumerate(Status)))
    assert len(Lists(DEFAULT_FIELDS, PHRASES, language).roster(everyone, everybody=True).rows) == len(Status)
