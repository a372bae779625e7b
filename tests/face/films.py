"""Real clips of the sample's presenter for the scripted server, filmed on this computer, with the face where it is."""

from pathlib import Path

from app.adapters.local import audio
from app.adapters.local.faces.detector import FaceFinder
from app.adapters.local.facts import Model
from app.adapters.local.inspection.face_box import face_box
from app.adapters.local.loops import LoopMotion
from app.adapters.local.mp4 import pictures
from app.adapters.local.order import Order, VideoFormat
from app.adapters.local.render_clip import render_clip
from app.adapters.local.speech import Voice, speak
from app.rendering.media.face_box import FaceBox
from tests.browser.clips import write_clips
from tests.browser.scenes import HOURS

MIRA = Path(__file__).parents[2] / "intents" / "avatars" / "mira.png"
IDLE_S = 5.0
LOOPS = {
    "listening": (LoopMotion.LISTENING, 8.0),
    "thinking": (LoopMotion.THINKING, 6.0),
    "sway": (LoopMotion.IDLE, 9.0),
}
"""Loops beside the first idle one: motion and seconds."""


def film(folder: Path, models_dir: Path, *, side: int = 720, portrait: Path = MIRA) -> FaceBox:
    """Film idle loop, greeting and answer into a folder of clips, and return where the face is."""
    folder.mkdir(parents=True, exist_ok=True)
    write_clips(folder)
    screen, voice = VideoFormat(side, side, 30), Voice()
    for seed, (name, text) in enumerate({"idle": "", "greeting": "Hello.", "answer": HOURS}.items()):
        wav, phones = None, ()
        if text:
            said = speak(voice, text)
            wav, phones = folder / f"{name}.wav", said.phones
            wav.write_bytes(audio.wav_bytes(said.samples))
        idle_s = 0.0 if text else IDLE_S
        order = Order(portrait, "watched", Model.AUTO, screen, wav, (), phones, idle_s, seed, models_dir)
        render_clip(order, folder / f"{name}.mp4")
    first = next(picture for _, picture in pictures(folder / "idle.mp4"))
    box = face_box(first, FaceFinder(models_dir))
    if box is None:
        raise SystemExit(f"no face is found in what was filmed of {portrait}")
    return box


def film_loops(folder: Path, models_dir: Path, *, side: int = 720, portrait: Path = MIRA) -> None:
    """Film the loops beside the first idle one into the same folder."""
    screen = VideoFormat(side, side, 30)
    for seed, (name, (motion, seconds)) in enumerate(LOOPS.items(), 10):
        order = Order(portrait, "watched", Model.AUTO, screen, None, (), (), seconds, seed, models_dir, motion=motion)
        render_clip(order, folder / f"{name}.mp4")
