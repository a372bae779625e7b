"""Creatify's Aurora, by docs.creatify.ai (create, get one, list, pricing of Aurora; frequently asked questions)."""

import math
import uuid
from decimal import Decimal
from typing import Any

from tests.money.recorders.recorder import Job, Recorder, Route
from tests.money.recorders.wire import Reply, Request, as_json

_CREDIT_USD = Decimal("0.198")
"""A credit of the plan for 99 dollars."""
_CREDITS_PER_S = {"aurora_v1": Decimal(1), "aurora_v1_fast": Decimal("0.5")}
_KNOWN = {
    "name", "text_prompt", "prompt_guidance_scale", "model_version", "ttl_days", "output_upload_url", "webhook_url",
}  # fmt: skip


class Creatify(Recorder):
    name = "creatify"
    key = "rec-id:rec-key-1"
    key_name = "CREATIFY_API_KEY"
    model = "aurora-1-fast"
    endpoint = "aurora_v1_fast"
    price_per_s = _CREDIT_USD / 2
    fps = 25
    finds = True
    frees_failures = bills_some_ends = True
    hook_field = "webhook_url"

    def routes(self) -> list[Route]:
        return [
            ("PUT", r"/media/([^/]+)", self._put),  # the site's own bucket: Creatify has no upload
            ("POST", "/api/aurora/", self.guarded(self._submit)),
            ("GET", "/api/aurora/", self.guarded(self._list)),
            ("GET", r"/api/aurora/([^/]+)/", self.guarded(self._get)),
        ]

    def error(self, status: int, text: str) -> Reply:
        return as_json({"detail": text}, status)

    def is_authorised(self, request: Request) -> bool:
        told = (request.headers.get("x-api-id"), request.headers.get("x-api-key"))
        return told == tuple(self.key.split(":"))

    def charge(self, job: Job) -> Decimal:
        """Credits for each second; a part of a second counts as a whole one."""
        return _CREDIT_USD * _CREDITS_PER_S[job.model] * math.ceil(self.video_seconds(job) - 1e-6)

    def _put(self, request: Request, name: str) -> Reply:
        self.expect("x-api-key" not in request.headers, "the site's bucket without Creatify's key")
        url = f"{self.url}/media/{name}"
        self.stored(name, request.headers.get("content-type", ""), request.body, url)
        return Reply(200)

    def _submit(self, request: Request) -> Reply:
        order = self.json_body(request)
        self.expect_fields(order, required={"audio", "image"}, known=_KNOWN)
        self.expect(order.get("model_version", "aurora_v1") in _CREDITS_PER_S, "a version of Aurora that is documented")
        self.expect(len(str(order.get("name") or "")) <= 255, "a name of at most 255 characters")
        self.expect(len(str(order.get("webhook_url") or "")) <= 200, "a webhook_url of at most 200 characters")
        image, sound = self.fetched(order.get("image"), "image"), self.fetched(order.get("audio"), "audio")
        self.expect(image.name.endswith((".png", ".jpg", ".jpeg", ".webp")), "png, jpg, jpeg or webp")
        self.expect(sound.name.endswith((".mp3", ".wav")), "mp3 or wav")

        def make(_: str) -> Job:
            version, name = str(order.get("model_version", "aurora_v1")), str(order.get("name") or "")
            return self.job(str(uuid.uuid4()), sound, model=version, token=name, order=order)

        return self.ordered(request, make, lambda job: as_json(self._told(job, status="pending"), 201))

    def _get(self, _request: Request, job_id: str) -> Reply:
        return self.looked_up(job_id, lambda job: as_json(self._told(job)))

    def hook_body(self, job: Job) -> dict[str, Any]:
        return {"id": job.id, "status": "done", "failed_reason": "", "video_output": self.video_url(job)}

    def _list(self, request: Request) -> Reply:
        self.expect_fields(request.query, required=set(), known={"ids", "ordering"})
        return as_json([self._told(job) for job in self.jobs.values() if job.trouble != "vanished"])

    def _told(self, job: Job, *, status: str = "") -> dict[str, Any]:
        failed = "rejected" if job.trouble == "failed_billed" else "failed"  # the refund is told of failed videos
        state = {"running": "running", "done": "done", "failed": failed}[job.state]
        done = job.state == "done"
        credits_used = int(self.charge(job) / _CREDIT_USD) if done else 0
        return {
            "id": job.id,
            "created_at": "2026-11-29T12:00:00Z",
            "updated_at": "2026-11-29T12:00:01Z",
            "name": job.token,
            "audio": job.order.get("audio"),
            "image": job.order.get("image"),
            "model_version": job.model,
            "video_output": self.video_url(job) if done and job.has_address else None,
            "credits_used": credits_used,
            "duration": math.ceil(self.video_seconds(job)) if done else 0,
            "progress": 1.0 if done else 0.5,
            "failed_reason": "it failed" if job.state == "failed" else "",
            "media_job": None,
            "status": status or state,
            "is_hidden": False,
            "webhook_url": job.order.get("webhook_url"),
            "preview": None,
        }
