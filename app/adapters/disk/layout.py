"""Where things lie in the cache folder."""

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
    """The folders of layout version 1; `root` is `<cache>/v1`. Names are digests, so no path comes from outside."""

    root: Path

    @property
    def blobs(self) -> Path:
        """Bytes by their digest."""
        return self.root / "blobs" / "sha256"

    @property
    def recipes(self) -> Path:
        """Entries by their recipe key."""
        return self.root / "recipes"

    @property
    def tmp(self) -> Path:
        """Half-written files, on the same file system as the finished ones."""
        return self.root / "tmp"

    @property
    def quarantine(self) -> Path:
        """What had wrong bytes."""
        return self.root / "quarantine"

    def blob(self, digest: Digest) -> Path:
        """Where these bytes lie.

        Raises:
            DigestError: the name is not a digest.
        """
        name = Digest(digest)
        return self.blobs / name[:2] / name

    def recipe(self, key: Digest) -> Path:
        """Where this entry lies.

        Raises:
            DigestError: the name is not a digest.
        """
        name = Digest(key)
        return self.recipes / name[:2] / f"{name}.json"

    def new_tmp(self) -> Path:
        """A name nobody has used, which says who is writing."""
        return self.tmp / f"{_host()}-{os.getpid()}-{secrets.token_hex(8)}"

    def put_aside(self, path: Path, *, prefix: str) -> None:
        """Move a file with wrong bytes to quarantine; one that is already gone is no matter."""
        self.quarantine.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            path.rename(self.quarantine / f"{prefix}-{path.name}-{secrets.token_hex(4)}")

    def aside(self, prefix: str) -> tuple[str, ...]:
        """Names in quarantine that begin so."""
        return tuple(sorted(path.name for path in self.quarantine.glob(f"{prefix}-*")))


def writer_of(name: str) -> int | None:
    """The process id in a temporary name, or None when another machine (or nobody we know) wrote it."""
    match = _TMP_NAME.match(name)
    return int(match["pid"]) if match is not None and match["host"] == _host() else None


def _host() -> str:
    """Tells this machine's writers from those of another container on the same volume, whose ids mean nothing here."""
    return digest_bytes(platform.node().encode())[:8]
