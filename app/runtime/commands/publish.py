"""Publication of a catalog: checked, counted, packed, and made current in one transaction."""

import asyncio
from dataclasses import dataclass

from app.adapters.catalog_files.archive import pack
from app.adapters.catalog_files.starters import kept_files
from app.catalog.model import Catalog
from app.catalog.releases import CurrentRelease, ReleaseDraft, Releases
from app.digest import Digest
from app.rendering.plan.planner import Plan
from app.runtime.commands.plan import catalog_keys, plan_catalog
from app.runtime.serving.config_audit import who
from app.runtime.settings.site import Settings
from app.runtime.wiring.clock import SystemClock
from app.runtime.wiring.current_catalog import release_catalog
from app.runtime.wiring.site import open_site
from app.runtime.wiring.store_and_encoder import open_catalog


@dataclass(frozen=True, slots=True)
class Proposal:
    """Proposal of a release: the catalog, its draft, and the plan of the clips that are not rendered yet."""

    catalog: Catalog
    draft: ReleaseDraft
    plan: Plan


async def propose(settings: Settings, *, note: str = "") -> Proposal:
    """Read the catalog's folder, and compare it with the store.

    Raises:
        CatalogError: it has errors, or its files are too large.
    """
    folder = settings.model_copy(update={"serve": "folder"})
    async with open_site(folder, leaves_no_trace=True) as site:
        catalog, plan = site.catalog, await plan_catalog(site)
    draft = ReleaseDraft(
        catalog=Digest(catalog.digest),
        name=catalog.name,
        intents=len(catalog.intents),
        keys=await catalog_keys(settings, catalog),
        pack=await asyncio.to_thread(_packed, settings, catalog),
        note=note,
    )
    return Proposal(catalog, draft, plan)


def _packed(settings: Settings, catalog: Catalog) -> bytes:
    """Return the folder with the starter packs that it uses, as they are today."""
    packs = frozenset(intent.starter for intent in catalog.intents if intent.starter)
    return pack(settings.catalog, kept_files(settings.catalog, packs))


async def publish(releases: Releases, draft: ReleaseDraft) -> CurrentRelease:
    """Publish a draft and make it current; if its catalog is current already, keep that release.

    Raises:
        ReleaseConflictError: somebody else published in between.
    """
    before = await releases.current()
    if before is not None and before.release.catalog == draft.catalog:
        return before
    return await releases.publish(draft, by=who(), at=SystemClock().now(), after=before.step if before else 0)


async def use(releases: Releases, number: int) -> CurrentRelease:
    """Make a release current again; if it is current already, change nothing.

    Raises:
        ReleaseNotFoundError: there is no such release.
        ReleaseConflictError: somebody else published in between.
    """
    before = await releases.current()
    if before is not None and before.release.number == number:
        return before
    return await releases.use(number, by=who(), at=SystemClock().now(), after=before.step if before else 0)


@dataclass(frozen=True, slots=True)
class Difference:
    """Difference of two catalogs: ids of intents, in order; `avatar`: another face or voice speaks."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    avatar: bool


async def difference(settings: Settings, releases: Releases, number: int, other: int | None) -> Difference:
    """Compare a release with another one, or with the catalog's folder.

    Raises:
        ReleaseNotFoundError: there is no such release.
        CatalogError: one of them cannot be read.
    """
    before = await _catalog(settings, releases, number)
    after = open_catalog(settings) if other is None else await _catalog(settings, releases, other)
    return compared(before, after)


def compared(before: Catalog, after: Catalog) -> Difference:
    """Compare two catalogs intent by intent."""
    old, new = ({intent.id: intent for intent in catalog.intents} for catalog in (before, after))
    return Difference(
        added=tuple(name for name in new if name not in old),
        removed=tuple(name for name in old if name not in new),
        changed=tuple(name for name in new if name in old and new[name] != old[name]),
        avatar=_face(before) != _face(after),
    )


def _face(catalog: Catalog) -> object:
    return catalog.avatar.model_dump(exclude={"portrait_path"})


async def _catalog(settings: Settings, releases: Releases, number: int) -> Catalog:
    return await release_catalog(settings, releases, await releases.get(number))
