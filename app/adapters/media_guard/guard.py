"""Guard before decoders: asks a child process what a file is, and refuses what is not to be decoded. Blocking."""

import atexit
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from app.adapters.media_guard.limits import TOO_LONG, Kind
from app.errors import MediaError

_PASSED_ON = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "HOME")
"""Variables of the environment that the child gets: what it decodes was made by strangers, so it has no secrets."""
_THREAD_LIMITS = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
_PACKAGE_FOLDER = Path(__file__).resolve().parents[3]
"""Folder of the `app` that runs here, so that the child never imports another one."""

_EXPECTED = {
    "film": "a playable MP4",
    "sound": "a sound file",
    "picture": "a PNG, JPEG or WebP picture",
}


class MediaTooLongError(MediaError):
    """Film or sound that is longer than any is taken."""


class MediaGuard:
    """Guard with one child process, started at the first file and again if it dies; one file at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: subprocess.Popen[str] | None = None

    def facts(self, kind: Kind, source: Path | bytes, *, name: str = "") -> dict[str, Any]:
        """Return what a file is, if it may be decoded; `name` is what a message calls it.

        Raises:
            MediaError: it may not, or cannot be decoded.
        """
        if isinstance(source, Path):
            verdict = self._verdict(kind, source)
        else:
            with tempfile.NamedTemporaryFile(prefix="greenroom-media-") as file:
                file.write(source)
                file.flush()
                verdict = self._verdict(kind, Path(file.name))
        if "facts" in verdict:
            facts: dict[str, Any] = verdict["facts"]
            return facts
        label = name or (source.name if isinstance(source, Path) else f"{len(source)} bytes")
        error = MediaTooLongError if verdict["refused"].startswith(TOO_LONG) else MediaError
        raise error(f"Expected {_EXPECTED[kind]}, got `{label}`: {verdict['refused']}.")

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._end()

    def _verdict(self, kind: Kind, path: Path) -> dict[str, Any]:
        request = json.dumps({"kind": kind, "path": str(path.absolute())})
        with self._lock:
            for _ in range(2):  # a child that was killed from outside is started again
                answer = self._asked(request)
                if answer:
                    found: dict[str, Any] = json.loads(answer)
                    return found
                self._end()
        return {"refused": "the process that looks at media ends at once; see the log"}

    def _asked(self, request: str) -> str:
        child = self._child = self._child or _started()
        assert child.stdin  # noqa: S101 - a pipe
        assert child.stdout  # noqa: S101 - a pipe
        try:
            child.stdin.write(f"{request}\n")
            child.stdin.flush()
            return child.stdout.readline()
        except OSError:
            return ""

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            with contextlib.suppress(OSError):  # what was not written yet has nobody to read it
                if pipe:
                    pipe.close()


def _started() -> "subprocess.Popen[str]":
    """Start the child; `-P` keeps the current folder, which may be anybody's, off its import path."""
    passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "app.adapters.media_guard.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**passed_on, **_THREAD_LIMITS, "PYTHONPATH": str(_PACKAGE_FOLDER)},
        start_new_session=True,
    )


GUARD = MediaGuard()
"""The guard of this process; a process that never meets media never starts a child."""

atexit.register(GUARD.close)
