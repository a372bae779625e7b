"""Real parts, made once: the voice, the face graphs, and a few small clips of the drawn presenter."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.adapters.local import audio
from app.adapters.local.faces.detector import FaceFinder
from app.adapters.local.facts import LEAD_IN_S, Model
from app.adapters.local.order import Order, VideoFormat
from app.adapters.local.phones import shift
from app.adapters.local.render_clip import render_clip
from app.adapters.local.speech import Utterance, Voice, speak
from app.rendering.ports import TimedSpan

os.environ.setdefault("OMP_NUM_THREADS", "1")
MIRA = Path(__file__).parents[3] / "intents" / "avatars" / "mira.png"
SMALL = VideoFormat(360, 360, 30)
SENTENCES = (
    "Hello, I am Mira. Welcome to the museum, my team and I will help you find a perfect place to begin.",
    "Photography without flash is fine. Please keep both bags in front of you, most objects are fragile.",
)


@dataclass(frozen=True)
class Filmed:
    order: Order
    path: Path

    @property
    def phones(self) -> list[TimedSpan]:
        return shift(self.order.phones, LEAD_IN_S)


@pytest.fixture(scope="session")
def voice() -> Voice:
    return Voice()


@pytest.fixture(scope="session")
def models_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="session")
def finder(models_dir: Path) -> FaceFinder:
    return FaceFinder(models_dir)


@pytest.fixture(scope="session")
def utterances(voice: Voice) -> list[Utterance]:
    return [speak(voice, text) for text in SENTENCES]


@pytest.fixture(scope="session")
def clips(utterances: list[Utterance], models_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Filmed]:
    folder = tmp_path_factory.mktemp("clips")
    return [film(folder, said, models_dir, seed=n) for n, said in enumerate(utterances)]


@pytest.fixture(scope="session")
def idle_clip(models_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Filmed:
    order = Order(MIRA, "mira", Model.AUTO, SMALL, None, (), (), 4.0, 9, models_dir)
    path = tmp_path_factory.mktemp("idle") / "idle.mp4"
    render_clip(order, path)
    return Filmed(order, path)


def film(folder: Path, said: Utterance, models_dir: Path, *, seed: int) -> Filmed:
    wav = folder / f"{seed}.wav"
    wav.write_bytes(audio.wav_bytes(said.samples))
    order = Order(MIRA, "mira", Model.AUTO, SMALL, wav, said.words, said.phones, 0.0, seed, models_dir)
    path = folder / f"{seed}.mp4"
    render_clip(order, path)
    return Filmed(order, path)
