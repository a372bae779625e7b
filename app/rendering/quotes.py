"""What clips cost with one renderer or another: the price of each, of all, and how long it would take."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.rendering.estimate import price_of
from app.rendering.lines import WantedClip
from app.rendering.ports import Capabilities

_MOST_CHEAPER = 5


@dataclass(frozen=True, slots=True)
class Length:
    """A clip and how long it is expected to be."""

    wanted: WantedClip
    seconds: float


@dataclass(frozen=True, slots=True)
class Quote:
    """All clips by one renderer; those it does not take (`unable`) are not in the sums.

    `price_known` is False where the vendor publishes no price and a cautious one is counted. `wall_s` is with as many
    jobs at once as it takes; `needs` names the setting that is missing before it takes any.
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


def takes(clip: WantedClip, seconds: float, facts: Capabilities) -> bool:
    """Whether a renderer films a clip of this length, or this one without sound."""
    return seconds <= facts.max_duration_s and (clip.speech is not None or facts.silent_idle)


def quote(clips: Iterable[Length], facts: Capabilities, model: str) -> Quote:
    """What all of them would cost with this renderer's model."""
    everything = list(clips)
    taken = [clip.seconds for clip in everything if takes(clip.wanted, clip.seconds, facts)]
    return Quote(
        renderer=f"{facts.name}/{model}",
        currency=facts.currency,
        price_per_s=facts.price(model),
        price_known=facts.price_known(model),
        clips=len(taken),
        unable=len(everything) - len(taken),
        seconds=sum(taken),
        price=sum((price_of(seconds, facts, model) for seconds in taken), Decimal(0)),
        wall_s=wall_s(taken, facts),
        needs=facts.needs,
    )


def wall_s(seconds: Sequence[float], facts: Capabilities) -> float:
    """How long a renderer takes for videos of these lengths: as many at once, and a minute, as it takes."""
    side_by_side = sum(seconds) * facts.seconds_per_second / max(1, min(facts.concurrency, len(seconds)))
    handed_over = 60.0 * (len(seconds) // facts.per_minute) if facts.per_minute else 0.0
    return max(side_by_side, handed_over)


def cheaper_quotes(
    clips: Sequence[Length], than: Quote, capabilities: Mapping[str, Capabilities], known: Iterable[str]
) -> tuple[Quote, ...]:
    """Renderers that are not `known` already and film as much for less, the dearest first: the nearest in kind.

    Of a provider's models at one price the first one stands for all.
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
