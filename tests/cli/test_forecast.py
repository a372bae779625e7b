"""`greenroom forecast` on the warmed site, with a log and without one."""

import csv
from datetime import UTC, datetime

import httpx2
import pytest

from app.learning.forecast.pay_back import LIVE_MINUTE
from app.learning.turn_log import TurnRecord
from app.runtime.commands.forecast.recorded import site_pay_back
from app.runtime.commands.plan import plan_catalog
from app.runtime.settings.site import load_settings
from app.runtime.wiring.site import open_site
from app.runtime.wiring.turn_log import open_turn_log
from tests.cli.conftest import Greenroom
from tests.support.sites import Site

UNKNOWN = ("can we get married here", "do you host weddings", "wedding hire")


@pytest.fixture
def log(tmp_path):
    """A German Excel's export: what the catalog knows, and weddings."""
    file = tmp_path / "log.csv"
    with file.open("w", encoding="cp1252", newline="") as out:
        sheet = csv.writer(out, delimiter=";")
        sheet.writerow(["Frage", "Anzahl"])
        sheet.writerows([["When are you open?", 60], *([one, 20] for one in UNKNOWN)])
    return file


def test_a_log_says_what_is_helped_and_what_is_missed(greenroom: Greenroom, log):
    told = greenroom("forecast", str(log))
    found = greenroom("forecast", str(log), "--json").document

    assert told.code == 0
    assert "120 questions in 4 wordings" in told.out
    assert found["played"] == 0.5
    assert {group["question"]: group["intent"] for group in found["groups"]}["When are you open?"] == "opening-hours"
    assert sum(group["asked"] for group in found["groups"] if group["intent"] is None) == 60
    last = found["frontier"]["steps"][-1]
    assert last["helped"] > found["frontier"]["today"]["value"]
    assert set(last["questions"]) & set(UNKNOWN)


def test_a_budget_that_buys_nothing_and_a_file_that_is_none_are_said(greenroom: Greenroom, log, tmp_path):
    nothing = greenroom("forecast", str(tmp_path / "nowhere.csv"))

    assert (nothing.code, "Cannot read" in nothing.err) == (1, True)
    assert greenroom("forecast", str(log), "--budget", "x").code == 2


def test_every_intent_says_what_it_pays_back(greenroom: Greenroom):
    told = greenroom("forecast", "--intents")
    found = greenroom("forecast", "--intents", "--json").document

    assert told.code == 0
    assert told.out.splitlines()[0].split() == [
        "intent",
        "locale",
        "plays",
        "clips",
        "seconds",
        "price",
        "live",
        "instead",
        "pays",
        "after",
    ]
    hours = next(one for one in found["intents"] if one["intent"] == "opening-hours")
    assert (hours["pays_after"], hours["has_paid"], float(hours["price"])) == (None, True, 0)
    assert hours["clips"] >= 1


def test_the_running_site_forecasts_over_http(live_server):
    intents = httpx2.get(f"{live_server}/v1/forecast/intents?live_minute=0.1", timeout=60).json()
    found = httpx2.get(f"{live_server}/v1/forecast?budget=1", timeout=60).json()

    assert intents["live_minute"] == "0.1"
    assert {"opening-hours"} <= {one["intent"] for one in intents["intents"]}
    assert [one["share"] for one in found["reaches"]] == [0.5, 0.7, 0.9]


async def test_ratings_are_told_by_variant(warmed_site: Site, tmp_path):
    settings = load_settings(
        catalog=warmed_site.catalog, cache=str(warmed_site.cache), database_url=f"sqlite+aiosqlite:///{tmp_path}/a.db"
    )
    async with open_site(settings) as site:
        plan = await plan_catalog(site)
        item = next(one for one in plan.items if one.wanted.lines[0].intent == "opening-hours")
        entry = await site.store.recipes.get(item.wanted.key)
        turns = open_turn_log(settings, site.database)
        for number, score in enumerate(("up", "up", "down")):
            await turns.record(
                TurnRecord(
                    id=f"t{number}",
                    session="s1",
                    asked_at=datetime(2026, 11, 30, tzinfo=UTC),
                    question="Open?",
                    locale="en",
                    outcome="answered",
                    intent="opening-hours",
                    clip=str(entry.blobs["video"]),
                    receipt={},
                    latency_ms=1.0,
                    score=score,
                )
            )

        (rating,) = (await site_pay_back(site, live_minute=LIVE_MINUTE)).ratings

    assert (rating.intent, rating.locale, rating.up, rating.down) == ("opening-hours", "en", 2, 1)
