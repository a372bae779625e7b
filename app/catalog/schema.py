"""JSON Schemas of the catalog's files, generated from the models, for editors that complete and check."""

from typing import Any, Literal, get_args

from pydantic import BaseModel

from app.catalog.model import AvatarFile, CatalogFile, IntentFile, QuestionsFile

FileKind = Literal["catalog", "intent", "avatar", "tests"]

_FILES: dict[FileKind, tuple[type[BaseModel], str]] = {
    "catalog": (CatalogFile, "catalog.yaml"),
    "intent": (IntentFile, "<topic>/<id>.yaml"),
    "avatar": (AvatarFile, "avatars/<id>.yaml"),
    "tests": (QuestionsFile, "tests.yaml"),
}
FILE_KINDS: tuple[FileKind, ...] = get_args(FileKind)


def catalog_schema(kind: FileKind) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of one kind of file."""
    model, file = _FILES[kind]
    schema = model.model_json_schema(by_alias=True)
    _close_patterns(schema)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"Greenroom {file}"}
    if kind == "tests":
        return {**head, **_bare_list_too(schema), **head}
    return {**head, **schema, **head}


def _close_patterns(node: Any) -> None:
    """Refuse keys that fit no pattern, such as `EN` for a locale, as the loader does."""
    if isinstance(node, dict) and "patternProperties" in node:
        node["additionalProperties"] = False
    for one in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        _close_patterns(one)


def _bare_list_too(schema: dict[str, Any]) -> dict[str, Any]:
    definitions = schema.pop("$defs", {})
    listed = schema["properties"]["tests"]
    return {"$defs": definitions, "anyOf": [schema, {key: listed[key] for key in ("type", "items")}]}
