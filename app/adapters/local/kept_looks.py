"""Kept looks of portraits: what was seen in a file, by its bytes, so that the next command decodes nothing."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from app.adapters.local.facts import Model
from app.adapters.local.versions import RENDERER_VERSION
from app.adapters.media_guard.limits import MOST_BYTES
from app.digest import digest_bytes
from app.errors import PortraitError

_JUDGES = ("painter_choice.py", "portraits.py", "../media_guard/child.py", "../media_guard/limits.py")
"""Files whose code says what a picture is: a change of one looks at every portrait anew."""


class MarkedPictureError(PortraitError):
    """The file is marked as a drawing of ours and shows another picture: clips would show the drawing."""


@dataclass(frozen=True, slots=True)
class Check:
    """Check of a portrait: its figure, the limit in words, the verdict."""

    name: str
    value: float
    limit: str
    ok: bool
    level: Literal["must", "advice"] = "must"


@dataclass(frozen=True, slots=True)
class SeenPortrait:
    """Portrait that can be decoded: its size in pixels, and the look that it is a drawing of, if it is one."""

    width: int
    height: int
    drawn: str | None = None


def seen_portrait(portrait: Path, models_dir: Path) -> SeenPortrait:
    """Look at a portrait, once for its bytes. Only what is in order is kept, beside the models. Blocking.

    Raises:
        PortraitError: it is no picture, or marked as a drawing and shows something else.
    """
    note = _note(portrait, models_dir)
    with suppress(OSError, ValidationError):
        return _SEEN.validate_json(note.read_bytes())
    from app.adapters.local.painter_choice import drawn_look, read_picture  # noqa: PLC0415 - loads what paints

    drawn = drawn_look(portrait, Model.AUTO)
    height, width = read_picture(portrait).shape[:2]
    seen = SeenPortrait(width, height, drawn)
    _keep(note, _SEEN.dump_json(seen))
    return seen


def inspected(portrait: Path, models_dir: Path) -> tuple[Check, ...]:
    """Return the checks of a portrait, made once for its bytes and the checks' code. Blocking.

    Raises:
        PortraitError: as `seen_portrait`.
    """
    code = b"".join((Path(__file__).parent / name).read_bytes() for name in ("faces/checks.py", "painter_choice.py"))
    note = models_dir / "portraits" / f"{digest_bytes(portrait.read_bytes() + code)}.json"
    with suppress(OSError, ValidationError):
        return _CHECKS.validate_json(note.read_bytes())
    from app.adapters.local.painter_choice import inspect_portrait  # noqa: PLC0415 - loads what paints

    checks = inspect_portrait(portrait, models_dir=models_dir).checks
    _keep(note, _CHECKS.dump_json(checks))
    return checks


def _keep(note: Path, content: bytes) -> None:
    """Write a note in one step; a folder that cannot be written only costs the time again."""
    with suppress(OSError):
        note.parent.mkdir(parents=True, exist_ok=True)
        draft = note.with_suffix(f".{os.getpid()}")
        draft.write_bytes(content)
        draft.replace(note)


def _note(portrait: Path, models_dir: Path) -> Path:
    try:
        if portrait.stat().st_size > MOST_BYTES["picture"]:
            raise PortraitError(
                f"Expected a picture of at most {MOST_BYTES['picture'] >> 20} MB, got `{portrait.name}`."
            )
        content = portrait.read_bytes()
    except OSError as error:
        raise PortraitError(f"Expected a picture, got `{portrait.name}` that cannot be read ({error}).") from error
    code = b"".join((Path(__file__).parent / name).read_bytes() for name in _JUDGES)
    known = digest_bytes(b"\0".join((RENDERER_VERSION.encode(), code, content)))
    return models_dir / "portraits" / f"seen-{known}.json"


_SEEN = TypeAdapter(SeenPortrait)
_CHECKS = TypeAdapter(tuple[Check, ...])
