"""What was said in a talk, line by line, as somebody who comes back to a chat sees it."""

from dataclasses import dataclass
from datetime import datetime

from bot.core.talk.message import Document, Option


@dataclass(frozen=True, slots=True)
class Line:
    """
    One line of a talk.

    Attributes:
        at: when it was said, aware.
        mine: whether the person said it, rather than the assistant.
        text: what was said; personal numbers masked where the person said it.
        options: what could be chosen under it.
        message: the channel's id of the person's message; "" for the assistant's.
        id: grows from line to line of one talk; 0 until it is written down.
    """

    at: datetime
    mine: bool
    text: str
    options: tuple[Option, ...] = ()
    document: Document | None = None
    message: str = ""
    id: int = 0
