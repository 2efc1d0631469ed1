"""The web chat: a page of the office's own, and the same as a window on the office's website."""

from bot.channels.web.channel import Web
from bot.channels.web.settings import WebSettings

__all__ = ["Web", "WebSettings"]
