"""How long words will last before anybody has spoken them, and what filming them costs."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal

from app.rendering.ledger import MICRO
from app.rendering.ports import Capabilities
from app.store.ports import Entry
from app.store.recipes import SpeechRecipe

CHARS_PER_S = 15.0
"""Characters a second of unhurried English speech, pauses included."""

SHORTEST_S = 1.0

_ENOUGH_CLIPS = 5


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast the voice speaks at speed 1."""

    chars_per_s: float = CHARS_PER_S

    @classmethod
    def from_entries(cls, clips: Iterable[Entry]) -> "Pace":
        """Learn from clips that are stored, once there are a few; else the usual pace."""
        spoken = [(len(clip.labels.get("text") or ""), float(clip.media.get("duration_s", 0.0))) for clip in clips]
        counted = [(chars, seconds) for chars, seconds in spoken if chars and seconds > 0]
        if len(counted) < _ENOUGH_CLIPS:
            return cls()
        return cls(sum(chars for chars, _ in counted) / sum(seconds for _, seconds in counted))

    def seconds(self, speech: SpeechRecipe) -> float:
        """The estimate for these words at this speed."""
        return round(max(SHORTEST_S, len(speech.text) / self.chars_per_s / speech.speed), 2)


def price_of(seconds: float, facts: Capabilities, model: str) -> Decimal:
    """What the renderer asks for so many seconds by this model, rounded up to a millionth."""
    return facts.cost(model, seconds).quantize(MICRO, rounding=ROUND_UP)
