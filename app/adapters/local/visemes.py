"""Visemes: phonemes to eight mouth parameters per video frame, blended by the weight of each sound.

A dominance function per sound (co-articulation in the manner of Cohen and Massaro): lips meet for p, b, m
whatever surrounds them, while a t borrows its roundness from its neighbours.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.adapters.local.audio import Curve
from app.adapters.local.phones import PAUSE
from app.rendering.ports import TimedSpan

PARAMETERS = ("open", "wide", "round", "upper", "lower", "press", "teeth_on_lip", "tongue")
_POSES: dict[str, tuple[float, ...]] = {
    #          open  wide round upper lower press t-o-l tongue
    PAUSE: (0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0, 0),
    "pbm": (0.00, 0.00, 0.00, 0.00, 0.00, 1.00, 0, 0),
    "fv": (0.10, 0.05, 0.00, 0.15, 0.00, 0.00, 1, 0),
    "θð": (0.22, 0.10, 0.00, 0.10, 0.20, 0.00, 0, 1),
    "tdnlɾT": (0.22, 0.15, 0.00, 0.10, 0.20, 0.00, 0, 0.6),
    "sz": (0.10, 0.35, 0.00, 0.25, 0.35, 0.00, 0, 0.1),
    "ʃʒʧʤ": (0.14, -0.30, 0.60, 0.30, 0.35, 0.00, 0, 0.1),
    "kɡgŋhʔx": (0.28, 0.05, 0.00, 0.05, 0.05, 0.00, 0, 0),
    "ɹr": (0.22, -0.25, 0.45, 0.10, 0.10, 0.00, 0, 0.2),
    "β": (0.10, 0.00, 0.10, 0.00, 0.00, 0.55, 0, 0),
    "ɲʎʝ": (0.18, 0.35, 0.00, 0.10, 0.15, 0.00, 0, 0.4),
    "ɣ": (0.28, 0.05, 0.00, 0.05, 0.05, 0.00, 0, 0),
    "w": (0.12, -0.60, 0.95, 0.00, 0.00, 0.00, 0, 0),
    "j": (0.18, 0.45, 0.00, 0.10, 0.10, 0.00, 0, 0.2),
    "i": (0.20, 0.75, 0.00, 0.15, 0.15, 0.00, 0, 0.1),
    "ɪᵻ": (0.32, 0.45, 0.00, 0.10, 0.10, 0.00, 0, 0.1),
    "ɛe": (0.50, 0.40, 0.00, 0.10, 0.10, 0.00, 0, 0),
    "æ": (0.72, 0.45, 0.00, 0.15, 0.10, 0.00, 0, 0),
    "ɑa": (0.88, 0.05, 0.00, 0.05, 0.05, 0.00, 0, 0),
    "ʌɐ": (0.58, 0.05, 0.00, 0.05, 0.05, 0.00, 0, 0),
    "əᵊ": (0.36, 0.05, 0.00, 0.00, 0.00, 0.00, 0, 0),
    "ɜɝɚ": (0.36, -0.10, 0.30, 0.05, 0.05, 0.00, 0, 0),
    "ɔɒ": (0.72, -0.25, 0.45, 0.00, 0.00, 0.00, 0, 0),
    "o": (0.55, -0.35, 0.65, 0.00, 0.00, 0.00, 0, 0),
    "ʊ": (0.30, -0.35, 0.60, 0.00, 0.00, 0.00, 0, 0),
    "uy": (0.20, -0.60, 0.95, 0.00, 0.00, 0.00, 0, 0),
}
_POSE = {symbol: np.array(pose) for symbols, pose in _POSES.items() for symbol in symbols}
_DIPHTHONGS = {"A": "eɪ", "I": "aɪ", "W": "aʊ", "Y": "ɔɪ", "O": "oʊ"}
_VOWELS = frozenset("iɪᵻɛeæɑaʌɐəᵊɜɝɚɔɒoʊuy")
_LOOSE = np.array([0.8, 0.3, 0.25, 0.5, 0.5, 1, 1, 1])
"""Weight of a consonant's own value of each parameter; the rest is borrowed from its neighbours."""
_FIRM = {"p": 12.0, "b": 12.0, "m": 12.0, "f": 6.0, "v": 6.0, "w": 2.0, "ʃ": 1.5, "ʒ": 1.5, "ʧ": 1.5, "ʤ": 1.5}
_REACH_S, _OPEN_REACH_S = 0.040, 0.033
"""Reach of a sound's shape into its neighbours, and of its opening alone, in seconds.

The jaw goes with each sound; rounding and spreading are borrowed from further away.
"""
_EDGE_S = 0.12


@dataclass(frozen=True, slots=True)
class Key:
    """Mouth shape at a time: centre, time held to either side, pose, weight per parameter."""

    centre_s: float
    hold_s: float
    pose: Curve
    weight: Curve


def keys(phones: Sequence[TimedSpan]) -> list[Key]:
    """Return the mouth shapes of the sounds; a diphthong has two, an unknown symbol none."""
    return [key for phone in phones for key in _keys_of(phone)]


def mouth_track(
    phones: Sequence[TimedSpan], frames: int, *, fps: int, lead_s: float = 0.0, energy: Curve | None = None
) -> Curve:
    """Return mouth parameters, `frames` x 8; the first and the last row are the closed rest mouth.

    `lead_s` shows each shape that much before its sound; `energy` (0 to 1 per frame) opens louder sounds
    further.
    """
    found = keys(phones)
    if not found:
        return np.zeros((frames, len(PARAMETERS)))
    centre, hold = np.array([k.centre_s for k in found]), np.array([k.hold_s for k in found])
    pose, weight = np.stack([k.pose for k in found]), np.stack([k.weight for k in found])
    at = (np.arange(frames) + 0.5) / fps + lead_s
    distance = np.maximum(0, np.abs(at[:, None] - centre) - hold)
    track = _blended(distance / _REACH_S, distance, pose, weight)
    track[:, :1] = _blended(distance / _OPEN_REACH_S, distance, pose[:, :1], weight[:, :1])
    if energy is not None:
        track[:, 0] *= 0.85 + 0.25 * energy[:frames]
    from_start = np.arange(frames) / fps
    edge = np.clip(np.minimum(from_start, from_start[::-1]) / _EDGE_S, 0, 1)
    return np.asarray(track * edge[:, None])


def _blended(reached: Curve, distance: Curve, pose: Curve, weight: Curve) -> Curve:
    dominance = np.exp(-(reached**2)) + 1e-9 * np.exp(-distance / 0.2)
    return np.asarray(dominance @ (weight * pose) / (dominance @ weight + 1e-12))


def _keys_of(phone: TimedSpan) -> list[Key]:
    start, length, symbol = phone.start_s, phone.end_s - phone.start_s, phone.text
    if symbol in _DIPHTHONGS:
        first, second = tuple(_DIPHTHONGS[symbol])
        return [
            Key(start + 0.33 * length, 0.18 * length, _POSE[first], np.ones(8)),
            Key(start + 0.82 * length, 0.10 * length, _POSE[second], np.full(8, 0.8)),
        ]
    if symbol not in _POSE:
        return []
    hold = (0.38 if symbol == PAUSE else 0.25) * length
    return [Key(start + length / 2, hold, _POSE[symbol], _weight(symbol))]


def _weight(symbol: str) -> Curve:
    if symbol == PAUSE:
        return np.full(8, 1.5)
    if symbol in _FIRM:
        return np.full(8, _FIRM[symbol])
    return np.ones(8) if symbol in _VOWELS else _LOOSE
