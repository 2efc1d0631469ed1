import asyncio
import csv
import json
import os
import pty
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from select import select
from typing import Any

import pytest
import sqlalchemy as sa
from icalendar import Calendar
from openpyxl import load_workbook

from bot.core.workshops.batch import IST, Batch, Status
from bot.store.batches import BATCH_COLUMNS, batch_of, insert_batch
from bot.store.database import open_database
from bot.store.tables import batches, counts, outbox, people, registrations

Run = Callable[..., subprocess.CompletedProcess[str]]
NOW = datetime.now(IST)
STARTS = NOW.replace(hour=10, minute=30, second=0, microsecond=0) + timedelta(days=30)
NEEDED = (
    "--title", "GeM पोर्टल", "--starts", f"{STARTS:%d-%m-%Y} 10:30", "--ends", "शाम 4 बजे", "--venue", "विकास भवन",
    "--seats", "3",
)  # fmt: skip
BATCH = Batch(
    id=0,
    title="GeM पोर्टल",
    starts=STARTS,
    ends=STARTS + timedelta(hours=5, minutes=30),
    venue="विकास भवन",
    seats=3,
    last_date=STARTS,
    code="4821",
)


class Office:
    """A database of its own, the program run on it, and what stands in it."""

    def __init__(self, run: Run, folder: Path) -> None:
        self._run = run
        self.file = folder / "office.sqlite3"

    def __call__(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return self._run("workshop", *arguments, GEM_SAATHI_DATABASE=str(self.file))

    def told(self, *arguments: str | Path) -> str:
        """What is said where something cannot be done: one sentence, and nothing else."""
        done = self(*arguments)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done
        return done.stderr.rstrip("\n")

    def listed(self, *arguments: str) -> list[dict[str, Any]]:
        """What `list --json` says."""
        found: list[dict[str, Any]] = json.loads(self("list", "--json", *arguments).stdout)
        return found

    def batches(self) -> list[Batch]:
        """What stands in the database."""
        return [batch_of(row) for row in self.do(sa.select(*BATCH_COLUMNS).order_by(batches.c.id))]

    def open(self, batch: Batch = BATCH, *rows: dict[str, Any]) -> int:
        """A batch and people in it."""
        return asyncio.run(self._open(batch, rows))

    def do(self, *statements: sa.Executable) -> list[Any]:
        """Rows of the last statement that has any."""
        return asyncio.run(self._do(statements))

    async def _open(self, batch: Batch, rows: tuple[dict[str, Any], ...]) -> int:
        database = await open_database(str(self.file))
        async with database.write() as connection:
            number = await insert_batch(connection, batch)
            for person, row in enumerate(rows, start=1):
                await connection.execute(
                    sa.insert(people).values(id=person, channel="telegram", address=f"{person}", created=NOW, heard=NOW)
                )
                values = {
                    "batch": number,
                    "person": person,
                    "mobile": f"+9198765432{person:02}",
                    "profile": {"name": f"राम {person}"},
                    "status": Status.SEATED,
                    "registered": NOW,
                }
                await connection.execute(sa.insert(registrations).values(values | row))
        await database.close()
        return number

    async def _do(self, statements: tuple[sa.Executable, ...]) -> list[Any]:
        database = await open_database(str(self.file))
        found: list[Any] = []
        async with database.write() as connection:
            for statement in statements:
                result: Any = await connection.execute(statement)
                found = list(result) if result.returns_rows else found
        await database.close()
        return found


@pytest.fixture
def office(run: Run, tmp_path: Path) -> Office:
    return Office(run, tmp_path)


def full(office: Office) -> int:
    """Three seats, one of them offered, and one person who waits."""
    return office.open(
        replace(BATCH, taken=3, waiting=1, places=2),
        {"profile": {"name": '=HYPERLINK("http://x")', "stage": "bidding"}, "coming": True},
        {"attended": STARTS + timedelta(minutes=11), "stars": 5, "remark": "बहुत अच्छा"},
        {"status": Status.OFFERED, "place": 1, "offered_until": NOW + timedelta(hours=5)},
        {"status": Status.WAITING, "place": 2},
        {"status": Status.LEFT},
    )


def test_the_first_workshop_is_added_on_a_fresh_machine_and_shown_with_its_code(office: Office) -> None:
    done = office("add", "--example")
    assert (done.returncode, done.stderr) == (0, "")
    (batch,) = office.batches()
    assert f"बोर्ड पर लिखने का कोड: {batch.code}\n" in done.stdout
    assert done.stdout.startswith("कार्यशाला 1 जुड़ गई:\nनंबर: 1\nविषय: GeM पोर्टल: प्रोडक्ट रजिस्ट्रेशन से ऑनलाइन बिड तक\n")
    assert "कहाँ: उपायुक्त उद्योग कार्यालय, गोरखपुर\nसीटें: 40 (भरी 0, खाली 40, प्रतीक्षा में 0)\n" in done.stdout
    assert done.stdout == "कार्यशाला 1 जुड़ गई:\n" + office("show", "१").stdout


def test_a_workshop_has_what_its_options_say(office: Office) -> None:
    done = office(
        "add", *NEEDED, "--last-date", f"{STARTS - timedelta(days=2):%d-%m-%Y}", "--topic", "बिड", "--topic", "EMD",
        "--map", "https://maps.example/x", "--trainer", "श्री राम", "--bring", "आधार",
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    (batch,) = office.listed()
    assert {
        "id": 1,
        "title": "GeM पोर्टल",
        "venue": "विकास भवन",
        "map_url": "https://maps.example/x",
        "seats": 3,
        "taken": 0,
        "free": 3,
        "waiting": 0,
        "topics": ["बिड", "EMD"],
        "trainer": "श्री राम",
        "bring": "आधार",
        "starts": STARTS.isoformat(),
        "ends": STARTS.replace(hour=16, minute=0).isoformat(),
        "last_date": (STARTS - timedelta(days=2)).replace(hour=23, minute=59).isoformat(),
        "code": batch["code"],
        "status": "open",
    } == batch


def test_options_change_the_example(office: Office) -> None:
    office("add", "--example", "--seats", "25", "--trainer", "श्री राम")
    assert [(batch.seats, batch.trainer) for batch in office.batches()] == [(25, "श्री राम")]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["add"], '--title नहीं दिया गया। ऐसे लिखें: --title "GeM पोर्टल: प्रोडक्ट रजिस्ट्रेशन से ऑनलाइन बिड तक"।'),
        (["add", *NEEDED, "--seats", "सौ"], "--seats में 'सौ' नहीं चलता। 1 से 5000 तक कोई अंक लिखें, जैसे --seats 40।"),
        (["show", "7"], "7 नंबर की कोई कार्यशाला नहीं है। सही नंबर यहाँ देखें: gem-saathi workshop list --all"),
        (["roster", "एक"], "'एक' कार्यशाला का नंबर नहीं है। सूची से नंबर लिखें, जैसे 1; सूची: gem-saathi workshop list --all"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_told_in_one_sentence_and_nothing_is_written(
    office: Office, arguments: list[str], told: str
) -> None:
    assert office.told(*arguments) == told
    assert office.batches() == []


def test_the_list_shows_seats_and_state_and_what_is_over_only_on_demand(office: Office) -> None:
    nothing = "कोई आने वाली कार्यशाला नहीं है। नई जोड़ने के लिए: gem-saathi workshop add। "
    assert office("list").stdout == nothing + "पुरानी देखने के लिए: gem-saathi workshop list --all\n"
    full(office)
    past = timedelta(days=90)
    office.open(
        replace(BATCH, title="पुरानी [b]", starts=STARTS - past, ends=BATCH.ends - past, last_date=STARTS - past)
    )
    shown, everything = office("list").stdout, office("list", "--all").stdout
    for text in ("विषय", "GeM पोर्टल", "विकास भवन", "नाम लिखे जा रहे हैं"):
        assert text in shown
    assert "पुरानी" not in shown
    assert "पुरानी [b]" in everything
    assert "हो चुकी" in everything
    assert [(each["free"], each["taken"], each["waiting"]) for each in office.listed()] == [(0, 3, 1)]


def test_a_change_is_told_to_everyone_in_the_batch(office: Office) -> None:
    number = full(office)
    done = office("edit", str(number), "--venue", "कलेक्ट्रेट")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"कार्यशाला {number} बदल गई। 4 लोगों को बताया जाएगा।\n")
    assert "कहाँ: कलेक्ट्रेट\n" in done.stdout
    assert len(office.do(sa.select(outbox.c.id))) == 4
    (batch,) = office.batches()
    assert (batch.venue, batch.title, batch.taken, batch.waiting) == ("कलेक्ट्रेट", "GeM पोर्टल", 3, 1)


def test_a_change_that_cannot_be_is_refused(office: Office) -> None:
    number = full(office)
    assert office.told("edit", f"{number}", "--seats", "2") == (
        "--seats में 2 कम है: 3 सीटें भर चुकी हैं। 3 या ज़्यादा लिखें, जैसे --seats 3।"
    )
    assert office.told("edit", f"{number}").startswith("क्या बदलना है, वह नहीं लिखा।")
    office.do(sa.update(batches).values(starts=NOW - timedelta(hours=1)))
    assert office.told("edit", f"{number}", "--seats", "9").endswith(
        "को शुरू हो चुकी, अब इसे बदला नहीं जा सकता। नई जोड़ें: gem-saathi workshop add"
    )
    assert office.batches()[0].seats == 3


def test_cancelling_is_confirmed_told_to_everyone_and_final(office: Office) -> None:
    number = full(office)
    assert office.told("cancel", f"{number}") == (
        f"रद्द करने से पहले पक्का करना है। चलाएँ: gem-saathi workshop cancel {number} --yes"
    )
    assert office.batches()[0].status == "open"
    done = office("cancel", f"{number}", "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"कार्यशाला {number} रद्द हो गई। 4 लोगों को बताया जाएगा।\n"
    assert office.batches()[0].status == "cancelled"
    for command in (["cancel", f"{number}", "--yes"], ["edit", f"{number}", "--seats", "9"]):
        assert office.told(*command).startswith(f"कार्यशाला {number} रद्द हो चुकी है")


def test_the_roster_on_the_terminal_is_brief_and_runs_no_markup(office: Office) -> None:
    number = full(office)
    office.do(
        sa.insert(counts).values(batch=number, what="left", count=2),
        sa.update(registrations).where(registrations.c.person == 2).values(profile={"name": "[red]राम\x1b[2J"}),
    )
    done = office("roster", f"{number}")
    assert (done.returncode, done.stderr) == (0, "")
    for text in ("98765 43201", "[red]राम[2J", "सीट दी गई, जवाब बाकी", "प्रतीक्षा में (1)", "खुद हटे 2"):
        assert text in done.stdout
    assert "98765 43205" not in done.stdout
    assert "98765 43205" in office("roster", f"{number}", "--all").stdout
    assert office("roster", f"{number}", "--lang", "en").stdout.count("has a seat") == 2


def test_the_roster_as_a_file_has_everything_and_is_its_owners_alone(office: Office, tmp_path: Path) -> None:
    number = full(office)
    done = office("roster", f"{number}", "--out", "roster.csv")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "लिखा गया: roster.csv (4 लोग)। इसमें लोगों के नाम और नंबर हैं; काम के बाद मिटा दें।\n"
    file = tmp_path / "roster.csv"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with file.open(encoding="utf-8-sig", newline="") as stream:
        head, *rows = csv.reader(stream)
    assert (head[0], rows[0][1], rows[1][1]) == ("क्रम", '\'=HYPERLINK("http://x")', "राम 2")
    assert len(rows) == 4
    assert office("roster", f"{number}", "--out", "roster.xlsx", "--all").returncode == 0
    sheet = load_workbook(tmp_path / "roster.xlsx").active
    assert sheet is not None
    assert sheet.max_row == 1 + 5
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None} == {"s"}
    assert sheet["B2"].value == '=HYPERLINK("http://x")'


def test_a_file_that_is_there_or_cannot_be_written_is_told(office: Office, tmp_path: Path) -> None:
    number = full(office)
    (tmp_path / "old.csv").write_text("older", "utf-8")
    assert office.told("roster", f"{number}", "--out", "old.csv") == (
        "फ़ाइल old.csv पहले से है। दूसरा नाम दें, या उसी की जगह लिखने के लिए --force लगाएँ।"
    )
    assert (tmp_path / "old.csv").read_text("utf-8") == "older"
    assert office("attendance", f"{number}", "--out", "old.csv", "--force").returncode == 0
    assert office.told("attendance", f"{number}", "--out", "list.txt") == (
        "--out में 'list.txt' का नाम .csv या .xlsx पर ख़त्म नहीं होता। ऐसे लिखें: --out suchi.xlsx"
    )
    assert office.told("calendar", f"{number}", "--out", "missing/a.ics").startswith(
        "फ़ाइल missing/a.ics लिखी नहीं जा सकी ("
    )


def test_attendance_shows_the_code_who_came_and_what_they_said(office: Office, tmp_path: Path) -> None:
    number = full(office)
    done = office("attendance", f"{number}")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("बोर्ड पर लिखने का कोड: 4821\n")
    for text in (f"{STARTS:%Y-%m-%d} 10:41", "बहुत अच्छा", "नहीं", "2 में से 1 आए।"):
        assert text in done.stdout
    assert office("attendance", f"{number}", "--out", "came.csv").returncode == 0
    with (tmp_path / "came.csv").open(encoding="utf-8-sig", newline="") as stream:
        head, *rows = csv.reader(stream)
    assert head[-4:] == ["उपस्थित", "समय", "अंक", "टिप्पणी"]
    assert sorted(row[-4] for row in rows) == ["नहीं", "हाँ"]


def test_staff_take_somebody_out_or_mark_them_present_by_their_number(office: Office) -> None:
    number = full(office)
    present, gone = "+919876543201", "+919876543202"
    done = office("attendance", str(number), "--present", present.removeprefix("+91"))
    assert (done.returncode, done.stderr) == (0, "")
    done = office("remove", str(number), gone)
    assert (done.returncode, done.stderr) == (0, "")
    assert "हटा दिया" in done.stdout
    assert "नाम नहीं है" in office.told("remove", str(number), gone)
    assert "सीट नहीं है" in office.told("attendance", str(number), "--present", "9000000000")
    assert "समझ नहीं आया" in office.told("remove", str(number), "98x")


def test_a_batch_without_people_has_empty_lists(office: Office, tmp_path: Path) -> None:
    number = office.open()
    assert "अभी किसी ने नाम नहीं लिखवाया।\n" in office("roster", f"{number}").stdout
    assert "0 में से 0 आए।\n" in office("attendance", f"{number}").stdout
    assert office("roster", f"{number}", "--out", "roster.xlsx").returncode == 0
    assert load_workbook(tmp_path / "roster.xlsx").active is not None


def test_the_calendar_file_is_printed_or_written(office: Office, tmp_path: Path) -> None:
    number = office.open()
    printed = office("calendar", f"{number}")
    event: Any = Calendar.from_ical(printed.stdout).walk("VEVENT")[0]
    assert (event["dtstart"].dt, str(event["location"])) == (STARTS, "विकास भवन")
    done = office("calendar", f"{number}", "--out", "day.ics")
    assert (done.returncode, done.stdout) == (0, "लिखा गया: day.ics\n")
    assert (tmp_path / "day.ics").read_bytes().startswith(b"BEGIN:VCALENDAR\r\n")


def test_the_office_may_be_told_in_english(office: Office) -> None:
    assert office("add", *NEEDED, "--lang", "en").stdout.startswith("Workshop 1 is added:\nNumber: 1\nSubject: GeM")
    done = office("show", "9", "--lang", "en")
    assert done.stderr == "There is no workshop with number 9. See the numbers with: gem-saathi workshop list --all\n"


def typed(office: Office, environment: dict[str, str], arguments: list[str], *lines: str) -> tuple[int, str]:
    """The program at a terminal, where somebody types these lines; its exit code and all that is seen."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "workshop", *arguments],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment | {"GEM_SAATHI_DATABASE": str(office.file), "TERM": "dumb"},
        cwd=office.file.parent,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        os.write(ours, "".join(f"{line}\n" for line in lines).encode())
        seen = b""
        with suppress(OSError):  # the other end is gone
            while select([ours], [], [], 60)[0]:
                seen += os.read(ours, 65536)
            process.kill()  # it waits for more than was typed
        code = process.wait()
    os.close(ours)
    return code, seen.decode().replace("\r\n", "\n")


def test_at_a_terminal_what_is_missing_is_asked_for_until_it_can_be_used(
    office: Office, environment: dict[str, str]
) -> None:
    lines = ("कल", f"{STARTS:%d-%m-%Y} 10:30", "16:00", "विकास भवन", "40", "", "बिड", "EMD", "", "आधार", "", "")
    code, seen = typed(office, environment, ["add", "--title", "GeM"], *lines)
    assert code == 0, seen
    assert "कब शुरू होगी (जैसे " in seen
    assert "--starts में 'कल' से तारीख और समय साफ़ नहीं हुआ।" in seen
    assert "कार्यशाला 1 जुड़ गई:" in seen
    (batch,) = office.batches()
    assert (batch.starts, batch.last_date) == (STARTS, STARTS)
    assert (batch.topics, batch.bring, batch.trainer) == (("बिड", "EMD"), "आधार", "")


def test_who_leaves_at_a_question_has_changed_nothing(office: Office, environment: dict[str, str]) -> None:
    code, seen = typed(office, environment, ["add"], "GeM", "\x04")
    assert (code, seen.splitlines()[-1]) == (1, "ठीक है, कुछ नहीं बदला गया।")
    assert office.batches() == []


@pytest.mark.parametrize(
    ("answer", "status", "last"), [("हाँ", "cancelled", "रद्द हो गई"), ("n", "open", "कुछ नहीं बदला गया")]
)
def test_at_a_terminal_cancelling_is_asked_about(
    office: Office, environment: dict[str, str], answer: str, status: str, last: str
) -> None:
    number = full(office)
    _, seen = typed(office, environment, ["cancel", f"{number}"], answer)
    assert "सीट या प्रतीक्षा में 4 लोग हैं। हाँ या नहीं: " in seen
    assert last in seen.splitlines()[-1]
    assert office.batches()[0].status == status
