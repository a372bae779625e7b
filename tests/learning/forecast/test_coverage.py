"""Coverage and frontier: judged on questions that did not choose the groups."""

from decimal import Decimal

import numpy as np
import pytest

from app.learning.forecast.coverage import coverage
from app.learning.forecast.frontier import AskedGroup, frontier
from app.learning.forecast.pay_back import IntentCost, pay_back


def zipf(groups: int, questions: int) -> list[int]:
    weights = 1 / np.arange(1, groups + 1)
    return [max(1, round(questions * float(weight))) for weight in weights / weights.sum()]


def a_group(question, asked, *, played=0, wordings=3, price="1", intent=None):
    return AskedGroup(question, "en", asked, wordings, played, 0, intent, 8.0, Decimal(price))


def test_the_most_asked_groups_cover_most():
    found = coverage(zipf(100, 10_000))

    half, most, nearly = (reach.groups for reach in found.reaches)
    assert half < most < nearly <= 100
    assert (found.groups, found.questions) == (100, sum(zipf(100, 10_000)))
    assert [one.share for one in found.curve] == sorted(one.share for one in found.curve)
    assert all(one.low <= one.share <= one.high for one in found.curve)


def test_what_came_once_covers_nothing_of_what_comes_next():
    found = coverage([50] * 2 + [1] * 100)

    assert found.once == 0.5
    assert found.reaches[-1].groups is None
    assert found.curve[-1].share < 0.55


def test_the_interval_holds_what_later_questions_show():
    """A log of 800 questions forecasts another 800 of the same visitors: inside the interval nine times of ten."""
    generator = np.random.default_rng(3)
    shares = 1 / np.arange(1, 201)
    shares /= shares.sum()
    inside = 0
    for _ in range(40):
        log, later = generator.multinomial(800, shares), generator.multinomial(800, shares)
        ranked = np.argsort(-log, kind="stable")[:20]
        (point,) = [one for one in coverage(log[log > 0].tolist(), draws=60).curve if one.groups == 20]
        inside += point.low <= later[ranked].sum() / 800 <= point.high + 0.02
    assert inside >= 32


def test_no_questions_are_no_coverage():
    found = coverage([])

    assert (found.questions, found.groups, [one.groups for one in found.reaches]) == (0, 0, [None] * 3)


def test_the_dearer_missed_group_comes_later_and_the_helped_one_never():
    groups = [
        a_group("open", 100, played=90, wordings=9, intent="hours"),
        a_group("weddings", 60),
        a_group("stamps", 50, price="0.5"),
        a_group("jobs", 5),
    ]

    found = frontier(groups)

    assert [step.questions for step in found.steps] == [
        ("stamps",),
        ("stamps", "weddings"),
        ("stamps", "weddings", "jobs"),
    ]
    assert [step.price for step in found.steps] == [Decimal("0.5"), Decimal("1.5"), Decimal("2.5")]
    assert (found.rate, found.rate_is_measured) == (0.9, True)
    assert found.today.value == pytest.approx(90 / 215)
    helped = [step.helped for step in found.steps]
    assert helped == sorted(helped)
    assert helped[1] == pytest.approx((90 + 0.9 * 110) / 215, abs=0.04)


def test_a_budget_buys_what_it_can():
    groups = [a_group("weddings", 60), a_group("stamps", 50), a_group("jobs", 40)]

    assert [step.groups for step in frontier(groups, budget=Decimal("2.5")).steps] == [2]
    assert frontier(groups, budget=Decimal("0.5")).steps == ()
    assert frontier([a_group("open", 100, played=90)]).missed == 0


def test_a_log_that_tells_little_says_that_the_rate_is_assumed():
    found = frontier([a_group("open", 5, played=5, intent="hours"), a_group("jobs", 5)])

    assert (found.rate, found.rate_is_measured) == (0.7, False)


def test_a_clip_pays_after_its_price_in_live_minutes():
    costs = [IntentCost("hours", "en", 2, 12.0, Decimal("0.60")), IntentCost("free", "en", 1, 5.0, Decimal(0))]

    hours, free = pay_back(costs, {("hours", "en"): 10}, live_minute=Decimal("0.08"))

    assert (hours.intent, hours.pays_after, hours.has_paid, hours.live) == ("hours", 10, True, Decimal("0.60"))
    assert (free.pays_after, free.has_paid) == (None, True)
    assert not pay_back(costs, {("hours", "en"): 9}, live_minute=Decimal("0.08"))[0].has_paid
