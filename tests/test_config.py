import contextlib
import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.config import SECRETS, Settings, exposed, load_settings, shipped, unmet
from bot.content.locales import load_phrases
from bot.core.staff import Role
from bot.errors import Fault, SettingsError

KNOWN = ", ".join(Settings.model_fields)
TOKEN = "7001001:AAE-0123456789_abcdefghijklmnopqrs"  # noqa: S105 - invented
WHATSAPP_SECRETS = {"whatsapp_token": "EAAG", "whatsapp_app_secret": "0f", "whatsapp_verify_token": "word"}
POSTGRESQL = "postgresql://saathi:s3cret@localhost/saathi"


def written(folder: Path, text: str) -> Path:
    file = folder / "config.yaml"
    file.write_text(text, "utf-8")
    return file


def refused(file: Path, environment: dict[str, str] | None = None) -> list[tuple[str, str]]:
    return [(fault.place, fault.key) for fault in faults_of(file, environment)]


def faults_of(file: Path, environment: dict[str, str] | None = None) -> tuple[Fault, ...]:
    with pytest.raises(SettingsError) as caught:
        load_settings(file, environment or {})
    return caught.value.faults


def test_without_a_file_everything_has_a_default(tmp_path: Path) -> None:
    with contextlib.chdir(tmp_path):
        settings = load_settings(None, {})
    assert Settings() == settings
    assert (settings.language, settings.office_name, settings.office_phone) == ("hi", "", "")
    assert (settings.faq_dir / "lexicon.yaml").is_file()
    assert (settings.locales_dir / "hi.yaml").is_file()
    assert settings.cache_dir.name == "gem-saathi"


@pytest.mark.parametrize(("name", "file"), [("faq", "lexicon.yaml"), ("locales", "hi.yaml")])
def test_what_comes_with_the_program_is_found(name: str, file: str) -> None:
    assert (shipped(name) / file).is_file()


def test_a_config_in_the_current_folder_is_read_unasked(tmp_path: Path) -> None:
    written(tmp_path, "language: en\n")
    with contextlib.chdir(tmp_path):
        assert load_settings(None, {}).language == "en"


def test_a_file_that_is_named_is_read_instead_of_the_one_in_the_current_folder(tmp_path: Path) -> None:
    written(tmp_path, "office_name: here\n")
    (tmp_path / "other").mkdir()
    named = written(tmp_path / "other", "office_name: there\n")
    with contextlib.chdir(tmp_path):
        assert load_settings(named, {}).office_name == "there"


def test_every_setting_can_come_from_the_file(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        "faq_dir: /srv/faq\nlocales_dir: /srv/locales\ncache_dir: /srv/cache\nlanguage: en\n"
        "office_name: उद्योग कार्यालय\noffice_phone: 0551\n",
    )
    assert load_settings(file, {}) == Settings(
        faq_dir=Path("/srv/faq"),
        locales_dir=Path("/srv/locales"),
        cache_dir=Path("/srv/cache"),
        language="en",
        office_name="उद्योग कार्यालय",
        office_phone="0551",
    )


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(tmp_path: Path) -> None:
    file = written(tmp_path, "language: en\noffice_name: from the file\noffice_phone: '1'\n")
    settings = load_settings(file, {"GEM_SAATHI_OFFICE_NAME": "from outside", "GEM_SAATHI_CACHE_DIR": "/srv/cache"})
    assert settings.office_name == "from outside"
    assert settings.cache_dir == Path("/srv/cache")
    assert (settings.language, settings.office_phone) == ("en", "1")
    assert settings.faq_dir == shipped("faq")


def test_an_empty_variable_counts_as_none(tmp_path: Path) -> None:
    file = written(tmp_path, "language: en\n")
    assert load_settings(file, {"GEM_SAATHI_LANGUAGE": ""}).language == "en"


def test_variables_of_other_programs_are_left_alone(tmp_path: Path) -> None:
    file = written(tmp_path, "office_name: x\n")
    environment = {"LANGUAGE": "en", "OFFICE_NAME": "y", "GEM_SAATHI_DEBUG": "1", "gem_saathi_office_name": "z"}
    assert Settings(office_name="x") == load_settings(file, environment)


def test_an_unknown_setting_is_named_with_its_line_and_the_known_names(tmp_path: Path) -> None:
    file = written(tmp_path, "language: hi\nlanguag: en\n")
    (fault,) = faults_of(file)
    assert (fault.key, fault.place) == ("unknown-field", f"{file}:2")
    assert dict(fault.values) == {"field": "languag", "known": KNOWN}


@pytest.mark.parametrize("language", ["fr", "no", "HI", "''", "हिंदी", "[hi]"])
def test_a_wrong_language_is_named_with_its_line_and_the_possible_ones(tmp_path: Path, language: str) -> None:
    file = written(tmp_path, f"office_name: x\nlanguage: {language}\n")
    (fault,) = faults_of(file)
    assert (fault.key, fault.place) == ("bad-value", f"{file}:2")
    assert fault.values["field"] == "language"
    assert "'hi' or 'en'" in str(fault.values["reason"])


def test_a_wrong_variable_is_named_even_where_the_file_is_right(tmp_path: Path) -> None:
    file = written(tmp_path, "language: en\n")
    assert refused(file, {"GEM_SAATHI_LANGUAGE": "fr"}) == [("GEM_SAATHI_LANGUAGE", "bad-value")]


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    file = written(tmp_path, f"languag: en\nlanguage: fr\noffice_name: {'x' * 201}\noffice_phone: [1, 2]\n")
    assert sorted(refused(file)) == [
        (f"{file}:1", "unknown-field"),
        (f"{file}:2", "bad-value"),
        (f"{file}:3", "bad-value"),
        (f"{file}:4", "bad-value"),
    ]


@pytest.mark.parametrize("name", ["faq_dir", "locales_dir", "cache_dir"])
def test_a_relative_folder_is_meant_from_where_the_file_lies(tmp_path: Path, name: str) -> None:
    file = written(tmp_path, f"{name}: my/answers\n")
    with contextlib.chdir("/"):
        assert tmp_path / "my" / "answers" == getattr(load_settings(file, {}), name)


def test_a_tilde_in_the_file_is_the_home_folder(tmp_path: Path) -> None:
    assert Path.home() / "faq" == load_settings(written(tmp_path, "faq_dir: ~/faq\n"), {}).faq_dir


def test_a_relative_folder_in_the_environment_is_meant_from_the_current_folder(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    file = written(tmp_path / "below", "language: en\n")
    assert load_settings(file, {"GEM_SAATHI_FAQ_DIR": "answers"}).faq_dir == Path("answers")


def test_a_file_that_is_named_but_missing_is_a_fault(tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path / "config.yaml")
    assert (fault.path, fault.key) == (str(tmp_path / "config.yaml"), "unreadable")


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ("- language\n", 1, "not-mapping"),
        ("language\n", 1, "not-mapping"),
        ("language: hi\nlanguage: en\n", 2, "key-twice"),
        ("language:\n\thi\n", 2, "tab"),
        ("office_name: x\noffice_phone: 'x\n", 2, "yaml"),
    ],
)
def test_a_file_that_is_not_written_as_settings_is_a_fault(tmp_path: Path, text: str, line: int, key: str) -> None:
    file = written(tmp_path, text)
    assert [(f"{file}:{line}", key)] == refused(file)


def test_spaces_around_a_setting_do_not_count(tmp_path: Path) -> None:
    assert load_settings(written(tmp_path, "office_name: '  x '\n"), {}).office_name == "x"


def test_settings_cannot_be_changed_afterwards() -> None:
    with pytest.raises(ValidationError):
        Settings().language = "en"


def test_the_example_that_comes_with_the_program_is_valid_and_says_nothing_new(tmp_path: Path) -> None:
    example = shipped("faq").parent / "config.example.yaml"
    assert Settings() == load_settings(written(tmp_path, example.read_text("utf-8")), {})


def test_the_example_with_every_line_in_use_is_valid_too(tmp_path: Path) -> None:
    example = (shipped("faq").parent / "config.example.yaml").read_text("utf-8")
    in_use = re.sub(rf"^# ({'|'.join(Settings.model_fields)}): ", r"\1: ", example, flags=re.MULTILINE)
    settings = load_settings(written(tmp_path, in_use), {})
    assert set(Settings.model_fields) == settings.model_fields_set
    assert tmp_path / "faq" == settings.faq_dir
    assert tmp_path / "emblem.svg" == settings.web_emblem
    assert settings.office_name
    assert unmet(settings, ["telegram", "whatsapp", "web"]) == []


def test_what_the_example_shows_in_notes_is_the_default_where_there_is_one(tmp_path: Path) -> None:
    example = (shipped("faq").parent / "config.example.yaml").read_text("utf-8")
    defaults = "telegram_mode|telegram_base_url|whatsapp_template_language|whatsapp_template_parameters"
    defaults += "|web_colour|listen_host|listen_port|log_format|keep_days"
    in_use = re.sub(rf"^# ({defaults}): ", r"\1: ", example, flags=re.MULTILINE)
    assert in_use.count("\n# ") == example.count("\n# ") - len(defaults.split("|"))
    assert Settings() == load_settings(written(tmp_path, in_use), {})


@pytest.mark.parametrize("text", ["", "# language: hi\n"])
def test_a_config_of_nothing_but_notes_is_the_default(tmp_path: Path, text: str) -> None:
    assert load_settings(written(tmp_path, text), {}) == Settings()


@pytest.mark.parametrize("value", ["[a, b]", "{a: b}"])
def test_a_folder_that_cannot_be_one_is_a_fault(tmp_path: Path, value: str) -> None:
    assert [place for place, _ in refused(written(tmp_path, f"faq_dir: {value}\n"))] == [
        f"{tmp_path / 'config.yaml'}:1"
    ]


@pytest.mark.parametrize("given", ["data/x.sqlite3", "sqlite:///data/x.sqlite3"])
def test_a_database_file_is_meant_from_where_the_config_lies(tmp_path: Path, given: str) -> None:
    settings = load_settings(written(tmp_path, f"database: {given}\n"), {})
    assert settings.database.get_secret_value() == str(tmp_path / "data" / "x.sqlite3")


def test_the_address_of_a_database_server_stays_as_it_is_and_is_never_shown(tmp_path: Path) -> None:
    address = "postgresql://saathi:s3cret@localhost/saathi"
    settings = load_settings(None, {"GEM_SAATHI_DATABASE": address})
    assert settings.database.get_secret_value() == address
    assert load_settings(written(tmp_path, f"database: {address}\n"), {}) == settings
    assert "s3cret" not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"


def test_a_database_without_an_address_is_a_fault(tmp_path: Path) -> None:
    assert refused(written(tmp_path, "database: ''\n")) == [(f"{tmp_path / 'config.yaml'}:1", "bad-value")]


# --- secrets ----------------------------------------------------------------------------------------------------------


def test_secrets_are_never_shown() -> None:
    given = {"telegram_token": TOKEN, "web_secret": "w" * 16, "metrics_token": "m" * 16, "telegram_secret": "t" * 16}
    environment = {f"GEM_SAATHI_{name.upper()}": secret for name, secret in (given | WHATSAPP_SECRETS).items()}
    settings = load_settings(None, environment)
    assert sorted(settings.secrets()) == sorted((given | WHATSAPP_SECRETS).values())
    assert given.keys() | WHATSAPP_SECRETS.keys() == set(SECRETS)
    shown = f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"
    assert [secret for secret in settings.secrets() if f"'{secret}'" in shown or f'"{secret}"' in shown] == []


def test_a_secret_may_stand_in_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"\ufeff{TOKEN}\n", "utf-8")
    wanted = Settings.model_validate({"telegram_token": TOKEN})
    with contextlib.chdir("/"):
        assert load_settings(written(tmp_path, "telegram_token_file: token\n"), {}) == wanted
        from_outside = {"GEM_SAATHI_TELEGRAM_TOKEN_FILE": str(tmp_path / "token")}
        assert load_settings(None, from_outside) == wanted
        other = written(tmp_path, "telegram_token: '1:other'\n")
        assert load_settings(other, from_outside) == wanted


def test_the_environment_wins_over_a_file_of_the_config(tmp_path: Path) -> None:
    file = written(tmp_path, "telegram_token_file: nowhere\n")
    assert [fault.key for fault in faults_of(file)] == ["secret-file"]
    with_token = load_settings(written(tmp_path, "language: hi\n"), {"GEM_SAATHI_TELEGRAM_TOKEN": TOKEN})
    assert with_token.telegram_token is not None


@pytest.mark.parametrize(
    ("text", "content", "key"),
    [
        ("telegram_token_file: token\n", None, "secret-file"),
        ("telegram_token_file: .\n", None, "secret-file"),
        ("telegram_token_file: token\n", b"", "secret-file-empty"),
        ("telegram_token_file: token\n", b" \n", "secret-file-empty"),
        ("telegram_token_file: token\n", b"\xff", "secret-file"),
        ("telegram_token_file: token\n", b"no token", "bad-value"),
        ("telegram_token_file: token\ntelegram_token: '1:x'\n", b"1:x", "secret-two-ways"),
    ],
)
def test_a_secret_s_file_that_cannot_be_used_is_a_fault_with_its_line(
    tmp_path: Path, text: str, content: bytes | None, key: str
) -> None:
    if content is not None:
        (tmp_path / "token").write_bytes(content)
    file = written(tmp_path, text)
    (fault,) = faults_of(file)
    assert (fault.place, fault.key) == (f"{file}:1", key)
    assert "no token" not in str(dict(fault.values))


def test_a_secret_in_a_config_that_others_can_read_is_warned_of(tmp_path: Path) -> None:
    file = written(tmp_path, f"language: hi\ntelegram_token: '{TOKEN}'\ndatabase: {POSTGRESQL}\n")
    file.chmod(0o644)
    warned = exposed(file)
    assert [(fault.place, fault.key, fault.warning) for fault in warned] == [
        (f"{file}:2", "secret-exposed", True),
        (f"{file}:3", "secret-exposed", True),
    ]
    file.chmod(0o600)
    assert exposed(file) == []
    open_ = written(tmp_path, "language: hi\ntelegram_token_file: token\ndatabase: x.sqlite3\n")
    open_.chmod(0o644)
    assert exposed(open_) == []
    assert exposed(tmp_path / "none.yaml") == []


# --- channels ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "telegram_token: secret",
        "telegram_mode: push",
        "telegram_secret: short",
        "telegram_base_url: api.telegram.org",
        "whatsapp_phone_id: '+91'",
        "telegram_name: gem saathi",
        "whatsapp_number: phone",
        "whatsapp_template: Not A Name",
        "whatsapp_template_language: Hindi",
        "web: perhaps",
        "web_secret: short",
        "web_origins: [example.org]",
        "web_origins: ['https://example.org/page']",
        "web_colour: green",
        "public_url: saathi.example.org",
        "public_url: https://example.org/saathi",
        "listen_port: 70000",
        "listen_port: http",
        "proxy_header: 'X Forwarded For'",
        "metrics_token: short",
        "log_format: xml",
    ],
)
def test_a_wrong_value_is_named_with_its_line_and_secrets_are_not_told(tmp_path: Path, line: str) -> None:
    file = written(tmp_path, f"{line}\n")
    (fault,) = faults_of(file)
    assert (fault.place, fault.key) == (f"{file}:1", "bad-value")
    assert fault.values["field"] == line.partition(":")[0]
    assert "secret" not in str(fault.values["reason"])


def test_lists_in_the_environment_have_commas() -> None:
    settings = load_settings(None, {"GEM_SAATHI_WEB_ORIGINS": "https://a.example, https://b.example"})
    assert settings.web_origins == ("https://a.example", "https://b.example")


@pytest.mark.parametrize(
    ("given", "channels", "missing"),
    [
        ({}, ["web"], []),
        ({}, [], [("no-channel", "telegram_token")]),
        ({"telegram_token": TOKEN}, ["telegram"], []),
        ({"telegram_token": TOKEN, "telegram_mode": "webhook"}, ["telegram"], [("needs-setting", "public_url")]),
        (
            {"telegram_token": TOKEN, "telegram_mode": "webhook", "public_url": "http://x"},
            ["telegram"],
            [("needs-https", "public_url")],
        ),
        (
            {
                "telegram_token": TOKEN,
                "telegram_mode": "webhook",
                "telegram_base_url": "http://127.0.0.1:8081/bot",
                "public_url": "http://x",
            },
            ["telegram"],
            [],
        ),
        (WHATSAPP_SECRETS, ["whatsapp"], [("needs-setting", "whatsapp_phone_id")]),
        (
            {"whatsapp_phone_id": "1"},
            ["whatsapp"],
            [
                ("needs-setting", "whatsapp_token"),
                ("needs-setting", "whatsapp_app_secret"),
                ("needs-setting", "whatsapp_verify_token"),
            ],
        ),
        ({"database": POSTGRESQL}, ["web"], [("needs-setting", "web_secret")]),
        ({"database": POSTGRESQL, "web_secret": "x" * 16}, ["web"], []),
        ({"database": POSTGRESQL, "telegram_token": TOKEN}, ["telegram"], []),
    ],
)
def test_what_a_channel_lacks_is_named(
    given: dict[str, str], channels: list[str], missing: list[tuple[str, str]]
) -> None:
    faults = unmet(Settings.model_validate(given), channels)
    assert [(fault.key, fault.values["field"]) for fault in faults] == missing
    for fault in faults:
        for language in ("hi", "en"):
            said = load_phrases(shipped("locales")).say(f"faults.{fault.key}", language, **fault.values)
            assert str(fault.values["field"]) in said


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("staff: [{name: A, role: boss, telegram: '1'}]", "staff, 1., role"),
        (
            "staff: [{name: A, role: viewer, telegram: '1'}, {name: B, role: viewer, telegram: '@b'}]",
            "staff, 2., telegram",
        ),
        ("staff: [{name: A, role: viewer}]", "needs telegram or whatsapp"),
        ("staff: [{name: A, role: viewer, telegram: '1'}, {name: B, role: viewer, telegram: '1'}]", "is there twice"),
        ("staff: [{name: A, role: viewer, telegram: '1', phone: '2'}]", "staff, 1., phone"),
    ],
)
def test_of_the_staff_it_is_told_who_is_written_wrongly(tmp_path: Path, line: str, told: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(written(tmp_path, f"language: hi\n{line}"), {})
    (fault,) = caught.value.faults
    assert told in " ".join(map(str, fault.values.values()))
    assert fault.line == 2


def test_who_works_here_is_known_by_address_and_role(tmp_path: Path) -> None:
    boss = "{name: सुनीता, role: approver, telegram: '7', whatsapp: '919876543210'}"
    line = f"staff: [{boss}, {{name: B, role: viewer, telegram: '8'}}]"
    roster = load_settings(written(tmp_path, line), {}).roster
    found = roster.at("whatsapp", "919876543210")
    assert found is not None
    assert (found.name, found.role) == ("सुनीता", Role.APPROVER)
    assert roster.at("telegram", "9") is None
    assert [each.name for each in roster.who_may(Role.EDITOR)] == ["सुनीता"]
