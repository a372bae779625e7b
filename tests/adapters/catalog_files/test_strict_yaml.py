import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.catalog_files.strict_yaml import MAX_BYTES, parse, resolve
from app.adapters.catalog_files.yaml_problems import MAX_DEPTH

ALIAS_BOMB = b"a: &a [x, x, x]\nb: &b [*a, *a, *a]\nc: &c [*b, *b, *b]\nd: [*c, *c, *c]\n"

REFUSED = {
    "alias bomb": (ALIAS_BOMB, "yaml-alias", 1),
    "alias": (b"a: b\nc: *x\n", "yaml-alias", 2),
    "duplicate key": (b"a: 1\nb:\n  c: 1\n  c: 2\n", "yaml-duplicate-key", 4),
    "tag": (b"a: b\nc: !!python/object:os.system x\n", "yaml-tag", 2),
    "non-specific tag": (b"a: ! b\n", "yaml-tag", 1),
    "depth": (b"[" * 5000, "yaml-depth", 1),
    "nesting of 5 MB": (b"[" * 5_000_000, "file-too-large", 0),
    "many tiny values": (b"- a\n" * 200_000, "file-too-large", 50_000),
    "tab": (b"a:\n\tb: c\n", "yaml-tab", 2),
    "not utf-8": (b"a: b\nc: caf\xe9\n", "not-utf8", 2),
    "utf-16": ("a: b\n".encode("utf-16"), "not-utf8", 1),
    "two documents": (b"--- \na: b\n---\nc: d\n", "yaml-documents", 3),
    "colon in text": (b"a: b: c\n", "yaml-colon", 1),
    "open quote": (b"a: 'b\n", "yaml-quote", 1),
    "at sign": (b"a:\n  - @home\n", "yaml-mark", 2),
    "braces": (b"a: {{ facts.x }}\n", "yaml-key", 1),
    "control character": (b'a: b\nc: "\\0"\n', "yaml-control", 2),
    "raw control character": (b"a: b\nc: \x01\n", "yaml-control", 2),
}


@pytest.mark.parametrize(("content", "rule", "line"), REFUSED.values(), ids=REFUSED.keys())
def test_refuses_with_one_problem_and_its_line(content: bytes, rule: str, line: int):
    started = time.process_time()
    document = parse(content)
    elapsed_s = time.process_time() - started

    assert [(problem.rule, problem.line) for problem in document.problems] == [(rule, line)]
    assert document.problems[0].message.startswith("Expected ")
    assert elapsed_s < 15  # of processor; what it guards against takes hours


def test_names_every_duplicate_key_and_the_first_line():
    document = parse(b"a: 1\na: 2\nb: 3\nb: 4\n")

    assert [problem.line for problem in document.problems] == [2, 4]
    assert "first on line 1" in document.problems[0].message


@pytest.mark.parametrize(
    "text", ["yes", "no", "on", "off", "Yes", "NO", "y", "n", "2026-01-01", "12:30", "1_000", "0b1"]
)
def test_leaves_yaml_1_1_specials_as_text(text: str):
    assert parse(f"a: {text}\n".encode()).data == {"a": text}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("False", False),
        ("~", None),
        ("", None),
        ("12", 12),
        ("-3", -3),
        ("012", 12),
        ("0o14", 12),
        ("0x1F", 31),
        ("12.50", 12.5),
        ("1e3", 1000.0),
        ("9" * 400, "9" * 400),
        ("1e999", float("inf")),
        (".nan", ".nan"),
    ],
)
def test_resolves_scalars_of_the_core_schema(text: str, value: object):
    assert resolve(text) == value
    assert type(resolve(text)) is type(value)


def test_quoted_scalars_and_keys_stay_text():
    assert parse(b'"1": "true"\nno: \'12\'\n').data == {"1": "true", "no": "12"}


def test_knows_the_line_of_every_key_and_item():
    document = parse(b"# a comment\na:\n  - x\n  - y: 1\n    z: 2\nb: [p,\n  q]\n")

    assert document.lines == {
        ("a",): 2,
        ("a", 0): 3,
        ("a", 1): 4,
        ("a", 1, "y"): 4,
        ("a", 1, "z"): 5,
        ("b",): 6,
        ("b", 0): 6,
        ("b", 1): 7,
    }


def test_keeps_numbers_as_they_are_written():
    assert parse(b"price: 12.50\nphone: 0123\nname: x\n").written == {("price",): "12.50", ("phone",): "0123"}


def test_takes_a_byte_order_mark_and_windows_lines():
    assert parse(b"\xef\xbb\xbfa: b\r\nc: d\r\n").data == {"a": "b", "c": "d"}


@pytest.mark.parametrize("content", [b"", b"\n\n", b"# only a comment\n", b"---\n"])
def test_a_blank_file_has_no_data_and_no_problem(content: bytes):
    document = parse(content)

    assert document.data is None
    assert document.problems == ()


def test_takes_the_deepest_and_largest_allowed():
    deep = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH
    large = b"a: " + b"x" * (MAX_BYTES - 3)

    assert parse(deep).problems == ()
    assert parse(large).problems == ()
    assert parse(b"[" + deep + b"]").problems[0].rule == "yaml-depth"
    assert parse(large + b"x").problems[0].rule == "file-too-large"


@given(st.one_of(st.binary(max_size=300), st.text("ab: -[]{},\n\t&*!'\"#|>%@?~<=\\0", max_size=120).map(str.encode)))
def test_any_bytes_give_data_or_problems(content: bytes):
    document = parse(content)

    assert all(problem.message and problem.line >= 0 for problem in document.problems)
