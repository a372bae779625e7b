"""The gate on real clips: good ones of every kind pass, and each way of spoiling one is noticed by its name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from app.adapters.local import audio
from app.adapters.local.audio import RATE, Picture, Samples
from app.adapters.local.facts import LEAD_IN_S, Model
from app.adapters.local.inspection.inspector import LocalInspector
from app.adapters.local.motion import REST
from app.adapters.local.mp4 import pictures
from app.adapters.local.order import Order, VideoFormat
from app.adapters.local.painter_choice import LOOK_KEY
from app.adapters.local.presenter.compositor import Presenter
from app.adapters.local.presenter.palettes import LOOKS
from app.adapters.local.render_clip import render_clip
from app.adapters.local.speech import Utterance, Voice, speak
from app.adapters.media.pyav import PyavMediaTools
from app.digest import Digest
from app.errors import MediaError
from app.rendering.media.faults import Fault
from app.rendering.media.inspection import Inspection, Subject
from app.rendering.media.quality_gate import GateTarget, judge
from app.rendering.ports import Capabilities, TimedSpan
from app.simulators.stub_video import PlainMedia, VideoOrder, picture
from app.store.recipes import ClipRecipe

from .conftest import MIRA

SIDE, FPS = 256, 25
SAYS = "Hello, I am Mira. My map is at the big blue door, please come in."
Frames = list[Picture]


@dataclass(frozen=True)
class Shot:
    """A clip, what it was made from, and its frames and sound."""

    portrait: Path
    wav: Path
    phones: Sequence[TimedSpan]
    clip: Path
    lead_in_s: float = LEAD_IN_S

    @property
    def frames(self) -> Frames:
        return [frame for _, frame in pictures(self.clip)]

    @property
    def sound(self) -> Samples:
        return audio.decode(self.clip)

    @property
    def subject(self) -> Subject:
        return Subject(self.clip, self.portrait, self.wav, tuple(self.phones))


@pytest.fixture(scope="module")
def said(voice: Voice) -> Utterance:
    return speak(voice, SAYS)


@pytest.fixture(scope="module")
def shoot(said: Utterance, models_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Shot]:
    folder = tmp_path_factory.mktemp("shots")
    wav = folder / "speech.wav"
    wav.write_bytes(audio.wav_bytes(said.samples))

    def film(portrait: Path, model: Model = Model.AUTO) -> Shot:
        screen = VideoFormat(SIDE, SIDE, FPS)
        order = Order(portrait, portrait.stem, model, screen, wav, said.words, said.phones, 0.0, 5, models_dir)
        clip = folder / f"{portrait.stem}-{model}.mp4"
        render_clip(order, clip)
        return Shot(portrait, wav, said.phones, clip)

    return film


@pytest.fixture(scope="module")
def good(shoot: Callable[..., Shot]) -> Shot:
    return shoot(MIRA)


@pytest.fixture(scope="module")
def inspector(models_dir: Path) -> LocalInspector:
    return LocalInspector(models_dir)


async def verdict(shot: Shot, inspector: LocalInspector, *, idle: Path | None = None) -> tuple[set[Fault], Inspection]:
    seen = await inspector.inspect(replace(shot.subject, idle=idle))
    recipe = ClipRecipe(
        portrait=Digest("0" * 64),
        renderer="local",
        renderer_version="1",
        model="auto",
        width=SIDE,
        height=SIDE,
        fps=FPS,
        speech=Digest("1" * 64),
    )
    renderer = Capabilities(name="local", models=("auto",), lead_in_s=shot.lead_in_s)
    duration_s = len(audio.decode(shot.wav)) / RATE
    facts = await PyavMediaTools().probe(shot.clip)
    return {reason.fault for reason in judge(GateTarget(recipe, renderer, duration_s), facts, seen)}, seen


def write(out: Path, frames: Frames, sound: Samples | None) -> Path:
    """Encode quickly; sound at 48 kHz."""
    with av.open(str(out), "w", format="mp4") as container:
        video = container.add_stream("libx264", rate=FPS, options={"preset": "ultrafast", "crf": "20"})
        video.width, video.height, video.pix_fmt = frames[0].shape[1], frames[0].shape[0], "yuv420p"
        stream = container.add_stream("aac", rate=RATE, layout="mono") if sound is not None else None
        for at, frame in enumerate(frames):
            image = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="bgr24")
            image.pts, image.time_base = at, Fraction(1, FPS)
            container.mux(video.encode(image))
        container.mux(video.encode(None))
        if stream is not None and sound is not None:
            block = av.AudioFrame.from_ndarray(sound[None].astype(np.float32), format="fltp", layout="mono")
            block.sample_rate = RATE
            resampler = av.AudioResampler(format="fltp", layout="mono", rate=RATE, frame_size=1024)
            for part in [*resampler.resample(block), *resampler.resample(None)]:
                container.mux(stream.encode(part))
            container.mux(stream.encode(None))
    return out


async def spoilt(
    good: Shot, folder: Path, inspector: LocalInspector, *, frames: Frames | None = None, sound: Samples | None = None
) -> set[Fault]:
    clip = write(folder / "spoilt.mp4", frames or good.frames, good.sound if sound is None else sound)
    return (await verdict(replace(good, clip=clip), inspector))[0]


async def test_the_drawn_presenter_passes(good: Shot, inspector: LocalInspector):
    faults, seen = await verdict(good, inspector)

    assert faults == set()
    assert seen.heard is not None
    assert seen.heard.late_s == pytest.approx(LEAD_IN_S, abs=0.02)
    assert seen.mouth is not None
    assert seen.mouth.sync is not None
    assert seen.mouth.sync.yardstick == "phonemes"
    assert seen.face is not None
    assert 0.2 < seen.face.x < seen.face.x + seen.face.width < 0.8
    assert 0.1 < seen.face.y < seen.face.y + seen.face.height < 0.8


@pytest.mark.long
async def test_the_other_look_passes(shoot: Callable[..., Shot], inspector: LocalInspector, tmp_path: Path):
    marks = PngInfo()
    marks.add_text(LOOK_KEY, "noor")
    drawn = Presenter(LOOKS["noor"], width=SIDE, height=SIDE).frame(REST)
    Image.fromarray(drawn[..., ::-1]).save(tmp_path / "noor.png", pnginfo=marks)

    assert (await verdict(shoot(tmp_path / "noor.png"), inspector))[0] == set()


@pytest.mark.long
async def test_a_portrait_photo_passes(shoot: Callable[..., Shot], inspector: LocalInspector):
    assert (await verdict(shoot(MIRA, Model.PHOTO), inspector))[0] == set()


async def test_what_the_simulators_deliver_passes(good: Shot, inspector: LocalInspector, tmp_path: Path):
    still = picture(MIRA.read_bytes())
    spoken = audio.decode(good.wav)
    clip = tmp_path / "vendor.mp4"
    clip.write_bytes(PlainMedia().film(VideoOrder(still, spoken, len(spoken) / RATE, SIDE, SIDE, 48)))

    assert (await verdict(replace(good, clip=clip, phones=(), lead_in_s=0.0), inspector))[0] == set()


@pytest.mark.long
async def test_encoding_again_spoils_nothing(good: Shot, inspector: LocalInspector, tmp_path: Path):
    assert await spoilt(good, tmp_path, inspector) == set()


async def test_a_single_black_frame_is_seen(good: Shot, inspector: LocalInspector, tmp_path: Path):
    frames = good.frames
    frames[41] = np.zeros_like(frames[41])

    assert Fault.BLACK in await spoilt(good, tmp_path, inspector, frames=frames)


@pytest.mark.long
async def test_a_picture_that_stands_still_is_seen(good: Shot, inspector: LocalInspector, tmp_path: Path):
    frames = good.frames
    frames[60:105] = [frames[60]] * 45

    assert Fault.FROZEN in await spoilt(good, tmp_path, inspector, frames=frames)


@pytest.mark.long
async def test_a_second_face_is_seen(good: Shot, inspector: LocalInspector, tmp_path: Path):
    halves = [cv2.resize(frame, (SIDE // 2, SIDE), interpolation=cv2.INTER_AREA) for frame in good.frames]

    faults = await spoilt(good, tmp_path, inspector, frames=[np.hstack([half, half]) for half in halves])

    assert Fault.SEVERAL_FACES in faults


async def test_a_face_that_goes_away_is_missed(good: Shot, inspector: LocalInspector, tmp_path: Path):
    frames = good.frames
    frames[30:] = [cv2.resize(cv2.resize(frame, (4, 4)), (SIDE, SIDE)) for frame in frames[30:]]

    assert Fault.NO_FACE in await spoilt(good, tmp_path, inspector, frames=frames)


async def test_sound_that_cannot_be_heard_is_no_sound(good: Shot, inspector: LocalInspector, tmp_path: Path):
    assert Fault.SILENT in await spoilt(good, tmp_path, inspector, sound=good.sound * 0.01)


async def test_somebody_elses_sound_is_noticed(good: Shot, inspector: LocalInspector, tmp_path: Path):
    backwards = good.sound[::-1].copy()

    faults = await spoilt(good, tmp_path, inspector, sound=backwards)

    assert Fault.OTHER_SOUND in faults
    assert Fault.LIPS_ELSEWHERE in faults


@pytest.mark.long
async def test_sound_that_is_shifted_is_noticed_twice(good: Shot, inspector: LocalInspector, tmp_path: Path):
    shifted = np.roll(good.sound, round(0.3 * RATE))

    assert {Fault.SOUND_SHIFTED, Fault.LIPS_OFFSET} <= await spoilt(good, tmp_path, inspector, sound=shifted)


@pytest.mark.long
async def test_lips_that_do_not_move_are_noticed(good: Shot, inspector: LocalInspector, tmp_path: Path):
    first = good.frames[0]
    flickering = [cv2.convertScaleAbs(first, alpha=1 - 0.04 * (at % 5)) for at in range(len(good.frames))]

    faults = await spoilt(good, tmp_path, inspector, frames=flickering)

    assert Fault.MOUTH_STILL in faults
    assert Fault.FROZEN not in faults


async def test_lips_that_speak_without_sound_are_noticed(good: Shot, inspector: LocalInspector, tmp_path: Path):
    sound = good.sound
    sound[: len(sound) // 3] = 0

    assert Fault.MOUTH_RESTLESS in await spoilt(good, tmp_path, inspector, sound=sound)


@pytest.mark.long
async def test_half_a_clip_is_too_short(good: Shot, inspector: LocalInspector, tmp_path: Path):
    frames, sound = good.frames, good.sound

    faults = await spoilt(good, tmp_path, inspector, frames=frames[: len(frames) // 2], sound=sound[: len(sound) // 2])

    assert Fault.TOO_SHORT in faults


@pytest.mark.long
async def test_ends_far_from_the_idle_pose_are_noticed(
    good: Shot, inspector: LocalInspector, idle_clip, tmp_path: Path
):
    frames = good.frames
    aside = [np.roll(frame, SIDE // 4, axis=1) for frame in frames]

    ended = await spoilt(good, tmp_path, inspector, frames=[*frames[:-3], *aside[-3:]])
    clip = write(tmp_path / "aside.mp4", aside, good.sound)
    both, _ = await verdict(replace(good, clip=clip), inspector, idle=idle_clip.path)

    assert Fault.ENDS_AWAY in ended
    assert Fault.STARTS_AWAY not in ended
    assert {Fault.STARTS_AWAY, Fault.ENDS_AWAY} <= both


async def test_a_portrait_without_a_face_that_is_found_leaves_faces_out(
    good: Shot, inspector: LocalInspector, tmp_path: Path
):
    cartoon = tmp_path / "cartoon.png"
    cv2.imwrite(str(cartoon), np.full((512, 512, 3), (90, 160, 200), np.uint8))

    faults, seen = await verdict(replace(good, portrait=cartoon), inspector)

    assert faults == set()
    assert seen.faces is None
    assert seen.unseen == "no face is found in the portrait `cartoon.png` itself"


async def test_faces_can_be_left_out(good: Shot, models_dir: Path):
    seen = await LocalInspector(models_dir, faces=False).inspect(good.subject)

    assert (seen.faces, seen.mouth) == (None, None)
    assert seen.heard is not None


async def test_what_cannot_be_decoded_is_no_clip(good: Shot, inspector: LocalInspector, tmp_path: Path):
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no film at all")

    with pytest.raises(MediaError):
        await inspector.inspect(replace(good.subject, video=broken))
