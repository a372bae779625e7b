"""How `warm` ends for whoever started it: statuses by cause, keys that are missing or wrong, an absent database."""

from collections.abc import Iterator
from contextlib import asynccontextmanager

import pytest

from app.cli import plan_and_warm
from app.cli.output import Status, status_of
from app.errors import StateUnavailableError
from app.rendering.work.ending import Cause
from app.runtime.settings.site import Settings
from app.runtime.settings.vendors import KEY_NAMES
from app.runtime.wiring.providers import open_renderers
from app.simulators.faults import Fault, Operation, Rule
from tests.cli.conftest import Greenroom
from tests.support.long import all_long_but
from tests.support.simulated import Simulated, simulators
from tests.support.sites import SMALL, Site, small_site

ANSWERS = ("--only", "opening-hours", "--only", "dogs", "--only", "tickets")
AWAY = "postgresql://me:hush@127.0.0.1:1/state"


@pytest.fixture(scope="module")
def server() -> Iterator[Simulated]:
    with simulators() as running:
        yield running


@pytest.fixture(autouse=True)
def _no_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in KEY_NAMES.values():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GREENROOM_BUDGET_DAY_USD", "50")


def filmed_by(renderer: str, tmp_path) -> Site:
    return small_site(tmp_path, **{"avatars/mira.yaml": {**SMALL, "renderers": [renderer]}})


def refusing(server: Simulated, vendor: str) -> list[Rule]:
    """Let the provider answer 401 to everything that carries a portrait."""
    server.stage.faults.clear()
    rules = [Rule(vendor, one, Fault.UNAUTHORIZED, times=0) for one in (Operation.UPLOAD, Operation.SUBMIT)]
    for rule in rules:
        server.stage.faults.add(rule)
    return rules


def test_every_cause_has_a_status_of_its_own():
    statuses = [status_of(cause) for cause in Cause]

    assert len(set(statuses)) == len(statuses)
    assert not {Status.OK, Status.USAGE, Status.WORK} & set(statuses)
    assert status_of(None) is Status.OK


@pytest.mark.parametrize("vendor", all_long_but(["did", "fal", "heygen"], "fal"))
def test_the_first_401_ends_the_run_and_names_the_setting(greenroom: Greenroom, server, tmp_path, monkeypatch, vendor):
    monkeypatch.setenv(KEY_NAMES[vendor], "wrong")
    monkeypatch.setenv(f"{vendor.upper()}_BASE_URL", f"{server.url}/{vendor}")
    rules = refusing(server, vendor)

    ran = greenroom("warm", "--yes", "--json", *ANSWERS, site=filmed_by(vendor, tmp_path))

    summary = ran.lines[-1]
    assert ran.code == Status.ACCOUNT
    assert (summary["ended"], summary["cause"], summary["clips_failed"]) == ("account", "account", 1)
    assert (summary["clips_left"], summary["spent"]) == (3, "0")
    assert KEY_NAMES[vendor] in summary["failures"][0]["message"]
    assert sum(rule.struck for rule in rules) == 1


def test_a_missing_key_is_told_before_a_portrait_leaves(greenroom: Greenroom, server, tmp_path, monkeypatch):
    monkeypatch.setenv("HEYGEN_BASE_URL", f"{server.url}/heygen")
    rules, site = refusing(server, "heygen"), filmed_by("heygen", tmp_path)

    ran = greenroom("warm", "--yes", "--json", *ANSWERS, site=site)
    plan = greenroom("plan", site=site)

    assert ran.code == Status.ACCOUNT
    assert "HEYGEN_API_KEY" in ran.lines[-1]["failures"][0]["message"]
    assert len(ran.lines[-1]["failures"]) == 1
    assert sum(rule.struck for rule in rules) == 0
    assert "set HEYGEN_API_KEY first" in plan.out


async def test_no_renderer_takes_a_base_url_for_a_key(tmp_path, monkeypatch):
    vendors = sorted(KEY_NAMES.keys() - {"elevenlabs", "openai", "http"})
    for vendor in vendors:
        monkeypatch.setenv(f"{vendor.upper()}_BASE_URL", "http://127.0.0.1:9")

    async with open_renderers(Settings(scratch=tmp_path)) as renderers:
        needs = {vendor: renderers[vendor].capabilities.needs for vendor in vendors}

    assert needs == {vendor: KEY_NAMES[vendor] for vendor in vendors}


def test_without_a_network_the_host_that_was_tried_is_named(greenroom: Greenroom, tmp_path, monkeypatch):
    monkeypatch.setenv("HEYGEN_API_KEY", "any")
    monkeypatch.setenv("HEYGEN_BASE_URL", "http://127.0.0.1:1/gateway")
    monkeypatch.setattr("app.adapters.http.client._TRIES", 1)
    monkeypatch.setattr("app.rendering.work.attempt.RETRY_S", 0.01)

    ran = greenroom("warm", "--yes", "--only", "dogs", site=filmed_by("heygen", tmp_path))

    assert ran.code == Status.PROVIDER
    assert "127.0.0.1:1" in ran.err
    assert "api.heygen.com" not in ran.err


def test_a_database_that_is_away_may_come_back(greenroom: Greenroom, tmp_path, monkeypatch):
    monkeypatch.setenv("GREENROOM_DATABASE_URL", AWAY)
    site = small_site(tmp_path)

    ran = greenroom("warm", "--json", "--catalog", str(site.catalog), "--cache", str(site.cache), site=None)

    assert ran.code == Status.STORAGE
    assert (ran.document["error"]["code"], ran.document["error"]["retryable"]) == ("state_unavailable", True)
    assert "hush" not in ran.out + ran.err


def test_a_database_that_is_away_at_the_start_is_waited_for(greenroom: Greenroom, warmed_site, monkeypatch):
    refusals = [StateUnavailableError("Cannot reach the database: refused.")] * 2
    real = plan_and_warm.open_site

    @asynccontextmanager
    async def away_at_first(settings: Settings):
        if refusals:
            raise refusals.pop()
        async with real(settings) as site:
            yield site

    monkeypatch.setattr(plan_and_warm, "open_site", away_at_first)
    monkeypatch.setattr("app.rendering.work.warm_waits.AGAIN_AFTER_S", 0.01)

    ran = greenroom("warm", "--json", "--wait", "600")

    *waits, summary = ran.lines
    assert ran.code == 0
    assert [(one["type"], one["code"]) for one in waits] == 2 * [("trying_again", "state_unavailable")]
    assert (summary["type"], summary["cause"]) == ("summary", None)


def test_waiting_is_told_on_a_terminal_too(greenroom: Greenroom, monkeypatch):
    refusals = [StateUnavailableError("Cannot reach the database: refused.")]
    real = plan_and_warm.open_site
    monkeypatch.setattr(
        plan_and_warm, "open_site", lambda settings: _raising(refusals.pop()) if refusals else real(settings)
    )
    monkeypatch.setattr("app.rendering.work.warm_waits.AGAIN_AFTER_S", 0.01)

    ran = greenroom("warm", "--wait", "600")

    assert ran.code == 0
    assert "waiting Cannot reach the database: refused. Trying again in 0.0 s, for up to" in ran.err.replace("\n", " ")


@asynccontextmanager
async def _raising(error: Exception):
    raise error
    yield
