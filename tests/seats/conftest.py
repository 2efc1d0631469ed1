"""Processes and people for tests of many at once."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import pytest

from bot.core.talk.state import World
from tests.seats.process import Job, small_world

_ROOT = Path(__file__).parents[2]
_PROCESSES = 4


class Processes:
    """Four processes, each with an inbox, that begin a job at the same moment."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.seats.process"]
        self._all = [
            subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(_PROCESSES)
        ]

    def run(self, jobs: Sequence[Job]) -> list[str]:
        """Do the jobs, one in each process; what the processes complained of."""
        assert len(jobs) <= _PROCESSES
        doing = self._all[: len(jobs)]
        for process, job in zip(doing, jobs, strict=True):
            self._tell(process, json.dumps(asdict(job)))
        for process in doing:
            assert self._hear(process) == "ready"
        for process in doing:
            self._tell(process, "go")
        return [line for process in doing for line in json.loads(self._hear(process))]

    def close(self) -> None:
        for process in self._all:
            self._tell(process, "")
        for process in self._all:
            process.communicate()

    def _tell(self, process: "subprocess.Popen[str]", line: str) -> None:
        assert process.stdin is not None
        process.stdin.write(line + "\n")
        process.stdin.flush()

    def _hear(self, process: "subprocess.Popen[str]") -> str:
        assert process.stdout is not None
        return process.stdout.readline().strip()


@pytest.fixture(scope="session")
def processes() -> Iterator[Processes]:
    """Four processes; started once, for each takes seconds to start."""
    started = Processes()
    yield started
    started.close()


@pytest.fixture(scope="session")
def small() -> World:
    """The world that the processes have."""
    return small_world()
