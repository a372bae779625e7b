"""Voice table: one voice of an avatar, or one for each locale, as its file writes them; and which speaks a locale."""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, Literal

from pydantic import BaseModel
from pydantic_core import PydanticCustomError

ONE_VOICE: Final = "one-voice"
VOICE_PER_LOCALE: Final = "voice-per-locale"

_TAG: Final = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")
_KEYS: Final = frozenset({"speech", "id", "speed", "normalise"})


def voice_shape(value: Any) -> Literal["one-voice", "voice-per-locale"]:
    """Return whether this is one voice, or voices by locale; `id` is a key of a voice, and the tag of Indonesian."""
    if not isinstance(value, Mapping) or not value:
        return ONE_VOICE
    if any(isinstance(inner, Mapping | BaseModel) for inner in value.values()):
        return VOICE_PER_LOCALE
    tags = all(isinstance(key, str) and key not in _KEYS and _TAG.fullmatch(key) for key in value)
    return VOICE_PER_LOCALE if tags else ONE_VOICE


def checked_voices(value: Any) -> Any:
    """Return the voices as they are.

    Raises:
        PydanticCustomError: keys of a voice stand beside locales, or a locale stands there in two spellings.
    """
    if voice_shape(value) == ONE_VOICE:
        return value
    names = [key for key in value if isinstance(key, str)]
    loose = [key for key in names if key in _KEYS and not isinstance(value[key], Mapping | BaseModel)]
    if loose:
        locales = ", ".join(f"`{key}`" for key in names if key not in loose)
        raise PydanticCustomError(
            "voice_mixed", "One voice, or a voice for each locale", {"got": f"`{loose[0]}` beside {locales}"}
        )
    seen: dict[str, str] = {}
    for key in names:
        other = seen.setdefault(_plain(key), key)
        if other != key:
            raise PydanticCustomError("voice_twice", "Each locale once", {"got": f"`{other}` and `{key}`"})
    return value


def nearest_locale(locale: str, known: Iterable[str]) -> str | None:
    """Return the entry for a locale: its own tag, else the nearest one that it is a part of (RFC 4647, look-up).

    `de-AT` finds `de`, but `de` does not find `de-AT`. Case does not matter.
    """
    by_tag = {_plain(one): one for one in known}
    parts = _plain(locale).split("-")
    tags = ("-".join(parts[:end]) for end in range(len(parts), 0, -1))
    return next((by_tag[tag] for tag in tags if tag in by_tag), None)


def served_locale(wanted: str | None, known: Collection[str]) -> str | None:
    """Return which of a catalog's locales serves a visitor's tag: the same, else the first of its language.

    Other than in `nearest_locale`, `es` finds `es-MX`. Case does not matter. None if no locale has the language.
    """
    if wanted in known:
        return wanted  # as each question of a session brings it
    by_tag = {_plain(one): one for one in known}
    tag = _plain(wanted or "")
    related = (one for plain, one in by_tag.items() if plain.partition("-")[0] == tag.partition("-")[0])
    return by_tag.get(tag) or next(related, None)


def _plain(tag: str) -> str:
    return tag.lower().replace("_", "-")
