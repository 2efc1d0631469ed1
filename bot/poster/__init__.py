"""The poster for the office's wall: where the assistant is found, as QR codes and in words, and what one can ask it."""

from bot.poster.page import poster
from bot.poster.places import Place, Places

__all__ = ["Place", "Places", "poster"]
