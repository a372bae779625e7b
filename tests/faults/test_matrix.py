"""A slice of the infrastructure matrix; `make crash` plays all of it, with more visitors and for longer."""

from tests.faults.matrix import Load, strike
from tests.support.postgres import PostgresProcess


async def test_visitors_of_a_killed_node_lose_no_answer_and_no_frame(warmed_site, tmp_path):
    postgres = PostgresProcess()
    try:
        ending = await strike("node_killed", warmed_site, postgres, tmp_path, load=Load(12, 3))
    finally:
        postgres.close()

    assert ending.is_right, ending
