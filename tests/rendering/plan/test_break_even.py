"""How many plays pay for a clip."""

from decimal import Decimal

import pytest

from app.rendering.plan.break_even import LIVE_MINUTE_USD, SESSION_S, BreakEven, break_even
from tests.docs.pages import page, section


@pytest.mark.parametrize(
    ("price", "plays"),
    [("1.14", BreakEven(8, 26)), ("0.58", BreakEven(4, 13)), ("0.045", BreakEven(1, 1)), ("0.09", BreakEven(1, 2))],
)
def test_a_clip_pays_for_itself_after_so_many_plays(price, plays):
    assert break_even(Decimal(price)) == plays


@pytest.mark.parametrize("cents", range(1, 200, 7))
def test_the_last_of_these_plays_is_the_one_that_pays(cents):
    price = Decimal(cents) / 100
    cheapest = LIVE_MINUTE_USD[0] * SESSION_S / 60

    most = break_even(price).most

    assert (most - 1) * cheapest < price <= most * cheapest


def test_what_is_free_needs_no_play():
    assert break_even(Decimal(0)) is None


def test_the_page_says_what_is_assumed():
    told = section(page("cli.md"), "`greenroom plan`")

    assert f"{SESSION_S} seconds of session a play" in " ".join(told.split())
    assert f"${LIVE_MINUTE_USD[0]} to ${LIVE_MINUTE_USD[1]} a minute" in " ".join(told.split())
    plays = break_even(Decimal("1.14"))
    assert f"`({plays.fewest} to {plays.most} plays)`" in told
