"""The terminal as a channel: replies wrapped to its width, options as numbers, colours only where a person looks on."""

from collections.abc import Iterable, Iterator

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from bot.core.talk.dialogue import State, Turn, World, greet, take
from bot.core.talk.message import Reply

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
    """Shows one talk."""

    def __init__(self, world: World, language: str, console: Console) -> None:
        self._world = world
        self._console = console
        self._state = State(language)

    def greet(self) -> None:
        """Show the first words."""
        self._show(greet(self._state, self._world))
        self._line(self._world.phrases.say("console.how-to-leave", self._state.language), "dim")

    def take(self, text: str) -> None:
        """Take one message and show what is said."""
        self._show(take(text, self._state, self._world))

    def play(self, lines: Iterable[str]) -> None:
        """Take lines one by one, showing them as a person's."""
        for line in lines:
            text = line.strip()
            if text:
                self._said("console.you", [text], "bold cyan")
                self.take(text)

    def prompt(self) -> str:
        """What stands before the person's words."""
        return f"\n{self._world.phrases.say('console.you', self._state.language)}: "

    def goodbye(self) -> None:
        """Show the last words."""
        self._line(f"\n{self._world.phrases.say('console.goodbye', self._state.language)}", "dim")

    def _show(self, turn: Turn) -> None:
        self._state = turn.state
        for number, reply in enumerate(turn.replies):
            self._said("console.bot" if number == 0 else "", list(self._lines(reply)), "bold green")

    def _lines(self, reply: Reply) -> Iterator[str]:
        yield reply.text
        for number, option in enumerate(reply.options, 1):
            yield self._world.phrases.say(
                "console.number-prompt", self._state.language, number=number, title=option.title
            )

    def _said(self, speaker: str, texts: list[str], style: str) -> None:
        width = min(self._console.width, _WIDEST) - len(_INDENT)
        lines = [line for text in texts for line in wrap(text, width)]
        if speaker:
            name = self._world.phrases.say(speaker, self._state.language)
            first, *lines = wrap(f"{name}: {texts[0]}", width)
            lines += [line for text in texts[1:] for line in wrap(text, width)]
            self._console.print(Text.assemble((f"{name}:", style), first[len(name) + 1 :]), soft_wrap=True)
        for line in lines:
            self._line(_INDENT + line if line else "")

    def _line(self, line: str, style: str = "") -> None:
        self._console.print(Text(line, style=style), soft_wrap=True)
