"""Pricing: estimated lengths and prices of clips, quotes of renderers, and refusals."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_UP, Decimal
from typing import Any

from app.errors import LimitExceededError, ProviderRefusedError
from app.rendering.plan.break_even import BreakEven, break_even
from app.rendering.plan.clips import WantedClip
from app.rendering.plan.providers import NO_VOICE, RECORDED, without_voice
from app.rendering.plan.speech_length import speech_seconds
from app.rendering.ports import MICRO, Capabilities
from app.rendering.tariffs import Tariff, Usage
from app.store.ports import Entry
from app.store.recipes import SpeechRecipe

SHORTEST_S = 1.0

_ENOUGH_CLIPS = 5


@dataclass(frozen=True, slots=True)
class SpeechRate:
    """Rate of each voice beside the usual one; `rates` are by provider, voice and locale."""

    rates: Mapping[tuple[str, str, str], float] = field(default_factory=dict)

    @classmethod
    def from_entries(cls, speech: Iterable[Entry]) -> "SpeechRate":
        """Learn from speech that is stored, once a voice has a few; else the usual rate."""
        heard: dict[tuple[str, str, str], list[tuple[float, float]]] = {}
        for entry in speech:
            recipe, seconds = entry.recipe, float(entry.media.get("duration_s", 0.0))
            if recipe.get("provider") == RECORDED or seconds <= 0:
                continue
            words = str(recipe.get("spoken") or recipe.get("text") or "")
            expected = speech_seconds(words, str(recipe.get("locale", ""))) / float(recipe.get("speed") or 1)
            heard.setdefault(_voice(recipe), []).append((expected, seconds))
        enough = {voice: pairs for voice, pairs in heard.items() if len(pairs) >= _ENOUGH_CLIPS}
        return cls({voice: sum(s for _, s in pairs) / sum(e for e, _ in pairs) for voice, pairs in enough.items()})

    def seconds(self, speech: SpeechRecipe) -> float:
        """The estimate for the words as they are spoken, at this speed."""
        rate = self.rates.get((speech.provider, speech.voice, speech.locale), 1.0)
        return round(max(SHORTEST_S, rate * speech_seconds(speech.spoken, speech.locale) / speech.speed), 2)


def _voice(recipe: Mapping[str, Any]) -> tuple[str, str, str]:
    return str(recipe.get("provider")), str(recipe.get("voice")), str(recipe.get("locale"))


def price_of(seconds: float, facts: Capabilities, model: str) -> Decimal:
    """Return the renderer's price for so many seconds of this model, rounded up to a millionth."""
    return facts.cost(model, seconds).quantize(MICRO, rounding=ROUND_UP)


_MOST_CHEAPER = 5

DEAR_PER_S = Decimal("0.08")
"""Price of a second from which a renderer is of a dear tier: standard ones take 0.048 to 0.067 dollars (2026-11)."""


@dataclass(frozen=True, slots=True)
class ClipLength:
    """Clip and its expected length."""

    wanted: WantedClip
    seconds: float


@dataclass(frozen=True, slots=True)
class Quote:
    """Quote of one renderer for all clips; those that it does not accept (`unable`) are not in the sums.

    `price_known` is False if the provider publishes no price and a cautious one is assumed. `wall_s` assumes
    as many jobs at once as the renderer accepts; `needs` names a missing setting without which it accepts
    none.
    """

    renderer: str
    currency: str
    price_per_s: Decimal
    price_known: bool
    clips: int
    unable: int
    seconds: float
    price: Decimal
    wall_s: float
    needs: str = ""

    @property
    def dear(self) -> bool:
        """True for a dear tier; avatars that name no model get a standard one."""
        return self.price_per_s >= DEAR_PER_S

    @property
    def break_even(self) -> BreakEven | None:
        """Plays that pay for its average clip; None if it is free, or takes none."""
        return break_even(self.price / self.clips) if self.clips else None


def takes(clip: WantedClip, seconds: float, facts: Capabilities) -> bool:
    """Return whether a model accepts a clip of this length, and one without sound."""
    return seconds <= facts.max_duration_s and (clip.speech is not None or facts.silent_idle)


def quote(clips: Iterable[ClipLength], facts: Capabilities, model: str) -> Quote:
    """Return the quote of this renderer's model for all clips."""
    every, facts = list(clips), facts.of(model)
    taken = [clip.seconds for clip in every if takes(clip.wanted, clip.seconds, facts)]
    return Quote(
        renderer=f"{facts.name}/{model}",
        currency=facts.currency,
        price_per_s=facts.price(model),
        price_known=facts.price_known(model),
        clips=len(taken),
        unable=len(every) - len(taken),
        seconds=sum(taken),
        price=sum((price_of(seconds, facts, model) for seconds in taken), Decimal(0)),
        wall_s=wall_s(taken, facts),
        needs=facts.needs,
    )


def wall_s(seconds: Sequence[float], facts: Capabilities) -> float:
    """Estimate a renderer's time for videos of these lengths, by its concurrency and rate of submits."""
    rendering_s = sum(seconds) * facts.seconds_per_second / max(1, min(facts.concurrency, len(seconds)))
    submitting_s = 60.0 * (len(seconds) // facts.per_minute) if facts.per_minute else 0.0
    return max(rendering_s, submitting_s)


def cheaper_quotes(
    clips: Sequence[ClipLength], than: Quote, capabilities: Mapping[str, Capabilities], known: Iterable[str]
) -> tuple[Quote, ...]:
    """Return quotes of other renderers than `known` that accept as many clips for less.

    The dearest comes first, as the most similar one. Of a provider's models at one price only the first is
    listed.
    """
    models = {
        (facts.name, facts.price(model)): model for facts in capabilities.values() for model in facts.models[::-1]
    }
    every = [
        quote(clips, capabilities[name], model) for (name, price), model in models.items() if price < than.price_per_s
    ]
    others = set(known)
    found = [q for q in every if q.price < than.price and q.clips >= than.clips and q.renderer not in others]
    return tuple(sorted(found, key=lambda q: (-q.price, q.renderer))[:_MOST_CHEAPER])


def every_quote(clips: Sequence[ClipLength], capabilities: Mapping[str, Capabilities]) -> tuple[Quote, ...]:
    """Return the quotes of all models of all renderers that accept a clip; the most clips first, then the cheapest."""
    every = (quote(clips, facts, model) for facts in capabilities.values() for model in facts.models)
    return tuple(sorted((q for q in every if q.clips), key=lambda q: (-q.clips, q.price, q.renderer)))


@dataclass(frozen=True, slots=True)
class PlanRefusal:
    """Error that the render would end with: its code, and a message with a remedy."""

    code: str
    message: str


def refusal_by(
    clip: WantedClip, seconds: float, facts: Capabilities, *, refused: Mapping[str, PlanRefusal]
) -> PlanRefusal | None:
    """Return this renderer's refusal of a clip, if any; `refused` has those of the whole avatar."""
    facts, label = facts.of(clip.recipe.model), f"{facts.name}/{clip.recipe.model}"
    if label in refused:
        return refused[label]
    if clip.speech is None and not facts.silent_idle:
        message = f"Renderer `{facts.name}` films nothing without sound: add `local` to `renderers` for the idle loop."
        return PlanRefusal(LimitExceededError.code, message)
    if seconds > facts.max_duration_s:
        message = (
            f"Renderer `{facts.name}` takes up to {facts.max_duration_s:g} s, these words last about {seconds:.0f} s: "
            "shorten them, allow `split: true`, or make two answers of them."
        )
        return PlanRefusal(LimitExceededError.code, message)
    return None


def refusal_by_all(
    clip: WantedClip, seconds: float, capabilities: Mapping[str, Capabilities], *, refused: Mapping[str, PlanRefusal]
) -> PlanRefusal | None:
    """Return the refusal of the whole chain, or of a voice that is not there; None if one renderer accepts the clip."""
    if clip.speech is not None and clip.speech.provider == NO_VOICE:
        return PlanRefusal(ProviderRefusedError.code, without_voice(clip.speech.locale))
    found = [refusal_by(one, seconds, capabilities[one.recipe.renderer], refused=refused) for one in clip.chain]
    refusals = [refusal for refusal in found if refusal is not None]
    if len(refusals) < len(found):
        return None
    return PlanRefusal(refusals[0].code, " ".join(dict.fromkeys(refusal.message for refusal in refusals)))


@dataclass(frozen=True, slots=True)
class VoiceTotal:
    """Words to be spoken by a paid voice, each counted once; those whose speech is stored cost nothing."""

    tariff: Tariff
    texts: int
    characters: int
    price: Decimal
    locales: tuple[str, ...] = ()


def voice_totals(
    clips: Iterable[WantedClip], tariffs: Mapping[str, Tariff], *, spoken: Container[str]
) -> tuple[VoiceTotal, ...]:
    """Add up the speech that the clips need, by paid voice; `spoken` has the keys of what is stored."""
    missing = {clip.recipe.speech: clip.speech for clip in clips if clip.speech and clip.recipe.speech not in spoken}
    paid: dict[str, list[SpeechRecipe]] = {}
    for speech in missing.values():
        if speech.provider in tariffs:
            paid.setdefault(speech.provider, []).append(speech)
    return tuple(_voice_total(tariffs[provider], recipes) for provider, recipes in sorted(paid.items()))


def _voice_total(tariff: Tariff, recipes: Sequence[SpeechRecipe]) -> VoiceTotal:
    counts = [len(one.spoken) for one in recipes]
    price = sum((tariff.price(Usage(count)) for count in counts), Decimal(0))
    locales = tuple(sorted({one.locale for one in recipes}))
    return VoiceTotal(tariff, len(counts), sum(counts), price, locales)
