"""Publishing a catalog: checked, counted, packed, and made current in one transaction."""

import asyncio
from dataclasses import dataclass

from app.adapters.files.packing import pack
from app.catalog.model import Catalog
from app.catalog.releases import Draft, Releases, Standing
from app.digest import Digest
from app.rendering.planner import Plan
from app.runtime.actor import who
from app.runtime.clock import SystemClock
from app.runtime.opening import open_catalog, open_store
from app.runtime.planning import catalog_keys, plan_catalog
from app.runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class Proposal:
    """A catalog as it would be published, and what of it is not filmed yet."""

    catalog: Catalog
    draft: Draft
    plan: Plan


async def propose(settings: Settings, *, note: str = "") -> Proposal:
    """Read the catalog's folder, and compare it with the store.

    Raises:
        CatalogError: it has errors, or its files are too large.
    """
    catalog = open_catalog(settings)
    plan = await plan_catalog(settings, catalog, open_store(settings))
    draft = Draft(
        catalog=Digest(catalog.digest),
        name=catalog.name,
        intents=len(catalog.intents),
        keys=await catalog_keys(settings, catalog),
        pack=await asyncio.to_thread(pack, settings.catalog),
        note=note,
    )
    return Proposal(catalog, draft, plan)


async def publish(releases: Releases, draft: Draft) -> Standing:
    """Make it current; what is current already stays so, under its number.

    Raises:
        ReleaseConflictError: somebody else published meanwhile.
    """
    before = await releases.current()
    if before is not None and before.release.catalog == draft.catalog:
        return before
    return await releases.publish(draft, by=who(), at=SystemClock().now(), after=before.step if before else 0)


async def use(releases: Releases, number: int) -> Standing:
    """Make a release current again; one that is so already stays.

    Raises:
        ReleaseNotFoundError: there is no such release.
        ReleaseConflictError: somebody else published meanwhile.
    """
    before = await releases.current()
    if before is not None and before.release.number == number:
        return before
    return await releases.use(number, by=who(), at=SystemClock().now(), after=before.step if before else 0)
