"""What members of staff do with announcements in their chats, and what they are told; on both databases."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.announcer import Rules
from bot.announcing import Draft, make, send
from bot.channels.contract import NotFetchedError, NotSentError
from bot.core.pacing import Pace
from bot.core.talk.message import Attachment, Reply
from bot.core.workshops.batch import Batch
from bot.core.workshops.night import NIGHT
from bot.store.batches import insert_batch
from bot.store.database import Database
from bot.store.tables import announcements, audit, files, outbox
from tests.announcing.chatting import BOSS, CHANNEL, CHIEF, CLERK, INTERN, PHOTO, Bureau
from tests.announcing.office import BEGIN

TEXT = "नमस्ते {name}, कल कैंप है।"
FILE = Attachment(CHANNEL, "f1", "कैंप.JPG", "image/jpeg", len(PHOTO))
NAMES = ("सीता", "गीता", "राधा")


@pytest.fixture
async def bureau(database: Database) -> Bureau:
    bureau = Bureau(database)
    await bureau.settle(*NAMES)
    return bureau


async def draft(bureau: Bureau, who: str, *, text: str = TEXT, to: str = "सब", at: str = "अभी") -> None:
    """Make one, to all, without a file."""
    for said in ("/ghoshna", text):
        await bureau.write(who, said)
    for title in ("कुछ नहीं भेजना", to, at):
        await bureau.press(who, title)
    await bureau.work(1)


def said(replies: Sequence[Reply]) -> str:
    return "\n".join(reply.text for reply in replies)


def titles(reply: Reply) -> list[str]:
    return [option.title for option in reply.options]


async def written_down(bureau: Bureau) -> list[tuple[str, str]]:
    """Who did what."""
    async with bureau.database.read() as connection:
        return [(row.who, row.act) for row in await connection.execute(sa.select(audit))]


async def count(bureau: Bureau, table: sa.Table) -> int:
    async with bureau.database.read() as connection:
        return int(await connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0)


async def stage(bureau: Bureau, number: int = 1) -> str:
    async with bureau.database.read() as connection:
        return str(await connection.scalar(sa.select(announcements.c.stage).where(announcements.c.id == number)))


async def go_on(bureau: Bureau, wanted: str) -> None:
    """Until it stands there, and that is told."""
    for _ in range(100):
        await bureau.work(1)
        if await stage(bureau) == wanted:
            break
    await bureau.work(4)
    assert await stage(bureau) == wanted


# --- making one -------------------------------------------------------------------------------------------------------


async def test_step_by_step_to_the_card_and_to_everybody(bureau: Bureau) -> None:
    bureau.post.files["f1"] = PHOTO
    assert "(1/5)" in said(await bureau.write(CLERK, "/ghoshna"))
    assert "(2/5)" in said(await bureau.write(CLERK, TEXT))
    # There is no workshop to ask about.
    assert "(4/5)" in said(await bureau.write(CLERK, file=FILE))
    assert "(5/5)" in said(await bureau.press(CLERK, "सब"))
    assert "घोषणा 1 बन गई" in said(await bureau.press(CLERK, "अभी"))
    await bureau.work(1)
    card = bureau.post.last(CLERK)
    assert "कुल लोग: 3" in card.text
    assert "नमस्ते सीता, कल कैंप है।" in card.text
    assert card.document is not None
    assert (card.document.name, card.document.data) == ("कैंप.jpg", PHOTO)
    assert titles(card) == ["3 लोगों को भेजें", "रद्द करें"]
    assert "घोषणा 1 तय हो गई" in said(await bureau.press(CLERK, "3 लोगों को भेजें"))
    await bureau.work(1)
    assert all(bureau.post.texts(name) == [] for name in NAMES)
    await bureau.minute()
    got = bureau.post.last("सीता")
    assert got.text == "नमस्ते सीता, कल कैंप है।"
    assert got.document is not None
    assert got.document.data == PHOTO
    assert await stage(bureau) == "finished"


async def test_a_text_below_a_photo_is_both(bureau: Bureau) -> None:
    await bureau.write(CLERK, "/घोषणा")
    assert "(4/5)" in said(await bureau.write(CLERK, TEXT, file=FILE))


async def test_of_a_workshop_that_is_chosen_with_a_button_into_it(bureau: Bureau) -> None:
    starts = BEGIN + timedelta(days=10)
    async with bureau.database.write() as connection:
        workshop = Batch(0, "GeM पर बिक्री", starts, starts + timedelta(hours=5), "गोरखपुर", 40, starts, "4821")
        number = await insert_batch(connection, workshop)
    await bureau.write(CLERK, "/ghoshna")
    await bureau.write(CLERK, "{workshop.title} में आइए")
    asked = (await bureau.press(CLERK, "कुछ नहीं भेजना"))[-1]
    assert titles(asked) == [f"{number}. GeM पर बिक्री", "किसी की नहीं"]
    # The text names it, so there must be one.
    refused = await bureau.press(CLERK, "किसी की नहीं")
    assert "इसलिए कार्यशाला चुनिए" in said(refused)
    assert titles(refused[-1]) == titles(asked)
    audiences = (await bureau.write(CLERK, "1"))[-1]
    assert titles(audiences) == ["सब, इसमें नाम वाले छोड़कर", "सब", "जिनकी इसमें सीट है", "इसकी प्रतीक्षा सूची"]
    await bureau.press(CLERK, "सब, इसमें नाम वाले छोड़कर")
    await bureau.press(CLERK, "कल सुबह 10 बजे")
    await bureau.work(1)
    assert "शुक्रवार, 27 नवंबर 2026, सुबह 10 बजे" in bureau.post.last(CLERK).text
    await bureau.press(CLERK, "3 लोगों को भेजें")
    await bureau.minute()
    assert bureau.post.texts("सीता") == []
    await bureau.work(24 * 3600)
    assert bureau.post.last("सीता").text == "GeM पर बिक्री में आइए"
    assert bureau.post.last("सीता").options[0].id == f"register:{number}"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (("",), "संदेश खाली है"),
        (("नमस्ते {nmae}",), "क्या आप {name} लिखना चाहते थे"),
        (("x" * 3501,), "3500 अक्षर तक"),
        ((TEXT, "फ़ोटो नहीं है"), "JPG, PNG"),
        ((TEXT, "1", "हर किसी को"), "समझ नहीं आया"),
        ((TEXT, "1", "1", "परसों"), "यह समय समझ नहीं आया"),
        ((TEXT, "1", "1", "1 जनवरी 2020 सुबह 10 बजे"), "यह समय समझ नहीं आया"),
    ],
)
async def test_what_does_not_fit_is_told_and_the_question_stands(
    bureau: Bureau, typed: Sequence[str], sentence: str
) -> None:
    await bureau.write(CLERK, "/ghoshna")
    for text in typed[:-1]:
        await bureau.write(CLERK, text)
    refused = await bureau.write(CLERK, typed[-1])
    assert sentence in said(refused)
    assert len(refused) == 1
    # With a right answer it goes on where it was.
    right = [TEXT, "1", "1", "अभी"][len(typed) - 1]
    assert f"({len(typed) + 1 + (len(typed) > 1)}/5)" in said(await bureau.write(CLERK, right)) or len(typed) == 4
    assert await count(bureau, announcements) == (1 if len(typed) == 4 else 0)


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (Attachment(CHANNEL, "f", "a.exe", "application/octet-stream", 5), "JPG, PNG"),
        (Attachment(CHANNEL, "f", "a.pdf", "application/pdf", 7_300_000), "7.3 MB"),
    ],
)
async def test_a_file_that_cannot_go_along_is_refused(bureau: Bureau, file: Attachment, sentence: str) -> None:
    await bureau.write(CLERK, "/ghoshna")
    await bureau.write(CLERK, TEXT)
    assert sentence in said(await bureau.write(CLERK, file=file))
    assert "(4/5)" in said(await bureau.write(CLERK, file=FILE))


async def test_below_a_photo_the_text_is_short(bureau: Bureau) -> None:
    await bureau.write(CLERK, "/ghoshna")
    await bureau.write(CLERK, "क" * 901)
    assert "900 अक्षर तक" in said(await bureau.write(CLERK, file=FILE))


async def test_back_and_cancel(bureau: Bureau) -> None:
    await bureau.write(CLERK, "/ghoshna")
    await bureau.write(CLERK, TEXT)
    await bureau.press(CLERK, "कुछ नहीं भेजना")
    assert "(2/5)" in said(await bureau.write(CLERK, "पीछे"))
    assert "(1/5)" in said(await bureau.write(CLERK, "पीछे"))
    assert "छोड़ दी गई" in said(await bureau.write(CLERK, "रद्द"))
    # Now words are a question again.
    assert "(2/5)" not in said(await bureau.write(CLERK, TEXT))
    assert await count(bureau, announcements) == 0


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (NotFetchedError("404", for_good=True), "नहीं मिल पाई"),
        (b"MZ no photo at all", "न ठीक फ़ोटो है, न PDF"),
    ],
)
async def test_a_file_that_cannot_be_had_ends_it(
    bureau: Bureau, content: bytes | NotFetchedError, sentence: str
) -> None:
    bureau.post.files["f1"] = content
    await bureau.write(CLERK, "/ghoshna")
    await bureau.write(CLERK, TEXT, file=FILE)
    for title in ("सब", "अभी"):
        await bureau.press(CLERK, title)
    for _ in range(3):
        await bureau.work(1)
    assert [sentence in text for text in bureau.post.texts(CLERK)].count(True) == 1
    assert await stage(bureau) == "cancelled"
    assert await count(bureau, files) == 0


async def test_a_file_that_cannot_be_had_just_now_is_waited_for(bureau: Bureau) -> None:
    bureau.post.files["f1"] = NotFetchedError("away", for_good=False)
    await bureau.write(CLERK, "/ghoshna")
    await bureau.write(CLERK, TEXT, file=FILE)
    for title in ("सब", "अभी"):
        await bureau.press(CLERK, title)
    await bureau.work(1)
    assert "बन गई" in bureau.post.last(CLERK).text
    bureau.post.files["f1"] = PHOTO
    await bureau.work(1)
    assert "कुल लोग: 3" in bureau.post.last(CLERK).text


async def test_to_nobody_there_is_no_button_to_send_it(bureau: Bureau) -> None:
    await draft(bureau, CLERK, to="जो आ चुके हैं")
    card = bureau.post.last(CLERK)
    assert "इस चुनाव में कोई नहीं है" in card.text
    assert titles(card) == ["रद्द करें"]
    await bureau.write(CLERK, press="announce:send:1:0")
    assert await stage(bureau) == "draft"


# --- who may do what --------------------------------------------------------------------------------------------------


async def test_who_is_not_of_the_office_is_told_so_with_their_number(bureau: Bureau) -> None:
    for text, press in (("/ghoshna", ""), ("", "announce:send:1:3"), ("", "announce:cancel:1")):
        assert "इंजीनियर को यह नंबर दीजिए: सीता (telegram)" in said(await bureau.write("सीता", text, press))
    assert "आपका नंबर: सीता (telegram)" in said(await bureau.write("सीता", "/id"))
    assert set(await written_down(bureau)) == {("", "refused")}


async def test_a_viewer_sees_and_does_nothing(bureau: Bureau) -> None:
    await draft(bureau, CLERK)
    assert "पिछली घोषणाएँ" in said(await bureau.write(INTERN, "/ghoshna"))
    for press in ("announce:send:1:3", "announce:cancel:1"):
        assert "ज़िम्मे का काम नहीं" in said(await bureau.write(INTERN, press=press))
    assert await stage(bureau) == "draft"
    assert [each for each in await written_down(bureau) if each[1] == "refused"] == [("नया", "refused")] * 2
    await bureau.write(INTERN, "/ghoshna 1")
    await bureau.work(1)
    assert bureau.post.last(INTERN).options == ()


async def test_to_many_it_takes_another_approver(bureau: Bureau) -> None:
    for who in (CHIEF, BOSS):
        await bureau.write(who, "/start")
    await draft(bureau, BOSS)
    mine, chiefs = bureau.post.last(BOSS), bureau.post.last(CHIEF)
    assert "कोई दूसरा अधिकारी" in mine.text
    assert titles(mine) == ["रद्द करें"]
    assert "सुनीता ने यह घोषणा बनाई है" in chiefs.text
    # Neither who made it, whatever they press, nor who may not.
    for who in (BOSS, CLERK):
        assert "दूसरे अधिकारी" in said(await bureau.write(who, press="announce:send:1:5"))
    assert "तय हो गई" in said(await bureau.press(CHIEF, "5 लोगों को भेजें"))
    await bureau.minute()
    assert bureau.post.texts("सीता") == ["नमस्ते सीता, कल कैंप है।"]


async def test_an_old_card_sends_nothing_and_a_new_one_comes(bureau: Bureau) -> None:
    await draft(bureau, CLERK)
    async with bureau.database.write() as connection:
        await connection.execute(announcements.update().values(counted=2))
    assert "नया कार्ड देखकर" in said(await bureau.press(CLERK, "3 लोगों को भेजें"))
    await bureau.work(1)
    assert "कुल लोग: 3" in bureau.post.last(CLERK).text
    assert await stage(bureau) == "draft"


async def test_only_an_approver_lifts_the_weekly_limit(bureau: Bureau) -> None:
    await draft(bureau, CHIEF)
    assert "ज़िम्मे का काम नहीं" in said(await bureau.write(CLERK, press="announce:uncap:1"))
    assert "नया कार्ड आ रहा है" in said(await bureau.press(CHIEF, "हफ़्ते की सीमा हटाएँ"))
    await bureau.work(1)
    assert titles(bureau.post.last(CHIEF)) == ["3 लोगों को भेजें", "रद्द करें"]


async def test_made_up_buttons_do_no_harm(bureau: Bureau) -> None:
    await draft(bureau, CLERK)
    for press in (
        "announce:", "announce:send:", "announce:send:x:y", "announce:send:99999999999:1", "announce:send:7:3",
        "announce:batch:x", "announce:to:;drop", "announce:at:now", "announce:list:1", "announce:see:",
        "announce:see:7",
        "announce:retry:1",
    ):  # fmt: skip
        await bureau.write(CLERK, press=press)
    assert await stage(bureau) == "draft"


# --- on its way -------------------------------------------------------------------------------------------------------


async def test_it_can_be_taken_back_for_a_minute(bureau: Bureau) -> None:
    await draft(bureau, CLERK)
    await bureau.press(CLERK, "3 लोगों को भेजें")
    assert "रद्द हो गई" in said(await bureau.press(CLERK, "वापस लें"))
    before = len(bureau.post.texts(CLERK))
    await bureau.minute()
    assert bureau.post.texts("सीता") == []
    # Who ended it knows that it is over.
    assert len(bureau.post.texts(CLERK)) == before


async def test_one_message_says_how_far_it_is_and_is_changed(database: Database) -> None:
    bureau = Bureau(database, above=500, paces={CHANNEL: Pace(per_second=20)})
    await bureau.settle(*(f"व्यक्ति {number}" for number in range(40)))
    await draft(bureau, CLERK)
    await bureau.press(CLERK, "40 लोगों को भेजें")
    await bureau.minute()
    await go_on(bureau, "finished")
    texts = [text for text in bureau.post.texts(CLERK) if text.startswith("घोषणा 1:")]
    # The card, the message that was changed, and the end.
    assert len(texts) == 3
    assert len({message for who, message in bureau.post.edits if who == CLERK}) == 1
    assert 5 <= len(bureau.post.edits) <= 20
    assert texts[-2:] == ["घोषणा 1: पूरी हुई\nगई: 40 · नहीं गई: 0 · छोड़ी गई: 0 · पता नहीं: 0"] * 2


async def test_how_far_it_is_with_a_bar_and_the_time_of_its_end(database: Database) -> None:
    bureau = Bureau(database, above=500, paces={CHANNEL: Pace(per_second=20)})
    await bureau.settle(*(f"व्यक्ति {number}" for number in range(40)))
    await draft(bureau, CLERK)
    await bureau.press(CLERK, "40 लोगों को भेजें")
    await bureau.minute()
    for _ in range(8):
        await bureau.work(1)
    progress = next(reply for reply in bureau.post.said[CLERK].values() if "%" in reply.text)
    assert "▓" in progress.text
    assert "बाकी:" in progress.text
    assert "तक पूरी" in progress.text
    assert titles(progress) == ["रोकें", "रद्द करें"]


async def test_pause_and_resume_by_its_buttons(database: Database) -> None:
    bureau = Bureau(database, above=500, paces={CHANNEL: Pace(per_second=20)})
    await bureau.settle(*(f"व्यक्ति {number}" for number in range(20)))
    await draft(bureau, CLERK)
    await bureau.press(CLERK, "20 लोगों को भेजें")
    await bureau.minute()
    await bureau.work(1)
    assert "रुक गई" in said(await bureau.press(CLERK, "रोकें"))
    await bureau.work(5)
    told = bureau.post.sent
    await bureau.work(5)
    assert bureau.post.sent == told
    assert "फिर से जा रही है" in said(await bureau.press(CLERK, "आगे भेजें"))
    await go_on(bureau, "finished")
    assert all(len(bureau.post.texts(f"व्यक्ति {number}")) == 1 for number in range(20))


async def test_where_messages_cannot_be_changed_only_the_beginning_and_the_end_are_told(database: Database) -> None:
    bureau = Bureau(database, above=500, edits=False, paces={CHANNEL: Pace(per_second=20)})
    await bureau.settle(*(f"व्यक्ति {number}" for number in range(20)))
    await draft(bureau, CLERK)
    await bureau.press(CLERK, "20 लोगों को भेजें")
    await bureau.work(1)
    await bureau.minute()
    await go_on(bureau, "finished")
    told = [text for text in bureau.post.texts(CLERK) if text.startswith("घोषणा 1:")]
    assert [text.splitlines()[0] for text in told[1:]] == ["घोषणा 1: तय", "घोषणा 1: पूरी हुई"]
    assert bureau.post.edits == []


async def test_when_it_pauses_by_itself_the_phone_rings(database: Database) -> None:
    bureau = Bureau(database, above=500, rules=Rules(NIGHT, failures=20), paces={CHANNEL: Pace(per_second=20)})
    names = [f"व्यक्ति {number}" for number in range(60)]
    await bureau.settle(*names)
    bureau.post.failing = {name: NotSentError("no", None) for name in names[10:]}
    await draft(bureau, CLERK)
    await bureau.press(CLERK, "60 लोगों को भेजें")
    await bureau.minute()
    await go_on(bureau, "paused")
    alarms = [reply for reply in bureau.post.said[CLERK].values() if reply.text.startswith("⚠")]
    assert len(alarms) == 1
    assert titles(alarms[0]) == ["आगे भेजें", "रद्द करें"]


async def test_of_one_from_the_terminal_all_hear_who_may_make_some(bureau: Bureau) -> None:
    for who in (CHIEF, CLERK, INTERN):
        await bureau.write(who, "/start")
    made = await make(bureau.database, Draft(TEXT), "root", bureau.clock())
    await send(bureau.database, made.id, "root", bureau.clock())
    for _ in range(3):
        await bureau.work(1)
    told = {who: any("घोषणा 1: तय" in text for text in bureau.post.texts(who)) for who in (CHIEF, CLERK, INTERN)}
    assert told == {CHIEF: True, CLERK: True, INTERN: False}


async def test_nobody_is_told_twice_however_many_look(bureau: Bureau) -> None:
    await draft(bureau, CLERK)
    other = Bureau(bureau.database, clock=bureau.clock, post=bureau.post)
    await bureau.press(CLERK, "3 लोगों को भेजें")
    for _ in range(3):
        await bureau.work(1)
        await other.work(1)
    await bureau.minute()
    await other.work(5)
    await bureau.work(5)
    texts = bureau.post.texts(CLERK)
    assert sum("देख लीजिए" in text for text in texts) == 1
    assert sum("पूरी हुई" in text for text in texts) == 2


async def test_what_staff_are_told_is_kept_where_it_is_asked_for_again(bureau: Bureau) -> None:
    await draft(bureau, CLERK)
    await bureau.press(CLERK, "3 लोगों को भेजें")
    await bureau.minute()
    await bureau.work(5)
    await bureau.write(CLERK, "/ghoshna 1")
    await bureau.work(1)
    assert "पूरी हुई" in bureau.post.last(CLERK).text
    assert "7 नंबर की कोई घोषणा नहीं" in said(await bureau.write(CLERK, "/ghoshna 7"))


async def test_its_messages_wait_behind_nobody_and_end(bureau: Bureau) -> None:
    await draft(bureau, CLERK)
    await bureau.press(CLERK, "3 लोगों को भेजें")
    await bureau.minute()
    await bureau.work(5)
    async with bureau.database.read() as connection:
        open_ = await connection.execute(sa.select(outbox.c.id).where(outbox.c.status.in_(("due", "claimed", "held"))))
        assert open_.all() == []
