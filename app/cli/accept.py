"""Command `greenroom renders accept`: a refused clip whose words a person has heard and found right."""

import asyncio
from typing import Annotated

import typer

from app.adapters.sql.ledger import SqlLedger
from app.cli.options import CacheOption, CatalogOption, JsonOption, settings_for
from app.cli.output import out, print_json
from app.rendering.ledger.operator import RenderAdmin
from app.rendering.ledger.states import Render, RenderState
from app.runtime.serving.config_audit import who
from app.runtime.settings.site import Settings
from app.runtime.wiring.site import open_site


def accept(
    render_id: Annotated[str, typer.Argument(metavar="ID", help="The render's id, or its first six or more letters.")],
    catalog: CatalogOption = None,
    cache: CacheOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that the words of what was refused are right: play it first, just this is not heard again.

    A video that was kept aside is judged by the other rules and stored; nothing is ordered. Where only the speech was
    refused, nothing is ordered now: `greenroom warm` orders the film of this speech.

    \b
    Example:
      greenroom renders accept 4f1c9a
    """
    render = asyncio.run(_accept(settings_for(catalog, cache, folder=True), render_id))
    if as_json:
        print_json(render)
        return
    out.print(f"{render.id}  {render.state.value}: {_outcome(render)}", markup=False)


def _outcome(render: Render) -> str:
    """Say what became of it, and what will."""
    if render.state is RenderState.READY:
        return "stored; nothing was ordered"
    if render.state is RenderState.WANTED:
        return "this speech is kept; the next `greenroom warm` orders its film"
    return render.error or "not stored yet; a later `greenroom renders reconcile` stores it"


async def _accept(settings: Settings, render_id: str) -> Render:
    async with open_site(settings) as site:
        ledger = SqlLedger(site.database, actor=who())
        return await site.reconciler.accept(await RenderAdmin(ledger, site.studio.clock).find(render_id), ledger)
