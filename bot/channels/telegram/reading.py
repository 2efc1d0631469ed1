"""
One update of Telegram -> the messages it holds: one, or none.

Whatever is in an update is taken: what is missing, of another kind or unheard of makes a message of kind "other", or
none. In a group only commands and mentions of the bot are read, and of presses only those that ask for answers: a form
with a mobile number is nothing for a group.

An edited message comes as a new one where it is changed within a minute of being written; people correct a typing error
so. Later changes, which nobody expects an answer to, are left alone.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.core.talk.message import Attachment, Incoming, Kind
from bot.core.talk.public import is_public
from bot.core.tickets.cards import PRESS as TICKETS

CHANNEL = "telegram"
# What Telegram is asked for.
UPDATES = ("message", "edited_message", "callback_query")
_EDITED_WITHIN = 60
_LONGEST_ID = 2**63
_LATEST = 2**35
_LONGEST_HANDLE, _LONGEST_NAME = 300, 120
_MAX_LATITUDE, _MAX_LONGITUDE = 90, 180
# The first that a message has says what it is: an animation comes with a document too, a venue with its location. What
# is not here (somebody joined, a message was pinned) is none that somebody wrote.
_KINDS = {
    "voice": Kind.VOICE,
    "audio": Kind.VOICE,
    "sticker": Kind.STICKER,
    "photo": Kind.PHOTO,
    "live_photo": Kind.PHOTO,
    "video": Kind.VIDEO,
    "video_note": Kind.VIDEO,
    "animation": Kind.VIDEO,
    "document": Kind.DOCUMENT,
    "contact": Kind.CONTACT,
    "location": Kind.LOCATION,
} | dict.fromkeys(
    (
        "poll",
        "dice",
        "game",
        "story",
        "rich_message",
        "paid_media",
        "checklist",
        "invoice",
        "giveaway",
        "giveaway_winners",
    ),
    Kind.OTHER,
)
_COMMAND = re.compile(r"(/\w+)@(\w+)")


@dataclass(frozen=True, slots=True)
class Bot:
    """
    Who the bot is.

    Attributes:
        username: "" while it is not known.
        staff_group: the group in which staff answer people by replying; "" where there is none.
    """

    username: str = ""
    staff_group: str = ""

    def own_words(self, text: str) -> str:
        """What is said to the bot in a private chat: a command without the name of the bot."""
        command = _COMMAND.match(text)
        if command is None or not self._is_called(command[2]):
            return text
        return command[1] + text[command.end() :]

    def heard(self, text: str) -> str:
        """What is said to the bot in a group: a command, or what stands beside its name; else ""."""
        command = _COMMAND.match(text)
        if command is not None:
            return self.own_words(text) if self._is_called(command[2]) else ""
        if text.startswith("/"):
            return text
        if not self.username:
            return ""
        words, mentions = re.subn(rf"(?<![\w@])@{re.escape(self.username)}\b[,:]?", " ", text, flags=re.IGNORECASE)
        return re.sub(r"[ \t]+", " ", words).strip() if mentions else ""

    def _is_called(self, name: str) -> bool:
        return bool(self.username) and name.lower() == self.username.lower()


def read(update: object, bot: Bot, now: datetime) -> list[Incoming]:
    """
    The messages of an update.

    Args:
        update: as it came from JSON.
        bot: who reads it.
        now: when it came; for what has no time of its own.
    """
    what = _mapping(update)
    number = _number(what.get("update_id"))
    if number is None:
        return []
    name = f"update {number}"
    if press := _mapping(what.get("callback_query")):
        found = _press(press, name, now)
    elif message := _mapping(what.get("message")):
        found = _message(message, name, bot, now)
    else:
        found = _edited(_mapping(what.get("edited_message")), name, bot, now)
    return [found] if found is not None else []


def pressed(update: object) -> str:
    """The id of the press that an update holds, to be answered so that the button rests; else ""."""
    return _text(_mapping(_mapping(update).get("callback_query")).get("id"))


def _press(press: Mapping[str, Any], name: str, now: datetime) -> Incoming | None:
    sender, option = _mapping(press.get("from")), _text(press.get("data"))
    chat = _mapping(_mapping(press.get("message")).get("chat"))
    if not option or sender.get("is_bot"):
        return None
    if chat.get("type") in ("group", "supergroup"):
        if not is_public(option) and not option.startswith(TICKETS):
            return None
        speaker = str(_number(sender.get("id")) or "")
        return _from(chat, _text(chat.get("title")), name, now, press=option, in_group=True, speaker=speaker)
    # A message that is too old comes without its chat; in a private chat that is the person's own.
    return _from(sender, _full_name(sender), name, now, press=option)


def _edited(message: Mapping[str, Any], name: str, bot: Bot, now: datetime) -> Incoming | None:
    written, edited = _number(message.get("date")), _number(message.get("edit_date"))
    if written is None or edited is None or not 0 <= edited - written <= _EDITED_WITHIN:
        return None
    # A place that moves is edited too, every few seconds.
    return _message(message, name, bot, now) if _words(message) else None


def _message(message: Mapping[str, Any], name: str, bot: Bot, now: datetime) -> Incoming | None:
    chat, sender = _mapping(message.get("chat")), _mapping(message.get("from"))
    if sender.get("is_bot"):
        return None
    at, words = _moment(message.get("edit_date") or message.get("date"), now), _words(message)
    replied_to = _replied_to(message)
    match chat.get("type"):
        case "private":
            called = _full_name(sender or chat)
            what: dict[str, Any] = {"text": text} if (text := bot.own_words(words)) else _shared(message, sender)
            if what and (attachment := _attachment(message)):
                what["attachment"] = attachment
        case "group" | "supergroup":
            called = _text(chat.get("title"))
            speaker = str(_number(sender.get("id")) or "")
            what = {"text": text, "in_group": True, "speaker": speaker} if (text := bot.heard(words)) else {}
            if not what and replied_to and str(_number(chat.get("id"))) == bot.staff_group:
                what = {
                    **({"text": words} if words else _shared(message, sender)),
                    "in_group": True,
                    "speaker": speaker,
                }
        case _:
            return None
    return _from(chat, called, name, at, replied_to=replied_to, **what) if what else None


def _replied_to(message: Mapping[str, Any]) -> str:
    """The id of the bot's message that this one replies to."""
    replied = _mapping(message.get("reply_to_message"))
    return str(_number(replied.get("message_id")) or "") if _mapping(replied.get("from")).get("is_bot") else ""


def _shared(message: Mapping[str, Any], sender: Mapping[str, Any]) -> dict[str, Any]:
    """What a message without words is, as fields of ``Incoming``."""
    kind = next((kind for key, kind in _KINDS.items() if message.get(key)), None)
    match kind:
        case None:
            return {}
        case Kind.CONTACT:
            number, is_own = _contact(message, sender)
            return {"kind": kind, "text": number, "mobile": number if is_own else ""}
        case Kind.LOCATION:
            return {"kind": kind, "location": _place(_mapping(message.get("location")))}
        case _:
            return {"kind": kind}


def _attachment(message: Mapping[str, Any]) -> Attachment | None:
    """A photo, in its largest size, or a document."""
    sizes = message.get("photo")
    if isinstance(sizes, list) and sizes:
        # The sizes stand in the order in which they grow.
        file = {**_mapping(sizes[-1]), "mime_type": "image/jpeg"}
    elif not (file := dict(_mapping(message.get("document")))):
        return None
    handle, size = _text(file.get("file_id")), _number(file.get("file_size"))
    if not handle or len(handle) > _LONGEST_HANDLE:
        return None
    name, media_type = _text(file.get("file_name"))[:_LONGEST_NAME], _text(file.get("mime_type"))[:_LONGEST_NAME]
    return Attachment(CHANNEL, handle, name, media_type, max(size or 0, 0))


def _from(who: Mapping[str, Any], called: str, name: str, at: datetime, **what: Any) -> Incoming | None:
    address = _number(who.get("id"))
    return None if not address else Incoming(CHANNEL, str(address), name, at, name=called, **what)


def _contact(message: Mapping[str, Any], sender: Mapping[str, Any]) -> tuple[str, bool]:
    """The number of a contact, and whether it is the person's own; one that was passed on proves nothing."""
    contact = _mapping(message.get("contact"))
    whose = _number(contact.get("user_id"))
    is_own = whose is not None and whose == _number(sender.get("id")) and not message.get("forward_origin")
    return _text(contact.get("phone_number")), is_own


def _place(location: Mapping[str, Any]) -> tuple[float, float] | None:
    latitude, longitude = location.get("latitude"), location.get("longitude")
    if not isinstance(latitude, int | float) or not isinstance(longitude, int | float):
        return None
    if not (abs(latitude) <= _MAX_LATITUDE and abs(longitude) <= _MAX_LONGITUDE):
        return None
    return float(latitude), float(longitude)


def _words(message: Mapping[str, Any]) -> str:
    return _text(message.get("text")) or _text(message.get("caption"))


def _full_name(sender: Mapping[str, Any]) -> str:
    return " ".join(filter(None, (_text(sender.get("first_name")), _text(sender.get("last_name")))))


def _moment(seconds: object, now: datetime) -> datetime:
    since = _number(seconds)
    return now if since is None or not 0 < since < _LATEST else datetime.fromtimestamp(since, UTC)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> int | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if abs(value) < _LONGEST_ID else None
