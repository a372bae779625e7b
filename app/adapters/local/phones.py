"""Phoneme and word times from a voice's own durations, aligned to its sound."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from app.adapters.local.audio import Curve, Samples
from app.rendering.ports import TimedSpan

PAUSE = "_"
UNIT_S = 0.025
"""One duration unit of the voice's graph, in seconds."""
LAG_S = 0.055
"""Lead of the sound over the unit that names it, in seconds.

Measured by cross-correlating four acoustic cues (sibilance, low band, voicing, closures) with the spans over
ten sentences; they agree within 15 ms.
"""
_STRESS = "ˈˌ"
_PUNCTUATION = ".,!?;:—…\"“”()‘’'"
_SHORTEST_PAUSE_S = 0.04


@dataclass
class _Reading:
    """Phonemes and word groups collected while walking along the symbols of one sentence."""

    phones: list[TimedSpan] = field(default_factory=list)
    groups: list[tuple[float, float]] = field(default_factory=list)
    word_start: float | None = None

    def sound(self, label: str, start: float, end: float) -> None:
        """Add a phoneme."""
        if self.word_start is None:
            self.word_start = start
        self.phones.append(TimedSpan(label, start, end))

    def gap(self, symbol: str, start: float, end: float) -> None:
        """End the word at a space or a sign; at a space the last phoneme is prolonged."""
        if self.word_start is not None:
            self.groups.append((self.word_start, self.phones[-1].end_s))
            self.word_start = None
        if symbol != " " and end - start > _SHORTEST_PAUSE_S:
            self.phones.append(TimedSpan(PAUSE, start, end))
        elif self.phones:
            self.phones[-1] = replace(self.phones[-1], end_s=end)


def read_symbols(
    symbols: Sequence[str], ends_s: Curve, *, start_s: float
) -> tuple[list[TimedSpan], list[tuple[float, float]]]:
    """Return phoneme spans and the (start, end) of each spoken word, from each symbol's end in seconds."""
    reading = _Reading()
    start = start_s
    for symbol, end in zip(symbols, ends_s.tolist(), strict=True):
        if symbol in _STRESS:  # belongs to the vowel that follows
            continue
        if symbol in (" ", PAUSE) or symbol in _PUNCTUATION:
            reading.gap(symbol, start, end)
        else:
            reading.sound(symbol, start, end)
        start = end
    return reading.phones, reading.groups


def spoken_counts(written: Sequence[str]) -> list[int]:
    """Count spoken words of each written one: none for a dash or a colon that stands alone."""
    return [int(any(character.isalnum() for character in word)) for word in written]


def spread_words(
    written: Sequence[str], spoken_counts: Sequence[int], groups: Sequence[tuple[float, float]]
) -> list[TimedSpan]:
    """Give every written word its time; a number may be spoken as several words, a lone dash as none.

    What is not spoken has the pause between its neighbours.
    """
    if not groups:
        return []
    last = len(groups) - 1
    if len(written) == len(groups) and all(spoken_counts):
        edges = list(range(len(groups) + 1))
    else:
        total = max(1, sum(spoken_counts))
        edges = np.round(np.cumsum([0, *spoken_counts]) * len(groups) / total).astype(int).tolist()
    return [
        TimedSpan(word, groups[min(a, last)][0], groups[min(last, max(a, b - 1))][1])
        if count
        else TimedSpan(word, groups[a - 1][1] if a else groups[0][0], groups[a][0] if a <= last else groups[last][1])
        for word, count, a, b in zip(written, spoken_counts, edges[:-1], edges[1:], strict=True)
    ]


def is_sound(symbol: str) -> bool:
    """Return whether a symbol of the voice is audible: no stress, no sign, no pause."""
    return symbol.isalpha() and symbol not in _STRESS


def shift(spans: Iterable[TimedSpan], by_s: float) -> list[TimedSpan]:
    """Return the spans moved in time, never before zero."""
    return [TimedSpan(s.text, max(0.0, s.start_s + by_s), max(0.0, s.end_s + by_s)) for s in spans]


def within(spans: Iterable[TimedSpan], length_s: float) -> list[TimedSpan]:
    """Return the spans that begin inside the sound, none reaching past its end."""
    return [replace(s, end_s=min(s.end_s, length_s)) for s in spans if s.start_s < length_s]


def settle(phones: Sequence[TimedSpan], sound: Samples, rate: int, *, lag_s: float = LAG_S) -> list[TimedSpan]:
    """Align spans to the sound, and cut a phrase-final phoneme where the sound itself ends.

    The voice gives such a phoneme up to 0.3 s of silence, in which the mouth would stay open.
    """
    loud = _loud(sound, rate)
    moved = shift(phones, -lag_s)
    out: list[TimedSpan] = []
    for i, span in enumerate(moved):
        is_last = i + 1 == len(moved) or moved[i + 1].text == PAUSE
        out += _cut(span, loud) if is_last and span.text != PAUSE else [span]
    if out and out[-1].end_s < len(sound) / rate:
        out.append(TimedSpan(PAUSE, out[-1].end_s, len(sound) / rate))
    return out


def _loud(sound: Samples, rate: int, floor_db: float = -38.0) -> Curve:
    """Return, per hundredth of a second, 1 where the sound is within `floor_db` of its loudest part."""
    hop = rate // 100
    power = np.convolve(sound.astype(np.float64) ** 2, np.ones(2 * hop) / (2 * hop), "same")[::hop]
    level = 10 * np.log10(power + 1e-12)
    return np.asarray(level - level.max() > floor_db, np.float64)


def _cut(span: TimedSpan, loud: Curve) -> list[TimedSpan]:
    heard = np.flatnonzero(loud[int(span.start_s * 100) : int(span.end_s * 100)])
    end = span.start_s + ((int(heard[-1]) + 2) / 100 if len(heard) else 0.06)
    if end >= span.end_s - 0.03:
        return [span]
    return [replace(span, end_s=end), TimedSpan(PAUSE, end, span.end_s)]


_MARKED = re.compile(r"\]\(/([^/]+)/\)")
_TOKEN = re.compile(r"(?:\[[^\]]+\]\(/[^/]+/\)|\S)+")
_SYMBOLS = {
    "t͡ʃ": "ʧ", "d͡ʒ": "ʤ", "tʃ": "ʧ", "dʒ": "ʤ", "eɪ": "A", "aɪ": "I", "aʊ": "W", "ɔɪ": "Y", "oʊ": "O", "əʊ": "O",
    "ɝ": "ɜɹ", "ɚ": "əɹ", "r": "ɹ", "g": "ɡ", "ɒ": "ɑ", "ː": "", ".": "", "ʔ": "", "e": "ɛ",
}  # fmt: skip
"""Symbols of the International Phonetic Alphabet, and those of the voice (misaki's), the longest first."""

_STRESSED = re.compile(r"([ˈˌ])([^aeiouæɑɔəɛɜɪʊʌɐᵊAIOWY ]*)")


def own_alphabet(text: str) -> str:
    """Return the text with its `[word](/phonemes/)` in the voice's own symbols, stress right before the vowel."""
    return _MARKED.sub(lambda match: f"](/{_own(match[1])}/)", text) if "](/" in text else text


def marked_words(text: str) -> list[str]:
    """Return the words of a text; one with phonemes is one word, whatever blanks it has."""
    return _TOKEN.findall(text)


def _own(phonemes: str) -> str:
    for written, own in _SYMBOLS.items():
        phonemes = phonemes.replace(written, own)
    return _STRESSED.sub(r"\2\1", phonemes)
