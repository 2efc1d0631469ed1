"""
Logging: one line an event, for people or as JSON, on the error stream; no token, phone number or message in any.

Two walls. What libraries tell is heard only from warnings on, whatever level is asked for, because below that they
write down what they send and receive. And every line is looked through when it is written: secrets of the settings, bot
tokens, bearer tokens, passwords in addresses and Indian mobile numbers are replaced, wherever in it they stand. Of an
exception the kind and the places are told, not its text, which may quote a message; the system's own words for a file
or a connection are.
"""

import json
import logging
import re
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TextIO

GONE = "***"
_SHORTEST_SECRET = 6
_PATTERNS = [
    re.compile(pattern)
    for pattern in (
        r"\d{3,}(?::|%3[Aa])[\w-]{30,}",  # a bot's token
        r"(?<=[Bb]earer )[^\s\"',;]+",
        r"(?<=access_token=)[^\s\"'&;]+",
        r"(?<=://)[^\s/@\"']+:[^\s/@\"']+(?=@)",
        # A mobile number, with +91 or 0, with spaces or hyphens, in digits of either script.
        r"(?<!\d)(?:\+?(?:91|९१)[ -]?|[0०])?[6-9६-९](?:[ -]?\d){9}(?!\d)",
    )
]

Mask = Callable[[str], str]


def masking(secrets: Iterable[str] = ()) -> Mask:
    """What replaces secrets, tokens and mobile numbers in a line."""
    # The longest first, for one may hold another.
    known = sorted({secret for secret in secrets if len(secret) >= _SHORTEST_SECRET}, key=len, reverse=True)
    given = re.compile("|".join(map(re.escape, known))) if known else None

    def mask(line: str) -> str:
        if given is not None:
            line = given.sub(GONE, line)
        for pattern in _PATTERNS:
            line = pattern.sub(GONE, line)
        return line

    return mask


class _Lines(logging.Formatter):
    """One line an event."""

    def __init__(self, mask: Mask) -> None:
        super().__init__()
        self._mask = mask

    def format(self, record: logging.LogRecord) -> str:
        """The line, masked."""
        event = self._event(record)
        text = "{time} {level} {logger}: {event}".format(**event)
        if trace := event.get("exception"):
            text += f" | {trace}"
        return self._mask(_on_one_line(text))

    def _event(self, record: logging.LogRecord) -> dict[str, str]:
        event = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "event": _said(record),
        }
        if record.exc_info and record.exc_info[0] is not None:
            event["exception"] = _told(record.exc_info[1], record.exc_info[2])
        return event


class _Json(_Lines):
    """One JSON object an event."""

    def format(self, record: logging.LogRecord) -> str:
        """The object, its texts masked."""
        event = {name: self._mask(text) for name, text in self._event(record).items()}
        return json.dumps(event, ensure_ascii=False)


def _said(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001 - a library's slip must not end in its own text with all its values
        return str(record.msg)


def _on_one_line(text: str) -> str:
    return " | ".join(line.strip() for line in text.splitlines() if line.strip())


def _told(error: BaseException | None, trace: TracebackType | None) -> str:
    """Kind and places of an exception; those that led to it or stand in its group after it."""
    if error is None:
        return ""
    said = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    if isinstance(error, OSError) and error.strerror:
        said += f" ({error.strerror})"
    places = []
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    said = " < ".join([said, *reversed(places)])
    others: list[Any] = [error.__cause__ or error.__context__]
    if isinstance(error, BaseExceptionGroup):
        others += error.exceptions
    return " | ".join([said, *(_told(other, other.__traceback__) for other in others if other is not None)])


def set_up(
    form: str = "text", secrets: Iterable[str] = (), *, level: int = logging.INFO, stream: TextIO | None = None
) -> None:
    """
    Log on the error stream from now on.

    Args:
        form: text or json.
        secrets: never to be seen.
        level: of the program's own events; of libraries', warnings and worse.
        stream: another place than the error stream.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    mask = masking(secrets)
    handler.setFormatter(_Json(mask) if form == "json" else _Lines(mask))
    root = logging.getLogger()
    for other in list(root.handlers):
        root.removeHandler(other)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("bot").setLevel(level)
    for name, logger in list(logging.root.manager.loggerDict.items()):
        # Those that set themselves up while they were imported.
        if isinstance(logger, logging.Logger) and not f"{name}.".startswith("bot."):
            logger.setLevel(logging.NOTSET)
            logger.handlers.clear()
            logger.propagate = True
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
    # It would print a record that cannot be written, with all its values.
    logging.raiseExceptions = False


# In case somebody asks the root for more, as a debugger does.
_TALKATIVE = ("aiohttp", "aiosqlite", "alembic", "asyncio", "httpcore", "httpx", "sqlalchemy", "telegram", "uvicorn")
