"""The program as it runs for an office: processes of its own, started, asked to stop, killed."""

import asyncio
import os
import signal
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

ROOT = Path(__file__).parents[1]


def free_port() -> int:
    """A port that nobody has just now."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


class Running:
    """
    A process of ``gem-saathi``.

    Attributes:
        port: where it listens.
    """

    def __init__(self, process: Process, port: int) -> None:
        self.process = process
        self.port = port
        self._out = ""

    def url(self, path: str) -> str:
        """Where something of it is."""
        return f"http://127.0.0.1:{self.port}{path}"

    async def is_ready(self, seconds: float = 60) -> None:
        """Wait until it says that it is; raises where it does not, or ends."""
        assert self.process.stdout is not None
        async with asyncio.timeout(seconds):
            # The last line that it says of itself.
            while "Ctrl+C" not in self._out:
                line = (await self.process.stdout.readline()).decode()
                if not line:
                    raise AssertionError(await self.ended())
                self._out += line
            async with aiohttp.ClientSession() as client:
                status = 503
                while status == 503:
                    async with client.get(self.url("/readyz")) as answer:
                        status = answer.status
        assert status == 200

    async def metrics(self) -> dict[str, float]:
        """What it tells Prometheus: name and labels -> value."""
        async with aiohttp.ClientSession() as client, client.get(self.url("/metrics")) as answer:
            lines = (await answer.text()).splitlines()
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[:1] != "#")}

    def kill(self) -> None:
        """As nobody can catch."""
        self.process.send_signal(signal.SIGKILL)

    async def stop(self, number: int = signal.SIGTERM) -> tuple[int, str, str]:
        """Ask it to stop; exit code, output, log."""
        self.process.send_signal(number)
        return await self.ended()

    async def ended(self, seconds: float = 30) -> tuple[int, str, str]:
        """Wait for its end."""
        async with asyncio.timeout(seconds):
            out, err = await self.process.communicate()
        assert self.process.returncode is not None
        return self.process.returncode, self._out + out.decode(), err.decode()


@asynccontextmanager
async def running(
    *arguments: str, environment: Mapping[str, str], folder: Path, port: int | None = None
) -> AsyncIterator[Running]:
    """``gem-saathi`` with arguments, in a folder of its own; gone at the end in any case."""
    port = free_port() if port is None else port
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LD_LIBRARY_PATH") if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=folder,
        env={
            **kept,
            "PYTHONPATH": str(ROOT),
            "LANG": "C.UTF-8",
            "GEM_SAATHI_LISTEN_PORT": str(port),
            **environment,
        },
    )
    try:
        yield Running(process, port)
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
