import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import bot
from bot.config import shipped
from bot.content.locales import load_phrases
from bot.errors import ContentError, Fault

PHRASES = load_phrases(shipped("locales"))
LANGUAGES = ("hi", "en")
SOURCES = sorted(Path(bot.__file__).parent.rglob("*.py"))


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def texts(node: ast.AST | None) -> set[str]:
    """The texts that an argument can be: a literal, or one of two."""
    match node:
        case ast.Constant(value=str(text)):
            return {text}
        case ast.IfExp(body=body, orelse=other):
            return texts(body) | texts(other)
        case ast.Call(func=ast.Attribute(attr="get"), args=[_, default]):
            return texts(default)
    return set()


def calls(*names: str) -> Iterator[ast.Call]:
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                called = node.func
                name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
                if name in names:
                    yield node


def fault_keys() -> set[str]:
    """All keys that bot/ makes faults with: first or second argument, a keyword, or a table of keys."""
    keys: set[str] = set()
    for call in calls("fault", "Fault"):
        keys |= texts(call.args[0])
    for call in calls("_warn"):
        keys |= texts(call.args[1])
    for call in calls("replace"):
        keys |= {key for keyword in call.keywords if keyword.arg == "key" for key in texts(keyword.value)}
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text("utf-8"))):
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Dict(values=values)) if name.endswith("_KEYS"):
                    keys |= {key for value in values for key in texts(value)}
    return keys


def given_fields(call: ast.Call) -> set[str] | None:
    """What a call gives for the fields of its phrase; None where that is not written out."""
    if any(keyword.arg is None for keyword in call.keywords):
        return None
    return {str(keyword.arg) for keyword in call.keywords}


def test_both_languages_are_there() -> None:
    assert set(LANGUAGES) == set(PHRASES.texts)


def test_both_languages_have_the_same_keys() -> None:
    assert set(PHRASES.texts["hi"]) == set(PHRASES.texts["en"])


@pytest.mark.parametrize("key", sorted(PHRASES.texts["hi"]))
def test_both_languages_fill_in_the_same_fields(key: str) -> None:
    hindi, english = (PHRASES.texts[language][key] for language in LANGUAGES)
    assert fields(hindi) == fields(english)
    assert all(name.isidentifier() for name in fields(hindi))
    assert hindi.strip()
    assert english.strip()


def test_what_is_said_in_hindi_is_written_in_devanagari() -> None:
    for key, text in PHRASES.texts["hi"].items():
        words = Formatter().vformat(text, (), dict.fromkeys(fields(text), ""))
        assert re.search(r"[\u0900-\u097f]", words) or not re.search(r"[a-z]", words), key


def test_the_search_for_fault_keys_finds_every_way_of_making_a_fault() -> None:
    assert {"tab", "yaml", "no-folder", "few-questions", "unknown-field", "bad-url", "bad-value"} <= fault_keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fault_can_be_said(language: str) -> None:
    said = {key.removeprefix("faults.") for key in PHRASES.texts[language] if key.startswith("faults.")}
    assert fault_keys() <= said


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fault_is_given_the_fields_that_its_sentence_names(language: str) -> None:
    checked = 0
    for call in calls("fault"):
        given = given_fields(call)
        for key in texts(call.args[0]) if given is not None else ():
            assert fields(PHRASES.texts[language][f"faults.{key}"]) <= (given or set()), key
            checked += 1
    assert checked > 10


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_error_of_the_command_line_can_be_said_with_the_fields_it_is_given(language: str) -> None:
    checked = 0
    for call in calls("InputError"):
        given = given_fields(call)
        for key in texts(call.args[0]):
            assert given is None or fields(PHRASES.texts[language][f"input.{key}"]) <= given, key
            checked += 1
    assert checked > 5


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_that_the_program_says_is_there(language: str) -> None:
    checked = 0
    for call in calls("say", "_said", "progress_line"):
        for argument in call.args:
            for key in texts(argument):
                if re.fullmatch(r"[a-z]+\.[a-z-]+", key):
                    assert key in PHRASES.texts[language]
                    checked += 1
    assert checked > 10


def written(folder: Path, **languages: str) -> Path:
    for language, text in languages.items():
        (folder / f"{language}.yaml").write_text(text, "utf-8")
    return folder


def faults_of(folder: Path) -> list[Fault]:
    with pytest.raises(ContentError) as caught:
        load_phrases(folder)
    return list(caught.value.faults)


def test_nested_names_become_one_dotted_key(tmp_path: Path) -> None:
    phrases = load_phrases(written(tmp_path, hi="a:\n  b:\n    c: नमस्ते {name}\nd: 'no'\n"))
    assert {"a.b.c": "नमस्ते {name}", "d": "no"}.items() <= phrases.texts["hi"].items()
    assert phrases.say("a.b.c", name="राम") == "नमस्ते राम"


def test_months_and_weekdays_have_their_names_unless_the_file_says_otherwise(tmp_path: Path) -> None:
    phrases = load_phrases(written(tmp_path, hi="dates:\n  month:\n    '8': भादों\n", en="a: x\n", qqq="a: y\n"))
    keys = ("dates.month.8", "dates.month.12", "dates.weekday.0", "dates.weekday.6")
    assert [phrases.say(key, "hi") for key in keys] == ["भादों", "दिसंबर", "सोमवार", "रविवार"]
    assert [phrases.say(key, "en") for key in keys] == ["August", "December", "Monday", "Sunday"]
    assert phrases.say("dates.month.12", "qqq") == "दिसंबर"


def test_an_office_may_add_a_language_and_hindi_is_said_where_it_lacks_a_phrase(tmp_path: Path) -> None:
    phrases = load_phrases(written(tmp_path, hi="a: एक\nb: दो\n", bho="a: एगो\n"))
    assert [phrases.say(key, "bho") for key in ("a", "b")] == ["एगो", "दो"]


def test_a_phrase_that_is_a_list_is_a_fault_with_its_line(tmp_path: Path) -> None:
    (fault,) = faults_of(written(tmp_path, hi="a: x\nb:\n  c:\n    - y\n"))
    assert (fault.place, fault.key) == (f"{tmp_path.name}/hi.yaml:3", "not-text")
    assert dict(fault.values) == {"field": "b.c"}


def test_all_faults_of_all_languages_are_told_at_once(tmp_path: Path) -> None:
    faults = faults_of(written(tmp_path, hi="a: x\na: y\n", en="a: 'x\n"))
    assert [(fault.place, fault.key) for fault in faults] == [
        (f"{tmp_path.name}/en.yaml:1", "yaml"),
        (f"{tmp_path.name}/hi.yaml:2", "key-twice"),
    ]


@pytest.mark.parametrize("folder", ["", "missing"])
def test_a_folder_without_hindi_is_a_fault(tmp_path: Path, folder: str) -> None:
    written(tmp_path, en="a: x\n")
    (fault,) = faults_of(tmp_path / folder)
    assert (fault.path, fault.key) == (str(tmp_path / folder / "hi.yaml"), "unreadable")
