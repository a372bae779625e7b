"""API reference at `/docs`: routes, shapes, messages, close codes and errors on one page, made from the code."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.conversation.protocol.rules import CLOSE_RULES
from app.web.asyncapi import CLIENT_MESSAGES, SERVER_MESSAGES, message_name
from app.web.problems import STATUS

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """Parameter of a route, or field of a shape. `kind` is its type in words, `shapes` are those that it names."""

    name: str
    kind: str
    shapes: tuple[str, ...]
    required: bool
    text: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """Route with what it takes and gives; `body` and `answer` name shapes, `refusals` are statuses with reasons."""

    method: str
    path: str
    text: str
    parameters: tuple[Field, ...]
    body: str
    answer: str
    refusals: tuple[tuple[str, str], ...]

    @property
    def anchor(self) -> str:
        """Return the id of its place on the page."""
        return f"{self.method}{self.path}".lower().replace("/", "-").replace("{", "").replace("}", "")


def reference(openapi: Json) -> dict[str, Any]:
    """Return the values of the template `reference.html`."""
    groups: dict[str, list[Route]] = {}
    for path, operations in openapi["paths"].items():
        for method, operation in operations.items():
            groups.setdefault((operation.get("tags") or ["more"])[0], []).append(_route(method, path, operation))
    shapes = {name: tuple(_fields(schema)) for name, schema in openapi.get("components", {}).get("schemas", {}).items()}
    messages = [
        (f"WebSocket, {side}", [(message_name(cls), " ".join((cls.__doc__ or "").split())) for cls in classes])
        for side, classes in (("client to server", CLIENT_MESSAGES), ("server to client", SERVER_MESSAGES))
    ]
    closes = [(int(code), f"{rule.meaning}; the client: {rule.client}") for code, rule in CLOSE_RULES.items()]
    errors = [(code, f"{status.value} {status.phrase}") for code, status in STATUS.items()]
    tables = [*messages, ("Close codes", closes), ("Error codes", errors)]
    return {"groups": groups, "shapes": {name: rows for name, rows in shapes.items() if rows}, "tables": tables}


def _route(method: str, path: str, operation: Json) -> Route:
    responses = operation.get("responses", {})
    answer: Json = next((one for status, one in responses.items() if status.startswith("2")), {})
    refusals = sorted((status, str(one.get("description", ""))) for status, one in responses.items() if status >= "4")
    return Route(
        method=method.upper(),
        path=path,
        text=operation.get("description", ""),
        parameters=tuple(_parameter(one) for one in operation.get("parameters", ())),
        body=_shape_of(operation.get("requestBody", {})),
        answer=_shape_of(answer),
        refusals=tuple(refusals),
    )


def _parameter(one: Json) -> Field:
    kind, shapes = _kind(one.get("schema", {}))
    return Field(one["name"], kind, shapes, bool(one.get("required")), one.get("description", ""), one["in"])


def _shape_of(content: Json) -> str:
    """Return the name of the shape that a body or an answer has; empty if it has none of its own."""
    schemas = [one.get("schema", {}) for one in content.get("content", {}).values()]
    return next((_name(schema["$ref"]) for schema in schemas if "$ref" in schema), "")


def _fields(schema: Json) -> Iterator[Field]:
    required = schema.get("required", ())
    for name, inner in schema.get("properties", {}).items():
        kind, shapes = _kind(inner)
        yield Field(name, kind, shapes, name in required, inner.get("description", ""))


def _kind(schema: Json) -> tuple[str, tuple[str, ...]]:
    """Return a type in words, and the shapes that it names."""
    if "$ref" in schema:
        return _name(schema["$ref"]), (_name(schema["$ref"]),)
    if "enum" in schema:
        return ", ".join(f"“{one}”" for one in schema["enum"]), ()
    if parts := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
        found = [_kind(one) for one in parts]
        return " or ".join(dict.fromkeys(kind for kind, _ in found)), tuple(
            name for _, names in found for name in names
        )
    if schema.get("type") == "array":
        kind, shapes = _kind(schema.get("items", {}))
        return f"list of {kind}", shapes
    words = {"string": "text", "null": "nothing", "boolean": "yes or no", "integer": "whole number"}
    named = "“" + str(schema["const"]) + "”" if "const" in schema else str(schema.get("type", "anything"))
    return words.get(named, named), ()


def _name(ref: str) -> str:
    return ref.rpartition("/")[2]
