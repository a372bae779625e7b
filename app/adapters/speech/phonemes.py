"""Phonemes of a catalog for speech services: SSML's `phoneme` tag, and times without the tags."""

import re
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import quoteattr

_MARKED = re.compile(r"\[([^\]]+)\]\(/([^/]+)/\)")
_TIMES = ("character_start_times_seconds", "character_end_times_seconds")


def phoneme_tags(text: str) -> str:
    """Return the text with `<phoneme alphabet="ipa" ph="...">word</phoneme>` in place of `[word](/phonemes/)`."""
    return _MARKED.sub(lambda match: f'<phoneme alphabet="ipa" ph={quoteattr(match[2])}>{match[1]}</phoneme>', text)


def untagged(alignment: Mapping[str, Any]) -> dict[str, Any]:
    """Return an alignment without the characters of tags, which are never heard."""
    characters, inside, kept = alignment.get("characters") or [], False, []
    for at, character in enumerate(characters):
        inside = inside or character == "<"
        if not inside:
            kept.append(at)
        inside = inside and character != ">"
    times = {name: alignment.get(name) or [] for name in _TIMES}
    if any(len(listed) != len(characters) for listed in times.values()):
        return dict(alignment)
    return {"characters": [characters[at] for at in kept]} | {
        name: [listed[at] for at in kept] for name, listed in times.items()
    }
