"""`greenroom consent`: a person takes their consent back, and what there is of them goes."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.cli.conftest import Greenroom
from tests.support.sites import Site


@pytest.fixture
def site(warmed_site: Site, tmp_path: Path, greenroom: Greenroom) -> Site:
    """A site with one release."""
    made = warmed_site.copied(tmp_path / "site")
    greenroom("release", "publish", site=made)
    return made


def test_a_person_is_withdrawn_and_the_store_lets_go_of_what_a_release_pins(greenroom: Greenroom, site):
    clips = greenroom("store", "stats", "--json", site=site).document["clips"]
    taken = greenroom("consent", "withdraw", "mira", "--json", site=site).document
    dry = greenroom("store", "gc", "--dry-run", "--json", site=site).document
    gone = greenroom("store", "gc", "--json", site=site).document
    shown = greenroom("release", "show", "1", site=site)
    back = greenroom("release", "use", "1", site=site)
    again = greenroom("warm", "--yes", site=site)

    assert [one["used_in"] for one in taken["used_in"]] == ["folder", "release 1"]
    assert len(gone["withdrawn_entries"]) > clips > 0
    assert dry["withdrawn_entries"] == gone["withdrawn_entries"]
    stats = greenroom("store", "stats", "--json", site=site).document
    assert (stats["clips"], stats["broken"]) == (0, 0)
    assert "its clips do not play" in shown.out
    assert "its clips do not play" in back.err
    assert greenroom("release", "show", "1", "--json", site=site).document["withdrawn"] is True
    assert again.code == 1
    assert "is withdrawn" in again.out + again.err
    assert greenroom("store", "stats", "--json", site=site).document["clips"] == 0


def test_who_and_when_is_told_without_the_name_and_it_can_be_given_again(greenroom: Greenroom, site):
    (face,) = greenroom("consent", "withdraw", "Mira", "--json", site=site).document["faces"]
    twice = greenroom("consent", "withdraw", "--face", face, site=site)
    listed = greenroom("consent", "list", site=site)
    back = greenroom("consent", "restore", "Mira", site=site)

    rows = greenroom("audit", "list", "--action", "consent", "--json", site=site).document["rows"]
    acts = [(row["act"]["action"], row["act"]["subject"]) for row in rows if row["act"]["action"] != "consent.used"]
    assert acts == [("consent.restored", f"face {face}"), ("consent.withdrawn", f"face {face}")]
    assert "Mira" not in str([row["act"]["details"] for row in rows])
    assert "for 0 portraits" in twice.out
    assert face in listed.out
    assert "Given again for 1" in back.out
    assert greenroom("consent", "list", "--json", site=site).document == {"faces": []}
    assert greenroom("release", "show", "1", "--json", site=site).document["withdrawn"] is False


def test_nobody_of_that_name_is_told(greenroom: Greenroom, site):
    ran = greenroom("consent", "withdraw", "Somebody Else", site=site)

    assert ran.code == 1
    assert "Somebody Else" in ran.err
    assert greenroom("consent", "withdraw", "--face", "abc", site=site).code == 1


def test_a_withdrawal_says_what_goes_and_what_another_face_costs(greenroom: Greenroom, site):
    clips = greenroom("store", "stats", "--json", site=site).document["clips"]

    told = greenroom("consent", "withdraw", "Mira", site=site)
    taken = greenroom("consent", "withdraw", "Mira", "--json", site=site).document["replacement"]

    assert (taken["clips"], Decimal(taken["price"]), taken["renderer"]) == (clips, 0, "local")
    assert f"{clips} stored clips (" in told.out
    assert "with another face: free (local)" in " ".join(told.out.split())
    assert greenroom("consent", "restore", "Mira", "--json", site=site).document["replacement"] is None
