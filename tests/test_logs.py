"""No log line, at any level, by any way, holds a secret, a number or a message; and each event is one line."""

import asyncio
import io
import json
import logging
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import aiohttp
import httpx
import pytest
import sqlalchemy as sa

from bot.logs import GONE, masking, set_up
from bot.store.database import Database

BOT_TOKEN = "7001001:AAE-0123456789_abcdefghijklmnopqrs"  # noqa: S105 - invented
GIVEN = "my-verify-word-17"
NUMBERS = [
    "9876543210",
    "+919876543210",
    "919876543210",
    "+91 98765 43210",
    "+91-98765-43210",
    "09876543210",
    "987-654-3210",
    "९८७६५४३२१०",
    "+९१ ९८७६५ ४३२१०",
]
HIDDEN = [
    *NUMBERS,
    BOT_TOKEN,
    f"https://api.telegram.org/bot{BOT_TOKEN}/getMe",
    f"/bot{BOT_TOKEN.replace(':', '%3A')}/getMe",
    "Authorization: Bearer EAAG.very-long~token",
    "https://graph.facebook.com/v23.0/1/messages?access_token=EAAGvery&x=1",
    "postgresql://saathi:s3cret@localhost/saathi",
    f"verify {GIVEN}",
]
# What must not be left of any of those.
TRACES = ["98765", "43210", "९८७६५", "6543", "AAE-01", "EAAG", "s3cret", GIVEN]
SEEN = [
    "2026-11-26T06:30:00.123+00:00",
    "Message 12345678901: it is not known whether it went out (TimeoutError).",
    "row 4294967296 of 1764138600",
    "port 8000, 200 in 0.123456 s",
    "batch 12 on 2026-12-14 10:30",
    "EMD 50,000 रुपये",
]


@pytest.fixture
def lines() -> Iterator[Callable[[], list[str]]]:
    """What was logged at DEBUG, as it would be written; the logging of the tests themselves comes back at the end."""
    yield from set_up_with("text")


@pytest.fixture
def objects() -> Iterator[Callable[[], list[str]]]:
    yield from set_up_with("json")


def set_up_with(form: str) -> Iterator[Callable[[], list[str]]]:
    root, stream = logging.getLogger(), io.StringIO()
    handlers, level, raises = list(root.handlers), root.level, logging.raiseExceptions
    set_up(form, [GIVEN, "x"], level=logging.DEBUG, stream=stream)
    root.setLevel(logging.DEBUG)
    yield lambda: stream.getvalue().splitlines()
    for handler in list(root.handlers):
        root.removeHandler(handler)
    for handler in handlers:
        root.addHandler(handler)
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    logging.raiseExceptions = raises
    logging.getLogger("bot").setLevel(logging.NOTSET)


def traces(lines: list[str]) -> list[str]:
    return [line for line in lines if any(trace in line for trace in TRACES)]


@pytest.mark.parametrize("hidden", HIDDEN)
def test_a_secret_or_number_is_replaced_and_the_rest_of_the_line_stays(hidden: str) -> None:
    masked = masking([GIVEN])(f"before {hidden} after")
    assert traces([masked]) == []
    assert GONE in masked
    assert masked.startswith("before ")
    assert masked.endswith(" after")


@pytest.mark.parametrize("seen", SEEN)
def test_what_is_no_secret_stays(seen: str) -> None:
    assert masking([GIVEN])(seen) == seen


def test_of_secrets_of_which_one_holds_the_other_nothing_is_left() -> None:
    assert masking(["secret-1", "secret-1-and-more"])("secret-1-and-more secret-1") == f"{GONE} {GONE}"


def fail(text: str) -> None:
    raise ValueError(text)


def every_way(logger: logging.Logger, hidden: str) -> None:
    """All ways in which a text can come into a log line."""
    logger.debug(hidden)
    logger.info("%s", hidden)
    logger.warning("%(all)s", {"all": {"deep": [hidden]}})
    logger.error("two\nlines %r", hidden.encode())
    logger.critical("too few %s %s", *[hidden])
    try:
        try:
            fail(hidden)
        except ValueError as error:
            raise ExceptionGroup(hidden, [RuntimeError(hidden), OSError(2, hidden)]) from error
    except ExceptionGroup:
        logger.exception("failed", stack_info=True)
    logger.error("failed", exc_info=(ValueError, ValueError(hidden), None))


@pytest.mark.parametrize("name", ["bot.inbox", "telegram.ext", "uvicorn.error", "someone.else", ""])
def test_whoever_logs_it_in_whatever_way_it_is_not_in_the_log(name: str, lines: Callable[[], list[str]]) -> None:
    for hidden in HIDDEN:
        every_way(logging.getLogger(name), hidden)
    assert traces(lines()) == []
    assert len(lines()) >= 5 * len(HIDDEN)


def test_every_event_is_one_line_with_time_level_and_name(lines: Callable[[], list[str]]) -> None:
    every_way(logging.getLogger("bot.inbox"), "नमस्ते")
    assert len(lines()) == 7
    for line in lines():
        time, level, name, _ = line.split(" ", 3)
        assert time.endswith("+00:00")
        assert (level in logging.getLevelNamesMapping(), name) == (True, "bot.inbox:")


def test_as_json_every_event_is_one_object(objects: Callable[[], list[str]]) -> None:
    for hidden in HIDDEN:
        every_way(logging.getLogger("bot.inbox"), hidden)
    assert traces(objects()) == []
    events = [json.loads(line) for line in objects()]
    assert len(events) == 7 * len(HIDDEN)
    assert all({"time", "level", "logger", "event"} <= event.keys() for event in events)
    assert "builtins" not in events[5]["exception"]
    assert "ExceptionGroup" in events[5]["exception"]
    assert "test_logs.py" in events[5]["exception"]


def test_an_exception_tells_its_kind_and_places_and_not_its_text(lines: Callable[[], list[str]]) -> None:
    try:
        fail("मेरा नाम सीता है")
    except ValueError:
        logging.getLogger("bot").exception("failed")
    try:
        Path("/nowhere/at/all").read_text("utf-8")
    except OSError:
        logging.getLogger("bot").exception("failed")
    first, second = lines()
    assert "सीता" not in first
    assert "ValueError" in first
    assert "(No such file or directory)" in second
    assert "/nowhere" not in second


async def test_what_libraries_send_and_receive_is_not_in_the_log(
    lines: Callable[[], list[str]], database: Database
) -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    address = f"http://127.0.0.1:{port}/bot{BOT_TOKEN}/getMe?access_token=EAAGvery&to=919876543210"
    async with httpx.AsyncClient() as client:
        with pytest.raises(httpx.HTTPError):
            await client.get(address)
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientError):
            await session.post(address, data={"text": "9876543210 सीता"})
    server.close()
    async with database.write() as connection:
        await connection.execute(sa.text("SELECT CAST(:it AS TEXT)"), {"it": "9876543210 सीता"})
    assert traces(lines()) == []
    assert [line for line in lines() if "सीता" in line] == []


def test_warnings_come_as_lines_too(lines: Callable[[], list[str]]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("call 9876543210", stacklevel=1)
    (line,) = lines()
    assert "py.warnings" in line
    assert traces([line]) == []


async def test_what_a_forgotten_task_dies_of_is_not_in_the_log(lines: Callable[[], list[str]]) -> None:
    loop = asyncio.get_running_loop()
    loop.call_exception_handler(
        {"message": "Task exception was never retrieved", "exception": ValueError("9876543210")}
    )
    assert len(lines()) == 1
    assert traces(lines()) == []


def test_libraries_below_warnings_are_not_heard_where_nobody_asks_for_more() -> None:
    program = (
        "import logging; from bot.logs import set_up; import telegram, aiohttp, uvicorn; set_up();"
        "[logging.getLogger(name).info('no') for name in ('telegram', 'aiohttp.access', 'uvicorn.access', 'httpx')];"
        "logging.getLogger('bot.x').debug('no'); logging.getLogger('bot.x').info('yes')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert [line.split(" ", 1)[1] for line in done.stderr.splitlines()] == ["INFO bot.x: yes"]
