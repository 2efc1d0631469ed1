"""
Reads ``locales/*.yaml``: nested keys -> one dotted key -> text.

The names of months and weekdays come from Babel, as ``dates.month.1`` to ``12`` and ``dates.weekday.0`` (Monday) to
``6``; a file that has such a key wins.
"""

from collections.abc import Iterator
from pathlib import Path

from babel import Locale, UnknownLocaleError

from bot.core.talk.phrases import Phrases
from bot.errors import ContentError, Fault
from bot.strictyaml import Document, read


def load_phrases(folder: Path) -> Phrases:
    """
    Read all languages of a folder; the file's stem is the language code.

    Raises:
        ContentError: a file has faults, or there is no hi.yaml.
    """
    texts: dict[str, dict[str, str]] = {}
    faults: list[Fault] = []
    for file in sorted(folder.glob("*.yaml")):
        document = read(file, f"{folder.name}/{file.name}")
        texts[file.stem] = _names(file.stem) | dict(_flat(document, document.value, ()))
        faults += document.faults
    if "hi" not in texts:
        faults.append(Fault("unreadable", str(folder / "hi.yaml"), values={"reason": "not found"}))
    if faults:
        raise ContentError(faults)
    return Phrases(texts)


def _names(language: str) -> dict[str, str]:
    try:
        locale = Locale.parse(language)
    except (UnknownLocaleError, ValueError):  # Hindi's names stand in
        return {}
    of_days = {f"dates.weekday.{number}": name for number, name in locale.days["format"]["wide"].items()}
    return of_days | {f"dates.month.{number}": name for number, name in locale.months["format"]["wide"].items()}


def _flat(document: Document, value: object, where: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(document, inner, (*where, key))
    elif isinstance(value, str):
        yield ".".join(where), value
    elif not document.faults:
        document.fault("not-text", where, field=".".join(where))
