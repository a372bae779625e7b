"""Releases: what the folder changes, publishing it, drafts with review and time, those before, and the way back."""

from datetime import UTC, datetime

from fastapi import Response

from app.author_errors import ReleaseRequestError
from app.authoring.releases.merge import Side
from app.runtime.commands.releases.diff import diff, diff_draft, diff_releases
from app.runtime.commands.releases.drafts import (
    SaveOrder,
    approve_draft,
    drop_draft,
    publish_draft,
    save_draft,
    schedule_draft,
)
from app.runtime.commands.releases.folder import merge_folder, standing
from app.runtime.commands.releases.publish import PublishOrder, publish_folder
from app.web.releases.views import publishing_in
from app.web.studio.access import Authoring, Publishing, Viewing, Visit
from app.web.studio.pages import page, studio_router, to

router = studio_router()

SIZE = 30
"""Releases of one page."""

REPLAYED = 500
"""Recorded questions that are asked again before publishing."""


@router.get("/releases")
async def releases(visit: Viewing) -> Response:
    """Show the releases, the newest first, and the drafts."""
    published, at = visit.container.releases, visit.number("at")
    found = await published.list(limit=SIZE + 1, offset=at)
    drafts = await publishing_in(visit.web).drafts.list() if visit.may("author") else ()
    return page(
        visit,
        "releases",
        here="releases",
        releases=found[:SIZE],
        current=await published.current(),
        served=visit.container.release,
        drafts=drafts,
        at=at,
        size=SIZE,
        more=len(found) > SIZE,
    )


@router.get("/releases/folder")
async def folder(visit: Authoring) -> Response:
    """Show what publishing the folder would change; `ask` also asks recorded questions again."""
    publishing = publishing_in(visit.web)
    async with visit.web.editing:
        report = await diff(publishing, questions=REPLAYED if visit.text("ask") else 0)
    return page(
        visit,
        "publish",
        here="releases",
        report=report,
        found=await standing(publishing),
        titles={one.id: one.title for one in visit.container.catalog.intents},
        review=visit.container.settings.review_releases,
        asks=REPLAYED,
    )


@router.post("/releases/publish")
async def publish(visit: Publishing) -> Response:
    """Publish the folder, unless it would take back what others published."""
    order = PublishOrder(
        by=visit.caller.actor,
        message=visit.text("message"),
        after=visit.number("after"),
        merge=bool(visit.text("merge")),
        prefer=_side(visit),
        allow_missing=bool(visit.text("allow_missing")),
    )
    await publish_folder(publishing_in(visit.web), order)
    visit.studio.figures.changed()
    return to(visit, "releases", done="published")


@router.post("/releases/merge")
async def merge(visit: Authoring) -> Response:
    """Bring what others published into the folder."""
    await merge_folder(publishing_in(visit.web), by=visit.caller.actor, prefer=_side(visit))
    visit.studio.figures.changed()
    return to(visit, "releases/folder", done="merged")


@router.post("/releases/{number}/use")
async def use(number: int, visit: Publishing) -> Response:
    """Make a release current again: every node serves it within seconds."""
    container = visit.container
    await container.releases.use(number, by=visit.caller.actor, at=container.clock.now(), after=visit.number("after"))
    container.notify_nodes()
    return to(visit, "releases", done="used")


@router.get("/releases/{number}")
async def one_release(number: int, visit: Authoring) -> Response:
    """Show what one release changed."""
    publishing = publishing_in(visit.web)
    found = await publishing.releases.get(number)
    report = await diff_releases(publishing, number)
    return page(visit, "release", here="releases", release=found, report=report)


@router.post("/drafts")
async def save(visit: Authoring) -> Response:
    """Save the folder as a draft."""
    order = SaveOrder(
        by=visit.caller.actor, message=visit.text("message"), allow_missing=bool(visit.text("allow_missing"))
    )
    await save_draft(publishing_in(visit.web), visit.text("name"), order)
    return to(visit, "releases", done="draft-saved")


@router.get("/drafts/{name}")
async def draft(name: str, visit: Authoring) -> Response:
    """Show a draft and what it changes."""
    publishing = publishing_in(visit.web)
    found = await publishing.drafts.get(name)
    report = await diff_draft(publishing, name)
    review = visit.container.settings.review_releases
    return page(visit, "draft", here="releases", draft=found, report=report, review=review)


@router.post("/drafts/{name}/approve")
async def approve(name: str, visit: Publishing) -> Response:
    """Approve a draft as a second person."""
    await approve_draft(publishing_in(visit.web), name, by=visit.caller.actor, revision=visit.number("revision"))
    return to(visit, f"drafts/{name}", done="draft-approved")


@router.post("/drafts/{name}/publish")
async def publish_saved(name: str, visit: Publishing) -> Response:
    """Publish a draft now."""
    await publish_draft(publishing_in(visit.web), name, by=visit.caller.actor, revision=visit.number("revision"))
    return to(visit, "releases", done="published")


@router.post("/drafts/{name}/schedule")
async def schedule(name: str, visit: Publishing) -> Response:
    """Have a draft published at a time, or take the time back."""
    at = _moment(visit.text("at"))
    publishing = publishing_in(visit.web)
    await schedule_draft(publishing, name, at, by=visit.caller.actor, revision=visit.number("revision"))
    return to(visit, f"drafts/{name}", done="draft-timed" if at else "draft-untimed")


@router.post("/drafts/{name}/drop")
async def drop(name: str, visit: Authoring) -> Response:
    """Delete a draft."""
    await drop_draft(publishing_in(visit.web), name, by=visit.caller.actor, revision=visit.number("revision"))
    return to(visit, "releases", done="draft-dropped")


def _side(visit: Visit) -> Side | None:
    sides: tuple[Side, ...] = ("mine", "theirs")
    return next((one for one in sides if one == visit.text("prefer")), None)


def _moment(text: str) -> datetime | None:
    """Read what a browser sends for a date and a time, in UTC.

    Raises:
        ReleaseRequestError: it is neither.
    """
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError as error:
        raise ReleaseRequestError(f"Expected a date and a time, got {text[:40]!r}; write 2026-12-24T18:00.") from error
