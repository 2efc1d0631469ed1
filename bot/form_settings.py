"""
``registration_fields`` of the settings -> the fields of the registration form.

A field that the program knows is named (``mobile``), or named and made optional or not. A field of the office's own
says everything: ``{id, kind: text or choice, label, ask, example, optional, options: [{id, title}]}``, its texts in
Hindi or as ``{hi, en}``.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.core.answers.faq import Text
from bot.core.talk.state import SUMMARY, WHICH
from bot.core.workshops.fields import BUILT_IN, Choice, Field, FieldKind
from bot.strictyaml import Document

Where = tuple[str | int, ...]

# Who comes, and by which number nobody gets two seats.
NEEDED = ("name", "mobile")
# A button's id holds both a field's and an option's; buttons and rows of lists show so much of a title.
MAX_ID = MAX_TITLE = 24
MAX_ASK = 200
# Ten rows in a list, of which one may be "skip".
MAX_OPTIONS = 9

_ID = re.compile("[A-Za-z0-9][A-Za-z0-9_.-]*")
_LANGUAGES = ("hi", "en")
_YES, _NO = {"yes", "true", "हाँ", "हां"}, {"no", "false", "नहीं"}
_KNOWN = {
    FieldKind.TEXT: ("id", "kind", "label", "ask", "example", "optional"),
    FieldKind.CHOICE: ("id", "kind", "label", "ask", "optional", "options"),
}


def read_fields(value: Any, document: Document, where: Where) -> tuple[Field, ...]:
    """
    The form's fields, in the order in which they are asked.

    Args:
        value: what stands in the document at ``where``.
        document: takes the faults; where it has some afterwards, the fields are not all.
        where: the setting's place.
    """
    if not isinstance(value, list):
        document.fault("not-list", where, field=where[-1])
        return ()
    fields: dict[str, Field] = {}
    first: dict[str, Where] = {}
    for at, item in enumerate(value):
        field_id, field = _field(item, document, (*where, at))
        _once(field_id, first, document, (*where, at))
        if field is not None:
            fields.setdefault(field.id, field)
    for needed in NEEDED:
        if needed not in first:
            document.fault("field-needed", where, id=needed)
    return tuple(fields.values())


def _once(its_id: str, first: dict[str, Where], document: Document, where: Where) -> None:
    """Tell of an id that was there before."""
    if its_id in first:
        line = document.line(first[its_id])
        document.fault("id-twice", where, id=its_id, first=f"{document.path}:{line}" if line else document.path)
    elif its_id:
        first[its_id] = where


def _field(item: Any, document: Document, where: Where) -> tuple[str, Field | None]:
    """The id that is written there, and the field; "" and None where faults keep them from being known."""
    if isinstance(item, str):
        name = item.strip()
        if name not in BUILT_IN:
            document.fault("no-such-field", where, id=name, known=", ".join(BUILT_IN))
        return name, BUILT_IN.get(name)
    if not isinstance(item, dict):
        document.fault("not-mapping", where, field=where[0])
        return "", None
    name = _id(item, document, where)
    if name in BUILT_IN:
        return name, _changed(BUILT_IN[name], item, document, where)
    if name in {SUMMARY, WHICH}:
        document.fault("reserved-id", (*where, "id"), id=name)
    return name, _own(name, item, document, where)


def _changed(field: Field, item: Mapping[str, Any], document: Document, where: Where) -> Field:
    """A built-in field, optional or not as the office wants it."""
    for name in item:
        if name not in {"id", "optional"}:
            document.fault("field-is-built-in", (*where, name), id=field.id, field=name)
    optional = _yes(item, document, where, default=field.optional)
    if optional and field.id in NEEDED:
        document.fault("field-not-optional", (*where, "optional"), id=field.id)
    return replace(field, optional=optional)


def _own(name: str, item: Mapping[str, Any], document: Document, where: Where) -> Field | None:
    """A field of the office's own."""
    kind = _said(item, "kind", document, where)
    if kind not in {*_KNOWN}:
        if kind:
            document.fault("not-one-of", (*where, "kind"), field="kind", expected=", ".join(_KNOWN))
        return None
    kind = FieldKind(kind)
    _only(item, _KNOWN[kind], document, where)
    return Field(
        name,
        kind,
        optional=_yes(item, document, where, default=False),
        label=_text(item, "label", MAX_TITLE, document, where),
        ask=_text(item, "ask", MAX_ASK, document, where),
        example=_text(item, "example", MAX_ASK, document, where) if "example" in item else {},
        options=_options(item, document, where) if kind is FieldKind.CHOICE else (),
    )


def _options(item: Mapping[str, Any], document: Document, where: Where) -> tuple[Choice, ...]:
    if "options" not in item:
        document.fault("missing-field", where, field="options")
        return ()
    given = item["options"]
    where = (*where, "options")
    if not isinstance(given, list):
        document.fault("not-list", where, field="options")
        return ()
    if not given:
        document.fault("empty-list", where, field="options")
    if len(given) > MAX_OPTIONS:
        document.fault("too-many-options", where, count=len(given), limit=MAX_OPTIONS)
    options = []
    first: dict[str, Where] = {}
    for at, option in enumerate(given):
        place = (*where, at)
        if not isinstance(option, dict):
            document.fault("not-mapping", place, field="options")
            continue
        _only(option, ("id", "title"), document, place)
        its_id = _id(option, document, place)
        _once(its_id, first, document, place)
        options.append(Choice(its_id, _text(option, "title", MAX_TITLE, document, place)))
    return tuple(options)


def _only(item: Mapping[str, Any], known: Sequence[str], document: Document, where: Where) -> None:
    for name in item:
        if name not in known:
            document.fault("unknown-field", (*where, name), field=name, known=", ".join(known))


def _said(item: Mapping[str, Any], name: str, document: Document, where: Where) -> str:
    """A plain text that must be there; "" with a fault where it is not."""
    value = item.get(name)
    if name not in item:
        document.fault("missing-field", where, field=name)
    elif not isinstance(value, str):
        document.fault("not-text", (*where, name), field=name)
    elif not value.strip():
        document.fault("empty-text", (*where, name), field=name)
    return value.strip() if isinstance(value, str) else ""


def _id(item: Mapping[str, Any], document: Document, where: Where) -> str:
    said = _said(item, "id", document, where)
    if said and not _ID.fullmatch(said):
        document.fault("bad-id", (*where, "id"), field="id")
    if len(said) > MAX_ID:
        document.fault("text-too-long", (*where, "id"), field="id", limit=MAX_ID)
    return said


def _text(item: Mapping[str, Any], name: str, limit: int, document: Document, where: Where) -> Text:
    """A text in Hindi, or in several languages, Hindi among them."""
    given = item.get(name)
    if isinstance(given, dict):
        where = (*where, name)
        _only(given, _LANGUAGES, document, where)
        text = {language: _said(given, language, document, where) for language in ("hi", *(given.keys() & {"en"}))}
    else:
        text = {"hi": _said(item, name, document, where)}
    for said in text.values():
        if len(said) > limit:
            document.fault("text-too-long", (*where, name), field=name, limit=limit)
    return text


def _yes(item: Mapping[str, Any], document: Document, where: Where, *, default: bool) -> bool:
    given = item.get("optional")
    if "optional" not in item:
        return default
    said = given.strip().casefold() if isinstance(given, str) else ""
    if said not in _YES | _NO:
        document.fault("not-one-of", (*where, "optional"), field="optional", expected="yes, no")
    return said in _YES
