"""
Changes to the files of the answers that leave all else as it stands: comments, order, quotes, other entries.

A file is read and written by ruamel.yaml, which gives back byte for byte what was not changed.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

# What is no category.
OUTSIDE = "out-of-scope.yaml"
OTHERS = ("lexicon.yaml", OUTSIDE, "requests.yaml")
# Signs after or before which YAML reads something else than text; and what it takes for a number, a day or a yes.
_QUOTED = (": ", " #", "#", "- ", "? ", "&", "*", "!", "|", ">", "%", "@", "`", '"', "'", "[", "{")


@dataclass(frozen=True, slots=True)
class Edit:
    """
    What becomes of one entry; what is None stays.

    Attributes:
        id: whose; one that is not there is made.
        category: id of the category of a new one.
        title, answer: language -> text; an empty text takes a language away.
        fields: checked_on, review_by, confidence: as they stand in the file; "" takes one away.
        sources: (address, title) of each.
        questions: all phrasings that it has from now on.
        more: phrasings that it gets besides.
    """

    id: str
    category: str | None = None
    title: Mapping[str, str] | None = None
    answer: Mapping[str, str] | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    sources: Sequence[tuple[str, str]] | None = None
    related: Sequence[str] | None = None
    questions: Sequence[str] | None = None
    more: Sequence[str] = ()


class NoPlaceError(ValueError):
    """An entry is new and its category is none: ``edit`` says which."""

    def __init__(self, edit: Edit) -> None:
        super().__init__(edit.id)
        self.edit = edit


class NoGroupError(ValueError):
    """There is no such group of what is out of scope: ``known`` names those that there are."""

    def __init__(self, known: Iterable[str]) -> None:
        self.known = tuple(known)
        super().__init__(self.known)


def edited(files: Mapping[str, str], edits: Iterable[Edit]) -> dict[str, str]:
    """
    The files after some changes.

    Args:
        files: name -> text; without faults.
        edits: in order.

    Raises:
        NoPlaceError: a new entry has no category that there is.
    """
    yaml = _yaml()
    documents = {name: yaml.load(text) for name, text in files.items() if _is_category(name)}
    touched = set()
    for edit in edits:
        name, entry = _find(documents, edit)
        if _apply(entry, edit):
            touched.add(name)
    return dict(files) | {name: _written(yaml, documents[name]) for name in touched}


def put_outside(files: Mapping[str, str], group: str, texts: Iterable[str]) -> dict[str, str]:
    """
    The files after some questions became examples of what is out of scope.

    Args:
        files: name -> text; without faults.
        group: id of the group in out-of-scope.yaml.
        texts: the questions.

    Raises:
        NoGroupError: there is no such group.
    """
    yaml = _yaml()
    document = yaml.load(files.get(OUTSIDE, "groups: []\n"))
    groups = {str(each["id"]): each for each in document["groups"]}
    if group not in groups:
        raise NoGroupError(groups)
    _list(groups[group], "examples", texts)
    return dict(files) | {OUTSIDE: _written(yaml, document)}


def _yaml() -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 1_000_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _is_category(name: str) -> bool:
    return name.endswith((".yaml", ".yml")) and name not in OTHERS


def _written(yaml: YAML, document: Any) -> str:
    stream = io.StringIO()
    yaml.dump(document, stream)
    return stream.getvalue()


def _find(documents: Mapping[str, Any], edit: Edit) -> tuple[str, CommentedMap]:
    for name, document in documents.items():
        for entry in _entries(document):
            if entry.get("id") == edit.id:
                return name, entry
    for name, document in documents.items():
        if edit.category and _category(document, name) == edit.category:
            made = CommentedMap({"id": edit.id})
            entries = _entries(document)
            entries.append(made)
            if len(entries) > 1:
                # An empty line before it, as before the others.
                entries.yaml_set_comment_before_after_key(len(entries) - 1, before="\n")
            return name, made
    raise NoPlaceError(edit)


def _entries(document: Any) -> CommentedSeq:
    return cast("CommentedSeq", document["entries"] if isinstance(document, dict) else document)


def _category(document: Any, name: str) -> str:
    category = document.get("category") if isinstance(document, dict) else None
    return str(category["id"]) if category else name.rpartition(".")[0]


def _apply(entry: CommentedMap, edit: Edit) -> bool:
    """Change an entry; whether anything is different."""
    before = _plain(entry)
    for name, said in (("title", edit.title), ("answer", edit.answer)):
        if said is not None:
            _say(entry, name, said)
    if edit.sources is not None:
        _set(
            entry, "sources", CommentedSeq([CommentedMap({"url": url, "title": title}) for url, title in edit.sources])
        )
    for name, value in edit.fields.items():
        _set(entry, name, _dated(value) if value else None)
    if edit.related is not None:
        listed = CommentedSeq(edit.related)
        listed.fa.set_flow_style()
        _set(entry, "related", listed)
    if edit.questions is not None or edit.more:
        _ask(entry, edit)
    return bool(_plain(entry) != before)


def _say(entry: CommentedMap, name: str, said: Mapping[str, str]) -> None:
    """Change a text in some languages."""
    there = entry.get(name)
    texts = dict(there) if isinstance(there, dict) else {"hi": there} if there is not None else {}
    for language, text in said.items():
        if text == str(texts.get(language, "")).strip():
            continue
        if not text:
            if isinstance(there, dict):
                there.pop(language, None)
            continue
        value = LiteralScalarString(f"{text}\n") if "\n" in text else _scalar(text)
        if isinstance(there, dict):
            there[language] = value
        elif language == "hi" and len(texts) <= 1:
            entry[name] = there = value
        else:
            entry[name] = there = CommentedMap({"hi": there, language: value})


def _ask(entry: CommentedMap, edit: Edit) -> None:
    _list(entry, "questions", (*(edit.questions or ()), *edit.more), keep=edit.questions)


def _list(entry: CommentedMap, name: str, texts: Iterable[str], keep: Sequence[str] | None = None) -> None:
    """Add texts to a list; where ``keep`` says so, nothing else stays in it."""
    there = entry.get(name)
    if not isinstance(there, CommentedSeq):
        entry[name] = there = CommentedSeq()
    # The empty line below the last one belongs to the entry.
    below = there.ca.items.pop(len(there) - 1, None) if there and _is_empty_line(there) else None
    if keep is not None:
        for at in reversed(range(len(there))):
            if str(there[at]) not in keep:
                del there[at]
    for text in texts:
        if text not in [str(each) for each in there]:
            there.append(_scalar(text))
    if below is not None and there:
        there.ca.items[len(there) - 1] = below


def _is_empty_line(there: CommentedSeq) -> bool:
    token = (there.ca.items.get(len(there) - 1) or [None])[0]
    return token is not None and not token.value.strip()


def _set(entry: CommentedMap, name: str, value: Any) -> None:
    if value is None or value == []:
        entry.pop(name, None)
    elif name not in entry and "questions" in entry:
        entry.insert(list(entry).index("questions"), name, value)
    elif _plain(entry.get(name)) != _plain(value):
        entry[name] = value


def _dated(text: str) -> Any:
    """A field as YAML has it: a day without quotes."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return _scalar(text)


def _scalar(text: str) -> str:
    """A text as YAML reads it back; quoted where it needs to be."""
    risky = text.startswith(_QUOTED) or any(sign in text for sign in (": ", " #")) or text.endswith(":")
    plain = not risky and text == text.strip() and not text.replace(".", "").replace("-", "").isdigit()
    return text if plain else DoubleQuotedScalarString(text)


def _plain(value: Any) -> Any:
    """The same without what ruamel.yaml remembers of it."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return str(value)
