"""The reference pages as data, and the code's shapes as the rows that those pages must have."""

import json
import re
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from app.catalog.card import FIELD_NAME

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"

Row = tuple[str, str, str]
"""Field, type, and whether it must be there (or what it is unless given)."""

_NAMES = {
    "AvatarPart": "[avatar](#avatar)",
    "LoopsPart": "[loops](#loops)",
    "CaptionPart": "[caption](#caption)",
    "FormField": "[Form field](#form-field)",
    "PageCall": "[Call](#call)",
    "CardPart": "[card](#card)",
    "FormFieldPart": "[form field](#form-field)",
    "RenditionPart": "[rendition](#rendition)",
    "HandedLine": "[line](#line)",
    "FacePart": "[face](#face)",
    "ChoicePart": "[choice](#choice)",
    "ClipPart": "[clip](#clip)",
    "LimitsPart": "[limits](#limits)",
    "SpokenClipPart": "[spoken clip](#spoken-clip)",
    "Resume": "[resume](#resume)",
}
_PATTERNS = {r"^[a-z0-9]+(-[a-z0-9]+)*$": "id", r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$": "locale"}


def page(name: str) -> str:
    """A reference page's text."""
    return (REFERENCE / name).read_text()


def section(text: str, heading: str) -> str:
    """What stands under a heading, up to the next heading of any level."""
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#+ |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"expected the heading {heading!r}"
    return found[1]


def table(text: str) -> list[list[str]]:
    """The cells of every table row, head and rule left out."""
    rows = [line.strip().strip("|") for line in text.splitlines() if line.startswith("| `")]
    return [[cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", row)] for row in rows]


def first_cells(text: str) -> set[str]:
    """The code in the first cell of every table row."""
    return {row[0].strip("`") for row in table(text)}


def written_rows(text: str, heading: str) -> list[Row]:
    """Field, type and presence as a section's table gives them."""
    return [(row[0].strip("`"), row[1], row[2]) for row in table(section(text, heading))]


def given_rows(model: type[BaseModel], *, skip: tuple[str, ...] = ()) -> list[Row]:
    """Field, type and default (or `required`) of what others give us."""
    schema = model.model_json_schema(by_alias=True)
    needed = schema.get("required", ())
    return [
        (name, _type(node, schema.get("$defs", {})), "required" if name in needed else _default(node))
        for name, node in schema["properties"].items()
        if name not in skip
    ]


def sent_rows(model: type[BaseModel], *, skip: tuple[str, ...] = ()) -> list[Row]:
    """Field, type and presence of what we send: defaults are sent, too; only some empty fields are left out."""
    schema = model.model_json_schema(by_alias=True)
    left_out = {name for name, field in model.model_fields.items() if field.exclude_if}
    return [
        (
            name,
            _type(node, schema.get("$defs", {})) + (" or null" if _nullable(node) and name not in left_out else ""),
            "or absent" if name in left_out else "always",
        )
        for name, node in schema["properties"].items()
        if name not in skip
    ]


def _nullable(node: dict[str, Any]) -> bool:
    return any(option.get("type") == "null" for option in node.get("anyOf", ()))


def _default(node: dict[str, Any]) -> str:
    default = node.get("default")
    if isinstance(default, dict) or default in (None, [], ""):
        return "-"
    return f"`{json.dumps(default, ensure_ascii=False)}`"


def _type(node: dict[str, Any], defs: dict[str, Any]) -> str:
    if "$ref" in node:
        return _named(node["$ref"].rsplit("/", 1)[-1], defs)
    if "anyOf" in node or "oneOf" in node:
        return _either(node.get("anyOf") or node["oneOf"], defs)
    if "enum" in node or "const" in node:
        return ", ".join(f"`{value}`" for value in node.get("enum", [node.get("const")]))
    return _plain(node, defs)


def _plain(node: dict[str, Any], defs: dict[str, Any]) -> str:
    match node.get("type"):
        case "array":
            return f"list of {_type(node.get('items', {}), defs)}"
        case "object":
            return _mapping(node, defs)
        case "string":
            return _text(node)
        case kind:
            return f"{kind or 'anything'}{_range(node)}"


def _named(name: str, defs: dict[str, Any]) -> str:
    target = defs.get(name, {})
    if "enum" in target:
        return _type(target, defs)
    return _NAMES.get(name) or f"[{name}](#{name.lower()})"


def _either(options: list[dict[str, Any]], defs: dict[str, Any]) -> str:
    kinds = [_type(option, defs) for option in options if option.get("type") != "null"]
    if len(kinds) == 2 and "number" in kinds[0]:
        return kinds[0]  # a decimal: a number, or the same as text
    if len(kinds) == 2 and kinds[1] == f"list of {kinds[0]}":
        return f"{kinds[0]}, or a list"
    return " or ".join(kinds)


def _mapping(node: dict[str, Any], defs: dict[str, Any]) -> str:
    if "patternProperties" in node:
        pattern, inner = next(iter(node["patternProperties"].items()))
        return f"{_type(inner, defs)}, per {'name' if pattern == FIELD_NAME else 'locale'}"
    inner = node.get("additionalProperties")
    if isinstance(inner, dict):
        key = node.get("propertyNames")
        return f"{_type(inner, defs)}, per {'role' if key else 'name'}"
    return "mapping"


def _text(node: dict[str, Any]) -> str:
    if node.get("pattern") in _PATTERNS:
        return _PATTERNS[node["pattern"]]
    if "format" in node:
        return str(node["format"])
    return f"text to {node['maxLength']}" if "maxLength" in node else "text"


def _range(node: dict[str, Any]) -> str:
    low = node.get("minimum", node.get("exclusiveMinimum"))
    high = node.get("maximum", node.get("exclusiveMaximum"))
    if low is None:
        return ""
    return f" from {low:g}" + (f" to {high:g}" if high is not None else "")
