"""HeyGen's v3, by developers.heygen.com (create video, list videos, assets, changelog) and heygen-cli's schema."""

import re
from decimal import Decimal
from typing import Any

from tests.money.recorders.recorder import Job, Recorder, Route, Upload
from tests.money.recorders.wire import Reply, Request, as_json

_KEY = re.compile(r"[A-Za-z0-9_\-:.]{1,255}")
_RATIOS = {"16:9", "9:16", "4:5", "5:4", "1:1", "auto"}
_SOURCES = {"audio_url", "audio_asset_id", "script"}
_KNOWN = {
    "aspect_ratio", "background", "callback_id", "callback_url", "caption", "expressiveness", "fit", "folder_id",
    "motion_prompt", "output_format", "remove_background", "resolution", "title", "voice_id", "voice_settings",
}  # fmt: skip


class HeyGen(Recorder):
    name = "heygen"
    key_name = "HEYGEN_API_KEY"
    model = "photo-avatar"
    price_per_s = Decimal("0.05")
    fps = 25
    finds = True
    frees_failures = True

    def __init__(self, fault: str = "") -> None:
        super().__init__(fault)
        self.assets: dict[str, Upload] = {}
        self.keys: dict[str, Job] = {}
        self.asset_keys: dict[str, str] = {}

    def routes(self) -> list[Route]:
        return [
            ("POST", "/v3/assets", self.guarded(self._upload)),
            ("POST", "/v3/videos", self.guarded(self._submit)),
            ("GET", "/v3/videos", self.guarded(self._list)),
            ("GET", r"/v3/videos/([^/]+)", self.guarded(self._get)),
        ]

    def error(self, status: int, text: str) -> Reply:
        codes = {401: "unauthorized", 404: "not_found", 429: "rate_limit_exceeded", 500: "internal_error"}
        return as_json({"error": {"code": codes.get(status, "invalid_parameter"), "message": text}}, status)

    def is_authorised(self, request: Request) -> bool:
        return request.headers.get("x-api-key") == self.key

    def _upload(self, request: Request) -> Reply:
        parts = request.parts()
        self.expect(parts.keys() == {"file"}, f"a form with one field `file`, got {sorted(parts)}")
        file, key = parts["file"], request.headers.get("idempotency-key", "")
        self.expect(not key or bool(_KEY.fullmatch(key)), "an Idempotency-Key of its letters")
        asset = self.asset_keys.get(key) or f"ast_{len(self.assets) + 1}"
        if key:
            self.asset_keys[key] = asset
        self.assets[asset] = self.stored(file.filename, file.content_type, file.data)
        told = {"asset_id": asset, "url": self.assets[asset].url, "mime_type": file.content_type}
        return as_json({"data": {**told, "size_bytes": len(file.data)}})

    def _submit(self, request: Request) -> Reply:
        order = self.json_body(request)
        self.expect_fields(order, required={"type", "image"}, known=_KNOWN | _SOURCES)
        self.expect(order.get("type") == "image", "type image")
        self.expect(len(_SOURCES & order.keys()) == 1, "exactly one source of the voice")
        self.expect(order.get("aspect_ratio", "auto") in _RATIOS, f"a known ratio, got {order.get('aspect_ratio')}")
        self.expect(order.get("resolution", "720p") in {"4k", "1080p", "720p"}, "a known resolution")
        self.expect(order.get("output_format", "mp4") == "mp4", "mp4")
        self._asset(order.get("image"), "image")
        sound = self._asset({"type": "asset_id", "asset_id": order.get("audio_asset_id")}, "audio")
        key = request.headers.get("idempotency-key", "")
        self.expect(not key or bool(_KEY.fullmatch(key)), "an Idempotency-Key of its letters")
        if key in self.keys:
            return self._accepted(self.keys[key])

        def make(job_id: str) -> Job:
            job = self.job(job_id, sound, model="image", token=str(order.get("title", "")), order=order)
            if key:
                self.keys[key] = job
            return job

        return self.ordered(request, make, self._accepted)

    def _asset(self, named: Any, kind: str) -> Upload:
        named = named if isinstance(named, dict) else {}
        self.expect(named.get("type") == "asset_id", f"an asset as {kind}")
        asset = self.assets.get(str(named.get("asset_id")), Upload("", "", ""))
        return self.fetched(asset.url, kind)

    def _accepted(self, job: Job) -> Reply:
        return as_json({"data": {"video_id": job.id, "status": "waiting", "output_format": "mp4"}})

    def _get(self, _request: Request, job_id: str) -> Reply:
        return self.looked_up(job_id, lambda job: as_json({"data": self._told(job)}))

    def _told(self, job: Job) -> dict[str, Any]:
        state = {"running": "processing", "done": "completed", "failed": "failed"}[job.state]
        told: dict[str, Any] = {"id": job.id, "status": state, "title": job.token or None, "created_at": 1_711_929_600}
        if job.state == "failed":
            return told | {"failure_code": "rendering_failed", "failure_message": "it failed"}
        if job.state == "done":
            told |= {"duration": self.video_seconds(job), "completed_at": 1_711_930_200}
            told["video_url"] = self.video_url(job) if job.has_address else None
        return told

    def _list(self, request: Request) -> Reply:
        self.expect_fields(request.query, required=set(), known={"limit", "token", "folder_id", "title"})
        self.expect(1 <= int(request.query.get("limit", "10")) <= 100, "a limit of 1 to 100")
        wanted = request.query.get("title", "")
        found = [self._told(job) for job in self.jobs.values() if wanted in job.token and job.trouble != "vanished"]
        return as_json({"data": found, "has_more": False, "next_token": None})
