"""
The whole program as it runs for the office: all channels that are switched on, in one process and one event loop.

The parts are the inbox, the outbox, the timer, the announcer, the staff's messages, the answers, each channel and the
server. None may end by itself; where one does, the log says which, and the program ends with 1, so that whoever started
it (systemd) starts it again from the beginning.

Asked to stop (SIGTERM, Ctrl+C), it does so in the order in which messages pass: nothing more is read; requests that are
open are answered and what was taken is written down; what is being sent is waited for and recorded. What is queued
stays queued. After twenty seconds it ends in any case; nothing is lost by that either.
"""

import asyncio
import logging
import signal
import socket
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import sqlalchemy as sa

from bot.announcer import Rules
from bot.announcing import means_of
from bot.app import App
from bot.channels.contract import Editor, Fetcher
from bot.channels.registry import CHANNELS, WEB, Parts
from bot.core.talk.message import Delivery, Incoming
from bot.errors import InputError, StoreUnavailable
from bot.library import Place
from bot.metrics import MEDIA_TYPE, ErrorCounter, Metrics
from bot.own_secret import own_secret
from bot.server import GRACE, Server, Watch, application
from bot.service import Service, now, service_on
from bot.staffroom import Office
from bot.store import outgoing
from bot.store.database import Database, open_database
from bot.store.transcript import Transcript

STOP_WITHIN = 20.0
_ANSWER_WITHIN = 2.0

_log = logging.getLogger(__name__)


class _PartEndedError(Exception):
    """A part ended that must not; the log says which."""


async def run(app: App, names: Sequence[str], listening: socket.socket, started: Callable[[], None]) -> int:
    """
    Run until asked to stop.

    Args:
        app: settings, words and answers.
        names: the channels, as in ``registry.CHANNELS``.
        listening: where the server hears requests.
        started: called once everything runs.

    Returns:
        The exit code: 0 where it was asked to stop, 1 where a part ended.

    Raises:
        StoreError: the database cannot be used.
        InputError: something that the settings name cannot be used.
    """
    database = await open_database(app.settings.database.get_secret_value())
    try:
        program = _Program(app, names, database)
        try:
            return await program.run(listening, started)
        finally:
            await program.close()
    finally:
        await database.close()


def _web_secret(database: Database) -> str:
    if database.file is None:
        return ""  # ``config.unmet`` asks for one
    file = database.file.with_suffix(".web-secret")
    try:
        return own_secret(file)
    except OSError as error:
        raise InputError("unwritable", path=file, reason=error.strerror or str(error)) from error


class _Program:
    """The parts, wired."""

    def __init__(self, app: App, names: Sequence[str], database: Database) -> None:
        settings = app.settings
        self._settings = settings
        self._database = database
        self._metrics = Metrics()
        parts = Parts(settings, app.phrases, Transcript(database, WEB), _web_secret(database), now)
        self._channels = {name: CHANNELS[name].build(parts) for name in names}
        self._service: Service = service_on(
            database,
            app.world,
            {name: self._metrics.timed(name, channel) for name, channel in self._channels.items()},
            paces={name: CHANNELS[name].pace(settings) for name in names},
            rules=Rules(settings.announce_quiet, settings.announce_per_week, settings.announce_pause_at),
            place=Place(settings.faq_dir, settings.cache_dir, settings.language),
            wrap=self._metrics.matched,
            office=Office(
                settings.announce_above,
                means_of(settings),
                {name: channel for name, channel in self._channels.items() if isinstance(channel, Editor)},
                {name: channel for name, channel in self._channels.items() if isinstance(channel, Fetcher)},
            ),
        )
        watch = Watch(
            self._ready,
            self._exposed,
            settings.metrics_token.get_secret_value() if settings.metrics_token else "",
            settings.proxy_header,
        )
        routes = [
            route
            for name, channel in self._channels.items()
            for route in channel.routes(self._take, partial(self._note, name))
        ]
        self._server = Server(application(routes, watch))
        self._taking: set[asyncio.Task[None]] = set()
        self._runs: dict[str, asyncio.Task[None]] = {}
        self._is_stopping = False

    async def run(self, listening: socket.socket, started: Callable[[], None]) -> int:
        """Run; see above."""
        counter = ErrorCounter(self._metrics)
        logging.getLogger().addHandler(counter)
        asked = asyncio.Event()
        _on_signals(asked)
        code = 0
        try:
            async with asyncio.TaskGroup() as group:
                begin = partial(self._begin, group)
                inbox = begin("The inbox", self._service.inbox.run())
                timer = begin("The timer", self._service.timer.run())
                announcer = begin("The announcer", self._service.announcer.run())
                staffroom = begin("The staff's messages", self._service.staffroom.run())
                answers = [
                    begin("The answers", part.run())
                    for part in (self._service.library, self._service.keeper, self._service.weekly, self._service.clerk)
                    if part is not None
                ]
                outbox = begin("The outbox", self._service.outbox.run())
                server = begin("The server", self._server.serve([listening]))
                self._runs = {
                    name: begin(f"The channel {name}", channel.run(self._take), may_end=True)
                    for name, channel in self._channels.items()
                }
                started()
                await asked.wait()
                await self._stop(server, [inbox, timer, announcer, staffroom, *answers], outbox)
        except* _PartEndedError:
            code = 1
        finally:
            logging.getLogger().removeHandler(counter)
        _log.info("Stopped." if code == 0 else "Ended, to be started again.")
        return code

    async def close(self) -> None:
        """Let go of connections."""
        for task in self._taking:
            task.cancel()
        await asyncio.gather(*self._taking, return_exceptions=True)
        for name, channel in self._channels.items():
            try:
                await channel.close()
            except Exception as error:  # noqa: BLE001 - the others are to be closed all the same
                _log.warning("The channel %s could not be closed (%s).", name, type(error).__name__)

    def _begin(
        self, group: asyncio.TaskGroup, name: str, work: Coroutine[Any, Any, None], *, may_end: bool = False
    ) -> asyncio.Task[None]:
        async def watched() -> None:
            try:
                await work
            except Exception:  # noqa: BLE001 - of any kind, it ends the program, in an orderly way
                _log.critical("%s failed, which ends the program.", name, exc_info=True)
                raise _PartEndedError from None
            if not may_end and not self._is_stopping:
                _log.critical("%s ended without being asked to, which ends the program.", name)
                raise _PartEndedError

        return group.create_task(watched())

    async def _stop(
        self, server: asyncio.Task[None], others: Sequence[asyncio.Task[None]], outbox: asyncio.Task[None]
    ) -> None:
        _log.info("Asked to stop: finishing what is open.")
        self._is_stopping = True
        clock = asyncio.get_running_loop().time
        end = clock() + STOP_WITHIN
        for task in self._runs.values():
            task.cancel()
        for name, channel in self._channels.items():
            if CHANNELS[name].streams:
                await channel.close()
        self._server.should_exit = True
        await asyncio.wait([server], timeout=GRACE + 1)
        if self._taking:
            await asyncio.wait(self._taking, timeout=max(0.0, GRACE - (clock() - end + STOP_WITHIN)))
        for task in (server, *others):
            task.cancel()
        # It waits for what is being sent.
        outbox.cancel()
        await asyncio.wait([outbox], timeout=max(0.0, end - clock()))
        if not outbox.done():
            _log.warning("Not everything could be finished in time; what is in doubt is sent once more later.")
            outbox.cancel()

    async def _take(self, incoming: Incoming) -> None:
        """Have a message handled; it is, even where whoever brought it gives up waiting."""
        task = asyncio.create_task(self._metrics.handled(self._service.inbox.take, incoming))
        self._taking.add(task)
        task.add_done_callback(self._taking.discard)
        await asyncio.shield(task)

    async def _note(self, channel: str, delivery: Delivery) -> None:
        await self._service.outbox.note(channel, delivery)

    async def _ready(self) -> Mapping[str, bool]:
        answers = False
        with suppress(StoreUnavailable, TimeoutError):
            async with asyncio.timeout(_ANSWER_WITHIN), self._database.read() as connection:
                await connection.execute(sa.select(1))
                answers = True
        moment = now()
        up = {
            name: name in self._runs and CHANNELS[name].is_up(channel, self._runs[name].done(), moment)
            for name, channel in self._channels.items()
        }
        return {"database": answers, **up}

    async def _exposed(self) -> tuple[bytes, str]:
        depths: dict[str, Any] = {}
        # While the database cannot be read, the rest is worth the more.
        with suppress(StoreUnavailable, TimeoutError):
            async with asyncio.timeout(_ANSWER_WITHIN), self._database.read() as connection:
                depths = await outgoing.depths(connection)
        return self._metrics.exposed(depths, now()), MEDIA_TYPE


def _on_signals(asked: asyncio.Event) -> None:
    """Let SIGTERM and Ctrl+C ask to stop; a second Ctrl+C does not ask."""
    loop = asyncio.get_running_loop()

    def ask() -> None:
        asked.set()
        loop.remove_signal_handler(signal.SIGINT)

    with suppress(NotImplementedError):  # Windows, where Ctrl+C ends it
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, ask)
