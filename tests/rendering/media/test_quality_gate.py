from dataclasses import replace

import pytest

from app.digest import Digest
from app.rendering.media.faults import REMEDIES, Fault
from app.rendering.media.inspection import EndFrame, Faces, Heard, Inspection, Mouth, SyncOffset
from app.rendering.media.quality_gate import GateTarget, judge
from app.rendering.ports import Capabilities, MediaFacts
from app.store.recipes import ClipRecipe

RECIPE = ClipRecipe(
    portrait=Digest("0" * 64),
    renderer="fake",
    renderer_version="1",
    model="m",
    width=720,
    height=720,
    fps=30,
    speech=Digest("1" * 64),
)
RENDERER = Capabilities(name="fake", models=("m",), lead_in_s=0.3)
WANTED = GateTarget(RECIPE, RENDERER, 4.0)
FACTS = MediaFacts(720, 720, 30.0, 4.0, "h264", "aac", 1000, "video/mp4")
NEAR = EndFrame(0.01, moved=0.01, grown=0.0, turned_deg=1.0, opened=0.01)
SEEN = Inspection(
    video_streams=1,
    audio_streams=1,
    black_s=0.0,
    frozen_s=0.2,
    heard=Heard(-16.2, likeness=0.99, late_s=0.3),
    faces=Faces(looks=10, none=0, several=0),
    mouth=Mouth(silent=0.01, speaking=0.12, sync=SyncOffset("phonemes", 0.8, -25.0, 0.7)),
    first=NEAR,
    last=NEAR,
)


def faults(facts=FACTS, seen=SEEN, wanted=WANTED):
    return [reason.fault for reason in judge(wanted, facts, seen)]


def test_a_good_clip_has_no_faults():
    assert faults() == []
    assert faults(replace(FACTS, fps=29.97, duration_s=4.9)) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"width": 640}, "shape: Expected the shape of 720x720, got 640x720."),
        ({"width": 512, "height": 512}, "size: Expected at least 720 pixels on the short side, got 512x512."),
        ({"fps": 12.0}, "frame_rate: Expected 24 to 60 frames a second, got 12.00."),
        ({"fps": 90.0}, "frame_rate: Expected 24 to 60 frames a second, got 90.00."),
        ({"duration_s": 3.8}, "too_short: Expected 4.00 s, got 3.80 s: the end of the words is missing."),
        ({"duration_s": 5.1}, "too_long: Expected at most 5.00 s, got 5.10 s."),
        ({"audio_codec": None}, "no_sound: Expected sound, got a video without any."),
        ({"video_codec": "hevc"}, "codec: Expected H.264 pictures, got hevc."),
        ({"audio_codec": "opus"}, "codec: Expected AAC sound, got opus."),
    ],
)
def test_what_is_wrong_outside_is_said(change, message):
    told = [f"{reason.fault.value}: {reason.message}" for reason in judge(WANTED, replace(FACTS, **change), None)]

    assert told == [message]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"video_streams": 2}, Fault.STREAMS),
        ({"audio_streams": 2}, Fault.STREAMS),
        ({"black_s": 0.04}, Fault.BLACK),
        ({"frozen_s": 1.2}, Fault.FROZEN),
        ({"heard": Heard(-55.0, likeness=0.99, late_s=0.3)}, Fault.SILENT),
        ({"heard": Heard(-16.0, likeness=0.36, late_s=0.3)}, Fault.OTHER_SOUND),
        ({"heard": Heard(-16.0, likeness=0.99, late_s=0.6)}, Fault.SOUND_SHIFTED),
        ({"faces": Faces(looks=10, none=2, several=0)}, Fault.NO_FACE),
        ({"faces": Faces(looks=10, none=0, several=2)}, Fault.SEVERAL_FACES),
        ({"mouth": Mouth(silent=0.002, speaking=0.008)}, Fault.MOUTH_STILL),
        ({"mouth": Mouth(silent=0.1, speaking=0.12)}, Fault.MOUTH_RESTLESS),
        ({"mouth": Mouth(0.01, 0.12, SyncOffset("phonemes", 0.44, 260.0, 0.27, 0.44))}, Fault.LIPS_ELSEWHERE),
        ({"mouth": Mouth(0.01, 0.12, SyncOffset("phonemes", 0.7, 120.0, 0.4))}, Fault.LIPS_OFFSET),
        ({"mouth": Mouth(0.01, 0.12, SyncOffset("phonemes", 0.7, -200.0, 0.2))}, Fault.LIPS_OFFSET),
        ({"mouth": Mouth(0.01, 0.12, SyncOffset("loudness", 0.6, 300.0, 0.3))}, Fault.LIPS_OFFSET),
        ({"first": replace(NEAR, turned_deg=20.0)}, Fault.STARTS_AWAY),
        ({"last": replace(NEAR, moved=0.5)}, Fault.ENDS_AWAY),
        ({"last": replace(NEAR, grown=-0.4)}, Fault.ENDS_AWAY),
        ({"last": replace(NEAR, opened=0.2)}, Fault.ENDS_AWAY),
        ({"last": EndFrame(0.3)}, Fault.ENDS_AWAY),
    ],
)
def test_what_is_wrong_inside_has_its_name(change, fault):
    assert faults(seen=replace(SEEN, **change)) == [fault]


def test_the_level_alone_never_decides_about_lips():
    weak = Mouth(0.01, 0.12, SyncOffset("loudness", 0.12, -500.0, -0.02))

    assert faults(seen=replace(SEEN, mouth=weak)) == []


@pytest.mark.parametrize(
    "sync",
    [
        SyncOffset("phonemes", 0.42, -311.0, 0.22, 0.87),  # a chance peak; these lips open with the loudness
        SyncOffset("phonemes", 0.45, 200.0, 0.36, 0.3),
        SyncOffset("phonemes", 0.6, 100.0, 0.55, 0.3),  # as good where it is
    ],
)
def test_a_weak_agreement_says_nothing_about_time(sync):
    assert faults(seen=replace(SEEN, mouth=Mouth(0.01, 0.12, sync))) == []


def test_what_kling_delivers_is_taken():
    big = replace(FACTS, width=1440, height=1440, fps=48.0)
    wide = replace(WANTED, recipe=replace(RECIPE, width=1920, height=1080))

    assert faults(big) == []
    assert faults(replace(big, width=1920, height=1072), wanted=wide) == []


def test_a_renderer_may_film_the_portraits_own_shape():
    upright = replace(FACTS, width=720, height=960)

    assert faults(upright, wanted=replace(WANTED, portrait_shape=0.75)) == []
    assert faults(upright, wanted=replace(WANTED, portrait_shape=1.0)) == [Fault.SHAPE]


def test_padding_that_is_known_is_no_fault():
    padding = replace(WANTED, capabilities=replace(RENDERER, min_duration_s=5.0))

    assert faults(replace(FACTS, duration_s=5.9), wanted=padding) == []
    assert faults(replace(FACTS, duration_s=6.1), wanted=padding) == [Fault.TOO_LONG]


def test_an_idle_loop_needs_no_sound():
    idle = replace(WANTED, recipe=replace(RECIPE, speech=None, idle_s=4.0))
    quiet = replace(SEEN, heard=None, audio_streams=0, mouth=None)

    assert faults(replace(FACTS, audio_codec=None), quiet, idle) == []


def test_faces_are_not_asked_for_where_the_portrait_shows_none():
    blind = replace(
        SEEN, faces=None, mouth=None, first=EndFrame(0.02), last=EndFrame(0.02), unseen="no face in the portrait"
    )

    assert faults(seen=blind) == []


def test_every_fault_says_what_to_do():
    assert set(REMEDIES) == set(Fault)
