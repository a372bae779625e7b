"""A slice of the infrastructure matrix; `make crash` plays all of it, with more visitors and for longer."""

import pytest

from tests.faults.matrix import Load, strike
from tests.support.postgres import PostgresProcess
from tests.support.sites import Site, small_site


@pytest.fixture
def site(tmp_path) -> Site:
    """A site of its own: in one that others used, the new answer may be filmed already."""
    made = small_site(tmp_path / "own")
    run = made.run("warm")
    assert run.returncode == 0, run.stdout + run.stderr
    return made


async def test_visitors_of_a_killed_node_lose_no_answer_and_no_frame(site, tmp_path):
    postgres = PostgresProcess()
    try:
        ending = await strike("node_killed", site, postgres, tmp_path, load=Load(12, 3))
    finally:
        postgres.close()

    assert ending.is_right, ending
