"""
YAML as people who do not program write it: every scalar is text, every slip has a line.

PyYAML's own loaders turn ``no`` into false, ``10:30`` into 630, ``012`` into 10, keep the last of two equal keys and
expand anchors without end. Here a scalar is the text that was typed, a key written twice is a fault, and anchors and
tags are refused. Lines of all values are kept, so later checks can name them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bot.errors import Fault

# The shipped FAQ has about 100 KB a file; ten times that is a mistake (a picture, a database dump), not an FAQ.
MAX_BYTES = 2_000_000
MAX_DEPTH = 20

# What YAML does not allow in a text at all.
_FORBIDDEN = re.compile("[^\\t\\n\\r\\x20-\\x7e\\x85\\xa0-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
# A value that begins with a quote and has none of its kind behind it on its line.
_LEFT_OPEN = re.compile(r"\s*(?:- +)?(?:[\w-]+: +)?([\"'])(?!.*\1)")
_INDENT = re.compile(r"\s*")

_Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


@dataclass(slots=True)
class Document:
    """
    One file read.

    Attributes:
        path: as a person would name the file.
        value: dicts, lists and texts; None where the file could not be read at all.
        lines: path of keys and positions -> 1-based line of the value.
        faults: what was wrong.
    """

    path: str
    value: Any = None
    lines: dict[tuple[str | int, ...], int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def line(self, where: tuple[str | int, ...]) -> int:
        """The line of a value, or of the nearest thing around it that is there; 0 if nothing could be read."""
        while where and where not in self.lines:
            where = where[:-1]
        return self.lines.get(where, 0)

    def fault(self, key: str, where: tuple[str | int, ...] = (), *, warning: bool = False, **values: object) -> Fault:
        """A fault at a value of this file; also put on ``faults``."""
        fault = Fault(key, self.path, self.line(where), values, warning)
        self.faults.append(fault)
        return fault


def read(file: Path, name: str | None = None) -> Document:
    """
    Read one YAML file; never raises for what is in it.

    Args:
        file: where it is.
        name: how to name it to people; the path itself if not given.
    """
    document = Document(name or str(file))
    try:
        size = file.stat().st_size
        if size > MAX_BYTES:
            document.fault("too-big", megabytes=round(size / 1_000_000, 1), limit=MAX_BYTES // 1_000_000)
            return document
        raw = file.read_bytes()
    except OSError as error:
        document.fault("unreadable", reason=error.strerror or str(error))
        return document
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        document.lines[()] = raw.count(b"\n", 0, error.start) + 1
        document.fault("not-utf8")
        return document
    parse(text, document)
    return document


def parse(text: str, document: Document) -> None:
    """Read YAML text into ``document.value``, ``lines`` and ``faults``."""
    forbidden = _FORBIDDEN.search(text)
    if forbidden:
        document.lines[()] = text.count("\n", 0, forbidden.start()) + 1
        document.fault("control-characters")
        return
    loader = _Loader(text)
    try:
        _Building(loader, text, document).run()
    except yaml.YAMLError as error:
        # What was found on the way may come of the same slip.
        document.value, document.faults = None, []
        document.lines[()] = _line_of(error, text)
        document.fault("tab" if _is_tab(document.lines[()], text) else "yaml", reason=_reason(error))
    finally:
        loader.dispose()


class _Building:
    """
    Makes values of a parser's events.

    Not of PyYAML's nodes: its composer follows nesting by recursion in C, and text nested deep enough ends the process.
    """

    def __init__(self, loader: Any, text: str, document: Document) -> None:
        self._loader = loader
        # Lines as YAML counts them.
        self._lines = re.split(r"\r\n|[\r\n\x85\u2028\u2029]", text)
        self._document = document

    def run(self) -> None:
        """Read the first document of the stream."""
        while not self._loader.check_event(yaml.StreamEndEvent, yaml.DocumentStartEvent):
            self._loader.get_event()
        if self._loader.check_event(yaml.StreamEndEvent):
            self._document.fault("empty-file")
            return
        self._loader.get_event()
        event = self._loader.get_event()
        if isinstance(event, yaml.ScalarEvent) and not event.value and not event.style:
            self._document.fault("empty-file")
            return
        self._document.value = self._value(event, ())
        self._loader.get_event()
        if not self._loader.check_event(yaml.StreamEndEvent):
            self._document.lines[()] = self._loader.peek_event().start_mark.line + 1
            self._document.fault("second-document")

    def _value(self, event: Any, where: tuple[str | int, ...]) -> Any:
        self._document.lines[where] = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            self._document.fault("anchor", where)
        elif event.tag is not None:
            self._document.fault("tag", where)
        if isinstance(event, yaml.ScalarEvent):
            self._check_plain(event, where)
            return event.value
        if isinstance(event, yaml.AliasEvent):
            return None
        if len(where) > MAX_DEPTH:
            self._document.fault("too-deep", where, limit=MAX_DEPTH)
            self._skip()
            return None
        return self._list(where) if isinstance(event, yaml.SequenceStartEvent) else dict(self._pairs(where))

    def _check_plain(self, event: Any, where: tuple[str | int, ...]) -> None:
        """A text without quotes ends at " #", and swallows lines that are indented deeper: both lose words unseen."""
        if event.style or not event.value:
            return
        if event.end_mark.line > event.start_mark.line:
            self._document.fault("many-lines", where)
        elif self._lines[event.end_mark.line][event.end_mark.column :].lstrip().startswith("#"):
            self._document.fault("hash", where)

    def _list(self, where: tuple[str | int, ...]) -> list[Any]:
        values: list[Any] = []
        while not isinstance(event := self._loader.get_event(), yaml.SequenceEndEvent):
            values.append(self._value(event, (*where, len(values))))
        return values

    def _pairs(self, where: tuple[str | int, ...]) -> Iterator[tuple[str, Any]]:
        keys: dict[str, int] = {}
        while not isinstance(event := self._loader.get_event(), yaml.MappingEndEvent):
            line = event.start_mark.line + 1
            if not isinstance(event, yaml.ScalarEvent) or event.anchor is not None or event.tag is not None:
                self._document.lines[*where, "?"] = line
                self._document.fault("key-not-text", (*where, "?"))
                if isinstance(event, yaml.CollectionStartEvent):
                    self._skip()
                self._value(self._loader.get_event(), (*where, "?"))
                continue
            key = event.value
            value = self._value(self._loader.get_event(), (*where, key))
            self._document.lines[*where, key] = line
            if key in keys:
                self._document.fault("key-twice", (*where, key), field=key, first=keys[key])
                continue
            keys[key] = line
            yield key, value

    def _skip(self) -> None:
        """Leave out the rest of the list or mapping that has just begun."""
        depth = 1
        while depth:
            event = self._loader.get_event()
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)


def _line_of(error: yaml.YAMLError, text: str) -> int:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    lines = text.splitlines()
    line = min(int(mark.line) + 1 if mark is not None else 1, max(len(lines), 1))
    # A quote left open is noticed at the next quote or at the end of the file; where it was opened helps more.
    opened = (number for number, said in enumerate(lines[:line], 1) if _LEFT_OPEN.match(said))
    return next(opened, line)


def _is_tab(line: int, text: str) -> bool:
    lines = text.splitlines()
    indent = _INDENT.match(lines[line - 1]) if line <= len(lines) else None
    return indent is not None and "\t" in indent[0]


def _reason(error: yaml.YAMLError) -> str:
    return str(getattr(error, "problem", None) or error).split("\n")[0]
