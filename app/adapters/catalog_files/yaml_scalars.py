"""Plain scalars of YAML 1.2's core schema: text, numbers, booleans, nothing."""

import re

_EMPTY = ("", "~", "null", "Null", "NULL")
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?[0-9]{1,15}|0o[0-7]{1,15}|0x[0-9a-fA-F]{1,12}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?")


def resolve(plain: str) -> str | int | float | bool | None:
    """Return the value of an unquoted scalar in YAML 1.2's core schema.

    Numbers too long to be exact stay text.
    """
    if plain in _EMPTY:
        return None
    if plain in _BOOLEANS:
        return _BOOLEANS[plain]
    if _INTEGER.fullmatch(plain):
        return int(plain, 0) if plain.startswith(("0o", "0x")) else int(plain)
    return float(plain) if len(plain) <= 32 and _FLOAT.fullmatch(plain) else plain
