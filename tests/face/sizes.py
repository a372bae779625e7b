"""Watches the face at 14 sizes of a page: `python -m tests.face.sizes build/face/sizes`.

While an answer plays with its captions, the stage is photographed without what lies on it. The product's own face
finder must find the face in it, whole, with the mouth above the captions. The pictures are kept, with a table.
"""

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from playwright.sync_api import Browser, sync_playwright

from app.adapters.local.faces.detector import FaceFinder
from app.adapters.local.inspection.face_box import PARTS, PRESENT
from tests.browser.conftest import ARGS, chromium_path
from tests.browser.probes import TOP_LAYER, ask, open_widget, wait_heard
from tests.browser.scenes import FACE
from tests.browser.scripted_server import Script
from tests.browser.servers import Server
from tests.face.films import film

FLOATING, INLINE = "", "mode=inline"
SIZES = [
    (320, 256, FLOATING),
    (320, 568, FLOATING),
    (390, 844, FLOATING),
    (844, 390, FLOATING),
    (560, 700, INLINE),
    (640, 480, INLINE),
    (759, 820, INLINE),
    (820, 1180, INLINE),
    (1180, 820, INLINE),
    (1280, 800, FLOATING),
    (1920, 1080, INLINE),
    (1080, 1920, INLINE),
    (2160, 3840, INLINE),
    (3840, 2160, INLINE),
]
MOMENT_S = 1.6
HOLD = """async ([video, at]) => {
  video.playbackRate = 0.0625;
  const there = new Promise((resolve) => video.addEventListener('seeked', resolve, {once: true}));
  video.currentTime = at;
  await there;
}"""
PLACES = """() => {
  const root = document.querySelector('greenroom-chat').shadowRoot;
  const at = (one) => {
    const {left, top, right, bottom} = one.getBoundingClientRect();
    return [left, top, right, bottom];
  };
  const words = root.querySelector('.cue span');
  return {stage: at(root.querySelector('.stage')), words: words && at(words)};
}"""
BARE = """(isBare) => {
  const root = document.querySelector('greenroom-chat').shadowRoot;
  for (const part of root.querySelectorAll('.top, .bottom')) part.style.visibility = isBare ? 'hidden' : '';
}"""
OUTLINE = (10, 152, 234, 454)
"""Points of the mesh: forehead, chin, both cheeks."""
MOUTH = (0, 17, 61, 291)


@dataclass(frozen=True)
class Watched:
    """One size: the face on the stage, in pixels, and what is wrong with it."""

    name: str
    stage: tuple[float, float]
    face: tuple[float, ...]
    faults: tuple[str, ...]

    def row(self) -> str:
        """The line of the table."""
        across, down = self.stage
        box = ", ".join(f"{value:.0f}" for value in self.face) or "none"
        return f"| {self.name} | {across:.0f}x{down:.0f} | {box} | {'; '.join(self.faults) or 'whole, mouth free'} |"


def watch(browser: Browser, server: Server, size: tuple[int, int, str], folder: Path, finder: FaceFinder) -> Watched:
    """Ask, hold the answer in the middle of a word, and look."""
    width, height, attributes = size
    name = f"{width}x{height}{'' if attributes else ' floating'}"
    page = browser.new_page(viewport={"width": width, "height": height}, reduced_motion="no-preference")
    open_widget(page, f"{server.url}/host?{attributes}")
    ask(page, "When are you open?")
    wait_heard(page, "e.name === 'playback' && e.event === 'started' && e.clip === 'answer'")
    page.evaluate(HOLD, [page.evaluate_handle(TOP_LAYER), MOMENT_S])
    page.locator("greenroom-chat .cue span").wait_for()
    places, stage = page.evaluate(PLACES), page.locator("greenroom-chat .stage")
    file = folder / f"{name.replace(' ', '-')}.jpg"
    page.screenshot(path=file, type="jpeg", quality=80, scale="css")
    page.evaluate(BARE, arg=True)
    picture = cv2.imdecode(np.frombuffer(stage.screenshot(), np.uint8), cv2.IMREAD_COLOR)
    page.close()
    left, top, right, bottom = places["stage"]
    words_y = (places["words"] or [0, bottom])[1] - top
    face, faults = judge(np.asarray(picture, np.uint8), words_y, finder)
    return Watched(name, (right - left, bottom - top), face, faults)


def judge(picture: np.ndarray, words_y: float, finder: FaceFinder) -> tuple[tuple[float, ...], tuple[str, ...]]:
    """Return the box of the face in a picture of the stage, and what is wrong."""
    faces = finder.detect(picture, parts=PARTS)
    if not faces:
        return (), ("no face",)
    points, present = finder.mesh(picture, max(faces, key=lambda face: face.area))
    outline, mouth = points[list(OUTLINE), :2], points[list(MOUTH), :2]
    height, width = picture.shape[:2]
    faults = []
    if present <= PRESENT:
        faults.append(f"half a face ({present:.2f})")
    if outline.min() < 0 or outline[:, 0].max() > width or outline[:, 1].max() > height:
        faults.append("cut off")
    if mouth[:, 1].max() > words_y:
        faults.append("captions on the mouth")
    low, high = outline.min(axis=0), outline.max(axis=0)
    return (*low.tolist(), *high.tolist()), tuple(faults)


def main(folder: Path) -> None:
    """Watch all sizes; exit with 1 if a face is not whole."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        clips, models_dir = Path(scratch) / "clips", Path(scratch) / "models"
        FACE.update(film(clips, models_dir).document())
        finder = FaceFinder(models_dir)
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=ARGS)
        with Server(lambda: Script(clips)) as server:
            watched = [watch(browser, server, size, folder, finder) for size in SIZES]
        browser.close()
    rows = [
        "| page | stage | face (left, top, right, bottom) | |",
        "|---|---|---|---|",
        *(one.row() for one in watched),
    ]
    (folder / "sizes.md").write_text("\n".join(rows) + "\n")
    sys.stdout.write("\n".join(rows) + "\n")
    sys.exit(any(one.faults for one in watched))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
