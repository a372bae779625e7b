"""Agreement: a plan in a file, which a warm-up holds to: these recipes, at no more than this price, and no other."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, ValidationError

from app.digest import Digest, digest_json
from app.errors import PlanError
from app.rendering.plan.clips import WantedClip
from app.rendering.plan.plan_json import money
from app.rendering.plan.planner import Plan, PlanAction, PlanItem
from app.rendering.plan.pricing import price_of

FORMAT: Final = "greenroom.plan"
VERSION: Final = 1

_SHOWN = 8
"""How many clips a message names."""

_AGAIN = "Plan again with `greenroom plan --out FILE`; nothing was ordered."

_Money = Annotated[Decimal, PlainSerializer(money, return_type=str)]


class AgreedClip(BaseModel):
    """Clip of an agreement: the recipe that may be ordered, by which renderer, at what price."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    speech: str | None
    intent: str | None
    locale: str | None
    variant: int
    text: str | None
    renderer: str
    model: str
    duration_s: float = Field(ge=0, allow_inf_nan=False)
    price: _Money


class Agreement(BaseModel):
    """Plan that somebody agreed to. `seal` is the digest of everything else in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["greenroom.plan"] = FORMAT
    version: Literal[1] = VERSION
    made_at: datetime
    catalog: str
    release: int | None
    avatar: str
    clips: tuple[AgreedClip, ...]
    duration_s: float
    voice_price: _Money
    price: _Money
    currency: str
    seal: str = ""

    @property
    def scope(self) -> str:
        """Scope of the money of all its runs in the ledger."""
        return f"plan:{self.seal[:16]}"

    def document(self) -> dict[str, Any]:
        """Return the agreement as JSON values, sealed."""
        return self.model_copy(update={"seal": self._digest()}).model_dump(mode="json")

    def is_sealed(self) -> bool:
        """Return whether nothing was changed since it was made."""
        return self.seal == self._digest()

    def _digest(self) -> str:
        return digest_json(self.model_dump(mode="json", exclude={"seal"}))


def agree(plan: Plan, *, made_at: datetime, catalog: str, release: int | None, avatar: str) -> Agreement:
    """Write the clips that a plan would have rendered down; those that nobody can render are left out."""
    return Agreement(
        made_at=made_at,
        catalog=catalog,
        release=release,
        avatar=avatar,
        clips=tuple(_agreed(item) for item in plan.todo),
        duration_s=plan.seconds,
        voice_price=_voice_price(plan),
        price=plan.price,
        currency=next((total.currency for total in plan.totals), "USD"),
    )


def read_agreement(text: str, name: str) -> Agreement:
    """Read an agreement; `name` is the file's, for messages.

    Raises:
        PlanError: it is none, is of another version, or was changed.
    """
    try:
        document = json.loads(text)
    except ValueError as error:
        raise PlanError(
            f"Expected a plan that `greenroom plan --out` wrote in {name}, got no JSON: {error}."
        ) from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise PlanError(f"Expected a plan that `greenroom plan --out` wrote in {name}, got another JSON document.")
    if document.get("version") != VERSION:
        found = document.get("version")
        raise PlanError(f"Expected version {VERSION} of a plan in {name}, got {found!r}: another Greenroom's. {_AGAIN}")
    try:
        agreement = Agreement.model_validate(document)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise PlanError(f"Cannot use the plan in {name}: `{where}` is not as it was written. {_AGAIN}") from error
    if not agreement.is_sealed():
        raise PlanError(f"Cannot use the plan in {name}: it was changed after it was made. {_AGAIN}")
    return agreement


def held_to(agreement: Agreement, plan: Plan) -> Plan:
    """Return what is to be carried out of today's plan: exactly the agreed recipes that are not stored yet.

    Raises:
        PlanError: one of them is gone, costs more, or would be rendered elsewhere.
    """
    by_key = {key: item for item in plan.items for key in item.wanted.keys}
    pairs = [(clip, by_key.get(Digest(clip.key))) for clip in agreement.clips]
    broken = [f"{_named(clip)} {why}" for clip, item in pairs if (why := _objection(clip, item, plan))]
    if broken:
        more = f"; and {len(broken) - _SHOWN} more" if len(broken) > _SHOWN else ""
        raise PlanError(
            f"Cannot carry out the plan of {agreement.made_at:%Y-%m-%d %H:%M} UTC, {len(broken)} of its "
            f"{len(agreement.clips)} clips are not as agreed: {'; '.join(broken[:_SHOWN])}{more}. {_AGAIN}"
        )
    keys = frozenset(Digest(clip.key) for clip in agreement.clips)
    items = {item.wanted.key: item for _, item in pairs if item is not None}
    held = replace(plan, items=tuple(replace(item, wanted=_only(item.wanted, keys)) for item in items.values()))
    if (voices := _voice_price(held)) > agreement.voice_price:
        raise PlanError(
            f"Cannot carry out the plan of {agreement.made_at:%Y-%m-%d %H:%M} UTC: its voices cost {money(voices)} "
            f"now, {money(agreement.voice_price)} was agreed. {_AGAIN}"
        )
    return held


def _voice_price(plan: Plan) -> Decimal:
    return sum((one.price for one in plan.voices), Decimal(0))


def _agreed(item: PlanItem) -> AgreedClip:
    by, line = item.filmed_by, item.wanted.lines[0]
    return AgreedClip(
        key=by.key,
        speech=by.speech.key if by.speech else None,
        intent=line.intent,
        locale=line.locale,
        variant=line.variant,
        text=item.wanted.text,
        renderer=by.recipe.renderer,
        model=by.recipe.model,
        duration_s=item.seconds,
        price=item.price,
    )


def _objection(clip: AgreedClip, item: PlanItem | None, plan: Plan) -> str:
    """Say why a clip cannot be carried out as agreed; nothing if it can, or is stored already."""
    if item is None:
        return _departure(clip, plan.items)
    if item.action is PlanAction.UNCHANGED:
        return ""
    if item.refusal:
        return f"cannot be rendered now ({item.refusal.message.rstrip('.')})"
    if item.filmed_by.key != clip.key:
        return f"would be rendered by `{_by(item)}` now, not by `{clip.renderer}/{clip.model}`"
    if item.wanted.parts:
        return ""
    price = price_of(clip.duration_s, plan.capabilities[clip.renderer], clip.model)
    return f"costs {money(price)} now, {money(clip.price)} was agreed" if price > clip.price else ""


def _departure(clip: AgreedClip, items: Sequence[PlanItem]) -> str:
    """Say what became of a recipe that no clip of the catalog has any more."""
    address = (clip.intent, clip.locale, clip.variant)
    same = [item for item in items if any(line.address == address for line in item.wanted.lines)]
    if not same:
        return "is not in the catalog any more"
    chain = [one.recipe for item in same for one in item.wanted.chain]
    if all((recipe.renderer, recipe.model) != (clip.renderer, clip.model) for recipe in chain):
        return f"would be rendered by `{_by(same[0])}` now, not by `{clip.renderer}/{clip.model}`"
    return "has other words, another voice, another portrait or other settings now"


def _only(wanted: WantedClip, keys: frozenset[Digest]) -> WantedClip:
    """Return the clip with the agreed recipes as the only ones that may be ordered, also for its pieces."""
    return replace(wanted, agreed=keys, parts=tuple(_only(part, keys) for part in wanted.parts))


def _by(item: PlanItem) -> str:
    return f"{item.filmed_by.recipe.renderer}/{item.filmed_by.recipe.model}"


def _named(clip: AgreedClip) -> str:
    return f"`{clip.intent}` [{clip.locale}]"
