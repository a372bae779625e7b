"""Guard before decoders: asks a child process what a file is, and refuses what is not to be decoded. Blocking."""

import atexit
import contextlib
import json
import os
import select
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from app.adapters.media_guard.limits import TOO_LONG, WALL_S, Kind
from app.errors import MediaError
from app.store.disk_errors import raise_if_full

_PASSED_ON = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "HOME")
"""Variables of the environment that the child gets: what it decodes was made by strangers, so it has no secrets."""
_THREAD_LIMITS = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
_PACKAGE_FOLDER = Path(__file__).resolve().parents[3]
"""Folder of the `app` that runs here, so that the child never imports another one."""

_ANSWER_S = WALL_S + 5
"""The longest that the child is waited for: it ends a look by itself after `WALL_S`, and starts in about a second."""

_EXPECTED = {
    "film": "a playable MP4",
    "sound": "a sound file",
    "picture": "a PNG, JPEG or WebP picture",
}


class MediaTooLongError(MediaError):
    """Film or sound that is longer than any is taken."""


class MediaGuard:
    """Guard with one child process, started at the first file and again if it dies; one file at a time."""

    def __init__(self, *, answer_s: float = _ANSWER_S) -> None:
        self.answer_s = answer_s
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._is_closing = False

    def facts(self, kind: Kind, source: Path | bytes, *, name: str = "") -> dict[str, Any]:
        """Return what a file is, if it may be decoded; `name` is what a message calls it.

        Raises:
            MediaError: it may not, or cannot be decoded, or cannot be written down to be looked at.
            StoreFullError: the disk of temporary files is full.
        """
        verdict = self._verdict(kind, source) if isinstance(source, Path) else self._verdict_on_copy(kind, source)
        if "facts" in verdict:
            facts: dict[str, Any] = verdict["facts"]
            return facts
        label = name or (source.name if isinstance(source, Path) else f"{len(source)} bytes")
        error = MediaTooLongError if verdict["refused"].startswith(TOO_LONG) else MediaError
        raise error(f"Expected {_EXPECTED[kind]}, got `{label}`: {verdict['refused']}.")

    def close(self) -> None:
        """End the child, at once: whoever waits for it holds the lock."""
        self._is_closing = True
        child = self._child
        if child:
            child.kill()
        with self._lock:
            self._end()
            self._is_closing = False

    def _verdict_on_copy(self, kind: Kind, content: bytes) -> dict[str, Any]:
        try:
            with tempfile.NamedTemporaryFile(prefix="greenroom-media-") as file:
                file.write(content)
                file.flush()
                return self._verdict(kind, Path(file.name))
        except OSError as error:
            raise_if_full(error)
            raise MediaError(
                f"Expected a temporary file to look at {len(content)} bytes in, got none: {error}."
            ) from error

    def _verdict(self, kind: Kind, path: Path) -> dict[str, Any]:
        request = json.dumps({"kind": kind, "path": str(path.absolute())})
        with self._lock:
            for _ in range(2):  # a child that was killed from outside, or hangs, is started again
                answer = self._asked(request)
                if answer:
                    found: dict[str, Any] = json.loads(answer)
                    return found
                self._end()
                if self._is_closing:
                    break
        return {"refused": "the process that looks at media ends or hangs; see the log"}

    def _asked(self, request: str) -> bytes:
        """Return the child's answer; nothing if it ended, or has not answered in time."""
        ends_at = time.monotonic() + self.answer_s
        try:
            child = self._child = self._child or _started()
            assert child.stdin  # noqa: S101 - a pipe
            assert child.stdout  # noqa: S101 - a pipe
            child.stdin.write(f"{request}\n".encode())
            child.stdin.flush()
            answer, readable = b"", select.poll()  # not `select`, which takes no descriptor over 1023
            readable.register(child.stdout, select.POLLIN)
            while not answer.endswith(b"\n"):
                left_s = ends_at - time.monotonic()
                if left_s <= 0 or not readable.poll(1000 * left_s):
                    return b""
                piece = os.read(child.stdout.fileno(), 65_536)
                if not piece:
                    return b""
                answer += piece
        except OSError:
            return b""
        return answer

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


def _started() -> "subprocess.Popen[bytes]":
    """Start the child; `-P` keeps the current folder, which may be anybody's, off its import path."""
    passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "app.adapters.media_guard.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**passed_on, **_THREAD_LIMITS, "PYTHONPATH": str(_PACKAGE_FOLDER)},
        start_new_session=True,
    )


GUARD = MediaGuard()
"""The guard of this process; a process that never meets media never starts a child."""

atexit.register(GUARD.close)
