"""A real site for tests: a catalog on disk, warmed by the real command, served by the real command."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.support import prestarted
from tests.support.catalogs import write_catalog

SAMPLE_PORTRAIT = Path(__file__).parents[2] / "intents" / "avatars" / "mira.png"

HOST_ORIGIN = "http://host.test"
"""Where pages of somebody else live that embed the widget; a browser test makes one up."""

SMALL = {
    "name": "Mira",
    "portrait": "mira.png",
    "video": {"height": 256, "fps": 25},
    "disclosure": {"en": "Mira is an AI-generated presenter."},
    "consent": {"subject": "Mira", "kind": "synthetic"},
}
"""The sample's avatar at a size that films in a moment."""


_READY_WITHIN_S = 400
_ENDED_WITHIN_S = 120
"""Limits in seconds for a machine that sixteen other processes keep busy."""

AnyProcess = subprocess.Popen[str] | prestarted.Prestarted


@dataclass
class Node:
    """One serving process."""

    address: str
    process: AnyProcess

    def kill(self) -> None:
        """As the kernel does, without a word."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(_ENDED_WITHIN_S)


@dataclass(frozen=True)
class Site:
    """Folders of one site, and the command run on them."""

    root: Path

    @property
    def catalog(self) -> Path:
        return self.root / "intents"

    @property
    def cache(self) -> Path:
        return self.root / "cache"

    def copied(self, to: Path) -> "Site":
        """The same site in another folder, with a state of its own: two servers may not share one SQLite file."""
        shutil.copytree(self.root, to, ignore=shutil.ignore_patterns("state"))
        return Site(to)

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "app", *arguments, "--catalog", str(self.catalog), "--cache", str(self.cache)]

    def environment(self) -> dict[str, str]:
        state = self.root / "state" / "greenroom.db"
        mine = {
            "GREENROOM_DATABASE_URL": f"sqlite+aiosqlite:///{state}",
            "GREENROOM_ALLOWED_ORIGINS": HOST_ORIGIN,
            "GREENROOM_RENDER_PROCESSES": "1",  # each is two seconds of processor time before its first clip
        }
        return {**os.environ, **mine, "NO_COLOR": "1"}

    def run(self, *arguments: str, timeout_s: float = 200, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run `greenroom` to its end, with these settings too."""
        command, told = self.command(*arguments), {**self.environment(), **environment}
        if prestarted.can_start(command, told):
            return prestarted.run(command, told, timeout_s=timeout_s)
        return subprocess.run(
            command,
            env=told,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    @contextmanager
    def served(self) -> Iterator[str]:
        """`greenroom serve` on a free port; gives its address once it is ready, stops it at the end."""
        with self.node() as node:
            yield node.address

    @contextmanager
    def node(self, *, prefix: tuple[str, ...] = (), log: IO[str] | None = None, **environment: str) -> Iterator[Node]:
        """`greenroom serve` with these settings too, ready; `prefix` is a command that runs it, such as `taskset`."""
        with self._running((*prefix, *self.command("serve", "--port", "0")), r"http://\S+", log, environment) as node:
            yield node

    @contextmanager
    def worker(self, *, log: IO[str] | None = None, **environment: str) -> Iterator[Node]:
        """`greenroom worker` with these settings too, waiting for films; nobody can connect to it."""
        with self._running(tuple(self.command("worker")), r"^ready", log, environment) as node:
            yield node

    @contextmanager
    def _running(
        self, command: tuple[str, ...], ready: str, log: IO[str] | None, environment: Mapping[str, str]
    ) -> Iterator[Node]:
        with ExitStack() as stack:
            told = log or stack.enter_context(tempfile.TemporaryFile("w+"))
            process = _started(command, {**self.environment(), **environment, "PYTHONUNBUFFERED": "1"}, told)
            alarm = threading.Timer(_READY_WITHIN_S, process.kill)
            alarm.start()
            try:
                assert process.stdout is not None
                line = process.stdout.readline()
                said = re.search(ready, line)
                assert said, f"{command} never said it was ready, but {line!r} and: {_end_of(told)}"
                alarm.cancel()
                yield Node(said[0].rstrip("/"), process)
            finally:
                alarm.cancel()
                if process.poll() is None:
                    process.terminate()
                    process.wait(_ENDED_WITHIN_S)
                if process.stdout is not None:
                    process.stdout.close()


def _end_of(log: IO[str]) -> str:
    log.seek(0)
    return log.read()[-4000:]


def _started(command: tuple[str, ...], environment: Mapping[str, str], log: IO[str]) -> AnyProcess:
    """A process whose standard output is read; one that needs no start of its own begins with its imports done."""
    if not prestarted.can_start(command, environment):
        return subprocess.Popen(command, env=dict(environment), stdout=subprocess.PIPE, stderr=log, text=True)
    reads, writes = os.pipe()
    process = prestarted.Prestarted(command, environment, stdout=writes, stderr=log.fileno())
    os.close(writes)
    process.stdout = os.fdopen(reads)
    return process


def small_site(root: Path, **overrides: object) -> Site:
    """A small catalog with the sample's presenter, not warmed yet."""
    files = {"avatars/mira.yaml": SMALL, **overrides}
    write_catalog(root, files=files, fallback={"examples": ["When did the museum open, in which year?"]})  # type: ignore[arg-type]
    shutil.copy(SAMPLE_PORTRAIT, root / "intents" / "avatars" / "mira.png")
    return Site(root)
