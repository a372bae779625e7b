"""Watch for two heads: it sees fades of any length, and no cut."""

import numpy as np
import pytest

from tests.face.switches import SIDE, blends

TICK_S = 1 / 25


def head(at: float, mouth: float = 0.0) -> np.ndarray:
    """A round head on a plain ground, `at` pixels right of the middle, its mouth so far open; 120 pixels a side."""
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    skin = 1 / (1 + np.exp(np.hypot(x - 60 - at, (y - 60) * 0.8) - 30))
    lips = 1 / (1 + np.exp(np.hypot((x - 60 - at) / 2, (y - 78) * 4 / (1 + 3 * mouth)) - 3))
    return (60 + 110 * skin - 70 * lips).astype(np.float32)


def idle(count: int) -> list[np.ndarray]:
    return [head(0.4 * np.sin(number / 9)) for number in range(count)]


def spoken(count: int) -> list[np.ndarray]:
    return [head(3 + 0.3 * np.sin(number / 7), 0.5 + 0.5 * np.sin(number / 2)) for number in range(count)]


def switched(fade_s: float) -> list[np.ndarray]:
    """The idle loop, then speech, with a fade between them of this length."""
    before, after = idle(20), spoken(20)
    ticks = round(fade_s / TICK_S)
    shares = [(tick + 1) / (ticks + 1) for tick in range(ticks)]
    return [*before, *((1 - share) * before[-1] + share * after[0] for share in shares), *after]


@pytest.mark.parametrize("fade_s", [0.04, 0.12, 0.2])
def test_a_fade_is_seen(fade_s):
    assert blends(switched(fade_s)) >= round(fade_s / TICK_S) - 1
    assert blends(switched(fade_s)) > 0


def test_a_cut_is_none():
    assert blends(switched(0.0)) == 0
