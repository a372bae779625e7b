"""What visitors asked: `misses` and `explain`."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.adapters.sql.deliveries.store import SqlDeliveries
from app.adapters.sql.turn_log import SqlTurnLog
from app.conversation.page.deliveries import Delivery
from app.learning.turn_log import TurnRecord
from app.runtime.settings.site import Settings
from app.runtime.wiring.database import open_database
from tests.cli.conftest import Greenroom
from tests.support.sites import Site, small_site


async def _record(site: Site, *questions: str) -> None:
    settings = Settings(database_url=site.environment()["GREENROOM_DATABASE_URL"])
    async with open_database(settings) as database:
        log = SqlTurnLog(database)
        for number, question in enumerate(questions):
            await log.record(
                TurnRecord(
                    id=f"t_{number}",
                    session="s_1",
                    asked_at=datetime(2026, 11, 22, 12, number, tzinfo=UTC),
                    question=question,
                    locale="en",
                    outcome="missed",
                    intent=None,
                    clip=None,
                    receipt={},
                    latency_ms=1.5,
                )
            )


async def _deliver(site: Site) -> None:
    """Keep a form as a site with a webhook does; the site has none any more when it erases."""
    settings = Settings(database_url=site.environment()["GREENROOM_DATABASE_URL"])
    async with open_database(settings) as database:
        at = datetime(2026, 11, 22, 12, tzinfo=UTC)
        await SqlDeliveries(database).keep(Delivery.of("form.answered", "f1", {}, session="s_1", at=at))


@pytest.fixture
async def asked(tmp_path: Path) -> Site:
    """A site where something was asked that nothing answered."""
    site = small_site(tmp_path)
    await _record(site, "where is the lift", "who are you", "Where is the lift?")
    return site


def test_misses_are_listed_most_asked_first(greenroom: Greenroom, asked):
    plain, document = greenroom("misses", site=asked), greenroom("misses", "--json", site=asked).document

    assert plain.code == 0
    assert "lift" in plain.out
    assert document["misses"][0]["count"] == 2
    assert document["misses"][0]["last_asked_at"].startswith("2026-11-22T12:02")


def test_no_misses_is_said(greenroom: Greenroom, tmp_path):
    site = small_site(tmp_path)

    assert greenroom("misses", site=site).out == "There are no misses.\n"
    assert greenroom("misses", "--json", site=site).document == {"misses": []}


def test_explain_tells_a_turn(greenroom: Greenroom, asked):
    plain, document = greenroom("explain", "t_1", site=asked), greenroom("explain", "t_1", "--json", site=asked)

    assert plain.code == 0
    assert "who are you" in plain.out
    assert document.document["question"] == "who are you"


def test_explain_of_what_was_never_asked_is_an_error_in_json_too(greenroom: Greenroom, asked):
    told = greenroom("explain", "t_9", "--json", site=asked)

    assert told.code == 1
    assert told.document["error"]["code"] == "turn_not_found"
    assert "'t_9'" in told.document["error"]["message"]


def test_a_visitors_session_is_erased(greenroom: Greenroom, asked):
    asyncio.run(_deliver(asked))
    stored = greenroom("session", "s_1", "--json", site=asked)
    erased = greenroom("erase", "s_1", "--json", site=asked)
    again = greenroom("erase", "s_1", site=asked)

    (row,) = greenroom("audit", "list", "--json", site=asked).document["rows"]
    assert (erased.document["session"], erased.document["turns"]) == ("s_1", 3)
    assert erased.document["erased"] == {"turns": 3, "deliveries": 1}
    assert stored.document["turns"][0]["question"]
    assert [one["type"] for one in stored.document["deliveries"]] == ["form.answered"]
    assert len(stored.document["turns"]) == 3
    assert row["act"]["action"] == "session.erased"
    assert greenroom("misses", "--json", site=asked).document["misses"] == []
    assert again.code == 1
    assert "s_1" in again.out + again.err
