"""Layout of the cache folder: the path of every blob, entry and temporary file."""

import os
import platform
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.digest import Digest, digest_bytes

_TMP_NAME = re.compile(r"(?P<host>[0-9a-f]{8})-(?P<pid>\d{1,10})-[0-9a-f]{16}\Z")


@dataclass(frozen=True, slots=True)
class Layout:
    """Folders of layout version 1; `root` is `<cache>/v1`.

    Names are digests, so no path comes from outside.
    """

    root: Path

    @property
    def blobs(self) -> Path:
        """Folder of the bytes, by their digest."""
        return self.root / "blobs" / "sha256"

    @property
    def recipes(self) -> Path:
        """Folder of the entries, by their recipe key."""
        return self.root / "recipes"

    @property
    def tmp(self) -> Path:
        """Folder of half-written files, on the same file system as the finished ones."""
        return self.root / "tmp"

    @property
    def quarantine(self) -> Path:
        """Folder of files with wrong bytes."""
        return self.root / "quarantine"

    def blob(self, digest: Digest) -> Path:
        """Return the path of these bytes.

        Raises:
            DigestError: the name is not a digest.
        """
        name = Digest(digest)
        return self.blobs / name[:2] / name

    def recipe(self, key: Digest) -> Path:
        """Return the path of this entry.

        Raises:
            DigestError: the name is not a digest.
        """
        name = Digest(key)
        return self.recipes / name[:2] / f"{name}.json"

    def new_tmp(self) -> Path:
        """Return an unused name that identifies the writer."""
        return self.tmp / f"{_host()}-{os.getpid()}-{secrets.token_hex(8)}"

    def put_aside(self, path: Path, *, prefix: str) -> None:
        """Move a file with wrong bytes to quarantine; a missing file is ignored."""
        self.quarantine.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            path.rename(self.quarantine / f"{prefix}-{path.name}-{secrets.token_hex(4)}")

    def aside(self, prefix: str) -> tuple[str, ...]:
        """Return the names in quarantine with this prefix."""
        return tuple(sorted(path.name for path in self.quarantine.glob(f"{prefix}-*")))


def writer_of(name: str) -> int | None:
    """Return the process id in a temporary name, or None for one of another machine or of unknown form."""
    match = _TMP_NAME.match(name)
    return int(match["pid"]) if match is not None and match["host"] == _host() else None


def _host() -> str:
    """Return this machine's part of temporary names.

    It distinguishes writers of other containers on the same volume, whose process ids mean nothing here.
    """
    return digest_bytes(platform.node().encode())[:8]
