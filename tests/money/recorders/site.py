"""A small site of its own for a cell: a catalog with recorded answers that one vendor renders, and its command."""

import asyncio
import json
import multiprocessing
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import app.cli.plan_and_warm
import app.cli.renders
from app.cli.main import main
from tests.money.crash.node import listening, serve_at
from tests.money.recorders.media import SIDE_PX, spoken
from tests.money.recorders.recorder import Recorder
from tests.support.catalogs import FILES, Content, write_catalog
from tests.support.sites import SAMPLE_PORTRAIT

LOADED = (app.cli.plan_and_warm, app.cli.renders)
"""Loaded once, before the commands' processes are forked: three seconds of processor each."""

ANSWERS = {"hours": (2.63, 180.0), "tickets": (3.17, 220.0)}
"""Seconds and pitch of what is said."""

HASTY = {"poll_every_s": 0.2, "grace_s": 1.0, "late_s": 3.0, "submit_timeout_s": 3.0, "per_minute": 600}
"""Facts that are overridden in `providers.toml`, so that a cell takes seconds."""

BLIND = ("atlascloud", "runware")
"""Vendors that may not know a young job, and for how long is a setting."""

FORK = multiprocessing.get_context("forkserver")
FORK.set_forkserver_preload([__name__])

RUN_LIMIT_S = 240.0

KEYS_ARE_PUBLIC = ("fal", "atlascloud")
"""Vendors that publish the keys of their calls; the others sign with a secret, or with nothing."""


@dataclass(frozen=True, slots=True)
class Run:
    """How a command ended."""

    status: int
    out: str
    took_s: float

    @property
    def last(self) -> dict[str, Any]:
        """The last line of JSON, or nothing."""
        lines = [line for line in self.out.splitlines() if line.startswith("{")]
        return dict(json.loads(lines[-1])) if lines else {}


def write_site(folder: Path, recorder: Recorder, hasty: Mapping[str, Any] = HASTY) -> None:
    """Lay it out."""
    files: dict[str, Content] = dict.fromkeys(FILES)
    files["avatars/mira.yaml"] = {
        "name": "Mira",
        "portrait": "mira.png",
        "renderers": [f"{recorder.name}/{recorder.model}"],
        "video": {"height": SIDE_PX, "fps": recorder.fps},
        "disclosure": {"en": "Mira is an AI-generated presenter."},
        "consent": {"subject": "Mira", "kind": "synthetic"},
    }
    for name, (seconds, pitch_hz) in ANSWERS.items():
        words = {"en": f"This is what we say of {name}."}
        intent = {"title": name.title(), "phrases": {"en": [f"What about {name}?"]}, "answer": words}
        files[f"topic/{name}.yaml"] = {**intent, "audio": {"en": f"{name}.wav"}}
        files[f"topic/{name}.wav"] = spoken(seconds, pitch_hz)
    root = write_catalog(folder, files=files, budget={"per_day": 20.0})
    shutil.copy(SAMPLE_PORTRAIT, root / "avatars" / "mira.png")
    lines = [f"{name} = {value}" for name, value in hasty.items()]
    blind = [f"[{recorder.name}.settings]", "blind_s = 3.0"] if recorder.name in BLIND else []
    (folder / "providers.toml").write_text("\n".join([f"[{recorder.name}]", *lines, *blind]) + "\n")


def environment(folder: Path, recorder: Recorder) -> dict[str, str]:
    """What an operator would export."""
    return {
        "GREENROOM_CATALOG": str(folder / "intents"),
        "GREENROOM_CACHE": str(folder / "cache"),
        "GREENROOM_DATABASE_URL": f"sqlite+aiosqlite:///{folder}/state.db",
        "GREENROOM_PROVIDERS_FILE": str(folder / "providers.toml"),
        "GREENROOM_QUALITY_GATE": "file",
        recorder.key_name: recorder.key,
        f"{recorder.name.upper()}_BASE_URL": recorder.url,
        **_called_back(recorder),
    }


def _called_back(recorder: Recorder) -> dict[str, str]:
    if not recorder.called_at:
        return {}
    named = f"{recorder.name.upper()}_WEBHOOK_SECRET"
    secret = {} if recorder.name in KEYS_ARE_PUBLIC else {named: recorder.signer.secret}
    return {"GREENROOM_PUBLIC_URL": recorder.called_at, **secret}


@contextmanager
def called_back(folder: Path, recorder: Recorder) -> Iterator[None]:
    """A serving node of the site, which the vendor calls back."""
    with listening() as (door, recorder.called_at):
        process = FORK.Process(target=_serve, args=(environment(folder, recorder), door), daemon=True)
        process.start()
        try:
            yield
        finally:
            process.terminate()
            process.join(20)
            process.kill()
            process.join()


def _serve(exported: Mapping[str, str], door: socket.socket) -> None:
    os.environ.update(exported)
    asyncio.run(serve_at(door, lambda studio: studio))


def run(
    folder: Path,
    recorder: Recorder,
    arguments: Sequence[str],
    *,
    until: Callable[[], bool] | None = None,
    with_signal: int = signal.SIGKILL,
) -> Run:
    """Run `greenroom` in a process of its own to its end, or end it with a signal at a moment."""
    out, began = folder / "out.txt", time.monotonic()
    job = (list(arguments), environment(folder, recorder), str(folder), str(out))
    process = FORK.Process(target=_command, args=job, daemon=True)
    process.start()
    while process.is_alive() and time.monotonic() - began < RUN_LIMIT_S:
        if until is not None and until():
            os.kill(process.pid or 0, with_signal)
            until = None
        process.join(0.02)
    if process.is_alive():
        process.kill()
        process.join()
        return Run(-99, out.read_text(), time.monotonic() - began)
    return Run(process.exitcode or 0, out.read_text(), time.monotonic() - began)


def _command(arguments: list[str], exported: Mapping[str, str], folder: str, out: str) -> None:
    os.environ.update(exported)
    os.chdir(folder)
    file = os.open(out, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
    os.dup2(file, 1)
    os.dup2(file, 2)
    sys.argv = ["greenroom", *arguments]
    main(arguments)
