"""People at one terminal, and the clock they live by: what ``gem-saathi chat`` plays."""

import asyncio
import contextlib
import importlib
import re
import secrets
import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import typer
from rich.console import Console

from bot.app import App
from bot.channels.console import CHANNEL, Terminal
from bot.cli.workshop_form import BatchForm, example_batch, new_batch
from bot.core.talk.message import Incoming
from bot.core.workshops.times import read_moment, say_when
from bot.service import Service, now, open_service
from bot.store import people
from bot.store.batches import insert_batch

_MOVED = re.compile(r"@\+(?:(\d{1,3})d)?(?:(\d{1,3})h)?(?:(\d{1,3})m)?")
_TRIAL_SEATS = 2
# Known, so that a script can send it.
_TRIAL_CODE = "4827"


class Talk:
    """People at one terminal, and the clock they live by."""

    def __init__(
        self, app: App, language: str, begin: datetime | None, runner: asyncio.Runner, *, trial: bool, insist: bool
    ) -> None:
        """Args: ``insist``: speak ``language`` with those, too, who are known and chose another one."""
        self._trial = trial
        self._insist = insist
        self._met: set[str] = set()
        self._app = app
        self._language = language
        self._ahead = timedelta() if begin is None else begin - now()
        self._runner = runner
        self._files = Path(tempfile.gettempdir()) / f"gem-saathi-{secrets.token_hex(4)}"
        self._terminal = Terminal(app.phrases, language, Console(), self._files)
        self._service: Service

    def open(self, stack: ExitStack, address: str) -> None:
        """Open the database, close it with the stack."""
        context = open_service(self._app.world, address, {CHANNEL: self._terminal}, self._clock)
        self._service = self._runner.run(context.__aenter__())
        stack.callback(lambda: self._runner.run(context.__aexit__(None, None, None)))
        if self._trial:
            self._runner.run(self._add_example())

    def play(self, lines: Iterable[str]) -> None:
        """Take lines one by one, showing them as a person's."""
        for line in lines:
            if text := line.strip():
                self._take(text, shown=True)

    def converse(self) -> None:
        """Take what somebody types, until they leave."""
        with contextlib.suppress(ImportError):  # not on Windows, whose terminal does the same
            importlib.import_module("readline")  # arrow keys move in the line and bring back earlier ones
        self._take("/start", shown=False)
        self._terminal.remark("how-to-leave")
        try:
            while True:
                self._take(input(self._terminal.prompt()).strip(), shown=False)
        except (EOFError, KeyboardInterrupt):
            self._terminal.goodbye()

    def _take(self, text: str, *, shown: bool) -> None:
        if text.startswith("@"):
            self._direct(text)
            return
        if shown:
            self._terminal.show_typed(text)
        else:
            self._terminal.typed()
        self._runner.run(self._handle(text))
        if self._terminal.is_left:
            raise typer.Exit(1)

    async def _handle(self, text: str) -> None:
        if self._terminal.person not in self._met:
            await self._meet(self._terminal.person)
        press = self._terminal.meant(text)
        message = Incoming(
            channel=CHANNEL,
            address=self._terminal.person,
            message=secrets.token_hex(8),
            at=self._clock(),
            text="" if press else text,
            press=press,
            name=self._terminal.person,
        )
        handled = asyncio.create_task(self._service.inbox.run())
        await self._service.inbox.take(message)
        handled.cancel()
        await self._pass_time()

    async def _meet(self, name: str) -> None:
        """Speak the language of this terminal with somebody who comes to it for the first time."""
        self._met.add(name)
        async with self._service.database.write() as connection:
            known = await people.meet(connection, {(CHANNEL, name): name}, self._clock(), self._language)
            met = known[CHANNEL, name]
            if self._insist and met.state.language != self._language:
                state = replace(met.state, language=self._language)
                await people.remember(connection, [people.Met(met.id, state)], [name], self._clock())

    async def _pass_time(self) -> None:
        await self._service.timer.look()
        await self._service.outbox.drain()

    def _direct(self, line: str) -> None:
        """Let another person speak, or move the clock."""
        moved = _MOVED.fullmatch(line)
        if moved and any(moved.groups()):
            days, hours, minutes = (int(number or 0) for number in moved.groups())
            moment = self._clock() + timedelta(days=days, hours=hours, minutes=minutes)
        elif (read := read_moment(line[1:], self._clock())) is not None:
            moment = read
        else:
            self._terminal.person = line[1:].strip()
            return
        if not self._trial:
            self._terminal.remark("clock-stands")
            return
        self._ahead = moment - now()
        self._terminal.remark("clock", when=say_when(self._clock(), self._app.phrases, self._language))
        self._runner.run(self._pass_time())

    def _clock(self) -> datetime:
        return now() + self._ahead

    async def _add_example(self) -> None:
        form = BatchForm(self._app.phrases, self._language, self._clock())
        given = replace(example_batch(self._app.phrases, self._language, self._clock()), seats=str(_TRIAL_SEATS))
        async with self._service.database.write() as connection:
            await insert_batch(connection, replace(new_batch(form, given, None), code=_TRIAL_CODE))
