"""
config.yaml and the environment -> one frozen Settings.

Everything has a default, so a fresh installation runs without a file. The environment (``GEM_SAATHI_FAQ_DIR``, ...)
wins over the file, the file over the default. A secret may stand in a file of its own, whose path is the setting
``NAME_file``.

What a channel needs is looked at only where channels run (``unmet``): staff who list workshops need not know secrets.
"""

import os
import re
import stat
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

import platformdirs
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    InstanceOf,
    SecretStr,
    ValidationError,
)

from bot.core.office_hours import OfficeHours
from bot.core.quiet import Quiet
from bot.core.staff import Roster
from bot.core.tickets.helpdesk import Helpdesk
from bot.core.workshops.fields import DEFAULT_FIELDS
from bot.core.workshops.fields import Field as FormField
from bot.core.workshops.night import NIGHT
from bot.errors import Fault, SettingsError
from bot.form_settings import read_fields
from bot.hours_settings import DAYS, WORKING, Day, Hours, read_hours, read_quiet
from bot.staff_settings import StaffSetting, roster_of
from bot.strictyaml import Document, read

_PREFIX = "GEM_SAATHI_"
_FORM = "registration_fields"
_NESTED = ("staff",)
_LISTS = (_FORM, "web_origins", "whatsapp_template_parameters", "office_days", "office_holidays")
SECRETS = (
    "telegram_token",
    "telegram_secret",
    "whatsapp_token",
    "whatsapp_app_secret",
    "whatsapp_verify_token",
    "web_secret",
    "metrics_token",
)
# What a number of WhatsApp cannot do without.
WHATSAPP = ("whatsapp_token", "whatsapp_phone_id", "whatsapp_app_secret", "whatsapp_verify_token")
_OFFICIAL = "https://api.telegram.org/"
_FILE = "_file"
# A longer file is no secret but a mistake.
_MAX_SECRET = 10_000
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


def _like(pattern: str) -> AfterValidator:
    """A secret in a certain form; pydantic's own patterns do not look into secrets."""

    def check(secret: SecretStr) -> SecretStr:
        if not re.fullmatch(pattern, secret.get_secret_value()):
            raise ValueError(f"should match {pattern}")
        return secret

    return AfterValidator(check)


_Secret = Annotated[SecretStr, Field(min_length=1)]


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
        telegram_token: of the bot; with it, the assistant is on Telegram.
        telegram_mode: whether Telegram is asked for messages or calls ``public_url``.
        telegram_secret: what Telegram says with each call; one that follows from the token, where it is left out.
        telegram_base_url: of the Bot API; the token follows it.
        telegram_name: the bot's, for the poster.
        telegram_per_second: messages in any second, of all processes.
        whatsapp_token: of a system user; with it, the number's id, the app's secret and a word of one's own, the
            assistant is on WhatsApp.
        whatsapp_number: as people dial it, for the poster.
        whatsapp_base_url: of the Graph API, with its version; "" for the one that the program was made for.
        whatsapp_template: the approved message for people who did not write for a day; "" for none.
        whatsapp_template_parameters: what stands for its gaps; ``{text}`` is what is to be said.
        whatsapp_template_price: what one costs, in rupees, for the estimate.
        whatsapp_per_second: messages in any second, of all processes.
        announce_quiet: "HH:MM-HH:MM" in India, in which no announcement goes out; "" for none.
        announce_per_week: announcements that a person gets in a week; 0 for any number.
        announce_pause_at: an announcement pauses where so many percent of its last messages failed.
        announce_above: to more people than this, only an approver who has not made it starts an announcement.
        staff: who of the office may do what in the chat.
        telegram_staff_group: the number of the group in which staff read whom they are to answer; "" for each alone.
        office_hours: "HH:MM-HH:MM" in India, in which people of the office answer.
        office_days: on which they are there.
        office_holidays: on which they are not.
        web: whether there is a web chat; None for: only where there is nothing else.
        web_secret: signs the cookies of the web chat; where it is left out, one is made beside the database.
        web_origins: websites that may show the web chat in a window of theirs.
        web_colour: "#rrggbb", of its head and buttons.
        web_emblem: the office's picture in its head.
        public_url: where people and platforms find this program, without a path.
        listen_host, listen_port: where the server listens; a port 0 is any that is free.
        proxy_header: in which the reverse proxy writes who is asking; "" where there is none.
        metrics_token: what /metrics wants to hear as a bearer token; without it, only this machine is answered.
        log_format: text or json.
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
    telegram_token: Annotated[SecretStr, _like(r"\d+:[\w-]+")] | None = None
    telegram_mode: Literal["polling", "webhook"] = "polling"
    telegram_secret: Annotated[SecretStr, _like("[A-Za-z0-9_-]{16,256}")] | None = None
    telegram_base_url: Annotated[str, Field(pattern=r"^https?://\S+$")] = f"{_OFFICIAL}bot"
    telegram_name: Annotated[str, Field(pattern="^(@?[A-Za-z0-9_]{5,32})?$")] = ""
    telegram_per_second: Annotated[int, Field(ge=1, le=10_000)] = 30
    whatsapp_token: _Secret | None = None
    whatsapp_phone_id: Annotated[str, Field(pattern=r"^\d*$")] = ""
    whatsapp_app_secret: _Secret | None = None
    whatsapp_verify_token: _Secret | None = None
    whatsapp_number: Annotated[str, Field(pattern=r"^(\+?\d[\d ()-]{6,24})?$")] = ""
    whatsapp_base_url: Annotated[str, Field(pattern=r"^(https?://\S+)?$")] = ""
    whatsapp_template: Annotated[str, Field(pattern="^[a-z0-9_]{0,512}$")] = ""
    whatsapp_template_language: Annotated[str, Field(pattern="^[a-z]{2,3}(_[A-Z]{2})?$")] = "hi"
    whatsapp_template_parameters: tuple[str, ...] = ("{text}",)
    whatsapp_template_price: Annotated[Decimal, Field(ge=0, le=100)] = Decimal(0)
    whatsapp_per_second: Annotated[int, Field(ge=1, le=1000)] = 60
    announce_quiet: Annotated[InstanceOf[Quiet], BeforeValidator(read_quiet)] = NIGHT
    announce_per_week: Annotated[int, Field(ge=0, le=100)] = 3
    announce_pause_at: Annotated[int, Field(ge=1, le=100)] = 20
    announce_above: Annotated[int, Field(ge=0, le=100_000_000)] = 500
    staff: StaffSetting = ()
    telegram_staff_group: Annotated[str, Field(pattern=r"^(-\d{1,19})?$")] = ""
    office_hours: Annotated[InstanceOf[Hours], BeforeValidator(read_hours)] = Hours(time(10), time(17))
    office_days: tuple[Day, ...] = WORKING
    office_holidays: tuple[date, ...] = ()
    web: bool | None = None
    web_secret: Annotated[SecretStr, Field(min_length=16)] | None = None
    web_origins: tuple[Annotated[str, Field(pattern=r"^https?://[^/\s]+$")], ...] = ()
    web_colour: Annotated[str, Field(pattern="^#[0-9a-fA-F]{6}$")] = "#075e54"
    web_emblem: Path | None = None
    public_url: Annotated[str, Field(pattern=r"^(https?://[^/\s]+/?)?$")] = ""
    listen_host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    listen_port: Annotated[int, Field(ge=0, le=65535)] = 8000
    proxy_header: Annotated[str, Field(pattern="^[A-Za-z0-9-]*$")] = ""
    metrics_token: Annotated[SecretStr, Field(min_length=16)] | None = None
    log_format: Literal["text", "json"] = "text"

    @property
    def roster(self) -> Roster:
        """Who works here."""
        return roster_of(self.staff)

    @property
    def helpdesk(self) -> Helpdesk:
        """When people of the office answer, and where they read."""
        days = frozenset(DAYS.index(each) for each in self.office_days)
        hours = OfficeHours(*self.office_hours, days, frozenset(self.office_holidays))
        return Helpdesk(hours, ("telegram", self.telegram_staff_group) if self.telegram_staff_group else None)

    def secrets(self) -> Iterator[str]:
        """All secrets there are, for whoever has to keep them out of sight."""
        for name in SECRETS:
            if (secret := getattr(self, name)) is not None:
                yield secret.get_secret_value()


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
    faults = list(_read_secrets(values, places))
    for name in (*Settings.model_fields, *(f"{secret}{_FILE}" for secret in SECRETS)):
        variable = _PREFIX + name.upper()
        if given := environment.get(variable):
            # It wins over the file, whichever way the secret is given there.
            values.pop(name.removesuffix(_FILE) if name.removesuffix(_FILE) in SECRETS else name, None)
            values[name] = given
            places[name] = Fault("bad-value", variable)
            if name in _LISTS:
                values[name] = [each.strip() for each in given.split(",")]
            if name == _FORM:
                form = Document(variable)
    faults += _read_secrets(values, places)
    if _FORM in values:
        values[_FORM] = read_fields(values[_FORM], form, (_FORM,))
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        others = [_fault(problem, places, path, form) for problem in error.errors()]
        raise SettingsError([*form.faults, *faults, *others]) from error
    if form.faults or faults:
        raise SettingsError([*form.faults, *faults])
    return settings


def unmet(settings: Settings, channels: Collection[str]) -> list[Fault]:
    """What is missing for channels to run; or that there is none."""
    faults = []

    def need(field: str, because: str, key: str = "needs-setting") -> None:
        values = {"field": field, "because": because, "variable": _PREFIX + field.upper()}
        faults.append(Fault(key, "config.yaml", values=values))

    if not channels:
        need("telegram_token", "web: no", "no-channel")
    if "telegram" in channels and settings.telegram_mode == "webhook":
        if not settings.public_url:
            need("public_url", "telegram_mode: webhook")
        elif settings.telegram_base_url.startswith(_OFFICIAL) and not settings.public_url.startswith("https://"):
            need("public_url", "telegram_mode: webhook", "needs-https")
    if "whatsapp" in channels:
        given = [name for name in WHATSAPP if getattr(settings, name)]
        for name in WHATSAPP:
            if name not in given:
                need(name, given[0])
    if "web" in channels and settings.web_secret is None and "://" in settings.database.get_secret_value():
        # Several processes may serve it; what one signs, the others must know.
        need("web_secret", "database: postgresql://…")
    return faults


def exposed(file: Path | None) -> list[Fault]:
    """Warnings of secrets in a config.yaml that others on this machine can read."""
    path = file or Path("config.yaml")
    if os.name != "posix" or not path.is_file() or not path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        return []
    form = _written(path)
    return [
        Fault("secret-exposed", form.path, form.line((name,)), {"field": name, "path": form.path}, warning=True)
        for name in form.value
        if name in SECRETS or (name == "database" and "://" in str(form.value[name]))
    ]


def _read_secrets(values: dict[str, object], places: dict[str, Fault]) -> Iterator[Fault]:
    """Put what stands in the files of secrets in their place."""
    for name in SECRETS:
        field = f"{name}{_FILE}"
        if (given := values.pop(field, None)) is None:
            continue
        place = places[field]
        if name in values:
            yield replace(place, key="secret-two-ways", values={"field": name})
            continue
        try:
            with Path(str(given)).open(encoding="utf-8-sig") as file:
                secret = file.read(_MAX_SECRET).strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or str(error.__class__.__name__)
            yield replace(place, key="secret-file", values={"field": field, "file": given, "reason": reason})
            continue
        if not secret:
            yield replace(place, key="secret-file-empty", values={"field": field, "file": given})
            continue
        values[name] = secret
        places[name] = place


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


_PLACED: Mapping[str, Callable[[str, Path], object]] = {
    "faq_dir": _folder,
    "locales_dir": _folder,
    "cache_dir": _folder,
    "database": _database,
    "web_emblem": _folder,
    **{f"{name}{_FILE}": _folder for name in SECRETS},
}


def _fault(problem: Any, places: Mapping[str, Fault], path: Path, form: Document) -> Fault:
    name, *within = problem["loc"]
    place = places.get(name, Fault("bad-value", str(path)))
    if problem["type"] == "extra_forbidden" and not within:
        known = ", ".join(Settings.model_fields)
        return replace(place, key="unknown-field", values={"field": name, "known": known})
    if name in _NESTED and within:
        # The item, from 1 as people count, and what of it.
        name = ", ".join([name, *(f"{part + 1}." if isinstance(part, int) else part for part in within)])
        place = replace(place, line=form.line(tuple(problem["loc"])) if place.line else 0)
    return replace(place, values={"field": name, "reason": problem["msg"]})
