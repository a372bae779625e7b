"""What `make bench-matching` counts, on six questions."""

import numpy as np
import pytest

from tests.benchmarks.matching.data import Labelled
from tests.benchmarks.matching.page import write
from tests.benchmarks.matching.rules import Answers, others
from tests.benchmarks.matching.shares import row

ASKED = Labelled(tuple("abcdef"), ("tea", "tea", "cake", "cake", None, None))
FIRST, SCORES = np.array(["tea", "cake", "cake", "tea", "tea", "cake"]), np.array([0.9, 0.8, 0.7, 0.4, 0.6, 0.1])


def test_a_chip_helps_and_costs():
    chips = ((), (), (), ("tea", "cake"), ("tea",), ())

    found = row("ours", Answers(FIRST, SCORES, SCORES >= 0.7, chips), ASKED)

    assert found["helped"] == pytest.approx(3 / 4)
    assert found["needless"] == pytest.approx(1 / 2)
    assert found["refused"] == 1


def test_at_the_same_coverage_the_surest_half_plays():
    found = row("theirs", Answers(FIRST, SCORES, SCORES >= 0.0), ASKED)

    assert found["wrong_at_half"] == pytest.approx(1000 / 6)
    assert (found["helped"], found["needless"]) == (pytest.approx(2 / 4), None)


def test_the_rules_of_caches_play_what_is_near_enough_and_offer_nothing(tmp_path):
    found = others(np.array([[0.72, 0.1], [0.2, 0.82]], dtype=np.float32), np.array(["tea", "cake"]))

    for system in ("LiteLLM", "LangChain"):
        plays = [list(rule.plays) for name, rule in found.items() if name.startswith(system)]
        assert plays == [[True, True], [False, True]], system

    page, asked = tmp_path / "page.md", Labelled(("a", "b"), ("tea", None))
    write(page, {"others": {"made": "today", "10": [row(*one, asked) for one in found.items()]}}, (10,))
    assert page.read_text().count("| none |") == len(found)
