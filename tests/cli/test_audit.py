"""`greenroom audit`: who did what, and whether it was changed."""

import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import Greenroom
from tests.support.sites import Site


@pytest.fixture
def site(warmed_site: Site, tmp_path: Path, greenroom: Greenroom) -> Site:
    """A site with one release."""
    made = warmed_site.copied(tmp_path / "site")
    greenroom("release", "publish", "--note", "The first", site=made)
    return made


def change(site: Site, *statements: str) -> None:
    with sqlite3.connect(site.root / "state" / "greenroom.db") as plain:
        for statement in statements:
            plain.execute(statement)


def test_a_release_is_listed_with_who_published_it(greenroom: Greenroom, site):
    ran = greenroom("audit", "list", site=site)
    (row,) = greenroom("audit", "list", "--json", site=site).document["rows"]

    assert "release.published" in ran.out
    assert (row["number"], row["act"]["action"], row["act"]["subject"]) == (1, "release.published", "release 1")
    assert "@" in row["act"]["actor"]
    assert row["act"]["details"]["note"] == "The first"


def test_the_list_can_be_narrowed(greenroom: Greenroom, site):
    def count(*options: str) -> int:
        return len(greenroom("audit", "list", *options, "--json", site=site).document["rows"])

    assert count("--action", "release") == 1
    assert count("--action", "money") == 0
    assert count("--since", "2999-01-01") == 0


def test_an_untouched_log_verifies(greenroom: Greenroom, site):
    ran = greenroom("audit", "verify", site=site)
    found = greenroom("audit", "verify", "--json", site=site).document

    assert (ran.code, found["rows"], found["bad"]) == (0, 1, None)
    assert found["head"] in ran.out


def test_a_changed_row_is_named_with_status_1(greenroom: Greenroom, site):
    change(site, "DROP TRIGGER audit_no_UPDATE", "UPDATE audit SET actor = 'nobody@nowhere'")

    ran = greenroom("audit", "verify", site=site)
    told = greenroom("audit", "verify", "--json", site=site)

    assert (ran.code, told.code) == (1, 1)
    assert "Row 1" in ran.err
    assert told.document["bad"] == 1
