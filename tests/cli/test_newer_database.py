"""Commands on the database of a newer version: they end with the reason and the way out, or run where it is allowed."""

import asyncio

import pytest

from tests.support.in_process import run_here
from tests.support.newer import TAKES, migrated_by_newer
from tests.support.sites import Site, small_site

REDIS = {"GREENROOM_REDIS_URL": "redis://127.0.0.1:9"}
"""Named and not there: the database is opened first."""


def newer_site(folder, *, compatible: bool) -> Site:
    site = small_site(folder / "site")
    (site.root / "state").mkdir()
    url = site.environment()["GREENROOM_DATABASE_URL"]
    more = {} if compatible else {"deed": TAKES}
    asyncio.run(migrated_by_newer(url, folder, compatible=compatible, **more))
    return site


@pytest.mark.parametrize("command", ["serve --port 0", "worker", "warm", "plan", "renders", "audit verify"])
def test_a_command_says_that_a_newer_version_migrated(tmp_path, command):
    site = newer_site(tmp_path, compatible=False)

    ran = run_here(site, *command.split(), **REDIS)

    assert ran.returncode == 1
    said = " ".join((ran.stdout + ran.stderr).split())
    assert "schema_newer" in said
    assert "migrated by a newer Greenroom (7.1.0); start that version, or restore the backup" in said
    assert "defect" not in said


def test_a_command_runs_where_the_newer_version_allows_it_and_tells_the_log(tmp_path):
    site = newer_site(tmp_path, compatible=True)

    ran = run_here(site, "renders", "--json")

    assert ran.returncode == 0, ran.stderr
    assert "database.newer" in ran.stderr
    assert "7.1.0" in ran.stderr
