"""
The bots that are compared, each in a process of its own: ours, whole and durable, and the echo bots of two libraries.

Each runs as its library's documentation shows it; by webhook, the libraries' bots stand behind aiohttp's server.
"""

import asyncio
import resource
import socket
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import aiogram
import telegram
import telegram.ext
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import web

from bot.app import load_app
from bot.channels.pacing import Pace
from bot.channels.telegram import Telegram, TelegramSettings
from bot.config import Settings
from bot.content.locales import load_phrases
from bot.server import Server, Watch, application
from bot.service import service_on
from bot.store.database import open_database
from tests.benchmarks.telegram_load import CONNECTIONS
from tests.fakes.telegram import TOKEN

# As many messages on their way at once as Telegram's webhook has connections.
AT_ONCE = 100
_PUBLIC = "https://bench.example.org"
_PATH = "/telegram/updates"


@dataclass(frozen=True, slots=True)
class Place:
    """
    Where a bot works.

    Attributes:
        api: port of the Bot API.
        webhook: where the bot listens; None where it asks for updates.
        folder: for its database.
    """

    api: int
    webhook: socket.socket | None
    folder: Path

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.api}"


@dataclass(frozen=True, slots=True)
class Usage:
    """Of a process: seconds of CPU since its start, bytes of memory now."""

    cpu: float
    memory: int


async def ours(place: Place) -> None:
    """The whole way: inbox, FAQ, outbox, a durable database."""
    settings = Settings()
    app = load_app(settings, load_phrases(settings.locales_dir))
    channel = Telegram(
        TelegramSettings(
            TOKEN,
            f"{place.base}/bot",
            "polling" if place.webhook is None else "webhook",
            _PUBLIC,
            max_connections=CONNECTIONS,
        ),
        app.phrases,
        "hi",
    )
    # What Telegram allows is not what is measured.
    paces = {channel.name: Pace(at_once=AT_ONCE)}
    database = await open_database(str(place.folder / "bench.sqlite3"))
    service = service_on(database, app.world, {channel.name: channel}, paces=paces)
    parts = [service.inbox.run(), service.outbox.run(), service.timer.run(), channel.run(service.inbox.take)]
    if place.webhook is not None:

        async def ready() -> dict[str, bool]:
            return {}

        async def metrics() -> tuple[bytes, str]:
            return b"", ""

        routes = channel.routes(service.inbox.take, partial(service.outbox.note, channel.name))
        parts.append(Server(application(routes, Watch(ready, metrics))).serve([place.webhook]))
    await asyncio.gather(*parts)


async def _echo(update: telegram.Update, _: Any) -> None:
    assert update.message is not None
    assert update.message.text is not None
    await update.message.reply_text(update.message.text)


def _python_telegram_bot(*, at_once: bool) -> Callable[[Place], Coroutine[Any, Any, None]]:
    async def run(place: Place) -> None:
        builder = telegram.ext.ApplicationBuilder().token(TOKEN).base_url(f"{place.base}/bot")
        bot = builder.concurrent_updates(at_once).build()
        bot.add_handler(telegram.ext.MessageHandler(telegram.ext.filters.TEXT, _echo))
        async with bot:
            await bot.start()
            if place.webhook is None:
                assert bot.updater is not None
                await bot.updater.start_polling()
            else:

                async def called(request: web.Request) -> web.Response:
                    await bot.update_queue.put(telegram.Update.de_json(await request.json(), bot.bot))
                    return web.Response()

                server = web.Application()
                server.router.add_post(_PATH, called)
                await _listen(server, place.webhook)
                await bot.bot.set_webhook(_PUBLIC + _PATH, max_connections=CONNECTIONS)
            await asyncio.Event().wait()

    return run


async def _aiogram(place: Place) -> None:
    bot = aiogram.Bot(TOKEN, AiohttpSession(api=TelegramAPIServer.from_base(place.base)))
    dispatcher = aiogram.Dispatcher()

    @dispatcher.message()
    async def echo(message: aiogram.types.Message) -> None:
        await message.answer(message.text or "")

    if place.webhook is None:
        await dispatcher.start_polling(bot, handle_signals=False)
        return
    server = web.Application()
    SimpleRequestHandler(dispatcher, bot).register(server, _PATH)
    await _listen(server, place.webhook)
    await bot.set_webhook(_PUBLIC + _PATH, max_connections=CONNECTIONS)
    await asyncio.Event().wait()


async def _listen(server: web.Application, listening: socket.socket) -> None:
    runner = web.AppRunner(server, access_log=None)
    await runner.setup()
    await web.SockSite(runner, listening).start()


OURS, PTB, PTB_AT_ONCE, AIOGRAM = "GeM Saathi", "python-telegram-bot", "  concurrent_updates", "aiogram"
BOTS: dict[str, Callable[[Place], Coroutine[Any, Any, None]]] = {
    OURS: ours,
    PTB: _python_telegram_bot(at_once=False),
    PTB_AT_ONCE: _python_telegram_bot(at_once=True),
    AIOGRAM: _aiogram,
}


def usage() -> Usage:
    """Of this process."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return Usage(own.ru_utime + own.ru_stime, pages * resource.getpagesize())


def work(pipe: Connection, name: str, place: Place) -> None:
    """A process: a bot that answers anything said to it through the pipe with its ``Usage``."""

    def tell() -> None:
        while True:
            pipe.recv()
            pipe.send(usage())

    threading.Thread(target=tell, daemon=True).start()
    asyncio.run(BOTS[name](place))
