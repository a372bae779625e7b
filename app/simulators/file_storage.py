"""File storage of the simulators: uploads and results on disk, one copy of equal bytes."""

import asyncio
import hashlib
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from app.simulators.faults import Fault


@dataclass(frozen=True, slots=True)
class Stored:
    """Stored file with the name it is served by; `flaws` are faults of its download."""

    name: str
    path: Path
    content_type: str
    size_bytes: int
    sha256: str
    flaws: frozenset[Fault] = field(default_factory=frozenset)


class FileStorage:
    """File storage by name, in a folder of its own that is deleted when the storage is cleared."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._named: dict[str, Stored] = {}

    async def put(
        self, name: str, content: bytes, content_type: str, *, flaws: frozenset[Fault] = frozenset()
    ) -> Stored:
        """Store bytes under a name; replace an earlier file."""
        digest = hashlib.sha256(content).hexdigest()
        path = self._opened() / digest
        await asyncio.to_thread(_write_once, path, content)
        self._named[name] = Stored(name, path, content_type, len(content), digest, flaws)
        return self._named[name]

    def get(self, name: str) -> Stored | None:
        """Return the file of a name."""
        return self._named.get(name)

    async def read(self, name: str) -> bytes | None:
        """Read the bytes of a file."""
        stored = self._named.get(name)
        return None if stored is None else await asyncio.to_thread(stored.path.read_bytes)

    def forget(self) -> None:
        """Delete all files."""
        self._named.clear()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _opened(self) -> Path:
        """Make the folder, not in the writing thread: one that outlives `forget` must not restore it."""
        self._folder = self._folder or Path(tempfile.mkdtemp(prefix="greenroom-simulators-"))
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder


def _write_once(path: Path, content: bytes) -> None:
    if path.exists():
        return
    part = path.with_suffix(".part")
    part.write_bytes(content)
    part.replace(path)
