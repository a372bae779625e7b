import struct
from fractions import Fraction

import av
import numpy as np
import pytest
from PIL import Image

from app.adapters.media.pyav import PyavMediaTools
from app.errors import MediaError


@pytest.fixture
def media_tools():
    return PyavMediaTools()


def a_video(path, *, frames=30, fps=25, size=(128, 96), sound=True):
    """A real H.264/AAC file: grey that becomes brighter, and a tone."""
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        video = container.add_stream("libx264", rate=fps)
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        audio = container.add_stream("aac", rate=48_000, layout="mono") if sound else None
        for at in range(frames):
            picture = np.full((size[1], size[0], 3), at * 255 // frames, np.uint8)
            container.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(video.encode())
        if audio:
            tone = np.sin(np.arange(48_000 * frames // fps) / 20).astype(np.float32)
            for at in range(0, len(tone) - 1023, 1024):
                frame = av.AudioFrame.from_ndarray(tone[None, at : at + 1024], format="fltp", layout="mono")
                frame.sample_rate, frame.pts, frame.time_base = 48_000, at, Fraction(1, 48_000)
                container.mux(audio.encode(frame))
            container.mux(audio.encode())
    return path


async def test_a_video_is_counted(media_tools, tmp_path):
    video = a_video(tmp_path / "a.mp4")

    facts = await media_tools.probe(video)

    assert (facts.width, facts.height, facts.video_codec, facts.audio_codec) == (128, 96, "h264", "aac")
    assert facts.fps == pytest.approx(25, abs=0.01)
    assert facts.duration_s == pytest.approx(1.2, abs=0.001)
    assert facts.size_bytes == video.stat().st_size


async def test_a_silent_video_has_no_sound(media_tools, tmp_path):
    assert (await media_tools.probe(a_video(tmp_path / "a.mp4", sound=False))).audio_codec is None


async def test_a_header_that_lies_about_the_length_is_not_believed(media_tools, tmp_path):
    video = a_video(tmp_path / "a.mp4")
    data = bytearray(video.read_bytes())
    for kind, offset in ((b"mvhd", 20), (b"mdhd", 20), (b"tkhd", 24)):
        at = data.index(kind) + offset
        data[at : at + 4] = struct.pack(">I", 0x00FFFFFF)
    video.write_bytes(data)

    assert (await media_tools.probe(video)).duration_s == pytest.approx(1.2, abs=0.001)


@pytest.mark.parametrize("data", [b"", b"not a video", b"\0\0\0\x18ftypisom\0\0\0\0isommp41", b"#EXTM3U\nhttp://x/"])
async def test_what_does_not_play_is_refused(media_tools, tmp_path, data):
    path = tmp_path / "bad.mp4"
    path.write_bytes(data)

    with pytest.raises(MediaError):
        await media_tools.probe(path)
    with pytest.raises(MediaError):
        await media_tools.poster(path, tmp_path / "p.jpg", at_s=0.0)


async def test_other_containers_are_refused(media_tools, tmp_path):
    video = a_video(tmp_path / "a.mp4")
    with av.open(str(video)) as source, av.open(str(tmp_path / "a.mkv"), "w", format="matroska") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)

    with pytest.raises(MediaError, match="Expected a playable MP4"):
        await media_tools.probe(tmp_path / "a.mkv")


async def test_what_is_joined_or_made_smaller_is_an_mp4_whatever_its_name(media_tools, tmp_path):
    with av.open(str(a_video(tmp_path / "a.mp4"))) as source, av.open(str(tmp_path / "b.mp4"), "w", "matroska") as out:
        stream = out.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                out.mux(packet)

    with pytest.raises(MediaError):
        await media_tools.shrink(tmp_path / "b.mp4", tmp_path / "small.mp4", side=64)
    for pair in (["a.mp4", "b.mp4"], ["b.mp4", "a.mp4"]):
        with pytest.raises(MediaError):
            await media_tools.join([tmp_path / name for name in pair], tmp_path / "all.mp4")


@pytest.mark.parametrize(("at_s", "brightness"), [(0.0, 0), (0.6, 127), (99.0, 246)])
async def test_the_poster_is_the_frame_at_its_time(media_tools, tmp_path, at_s, brightness):
    await media_tools.poster(a_video(tmp_path / "a.mp4"), tmp_path / "p.jpg", at_s=at_s)

    with Image.open(tmp_path / "p.jpg") as poster:
        assert (poster.format, poster.size) == ("JPEG", (128, 96))
        assert np.asarray(poster.convert("L")).mean() == pytest.approx(brightness, abs=8)


async def test_a_marked_video_says_what_it_is_and_still_plays(media_tools, tmp_path):
    video = a_video(tmp_path / "a.mp4")
    before = video.read_bytes()

    await media_tools.mark(video, source_type="trainedAlgorithmicMedia", note="Mira & <friends>")

    data = video.read_bytes()
    box = data[len(before) :]
    assert data.startswith(before)
    assert (int.from_bytes(box[:4], "big"), box[4:8]) == (len(box), b"uuid")
    assert b"digitalsourcetype/trainedAlgorithmicMedia" in box
    assert b"Mira &amp; &lt;friends&gt;" in box
    assert (await media_tools.probe(video)).duration_s == pytest.approx(1.2, abs=0.001)


async def test_only_an_mp4_is_marked(media_tools, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("words")

    with pytest.raises(MediaError):
        await media_tools.mark(path, source_type="trainedAlgorithmicMedia", note="")

    assert path.read_text() == "words"


async def test_videos_are_joined_in_the_size_and_rate_of_the_first(media_tools, tmp_path):
    first = a_video(tmp_path / "a.mp4", frames=30)
    other = a_video(tmp_path / "b.mp4", frames=40, fps=50, size=(64, 48))
    silent = a_video(tmp_path / "c.mp4", frames=25, sound=False)

    await media_tools.join([first, other, silent], tmp_path / "all.mp4")

    facts = await media_tools.probe(tmp_path / "all.mp4")
    assert (facts.width, facts.height, facts.audio_codec) == (128, 96, "aac")
    assert facts.fps == pytest.approx(25, abs=0.01)
    assert facts.duration_s == pytest.approx(1.2 + 0.8 + 1.0, abs=0.05)
    light = brightness(tmp_path / "all.mp4")
    assert light[0] < 30
    assert light[28] > 200
    assert light[31] < 60
    assert light[51] < 30


async def test_sound_stays_with_its_picture_when_joined(media_tools, tmp_path):
    clips = [a_video(tmp_path / f"{n}.mp4", frames=25, sound=n % 2 == 1) for n in range(4)]

    await media_tools.join(clips, tmp_path / "all.mp4")

    heard = loud_seconds(tmp_path / "all.mp4")
    assert heard == [False, True, False, True]


async def test_what_cannot_be_joined_is_said(media_tools, tmp_path):
    (tmp_path / "bad.mp4").write_bytes(b"no film")

    with pytest.raises(MediaError, match="join"):
        await media_tools.join([tmp_path / "bad.mp4"], tmp_path / "all.mp4")


def brightness(video):
    with av.open(str(video)) as container:
        return [float(frame.to_ndarray(format="gray").mean()) for frame in container.decode(video=0)]


def loud_seconds(video):
    with av.open(str(video)) as container:
        sound = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
    seconds = sound[: len(sound) // 48_000 * 48_000].reshape(-1, 48_000)
    return [bool(np.abs(second[10_000:-10_000]).max() > 0.1) for second in seconds]


async def test_a_smaller_rendition_has_the_same_length_and_sound(media_tools, tmp_path):
    video, small = a_video(tmp_path / "a.mp4", size=(720, 960)), tmp_path / "small.mp4"

    await media_tools.shrink(video, small, side=360)

    before, after = await media_tools.probe(video), await media_tools.probe(small)
    assert (after.width, after.height) == (360, 480)
    assert (after.duration_s, after.fps) == (before.duration_s, before.fps)
    assert sound_of(small) == sound_of(video)
    data = small.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    await media_tools.mark(small, source_type="trainedAlgorithmicMedia", note="Mira is an AI-generated presenter.")
    assert await media_tools.probe(small)


def sound_of(path):
    with av.open(str(path)) as container:
        return [(packet.pts, bytes(packet)) for packet in container.demux(audio=0) if packet.size]


async def test_a_silent_one_stays_silent(media_tools, tmp_path):
    small = tmp_path / "small.mp4"

    await media_tools.shrink(a_video(tmp_path / "a.mp4", size=(720, 720), sound=False), small, side=360)

    assert (await media_tools.probe(small)).audio_codec is None


async def test_what_is_no_video_cannot_be_made_smaller(media_tools, tmp_path):
    broken = tmp_path / "a.mp4"
    broken.write_bytes(b"no film")

    with pytest.raises(MediaError, match=r"a\.mp4"):
        await media_tools.shrink(broken, tmp_path / "small.mp4", side=360)


async def test_a_film_of_variable_rate_is_made_smaller_and_keeps_its_times(media_tools, tmp_path):
    """A phone's film: pictures come 5 ms and 200 ms apart."""
    video, small = tmp_path / "a.mp4", tmp_path / "small.mp4"
    times = [number // 2 * 205 + number % 2 * 5 for number in range(20)]
    with av.open(str(video), "w", format="mp4") as out:
        picture = out.add_stream("libx264", rate=30)
        picture.width, picture.height, picture.pix_fmt = 720, 720, "yuv420p"
        picture.codec_context.time_base = Fraction(1, 1000)
        for at, level in zip(times, range(0, 200, 10), strict=True):
            frame = av.VideoFrame.from_ndarray(np.full((720, 720, 3), level, np.uint8), format="rgb24")
            frame.pts, frame.time_base = at, Fraction(1, 1000)
            out.mux(picture.encode(frame))
        out.mux(picture.encode())

    await media_tools.shrink(video, small, side=360)

    def shown(path):
        with av.open(str(path)) as container:
            return [round(1000 * frame.time) for frame in container.decode(video=0)]

    assert shown(small) == shown(video) == times
