"""
Golden talks: what is said, turn by turn, in ``tests/talks/*.yaml``.

A talk is a list of steps. The first may set up workshops (``batches``). A step is what somebody types (``you``) or
presses (``press``); ``as`` says who from now on, ``mobile`` which number their channel vouches for. Or the clock moves
(``clock: 2026-12-13 18:00`` or ``+3d``), or the office changes a workshop (``office``), or people fill in the whole
form without trouble (``register: {राम: 1}``). Below stands what the assistant says to them (``saathi``), to others
(``told``), and which questions it keeps for the staff (``kept``).

``pytest tests/core/talk/test_talks.py --rewrite-talks`` writes down what is said now; read the difference before you
commit it.
"""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.core.talk.message import Reply
from bot.core.talk.state import World
from bot.core.workshops.batch import IST, Batch, BatchStatus
from bot.core.workshops.times import read_moment
from tests.core.talk.village import Told, Village

TALKS = Path(__file__).parents[2] / "talks"
BEGIN = datetime(2026, 11, 23, 10, tzinfo=IST)
MOVED = re.compile(r"\+(?:(\d+)d)?(?:(\d+)h)?")
# What a step says, as opposed to what comes of it.
ASKED = ("batches", "clock", "office", "register", "as", "mobile", "you", "press")
MOBILES = {"सीता": "9876543210", "राम": "9876543211", "गीता": "9876543212", "मोहन": "9876543213"}


class Readable(yaml.SafeDumper):
    """Texts of several lines as they are read, not folded."""


Readable.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None),
)


def moment(text: str, now: datetime) -> datetime:
    if moved := MOVED.fullmatch(text):
        days, hours = (int(number or 0) for number in moved.groups())
        return now + timedelta(days=days, hours=hours)
    found = read_moment(text, now)
    assert found is not None, text
    return found


def changes(given: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Fields of a batch as a talk writes them."""
    read: dict[str, Any] = {
        name: moment(text, now) for name, text in given.items() if name in ("starts", "ends", "last_date")
    }
    read |= {name: int(given[name]) for name in ("id", "seats") if name in given}
    if "status" in given:
        read["status"] = BatchStatus(given["status"])
    return given | read


def batch_of(given: dict[str, Any], now: datetime) -> Batch:
    starts = moment(given.get("starts", "2026-12-14 10:30"), now)
    usual = Batch(0, "GeM कार्यशाला", starts, starts + timedelta(hours=5), "उद्योग कार्यालय", 2, starts, "4827")
    return replace(usual, **changes(given, now))


def shown(reply: Reply) -> str:
    file = [f"[फ़ाइल: {reply.document.name}]"] if reply.document else []
    return "\n".join([reply.text, *file, *(f"[{option.id}] {option.title}" for option in reply.options)])


def registered(village: Village, name: str, batch: str) -> list[Told]:
    """What is said last to somebody who fills in the form without trouble."""
    told = village.say(name, press=f"register:{batch}")
    for text in ("हाँ", f"{name} मौर्या", MOBILES[name], f"{name} भंडार", "अचार", "सहजनवा", "नहीं है", "हाँ", "सही है"):
        told = village.say(name, text)
    return told


def played(steps: list[dict[str, Any]], world: World) -> list[dict[str, Any]]:
    village = Village(world, BEGIN)
    speaker, talk = "सीता", list[dict[str, Any]]()
    for step in steps:
        kept = village.kept.copy()
        speaker = step.get("as", speaker)
        told: list[Told] = []
        if "batches" in step:
            village.batches = {batch.id: batch for batch in (batch_of(each, village.now) for each in step["batches"])}
        if "clock" in step:
            told += village.pass_time(moment(step["clock"], village.now))
        for name, batch in step.get("register", {}).items():
            told += registered(village, name, batch)
        if "office" in step:
            change = changes(step["office"], village.now)
            told += village.change(replace(village.batches[change["id"]], **change))
        if "you" in step or "press" in step:
            said = village.say(speaker, step.get("you", ""), step.get("press", ""), step.get("mobile", ""))
            mine = [(name, reply) for name, reply in said if name == speaker]
            told += [each for each in said if each not in mine]
        else:
            mine = []
        outcome: dict[str, Any] = {name: step[name] for name in ASKED if name in step}
        if mine:
            outcome["saathi"] = [shown(reply) for _, reply in mine]
        if told:
            outcome["told"] = [{name: shown(reply)} for name, reply in told]
        if village.kept != kept:
            outcome["kept"] = sorted((village.kept - kept).elements())
        talk.append(outcome)
    return talk


@pytest.mark.parametrize("file", sorted(TALKS.glob("*.yaml")), ids=lambda file: file.stem)
def test_a_talk_goes_as_it_is_written_down(file: Path, small_office: World, request: pytest.FixtureRequest) -> None:
    steps = yaml.load(file.read_text("utf-8"), yaml.BaseLoader)  # noqa: S506 - it makes nothing but text
    talk = played(steps, small_office)
    written = yaml.dump(talk, Dumper=Readable, allow_unicode=True, sort_keys=False, width=100)
    if request.config.getoption("--rewrite-talks"):
        file.write_text(written, "utf-8")
    assert written == file.read_text("utf-8")
