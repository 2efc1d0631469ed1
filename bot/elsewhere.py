"""
Runs in another process what would hold up everybody here.

It is a program of its own (``python -m bot.elsewhere``): it reads what to do from its input, writes the outcome to its
output, and ends. It holds nothing of ours open, so where this process is killed, it ends by itself.
"""

import asyncio
import pickle
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")


async def elsewhere(work: Callable[..., T], *given: Any) -> T:
    """What a function of a module returns; what it raises is raised here."""
    command = (sys.executable, "-m", "bot.elsewhere")
    child = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL)
    try:
        written, _ = await child.communicate(pickle.dumps((work, given)))
    finally:
        if child.returncode is None:
            with suppress(ProcessLookupError):
                child.kill()
            await child.wait()
    outcome, failure = pickle.loads(written)  # noqa: S301 - our own process wrote it
    if failure is not None:
        raise failure
    return outcome  # type: ignore[no-any-return]


def main() -> None:
    """Do what the input says."""
    work, given = pickle.load(sys.stdin.buffer)  # noqa: S301 - our own process wrote it
    try:
        written = pickle.dumps((work(*given), None))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is raised where it was asked for
        written = pickle.dumps((None, error))
    # Who asked may have been killed meanwhile.
    with suppress(BrokenPipeError):
        sys.stdout.buffer.write(written)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
