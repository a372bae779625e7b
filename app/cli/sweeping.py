"""`greenroom store gc`."""

import asyncio
from datetime import timedelta
from typing import Annotated

import typer

from app.cli.options import CacheOption, CatalogOption, JsonOption, settings_for
from app.cli.present import show_document
from app.runtime.clock import SystemClock
from app.runtime.opening import open_store
from app.runtime.planning import pinned_keys
from app.runtime.settings import Settings
from app.store import care


def gc(
    grace_days: Annotated[float, typer.Option(min=0, help="Younger things stay.")] = 7.0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go, delete nothing.")] = False,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Delete what the catalog does not refer to and nothing younger than the grace time uses.

    \b
    Examples:
      greenroom store gc --dry-run
      greenroom store gc --grace-days 30
    """
    report = asyncio.run(_gc(settings_for(catalog, cache), timedelta(days=grace_days), dry_run=dry_run))
    show_document(report.document(), as_json=as_json)


async def _gc(settings: Settings, grace: timedelta, *, dry_run: bool) -> care.GcReport:
    store = open_store(settings)
    pinned = await pinned_keys(settings)
    return await care.gc(
        store.blobs, store.recipes, pinned=pinned, now=SystemClock().now(), grace=grace, dry_run=dry_run
    )
