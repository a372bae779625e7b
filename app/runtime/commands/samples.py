"""Samples of an avatar before anything is rendered: a sentence in the local voice, and one frame. Both are free."""

import asyncio
import io
from functools import lru_cache
from pathlib import Path

from app.adapters.local.facts import Model
from app.adapters.local.motion import Pose
from app.adapters.local.order import VideoFormat
from app.adapters.local.speech import LocalSpeech
from app.catalog.model import Avatar
from app.rendering.ports import Spoken
from app.runtime.commands.say import as_read_here

MOST_CHARS = 600
"""Text that is spoken as a sample."""

SIDE = 512
"""Height of a frame in pixels."""

SPEAKING = Pose(mouth=(0.45, *(0.2 for _ in range(7))), speaking=1.0)
"""Pose in the middle of a word."""


@lru_cache(maxsize=1)
def _voice(models_dir: Path) -> LocalSpeech:
    return LocalSpeech(models_dir)


async def hear(text: str, *, locale: str, avatar: Avatar, models_dir: Path) -> Spoken:
    """Speak a text in the local voice, read and paced as in the voice of its locale.

    Raises:
        ProviderRefusedError: the local voice does not speak this language, or nothing can be spoken.
    """
    _, request = await asyncio.to_thread(as_read_here, text[:MOST_CHARS], locale=locale, avatar=avatar)
    return await _voice(models_dir).speak(request)


async def one_frame(avatar: Avatar, *, models_dir: Path) -> bytes:
    """Paint the avatar in the middle of a word, as a JPEG.

    Raises:
        PortraitError: the local renderer cannot animate the portrait.
    """
    return await asyncio.to_thread(_frame, avatar, models_dir)


def _frame(avatar: Avatar, models_dir: Path) -> bytes:
    import cv2  # noqa: PLC0415 - what paints, for one button of the Studio
    from PIL import Image  # noqa: PLC0415

    from app.adapters.local.painter_choice import open_painter  # noqa: PLC0415

    wide = avatar.video.size[0] / avatar.video.size[1]
    screen = VideoFormat(2 * round(SIDE * wide / 2), SIDE, avatar.video.fps)
    portrait, background = Path(avatar.portrait_path), avatar.background
    painter = open_painter(portrait, Model.AUTO, screen, models_dir=models_dir, background=background)
    picture = cv2.cvtColor(painter.frame(SPEAKING), cv2.COLOR_BGR2RGB)
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "JPEG", quality=88)
    return out.getvalue()
