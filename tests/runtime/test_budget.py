"""Whose limit binds the day."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from app.catalog.fallback_and_budget import Budget
from app.runtime.settings.site import load_settings
from app.runtime.wiring.studio import day_caps, session_limit

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def nothing_given(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GREENROOM_BUDGET_DAY_USD", raising=False)


@pytest.mark.parametrize(
    ("site", "catalog", "limit", "source"),
    [
        (None, None, "0", "GREENROOM_BUDGET_DAY_USD"),
        ("5", None, "5", "GREENROOM_BUDGET_DAY_USD"),
        (None, "3", "3", "`budget.per_day` in catalog.yaml"),
        ("5", "3", "3", "`budget.per_day` in catalog.yaml"),
        ("2", "3", "2", "GREENROOM_BUDGET_DAY_USD"),
        ("0", "3", "0", "GREENROOM_BUDGET_DAY_USD"),
    ],
)
def test_the_lower_limit_binds_and_is_named(site, catalog, limit, source):
    given = {} if site is None else {"budget_day_usd": Decimal(site)}
    budget = Budget(per_day=None if catalog is None else Decimal(catalog))

    (cap,) = day_caps(load_settings(**given), budget)(NOON)

    assert (cap.scope, cap.limit, cap.source) == ("day:2026-11-22", Decimal(limit), source)


@pytest.mark.parametrize(("site", "catalog", "limit"), [(None, None, "5"), ("2", "3", "2"), ("4", "3", "3")])
def test_the_lower_limit_binds_a_session(site, catalog, limit, monkeypatch):
    monkeypatch.delenv("GREENROOM_BUDGET_SESSION_USD", raising=False)
    given = {} if site is None else {"budget_session_usd": Decimal(site)}
    budget = Budget(per_session=None if catalog is None else Decimal(catalog))

    assert session_limit(load_settings(**given), budget) == Decimal(limit)
