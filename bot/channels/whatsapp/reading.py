"""
Meta's webhook body -> what people said, and what became of what they were sent.

One body may hold several entries, changes, messages and statuses; all are read, a repeated one once, and a broken one
is left out and logged by the names of its faulty fields alone. People are known by their business-scoped user ID where
it is given, for a number may be hidden. Reactions, deleted messages, notices of the system and whatever is said in a
group ask for no answer; every other kind that cannot be read becomes ``Kind.OTHER``, which is answered kindly.
"""

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from bot.channels.whatsapp.payloads import (
    Contact,
    Envelope,
    Interactive,
    Media,
    Place,
    QuickReply,
    SharedContact,
    Status,
    Words,
)
from bot.channels.whatsapp.troubles import trouble_of
from bot.core.talk.message import Attachment, Delivery, Incoming, Kind

CHANNEL = "whatsapp"
_SILENT = frozenset({"reaction", "revoke", "system", "request_welcome"})
_FATES = frozenset({"delivered", "read", "failed"})
_NUMBER = re.compile(r"[1-9][0-9]{6,14}")
_MEDIA_ID = re.compile(r"[0-9]{1,40}")
_LONGEST_NAME = 120

_log = logging.getLogger(__name__)
_Part = TypeVar("_Part", bound=BaseModel)


def read(body: Mapping[str, Any], phone_id: str = "") -> tuple[list[Incoming], list[Delivery]]:
    """
    What a webhook body says.

    Args:
        body: as JSON was parsed.
        phone_id: what was said to other numbers is left out; "" for all.

    Returns:
        Messages and deliveries, each in the order of their times, none twice.
    """
    messages: dict[str, Incoming] = {}
    deliveries: dict[tuple[str, str], Delivery] = {}
    for value in _values(body, phone_id):
        contacts = [each for raw in _items(value, "contacts") if (each := _valid(Contact, raw, "contact"))]
        for raw in _items(value, "messages"):
            if (message := _message(raw, contacts)) is not None:
                messages.setdefault(message.message, message)
        for raw in _items(value, "statuses"):
            if (delivery := _delivery(raw)) is not None:
                deliveries.setdefault((delivery.sent_as, delivery.fate), delivery)
    return (
        sorted(messages.values(), key=lambda message: message.at),
        sorted(deliveries.values(), key=lambda delivery: delivery.at),
    )


def _values(body: Mapping[str, Any], phone_id: str) -> Iterator[Mapping[str, Any]]:
    for entry in _items(body, "entry"):
        for change in _items(entry, "changes"):
            value = change.get("value") if isinstance(change, dict) else None
            if not isinstance(value, dict) or change.get("field", "messages") != "messages":
                continue
            metadata = value.get("metadata")
            to = metadata.get("phone_number_id") if isinstance(metadata, dict) else None
            if not phone_id or to is None or str(to) == phone_id:
                yield value


def _items(holder: Any, name: str) -> list[Any]:
    items = holder.get(name) if isinstance(holder, dict) else None
    return items if isinstance(items, list) else []


def _valid(model: type[_Part], raw: Any, what: str) -> _Part | None:
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        # Only where it is wrong: the error's own text quotes the message.
        places = {".".join(map(str, fault["loc"])) or "itself" for fault in error.errors(include_input=False)}
        _log.warning("A WhatsApp %s could not be read: %s.", what, ", ".join(sorted(places)))
        return None


# --- messages ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Said:
    kind: Kind = Kind.TEXT
    text: str = ""
    press: str = ""
    location: tuple[float, float] | None = None
    attachment: Attachment | None = None


def _message(raw: Any, contacts: list[Contact]) -> Incoming | None:
    envelope = _valid(Envelope, raw, "message")
    if envelope is None or envelope.type in _SILENT or envelope.group_id:
        return None
    contact = _contact(envelope, contacts)
    number = contact.wa_id or envelope.sender
    address = contact.user_id or envelope.from_user_id or number
    if not address:
        _log.warning("A WhatsApp message could not be read: it does not say who wrote it.")
        return None
    said = _said(envelope.type, raw.get(envelope.type))
    return Incoming(
        CHANNEL,
        address,
        envelope.id,
        datetime.fromtimestamp(envelope.timestamp, UTC),
        text=said.text,
        press=said.press,
        name=contact.profile.name,
        mobile=f"+{number}" if _NUMBER.fullmatch(number) else "",
        kind=said.kind,
        location=said.location,
        attachment=said.attachment,
        replied_to=envelope.context.id,
    )


def _contact(envelope: Envelope, contacts: list[Contact]) -> Contact:
    """Who wrote it. Where the message itself does not say, it can only be who stands there alone."""
    for contact in contacts:
        if contact.user_id and contact.user_id == envelope.from_user_id:
            return contact
        if contact.wa_id and contact.wa_id == envelope.sender:
            return contact
    says = envelope.sender or envelope.from_user_id
    return contacts[0] if not says and len(contacts) == 1 else Contact()


def _said(kind: str, content: Any) -> _Said:
    reader = _READERS.get(kind)
    try:
        return reader(content) if reader else _Said(Kind.OTHER)
    except ValidationError:
        return _Said(Kind.OTHER)


def _words(content: Any) -> _Said:
    return _Said(text=Words.model_validate(content).body)


def _quick_reply(content: Any) -> _Said:
    reply = QuickReply.model_validate(content)
    if not reply.payload or reply.payload == reply.text:
        return _Said(text=reply.text)
    return _Said(press=reply.payload)


def _interactive(content: Any) -> _Said:
    answer = Interactive.model_validate(content)
    chosen = answer.button_reply or answer.list_reply
    return _Said(press=chosen.id) if chosen else _Said(Kind.OTHER)


def _place(content: Any) -> _Said:
    place = Place.model_validate(content)
    return _Said(Kind.LOCATION, location=(place.latitude, place.longitude))


def _shared_contacts(content: Any) -> _Said:
    phones = [phone for contact in _CONTACTS.validate_python(content) for phone in contact.phones]
    numbers = (f"+{phone.wa_id}" if _NUMBER.fullmatch(phone.wa_id) else phone.phone for phone in phones)
    return _Said(Kind.CONTACT, text=next(filter(None, numbers), ""))


def _media(kind: Kind) -> Callable[[Any], _Said]:
    def said(content: Any) -> _Said:
        media = Media.model_validate(content)
        file = None
        if kind in (Kind.PHOTO, Kind.DOCUMENT) and _MEDIA_ID.fullmatch(media.id):
            media_type = media.mime_type.partition(";")[0].strip()
            file = Attachment(CHANNEL, media.id, media.filename[:_LONGEST_NAME], media_type[:_LONGEST_NAME])
        return _Said(text=media.caption, attachment=file) if media.caption else _Said(kind, attachment=file)

    return said


_CONTACTS = TypeAdapter(tuple[SharedContact, ...])
_READERS: dict[str, Callable[[Any], _Said]] = {
    "text": _words,
    "button": _quick_reply,
    "interactive": _interactive,
    "location": _place,
    "contacts": _shared_contacts,
    "audio": lambda _: _Said(Kind.VOICE),
    "voice": lambda _: _Said(Kind.VOICE),
    "sticker": lambda _: _Said(Kind.STICKER),
    "image": _media(Kind.PHOTO),
    "video": _media(Kind.VIDEO),
    "document": _media(Kind.DOCUMENT),
}


# --- statuses ---------------------------------------------------------------------------------------------------------


def _delivery(raw: Any) -> Delivery | None:
    status = _valid(Status, raw, "status")
    if status is None or status.status not in _FATES:
        return None
    trouble = ""
    if status.status == "failed":
        trouble = trouble_of(status.errors[0].code).text if status.errors else "unknown"
    at, ours = datetime.fromtimestamp(status.timestamp, UTC), status.biz_opaque_callback_data
    return Delivery(status.id, status.status, at, trouble, ours)
