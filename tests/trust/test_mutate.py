"""Figures of mutation testing: only a test that failed has killed a mutant."""

import pytest

from tests.trust.mutate import PARTS, refuse_missing, why_alive


@pytest.mark.parametrize(
    ("outcome", "output", "is_killed"),
    [
        ("KILLED", "FAILED tests/a.py::test_a - assert 1 == 2\n1 failed in 0.1s", True),
        ("killed", "1 failed, 3 passed in 0.1s", True),
        ("KILLED", "timeout", False),
        ("KILLED", "ERROR tests/a.py - ImportError\n1 error in 0.1s", False),
        ("KILLED", "no tests ran in 0.01s", False),
        ("SURVIVED", "4 passed in 0.1s", False),
        ("INCOMPETENT", "", False),
    ],
)
def test_only_a_failed_test_kills(outcome, output, is_killed):
    assert (why_alive(outcome, output) is None) is is_killed


def test_a_test_that_is_not_there_ends_the_run():
    with pytest.raises(SystemExit, match=r"tests/trust/test_gone\.py"):
        refuse_missing(("tests/trust/test_survivors.py", "tests/trust/test_gone.py"))


@pytest.mark.parametrize("part", PARTS)
def test_every_test_that_is_to_notice_is_there(part):
    refuse_missing(PARTS[part][1])
