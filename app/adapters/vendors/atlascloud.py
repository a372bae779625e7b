"""AtlasCloud: flat inputs; a job is not visible during its first half minute."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.adapters.http.endpoint import Access
from app.adapters.http.response import Response
from app.adapters.vendors.balances import balance_at
from app.adapters.vendors.base import JobReport, Media, Order, ProviderRenderer, text_at
from app.adapters.vendors.facts import ModelFacts, ProviderFacts
from app.adapters.vendors.uploads import Upload
from app.adapters.vendors.webhook_signatures import JobEvent, KeySet, base64url, check_time, header, read_body
from app.errors import AccessError, ProviderUnavailableError
from app.rendering.balances import Balance
from app.rendering.ports import HookEvent, JobStatus, RenderJob

_API = "/api/v1"
_DONE = frozenset({"completed", "succeeded"})
_FAILED = frozenset({"failed", "timeout", "cancelled"})
_FINE = frozenset({0, 200})


class AtlasCloudRenderer(ProviderRenderer):
    """AtlasCloud's predictions as a renderer."""

    name = "atlascloud"

    def __init__(self, facts: ProviderFacts, access: Access) -> None:
        super().__init__(facts, access)
        self._keys = KeySet(self.wire, f"{_API}/webhooks/jwks.json")

    def key_headers(self, key: str) -> Mapping[str, str]:
        """Return a bearer header."""
        return {"Authorization": f"Bearer {key}"}

    async def upload(self, file: Upload) -> str:
        """Upload in one multipart request."""
        files = {"file": (file.name, file.content, file.media_type)}
        document = await self.asked(await self.wire.ask("POST", f"{_API}/model/uploadMedia", files=files))
        address = text_at(document, "data", "download_url")
        if address is None:
            raise ProviderUnavailableError("Expected a `download_url` from AtlasCloud, got none; try again.")
        return address

    async def balance(self) -> Balance:
        """Return what is left, in US dollars."""
        document = await self.asked(await self.wire.ask("GET", "/public/v1/balance"))
        return balance_at(self.facts.title, document, "available", "value", currency="currency")

    def order(self, job: RenderJob, model: ModelFacts, media: Media, hook: str | None) -> Order:
        """Return model and inputs side by side."""
        inputs = {**model.parameters, **job.parameters, model.image: media.visual, model.audio: media.audio}
        body = {"model": model.endpoint, **inputs, **({"webhook_url": hook} if hook else {})}
        return Order(f"{_API}/model/generateVideo", body)

    def status_of(self, answer: Response) -> int:
        """Return the envelope's code if the HTTP status is a success, else the status."""
        code = (answer.document or {}).get("code")
        return code if answer.ok and isinstance(code, int) and code not in _FINE else answer.status

    def read_id(self, document: Mapping[str, Any], order: Order) -> str | None:  # noqa: ARG002  it is in the answer
        """Return the prediction's id."""
        return text_at(document, "data", "id")

    async def look(self, request_id: str) -> JobReport:
        """Return the prediction's state; one not found at first counts as queued."""
        answer = await self.wire.ask("GET", f"{_API}/model/prediction/{request_id}")
        if self.status_of(answer) in {400, 404}:
            return JobReport(JobStatus("queued" if self.is_new(request_id) else "unknown"))
        data = (await self.asked(answer)).get("data") or {}
        match text_at(data, "status"):
            case state if state in _DONE:
                return self.done(text_at(data, "outputs", 0) or text_at(data, "output") or text_at(data, "output", 0))
            case state if state in _FAILED:
                return self.failed(data.get("error") or f"it ended as {state}", end=str(state))
            case _:
                return JobReport(JobStatus("running"))

    async def verify(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> HookEvent:
        """Verify Ed25519 in base64url over time and body; the older HMAC beside it is ignored."""
        stamp = header(headers, "X-AtlasCloud-Webhook-Timestamp")
        check_time(stamp, now=now)
        try:
            signature = base64url(header(headers, "X-AtlasCloud-Webhook-Signature-Ed25519"))
        except ValueError as error:
            raise AccessError("Expected an AtlasCloud signature in base64url.") from error
        await self._keys.check(signature, f"{stamp}.".encode() + body, now=now)
        document = read_body(body)
        succeeded = document.get("status") == "OK" and text_at(document, "payload", "status") not in _FAILED
        return JobEvent(text_at(document, "session_id"), "done" if succeeded else "failed").checked()
