"""WaveSpeed: v3 predictions, every answer in an envelope with a code of its own."""

import json
import time
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from app.adapters.http.response import Response
from app.adapters.vendors.balances import balance_at
from app.adapters.vendors.base import JobReport, Media, Order, ProviderRenderer, text_at
from app.adapters.vendors.facts import ModelFacts
from app.adapters.vendors.uploads import Upload
from app.adapters.vendors.webhook_signatures import JobEvent, check_hmac, check_time, header, read_body
from app.errors import AccessError, ProviderUnavailableError
from app.rendering.balances import Balance
from app.rendering.ports import HookEvent, JobStatus, RenderJob

_V3 = "/api/v3"
_FAILED = frozenset({"failed", "cancelled", "timeout", "deleted"})
_LOOK_BACK = timedelta(days=2)
_PAGE = 100
_MOST_PAGES = 50
_ASKED_AGAIN_S = 60.0
"""Shortest interval in seconds between requests for the secret after a signature by another one."""


class WaveSpeedRenderer(ProviderRenderer):
    """WaveSpeed's predictions as a renderer."""

    name = "wavespeed"
    _secret: str | None = None
    _asked_at = 0.0

    def key_headers(self, key: str) -> Mapping[str, str]:
        """Return a bearer header."""
        return {"Authorization": f"Bearer {key}"}

    async def upload(self, file: Upload) -> str:
        """Request a ticket, then upload the bytes to the address on it."""
        ticket = {"filename": file.name, "size": len(file.content), "content_type": file.media_type}
        data = (await self.asked(await self.wire.ask("POST", f"{_V3}/media/uploads", json=ticket))).get("data")
        target, address = text_at(data, "upload", "url"), text_at(data, "download_url")
        if not isinstance(data, dict) or target is None or address is None:
            raise ProviderUnavailableError("Expected an upload address from WaveSpeed, got none; try again.")
        headers = data["upload"].get("headers") or {"Content-Type": file.media_type}
        method = text_at(data, "upload", "method") or "PUT"
        await self.wire.hand_over(target, file.content, headers=headers, method=method)
        return address

    async def balance(self) -> Balance:
        """Return what is left, in US dollars."""
        document = await self.asked(await self.wire.ask("GET", "/api/v3/balance"))
        return balance_at(self.facts.title, document, "data", "balance")

    def order(self, job: RenderJob, model: ModelFacts, media: Media, hook: str | None) -> Order:
        """Return the model's inputs as they are."""
        body = {**model.parameters, **job.parameters, model.image: media.visual, model.audio: media.audio}
        return Order(f"{_V3}/{model.endpoint}", body, params={"webhook": hook} if hook else None)

    def status_of(self, answer: Response) -> int:
        """Return the envelope's code if the HTTP status is a success, else the status."""
        code = (answer.document or {}).get("code")
        return code if answer.ok and isinstance(code, int) and code != 200 else answer.status

    def read_id(self, document: Mapping[str, Any], order: Order) -> str | None:  # noqa: ARG002  it is in the answer
        """Return the prediction's id."""
        return text_at(document, "data", "id")

    async def look(self, request_id: str) -> JobReport:
        """Return the prediction's state."""
        document = await self.question(f"{_V3}/predictions/{request_id}/result")
        if document is None:
            return JobReport(JobStatus("unknown"))
        data = document.get("data") or {}
        match text_at(data, "status"):
            case "completed":
                return self.done(text_at(data, "outputs", 0))
            case state if state in _FAILED:
                return self.failed(data.get("error") or f"it ended as {state}", end=str(state))
            case state:
                return JobReport(JobStatus("queued" if state == "created" else "running"))

    async def listed(self, token: str = "") -> AsyncIterator[tuple[str, str]]:  # noqa: ARG002
        """Yield the predictions of the last two days, with their inputs where the list shows them."""
        after = (datetime.now(UTC) - _LOOK_BACK).isoformat(timespec="seconds").replace("+00:00", "Z")
        for page in range(1, _MOST_PAGES + 1):
            items = await self._page({"page": page, "page_size": _PAGE, "created_after": after})
            for item in items:
                yield text_at(item, "id") or "", json.dumps(item)
            if len(items) < _PAGE:
                break

    async def _page(self, wanted: dict[str, Any]) -> list[Any]:
        """Return a page of predictions. WaveSpeed's guide uses GET, its reference POST."""
        answer = await self.wire.ask("GET", f"{_V3}/predictions", params=wanted)
        if self.status_of(answer) in {404, 405}:
            answer = await self.wire.ask("POST", f"{_V3}/predictions", json=wanted)
        data = (await self.asked(answer)).get("data") or []
        return data if isinstance(data, list) else data.get("items") or data.get("predictions") or []

    async def verify(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> HookEvent:
        """Verify HMAC over id, time and body; the key is the secret without its prefix, as plain text."""
        stamp, event_id = header(headers, "webhook-timestamp"), header(headers, "webhook-id")
        check_time(stamp, now=now)
        version, _, signature = header(headers, "webhook-signature").partition(",")
        if version != "v3":
            raise AccessError(f"Expected a WaveSpeed signature of version v3, got {version[:16]!r}.")
        await self._check(signature, f"{event_id}.{stamp}.".encode() + body)
        event = read_body(body)
        state = text_at(event, "status")
        return JobEvent(
            text_at(event, "id"), "done" if state == "completed" else "failed" if state in _FAILED else "running"
        ).checked()

    async def _check(self, signature: str, message: bytes) -> None:
        """Check with the present secret.

        One that WaveSpeed gave us is requested once more before a refusal.
        """
        given = self.access.webhook_secret
        known, self._secret = self._secret, given or self._secret or await self._ask_secret()
        try:
            check_hmac(signature, message, secret=self._secret, prefix="whsec_")
        except AccessError:
            if given or known is None or time.monotonic() - self._asked_at < _ASKED_AGAIN_S:
                raise
            self._secret = await self._ask_secret()
            check_hmac(signature, message, secret=self._secret, prefix="whsec_")

    async def _ask_secret(self) -> str:
        self._asked_at = time.monotonic()
        document = await self.asked(await self.wire.ask("GET", f"{_V3}/webhook/secret"))
        secret = text_at(document, "data", "secret")
        if secret is None:
            raise ProviderUnavailableError("Cannot get WaveSpeed's webhook secret; poll instead.")
        return secret
