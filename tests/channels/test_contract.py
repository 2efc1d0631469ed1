"""
What every channel must do, said to each in the raw words of its platform (``dialects``).

A channel without a dialect fails the first test. What a platform has no words for stands in its ``cannot``.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from bot.app import App
from bot.channels.contract import NotSentError
from bot.channels.registry import CHANNELS
from bot.core.talk.message import Delivery, Incoming, Kind, Option, Reply
from bot.core.talk.shaping import clusters
from bot.inbox import Inbox
from bot.outbox import Outbox
from bot.store.database import Database
from tests.channels.dialects.speaking import RAM, SITA, Dialect
from tests.channels.dialects.telegram import on_telegram
from tests.channels.dialects.web import on_the_web
from tests.channels.dialects.whatsapp import on_whatsapp
from tests.channels.web.house import now
from tests.crash.waiting import running

DIALECTS = ("telegram", "whatsapp", "web")
HINDI = "प्रक्रिया में क्षेत्र की विज्ञप्ति ज़रूर पढ़िए। "
MEGABYTE = 1_000_000


class Office:
    """Takes messages; ``then`` is what becomes of them."""

    def __init__(self) -> None:
        self.taken: list[Incoming] = []
        self.then: Callable[[Incoming], Awaitable[None]] | None = None

    async def take(self, incoming: Incoming) -> None:
        if self.then is not None:
            await self.then(incoming)
        self.taken.append(incoming)

    async def note(self, _: Delivery) -> None:
        raise AssertionError

    @property
    def texts(self) -> list[str]:
        return [each.text for each in self.taken]


@pytest.fixture
def engine_name() -> str:
    return "sqlite"


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture(params=DIALECTS)
async def dialect(
    request: pytest.FixtureRequest, office: Office, shipped: App, database: Database
) -> AsyncIterator[Dialect]:
    match request.param:
        case "telegram":
            opened = on_telegram(office.take, office.note, shipped.phrases)
        case "whatsapp":
            opened = on_whatsapp(office.take, office.note, shipped.phrases)  # type: ignore[assignment]
        case _:
            opened = on_the_web(office.take, office.note, shipped.phrases, database)  # type: ignore[assignment]
    async with opened as spoken:
        yield spoken


def test_every_channel_has_a_dialect() -> None:
    assert set(DIALECTS) == set(CHANNELS)


# --- in ---------------------------------------------------------------------------------------------------------------


async def test_words_come_whole_with_who_says_them_and_an_id_that_stays(dialect: Dialect, office: Office) -> None:
    words = "GeM पर  रजिस्ट्रेशन\nकैसे करें? <b>&amp;</b> 🙏"
    for _ in range(2):
        assert await dialect.post(dialect.text(SITA, 1, words)) < 300
    await dialect.post(dialect.text(RAM, 2, "राम राम"), RAM)
    first, again, other = office.taken
    assert (first.text, first.press, first.kind, first.channel) == (words, "", Kind.TEXT, dialect.channel.name)
    assert (first.message, first.address) == (again.message, again.address)
    assert first.address != other.address
    assert first.message != other.message or dialect.channel.name == "web"


async def test_a_press_is_its_id_and_never_its_title(dialect: Dialect, office: Office) -> None:
    assert await dialect.post(dialect.press(SITA, 1, "entry:emd-amount")) < 300
    assert [(each.press, each.text) for each in office.taken] == [("entry:emd-amount", "")]


@pytest.mark.parametrize(
    "kind",
    [Kind.VOICE, Kind.STICKER, Kind.PHOTO, Kind.VIDEO, Kind.DOCUMENT, Kind.CONTACT, Kind.LOCATION],
)
async def test_what_is_no_words_is_named(dialect: Dialect, office: Office, kind: Kind) -> None:
    body = dialect.of_kind(kind, 1)
    if body is None:
        assert "of_kind" in dialect.cannot
        return
    assert await dialect.post(body) < 300
    assert [each.kind for each in office.taken] == [kind]


async def test_all_of_a_body_is_taken_and_each_persons_in_order(dialect: Dialect, office: Office) -> None:
    messages = [dialect.text(person, number, str(number)) for number in range(1, 4) for person in (SITA, RAM)]
    body = dialect.batch(*messages)
    if body is None:
        assert "batch" in dialect.cannot
        return
    assert await dialect.post(body) < 300
    by_person: dict[str, list[str]] = {}
    for each in office.taken:
        by_person.setdefault(each.address, []).append(each.text)
    assert list(by_person.values()) == [["1", "2", "3"]] * 2


async def test_what_is_changed_at_once_is_a_message_of_its_own(dialect: Dialect, office: Office) -> None:
    body = dialect.edited(2, "ठीक किया")
    if body is None:
        assert "edited" in dialect.cannot
        return
    await dialect.post(dialect.text(SITA, 1, "गलत"))
    await dialect.post(body)
    assert office.texts == ["गलत", "ठीक किया"]
    assert len({each.message for each in office.taken}) == 2


async def test_what_nobody_has_heard_of_is_no_trouble(dialect: Dialect, office: Office) -> None:
    assert await dialect.post(dialect.unheard_of(1)) < 500
    assert [each for each in office.taken if each.kind is not Kind.OTHER] == []
    assert await dialect.post(dialect.text(SITA, 2, "नमस्ते")) < 300
    assert office.texts[-1] == "नमस्ते"


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b"1", b'"x"', b"{}", b"\xff\xfe", b'{"message": ', b"[" * 100_000, b'{"a":' * 50_000,
        b'{"update_id": 1, "message": {"message_id": 1, "chat": {"id": "x"}}}', b'{"entry": [{"changes": [1, null]}]}',
        b'{"id": [], "text": {}}', b"x" * MEGABYTE, b"x" * 5 * MEGABYTE,
    ],
    ids=lambda body: f"{body[:12]!r} {len(body)}",
)  # fmt: skip
async def test_a_broken_body_is_no_trouble_and_nothing_is_taken(dialect: Dialect, office: Office, body: bytes) -> None:
    assert await dialect.post(body) < 500
    assert office.taken == []
    assert await dialect.post(dialect.text(SITA, 1, "नमस्ते")) < 300


async def test_a_very_long_text_is_taken_or_refused_and_never_a_trouble(dialect: Dialect, office: Office) -> None:
    assert await dialect.post(dialect.text(SITA, 1, HINDI * 40)) < 300
    assert [text.strip() for text in office.texts] == [(HINDI * 40).strip()]
    status = await dialect.post(dialect.text(SITA, 2, "क" * MEGABYTE))
    assert status in (200, 202, 400, 413)
    assert len(office.taken) == (2 if status < 300 else 1)


async def test_halves_of_characters_and_nul_reach_the_database(
    dialect: Dialect, office: Office, database: Database, shipped: App
) -> None:
    inbox = Inbox(database, lambda: shipped.world, now)
    office.then = inbox.take
    async with running(inbox.run()), asyncio.timeout(20):
        for number, spoilt in enumerate(("a\ud83d", "\udc00b", "c\x00d")):
            await dialect.post(dialect.text(SITA, number, spoilt))
        status = await dialect.post(dialect.text(SITA, 9, "नमस्ते"))
    assert status < 300
    assert office.texts[-1] == "नमस्ते"


async def test_who_is_not_the_platform_is_refused_before_anything_is_read(dialect: Dialect, office: Office) -> None:
    for body in (dialect.text(SITA, 1, "नमस्ते"), b"{", b"x" * MEGABYTE):
        assert await dialect.post(body, forged=True) in (401, 403)
    assert office.taken == []


async def test_nothing_is_acknowledged_before_it_was_taken(dialect: Dialect, office: Office) -> None:
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def wait(_: Incoming) -> None:
        reached.set()
        await go_on.wait()

    office.then = wait
    async with asyncio.timeout(20):
        posting = asyncio.create_task(dialect.post(dialect.text(SITA, 1, "नमस्ते")))
        await reached.wait()
        for _ in range(50):
            await asyncio.sleep(0)
        assert not posting.done()
        go_on.set()
        assert await posting < 300
    assert office.texts == ["नमस्ते"]


async def test_what_comes_again_acts_once(dialect: Dialect, office: Office, database: Database, shipped: App) -> None:
    outbox = Outbox(database, {dialect.channel.name: dialect.channel}, lambda: shipped.phrases, now)
    inbox = Inbox(database, lambda: shipped.world, now, queued=outbox.wake)
    office.then = inbox.take
    async with running(inbox.run()), asyncio.timeout(30):
        body = dialect.text(SITA, 1, "bid kya hota hai")
        for _ in range(3):
            assert await dialect.post(body) < 300
        await outbox.drain()
    assert len(office.taken) == 3
    assert len(await dialect.arrived(office.taken[0].address)) == 1


async def test_what_cannot_be_answered_gets_a_kind_answer(
    dialect: Dialect, office: Office, database: Database, shipped: App
) -> None:
    body = dialect.of_kind(Kind.VOICE, 1)
    if body is None:
        assert "of_kind" in dialect.cannot
        return
    outbox = Outbox(database, {dialect.channel.name: dialect.channel}, lambda: shipped.phrases, now)
    inbox = Inbox(database, lambda: shipped.world, now, queued=outbox.wake)
    office.then = inbox.take
    async with running(inbox.run()), asyncio.timeout(30):
        await dialect.post(body)
        await outbox.drain()
    (answer,) = await dialect.arrived(office.taken[0].address)
    assert "लिख" in answer.text


# --- out --------------------------------------------------------------------------------------------------------------


async def address_of(dialect: Dialect, office: Office) -> str:
    await dialect.post(dialect.text(SITA, 1, "नमस्ते"))
    return office.taken[0].address


def without_spaces(texts: list[str]) -> str:
    return "".join("".join(texts).split())


async def test_a_long_text_arrives_whole_in_parts_that_fit_and_are_cut_between_letters(
    dialect: Dialect, office: Office
) -> None:
    address, limits = await address_of(dialect, office), dialect.channel.limits
    for text in (HINDI * 400, "क्षि" * 4000, "🙏" * 9000, ("a" * 90 + "\n\n") * 200):
        before = len(await dialect.arrived(address))
        await dialect.channel.send(address, Reply(text, (Option("menu", "सब विषय"),)), heard=now())
        parts = (await dialect.arrived(address))[before:]
        assert without_spaces([part.text for part in parts]) == without_spaces([text])
        assert all(limits.length(part.text) <= limits.text for part in parts)
        whole = list(clusters(without_spaces([text])))
        assert [each for part in parts for each in clusters(without_spaces([part.text]))] == whole
        assert [part.options for part in parts] == [()] * (len(parts) - 1) + [(("menu", "सब विषय"),)]


async def test_choices_keep_their_ids_and_order_and_are_numbers_where_there_are_too_many(
    dialect: Dialect, office: Office
) -> None:
    address, limits = await address_of(dialect, office), dialect.channel.limits
    most = max(limits.buttons, limits.rows)
    for count in sorted({1, 2, 3, 4, limits.buttons, limits.rows, most} - {0}):
        options = tuple(Option(f"entry:n{number}", f"विकल्प {number}") for number in range(count))
        await dialect.channel.send(address, Reply("चुनिए", options), heard=now())
        *_, last = await dialect.arrived(address)
        assert [option for option, _ in last.options] == [option.id for option in options]
    options = tuple(Option(f"entry:n{number}", f"विकल्प {number}") for number in range(most + 1))
    await dialect.channel.send(address, Reply("चुनिए", options), heard=now())
    *_, last = await dialect.arrived(address)
    assert (last.options, last.text.splitlines()[-1]) == ((), f"{most + 1}. विकल्प {most}")


async def test_a_title_that_is_too_long_is_cut_between_letters(dialect: Dialect, office: Office) -> None:
    address, limits = await address_of(dialect, office), dialect.channel.limits
    title = "विज्ञप्ति" * 40
    await dialect.channel.send(address, Reply("चुनिए", (Option("menu", title), Option("help", "मदद"))), heard=now())
    *_, last = await dialect.arrived(address)
    (option, shown), _ = last.options
    assert option == "menu"
    assert limits.length(shown) <= max(limits.button_title, limits.row_title)
    kept = shown.rstrip("…")
    assert title.startswith(kept)
    assert list(clusters(title))[: len(list(clusters(kept)))] == list(clusters(kept))


async def test_what_goes_wrong_says_for_whom_and_whether_it_may_be_tried_again(
    dialect: Dialect, office: Office
) -> None:
    address = await address_of(dialect, office)
    troubles = dialect.troubles(address)
    assert bool(troubles) != ("troubles" in dialect.cannot)
    for trouble in troubles:
        trouble.happens()
        with pytest.raises(Exception) as caught:  # noqa: PT011 - which one is looked at below
            await dialect.channel.send(address, Reply(f"संदेश: {trouble.name}"), heard=now())
        error = caught.value
        assert isinstance(error, NotSentError) is not trouble.open, trouble.name
        if isinstance(error, NotSentError):
            told = (error.everybody, error.gone, error.again_in is not None)
            assert told == (trouble.everybody, trouble.gone, trouble.later), trouble.name
            assert json.dumps(error.trouble)
    await dialect.channel.send(address, Reply("फिर से"), heard=now())
    assert (await dialect.arrived(address))[-1].text == "फिर से"
