import contextlib
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.config import Settings, load_settings, shipped
from bot.errors import Fault, SettingsError

KNOWN = "faq_dir, locales_dir, cache_dir, database, language, office_name, office_phone, data_contact, "
KNOWN += "keep_days, registration_fields"


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
    in_use = example.replace("# faq_dir", "faq_dir").replace("# locales_dir", "locales_dir")
    in_use = in_use.replace("# database:", "database:")
    in_use = in_use.replace("# cache_dir", "cache_dir").replace("# office_", "office_")
    in_use = in_use.replace("# data_contact", "data_contact").replace("# keep_days", "keep_days")
    settings = load_settings(written(tmp_path, in_use), {})
    assert set(Settings.model_fields) == settings.model_fields_set
    assert tmp_path / "faq" == settings.faq_dir
    assert settings.office_name


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
