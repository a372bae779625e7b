"""Command `greenroom worker`: render clips for other nodes."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import CacheOption, CatalogOption, run, settings_for
from app.cli.output import Status, out
from app.runtime.wiring.logging import set_up_logging
from app.worker import work

AtOnceOption = Annotated[
    int | None,
    typer.Option("--at-once", metavar="N", min=1, help="Renders at the same time; the default is what fits."),
]

HeartbeatOption = Annotated[
    Path | None,
    typer.Option("--heartbeat", metavar="FILE", help="Touch this file every 10 s, for a liveness probe."),
]


def worker(
    at_once: AtOnceOption = None,
    heartbeat: HeartbeatOption = None,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
) -> None:
    """Render clips for other nodes. It also finishes interrupted renders.

    Nodes need GREENROOM_FILM_ON=workers; all of them and the worker need the same GREENROOM_REDIS_URL.

    \b
    Examples:
      greenroom worker
      greenroom worker --at-once 4
      greenroom worker --heartbeat /tmp/worker-alive
    """
    settings = settings_for(catalog, cache)
    set_up_logging(format_=settings.log_format, level=settings.log_level)
    job = work(settings, at_once=at_once, heartbeat=heartbeat, ready=lambda: out.print("ready  waiting for renders"))
    run(job, terminated=Status.OK)
