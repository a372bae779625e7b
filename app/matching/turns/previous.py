"""Turn before a question: what was asked, what answered it, which chips it offered."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Previous:
    """The turn before a question in the same session, as far as it is known."""

    question: str = ""
    """The last question that can be understood by itself."""
    intent: str | None = None
    """The intent that was just played; None if none was, or if that is not known."""
    offered: tuple[str, ...] = ()
    """The intents among which the visitor was asked to choose, if that was the last reply."""
    repeated: bool = False
    """Set if the visitor asks the same again: then the same clip may play again."""
    may_look: bool = True
    """Unset if the session has had all the second looks that one visitor gets."""

    @classmethod
    def of(cls, given: "Previous | str | None") -> Self:
        """Return the turn before; a text alone is the question of it."""
        if isinstance(given, Previous):
            return cls(given.question, given.intent, given.offered, given.repeated, given.may_look)
        return cls(given or "")
