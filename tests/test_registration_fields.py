"""``registration_fields`` of config.yaml: what an office can make of the form, and how a slip is told."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.config import load_settings, shipped
from bot.content.locales import load_phrases
from bot.core.workshops.fields import BUILT_IN, DEFAULT_FIELDS, Choice, Field, FieldKind
from bot.errors import Fault, SettingsError
from bot.form_settings import read_fields
from bot.strictyaml import Document

PHRASES = load_phrases(shipped("locales"))
ALWAYS = "registration_fields:\n  - name\n  - mobile\n"


def written(folder: Path, text: str) -> Path:
    file = folder / "config.yaml"
    file.write_text(text, "utf-8")
    return file


def fields(folder: Path, more: str = "") -> tuple[Field, ...]:
    return load_settings(written(folder, ALWAYS + more), {}).registration_fields


def faults(folder: Path, text: str, environment: dict[str, str] | None = None) -> tuple[Fault, ...]:
    with pytest.raises(SettingsError) as caught:
        load_settings(written(folder, text), environment or {})
    for fault in caught.value.faults:
        for language in ("hi", "en"):
            assert PHRASES.say(f"faults.{fault.key}", language, **fault.values)
    return caught.value.faults


def test_without_the_setting_the_form_asks_all_built_in_fields(tmp_path: Path) -> None:
    assert load_settings(written(tmp_path, "language: hi\n"), {}).registration_fields == DEFAULT_FIELDS


def test_built_in_fields_are_named_in_the_order_in_which_they_are_asked(tmp_path: Path) -> None:
    asked = fields(tmp_path, "  - stage\n  - place\n")
    assert asked == tuple(BUILT_IN[name] for name in ("name", "mobile", "stage", "place"))


@pytest.mark.parametrize(
    ("optional", "is_so"),
    [("yes", True), ("हाँ", True), ("true", True), ("Yes", True), ("no", False), ("नहीं", False), ("false", False)],
)
def test_a_built_in_field_can_be_made_optional_or_not(tmp_path: Path, optional: str, is_so: bool) -> None:  # noqa: FBT001 - a value of the table
    asked = fields(tmp_path, f"  - {{id: enterprise, optional: {optional}}}\n  - {{id: udyam, optional: {optional}}}\n")
    assert [field.optional for field in asked] == [False, False, is_so, is_so]
    assert fields(tmp_path, "  - id: udyam\n")[2].optional


def test_an_office_adds_a_field_that_is_answered_in_words(tmp_path: Path) -> None:
    added = "  - {id: village, kind: text, label: गाँव, ask: आपका गाँव कौन सा है?, example: 'जैसे: भटहट', optional: yes}\n"
    assert fields(tmp_path, added)[2] == Field(
        "village",
        FieldKind.TEXT,
        optional=True,
        label={"hi": "गाँव"},
        ask={"hi": "आपका गाँव कौन सा है?"},
        example={"hi": "जैसे: भटहट"},
    )


def test_an_office_adds_a_field_that_is_answered_by_a_button_in_two_languages(tmp_path: Path) -> None:
    added = (
        "  - id: trade\n    kind: choice\n    label: {hi: काम, en: Trade}\n    ask: आपका काम?\n    options:\n"
        "      - {id: making, title: {hi: बनाते हैं, en: Making}}\n      - {id: trading, title: बेचते हैं}\n"
    )
    assert fields(tmp_path, added)[2] == Field(
        "trade",
        FieldKind.CHOICE,
        label={"hi": "काम", "en": "Trade"},
        ask={"hi": "आपका काम?"},
        options=(Choice("making", {"hi": "बनाते हैं", "en": "Making"}), Choice("trading", {"hi": "बेचते हैं"})),
    )


def test_the_environment_names_built_in_fields_and_wins_over_a_file_with_faults(tmp_path: Path) -> None:
    file = written(tmp_path, "registration_fields: name\n")
    asked = load_settings(file, {"GEM_SAATHI_REGISTRATION_FIELDS": "name, mobile,place"}).registration_fields
    assert [field.id for field in asked] == ["name", "mobile", "place"]


def test_a_fault_in_the_environment_is_told_with_the_variables_name(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, "", {"GEM_SAATHI_REGISTRATION_FIELDS": "name,mobile,village"})
    assert (fault.place, fault.key) == ("GEM_SAATHI_REGISTRATION_FIELDS", "no-such-field")


@pytest.mark.parametrize(
    ("more", "line", "key"),
    [
        ("  - village\n", 4, "no-such-field"),
        ("  - name\n", 4, "id-twice"),
        ("  - {id: mobile}\n", 4, "id-twice"),
        ("  - [place]\n", 4, "not-mapping"),
        ("  - kind: text\n    label: ग\n    ask: ग?\n", 4, "missing-field"),
        ("  - id: [x]\n    kind: text\n    label: ग\n    ask: ग?\n", 4, "not-text"),
        ("  - id: ''\n    kind: text\n    label: ग\n    ask: ग?\n", 4, "empty-text"),
        ("  - id: गाँव\n    kind: text\n    label: ग\n    ask: ग?\n", 4, "bad-id"),
        ("  - id: a:b\n    kind: text\n    label: ग\n    ask: ग?\n", 4, "bad-id"),
        (f"  - id: {'x' * 25}\n    kind: text\n    label: ग\n    ask: ग?\n", 4, "text-too-long"),
        ("  - id: summary\n    kind: text\n    label: ग\n    ask: ग?\n", 4, "reserved-id"),
        ("  - id: stage\n    label: चरण\n", 5, "field-is-built-in"),
        ("  - id: stage\n    optional: शायद\n", 5, "not-one-of"),
        ("  - id: stage\n    optional: [yes]\n", 5, "not-one-of"),
        ("  - id: x\n    label: ग\n    ask: ग?\n", 4, "missing-field"),
        ("  - id: x\n    kind: mobile\n    label: ग\n    ask: ग?\n", 5, "not-one-of"),
        ("  - id: x\n    kind: text\n    ask: ग?\n", 4, "missing-field"),
        ("  - id: x\n    kind: text\n    label: ग\n", 4, "missing-field"),
        ("  - id: x\n    kind: text\n    label: ग\n    ask: ''\n", 7, "empty-text"),
        ("  - id: x\n    kind: text\n    label: ग\n    ask: [a]\n", 7, "not-text"),
        ("  - id: x\n    kind: text\n    label: ग\n    ask: {en: a}\n", 7, "missing-field"),
        ("  - id: x\n    kind: text\n    label: ग\n    ask: {hi: अ, en: ''}\n", 7, "empty-text"),
        ("  - id: x\n    kind: text\n    label: ग\n    ask: {hi: अ, fr: a}\n", 7, "unknown-field"),
        (f"  - id: x\n    kind: text\n    label: {'ग' * 25}\n    ask: ग?\n", 6, "text-too-long"),
        ("  - id: x\n    kind: text\n    label: ग\n    ask: ग?\n    help: अ\n", 8, "unknown-field"),
        ("  - id: x\n    kind: text\n    label: ग\n    ask: ग?\n    options: []\n", 8, "unknown-field"),
        ("  - id: x\n    kind: choice\n    label: ग\n    ask: ग?\n", 4, "missing-field"),
        ("  - id: x\n    kind: choice\n    label: ग\n    ask: ग?\n    options: अ\n", 8, "not-list"),
        ("  - id: x\n    kind: choice\n    label: ग\n    ask: ग?\n    options: []\n", 8, "empty-list"),
        ("  - id: x\n    kind: choice\n    label: ग\n    ask: ग?\n    options:\n      - अ\n", 9, "not-mapping"),
        ("  - id: x\n    kind: choice\n    label: ग\n    ask: ग?\n    options:\n      - {id: a}\n", 9, "missing-field"),
        (
            "  - {id: x, kind: choice, label: a, ask: b, options: [{id: a, title: c}, {id: a, title: d}]}\n",
            4,
            "id-twice",
        ),
        (
            "  - id: x\n    kind: choice\n    label: ग\n    ask: ग?\n    options:\n"
            + "".join(f"      - {{id: a{at}, title: अ}}\n" for at in range(10)),
            8,
            "too-many-options",
        ),
    ],
)
def test_a_slip_is_told_with_its_line(tmp_path: Path, more: str, line: int, key: str) -> None:
    (fault,) = faults(tmp_path, ALWAYS + more)
    assert (fault.place, fault.key) == (f"{tmp_path / 'config.yaml'}:{line}", key)


@pytest.mark.parametrize("text", ["name", "{name: x}", "''"])
def test_what_is_no_list_is_told(tmp_path: Path, text: str) -> None:
    (fault,) = faults(tmp_path, f"language: hi\nregistration_fields: {text}\n")
    assert (fault.line, fault.key, dict(fault.values)) == (2, "not-list", {"field": "registration_fields"})


def test_the_form_always_asks_name_and_mobile(tmp_path: Path) -> None:
    found = faults(tmp_path, "registration_fields: []\n")
    assert [(fault.key, fault.values["id"]) for fault in found] == [
        ("field-needed", "name"),
        ("field-needed", "mobile"),
    ]
    (fault,) = faults(tmp_path, "registration_fields:\n  - name\n  - id: mobile\n    optional: yes\n")
    assert (fault.line, fault.key) == (4, "field-not-optional")


def test_an_id_that_is_there_twice_names_the_first_place(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, ALWAYS + "  - place\n  - place\n")
    assert (fault.line, fault.values["first"]) == (5, f"{tmp_path / 'config.yaml'}:4")


def test_faults_of_the_form_and_of_other_settings_are_told_at_once(tmp_path: Path) -> None:
    found = faults(tmp_path, f"language: fr\n{ALWAYS}  - x\n  - id: stage\n    ask: क\n")
    assert sorted((fault.line, fault.key) for fault in found) == [
        (1, "bad-value"),
        (5, "no-such-field"),
        (7, "field-is-built-in"),
    ]


def test_the_fields_in_the_example_that_are_not_in_use_can_be_used(tmp_path: Path) -> None:
    example = (shipped("faq").parent / "config.example.yaml").read_text("utf-8")
    asked = load_settings(written(tmp_path, example.replace("\n#  ", "\n  ")), {}).registration_fields
    assert [field.id for field in asked] == [*BUILT_IN, "village", "trade"]


WRITTEN = st.recursive(
    st.sampled_from(["", "name", "mobile", "stage", "x", "text", "choice", "yes", "summary", "गाँव", None]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.sampled_from(["id", "kind", "label", "ask", "optional", "options", "title", "hi", "en", "?"]),
            inner,
            max_size=6,
        ),
    ),
    max_leaves=20,
)


@given(WRITTEN)
@settings(max_examples=500, deadline=None, derandomize=True)
def test_whatever_is_written_there_gives_fields_with_name_and_mobile_or_faults(value: object) -> None:
    document = Document("config.yaml", value)
    ids = [field.id for field in read_fields(value, document, ("registration_fields",))]
    assert document.faults or ({"name", "mobile"} <= {*ids} and len(ids) == len({*ids}))
