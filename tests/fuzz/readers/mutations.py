"""Small damage to good input: what a broken sender, a cut line or a hostile hand makes of it."""

import random
from collections.abc import Sequence
from typing import Any

_PIECES = (
    *(b"\x00", b"\xff\xfe", b"\xc3", b"\xed\xa0\x80", b"\\ud800", b"\\u0000", b"\r\n", b'"', b"'", b"{", b"[", b"]}"),
    *(b"9" * 30, b"9" * 5000, b"-1", b"1e999", b"NaN", b"null", b"true", b": ", b"- ", b"&a ", b"*a", b"!!x ", b"|\n"),
    *(b"../", b"\xe2\x80\xae", b"{{ facts.x }}", b"<!--", b"\t", b"x" * 300, b"[" * 200, b"\xf0\x9f\x91\xa9"),
)

_VALUES = (
    None,
    True,
    0,
    -1,
    10**30,
    1.5,
    float("inf"),
    "",
    "\x00",
    "\ud800",
    "x" * 1000,
    "é",
    [],
    {},
    [[]],
    {"": None},
)


def altered(document: Any, chance: random.Random) -> Any:
    """A document of the same kind with some of its values, names and parts replaced, gone or doubled."""
    if chance.random() < 0.1:
        return chance.choice(_VALUES)
    if isinstance(document, dict):
        kept = [(name, altered(value, chance)) for name, value in document.items() if chance.random() > 0.05]
        return dict(kept) if chance.random() > 0.05 else {str(chance.choice(_VALUES)): dict(kept)}
    if isinstance(document, list):
        return [altered(value, chance) for value in document for _ in range(chance.choice((0, 1, 1, 1, 1, 2)))]
    return document


def damaged(content: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    """One to four changes: a byte, a piece cut out, doubled, put in, or taken from another input."""
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(content) + 1)
        end = min(len(content), at + chance.choice((1, 2, 8, 64, 1024)))
        match chance.randrange(7):
            case 0:
                content = content[:at] + bytes([chance.randrange(256)]) + content[at + 1 :]
            case 1:
                content = content[:at] + content[end:]
            case 2:
                content = content[:end] + content[at:]
            case 3 | 4:
                content = content[:at] + chance.choice(_PIECES) + content[at:]
            case 5:
                other = chance.choice(others)
                start = chance.randrange(len(other) + 1)
                content = content[:at] + other[start : start + 256] + content[at:]
            case _:
                content = content[:at]
    return content
