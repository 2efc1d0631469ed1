"""What is done in another process: its outcome, its errors, and its end."""

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from bot.elsewhere import elsewhere
from bot.errors import ContentError, Fault, InputError
from tests.processes import ROOT

# A process that has something done for a minute elsewhere.
ASKING = """
import asyncio, sys
from bot.elsewhere import elsewhere
from tests.test_elsewhere import tell_and_wait

asyncio.run(elsewhere(tell_and_wait, sys.argv[1]))
"""


def tell_and_wait(pipe: str) -> None:
    """Say who one is, and go on for a minute."""
    Path(pipe).write_text(str(os.getpid()))
    time.sleep(60)


async def test_it_is_another_process_that_does_it() -> None:
    assert await elsewhere(os.getpid) != os.getpid()
    assert await elsewhere(sorted, [3, 1, 2]) == [1, 2, 3]


async def test_what_is_raised_there_is_raised_here_whole() -> None:
    with pytest.raises(InputError) as bad:
        await elsewhere(_refuse)
    assert (bad.value.key, bad.value.values) == ("no-such-entry", {"id": "x"})
    with pytest.raises(ContentError) as faults:
        await elsewhere(_find_faults)
    assert faults.value.faults == (Fault("no-entries", "faq", 3, {"a": 1}),)


def _refuse() -> None:
    raise InputError("no-such-entry", id="x")


def _find_faults() -> None:
    raise ContentError([Fault("no-entries", "faq", 3, {"a": 1})])


async def test_who_is_killed_leaves_nobody_who_holds_its_output_open(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    asking = await asyncio.create_subprocess_exec(
        sys.executable, "-c", ASKING, str(pipe), stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    assert asking.stdout is not None
    child = int(await asyncio.to_thread(pipe.read_text))
    asking.kill()
    # Its output ends with it.
    async with asyncio.timeout(10):
        assert await asking.stdout.read() == b""
        await asking.wait()
    os.kill(child, signal.SIGKILL)


async def test_who_gives_up_waiting_ends_it() -> None:
    task = asyncio.create_task(elsewhere(os.system, "exec sleep 60"))
    await asyncio.sleep(0)
    task.cancel()
    async with asyncio.timeout(10):
        with pytest.raises(asyncio.CancelledError):
            await task
