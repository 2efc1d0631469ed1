"""How the parts run and end together, with a channel that tests hold in their hands."""

import asyncio
import logging
import os
import signal
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from starlette.routing import BaseRoute

from bot.app import App
from bot.channels.contract import Note, Take
from bot.channels.registry import CHANNELS, WEB, Kind, Parts, switched_on
from bot.config import Settings
from bot.core.talk.message import Incoming
from bot.core.talk.shaping import Limits
from bot.own_secret import own_secret
from bot.running import run
from bot.server import listen
from bot.store.database import open_database
from bot.store.tables import outbox, seen
from bot.store.transcript import Transcript
from tests.crash.waiting import Letterbox

NAME = "post"
NOW = datetime(2026, 11, 20, tzinfo=UTC)


class Post(Letterbox):
    """
    A channel.

    Attributes:
        ends: how ``run`` ends, once asked; None: it returns.
    """

    name = NAME
    limits = Limits(4000, 4000, 10, 20)

    def __init__(self) -> None:
        super().__init__()
        self.ends: Exception | None = None
        self.end = asyncio.Event()
        self.take: Take
        self.is_closed = False

    def routes(self, take: Take, note: Note) -> Sequence[BaseRoute]:  # noqa: ARG002
        self.take = take
        return []

    async def run(self, take: Take) -> None:  # noqa: ARG002
        await self.end.wait()
        if self.ends is not None:
            raise self.ends

    async def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Post:
    channel = Post()
    monkeypatch.setitem(CHANNELS, NAME, Kind(lambda _: True, lambda _: channel))
    return channel


@pytest.fixture
def app(shipped: App, tmp_path: Path) -> App:
    settings = Settings.model_validate({"database": str(tmp_path / "x.sqlite3")})
    return App(settings, shipped.phrases, shipped.prepared, shipped.matcher)


@pytest.fixture(autouse=True)
def signals_as_before() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def stop() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


async def running(app: App) -> asyncio.Task[int]:
    """The whole program, once it has started."""
    started = asyncio.Event()
    task = asyncio.create_task(run(app, [NAME], listen("127.0.0.1", 0), started.set))
    await asyncio.wait([task, asyncio.create_task(started.wait())], return_when=asyncio.FIRST_COMPLETED)
    return task


async def column(app: App, what: sa.Column[object]) -> list[object]:
    database = await open_database(app.settings.database.get_secret_value())
    async with database.read() as connection:
        found = list((await connection.execute(sa.select(what))).scalars())
    await database.close()
    return found


def message(number: int = 1) -> Incoming:
    return Incoming(NAME, "a", str(number), NOW, press="menu")


async def test_asked_to_stop_it_finishes_what_is_being_sent_and_records_it(app: App, post: Post) -> None:
    post.hanging.add("a")
    async with asyncio.timeout(30):
        program = await running(app)
        await post.take(message())
        await post.tried.reaches(1)
        stop()
        await asyncio.wait([program], timeout=0)
        post.release()
        assert await program == 0
    assert post.is_closed
    assert await column(app, outbox.c.status) == ["sent"]


async def test_asked_to_stop_it_writes_down_what_was_taken_although_nobody_waits_for_it(app: App, post: Post) -> None:
    async with asyncio.timeout(30):
        program = await running(app)
        bringing = asyncio.ensure_future(post.take(message()))
        await asyncio.wait([bringing], timeout=0)
        bringing.cancel()
        stop()
        assert await program == 0
    assert len(await column(app, seen.c.message)) == 1


@pytest.mark.parametrize("error", [ValueError("9876543210"), OSError(13, "9876543210")])
async def test_a_channel_that_fails_ends_the_program_with_1_and_is_named(
    app: App, post: Post, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    post.ends = error
    async with asyncio.timeout(30):
        program = await running(app)
        post.end.set()
        assert await program == 1
    (told,) = [record for record in caplog.records if record.levelno == logging.CRITICAL]
    assert told.getMessage() == "The channel post failed, which ends the program."
    assert post.is_closed


async def test_a_channel_that_need_not_run_may_return(app: App, post: Post) -> None:
    async with asyncio.timeout(30):
        program = await running(app)
        post.end.set()
        await post.take(message())
        await post.arrived.reaches(1)
        stop()
        assert await program == 0


async def test_while_it_ends_because_of_one_part_what_is_being_sent_is_finished(app: App, post: Post) -> None:
    post.hanging.add("a")
    post.ends = ValueError()
    async with asyncio.timeout(30):
        program = await running(app)
        await post.take(message())
        await post.tried.reaches(1)
        post.end.set()
        await asyncio.wait([program], timeout=0)
        post.release()
        assert await program == 1
    assert await column(app, outbox.c.status) == ["sent"]


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({}, ["web"]),
        ({"web": "no"}, []),
        ({"telegram_token": "1:x"}, ["telegram"]),
        ({"telegram_token": "1:x", "web": "yes"}, ["telegram", "web"]),
        ({"whatsapp_verify_token": "x"}, ["whatsapp"]),
    ],
)
def test_which_channels_are_switched_on(given: dict[str, str], names: list[str]) -> None:
    assert switched_on(Settings.model_validate(given)) == names


async def test_every_channel_is_built_from_the_settings_under_the_name_by_which_it_is_known(
    app: App, tmp_path: Path
) -> None:
    given = {
        "telegram_token": f"1:{'x' * 35}",
        "whatsapp_token": "x",
        "whatsapp_phone_id": "1",
        "whatsapp_app_secret": "x",
        "whatsapp_verify_token": "x",
        "whatsapp_template": "news",
        "web": "yes",
        "public_url": "https://saathi.example.org",
    }
    settings = Settings.model_validate(given)
    database = await open_database(str(tmp_path / "x.sqlite3"))
    parts = Parts(settings, app.phrases, Transcript(database, WEB), "w" * 32, lambda: NOW)
    for name in switched_on(settings):
        channel = CHANNELS[name].build(parts)
        assert channel.name == name
        await channel.close()
    await database.close()
    assert switched_on(settings) == list(CHANNELS)
    assert "w" * 32 not in repr(parts)


def test_a_secret_of_its_own_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "new" / "x.web-secret"
    secret = own_secret(file)
    assert len(secret) == 64
    assert own_secret(file) == secret
    assert own_secret(tmp_path / "other") != secret
    assert file.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in file.parent.iterdir()] == [file.name]
