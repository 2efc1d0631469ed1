"""
Reads an FAQ folder: every ``*.yaml`` in it is a category, but for ``lexicon.yaml`` and ``out-of-scope.yaml``.

Nothing is raised on the first mistake: all faults of all files are gathered, so staff mend them in one go. Faults that
make the FAQ unusable raise ContentError; the rest are warnings, which ``faq check --strict`` refuses too.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, cast

from babel.dates import format_date
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from bot.core.answers.faq import (
    MAX_ANSWER_CHARS,
    Aside,
    Category,
    Confidence,
    Dated,
    Entry,
    Faq,
    Kind,
    Source,
    Text,
)
from bot.core.answers.fold import fold
from bot.core.answers.render import answer_text
from bot.core.talk.phrases import Phrases
from bot.errors import ContentError, Fault
from bot.strictyaml import Document, read

LEXICON, OUT_OF_SCOPE = "lexicon.yaml", "out-of-scope.yaml"
# An FAQ of this many files is a wrong folder (somebody's home), not an FAQ.
MAX_FILES = 200
# From this many phrasings an entry on, matching gets reliable (CONTRIBUTING, "Matching").
MIN_QUESTIONS = 12
LANGUAGES = ("hi", "en")

Where = tuple[str | int, ...]


def _as_text(value: object) -> object:
    """``title: text`` means the same as ``title: {hi: text}``."""
    return {"hi": value} if isinstance(value, str) else value


_Said = Annotated[str, Field(min_length=1)]
_Id = Annotated[str, Field(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=48)]
_TextHi = Annotated["_InHindi", BeforeValidator(_as_text)]


class _Model(BaseModel):
    model_config = ConfigDict(strict=False, str_strip_whitespace=True, extra="ignore")


M = TypeVar("M", bound=_Model)


class _InHindi(_Model):
    hi: _Said
    en: _Said | None = None

    def text(self) -> Text:
        return {"hi": self.hi, **({"en": self.en} if self.en else {})}


class _SourceModel(_Model):
    url: Annotated[str, Field(pattern=r"^https?://\S+$")]
    title: _Said


class _EntryModel(_Model):
    id: _Id
    title: _TextHi
    answer: _TextHi
    questions: Annotated[list[_Said], Field(min_length=1)]
    sources: list[_SourceModel] = []
    checked_on: Annotated[str, Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")] | None = None
    review_by: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")] | None = None
    confidence: Literal["high", "medium", "low"] | None = None
    related: list[_Id] = []


class _CategoryModel(_Model):
    id: _Id
    title: _TextHi


class _AsideModel(_Model):
    id: _Id
    kind: Literal["other-service", "off-topic", "small-talk"]
    say: _TextHi
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
    "string_too_long": "text-too-long",
}
# A pattern that failed -> which field says what is expected.
_PATTERN_KEYS = {
    "id": "bad-id",
    "related": "bad-id",
    "url": "bad-url",
    "checked_on": "bad-date",
    "review_by": "bad-date",
}


@dataclass(slots=True)
class LoadedFaq:
    """
    An FAQ folder, read.

    Attributes:
        places: entry id -> ``file:line`` of each of its questions.
        warnings: what is not right, but does not stop the program.
    """

    faq: Faq
    places: dict[str, tuple[str, ...]] = field(default_factory=dict)
    warnings: tuple[Fault, ...] = ()


def load_faq(folder: Path, phrases: Phrases) -> LoadedFaq:
    """
    Read and check an FAQ folder.

    Args:
        folder: where the YAML files are.
        phrases: to measure the answers as people will see them.

    Raises:
        ContentError: with every fault of every file, when the FAQ cannot be used.
    """
    reading = _Reading(folder, phrases)
    reading.run()
    errors = [fault for fault in reading.faults if not fault.warning]
    if errors:
        raise ContentError(reading.faults)
    return LoadedFaq(
        Faq(tuple(reading.categories), tuple(reading.entries), reading.lexicon, tuple(reading.asides)),
        reading.places,
        tuple(reading.faults),
    )


class _Reading:
    """One pass over a folder; gathers values and faults."""

    def __init__(self, folder: Path, phrases: Phrases) -> None:
        self.folder = folder
        self.phrases = phrases
        self.faults: list[Fault] = []
        self.categories: list[Category] = []
        self.entries: list[Entry] = []
        self.lexicon: dict[str, tuple[str, ...]] = {}
        self.asides: list[Aside] = []
        self.places: dict[str, tuple[str, ...]] = {}
        self._first: dict[str, str] = {}
        self._related: list[tuple[Document, Where, str, str]] = []
        self._same: dict[tuple[str, str], str] = {}
        self._alike: dict[str, tuple[str, str]] = {}

    def run(self) -> None:
        try:
            files = sorted(
                file
                for file in self.folder.iterdir()
                if file.suffix in (".yaml", ".yml") and not file.name.startswith(".")
            )
        except OSError as error:
            self.faults.append(Fault("no-folder", str(self.folder), values={"reason": error.strerror or str(error)}))
            return
        if len(files) > MAX_FILES:
            self.faults.append(
                Fault("too-many-files", str(self.folder), values={"count": len(files), "limit": MAX_FILES})
            )
            return
        for file in files:
            document = read(file, self._name(file))
            if document.value is not None:
                match file.name:
                    case "lexicon.yaml":
                        self._read_lexicon(document)
                    case "out-of-scope.yaml":
                        self._read_asides(document)
                    case _:
                        self._read_category(document, file.stem)
            self.faults += document.faults
        if not self.entries and not self.faults:
            self.faults.append(Fault("no-entries", str(self.folder)))
        self._check_related()

    def _name(self, file: Path) -> str:
        return str(Path(self.folder.name) / file.name)

    def _read_category(self, document: Document, stem: str) -> None:
        value, where = document.value, cast("Where", ())
        items: Any = value
        category: Any = None
        if isinstance(value, dict):
            items, category, where = value.get("entries"), value.get("category"), ("entries",)
            self._unknown(document, (), value, ("category", "entries"))
            if items is None:
                document.fault("missing-field", field="entries")
                return
        if not isinstance(items, list):
            document.fault("not-list", where, field="entries")
            return
        if category is None:
            category = {"id": re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-") or "faq", "title": stem}
        read_category = self._validate(document, ("category",), category, _CategoryModel)
        if read_category is None:
            return
        if any(known.id == read_category.id for known in self.categories):
            document.fault("id-twice", ("category", "id"), id=read_category.id, first=read_category.id)
        self.categories.append(Category(read_category.id, read_category.title.text()))
        for at, item in enumerate(items):
            self._read_entry(document, (*where, at), item, read_category.id)

    def _read_entry(self, document: Document, where: Where, item: Any, category: str) -> None:
        model = self._validate(document, where, item, _EntryModel)
        if model is None:
            return
        place = f"{document.path}:{document.line(where)}"
        first = self._first.setdefault(model.id, place)
        if first != place:
            document.fault("id-twice", (*where, "id"), id=model.id, first=first)
            return
        entry = Entry(
            id=model.id,
            category=category,
            title=model.title.text(),
            answer=model.answer.text(),
            questions=tuple(model.questions),
            sources=tuple(Source(source.url, source.title) for source in model.sources),
            checked_on=self._dated(document, (*where, "checked_on"), model.checked_on),
            review_by=self._day(document, (*where, "review_by"), model.review_by),
            confidence=Confidence(model.confidence) if model.confidence else None,
            related=tuple(model.related),
        )
        for language in entry.answer:
            length = len(answer_text(entry, self.phrases, language))
            if length > MAX_ANSWER_CHARS:
                document.fault(
                    "answer-too-long", (*where, "answer", language), id=entry.id, length=length, limit=MAX_ANSWER_CHARS
                )
        self._related += [
            (document, (*where, "related", at), entry.id, other) for at, other in enumerate(entry.related)
        ]
        self.places[entry.id] = tuple(
            self._read_question(document, (*where, "questions", at), entry.id, question)
            for at, question in enumerate(entry.questions)
        )
        self._strict(document, where, entry)
        self.entries.append(entry)

    def _read_question(self, document: Document, where: Where, entry: str, question: str) -> str:
        place = f"{document.path}:{document.line(where)}"
        folded = fold(question)
        if not folded:
            document.fault("no-letters", where, text=question)
            return place
        # The same words in the other script are welcome within one entry, but never in two.
        other_entry, other = self._alike.get(folded, (entry, ""))
        twin = self._same.get((entry, question.casefold()), other if other_entry != entry else "")
        if twin:
            document.fault("phrasing-twice", where, text=question, entry=other_entry, first=twin)
        self._same.setdefault((entry, question.casefold()), place)
        self._alike.setdefault(folded, (entry, place))
        return place

    def _strict(self, document: Document, where: Where, entry: Entry) -> None:
        """What an FAQ that goes to the public has besides."""
        wanted = {
            "sources": entry.sources,
            "checked_on": entry.checked_on,
            "review_by": entry.review_by,
            "confidence": entry.confidence,
            "related": entry.related,
        }
        for name, value in wanted.items():
            if not value:
                self._warn(document, "missing-for-publishing", where, field=name, id=entry.id)
        if len(entry.questions) < MIN_QUESTIONS:
            self._warn(document, "few-questions", where, id=entry.id, count=len(entry.questions), least=MIN_QUESTIONS)

    def _check_related(self) -> None:
        known = {entry.id for entry in self.entries}
        for document, where, entry, other in self._related:
            if other == entry:
                self.faults.append(Fault("related-self", document.path, document.line(where), {"id": entry}))
            elif other not in known:
                self.faults.append(
                    Fault("unknown-related", document.path, document.line(where), {"id": other, "entry": entry})
                )

    def _read_lexicon(self, document: Document) -> None:
        groups = document.value.get("groups") if isinstance(document.value, dict) else None
        if not isinstance(groups, dict):
            document.fault("missing-field", field="groups")
            return
        seen: dict[str, tuple[str, int]] = {}
        for group, words in groups.items():
            if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
                document.fault("not-list", ("groups", group), field=group)
                continue
            for at, word in enumerate(words):
                where: Where = ("groups", group, at)
                folded = fold(word)
                other, line = seen.setdefault(folded, (group, document.line(where)))
                if not folded:
                    document.fault("no-letters", where, text=word)
                elif other != group:
                    document.fault("word-in-two-groups", where, word=word, group=other, first=f"{document.path}:{line}")
            self.lexicon[group] = tuple(words)

    def _read_asides(self, document: Document) -> None:
        groups = document.value.get("groups") if isinstance(document.value, dict) else None
        if not isinstance(groups, list):
            document.fault("missing-field", field="groups")
            return
        seen: dict[str, int] = {}
        for at, item in enumerate(groups):
            model = self._validate(document, ("groups", at), item, _AsideModel)
            if model is None:
                continue
            line = document.line(("groups", at, "id"))
            if seen.setdefault(model.id, line) != line:
                document.fault("id-twice", ("groups", at, "id"), id=model.id, first=f"{document.path}:{seen[model.id]}")
            self.asides.append(Aside(model.id, Kind(model.kind), model.say.text(), tuple(model.examples)))

    def _validate(self, document: Document, where: Where, value: Any, model: type[M]) -> M | None:
        try:
            read_model = model.model_validate(value)
        except ValidationError as error:
            for problem in error.errors(include_url=False, include_input=False):
                self._pydantic_fault(document, where, problem)
            return None
        self._unknown(document, where, value, tuple(model.model_fields))
        return read_model

    def _pydantic_fault(self, document: Document, where: Where, problem: Any) -> None:
        loc: Where = tuple(problem["loc"])
        names = [part for part in loc if isinstance(part, str)]
        name = names[-1] if names else ""
        values: dict[str, object] = {"field": ".".join(names) or "entries", "reason": problem["msg"]}
        kind = problem["type"]
        key = _FAULT_KEYS.get(kind, "bad-value")
        if kind == "string_pattern_mismatch":
            key = _PATTERN_KEYS.get(name, "bad-value")
        if kind == "literal_error":
            values["expected"] = problem["ctx"]["expected"].replace("'", "").replace(" or ", ", ")
        if kind == "string_too_long":
            values["limit"] = problem["ctx"]["max_length"]
        document.fault(key, (*where, *loc), **values)

    def _unknown(self, document: Document, where: Where, value: Any, known: Sequence[str]) -> None:
        for name in value if isinstance(value, dict) else ():
            if name not in known:
                self._warn(document, "unknown-field", (*where, name), field=name, known=", ".join(known))

    def _warn(self, document: Document, key: str, where: Where, **values: object) -> None:
        self.faults.append(Fault(key, document.path, document.line(where), values, warning=True))

    def _dated(self, document: Document, where: Where, iso: str | None) -> Dated | None:
        if iso is None:
            return None
        year, *rest = iso.split("-")
        pattern = ("y", "MMMM y", "d MMMM y")[len(rest)]
        day = self._day(document, where, "-".join([year, *rest, *["01"] * (2 - len(rest))]))
        if day is None:
            return None
        return Dated(iso, {language: format_date(day, pattern, locale=language) for language in LANGUAGES})

    def _day(self, document: Document, where: Where, iso: str | None) -> date | None:
        try:
            return date.fromisoformat(iso) if iso else None
        except ValueError:
            document.fault("bad-date", where, field=where[-1])
            return None


def faq_files(folder: Path) -> Iterator[Path]:
    """The files that an FAQ folder consists of, in a fixed order."""
    return iter(sorted(file for file in folder.iterdir() if file.suffix in (".yaml", ".yml") and file.is_file()))
