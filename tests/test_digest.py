"""Canonical JSON by the standard library's encoder: the bytes of RFC 8785, whatever the document."""

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from app.digest import canonical_json, digest_json, digest_with_list

NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(TEXTS, inner),
)


@given(st.dictionaries(TEXTS, JSON))
@example({"a": 1.0, "b": -0.0, "c": 1e-5, "d": 1e21, "e": 9007199254740993.0, "f": [0.02, {"g": 2.0}]})
@example({"e": 9007199254740992.0})
@example({"e": 1e15})
@example({"e": 9.9e15, "f": 1e16})
@example({"e": 5e-324, "f": 1e-6, "g": 1e-7})
@example({"\ufb33": 1, "\U0001f600": 2, "€": 3, "1": '\x7f\u2028\x00\t/\\"'})
def test_bytes_are_those_of_the_standard(document: dict[str, object]) -> None:
    assert canonical_json(document) == rfc8785.dumps(document)


@pytest.mark.parametrize("wrong", [2**53, float("nan"), float("inf"), "\ud800", {1: 2}, {None: 1}, {1}, object()])
def test_what_the_standard_refuses_is_refused(wrong: object) -> None:
    with pytest.raises(rfc8785.CanonicalizationError):
        canonical_json({"a": [{"b": wrong}]})


def test_the_document_stays_as_it_is() -> None:
    inner = {"speed": 1.0, "list": [2.0, (3.0,)]}
    document = {"inner": inner}

    assert canonical_json(document) == b'{"inner":{"list":[2,[3]],"speed":1}}'
    assert type(inner["speed"]) is float
    assert inner["list"] == [2.0, (3.0,)]


@given(st.dictionaries(st.sampled_from("abmz"), JSON), st.lists(st.dictionaries(TEXTS, JSON)))
def test_a_list_taken_one_by_one_has_the_digest_of_the_whole(
    document: dict[str, object], items: list[dict[str, object]]
) -> None:
    assert digest_with_list(document, "items", iter(items)) == digest_json({**document, "items": items})
