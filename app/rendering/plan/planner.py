"""The plan: catalog minus store. What is new, what is stale and why, what nothing refers to, and what it all costs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from app.digest import Digest
from app.rendering.plan.clips import WantedClip
from app.rendering.plan.pricing import (
    ClipLength,
    PlanRefusal,
    Quote,
    SpeechRate,
    cheaper_quotes,
    price_of,
    quote,
    refusal_by,
    refusal_by_all,
    takes,
    wall_s,
)
from app.rendering.ports import Capabilities
from app.store.labels import Labels
from app.store.ports import Entry, RecipeIndex
from app.store.recipes import differences


class PlanAction(StrEnum):
    """What `warm` does about a clip."""

    NEW = "new"
    STALE = "stale"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field in which a clip differs from the one it replaces; None where there is no value to show."""

    field: str
    was: str | None
    now: str | None


@dataclass(frozen=True, slots=True)
class PlanItem:
    """One clip: real seconds where it is stored, else estimated ones; price 0 where nothing is to be done.

    `filmed_by` is the first clip of the chain whose renderer takes it; `refusal` says why none does.
    """

    action: PlanAction
    wanted: WantedClip
    seconds: float
    price: Decimal
    filmed_by: WantedClip
    changes: tuple[FieldChange, ...] = ()
    replaces: Digest | None = None
    refusal: PlanRefusal | None = None


@dataclass(frozen=True, slots=True)
class Leftover:
    """An entry that the catalog does not refer to."""

    key: Digest
    kind: str
    labels: Labels
    seconds: float
    created_at: datetime


@dataclass(frozen=True, slots=True)
class RendererTotal:
    """What one renderer is to do; `wall_s` with as many jobs at once as it takes."""

    renderer: str
    currency: str
    clips: int
    seconds: float
    price: Decimal
    wall_s: float


@dataclass(frozen=True, slots=True)
class Plan:
    """Catalog minus store. `generated` counts stored clips that visitors' questions led to; they are left alone."""

    items: tuple[PlanItem, ...]
    unreferenced: tuple[Leftover, ...]
    capabilities: Mapping[str, Capabilities]
    generated: int = 0

    @property
    def totals(self) -> tuple[RendererTotal, ...]:
        """What each renderer is to do."""
        by_renderer: dict[str, list[PlanItem]] = {}
        for item in self._filmed:
            by_renderer.setdefault(item.filmed_by.recipe.renderer, []).append(item)
        return tuple(_total(group, self.capabilities[name]) for name, group in by_renderer.items())

    @property
    def chain(self) -> tuple[Quote, ...]:
        """What each renderer of the avatar's list would ask for all of it, the first choice first."""
        lengths, first = self._lengths, next(iter(self._filmed), None)
        recipes = [clip.recipe for clip in first.wanted.chain] if first else []
        return tuple(quote(lengths, self.capabilities[recipe.renderer], recipe.model) for recipe in recipes)

    @property
    def cheaper(self) -> tuple[Quote, ...]:
        """What renderers that the avatar does not name would ask for the clips that the first choice takes, if less."""
        chain = self.chain
        if not chain:
            return ()
        facts = self.capabilities[self._filmed[0].wanted.recipe.renderer]
        taken = [one for one in self._lengths if takes(one.wanted, one.seconds, facts)]
        return cheaper_quotes(taken, chain[0], self.capabilities, (one.renderer for one in chain))

    def prices(self, item: PlanItem) -> dict[str, Decimal | None]:
        """What each renderer of the chain asks for one clip; None for one that does not take it, none for a join."""
        if item.wanted.parts:
            return {}
        quotes = [
            quote([ClipLength(item.wanted, item.seconds)], self.capabilities[clip.recipe.renderer], clip.recipe.model)
            for clip in item.wanted.chain
        ]
        return {one.renderer: one.price if one.clips else None for one in quotes}

    @property
    def _lengths(self) -> list[ClipLength]:
        return [ClipLength(item.wanted, item.seconds) for item in self._filmed]

    @property
    def _filmed(self) -> tuple[PlanItem, ...]:
        """What a renderer is asked for; what is joined from pieces costs nothing."""
        return tuple(item for item in self.todo if not item.wanted.parts)

    @property
    def todo(self) -> tuple[PlanItem, ...]:
        """New and stale clips, in the order in which they are to be filmed."""
        return tuple(item for item in self.items if item.action in {PlanAction.NEW, PlanAction.STALE})

    def of(self, action: PlanAction) -> tuple[PlanItem, ...]:
        """The items of one kind."""
        return tuple(item for item in self.items if item.action == action)

    @property
    def price(self) -> Decimal:
        """What carrying it out costs."""
        return sum((item.price for item in self.todo), Decimal(0))

    @property
    def seconds(self) -> float:
        """Seconds of video to be filmed."""
        return sum(item.seconds for item in self.todo)

    @property
    def wall_s(self) -> float:
        """How long it is expected to take; renderers work side by side."""
        return max((total.wall_s for total in self.totals), default=0.0)


async def take_stock(recipes: RecipeIndex, wanted: Iterable[WantedClip]) -> tuple[Entry, ...]:
    """Every entry in the store; of the wanted ones only those whose blobs are all there."""
    keys = {key for clip in wanted for key in clip.keys}
    return tuple(
        [entry async for entry in recipes.scan() if entry.key not in keys or await recipes.get(entry.key) is not None]
    )


def make_plan(
    wanted: Sequence[WantedClip],
    entries: Iterable[Entry],
    *,
    capabilities: Mapping[str, Capabilities],
    refused: Mapping[str, PlanRefusal] | None = None,
) -> Plan:
    """Compare what is wanted with what is stored; `capabilities` by the renderer's name.

    `refused` says, by renderer, why it renders nothing of this avatar.
    """
    stock = _Stock(entries, wanted)
    items = tuple(_item(clip, stock, capabilities, refused or {}) for clip in wanted)
    return Plan(
        items=items,
        unreferenced=stock.leftovers(replaced={item.replaces for item in items}, wanted=wanted),
        capabilities=capabilities,
        generated=stock.generated,
    )


class _Stock:
    """The store's entries, ordered for the questions a plan asks."""

    def __init__(self, entries: Iterable[Entry], wanted: Sequence[WantedClip]) -> None:
        everything = sorted(entries, key=lambda entry: entry.created_at)
        self.clips = {entry.key: entry for entry in everything if entry.kind == "clip"}
        self.speech: dict[str, Entry] = {entry.key: entry for entry in everything if entry.kind == "speech"}
        self.pace = SpeechRate.from_entries(self.clips.values())
        keys = {key for clip in wanted for key in clip.keys}
        self.loose = [entry for entry in self.clips.values() if entry.key not in keys and not entry.labels.generated]
        self.generated = sum(entry.labels.generated for entry in self.clips.values())
        catalogued = [entry for entry in self.clips.values() if not entry.labels.generated and not entry.labels.part]
        self._by_address = {address: entry for entry in catalogued for address in entry.labels.addresses}
        self._loose_keys = {entry.key for entry in self.loose}

    def predecessor(self, clip: WantedClip) -> Entry | None:
        """The newest clip that was filmed for one of the same lines; another line may still use it."""
        found = (self._by_address.get(line.address) for line in clip.lines if not line.part)
        return next((entry for entry in found if entry is not None), None)

    def is_loose(self, entry: Entry) -> bool:
        """Whether no wanted clip is this one."""
        return entry.key in self._loose_keys

    def leftovers(self, *, replaced: set[Digest | None], wanted: Sequence[WantedClip]) -> tuple[Leftover, ...]:
        loose = [entry for entry in self.loose if entry.key not in replaced]
        gone = {entry.key for entry in loose}
        staying = {clip.recipe.speech for clip in wanted}
        staying |= {entry.recipe.get("speech") for entry in self.clips.values() if entry.key not in gone}
        silent = [entry for key, entry in self.speech.items() if key not in staying]
        return tuple(
            Leftover(entry.key, entry.kind, entry.labels, _seconds(entry), entry.created_at)
            for entry in [*loose, *silent]
        )


def _item(
    clip: WantedClip, stock: _Stock, capabilities: Mapping[str, Capabilities], refused: Mapping[str, PlanRefusal]
) -> PlanItem:
    stored = next((stock.clips[key] for key in clip.keys if key in stock.clips), None)
    if stored is not None:
        return PlanItem(PlanAction.UNCHANGED, clip, _seconds(stored), Decimal(0), _stored_by(clip, stored))
    seconds = 0.0 if clip.parts else _expected_s(clip, stock)
    refusal = _refusal(clip, stock, capabilities, refused)
    if refusal is not None:
        return PlanItem(PlanAction.REFUSED, clip, seconds, Decimal(0), clip, refusal=refusal)
    able = (
        one for one in clip.chain if not refusal_by(one, seconds, capabilities[one.recipe.renderer], refused=refused)
    )
    by = clip if clip.parts else next(able)
    price = Decimal(0) if clip.parts else price_of(seconds, capabilities[by.recipe.renderer], by.recipe.model)
    old = stock.predecessor(clip)
    if old is None:
        return PlanItem(PlanAction.NEW, clip, seconds, price, by)
    replaces = old.key if stock.is_loose(old) else None
    return PlanItem(PlanAction.STALE, clip, seconds, price, by, _changes(old, clip, stock), replaces)


def _refusal(
    clip: WantedClip, stock: _Stock, capabilities: Mapping[str, Capabilities], refused: Mapping[str, PlanRefusal]
) -> PlanRefusal | None:
    """Why nobody films it, or one of the pieces it is joined from."""
    found = (
        refusal_by_all(one, _expected_s(one, stock), capabilities, refused=refused) for one in clip.parts or (clip,)
    )
    return next((refusal for refusal in found if refusal is not None), None)


def _stored_by(clip: WantedClip, stored: Entry) -> WantedClip:
    return next(one for one in clip.chain if one.key == stored.key)


def _expected_s(clip: WantedClip, stock: _Stock) -> float:
    if clip.speech is None:
        return clip.recipe.idle_s or 0.0
    spoken = stock.speech.get(clip.speech.key)
    recorded = clip.lines[0].audio if clip.lines else None
    estimate = recorded.duration_s if recorded else stock.pace.seconds(clip.speech)
    return _seconds(spoken) if spoken else estimate


def _changes(old: Entry, clip: WantedClip, stock: _Stock) -> tuple[FieldChange, ...]:
    before = stock.speech.get(old.recipe.get("speech", ""))
    was = {**old.recipe, **_flat(before.recipe if before else {"text": old.labels.text})}
    new_speech = clip.speech.document() if clip.speech else None
    now = {**clip.recipe.document(), **_flat(new_speech or {})}
    names = differences(
        old.recipe, clip.recipe.document(), old_speech=before.recipe if before else None, new_speech=new_speech
    )
    return tuple(FieldChange(_told(name), _value(was, name), _value(now, name)) for name in names)


def _flat(speech: Mapping[str, Any]) -> dict[str, Any]:
    """A speech document's fields under the names that `differences` gives them."""
    return {name: value for name, value in speech.items() if name in {"text", "voice", "speed", "locale"}} | {
        f"speech.{name}": value for name, value in speech.items()
    }


def _told(name: str) -> str:
    """The field as the author's files call it."""
    return {"voice": "voice.id", "speed": "voice.speed", "speech.provider": "voice.speech"}.get(name, name)


def _value(document: Mapping[str, Any], name: str) -> str | None:
    found: Any = document.get(name)
    if found is None and "." in name:
        outer, _, inner = name.partition(".")
        group = document.get(outer)
        found = group.get(inner) if isinstance(group, Mapping) else None
    return None if found is None else str(found)


def _total(items: Sequence[PlanItem], facts: Capabilities) -> RendererTotal:
    seconds = sum(item.seconds for item in items)
    return RendererTotal(
        renderer=facts.name,
        currency=facts.currency,
        clips=len(items),
        seconds=seconds,
        price=sum((item.price for item in items), Decimal(0)),
        wall_s=wall_s([item.seconds for item in items], facts),
    )


def _seconds(entry: Entry) -> float:
    return float(entry.media.get("duration_s", 0.0))
