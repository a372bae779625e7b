"""Watches the compositor while answers begin: `python -m tests.face.switches build/face/switches 100`.

At random moments of the idle loop a question is asked. Every frame that the browser puts on the screen is kept
(Chromium's screencast). Two things are told of it: how far neighbouring frames are apart, beside those of plain speech;
and whether a frame is a blend, that is like neither of its neighbours but like the mean of both.
"""

import asyncio
import base64
import itertools
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from playwright.async_api import CDPSession, Page, async_playwright

from tests.browser.conftest import ARGS, chromium_path
from tests.browser.scenes import FACE, clip
from tests.browser.scripted_server import Script
from tests.browser.servers import Server
from tests.face.films import LOOPS, film, film_loops

SIZE = (400, 720)
SIDE = 120
"""Frames are compared at this many pixels a side, in grey."""
NEAR_S = 0.4
"""Around the cut, in seconds."""
SPOKEN_S = 1.2
REACH = 12
"""Frames before and after one that it is compared with: a fade of 0.2 s at 60 pictures a second."""
LEAST_STEP = 1.0
"""Levels of grey that two pictures must be apart for a mean of them to be told from both."""
BARE = """() => {
  const root = document.querySelector('greenroom-chat').shadowRoot;
  for (const part of root.querySelectorAll('.top, .bottom, .talk')) part.style.visibility = 'hidden';
  const {left, top, width, height} = root.querySelector('.stage').getBoundingClientRect();
  return [left, top, width, height];
}"""
LISTEN = """() => {
  window.heard = [];
  const keep = (name) => (event) => window.heard.push({name, at: Date.now() / 1000, ...event.detail});
  const names = ['ready', 'answer', 'playback', 'idle'];
  for (const name of names) document.addEventListener('greenroom:' + name, keep(name));
}"""


PLAIN = """(url) => new Promise((resolve) => {
  const video = Object.assign(document.createElement('video'), {muted: true, src: url});
  document.body.append(video);
  const began = performance.now();
  video.requestVideoFrameCallback(() => {
    resolve(performance.now() - began);
    video.remove();
  });
  video.play();
})"""
"""How long a video of its own takes to the first frame of the same clip, in milliseconds."""


@dataclass
class Camera:
    """The screencast: frames in grey with their times of the day, in seconds."""

    stage: tuple[int, int, int, int]
    frames: list[tuple[float, np.ndarray]] = field(default_factory=list)
    _acks: set[asyncio.Task[Any]] = field(default_factory=set)

    async def roll(self, cdp: CDPSession) -> None:
        """Begin."""
        cdp.on("Page.screencastFrame", lambda shot: self._take(cdp, shot))
        await cdp.send("Page.startScreencast", {"format": "png", "everyNthFrame": 1})

    async def cut(self) -> None:
        """End: what was told to the browser is answered."""
        await asyncio.gather(*self._acks, return_exceptions=True)

    def _take(self, cdp: CDPSession, shot: dict[str, Any]) -> None:
        task = asyncio.ensure_future(cdp.send("Page.screencastFrameAck", {"sessionId": shot["sessionId"]}))
        self._acks.add(task)
        task.add_done_callback(self._acks.discard)
        picture = cv2.imdecode(np.frombuffer(base64.b64decode(shot["data"]), np.uint8), cv2.IMREAD_GRAYSCALE)
        left, top, width, height = self.stage
        small = cv2.resize(picture[top : top + height, left : left + width], (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        self.frames.append((float(shot["metadata"]["timestamp"]), small.astype(np.float32)))

    def between(self, start: float, end: float) -> list[np.ndarray]:
        """Frames of a stretch of time."""
        return [frame for at, frame in self.frames if start <= at <= end]


def steps(frames: list[np.ndarray]) -> list[float]:
    """Mean differences of neighbouring frames, in levels of grey."""
    return [float(np.abs(a - b).mean()) for a, b in itertools.pairwise(frames)]


def blends(frames: list[np.ndarray]) -> int:
    """Count the frames in which two heads show: those of the mean of two pictures that the switch lies between.

    A fade may take several frames, each like its neighbours. So each frame is compared with every pair of one before
    and one after it that are `apart`: it is a blend if a mean of the pair explains it far better than either does.
    """
    return sum(_is_blend(frames, at) for at in range(1, len(frames) - 1))


def _is_blend(frames: list[np.ndarray], at: int) -> bool:
    frame = frames[at]
    for before, after in _around(frames, at):
        step = after - before
        apart = float(np.abs(step).mean())
        if apart <= LEAST_STEP:
            continue
        share = float((frame - before).ravel() @ step.ravel()) / float(step.ravel() @ step.ravel())
        if 0.12 <= share <= 0.88:
            left = float(np.abs(frame - (before + share * step)).mean())
            if left < 0.2 * min(share, 1 - share) * apart:
                return True
    return False


def _around(frames: list[np.ndarray], at: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the frames up to `REACH` before and after one, the nearest first."""
    for reach in range(1, REACH + 1):
        yield frames[max(0, at - reach)], frames[min(len(frames) - 1, at + reach)]


@dataclass
class Switches:
    """Figures of all switches."""

    at_cut: list[float] = field(default_factory=list)
    in_speech: list[float] = field(default_factory=list)
    in_idle: list[float] = field(default_factory=list)
    blended: int = 0
    frames: int = 0
    plain_blended: int = 0
    """False alarms: frames of plain speech and of the idle loop that look like blends. Slow movement does, too."""
    plain_frames: int = 0
    waits_ms: list[float] = field(default_factory=list)
    staged_ms: list[float] = field(default_factory=list)
    """From the message with the clip to its first frame on the stage."""
    plain_ms: list[float] = field(default_factory=list)
    """The same of a plain video element, asked beside each switch."""

    def report(self) -> str:
        """The table of figures."""
        rows = [("plain speech", self.in_speech), ("idle loop", self.in_idle), ("cut to the answer", self.at_cut)]
        lines = ["| neighbouring frames | count | median | p95 | largest |", "|---|---|---|---|---|"]
        for name, values in rows:
            p50, p95, most = np.percentile(values, [50, 95, 100])
            lines.append(f"| {name} | {len(values)} | {p50:.2f} | {p95:.2f} | {most:.2f} |")
        ratio = max(self.at_cut) / max(self.in_speech)
        lines += ["", f"{len(self.waits_ms)} switches; {self.frames} frames of the compositor around them."]
        lines.append(f"Largest step at a cut: {ratio:.2f} times the largest of plain speech. Blended: {self.blended}.")
        lines.append(
            f"False alarms: {self.plain_blended} of {self.plain_frames} frames without a switch look like blends."
        )
        lines.append(f"From the question to the first frame: p50 {np.percentile(self.waits_ms, 50):.0f} ms, "
                     f"p95 {np.percentile(self.waits_ms, 95):.0f} ms.")  # fmt: skip
        (s50, s95), (p50, p95) = (np.percentile(of, [50, 95]) for of in (self.staged_ms, self.plain_ms))
        lines.append(f"From the message to the first frame: p50 {s50:.0f} ms, p95 {s95:.0f} ms; a plain video: "
                     f"p50 {p50:.0f} ms, p95 {p95:.0f} ms. Added: {s50 - p50:.0f} and {s95 - p95:.0f} ms.")  # fmt: skip
        return "\n".join(lines) + "\n"

    def is_good(self) -> bool:
        """Whether no more frames than without a switch have two heads, and no cut shows more than speech does."""
        usual = self.plain_blended / max(1, self.plain_frames)
        return self.blended <= usual * self.frames and max(self.at_cut) <= 1.5 * max(self.in_speech)


async def heard(page: Page, condition: str) -> float:
    """Wait for an event and return when it came."""
    await page.wait_for_function(f"() => window.heard.some((e) => {condition})", timeout=60_000)
    return float(await page.evaluate(f"() => window.heard.findLast((e) => {condition}).at"))


async def switch(page: Page, camera: Camera, found: Switches, pause_s: float) -> None:
    """Wait a while, ask, let it speak a little, stop."""
    camera.frames.clear()
    idles = time.time() + NEAR_S
    found.plain_ms.append(float(await page.evaluate(PLAIN, "/clips/answer.mp4")))
    await asyncio.sleep(pause_s)
    await page.evaluate("() => { window.heard = []; }")
    asked = time.time()
    await page.evaluate("() => document.querySelector('greenroom-chat').ask('When are you open?')")
    started = await heard(page, "e.name === 'playback' && e.event === 'started' && e.clip === 'answer'")
    told = await heard(page, "e.name === 'answer'")
    await asyncio.sleep(NEAR_S + SPOKEN_S)
    found.staged_ms.append(1000 * (started - told))
    found.waits_ms.append(1000 * (started - asked))
    around = camera.between(started - NEAR_S, started + NEAR_S)
    found.frames += len(around)
    found.at_cut += sorted(steps(around))[-1:]
    found.blended += blends(around)
    speech = camera.between(started + NEAR_S, started + NEAR_S + SPOKEN_S)
    idle = camera.between(idles, started - NEAR_S)
    found.in_speech += steps(speech)
    found.in_idle += steps(idle)
    found.plain_blended += blends(speech) + blends(idle)
    found.plain_frames += len(speech) + len(idle)
    await page.evaluate("() => document.querySelector('greenroom-chat').stop()")
    await heard(page, "e.name === 'idle'")


async def watch(url: str, count: int, seed: int = 17) -> Switches:
    """Open the page, roll the camera, switch."""
    found, rng = Switches(), random.Random(seed)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=ARGS)
        page = await browser.new_page(
            viewport={"width": SIZE[0], "height": SIZE[1]}, reduced_motion="no-preference", device_scale_factor=1
        )
        await page.add_init_script(f"({LISTEN})()")
        await page.goto(f"{url}/host?mode=inline")
        await heard(page, "e.name === 'ready'")
        await heard(page, "e.name === 'playback' && e.event === 'ended'")
        left, top, width, height = (round(value) for value in await page.evaluate(BARE))
        camera = Camera((left, top, width, height))
        await camera.roll(await page.context.new_cdp_session(page))
        for _ in range(count):
            await switch(page, camera, found, rng.uniform(0.5, 5.0))
        await camera.cut()
        await browser.close()
    return found


def main(folder: Path, count: int) -> None:
    """Film, serve, watch; exit with 1 if a head is doubled or jumps."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        clips = Path(scratch) / "clips"
        FACE.update(film(clips, Path(scratch) / "models", side=480).document())
        film_loops(clips, Path(scratch) / "models", side=480)
        script = Script(clips)
        script.hand.loops = {"idle" if name == "sway" else name: [clip(name)] for name in LOOPS}
        with Server(lambda: script) as server:
            found = asyncio.run(watch(server.url, count))
    (folder / "switches.md").write_text(found.report())
    sys.stdout.write(found.report())
    sys.exit(not found.is_good())


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
