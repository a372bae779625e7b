import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.adapters.local.motion import REST, idle, perform
from app.adapters.local.render_clip import mouth_from_loudness
from app.adapters.local.visemes import PARAMETERS, keys, mouth_track
from app.rendering.ports import TimedSpan

OPEN, PRESS, ROUND = (PARAMETERS.index(name) for name in ("open", "press", "round"))


def spoken(symbols: str, each_s: float = 0.1) -> list[TimedSpan]:
    return [TimedSpan(s, 0.2 + n * each_s, 0.2 + (n + 1) * each_s) for n, s in enumerate(symbols)]


def test_lips_close_for_p_between_open_vowels():
    track = mouth_track(spoken("ɑpɑ"), 30, fps=30)

    assert track[:, PRESS].max() > 0.85
    assert track[track[:, PRESS].argmax(), OPEN] < 0.15
    assert track[:, OPEN].max() > 0.5


def test_a_t_borrows_roundness_from_its_neighbours():
    between = mouth_track(spoken("utu"), 30, fps=30)[10, ROUND]
    alone = mouth_track(spoken("iti"), 30, fps=30)[10, ROUND]

    assert between > alone + 0.1


def test_a_diphthong_has_two_shapes_and_an_unknown_sign_none():
    assert len(keys(spoken("A"))) == 2
    assert keys(spoken("☃")) == []


@given(st.text(alphabet="ptkbdgmnfvszʃθɑæiuoɔəAIO_", min_size=1, max_size=30), st.integers(10, 60))
@settings(max_examples=40, deadline=None)
def test_any_sounds_begin_and_end_with_the_mouth_at_rest(symbols: str, fps: int):
    frames = int((0.4 + 0.1 * len(symbols)) * fps)

    track = mouth_track(spoken(symbols), frames, fps=fps)

    assert not track[0].any()
    assert not track[-1].any()
    assert np.isfinite(track).all()
    assert np.abs(track).max() <= 1.0


@given(st.integers(0, 2**32 - 1), st.floats(2.0, 12.0))
@settings(max_examples=40, deadline=None)
def test_every_performance_begins_and_ends_at_rest(seed: int, length_s: float):
    performance = idle(round(length_s * 30), fps=30, seed=seed)

    first, last = performance.pose(0), performance.pose(len(performance) - 1)

    assert close(first, REST)
    assert close(last, REST)


def test_speech_lets_the_smile_go_and_takes_it_up_again():
    mouth = mouth_track(spoken("bɑdɑ" * 8), 120, fps=30)

    smile = perform(mouth, fps=30, seed=1, energy=np.ones(120)).curves["smile"]

    assert smile[0] == smile[-1] == pytest.approx(1.0)
    assert smile.min() < 0.6


def test_eyes_blink_and_never_stand_still():
    performance = idle(180, fps=30, seed=4)

    assert performance.curves["blink"].max() > 0.9
    assert np.abs(np.diff(performance.curves["gaze_x"])).max() > 0.02


def test_same_seed_same_motion_other_seed_other_motion():
    a, b, c = (idle(120, fps=30, seed=s).curves["yaw"] for s in (1, 1, 2))

    assert np.array_equal(a, b)
    assert not np.array_equal(a, c)


def test_loudness_alone_opens_the_mouth_with_the_sound():
    energy = np.concatenate([np.zeros(30), np.ones(30), np.zeros(30)])

    mouth = mouth_from_loudness(energy, 30)

    assert mouth[45, OPEN] > 0.4
    assert mouth[10, OPEN] == mouth[80, OPEN] == 0


def close(a: object, b: object) -> bool:
    return all(np.allclose(getattr(a, name), getattr(b, name), atol=1e-6) for name in type(REST).__dataclass_fields__)


def test_no_blink_meets_a_wide_mouth():
    """Both together look like a yawn; the mouth here is wide for half of the time."""
    mouth = np.zeros((600, 8))
    mouth[:, OPEN] = 0.9 * (np.sin(np.arange(600) / 9) > 0)

    blinks = [perform(mouth, fps=30, seed=seed).curves["blink"] for seed in range(8)]

    assert all(blink.max() == pytest.approx(1.0, abs=0.05) for blink in blinks)
    assert not any(((blink > 0.5) & (mouth[:, OPEN] > 0.5)).any() for blink in blinks)


def test_the_head_moves_less_in_silence_than_in_speech():
    energy = np.abs(np.sin(np.arange(300) / 7))
    mouth = np.zeros((300, 8))

    for name in ("yaw", "pitch", "roll"):
        in_speech = np.abs(perform(mouth, fps=30, seed=4, energy=energy).curves[name]).max()
        in_silence = np.abs(idle(300, fps=30, seed=4).curves[name]).max()
        assert 0 < in_silence < 0.25 * in_speech
