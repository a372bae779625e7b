"""Simulated voices: tones that follow the letters, or the local voice if it is installed."""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from app.simulators.audio import Samples

RATE = 48_000
_CHARACTER_S = 0.065
"""Time of a character: about 15 a second, a calm reader."""
_PAUSES_S = {" ": 0.04, ",": 0.18, ".": 0.35, "!": 0.35, "?": 0.35, ";": 0.25, ":": 0.25, "\n": 0.3}


@dataclass(frozen=True, slots=True)
class Span:
    """Character or word, and its time in the sound, seconds."""

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Utterance:
    """Utterance: sound at `RATE`, and one span for each character of the text."""

    samples: Samples
    characters: tuple[Span, ...]

    @property
    def duration_s(self) -> float:
        """Length of the sound."""
        return len(self.samples) / RATE

    @property
    def words(self) -> tuple[Span, ...]:
        """Join the characters between white space to words."""
        words: list[Span] = []
        run: list[Span] = []
        for span in [*self.characters, Span(" ", self.duration_s, self.duration_s)]:
            if not span.text.isspace():
                run.append(span)
            elif run:
                words.append(Span("".join(s.text for s in run), run[0].start_s, run[-1].end_s))
                run = []
        return tuple(words)


class VoiceMaker(Protocol):
    """Voice: text to sound; called in a thread."""

    def speak(self, text: str, *, speed: float = 1.0) -> Utterance:
        """Speak a text; the same text and speed give the same sound."""
        ...


class ToneVoice:
    """Voice of tones: one for each letter, silence for the rest.

    Exact times, no model, the same everywhere.
    """

    def speak(self, text: str, *, speed: float = 1.0) -> Utterance:
        """Speak: a tone's pitch is the letter's place in the alphabet."""
        at_s = 0.0
        spans: list[Span] = []
        parts: list[Samples] = []
        for character in text:
            count = round(_PAUSES_S.get(character, _CHARACTER_S) / speed * RATE)
            parts.append(_tone(character, count))
            spans.append(Span(character, at_s, at_s + count / RATE))
            at_s += count / RATE
        samples = np.concatenate(parts) if parts else np.zeros(1, np.float32)
        return Utterance(samples.astype(np.float32), tuple(spans))


class LocalVoice:
    """Local voice of the package, loaded at first use; characters share their word's time evenly."""

    def __init__(self) -> None:
        self._voice: object | None = None

    def speak(self, text: str, *, speed: float = 1.0) -> Utterance:
        """Speak a text, in English only.

        Raises:
            ProviderRefusedError: nothing in the text can be spoken.
        """
        from app.adapters.local import audio, speech  # noqa: PLC0415  the model is heavy and optional here

        loaded = self._voice if isinstance(self._voice, speech.Voice) else speech.Voice()
        self._voice = loaded
        raw = loaded.speak(text, speed=min(2.0, max(0.5, speed)))
        samples = audio.resample(raw.samples, from_rate=raw.rate, to_rate=RATE)
        words = [Span(word.text, word.start_s, word.end_s) for word in raw.words]
        return Utterance(samples, tuple(_spread(text, words, len(samples) / RATE)))


def _tone(character: str, count: int) -> Samples:
    if not character.isalnum():
        return np.zeros(count, np.float32)
    pitch = 140.0 + 8.0 * (ord(character.lower()) % 26)
    at = np.arange(count, dtype=np.float32) / RATE
    swell = np.sin(math.pi * np.arange(count) / max(1, count)).astype(np.float32)
    return (0.3 * swell * np.sin(2 * math.pi * pitch * at)).astype(np.float32)


def _spread(text: str, words: list[Span], end_s: float) -> list[Span]:
    """Give each character its part of its word's time, in the order of the text."""
    spans: list[Span] = []
    queue = list(words)
    at_s = 0.0
    for piece in _pieces(text):
        if piece.isspace() or not queue:
            stop_s = queue[0].start_s if queue else end_s
        else:
            word = queue.pop(0)
            at_s, stop_s = word.start_s, word.end_s
        step = max(0.0, stop_s - at_s) / len(piece)
        spans += [Span(c, at_s + i * step, at_s + (i + 1) * step) for i, c in enumerate(piece)]
        at_s = max(at_s, stop_s)
    return spans


def _pieces(text: str) -> list[str]:
    pieces: list[str] = []
    for character in text:
        if pieces and pieces[-1][-1].isspace() == character.isspace():
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces
