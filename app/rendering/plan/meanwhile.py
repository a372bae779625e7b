"""Stand-in of a stale clip until it is rendered: the clip of before, the new words, or nothing of the intent."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field

from app.catalog.model import Catalog, Meanwhile, Role
from app.digest import Digest
from app.rendering.plan.planner import Plan, PlanAction, PlanItem

_SPEAKER = frozenset({"portrait", "speech", "voice.id", "voice.speech"})
"""Fields that make another face or voice: it may have been taken back, so such a clip is not played on.

`speech` stands for a voice that is no longer known, because its sound is gone from the store.
"""

_WORDS = frozenset({"text", "spoken", "locale"})
"""Fields of what is said, beside those of `speech.` (a recording, another way to read)."""

MEANS: Mapping[Meanwhile, str] = {
    "keep": "the clip of before plays on",
    "text": "visitors read the new words",
    "pull": "it is as if the intent were not there",
}
"""Sentence about each choice."""

Place = tuple[str, str]
"""Intent and locale."""


@dataclass(frozen=True, slots=True)
class OldClips:
    """Old clips that stand in for stale ones.

    `kept` has, by intent and locale, the keys of the clips of before. `pulled` has the intents that are not answered
    until, of each locale, one of these new clips is stored.
    """

    kept: Mapping[Place, tuple[Digest, ...]] = field(default_factory=dict)
    pulled: Mapping[str, tuple[tuple[Digest, ...], ...]] = field(default_factory=dict)


def chosen(catalog: Catalog, intent_id: str, run: Meanwhile | None = None) -> Meanwhile:
    """Return what plays meanwhile: as the intent says, else as this run does, else as the catalog does.

    Only answers are pulled: a talk without its greeting, or an urgent question without words, helps nobody.
    """
    intent = catalog.intent(intent_id)
    wish = (intent.meanwhile if intent else None) or run or catalog.meanwhile
    return "text" if wish == "pull" and intent and intent.role is not Role.ANSWER else wish


def asks_for_the_store(catalog: Catalog, run: Meanwhile | None = None) -> bool:
    """Return whether any intent wants something else than its words."""
    return any(chosen(catalog, intent.id, run) != "text" for intent in catalog.intents)


def can_keep(item: PlanItem) -> bool:
    """Return whether the clip of before may play on: it shows the same face and speaks with the same voice."""
    return item.before is not None and _SPEAKER.isdisjoint(change.field for change in item.changes)


def says_the_same(item: PlanItem) -> bool:
    """Return whether only the picture is made in another way: the clip of before says the same words, by the same one.

    So it is after an upgrade that draws the presenter anew.
    """
    fields = {change.field for change in item.changes}
    return can_keep(item) and _WORDS.isdisjoint(fields) and not any(name.startswith("speech.") for name in fields)


def effective(item: PlanItem, wish: Meanwhile) -> Meanwhile:
    """Return what really plays.

    An old clip that may not be kept is words. One that says the same plays on: the choice is about wrong words.
    """
    if says_the_same(item):
        return "keep"
    return "text" if wish == "keep" and not can_keep(item) else wish


def until_rendered(item: PlanItem, catalog: Catalog, run: Meanwhile | None = None) -> Meanwhile:
    """Return what plays for a stale clip until the new one is stored."""
    return effective(item, chosen(catalog, item.wanted.lines[0].intent, run))


def old_clips(catalog: Catalog, plan: Plan, run: Meanwhile | None = None) -> OldClips:
    """Return what stands in for the stale clips of a plan."""
    kept: dict[Place, list[Digest]] = {}
    pulled: set[Place] = set()
    for item in plan.of(PlanAction.STALE):
        for line in item.wanted.lines:
            plays = effective(item, chosen(catalog, line.intent, run))
            if plays == "pull" and not line.part:
                pulled.add((line.intent, line.locale))
            elif item.before and not line.part and plays == "keep":
                kept.setdefault((line.intent, line.locale), []).append(item.before)
    return OldClips({place: tuple(keys) for place, keys in kept.items()}, _new_keys(plan, pulled))


def _new_keys(plan: Plan, places: Container[Place]) -> Mapping[str, tuple[tuple[Digest, ...], ...]]:
    found: dict[Place, list[Digest]] = {}
    for item in plan.items:
        for line in item.wanted.lines:
            if (line.intent, line.locale) in places and not line.part:
                found.setdefault((line.intent, line.locale), []).extend(item.wanted.keys)
    intents: dict[str, list[tuple[Digest, ...]]] = {}
    for (intent, _), keys in found.items():
        intents.setdefault(intent, []).append(tuple(keys))
    return {intent: tuple(groups) for intent, groups in intents.items()}
