"""fal.ai: its queue, its storage, its list of past requests. It serves all of fal's portrait models.

The request id is a JSON object: fal's id and the three addresses that fal gave for it, which cannot be
derived from the model.
"""

import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from app.adapters.http.endpoint import Access
from app.adapters.http.response import Response
from app.adapters.vendors.balances import balance_at
from app.adapters.vendors.base import JobReport, Media, Order, ProviderRenderer, text_at
from app.adapters.vendors.facts import ModelFacts, ProviderFacts
from app.adapters.vendors.uploads import Upload
from app.adapters.vendors.webhook_signatures import JobEvent, KeySet, check_time, fal_message, header, read_body
from app.errors import AccessError, ProviderRefusedError, ProviderUnavailableError
from app.rendering.balances import Balance
from app.rendering.ports import HookEvent, JobStatus, RenderJob

_REST = "https://rest.fal.ai"
_PLATFORM = "https://api.fal.ai"
_KEPT_S = 7 * 86_400
"""Time in seconds that fal keeps our uploads and its results."""
_LOOK_BACK = timedelta(days=2)
_MOST_PAGES = 500


class FalRenderer(ProviderRenderer):
    """Fal's queue as a renderer."""

    name = "fal"
    lists_sounds = True

    def __init__(self, facts: ProviderFacts, access: Access) -> None:
        super().__init__(facts, access)
        self._keys = KeySet(self.wire, f"{_REST}/.well-known/jwks.json")
        self._endpoints = {model.endpoint for model in facts.models.values()} - {""}

    def key_headers(self, key: str) -> Mapping[str, str]:
        """Return a header of type `Key`, not Bearer."""
        return {"Authorization": f"Key {key}"}

    async def upload(self, file: Upload) -> str:
        """Request a token, then upload the bytes to the CDN with it."""
        answer = await self.wire.ask("POST", f"{_REST}/storage/auth/token?storage_type=fal-cdn-v3", json={})
        upload_token = await self.asked(answer)
        headers = {
            "Authorization": f"{upload_token.get('token_type', 'Bearer')} {upload_token.get('token', '')}",
            "Content-Type": file.media_type,
            "X-Fal-File-Name": file.name,
            "X-Fal-Object-Lifecycle": json.dumps({"expiration_duration_seconds": _KEPT_S}),
        }
        url = "https://v3.fal.media/files/upload"
        stored = await self.asked(await self.wire.ask("POST", url, content=file.content, headers=headers))
        return _expected(text_at(stored, "access_url"), "an `access_url` for an upload")

    async def balance(self) -> Balance:
        """Return what is left, in US dollars; the key must be one that may read the billing."""
        answer = await self.wire.ask("GET", f"{_PLATFORM}/v1/account/billing", params={"expand": "credits"})
        document = await self.asked(answer)
        return balance_at(self.facts.title, document, "credits", "current_balance", currency="currency")

    def order(self, job: RenderJob, model: ModelFacts, media: Media, hook: str | None) -> Order:
        """Return the model's inputs as they are, without an envelope."""
        self._endpoints.add(model.endpoint)
        body = {**model.parameters, **job.parameters, model.image: media.visual, model.audio: media.audio}
        lifecycle = json.dumps({"expiration_duration_seconds": _KEPT_S})
        return Order(
            f"/{model.endpoint}",
            body,
            params={"fal_webhook": hook} if hook else None,
            headers={"X-Fal-Object-Lifecycle-Preference": lifecycle},
        )

    def read_id(self, document: Mapping[str, Any], order: Order) -> str | None:
        """Return fal's id with its addresses."""
        if not (fal_id := text_at(document, "request_id")):
            return None
        built = self._addresses(order.url.strip("/"), fal_id)
        return _reference(fal_id, {name: self._own(document, name) or url for name, url in built.items()})

    def remember(self, model: str) -> None:
        """Search the requests of this model too."""
        with contextlib.suppress(ProviderRefusedError):
            self._endpoints.add(self.facts.model(model).endpoint)

    def provider_id(self, request_id: str) -> str:
        """Return fal's id alone."""
        return str(json.loads(request_id)["id"])

    def reference(self, own_id: str, model: str) -> str:
        """Fal's id with the addresses as fal forms them."""
        return _reference(own_id, self._addresses(self.facts.model(model).endpoint, own_id))

    async def look(self, request_id: str) -> JobReport:
        """Return the state.

        Once it is COMPLETED, read the result, because only the result shows success or failure.
        """
        reference = json.loads(request_id)
        document = await self.question(reference["status"])
        if document is None:
            return JobReport(JobStatus("unknown"))
        if document.get("status") == "COMPLETED":
            return await self._result(reference["response"], document)
        queued = document.get("status") == "IN_QUEUE"
        return JobReport(JobStatus("queued" if queued else "running"))

    async def cancel(self, request_id: str) -> None:
        """Request the cancellation; a job that is running may go on and be billed."""
        await self.wire.ask("PUT", json.loads(request_id)["cancel"])

    async def listed(self, token: str = "") -> AsyncIterator[tuple[str, str]]:  # noqa: ARG002
        """Yield the requests of the last two days, of every model that this process knows."""
        for endpoint in sorted(self._endpoints):
            async for item in self._requests(endpoint):
                fal_id = text_at(item, "request_id") or ""
                yield _reference(fal_id, self._addresses(endpoint, fal_id)), json.dumps(item.get("json_input"))

    async def verify(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> HookEvent:
        """Verify Ed25519 in hex over request id, user id, time and the body's digest."""
        check_time(header(headers, "X-Fal-Webhook-Timestamp"), now=now)
        try:
            signature = bytes.fromhex(header(headers, "X-Fal-Webhook-Signature"))
        except ValueError as error:
            raise AccessError("Expected a fal signature in hexadecimal.") from error
        await self._keys.check(signature, fal_message(headers, body), now=now)
        event = read_body(body)
        ok = event.get("status") == "OK" and not event.get("payload_error")
        return JobEvent(text_at(event, "request_id"), state="done" if ok else "failed").checked()

    async def _result(self, url: str, status: Mapping[str, Any]) -> JobReport:
        ended = bool(status.get("error"))  # fal reports the end: no later answer will differ
        answer = await self.wire.ask("GET", url, final=lambda answer: ended or _from_the_model(answer))
        if answer.ok:
            document = await self.asked(answer)
            return self.done(_video_url(document)).telling(seconds=document.get("duration"))
        if ended or _from_the_model(answer) or answer.status == 422 or _was_cancelled(answer):
            # a 422 can be billed, a 5xx is not
            return self.failed(answer.document or status, charged=answer.status < 500)
        if answer.status != 400:
            await self.asked(answer)
        return JobReport(JobStatus("running"))

    def _own(self, document: Mapping[str, Any], name: str) -> str | None:
        """Return an address that fal gave, unless it is not fal's."""
        fal_id = text_at(document, f"{name}_url")
        try:
            return self.site.at(fal_id) if fal_id else None
        except ProviderUnavailableError:
            return None

    def _addresses(self, endpoint: str, fal_id: str) -> dict[str, str]:
        """Return a request's addresses as fal forms them.

        The model's owner and alias, without its sub-path.
        """
        owner, alias, *_ = [*endpoint.split("/"), ""]
        root = self.site.at(f"/{owner}/{alias}/requests/{fal_id}")
        return {"status": f"{root}/status", "response": root, "cancel": f"{root}/cancel"}

    async def _requests(self, endpoint: str) -> AsyncIterator[dict[str, Any]]:
        start = (datetime.now(UTC) - _LOOK_BACK).isoformat(timespec="seconds").replace("+00:00", "Z")
        params = {"endpoint_id": endpoint, "expand": "payloads", "limit": "100", "start": start}
        for _ in range(_MOST_PAGES):
            answer = await self.wire.ask("GET", "https://api.fal.ai/v1/models/requests/by-endpoint", params=params)
            page = await self.asked(answer)
            for item in page.get("items") or ():
                yield item
            if not (page.get("has_more") and page.get("next_cursor")):
                return
            params["cursor"] = str(page["next_cursor"])
        raise ProviderUnavailableError(
            f"fal lists more than {_MOST_PAGES * 100} requests of {endpoint}; ask again later."
        )


def _reference(fal_id: str, addresses: Mapping[str, str]) -> str:
    return json.dumps({"id": fal_id, **addresses}, separators=(",", ":"))


def _from_the_model(answer: Response) -> bool:
    """Return whether an error is the model's own, in `detail`, and not a gateway's."""
    document = answer.document
    return answer.status >= 500 and document is not None and isinstance(document.get("detail"), list)


def _was_cancelled(answer: Response) -> bool:
    return answer.status == 400 and "cancel" in str((answer.document or {}).get("detail")).lower()


def _video_url(document: Mapping[str, Any]) -> str | None:
    """Return the video of an output; models call it `video`, a few `videos` or `output`."""
    places = (("video", "url"), ("video",), ("videos", 0, "url"), ("output", "url"), ("output",))
    return next((url for place in places if (url := text_at(document, *place))), None)


def _expected(value: str | None, what: str) -> str:
    if value is None:
        raise ProviderUnavailableError(f"Expected {what}, got none; try again.")
    return value
