import io
from dataclasses import replace

import av
import pytest
from PIL import Image

from app.adapters.vendors.base import marked
from app.adapters.vendors.facts import load_facts
from app.adapters.vendors.uploads import sound_of, visual_of
from app.errors import LimitExceededError, MediaError, PortraitError
from tests.support.simulated import spoken_job

FAL = load_facts()["fal"].capabilities
SYNC = load_facts()["sync"].capabilities


def _job(folder, **details: float):
    return spoken_job(folder, model="m", token="t0", **details)


def test_a_sound_is_named_by_the_token_and_a_portrait_by_its_content(tmp_path):
    job = _job(tmp_path)

    sound, portrait = sound_of(job, FAL), visual_of(job, FAL)

    assert (sound.name, sound.media_type, sound.lasting) == ("t0.wav", "audio/wav", False)
    assert (portrait.kind, portrait.media_type, portrait.lasting) == ("image", "image/png", True)
    assert sound.content == job.speech_wav.read_bytes()


def test_a_short_sound_is_padded_with_silence(tmp_path):
    sound = sound_of(_job(tmp_path, duration_s=0.5), FAL)

    with av.open(io.BytesIO(sound.content)) as opened:
        assert opened.duration / 1e6 == pytest.approx(2.0, abs=0.01)


def test_a_wav_that_is_too_large_becomes_an_mp3_of_the_same_length(tmp_path):
    sound = sound_of(_job(tmp_path, duration_s=10), replace(FAL, max_audio_bytes=400_000))

    assert (sound.name, sound.media_type) == ("t0.mp3", "audio/mpeg")
    assert len(sound.content) < 400_000
    with av.open(io.BytesIO(sound.content)) as opened:
        assert opened.duration / 1e6 == pytest.approx(10.0, abs=0.1)


def test_a_sound_that_is_too_large_either_way_is_refused(tmp_path):
    with pytest.raises(LimitExceededError, match="bytes"):
        sound_of(_job(tmp_path, duration_s=10), replace(FAL, max_audio_bytes=10_000))


def test_no_sound_and_no_wav_are_refused(tmp_path):
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF")

    with pytest.raises(LimitExceededError, match="without sound"):
        sound_of(replace(_job(tmp_path), speech_wav=None), FAL)
    with pytest.raises(MediaError):
        sound_of(replace(_job(tmp_path), speech_wav=broken), FAL)


@pytest.mark.parametrize(("suffix", "taken"), [("png", True), ("jpeg", True), ("webp", True), ("gif", False)])
def test_a_portrait_is_judged_by_its_bytes_not_its_name(tmp_path, suffix, taken):
    path = tmp_path / "portrait.png"
    Image.new("RGB", (512, 512)).save(path, format=suffix)
    job = replace(_job(tmp_path), portrait=path)

    if taken:
        assert visual_of(job, FAL).media_type == f"image/{suffix}"
    else:
        with pytest.raises(PortraitError, match="convert it"):
            visual_of(job, FAL)


def test_a_heavy_portrait_is_refused(tmp_path):
    with pytest.raises(PortraitError, match="bytes"):
        visual_of(_job(tmp_path), replace(FAL, max_image_bytes=100))


def test_the_idle_loop_is_preferred_where_a_video_is_taken(tmp_path):
    idle = tmp_path / "idle.mp4"
    idle.write_bytes(b"film")
    job = replace(_job(tmp_path), video=idle)

    assert visual_of(job, SYNC).media_type == "video/mp4"
    assert visual_of(job, FAL).kind == "image"
    assert visual_of(replace(job, video=None), SYNC).kind == "image"


def test_an_address_carries_the_token_even_where_the_vendor_renames_files():
    assert marked("https://cdn.test/x/t0.wav", "t0") == "https://cdn.test/x/t0.wav"
    assert marked("https://cdn.test/x/99.wav", "t0") == "https://cdn.test/x/99.wav#t0"
    assert marked("asset-99", "t0") == "asset-99"
