from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import LeaseLostError, RenderStateError
from app.rendering.ledger.decisions import DECISIONS, Adopt, Cancel, Deliver, Resolve, Retry
from app.rendering.ledger.states import (
    CLOSED,
    EVENTS,
    OPEN,
    BeginSubmit,
    Claim,
    Fail,
    Fenced,
    Fetched,
    Heartbeat,
    Lost,
    NotAccepted,
    Park,
    Ready,
    Release,
    Render,
    RenderState,
    Submitted,
    transition,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
S = RenderState
ALL = EVENTS + DECISIONS
DETAILS = {
    Claim: {"worker": "w", "lease_s": 10.0},
    Heartbeat: {"lease_s": 10.0},
    BeginSubmit: {"token": "t", "amount": Decimal("1.5")},
    Submitted: {"request_id": "r"},
    Adopt: {"request_id": "r"},
    Resolve: {"code": "c", "message": "m"},
    Park: {"message": "lost"},
    Fail: {"code": "c", "message": "m"},
}
ALLOWED = {
    (S.WANTED, Claim): S.LEASED,
    (S.WANTED, Cancel): S.CANCELLED,
    (S.LEASED, Claim): S.LEASED,
    (S.LEASED, Heartbeat): S.LEASED,
    (S.LEASED, Release): S.WANTED,
    (S.LEASED, BeginSubmit): S.SUBMITTING,
    (S.LEASED, Ready): S.READY,
    (S.LEASED, Park): S.PARKED,
    (S.LEASED, Fail): S.FAILED,
    (S.LEASED, Cancel): S.CANCELLED,
    (S.SUBMITTING, Claim): S.UNKNOWN,
    (S.SUBMITTING, Heartbeat): S.SUBMITTING,
    (S.SUBMITTING, Release): S.UNKNOWN,
    (S.SUBMITTING, Submitted): S.SUBMITTED,
    (S.SUBMITTING, NotAccepted): S.WANTED,
    (S.SUBMITTING, Lost): S.UNKNOWN,
    (S.SUBMITTING, Fail): S.FAILED,
    (S.SUBMITTING, Cancel): S.CANCELLED,
    (S.SUBMITTED, Claim): S.SUBMITTED,
    (S.SUBMITTED, Heartbeat): S.SUBMITTED,
    (S.SUBMITTED, Release): S.SUBMITTED,
    (S.SUBMITTED, NotAccepted): S.WANTED,
    (S.SUBMITTED, Fetched): S.FETCHED,
    (S.SUBMITTED, Ready): S.READY,
    (S.SUBMITTED, Park): S.PARKED,
    (S.SUBMITTED, Fail): S.FAILED,
    (S.SUBMITTED, Cancel): S.CANCELLED,
    (S.FETCHED, Claim): S.FETCHED,
    (S.FETCHED, Heartbeat): S.FETCHED,
    (S.FETCHED, Release): S.FETCHED,
    (S.FETCHED, NotAccepted): S.WANTED,
    (S.FETCHED, Ready): S.READY,
    (S.FETCHED, Park): S.PARKED,
    (S.FETCHED, Fail): S.FAILED,
    (S.FETCHED, Cancel): S.CANCELLED,
    (S.UNKNOWN, Claim): S.UNKNOWN,
    (S.UNKNOWN, Heartbeat): S.UNKNOWN,
    (S.UNKNOWN, Release): S.UNKNOWN,
    (S.UNKNOWN, Submitted): S.SUBMITTED,
    (S.UNKNOWN, NotAccepted): S.WANTED,
    (S.UNKNOWN, Ready): S.READY,
    (S.UNKNOWN, Park): S.PARKED,
    (S.UNKNOWN, Fail): S.FAILED,
    (S.UNKNOWN, Cancel): S.CANCELLED,
    (S.PARKED, Retry): S.WANTED,
    (S.PARKED, Adopt): S.SUBMITTED,
    (S.PARKED, Deliver): S.FETCHED,
    (S.PARKED, Resolve): S.FAILED,
    (S.PARKED, Cancel): S.CANCELLED,
}


def a_render(**changes: Any):
    return Render(id="r1", recipe_key="k", provider="fake", model="m", created_at=NOON, updated_at=NOON, **changes)


def an_event(kind, *, now=NOON, fence=0, **details: Any):
    fenced = {"fence": fence} if issubclass(kind, Fenced) else {}
    return kind(now=now, **fenced, **(DETAILS.get(kind, {}) | details))


@pytest.mark.parametrize("state", RenderState)
@pytest.mark.parametrize("kind", ALL)
def test_the_table_is_complete(state, kind):
    held = {"lease_until": NOON + timedelta(seconds=5)} if kind is BeginSubmit else {}
    render = a_render(state=state, **held)
    expected = ALLOWED.get((state, kind))

    if expected is None:
        with pytest.raises(LeaseLostError if kind is Claim and state in OPEN - {S.PARKED} else RenderStateError):
            transition(render, an_event(kind))
    else:
        assert transition(render, an_event(kind)).state is expected


@pytest.mark.parametrize("kind", [kind for kind in ALL if issubclass(kind, Fenced)])
@pytest.mark.parametrize("state", RenderState)
def test_an_old_fence_changes_nothing(kind, state):
    with pytest.raises(LeaseLostError):
        transition(a_render(state=state, fence=3), an_event(kind, fence=2))


def test_a_held_render_cannot_be_claimed_until_its_lease_ends():
    held = transition(a_render(), an_event(Claim))

    with pytest.raises(LeaseLostError):
        transition(held, an_event(Claim, now=NOON + timedelta(seconds=9.9)))

    taken = transition(held, an_event(Claim, now=NOON + timedelta(seconds=10), worker="other"))
    assert (taken.worker, taken.fence) == ("other", held.fence + 1)


def test_a_render_waits_until_its_time_has_come():
    waiting = a_render(run_after=NOON + timedelta(seconds=1))

    with pytest.raises(LeaseLostError):
        transition(waiting, an_event(Claim))

    assert transition(waiting, an_event(Claim, now=NOON + timedelta(seconds=1))).state is S.LEASED


def test_a_submit_needs_a_lease_that_still_runs():
    held = transition(a_render(), an_event(Claim))

    with pytest.raises(LeaseLostError):
        transition(held, an_event(BeginSubmit, now=NOON + timedelta(seconds=10), fence=held.fence))


@pytest.mark.parametrize(
    ("event", "reserved", "spent", "paid_tries"),
    [
        (an_event(NotAccepted), "0", "0.5", 1),
        (an_event(Fail), "0", "0.5", 1),
        (an_event(Fail, charged=True), "0", "2.0", 2),
        (an_event(Cancel), "0", "2.0", 2),
        (an_event(Submitted), "1.5", "0.5", 2),
        (an_event(Lost), "1.5", "0.5", 2),
    ],
    ids=lambda value: type(value).__name__,
)
def test_money_is_freed_only_when_nothing_was_taken(event, reserved, spent, paid_tries):
    submitting = a_render(state=S.SUBMITTING, reserved=Decimal("1.5"), spent=Decimal("0.5"), paid_tries=2)

    after = transition(submitting, event)

    assert (after.reserved, after.spent) == (Decimal(reserved), Decimal(spent))
    assert after.paid_tries == paid_tries


def test_a_submit_that_costs_nothing_is_no_paid_try():
    held = transition(a_render(), an_event(Claim))

    assert transition(held, an_event(BeginSubmit, fence=held.fence)).paid_tries == 1
    assert transition(held, an_event(BeginSubmit, fence=held.fence, amount=Decimal(0))).paid_tries == 0


@pytest.mark.parametrize(("billed", "spent", "paid_tries"), [("0", "0.5", 1), ("0.7", "1.2", 2)])
def test_a_person_says_what_was_billed(billed, spent, paid_tries):
    parked = a_render(state=S.PARKED, reserved=Decimal("1.5"), spent=Decimal("0.5"), paid_tries=2)

    after = transition(parked, an_event(Resolve, billed=Decimal(billed)))

    assert (after.reserved, after.spent, after.paid_tries) == (0, Decimal(spent), paid_tries)


def test_a_person_s_word_allows_one_more_submit():
    parked = a_render(state=S.PARKED, reserved=Decimal("1.5"), paid_tries=1)

    after = transition(parked, an_event(Retry))

    assert (after.paid_tries, after.granted_tries, after.spent) == (1, 1, Decimal("1.5"))


steps = st.lists(st.tuples(st.sampled_from(ALL), st.integers(-1, 0), st.integers(0, 15), st.booleans()), max_size=40)


@given(steps)
def test_random_histories_never_leave_the_machine(history):
    render, now, submits = a_render(), NOON, 0
    for kind, fence, seconds, charged in history:
        now += timedelta(seconds=seconds)
        details = {"charged": charged} if kind is Fail else {}
        before = render
        try:
            render = transition(render, an_event(kind, now=now, fence=render.fence + fence, **details))
        except (LeaseLostError, RenderStateError):
            assert render == before
            continue
        submits += kind is BeginSubmit
        assert ALLOWED[before.state, kind] is render.state
        assert render.fence >= before.fence
        assert before.state not in CLOSED
        assert render.spent >= before.spent
        assert render.reserved in {Decimal(0), Decimal("1.5")}
        assert render.reserved + render.spent <= submits * Decimal("1.5")
        assert render.paid_tries * Decimal("1.5") == render.reserved + render.spent
        if render.state in CLOSED:
            assert render.reserved == 0
            assert not render.held(now)


def test_the_given_render_is_left_alone():
    render = a_render()

    transition(render, an_event(Claim))

    assert render == replace(a_render())
