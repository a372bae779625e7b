"""The plan as JSON: the shape `greenroom plan --json` and `GET /v1/plan` give out."""

from decimal import Decimal
from typing import Any

from app.rendering.lines import line_labels
from app.rendering.planner import Action, Leftover, Plan, PlanItem, RendererTotal


def plan_document(plan: Plan) -> dict[str, Any]:
    """JSON values only: money is decimal text, durations end in `_s`."""
    return {
        "has_work": bool(plan.todo),
        "counts": {action.value: len(plan.of(action)) for action in Action} | {"unreferenced": len(plan.unreferenced)},
        "generated": plan.generated,
        "seconds_s": round(plan.seconds, 2),
        "price": money(plan.price),
        "wall_s": round(plan.wall_s, 1),
        "renderers": [_total(total) for total in plan.totals],
        **{action.value: [_item(item) for item in plan.of(action)] for action in Action},
        "unreferenced": [_leftover(leftover) for leftover in plan.unreferenced],
    }


def money(amount: Decimal) -> str:
    """Plain decimal text without an exponent."""
    return format(amount.normalize() if amount else Decimal(0), "f")


def _item(item: PlanItem) -> dict[str, Any]:
    return {
        "key": item.wanted.key,
        "lines": [line_labels(line) for line in item.wanted.lines],
        "text": item.wanted.text,
        "duration_s": round(item.seconds, 2),
        "renderer": item.wanted.recipe.renderer,
        "model": item.wanted.recipe.model,
        "price": money(item.price),
        "changes": [{"field": change.field, "was": change.was, "now": change.now} for change in item.changes],
        "replaces": item.replaces,
    }


def _leftover(leftover: Leftover) -> dict[str, Any]:
    return {
        "key": leftover.key,
        "kind": leftover.kind,
        "labels": dict(leftover.labels),
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
