"""Drafts, as an author handles them: save the folder under a name, approve, schedule, publish, drop."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from app.author_errors import DraftNotFoundError, ReleaseRequestError
from app.authoring.releases.base import stale_folder
from app.authoring.releases.drafts import (
    DRAFT_NAME,
    Draft,
    DraftContent,
    approved,
    draft_conflict,
    only_open,
    person,
)
from app.catalog.releases import CurrentRelease
from app.runtime.commands.releases.folder import remember_draft, standing
from app.runtime.commands.releases.publish import ready_proposal
from app.runtime.commands.releases.publishing import Publishing
from app.runtime.serving.draft_publication import DraftPublication, missing_of
from app.runtime.wiring.site import open_site


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveOrder:
    """Order to save the folder as a draft: by whom and why; `revision` is the one that was seen (None: any)."""

    by: str
    message: str = ""
    allow_missing: bool = False
    revision: int | None = None


async def save_draft(publishing: Publishing, name: str, order: SaveOrder) -> Draft:
    """Save the folder as a draft; approval and time of an earlier one of that name are dropped.

    Raises:
        ReleaseRequestError: the name is malformed.
        CatalogError: `check` finds an error.
        ReleaseStaleError: the folder is like none of the releases.
        DraftConflictError: somebody changed the draft meanwhile.
    """
    _check_name(name)
    found = await standing(publishing)
    if found.base is None and found.stale:
        raise stale_folder(found)
    proposal = await ready_proposal(publishing, message=order.message, allow_missing=True)
    seen = order.revision if order.revision is not None else await _own_revision(publishing, name, by=order.by)
    content = DraftContent(
        proposal.draft, base=found.base or 0, missing=len(proposal.plan.todo), allow_missing=order.allow_missing
    )
    draft = await publishing.drafts.save(name, content, by=order.by, at=publishing.now(), seen=seen)
    await remember_draft(publishing, publishing.folder, draft)
    return draft


async def approve_draft(publishing: Publishing, name: str, *, by: str, revision: int | None = None) -> Draft:
    """Approve a draft as a second person.

    Raises:
        ReviewMissingError: it is the same person who made it.
        DraftConflictError: it is published, or another revision than the one that was seen.
    """
    draft, now = await _seen(publishing, name, revision), publishing.now()
    return await publishing.drafts.put(approved(draft, by=by, at=now), "approved", by=by, at=now)


async def schedule_draft(
    publishing: Publishing, name: str, at: datetime | None, *, by: str, revision: int | None = None
) -> Draft:
    """Have a draft published at a time, by exactly one node; None takes the time back.

    Raises:
        ReleaseRequestError: the time is over.
        DraftConflictError: it is published, or another revision than the one that was seen.
    """
    draft, now = only_open(await _seen(publishing, name, revision)), publishing.now()
    if at is not None and at <= now:
        raise ReleaseRequestError(f"Expected a time to come, got {at.isoformat()}; publish it now instead.")
    changed = replace(draft, publish_at=at, scheduled_by=by if at else None, failure="")
    return await publishing.drafts.put(changed, "scheduled" if at else "unscheduled", by=by, at=now)


async def publish_draft(publishing: Publishing, name: str, *, by: str, revision: int | None = None) -> CurrentRelease:
    """Publish a draft now; errors are those of `DraftPublication.publish`."""
    draft = await _seen(publishing, name, revision)
    async with _publication(publishing) as publication:
        current = await publication.publish(draft, by=by, at=publishing.now())
    publishing.notify()
    return current


async def drop_draft(publishing: Publishing, name: str, *, by: str, revision: int | None = None) -> None:
    """Delete a draft.

    Raises:
        DraftConflictError: another revision than the one that was seen.
    """
    draft = await _seen(publishing, name, revision)
    await publishing.drafts.drop(name, by=by, at=publishing.now(), seen=draft.revision)


@asynccontextmanager
async def _publication(publishing: Publishing) -> AsyncIterator[DraftPublication]:
    folder = publishing.settings.model_copy(update={"serve": "folder"})
    async with open_site(folder, leaves_no_trace=True) as site:
        yield DraftPublication(
            settings=publishing.settings,
            releases=publishing.releases,
            drafts=publishing.drafts,
            missing=missing_of(site),
        )


async def _seen(publishing: Publishing, name: str, revision: int | None) -> Draft:
    draft = await publishing.drafts.get(name)
    if revision is not None and draft.revision != revision:
        raise draft_conflict(name, revision)
    return draft


async def _own_revision(publishing: Publishing, name: str, *, by: str) -> int:
    """Return the revision that a person replaces without having named one: their own, never somebody else's."""
    try:
        draft = await publishing.drafts.get(name)
    except DraftNotFoundError:
        return 0
    if draft.state == "open" and person(draft.made_by) != person(by):
        raise draft_conflict(name, 0)
    return draft.revision


def _check_name(name: str) -> None:
    if len(name) > 64 or not re.fullmatch(DRAFT_NAME, name):
        raise ReleaseRequestError(
            f"Expected a name of lower-case letters, digits and single hyphens, got {name[:80]!r}."
        )
