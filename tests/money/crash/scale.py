"""A large catalog warmed while the worker is killed every few seconds: nothing paid twice, memory flat.

python -m tests.money.crash.scale --clips 10000 --every 60 [--folder build/warm-scale]

With a folder it may be stopped (Ctrl-C, SIGTERM) and started again: clips, ledger, bill and figures go on.
"""

# ruff: noqa: T201 -- it is a command

import argparse
import asyncio
import itertools
import json
import math
import os
import signal
import struct
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from app.adapters.text_normalisation.normaliser import GrammarNormaliser
from app.rendering.plan.clips import catalog_clips
from app.rendering.plan.planner import make_plan, take_stock
from app.rendering.plan.providers import providers_of
from app.runtime.settings.site import load_settings
from app.runtime.wiring.providers import open_renderers, open_speech
from app.runtime.wiring.store_and_encoder import open_catalog, open_store
from app.simulators.stub_video import PlainMedia, VideoOrder
from tests.money.crash.account import KeptAccount
from tests.money.crash.lane import Lane, holdings, lane
from tests.money.crash.places import SIDE_PX, Place, write_place
from tests.money.crash.worker import Orders, start

AT_ONCE = 16
NOWHERE = "http://127.0.0.1:9"
"""Address of a provider that a plan does not ask."""
_MB = 1 << 20
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class OnceFilmed:
    """Films each length once; every copy carries a number, so that no two clips are the same bytes."""

    def __init__(self, first: int = 0) -> None:
        self._plain = PlainMedia(longest_px=SIDE_PX)
        self._films: dict[tuple[float, int], bytes] = {}
        self._numbers = itertools.count(first)
        self._lock = threading.Lock()

    def film(self, order: VideoOrder) -> bytes:
        """The film, and behind it a box that players skip."""
        with self._lock:
            length = (round(order.duration_s, 2), order.fps)
            if length not in self._films:
                self._films[length] = self._plain.film(order)
            number = struct.pack(">I", next(self._numbers))
        return self._films[length] + struct.pack(">I", 8 + len(number)) + b"free" + number


@dataclass
class Life:
    """One worker from start to end.

    Memory in MB at its first clip and at most, how many clips it left behind, seconds on the clock, of its processor
    time, and of the simulators' meanwhile.
    """

    first_mb: float = 0.0
    peak_mb: float = 0.0
    clips: int = 0
    ended_by: int | None = None
    lasted_s: float = 0.0
    worker_s: float = 0.0
    simulators_s: float = 0.0


@dataclass
class Story:
    """The whole warm-up. `stopped` is set from outside: nothing new begins then."""

    lives: list[Life] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)
    bill: Mapping[str, Any] = field(default_factory=dict)
    states: tuple[str, ...] = ()
    clips: int = 0

    def is_right(self, clips: int) -> bool:
        """Every clip there, each paid once; a render stored by a dead worker closes when its lease ends."""
        paid_once = self.bill["jobs_charged"] == clips and self.bill["paid_twice"] == 0
        return paid_once and self.clips == clips and set(self.states) <= {"ready", "fetched"} and "ready" in self.states


def warm_up(
    place: Place, simulators: Lane, story: Story, *, every_s: float, most_kills: int, keep: Callable[[], None]
) -> None:
    """Start workers until one ends by itself, killing each of them a while after its first clip."""
    while not story.stopped.is_set() and not (story.lives and story.lives[-1].ended_by == 0):
        lasts_s = every_s * (1 + len(story.lives) % 3 / 3) if len(story.lives) < most_kills else math.inf
        story.lives.append(_live(place, lasts_s, story.stopped))
        print(_told(story.lives[-1], len(story.lives)), flush=True)
        keep()
    left = holdings(place.folder)
    story.bill, story.states, story.clips = simulators.bill(), left.states, left.clips


def _live(place: Place, lasts_s: float, stopped: threading.Event) -> Life:
    hasty = {"grace_s": 1.0, "poll_every_s": 0.2, "concurrency": AT_ONCE}
    ours_s, began = time.process_time(), time.monotonic()
    process = start(Orders(place, lease_s=10.0, at_once=AT_ONCE, hasty=hasty))
    life, before, until = Life(), _clips(place), math.inf
    while process.is_alive() and time.monotonic() < until and not stopped.is_set():
        process.join(min(1.0, lasts_s))
        used = _resident_mb(process.pid)
        life.peak_mb, life.worker_s = max(life.peak_mb, used), max(life.worker_s, _processor_s(process.pid))
        if not life.first_mb and _clips(place) > before:
            life.first_mb, until = used, time.monotonic() + lasts_s
    if process.is_alive():
        process.kill()
    process.join()
    life.clips, life.ended_by = _clips(place) - before, process.exitcode
    life.lasted_s, life.simulators_s = time.monotonic() - began, time.process_time() - ours_s
    return life


def _clips(place: Place) -> int:
    """Half the recipes: each clip has one of its own and one of its sound. Counting files needs no lock."""
    return sum(len(files) for _, _, files in os.walk(place.cache / "v1" / "recipes")) // 2


def _resident_mb(pid: int | None) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE_BYTES / _MB
    except (OSError, IndexError):
        return 0.0


def _processor_s(pid: int | None) -> float:
    """User and system time of a living process; what falls into its last second is not seen."""
    try:
        parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


def _told(life: Life, number: int) -> str:
    how = "ended" if life.ended_by == 0 else f"killed ({life.ended_by})"
    memory = f"{life.first_mb:.0f} MB at its first clip, {life.peak_mb:.0f} MB at most"
    processor = f"processor {life.worker_s:.0f} s, simulators {life.simulators_s:.0f} s"
    return f"  worker {number}: {how} after {life.lasted_s:.0f} s, {life.clips} clips, {memory}; {processor}"


async def measure_plan(place: Place) -> Mapping[str, float]:
    """Seconds that each step towards a plan takes, on the store as it is."""
    os.environ.update(place.environment)
    settings, marks = load_settings(), [time.perf_counter()]

    def mark() -> None:
        marks.append(time.perf_counter())

    catalog, store = open_catalog(settings), open_store(settings)
    mark()
    async with open_renderers(settings) as renderers:
        providers = providers_of(
            catalog.avatar, speech=open_speech(), renderers=renderers, normaliser=GrammarNormaliser()
        )
        wanted = catalog_clips(catalog, providers)
        facts = {name: renderer.capabilities for name, renderer in renderers.items()}
    mark()
    stock = await take_stock(store.recipes, wanted)
    mark()
    plan = make_plan(wanted, stock, capabilities=facts)
    mark()
    assert not plan.todo, plan.todo[:3]
    names = ("load the catalog", "work the keys out", "take stock", "make the plan")
    return {name: after - before for name, (before, after) in zip(names, itertools.pairwise(marks), strict=True)}


def answers(count: int) -> Mapping[str, str]:
    """As many answers, all of one length and no two alike."""
    digits = max(3, math.ceil(math.log10(count + 1)))
    return {f"{at:0{digits}d}-thing": f"This is answer number {at:0{digits}d} of the lot." for at in range(count)}


def play(
    folder: Path, clips: int, *, every_s: float, most_kills: int = 1_000, stopped: threading.Event | None = None
) -> Story:
    """Write the catalog, warm it, look at the bill; a folder that was stopped goes on."""
    account, story = KeptAccount(folder / "vendor"), Story(_read(folder), stopped or threading.Event())

    def keep() -> None:
        account.keep()
        (folder / "lives.json").write_text(json.dumps([asdict(life) for life in story.lives]))

    with lane("fal", media=OnceFilmed(len(account.rows)), latency_s=0.02, kept=account) as simulators:
        place = Place(folder, "fal", simulators.url)
        if not (folder / "intents").exists():
            write_place(place, answers(clips))
        warm_up(place, simulators, story, every_s=every_s, most_kills=most_kills, keep=keep)
    return story


def _read(folder: Path) -> list[Life]:
    file = folder / "lives.json"
    return [Life(**row) for row in json.loads(file.read_text())] if file.exists() else []


def main() -> None:
    """All of it, with the figures; status 1 when something was paid twice or is missing, 3 when it was stopped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=10_000)
    parser.add_argument("--folder", type=Path, help="where a stopped warm-up goes on; else a new one that is deleted")
    parser.add_argument(
        "--every",
        type=float,
        default=60.0,
        help="seconds from a worker's first clip to its kill; two of three live longer",
    )
    asked, stopped = parser.parse_args(), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    with nullcontext(asked.folder) if asked.folder else tempfile.TemporaryDirectory() as name:
        folder = Path(name).absolute()
        story = play(folder, asked.clips, every_s=asked.every, stopped=stopped)
        _tell(story)
        if story.stopped.is_set():
            sys.exit(3)
        steps = asyncio.run(measure_plan(Place(folder, "fal", NOWHERE)))
    print("plan: " + ", ".join(f"{name} {seconds:.1f} s" for name, seconds in steps.items()))
    sys.exit(not story.is_right(asked.clips))


def _tell(story: Story) -> None:
    bill, lives = story.bill, story.lives
    kills, made = sum(life.ended_by != 0 for life in lives), max(1, sum(life.clips for life in lives))
    wall_s = sum(life.lasted_s for life in lives)
    worker_s, simulators_s = sum(life.worker_s for life in lives), sum(life.simulators_s for life in lives)
    print(f"{story.clips} clips, {kills} kills, {wall_s:.0f} s, {1000 * wall_s / made:.0f} ms a clip")
    print(f"processor: {1000 * worker_s / made:.0f} ms a clip, simulators {1000 * simulators_s / made:.0f} ms")
    print(f"bill: {bill['jobs_charged']} jobs charged, {bill['paid_twice']} recipes paid twice, {bill['amount']} USD")


if __name__ == "__main__":
    main()
