"""
A reply as the requests that carry it: texts, buttons, a list, a file, or a template.

Limits and forms are those of Meta's references of reply buttons, lists, documents and templates. Where a row's title
had to be cut, the whole stands below it as its description. The file goes before the words that ask for a choice, so
that the choices are what people see last.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.channels.whatsapp.settings import TEXT, Template
from bot.core.talk.message import Document, Option, Reply
from bot.core.talk.shaping import Layout, Limits, Part, cut, shape

# How Meta counts is not documented; in UTF-16 nothing is shorter than in any other way.
LIMITS = Limits(text=4096, choice_text=1024, buttons=3, button_title=20, rows=10, row_title=24, utf16=True)
# The media types of documents that Meta takes; a calendar is text, and its name says what it is.
_TAKEN = frozenset({"text/plain", "application/pdf", "image/jpeg", "image/png"})
_CAPTION = 1024
_DESCRIPTION = 72
# A template may hold 1,024 characters in all, and has words of its own.
_PARAMETER = 800
_PARAMETER_TEXT_LEAST = 200
_LINE_END = " | "
# A business-scoped user ID: a country, a dot, letters and digits.
_USER_ID = re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}")


@dataclass(frozen=True, slots=True)
class Piece:
    """
    One request.

    Attributes:
        payload: what is sent; of a file, all but its id.
        document: what is to be handed over before.
        place: where in the payload the file's id belongs.
    """

    payload: dict[str, Any]
    document: Document | None = None
    place: tuple[str, ...] = ()

    def with_media(self, media: str) -> dict[str, Any]:
        """The payload, once the file has an id."""
        return _put(self.payload, self.place, {"id": media})


def pieces(address: str, reply: Reply, list_button: str) -> tuple[Piece, ...]:
    """What carries a reply, in order; ``list_button``: what opens a list, at most 20 characters."""
    return tuple(
        Piece({**_to(address), **piece.payload}, piece.document, piece.place)
        for part in shape(reply, LIMITS)
        for piece in _of(part, reply.options, list_button)
    )


def in_template(address: str, reply: Reply, template: Template) -> Piece:
    """A template that says what a reply says, as far as it can; choices as numbers, which people can type."""
    said = _one_line(reply)
    parameters = [{"type": "text", "text": each.replace(TEXT, said)} for each in template.parameters]
    components = [{"type": "body", "parameters": parameters}] if parameters else []
    named = {"name": template.name, "language": {"code": template.language}, "components": components}
    return Piece({**_to(address), "type": "template", "template": named})


def media_type_of(document: Document) -> str:
    """As what Meta takes a document."""
    return document.media_type if document.media_type in _TAKEN else "text/plain"


def _to(address: str) -> dict[str, Any]:
    key = "recipient" if _USER_ID.fullmatch(address) else "to"
    return {"recipient_type": "individual", key: address}


def _of(part: Part, options: tuple[Option, ...], list_button: str) -> Iterator[Piece]:
    text, document = part.text, part.document
    kind = "image" if document is not None and document.is_photo else "document"
    file = {} if document is None or document.is_photo else {"filename": document.name}
    is_header = document is not None and bool(document.stored) and part.layout is Layout.BUTTONS
    if document is not None and not is_header:
        if part.layout not in (Layout.BUTTONS, Layout.LIST) and text.strip() and LIMITS.length(text) <= _CAPTION:
            file["caption"], text = text, ""
        yield Piece({"type": kind, kind: file}, document, (kind,))
    match part.layout:
        case Layout.BUTTONS:
            buttons = [{"type": "reply", "reply": {"id": each.id, "title": each.title}} for each in part.options]
            piece = _choice("button", text.strip() or list_button, {"buttons": buttons})
            if is_header:
                # One message rather than two, for each of which many people would be rung.
                header = {"type": kind, kind: file}
                piece = Piece(_put(piece.payload, ("interactive",), {"header": header}), document,
                              ("interactive", "header", kind))  # fmt: skip
            yield piece
        case Layout.LIST:
            rows = [_row(option, whole.title) for option, whole in zip(part.options, options, strict=True)]
            yield _choice("list", text.strip() or list_button, {"button": list_button, "sections": [{"rows": rows}]})
        case _ if text.strip():
            yield Piece({"type": "text", "text": {"body": text, "preview_url": False}})


def _put(payload: dict[str, Any], place: tuple[str, ...], values: dict[str, Any]) -> dict[str, Any]:
    """The payload with more values at a place."""
    if not place:
        return {**values, **payload}
    return {**payload, place[0]: _put(payload[place[0]], place[1:], values)}


def _choice(kind: str, text: str, action: dict[str, Any]) -> Piece:
    return Piece({"type": "interactive", "interactive": {"type": kind, "body": {"text": text}, "action": action}})


def _row(option: Option, whole: str) -> dict[str, str]:
    row = {"id": option.id, "title": option.title}
    return row if whole == option.title else {**row, "description": cut(whole, _DESCRIPTION, LIMITS)}


def _one_line(reply: Reply) -> str:
    """What a reply says, on one line without runs of spaces, as WhatsApp wants of a parameter."""
    text = _LINE_END.join(" ".join(line.split()) for line in reply.text.splitlines() if line.strip())
    numbered = (f"{number}. {' '.join(option.title.split())}" for number, option in enumerate(reply.options, 1))
    choices = "".join(_LINE_END + choice for choice in numbered)
    if LIMITS.length(choices) > _PARAMETER - _PARAMETER_TEXT_LEAST:
        choices = ""
    return (cut(text, _PARAMETER - LIMITS.length(choices), LIMITS) or "…") + choices
