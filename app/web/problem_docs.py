"""Problems in the OpenAPI document: which refusals a route may answer with, and the one form that all of them have."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from app.web.problems import Problem

_MEDIA = "application/problem+json"
_NAME = "Problem"
_REF = {"schema": {"$ref": f"#/components/schemas/{_NAME}"}}

_ANY = {
    HTTPStatus.BAD_REQUEST: "The request cannot be read.",
    HTTPStatus.FORBIDDEN: "The host or the page is not allowed, or the key's role is too low.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many from one address; `Retry-After` says how long to wait.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Something that it needs is not there now; try again.",
}
_KEYED = {
    HTTPStatus.UNAUTHORIZED: "There is no key, or an unknown one.",
    HTTPStatus.NOT_FOUND: "What it names does not exist.",
    HTTPStatus.CONFLICT: "Its state does not allow this, or others changed it meanwhile.",
}
_VISITOR = {
    HTTPStatus.UNAUTHORIZED: "The token is not the right one.",
    HTTPStatus.NOT_FOUND: "What it names does not exist, or is switched off.",
}
_BODY = {HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is too large."}
_CHANGE = {
    HTTPStatus.PAYMENT_REQUIRED: "It would cost more than the budget leaves.",
    HTTPStatus.BAD_GATEWAY: "A provider refused, or what it sent cannot be used.",
    HTTPStatus.INSUFFICIENT_STORAGE: "The store's disk is full.",
}
_INVALID = {HTTPStatus.UNPROCESSABLE_ENTITY: "A value is not valid; `errors` names each."}

_PROBES = frozenset({"/livez", "/readyz", "/metrics"})
"""Routes for machines of the site: no parameters, no visitors, no problems of their own but that of the host."""


def describe_problems(document: dict[str, Any]) -> dict[str, Any]:
    """Add to each operation of an OpenAPI document the problems that it may answer with.

    Roles must be described before: what a key opens has refusals of its own.
    """
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas[_NAME] = Problem.model_json_schema()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            answers = operation["responses"]
            for status, text in _problems(path, method, operation):
                known = answers.get(str(status.value))
                if known and status is not HTTPStatus.UNPROCESSABLE_ENTITY:
                    continue
                answers[str(status.value)] = {"description": text, "content": {_MEDIA: _REF}}
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)  # the framework's own form of a 422, which no route answers with
    return document


def _problems(path: str, method: str, operation: Mapping[str, Any]) -> Iterator[tuple[HTTPStatus, str]]:
    if path in _PROBES:
        yield HTTPStatus.FORBIDDEN, _ANY[HTTPStatus.FORBIDDEN]
        return
    keyed, changes = "security" in operation, method not in {"get", "head"}
    yield from _ANY.items()
    yield from (_KEYED if keyed else _VISITOR).items()
    yield from _INVALID.items()
    if changes:
        yield from _BODY.items()
    if keyed and changes:
        yield from _CHANGE.items()
