"""
A reply -> the requests that carry it, and what an error of theirs means.

Texts go as plain text: what people or staff wrote is never read as markup, so nothing has to be escaped. Choices are
buttons below the last message, one a row, two where both are short; their data is the option's id. In a group, what
belongs into a private chat is a link there.

A reply may take several requests. How many of them went out is kept until all have: who tries again, because one failed
or its fate is open, goes on with that one, so what went out before is neither lost nor said again. After a restart the
reply is sent from its beginning.
"""

import re
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, TelegramError

from bot.channels.contract import NotSentError
from bot.channels.telegram.request import NotReachedError, TooFastError
from bot.core.talk.message import Document, Option, Reply
from bot.core.talk.public import is_public
from bot.core.talk.shaping import Limits, shape

Button = dict[str, str]
LIMITS = Limits(text=4096, choice_text=4096, buttons=50, button_title=64, utf16=True)
MAX_CAPTION = 1024
# Two buttons of so many units fit beside each other on a narrow phone.
_SHORT = 14
# Seconds: while Telegram cannot be reached, and while it does not know the bot.
_REACH_AGAIN, _TOKEN_AGAIN = 3.0, 600.0
_MAX_TROUBLE = 200
_OF_BATCH = re.compile(r"[a-z-]+:(\d{1,9})(?::.*)?")


@dataclass(frozen=True, slots=True)
class Request:
    """One message on its way: a text, or a document whose caption is the text."""

    text: str
    options: tuple[Option, ...] = ()
    document: Document | None = None


def requests(reply: Reply) -> tuple[Request, ...]:
    """What carries a reply, in order."""
    found = [Request(part.text, part.options, part.document) for part in shape(reply, LIMITS)]
    last = found[-1]
    if last.document is not None and LIMITS.length(last.text) > MAX_CAPTION:
        found[-1:] = [Request(last.text), Request("", last.options, last.document)]
    return tuple(found)


def keyboard(options: tuple[Option, ...], *, private: bool, username: str) -> dict[str, list[list[Button]]] | None:
    """
    Buttons, as JSON has them.

    Args:
        options: what they choose.
        private: whether it is a private chat.
        username: the bot's; without it no link into the private chat can be made.
    """
    buttons = [_button(option, private=private, username=username) for option in options]
    rows = list(_rows([button for button in buttons if button is not None]))
    return {"inline_keyboard": rows} if rows else None


def _button(option: Option, *, private: bool, username: str) -> Button | None:
    if private or is_public(option.id):
        return {"text": option.title, "callback_data": option.id}
    if not username:
        return None
    batch = _OF_BATCH.fullmatch(option.id)
    start = f"workshop-{batch[1]}" if batch else "menu"
    return {"text": option.title, "url": f"https://t.me/{username}?start={start}"}


def _rows(buttons: list[Button]) -> Iterator[list[Button]]:
    row: list[Button] = []
    for button in buttons:
        is_short = LIMITS.length(button["text"]) <= _SHORT
        if row and is_short:
            yield [*row, button]
            row = []
            continue
        if row:
            yield row
        row = [button] if is_short else []
        if not is_short:
            yield [button]
    if row:
        yield row


def not_sent(error: TelegramError) -> NotSentError | None:  # noqa: PLR0911 - a table
    """What an error means for a message; None where it may have gone out all the same."""
    match error:
        case TooFastError():
            return NotSentError("429", error.again_in, everybody=True, too_fast=True)
        case NotReachedError():
            return NotSentError(error.message, _REACH_AGAIN, everybody=True)
        case InvalidToken():
            return NotSentError("token refused", _TOKEN_AGAIN, everybody=True)
        case ChatMigrated():
            return NotSentError("moved", 0, moved_to=str(error.new_chat_id))
        case Forbidden():
            return NotSentError(_said(error), None, gone=True)
        case BadRequest():
            return NotSentError(_said(error), None)
        case _:
            return None


def _said(error: TelegramError) -> str:
    return error.message[:_MAX_TROUBLE]


class Progress:
    """How many requests of a reply went out already, for replies that are not through."""

    # Replies that never got through are forgotten when so many others came after them, or when they are so old (in
    # seconds) that nobody tries them any more.
    _MOST, _OLDEST = 1000, 8 * 3600.0

    def __init__(self) -> None:
        self._sent: OrderedDict[tuple[str, Reply], tuple[int, float]] = OrderedDict()

    def of(self, address: str, reply: Reply, now: float) -> int:
        """How many went out; ``now`` is in seconds of any clock that only goes forward."""
        sent, since = self._sent.get((address, reply), (0, now))
        return sent if now - since <= self._OLDEST else 0

    def note(self, address: str, reply: Reply, sent: int, now: float) -> None:
        """So many went out."""
        self._sent[address, reply] = (sent, now)
        self._sent.move_to_end((address, reply))
        if len(self._sent) > self._MOST:
            self._sent.popitem(last=False)

    def over(self, address: str, reply: Reply) -> None:
        """All went out, or it will not be tried again."""
        self._sent.pop((address, reply), None)

    def move(self, address: str, moved_to: str, reply: Reply) -> None:
        """The person has another address now."""
        if (sent := self._sent.pop((address, reply), None)) is not None:
            self._sent[moved_to, reply] = sent
