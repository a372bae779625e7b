"""JSON form of the plan, for `greenroom plan --json` and `GET /v1/plan`."""

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from app.rendering.plan.break_even import LIVE_MINUTE_USD, SESSION_S, BreakEven, break_even
from app.rendering.plan.clips import line_labels
from app.rendering.plan.meanwhile import can_keep
from app.rendering.plan.planner import Leftover, Plan, PlanAction, PlanItem, RendererTotal
from app.rendering.plan.pricing import Quote, VoiceTotal


def plan_document(plan: Plan, *, compare: bool = False) -> dict[str, Any]:
    """Return the plan as JSON values: money is decimal text, durations end in `_s`; `compare` adds every renderer."""
    return {
        "has_work": bool(plan.todo),
        "counts": {action.value: len(plan.of(action)) for action in PlanAction}
        | {"unreferenced": len(plan.unreferenced)},
        "generated": plan.generated,
        "seconds_s": round(plan.seconds, 2),
        "price": money(plan.price),
        "wall_s": round(plan.wall_s, 1),
        "renderers": [_total(total) for total in plan.totals],
        "voices": [_voice(total) for total in plan.voices],
        "in_text": dict(plan.in_text),
        "chain": [_quote(one) for one in plan.chain],
        "cheaper": [_quote(one) for one in plan.cheaper],
        **({"compared": [_quote(one) for one in plan.compared]} if compare else {}),
        "live": {"minute_usd": [money(price) for price in LIVE_MINUTE_USD], "session_s": SESSION_S},
        **{action.value: [_item(item, plan) for item in plan.of(action)] for action in PlanAction},
        "unreferenced": [_leftover(leftover) for leftover in plan.unreferenced],
    }


def money(amount: Decimal) -> str:
    """Return an amount as decimal text without an exponent."""
    return format(amount.normalize() if amount else Decimal(0), "f")


def _item(item: PlanItem, plan: Plan) -> dict[str, Any]:
    return {
        "key": item.wanted.key,
        "lines": [line_labels(line).to_json() for line in item.wanted.lines],
        "packs": sorted({line.pack for line in item.wanted.lines} - {""}),
        "text": item.wanted.text,
        "duration_s": round(item.seconds, 2),
        "renderer": item.filmed_by.recipe.renderer,
        "model": item.filmed_by.recipe.model,
        "price": money(item.price),
        "break_even": _plays(break_even(item.price)),
        "prices": {name: None if price is None else money(price) for name, price in _prices(item, plan).items()},
        "changes": [{"field": change.field, "was": change.was, "now": change.now} for change in item.changes],
        "replaces": item.replaces,
        "can_keep": can_keep(item),
    } | ({"refusal": asdict(item.refusal)} if item.refusal else {})


def _prices(item: PlanItem, plan: Plan) -> dict[str, Decimal | None]:
    """Return the prices of the chain's renderers; none for a stored clip."""
    return plan.prices(item) if item.action in {PlanAction.NEW, PlanAction.STALE} else {}


def _voice(total: VoiceTotal) -> dict[str, Any]:
    tariff = total.tariff
    return {
        "voice": tariff.provider,
        "model": tariff.model,
        "locales": list(total.locales),
        "texts": total.texts,
        "characters": total.characters,
        "price": money(total.price),
        "currency": tariff.currency,
        "price_from": tariff.basis,
        "needs": tariff.needs or None,
    }


def _quote(one: Quote) -> dict[str, Any]:
    return {
        "renderer": one.renderer,
        "clips": one.clips,
        "unable": one.unable,
        "duration_s": round(one.seconds, 2),
        "price_per_s": money(one.price_per_s),
        "price_known": one.price_known,
        "price": money(one.price),
        "currency": one.currency,
        "break_even": _plays(one.break_even),
        "dear": one.dear,
        "wall_s": round(one.wall_s, 1),
        "needs": one.needs or None,
    }


def _plays(plays: BreakEven | None) -> dict[str, int] | None:
    return None if plays is None else asdict(plays)


def _leftover(leftover: Leftover) -> dict[str, Any]:
    return {
        "key": leftover.key,
        "kind": leftover.kind,
        "labels": leftover.labels.to_json(),
        "duration_s": round(leftover.seconds, 2),
        "created_at": leftover.created_at.isoformat(),
    }


def _total(total: RendererTotal) -> dict[str, Any]:
    return {
        "renderer": total.renderer,
        "clips": total.clips,
        "duration_s": round(total.seconds, 2),
        "price": money(total.price),
        "currency": total.currency,
        "wall_s": round(total.wall_s, 1),
    }
