"""Runs in another process what would hold up everybody here."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any, TypeVar

T = TypeVar("T")


async def elsewhere(work: Callable[..., T], *given: Any) -> T:
    """What a function of a module returns; what it raises is raised here."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return await asyncio.get_running_loop().run_in_executor(pool, work, *given)
