"""Quality gate: the rules for delivered clips, and their limits with sources."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.rendering.media.faults import Fault, Reason
from app.rendering.media.inspection import EndFrame, Inspection, Mouth, SyncOffset
from app.rendering.ports import Capabilities, MediaFacts
from app.store.recipes import ClipRecipe

SHORTER_S = 0.15
"""Longest time that a video may end before its sound: more cuts off the last word."""

LONGER_S = 1.0
"""Longest time that a video may go on after its sound: longer stares are seen. A renderer's known padding is
added."""

SHAPE_TOLERANCE = 0.03
"""Tolerance for renderers whose sides come in steps of 8 or 16 pixels: 1920x1072 is 0.8 % off 16:9."""

SIDE_TOLERANCE = 0.97
"""Tolerance for the same steps, of the short side."""

SLOWEST_FPS, FASTEST_FPS = 24.0, 60.0
"""Range from cinema film to browsers; a recipe that asks for less or more extends it."""

FPS_TOLERANCE = 0.02

VIDEO_CODECS, AUDIO_CODECS = frozenset({"h264"}), frozenset({"aac", "mp3"})
"""Codecs that every browser plays from an MP4."""

QUIETEST_LUFS = -40.0
"""Loudness below which speech is inaudible in ordinary noise. It is submitted at -16; EBU R 128 asks for
-23."""

LEAST_LIKENESS = 0.6
"""Correlation of levels, delivered and submitted: good clips reach 0.99, another sentence is below 0.5
(media)."""

SOUND_SHIFT_S = 0.25
"""Largest shift of the sound: captions rely on the renderer's usual start of speech and are off by as
much."""

BLACK_S = 0.0
"""Black time allowed: none, because even one black frame between two clips is seen as a flash."""

BLACK_LEVEL, BLACK_SHARE = 0.10, 0.98
"""A frame is black when this share of it is darker than a tenth of the range: the defaults of ffmpeg's
blackdetect. The inspector counts by it. """

FROZEN_S = 1.0
"""Longest stillness during speech: nobody holds a vowel for a second (media: at most 0.2 s)."""

FACE_SHARE = 0.9
"""Share of sampled frames with exactly one face; the detector misses one in a hundred of ours."""

STILL_MOUTH = 0.012
"""Spread of the lip gap during speech, in eye distances: talking lips 0.02 to 0.15, idle ones 0.008
(media)."""

RESTLESS_MOUTH = 0.05
"""Spread of the lip gap in silence: resting lips under 0.02 (media)."""

RESTLESS_SHARE = 0.6
"""Share of the spread during speech that the spread in silence must also exceed."""

LEAST_AT_BEST, LEAST_UNMOVED, LEAST_BY_LEVEL = 0.5, 0.35, 0.5
"""Correlation of lips with phonemes at the best offset, without an offset, and with the loudness.

One of the three is enough. A wrong sound reaches 0.44, 0.27 and 0.44, the worst good clip 0.58 at its best
offset, lips that only open with the loudness 0.69 by the third (media). Below the first, the offset is not
judged: such peaks may be chance.
"""

OFFSET_MS = (-185.0, 90.0)
"""Range that viewers accept by ITU-R BT.1359-1; negative: late sound. They notice from -125 and +45 on."""

GROSS_OFFSET_MS = 250.0
"""Limit for the weak yardstick, whose error is up to 160 ms (media); the offset must also be clear."""

CLEARLY = 0.15

END_MOVED, END_GROWN, END_TURNED_DEG, END_OPENED = 0.35, 0.25, 15.0, 0.15
"""Largest difference of a face from the idle pose at either end.

A third and a quarter of its width, a glance aside, lips apart as for an open vowel. More is seen as a jump to
the idle loop (media: ours stay under 5 % of it).
"""

END_DIFFERS = 0.15
"""Largest difference without a face: mean difference of the light; another picture of the person exceeds
it."""


@dataclass(frozen=True, slots=True)
class GateTarget:
    """Target of a clip; `duration_s` is the length of its speech, or of the idle loop.

    `portrait_shape` is the portrait's width over its height: some renderers ignore the wanted shape and use
    that one.
    """

    recipe: ClipRecipe
    capabilities: Capabilities
    duration_s: float
    portrait_shape: float | None = None

    @property
    def speaks(self) -> bool:
        """True if the clip has speech."""
        return self.recipe.speech is not None


def judge(wanted: GateTarget, facts: MediaFacts, seen: Inspection | None) -> tuple[Reason, ...]:
    """Return every reason to refuse the clip; without an inspection, only its file facts are judged."""
    reasons = [*_outside(wanted, facts)]
    if seen is not None:
        reasons += [reason for rule in _INSIDE for reason in rule(wanted, seen)]
    return tuple(reasons)


def _outside(wanted: GateTarget, facts: MediaFacts) -> Iterator[Reason]:
    yield from _size(wanted, facts)
    yield from _rate(wanted, facts)
    yield from _length(wanted, facts)
    if facts.video_codec not in VIDEO_CODECS:
        yield Reason(Fault.CODEC, f"Expected H.264 pictures, got {facts.video_codec}.")
    if facts.audio_codec is not None and facts.audio_codec not in AUDIO_CODECS:
        yield Reason(Fault.CODEC, f"Expected AAC sound, got {facts.audio_codec}.")
    if wanted.speaks and facts.audio_codec is None:
        yield Reason(Fault.NO_SOUND, "Expected sound, got a video without any.")


def _size(wanted: GateTarget, facts: MediaFacts) -> Iterator[Reason]:
    width, height = wanted.recipe.width, wanted.recipe.height
    shape, shapes = facts.width / facts.height, [width / height]
    if wanted.portrait_shape is not None:
        shapes.append(wanted.portrait_shape)
    if all(abs(shape / one - 1) > SHAPE_TOLERANCE for one in shapes):
        yield Reason(Fault.SHAPE, f"Expected the shape of {width}x{height}, got {facts.width}x{facts.height}.")
    elif min(facts.width, facts.height) < SIDE_TOLERANCE * min(width, height):
        message = f"Expected at least {min(width, height)} pixels on the short side, got {facts.width}x{facts.height}."
        yield Reason(Fault.SIZE, message)


def _rate(wanted: GateTarget, facts: MediaFacts) -> Iterator[Reason]:
    low, high = min(wanted.recipe.fps, SLOWEST_FPS), max(wanted.recipe.fps, FASTEST_FPS)
    if not low * (1 - FPS_TOLERANCE) <= facts.fps <= high * (1 + FPS_TOLERANCE):
        yield Reason(Fault.FRAME_RATE, f"Expected {low:g} to {high:g} frames a second, got {facts.fps:.2f}.")


def _length(wanted: GateTarget, facts: MediaFacts) -> Iterator[Reason]:
    least = wanted.duration_s - SHORTER_S
    most = max(wanted.duration_s, wanted.capabilities.min_duration_s) + LONGER_S
    if facts.duration_s < least:
        message = f"Expected {wanted.duration_s:.2f} s, got {facts.duration_s:.2f} s: the end of the words is missing."
        yield Reason(Fault.TOO_SHORT, message)
    elif facts.duration_s > most:
        yield Reason(Fault.TOO_LONG, f"Expected at most {most:.2f} s, got {facts.duration_s:.2f} s.")


def _streams(_: GateTarget, seen: Inspection) -> Iterator[Reason]:
    if seen.video_streams != 1 or seen.audio_streams > 1:
        got = f"{seen.video_streams} and {seen.audio_streams}"
        yield Reason(Fault.STREAMS, f"Expected one video and at most one audio stream, got {got}.")


def _sound(wanted: GateTarget, seen: Inspection) -> Iterator[Reason]:
    heard = seen.heard
    if heard is None or not wanted.speaks:
        return
    if heard.loudness_lufs < QUIETEST_LUFS:
        message = f"Expected speech at {QUIETEST_LUFS:g} LUFS or louder, got {heard.loudness_lufs:g}."
        yield Reason(Fault.SILENT, message)
    elif heard.likeness is not None and heard.likeness < LEAST_LIKENESS:
        message = f"Expected the speech that was handed over, got another sound (likeness {heard.likeness:.2f})."
        yield Reason(Fault.OTHER_SOUND, message)
    elif heard.late_s is not None and abs(heard.late_s - wanted.capabilities.lead_in_s) > SOUND_SHIFT_S:
        expected = wanted.capabilities.lead_in_s
        message = f"Expected the speech to begin {expected:.2f} s into the clip, got {heard.late_s:.2f} s."
        yield Reason(Fault.SOUND_SHIFTED, message)


def _pictures(_: GateTarget, seen: Inspection) -> Iterator[Reason]:
    if seen.black_s > BLACK_S:
        yield Reason(Fault.BLACK, f"Expected no black frame, got {seen.black_s:.2f} s of them.")
    if seen.frozen_s > FROZEN_S:
        yield Reason(
            Fault.FROZEN, f"Expected a face that moves while it speaks, got {seen.frozen_s:.1f} s of stillness."
        )


def _faces(_: GateTarget, seen: Inspection) -> Iterator[Reason]:
    faces = seen.faces
    if faces is None or not faces.looks:
        return
    most = (1 - FACE_SHARE) * faces.looks
    if faces.none > most:
        yield Reason(Fault.NO_FACE, f"Expected a face all along, saw none in {faces.none} of {faces.looks} looks.")
    if faces.several > most:
        message = f"Expected one face, saw several in {faces.several} of {faces.looks} looks."
        yield Reason(Fault.SEVERAL_FACES, message)


def _mouth(wanted: GateTarget, seen: Inspection) -> Iterator[Reason]:
    mouth = seen.mouth
    if mouth is None or not wanted.speaks:
        return
    if mouth.speaking is not None and mouth.speaking < STILL_MOUTH:
        message = f"Expected lips that move with the speech, got a spread of {mouth.speaking:.3f}."
        yield Reason(Fault.MOUTH_STILL, message)
        return
    yield from _restless(mouth)
    if mouth.sync is not None:
        yield from _in_time(mouth.sync)


def _restless(mouth: Mouth) -> Iterator[Reason]:
    silent, speaking = mouth.silent, mouth.speaking
    if silent is not None and silent > max(RESTLESS_MOUTH, RESTLESS_SHARE * (speaking or 0.0)):
        message = f"Expected lips at rest where nothing is heard, got a spread of {silent:.3f}."
        yield Reason(Fault.MOUTH_RESTLESS, message)


def _in_time(sync: SyncOffset) -> Iterator[Reason]:
    at_best = sync.correlation >= LEAST_AT_BEST
    follows = at_best or sync.unmoved >= LEAST_UNMOVED or sync.by_level >= LEAST_BY_LEVEL
    low, high = OFFSET_MS if sync.yardstick == "phonemes" else (-GROSS_OFFSET_MS, GROSS_OFFSET_MS)
    sure = at_best and sync.correlation - sync.unmoved > CLEARLY
    if sync.yardstick == "phonemes" and not follows:
        message = f"Expected lips that follow the words ({LEAST_AT_BEST:g}), got {sync.correlation:.2f}."
        yield Reason(Fault.LIPS_ELSEWHERE, message)
    elif sure and not low <= sync.offset_ms <= high:
        message = f"Expected lips {low:+g} to {high:+g} ms from the sound, got {sync.offset_ms:+.0f} ms."
        yield Reason(Fault.LIPS_OFFSET, message)


def _ends(_: GateTarget, seen: Inspection) -> Iterator[Reason]:
    for fault, end, where in ((Fault.STARTS_AWAY, seen.first, "begins"), (Fault.ENDS_AWAY, seen.last, "ends")):
        away = _away(end) if end is not None else ""
        if away:
            yield Reason(fault, f"Expected a clip that {where} near the idle pose, got {away}.")


def _away(end: EndFrame) -> str:
    """Return the differences from the idle pose, in words; empty if all are small."""
    if end.moved is None or end.grown is None or end.turned_deg is None or end.opened is None:
        return (
            f"a picture that differs by {end.differs:.2f} (up to {END_DIFFERS:g})" if end.differs > END_DIFFERS else ""
        )
    differences = (
        (end.moved > END_MOVED, f"a face {end.moved:.2f} of its width aside"),
        (abs(end.grown) > END_GROWN, f"a face {end.grown:+.0%} in size"),
        (end.turned_deg > END_TURNED_DEG, f"a head turned by {end.turned_deg:.0f} degrees"),
        (end.opened > END_OPENED, "an open mouth"),
    )
    return ", ".join(words for is_away, words in differences if is_away)


_INSIDE: tuple[Callable[[GateTarget, Inspection], Iterator[Reason]], ...] = (
    _streams, _sound, _pictures, _faces, _mouth, _ends,
)  # fmt: skip
