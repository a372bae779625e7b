"""Progress of a warm run, on a terminal and in a log."""

import asyncio
import io
import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from rich.console import Console

from app.cli.progress import SIGN_OF_LIFE_S, WarmLines, WarmScreen
from app.rendering.fakes import FakeRenderer
from app.rendering.plan.planner import Plan
from app.rendering.work.warm import warm
from app.rendering.work.warm_events import (
    ClipFailed,
    ClipFinished,
    ClipMoved,
    ClipStarted,
    Failure,
    ProviderPaused,
    ProviderResumed,
    WarmProgress,
)
from tests.rendering.plan.test_planner import a_plan
from tests.rendering.work.test_warm import PRICED
from tests.support.render_world import RenderWorld, an_intent

INTENTS = [an_intent(f"opening-hours-of-the-museum-{n}", f"Exactly five words, number {n}.") for n in range(3)]


def a_tally(*, done: int = 0, failed: int = 0, eta_s: float | None = None) -> WarmProgress:
    return WarmProgress(
        clips_done=done,
        clips_failed=failed,
        clips_total=61,
        video_s=1234.0 * done / 61,
        video_total_s=1234.0,
        spent=Decimal("19.56"),
        elapsed_s=600.0,
        rate=0.42,
        eta_s=eta_s,
    )


async def a_priced_plan(tmp_path) -> tuple[RenderWorld, Plan]:
    world = RenderWorld(tmp_path, renderer=FakeRenderer(PRICED))
    return world, await a_plan(world, *INTENTS)


def lines_of(text: io.StringIO) -> list[str]:
    return text.getvalue().splitlines()


async def test_a_log_has_one_line_at_once_and_one_a_clip(tmp_path):
    world, plan = await a_priced_plan(tmp_path)
    text = io.StringIO()
    lines = WarmLines(plan, console=Console(file=text, width=400))

    lines.begin()
    assert len(lines_of(text)) == 1
    await warm(plan, world.studio(), avatar=world.avatar, on_event=lines.show)

    head, *clips = lines_of(text)
    assert re.fullmatch(r"rendering 3 clips: [\d.]+ s of video, 0\.\d\d USD, about [\d.]+ s", head)
    assert [line.split(",")[0] for line in clips] == [
        f"  {n + 1} of 3  opening-hours-of-the-museum-{n} [en]  1.5 s" for n in range(3)
    ]
    assert clips[0].split(", ")[1] == "0.15 USD"
    assert clips[0].endswith(" left")
    assert "left" not in clips[-1]


async def test_a_failed_clip_has_its_line_too(tmp_path):
    _, plan = await a_priced_plan(tmp_path)
    text = io.StringIO()
    lines = WarmLines(plan, console=Console(file=text, width=400))
    key = plan.todo[0].wanted.key
    failure = Failure(key=key, intent="hours", locale="en", code="clip_rejected", message="Black.", retryable=False)

    lines.show(ClipFailed(failure=failure, tally=a_tally(failed=1)))

    assert lines_of(text) == ["   1 of 61  hours [en] failed (clip_rejected), 19.56 USD, 1 failed"]


async def test_a_minute_of_silence_is_ended_by_a_sign_of_life(tmp_path):
    _, plan = await a_priced_plan(tmp_path)
    text, clock, slept = io.StringIO(), [0.0], []
    lines = WarmLines(plan, console=Console(file=text, width=400), now=lambda: clock[0])
    keys = [item.wanted.key for item in plan.todo]

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 4:
            await asyncio.Event().wait()
        if len(slept) == 2:  # a clip ends after half a minute
            clock[0] += seconds / 2
            lines.show(ClipFinished(key=keys[1], intent="tickets", locale="en", duration_s=2.0, tally=a_tally(done=1)))
            clock[0] += seconds / 2
        else:
            clock[0] += seconds

    lines.begin()
    for key, name in zip(keys, ("hours", "tickets"), strict=False):
        lines.show(ClipStarted(key=key, intent=name, locale="en", text=None, tally=a_tally()))
    lines.show(ClipMoved(key=keys[0], stage="rendering", done_share=0.4))
    task = asyncio.create_task(lines.keep_telling(sleep))
    while len(slept) < 4:  # noqa: ASYNC110 -- another task's work
        await asyncio.sleep(0)
    task.cancel()

    assert slept == [SIGN_OF_LIFE_S, SIGN_OF_LIFE_S, SIGN_OF_LIFE_S / 2, SIGN_OF_LIFE_S]
    assert lines_of(text)[1:] == [
        "  at work for 1 min 00 s: 0 of 61 done; hours [en] rendering 40%, tickets [en] begun",
        "   1 of 61  tickets [en]  2.0 s, 19.56 USD",
        "  at work for 2 min 30 s: 1 of 61 done; hours [en] rendering 40%",
    ]


@pytest.mark.parametrize("width", [80, 100, 140])
async def test_nothing_on_the_screen_is_cut(tmp_path, width):
    _, plan = await a_priced_plan(tmp_path)
    text = io.StringIO()
    console = Console(file=text, width=width, force_terminal=True, color_system=None, legacy_windows=False)
    key = plan.todo[0].wanted.key

    with WarmScreen(plan, console=console) as screen:
        screen.show(ClipStarted(key=key, intent="opening-hours-of-the-museum", locale="en", text=None, tally=a_tally()))
        screen.show(ClipFinished(key=key, intent=None, locale=None, duration_s=2.0, tally=a_tally(done=7, eta_s=730.0)))
        text.truncate(0)
        screen.refresh()

    drawn = next(line for line in re.split(r"[\r\n]|\x1b\[[\d;?]*[A-Za-z]", text.getvalue()) if "clips" in line)
    assert "7/61 clips" in drawn
    assert "19.56 USD" in drawn
    assert drawn.rstrip().endswith("12 min 10 s left")
    assert len(drawn.rstrip()) <= width
    assert ("x real time" in drawn) == (width == 140)


async def test_the_bar_moves_with_the_states_of_a_clip(tmp_path):
    _, plan = await a_priced_plan(tmp_path)
    console = Console(file=io.StringIO(), force_terminal=True)
    key, length_s = plan.todo[0].wanted.key, plan.todo[0].seconds
    done = []

    with WarmScreen(plan, console=console) as screen:
        screen.show(ClipStarted(key=key, intent="hours", locale="en", text=None, tally=a_tally()))
        for stage, share in (("speaking", 0.0), ("rendering", 0.0), ("rendering", 0.5), ("storing", 0.0)):
            screen.show(ClipMoved(key=key, stage=stage, done_share=share))
            done.append(screen.video_s)
        screen.show(ClipFinished(key=key, intent="hours", locale="en", duration_s=2.0, tally=a_tally(done=1)))
        done.append(screen.video_s)

    assert done == sorted(done)
    assert len(set(done)) == len(done)
    assert done[-1] == length_s


async def test_a_pause_of_a_provider_is_told_with_its_end(tmp_path):
    _, plan = await a_priced_plan(tmp_path)
    text = io.StringIO()
    lines = WarmLines(plan, console=Console(file=text, width=400))

    until = datetime(2026, 11, 29, 14, 3, 20, tzinfo=UTC)
    lines.show(ProviderPaused(provider="heygen", until=until, reason="3 failures in a row"))
    lines.show(ProviderResumed(provider="heygen"))

    paused, resumed = lines_of(text)
    assert "heygen is paused until 14:03:20 UTC after 3 failures in a row" in paused
    assert "the pause is over" in resumed
