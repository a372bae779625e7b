import asyncio
import json
from decimal import Decimal

import pytest

from app.catalog.model import Role
from app.rendering.fakes import FakeRenderer, RendererBehaviour
from app.rendering.ledger.states import RenderState
from app.rendering.plan.planner import Plan
from app.rendering.ports import Capabilities
from app.rendering.work.warm import RunLimits, warm
from app.rendering.work.warm_events import ClipFailed, ClipFinished, ClipStarted, Summary
from tests.rendering.plan.test_planner import a_plan
from tests.support.render_world import RenderWorld, an_intent

PRICED = Capabilities(
    name="fake",
    models=("fake",),
    price_per_s=Decimal("0.10"),
    poll_every_s=0.01,
    min_portrait_px=1,
    silent_idle=True,
)
INTENTS = [an_intent(f"i{n}", f"Exactly five words, number {n}.") for n in range(6)]


async def test_a_run_tells_how_it_goes(tmp_path):
    stage = RenderWorld(tmp_path)
    events = []

    summary = await warm(
        await a_plan(stage, an_intent("idle", role=Role.IDLE), *INTENTS),
        stage.studio(),
        avatar=stage.avatar,
        concurrency=2,
        on_event=events.append,
    )

    assert (summary.ended, summary.clips_done, summary.complete) == ("finished", 7, True)
    assert summary.video_s == pytest.approx(5.0 + 6 * 1.5)
    assert events[-1] == summary
    assert sum(isinstance(event, ClipStarted) for event in events) == 7
    finished = [event for event in events if isinstance(event, ClipFinished)]
    assert [event.tally.clips_done for event in finished] == [1, 2, 3, 4, 5, 6, 7]
    assert finished[0].tally.eta_s is not None
    assert all(json.loads(event.model_dump_json())["type"] for event in events)


async def test_the_whole_plan_is_not_gone_through_with_each_clip(tmp_path, monkeypatch):
    stage, times = RenderWorld(tmp_path), []
    todo = Plan.todo
    monkeypatch.setattr(Plan, "todo", property(lambda plan: times.append(plan) or todo.func(plan)))

    async def walks(intents) -> int:
        plan = await a_plan(stage, *intents)
        times.clear()
        assert (await warm(plan, stage.studio(), avatar=stage.avatar)).clips_done == len(intents)
        return len(times)

    assert await walks(INTENTS[:1]) == await walks(INTENTS[1:])


@pytest.mark.parametrize("concurrency", [1, 4])
async def test_the_budget_holds_and_a_later_run_goes_on(tmp_path, concurrency):
    stage = RenderWorld(tmp_path, renderer=FakeRenderer(PRICED, script=RendererBehaviour(polls=2)))
    plan = await a_plan(stage, *INTENTS)

    summary = await warm(
        plan, stage.studio(), avatar=stage.avatar, limits=RunLimits(Decimal("0.50")), concurrency=concurrency
    )

    assert (summary.ended, summary.clips_done, summary.clips_left) == ("budget", 3, 3)
    assert summary.spent == Decimal("0.45")
    assert len(stage.renderer.bill) == 3

    later = await warm(
        await a_plan(stage, *INTENTS), stage.studio(), avatar=stage.avatar, limits=RunLimits(Decimal("0.45"))
    )
    assert (later.ended, later.clips_done, later.clips_unchanged) == ("finished", 3, 3)
    assert len(stage.renderer.bill) == 6


async def test_one_failure_does_not_stop_the_others(tmp_path):
    stage = RenderWorld(tmp_path, renderer=FakeRenderer(script=RendererBehaviour(fail_times=1)))
    events = []

    summary = await warm(await a_plan(stage, *INTENTS), stage.studio(), avatar=stage.avatar, on_event=events.append)

    assert (summary.clips_done, summary.clips_failed, summary.clips_left) == (5, 1, 0)
    assert not summary.complete
    assert [event.failure.intent for event in events if isinstance(event, ClipFailed)] == ["i0"]
    assert summary.failures[0].code == "provider_refused"


async def test_a_cancelled_run_says_so_and_leaves_nothing_broken(tmp_path):
    stage = RenderWorld(tmp_path, renderer=FakeRenderer(script=RendererBehaviour(polls=30)))
    events = []
    run = asyncio.create_task(
        warm(await a_plan(stage, *INTENTS), stage.studio(), avatar=stage.avatar, concurrency=2, on_event=events.append)
    )
    while not any(isinstance(event, ClipFinished) for event in events):  # noqa: ASYNC110 -- another task's work
        await asyncio.sleep(0.01)

    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run

    assert isinstance(events[-1], Summary)
    assert events[-1].ended == "cancelled"
    counts = await stage.ledger.counts()
    assert set(counts) <= {RenderState.READY, RenderState.WANTED}
    stage.renderer.script.polls = 0
    rest = await warm(await a_plan(stage, *INTENTS), stage.studio(), avatar=stage.avatar)
    assert rest.complete
    assert await stage.ledger.counts() == {RenderState.READY: 6}


async def test_two_runs_at_once_film_every_clip_once(tmp_path):
    stage = RenderWorld(tmp_path, renderer=FakeRenderer(script=RendererBehaviour(polls=2)))
    plan = await a_plan(stage, *INTENTS)

    summaries = await asyncio.gather(
        *(warm(plan, stage.studio(f"w{n}"), avatar=stage.avatar, concurrency=2) for n in range(2))
    )

    assert [summary.complete for summary in summaries] == [True, True]
    assert len(stage.renderer.bill) == 6


async def test_nothing_to_do_is_a_finished_run(tmp_path):
    stage = RenderWorld(tmp_path)
    await warm(await a_plan(stage, *INTENTS), stage.studio(), avatar=stage.avatar)

    summary = await warm(await a_plan(stage, *INTENTS), stage.studio(), avatar=stage.avatar)

    assert (summary.ended, summary.clips_done, summary.clips_unchanged) == ("finished", 0, 6)
