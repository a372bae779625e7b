"""Files that are cheap to lose and must never be believed when damaged: a digest in front, replaced in one step."""

import contextlib
import hashlib
import os
from pathlib import Path
from tempfile import mkstemp

_SEAL_CHARS = 64


def read_sealed(file: Path) -> bytes | None:
    """What was written there, or None when the file is missing, cut short or altered."""
    try:
        seal, _, content = file.read_bytes().partition(b"\n")
    except OSError:
        return None
    return content if seal == _seal(content) else None


def write_sealed(file: Path, content: bytes) -> None:
    """Keep it, whole or not at all; a folder that cannot be written costs the time of making it again, nothing else."""
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
    """Remove all files but those last written; whoever still needs one of them makes it again."""
    with contextlib.suppress(OSError):
        files = sorted(folder.iterdir(), key=lambda file: file.stat().st_mtime_ns, reverse=True)
        for old in files[count:]:
            old.unlink(missing_ok=True)


def _seal(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=_SEAL_CHARS // 2).hexdigest().encode()
