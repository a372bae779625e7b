"""A slice of the infrastructure matrix; `make crash` plays all of it, with more visitors and for longer."""

from collections.abc import Iterator

import pytest

from tests.faults.filming import VENDOR, Filmed, filmed
from tests.faults.matrix import Load, strike
from tests.money.crash.lane import lane
from tests.support.postgres import PostgresProcess


@pytest.fixture
def site(tmp_path) -> Iterator[Filmed]:
    """A site of its own: in one that others used, the new answer may be filmed already."""
    with lane(VENDOR) as vendor:
        yield filmed(tmp_path / "own", vendor)


@pytest.mark.long
async def test_a_node_and_a_worker_die_and_nobody_loses_an_answer_or_pays_twice(site, tmp_path):
    """Of the kinds that engines break in, `test_database.py` and `tests/contracts` play what is quick."""
    postgres = PostgresProcess()
    try:
        ending = await strike("machine_killed", site, postgres, tmp_path, load=Load(12, 0))
    finally:
        postgres.close()

    assert ending.is_right, ending
