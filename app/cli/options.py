"""Shared options of all commands, the settings they lead to, and the event loop that runs a command."""

import asyncio
import signal
import sys
import threading
from collections.abc import Callable, Coroutine
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from app.cli.output import Status
from app.runtime.settings.site import Settings, load_settings
from app.runtime.wiring.logging import set_up_logging

CatalogOption = Annotated[
    Path | None,
    typer.Option(
        "--catalog", metavar="DIR", help="The catalog's folder [GREENROOM_CATALOG, intents].", show_default=False
    ),
]
CacheOption = Annotated[
    str | None,
    typer.Option("--cache", metavar="DIR", help="The clip store, a folder or s3://… [GREENROOM_CACHE, cache]."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def usd(text: str) -> Decimal:
    """Read an amount in US dollars.

    Raises:
        BadParameter: it is none, or less than nothing.
    """
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or amount < 0:
        raise typer.BadParameter(f"expected an amount in US dollars such as 2.50, got {text!r}.")
    return amount


YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before money is spent.")]
BudgetOption = Annotated[
    Decimal | None, typer.Option(parser=usd, metavar="USD", help="Stop before this run costs more.")
]


def settings_for(catalog: Path | None, cache: str | None, *, folder: bool = False) -> Settings:
    """Load the settings; the command line's folders win. Log lines go to standard error from here on.

    `folder`: a catalog named on the command line is used even on a site that serves releases.
    """
    settings = load_settings(catalog=catalog, cache=cache, serve="folder" if folder and catalog else None)
    set_up_logging(format_=settings.log_format, level="warning")
    return settings


T = TypeVar("T")

if sys.platform == "win32":
    new_loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
else:
    from uvloop import new_event_loop as new_loop  # the server answers 1.5 times as many requests with it


def run(job: Coroutine[Any, Any, T], *, terminated: Status = Status.TERMINATED) -> T:
    """Run a job to its end. SIGTERM is handled like Ctrl-C: resources are released, the status is `terminated`.

    A service ends by SIGTERM, and passes `OK`: to its supervisor that is no failure.

    Raises:
        KeyboardInterrupt: Ctrl-C; Exit: SIGTERM.
    """
    asked = threading.Event()
    try:
        with asyncio.Runner(loop_factory=new_loop) as runner:
            return runner.run(_until_terminated(job, asked))
    except asyncio.CancelledError:
        if asked.is_set():
            raise typer.Exit(terminated) from None
        raise KeyboardInterrupt from None


async def _until_terminated(job: Coroutine[Any, Any, T], asked: threading.Event) -> T:
    """Cancel the job on SIGTERM: a shell's background job ignores Ctrl-C's signal, and must still end.

    This is not the loop's handler: that one would be called beside a server's, which ends in its own way.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def terminate(*_: object) -> None:
        asked.set()
        if task:
            loop.call_soon_threadsafe(task.cancel)

    before = signal.signal(signal.SIGTERM, terminate)
    try:
        return await job
    finally:
        signal.signal(signal.SIGTERM, before)
