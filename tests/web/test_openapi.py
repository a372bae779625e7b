"""What the OpenAPI document promises: problems, keys and numbers of every operation."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.web.app import create_app
from app.web.deps import MAX_NUMBER
from tests.support.fake_web import FakeContainer

MEDIA = "application/problem+json"
PROBES = {"/livez", "/readyz", "/metrics"}


@pytest.fixture(scope="module")
def document():
    return create_app(FakeContainer()).openapi()


def operations(document) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method} {path}", operation


def whole_numbers(schema: Any, document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every schema of a whole number that a schema leads to."""
    if isinstance(schema, list):
        for one in schema:
            yield from whole_numbers(one, document)
    if not isinstance(schema, dict):
        return
    if "$ref" in schema:
        yield from whole_numbers(document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], document)
    if schema.get("type") == "integer":
        yield schema
    for key, value in schema.items():
        if key != "$ref":
            yield from whole_numbers(value, document)


def test_every_refusal_is_a_problem(document):
    refusals = [
        (name, status, answer["content"])
        for name, operation in operations(document)
        for status, answer in operation["responses"].items()
        if status >= "400" and name != "get /readyz"
    ]

    assert len(refusals) > 300
    assert [row for row in refusals if set(row[2]) != {MEDIA}] == []
    assert document["components"]["schemas"]["Problem"]["required"] == ["title", "status", "detail", "code"]


def test_what_needs_a_key_says_how_it_is_shown_and_refused(document):
    keyed = [operation for _, operation in operations(document) if "x-role" in operation]

    assert len(keyed) > 50
    for operation in keyed:
        assert operation["security"] == [{"key": []}]
        assert {"401", "403", "404", "422", "429", "503"} <= set(operation["responses"])
    assert document["components"]["securitySchemes"]["key"] == {"type": "apiKey", "in": "header", "name": "X-API-Key"}


def test_no_operation_but_the_probes_is_without_its_refusals(document):
    bare = [name for name, one in operations(document) if "429" not in one["responses"]]

    assert {name.split()[1] for name in bare} == PROBES


def test_every_whole_number_that_comes_in_has_a_largest_value(document):
    incoming = [
        (name, number)
        for name, operation in operations(document)
        for part in (operation.get("parameters", []), operation.get("requestBody", {}))
        for number in whole_numbers(part, document)
    ]

    assert len(incoming) > 15
    assert [row for row in incoming if row[1].get("maximum", MAX_NUMBER + 1) > MAX_NUMBER] == []


def test_the_document_is_made_once(document):
    app = create_app(FakeContainer())

    assert app.openapi() is app.openapi()
