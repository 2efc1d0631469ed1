"""
config.yaml and the environment -> one frozen Settings.

Everything has a default, so a fresh installation runs without a file. The environment (``GEM_SAATHI_FAQ_DIR``, ...)
wins over the file, the file over the default.
"""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.errors import Fault, SettingsError
from bot.strictyaml import read

_PREFIX = "GEM_SAATHI_"
_HERE = Path(__file__).parent


def shipped(name: str) -> Path:
    """A folder that comes with the program: inside an installed package, beside the package in a checkout."""
    inside = _HERE / "shipped" / name
    return inside if inside.is_dir() else _HERE.parent / name


def _default_faq() -> Path:
    """The folder that people edit where the program is run in a checkout; else the one that came with the program."""
    here = Path("faq")
    return here.resolve() if (here / "lexicon.yaml").is_file() else shipped("faq")


class Settings(BaseModel):
    """
    How this office runs its assistant.

    Attributes:
        faq_dir: the folder of answers.
        locales_dir: the folder of all that the program itself says.
        cache_dir: where learnt indexes are kept; may be emptied at any time.
        language: hi or en.
        office_name: as people know the office; with office_phone it is named where the assistant does not know.
        office_phone: as people dial it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    faq_dir: Path = Field(default_factory=_default_faq)
    locales_dir: Path = shipped("locales")
    cache_dir: Path = Field(default_factory=lambda: platformdirs.user_cache_path("gem-saathi", appauthor=False))
    language: Literal["hi", "en"] = "hi"
    office_name: Annotated[str, Field(max_length=200)] = ""
    office_phone: Annotated[str, Field(max_length=60)] = ""


def load_settings(file: Path | None, environment: Mapping[str, str] = os.environ) -> Settings:
    """
    Read the settings.

    Args:
        file: config.yaml; without one, ``config.yaml`` in the current folder if there is one.
        environment: variables named ``GEM_SAATHI_`` and a setting.

    Raises:
        SettingsError: the file is missing or something in it or in the environment cannot be used; all faults at once.
    """
    values: dict[str, object] = {}
    places: dict[str, Fault] = {}
    path = file or Path("config.yaml")
    if file is not None or path.is_file():
        document = read(path)
        faults = [fault for fault in document.faults if fault.key != "empty-file"]
        if not faults and not isinstance(document.value, dict | None):
            faults = [document.fault("not-mapping", field=path.name)]
        if faults:
            raise SettingsError(faults)
        values |= document.value or {}
        for name in values:
            places[name] = Fault("bad-value", document.path, document.line((name,)))
        for name in ("faq_dir", "locales_dir", "cache_dir"):
            if isinstance(given := values.get(name), str):
                # A relative folder in the file is meant from where the file lies.
                values[name] = _folder(given, path.parent)
    for name in Settings.model_fields:
        variable = _PREFIX + name.upper()
        if given := environment.get(variable):
            values[name] = given
            places[name] = Fault("bad-value", variable)
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise SettingsError([_fault(problem, places, path) for problem in error.errors()]) from error


def _folder(given: str, base: Path) -> Path:
    try:
        return base / Path(given).expanduser()
    except RuntimeError:  # "~name" of nobody here: that folder will not be found, and that will be said
        return base / given


def _fault(problem: Any, places: Mapping[str, Fault], path: Path) -> Fault:
    name = str(problem["loc"][0])
    place = places.get(name, Fault("bad-value", str(path)))
    if problem["type"] == "extra_forbidden":
        known = ", ".join(Settings.model_fields)
        return replace(place, key="unknown-field", values={"field": name, "known": known})
    return replace(place, values={"field": name, "reason": problem["msg"]})
