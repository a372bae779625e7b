"""One suite for every ledger."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.adapters.sql.ledger import SqlLedger
from app.audit import SYSTEM
from app.errors import (
    BudgetExceededError,
    ChargedWithoutClipError,
    LeaseLostError,
    ProviderBusyError,
    RenderNotFoundError,
    RenderStateError,
)
from app.rendering.ledger.decisions import Cancel
from app.rendering.ledger.memory import MemoryLedger
from app.rendering.ledger.port import Cap, Headroom, PaidTries, RenderRequest, Spend, orphan_pages, pages
from app.rendering.ledger.records import FENCED, ORPHAN, TAKEN_OVER, Hook, SpendLine, Total
from app.rendering.ledger.states import (
    BeginSubmit,
    Claim,
    Fail,
    Fetched,
    Heartbeat,
    NotAccepted,
    Ready,
    Release,
    RenderState,
    Submitted,
)
from app.rendering.ports import ProviderFigures
from app.store.labels import Labels

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
async def ledger(request, opened):
    if request.param == "memory":
        return MemoryLedger()
    return SqlLedger(await opened(request.param))


def a_request(key="a" * 64):
    return RenderRequest(recipe_key=key, provider="fake", model="m", labels=Labels.from_json({"intent": "x"}))


def a_claim(now=NOON, worker="w", lease_s=10.0):
    return Claim(now=now, worker=worker, lease_s=lease_s)


async def submitting(ledger, key="a" * 64, *, amount="0.10", caps=(), token="t"):  # noqa: S107
    render = await ledger.want(a_request(key), now=NOON)
    held = await ledger.apply(render.id, a_claim())
    begin = BeginSubmit(now=NOON, fence=held.fence, token=token, amount=Decimal(amount))
    return await ledger.apply(render.id, begin, caps=caps)


async def test_a_recipe_has_one_open_render(ledger):
    first = await ledger.want(a_request(), now=NOON)
    again = await ledger.want(a_request(), now=NOON + timedelta(seconds=1))
    other = await ledger.want(a_request("b" * 64), now=NOON)

    assert first == again
    assert other.id != first.id


async def test_many_wants_at_once_are_one_render(ledger):
    renders = await asyncio.gather(*(ledger.want(a_request(), now=NOON) for _ in range(20)))

    assert len({render.id for render in renders}) == 1


async def test_a_closed_render_makes_room_for_the_next(ledger):
    first = await ledger.want(a_request(), now=NOON)
    held = await ledger.apply(first.id, a_claim())
    await ledger.apply(first.id, Fail(now=NOON, fence=held.fence, code="c", message="m", retryable=True))

    second = await ledger.want(a_request(), now=NOON + timedelta(seconds=1))

    assert second.id != first.id
    assert (await ledger.latest("a" * 64)).id == second.id
    assert (await ledger.get(first.id)).error_code == "c"


async def charged(ledger, key="a" * 64, *, at=NOON, granted=0, room=None, event=Fail):
    """A render that was submitted for money, and ended without a clip, or with one."""
    request = replace(a_request(key), granted_tries=granted)
    render = await ledger.want(request, now=at)
    held = await ledger.apply(render.id, a_claim(at))
    begin = BeginSubmit(now=at, fence=held.fence, token=f"t{at}{key[0]}", amount=Decimal("0.10"))
    await ledger.apply(render.id, begin, room=room)
    await ledger.apply(render.id, Submitted(now=at, fence=held.fence, request_id="r"))
    failed = {"code": "c", "message": "m", "charged": True} if event is Fail else {}
    return await ledger.apply(render.id, event(now=at, fence=held.fence, **failed))


async def test_a_clip_is_ordered_for_money_as_often_as_it_may_be_by_all_its_renderers(ledger):
    keys, room = ("a" * 64, "b" * 64), Headroom(rivals=("b" * 64,), per_clip=2)
    await charged(ledger, keys[1], room=Headroom(rivals=("a" * 64,), per_clip=2))
    await charged(ledger, at=NOON + timedelta(seconds=1), room=room)
    assert await ledger.paid_tries(keys) == PaidTries(2, 0)

    with pytest.raises(ChargedWithoutClipError, match="per_clip_attempts"):
        await charged(ledger, at=NOON + timedelta(seconds=2), room=room)

    refused = await ledger.latest(keys[0])
    assert (refused.state, refused.reserved) == (RenderState.LEASED, 0)
    free = BeginSubmit(now=NOON + timedelta(seconds=2), fence=refused.fence, token="free", amount=Decimal(0))
    assert (await ledger.apply(refused.id, free, room=room)).state is RenderState.SUBMITTING


async def test_a_person_allows_one_more_order_at_a_time(ledger):
    room = Headroom(per_clip=1)
    await charged(ledger, room=room)
    await charged(ledger, at=NOON + timedelta(seconds=1), granted=1, room=room)
    assert await ledger.paid_tries(["a" * 64]) == PaidTries(2, 1)

    with pytest.raises(ChargedWithoutClipError):
        await charged(ledger, at=NOON + timedelta(seconds=2), room=room)


async def test_a_clip_that_was_stored_begins_anew(ledger):
    room = Headroom(per_clip=1)
    await charged(ledger, room=room, event=Ready)

    await charged(ledger, at=NOON + timedelta(seconds=1), room=room)

    assert await ledger.paid_tries(["a" * 64]) == PaidTries(1, 0)


async def test_a_render_comes_back_as_it_was(ledger):
    render = await submitting(ledger, caps=[Cap("day:1", Decimal(5))])

    assert await ledger.get(render.id) == render
    assert render.lease_until == NOON + timedelta(seconds=10)
    assert render.labels == Labels.from_json({"intent": "x"})
    assert render.scopes == ("day:1",)


async def test_only_one_of_many_claims_wins(ledger):
    render = await ledger.want(a_request(), now=NOON)

    claims = [ledger.apply(render.id, a_claim(worker=f"w{n}")) for n in range(10)]
    outcomes = await asyncio.gather(*claims, return_exceptions=True)

    assert sum(not isinstance(outcome, Exception) for outcome in outcomes) == 1
    assert all(isinstance(o, LeaseLostError) for o in outcomes if isinstance(o, Exception))


async def test_whoever_lost_the_lease_can_change_nothing(ledger):
    render = await ledger.want(a_request(), now=NOON)
    old = await ledger.apply(render.id, a_claim())
    later = NOON + timedelta(seconds=11)
    new = await ledger.apply(render.id, a_claim(now=later, worker="other"))

    for event in (
        Heartbeat(now=later, fence=old.fence, lease_s=10),
        Ready(now=later, fence=old.fence),
        Release(now=later, fence=old.fence),
    ):
        with pytest.raises(LeaseLostError):
            await ledger.apply(render.id, event)

    assert await ledger.get(render.id) == new
    assert [record.event for record in await ledger.history(render.id)] == ["Claim", TAKEN_OVER, *3 * [FENCED]]
    assert {*await ledger.totals()} == {
        Total("fake", "wanted", 1),
        Total("fake", "taken_over", 1),
        Total("fake", "fenced", 3),
    }


async def test_a_lease_given_back_is_not_taken_over_and_a_claim_too_early_not_fenced(ledger):
    render = await ledger.want(a_request(), now=NOON)
    held = await ledger.apply(render.id, a_claim())
    with pytest.raises(LeaseLostError):
        await ledger.apply(render.id, a_claim(worker="other"))
    await ledger.apply(render.id, Release(now=NOON, fence=held.fence))

    await ledger.apply(render.id, a_claim(worker="other"))

    assert await ledger.totals() == (Total("fake", "wanted", 1),)


async def test_renders_are_counted_by_how_they_ended(ledger):
    codes = ("clip_rejected", "media_invalid", "provider_refused")
    for number, code in enumerate(codes):
        held = await ledger.apply((await ledger.want(a_request(f"{number}" * 64), now=NOON)).id, a_claim())
        await ledger.apply(held.id, Fail(now=NOON, fence=held.fence, code=code, message="m"))
    held = await ledger.apply((await ledger.want(a_request("d" * 64), now=NOON)).id, a_claim())
    await ledger.apply(held.id, Ready(now=NOON, fence=held.fence))
    with pytest.raises(LeaseLostError):
        await ledger.apply(held.id, Ready(now=NOON, fence=held.fence - 1))
    await ledger.apply((await ledger.want(a_request("e" * 64), now=NOON)).id, Cancel(now=NOON))
    await ledger.want(a_request("f" * 64), now=NOON)

    assert {(total.kind, total.count) for total in await ledger.totals()} == {
        ("wanted", 6), ("ready", 1), ("rejected", 2), ("failed", 1), ("cancelled", 1), ("fenced", 1),
    }  # fmt: skip


async def test_an_arrow_that_does_not_exist_changes_nothing(ledger):
    render = await submitting(ledger)

    with pytest.raises(RenderStateError):
        await ledger.apply(render.id, Fetched(now=NOON, fence=render.fence))

    assert await ledger.get(render.id) == render


async def test_an_unknown_render_is_not_found(ledger):
    with pytest.raises(RenderNotFoundError):
        await ledger.get("nothing")
    with pytest.raises(RenderNotFoundError):
        await ledger.apply("nothing", a_claim())
    assert await ledger.latest("c" * 64) is None


async def test_money_is_reserved_and_settled_per_scope(ledger):
    caps = [Cap("day:1", Decimal(5)), Cap("run:1", Decimal(1))]
    render = await submitting(ledger, amount="0.1234567", caps=caps)

    assert await ledger.spend("day:1") == Spend("day:1", reserved=Decimal("0.123457"))

    for event in (Submitted(now=NOON, fence=render.fence, request_id="r"), Fetched(now=NOON, fence=render.fence)):
        await ledger.apply(render.id, event)
    await ledger.apply(render.id, Ready(now=NOON, fence=render.fence))

    assert await ledger.spend("run:1") == Spend("run:1", spent=Decimal("0.123457"))
    assert (await ledger.get(render.id)).spent == Decimal("0.123457")


async def test_the_budget_holds_to_the_cent_and_leaves_no_trace(ledger):
    caps = [Cap("day:1", Decimal("0.25")), Cap("run:1", Decimal(9))]
    await submitting(ledger, "a" * 64, caps=caps, token="t1")
    await submitting(ledger, "b" * 64, caps=caps, token="t2")
    third = await ledger.want(a_request("c" * 64), now=NOON)
    held = await ledger.apply(third.id, a_claim())

    begin = BeginSubmit(now=NOON, fence=held.fence, token="t3", amount=Decimal("0.10"))
    with pytest.raises(BudgetExceededError):
        await ledger.apply(third.id, begin, caps=caps)

    assert await ledger.get(third.id) == held
    assert (await ledger.spend("day:1")).committed == Decimal("0.20")
    assert (await ledger.spend("run:1")).committed == Decimal("0.20")


async def test_many_submits_at_once_never_exceed_the_budget(ledger):
    caps = [Cap("day:1", Decimal("0.35"))]

    submits = [submitting(ledger, f"{n:064x}", caps=caps, token=f"t{n}") for n in range(10)]
    outcomes = await asyncio.gather(*submits, return_exceptions=True)

    assert sum(not isinstance(outcome, Exception) for outcome in outcomes) == 3
    assert (await ledger.spend("day:1")).committed == Decimal("0.30")


async def test_a_refused_submit_gives_the_money_back(ledger):
    render = await submitting(ledger, caps=[Cap("day:1", Decimal(1))])

    freed = await ledger.apply(render.id, NotAccepted(now=NOON, fence=render.fence))

    assert (freed.state, freed.token) == (RenderState.WANTED, None)
    assert (await ledger.spend("day:1")).committed == 0


async def test_renders_are_listed_newest_first_and_counted(ledger):
    for n in range(3):
        await ledger.want(a_request(f"{n:064x}"), now=NOON + timedelta(seconds=n))
    await submitting(ledger, "a" * 64)

    wanted = await ledger.list(states=[RenderState.WANTED], limit=2)
    rest = await ledger.list(states=[RenderState.WANTED], limit=2, after=wanted[-1])

    assert [render.recipe_key[-1] for render in (*wanted, *rest)] == ["2", "1", "0"]
    assert await ledger.counts() == {RenderState.WANTED: 3, RenderState.SUBMITTING: 1}


async def test_a_page_begins_after_the_last_render_of_the_one_before(ledger):
    made = [await ledger.want(a_request(f"{n:064x}"), now=NOON + timedelta(seconds=n // 2)) for n in range(4)]
    newest_first = sorted(made, key=lambda render: (render.created_at, render.id), reverse=True)

    first = await ledger.list(limit=3)
    await ledger.apply(first[-1].id, Cancel(now=NOON))
    await ledger.want(a_request("b" * 64), now=NOON + timedelta(seconds=9))

    assert (*first, *await ledger.list(limit=3, after=first[-1])) == tuple(newest_first)
    assert await ledger.list(after=newest_first[-1]) == ()
    assert [[one.id for one in page] async for page in pages(ledger, states=[RenderState.CANCELLED])] == [
        [first[-1].id]
    ]


async def test_only_what_a_worker_may_claim_is_listed_as_free(ledger):
    held, late, free, over = [await ledger.want(a_request(f"{n:064x}"), now=NOON) for n in range(4)]
    await ledger.apply(held.id, a_claim(lease_s=10))
    fence = (await ledger.apply(late.id, a_claim())).fence
    await ledger.apply(late.id, Release(now=NOON, fence=fence, run_after=NOON + timedelta(seconds=20)))
    await ledger.apply(over.id, Cancel(now=NOON))

    async def ids(after_s):
        return {render.id for render in await ledger.list(free_at=NOON + timedelta(seconds=after_s))}

    assert await ids(9) == {free.id}
    assert await ids(10) == {free.id, held.id}
    assert await ids(20) == {free.id, held.id, late.id}
    assert await ledger.list(free_at=NOON + timedelta(seconds=20), states=[RenderState.CANCELLED]) == ()


async def test_a_render_is_found_by_how_its_id_begins(ledger):
    one, other = [await ledger.want(a_request(f"{n:064x}"), now=NOON) for n in range(2)]
    shared = next(n for n in range(33) if one.id[:n] != other.id[:n])

    assert await ledger.by_prefix(one.id[:shared]) == (1, one)
    assert await ledger.by_prefix(other.id) == (1, other)
    assert await ledger.by_prefix(one.id[: shared - 1]) == (2, None)
    for unknown in (one.id.upper()[:31] + "G", one.id + "0", "%", "_" * 8):
        assert await ledger.by_prefix(unknown) == (0, None)


async def test_models_are_those_that_were_submitted_to(ledger):
    await ledger.want(a_request("a" * 64), now=NOON)
    assert await ledger.models() == frozenset()

    render = await begun(ledger, "b" * 64, token="t1", provider="other")
    await ledger.apply(render.id, NotAccepted(now=NOON, fence=render.fence))

    assert await ledger.models() == {("other", "m")}


async def test_refused_clips_are_counted_and_added_up_by_scope(ledger):
    ends = (
        ("run:1", "clip_rejected"),
        ("run:1", "media_invalid"),
        ("run:1", "provider_refused"),
        ("run:11", "clip_rejected"),
    )
    for number, (scope, code) in enumerate(ends):
        caps = [Cap("day:1", Decimal(5)), Cap(scope, Decimal(5))]
        held = await submitting(ledger, f"{number}" * 64, caps=caps, token=f"t{number}")
        await ledger.apply(held.id, Fail(now=NOON, fence=held.fence, code=code, message="m", charged=True))

    assert await ledger.refused("run:1") == (2, Decimal("0.20"))
    assert await ledger.refused("day:1") == (3, Decimal("0.30"))
    assert await ledger.refused("run:") == (0, Decimal(0))


async def begun(ledger, key, *, token, room=None, now=NOON, **other: Any):
    provider, amount = other.get("provider", "fake"), other.get("amount", "0.10")
    request = RenderRequest(recipe_key=key, provider=provider, model="m", labels=Labels.from_json({"intent": "hours"}))
    render = await ledger.want(request, now=now)
    held = await ledger.apply(render.id, a_claim(now))
    return await ledger.apply(
        render.id, BeginSubmit(now=now, fence=held.fence, token=token, amount=Decimal(amount)), room=room
    )


async def test_a_provider_gets_no_more_jobs_than_it_takes_at_once(ledger):
    room = Headroom(at_once=2)
    first = await begun(ledger, "a" * 64, token="t1", room=room)
    await begun(ledger, "b" * 64, token="t2", room=room)
    await begun(ledger, "c" * 64, token="t3", room=room, provider="other")

    with pytest.raises(ProviderBusyError):
        await begun(ledger, "d" * 64, token="t4", room=room)

    for event in (Submitted(now=NOON, fence=first.fence, request_id="r"), Fetched(now=NOON, fence=first.fence)):
        await ledger.apply(first.id, event)
    assert (await begun(ledger, "e" * 64, token="t5", room=room)).state is RenderState.SUBMITTING


async def test_of_many_submits_at_once_only_as_many_begin_as_there_is_room(ledger):
    submits = [begun(ledger, f"{n:064x}", token=f"t{n}", room=Headroom(at_once=3)) for n in range(12)]
    outcomes = await asyncio.gather(*submits, return_exceptions=True)

    assert sum(not isinstance(outcome, Exception) for outcome in outcomes) == 3
    assert all(isinstance(o, ProviderBusyError) for o in outcomes if isinstance(o, Exception))


async def test_a_free_job_whose_worker_died_takes_no_place(ledger):
    await begun(ledger, "a" * 64, token="t1", room=Headroom(at_once=1), amount="0")
    later = NOON + timedelta(seconds=11)

    assert await begun(ledger, "b" * 64, token="t2", room=Headroom(at_once=1), amount="0", now=later)


async def test_a_provider_gets_no_more_jobs_a_minute_than_it_takes(ledger):
    room = Headroom(per_minute=1)
    await begun(ledger, "a" * 64, token="t1", room=room)

    with pytest.raises(ProviderBusyError):
        await begun(ledger, "b" * 64, token="t2", room=room, now=NOON + timedelta(seconds=59))
    assert await begun(ledger, "c" * 64, token="t3", room=room, now=NOON + timedelta(seconds=61))


async def test_one_clip_is_never_with_two_renderers(ledger):
    keys = [f"{n:064x}" for n in range(6)]
    rooms = [Headroom(rivals=tuple(other for other in keys if other != key)) for key in keys]

    submits = [
        begun(ledger, key, token=f"t{n}", room=room, provider=f"p{n}")
        for n, (key, room) in enumerate(zip(keys, rooms, strict=True))
    ]
    outcomes = await asyncio.gather(*submits, return_exceptions=True)

    assert sum(not isinstance(outcome, Exception) for outcome in outcomes) == 1
    assert all(isinstance(o, LeaseLostError) for o in outcomes if isinstance(o, Exception))


async def test_every_step_is_recorded_with_its_money(ledger):
    render = await begun(ledger, "a" * 64, token="t1")
    await ledger.apply(render.id, Heartbeat(now=NOON, fence=render.fence, lease_s=10))
    await ledger.apply(render.id, Submitted(now=NOON, fence=render.fence, request_id="r"))
    await ledger.apply(render.id, Fetched(now=NOON, fence=render.fence))
    await ledger.apply(render.id, Ready(now=NOON, fence=render.fence))

    history = await ledger.history(render.id)

    assert [record.event for record in history] == ["Claim", "BeginSubmit", "Submitted", "Fetched", "Ready"]
    assert sum(record.reserved for record in history) == 0
    assert sum(record.spent for record in history) == Decimal("0.10")
    assert history[1].token == "t1"
    assert history[-1].request_id == "r"


async def test_spend_is_reported_by_day_provider_and_intent(ledger):
    ready = await begun(ledger, "a" * 64, token="t1")
    next_day = NOON + timedelta(days=1)
    await ledger.apply(ready.id, Submitted(now=NOON, fence=ready.fence, request_id="r"))
    await ledger.apply(ready.id, Ready(now=next_day, fence=ready.fence))
    await begun(ledger, "b" * 64, token="t2", provider="other")
    await begun(ledger, "c" * 64, token="t3", now=next_day)

    day, next_ = NOON.date(), next_day.date()
    tenth = Decimal("0.10")
    assert await ledger.spend_report() == (
        SpendLine(day, "fake", "hours", "USD", submits=1, clips=1, reserved=Decimal(0), spent=tenth),
        SpendLine(day, "other", "hours", "USD", submits=1, clips=0, reserved=tenth, spent=Decimal(0)),
        SpendLine(next_, "fake", "hours", "USD", submits=1, clips=0, reserved=tenth, spent=Decimal(0)),
    )
    assert [line.day for line in await ledger.spend_report(since=next_)] == [next_]
    assert {line.day for line in await ledger.spend_report(until=day)} == {day}


async def test_what_went_into_refused_clips_is_told_apart(ledger):
    for key, code in (("a" * 64, "clip_rejected"), ("b" * 64, "provider_refused")):
        render = await begun(ledger, key, token=key)
        await ledger.apply(render.id, Submitted(now=NOON, fence=render.fence, request_id=key))
        failed = Fail(now=NOON, fence=render.fence, code=code, message="No.", charged=True)
        await ledger.apply(render.id, failed)

    (line,) = await ledger.spend_report()

    assert (line.spent, line.rejected) == (Decimal("0.20"), Decimal("0.10"))


async def test_the_newest_verdicts_on_a_provider_come_first(ledger):
    render = await begun(ledger, "a" * 64, token="t1")
    await ledger.apply(render.id, NotAccepted(now=NOON, fence=render.fence, blame=True))
    good = await begun(ledger, "b" * 64, token="t2", now=NOON + timedelta(seconds=1))
    await ledger.apply(good.id, Submitted(now=NOON + timedelta(seconds=2), fence=good.fence, request_id="r"))

    assert await ledger.verdicts("fake", since=NOON) == ((NOON + timedelta(seconds=2), "good"), (NOON, "bad"))
    assert await ledger.verdicts("fake", since=NOON + timedelta(seconds=1)) == ((NOON + timedelta(seconds=2), "good"),)
    assert await ledger.verdicts("other", since=NOON) == ()


async def test_a_webhook_is_kept_once_and_found_by_its_token(ledger):
    hook = Hook("fake", "t1", "r1", "done", NOON, "0" * 64)
    render = await begun(ledger, "a" * 64, token="t1")

    kept = await asyncio.gather(*(ledger.keep_hook(hook) for _ in range(10)))

    assert kept.count(True) == 1
    assert await ledger.hooks("t1") == (hook,)
    assert await ledger.hooks("t2") == ()
    await ledger.apply(render.id, NotAccepted(now=NOON, fence=render.fence))
    assert (await ledger.by_token("t1")).id == render.id
    assert await ledger.by_token("t2") is None


async def test_calls_about_nobody_s_jobs_are_kept_apart(ledger):
    orphan = Hook("fal", "t1", "r9", ORPHAN, NOON, "0" * 64)

    assert await ledger.keep_hook(orphan)
    assert not await ledger.keep_hook(orphan)

    assert await ledger.hooks("t1") == ()
    assert await ledger.orphans() == (orphan,)
    assert await ledger.orphan_count() == 1


async def test_the_open_render_is_the_latest_although_a_process_that_stood_still_made_it(ledger):
    request = RenderRequest("a" * 64, "fake", "m", Labels())
    closed = await ledger.want(request, now=NOON)
    await ledger.apply(closed.id, Cancel(now=NOON))
    late = await ledger.want(request, now=NOON - timedelta(minutes=1))

    assert (await ledger.latest("a" * 64)).id == late.id


async def test_an_acknowledged_orphan_is_not_counted_any_more(ledger):
    orphan, other = (Hook("fal", "t1", f"r{n}", ORPHAN, NOON, "0" * 64) for n in (8, 9))
    await ledger.keep_hook(orphan)
    await ledger.keep_hook(other)

    told = await ledger.acknowledge("fal", "r8", note="Not ours.", now=NOON)
    again = await ledger.acknowledge("fal", "r8", note="Again.", now=NOON + timedelta(hours=1))

    assert (told.acknowledged_at, told.acknowledged_by, told.note) == (NOON, SYSTEM, "Not ours.")
    assert again == told
    assert await ledger.orphan_count() == 1
    assert await ledger.orphans() == (other,)
    assert set(await ledger.orphans(acknowledged=True)) == {told, other}
    assert not await ledger.keep_hook(orphan), "a repeated webhook does not raise the alarm again"


async def test_only_an_orphan_is_acknowledged(ledger):
    await ledger.keep_hook(Hook("fal", "t1", "r8", "done", NOON, "0" * 64))

    with pytest.raises(RenderNotFoundError, match="renders orphans"):
        await ledger.acknowledge("fal", "r8", note="Not ours.", now=NOON)


async def test_orphans_come_in_pages_the_newest_first(ledger):
    hooks = [Hook("fal", "t1", f"r{n}", ORPHAN, NOON + timedelta(seconds=n // 2), "0" * 64) for n in range(5)]
    for hook in (*hooks, Hook("fal", "t1", "r9", "done", NOON, "0" * 64)):
        await ledger.keep_hook(hook)

    first = await ledger.orphans(limit=3)
    rest = await ledger.orphans(limit=3, after=first[-1])

    assert (*first, *rest) == tuple(reversed(hooks))
    assert await ledger.orphans(after=rest[-1]) == ()
    assert [len(page) async for page in orphan_pages(ledger)] == [5]


async def test_a_render_is_found_by_its_provider_s_id(ledger):
    render = await submitting(ledger)
    reference = '{"id":"r%1","status":"https://x.test/r%1"}'
    submitted = Submitted(now=NOON, fence=render.fence, request_id=reference, own_id="r%1")
    render = await ledger.apply(render.id, submitted)

    assert (render.request_id, render.provider_request_id) == (reference, "r%1")
    assert await ledger.by_request(render.provider, "r%1") == render
    for unknown in (("other", "r%1"), (render.provider, "rx1"), (render.provider, "%"), (render.provider, "")):
        assert await ledger.by_request(*unknown) is None
    await ledger.apply(render.id, NotAccepted(now=NOON, fence=render.fence))
    assert await ledger.by_request(render.provider, "r%1") is None


async def test_of_two_renders_of_one_job_the_newest_is_found(ledger):
    for second, key in enumerate("ab"):
        at = NOON + timedelta(seconds=second)
        begun_one = await begun(ledger, key * 64, token=key, now=at)
        newest = await ledger.apply(begun_one.id, Submitted(now=at, fence=begun_one.fence, request_id="r1"))

    assert await ledger.by_request("fake", "r1") == newest


async def test_a_correction_is_a_record_of_its_own_day_and_leaves_the_render_as_it_was(ledger):
    render = await charged(ledger)
    later, december = NOON + timedelta(days=9), (NOON + timedelta(days=9)).date()

    refund = await ledger.correct(render.id, Decimal("-0.04"), note="refund", now=later)
    more = await ledger.correct(render.id, Decimal("0.01"), note="they billed more", now=later)

    assert [record.spent for record in (refund, more)] == [Decimal("-0.04"), Decimal("0.01")]
    assert (await ledger.history(render.id))[-2:] == (refund, more)
    assert (await ledger.get(render.id)) == render
    assert [(line.day, line.submits, line.spent) for line in await ledger.spend_report()] == [
        (NOON.date(), 1, Decimal("0.10")),
        (december, 0, Decimal("-0.03")),
    ]
    assert await ledger.spend(f"day:{december}") == Spend(f"day:{december}", spent=Decimal("0.01"))


async def test_no_more_is_given_back_than_is_booked_and_only_settled_money_is_corrected(ledger):
    render = await charged(ledger)
    await ledger.correct(render.id, Decimal("-0.06"), note="n", now=NOON)
    under_way = await submitting(ledger, "b" * 64, token="t2")

    for render_id, amount in ((render.id, "-0.05"), (render.id, "0"), (under_way.id, "0.01")):
        with pytest.raises(RenderStateError, match="Cannot book"):
            await ledger.correct(render_id, Decimal(amount), note="n", now=NOON)
    with pytest.raises(RenderNotFoundError):
        await ledger.correct("nothing", Decimal(1), note="n", now=NOON)


async def test_an_order_is_recorded_with_its_seconds_run_and_release_and_its_end_with_what_the_provider_said(ledger):
    held = await ledger.apply((await ledger.want(a_request(), now=NOON)).id, a_claim())
    caps = [Cap("day:1", Decimal(5)), Cap("run:4f1c", Decimal(5)), Cap("release:7", Decimal("Infinity"))]
    begin = BeginSubmit(now=NOON, fence=held.fence, token="t", amount=Decimal("0.10"), seconds=4.25)
    await ledger.apply(held.id, begin, caps=caps)
    await ledger.apply(held.id, Submitted(now=NOON, fence=held.fence, request_id="r"))
    figures = ProviderFigures(charged=Decimal("0.12"), seconds=4.5)
    await ledger.apply(held.id, Fetched(now=NOON, fence=held.fence, figures=figures))

    claimed, ordered, taken, fetched = await ledger.history(held.id)

    assert (ordered.seconds, ordered.run, ordered.release) == (4.25, "4f1c", 7)
    assert (fetched.provider_charged, fetched.provider_seconds) == (Decimal("0.12"), 4.5)
    assert {(one.seconds, one.run, one.release) for one in (claimed, taken, fetched)} == {(None, None, None)}


async def test_a_render_whose_video_was_brought_begins_as_fetched(ledger):
    brought = await ledger.want(replace(a_request(), brought="e" * 32), now=NOON)
    other = await ledger.want(replace(a_request(), brought="f" * 32), now=NOON)

    assert (brought.id, brought.state) == ("e" * 32, RenderState.FETCHED)
    assert other == await ledger.get("e" * 32) == brought
