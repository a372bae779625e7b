"""Checksummed files for data that is cheap to lose: a digest in front, replaced in one step.

A damaged file is never used.
"""

import contextlib
import hashlib
import os
from pathlib import Path
from tempfile import mkstemp

_SEAL_CHARS = 64


def read_sealed(file: Path) -> bytes | None:
    """Return the content, or None when the file is missing, cut short or altered."""
    try:
        seal, _, content = file.read_bytes().partition(b"\n")
    except OSError:
        return None
    return content if seal == _seal(content) else None


def write_sealed(file: Path, content: bytes) -> None:
    """Write the file, whole or not at all.

    A folder that cannot be written only costs the time of making the content again.
    """
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = mkstemp(prefix=f"{file.name}.", suffix=".draft", dir=file.parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(_seal(content) + b"\n" + content)
            Path(draft).replace(file)
        except OSError:
            Path(draft).unlink(missing_ok=True)
            raise


def keep_newest(folder: Path, count: int) -> None:
    """Delete all files but the last written ones; a process that still needs one makes it again."""
    with contextlib.suppress(OSError):
        files = sorted(folder.iterdir(), key=lambda file: file.stat().st_mtime_ns, reverse=True)
        for old in files[count:]:
            old.unlink(missing_ok=True)


def _seal(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=_SEAL_CHARS // 2).hexdigest().encode()
