"""Measures the lips of the drawn looks, as the quality gate does: `python -m tests.face.lips build/face/lips.md`.

For each look and text: how the opening of the lips agrees with the spoken sounds (r), when (offset, negative is
early), how often p, b and m close the lips, when the first sound comes, and the processor time of a second of film.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from app.adapters.local import audio
from app.adapters.local.faces.detector import FaceFinder
from app.adapters.local.facts import LEAD_IN_S, Model
from app.adapters.local.inspection.inspector import LocalInspector
from app.adapters.local.inspection.video import Darkness, watch
from app.adapters.local.motion import REST
from app.adapters.local.order import Order, VideoFormat
from app.adapters.local.painter_choice import LOOK_KEY
from app.adapters.local.presenter.compositor import Presenter
from app.adapters.local.presenter.palettes import LOOKS
from app.adapters.local.render_clip import render_clip
from app.adapters.local.speech import Voice, speak
from app.rendering.media.inspection import Subject

TEXTS = (
    "Adults pay twelve euros, and a family ticket is twenty-eight euros. The special exhibition is included.",
    "Please keep both bags in front of you, most of our objects are fragile. Photography without flash is fine.",
    "The café is on the ground floor, beside the shop. You may bring your own food, and there is room for prams.",
)
SCREEN = VideoFormat(480, 480, 30)
SHUT = 0.035
"""Gap of the inner lips up to which they count as closed, as a share of the distance of the eyes."""
QUIET = 0.02


def portrait(look: str, folder: Path) -> Path:
    """Draw the portrait of a look."""
    marks, path = PngInfo(), folder / f"{look}.png"
    marks.add_text(LOOK_KEY, look)
    drawn = Presenter(LOOKS[look], width=720, height=720).frame(REST)
    Image.fromarray(drawn[..., ::-1]).save(path, pnginfo=marks)
    return path


def closures(gaps: list[tuple[float, float]], spoken: list[tuple[str, float, float]]) -> tuple[int, int]:
    """Count the p, b and m that were looked at, and those of them with closed lips."""
    seen = shut = 0
    for symbol, start_s, end_s in spoken:
        during = [gap for at, gap in gaps if start_s - 0.05 <= at <= end_s + 0.03]
        if symbol in "pbm" and during:
            seen, shut = seen + 1, shut + (min(during) <= SHUT)
    return seen, shut


def row(look: str, number: int, text: str, voice: Voice, folder: Path) -> str:
    """Film one text and measure it."""
    said, still, clip = speak(voice, text), portrait(look, folder), folder / "clip.mp4"
    wav = folder / "said.wav"
    wav.write_bytes(audio.wav_bytes(said.samples))
    order = Order(still, look, Model.AUTO, SCREEN, wav, said.words, said.phones, 0.0, number, folder)
    began = time.process_time()
    render_clip(order, clip)
    spent = time.process_time() - began
    seen = asyncio.run(LocalInspector(folder).inspect(Subject(clip, still, wav, said.phones)))
    sync = seen.mouth.sync if seen.mouth else None
    if sync is None:
        return f"| {look} | {number} | not measured | | | | |"
    times = [(one.text, one.start_s + LEAD_IN_S, one.end_s + LEAD_IN_S) for one in said.phones]
    looked, shut = closures(watch(clip, FaceFinder(folder), black=Darkness(0.1, 0.9)).gaps, times)
    sound = audio.decode(clip)
    first_ms = 1000 * float(np.argmax(np.abs(sound) > QUIET)) / audio.RATE
    cost = spent / (len(sound) / audio.RATE)
    figures = f"{sync.correlation:.2f} | {sync.offset_ms:.0f} | {shut} of {looked} | {first_ms:.0f} | {cost:.2f}"
    return f"| {look} | {number} | {figures} |"


def main(out: Path | None) -> None:
    """Measure all looks."""
    rows = ["| look | text | r | offset ms | p, b, m shut | first sound ms | processor s a second |"]
    rows += ["|---|---|---|---|---|---|---|"]
    with tempfile.TemporaryDirectory() as scratch:
        voice = Voice()
        for look in LOOKS:
            rows += [row(look, number, text, voice, Path(scratch)) for number, text in enumerate(TEXTS)]
    sys.stdout.write("\n".join(rows) + "\n")
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text("\n".join(rows) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
