"""The terminal as a channel: replies wrapped to its width, options as numbers, colours only where a person looks on."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from bot.core.answers.fold import fold
from bot.core.talk.message import Option, Reply
from bot.core.talk.phrases import Phrases
from bot.core.talk.words import chosen_number

CHANNEL = "console"
_INDENT = "  "
_WIDEST = 88


def wrap(text: str, width: int) -> Iterator[str]:
    """
    Lines of at most ``width`` terminal cells, broken at spaces only.

    A word wider than that stays whole: an address stays clickable, and no Devanagari cluster is cut.
    """
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            longer = f"{line} {word}" if line else word
            if line and cell_len(longer) > width:
                yield line
                line = word
            else:
                line = longer
        yield line


class Terminal:
    """
    Shows talks; a channel's ``Sender``.

    Attributes:
        person: who sits at it now; what is sent to others is shown with their name.
        is_left: whether nobody reads any more, as behind ``| head``.
    """

    def __init__(self, phrases: Phrases, language: str, console: Console, files: Path) -> None:
        """Args: ``files``: the folder for documents that people are sent."""
        self.person = ""
        self.is_left = False
        self._phrases = phrases
        self._language = language
        self._console = console
        self._files = files
        self._offered: dict[str, tuple[Option, ...]] = {}
        # Who has the word: the second reply of the same person needs no name.
        self._speaking: str | None = None

    async def send(self, address: str, reply: Reply, *, heard: datetime | None = None, ours: str = "") -> str:  # noqa: ARG002
        """Show a reply."""
        lines = [reply.text]
        if (document := reply.document) is not None:
            self._files.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = self._files / document.name
            file.write_bytes(document.data)
            lines.append(self._phrases.say("console.file", self._language, path=file))
        lines += [
            self._phrases.say("console.number-prompt", self._language, number=number, title=option.title)
            for number, option in enumerate(reply.options, 1)
        ]
        self._offered[address] = reply.options
        name = "console.bot" if address == self.person else "console.bot-to"
        speaker = self._phrases.say(name, self._language, name=address)
        self._said("" if self._speaking == address else speaker, lines, "bold green")
        self._speaking = address
        return ""

    def meant(self, text: str) -> str:
        """The id of the option that a typed number chooses among those last shown to the person; else ""."""
        offered = self._offered.get(self.person, ())
        number = chosen_number(fold(text))
        return offered[number - 1].id if number and number <= len(offered) else ""

    def show_typed(self, text: str) -> None:
        """Show a person's line, where it was not typed on this terminal."""
        name = self._phrases.say("console.you", self._language)
        self._said(self.person or name, [text], "bold cyan")
        self._speaking = None

    def typed(self) -> None:
        """The person has typed a line."""
        self._speaking = None

    def remark(self, key: str, **values: object) -> None:
        """Say something that is no part of a talk."""
        self._line(self._phrases.say(f"console.{key}", self._language, **values), "dim")
        self._speaking = None

    def goodbye(self) -> None:
        """The last words, on a line of their own: the prompt has none."""
        self._line("")
        self.remark("goodbye")

    def prompt(self) -> str:
        """What stands before the person's words."""
        return f"\n{self.person or self._phrases.say('console.you', self._language)}: "

    def _said(self, speaker: str, texts: list[str], style: str) -> None:
        width = min(self._console.width, _WIDEST) - len(_INDENT)
        lines = [line for text in texts for line in wrap(text, width)]
        if speaker:
            first, *lines = wrap(f"{speaker}: {texts[0]}", width)
            lines += [line for text in texts[1:] for line in wrap(text, width)]
            self._print(Text.assemble((f"{speaker}:", style), first[len(speaker) + 1 :]))
        for line in lines:
            self._line(_INDENT + line if line else "")

    def _line(self, line: str, style: str = "") -> None:
        self._print(Text(line, style=style))

    def _print(self, text: Text) -> None:
        try:
            self._console.print(text, soft_wrap=True)
        except SystemExit:  # Rich's answer to a closed pipe; here it would end a task that is sending, not the program
            self.is_left = True
