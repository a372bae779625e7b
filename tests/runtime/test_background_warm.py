"""A warm-up behind a serving node: when a talk can begin, how far it is, and what it may spend."""

import asyncio
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import pytest
from structlog.testing import capture_logs

from app.catalog.model import Role
from app.rendering.fakes import FakeRenderer, RendererBehaviour
from app.rendering.ports import Capabilities
from app.rendering.work.waiting_line import WarmPlace
from app.rendering.work.warm import RunLimits, warm
from app.runtime.serving.background_warm import BackgroundWarm, WarmStatus
from tests.rendering.plan.test_planner import a_plan
from tests.support.render_world import RenderWorld, an_intent

GREETING = an_intent("hello", "Exactly five words of welcome.", role=Role.GREETING)
INTENTS = [GREETING, *(an_intent(f"i{n}", f"Exactly five words, number {n}.") for n in range(2))]
PAID = Capabilities(
    name="fake", models=("fake",), price_per_s=Decimal("0.10"), poll_every_s=0.01, min_portrait_px=1, silent_idle=True
)


class Desk:
    """A node: its store, and the catalog that it serves now."""

    def __init__(self, folder, capabilities=None) -> None:
        renderer = FakeRenderer(capabilities) if capabilities else FakeRenderer()
        self.stage = RenderWorld(folder, renderer=renderer)
        self.studio = self.stage.studio()
        self.serves = list(INTENTS)
        self.events: list[tuple[str, WarmStatus, str]] = []

    async def plan(self):
        return await a_plan(self.stage, *self.serves)

    async def warming(self, **more: Any) -> BackgroundWarm:
        place = WarmPlace(self.studio, self.studio)

        async def film(plan, budget, on_event):
            return await warm(plan, place, avatar=self.stage.avatar, limits=RunLimits(budget), on_event=on_event)

        @asynccontextmanager
        async def show(_plan):
            yield lambda event: self.events.append((event.type, made.status, made.reason))

        made = BackgroundWarm(
            first=await self.plan(),
            plan=self.plan,
            film=film,
            opens=lambda item: item.wanted.lines[0].role is Role.GREETING,
            show=show,
            **more,
        )
        return made

    def ends(self) -> int:
        return sum(kind == "summary" for kind, _, _ in self.events)


async def until(condition) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - another task's work
            await asyncio.sleep(0.01)


async def test_a_talk_can_begin_as_soon_as_its_first_clips_are_stored(tmp_path):
    desk = Desk(tmp_path)
    warming = await desk.warming()
    assert warming.status == WarmStatus(0, 3, going_on=True)
    assert "left: 1" in warming.reason

    running = asyncio.create_task(warming.run())
    await until(lambda: not warming.status.going_on)
    running.cancel()

    finished = [(status.filmed, bool(reason)) for kind, status, reason in desk.events if kind == "clip.finished"]
    assert finished == [(1, False), (2, False), (3, False)]
    assert warming.status == WarmStatus(3, 3)
    assert warming.reason == ""


async def test_a_greeting_that_cannot_be_rendered_keeps_nobody_out(tmp_path):
    desk = Desk(tmp_path)
    desk.stage.renderer.script = RendererBehaviour(fail_times=1)
    warming = await desk.warming()

    running = asyncio.create_task(warming.run())
    await until(lambda: not warming.status.going_on)
    running.cancel()

    failed = [reason for kind, _, reason in desk.events if kind == "clip.failed"]
    assert failed == [""]
    assert warming.status == WarmStatus(2, 3)


async def test_a_stop_says_so_and_another_node_goes_on(tmp_path):
    desk = Desk(tmp_path)
    desk.stage.renderer.script = RendererBehaviour(polls=1000)
    warming = await desk.warming()
    running = asyncio.create_task(warming.run())
    await until(lambda: desk.events)

    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert desk.ends() == 1
    desk.stage.renderer.script = RendererBehaviour()
    again = asyncio.create_task((await desk.warming()).run())
    await until(lambda: desk.ends() == 2)
    again.cancel()
    assert not (await desk.plan()).todo


async def test_another_release_is_rendered_too_but_not_for_money_that_nobody_agreed_to(tmp_path):
    desk = Desk(tmp_path, PAID)
    warming = await desk.warming()
    running = asyncio.create_task(warming.run())
    await until(lambda: desk.ends() == 1)
    billed = len(desk.stage.renderer.bill)

    desk.serves.append(an_intent("new", "Exactly five words, all new."))
    with capture_logs() as logs:
        warming.restart()
        await until(lambda: logs)
    running.cancel()

    assert [line["event"] for line in logs] == ["warm.not_agreed"]
    assert len(desk.stage.renderer.bill) == billed == 3


async def test_all_runs_of_a_node_share_its_budget(tmp_path):
    desk = Desk(tmp_path, PAID)
    warming = await desk.warming(yes=True, budget=Decimal("0.50"))
    running = asyncio.create_task(warming.run())
    await until(lambda: desk.ends() == 1)

    desk.serves.append(an_intent("new", "Exactly five words, all new."))
    warming.restart()
    await until(lambda: desk.ends() == 2)
    running.cancel()

    assert len(desk.stage.renderer.bill) == 3
    assert [one.wanted.lines[0].intent for one in (await desk.plan()).todo] == ["new"]
