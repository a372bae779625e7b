"""`greenroom release`: publish, list, go back, compare."""

from pathlib import Path

import pytest

from tests.cli.conftest import Greenroom
from tests.support.catalogs import write_file
from tests.support.sites import Site

LIFT = {
    "title": "The lift",
    "phrases": {"en": ["Where is the lift?", "Is there a lift?", "lift please", "How do I get upstairs?", "elevator"]},
    "answer": {"en": "A ticket is twelve euros."},
}
"""New words for a visitor, the clip of another answer: nothing has to be filmed."""


@pytest.fixture
def site(warmed_site: Site, tmp_path: Path) -> Site:
    return warmed_site.copied(tmp_path / "site")


def edit(site: Site, name: str, content: object) -> None:
    write_file(site.catalog / name, content)  # type: ignore[arg-type]


def test_the_first_release_is_number_one(greenroom: Greenroom, site):
    ran = greenroom("release", "publish", "--message", "The first", site=site)
    listed = greenroom("release", "list", "--json", site=site).document

    assert ran.code == 0
    assert "Release 1 is current" in ran.out
    assert listed["current"] == 1
    assert [(one["number"], one["note"]) for one in listed["releases"]] == [(1, "The first")]


def test_publishing_the_same_again_makes_no_release(greenroom: Greenroom, site):
    greenroom("release", "publish", site=site)

    ran = greenroom("release", "publish", "--json", site=site)

    assert ran.code == 0
    assert ran.document["release"]["number"] == 1
    assert len(greenroom("release", "list", "--json", site=site).document["releases"]) == 1


def test_what_is_not_filmed_is_not_published_without_a_word(greenroom: Greenroom, site):
    edit(site, "visiting/lift.yaml", LIFT | {"answer": {"en": "The lift is behind the desk."}})

    refused = greenroom("release", "publish", site=site)
    allowed = greenroom("release", "publish", "--allow-missing", "--json", site=site)

    assert refused.code == 3
    assert "1 clips are not rendered yet" in refused.err
    assert "greenroom warm" in refused.err
    assert allowed.code == 0
    assert allowed.document["missing"] == 1


def test_a_catalog_with_errors_is_not_published(greenroom: Greenroom, site):
    edit(site, "visiting/lift.yaml", {"title": "No answer", "colour": "red"})

    ran = greenroom("release", "publish", site=site)

    assert ran.code == 1
    assert "lift.yaml" in ran.err
    assert greenroom("release", "list", "--json", site=site).document["releases"] == []


def test_a_release_tells_what_it_changes_and_can_be_taken_back(greenroom: Greenroom, site):
    greenroom("release", "publish", site=site)
    edit(site, "visiting/lift.yaml", LIFT)
    (site.catalog / "visiting" / "dogs.yaml").unlink()

    before = greenroom("release", "diff", "1", "--json", site=site).document
    greenroom("release", "publish", site=site)
    between = greenroom("release", "diff", "1", "2", site=site)
    back = greenroom("release", "use", "1", site=site)

    assert (before["added"], before["removed"], before["changed"]) == (["lift"], ["dogs"], [])
    assert before["avatar"] is False
    assert "+ lift" in between.out
    assert "1 added, 1 removed, 0 changed." in between.out
    assert "Release 1 is current" in back.out
    assert greenroom("release", "list", "--json", site=site).document["current"] == 1


def test_a_release_shows_when_it_was_current(greenroom: Greenroom, site):
    greenroom("release", "publish", "--message", "The first", site=site)

    plain, document = (
        greenroom("release", "show", "1", site=site),
        greenroom("release", "show", "1", "--json", site=site),
    )

    assert "The first" in plain.out
    assert "published" in plain.out
    assert [one["deed"] for one in document.document["steps"]] == ["published"]


def test_an_unknown_release_is_told(greenroom: Greenroom, site):
    for command in (("use", "7"), ("diff", "7"), ("show", "7")):
        ran = greenroom("release", *command, "--json", site=site)

        assert ran.code == 1
        assert "release_not_found" in ran.out + ran.err


def test_what_a_release_uses_is_never_collected(greenroom: Greenroom, site):
    sweep = ("store", "gc", "--grace-days", "0", "--dry-run", "--json")
    visitors = greenroom(*sweep, site=site).document["entries"]  # journeys may have rendered answers of their own
    greenroom("release", "publish", site=site)
    (site.catalog / "visiting" / "dogs.yaml").unlink()

    kept = greenroom(*sweep, site=site).document

    assert kept["entries"] == visitors
