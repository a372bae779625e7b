"""EachLabs' predictions, by its OpenAPI document of 2026-08-21 and its pages."""

from decimal import Decimal
from typing import Any

from tests.money.recorders.recorder import Job, Recorder, Route
from tests.money.recorders.wire import Reply, Request, as_json


class EachLabs(Recorder):
    name = "eachlabs"
    key_name = "EACHLABS_API_KEY"
    model = "kling-avatar-v2-standard"
    price_per_s = Decimal("0.0562")
    hook_field = "webhook_url"
    hook_secret = ""

    def routes(self) -> list[Route]:
        return [
            ("POST", "/v1/upload/presign", self.guarded(self._presign)),
            ("PUT", r"/files/in/(\d+)/([^/]+)", self._put),
            ("POST", "/v1/prediction", self.guarded(self._submit)),
            ("GET", r"/v1/prediction/([^/]+)", self.guarded(self._get)),
            ("POST", r"/v1/prediction/([^/]+)/cancel", self.guarded(self._cancel)),
        ]

    def error(self, status: int, text: str) -> Reply:
        return as_json({"status": "error", "error": text, "details": ""}, status)

    def is_authorised(self, request: Request) -> bool:
        bearer = request.headers.get("authorization") == f"Bearer {self.key}"
        return bearer or request.headers.get("x-api-key") == self.key

    def _presign(self, request: Request) -> Reply:
        asked = self.json_body(request)
        self.expect_fields(asked, required={"content_type"}, known={"file_type", "expires_in_seconds"})
        upload = self.stored("file", str(asked.get("content_type")), b"")
        headers = {"Content-Type": upload.content_type, "x-amz-acl": "public-read"}
        urls = {"presigned_url": f"{upload.url}?X-Amz-Signature=s", "public_url": upload.url}
        return as_json({"id": "u", **urls, "expires_at": "2026-12-08T12:00:00Z", "required_headers": headers})

    def _put(self, request: Request, _number: str, _name: str) -> Reply:
        self.keyless(request, "an upload")
        upload = self.uploads[f"{self.url}{request.path}"]
        self.expect(request.query.get("X-Amz-Signature") == "s", "the signed address at an upload")
        self.expect(request.headers.get("x-amz-acl") == "public-read", "every required header at an upload")
        self.expect(request.headers.get("content-type") == upload.content_type, "the promised content type")
        upload.data = request.body
        return Reply(200)

    def _submit(self, request: Request) -> Reply:
        asked = self.json_body(request)
        self.expect_fields(asked, required={"model", "input"}, known={"version", "webhook_url", "webhook_secret"})
        self.expect(asked.get("model") == self.model, f"the slug {self.model}")
        order = asked.get("input") or {}
        self.expect_fields(order, required={"image_url", "audio_url"}, known={"prompt"})
        self.fetched(order.get("image_url"), "image")
        sound = self.fetched(order.get("audio_url"), "audio")

        def make(job_id: str) -> Job:
            job = self.job(job_id, sound, model=str(asked.get("model")), token="", order=order)
            job.hook, self.hook_secret = str(asked.get("webhook_url") or ""), str(asked.get("webhook_secret") or "")
            return job

        def told(job: Job) -> Reply:
            message = "Prediction created successfully"
            return as_json({"status": "success", "message": message, "predictionID": job.id})

        return self.ordered(request, make, told)

    def _get(self, _request: Request, job_id: str) -> Reply:
        return self.looked_up(job_id, lambda job: as_json(self._told(job)))

    def _told(self, job: Job) -> dict[str, Any]:
        failed = "error" if job.trouble == "failed_billed" else "failed"
        state = {"running": "processing", "done": "success", "failed": failed}[job.state]
        output: Any = self.video_url(job) if job.state == "done" and job.has_address else None
        if job.state == "failed":
            output = {"error_code": "E1", "error_message": "it failed"}
        cost = float(self.charge(job)) if job.state != "running" and self.is_billed(job) else 0.0
        own = f"{self.url}/v1/prediction/{job.id}"
        told = {"id": job.id, "input": dict(job.order), "status": state, "output": output, "logs": None}
        return {**told, "metrics": {"predict_time": 1.0, "cost": cost}, "urls": {"cancel": f"{own}/cancel", "get": own}}

    def hook_body(self, job: Job) -> dict[str, Any]:
        return {"exec_id": job.id, "status": "succeeded", "output": self.video_url(job)}

    def hook_headers(self, job: Job, body: bytes) -> dict[str, str]:  # noqa: ARG002 -- the secret alone
        return {"X-Webhook-Secret": self.hook_secret}

    def _cancel(self, _request: Request, job_id: str) -> Reply:
        return as_json({"status": "cancelled", "message": "Prediction canceled successfully", "predictionID": job_id})
