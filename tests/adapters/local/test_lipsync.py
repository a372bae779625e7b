import pytest

from app.adapters.local.faces.detector import FaceFinder
from app.adapters.local.inspection.lips import MIN_CORRELATION, read_lipsync
from app.errors import ClipRejectedError

from .conftest import Filmed


@pytest.mark.parametrize("number", [0, 1])
def test_lips_follow_the_phonemes_spoken(clips: list[Filmed], finder: FaceFinder, number: int):
    clip = clips[number]

    read = read_lipsync(clip.path, clip.phones, finder)

    assert read.ok, read
    assert read.bilabials >= 5


def test_another_clips_sound_is_noticed(clips: list[Filmed], finder: FaceFinder):
    right = read_lipsync(clips[0].path, clips[0].phones, finder)
    wrong = read_lipsync(clips[0].path, clips[1].phones, finder)

    assert not wrong.ok
    assert wrong.correlation < MIN_CORRELATION
    assert wrong.correlation < right.correlation - 0.2


def test_a_late_picture_is_noticed(clips: list[Filmed], finder: FaceFinder):
    early = [type(p)(p.text, p.start_s - 0.15, p.end_s - 0.15) for p in clips[0].phones]

    read = read_lipsync(clips[0].path, early, finder)

    assert not read.ok
    assert 90 < read.offset_ms < 180


def test_lips_rest_while_idle(idle_clip: Filmed, clips: list[Filmed], finder: FaceFinder):
    read = read_lipsync(idle_clip.path, clips[0].phones, finder)

    assert not read.ok


def test_no_phonemes_are_no_proof(clips: list[Filmed], finder: FaceFinder):
    with pytest.raises(ClipRejectedError, match="phonemes"):
        read_lipsync(clips[0].path, [], finder)
