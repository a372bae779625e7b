"""A budget that ends early has bought what visitors ask most: by the vendor's own bill, not by our books."""

import asyncio
import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from app.adapters.sql.engine import Database
from app.adapters.sql.migrate import migrate
from app.adapters.sql.turn_log import SqlTurnLog
from app.learning.turn_log import TurnRecord
from tests.money.crash.lane import lane
from tests.money.crash.places import FPS, SIDE_PX, vendor_environment
from tests.support.in_process import run_here
from tests.support.sites import SMALL, Site, small_site

VENDOR = "fal"


@pytest.fixture
def site(tmp_path) -> Site:
    """A site that nobody has warmed: a vendor renders what is spoken, one clip at a time."""
    avatar = {**SMALL, "renderers": [VENDOR, "local"], "video": {"height": SIDE_PX, "fps": FPS[VENDOR]}}
    site = small_site(tmp_path, **{"avatars/mira.yaml": avatar})
    (tmp_path / "providers.toml").write_text(f"[{VENDOR}]\nconcurrency = 1\npoll_every_s = 0.1\n")
    return site


def remember(site: Site, **asked: int) -> None:
    """Write turns into the site's log, as visitors would."""

    async def write() -> None:
        (site.root / "state").mkdir()
        database = Database(site.environment()["GREENROOM_DATABASE_URL"])
        await migrate(database)
        log = SqlTurnLog(database)
        for intent, times in asked.items():
            for number in range(times):
                await log.record(a_turn(f"{intent}-{number}", intent))
        await database.close()

    asyncio.run(write())


def a_turn(turn: str, intent: str) -> TurnRecord:
    return TurnRecord(
        turn, "s1", datetime.now(UTC), "A question?", "en", "answered", intent, clip=None, receipt={}, latency_ms=1.0
    )


@pytest.mark.long
def test_a_budget_that_ends_early_has_bought_what_is_asked_most(site):
    remember(site, dogs=7, tickets=3)
    with lane(VENDOR) as vendor:
        told = {
            "GREENROOM_QUALITY_GATE": "media",
            "GREENROOM_BUDGET_DAY_USD": "100",
            "GREENROOM_PROVIDERS_FILE": str(site.root / "providers.toml"),
            **vendor_environment(VENDOR, vendor.url),
        }
        plan = json.loads(run_here(site, "plan", "--json", **told).stdout)
        paid = [item for item in plan["new"] if Decimal(item["price"])]
        names = [item["lines"][0]["intent"] for item in paid]
        budget = sum(Decimal(item["price"]) for item in paid[:5]) + Decimal(paid[5]["price"]) / 2

        run = run_here(site, "warm", "--yes", "--budget", str(budget), "--json", **told)

        bill = vendor.bill()
    events = [json.loads(line) for line in run.stdout.splitlines()]
    bought = [event["intent"] for event in events if event["type"] == "clip.finished" and event["intent"] in names]
    summary = events[-1]
    assert names[:5] == ["greeting", "holding", "apology", "unclear", "dogs"]
    assert names[5] == "tickets"
    assert summary["ended"] == "budget", run.stdout
    assert bought == names[: len(bought)]
    assert 4 <= len(bought) < len(names), (run.stdout, budget)
    assert (bill["jobs_charged"], bill["paid_twice"]) == (len(bought), 0)
    assert Decimal(bill["amount"]) <= Decimal(summary["spent"]) <= budget
