"""HeyGen, API v3: a photo avatar speaks an uploaded sound.

Our token is the video's title, its callback id and its idempotency key. The key is always sent, and relied on only
where a site sets `idempotency = "key"`.
"""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any

from app.adapters.vendors.balances import balance_at
from app.adapters.vendors.base import JobReport, Media, Order, ProviderRenderer, text_at
from app.adapters.vendors.facts import ModelFacts
from app.adapters.vendors.uploads import Upload
from app.adapters.vendors.webhook_signatures import JobEvent, check_hmac, header, read_body
from app.digest import digest_bytes
from app.errors import ProviderUnavailableError
from app.rendering.balances import Balance
from app.rendering.ports import HookEvent, JobStatus, RenderJob

_VIDEOS = "/v3/videos"
_RATIOS = {"1:1": 1.0, "16:9": 16 / 9, "9:16": 9 / 16, "4:5": 4 / 5, "5:4": 5 / 4}
_MOST_PAGES = 20
_EVENTS = {"avatar_video.success": "done", "avatar_video.fail": "failed"}


class HeyGenRenderer(ProviderRenderer):
    """HeyGen's videos as a renderer."""

    name = "heygen"

    def key_headers(self, key: str) -> Mapping[str, str]:
        """Return HeyGen's own header."""
        return {"X-Api-Key": key}

    async def upload(self, file: Upload) -> str:
        """Upload in one multipart request; return the asset's id.

        The key is made of the bytes, so that a submit repeated by another process names the same asset.
        """
        files = {"file": (file.name, file.content, file.media_type)}
        headers = {"Idempotency-Key": digest_bytes(file.content)}
        document = await self.asked(await self.wire.ask("POST", "/v3/assets", files=files, headers=headers))
        asset_id = text_at(document, "data", "asset_id") or text_at(document, "asset_id")
        if asset_id is None:
            raise ProviderUnavailableError("Expected an `asset_id` from HeyGen, got none; try again.")
        return asset_id

    async def balance(self) -> Balance:
        """Return what is left in the wallet that pays for calls with a key; an account without one tells nothing."""
        document = await self.asked(await self.wire.ask("GET", "/v3/users/me"))
        return balance_at(self.facts.title, document, "data", "wallet", "remaining_balance", currency="currency")

    def order(self, job: RenderJob, model: ModelFacts, media: Media, hook: str | None) -> Order:
        """Return a video of type `image`; under its key, HeyGen says, it is one video within a day."""
        body = {
            "type": model.endpoint,
            "aspect_ratio": _ratio(job.width / job.height),
            "resolution": self.facts.settings["resolution"],
            **model.parameters,
            **job.parameters,
            model.image: {"type": "asset_id", "asset_id": media.visual},
            model.audio: media.audio,
            "title": job.token,
            "callback_id": job.token,
            **({"callback_url": hook} if hook else {}),
        }
        return Order(_VIDEOS, body, headers={"Idempotency-Key": job.token})

    def read_id(self, document: Mapping[str, Any], order: Order) -> str | None:  # noqa: ARG002  it is in the answer
        """Return the video's id."""
        return text_at(document, "data", "video_id")

    async def look(self, request_id: str) -> JobReport:
        """Return the video's state."""
        document = await self.question(f"{_VIDEOS}/{request_id}")
        if document is None:
            return JobReport(JobStatus("unknown"))
        data = document.get("data") or {}
        match text_at(data, "status"):
            case "completed":
                report = self.done(data.get("video_url")).telling(seconds=data.get("duration"))
            case "failed":
                report = self.failed({"message": data.get("failure_message"), "code": data.get("failure_code")})
            case state:
                report = JobReport(JobStatus("queued" if state in {"waiting", "pending", "queued"} else "running"))
        return report.showing(data.get("callback_id") or data.get("title"))

    async def forget(self, request_id: str) -> None:
        """Delete the video; one that is not there any more is deleted."""
        await self.question(f"{_VIDEOS}/{request_id}", method="DELETE")

    async def listed(self, token: str = "") -> AsyncIterator[tuple[str, str]]:
        """Yield the videos, with a token those of this title; nothing where there is no list."""
        params = {"limit": "100"} | ({"title": token} if token else {})
        for _ in range(_MOST_PAGES):
            answer = await self.wire.ask("GET", _VIDEOS, params=params)
            if answer.status in {404, 405}:
                return
            page = await self.asked(answer)
            for item in page.get("data") or ():
                shown = f"{text_at(item, 'title')} {text_at(item, 'callback_id')}"
                yield text_at(item, "id") or text_at(item, "video_id") or "", shown
            if not (page.get("has_more") and text_at(page, "next_token")):
                return
            params["token"] = str(page["next_token"])
        raise ProviderUnavailableError(f"HeyGen lists more than {_MOST_PAGES * 100} videos; ask again later.")

    async def verify(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> HookEvent:  # noqa: ARG002  not timed
        """Verify HMAC over the body alone.

        The time beside it is not signed, so the event's id identifies a replay.
        """
        check_hmac(header(headers, "Heygen-Signature"), body, secret=self.access.webhook_secret)
        event = read_body(body)
        state = _EVENTS.get(text_at(event, "event_type") or "")
        return JobEvent(
            text_at(event, "event_data", "video_id"),
            "done" if state == "done" else "failed" if state == "failed" else "running",
            text_at(event, "event_id") or next((v for k, v in headers.items() if k.lower() == "heygen-event-id"), None),
        ).checked()


def _ratio(wanted: float) -> str:
    """Return HeyGen's name for a shape; `auto` where none is near."""
    name, ratio = min(_RATIOS.items(), key=lambda item: abs(item[1] - wanted))
    return name if abs(ratio - wanted) < 0.02 else "auto"
