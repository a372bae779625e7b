"""Who is rendered next while visitors ask."""

import asyncio

from app.rendering.fakes import FakeRenderer, RendererBehaviour
from app.rendering.work.waiting_line import WaitingLine, WarmPlace
from app.rendering.work.warm import warm
from tests.rendering.plan.test_planner import a_plan
from tests.support.render_world import RenderWorld, an_intent

INTENTS = [an_intent(f"i{n}", f"Exactly five words, number {n}.") for n in range(4)]


async def the_line(tmp_path) -> tuple[WaitingLine, list]:
    plan = await a_plan(RenderWorld(tmp_path), *INTENTS)
    return WaitingLine(plan.todo), [item.wanted.keys for item in plan.todo]


async def rest(line: WaitingLine) -> list[str]:
    names = []
    while (item := await line.next()) is not None:
        names.append(item.wanted.lines[0].intent)
    return names


async def test_the_plan_is_the_order(tmp_path):
    line, _ = await the_line(tmp_path)

    assert await rest(line) == ["i0", "i1", "i2", "i3"]


async def test_what_visitors_ask_for_comes_first_in_the_order_of_their_questions(tmp_path):
    line, keys = await the_line(tmp_path)

    line.forward(keys[3])
    line.forward(keys[2])
    line.forward(keys[3])

    assert await rest(line) == ["i3", "i2", "i0", "i1"]


async def test_what_is_not_waiting_is_left_alone(tmp_path):
    line, keys = await the_line(tmp_path)
    first = await line.next()

    line.forward(first.wanted.keys)
    WaitingLine().forward(keys[0])

    assert await rest(line) == ["i1", "i2", "i3"]


async def test_the_line_waits_while_a_visitor_waits_for_a_render(tmp_path):
    line, _ = await the_line(tmp_path)

    with line.visitor(), line.visitor():
        waiting = asyncio.create_task(line.next())
        await asyncio.sleep(0)
        assert not waiting.done()

    assert (await waiting).wanted.lines[0].intent == "i0"


async def test_a_run_takes_its_clips_from_the_line_and_visitors_go_before_it(tmp_path):
    stage = RenderWorld(tmp_path, renderer=FakeRenderer(script=RendererBehaviour(polls=3)))
    studio, plan = stage.studio(), await a_plan(stage, *INTENTS)
    place = WarmPlace(studio, studio)
    ended: list[str] = []

    async def visitor() -> None:
        with place.line.visitor():
            place.line.forward(plan.todo[3].wanted.keys)
            await studio.clip(plan.todo[2].wanted, avatar=stage.avatar)
            ended.append("visitor")

    def hear(event) -> None:
        if event.type == "clip.finished":
            ended.append(event.intent)
        if event.type == "clip.started" and event.intent == "i0":
            visiting.append(asyncio.create_task(visitor()))

    visiting: list[asyncio.Task[None]] = []
    summary = await warm(plan, place, avatar=stage.avatar, on_event=hear)

    assert summary.complete
    assert set(ended[:2]) == {"i0", "visitor"}  # both were under way at once
    assert ended[2:] == ["i3", "i1", "i2"]
    assert len(stage.renderer.bill) == 4
