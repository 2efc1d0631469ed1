"""The fields of the FAQ's files, and how pydantic's remarks become faults that staff understand."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from bot.core.answers.faq import Does, Text
from bot.strictyaml import Document

LANGUAGES = ("hi", "en")

Where = tuple[str | int, ...]


def _as_text(value: object) -> object:
    """``title: text`` means the same as ``title: {hi: text}``."""
    return {"hi": value} if isinstance(value, str) else value


_Said = Annotated[str, Field(min_length=1)]
# It stands in buttons (64 bytes with its kind), in lists "id=score,id=score" and in names of files.
_Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=48)]
_TextHi = Annotated["InHindi", BeforeValidator(_as_text)]


class Schema(BaseModel):
    """What all parts of the files have in common."""

    model_config = ConfigDict(strict=False, str_strip_whitespace=True, extra="ignore")


M = TypeVar("M", bound=Schema)


class InHindi(Schema):
    """A text in Hindi, and perhaps in English."""

    hi: _Said
    en: _Said | None = None

    def text(self) -> Text:
        """Language -> text."""
        return {"hi": self.hi, **({"en": self.en} if self.en else {})}


class SourceModel(Schema):
    """``faq.Source``."""

    url: Annotated[str, Field(pattern=r"^https?://\S+$")]
    title: _Said


class EntryModel(Schema):
    """``faq.Entry``."""

    id: _Id
    title: _TextHi
    answer: _TextHi
    questions: Annotated[list[_Said], Field(min_length=1)]
    sources: list[SourceModel] = []
    checked_on: Annotated[str, Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")] | None = None
    review_by: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")] | None = None
    confidence: Literal["high", "medium", "low"] | None = None
    related: list[_Id] = []
    does: Does | None = None


class CategoryModel(Schema):
    """``faq.Category``, and its place in the menu: a number; those without one come last."""

    id: _Id
    title: _TextHi
    order: Annotated[str, Field(pattern=r"^\d{1,3}$")] | None = None


class AsideModel(Schema):
    """``faq.Aside`` of out-of-scope.yaml."""

    id: _Id
    kind: Literal["other-service", "off-topic", "small-talk"]
    say: _TextHi
    examples: Annotated[list[_Said], Field(min_length=1)]


class RequestModel(Schema):
    """``faq.Aside`` of requests.yaml: what it does takes the place of what is said."""

    id: _Id
    kind: Literal["request"]
    does: Does
    say: _TextHi | None = None
    examples: Annotated[list[_Said], Field(min_length=1)]


# pydantic's error types -> our phrases. What is not here is said as "bad-value" with pydantic's own words.
_FAULT_KEYS = {
    "missing": "missing-field",
    "string_type": "not-text",
    "list_type": "not-list",
    "dict_type": "not-mapping",
    "model_type": "not-mapping",
    "model_attributes_type": "not-mapping",
    "string_too_short": "empty-text",
    "too_short": "empty-list",
    "literal_error": "not-one-of",
    "enum": "not-one-of",
    "string_too_long": "text-too-long",
}
# A pattern that failed -> which field says what is expected.
_PATTERN_KEYS = {
    "id": "bad-id",
    "related": "bad-id",
    "url": "bad-url",
    "checked_on": "bad-date",
    "review_by": "bad-date",
    "order": "bad-number",
}


def read_as(model: type[M], value: Any, document: Document, where: Where) -> M | None:
    """
    The value that stands in a document at ``where``, as a model.

    None where it has faults, which are then on the document.
    """
    unknown_fields(document, where, value, tuple(model.model_fields))
    for name in ("title", "answer", "say"):
        if isinstance(value, dict):
            unknown_fields(document, (*where, name), value.get(name), LANGUAGES)
    try:
        return model.model_validate(value)
    except ValidationError as error:
        for problem in error.errors(include_url=False):
            _fault(document, where, problem)
        return None


def unknown_fields(document: Document, where: Where, value: Any, known: Sequence[str]) -> None:
    """Warn of names that this part of a file does not have: most are misspelt."""
    for name in value if isinstance(value, dict) else ():
        if name not in known:
            document.fault("unknown-field", (*where, name), warning=True, field=name, known=", ".join(known))


def _fault(document: Document, where: Where, problem: Any) -> None:
    loc: Where = tuple(problem["loc"])
    names = [part for part in loc if isinstance(part, str)]
    kind = problem["type"]
    key = _FAULT_KEYS.get(kind, "bad-value")
    values = {"field": ".".join(names) or str(where[0] if where else "entries"), "reason": problem["msg"]}
    if kind == "string_type" and isinstance(problem["input"], dict):
        key = "colon"
    if kind == "string_pattern_mismatch":
        key = _PATTERN_KEYS.get(names[-1] if names else "", "bad-value")
    if key == "not-one-of":
        values["expected"] = problem["ctx"]["expected"].replace("'", "").replace(" or ", ", ")
    if kind == "string_too_long":
        values["limit"] = problem["ctx"]["max_length"]
    document.fault(key, (*where, *loc), **values)
