"""Progress of a warm run: a bar where there is a terminal, a line a clip where there is none."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from app.cli.output import duration, err, money, out
from app.rendering.plan.planner import Plan
from app.rendering.work.warm_events import (
    ClipFailed,
    ClipFinished,
    ClipMoved,
    ClipStarted,
    OnEvent,
    ProviderPaused,
    ProviderResumed,
    Summary,
    WarmEvent,
    WarmProgress,
)

SIGN_OF_LIFE_S = 60.0
"""Longest silence of the lines while clips are being rendered."""

_BAR_MIN = 10
_NAME_WIDTH = 18

_STAGES = {"waiting": (0.0, 0.0), "speaking": (0.0, 0.0), "rendering": (0.1, 0.85), "storing": (0.95, 0.0)}
"""How far a clip is at the start of a stage, and the part of the clip that the stage's own share stands for."""


@contextlib.asynccontextmanager
async def watched(plan: Plan, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> AsyncIterator[OnEvent]:
    """Show a run as it goes, and its summary: a bar on a terminal; lines wherever standard output is a file."""
    lines = WarmLines(plan)
    on_terminal = out.is_terminal and err.is_terminal
    with WarmScreen(plan) as screen:

        def show(event: WarmEvent) -> None:
            screen.show(event)
            if not on_terminal:
                lines.show(event)
            if isinstance(event, Summary):
                show_summary(event)

        if on_terminal:
            yield show
            return
        lines.begin()
        telling = asyncio.create_task(lines.keep_telling(sleep), name="signs of life")
        try:
            yield show
        finally:
            telling.cancel()
            await asyncio.wait({telling})


class _Shares:
    """Progress of the clips at work, in seconds of their videos."""

    def __init__(self, plan: Plan) -> None:
        self._lengths: dict[str, float] = {item.wanted.key: item.seconds for item in plan.todo}
        self._shares: dict[str, float] = {}
        self._done_s = 0.0

    @property
    def video_s(self) -> float:
        """Seconds of video that are done, with the parts of what is at work."""
        return self._done_s + sum(self._lengths.get(key, 0.0) * share for key, share in self._shares.items())

    def move(self, event: ClipMoved) -> None:
        """Take note of a clip's progress."""
        start, part = _STAGES[event.stage]
        self._shares[event.key] = start + part * event.done_share

    def finish(self, key: str) -> None:
        """Take note that a clip is done, or failed."""
        self._shares.pop(key, None)
        self._done_s += self._lengths.get(key, 0.0)


class WarmScreen:
    """Screen for a terminal: one bar of video seconds, the clip being rendered, money, time left.

    Without a terminal it prints failures only.
    """

    def __init__(self, plan: Plan, *, console: Console = err) -> None:
        self._console = console
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            TextColumn("{task.fields[metrics]}"),
            console=console,
            transient=True,
            expand=True,
            disable=not console.is_terminal or not plan.todo,
        )
        self._task = self._bar.add_task("rendering", total=max(plan.seconds, 0.1), metrics="")
        self._shares = _Shares(plan)
        self._tally: WarmProgress | None = None

    def __enter__(self) -> Self:
        """Start drawing."""
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop drawing."""
        self._bar.stop()

    def show(self, event: WarmEvent) -> None:
        """Show one event."""
        match event:
            case ClipStarted():
                self._draw(event.tally, name=event.intent)
            case ClipMoved():
                self._shares.move(event)
                self._draw(self._tally)
            case ClipFinished():
                self._shares.finish(event.key)
                self._draw(event.tally)
            case ClipFailed():
                self._shares.finish(event.failure.key)
                self._draw(event.tally)
                failure = event.failure
                self._console.print(f"[red]failed[/red] {failure.intent} [dim]({failure.code})[/dim]")
                self._console.print(f"  {failure.message}", markup=False)
            case ProviderPaused() | ProviderResumed():
                self._console.print(_pause(event), markup=False)
            case Summary():
                self._bar.stop()

    def refresh(self) -> None:
        """Draw at once what is otherwise drawn some times a second."""
        self._bar.refresh()

    @property
    def video_s(self) -> float:
        """Seconds of video that are done, with the parts of what is at work."""
        return self._shares.video_s

    def _draw(self, tally: WarmProgress | None, *, name: str | None = None) -> None:
        done_s = self._shares.video_s
        self._bar.update(self._task, completed=done_s)
        if name:
            self._bar.update(self._task, description=f"[bold]{_shortened(name):<{_NAME_WIDTH}}[/bold]")
        if tally:
            self._tally = tally
            room = self._console.width - _NAME_WIDTH - _BAR_MIN - 2  # a space between columns
            self._bar.update(self._task, metrics=_metrics(tally, done_s, room=room))


class WarmLines:
    """Lines for a log: what is to be done, one for each clip that ends, and one a minute while none does."""

    def __init__(self, plan: Plan, *, console: Console = out, now: Callable[[], float] = time.monotonic) -> None:
        self._plan = plan
        self._console = console
        self._now = now
        self._began_at = self._said_at = now()
        self._at_work: dict[str, tuple[str, str]] = {}
        self._tally: WarmProgress | None = None

    def begin(self) -> None:
        """Say what is to be done, at once."""
        plan = self._plan
        if plan.todo:
            length, cost = duration(plan.seconds), money(plan.price, "USD")
            self._say(f"rendering {_clips(len(plan.todo))}: {length} of video, {cost}, about {duration(plan.wall_s)}")

    def show(self, event: WarmEvent) -> None:
        """Show one event, if it is the end of a clip."""
        match event:
            case ClipStarted():
                self._tally = event.tally
                self._at_work[event.key] = (_named(event.intent, event.locale), "begun")
            case ClipMoved():
                name, _ = self._at_work.get(event.key, ("a clip", ""))
                self._at_work[event.key] = (name, _stage(event))
            case ClipFinished():
                self._end(event.key, event.tally, f"{_named(event.intent, event.locale)}  {event.duration_s:.1f} s")
            case ClipFailed():
                failure = event.failure
                self._end(failure.key, event.tally, f"{_named(failure.intent, failure.locale)} failed ({failure.code})")
            case ProviderPaused() | ProviderResumed():
                self._say(f"  {_pause(event)}")

    async def keep_telling(self, sleep: Callable[[float], Awaitable[None]]) -> None:
        """Give a sign of life whenever nothing was said for a minute."""
        while True:
            await sleep(max(0.0, self._said_at + SIGN_OF_LIFE_S - self._now()))
            if self._now() >= self._said_at + SIGN_OF_LIFE_S:
                self._tell_that_it_goes_on()

    def _tell_that_it_goes_on(self) -> None:
        tally = self._tally
        done = f"{tally.clips_done} of {tally.clips_total} done" if tally else "no clip begun yet"
        clips = ", ".join(f"{name} {stage}" for name, stage in self._at_work.values())
        self._say(f"  at work for {duration(self._now() - self._began_at)}: {done}" + (f"; {clips}" if clips else ""))

    def _end(self, key: str, tally: WarmProgress, what: str) -> None:
        self._tally = tally
        self._at_work.pop(key, None)
        ended, total = tally.clips_done + tally.clips_failed, tally.clips_total
        count = f"{ended:>{len(str(total))}} of {total}"
        rest = [money(tally.spent, "USD")] if self._plan.price else []
        rest += [f"{tally.clips_failed} failed"] if tally.clips_failed else []
        rest += [f"{duration(tally.eta_s)} left"] if tally.eta_s is not None and ended < total else []
        self._say(", ".join([f"  {count}  {what}", *rest]))

    def _say(self, line: str) -> None:
        self._said_at = self._now()
        self._console.print(line, markup=False)


def show_summary(summary: Summary) -> None:
    """Print how a run ended, and what to do next."""
    if not summary.clips_done and summary.complete:
        out.print(f"[green]ok[/green]  Nothing to render: {summary.clips_unchanged} clips are in the store.")
        return
    colour = "green" if summary.complete else "yellow"
    out.print(
        f"[{colour}]{summary.ended}[/{colour}]  {summary.clips_done} clips rendered, {duration(summary.video_s)} of "
        f"video in {duration(summary.elapsed_s)}, {money(summary.spent, 'USD')}; "
        f"{summary.clips_unchanged} were there already."
    )
    if summary.ended == "budget" and summary.why:
        out.print(f"  {summary.why}", markup=False)
    if summary.clips_rejected:
        refused = f"{summary.clips_rejected} clips ({money(summary.rejected_cost, 'USD')})"
        out.print(f"  The quality gate refused {refused}; `greenroom renders` shows them.")
    if summary.clips_left or summary.clips_failed:
        first = "correct what failed, then " if summary.clips_failed else ""
        counts = f"{summary.clips_failed} failed, {summary.clips_left} left"
        out.print(f"  {counts}; {first}run `greenroom warm` again to go on.")


def _metrics(tally: WarmProgress, done_s: float, *, room: int) -> str:
    """Return the figures beside the bar; where there is no room for all, the least needed are left out."""
    parts = [f"{tally.clips_done}/{tally.clips_total} clips", money(tally.spent, "USD")]
    parts += [f"{duration(tally.eta_s)} left"] if tally.eta_s is not None else []
    optional = [f"{done_s:.0f}/{tally.video_total_s:.0f} s of video"]
    optional += [f"{tally.rate:.1f} x real time"] if tally.rate is not None else []
    for one in optional:
        if len(" · ".join([*parts, one])) <= room:
            parts.insert(1, one)
    return " · ".join(parts)


def _shortened(name: str) -> str:
    return name if len(name) <= _NAME_WIDTH else name[: _NAME_WIDTH - 1] + "…"


def _clips(count: int) -> str:
    return "1 clip" if count == 1 else f"{count} clips"


def _named(intent: str | None, locale: str | None) -> str:
    return f"{intent or 'a clip'} [{locale}]" if locale else intent or "a clip"


def _pause(event: ProviderPaused | ProviderResumed) -> str:
    if isinstance(event, ProviderResumed):
        return f"{event.provider}: the pause is over; one order is tried, and the others follow if it is taken."
    return (
        f"{event.provider} is paused until {event.until:%H:%M:%S} UTC after {event.reason}: nothing is ordered there "
        "until then. What it has goes on."
    )


def _stage(event: ClipMoved) -> str:
    stage = f"{event.stage} {event.done_share:.0%}" if event.done_share else event.stage
    waited = f" for {duration(event.waited_s)} of at most {duration(event.limit_s)}" if event.waited_s >= 60 else ""
    return f"{stage}{waited}"
