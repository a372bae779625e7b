"""The local voice behind the `Speech` port: text in, trimmed and levelled sound with word and phoneme times out."""

import asyncio
import threading
from dataclasses import dataclass

from app.adapters.local import audio
from app.adapters.local.arrays import Samples
from app.adapters.local.loudness import RATE, normalise
from app.adapters.local.phones import shift, within
from app.adapters.local.versions import VOICE_VERSION
from app.adapters.local.voice import Voice
from app.errors import ProviderRefusedError
from app.rendering.ports import SpeechRequest, Spoken, TimedSpan

VOICES = ("default", "heart")
"""`heart` is the voice's own name; it is the only one inside the wheel."""

LANGUAGES = ("en",)
"""What it speaks, by the first part of the locale's tag."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """Finished sound (mono, 48 kHz, -16 LUFS) with its words and phonemes, seconds from its start."""

    samples: Samples
    words: tuple[TimedSpan, ...]
    phones: tuple[TimedSpan, ...]

    @property
    def duration_s(self) -> float:
        """Length of the sound."""
        return len(self.samples) / RATE


def speak(voice: Voice, text: str, *, speed: float = 1.0) -> Utterance:
    """Speak, trim both ends, set the loudness; times follow the trim."""
    raw = voice.speak(text, speed=speed)
    full = audio.resample(raw.samples, from_rate=raw.rate)
    kept, cut_s = audio.trim(full)
    words, phones = (tuple(within(shift(s, -cut_s), len(kept) / RATE)) for s in (raw.words, raw.phones))
    return Utterance(normalise(kept), words, phones)


class LocalSpeech:
    """The voice of this computer; loaded at the first sentence, one sentence at a time."""

    name = "local"
    version = VOICE_VERSION

    def __init__(self) -> None:
        self._voice: Voice | None = None
        self._lock = threading.Lock()

    async def speak(self, request: SpeechRequest) -> Spoken:
        """Speak the words in a thread.

        Raises:
            ProviderRefusedError: another voice, another language than English, or nothing that can be spoken.
            SettingsError: the installed voice is not the known one.
        """
        if request.voice not in VOICES:
            raise ProviderRefusedError(f"Expected a local voice of {VOICES}, got {request.voice!r}.")
        if request.locale.lower().partition("-")[0] not in LANGUAGES:
            raise ProviderRefusedError(
                f"Expected English for the local voice, got locale {request.locale!r}; name another `voice.speech`."
            )
        return await asyncio.to_thread(self._speak, request.text, request.speed)

    async def warm(self) -> None:
        """Load the voice and its lexicons now, so that the first sentence does not wait for them."""
        await asyncio.to_thread(self._speak, "Hello.", 1.0)

    def _loaded(self) -> Voice:
        with self._lock:
            if self._voice is None:
                self._voice = Voice()
            return self._voice

    def _speak(self, text: str, speed: float) -> Spoken:
        voice = self._loaded()
        with self._lock:
            said = speak(voice, text, speed=speed)
        return Spoken(audio.wav_bytes(said.samples), said.duration_s, said.words, said.phones)
