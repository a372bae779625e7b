"""Captions from word times: up to two lines of 42 characters, on screen for 1 to 6 seconds.

These limits are those of the usual broadcast guidelines.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import accumulate

from app.rendering.ports import TimedSpan
from app.text import sentences

LINE_CHARS = 42
LINES = 2
SHORTEST_S = 1.0
LONGEST_S = 6.0
GAP_S = 0.04
"""Gap between two captions, so that a change is visible."""

PAUSE_S = 0.45
"""Silence that ends a caption."""

_SHORT_SENTENCE_CHARS = 24
"""A sentence shorter than this shares a caption with the next one."""


@dataclass(frozen=True, slots=True)
class TimedCaption:
    """Caption and its times, in seconds from the start of the clip; a line break separates its lines."""

    start_s: float
    end_s: float
    text: str


def make_captions(words: Sequence[TimedSpan], *, duration_s: float) -> tuple[TimedCaption, ...]:
    """Return captions in order, without overlap, with every word once; none ends after the clip.

    A caption shorter than a second stays longer if the next one leaves room.
    """
    said = [word for word in words if word.text.strip()]
    raw = [_caption(group) for group in _groups(said)]
    return tuple(_timed(raw, duration_s))


def captions_document(captions: Sequence[TimedCaption]) -> list[dict[str, float | str]]:
    """Return the captions as JSON values, as in the protocol."""
    return [asdict(caption) for caption in captions]


def web_vtt(captions: Sequence[TimedCaption]) -> str:
    """Return the captions as a WebVTT file."""
    cues = [f"{number}\n{_cue(caption)}\n" for number, caption in enumerate(captions, 1)]
    return "\n".join(["WEBVTT\n", *cues])


def _groups(words: list[TimedSpan]) -> Iterator[list[TimedSpan]]:
    ends = _sentence_ends(words)
    group: list[TimedSpan] = []
    for at, word in enumerate(words):
        if group and _ends_before(word, group, sentence_ended=at - 1 in ends):
            yield group
            group = []
        group.append(word)
    if group:
        yield group


def _sentence_ends(words: list[TimedSpan]) -> frozenset[int]:
    """Return the places of the words that end a sentence, by the letters up to there."""
    cuts = frozenset(accumulate(_letters(sentence) for sentence in sentences(_joined(words))))
    return frozenset(
        at for at, letters in enumerate(accumulate(_letters(word.text) for word in words)) if letters in cuts
    )


def _letters(text: str) -> int:
    return len("".join(text.split()))


def _ends_before(word: TimedSpan, group: list[TimedSpan], *, sentence_ended: bool) -> bool:
    return (
        len(_wrapped([*group, word])) > LINES
        or word.end_s - group[0].start_s > LONGEST_S
        or word.start_s - group[-1].end_s > PAUSE_S
        or (sentence_ended and len(_joined(group)) >= _SHORT_SENTENCE_CHARS)
    )


def _caption(group: list[TimedSpan]) -> TimedCaption:
    return TimedCaption(group[0].start_s, max(word.end_s for word in group), "\n".join(_balanced(group)))


def _timed(captions: list[TimedCaption], duration_s: float) -> Iterator[TimedCaption]:
    latest_ends = [following.start_s - GAP_S for following in captions[1:]] + [duration_s]
    for caption, latest in zip(captions, latest_ends, strict=False):
        wanted = min(max(caption.end_s, caption.start_s + SHORTEST_S), caption.start_s + LONGEST_S)
        yield replace(caption, start_s=_ms(caption.start_s), end_s=_ms(max(min(wanted, latest), caption.start_s)))


def _wrapped(words: list[TimedSpan]) -> list[str]:
    lines: list[str] = []
    for word in words:
        text = word.text.strip()
        if lines and len(lines[-1]) + 1 + len(text) <= LINE_CHARS:
            lines[-1] += f" {text}"
        else:
            lines.append(text)
    return lines


def _balanced(group: list[TimedSpan]) -> list[str]:
    """Split into two lines of about the same length, which read better than a full one and a rest."""
    lines = _wrapped(group)
    if len(lines) != LINES:
        return lines
    cuts = [(_joined(group[:at]), _joined(group[at:])) for at in range(1, len(group))]
    fitting = [cut for cut in cuts if max(map(len, cut)) <= LINE_CHARS]
    best = min(fitting, key=_unevenness, default=None)
    return lines if best is None else list(best)


def _unevenness(cut: tuple[str, str]) -> int:
    return abs(len(cut[0]) - len(cut[1]))


def _joined(words: Sequence[TimedSpan]) -> str:
    return " ".join(word.text.strip() for word in words)


def _cue(caption: TimedCaption) -> str:
    text = caption.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"{_stamp(caption.start_s)} --> {_stamp(caption.end_s)}\n{text}"


def _stamp(seconds: float) -> str:
    whole, milliseconds = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}.{milliseconds:03d}"


def _ms(seconds: float) -> float:
    return round(seconds, 3)
