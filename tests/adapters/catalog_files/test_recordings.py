"""What an author recorded: found, measured, named by digest, and said so when it cannot be used."""

import math
import struct
from pathlib import Path

import pytest

from app.adapters.catalog_files.loader import load_catalog
from app.adapters.speech.recorded import RecordedSpeech
from app.catalog.lint import lint
from app.catalog.rules.context import Measured
from app.digest import digest_bytes
from app.errors import ProviderRefusedError
from app.rendering.fakes import FakeRenderer, FakeSpeech, silence
from app.rendering.plan.clips import catalog_clips, line_labels, want_clip
from app.rendering.plan.plan_json import plan_document
from app.rendering.plan.planner import make_plan
from app.rendering.plan.providers import RECORDED, AvatarProviders
from app.rendering.ports import SpeechRequest
from app.runtime.wiring.clock import SystemClock
from app.runtime.wiring.providers import level
from tests.support.catalogs import write_catalog

WELCOME = "visiting/welcome.yaml"
ANSWER = "title: Welcome\nphrases:\n  en: [Hello there]\nanswer:\n  en: [Welcome to the desk., Come in.]\n"


def a_catalog(folder: Path, *names: str, **files: bytes) -> Path:
    audio = f"audio:\n  en: [{', '.join(names)}]\n"
    sounds = {f"visiting/{name.replace('_', '.')}": content for name, content in files.items()}
    return write_catalog(folder, files={WELCOME: ANSWER + audio, **sounds})


def tone(duration_s: float) -> bytes:
    head = silence(duration_s)[:44]
    count = (len(silence(duration_s)) - 44) // 2
    swell = (0.1 + abs(math.sin(at / 8000)) for at in range(count))  # as loud and soft as syllables
    return head + b"".join(struct.pack("<h", round(9000 * loud * math.sin(at / 20))) for at, loud in enumerate(swell))


def clips_of(catalog):
    return catalog_clips(catalog, AvatarProviders(FakeSpeech(), FakeRenderer(), "fake"))


def test_a_recording_says_its_variant_and_the_voice_the_others(tmp_path):
    sound = tone(0.5)
    catalog = load_catalog(a_catalog(tmp_path, "one.wav", one_wav=sound)).catalog
    welcome = catalog.intent("welcome")

    (recording,) = welcome.recordings["en"]
    clips = {clip.text: clip for clip in clips_of(catalog)}

    assert (recording.digest, recording.duration_s) == (digest_bytes(sound), pytest.approx(0.5))
    recorded, spoken = clips["Welcome to the desk."], clips["Come in."]
    assert (recorded.speech.provider, recorded.speech.voice) == (RECORDED, recording.digest)
    assert spoken.speech.provider == "fake"
    assert catalog.recordings == {recording.digest: Path(recording.path)}


def test_another_recording_is_another_clip_wherever_the_catalog_lies(tmp_path):
    places = [tmp_path / name for name in "abc"]
    for place in places:
        place.mkdir()
    a, b, c = (
        load_catalog(a_catalog(place, "one.wav", one_wav=tone(length_s))).catalog
        for place, length_s in zip(places, (0.5, 0.5, 0.6), strict=True)
    )

    keys = [{clip.text: clip.key for clip in clips_of(one)}["Welcome to the desk."] for one in (a, b, c)]

    assert (a.digest == b.digest, a.digest == c.digest) == (True, False)
    assert (keys[0] == keys[1], keys[0] == keys[2]) == (True, False)


def test_a_clip_is_known_again_by_its_labels(tmp_path):
    catalog = load_catalog(a_catalog(tmp_path, "one.wav", one_wav=tone(0.5))).catalog
    clip = next(clip for clip in clips_of(catalog) if clip.speech and clip.speech.provider == RECORDED)

    again = want_clip(
        catalog.avatar,
        AvatarProviders(FakeSpeech(), FakeRenderer(), "fake"),
        text=clip.text,
        locale="en",
        labels=clip.labels,
    )

    assert again.key == clip.key
    assert line_labels(clip.lines[0]).recording == clip.labels.recording


def test_a_plan_counts_the_recorded_seconds(tmp_path):
    catalog = load_catalog(a_catalog(tmp_path, "one.wav", one_wav=tone(3.0))).catalog
    plan = make_plan(clips_of(catalog), (), capabilities={"fake": FakeRenderer().capabilities})

    item = next(item for item in plan.todo if item.wanted.text == "Welcome to the desk.")

    assert item.seconds == pytest.approx(3.0)
    assert str(tmp_path) not in str(plan_document(plan))


@pytest.mark.parametrize(
    ("names", "files", "rule"),
    [
        (["absent.wav"], {}, "file-missing"),
        (["../../outside.wav"], {}, "path-outside"),
        (["one.wav"], {"one_wav": b"no sound"}, "recording-unreadable"),
        (["one.txt"], {"one_txt": b"words"}, "recording-unreadable"),
        (["one.wav", "one.wav", "one.wav"], {"one_wav": tone(0.2)}, "recording-extra"),
    ],
)
def test_a_recording_that_cannot_be_used_is_a_finding(tmp_path, names, files, rule):
    (tmp_path / "outside.wav").write_bytes(tone(0.2))

    findings = load_catalog(a_catalog(tmp_path, *names, **files)).findings

    assert [(one.rule, one.file) for one in findings if one.file == WELCOME] == [(rule, WELCOME)]


def test_a_recording_that_no_renderer_takes_is_a_finding(tmp_path):
    loaded = load_catalog(a_catalog(tmp_path, "one.wav", one_wav=tone(2.0)))

    found = lint(loaded.catalog, today=SystemClock().today(), places=loaded.places, measured=Measured(max_clip_s=1.9))

    assert [(one.rule, one.line) for one in found if one.file == WELCOME and "2 s" in one.message] == [
        ("answer-long", 7)
    ]


async def test_a_recording_is_levelled_and_its_words_are_spread_over_it(tmp_path):
    path = tmp_path / "one.wav"
    path.write_bytes(tone(1.5))
    voice = RecordedSpeech({digest_bytes(path.read_bytes()): path}, level)

    spoken = await voice.speak(SpeechRequest("Welcome to the desk.", "en", digest_bytes(path.read_bytes()), 1.0))

    assert spoken.duration_s == pytest.approx(1.5, abs=0.3)
    assert [word.text for word in spoken.words] == ["Welcome", "to", "the", "desk."]
    assert spoken.words[-1].end_s == pytest.approx(spoken.duration_s, abs=0.1)


async def test_a_recording_that_was_changed_under_our_hands_is_refused(tmp_path):
    path = tmp_path / "one.wav"
    path.write_bytes(tone(0.5))
    voice = RecordedSpeech({"0" * 64: path}, level)

    for digest in ("0" * 64, "1" * 64):
        with pytest.raises(ProviderRefusedError, match="recording"):
            await voice.speak(SpeechRequest("Welcome.", "en", digest, 1.0))
