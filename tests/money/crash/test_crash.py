"""A slice of the crash matrix; `make crash` plays all of it."""

import pytest

from tests.money.crash.lane import lane
from tests.money.crash.matrix import crash, crash_called_back


@pytest.mark.parametrize(
    ("vendor", "point", "clips"),
    [("fal", "begun", 1), ("sync", "taken_unheard", 1), ("eachlabs", "accepted", 0)],
)
def test_a_killed_worker_is_never_paid_for_twice(tmp_path, vendor, point, clips):
    with lane(vendor) as simulators:
        ending = crash(simulators, point, tmp_path)

    assert ending.is_right, ending
    assert ending.clips == clips


def test_a_call_back_says_what_became_of_a_lost_answer(tmp_path):
    with lane("atlascloud") as simulators:
        ending = crash_called_back(simulators, "accepted", tmp_path)

    assert ending.is_right, ending
    assert ending.clips == 1
