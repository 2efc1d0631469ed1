"""What a page posts: one message, read with care, for anybody can post anything."""

import json
import re
from dataclasses import dataclass

from starlette.requests import Request

# What is cut off of longer texts would not be read either (core/talk/dialogue.py).
MAX_TEXT = 2000
_MAX_TITLE = 300
# Hindi escaped as JSON takes six bytes a letter.
_MAX_BYTES = 16_000
_MESSAGE_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_MAX_PRESS_BYTES = 64


class UnreadableError(Exception):
    """
    What was posted is no message.

    Attributes:
        status: of the answer.
        too_long: whether it was only too long, which can happen to anybody.
    """

    def __init__(self, status: int, *, too_long: bool = False) -> None:
        super().__init__(status)
        self.status = status
        self.too_long = too_long


@dataclass(frozen=True, slots=True)
class Message:
    """
    One message.

    Attributes:
        id: made by the page; one that comes again is the same message.
        text: what was typed; "" for a press.
        press: the id of the option that was pressed; "" for words.
        title: what stood on it.
    """

    id: str
    text: str
    press: str
    title: str


async def read_message(request: Request) -> Message:
    """
    The message of a post.

    Raises:
        UnreadableError: there is none.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise UnreadableError(415)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_BYTES:
            raise UnreadableError(413, too_long=True)
    try:
        given = json.loads(bytes(body))
    except (ValueError, RecursionError) as error:
        raise UnreadableError(400) from error
    if not isinstance(given, dict):
        raise UnreadableError(400)
    number, text, press, title = (_text(given.get(name, "")) for name in ("id", "text", "press", "title"))
    if not _MESSAGE_ID.fullmatch(number) or bool(text.strip()) == bool(press):
        raise UnreadableError(400)
    if len(press.encode()) > _MAX_PRESS_BYTES or len(title) > _MAX_TITLE or (press and not title.strip()):
        raise UnreadableError(400)
    if len(text) > MAX_TEXT:
        raise UnreadableError(413, too_long=True)
    return Message(number, text, press, title)


def _text(value: object) -> str:
    """
    A text that any part of the program can hold.

    Raises:
        UnreadableError: it is none.
    """
    if not isinstance(value, str) or "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise UnreadableError(400)
    return value
