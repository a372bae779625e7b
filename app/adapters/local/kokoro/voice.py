"""Kokoro voice: sound with exact phoneme and word times, from the graph's own durations."""

import json
from pathlib import Path

import numpy as np

from app.adapters.local import phones as phonetics
from app.adapters.local.audio import Curve, Samples
from app.adapters.local.kokoro.packs import (
    GRAPH,
    GRAPH_SHA256,
    PACKS,
    VOCABULARY,
    VOCABULARY_SHA256,
    checked_bytes,
    table_of,
)
from app.adapters.local.kokoro.phonemes import known_symbols, phonemizer, pieces, sentences
from app.adapters.local.onnx_tap import tap
from app.adapters.local.raw_speech import RawSpeech, checked_speed
from app.errors import ProviderRefusedError, SettingsError
from app.rendering.ports import TimedSpan

RATE = 24_000
LAG_S = 0.017
"""Lead of the sound over the unit that names it, in seconds.

Measured by the inspection of twelve clips in three languages: with the lead of the English voice, 55 ms, their pictures
were 34 to 42 ms early.
"""
_DURATION_TENSOR = "/encoder/Clip_output_0"
_UNIT_SAMPLES = round(phonetics.UNIT_S * RATE)
_MOST_SYMBOLS = 500
"""Symbols a run of the graph reads, of its 510; its table has a row for each length."""
_STYLE = 256


class KokoroVoice:
    """Voices of one language; same text, voice and speed give the same sound.

    Raises:
        SettingsError: a file of the pack is missing or another one, or the phonemizer is not installed.
    """

    def __init__(self, folder: Path, language: str) -> None:
        import onnxruntime as ort  # noqa: PLC0415 - only a voice in use should cost its import

        self._pack = PACKS[language]
        self._phonemes = phonemizer(language, folder)
        graph = checked_bytes(folder / GRAPH, GRAPH_SHA256, language)
        vocabulary = checked_bytes(folder / VOCABULARY, VOCABULARY_SHA256, language)
        self._vocabulary: dict[str, int] = json.loads(vocabulary)["vocab"]
        self._tables = {
            name: np.frombuffer(checked_bytes(table_of(folder, name), sha256, language), "<f4").reshape(-1, _STYLE)
            for name, sha256 in self._pack.tables.items()
        }
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = ort.InferenceSession(tap(graph, _DURATION_TENSOR), options, providers=["CPUExecutionProvider"])

    def speak(self, text: str, *, voice: str = "default", speed: float = 1.0) -> RawSpeech:
        """Speak a text in the pack's language.

        Raises:
            ProviderRefusedError: no such voice, nothing in the text can be spoken, or the speed is out of range.
        """
        checked_speed(speed)
        table = self._tables.get(self._pack.voices[0] if voice == "default" else voice)
        if table is None:
            raise ProviderRefusedError(
                f"Expected a voice of default, {', '.join(self._pack.voices)} for {self._pack.name}, got {voice!r}."
            )
        sound: list[Samples] = []
        phones: list[TimedSpan] = []
        words: list[TimedSpan] = []
        at_s = 0.0
        for sentence in sentences(text):
            groups: list[tuple[float, float]] = []
            for symbols in pieces(known_symbols(self._phonemes(sentence), self._vocabulary), _MOST_SYMBOLS):
                samples, units = self._run(symbols, table, speed)
                sound.append(samples)
                ends = at_s + np.cumsum(units) * phonetics.UNIT_S
                marks = [phonetics.PAUSE, *symbols, phonetics.PAUSE]
                heard, spoken = phonetics.read_symbols(marks, ends, start_s=at_s)
                phones += heard
                groups += spoken
                at_s += len(samples) / RATE
            written = sentence.split()
            words += phonetics.spread_words(written, phonetics.spoken_counts(written), groups)
        if not any(phone.text != phonetics.PAUSE for phone in phones):
            raise ProviderRefusedError(f"Expected {self._pack.name} words to speak, got {text[:60]!r}.")
        samples = np.concatenate(sound)
        settled = phonetics.settle(phones, samples, RATE, lag_s=LAG_S)
        return RawSpeech(samples, RATE, tuple(settled), tuple(phonetics.shift(words, -LAG_S)))

    def _run(self, symbols: str, table: Curve, speed: float) -> tuple[Samples, Curve]:
        ids = [self._vocabulary[symbol] for symbol in symbols]
        style = table[min(len(ids), len(table)) - 1].reshape(1, _STYLE)
        feed = {
            "tokens": np.asarray([[0, *ids, 0]], np.int64),
            "style": np.asarray(style, np.float32),
            "speed": np.asarray([speed], np.float32),
        }
        sound, durations = self._session.run(None, feed)
        samples, units = np.asarray(sound, np.float32).ravel(), np.asarray(durations, np.float64).ravel()
        if len(units) != len(ids) + 2 or round(float(units.sum())) * _UNIT_SAMPLES != len(samples):
            raise SettingsError(
                f"Expected {len(ids) + 2} durations that add up to {len(samples)} samples from the voice, got "
                f"{len(units)} of {units.sum():g} units; run `greenroom voices add {self._pack.language}` again."
            )
        return samples, units
