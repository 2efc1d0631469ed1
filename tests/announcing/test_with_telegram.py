"""``gem-saathi run`` on a fake Telegram: a clerk announces something with a photo, on the phone, and sees its card."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.app import App
from bot.store.database import open_database
from bot.store.tables import announcements, audit, files
from tests.crash.telegram_office import office
from tests.fakes.telegram import FakeTelegram, served
from tests.processes import running

CLERK, STRANGER = 71, 72
PHOTO = b"\xff\xd8\xff" + bytes(2000)
CONFIG = 'staff: [{name: "राम कुमार", role: approver, telegram: "71"}]\nannounce_quiet: "00:00-00:00"\n'


def button(fake: FakeTelegram, title: str) -> str:
    """What the last button of this title in the clerk's chat stands for."""
    found = [each["callback_data"] for asked in fake.sent(CLERK) for row in asked.buttons for each in row
             if each["text"] == title]  # fmt: skip
    return str(found[-1])


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_from_the_phone_to_the_card_and_set_and_taken_back(
    database_url: str, tmp_path: Path, shipped: App
) -> None:
    fake = FakeTelegram()
    fake.files["photo-1"] = PHOTO
    sizes = [{"file_id": "photo-1", "file_unique_id": "u", "width": 9, "height": 9, "file_size": len(PHOTO)}]
    (tmp_path / "config.yaml").write_text(CONFIG, "utf-8")

    async def until(words: str, of: int = CLERK) -> None:
        await fake.until(lambda: any(words in text for text in fake.texts(of)), 60)

    async with (
        served(fake) as port,
        running("run", environment=office(tmp_path, database_url, port, shipped), folder=tmp_path) as program,
    ):
        await fake.write(STRANGER, "/start")
        await fake.write(STRANGER, "/ghoshna")
        await until("कार्यालय के कर्मचारी करते हैं", STRANGER)
        await fake.write(CLERK, "/ghoshna")
        await until("(1/5)")
        await fake.write(CLERK, caption="नमस्ते {name}, कल कैंप है।", photo=sizes)
        await until("(4/5)")
        await fake.press(CLERK, button(fake, "सब"))
        await until("(5/5)")
        await fake.press(CLERK, button(fake, "अभी"))
        await until("कुल लोग: 1")
        await fake.press(CLERK, button(fake, "1 लोगों को भेजें"))
        await until("घोषणा 1 तय हो गई")
        await until("घोषणा 1: तय")
        await fake.press(CLERK, button(fake, "वापस लें"))
        await until("घोषणा 1 रद्द हो गई")
        code, _, log = await program.stop()
    assert (code, fake.faults) == (0, [])
    # Its card came with the photo.
    assert any(asked.method == "sendPhoto" and asked.file and asked.file[1] == PHOTO for asked in fake.sent(CLERK))
    assert [line for line in log.splitlines() if " INFO " not in line] == []
    database = await open_database(database_url)
    async with database.read() as connection:
        assert (await connection.execute(sa.select(announcements.c.stage))).scalars().all() == ["cancelled"]
        assert (await connection.execute(sa.select(files.c.content))).scalars().all() == [PHOTO]
        of_it = audit.c.what == "announcement:1"
        done = await connection.execute(sa.select(audit.c.who, audit.c.act).where(of_it).order_by(audit.c.id))
        assert done.all() == [("राम कुमार", "new"), ("राम कुमार", "send"), ("राम कुमार", "cancel")]
    await database.close()
