"""Videos by the local renderer: a face that speaks, at about real time.

For demos, and for gates that require one.
"""

import itertools
import tempfile
from pathlib import Path

import av
import cv2
import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from app.adapters.local.audio import Points
from app.adapters.local.faces.detector import FaceFinder
from app.adapters.local.facts import Model
from app.adapters.local.order import Order, VideoFormat
from app.adapters.local.painter_choice import LOOK_KEY
from app.adapters.local.phones import PAUSE
from app.adapters.local.render_clip import render_clip
from app.digest import digest_bytes
from app.errors import PortraitError
from app.rendering.ports import TimedSpan
from app.simulators.audio import Samples, wav
from app.simulators.stub_video import RATE, MediaMaker, PlainMedia, VideoOrder, encode_film, lower_middle

_HOP_S = 0.08
_REST_S = 0.3
"""Pause before the speech, in seconds: the part with sound then begins with a face in motion."""
_SYLLABLES = ("ɑ", "m", "ɛ", "s")
"""Phonemes of the lips while there is sound: the words cannot be known from the sound alone."""
_LIP_CORNERS, _LIP_HEIGHTS = (61, 291), (0, 17)
"""Points of the face mesh at the lips."""


class LocalMedia:
    """Media maker on the local renderer; `otherwise` makes what it cannot (no face, no sound).

    The local renderer rests before and after it speaks; providers do not, so both rests are cut off.

    Args:
        models_dir: keeps the converted face graphs.
        longest_px: the longer side of the video; the local renderer is slow above 720.
    """

    def __init__(self, models_dir: Path, *, longest_px: int = 720, otherwise: MediaMaker | None = None) -> None:
        self._models_dir = models_dir
        self._longest_px = longest_px
        self._otherwise = otherwise or PlainMedia(longest_px=longest_px, find_mouth=MouthByFace(models_dir))

    def film(self, order: VideoOrder) -> bytes:
        """Paint and encode in this thread."""
        if not order.with_sound:
            return self._otherwise.film(order)
        with tempfile.TemporaryDirectory(prefix="greenroom-film-") as folder:
            try:
                return self._shoot(order, Path(folder))
            except PortraitError:
                return self._otherwise.film(order)

    def _shoot(self, order: VideoOrder, folder: Path) -> bytes:
        portrait, speech, out = folder / "portrait.png", folder / "speech.wav", folder / "film.mp4"
        order.still.save(portrait, pnginfo=_look(order.still))
        heard = order.sound[: round(order.duration_s * RATE)]
        speech.write_bytes(wav(heard, RATE))
        scale = min(1.0, self._longest_px / max(order.width, order.height))
        width, height = (max(2, round(side * scale) // 2 * 2) for side in (order.width, order.height))
        render_clip(
            Order(
                portrait=portrait,
                portrait_digest=str(digest_bytes(portrait.read_bytes())),
                model=Model.AUTO,
                screen=VideoFormat(width, height, order.fps),
                wav=speech,
                words=(),
                phones=mouthed(heard),
                idle_s=0.0,
                seed=0,
                models_dir=self._models_dir,
                lead_in_s=_REST_S,
            ),
            out,
        )
        return _without_rests(out, order, (width, height))


class MouthByFace:
    """Finder of the mouth in a picture; the lower middle if there is no face."""

    def __init__(self, models_dir: Path) -> None:
        self._models_dir = models_dir
        self._finder: FaceFinder | None = None

    def __call__(self, still: Image.Image) -> tuple[float, float, float, float]:
        """Return centre and half sizes as shares of the picture."""
        self._finder = self._finder or FaceFinder(self._models_dir)
        picture = cv2.cvtColor(np.asarray(still), cv2.COLOR_RGB2BGR)
        faces = self._finder.detect(picture)
        if not faces:
            return lower_middle(still)
        return _lips(self._finder.mesh(picture, faces[0])[0], still)


def mouthed(sound: Samples) -> tuple[TimedSpan, ...]:
    """Guess phonemes from loudness: syllables while it is loud, pauses while it is quiet."""
    hop = round(_HOP_S * RATE)
    count = max(1, len(sound) // hop)
    padded = np.zeros(count * hop, np.float32)
    padded[: min(len(sound), count * hop)] = sound[: count * hop]
    level = np.sqrt((padded.reshape(count, hop) ** 2).mean(axis=1))
    loud = level > max(1e-4, 0.1 * float(level.max()))
    marks = [_SYLLABLES[at % len(_SYLLABLES)] if is_loud else PAUSE for at, is_loud in enumerate(loud)]
    return tuple(TimedSpan(mark, at * _HOP_S, (at + 1) * _HOP_S) for at, mark in enumerate(marks))


def _without_rests(film: Path, order: VideoOrder, size: tuple[int, int]) -> bytes:
    """Cut the part with sound: as long as the sound, with the sound as it was sent."""
    first, count = round(_REST_S * order.fps), max(2, round(order.duration_s * order.fps))
    with av.open(str(film)) as opened:
        frames = itertools.islice(opened.decode(video=0), first, first + count)
        return encode_film(order, size, (frame.reformat(format="yuv420p") for frame in frames))


def _lips(points: Points, still: Image.Image) -> tuple[float, float, float, float]:
    (left, right), (top, bottom) = points[list(_LIP_CORNERS), 0], points[list(_LIP_HEIGHTS), 1]
    middle_x, middle_y = (left + right) / 2 / still.width, (top + bottom) / 2 / still.height
    wide, high = abs(right - left) / 2 / still.width, abs(bottom - top) / still.height
    return float(middle_x), float(middle_y), float(wide), float(high)


def _look(still: Image.Image) -> PngInfo | None:
    look = still.info.get(LOOK_KEY)
    if not isinstance(look, str):
        return None
    marks = PngInfo()
    marks.add_text(LOOK_KEY, look)
    return marks
