"""Creatify: Aurora, from a photo and a sound. Our token is the job's `name`, which its list shows.

Creatify fetches media by address and has no upload: they are put into a bucket of the site's own first.
"""

import json
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any

from app.adapters.vendors.base import JobReport, Media, Order, ProviderRenderer, text_at
from app.adapters.vendors.facts import ModelFacts
from app.adapters.vendors.uploads import Upload
from app.adapters.vendors.webhook_signatures import JobEvent, read_body
from app.errors import ProviderRefusedError, ProviderUnavailableError
from app.rendering.ports import HookEvent, JobStatus, RenderJob

_AURORA = "/api/aurora/"
_QUEUED = frozenset({"pending", "in_queue"})
_FAILED = frozenset({"failed", "rejected"})
_LONGEST_HOOK_URL = 200
"""A longer address for its call is left out: the job is polled."""


class CreatifyRenderer(ProviderRenderer):
    """Creatify's Aurora as a renderer."""

    name = "creatify"

    def key_headers(self, key: str) -> Mapping[str, str]:
        """Return both headers; the key is id and key as Creatify shows them, with a colon between."""
        api_id, _, api_key = key.partition(":")
        return {"X-API-ID": api_id, "X-API-KEY": api_key}

    async def upload(self, file: Upload) -> str:
        """Put the file where Creatify can fetch it; a stand-in inside our network takes it itself."""
        if self.access.media_host is not None:
            return await self.access.media_host(file.name, file.content, file.media_type)
        if not self.site.local:
            raise ProviderRefusedError(
                "Expected a bucket in CREATIFY_MEDIA_URL from which Creatify can fetch portrait and sound, found none; "
                "set it, such as s3://bucket/media. Nothing was sent.",
                reason="input",
            )
        address = self.site.at(f"/media/{file.name}")
        await self.wire.hand_over(address, file.content, headers={"Content-Type": file.media_type})
        return address

    def order(self, job: RenderJob, model: ModelFacts, media: Media, hook: str | None) -> Order:
        """Return media, model and our token."""
        body = {
            **model.parameters,
            **job.parameters,
            model.image: media.visual,
            model.audio: media.audio,
            "model_version": model.endpoint,
            "name": job.token,
            **({"webhook_url": hook} if hook and len(hook) <= _LONGEST_HOOK_URL else {}),
        }
        return Order(_AURORA, body)

    def read_id(self, document: Mapping[str, Any], order: Order) -> str | None:  # noqa: ARG002  it is in the answer
        """Return the task's id."""
        return text_at(document, "id")

    async def look(self, request_id: str) -> JobReport:
        """Return the task's state."""
        document = await self.question(f"{_AURORA}{request_id}/")
        if document is None:
            return JobReport(JobStatus("unknown"))
        match text_at(document, "status"):
            case "done":
                report = self.done(document.get("video_output")).telling(seconds=document.get("duration"))
            case state if state in _FAILED:
                report = self.failed(document.get("failed_reason") or f"it ended as {state}", end=str(state))
            case state:
                report = JobReport(JobStatus("queued" if state in _QUEUED else "running"))
        return report.showing(document.get("name"))

    async def listed(self, token: str = "") -> AsyncIterator[tuple[str, str]]:  # noqa: ARG002
        """Yield the tasks with their names, the newest first."""
        answer = await self.wire.ask("GET", _AURORA, params={"ordering": "-created_at"})
        if not answer.ok:
            await self.asked(answer)
        try:
            listed = json.loads(answer.body)
        except ValueError as error:
            raise ProviderUnavailableError("Expected Creatify's list of tasks, got no JSON; try again.") from error
        for task in listed if isinstance(listed, list) else listed.get("results") or ():
            yield text_at(task, "id") or "", json.dumps(task)

    async def verify(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> HookEvent:  # noqa: ARG002  unsigned
        """Read the webhook only: it is not signed, so the token in the address is the only proof."""
        event = read_body(body)
        state = text_at(event, "status")
        return JobEvent(
            text_at(event, "id"), "done" if state == "done" else "failed" if state in _FAILED else "running"
        ).checked()
