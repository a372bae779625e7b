"""A lane: simulators of its own, one vendor, one site after another; the bill is the simulators', never ours."""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2 as httpx

from app.adapters.disk.blobs import DiskBlobStore
from app.adapters.disk.recipes import DiskRecipeIndex
from app.adapters.sql.engine import Database
from app.adapters.sql.ledger import SqlLedger
from app.simulators.context import SimulatorContext
from app.simulators.server import create_app
from app.simulators.stub_video import MediaMaker, PlainMedia
from tests.money.crash.account import KeptAccount
from tests.money.crash.places import SIDE_PX
from tests.support.simulated import served

PATIENCE_S = 120.0


@dataclass(frozen=True)
class Lane:
    """Running simulators, seen from outside."""

    url: str
    vendor: str

    def bill(self) -> Mapping[str, Any]:
        """What the vendor would charge."""
        return self._ask("GET", f"/bill?vendor={self.vendor}")

    def hooks_secret(self) -> str:
        """What the vendor signs its calls with, as its account page shows it."""
        return str(self._ask("GET", "/secrets")[self.vendor])

    def trouble(self, **rule: Any) -> None:
        """Let something go wrong."""
        self._ask("POST", "/faults", {"vendor": self.vendor, **rule})

    def struck(self) -> int:
        """How often trouble has struck."""
        return sum(rule["struck"] for rule in self._ask("GET", "/faults")["faults"])

    def films_take(self, seconds: float) -> None:
        """How long the vendor films from now on."""
        self._ask("PATCH", "/settings", {"latency_s": seconds})

    def videos_are_late(self, seconds: float) -> None:
        """How much later than its job the address of a late video is told."""
        self._ask("PATCH", "/settings", {"late_video_s": seconds})

    def reset(self) -> None:
        """A new account."""
        self._ask("POST", "/reset")

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        answer = httpx.request(method, f"{self.url}/_admin{path}", json=body, timeout=60)
        answer.raise_for_status()
        document: Mapping[str, Any] = answer.json()
        return document


@contextmanager
def lane(
    vendor: str, *, media: MediaMaker | None = None, latency_s: float = 0.2, kept: KeptAccount | None = None
) -> Iterator[Lane]:
    """Simulators for one vendor and the voice; a kept account goes on where it was, at the same address."""
    films = media or PlainMedia(longest_px=SIDE_PX)
    stage = SimulatorContext(latency_s=latency_s, silence_s=600.0, drip_s=0.2, private_media=True, media=films)
    if kept is not None:
        stage.storage = kept.storage
    app = create_app(stage)
    with served(app, port=kept.port if kept else 0) as url:
        if kept is not None:
            kept.open(app.state.vendors[vendor], url)
        yield Lane(url, vendor)


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait for something that is bound to happen."""
    give_up = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > give_up:
            raise TimeoutError(f"Waited {PATIENCE_S:g} s in vain: {what}.")
        time.sleep(0.05)


@dataclass(frozen=True)
class Holdings:
    """What a site has after all: its renders' states, and the clips that can be played."""

    states: tuple[str, ...]
    clips: int
    submits: int


def holdings(folder: Path) -> Holdings:
    """Look into ledger and store."""
    return asyncio.run(_look(folder))


async def _look(folder: Path) -> Holdings:
    database = Database(f"sqlite:///{folder}/state.db")
    try:
        renders = await SqlLedger(database).list(limit=100_000)
    finally:
        await database.close()
    blobs = DiskBlobStore(folder / "cache")
    entries = [entry async for entry in DiskRecipeIndex(folder / "cache", blobs).scan() if entry.kind == "clip"]
    whole = [entry for entry in entries if await DiskRecipeIndex(folder / "cache", blobs).get(entry.key)]
    states = tuple(sorted(render.state.value for render in renders))
    return Holdings(states, len(whole), sum(render.attempts for render in renders))
