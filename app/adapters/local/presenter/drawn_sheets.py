"""Drawn sheets: what resvg has rasterised, kept on disk under the digest of its SVG.

The static layers of a figure cost seconds to draw and milliseconds to read. The kept bytes are the PNG that resvg
returned, so no pixel changes.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import resvg_py

_DIGEST_BYTES = hashlib.sha256().digest_size


class DrawnSheets:
    """Sheets in one folder; a folder that cannot be used costs time and nothing else. `folder=None` keeps nothing."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def png(self, svg: str) -> bytes:
        """Return the picture of an SVG, read if it was drawn before."""
        if self._folder is None:
            return _drawn(svg)
        named = hashlib.sha256(f"resvg {resvg_py.__resvg_version__}\n{svg}".encode()).hexdigest()
        return _kept(self._folder / f"{named}.sheet", lambda: _drawn(svg))


def _drawn(svg: str) -> bytes:
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, skip_system_fonts=True))


def _kept(file: Path, draw: Callable[[], bytes]) -> bytes:
    """Read a file that begins with the digest of its content; draw and write it if it is missing or damaged."""
    with suppress(OSError):
        kept = file.read_bytes()
        picture = kept[_DIGEST_BYTES:]
        if hashlib.sha256(picture).digest() == kept[:_DIGEST_BYTES]:
            return picture
    picture = draw()
    with suppress(OSError):
        _write(file, hashlib.sha256(picture).digest() + picture)
    return picture


def _write(file: Path, content: bytes) -> None:
    """Write under another name and move it there, so that no other process reads half a file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=file.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
        Path(part).replace(file)
    finally:
        Path(part).unlink(missing_ok=True)
