"""Bare echo bots of two libraries, as their documentation begins; each is a process: NAME MODE API_PORT OWN_PORT."""

import asyncio
import sys
from typing import Any

import uvicorn
from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import Message
from aiogram.webhook.aiohttp_server import SimpleRequestHandler, setup_application
from aiohttp import web
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters

from tests.benchmarks.bot_api import TOKEN

PATH = "/telegram"


async def _echo(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.message is not None
    assert update.message.text is not None
    await update.message.reply_text(update.message.text)


def python_telegram_bot(mode: str, api: int, port: int, *, concurrent: bool) -> None:
    """https://docs.python-telegram-bot.org/en/stable/examples.echobot.html, and its custom webhook example."""
    builder = Application.builder().token(TOKEN).base_url(f"http://127.0.0.1:{api}/bot")
    if concurrent:
        builder = builder.concurrent_updates(True)
    application: Application[Any, Any, Any, Any, Any, Any] = (
        builder.updater(None).build() if mode == "webhook" else builder.build()
    )
    application.add_handler(MessageHandler(filters.TEXT & ~filters.COMMAND, _echo))
    if mode == "polling":
        application.run_polling(allowed_updates=Update.ALL_TYPES)
        return

    async def called(request: Request) -> Response:
        await application.update_queue.put(Update.de_json(await request.json(), application.bot))
        return Response()

    async def serve() -> None:
        app = Starlette(routes=[Route(PATH, called, methods=["POST"])])
        async with application:
            await application.start()
            await uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning", http="h11")).serve()
            await application.stop()

    asyncio.run(serve())


def aiogram(mode: str, api: int, port: int) -> None:
    """https://docs.aiogram.dev/en/latest/, and its webhook example."""
    server = TelegramAPIServer.from_base(f"http://127.0.0.1:{api}")
    bot = Bot(TOKEN, session=AiohttpSession(api=server))
    dispatcher = Dispatcher()

    @dispatcher.message()
    async def echo(message: Message) -> None:
        await message.answer(message.text or "")

    if mode == "polling":
        asyncio.run(dispatcher.start_polling(bot))
        return
    app = web.Application()
    SimpleRequestHandler(dispatcher, bot).register(app, path=PATH)
    setup_application(app, dispatcher, bot=bot)
    web.run_app(app, host="127.0.0.1", port=port, print=None)


if __name__ == "__main__":
    name, mode, api, port = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    if name == "aiogram":
        aiogram(mode, api, port)
    else:
        python_telegram_bot(mode, api, port, concurrent=name.endswith("concurrent"))
