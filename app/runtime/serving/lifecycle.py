"""First and last log line of a process: what it is and what is switched on, then why it ended and after how long."""

import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import structlog
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from app.errors import GreenroomError
from app.runtime.settings.site import Settings
from app.runtime.wiring.site import Site

log = structlog.get_logger()


@dataclass(slots=True)
class Ending:
    """End of the process: its reason, where that is known, such as the name of a signal."""

    reason: str = ""


@contextmanager
def told(site: Site, command: str, **facts: object) -> Iterator[Ending]:
    """Log `started` and `stopped` around a block; `facts` are the command's own, such as its address."""
    began, ending, reason = time.monotonic(), Ending(), "finished"
    log.info(
        "started",
        command=command,
        version=version("greenroom"),
        catalog=site.catalog.name,
        release=site.current.name,
        **facts,
        **switches(site.settings),
        budget_day_usd=str(min((cap.limit for cap in site.studio.standing_caps(site.studio.clock())), default=0)),
    )
    try:
        yield ending
    except (asyncio.CancelledError, KeyboardInterrupt):
        reason = "signal"
        raise
    except Exception as error:  # any end has its line in the log, and goes on as it was
        reason = error.code if isinstance(error, GreenroomError) else type(error).__name__
        raise
    finally:
        uptime_s = round(time.monotonic() - began, 1)
        log.info("stopped", command=command, reason=ending.reason or reason, uptime_s=uptime_s)


def switches(settings: Settings) -> dict[str, Any]:
    """Return what is switched on: kinds, names and limits, but no address, which may hold a password, and no key."""
    return {
        "environment": settings.environment,
        "site": settings.site,
        "serve": settings.serve,
        "database": _kind(settings.database_url),
        "store": settings.cache.partition("://")[0] if settings.in_bucket else "folder",
        "redis": bool(settings.redis_url.get_secret_value()),
        "film_on": settings.film_on,
        "budget_session_usd": str(settings.budget_session_usd),
        "quality_gate": settings.quality_gate,
        "moderation": settings.moderation,
        "keys": len(settings.keys),
        "allowed_origins": list(settings.origins),
        "traces": bool(os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT")),
    }


def _kind(address: str) -> str:
    try:
        return make_url(address).get_backend_name()
    except ArgumentError:
        return "unknown"
