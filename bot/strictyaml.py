"""
YAML as people who do not program write it: every scalar is text, every slip has a line.

PyYAML's own loaders turn ``no`` into false, ``10:30`` into 630, ``012`` into 10, keep the last of two equal keys and
expand anchors without end. Here a scalar is the text that was typed, a key written twice is a fault, and anchors and
tags are refused. Lines of all values are kept, so later checks can name them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bot.errors import Fault

# The shipped FAQ has about 100 KB a file; ten times that is a mistake (a picture, a database dump), not an FAQ.
MAX_BYTES = 2_000_000
MAX_DEPTH = 20

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

    def fault(self, key: str, where: tuple[str | int, ...] = (), **values: object) -> Fault:
        """A fault at a value of this file; also put on ``faults``."""
        fault = Fault(key, self.path, self.line(where), values)
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
    loader = None
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
    except yaml.YAMLError as error:
        document.lines[()] = _line_of(error, text)
        document.fault("tab" if _is_tab(error, text) else "yaml", reason=_reason(error))
        return
    except ValueError:  # characters that YAML forbids (control characters) or that cannot be encoded
        document.fault("control-characters")
        return
    finally:
        if loader is not None:
            loader.dispose()
    if node is None:
        document.fault("empty-file")
        return
    document.value = _value(node, (), document, set())


def _mark(error: yaml.YAMLError) -> Any:
    return getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)


def _line_of(error: yaml.YAMLError, text: str) -> int:
    # An unclosed quote is only noticed at the end of the file; where it was opened helps more.
    context = getattr(error, "context_mark", None)
    if context is not None and "quoted" in (getattr(error, "context", "") or ""):
        return int(context.line) + 1
    mark = _mark(error)
    if mark is not None:
        return int(mark.line) + 1
    position = getattr(error, "position", None)
    return text.count("\n", 0, position) + 1 if isinstance(position, int) else 1


def _is_tab(error: yaml.YAMLError, text: str) -> bool:
    lines = text.splitlines()
    at = _line_of(error, text) - 1
    return at < len(lines) and lines[at][: len(lines[at]) - len(lines[at].lstrip())].count("\t") > 0


def _reason(error: yaml.YAMLError) -> str:
    return str(getattr(error, "problem", None) or getattr(error, "reason", None) or error).split("\n")[0]


def _value(node: yaml.Node, where: tuple[str | int, ...], document: Document, seen: set[int]) -> Any:
    document.lines[where] = node.start_mark.line + 1
    if id(node) in seen:
        document.fault("anchor", where)
        return None
    seen.add(id(node))
    if len(where) > MAX_DEPTH:
        document.fault("too-deep", where, limit=MAX_DEPTH)
        return None
    if isinstance(node, yaml.ScalarNode):
        return node.value
    if isinstance(node, yaml.SequenceNode):
        return [_value(child, (*where, at), document, seen) for at, child in enumerate(node.value)]
    return dict(_pairs(node, where, document, seen))


def _pairs(
    node: yaml.Node, where: tuple[str | int, ...], document: Document, seen: set[int]
) -> Iterator[tuple[str, Any]]:
    keys: dict[str, int] = {}
    for key_node, child in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            document.lines[(*where, "?")] = line
            document.fault("key-not-text", (*where, "?"))
            continue
        key = key_node.value
        if key in keys:
            document.lines[(*where, key)] = line
            document.fault("key-twice", (*where, key), field=key, first=keys[key])
            continue
        keys[key] = line
        value = _value(child, (*where, key), document, seen)
        document.lines[(*where, key)] = line
        yield key, value
