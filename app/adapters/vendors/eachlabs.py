"""EachLabs: predictions named by model in the body; webhooks and polls use different state names."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.adapters.vendors.base import JobReport, Media, Order, ProviderRenderer, text_at
from app.adapters.vendors.facts import ModelFacts
from app.adapters.vendors.uploads import Upload
from app.adapters.vendors.webhook_signatures import JobEvent, check_secret, header, read_body
from app.errors import ProviderUnavailableError
from app.rendering.ports import HookEvent, JobStatus, RenderJob

_QUEUED = frozenset({"created", "starting"})


class EachLabsRenderer(ProviderRenderer):
    """EachLabs' predictions as a renderer."""

    name = "eachlabs"

    def key_headers(self, key: str) -> Mapping[str, str]:
        """Return both headers that the provider documents."""
        return {"Authorization": f"Bearer {key}", "X-API-Key": key}

    async def upload(self, file: Upload) -> str:
        """Request a presigned address, then upload the bytes to it."""
        wanted = {"content_type": file.media_type}
        ticket = await self.asked(await self.wire.ask("POST", "/v1/upload/presign", json=wanted))
        target, address = text_at(ticket, "presigned_url"), text_at(ticket, "public_url")
        if target is None or address is None:
            raise ProviderUnavailableError("Expected an upload address from EachLabs, got none; try again.")
        headers = {"Content-Type": file.media_type, **(ticket.get("required_headers") or {})}
        await self.wire.hand_over(target, file.content, headers=headers)
        return address

    def order(self, job: RenderJob, model: ModelFacts, media: Media, hook: str | None) -> Order:
        """Return model, version and inputs, and a secret that the webhook has to show."""
        inputs = {**model.parameters, **job.parameters, model.image: media.visual, model.audio: media.audio}
        body = {"model": model.endpoint, "version": self.facts.settings["model_version"], "input": inputs}
        if hook:
            body |= {"webhook_url": hook, "webhook_secret": self._secret.partition(",")[0].strip()}
        return Order("/v1/prediction", body)

    def read_id(self, document: Mapping[str, Any], order: Order) -> str | None:  # noqa: ARG002  it is in the answer
        """Return the prediction's id."""
        return text_at(document, "predictionID")

    async def look(self, request_id: str) -> JobReport:
        """Return the prediction's state."""
        document = await self.question(f"/v1/prediction/{request_id}")
        if document is None:
            return JobReport(JobStatus("unknown"))
        metrics = document.get("metrics")
        cost = metrics.get("cost") if isinstance(metrics, dict) else None
        match text_at(document, "status"):
            case "success":
                return self.done(_video_url(document.get("output"))).telling(charged=cost)
            case "error" | "failed":  # the pages say one, the OpenAPI the other
                return self.failed(document.get("output") or document).telling(charged=cost)
            case "cancelled":
                return self.failed("it was cancelled")
            case state:
                return JobReport(JobStatus("queued" if state in _QUEUED else "running"))

    async def cancel(self, request_id: str) -> None:
        """Mark the record as cancelled; the work itself may go on."""
        await self.wire.ask("POST", f"/v1/prediction/{request_id}/cancel")

    async def verify(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> HookEvent:  # noqa: ARG002  not timed
        """Compare the secret that was sent with the submit."""
        check_secret(header(headers, "X-Webhook-Secret"), self._secret)
        event = read_body(body)
        state = text_at(event, "status")
        return JobEvent(
            text_at(event, "exec_id"), "done" if state == "succeeded" else "failed" if state == "failed" else "running"
        ).checked()

    @property
    def _secret(self) -> str:
        """Return the site's own secret, else one derived from the key.

        It is the same in every process and does not reveal the key.
        """
        derived = hmac.new(self.access.key.encode(), b"greenroom webhook", hashlib.sha256).hexdigest()
        return self.access.webhook_secret or derived


def _video_url(output: Any) -> str | None:
    """Return the address in an output of any shape: a text, a list, an object."""
    places: tuple[tuple[str | int, ...], ...] = ((), (0,), ("video", "url"), ("video",), ("url",), (0, "url"))
    return next((url for place in places if (url := text_at(output, *place))), None)
