"""Questions in the Studio: groups with their states, visits, and the way from a group to an answer."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from app.learning.turn_log import TurnRecord
from app.runtime.settings.api_keys import KeyRole
from tests.support.fake_web import FakeContainer
from tests.web.studio.visits import Person, a_desk, a_person

VOUCHERS = "Do you sell vouchers?"


@pytest.fixture
async def container(tmp_path) -> FakeContainer:
    made = a_desk(tmp_path)
    now = made.clock.now() - timedelta(hours=1)
    turn = TurnRecord("t1", "s1", now, VOUCHERS, "en", "missed", None, None, {"stage": "embedding"}, 3.0)
    await made.log.record(turn)
    await made.log.record(replace(turn, id="t2", session="s2", score="down", comment="<b>Well</b>"))
    await made.log.record(replace(turn, id="t3", question="Are you open?", outcome="answered", intent="opening-hours"))
    return made


@pytest.fixture
def author(container: FakeContainer) -> Person:
    person = a_person(container)
    person.sign_in(KeyRole.AUTHOR)
    return person


def group_of(author: Person, question: str) -> str:
    """The place of a group's page."""
    found = re.search(rf'href="\./(questions/groups/\w+)">{re.escape(question)}', author.get("questions").text)
    assert found
    return found[1]


def test_equal_questions_are_one_group(author: Person) -> None:
    page = author.get("questions").text

    assert page.count(VOUCHERS) == 1
    assert "2 visitors" in page


def test_filters_hold_in_both_views(author: Person) -> None:
    missed = author.get("questions?outcome=unhelped").text
    disliked = author.get("questions?view=asked&rating=down").text

    assert VOUCHERS in missed
    assert "Are you open?" not in missed
    assert disliked.count("data-row") == 1


def test_what_a_visitor_wrote_is_text(author: Person) -> None:
    page = author.get("questions?view=asked").text

    assert "&lt;b&gt;Well&lt;/b&gt;" in page
    assert "<b>Well</b>" not in page


def test_a_group_gets_a_state_by_its_author(author: Person) -> None:
    place = group_of(author, VOUCHERS)

    author.post(f"{place}/state", {"state": "will_not", "note": "We sell none."}, csrf=author.csrf)

    page = author.get(place).text
    assert "will not" in page
    assert "key the-author (author)" in page
    assert "We sell none." in page


def test_a_visit_is_shown_as_it_went(author: Person) -> None:
    page = author.get("questions/visits/s1").text

    assert page.index(VOUCHERS) > 0
    assert "Are you open?" in page


def test_a_group_becomes_an_intent_that_is_written_when_agreed(author: Person, container: FakeContainer) -> None:
    place = group_of(author, VOUCHERS)
    fields = {
        "title": "Vouchers",
        "topic": "visiting",
        "answer": "Vouchers are sold at the desk.",
        "texts": [VOUCHERS],
        "group": place.rpartition("/")[2],
        "locale": "en",
    }
    folder = container.site.settings.catalog

    shown = author.post("answers/intents", fields, csrf=author.csrf)
    before = (folder / "visiting" / "vouchers.yaml").exists()
    agreed = author.post("answers/intents", {**fields, "agreed": "yes"}, csrf=author.csrf)

    assert (shown.status_code, before, agreed.status_code) == (200, False, 303)
    assert VOUCHERS in (folder / "visiting" / "vouchers.yaml").read_text()
    assert "in work" in author.get(place).text
