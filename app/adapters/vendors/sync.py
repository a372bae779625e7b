"""Sync.so: new lips for a video, the avatar's idle loop, or for a picture.

A submit may be repeated under its idempotency key.
"""

import json
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any

from app.adapters.http.response import Response
from app.adapters.vendors.base import JobReport, Media, Order, ProviderRenderer, text_at
from app.adapters.vendors.facts import ModelFacts
from app.adapters.vendors.uploads import Upload
from app.adapters.vendors.webhook_signatures import JobEvent, check_hmac, check_time, header, read_body
from app.errors import AccessError, ProviderUnavailableError
from app.rendering.ports import HookEvent, JobStatus, RenderJob

_FAILED = frozenset({"FAILED", "REJECTED"})


class SyncRenderer(ProviderRenderer):
    """Sync.so's generations as a renderer."""

    name = "sync"
    lists_sounds = True

    def key_headers(self, key: str) -> Mapping[str, str]:
        """Return Sync.so's own header."""
        return {"x-api-key": key}

    async def upload(self, file: Upload) -> str:
        """Request an address to PUT to and the one it will be read from; upload the bytes."""
        wanted = {"fileName": file.name, "contentType": file.media_type, "size": len(file.content)}
        ticket = await self.asked(await self.wire.ask("POST", "/v2/assets/upload", json=wanted))
        target, address = text_at(ticket, "uploadUrl"), text_at(ticket, "url")
        if target is None or address is None:
            raise ProviderUnavailableError("Expected an upload address from Sync.so, got none; try again.")
        await self.wire.hand_over(target, file.content, headers={"Content-Type": file.media_type})
        return address

    def order(self, job: RenderJob, model: ModelFacts, media: Media, hook: str | None) -> Order:
        """Return two inputs; a video shorter than the sound is looped."""
        inputs = [{"type": media.visual_kind, "url": media.visual}, {"type": "audio", "url": media.audio}]
        looped = {"options": {"sync_mode": self.facts.settings["sync_mode"]}} if media.visual_kind == "video" else {}
        body = {
            **looped,
            **model.parameters,
            **job.parameters,
            "model": model.endpoint,
            "input": inputs,
            "outputFileName": job.token,
            **({"webhookUrl": hook} if hook else {}),
        }
        return Order("/v2/generate", body, headers={"Idempotency-Key": job.token})

    def read_id(self, document: Mapping[str, Any], order: Order) -> str | None:  # noqa: ARG002  it is in the answer
        """Return the generation's id."""
        return text_at(document, "id")

    def accepted(self, answer: Response, order: Order) -> str:
        """Accept a refusal that names the generation of this very key."""
        earlier = text_at(answer.document, "generationId")
        return earlier if earlier and not answer.ok else super().accepted(answer, order)

    async def look(self, request_id: str) -> JobReport:
        """Return the generation's state."""
        document = await self.question(f"/v2/generate/{request_id}")
        if document is None:
            return JobReport(JobStatus("unknown"))
        match text_at(document, "status"):
            case "COMPLETED":
                report = self.done(document.get("outputUrl")).telling(seconds=document.get("outputDuration"))
            case state if state in _FAILED:
                code = document.get("errorCode") or document.get("error_code")
                report = self.failed({"message": document.get("error") or f"it ended as {state}", "code": code})
            case state:
                report = JobReport(JobStatus("queued" if state == "PENDING" else "running"))
        return report.showing((text_at(document, "input", 1, "url") or "").partition("#")[2])

    async def listed(self, token: str = "") -> AsyncIterator[tuple[str, str]]:  # noqa: ARG002
        """Yield the generations with their inputs."""
        answer = await self.wire.ask("GET", "/v2/generations")
        if not answer.ok:
            await self.asked(answer)
        try:
            listed = json.loads(answer.body)
        except ValueError as error:
            raise ProviderUnavailableError("Expected Sync.so's list of generations, got no JSON; try again.") from error
        items = listed if isinstance(listed, list) else listed.get("items") or listed.get("generations") or []
        for item in items:
            yield text_at(item, "id") or "", json.dumps(item)

    async def verify(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> HookEvent:
        """Verify HMAC over time and raw body, both in one header."""
        parts = dict(part.strip().partition("=")[::2] for part in header(headers, "Sync-Signature").split(","))
        stamp, signature = parts.get("t", ""), parts.get("v1", "")
        check_time(stamp, now=now)
        if not signature:
            raise AccessError("Expected a Sync.so signature of version v1, got none.")
        check_hmac(signature, f"{stamp}.".encode() + body, secret=self.access.webhook_secret)
        event = read_body(body)
        state = text_at(event, "status")
        return JobEvent(
            text_at(event, "id"), "done" if state == "COMPLETED" else "failed" if state in _FAILED else "running"
        ).checked()
