"""A person of the office answers: from the question to the end of the ticket, on both databases."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.app import App
from bot.content.faq import load_faq
from bot.core.answers.calibration import SHIPPED
from bot.core.answers.matcher import Matcher, learn_faq
from bot.core.staff import Role, Roster, Staff
from bot.core.talk.message import Incoming, Kind, Reply
from bot.core.talk.state import Office, World
from bot.core.tickets.helpdesk import Helpdesk
from bot.core.tickets.ticket import OVER_AFTER
from bot.helpdesk import Clerk
from bot.inbox import Inbox
from bot.outbox import Outbox
from bot.store.database import Database
from bot.store.desk_tables import ticket_lines, tickets
from bot.store.tables import audit, outbox, people
from tests.announcing.chatting import Post
from tests.announcing.office import Clock
from tests.core.talk.conftest import TALKS
from tests.crash.waiting import running

TELEGRAM, WHATSAPP = "telegram", "whatsapp"
GROUP = "-100"
RAM, SUNITA, INTERN = "7", "8", "9"
ROSTER = Roster(
    (
        Staff("राम", Role.EDITOR, {TELEGRAM: RAM}),
        Staff("मोहन", Role.EDITOR, {TELEGRAM: "6"}),
        Staff("सुनीता", Role.APPROVER, {TELEGRAM: SUNITA}),
        Staff("नया", Role.VIEWER, {TELEGRAM: INTERN}),
    )
)
UNKNOWN = "भैंस का टीका कहाँ लगेगा"
OTHER_UNKNOWN = "बकरी का टीका कहाँ लगेगा"


@dataclass
class Desk:
    """People, the staff, their group and all that runs between them."""

    database: Database
    world: World
    clock: Clock = field(default_factory=Clock)
    posts: dict[str, Post] = field(default_factory=lambda: {TELEGRAM: Post(), WHATSAPP: Post()})
    messages: int = 0

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """The program starts, perhaps again."""
        self.outbox = Outbox(self.database, self.posts, lambda: self.world.phrases, self.clock)
        self.inbox = Inbox(self.database, lambda: self.world, self.clock)
        self.clerk = Clerk(self.database, lambda: self.world, self.clock)

    async def write(self, who: str, text: str = "", channel: str = WHATSAPP, **what: object) -> list[str]:
        """Somebody writes; what arrives where they wrote."""
        self.messages += 1
        before = len(self.posts[channel].said.get(who, {}))
        incoming = Incoming(channel, who, str(self.messages), self.clock(), text, name="रामू प्रसाद")
        async with running(self.inbox.run()):
            await self.inbox.take(replace(incoming, **what))  # type: ignore[arg-type]
        await self.outbox.drain()
        return self.posts[channel].texts(who)[before:]

    async def staff(self, who: str, text: str = "", *, to: str = "", press: str = "", alone: bool = False) -> list[str]:
        """A member of staff writes in the group, or alone with the bot."""
        where = who if alone else GROUP
        speaker = "" if alone else who
        return await self.write(where, text, TELEGRAM, press=press, replied_to=to, in_group=not alone, speaker=speaker)

    async def ask(self, who: str = "919") -> list[str]:
        """Somebody asks for a person of the office."""
        return await self.write(who, "कर्मचारी से बात करें")

    def card(self, of: str = "🎫", where: str = GROUP) -> str:
        """The platform's id of the last message about a ticket."""
        return [name for name, reply in self.posts[TELEGRAM].said[where].items() if of in reply.text][-1]

    def option(self, kind: str, where: str = GROUP) -> str:
        """The id of a button that was shown last."""
        said = reversed(self.posts[TELEGRAM].said[where].values())
        return next(option.id for reply in said for option in reply.options if option.id.startswith(f"ticket:{kind}"))

    def got(self, who: str = "919", channel: str = WHATSAPP) -> str:
        return self.posts[channel].texts(who)[-1]

    async def rows(self, table: sa.Table) -> list[sa.Row[tuple[object, ...]]]:
        async with self.database.read() as connection:
            return list(await connection.execute(sa.select(table)))


@pytest.fixture
def office(shipped: App) -> World:
    faq = load_faq(TALKS / "faq", shipped.phrases).faq
    name = Office("उपायुक्त उद्योग कार्यालय")
    desk = Helpdesk(group=(TELEGRAM, GROUP))
    return World(faq, Matcher(faq, learn_faq(faq), SHIPPED), shipped.phrases, name, roster=ROSTER, helpdesk=desk)


@pytest.fixture
def desk(database: Database, office: World) -> Desk:
    return Desk(database, office)


async def test_who_asks_for_a_person_is_told_who_answers_by_when_and_the_staff_see_the_talk(desk: Desk) -> None:
    await desk.write("919", UNKNOWN)
    [said] = await desk.ask()
    assert "उपायुक्त उद्योग कार्यालय" in said
    assert "दोपहर 2 बजे" in said  # four hours after ten
    card = desk.posts[TELEGRAM].last(GROUP)
    assert UNKNOWN in card.text
    assert "रामू" in card.text
    assert "प्रसाद" not in card.text
    assert "WhatsApp" in card.text


async def test_a_reply_to_the_card_reaches_the_person_under_the_offices_name_and_back(
    desk: Desk,
) -> None:
    await desk.ask()
    [done] = await desk.staff(RAM, "शिविर में आइए, फ़ॉर्म 12 लाइए", to=desk.card())
    assert "रामू" in done
    assert desk.got() == "उपायुक्त उद्योग कार्यालय का जवाब:\n\nशिविर में आइए, फ़ॉर्म 12 लाइए"
    assert "राम:" not in desk.got()
    assert await desk.write("919", "ठीक है, कब?") == []
    assert "ठीक है, कब?" in desk.posts[TELEGRAM].texts(GROUP)[-1]
    await desk.staff(RAM, "सोमवार को", to=desk.card("ठीक है"))
    assert desk.got().endswith("सोमवार को")
    assert [(row.who, row.text) for row in await desk.rows(ticket_lines)] == [
        ("राम", "शिविर में आइए, फ़ॉर्म 12 लाइए"),
        ("", "ठीक है, कब?"),
        ("राम", "सोमवार को"),
    ]


async def test_two_failures_in_a_row_open_a_ticket_and_one_does_not(desk: Desk) -> None:
    await desk.write("919", UNKNOWN)
    assert await desk.rows(tickets) == []
    [said] = await desk.write("919", OTHER_UNKNOWN)
    assert "पक्का जवाब मेरे पास नहीं" in said
    [ticket] = await desk.rows(tickets)
    assert (ticket.why, ticket.question) == ("vain", OTHER_UNKNOWN)


async def test_an_answer_in_between_is_no_failure(desk: Desk, office: World) -> None:
    await desk.write("919", UNKNOWN)
    await desk.write("919", office.faq.entries[0].questions[0])
    await desk.write("919", OTHER_UNKNOWN)
    assert await desk.rows(tickets) == []


async def test_the_assistant_is_silent_while_a_ticket_is_open_but_for_commands(desk: Desk, office: World) -> None:
    await desk.ask()
    assert await desk.write("919", office.faq.entries[0].questions[0]) == []
    assert await desk.write("919", "1") == []
    [menu] = await desk.write("919", "/menu")
    assert menu == office.phrases.say("talk.menu")


async def test_a_canned_answer_is_an_entry_by_its_id_or_by_a_button(desk: Desk, office: World) -> None:
    entry = office.faq.entries[0]
    await desk.ask()
    await desk.staff(RAM, f"#{entry.id}", to=desk.card())
    assert entry.answer["hi"].strip() in desk.got()
    [none] = await desk.staff(RAM, "#no-such-thing", to=desk.card())
    assert "no-such-thing" in none


async def test_a_button_sends_the_entry_that_comes_nearest(desk: Desk) -> None:
    await desk.write("919", UNKNOWN)
    await desk.write("919", OTHER_UNKNOWN)
    await desk.staff(RAM, press=desk.option("entry:"))
    assert desk.got().startswith("उपायुक्त उद्योग कार्यालय का जवाब:")


async def test_closing_tells_the_person_and_the_assistant_answers_again(desk: Desk, office: World) -> None:
    await desk.ask()
    await desk.staff(RAM, press=desk.option("close"))
    assert "बातचीत पूरी हुई" in desk.got()
    assert await desk.write("919", office.faq.entries[0].questions[0])
    [late] = await desk.staff(RAM, "और यह भी", to=desk.card())
    assert "बंद हो चुका" in late
    assert "और यह भी" not in "".join(desk.posts[WHATSAPP].texts("919"))


async def test_the_person_ends_it_and_the_staff_are_told(desk: Desk) -> None:
    await desk.ask()
    [end] = [option.id for option in desk.posts[WHATSAPP].last("919").options]
    [said] = await desk.write("919", press=end)
    assert "कार्यालय को बता दिया" in said
    assert "ख़ुद पूरी कर दी" in desk.posts[TELEGRAM].texts(GROUP)[-1]
    [again] = await desk.write("919", press=end)
    assert "पूरी हो चुकी" in again


async def test_taken_passed_on_and_anothers(desk: Desk) -> None:
    await desk.ask()
    card = desk.card()
    await desk.staff(RAM, press=desk.option("take"))
    [refused] = await desk.staff("6", "मैं बताता हूँ", to=card)
    assert "राम देख रहे हैं" in refused
    assert "मैं बताता हूँ" not in desk.got()
    await desk.staff(RAM, press=desk.option("who"))
    names = {option.title: option.id for option in desk.posts[TELEGRAM].last(GROUP).options}
    assert "नया" not in names
    [given] = await desk.staff(RAM, press=names["मोहन"])
    assert "मोहन के पास" in given
    await desk.staff("6", "मैं बताता हूँ", to=card)
    assert desk.got().endswith("मैं बताता हूँ")
    assert [row.what for row in await desk.rows(audit) if row.act == "refused"] == ["ticket:1 answer"]


async def test_an_approver_takes_it_from_whoever_has_it(desk: Desk) -> None:
    await desk.ask()
    take = desk.option("take")
    await desk.staff(RAM, press=take)
    [taken] = await desk.staff(SUNITA, press=take)
    assert "सुनीता के पास" in taken


@pytest.mark.parametrize("who", [INTERN, "666"])
@pytest.mark.parametrize("deed", ["take", "close"])
async def test_who_may_not_is_refused_and_it_is_written_down(desk: Desk, who: str, deed: str) -> None:
    await desk.ask()
    said = await desk.staff(who, press=f"ticket:{deed}:1")
    assert len(said) == 1
    [refused] = [row for row in await desk.rows(audit) if row.act == "refused"]
    assert "ticket:" in refused.what
    assert deed in refused.what
    [ticket] = await desk.rows(tickets)
    assert (ticket.taken_by, ticket.closed) == ("", None)


async def test_a_viewer_and_a_stranger_in_the_group_answer_nobody(desk: Desk) -> None:
    await desk.ask()
    before = desk.got()
    await desk.staff(INTERN, "मेरा जवाब", to=desk.card())
    await desk.staff("666", "पैसे भेजो", to=desk.card())
    assert desk.got() == before
    assert [row.text for row in await desk.rows(ticket_lines)] == []


async def test_another_persons_ticket_is_not_theirs_to_end_and_that_is_written_down(desk: Desk) -> None:
    await desk.ask()
    await desk.write("666", press="ticket:end:1")
    [ticket] = await desk.rows(tickets)
    assert ticket.closed is None
    assert [(row.act, row.what) for row in await desk.rows(audit)] == [("refused", "ticket:1")]


@pytest.mark.parametrize(
    "press",
    ["ticket:", "ticket:take", "ticket:take:x", "ticket:take:99", "ticket:end:", "ticket:end:99999999999",
     "ticket:to:1", "ticket:assign:1:ffffffff", "ticket:entry:1:nothing", "ticket:show:0", "ticket:close:1:2:3"],
)  # fmt: skip
async def test_made_up_buttons_do_nothing(desk: Desk, press: str) -> None:
    assert await desk.staff(RAM, press=press)
    assert await desk.write("919", press=press)
    assert await desk.rows(tickets) == []


async def test_a_form_goes_on_while_a_ticket_is_open(desk: Desk, office: World) -> None:
    state = {"form": {"number": 1, "batch": 0, "step": "name"}}
    await desk.ask()
    async with desk.database.write() as connection:
        await connection.execute(people.update().where(people.c.address == "919").values(talk=state))
    [said] = await desk.write("919", "सीता देवी")
    assert said
    [row] = [row for row in await desk.rows(people) if row.address == "919"]
    assert row.talk["form"]["answers"] == {"name": "सीता देवी"}
    [again] = await desk.write("919", f"{UNKNOWN}?")
    assert office.phrases.say("talk.nothing") not in again
    assert [row.text for row in await desk.rows(ticket_lines)] == [f"{UNKNOWN}?"]


async def test_numbers_that_the_office_has_no_use_for_do_not_reach_it_but_a_mobile_does(desk: Desk) -> None:
    await desk.ask()
    [warning] = await desk.write("919", "आधार 2345 6789 0124 है")
    assert "आधार" in warning
    await desk.write("919", "फ़ोन 9876543210")
    texts = "".join(desk.posts[TELEGRAM].texts(GROUP)) + "".join(str(row.text) for row in await desk.rows(ticket_lines))
    assert "0124" not in texts
    assert "9876543210" in texts


async def test_pictures_are_not_passed_on_and_that_is_said(desk: Desk) -> None:
    await desk.ask()
    assert await desk.write("919", kind=Kind.PHOTO)
    [said] = await desk.staff(RAM, to=desk.card(), press="")
    assert said


async def test_staff_are_reminded_after_four_office_hours_and_again(desk: Desk) -> None:
    await desk.ask()
    await desk.clerk.look()
    desk.clock.pass_(4 * 3600)
    await desk.clerk.look()
    await desk.clerk.look()
    await desk.outbox.drain()
    reminders = [text for text in desk.posts[TELEGRAM].texts(GROUP) if "⏰" in text]
    assert len(reminders) == 1
    desk.clock.pass_(20 * 3600)  # ten o'clock the next day: one of four hours is still to come
    await desk.clerk.look()
    await desk.outbox.drain()
    assert len([text for text in desk.posts[TELEGRAM].texts(GROUP) if "⏰" in text]) == 1
    desk.clock.pass_(3600)
    await desk.clerk.look()
    await desk.outbox.drain()
    assert len([text for text in desk.posts[TELEGRAM].texts(GROUP) if "⏰" in text]) == 2


async def test_what_was_answered_needs_no_reminder_and_is_over_after_two_silent_days(desk: Desk) -> None:
    await desk.ask()
    await desk.staff(RAM, "हो गया", to=desk.card())
    desk.clock.now += OVER_AFTER - timedelta(seconds=1)
    await desk.clerk.look()
    [ticket] = await desk.rows(tickets)
    assert ticket.closed is None
    desk.clock.pass_(1)
    await desk.clerk.look()
    await desk.outbox.drain()
    assert "बातचीत पूरी हुई" in desk.got()
    assert not [text for text in desk.posts[TELEGRAM].texts(GROUP) if "⏰" in text]


async def test_nothing_is_lost_at_a_restart(desk: Desk) -> None:
    async with running(desk.inbox.run()):
        await desk.inbox.take(Incoming(WHATSAPP, "919", "m", desk.clock(), "कर्मचारी से बात करें", name="रामू"))
    desk.start()  # it died before anything went out
    await desk.outbox.drain()
    assert "दोपहर 2 बजे" in desk.got()
    await desk.staff(RAM, "हाँ", to=desk.card())
    desk.start()
    await desk.write("919", "धन्यवाद")
    assert "धन्यवाद" in desk.posts[TELEGRAM].texts(GROUP)[-1]


async def test_without_a_group_each_reads_alone_and_answers_by_a_button_or_a_reply(desk: Desk) -> None:
    desk.world = replace(desk.world, helpdesk=Helpdesk())
    await desk.ask()
    for who in (RAM, "6", SUNITA):
        assert "टिकट 1" in desk.got(who, TELEGRAM)
    assert INTERN not in desk.posts[TELEGRAM].said
    await desk.staff(RAM, press=desk.option("write", RAM), alone=True)
    await desk.staff(RAM, "कल दस बजे आइए", alone=True)
    assert desk.got().endswith("कल दस बजे आइए")
    await desk.write("919", "ठीक")
    assert "ठीक" in desk.got(RAM, TELEGRAM)
    assert "ठीक" not in desk.got("6", TELEGRAM)
    await desk.staff(RAM, "और?", to=desk.card("ठीक", RAM), alone=True)
    assert desk.got().endswith("और?")


async def test_an_answer_that_is_too_long_can_be_written_again_and_one_to_a_closed_ticket_is_over(desk: Desk) -> None:
    desk.world = replace(desk.world, helpdesk=Helpdesk())
    await desk.ask()
    await desk.staff(RAM, press=desk.option("write", RAM), alone=True)
    [long] = await desk.staff(RAM, "क" * 1501, alone=True)
    assert "1501" in long
    await desk.staff(RAM, "छोटा", alone=True)
    assert desk.got().endswith("छोटा")
    write = desk.option("write", RAM)
    await desk.staff(RAM, press=desk.option("close", RAM), alone=True)
    await desk.staff(RAM, press=write, alone=True)
    [over] = await desk.staff(RAM, "एक और बात", alone=True)
    assert "बंद हो चुका" in over
    [answered] = await desk.staff(RAM, desk.world.faq.entries[0].questions[0], alone=True)
    assert "बंद" not in answered


async def test_a_long_message_reaches_the_staff_whole_and_a_card_shows_its_beginning(desk: Desk) -> None:
    await desk.ask()
    text = "क्षि" * 200
    await desk.write("919", text)
    assert text in desk.posts[TELEGRAM].texts(GROUP)[-1]
    [card] = await desk.staff(RAM, "/ticket 1", alone=True)
    [line] = [line for line in card.splitlines() if "क्षि" in line]
    assert line.endswith("क्षि…")
    assert len(line) < 310


async def test_writing_an_answer_can_be_left(desk: Desk) -> None:
    desk.world = replace(desk.world, helpdesk=Helpdesk())
    await desk.ask()
    before = desk.got()
    await desk.staff(RAM, press=desk.option("write", RAM), alone=True)
    await desk.staff(RAM, "रद्द", alone=True)
    assert await desk.staff(RAM, UNKNOWN, alone=True)
    assert desk.got() == before


async def test_the_open_ones_are_listed_and_shown(desk: Desk) -> None:
    [none] = await desk.staff(RAM, "/ticket", alone=True)
    assert "नहीं" in none
    await desk.ask()
    [listed] = await desk.staff(RAM, "/ticket", alone=True)
    assert "रामू" in listed
    [shown] = await desk.staff(INTERN, "/ticket 1", alone=True)
    assert "टिकट 1" in shown


async def test_who_is_forgotten_leaves_no_ticket(desk: Desk) -> None:
    await desk.ask()
    await desk.write("919", "/मेरा डेटा")
    await desk.write("919", press="data:erase-yes")
    assert await desk.rows(tickets) == []
    assert [row for row in await desk.rows(outbox) if row.ticket is not None] == []


async def test_where_nobody_can_answer_it_is_as_before(desk: Desk) -> None:
    desk.world = replace(desk.world, roster=Roster())
    for text in (UNKNOWN, OTHER_UNKNOWN, "कर्मचारी से बात करें"):
        assert await desk.write("919", text)
    assert await desk.rows(tickets) == []


@pytest.mark.parametrize("many", [lambda text: text, lambda text: re.sub(" ", "\n", text)])
async def test_hostile_words_stay_words(desk: Desk, many: Callable[[str], str]) -> None:
    await desk.ask()
    text = many("<b>#emd</b> {name} ticket:close:1")
    await desk.write("919", text)
    assert text in desk.posts[TELEGRAM].texts(GROUP)[-1]
    await desk.staff(RAM, text, to=desk.card())
    assert text in desk.got()


def test_replies_are_replies() -> None:
    assert Incoming("a", "b", "c", Clock()()).said_by == "b"
    assert Incoming("a", "b", "c", Clock()(), speaker="d").said_by == "d"
    assert Reply("x").options == ()
