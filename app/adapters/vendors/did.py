"""D-ID: talks, from a photo and a sound. Our token is the talk's `user_data`."""

import json
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any

from app.adapters.vendors.balances import balance_at
from app.adapters.vendors.base import JobReport, Media, Order, ProviderRenderer, text_at
from app.adapters.vendors.facts import ModelFacts
from app.adapters.vendors.uploads import Upload
from app.adapters.vendors.webhook_signatures import JobEvent, read_body
from app.errors import ProviderRefusedError, ProviderUnavailableError
from app.rendering.balances import Balance
from app.rendering.ports import HookEvent, JobStatus, RenderJob

_FAILED = frozenset({"error", "rejected"})
_MOST_PAGES = 20


class DidRenderer(ProviderRenderer):
    """D-ID's talks as a renderer."""

    name = "did"

    def key_headers(self, key: str) -> Mapping[str, str]:
        """Return a basic header with the key exactly as D-ID's studio shows it."""
        return {"Authorization": f"Basic {key}"}

    async def upload(self, file: Upload) -> str:
        """Upload in one multipart request to `/images` or `/audios`."""
        files = {file.kind: (file.name, file.content, file.media_type)}
        document = await self.asked(await self.wire.ask("POST", f"/{file.kind}s", files=files))
        address = text_at(document, "url")
        if address is None:
            raise ProviderUnavailableError("Expected a `url` for an upload from D-ID, got none; try again.")
        return address

    async def balance(self) -> Balance:
        """Return the credits that are left."""
        document = await self.asked(await self.wire.ask("GET", "/credits"))
        return balance_at(self.facts.title, document, "remaining", unit="credits")

    def order(self, job: RenderJob, model: ModelFacts, media: Media, hook: str | None) -> Order:
        """Return source, script and our token."""
        body = {
            **model.parameters,
            **job.parameters,
            model.image: media.visual,
            "script": {"type": "audio", model.audio: media.audio},
            "user_data": job.token,
            **({"webhook": hook} if hook else {}),
        }
        return Order(model.endpoint, body)

    def read_id(self, document: Mapping[str, Any], order: Order) -> str | None:  # noqa: ARG002  it is in the answer
        """Return the talk's id."""
        return text_at(document, "id")

    async def look(self, request_id: str) -> JobReport:
        """Return the talk's state."""
        document = await self.question(f"/talks/{request_id}")
        if document is None:
            return JobReport(JobStatus("unknown"))
        match text_at(document, "status"):
            case "done":
                report = self.done(document.get("result_url")).telling(seconds=document.get("duration"))
            case state if state in _FAILED:
                report = self.failed(document.get("error") or f"it ended as {state}")
            case state:
                report = JobReport(JobStatus("queued" if state == "created" else "running"))
        return report.showing(document.get("user_data"))

    async def forget(self, request_id: str) -> None:
        """Delete the talk; one that is not there any more is deleted."""
        await self.question(f"/talks/{request_id}", method="DELETE")

    async def listed(self, token: str = "") -> AsyncIterator[tuple[str, str]]:  # noqa: ARG002
        """Yield the talks, where D-ID lists them."""
        params = {"limit": "100"}
        for _ in range(_MOST_PAGES):
            try:
                page = await self.asked(await self.wire.ask("GET", "/talks", params=params))
            except ProviderRefusedError:
                return
            for talk in page.get("talks") or ():
                yield text_at(talk, "id") or "", json.dumps(talk)
            if (cursor := text_at(page, "token")) is None:
                return
            params["token"] = cursor

    async def verify(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> HookEvent:  # noqa: ARG002  unsigned
        """Read the webhook only: it is not signed, so the token in the address is the only proof."""
        event = read_body(body)
        state = text_at(event, "status")
        return JobEvent(
            text_at(event, "id"), "done" if state == "done" else "failed" if state in _FAILED else "running"
        ).checked()
