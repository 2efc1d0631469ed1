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
from pydantic import BaseModel, ConfigDict, Field, InstanceOf, SecretStr, ValidationError

from bot.core.workshops.fields import DEFAULT_FIELDS
from bot.core.workshops.fields import Field as FormField
from bot.errors import Fault, SettingsError
from bot.form_settings import read_fields
from bot.strictyaml import Document, read

_PREFIX = "GEM_SAATHI_"
_FORM = "registration_fields"
_HERE = Path(__file__).parent


def shipped(name: str) -> Path:
    """A folder that comes with the program: inside an installed package, beside the package in a checkout."""
    inside = _HERE / "shipped" / name
    return inside if inside.is_dir() else _HERE.parent / name


def _default_faq() -> Path:
    """The folder that people edit where the program is run in a checkout; else the one that came with the program."""
    here = Path("faq")
    return here.resolve() if (here / "lexicon.yaml").is_file() else shipped("faq")


def _default_database() -> SecretStr:
    return SecretStr(str(platformdirs.user_data_path("gem-saathi", appauthor=False) / "gem-saathi.sqlite3"))


class Settings(BaseModel):
    """
    How this office runs its assistant.

    Attributes:
        faq_dir: the folder of answers.
        locales_dir: the folder of all that the program itself says.
        cache_dir: where learnt indexes are kept; may be emptied at any time.
        database: a file's path, ``sqlite:///PATH`` or ``postgresql://USER:PASSWORD@HOST/NAME``; never printed.
        language: hi or en.
        office_name: as people know the office; with office_phone it is named where the assistant does not know.
        office_phone: as people dial it.
        data_contact: whom people write to about their data; the office, where it is left out.
        keep_days: people who were not heard of for so long, and are in no batch, are forgotten.
        registration_fields: what the registration form asks, in order; in the environment, ids with commas between.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    faq_dir: Path = Field(default_factory=_default_faq)
    locales_dir: Path = shipped("locales")
    cache_dir: Path = Field(default_factory=lambda: platformdirs.user_cache_path("gem-saathi", appauthor=False))
    database: Annotated[SecretStr, Field(min_length=1)] = Field(default_factory=_default_database)
    language: Literal["hi", "en"] = "hi"
    office_name: Annotated[str, Field(max_length=200)] = ""
    office_phone: Annotated[str, Field(max_length=60)] = ""
    data_contact: Annotated[str, Field(max_length=200)] = ""
    keep_days: Annotated[int, Field(ge=30, le=3650)] = 730
    registration_fields: tuple[InstanceOf[FormField], ...] = DEFAULT_FIELDS


def load_settings(file: Path | None, environment: Mapping[str, str] = os.environ) -> Settings:
    """
    Read the settings.

    Args:
        file: config.yaml; without one, ``config.yaml`` in the current folder if there is one.
        environment: variables named ``GEM_SAATHI_`` and a setting.

    Raises:
        SettingsError: the file is missing or something in it or in the environment cannot be used; all faults at once.
    """
    path = file or Path("config.yaml")
    form = _written(path) if file is not None or path.is_file() else Document(str(path), {})
    values: dict[str, object] = form.value
    places = {name: Fault("bad-value", form.path, form.line((name,))) for name in values}
    for name in Settings.model_fields:
        variable = _PREFIX + name.upper()
        if given := environment.get(variable):
            values[name] = given
            places[name] = Fault("bad-value", variable)
            if name == _FORM:
                values[name], form = given.split(","), Document(variable)
    if _FORM in values:
        values[_FORM] = read_fields(values[_FORM], form, (_FORM,))
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        others = [_fault(problem, places, path) for problem in error.errors()]
        raise SettingsError([*form.faults, *others]) from error
    if form.faults:
        raise SettingsError(form.faults)
    return settings


def _written(path: Path) -> Document:
    """The settings in a file."""
    document = read(path)
    document.faults = [fault for fault in document.faults if fault.key != "empty-file"]
    if not document.faults and not isinstance(document.value, dict | None):
        document.fault("not-mapping", field=path.name)
    if document.faults:
        raise SettingsError(document.faults)
    document.value = document.value or {}
    # A relative path in the file is meant from where the file lies.
    for name, placed in _PLACED.items():
        if isinstance(given := document.value.get(name), str):
            document.value[name] = placed(given, path.parent)
    return document


def _folder(given: str, base: Path) -> Path:
    try:
        return base / Path(given).expanduser()
    except RuntimeError:  # "~name" of nobody here: that folder will not be found, and that will be said
        return base / given


def _database(given: str, base: Path) -> str:
    file = given.strip().removeprefix("sqlite:///")
    return given if not file or "://" in file else str(_folder(file, base))


_PLACED = {"faq_dir": _folder, "locales_dir": _folder, "cache_dir": _folder, "database": _database}


def _fault(problem: Any, places: Mapping[str, Fault], path: Path) -> Fault:
    name = str(problem["loc"][0])
    place = places.get(name, Fault("bad-value", str(path)))
    if problem["type"] == "extra_forbidden":
        known = ", ".join(Settings.model_fields)
        return replace(place, key="unknown-field", values={"field": name, "known": known})
    return replace(place, values={"field": name, "reason": problem["msg"]})
