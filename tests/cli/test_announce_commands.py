"""``gem-saathi announce``, as the office's clerk types it."""

import asyncio
import csv
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.announcer import RULES, Announcer
from bot.channels.contract import NotSentError
from bot.outbox import Outbox
from bot.store.database import open_database
from bot.store.tables import announcements, people
from tests.cli.conftest import Run
from tests.crash.talks import small_world
from tests.crash.waiting import Letterbox

NAMES = ("सीता", "गीता", "राम")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    asyncio.run(settle(tmp_path / "talk.sqlite3"))
    (tmp_path / "text.txt").write_text("नमस्ते {name}!\nआइए।", "utf-8")
    return tmp_path / "talk.sqlite3"


async def settle(file: Path) -> None:
    database = await open_database(str(file))
    now = datetime.now(UTC)
    values = {"channel": "web", "news": True, "created": now, "heard": now}
    async with database.write() as connection:
        await connection.execute(people.insert(), [values | {"address": name, "name": name} for name in NAMES])
    await database.close()


async def go_out(file: Path, post: Letterbox) -> None:
    """By day, what was sent a while ago goes out."""
    database = await open_database(str(file))
    noon = datetime.now(UTC).replace(hour=6, minute=30) + timedelta(days=1)
    async with database.write() as connection:
        await connection.execute(announcements.update().values(begins=noon, expires=noon + timedelta(days=1)))
    outbox = Outbox(database, {"web": post}, lambda: small_world().phrases, lambda: noon)
    announcer = Announcer(database, ["web"], RULES, lambda: noon, queued=outbox.wake)
    await announcer.look()
    await outbox.drain()
    await announcer.look()
    await database.close()


def test_from_the_text_to_the_report(file: Path, run: Run, tmp_path: Path) -> None:
    made = run("announce", "new", "--text", "text.txt")
    assert (made.returncode, made.stderr) == (0, "")
    assert all(part in made.stdout for part in ("कुल लोग: 3", "वेब चैट: 3", "नमस्ते सीता!\nआइए।", "announce send 1"))
    refused = run("announce", "send", "1")
    assert (refused.returncode, refused.stderr) == (
        1,
        "भेजने से पहले पक्का करना है। चलाएँ: gem-saathi announce send 1 --yes\n",
    )
    sent = run("announce", "send", "1", "--yes")
    assert (sent.returncode, "घोषणा 1 तय हो गई" in sent.stdout) == (0, True)
    post = Letterbox()
    post.failing["राम"].append(NotSentError("Bad Request", None))
    asyncio.run(go_out(file, post))
    assert [address for address, _ in post.got] == ["सीता", "गीता"]
    shown = run("announce", "status", "1", "--watch").stdout
    assert "पूरी हुई" in shown
    assert "Bad Request" in run("announce", "report", "1").stdout
    assert run("announce", "report", "1", "--out", "report.csv").returncode == 0
    with (tmp_path / "report.csv").open(encoding="utf-8-sig", newline="") as stream:
        _, *lines = csv.reader(stream)
    assert [line[0] for line in lines] == ["राम", "सीता", "गीता"]
    assert lines[0][3:5] == ["नहीं गई", "Bad Request"]
    assert run("announce", "report", "1", "--out", "report.xlsx").returncode == 0
    assert "Bad Request" in run("announce", "retry", "1").stdout
    assert run("announce", "retry", "1", "--reason", "1").stdout == "1 लोगों को फिर से भेजी जाएगी।\n"
    asyncio.run(go_out(file, post))
    assert [address for address, _ in post.got] == ["सीता", "गीता", "राम"]


def test_it_is_cancelled_before_it_begins(file: Path, run: Run) -> None:
    run("announce", "new", "--text", "-", stdin="आइए".encode())
    run("announce", "send", "1", "--yes")
    assert run("announce", "pause", "1").stdout == "घोषणा 1: रुकी हुई\n"
    assert run("announce", "resume", "1").stdout == "घोषणा 1: तय\n"
    assert run("announce", "cancel", "1").stdout == "घोषणा 1: रद्द\n"
    post = Letterbox()
    asyncio.run(go_out(file, post))
    assert post.got == []
    assert "रद्द" in run("announce", "list").stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["new", "--text", "nowhere.txt"], r"फ़ाइल nowhere\.txt पढ़ी नहीं जा सकी .*"),
        (["new", "--text", "text.txt", "--to", "everybody"], r"किसे भेजना है, उसमें 'everybody' समझ नहीं आया। .*"),
        (["new", "--text", "text.txt", "--workshop", "9"], r"9 नंबर की कोई कार्यशाला नहीं है। .*"),
        (["new", "--text", "text.txt", "--at", "कभी"], r"--at में 'कभी' से तारीख और समय साफ़ नहीं हुआ। .*"),
        (["new", "--text", "text.txt", "--at", "14-12-2020 10:30"], r"समय ठीक नहीं है: .*"),
        (["new", "--text", "slip.txt"], r"संदेश में \{nam\} नाम का खाना नहीं है। क्या आप \{name\} लिखना चाहते थे\?"),
        (["new", "--text", "empty.txt"], r"संदेश खाली है। कुछ लिखें।"),
        (["send", "7", "--yes"], r"7 नंबर की कोई घोषणा नहीं है। .*"),
        (["status", "x"], r"'x' घोषणा का नंबर नहीं है। .*"),
        (["pause", "1"], r"घोषणा 1 अभी जा नहीं रही है, इसलिए रोकी नहीं जा सकती।"),
        (["resume", "1"], r"घोषणा 1 रुकी हुई नहीं है।"),
        (["retry", "1", "--reason", "1"], r"--reason में 1 से 0 तक .*"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_slip_is_one_sentence(file: Path, run: Run, tmp_path: Path, arguments: list[str], sentence: str) -> None:
    assert file.exists()
    (tmp_path / "slip.txt").write_text("नमस्ते {nam}", "utf-8")
    (tmp_path / "empty.txt").write_text(" \n", "utf-8")
    run("announce", "new", "--text", "text.txt")
    done = run("announce", *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(sentence + "\n", done.stderr), done.stderr


def test_what_cannot_be_sent_says_why(file: Path, run: Run) -> None:
    asyncio.run(forget_names(file))
    run("announce", "new", "--text", "text.txt")
    done = run("announce", "send", "1", "--yes")
    assert done.returncode == 1
    assert "✖ 3 लोगों का नाम नहीं पता, इसलिए भेजी नहीं जा सकती। {name} की जगह {name|साथी} लिखिए।" in done.stdout


async def forget_names(file: Path) -> None:
    database = await open_database(str(file))
    async with database.write() as connection:
        await connection.execute(sa.update(people).values(name=""))
    await database.close()


def test_on_an_empty_machine_there_is_none(run: Run) -> None:
    done = run("announce", "list")
    assert (done.returncode, done.stderr) == (0, "")
    assert "announce new" in done.stdout
