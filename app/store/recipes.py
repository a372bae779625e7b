"""Recipes: everything that influences the sound or the pixels of one clip, and the key made from it."""

import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from app.catalog.spoken.form import SpokenForm
from app.digest import Digest, canonical_json, digest_json
from app.errors import StoreError

SCHEMA = 1
"""Version of the documents below. A new number is a new key space; old entries stay valid under theirs."""

POST_VERSION = 1
"""Version of the steps between render and store. Raise it when the same render gives other bytes."""

_LARGEST_INTEGER = 2**53 - 1
"""Largest exact integer of RFC 8785, whose numbers are IEEE doubles.

Beyond it two integers would share a key.
"""

_SPEECH_WORDS = frozenset({"text", "spoken", "voice", "speed", "locale"})
"""Fields of a speech recipe that authors know by their bare name; the others are named `speech.<field>`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechRecipe:
    """Recipe of a speech: words in a voice.

    `version` is the speech provider's; `speed` is a factor, 1 being the voice's own pace. `form` is given where
    the text is read otherwise than it is written; without one the document, and the key, are those of the text.
    """

    provider: str
    version: str
    voice: str
    speed: float
    locale: str
    text: str
    form: SpokenForm | None = None

    @property
    def spoken(self) -> str:
        """Words that the voice is given."""
        return self.form.spoken if self.form else self.text

    def document(self) -> dict[str, Any]:
        """Return the JSON document whose digest is the key."""
        return {
            "kind": "speech",
            "schema": SCHEMA,
            "provider": self.provider,
            "version": self.version,
            "voice": self.voice,
            "speed": decimal_text(self.speed),
            "locale": self.locale,
            "text": spoken_text(self.text),
        } | ({"spoken": self.form.spoken} if self.form else {})

    @property
    def key(self) -> Digest:
        """Return the digest of the document."""
        return digest_json(self.document())


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipRecipe:
    """Recipe of a clip.

    The portrait either speaks (`speech` is the key of its sound) or idles for `idle_s` seconds. `background` is in the
    key only where a transparent portrait has one, so that all other clips keep theirs.

    Raises:
        StoreError: both or neither of `speech` and `idle_s`, or parameters that are not JSON.
    """

    portrait: Digest
    renderer: str
    renderer_version: str
    model: str
    width: int
    height: int
    fps: int
    speech: Digest | None = None
    idle_s: float | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    background: str | None = None
    post: int = POST_VERSION

    def __post_init__(self) -> None:
        """Refuse a clip that would neither speak nor idle, or do both."""
        if (self.speech is None) == (self.idle_s is None):
            got = f"speech={self.speech!r}, idle_s={self.idle_s!r}"
            raise StoreError(f"Expected either `speech` or `idle_s` in a clip recipe, got {got}; give exactly one.")

    def document(self) -> dict[str, Any]:
        """Return the JSON document whose digest is the key."""
        return {
            "kind": "clip",
            "schema": SCHEMA,
            "portrait": Digest(self.portrait),
            "speech": None if self.speech is None else Digest(self.speech),
            "idle_s": None if self.idle_s is None else decimal_text(self.idle_s),
            "renderer": self.renderer,
            "renderer_version": self.renderer_version,
            "model": self.model,
            "parameters": _plain(self.parameters),
            "video": {"width": self.width, "height": self.height, "fps": self.fps},
            "post": self.post,
            **({"background": self.background} if self.background else {}),
        }

    @property
    def key(self) -> Digest:
        """Return the digest of the document."""
        return digest_json(self.document())


def differences(
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    *,
    old_speech: Mapping[str, Any] | None = None,
    new_speech: Mapping[str, Any] | None = None,
) -> tuple[str, ...]:
    """Name the fields in which two recipe documents differ (`portrait`, `video.height`), sorted.

    With both speech documents a changed `speech` is reported as what changed in it: `text`, `voice`, `speed`,
    `locale`, `speech.provider` or `speech.version`.
    """
    names = set(_changed(old, new))
    if "speech" in names and old_speech is not None and new_speech is not None:
        names = (names - {"speech"}) | set(_speech_changes(old_speech, new_speech))
    return tuple(sorted(names))


def spoken_text(text: str) -> str:
    """Return the words as they enter recipe and voice.

    Unicode NFC, each run of white space is one space, no lone surrogates.
    """
    encodable = text.encode("utf-8", "ignore").decode("utf-8")
    return " ".join(unicodedata.normalize("NFC", encodable).split())


def decimal_text(number: float | Decimal) -> str:
    """Return the shortest plain decimal form, never an exponent.

    `1`, `1.0` and `Decimal("1.00")` are all `1`.

    Raises:
        StoreError: it is not finite.
    """
    value = Decimal(str(number))
    if not value.is_finite():
        raise StoreError(f"Expected a finite number in a recipe, got {number!r}; correct the setting it came from.")
    text = format(value, "f")
    trimmed = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if trimmed in {"-0", ""} else trimmed


def _speech_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    names = _changed(old, new) or ["speech"]
    return tuple(name if name in {*_SPEECH_WORDS, "speech"} else f"speech.{name}" for name in names)


def _changed(old: Mapping[str, Any], new: Mapping[str, Any], prefix: str = "") -> list[str]:
    names: list[str] = []
    for name in old.keys() | new.keys():
        before, after = old.get(name), new.get(name)
        if name in old and name in new and isinstance(before, Mapping) and isinstance(after, Mapping):
            names += _changed(before, after, f"{prefix}{name}.")
        elif (name in old) != (name in new) or canonical_json({"": before}) != canonical_json({"": after}):
            names.append(f"{prefix}{name}")
    return names


def _plain(value: Any) -> Any:
    """Return a copy made of JSON's own types; decimals become text."""
    match value:
        case Mapping():
            return {_name(name): _plain(item) for name, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case Decimal():
            return decimal_text(value)
        case bool() | str() | None:
            return value
        case int() | float():
            return _number(value)
        case _:
            raise StoreError(f"Expected JSON as a recipe parameter, got {value!r}; use text, numbers, lists, mappings.")


def _name(name: object) -> str:
    if isinstance(name, str):
        return name
    raise StoreError(f"Expected text as a recipe parameter's name, got {name!r}; quote it.")


def _number(value: float) -> float:
    if not math.isfinite(value) or (isinstance(value, int) and abs(value) > _LARGEST_INTEGER):
        raise StoreError(f"Expected a finite number below 2^53 in a recipe, got {value!r}; write it as text.")
    return value
