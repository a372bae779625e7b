"""The page on costs says what the measured figures give, and follows them."""

from dataclasses import replace

import pytest

from tests.benchmarks.cost import PAGES, SITES, Assumed, cost, measured, written

SCALE = (PAGES / "scale.md").read_text(encoding="utf-8")


def test_the_page_says_what_the_measured_figures_give():
    assert written(SCALE).strip() in (PAGES / "cost.md").read_text(encoding="utf-8")


def test_figures_are_read_where_they_were_measured():
    found = measured(SCALE.replace("| 1,007 |", "| 500 |").replace("| 54.7 |", "| 28.0 |"))

    assert (found.written_ms, found.session_kib) == (2.0, 28.0)


@pytest.mark.parametrize("visitors", SITES)
def test_sums_add_up_and_grow_with_what_is_assumed(visitors):
    figures, given = measured(SCALE), Assumed()
    plain, busy = cost(visitors, figures, given), cost(visitors, figures, replace(given, questions=10))

    assert plain.total == plain.servers + plain.traffic + plain.films
    assert busy.cores > plain.cores
    assert busy.traffic > plain.traffic
    assert plain.live[0] == visitors * 30 * 4 * given.live_minutes[0]
    assert cost(visitors, replace(figures, session_kib=28.0), given).memory_gb < plain.memory_gb
