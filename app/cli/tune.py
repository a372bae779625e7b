"""Command `greenroom tune`: fine-tune the encoder on the catalog."""

import signal
import time
from types import TracebackType
from typing import Annotated, NoReturn, Self

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from app.cli.options import CacheOption, CatalogOption, JsonOption, settings_for
from app.cli.output import Status, duration, err, out, print_json
from app.runtime.commands.tune import tune as tune_encoder
from app.runtime.wiring.store_and_encoder import open_catalog
from app.runtime.wiring.tuned_encoders import TunedEncoderFolder


class _TerminatedError(KeyboardInterrupt):
    """Request by SIGTERM to end."""


def _terminate(*_: object) -> NoReturn:
    raise _TerminatedError


def tune(
    threads: Annotated[int, typer.Option(min=0, max=256, help="Processor threads to use; 0: all.")] = 0,
    again: Annotated[bool, typer.Option("--again", help="Delete earlier tunings and start again.")] = False,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fine-tune the encoder on this catalog; use it only if it is better.

    Takes minutes. Six encoders are tuned: five without a held-out part of the phrases, to judge the tuning
    and fit the thresholds, and one for use. You may interrupt it at any time; the next run goes on from
    there. From then on serve, ask, eval and check use the tuned encoder, as long as the phrases stay nearly
    the same.

    \b
    Examples:
      greenroom tune
      greenroom tune --json | tail -1
    """
    settings = settings_for(catalog, cache)
    opened = open_catalog(settings)
    before = signal.signal(signal.SIGTERM, _terminate)
    try:
        with _Screen(as_json=as_json) as screen:
            folder = tune_encoder(settings, opened, watch=screen.watch, threads=threads, again=again)
    except KeyboardInterrupt as stop:
        err.print("Interrupted; run `greenroom tune` again to go on.")
        raise typer.Exit(Status.TERMINATED if isinstance(stop, _TerminatedError) else Status.CANCELLED) from None
    finally:
        signal.signal(signal.SIGTERM, before)
    if as_json:
        facts = {"encoder": folder.tuned.encoder or None, "base": folder.tuned.base, "seconds": folder.tuned.seconds}
        print_json({"event": "summary", **facts, **folder.tuned.verdict.model_dump()})
    else:
        _show(folder)


class _Screen:
    """Screen of a tuning: a bar for people, a line each second for programs."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        columns = (TextColumn("{task.description}"), BarColumn(bar_width=32), TextColumn("{task.percentage:.0f} %"))
        self._bar = Progress(
            *columns, TimeRemainingColumn(), console=err, transient=True, disable=as_json or not err.is_terminal
        )
        self._task = self._bar.add_task("loading the encoder", total=None)
        self._printed_at, self._printed = float("-inf"), ""

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def watch(self, doing: str, done: int, total: int) -> None:
        """Show one more step."""
        self._bar.update(self._task, description=f"tuning: {doing}", completed=done, total=total)
        now = time.monotonic()
        if self._as_json and (doing != self._printed or now - self._printed_at >= 1.0):
            self._printed_at, self._printed = now, doing
            print_json({"event": "progress", "doing": doing, "steps_done": done, "steps_total": total})


def _show(folder: TunedEncoderFolder) -> None:
    verdict, tuned = folder.tuned.verdict, folder.tuned
    span = f"{verdict.gain_low:+.1%} to {verdict.gain_high:+.1%}"
    out.print(f"Of {verdict.phrases} held-out phrases, at no more than {verdict.promise:.1%} wrong clips:")
    out.print(f"  right clip, of all questions  {verdict.plain:.1%} as it came, {verdict.tuned:.1%} tuned ({span})")
    if verdict.kept:
        out.print(f"[green]kept[/green]  {tuned.encoder}, tuned in {duration(tuned.seconds)}; used from now on.")
    else:
        out.print("[yellow]not kept[/yellow]  The gain could be chance; matching stays as it was.")
        out.print("More phrases help most: write what `greenroom misses` lists.", style="dim")
