"""
Reads an FAQ folder.

Every ``*.yaml`` in it is a category, but for ``lexicon.yaml``, ``out-of-scope.yaml`` (what is not answered) and
``requests.yaml`` (what people want done).

Nothing is raised on the first mistake: all faults of all files are gathered, so staff mend them in one go. Faults that
make the FAQ unusable raise ContentError; the rest are warnings, which ``faq check --strict`` refuses too.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import chain, count
from operator import itemgetter
from pathlib import Path
from typing import Any, cast

from babel.dates import format_date

from bot.content.schema import (
    LANGUAGES,
    AsideModel,
    CategoryModel,
    EntryModel,
    RequestModel,
    Where,
    read_as,
    unknown_fields,
)
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
)
from bot.core.answers.fold import fold
from bot.core.answers.render import answer_text
from bot.core.talk.phrases import Phrases
from bot.errors import ContentError, Fault
from bot.strictyaml import Document, read

# An FAQ of this many files is a wrong folder (somebody's home), not an FAQ.
MAX_FILES = 200
# From this many phrasings an entry on, matching gets reliable (CONTRIBUTING, "Matching").
MIN_QUESTIONS = 12
# What fits a row of a list on every channel.
MAX_TITLE_CHARS = 24


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
        self._ordered: list[tuple[int, Category]] = []
        self.entries: list[Entry] = []
        self.lexicon: dict[str, tuple[str, ...]] = {}
        self.asides: list[Aside] = []
        self.places: dict[str, tuple[str, ...]] = {}
        self._first: dict[str, str] = {}
        self._category_places: dict[str, str] = {}
        self._related: list[tuple[Document, Where, str, str]] = []
        self._unread = False
        self._examples: list[tuple[Document, Where, str, str]] = []
        self._aside_places: dict[str, str] = {}
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
            self._unread |= document.value is None
            if document.value is not None:
                match file.stem:
                    case "lexicon":
                        self._read_lexicon(document)
                    case "out-of-scope":
                        self._read_asides(document, AsideModel)
                    case "requests":
                        self._read_asides(document, RequestModel)
                    case _:
                        self._read_category(document, file.stem)
            self.faults += document.faults
        if not self.entries and not any(not fault.warning for fault in self.faults):
            self.faults.append(Fault("no-entries", str(self.folder)))
        self._check_related()
        self._check_asides()

    @property
    def categories(self) -> list[Category]:
        """In the order of the menu."""
        return [category for _, category in sorted(self._ordered, key=itemgetter(0))]

    def _name(self, file: Path) -> str:
        return str(Path(self.folder.name) / file.name)

    def _read_category(self, document: Document, stem: str) -> None:
        value, where = document.value, cast("Where", ())
        items: Any = value
        category: Any = None
        if isinstance(value, dict):
            items, category, where = value.get("entries"), value.get("category"), ("entries",)
            unknown_fields(document, (), value, ("category", "entries"))
            if items is None:
                document.fault("missing-field", field="entries")
                return
        if not isinstance(items, list):
            document.fault("not-list", where, field="entries")
            return
        if category is None:
            category = {"id": self._category_id(stem), "title": stem}
        read_category = read_as(CategoryModel, category, document, ("category",))
        if read_category is None:
            return
        first = self._category_places.setdefault(read_category.id, document.path)
        if first != document.path:
            document.fault("id-twice", ("category", "id"), id=read_category.id, first=first)
        category_value = Category(read_category.id, read_category.title.text())
        self._ordered.append((int(read_category.order or MAX_FILES), category_value))
        for at, item in enumerate(items):
            self._read_entry(document, (*where, at), item, read_category.id)

    def _category_id(self, stem: str) -> str:
        """An id for a file that names no category: its name by sound, in Latin letters."""
        base = fold(stem).replace(" ", "-")[:40] or "faq"
        numbered = (f"{base}-{number}" for number in count(2))
        return next(name for name in chain([base], numbered) if name not in self._category_places)

    def _read_entry(self, document: Document, where: Where, item: Any, category: str) -> None:
        model = read_as(EntryModel, item, document, where)
        if model is None:
            self._unread = True
            return
        if model.id in self._first:
            document.fault("id-twice", (*where, "id"), id=model.id, first=self._first[model.id])
            return
        self._first[model.id] = f"{document.path}:{document.line(where)}"
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
            does=model.does,
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
        self._strict(document, where, entry, model)
        self.entries.append(entry)

    def _read_question(self, document: Document, where: Where, entry: str, question: str) -> str:
        place = f"{document.path}:{document.line(where)}"
        folded = fold(question)
        if not folded:
            document.fault("no-letters", where, text=question)
            return place
        # The same words in the other script are welcome within one entry, but never in two.
        twin = self._same.get((entry, question.casefold()))
        other_entry, other = self._alike.get(folded, (entry, ""))
        if twin is not None:
            document.fault("phrasing-twice", where, text=question, entry=entry, first=twin)
        elif other_entry != entry:
            document.fault("phrasing-twice", where, text=question, entry=other_entry, first=other)
        self._same.setdefault((entry, question.casefold()), place)
        self._alike.setdefault(folded, (entry, place))
        return place

    def _strict(self, document: Document, where: Where, entry: Entry, model: EntryModel) -> None:
        """What an FAQ that goes to the public has besides."""
        for name in ("sources", "checked_on", "review_by", "confidence", "related"):
            if not getattr(model, name):
                document.fault("missing-for-publishing", where, warning=True, field=name, id=entry.id)
        if len(entry.title["hi"]) > MAX_TITLE_CHARS:
            document.fault(
                "title-too-long", (*where, "title"), warning=True, id=entry.id, length=len(entry.title["hi"]),
                limit=MAX_TITLE_CHARS,
            )  # fmt: skip
        if len(entry.questions) < MIN_QUESTIONS:
            document.fault(
                "few-questions", where, warning=True, id=entry.id, count=len(entry.questions), least=MIN_QUESTIONS
            )

    def _check_related(self) -> None:
        if self._unread:
            return  # whoever is named may stand in what could not be read
        known = {entry.id for entry in self.entries}
        for document, where, entry, other in self._related:
            if other == entry:
                self.faults.append(Fault("related-self", document.path, document.line(where), {"id": entry}))
            elif other not in known:
                self.faults.append(
                    Fault("unknown-related", document.path, document.line(where), {"id": other, "entry": entry})
                )

    def _check_asides(self) -> None:
        """An example may stand once among all entries and groups; what has no letters is told by nothing but itself."""
        groups: dict[str, tuple[str, str]] = {}
        for document, where, group, example in self._examples:
            folded, own = fold(example), (group, f"{document.path}:{document.line(where)}")
            first = groups.setdefault(folded, own) if folded else own
            entry = self._alike.get(folded)
            if entry is not None or first[0] != group:
                other, place = entry or first
                values = {"text": example, "entry": other, "first": place}
                self.faults.append(Fault("phrasing-twice", document.path, document.line(where), values))

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

    def _read_asides(self, document: Document, kind_of_group: type[AsideModel | RequestModel]) -> None:
        groups = document.value.get("groups") if isinstance(document.value, dict) else None
        if not isinstance(groups, list):
            document.fault("missing-field", field="groups")
            return
        for at, item in enumerate(groups):
            model = read_as(kind_of_group, item, document, ("groups", at))
            if model is None:
                continue
            where: Where = ("groups", at, "id")
            if model.id in self._aside_places:
                document.fault("id-twice", where, id=model.id, first=self._aside_places[model.id])
            self._aside_places.setdefault(model.id, f"{document.path}:{document.line(where)}")
            self._examples += (
                (document, ("groups", at, "examples", number), model.id, example)
                for number, example in enumerate(model.examples)
            )
            does = model.does if isinstance(model, RequestModel) else None
            say = model.say.text() if model.say else {}
            self.asides.append(Aside(model.id, Kind(model.kind), say, tuple(model.examples), does))

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
