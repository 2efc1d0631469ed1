"""``/jawab``: a clerk changes answers in the chat; on both databases, with the real gate."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from bot.content.prepared import prepare
from bot.core.answers.calibration import SHIPPED
from bot.core.answers.matcher import Matcher
from bot.core.staff import Role, Roster, Staff
from bot.core.talk.message import Incoming, Reply
from bot.core.talk.state import World
from bot.inbox import Inbox
from bot.keeping import Keeper
from bot.library import Library, Place
from bot.outbox import Outbox
from bot.publishing import published
from bot.store.database import Database
from bot.store.revisions import list_revisions
from tests.announcing.chatting import Post
from tests.announcing.office import Clock
from tests.crash.waiting import running
from tests.test_publishing import PHRASES, faq, files, write

CHANNEL, CLERK, OTHER, INTERN = "telegram", "7", "8", "9"
ROSTER = Roster(
    (
        Staff("राम", Role.EDITOR, {CHANNEL: CLERK}),
        Staff("सुनीता", Role.APPROVER, {CHANNEL: OTHER}),
        Staff("नया", Role.VIEWER, {CHANNEL: INTERN}),
    )
)


# What the databases do differently, two tests show; the gate takes its seconds each time.
sqlite_only = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


@dataclass
class Desk:
    """All that takes part."""

    database: Database
    folder: Path
    cache: Path
    clock: Clock = field(default_factory=Clock)
    post: Post = field(default_factory=Post)
    messages: int = 0

    def __post_init__(self) -> None:
        prepared = prepare(self.folder, PHRASES, self.cache)
        matcher = Matcher(prepared.loaded.faq, prepared.index, SHIPPED)
        world = World(prepared.loaded.faq, matcher, PHRASES, roster=ROSTER)
        place = Place(self.folder, self.cache, "hi")
        self.library = Library(self.database, place, world, self.clock)
        self.keeper = Keeper(self.database, place, PHRASES, self.clock)
        self.outbox = Outbox(self.database, {CHANNEL: self.post}, lambda: PHRASES, self.clock)
        self.inbox = Inbox(self.database, self.library.world, self.clock)

    async def write(self, who: str, text: str = "", press: str = "") -> Reply:
        """Somebody writes; what they are answered at once."""
        self.messages += 1
        incoming = Incoming(CHANNEL, who, str(self.messages), self.clock(), text, press, name=who)
        async with running(self.inbox.run()), asyncio.timeout(20):
            await self.inbox.take(incoming)
        await self.outbox.drain()
        return self.post.last(who)

    async def press(self, who: str, title: str) -> Reply:
        """Somebody presses a button of the last message that has it."""
        offered = [option for reply in self.post.said[who].values() for option in reply.options]
        assert title in [option.title for option in offered]
        return await self.write(who, press=[option.id for option in offered if option.title == title][-1])

    async def settle(self, who: str) -> Reply:
        """What is proposed is dealt with, and taken up."""
        await self.keeper.look()
        await self.library.look()
        await self.library.look()
        await self.outbox.drain()
        return self.post.last(who)

    @property
    def text(self) -> str:
        return (self.folder / "office.yaml").read_text("utf-8")


@pytest.fixture
async def desk(database: Database, tmp_path: Path) -> Desk:
    write(tmp_path / "faq", files("# हमारे जवाब\n" + faq()))
    made = Desk(database, tmp_path / "faq", tmp_path / "cache")
    await made.library.look()
    await made.library.look()
    assert made.library.revision == 1
    return made


async def test_a_new_wording_is_found_shown_published_and_written_back(desk: Desk) -> None:
    shown = await desk.write(CLERK, "/jawab chai kahan milti hai")
    assert shown.text.startswith("चाय (tea)\n\nचाय यहाँ मिलती है।")
    assert "जैसे लोग लिखते हैं" in (await desk.press(CLERK, "नया सवाल जोड़ें")).text
    preview = await desk.write(CLERK, "chaai ki tapri kidhar\n\nटपरी  बताओ")
    assert "+ chaai ki tapri kidhar\n+ टपरी बताओ" in preview.text
    assert "जाँच हो रही है" in (await desk.press(CLERK, "हाँ, प्रकाशित करें")).text
    told = await desk.settle(CLERK)
    assert "'चाय' बदल गया (संस्करण 2)" in told.text
    assert "चाय यहाँ मिलती है।" in (await desk.write("sita", "chaai ki tapri kidhar")).text
    # Comments stay, and the folder is what is published.
    assert desk.text.startswith("# हमारे जवाब\n")
    found = await published(desk.database)
    assert found is not None
    assert (found[1]["office.yaml"], found[0].who, found[0].why) == (desk.text, "राम", "चैट से: tea")
    await desk.settle(CLERK)
    assert desk.library.revision == 2


@sqlite_only
async def test_another_answer_shows_before_and_after_and_is_dated(desk: Desk) -> None:
    await desk.write(CLERK, "/जवाब चाय कहाँ मिलेगी")
    assert "अभी यह है:\n\nचाय यहाँ मिलती है।" in (await desk.press(CLERK, "जवाब बदलें")).text
    preview = await desk.write(CLERK, "चाय अब दूसरी मंज़िल पर है।\nसुबह 10 से 5।")
    assert "पहले:\nचाय यहाँ मिलती है।\n\nअब:\nचाय अब दूसरी मंज़िल पर है।" in preview.text
    await desk.press(CLERK, "हाँ, प्रकाशित करें")
    await desk.settle(CLERK)
    answer = (await desk.write("sita", "चाय कहाँ मिलेगी")).text
    assert "दूसरी मंज़िल" in answer
    assert "26 नवंबर 2026" in answer


@sqlite_only
async def test_a_new_answer_step_by_step(desk: Desk) -> None:
    assert "का कोई जवाब नहीं है" in (await desk.write(CLERK, "/jawab qwrtp zxcvb")).text
    await desk.press(CLERK, "नया जवाब बनाएँ")
    assert "24 तक रखिए" in (await desk.write(CLERK, "x" * 25)).text
    await desk.write(CLERK, "नमक कहाँ है")
    await desk.press(CLERK, "कार्यालय")
    await desk.write(CLERK, "नमक रसोई में है।")
    preview = await desk.write(CLERK, "namak kahan hai\nनमक दो")
    assert "नया जवाब: नमक कहाँ है\n\nनमक रसोई में है।" in preview.text
    await desk.press(CLERK, "हाँ, प्रकाशित करें")
    assert "बदल गया (संस्करण 2)" in (await desk.settle(CLERK)).text
    assert "नमक रसोई में है।" in (await desk.write("sita", "namak kahan hai")).text


@sqlite_only
async def test_what_the_gate_refuses_is_told_in_words_and_nothing_changes(desk: Desk) -> None:
    before = desk.text
    await desk.write(CLERK, "/jawab किताब कहाँ है")
    await desk.press(CLERK, "नया सवाल जोड़ें")
    await desk.write(CLERK, "chai kahan milegi")
    await desk.press(CLERK, "हाँ, प्रकाशित करें")
    told = await desk.settle(CLERK)
    assert told.text.startswith("प्रकाशित नहीं हुआ")
    assert "यह सवाल पहले से 'चाय' (tea) में है: 'chai kahan milegi'" in told.text
    assert (desk.library.revision, desk.text) == (1, before)


@sqlite_only
async def test_it_can_be_undone_for_a_day_as_long_as_nothing_came_after(desk: Desk) -> None:
    before = desk.text
    for _ in range(2):
        await desk.write(CLERK, "/jawab चाय कहाँ मिलेगी")
        await desk.press(CLERK, "नया सवाल जोड़ें")
        await desk.write(CLERK, "chaai ki tapri kidhar")
        await desk.press(CLERK, "हाँ, प्रकाशित करें")
        await desk.settle(CLERK)
        await desk.press(CLERK, "वापस लें")
        assert "वापस ले लिया गया" in (await desk.settle(CLERK)).text
        assert desk.text == before
    # An old button, of something that was followed by something else.
    await desk.write(CLERK, press="faq:undo:2")
    assert "और बदलाव हो चुके हैं" in (await desk.settle(CLERK)).text
    async with desk.database.read() as connection:
        newest = (await list_revisions(connection, 1))[0].id
    desk.clock.now += timedelta(hours=25)
    await desk.write(CLERK, press=f"faq:undo:{newest}")
    assert "24 घंटे बीत चुके" in (await desk.settle(CLERK)).text


async def test_of_two_who_change_the_same_answer_the_second_is_told(desk: Desk) -> None:
    for who in (CLERK, OTHER):
        await desk.write(who, "/jawab चाय कहाँ मिलेगी")
        await desk.press(who, "जवाब बदलें")
    await desk.write(CLERK, "चाय ऊपर है।")
    await desk.press(CLERK, "हाँ, प्रकाशित करें")
    await desk.settle(CLERK)
    await desk.write(OTHER, "चाय नीचे है।")
    await desk.press(OTHER, "हाँ, प्रकाशित करें")
    told = await desk.settle(OTHER)
    assert "इसी बीच यह जवाब बदल चुका है (राम)" in told.text
    assert "चाय ऊपर है।" in (await desk.write("sita", "चाय कहाँ मिलेगी")).text


@sqlite_only
async def test_who_may_not_does_nothing(desk: Desk) -> None:
    assert "कर्मचारी करते हैं" in (await desk.write("sita", "/jawab चाय")).text
    for text, press in (("/jawab चाय", ""), ("", "faq:more:tea"), ("", "faq:yes"), ("", "faq:undo:1")):
        assert "ज़िम्मे का काम नहीं" in (await desk.write(INTERN, text, press)).text
    await desk.settle(INTERN)
    assert desk.library.revision == 1


@sqlite_only
async def test_made_up_buttons_and_leaving_do_no_harm(desk: Desk) -> None:
    made_up = ("", "yes", "show:none", "in:office", "undo:x", "undo:99999999999999", "more:")
    for press in (f"faq:{each}" for each in made_up):
        await desk.write(CLERK, press=press)
    await desk.write(CLERK, "/jawab चाय कहाँ मिलेगी")
    await desk.press(CLERK, "जवाब बदलें")
    assert "कुछ नहीं बदला" in (await desk.write(CLERK, "रद्द")).text
    await desk.write(CLERK, press="faq:yes")
    await desk.settle(CLERK)
    assert desk.library.revision == 1


@sqlite_only
async def test_in_a_folder_that_cannot_be_written_to_it_is_published_all_the_same(desk: Desk) -> None:
    await desk.write(CLERK, "/jawab चाय कहाँ मिलेगी")
    await desk.press(CLERK, "नया सवाल जोड़ें")
    await desk.write(CLERK, "chaai ki tapri kidhar")
    await desk.press(CLERK, "हाँ, प्रकाशित करें")
    for file in desk.folder.iterdir():
        file.unlink()
    desk.folder.rmdir()
    await desk.settle(CLERK)
    told = [text for text in desk.post.texts(CLERK) if "संस्करण 2" in text]
    assert "फ़ाइल में यह नहीं लिखा जा सका" in told[0]
