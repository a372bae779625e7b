"""Publication of a catalog: compared with what came meanwhile, checked, counted, packed, made current in one step."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.adapters.catalog_files.archive import pack
from app.adapters.catalog_files.starters import kept_files
from app.author_errors import ClipsMissingError, ReviewMissingError
from app.authoring.releases.base import stale_folder
from app.authoring.releases.diff import DiffReport
from app.authoring.releases.merge import Side
from app.catalog.model import Catalog
from app.catalog.releases import CurrentRelease, ReleaseDraft, Releases, conflict
from app.digest import Digest
from app.rendering.plan.planner import Plan
from app.runtime.commands.plan import catalog_keys, plan_catalog
from app.runtime.commands.releases.diff import diff
from app.runtime.commands.releases.folder import merge_folder, remember, standing
from app.runtime.commands.releases.publishing import Publishing
from app.runtime.commands.verdict import judged
from app.runtime.serving.config_audit import who
from app.runtime.settings.site import Settings
from app.runtime.wiring.clock import SystemClock
from app.runtime.wiring.folder_standing import GivenBase
from app.runtime.wiring.site import open_site


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


async def publish(
    releases: Releases, draft: ReleaseDraft, *, by: str = "", after: int | None = None, at: datetime | None = None
) -> CurrentRelease:
    """Publish a draft and make it current; if its catalog is current already, keep that release.

    `after` is the newest step that the caller has seen; the newest one if left out.

    Raises:
        ReleaseConflictError: somebody else published in between.
    """
    before = await releases.current()
    if before is not None and before.release.catalog == draft.catalog:
        return before
    seen = after if after is not None else before.step if before else 0
    return await releases.publish(draft, by=by or who(), at=at or SystemClock().now(), after=seen)


async def use(releases: Releases, number: int, *, by: str = "") -> CurrentRelease:
    """Make a release current again; if it is current already, change nothing.

    Raises:
        ReleaseNotFoundError: there is no such release.
        ReleaseConflictError: somebody else published in between.
    """
    before = await releases.current()
    if before is not None and before.release.number == number:
        return before
    after = before.step if before else 0
    return await releases.use(number, by=by or who(), at=SystemClock().now(), after=after)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishOrder:
    """Order to publish the folder: by whom and why, from which base, and what is allowed.

    `after` is the step that the caller has seen. `merge` brings what came meanwhile into the folder first, and
    `prefer` says which side wins where both changed the same. With `questions` the outcome says what changed, and
    that many recorded turns are asked of both releases.
    """

    by: str
    message: str = ""
    base: GivenBase = None
    after: int | None = None
    merge: bool = False
    prefer: Side | None = None
    allow_missing: bool = False
    questions: int | None = None


@dataclass(frozen=True, slots=True)
class Publication:
    """Outcome: what is current now, how many of its clips are not rendered, which files the merge wrote.

    `report` says what it changed, if that was asked for.
    """

    current: CurrentRelease
    missing: int
    merged: tuple[str, ...] = ()
    report: DiffReport | None = None


async def publish_folder(publishing: Publishing, order: PublishOrder) -> Publication:
    """Publish the folder, unless it would take back what others published.

    Raises:
        ReviewMissingError: the site asks for a draft that was approved.
        ReleaseStaleError: releases came meanwhile; nothing is published.
        ReleaseConflictError: the current release is not the one that the caller has seen.
        CatalogError: `check` finds an error.
        ClipsMissingError: clips are not rendered yet.
    """
    if publishing.settings.review_releases:
        raise ReviewMissingError(
            "Expected a draft that a second person approved, because GREENROOM_REVIEW_RELEASES is set; save one with "
            "`greenroom release draft NAME`, and publish it with `--draft NAME`."
        )
    found = await standing(publishing, base=order.base)
    if order.after is not None and order.after != found.step:
        raise conflict(order.after)
    merged: tuple[str, ...] = ()
    if found.stale and not order.merge:
        raise stale_folder(found)
    if found.stale:
        found, merged = await merge_folder(publishing, by=order.by, base=order.base, prefer=order.prefer)
    proposal = await ready_proposal(publishing, message=order.message, allow_missing=order.allow_missing)
    report = await diff(publishing, questions=order.questions) if order.questions is not None else None
    current = await publish(publishing.releases, proposal.draft, by=order.by, at=publishing.now(), after=found.step)
    await remember(publishing.folder, current.release)
    publishing.notify()
    return Publication(current, len(proposal.plan.todo), merged, report)


async def ready_proposal(publishing: Publishing, *, message: str, allow_missing: bool) -> Proposal:
    """Check the folder and propose it as a release.

    Raises:
        CatalogError: `check` finds an error.
        ClipsMissingError: clips are not rendered yet, and that is not allowed.
    """
    await asyncio.to_thread(judged, publishing.settings)
    proposal = await propose(publishing.settings, note=message[:500])
    if proposal.plan.todo and not allow_missing:
        raise _clips_missing(publishing.folder, proposal.plan)
    return proposal


def _clips_missing(folder: Path, plan: Plan) -> ClipsMissingError:
    price = f" for {plan.price:.2f} USD" if plan.price else ""
    message = (
        f"Not published: {len(plan.todo)} clips are not rendered yet. Run `greenroom warm --catalog {folder}` "
        f"first{price}, or use `--allow-missing`: until then those answers are words."
    )
    return ClipsMissingError(message, missing=len(plan.todo), price=plan.price)
