from pathlib import Path

import av
import pytest

from app.adapters.local.audio import RATE, decode, loudness
from app.adapters.local.mp4 import boxes, pictures
from app.adapters.media.pyav import PyavMediaTools
from app.errors import MediaError

from .conftest import Filmed


def test_the_index_comes_before_the_data(clips: list[Filmed]):
    kinds = [kind for kind, _ in boxes(clips[0].path)]

    assert kinds.index("moov") < kinds.index("mdat")


def test_pictures_are_flagged_bt709_and_high_profile(clips: list[Filmed]):
    with av.open(str(clips[0].path)) as container:
        frame = next(container.decode(video=0))
        context = container.streams.video[0].codec_context

        assert (frame.format.name, context.profile) == ("yuv420p", "High")
        assert (context.color_primaries, context.color_trc, context.colorspace) == (1, 1, 1)
        assert context.color_range == 1
        assert "AI-generated" in container.metadata["comment"]


async def test_sound_is_aac_at_48_khz_and_as_loud_as_meant(clips: list[Filmed]):
    facts = await PyavMediaTools().probe(clips[0].path)
    sound = decode(clips[0].path)

    assert facts.audio_codec == "aac"
    assert loudness(sound) == pytest.approx(-16.0, abs=0.8)
    assert len(sound) / RATE == pytest.approx(facts.duration_s, abs=0.06)


def test_a_key_frame_every_two_seconds_and_nowhere_else(clips: list[Filmed]):
    with av.open(str(clips[0].path)) as container:
        times = [float(p.pts * p.time_base) for p in container.demux(video=0) if p.size and p.is_keyframe]

    assert times == pytest.approx([2.0 * n for n in range(len(times))])
    assert len(times) >= 3


def test_frames_come_in_even_steps(clips: list[Filmed]):
    with av.open(str(clips[0].path)) as container:
        times = [float(f.time) for f in container.decode(video=0)]

    assert times == pytest.approx([n / 30 for n in range(len(times))], abs=1e-4)


@pytest.mark.parametrize("content", [b"", b"not a film", b"\x00\x00\x00\x18ftypmp42"])
def test_what_is_no_film_is_refused(tmp_path: Path, content: bytes):
    path = tmp_path / "broken.mp4"
    path.write_bytes(content)

    with pytest.raises(MediaError, match=r"broken\.mp4"):
        list(pictures(path))
