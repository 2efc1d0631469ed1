"""Stands between the program and PostgreSQL, so that the program does not hear of some commits that were done."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import sqlalchemy as sa


class DropsCommits:
    """
    Stands between the program and PostgreSQL, and loses the connection when the server has done some commits.

    Attributes:
        port: where it listens.
        dropped: how often it has done so.
    """

    def __init__(self, url: str, which: set[int]) -> None:
        self._url = sa.make_url(url)
        self._which = which
        self._commits = 0
        self.port = 0
        self.dropped = 0
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """The database, through here."""
        through = self._url.set(host="127.0.0.1", port=self.port, query={})
        return through.render_as_string(hide_password=False)

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[None]:
        """Pass on what comes."""
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._pass_on(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        folder, port = self._url.query.get("host", self._url.host), self._url.port or 5432
        if str(folder).startswith("/"):
            server = await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.{port}")
        else:
            server = await asyncio.open_connection(str(folder), port)
        writers = (writer, server[1])
        try:
            async with asyncio.TaskGroup() as both:
                committed = asyncio.Event()
                both.create_task(self._copy(reader, server[1], writers, committed))
                both.create_task(self._copy(server[0], writer, writers, committed))
        finally:
            for each in writers:
                each.close()
                with suppress(OSError):
                    await each.wait_closed()

    async def _copy(
        self,
        source: asyncio.StreamReader,
        target: asyncio.StreamWriter,
        both: tuple[asyncio.StreamWriter, asyncio.StreamWriter],
        committed: asyncio.Event,
    ) -> None:
        with suppress(OSError):
            while data := await source.read(65536):
                if b"COMMIT;" in data and target is both[1]:
                    self._commits += 1
                    if self._commits in self._which:
                        committed.set()
                elif committed.is_set():
                    # What the server answers says that it is done; the program does not hear of it.
                    self.dropped += 1
                    break
                target.write(data)
                await target.drain()
        for each in both:
            each.close()
