"""Waits while the database cannot be used: nothing is lost, nothing is acknowledged, and the log says so once."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.errors import StoreUnavailable

_FIRST_WAIT, _LONGEST_WAIT = 0.1, 2.0

_log = logging.getLogger(__name__)
T = TypeVar("T")


async def while_unavailable(work: Callable[[], Awaitable[T]]) -> T:
    """Do it, and while the database cannot be used, again, at growing distances of up to two seconds."""
    wait, told = _FIRST_WAIT, False
    while True:
        try:
            result = await work()
        except StoreUnavailable as error:
            if not told:
                _log.error("The database cannot be used (%s); what is waiting waits until it can.", error)
            told = True
            await asyncio.sleep(wait)
            wait = min(wait * 2, _LONGEST_WAIT)
        else:
            if told:
                _log.warning("The database can be used again.")
            return result


async def again_and_again(look: Callable[[], Awaitable[None]], seconds: float) -> None:
    """Look, and after so many seconds again, until cancelled; while the database cannot be used, wait for it."""
    while True:
        await while_unavailable(look)
        await asyncio.sleep(seconds)
