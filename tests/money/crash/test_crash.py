"""A slice of the crash matrix; `make crash` plays all of it."""

import pytest

from tests.money.crash.lane import lane
from tests.money.crash.matrix import crash, crash_called_back, end_badly
from tests.money.crash.worker import HASTY
from tests.support.long import all_long_but


@pytest.mark.parametrize(
    ("vendor", "point", "clips"),
    all_long_but(
        [
            ("fal", "begun", 1),
            ("sync", "taken_unheard", 1),
            ("eachlabs", "accepted", 0),
            ("http", "taken_unheard", 1),
            ("runware", "accepted", 1),
            ("heygen", "begun", 0),
            ("heygen", "taken_unheard", 1),
        ],
        ("fal", "begun", 1),
        ("heygen", "taken_unheard", 1),
    ),
)
def test_a_killed_worker_is_never_paid_for_twice(tmp_path, vendor, point, clips):
    with lane(vendor) as simulators:
        ending = crash(simulators, point, tmp_path)

    assert ending.is_right, ending
    assert ending.clips == clips


def test_a_key_that_a_site_has_verified_settles_what_was_never_sent(tmp_path):
    with lane("heygen") as simulators:
        ending = crash(simulators, "begun", tmp_path, {**HASTY, "idempotency": "key"})

    assert ending.is_right, ending
    assert ending.clips == 1


def test_a_call_back_says_what_became_of_a_lost_answer(tmp_path):
    with lane("atlascloud") as simulators:
        ending = crash_called_back(simulators, "accepted", tmp_path)

    assert ending.is_right, ending
    assert ending.clips == 1


@pytest.mark.parametrize(
    ("vendor", "fault"),
    all_long_but(
        [
            ("heygen", "completed_without_video"),
            ("wavespeed", "late_video"),
            ("did", "failed_billed"),
            ("fal", "failed_free"),
            ("http", "failed_billed"),
            ("creatify", "failed_free"),
        ],
        ("did", "failed_billed"),
    ),
)
def test_a_job_that_ends_badly_is_never_billed_twice(tmp_path, vendor, fault):
    with lane(vendor) as simulators:
        ending = end_badly(simulators, fault, tmp_path)

    assert ending.is_right, ending
