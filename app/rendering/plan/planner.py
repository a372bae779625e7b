"""Plan: catalog minus store, with prices.

Clips are new, stale, unchanged or refused; other entries are unreferenced.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cached_property, partial
from typing import Any

from app.digest import Digest
from app.rendering.plan.clips import WantedClip
from app.rendering.plan.pricing import (
    ClipLength,
    PlanRefusal,
    Quote,
    SpeechRate,
    VoiceTotal,
    cheaper_quotes,
    every_quote,
    price_of,
    quote,
    refusal_by,
    refusal_by_all,
    takes,
    voice_totals,
    wall_s,
)
from app.rendering.ports import Capabilities
from app.rendering.tariffs import Tariff
from app.store.labels import Labels
from app.store.ports import Entry, RecipeIndex
from app.store.recipes import differences


class PlanAction(StrEnum):
    """State of a clip in the plan, and so the action of `warm`."""

    NEW = "new"
    STALE = "stale"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """Field in which a clip differs from the one it replaces; None for a missing value."""

    field: str
    was: str | None
    now: str | None


@dataclass(frozen=True, slots=True)
class PlanItem:
    """One clip: its seconds are measured if it is stored, else estimated; price 0 if it needs no render.

    `filmed_by` is the first clip of the chain that its renderer accepts; `refusal` is set if none does. `before` is
    the stored clip of the same line, which `replaces` names only if nothing else needs it.
    """

    action: PlanAction
    wanted: WantedClip
    seconds: float
    price: Decimal
    filmed_by: WantedClip
    changes: tuple[FieldChange, ...] = ()
    replaces: Digest | None = None
    refusal: PlanRefusal | None = None
    before: Digest | None = None


@dataclass(frozen=True, slots=True)
class Leftover:
    """Entry that the catalog does not refer to."""

    key: Digest
    kind: str
    labels: Labels
    seconds: float
    created_at: datetime


@dataclass(frozen=True, slots=True)
class RendererTotal:
    """Work of one renderer; `wall_s` assumes as many jobs at once as it accepts."""

    renderer: str
    currency: str
    clips: int
    seconds: float
    price: Decimal
    wall_s: float


@dataclass(frozen=True)
class Plan:
    """Catalog minus store.

    `generated` counts stored clips of visitors' questions; they are left alone. `tariffs` are those of paid voices,
    `spoken` the keys of the speech that is stored.
    """

    items: tuple[PlanItem, ...]
    unreferenced: tuple[Leftover, ...]
    capabilities: Mapping[str, Capabilities]
    generated: int = 0
    tariffs: Mapping[str, Tariff] = field(default_factory=dict)
    spoken: frozenset[str] = frozenset()
    in_text: Mapping[str, int] = field(default_factory=dict)
    """Answers of each `written` locale that no voice speaks here: they are given in text alone."""

    @cached_property
    def voices(self) -> tuple[VoiceTotal, ...]:
        """Speech to be made by paid voices."""
        return voice_totals((item.wanted for item in self._rendered), self.tariffs, spoken=self.spoken)

    @cached_property
    def totals(self) -> tuple[RendererTotal, ...]:
        """Work of each renderer."""
        by_renderer: dict[str, list[PlanItem]] = {}
        for item in self._rendered:
            by_renderer.setdefault(item.filmed_by.recipe.renderer, []).append(item)
        return tuple(_total(group, self.capabilities[name]) for name, group in by_renderer.items())

    @property
    def chain(self) -> tuple[Quote, ...]:
        """Quotes of the chain's renderers for the whole plan, the first choice first."""
        lengths, first = self._lengths, next(iter(self._rendered), None)
        recipes = [clip.recipe for clip in first.wanted.chain] if first else []
        return tuple(quote(lengths, self.capabilities[recipe.renderer], recipe.model) for recipe in recipes)

    @property
    def cheaper(self) -> tuple[Quote, ...]:
        """Cheaper quotes of renderers outside the chain, for the clips that the first choice accepts."""
        if not (chain := self.chain):
            return ()
        recipe = self._rendered[0].wanted.recipe
        facts = self.capabilities[recipe.renderer].of(recipe.model)
        taken = [one for one in self._lengths if takes(one.wanted, one.seconds, facts)]
        return cheaper_quotes(taken, chain[0], self.capabilities, (one.renderer for one in chain))

    @property
    def compared(self) -> tuple[Quote, ...]:
        """Quotes of all renderers that are known here, for the clips with sound."""
        return every_quote([one for one in self._lengths if one.wanted.speech is not None], self.capabilities)

    def prices(self, item: PlanItem) -> dict[str, Decimal | None]:
        """Return each renderer's price for one clip; None if it does not accept it, no prices for a join."""
        if item.wanted.parts:
            return {}
        quotes = [
            quote([ClipLength(item.wanted, item.seconds)], self.capabilities[clip.recipe.renderer], clip.recipe.model)
            for clip in item.wanted.chain
        ]
        return {one.renderer: one.price if one.clips else None for one in quotes}

    @property
    def _lengths(self) -> list[ClipLength]:
        return [ClipLength(item.wanted, item.seconds) for item in self._rendered]

    @cached_property
    def _rendered(self) -> tuple[PlanItem, ...]:
        """Clips to render; clips that are joined from pieces cost nothing."""
        return tuple(item for item in self.todo if not item.wanted.parts)

    @cached_property
    def todo(self) -> tuple[PlanItem, ...]:
        """New and stale clips, in the order of rendering."""
        return tuple(item for item in self.items if item.action in {PlanAction.NEW, PlanAction.STALE})

    def of(self, action: PlanAction) -> tuple[PlanItem, ...]:
        """Return the items of one kind."""
        return self._by_action.get(action, ())

    @cached_property
    def _by_action(self) -> Mapping[PlanAction, tuple[PlanItem, ...]]:
        return {action: tuple(item for item in self.items if item.action == action) for action in PlanAction}

    @cached_property
    def price(self) -> Decimal:
        """Price of the whole plan, voices included."""
        return sum((*(one.price for one in self.todo), *(one.price for one in self.voices)), Decimal(0))

    @cached_property
    def seconds(self) -> float:
        """Seconds of video to render."""
        return sum(item.seconds for item in self.todo)

    @cached_property
    def wall_s(self) -> float:
        """Expected time; renderers work in parallel."""
        return max((total.wall_s for total in self.totals), default=0.0)


async def take_stock(recipes: RecipeIndex, wanted: Iterable[WantedClip]) -> tuple[Entry, ...]:
    """Return every entry in the store; of the wanted ones, only those with all their blobs."""
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
    tariffs: Mapping[str, Tariff] | None = None,
) -> Plan:
    """Compare wanted clips with stored entries; `capabilities` and `tariffs` are by the provider's name.

    `refused` has, by renderer and model, the refusal of this whole avatar.
    """
    stock = _Stock(entries, wanted)
    items = tuple(_item(clip, stock, capabilities, refused or {}) for clip in wanted)
    return Plan(
        items=items,
        unreferenced=stock.leftovers(replaced={item.replaces for item in items}, wanted=wanted),
        capabilities=capabilities,
        generated=stock.generated,
        tariffs=tariffs or {},
        spoken=frozenset(stock.speech),
    )


class _Stock:
    """Indexes of the store's entries, for the plan."""

    def __init__(self, entries: Iterable[Entry], wanted: Sequence[WantedClip]) -> None:
        everything = sorted(entries, key=lambda entry: entry.created_at)
        self.clips = {entry.key: entry for entry in everything if entry.kind == "clip"}
        self.speech: dict[str, Entry] = {entry.key: entry for entry in everything if entry.kind == "speech"}
        self.pace = SpeechRate.from_entries(self.speech.values())
        keys = {key for clip in wanted for key in clip.keys}
        self.loose = [entry for entry in self.clips.values() if entry.key not in keys and not entry.labels.generated]
        self.generated = sum(entry.labels.generated for entry in self.clips.values())
        catalogued = [entry for entry in self.clips.values() if not entry.labels.generated and not entry.labels.part]
        self._by_address = {address: entry for entry in catalogued for address in entry.labels.addresses}
        self._loose_keys = {entry.key for entry in self.loose}

    def predecessor(self, clip: WantedClip) -> Entry | None:
        """Return the newest clip of one of the same lines; another line may still use it."""
        found = (self._by_address.get(line.address) for line in clip.lines if not line.part)
        return next((entry for entry in found if entry is not None), None)

    def is_loose(self, entry: Entry) -> bool:
        """Return whether no wanted clip is this one."""
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
    refusal = _refusal(clip, seconds, stock, partial(refusal_by_all, capabilities=capabilities, refused=refused))
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
    return PlanItem(PlanAction.STALE, clip, seconds, price, by, _changes(old, clip, stock), replaces, before=old.key)


def _refusal(
    clip: WantedClip, seconds: float, stock: _Stock, judge: Callable[[WantedClip, float], PlanRefusal | None]
) -> PlanRefusal | None:
    """Return the refusal of the clip, or of one of its pieces; None if there is none."""
    pieces = [(one, _expected_s(one, stock)) for one in clip.parts] or [(clip, seconds)]
    return next((refusal for one in pieces if (refusal := judge(*one)) is not None), None)


def _stored_by(clip: WantedClip, stored: Entry) -> WantedClip:
    return next(one for one in clip.chain if one.key == stored.key)


def _expected_s(clip: WantedClip, stock: _Stock) -> float:
    if clip.speech is None:
        return clip.recipe.idle_s or 0.0
    spoken = stock.speech.get(clip.recipe.speech or "")
    if spoken:
        return _seconds(spoken)
    recorded = clip.lines[0].audio if clip.lines else None
    return recorded.duration_s if recorded else stock.pace.seconds(clip.speech)


def _changes(old: Entry, clip: WantedClip, stock: _Stock) -> tuple[FieldChange, ...]:
    before = stock.speech.get(old.recipe.get("speech", ""))
    was = {**old.recipe, **_flat(before.recipe if before else {"text": old.labels.text})}
    new_speech = clip.speech.document() if clip.speech else None
    now = {**clip.recipe.document(), **_flat(new_speech or {})}
    names = differences(
        old.recipe, clip.recipe.document(), old_speech=before.recipe if before else None, new_speech=new_speech
    )
    return tuple(FieldChange(_author_name(name), _value(was, name), _value(now, name)) for name in names)


def _flat(speech: Mapping[str, Any]) -> dict[str, Any]:
    """Return a speech document's fields under the names that `differences` uses."""
    return {name: value for name, value in speech.items() if name in {"text", "spoken", "voice", "speed", "locale"}} | {
        f"speech.{name}": value for name, value in speech.items()
    }


def _author_name(name: str) -> str:
    """Return the field's name in the author's files."""
    return {"voice": "voice.id", "speed": "voice.speed", "speech.provider": "voice.speech"}.get(name, name)


def _value(document: Mapping[str, Any], name: str) -> str | None:
    found: Any = document.get(name)
    if found is None and "." in name:
        outer, _, inner = name.partition(".")
        group = document.get(outer)
        found = group.get(inner) if isinstance(group, Mapping) else None
    return None if found is None else str(found)


def _total(items: Sequence[PlanItem], facts: Capabilities) -> RendererTotal:
    lengths, price = [item.seconds for item in items], sum((item.price for item in items), Decimal(0))
    return RendererTotal(facts.name, facts.currency, len(items), sum(lengths), price, wall_s(lengths, facts))


def _seconds(entry: Entry) -> float:
    return float(entry.media.get("duration_s", 0.0))
