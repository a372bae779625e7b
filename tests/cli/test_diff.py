"""`greenroom diff`: what a folder changes against what is served, and what visitors would get."""

import asyncio
from datetime import UTC, datetime

import pytest

from app.adapters.sql.engine import Database
from app.adapters.sql.turn_log import SqlTurnLog
from app.learning.turn_log import TurnRecord
from tests.cli.conftest import Greenroom
from tests.support.catalogs import write_file
from tests.support.sites import Site

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)

LIFT = {
    "title": "The lift",
    "phrases": {"en": ["Where is the lift?", "Is there a lift?", "lift please", "How do I get upstairs?", "elevator"]},
    "answer": {"en": "The lift is behind the desk."},
}


@pytest.fixture
def site(warmed_site: Site, tmp_path, greenroom: Greenroom) -> Site:
    """Release 1, and what visitors asked of it."""
    copied = warmed_site.copied(tmp_path / "site")
    assert greenroom("release", "publish", site=copied).code == 0
    asyncio.run(_record(copied))
    return copied


async def _record(site: Site) -> None:
    database = Database(site.environment()["GREENROOM_DATABASE_URL"])
    log = SqlTurnLog(database)
    asked = (("Is there a lift?", None), ("is there a LIFT", None), ("Can I bring my dog?", "dogs"))
    for at, (text, intent) in enumerate(asked):
        outcome = "answered" if intent else "missed"
        await log.record(TurnRecord(f"t{at}", "s", NOON, text, "en", outcome, intent, None, {}, 1.0))
    await database.close()


def test_a_folder_as_it_was_published_changes_nothing(greenroom: Greenroom, site):
    ran = greenroom("diff", "--json", site=site)

    assert ran.code == 0
    assert (ran.document["against"], ran.document["files"], ran.document["intents"]) == (1, [], [])
    assert (ran.document["clips"]["filmed"], ran.document["replay"]["questions"]) == (0, [])
    assert (ran.document["clips"]["dropped"], ran.document["clips"]["clips"]) == (0, []), "loops stay, too"


def test_words_facts_clips_and_questions_are_all_told(greenroom: Greenroom, site):
    write_file(site.catalog / "visiting" / "lift.yaml", LIFT)
    (site.catalog / "visiting" / "dogs.yaml").unlink()
    facts = site.catalog / "facts.yaml"
    facts.write_text(facts.read_text().replace("twelve euros", "thirteen euros"))

    ran = greenroom("diff", "--strict", "--json", site=site)
    shown = greenroom("diff", "--questions", "0", site=site)

    report = ran.document
    assert ran.code == 1, "a question is newly silent"
    assert {(one["path"], one["kind"]) for one in report["files"]} == {
        ("facts.yaml", "changed"),
        ("visiting/dogs.yaml", "removed"),
        ("visiting/lift.yaml", "added"),
    }
    assert {(one["id"], one["kind"]) for one in report["intents"]} == {
        ("tickets", "changed"),
        ("dogs", "removed"),
        ("lift", "added"),
    }
    assert report["facts"] == [
        {
            "name": "prices.adult",
            "locale": None,
            "before": "twelve euros",
            "after": "thirteen euros",
            "intents": ["tickets"],
        }
    ]
    clips = {(one["intent"], one["action"]) for one in report["clips"]["clips"]}
    assert clips == {("tickets", "stale"), ("lift", "new"), ("dogs", "dropped")}
    assert (report["clips"]["filmed"], report["clips"]["dropped"], float(report["clips"]["price"])) == (2, 1, 0)
    replay = report["replay"]
    assert (replay["tests"], replay["visitors"]) == (3, 2)
    assert {(one["times"], one["verdict"]) for one in replay["questions"]} == {(2, "answered"), (1, "silent")}
    assert "prices.adult: twelve euros → thirteen euros  said by tickets" in shown.out
    assert "- answer.1 (en): A ticket is twelve euros." in shown.out
    assert "2 clips to render" in shown.out
    assert "Questions" not in shown.out


def test_the_same_is_said_when_it_is_published(greenroom: Greenroom, site):
    facts = site.catalog / "facts.yaml"
    facts.write_text(facts.read_text().replace("twelve euros", "thirteen euros"))

    ran = greenroom("release", "publish", "--allow-missing", site=site)

    assert ran.code == 0
    assert "Against release 1: 1 file" in ran.out
    assert "Of 3 in tests.yaml and 2 of visitors': nothing changes." in ran.out
    assert "Release 2 is current" in ran.out
