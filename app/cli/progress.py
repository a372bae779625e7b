"""Screen of a warm run: one bar of video seconds, the clip being rendered, rate, time left."""

from types import TracebackType
from typing import Self

from rich.progress import BarColumn, Progress, TextColumn

from app.cli.output import duration, err, money, out
from app.rendering.plan.planner import Plan
from app.rendering.work.warm import ClipFailed, ClipFinished, ClipMoved, ClipStarted, Summary, WarmEvent, WarmProgress


class WarmScreen:
    """Screen that shows events as they come; without a terminal it prints only failures and the summary."""

    def __init__(self, plan: Plan) -> None:
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=32),
            TextColumn("{task.fields[metrics]}"),
            console=err,
            transient=True,
            disable=not err.is_terminal or not plan.todo,
        )
        self._task = self._bar.add_task("rendering", total=max(plan.seconds, 0.1), metrics="")
        self._lengths: dict[str, float] = {item.wanted.key: item.seconds for item in plan.todo}
        self._shares: dict[str, float] = {}
        self._done_s = 0.0

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
                self._shares[event.key] = 0.0
                self._draw(event.tally, name=event.intent)
            case ClipMoved():
                self._shares[event.key] = event.done_share if event.stage == "rendering" else self._share(event)
                self._draw(None)
            case ClipFinished():
                self._finish(event.key)
                self._draw(event.tally)
            case ClipFailed():
                self._finish(event.failure.key)
                failure = event.failure
                self._bar.console.print(f"[red]failed[/red] {failure.intent} [dim]({failure.code})[/dim]")
                self._bar.console.print(f"  {failure.message}", markup=False)
            case Summary():
                self._bar.stop()
                _show_summary(event)

    def _share(self, event: ClipMoved) -> float:
        return 1.0 if event.stage == "storing" else self._shares.get(event.key, 0.0)

    def _finish(self, key: str) -> None:
        self._shares.pop(key, None)
        self._done_s += self._lengths.get(key, 0.0)

    def _draw(self, tally: WarmProgress | None, *, name: str | None = None) -> None:
        running = sum(self._lengths.get(key, 0.0) * share for key, share in self._shares.items())
        self._bar.update(self._task, completed=self._done_s + running)
        if name:
            self._bar.update(self._task, description=f"rendering [bold]{name:<22.22}[/bold]")
        if tally:
            self._bar.update(self._task, metrics=_metrics(tally))


def _metrics(tally: WarmProgress) -> str:
    parts = [
        f"{tally.clips_done}/{tally.clips_total} clips",
        f"{tally.video_s:.0f}/{tally.video_total_s:.0f} s of video",
        money(tally.spent, "USD"),
    ]
    if tally.rate is not None:
        parts.append(f"{tally.rate:.1f} x real time")
    if tally.eta_s is not None:
        parts.append(f"{duration(tally.eta_s)} left")
    return " · ".join(parts)


def _show_summary(summary: Summary) -> None:
    if not summary.clips_done and summary.complete:
        out.print(f"[green]ok[/green]  Nothing to render: {summary.clips_unchanged} clips are in the store.")
        return
    colour = "green" if summary.complete else "yellow"
    out.print(
        f"[{colour}]{summary.ended}[/{colour}]  {summary.clips_done} clips rendered, {duration(summary.video_s)} of "
        f"video in {duration(summary.elapsed_s)}, {money(summary.spent, 'USD')}; "
        f"{summary.clips_unchanged} were there already."
    )
    if summary.clips_rejected:
        refused = f"{summary.clips_rejected} clips ({money(summary.rejected_cost, 'USD')})"
        out.print(f"  The quality gate refused {refused}; `greenroom renders` shows them.")
    if summary.clips_left or summary.clips_failed:
        first = "correct what failed, then " if summary.clips_failed else ""
        counts = f"{summary.clips_failed} failed, {summary.clips_left} left"
        out.print(f"  {counts}; {first}run `greenroom warm` again to go on.")
