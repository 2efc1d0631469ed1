"""
Updates on their way in: asked for until they come, handed over, and only then acknowledged.

Updates of different people are handed over side by side, those of one in their order. Whatever goes wrong with one is
told in the log and does not hold up the others.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from telegram.error import Conflict, InvalidToken, TelegramError

from bot.channels.contract import Take
from bot.channels.telegram.request import NotReachedError, TooFastError
from bot.core.talk.message import Incoming

# How often a message that cannot be handed over is tried, before it is left.
TRIES = 3
# The same trouble is told again after so many seconds.
_QUIET = 3600.0

_Got = TypeVar("_Got")
_log = logging.getLogger(__name__)


class Complaints:
    """Tells each trouble once, not with every message that meets it."""

    def __init__(self) -> None:
        self._told: dict[str, float] = {}

    def tell(self, error: TelegramError) -> None:
        """Say in the log what is in the way, and what to do."""
        match error:
            case InvalidToken():
                level, text = (
                    logging.CRITICAL,
                    (
                        "Telegram refuses the bot's token, so nothing is sent or received there: put the token that "
                        "BotFather shows into the settings and start again."
                    ),
                )
            case Conflict():
                level, text = (
                    logging.ERROR,
                    ("Another program receives the messages of this Telegram bot: stop it, or use another bot here."),
                )
            case NotReachedError():
                level, text = logging.WARNING, "Telegram cannot be reached; trying until it can."
            case TooFastError():
                level, text = logging.WARNING, "Telegram asks to wait; waiting."
            case _:
                level, text = logging.WARNING, f"Telegram has trouble ({type(error).__name__}); trying again."
        now = asyncio.get_running_loop().time()
        if now - self._told.get(text, -_QUIET) >= _QUIET:
            self._told[text] = now
            _log.log(level, "%s", text)


class Patience:
    """Tries requests until they work, waiting longer each time."""

    def __init__(self, complaints: Complaints, first: float, longest: float) -> None:
        """Args: ``first``, ``longest``: seconds between two tries."""
        self._complaints = complaints
        self._first = first
        self._longest = longest

    async def until(self, call: Callable[[], Awaitable[_Got]]) -> _Got:
        """What a request gives, whenever it does."""
        wait = self._first
        while True:
            try:
                return await call()
            except TelegramError as error:
                self._complaints.tell(error)
                asked = error.again_in if isinstance(error, TooFastError) else 0
            await asyncio.sleep(max(wait, asked))
            wait = min(wait * 2, self._longest)


async def hand_over(messages: Iterable[Incoming], take: Take, pause: float) -> None:
    """
    Messages, in their order by person; returns once all may be acknowledged.

    Args:
        messages: of any people.
        take: what handles one.
        pause: seconds before one that failed is tried again.
    """
    lanes: dict[str, list[Incoming]] = {}
    for message in messages:
        lanes.setdefault(message.address, []).append(message)
    await asyncio.gather(*(_lane(lane, take, pause) for lane in lanes.values()))


async def _lane(messages: list[Incoming], take: Take, pause: float) -> None:
    for message in messages:
        for left in reversed(range(TRIES)):
            try:
                await take(message)
                break
            except Exception as error:  # noqa: BLE001 - whatever it is, it must not hold up the rest
                if not left:
                    _log.error("%s could not be handled and is left (%s).", message.message, type(error).__name__)
                    break
            await asyncio.sleep(pause)
