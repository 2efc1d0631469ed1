"""What goes out to a fake Graph API over a real port, and what its refusals mean."""

import contextlib
import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.contract import NotFetchedError, NotSentError
from bot.channels.whatsapp import Template, WhatsApp
from bot.channels.whatsapp.graph import Graph, UnclearError
from bot.channels.whatsapp.sending import in_template, pieces
from bot.core.talk.message import Document, Option, Reply
from tests.channels.whatsapp.conftest import PHRASES, RAM, SETTINGS, SITA, TEMPLATE, Clock
from tests.fakes.whatsapp import BURST, TOKEN, FakeGraph, Someone, choices

LONG = "यह एक लंबा वाक्य है जो बार-बार आता है। " * 60
TWO = (Option("yes", "हाँ"), Option("no", "नहीं"))
CALENDAR = Document("workshop.ics", "text/calendar", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")


def options(count: int, title: str = "सवाल") -> tuple[Option, ...]:
    return tuple(Option(f"entry:{number}", f"{title} {number}") for number in range(count))


async def refused(sending: WhatsApp, reply: Reply, heard: datetime | None, person: Someone = RAM) -> NotSentError:
    with pytest.raises(NotSentError) as caught:
        await sending.send(person.address, reply, heard=heard)
    return caught.value


@pytest.fixture(autouse=True)
def _they_wrote(graph: FakeGraph) -> None:
    graph.hears(RAM)
    graph.hears(SITA)


# --- what a reply becomes ---------------------------------------------------------------------------------------------


async def test_a_text_goes_to_a_number_or_to_a_user_id_and_its_id_comes_back(
    channel: WhatsApp, graph: FakeGraph, clock: Clock
) -> None:
    first = await channel.send(RAM.address, Reply("नमस्ते"), heard=clock.now)
    second = await channel.send(SITA.address, Reply("नमस्ते"), heard=clock.now)
    to_ram, to_sita = graph.sent
    assert (to_ram["to"], to_sita["recipient"]) == (RAM.number, SITA.user_id)
    assert "recipient" not in to_ram
    assert "to" not in to_sita
    assert to_ram["text"]["body"] == "नमस्ते"
    assert [first, second] == [to_ram["id"], to_sita["id"]]


async def test_a_long_text_goes_in_parts_and_the_choices_stand_under_the_last(
    channel: WhatsApp, graph: FakeGraph, clock: Clock
) -> None:
    sent_as = await channel.send(RAM.address, Reply(LONG * 3, TWO), heard=clock.now)
    *before, last = graph.to(RAM)
    assert [each["type"] for each in before] == ["text"] * len(before)
    assert len(before) >= 2
    assert [choice["id"] for choice, _ in choices(last)] == ["yes", "no"]
    assert sent_as == last["id"]
    words = [each["text"]["body"] for each in before] + [last["interactive"]["body"]["text"]]
    assert " ".join(words).split() == (LONG * 3).split()
    assert all(word.rstrip().endswith("।") for word in words)


@pytest.mark.parametrize(
    ("offered", "kind"),
    [
        (options(1), "button"),
        (options(3), "button"),
        (options(3, "बहुत लंबा सवाल जो बटन पर नहीं आता"), "list"),
        (options(4), "list"),
        (options(10), "list"),
        (options(11), None),
    ],
)
async def test_choices_are_buttons_where_they_fit_else_a_list_else_numbers(
    channel: WhatsApp, graph: FakeGraph, clock: Clock, offered: tuple[Option, ...], kind: str | None
) -> None:
    await channel.send(RAM.address, Reply("क्या पूछना है?", offered), heard=clock.now)
    (message,) = graph.to(RAM)
    if kind is None:
        assert message["text"]["body"].splitlines()[-1] == "11. सवाल 10"
        return
    assert message["interactive"]["type"] == kind
    assert [choice["id"] for choice, _ in choices(message)] == [option.id for option in offered]


async def test_a_row_whose_title_is_cut_has_the_whole_below_it(
    channel: WhatsApp, graph: FakeGraph, clock: Clock
) -> None:
    titles = ["सरकारी खरीदार से पेमेंट कितने दिन में आता है", "EMD", "सवाल " * 30]
    offered = tuple(Option(f"entry:{number}", title) for number, title in enumerate(titles))
    await channel.send(RAM.address, Reply("क्या पूछना है?", offered), heard=clock.now)
    first, second, third = (row for row, _ in choices(graph.to(RAM)[0]))
    assert first["title"].endswith("…")
    assert first["description"] == titles[0]
    assert "description" not in second
    assert len(third["description"]) <= 72


async def test_a_calendar_goes_as_a_text_file_with_its_own_name(
    channel: WhatsApp, graph: FakeGraph, clock: Clock
) -> None:
    await channel.send(RAM.address, Reply("यह रही तारीख", document=CALENDAR), heard=clock.now)
    (message,) = graph.to(RAM)
    assert message["document"]["filename"] == "workshop.ics"
    assert message["document"]["caption"] == "यह रही तारीख"
    assert graph.media[message["document"]["id"]] == ("text/plain", CALENDAR.data)


@pytest.mark.parametrize(("text", "offered"), [(LONG, ()), ("तारीख", TWO)])
async def test_a_file_goes_before_the_words_that_do_not_fit_below_it(
    channel: WhatsApp, graph: FakeGraph, clock: Clock, text: str, offered: tuple[Option, ...]
) -> None:
    await channel.send(RAM.address, Reply(text, offered, CALENDAR), heard=clock.now)
    file, words = graph.to(RAM)
    assert (file["type"], "caption" in file["document"]) == ("document", False)
    assert words["type"] == ("interactive" if offered else "text")


async def test_a_file_without_words_has_no_caption(channel: WhatsApp, graph: FakeGraph, clock: Clock) -> None:
    await channel.send(RAM.address, Reply("", document=CALENDAR), heard=clock.now)
    (message,) = graph.to(RAM)
    assert message["document"].keys() == {"id", "filename"}


LETTERS = st.text(st.sampled_from("क्षिमें े।  \n🙏👨‍👩‍👧a.★"), max_size=60)
TEXTS = st.builds(lambda text, times: text * times, LETTERS, st.integers(0, 100))
TITLES = st.lists(LETTERS.filter(str.strip), max_size=12, unique_by=str.strip)


@given(TEXTS, TITLES, st.sampled_from([None, CALENDAR]))
def test_whatever_is_said_whatsapp_takes_it_and_no_choice_is_lost(
    text: str, titles: list[str], file: Document | None
) -> None:
    graph = FakeGraph()
    graph.hears(RAM)
    offered = tuple(Option(f"entry:{number}", title.strip()) for number, title in enumerate(titles))
    reply = Reply(text, offered, file)
    graph.media["1"] = ("text/plain", b"")
    said = [piece.with_media("1") if piece.document else piece.payload for piece in pieces(RAM.address, reply, "चुनिए")]
    for payload in said:
        graph.check({"messaging_product": "whatsapp", **payload})
    if 0 < len(offered) <= 10:
        assert [choice["id"] for choice, _ in choices(said[-1])] == [option.id for option in offered]
    graph.templates["workshop_news", "hi"] = (2, 150)
    graph.check({"messaging_product": "whatsapp", **in_template(RAM.address, reply, TEMPLATE).payload})


# --- the window -------------------------------------------------------------------------------------------------------


async def test_a_day_after_the_last_message_it_waits_where_there_is_no_template(
    channel: WhatsApp, graph: FakeGraph, clock: Clock
) -> None:
    before = clock.now - timedelta(hours=24)
    error = await refused(channel, Reply("सीट खाली है"), before)
    assert (error.trouble, error.again_in, error.everybody) == ("window closed", 3600, False)
    assert graph.requests == 0
    await channel.send(RAM.address, Reply("सीट खाली है"), heard=before + timedelta(seconds=1))
    assert len(graph.sent) == 1


async def test_where_it_is_not_known_when_they_wrote_whatsapp_is_asked(
    templated: WhatsApp, graph: FakeGraph, clock: Clock
) -> None:
    graph.templates["workshop_news", "hi"] = (2, 100)
    await templated.send(RAM.address, Reply("सब मिटा दिया"))
    clock.pass_(days=2)
    await templated.send(RAM.address, Reply("सब मिटा दिया"))
    assert [each["type"] for each in graph.sent] == ["text", "template"]


async def test_a_day_after_the_last_message_the_template_says_it_on_one_line_with_numbers(
    templated: WhatsApp, graph: FakeGraph, clock: Clock
) -> None:
    graph.templates["workshop_news", "hi"] = (2, 100)
    clock.pass_(days=2)
    await templated.send(RAM.address, Reply("सीट खाली है।\n\n  कब:\tसोमवार\n", TWO), heard=clock.now - timedelta(days=2))
    (message,) = graph.to(RAM)
    assert message["template"]["components"] == [
        {
            "type": "body",
            "parameters": [
                {"type": "text", "text": "जिला उद्योग केंद्र"},
                {"type": "text", "text": "सीट खाली है। | कब: सोमवार | 1. हाँ | 2. नहीं"},
            ],
        }
    ]


@pytest.mark.parametrize("offered", [(), TWO, options(3), options(40, "बहुत लंबा सवाल जो बटन पर नहीं आता")])
async def test_a_template_is_never_longer_than_whatsapp_takes(
    templated: WhatsApp, graph: FakeGraph, clock: Clock, offered: tuple[Option, ...]
) -> None:
    graph.templates["workshop_news", "hi"] = (2, 200)
    await templated.send(RAM.address, Reply(LONG * 5, offered), heard=clock.now - timedelta(days=1))
    said = graph.sent[0]["template"]["components"][0]["parameters"][1]["text"]
    assert "…" in said
    assert ("1. " in said) is (0 < len(offered) < 40)


async def test_a_template_without_parameters_and_a_text_without_words_are_taken(
    graph: FakeGraph, graph_url: str, clock: Clock
) -> None:
    graph.templates["news", "hi"] = (0, 100)
    graph.templates["workshop_news", "hi"] = (1, 100)
    for template in (Template("news", parameters=()), Template("workshop_news")):
        whatsapp = WhatsApp(replace(SETTINGS, base_url=graph_url, template=template), PHRASES, "hi", clock)
        await whatsapp.send(RAM.address, Reply("\n"), heard=clock.now - timedelta(days=2))
        await whatsapp.close()
    assert [len(each["template"]["components"]) for each in graph.sent] == [0, 1]


async def test_where_whatsapp_closed_the_window_before_us_the_template_goes_at_once(
    templated: WhatsApp, graph: FakeGraph, clock: Clock
) -> None:
    graph.templates["workshop_news", "hi"] = (2, 100)
    clock.pass_(days=2)
    await templated.send(RAM.address, Reply("सीट खाली है"), heard=clock.now)
    assert [each["type"] for each in graph.sent] == ["template"]


async def test_where_whatsapp_closed_the_window_before_us_it_waits_without_a_template(
    channel: WhatsApp, graph: FakeGraph, clock: Clock
) -> None:
    clock.pass_(days=2)
    error = await refused(channel, Reply("सीट खाली है"), clock.now)
    assert (error.trouble, error.again_in) == ("window closed", 3600)
    assert graph.sent == []


async def test_a_template_that_is_refused_for_the_window_waits(
    templated: WhatsApp, graph: FakeGraph, clock: Clock
) -> None:
    graph.refusing.append(131047)
    error = await refused(templated, Reply("सीट खाली है"), clock.now - timedelta(days=2))
    assert error.trouble == "window closed"


# --- refusals ---------------------------------------------------------------------------------------------------------

LATER = [4, 80007, 130429, 131048, 131056, 131064, 133016, 1, 2, 131000, 131016, 131057, 135000, 999999, "500", "503"]
NEVER = [100, 130472, 131008, 131009, 131021, 131026, 131030, 131049, 131050, 131051, 131062]
FAULTS = [0, 3, 10, 33, 190, 200, 299, 368, 130497, 131005, 131031, 131037, 131042, 131045, 133010]
OF_TEMPLATES = [132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016, 132018]
FOR_ALL = {4, 80007, 130429, 131048, 133016, 2, 131016, 131057, "503", *FAULTS}


@pytest.mark.parametrize("how", [*LATER, *NEVER, *FAULTS, *OF_TEMPLATES])
async def test_each_refusal_is_later_or_never_and_says_for_whom(
    channel: WhatsApp, graph: FakeGraph, clock: Clock, how: int | str
) -> None:
    graph.refusing.append(how)
    error = await refused(channel, Reply("नमस्ते"), clock.now)
    assert (error.again_in is None) is (how in NEVER)
    assert error.everybody is (how in FOR_ALL)
    assert not error.gone
    if how in (*FAULTS, *OF_TEMPLATES):
        assert error.again_in == 600
    assert error.trouble
    assert RAM.number not in error.trouble


async def test_the_pair_limit_holds_one_person_for_six_seconds_and_nobody_else(channel: WhatsApp, clock: Clock) -> None:
    for _ in range(BURST):
        await channel.send(RAM.address, Reply("नमस्ते"), heard=clock.now)
    error = await refused(channel, Reply("नमस्ते"), clock.now)
    assert (error.again_in, error.everybody) == (6, False)
    await channel.send(SITA.address, Reply("नमस्ते"), heard=clock.now)
    clock.pass_(seconds=6)
    await channel.send(RAM.address, Reply("नमस्ते"), heard=clock.now)


async def test_too_many_a_second_hold_everybody(channel: WhatsApp, graph: FakeGraph, clock: Clock) -> None:
    people = [Someone(f"9198765{number:05}") for number in range(81)]
    for person in people:
        graph.hears(person)
    for person in people[:80]:
        await channel.send(person.address, Reply("नमस्ते"), heard=clock.now)
    error = await refused(channel, Reply("नमस्ते"), clock.now, people[80])
    assert (error.again_in, error.everybody) == (5, True)
    clock.pass_(seconds=1)
    await channel.send(people[80].address, Reply("नमस्ते"), heard=clock.now)


async def test_nothing_is_in_doubt_where_meta_cannot_be_reached(clock: Clock) -> None:
    whatsapp = WhatsApp(replace(SETTINGS, base_url="http://127.0.0.1:9/v23.0"), PHRASES, "hi", clock)
    error = await refused(whatsapp, Reply("नमस्ते"), clock.now)
    await whatsapp.close()
    assert (error.again_in, error.everybody) == (5, True)


@pytest.mark.parametrize(("how", "arrived"), [("502", 0), ("504", 0), ("lost", 1)])
async def test_where_the_answer_is_lost_the_doubt_goes_through(
    channel: WhatsApp, graph: FakeGraph, clock: Clock, how: str, arrived: int
) -> None:
    graph.refusing.append(how)
    with pytest.raises((UnclearError, aiohttp.ClientError)):
        await channel.send(RAM.address, Reply("नमस्ते"), heard=clock.now)
    assert len(graph.sent) == arrived


async def test_where_the_answer_does_not_come_in_time_the_doubt_goes_through(graph_url: str, graph: FakeGraph) -> None:
    api = Graph(replace(SETTINGS, base_url=graph_url), aiohttp.ClientTimeout(total=0.2))
    graph.refusing.append("hanging")
    payload = {"to": RAM.number, "type": "text", "text": {"body": "नमस्ते"}}
    with pytest.raises(TimeoutError):
        await api.send(payload)
    await api.close()
    assert len(graph.sent) == 1


async def test_an_address_that_leads_elsewhere_is_the_offices_to_put_right(graph_url: str, clock: Clock) -> None:
    whatsapp = WhatsApp(replace(SETTINGS, base_url=graph_url + "/elsewhere"), PHRASES, "hi", clock)
    error = await refused(whatsapp, Reply("नमस्ते"), clock.now)
    await whatsapp.close()
    assert (error.again_in, error.everybody) == (600, True)
    assert "base_url" in error.trouble


# --- replies in several messages --------------------------------------------------------------------------------------


async def test_a_reply_that_stopped_in_the_middle_goes_on_there(
    channel: WhatsApp, graph: FakeGraph, clock: Clock
) -> None:
    reply = Reply(LONG * 3, TWO)
    await channel.send(SITA.address, reply, heard=clock.now)
    whole = [each["type"] for each in graph.to(SITA)]
    graph.refusing.extend(["", 131056])
    assert (await refused(channel, reply, clock.now)).again_in == 6
    graph.refusing.extend(["502"])
    with pytest.raises(UnclearError):
        await channel.send(RAM.address, reply, heard=clock.now)
    assert len(graph.to(RAM)) == 1
    await channel.send(RAM.address, reply, heard=clock.now)
    assert [each["type"] for each in graph.to(RAM)] == whole
    await channel.send(RAM.address, reply, heard=clock.now)
    assert len(graph.to(RAM)) == 2 * len(whole)


@pytest.mark.parametrize(("code", "minutes"), [(131026, 0), (131056, 16)])
async def test_a_reply_that_was_given_up_or_is_long_ago_begins_anew(
    channel: WhatsApp, graph: FakeGraph, clock: Clock, code: int, minutes: int
) -> None:
    reply = Reply(LONG * 3)
    graph.refusing.extend(["", code])
    await refused(channel, reply, clock.now)
    first = graph.to(RAM)[0]["text"]
    clock.pass_(minutes=minutes)
    await channel.send(RAM.address, reply, heard=clock.now)
    assert graph.to(RAM)[1]["text"] == first


# --- what the office has to put right ---------------------------------------------------------------------------------


def loud(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if record.levelno >= logging.ERROR]


async def test_a_wrong_template_is_one_loud_line_and_everybody_else_is_answered(
    templated: WhatsApp, graph: FakeGraph, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    clock.pass_(days=2)
    long_ago = clock.now - timedelta(days=2)
    for _ in range(3):
        error = await refused(templated, Reply("सीट खाली है"), long_ago)
        assert (error.again_in, error.everybody) == (600, False)
        graph.hears(SITA)
        await templated.send(SITA.address, Reply("नमस्ते"), heard=clock.now)
    assert len(loud(caplog)) == 1
    assert "no such template" in loud(caplog)[0]
    graph.templates["workshop_news", "hi"] = (2, 100)
    await templated.send(RAM.address, Reply("सीट खाली है"), heard=long_ago)
    assert "takes the template again" in caplog.records[-1].message
    graph.templates.clear()
    await refused(templated, Reply("सीट खाली है"), long_ago)
    assert len(loud(caplog)) == 2


async def test_no_log_holds_a_token_a_number_an_id_or_a_text(
    templated: WhatsApp, graph: FakeGraph, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    graph.templates["workshop_news", "hi"] = (2, 100)
    hows: list[Any] = ["", *LATER, *NEVER, *FAULTS, *OF_TEMPLATES, 131047, "502", "lost"]
    with caplog.at_level(logging.DEBUG):
        for person in (RAM, SITA):
            for how in hows:
                graph.refusing.append(how)
                with contextlib.suppress(Exception):  # whatever it is; only the log counts here
                    await templated.send(person.address, Reply("गुप्त बात", TWO, CALENDAR), heard=clock.now)
                clock.pass_(seconds=7)
    assert loud(caplog)
    for secret in (TOKEN, RAM.number, SITA.number, SITA.user_id, "गुप्त", "wamid", "131053: …"):
        assert secret not in caplog.text
    for secret in (TOKEN, SETTINGS.app_secret, SETTINGS.verify_token):
        assert secret not in repr(SETTINGS)


# --- files that are kept ----------------------------------------------------------------------------------------------

PHOTO = Document("कैंप.jpg", "image/jpeg", b"\xff\xd8\xff" + bytes(50), stored=7)
PAPER = Document("नियम.pdf", "application/pdf", b"%PDF-1.7", stored=8)


@pytest.mark.parametrize(("document", "kind"), [(PHOTO, "image"), (PAPER, "document")])
async def test_a_stored_file_is_handed_over_once_and_stands_above_the_words_and_buttons(
    channel: WhatsApp, graph: FakeGraph, clock: Clock, document: Document, kind: str
) -> None:
    for person in (RAM, SITA):
        await channel.send(person.address, Reply("कल कैंप है", TWO, document), heard=clock.now)
    assert [content for _, content in graph.media.values()] == [document.data]
    assert len(graph.sent) == 2
    for sent in graph.sent:
        assert sent["interactive"]["body"] == {"text": "कल कैंप है"}
        assert sent["interactive"]["header"][kind]["id"] == "1000"


async def test_without_buttons_the_words_stand_below_the_photo(
    channel: WhatsApp, graph: FakeGraph, clock: Clock
) -> None:
    await channel.send(RAM.address, Reply("कल कैंप है", (), PHOTO), heard=clock.now)
    (sent,) = graph.sent
    assert sent["image"] == {"id": "1000", "caption": "कल कैंप है"}


async def test_a_file_that_somebody_sent_is_fetched(channel: WhatsApp, graph: FakeGraph) -> None:
    graph.media["77"] = ("image/jpeg", PHOTO.data)
    assert await channel.fetch("77", 1000) == PHOTO.data


@pytest.mark.parametrize(("handle", "limit"), [("78", 1000), ("77", 10)])
async def test_a_file_that_is_not_there_or_too_large_is_not_fetched_for_good(
    channel: WhatsApp, graph: FakeGraph, handle: str, limit: int
) -> None:
    graph.media["77"] = ("image/jpeg", PHOTO.data)
    with pytest.raises(NotFetchedError) as caught:
        await channel.fetch(handle, limit)
    assert caught.value.for_good


async def test_the_token_is_shown_to_nobody_but_meta(channel: WhatsApp, graph: FakeGraph) -> None:
    graph.media["77"] = ("image/jpeg", PHOTO.data)
    graph.download_at = "https://evil.example/77"
    with pytest.raises(NotFetchedError, match="no address"):
        await channel.fetch("77", 1000)
