"""Sync.so's generations, by sync.so/docs (idempotency, errors) and syncsdk 0.3.0."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tests.money.recorders.media import frames_of
from tests.money.recorders.recorder import Job, Recorder, Route
from tests.money.recorders.wire import Reply, Request, as_json

_KEY = re.compile(r"[A-Za-z0-9._~-]{1,128}")
_OPTIONS = {
    "sync_mode", "temperature", "active_speaker_detection", "occlusion_detection_enabled", "model_mode", "prompt",
    "output_format", "output_resolution", "fps",
}  # fmt: skip


class Sync(Recorder):
    name = "sync"
    key_name = "SYNC_API_KEY"
    model = "lipsync-2"
    price_per_s = Decimal("0.05")
    fps = 25
    finds = proves = True
    hook_field = "webhookUrl"

    def __init__(self, fault: str = "") -> None:
        super().__init__(fault)
        self.keys: dict[str, tuple[bytes, Job]] = {}

    def routes(self) -> list[Route]:
        return [
            ("POST", "/v2/assets/upload", self.guarded(self._ticket)),
            ("PUT", r"/files/in/(\d+)/([^/]+)", self._put),
            ("POST", "/v2/generate", self.guarded(self._submit)),
            ("GET", r"/v2/generate/([^/]+)", self.guarded(self._get)),
            ("GET", "/v2/generations", self.guarded(self._list)),
        ]

    def error(self, status: int, text: str) -> Reply:
        code = {429: "rate_limit_exceeded"}.get(status)
        return as_json({"statusCode": status, "message": text, "error": "Error", "errorCode": code}, status)

    def is_authorised(self, request: Request) -> bool:
        return request.headers.get("x-api-key") == self.key

    def charge(self, job: Job) -> Decimal:
        """Each frame at 25 frames a second."""
        return Decimal("0.002") * frames_of(job.seconds, self.fps)

    def _ticket(self, request: Request) -> Reply:
        asked = self.json_body(request)
        self.expect_fields(asked, required={"fileName", "contentType", "size"}, known=set())
        upload = self.stored(str(asked.get("fileName")), str(asked.get("contentType")), b"")
        return as_json({"uploadUrl": f"{upload.url}?sig=s", "url": upload.url, "expiresIn": 900}, 201)

    def _put(self, request: Request, _number: str, _name: str) -> Reply:
        self.keyless(request, "an upload")
        upload = self.uploads[f"{self.url}{request.path}"]
        self.expect(request.query.get("sig") == "s", "the signed address at an upload")
        self.expect(request.headers.get("content-type") == upload.content_type, "the ticket's content type")
        upload.data = request.body
        return Reply(200)

    def _submit(self, request: Request) -> Reply:
        order = self.json_body(request)
        known = {"options", "segments", "webhookUrl", "outputFileName"}
        self.expect_fields(order, required={"model", "input"}, known=known)
        self.expect(order.get("model") == self.model, f"the model {self.model}")
        self.expect_fields(order.get("options") or {}, required=set(), known=_OPTIONS)
        inputs = {str(one.get("type")): one for one in order.get("input", [])}
        self.expect("audio" in inputs and len(inputs.keys() & {"video", "image"}) == 1, "a sound and a video or image")
        visual = "video" if "video" in inputs else "image"
        self.fetched(inputs.get(visual, {}).get("url"), visual)
        sound = self.fetched(inputs.get("audio", {}).get("url"), "audio")
        key = request.headers.get("idempotency-key", "")
        self.expect(bool(_KEY.fullmatch(key)), f"an Idempotency-Key of its letters, got {key[:8]!r}…")
        canonical = json.dumps(order, sort_keys=True).encode()
        if key in self.keys:
            return self._again(key, canonical)

        def make(job_id: str) -> Job:
            job = self.job(job_id, sound, model=self.model, token=key, order=order)
            self.keys[key] = (canonical, job)
            return job

        return self.ordered(request, make, lambda job: as_json(self._told(job, status="PENDING"), 201))

    def _again(self, key: str, body: bytes) -> Reply:
        first, job = self.keys[key]
        if first != body:
            self.violated("the same body with the same Idempotency-Key")
            code = "IDEMPOTENCY_KEY_CONFLICT"
            return as_json({"statusCode": 409, "message": "other inputs", "error": "Conflict", "errorCode": code}, 409)
        return as_json(self._told(job), 201)

    def _get(self, _request: Request, job_id: str) -> Reply:
        return self.looked_up(job_id, lambda job: as_json(self._told(job)))

    def _told(self, job: Job, *, status: str = "") -> dict[str, Any]:
        failed = "REJECTED" if job.trouble == "failed_billed" else "FAILED"
        state = status or {"running": "PROCESSING", "done": "COMPLETED", "failed": failed}[job.state]
        told: dict[str, Any] = {
            "id": job.id,
            "createdAt": "2026-11-29T12:00:00.000Z",
            "status": state,
            "model": job.model,
            "input": job.order["input"],
            "options": job.order.get("options"),
            "outputUrl": None,
            "outputDuration": None,
            "outputFileName": job.order.get("outputFileName"),
            "error": None,
            "errorCode": None,
        }
        if state in {"FAILED", "REJECTED"}:
            told |= {"error": "it failed", "errorCode": "generation_failed"}
        if state == "COMPLETED":
            told |= {"outputUrl": self.video_url(job) if job.has_address else None}
            told["outputDuration"] = self.video_seconds(job)
        return told

    def hook_body(self, job: Job) -> dict[str, Any]:
        return self._told(job)

    def hook_headers(self, job: Job, body: bytes) -> Mapping[str, str]:
        return self.signer.sync(job.id, body)

    def _list(self, request: Request) -> Reply:
        self.expect_fields(request.query, required=set(), known={"status", "ids"})
        found = [self._told(job) for job in self.jobs.values() if job.trouble != "vanished"]
        wanted = request.query.get("status")
        return as_json([one for one in found if not wanted or one["status"] == wanted])
