"""Settings and doctor, for operators: what each setting costs or risks, every part checked, who did what."""

from dataclasses import replace

from fastapi import Response

from app.runtime.commands.advice import advise
from app.runtime.commands.doctor import PARTS, Symptom, examine
from app.web.studio.access import Operating
from app.web.studio.events import event_stream
from app.web.studio.pages import page, studio_router, to
from app.web.studio.work import Progress, Work

router = studio_router()

DOCTOR = "doctor"
"""Name of the work."""

SIZE = 50
"""Audit rows of one page."""


@router.get("/settings")
async def settings(visit: Operating) -> Response:
    """Show advice on the settings, and what the doctor found last."""
    work = visit.studio.works.get(DOCTOR)
    return page(
        visit,
        "settings",
        here="settings",
        advice=advise(visit.container.site.settings),
        keys=visit.container.web.keys,
        work=work,
        symptoms=tuple(work.results) if work else (),
        parts=PARTS,
    )


@router.post("/settings/doctor")
async def doctor(visit: Operating) -> Response:
    """Have every part checked, one after the other."""
    parts = visit.container.site.settings

    async def run(work: Work) -> None:
        for at, part in enumerate(PARTS):
            work.tell(replace(work.progress, done=at, says=f"Checking {part}"))
            found: tuple[Symptom, ...] = await examine(parts, only=(part,))
            work.results.extend(found)
        work.tell(replace(work.progress, done=len(PARTS), state="done", says="Checked."))

    visit.studio.works.start(Progress(DOCTOR, by=visit.caller.actor, total=len(PARTS)), run)
    return to(visit, "settings")


@router.get("/settings/audit")
async def audit(visit: Operating) -> Response:
    """Show who did what, the newest first."""
    at, action = visit.number("at"), visit.text("action")
    actions = (action,) if action else ()
    rows = await visit.container.audit.list(actions=actions, limit=SIZE + 1, offset=at)
    return page(
        visit, "audit", here="settings", rows=rows[:SIZE], at=at, size=SIZE, more=len(rows) > SIZE, action=action
    )


@router.get("/settings/events")
async def events(visit: Operating) -> Response:
    """Send how far the doctor is, as server-sent events."""
    return event_stream(visit.studio.works.get(DOCTOR))
