"""Raw speech of a local voice, before it is trimmed and levelled."""

from dataclasses import dataclass

from app.adapters.local.audio import Samples
from app.errors import ProviderRefusedError
from app.rendering.ports import TimedSpan

_SPEEDS = (0.5, 2.0)


@dataclass(frozen=True, slots=True)
class RawSpeech:
    """Sound of the voice, neither trimmed nor levelled, with its phonemes and words."""

    samples: Samples
    rate: int
    phones: tuple[TimedSpan, ...]
    words: tuple[TimedSpan, ...]


def checked_speed(speed: float) -> float:
    """Return a speed that a local voice can speak at.

    Raises:
        ProviderRefusedError: it is out of range.
    """
    if not _SPEEDS[0] <= speed <= _SPEEDS[1]:
        raise ProviderRefusedError(f"Expected a speed from {_SPEEDS[0]} to {_SPEEDS[1]}, got {speed!r}.")
    return speed
