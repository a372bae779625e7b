"""Server-sent events: the progress of a work, all of it first, then each change."""

import json
from collections.abc import AsyncIterator
from dataclasses import asdict

from fastapi.responses import StreamingResponse

from app.web.studio.texts import lasts, spent
from app.web.studio.work import Progress, Work

HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}
"""A proxy must not hold events back."""

NOTHING = Progress("", state="done", says="Nothing goes on.")


def event_stream(work: Work | None) -> StreamingResponse:
    """Send the progress of a work until it has ended; a sign of life in between is a comment."""
    return StreamingResponse(_lines(work), headers=HEADERS, media_type="text/event-stream")


async def _lines(work: Work | None) -> AsyncIterator[str]:
    if work is None:
        yield _event(NOTHING)
        return
    async for progress in work.follow():
        yield ": still here\n\n" if progress is None else _event(progress)


def _event(progress: Progress) -> str:
    return f"data: {json.dumps(told(progress), ensure_ascii=False)}\n\n"


def told(progress: Progress) -> dict[str, object]:
    """Return the progress as its page tells it."""
    left = "" if progress.left_s is None else f"about {lasts(progress.left_s)} left"
    words = {"of": f"{progress.done} of {progress.total}", "money": spent(progress.spent), "left": left}
    return {**asdict(progress), "spent": str(progress.spent), **words}
