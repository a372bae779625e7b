"""Releases: which one is served, those before it, and the way back."""

from fastapi import Response

from app.web.studio.access import Publishing, Viewing
from app.web.studio.pages import page, studio_router, to

router = studio_router()

SIZE = 30
"""Releases of one page."""


@router.get("/releases")
async def releases(visit: Viewing) -> Response:
    """Show the releases, the newest first."""
    published, at = visit.container.releases, visit.number("at")
    found = await published.list(limit=SIZE + 1, offset=at)
    return page(
        visit,
        "releases",
        here="releases",
        releases=found[:SIZE],
        current=await published.current(),
        served=visit.container.release,
        at=at,
        size=SIZE,
        more=len(found) > SIZE,
    )


@router.post("/releases/{number}/use")
async def use(number: int, visit: Publishing) -> Response:
    """Make a release current again: every node serves it within seconds."""
    container = visit.container
    await container.releases.use(number, by=visit.caller.actor, at=container.clock.now(), after=visit.number("after"))
    container.notify_nodes()
    return to(visit, "releases", done="used")
