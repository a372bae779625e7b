"""Long tests: no file's are all long unless another stands for it, both targets run all, the page tells which."""

import re
from pathlib import Path

import pytest

from tests.support.long import SHARES, Shares

ROOT = Path(__file__).parents[2]

STANDS_FOR = {
    "tests/benchmarks/test_slice.py": "tests/benchmarks/test_matching_shares.py",
    "tests/docs/test_guide_output.py": "tests/docs/test_commands.py",
    "tests/endurance/test_attack_slice.py": "tests/web/test_http_guard.py",
    "tests/faults/test_disk_of_a_server.py": "tests/adapters/disk/test_files.py",
    "tests/faults/test_matrix.py": "tests/faults/test_database.py",
    "tests/journeys/test_budget_order.py": "tests/rendering/work/test_warm_order.py",
    "tests/journeys/test_releases.py": "tests/cli/test_served_release.py",
    "tests/journeys/test_two_nodes.py": "tests/conversation/test_hand_over.py",
    "tests/matching/mix/test_slice.py": "tests/matching/mix/test_refit.py",
}
"""Files of which every test is long, and the file of `make test` that holds their slice."""


@pytest.fixture
def shares(pytestconfig: pytest.Config) -> Shares:
    return pytestconfig.stash[SHARES]


def test_a_file_with_long_tests_has_short_ones_or_another_that_stands_for_it(shares: Shares):
    alone = {file for file in shares.long if not shares.short.get(file)}

    assert alone <= set(STANDS_FOR)


def test_what_stands_for_a_file_is_there_and_runs_every_day(shares: Shares):
    for file, other in STANDS_FOR.items():
        assert (ROOT / file).is_file()
        assert (ROOT / other).is_file()
        if {file, other} <= {*shares.short, *shares.long}:
            assert not shares.short.get(file), "it has short tests of its own"
            assert shares.short.get(other)


def test_the_two_targets_leave_nothing_out():
    lines = (ROOT / "Makefile").read_text("utf-8").splitlines()
    told = [line.split("RUN_TESTS)")[1].strip() for line in lines if line.startswith("\t@$(RUN_TESTS)")]
    run = (ROOT / ".ci" / "run").read_text("utf-8")

    assert told == ['-m "not long" $(PYTEST)', "-m long $(PYTEST)"]
    assert re.findall(r"^make (test\S*) ", run, re.MULTILINE) == ["test", "test-long"]


def test_the_page_names_every_file_with_long_tests(shares: Shares):
    page = (ROOT / "docs" / "contributing" / "tests.md").read_text("utf-8")
    told = set(re.findall(r"^\| `(tests/\S+\.py)` \|", page.split("## Long tests")[1].split("\n## ")[0], re.MULTILINE))
    looked_at = {*shares.short, *shares.long}

    assert {file for file in looked_at if shares.long.get(file)} == told & looked_at
    assert all((ROOT / file).is_file() for file in told)
