"""`greenroom label`, and what `eval` and `doctor` say of the traffic."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from app.adapters.sql.turn_log import SqlTurnLog
from app.runtime.settings.site import Settings
from app.runtime.wiring.database import open_database
from tests.cli.conftest import Greenroom
from tests.learning.test_traffic import a_turn
from tests.support.sites import Site, small_site


@pytest.fixture
def asked(tmp_path: Path) -> Site:
    """A site with five likely plays and an unlikely one."""
    site = small_site(tmp_path)

    async def record() -> None:
        async with open_database(Settings(database_url=site.environment()["GREENROOM_DATABASE_URL"])) as database:
            for number in range(6):
                turn = a_turn(number, probability=0.7 if number else 0.2)
                await SqlTurnLog(database).record(replace(turn, question=f"question {number}"))

    asyncio.run(record())
    return site


def test_likely_plays_are_listed_and_asked_about_on_a_terminal_only(greenroom: Greenroom, asked):
    plain, document = greenroom("label", site=asked), greenroom("label", "--json", "--count", "3", site=asked).document

    assert plain.code == 0
    assert plain.out.count("`dogs`, as in “May I bring my dog?” (70%, not played)") == 5
    assert "question 0" not in plain.out
    assert document["labels"] == 0
    assert len(document["plays"]) == 3


def test_a_judged_play_is_stored_and_not_drawn_again(greenroom: Greenroom, asked):
    first = greenroom("label", "--json", site=asked).document["plays"][0]["id"]

    stored = greenroom("label", first, "--no", "--json", site=asked).document
    changed = greenroom("label", first, "--yes", site=asked)

    assert (stored["turn"], stored["intent"], stored["right"], stored["first"]) == (first, "dogs", False, 0.6)
    assert changed.out == f"`dogs` is right for {first}.\n"
    after = greenroom("label", "--json", site=asked).document
    assert after["labels"] == 1
    assert first not in [one["id"] for one in after["plays"]]


def test_what_cannot_be_judged_is_refused(greenroom: Greenroom, asked):
    assert greenroom("label", "t_unknown", "--yes", site=asked).code == 1
    assert greenroom("label", "t_1", site=asked).code == 2
    assert greenroom("label", "--yes", site=asked).code == 2


def test_no_likely_plays_is_said(greenroom: Greenroom, tmp_path):
    assert "no likely plays" in greenroom("label", site=small_site(tmp_path)).out


def test_eval_draws_the_promise_over_mixes(greenroom: Greenroom, asked):
    plain = greenroom("eval", "--mix", site=asked)
    mix = greenroom("eval", "--mix", "--json", site=asked).document["mix"]

    assert "Traffic: the promise rests on the phrases" in plain.out
    assert "when so many of them are in the catalog" in plain.out
    wrong = [one["wrong"] for one in mix["curve"]]
    assert wrong == sorted(wrong)
    assert mix["report"]["rests_on"] == "phrases"


def test_doctor_says_what_the_promise_rests_on(greenroom: Greenroom, asked):
    done = greenroom("doctor", "--only", "traffic", site=asked)

    assert done.code == 0
    assert "rests on the phrases" in done.out
