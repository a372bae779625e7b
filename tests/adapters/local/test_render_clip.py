from pathlib import Path

import cv2
import numpy as np
import pytest

from app.adapters.local import audio
from app.adapters.local.facts import LEAD_IN_S, Model
from app.adapters.local.mp4 import pictures
from app.adapters.local.order import Order, VideoFormat
from app.adapters.local.render_clip import TAIL_S, phones_from_words, render_clip, segment_count, stage_speech
from app.adapters.local.speech import Utterance
from app.adapters.media.pyav import PyavMediaTools
from app.errors import PortraitError
from app.rendering.ports import TimedSpan

from .conftest import MIRA, SMALL, Filmed


async def test_a_clip_lasts_as_long_as_its_sound(clips: list[Filmed], utterances: list[Utterance]):
    facts = await PyavMediaTools().probe(clips[0].path)

    assert facts.duration_s == pytest.approx(utterances[0].duration_s + LEAD_IN_S + TAIL_S, abs=0.05)
    assert (facts.width, facts.height, facts.fps) == (360, 360, 30)


def test_an_answer_is_heard_within_an_eighth_of_a_second(clips: list[Filmed]):
    for clip in clips:
        loud = np.flatnonzero(np.abs(audio.decode(clip.path)) > 0.02)

        assert loud[0] < 0.12 * audio.RATE


def test_a_recording_that_begins_at_once_is_not_cut():
    sound = np.full(audio.RATE, 0.3, np.float32)

    motion = stage_speech(sound, (), SMALL, seed=0)

    assert motion.sound is not None
    assert np.array_equal(motion.sound[: len(sound)], sound)


async def test_an_idle_loop_is_silent_and_short(idle_clip: Filmed):
    facts = await PyavMediaTools().probe(idle_clip.path)

    assert facts.audio_codec is None
    assert facts.duration_s == pytest.approx(4.0, abs=0.01)


def test_every_clip_begins_and_ends_where_the_idle_loop_does(clips: list[Filmed], idle_clip: Filmed):
    rest = next(pictures(idle_clip.path))[1]
    films = [[p for _, p in pictures(c.path)] for c in (*clips, idle_clip)]

    ends = [psnr(rest, film[k]) for film in films for k in (0, -1)]

    assert min(ends) > 37, ends


def test_the_face_moves_in_between(idle_clip: Filmed):
    frames = [p for _, p in pictures(idle_clip.path)]

    middle = psnr(frames[0], frames[len(frames) // 2])

    assert middle < 36


def test_no_frame_is_black(clips: list[Filmed], idle_clip: Filmed):
    darkest = min(float(p.mean()) for c in (clips[0], idle_clip) for _, p in pictures(c.path))

    assert darkest > 40


def test_the_same_order_gives_the_same_bytes(clips: list[Filmed], tmp_path: Path):
    again = tmp_path / "again.mp4"

    render_clip(clips[1].order, again)

    assert again.read_bytes() == clips[1].path.read_bytes()


def test_another_seed_moves_otherwise(idle_clip: Filmed, models_dir: Path, tmp_path: Path):
    order = Order(MIRA, "mira", Model.AUTO, VideoFormat(128, 128, 10), None, (), (), 2.0, 1, models_dir)
    other = Order(MIRA, "mira", Model.AUTO, VideoFormat(128, 128, 10), None, (), (), 2.0, 2, models_dir)

    render_clip(order, tmp_path / "a.mp4")
    render_clip(other, tmp_path / "b.mp4")

    assert (tmp_path / "a.mp4").read_bytes() != (tmp_path / "b.mp4").read_bytes()


def test_progress_counts_segments(models_dir: Path, tmp_path: Path):
    order = Order(MIRA, "mira", Model.AUTO, VideoFormat(128, 128, 10), None, (), (), 5.0, 1, models_dir)
    seen: list[tuple[int, int]] = []

    render_clip(order, tmp_path / "a.mp4", progress=lambda done, of: seen.append((done, of)))

    assert segment_count(order) == 3
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_a_drawing_animates_as_a_photo_too(
    utterances: list[Utterance], clips: list[Filmed], models_dir: Path, tmp_path: Path
):
    said, wav = utterances[0], clips[0].order.wav
    order = Order(
        MIRA, "mira", Model.PHOTO, VideoFormat(256, 256, 15), wav, said.words, said.phones, 0.0, 1, models_dir
    )

    render_clip(order, tmp_path / "photo.mp4")
    frames = [p for _, p in pictures(tmp_path / "photo.mp4")]

    assert psnr(frames[0], frames[-1]) > 36
    assert min(psnr(frames[0], f) for f in frames) < 33


def test_a_picture_without_a_face_is_refused_by_name(models_dir: Path, tmp_path: Path):
    blank = tmp_path / "wall.png"
    cv2.imwrite(str(blank), np.full((600, 600, 3), 128, np.uint8))
    order = Order(blank, "wall", Model.AUTO, SMALL, None, (), (), 2.0, 1, models_dir)

    with pytest.raises(PortraitError, match="faces is 0, needs exactly 1"):
        render_clip(order, tmp_path / "a.mp4")

    assert not (tmp_path / "a.mp4").exists()


def test_a_photo_is_no_presenter(models_dir: Path, tmp_path: Path):
    plain = tmp_path / "plain.png"
    cv2.imwrite(str(plain), np.zeros((600, 600, 3), np.uint8))
    order = Order(plain, "plain", Model.PRESENTER, SMALL, None, (), (), 2.0, 1, models_dir)

    with pytest.raises(PortraitError, match="Greenroom-Look"):
        render_clip(order, tmp_path / "a.mp4")


def test_words_alone_give_a_mouth():
    words = (TimedSpan("Maps", 0.2, 0.6), TimedSpan("help!", 1.0, 1.5))

    phones = phones_from_words(words)

    assert "".join(p.text for p in phones) == "mæps_hɛlp"
    assert phones[0].start_s == 0.2
    assert phones[-1].end_s == pytest.approx(1.5)


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    return float(cv2.PSNR(a, b))
