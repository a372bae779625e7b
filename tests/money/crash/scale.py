"""A large catalog warmed while the worker is killed every few seconds: nothing paid twice, memory flat.

python -m tests.money.crash.scale --clips 10000 --every 60
"""

# ruff: noqa: T201 -- it is a command

import argparse
import asyncio
import itertools
import math
import os
import struct
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.rendering.plan.clips import catalog_clips
from app.rendering.plan.planner import make_plan, take_stock
from app.rendering.plan.providers import providers_of
from app.runtime.settings.site import load_settings
from app.runtime.wiring.providers import open_renderers, open_speech
from app.runtime.wiring.store_and_encoder import open_catalog, open_store
from app.simulators.stub_video import PlainMedia, VideoOrder
from tests.money.crash.lane import Lane, holdings, lane
from tests.money.crash.places import SIDE_PX, Place, write_place
from tests.money.crash.worker import Orders, start

AT_ONCE = 16
_MB = 1 << 20
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class OnceFilmed:
    """Films each length once; every copy carries a number, so that no two clips are the same bytes."""

    def __init__(self) -> None:
        self._plain = PlainMedia(longest_px=SIDE_PX)
        self._films: dict[tuple[float, int], bytes] = {}
        self._numbers = itertools.count()
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
    """One worker from start to end: memory in MB at its first clip and at most, and how many clips it left behind."""

    began_at: float
    first_mb: float = 0.0
    peak_mb: float = 0.0
    clips: int = 0
    ended_by: int | None = None


@dataclass
class Story:
    """The whole warm-up."""

    lives: list[Life] = field(default_factory=list)
    wall_s: float = 0.0
    bill: Mapping[str, Any] = field(default_factory=dict)
    states: tuple[str, ...] = ()
    clips: int = 0

    def is_right(self, clips: int) -> bool:
        """Every clip there, each paid once; a render stored by a dead worker closes when its lease ends."""
        paid_once = self.bill["jobs_charged"] == clips and self.bill["paid_twice"] == 0
        return paid_once and self.clips == clips and set(self.states) <= {"ready", "fetched"} and "ready" in self.states


def warm_up(place: Place, simulators: Lane, *, every_s: float, most_kills: int) -> Story:
    """Start workers until one ends by itself, killing each of them a while after its first clip."""
    story, began = Story(), time.monotonic()
    while not story.lives or story.lives[-1].ended_by != 0:
        lasts_s = every_s * (1 + len(story.lives) % 3 / 3) if len(story.lives) < most_kills else math.inf
        story.lives.append(_live(place, lasts_s))
        print(_told(story.lives[-1], len(story.lives)), flush=True)
    story.wall_s = time.monotonic() - began
    left = holdings(place.folder)
    story.bill, story.states, story.clips = simulators.bill(), left.states, left.clips
    return story


def _live(place: Place, lasts_s: float) -> Life:
    hasty = {"grace_s": 1.0, "poll_every_s": 0.2, "concurrency": AT_ONCE}
    process = start(Orders(place, lease_s=10.0, at_once=AT_ONCE, hasty=hasty))
    life, before, until = Life(time.monotonic()), _clips(place), math.inf
    while process.is_alive() and time.monotonic() < until:
        process.join(min(1.0, lasts_s))
        used = _resident_mb(process.pid)
        life.peak_mb = max(life.peak_mb, used)
        if not life.first_mb and _clips(place) > before:
            life.first_mb, until = used, time.monotonic() + lasts_s
    if process.is_alive():
        process.kill()
    process.join()
    life.clips, life.ended_by = _clips(place) - before, process.exitcode
    return life


def _clips(place: Place) -> int:
    """Half the recipes: each clip has one of its own and one of its sound. Counting files needs no lock."""
    return sum(len(files) for _, _, files in os.walk(place.cache / "v1" / "recipes")) // 2


def _resident_mb(pid: int | None) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE_BYTES / _MB
    except (OSError, IndexError):
        return 0.0


def _told(life: Life, number: int) -> str:
    how = "ended" if life.ended_by == 0 else f"killed ({life.ended_by})"
    lasted = time.monotonic() - life.began_at
    memory = f"{life.first_mb:.0f} MB at its first clip, {life.peak_mb:.0f} MB at most"
    return f"  worker {number}: {how} after {lasted:.0f} s, {life.clips} clips, {memory}"


async def measure_plan(place: Place) -> Mapping[str, float]:
    """Seconds that each step towards a plan takes, on the store as it is."""
    os.environ.update(place.environment)
    settings, marks = load_settings(), [time.perf_counter()]

    def mark() -> None:
        marks.append(time.perf_counter())

    catalog, store = open_catalog(settings), open_store(settings)
    mark()
    async with open_renderers(settings) as renderers:
        wanted = catalog_clips(catalog, providers_of(catalog.avatar, speech=open_speech(), renderers=renderers))
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


def play(folder: Path, clips: int, *, every_s: float, most_kills: int = 1_000) -> Story:
    """Write the catalog, warm it, look at the bill."""
    with lane("fal", media=OnceFilmed(), latency_s=0.02) as simulators:
        place = Place(folder, "fal", simulators.url)
        write_place(place, answers(clips))
        return warm_up(place, simulators, every_s=every_s, most_kills=most_kills)


def main() -> None:
    """All of it, with the figures; status 1 when something was paid twice or is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=10_000)
    parser.add_argument(
        "--every",
        type=float,
        default=60.0,
        help="seconds from a worker's first clip to its kill; two of three live longer",
    )
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        story = play(folder, asked.clips, every_s=asked.every)
        steps = asyncio.run(measure_plan(Place(folder, "fal", "http://127.0.0.1:9")))
    bill, kills = story.bill, sum(life.ended_by != 0 for life in story.lives)
    each_ms = 1000 * story.wall_s / asked.clips
    print(f"{story.clips} clips, {kills} kills, {story.wall_s:.0f} s, {each_ms:.0f} ms a clip")
    print(f"bill: {bill['jobs_charged']} jobs charged, {bill['paid_twice']} recipes paid twice, {bill['amount']} USD")
    print("plan: " + ", ".join(f"{name} {seconds:.1f} s" for name, seconds in steps.items()))
    sys.exit(not story.is_right(asked.clips))


if __name__ == "__main__":
    main()
