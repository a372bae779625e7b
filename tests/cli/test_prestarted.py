"""Processes that tests start with their imports done are processes like any other."""

import os
import signal
import sys
from pathlib import Path

import pytest

from tests.support import prestarted
from tests.support.sites import Site

GREENROOM = [sys.executable, "-m", "app"]


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["store", "--help"], 0, "Usage"),
        (["nonsense"], 2, "nonsense"),
        (["ask", "hi", "--catalog", "/none"], 1, "/none"),
    ],
)
def test_status_and_words_are_those_of_a_process_of_its_own(arguments, status, words):
    run = prestarted.run([*GREENROOM, *arguments], dict(os.environ), timeout_s=60)

    assert run.returncode == status
    assert words in run.stdout + run.stderr


def test_each_has_its_own_environment(warmed_site: Site):
    told = {**warmed_site.environment(), "GREENROOM_LOG_LEVEL": "loud"}
    stats = warmed_site.command("store", "stats", "--json")

    refused, fine = (prestarted.run(stats, given, timeout_s=60) for given in (told, warmed_site.environment()))

    assert (refused.returncode, fine.returncode) == (1, 0)
    assert "GREENROOM_LOG_LEVEL" in refused.stdout + refused.stderr


def test_one_that_is_killed_ends_by_the_signal(warmed_site: Site, tmp_path: Path):
    with warmed_site.copied(tmp_path / "site").node() as node:  # another test may serve the shared one
        assert isinstance(node.process, prestarted.Prestarted)
        assert node.process.poll() is None
        node.kill()

        assert node.process.returncode == -signal.SIGKILL


@pytest.mark.parametrize(
    ("command", "name"),
    [(GREENROOM, "LD_PRELOAD"), (GREENROOM, "PYTHONPATH"), (GREENROOM, "FAKETIME"), (["taskset", *GREENROOM], "USER")],
)
def test_what_must_be_known_when_a_process_starts_starts_one(command, name):
    assert prestarted.can_start(GREENROOM, dict(os.environ))
    assert not prestarted.can_start(command, {**os.environ, name: "other"})
