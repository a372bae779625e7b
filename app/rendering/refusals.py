"""Why nobody films a clip as it is: told by the plan, before a word is spoken or a cent counted."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.errors import LimitExceededError, PortraitError
from app.rendering.lines import WantedClip
from app.rendering.ports import Capabilities


@dataclass(frozen=True, slots=True)
class Refusal:
    """The error that filming it would end with: its code, and a sentence with a way out."""

    code: str
    message: str


def refusal_by(clip: WantedClip, seconds: float, facts: Capabilities, *, unusable: Mapping[str, str]) -> Refusal | None:
    """Why this renderer does not film it; `unusable` says by renderer what is wrong with the portrait."""
    if facts.name in unusable:
        return Refusal(PortraitError.code, unusable[facts.name])
    if clip.speech is None and not facts.silent_idle:
        message = f"Renderer `{facts.name}` films nothing without sound: add `local` to `renderers` for the idle loop."
        return Refusal(LimitExceededError.code, message)
    if seconds > facts.max_duration_s:
        message = (
            f"Renderer `{facts.name}` takes up to {facts.max_duration_s:g} s, these words last about {seconds:.0f} s: "
            "shorten them, allow `split: true`, or make two answers of them."
        )
        return Refusal(LimitExceededError.code, message)
    return None


def refusal_by_all(
    clip: WantedClip, seconds: float, capabilities: Mapping[str, Capabilities], *, unusable: Mapping[str, str]
) -> Refusal | None:
    """Why no renderer of the chain films it; None when one does."""
    found = [refusal_by(one, seconds, capabilities[one.recipe.renderer], unusable=unusable) for one in clip.chain]
    told = [refusal for refusal in found if refusal is not None]
    if len(told) < len(found):
        return None
    return Refusal(told[0].code, " ".join(dict.fromkeys(refusal.message for refusal in told)))
