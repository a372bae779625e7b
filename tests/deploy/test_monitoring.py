"""Prometheus' rules and Grafana's dashboard: valid PromQL, and about figures and labels that exist."""

import json
import re
from collections.abc import Iterator
from typing import Any, get_args

import promql_parser
import pytest
import yaml
from prometheus_client import CollectorRegistry

from app.learning.turn_log import TurnOutcome
from app.rendering.ledger.records import OUTCOMES
from app.rendering.ledger.states import RenderState
from app.runtime.serving.metrics import WARM_OUTCOMES
from app.web.app import create_app
from app.web.metrics import PrometheusMeter
from tests.deploy.files import ROOT
from tests.support.fake_web import FakeContainer
from tests.support.metrics import register_figures

RULES = yaml.safe_load((ROOT / "deploy" / "prometheus" / "rules.yaml").read_text())
DASHBOARD = json.loads((ROOT / "deploy" / "grafana" / "greenroom.json").read_text())
EVERY_RULE = [rule for group in RULES["groups"] for rule in group["rules"]]
SUFFIXES = {"histogram": ("_bucket", "_count", "_sum"), "counter": ("_total",), "gauge": ("",)}


def figures() -> set[str]:
    """Every name that `/metrics` of a node shows."""
    container = FakeContainer()
    create_app(container)
    register_figures(container.metrics)
    return {family.name + suffix for family in container.metrics.collect() for suffix in SUFFIXES[family.type]}


KNOWN = figures() | {rule["record"] for rule in EVERY_RULE if "record" in rule} | {"up"}
DEPRECATED = {"greenroom_spend_day", "greenroom_budget_day"}
"""Old names: told for one release more, and looked at by nobody here."""

VALUES = {
    "outcome": {*get_args(TurnOutcome), *OUTCOMES, *WARM_OUTCOMES},
    "state": {state.value for state in RenderState},
    "result": {"kept", "repeated", "astray", "orphan", "refused"},
}


def expressions() -> Iterator[tuple[str, str]]:
    for rule in EVERY_RULE:
        yield rule.get("alert") or rule["record"], rule["expr"]
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"].replace("$__rate_interval", "5m")


@pytest.mark.parametrize(("name", "expression"), list(expressions()), ids=lambda value: value[:40])
def test_an_expression_is_promql_about_what_exists(name: str, expression: str) -> None:
    promql_parser.parse(expression)

    named = set(re.findall(r"\b(?:greenroom[\w:]*|process_\w+|up)\b(?=[{\[\s)<>]|$)", expression))
    assert named
    assert named <= KNOWN
    for label, values in re.findall(r'(\w+)=~?"([^"]+)"', expression):
        if label in VALUES:
            assert set(values.split("|")) <= VALUES[label]


def test_every_alert_says_what_and_what_to_do() -> None:
    for rule in EVERY_RULE:
        if "alert" in rule:
            assert rule["labels"]["severity"] in {"page", "ticket"}
            assert set(rule["annotations"]) == {"summary", "description"}


def test_an_objective_counts_what_is_later_than_promised() -> None:
    registry = CollectorRegistry()
    meter = PrometheusMeter(registry)
    for outcome, after_s in (("answered", 0.29), ("answered", 0.31), ("missed", 89.0), ("missed", 91.0)):
        meter.turn_done(outcome, after_s=after_s)  # type: ignore[arg-type]

    def within(outcome: str, bound: str) -> float | None:
        return registry.get_sample_value("greenroom_answer_seconds_bucket", {"outcome": outcome, "le": bound})

    assert within("answered", "0.3") == within("missed", "90.0") == 1


@pytest.mark.parametrize("objective", ["hits_slow", "misses_late"])
def test_an_objective_alerts_on_how_fast_its_share_is_used_up(objective: str) -> None:
    recorded = {rule["record"]: rule["expr"] for rule in EVERY_RULE if "record" in rule}
    alerts = [rule for rule in EVERY_RULE if "alert" in rule and objective in rule["expr"]]

    for window in ("5m", "30m", "1h", "6h"):
        assert recorded[f"greenroom:{objective}:ratio_rate{window}"].count(f"[{window}]") == 2
    windows = [re.findall(r"ratio_rate(\w+)", rule["expr"]) for rule in alerts]
    assert list(zip(windows, [rule["labels"]["severity"] for rule in alerts], strict=True)) == [
        (["5m", "1h"], "page"),
        (["30m", "6h"], "ticket"),
    ]


def test_bounds_of_histograms_exist() -> None:
    registry = CollectorRegistry()
    PrometheusMeter(registry)
    bounds = {
        sample.labels["le"] for family in registry.collect() for sample in family.samples if "le" in sample.labels
    }

    asked = {bound for _, expression in expressions() for bound in re.findall(r'le="([^"]+)"', expression)}
    assert asked
    assert asked <= bounds


def test_every_figure_is_looked_at_somewhere() -> None:
    looked_at = " ".join(expression for _, expression in expressions())

    named = {name.removesuffix("_sum").removesuffix("_count").removesuffix("_bucket") for name in figures()}
    assert {name for name in named if not re.search(rf"\b{name}(_bucket|_count|_sum)?\b", looked_at)} == DEPRECATED
    assert not any(re.search(rf"\b{name}\b", looked_at) for name in DEPRECATED)


def test_the_dashboard_has_panels_of_their_own_place() -> None:
    places: list[dict[str, Any]] = [panel["gridPos"] for panel in DASHBOARD["panels"]]

    assert len({(place["x"], place["y"]) for place in places}) == len(places)
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(places)
