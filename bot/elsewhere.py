"""Runs in another process what would hold up everybody here."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any, TypeVar

T = TypeVar("T")


async def elsewhere(work: Callable[..., T], *given: Any) -> T:
    """What a function of a module returns; what it raises is raised here."""
    # A process that starts or ends is waited for too, for tenths of a second: in a thread.
    return await asyncio.to_thread(_in_a_process, work, given)


def _in_a_process(work: Callable[..., T], given: tuple[Any, ...]) -> T:
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(work, *given).result()
