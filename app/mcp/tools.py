"""Tools made of an OpenAPI document: one for each route of an author, with the route's own words and fields."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

from app.errors import ProtocolError
from app.runtime.settings.api_keys import KeyRole

_ROLES: Final = (KeyRole.VIEWER, KeyRole.AUTHOR, KeyRole.PUBLISHER)
"""Roles whose routes become tools. An operator's routes move money and stay with people."""

_READS: Final = {"post /v1/match"}
_FINAL_WORDS: Final = ("publish", "use", "drop", "releases")
"""Last words of paths that change what visitors get, or throw something away."""


@dataclass(frozen=True, slots=True)
class RouteTool:
    """Tool of one route: name, words, JSON Schema of its arguments, and where each argument goes."""

    name: str
    method: str
    path: str
    role: KeyRole
    description: str
    schema: Mapping[str, Any]
    in_path: frozenset[str]
    in_query: frozenset[str]

    @property
    def reads(self) -> bool:
        """Return whether a call changes nothing."""
        return self.method == "get" or f"{self.method} {self.path}" in _READS

    @property
    def destroys(self) -> bool:
        """Return whether an agent should ask its person first."""
        return not self.reads and self.path.rpartition("/")[2] in _FINAL_WORDS

    def address(self, arguments: Mapping[str, Any]) -> str:
        """Return the path and query of a call.

        Raises:
            ProtocolError: an argument of the path is missing.
        """
        missing = self.in_path - arguments.keys()
        if missing:
            raise ProtocolError(f"Expected {_listed(missing)} for `{self.name}`, got none; name what it is about.")
        path = self.path
        for name in self.in_path:
            path = path.replace(f"{{{name}}}", quote(str(arguments[name]), safe=""))
        query = {name: arguments[name] for name in sorted(self.in_query & arguments.keys())}
        asked = urlencode({name: value for name, value in query.items() if value is not None}, doseq=True)
        return f"{path}?{asked}" if asked else path

    def body(self, arguments: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the arguments that belong into the body; None for a route without one."""
        if self.method == "get":
            return None
        return {name: value for name, value in arguments.items() if name not in self.in_path | self.in_query}


def tools_of(document: Mapping[str, Any], *, role: KeyRole) -> tuple[RouteTool, ...]:
    """Return the tools that a key of this role may call, in the order of the document."""
    return tuple(tool for tool in _all_tools(document) if role.may(tool.role))


def _all_tools(document: Mapping[str, Any]) -> Iterator[RouteTool]:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            needed = operation.get("x-role")
            if needed in _ROLES and not _sends_a_file(operation):
                yield _tool(document, method, path, operation)


def _tool(document: Mapping[str, Any], method: str, path: str, operation: Mapping[str, Any]) -> RouteTool:
    parameters = [one for one in operation.get("parameters", ()) if one["in"] in {"path", "query"}]
    properties = {one["name"]: _property(one) for one in parameters}
    required = [one["name"] for one in parameters if one.get("required")]
    body = _body_schema(document, operation)
    properties |= body.get("properties", {})
    required += body.get("required", ())
    schema = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    definitions = document.get("components", {}).get("schemas", {})
    used = _used(schema, definitions)
    if used:
        schema["$defs"] = {name: definitions[name] for name in sorted(used)}
    return RouteTool(
        name=_name(operation["operationId"], path, method),
        method=method,
        path=path,
        role=KeyRole(operation["x-role"]),
        description=f"{operation.get('description', '').strip()} ({method.upper()} {path}, role {operation['x-role']})",
        schema=_with_local_references(schema),
        in_path=frozenset(one["name"] for one in parameters if one["in"] == "path"),
        in_query=frozenset(one["name"] for one in parameters if one["in"] == "query"),
    )


def _name(operation_id: str, path: str, method: str) -> str:
    """Return the route function's own name: FastAPI's ids are that name, the path and the method."""
    ending = f"{path}_{method}".replace("/", "_").replace("{", "_").replace("}", "_")
    plain = "".join(letter if letter.isalnum() else "_" for letter in ending)
    return operation_id.removesuffix(plain).rstrip("_")


def _property(parameter: Mapping[str, Any]) -> dict[str, Any]:
    schema = dict(parameter.get("schema", {}))
    if parameter.get("description"):
        schema["description"] = parameter["description"]
    return schema


def _sends_a_file(operation: Mapping[str, Any]) -> bool:
    """Return whether a route takes or gives bytes instead of JSON: a tool has no place for them."""
    asked = operation.get("requestBody", {}).get("content", {})
    answers = operation["responses"].items()
    given: Mapping[str, Any] = next((answer.get("content", {}) for code, answer in answers if code[0] == "2"), {})
    return bool(asked and "application/json" not in asked) or bool(given and "application/json" not in given)


def _body_schema(document: Mapping[str, Any], operation: Mapping[str, Any]) -> Mapping[str, Any]:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    schema: Mapping[str, Any] = content.get("schema", {})
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    found: Mapping[str, Any] = document["components"]["schemas"][name] if name else schema
    return found


def _used(value: Any, definitions: Mapping[str, Any], seen: frozenset[str] = frozenset()) -> frozenset[str]:
    """Return the names of all definitions that a schema leads to."""
    if isinstance(value, Mapping):
        reference = str(value.get("$ref", ""))
        name = reference.rpartition("/")[2]
        if name and name not in seen:
            seen = _used(definitions[name], definitions, seen | {name})
        for inner in value.values():
            seen = _used(inner, definitions, seen)
    elif isinstance(value, list):
        for inner in value:
            seen = _used(inner, definitions, seen)
    return seen


def _with_local_references(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            key: f"#/$defs/{inner.rpartition('/')[2]}" if key == "$ref" else _with_local_references(inner)
            for key, inner in value.items()
        }
    return [_with_local_references(inner) for inner in value] if isinstance(value, list) else value


def _listed(names: frozenset[str]) -> str:
    return " and ".join(f"`{name}`" for name in sorted(names))
