"""Telegram: people's messages by long polling or by webhook, replies through the Bot API."""

from bot.channels.telegram.channel import Telegram
from bot.channels.telegram.settings import TelegramSettings

__all__ = ["Telegram", "TelegramSettings"]
