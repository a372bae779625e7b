"""From an order to a finished clip: stage, paint and encode by segments, join. All of it plain and blocking."""

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.adapters.local import audio
from app.adapters.local.arrays import Picture
from app.adapters.local.mp4 import Encoded, Screen, encode_segment, write_mp4
from app.adapters.local.painters import Model, Painter, open_painter
from app.adapters.local.phones import PAUSE
from app.adapters.local.staging import Take, stage_idle, stage_speech
from app.adapters.local.voice import Voice
from app.rendering.ports import TimedSpan

Progress = Callable[[int, int], None]
"""Called with segments done and segments in all."""


@dataclass(frozen=True, slots=True)
class Order:
    """One clip to be filmed, complete and hashable; the portrait's digest makes a changed file another order."""

    portrait: Path
    portrait_digest: str
    model: Model
    screen: Screen
    wav: Path | None
    words: tuple[TimedSpan, ...]
    phones: tuple[TimedSpan, ...]
    idle_s: float
    seed: int
    models_dir: Path


def render_clip(order: Order, out: Path, *, progress: Progress | None = None) -> None:
    """Film a clip in this process."""
    count = segment_count(order)
    packets: list[Encoded] = []
    for number in range(count):
        packets += film_segment(order, number)
        if progress is not None:
            progress(number + 1, count)
    join(order, packets, out)


def segment_count(order: Order) -> int:
    """How many pieces the clip is filmed in."""
    return -(-_take(order).frames // order.screen.segment_frames)


def film_segment(order: Order, number: int) -> list[Encoded]:
    """Paint and compress one piece, `number` counting from 0."""
    take, size = _take(order), order.screen.segment_frames
    first = number * size
    painter = _painter(order.portrait, order.portrait_digest, order.model, order.screen, order.models_dir)
    return encode_segment(_paint(painter, take, first, min(first + size, take.frames)), order.screen, first=first)


def join(order: Order, packets: Sequence[Encoded], out: Path) -> None:
    """Write the finished file under a temporary name, then move it to `out` in one step."""
    part = out.with_name(out.name + ".part")
    try:
        write_mp4(part, packets, order.screen, sound=_take(order).sound)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)


def ready() -> None:
    """Nothing; calling it in a worker has everything here loaded."""


def check_order(order: Order) -> None:
    """Open the painter, so that an unusable portrait is refused before anything is promised.

    Raises:
        PortraitError: the portrait cannot be animated.
    """
    _painter(order.portrait, order.portrait_digest, order.model, order.screen, order.models_dir)


def _paint(painter: Painter, take: Take, first: int, last: int) -> Iterator[Picture]:
    for frame in range(first, last):
        yield painter.frame(take.performance.pose(frame))


@functools.lru_cache(maxsize=6)
def _take(order: Order) -> Take:
    if order.wav is None:
        return stage_idle(order.idle_s, order.screen, seed=order.seed)
    phones = order.phones or phones_from_words(order.words)
    return stage_speech(audio.decode(order.wav), phones, order.screen, seed=order.seed)


@functools.lru_cache(maxsize=3)
def _painter(portrait: Path, _digest: str, model: Model, screen: Screen, models_dir: Path) -> Painter:
    return open_painter(portrait, model, screen, models_dir=models_dir)


def phones_from_words(words: Sequence[TimedSpan]) -> tuple[TimedSpan, ...]:
    """Phonemes spread evenly over each word's time, for a voice that tells words only; vowels last twice as long."""
    out: list[TimedSpan] = []
    for word in words:
        symbols = _voice().phonemes(word.text)
        if out and word.start_s - out[-1].end_s > 0.04:
            out.append(TimedSpan(PAUSE, out[-1].end_s, word.start_s))
        weights = [2.0 if s in _LONG else 1.0 for s in symbols]
        at, unit = word.start_s, (word.end_s - word.start_s) / max(1.0, sum(weights))
        for symbol, weight in zip(symbols, weights, strict=True):
            out.append(TimedSpan(symbol, at, at + weight * unit))
            at += weight * unit
    return tuple(out)


_LONG = frozenset("AIWYOiɑæɔɜuʌɛ")


@functools.cache
def _voice() -> Voice:
    return Voice()
