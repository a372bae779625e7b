"""Stale answers: how often they are played, what the new clips cost, and what each choice of a stand-in does."""

from dataclasses import dataclass
from decimal import Decimal
from typing import get_args

from app.catalog.model import Meanwhile


@dataclass(frozen=True, slots=True)
class StaleIntent:
    """Stale clips of an intent in one locale, and what plays until they are rendered.

    `wish` is what was chosen. `kept` of the clips of before may play on; the others show another face or speak with
    another voice. `same` of them say the same words, so that they play on whatever is chosen. `was` and `now` are the
    words of the first clip whose words changed.
    """

    intent: str
    locale: str
    plays: int
    wish: Meanwhile
    clips: int = 0
    price: Decimal = Decimal(0)
    kept: int = 0
    same: int = 0
    was: str | None = None
    now: str | None = None

    @property
    def meanwhile(self) -> Meanwhile:
        """Choice that really holds: words where no old clip may play on, the old clips where all say the same."""
        if self.same == self.clips:
            return "keep"
        return "text" if self.wish == "keep" and not self.kept else self.wish

    @property
    def choices(self) -> dict[Meanwhile, str]:
        """Meaning of each choice for its plays, a sentence each."""
        return {one: self._means(one) for one in get_args(Meanwhile)}

    def _means(self, choice: Meanwhile) -> str:
        plays = f"{self.plays} plays" if self.plays != 1 else "1 play"
        if self.same == self.clips:
            return f"{plays} see the clip of before, which says the same words."
        if choice == "pull":
            return f"{plays} get nothing of it: documents, a new clip or an apology, as for a question nobody foresaw."
        if choice == "text":
            return f"{plays} get the new words to read, and no clip until it is rendered."
        if not self.kept:
            return "not possible, as the clip of before has another face or voice: the new words to read."
        said = f"the old words, “{_short(self.was)}”" if self.was else "the same words as before"
        some = "" if self.kept == self.clips else f" (of {self.kept} of {self.clips} clips)"
        return f"{plays} see the clip of before{some} and hear {said}."


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 120 else f"{flat[:119]}…"
