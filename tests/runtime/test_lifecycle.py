"""The first and the last line of a process."""

import asyncio
import contextlib
import json

import pytest

from app.errors import StoreError
from app.runtime.serving.lifecycle import switches, told
from app.runtime.settings.site import load_settings
from app.runtime.wiring.logging import set_up_logging
from app.runtime.wiring.site import open_site
from tests.support.in_process import logging_kept
from tests.support.sites import small_site

CANARIES = {
    "GREENROOM_SECRET": "canary-secret-0123456789-0123456789",
    "GREENROOM_API_KEY": "canary-key-0123456789-0123456789-x",
    "GREENROOM_REDIS_URL": "redis://canary-user:canary-password@canary-host/0",
    "GREENROOM_DATABASE_URL": "postgresql://canary-user:canary-password@canary-host/canary-name",
    "GREENROOM_CACHE": "s3://canary-bucket/prefix",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "http://canary-user:canary-password@canary-host",
    "OTEL_EXPORTER_OTLP_HEADERS": "authorization=canary-header",
}


def test_what_is_on_is_told_without_addresses_and_secrets(monkeypatch):
    for name, value in CANARIES.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("GREENROOM_ENVIRONMENT", "production")
    monkeypatch.setenv("GREENROOM_ALLOWED_ORIGINS", "https://shop.example")

    found = switches(load_settings())

    assert "canary" not in json.dumps(found)
    assert (found["environment"], found["database"], found["store"]) == ("production", "postgresql", "s3")
    assert (found["redis"], found["traces"], found["keys"]) == (True, True, 1)
    assert found["allowed_origins"] == ["https://shop.example"]


def _raise(error: BaseException | None) -> None:
    if error:
        raise error


@pytest.mark.parametrize(
    ("error", "said", "reason"),
    [
        (None, "", "finished"),
        (None, "SIGTERM", "SIGTERM"),
        (asyncio.CancelledError(), "", "signal"),
        (StoreError("Cannot."), "", "store_failed"),
        (ZeroDivisionError(), "", "ZeroDivisionError"),
    ],
)
async def test_a_process_says_what_it_is_and_why_it_ends(tmp_path, capsys, error, said, reason):
    site = small_site(tmp_path / "site")
    settings = load_settings(
        catalog=site.catalog, cache=str(site.cache), database_url=f"sqlite:///{tmp_path / 'one.db'}"
    )
    with logging_kept():
        set_up_logging(format_="json", level="info")
        async with open_site(settings) as opened:
            with contextlib.suppress(BaseException), told(opened, "serve", address="http://localhost:1/") as ending:
                ending.reason = said
                _raise(error)

    first, last = [json.loads(line) for line in capsys.readouterr().err.splitlines() if '"event": "st' in line]
    assert (first["event"], first["command"], first["address"]) == ("started", "serve", "http://localhost:1/")
    assert {"version", "catalog", "release", "budget_day_usd", "database", "store"} <= first.keys()
    assert (last["event"], last["reason"]) == ("stopped", reason)
    assert last["uptime_s"] >= 0
