"""Command `greenroom store gc`: delete clips that nothing refers to, and clips without consent."""

import asyncio
from datetime import timedelta
from typing import Annotated, Any

import typer

from app.cli.options import CacheOption, CatalogOption, JsonOption, settings_for
from app.cli.output import show_document
from app.runtime.commands.plan import pinned_keys
from app.runtime.settings.site import Settings
from app.runtime.wiring.clock import SystemClock
from app.runtime.wiring.store_and_encoder import open_store
from app.runtime.wiring.withdrawals import faces_not_shown
from app.store import maintenance
from app.store.gc import purge


def gc(
    grace_days: Annotated[float, typer.Option(min=0, help="Keep everything younger than this.")] = 7.0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be deleted; delete nothing.")] = False,
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Delete clips that nothing refers to any more after the grace time, and clips without consent at once.

    \b
    Examples:
      greenroom store gc --dry-run
      greenroom store gc --grace-days 30
    """
    report = asyncio.run(_gc(settings_for(catalog, cache), timedelta(days=grace_days), dry_run=dry_run))
    show_document(report, as_json=as_json)


async def _gc(settings: Settings, grace: timedelta, *, dry_run: bool) -> dict[str, Any]:
    store = open_store(settings)
    pinned, withdrawn = await pinned_keys(settings), await faces_not_shown(settings)
    gone = await purge(store.blobs, store.recipes, withdrawn=withdrawn, dry_run=dry_run)
    report = await maintenance.gc(
        store.blobs, store.recipes, pinned=pinned, now=SystemClock().now(), grace=grace, dry_run=dry_run
    )
    withdrawn_too = {f"withdrawn_{name}": value for name, value in gone.document().items() if name != "dry_run"}
    return report.document() | withdrawn_too
