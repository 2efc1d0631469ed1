import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.strictyaml import MAX_BYTES, MAX_DEPTH, Document, parse, read


def parsed(text: str) -> Document:
    document = Document("a.yaml")
    parse(text, document)
    return document


def from_bytes(folder: Path, raw: bytes) -> Document:
    file = folder / "a.yaml"
    file.write_bytes(raw)
    return read(file)


def found(document: Document) -> list[tuple[str, int]]:
    return [(fault.key, fault.line) for fault in document.faults]


def keys(document: Document) -> list[str]:
    return [fault.key for fault in document.faults]


@pytest.mark.parametrize(
    "typed", ["no", "on", "yes", "true", "10:30", "012", "0x1F", "1e3", "1_000", "~", "null", "2024-07-10", "=", "<<"]
)
def test_a_scalar_is_the_text_that_was_typed(typed: str) -> None:
    document = parsed(f"a: {typed}\n{typed}: b\nc: [{typed}]\n")
    assert {"a": typed, typed: "b", "c": [typed]} == document.value
    assert found(document) == []


def test_a_value_left_out_is_an_empty_text() -> None:
    assert parsed("a:\nb: ''\n").value == {"a": "", "b": ""}


def test_every_value_has_its_line() -> None:
    document = parsed("a: x\nb:\n  - y\n  - c: z\n    d: |\n      long\n      text\n    e: w\n")
    where: list[tuple[str | int, ...]] = [("a",), ("b",), ("b", 0), ("b", 1), ("b", 1, "d"), ("b", 1, "e")]
    assert [document.line(one) for one in where] == [1, 2, 3, 4, 5, 8]


def test_a_value_that_is_not_there_has_the_line_of_what_would_hold_it() -> None:
    document = parsed("a: x\nb:\n  - y\n  - c: z\n")
    assert document.line(("b", 1, "missing", 3)) == 4
    assert document.line(("missing",)) == 1


def test_a_key_written_twice_is_a_fault_that_names_both_lines_and_keeps_the_first() -> None:
    document = parsed("a: x\nb: y\na: z\n")
    assert found(document) == [("key-twice", 3)]
    assert dict(document.faults[0].values) == {"field": "a", "first": 1}
    assert document.value == {"a": "x", "b": "y"}


def test_keys_written_twice_are_found_at_every_depth() -> None:
    assert found(parsed("- a: x\n  a: y\n- b:\n    c: x\n    c: y\n    c: z\n")) == [
        ("key-twice", 2),
        ("key-twice", 5),
        ("key-twice", 6),
    ]


@pytest.mark.parametrize("text", ["a: x\nb:\n\tc: y\n", "a: x\n\n\tb: y\n", "a:\n  - x\n\t- y\n", "a: |\n  x\n\ty\n"])
def test_a_tab_at_the_start_of_a_line_is_named_as_such(text: str) -> None:
    line = text[: text.index("\t")].count("\n") + 1
    assert [("tab", line)] == found(parsed(text))


def test_a_tab_within_a_sentence_is_harmless() -> None:
    assert parsed("a: x\ty\n").value == {"a": "x\ty"}


@pytest.mark.parametrize("quote", ['"', "'"])
@pytest.mark.parametrize("before", [0, 1, 7])
def test_an_unclosed_quote_names_the_line_where_it_was_opened(quote: str, before: int) -> None:
    lines = [f"a{number}: x" for number in range(before)] + [f"b: {quote}open", *(f"c{n}: y" for n in range(9))]
    assert [("yaml", before + 1)] == found(parsed("\n".join(lines)))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: x\nb: y: z\n", 2),
        ("a: x\n  b: y\n", 2),
        ("a: x\nb: @office\n", 2),
        ("a: x\nb: `y`\n", 2),
        ("a: x\nb: %y\n", 2),
        ("a: x\nb: [y\nc: z\n", 3),
        ('a: x\nb: "\\q"\n', 2),
        ("%YAML 9.9\n---\na: x\n", 1),
    ],
)
def test_a_slip_in_the_writing_names_its_line_and_what_is_wrong(text: str, line: int) -> None:
    document = parsed(text)
    assert [("yaml", line)] == found(document)
    assert document.faults[0].values["reason"]
    assert document.value is None


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a: &x text\nb: *x\n", [1, 2]),
        ("a: x\nb: *nowhere\n", [2]),
        ("a: &x [b, *x]\n", [1, 1]),
        ("a: &b text\n", [1]),
    ],
)
def test_every_anchor_and_every_use_of_one_is_a_fault(text: str, lines: list[int]) -> None:
    assert [("anchor", line) for line in lines] == found(parsed(text))


@pytest.mark.parametrize("text", ["&b a: text\n", "&b a: *b\n", "!wah a: text\n"])
def test_a_key_has_no_anchor_and_no_tag(text: str) -> None:
    assert "key-not-text" in keys(parsed(text))


@pytest.mark.parametrize("text", ["a: !!python/object:os.system {}\n", "a: !!int 5\n", "a: !wah text\n"])
def test_a_tag_is_a_fault(text: str) -> None:
    assert keys(parsed(text)) == ["tag"]


def test_a_second_document_is_a_fault() -> None:
    assert found(parsed("a: x\n---\nb: y\n")) == [("second-document", 2)]


def test_an_alias_bomb_is_refused_without_being_expanded() -> None:
    names = [f"n{number}" for number in range(60)]
    lines = [f"{names[0]}: &{names[0]} [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]" for before, name in pairwise(names)]
    document = parsed("\n".join(lines))
    assert {"anchor"} == set(keys(document))
    assert len(document.faults) <= 11 * len(names)


@pytest.mark.parametrize("opening", ["[", "- ", "{a: "])
def test_nesting_of_any_depth_is_a_fault(opening: str) -> None:
    code = """
import sys
from bot.strictyaml import Document, parse

document = Document("a")
parse(sys.stdin.read(), document)
print(document.faults[0].key)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], input=opening * 100_000, text=True, capture_output=True, check=False
    )
    assert done.returncode == 0
    assert done.stdout.strip() in {"too-deep", "yaml"}


@pytest.mark.parametrize(("text", "line"), [("a: x\x07y\n", 1), ("a: x\nb: नमस्ते नमस्ते नमस्ते\nc: \x07\nd: x\ne: y\n", 3)])
def test_a_control_character_is_named_as_such_with_its_line(text: str, line: int) -> None:
    assert found(parsed(text)) == [("control-characters", line)]


def test_an_unclosed_quote_among_quoted_lines_is_named_where_it_was_opened() -> None:
    text = 'q:\n  - "one\n  - two\n  - three\n  - "four"\n  - five\n'
    assert found(parsed(text)) == [("yaml", 2)]


def test_a_tag_never_makes_an_object_or_runs_anything(tmp_path: Path) -> None:
    touched = tmp_path / "touched"
    document = parsed(
        f"a: !!python/object/apply:pathlib.Path.touch [{touched}]\nb: !!python/object:bot.config.Settings {{}}\n"
        "c: !!python/name:os.system ''\nd: !!int '5'\ne: !!timestamp 2024-01-01\n"
    )
    assert not touched.exists()
    assert_only_texts(document.value)


def assert_only_texts(value: object) -> None:
    assert value is None or type(value) in (dict, list, str)
    if isinstance(value, dict):
        for key, inner in value.items():
            assert type(key) is str
            assert_only_texts(inner)
    elif isinstance(value, list):
        for inner in value:
            assert_only_texts(inner)


@pytest.mark.parametrize("depth", [MAX_DEPTH + 2, 400, 3_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ("- ", ""), ("{a: ", "}")])
def test_deep_nesting_is_one_fault(depth: int, opening: str, closing: str) -> None:
    document = parsed(opening * depth + "x" + closing * depth)
    assert found(document) == [("too-deep", 1)]
    assert dict(document.faults[0].values) == {"limit": MAX_DEPTH}


def test_nesting_up_to_the_limit_is_taken() -> None:
    document = parsed("[" * MAX_DEPTH + "x" + "]" * MAX_DEPTH)
    assert found(document) == []


def test_too_deep_nesting_names_the_line_on_which_it_gets_too_deep() -> None:
    text = "".join(f"{' ' * depth}a:\n" for depth in range(MAX_DEPTH + 5))
    assert found(parsed(text)) == [("too-deep", MAX_DEPTH + 2)]


@pytest.mark.parametrize("char", ["\x00", "\x07", "\x1b", "\x7f", "\ufffe", "\ud800"])
def test_a_control_character_is_a_fault(char: str) -> None:
    document = parsed(f"a: x{char}y\n")
    assert len(document.faults) == 1
    assert document.value is None


@pytest.mark.parametrize("key", ["? [a, b]\n: c\n", "? {a: b}\n: c\n"])
def test_a_key_that_is_no_text_is_a_fault_and_the_rest_is_read(key: str) -> None:
    document = parsed("x: y\n" + key + "d: e\n")
    assert found(document) == [("key-not-text", 2)]
    assert document.value == {"x": "y", "d": "e"}


@pytest.mark.parametrize(("before", "line"), [(b"", 1), (b"a: x\n", 2), ("क: ख\r\n".encode() * 5, 6)])
@pytest.mark.parametrize("bad", [b"\xff", b"\xc3", b"\xed\xa0\x80", "é".encode("latin-1"), "क".encode("utf-16")])
def test_bytes_that_are_not_utf8_name_their_line(tmp_path: Path, before: bytes, line: int, bad: bytes) -> None:
    document = from_bytes(tmp_path, before + b"b: " + bad + b"\nc: z\n")
    assert [("not-utf8", line)] == found(document)
    assert document.value is None


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    assert from_bytes(tmp_path, "\ufeffनाम: x\n".encode()).value == {"नाम": "x"}


def test_windows_line_ends_change_neither_values_nor_lines(tmp_path: Path) -> None:
    text = "a: x\nb:\n  - y\n  - |\n    one\n    two\na: z\n"
    unix = from_bytes(tmp_path, text.encode())
    windows = from_bytes(tmp_path, text.replace("\n", "\r\n").encode())
    assert unix.value == windows.value
    assert unix.lines == windows.lines
    assert found(windows) == found(unix) == [("key-twice", 7)]


@pytest.mark.parametrize("raw", [b"", b"\n\n", b"# only a note\n", b"\xef\xbb\xbf", b"   \r\n"])
def test_a_file_with_nothing_in_it_is_a_fault(tmp_path: Path, raw: bytes) -> None:
    document = from_bytes(tmp_path, raw)
    assert keys(document) == ["empty-file"]
    assert document.value is None


def test_a_file_of_just_the_allowed_size_is_read(tmp_path: Path) -> None:
    start = b"a: x\n#"
    document = from_bytes(tmp_path, start + b"-" * (MAX_BYTES - len(start)))
    assert document.value == {"a": "x"}


def test_a_file_over_the_allowed_size_is_refused_with_its_size(tmp_path: Path) -> None:
    document = from_bytes(tmp_path, b"#" * 2_345_678)
    assert keys(document) == ["too-big"]
    assert dict(document.faults[0].values) == {"megabytes": 2.3, "limit": 2}


def test_a_sparse_file_of_a_hundred_megabytes_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "big.yaml"
    with file.open("wb") as stream:
        stream.truncate(100_000_000)
    document = read(file)
    assert keys(document) == ["too-big"]
    assert document.faults[0].values["megabytes"] == 100.0


@pytest.mark.parametrize("name", ["missing.yaml", "folder.yaml", "file.yaml/below.yaml", "x" * 300])
def test_what_cannot_be_opened_is_a_fault_with_the_reason(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "file.yaml").touch()
    document = read(tmp_path / name)
    assert keys(document) == ["unreadable"]
    assert document.faults[0].values["reason"]


def test_a_file_is_named_as_the_caller_wishes(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    assert read(file, "faq/a.yaml").faults[0].path == "faq/a.yaml"
    assert read(file).faults[0].path == str(file)


_YAMLISH = st.lists(
    st.sampled_from([*"abc कख:-\n\t\"'[]{}#&*!|>%@`,?~<=0\r\\", "\n  - ", ": ", "&a ", "*a", "!!x ", "---\n", "\x85"]),
    max_size=60,
).map("".join)


@settings(max_examples=700, deadline=None, derandomize=True)
@given(st.text(max_size=80) | _YAMLISH)
def test_no_text_whatever_raises_or_goes_without_value_and_fault(text: str) -> None:
    document = parsed(text)
    assert_only_texts(document.value)
    assert document.value is not None or document.faults
    assert all(line >= 1 for line in document.lines.values())


@settings(max_examples=150, deadline=None, derandomize=True)
@given(raw=st.binary(max_size=60))
def test_no_bytes_whatever_raise(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    document = from_bytes(tmp_path_factory.getbasetemp(), raw)
    assert document.value is not None or document.faults


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.dictionaries(st.text("abcकखग ", min_size=1), st.lists(st.text("a:#'\"-!&*क \t\\[]{}", max_size=20)), min_size=1)
)
def test_what_is_quoted_comes_back_as_it_was_typed(wanted: dict[str, list[str]]) -> None:
    def quoted(text: str) -> str:
        return "'" + text.replace("'", "''") + "'"

    text = "".join(f"? {quoted(key)}\n: [{', '.join(map(quoted, values))}]\n" for key, values in wanted.items())
    assert wanted == parsed(text).value


@pytest.mark.parametrize("text", ["a:\n  - one\n   - two\n", "a: one\n  two\n"])
def test_a_text_that_runs_on_into_the_next_line_is_a_fault(text: str) -> None:
    assert "many-lines" in keys(parsed(text))


@pytest.mark.parametrize("text", ["a:\n  - form #4 bhara\n", "a: one #two\n"])
def test_words_behind_a_hash_are_not_lost_unseen(text: str) -> None:
    assert keys(parsed(text)) == ["hash"]


@pytest.mark.parametrize("text", ["# note\na: one\n# note\n", 'a: "one #two"\n', "a: C#4\n", "a: |\n  one\n  #two\n"])
def test_a_hash_that_loses_nothing_is_no_fault(text: str) -> None:
    assert keys(parsed(text)) == []
