"""AtlasCloud's model API, by atlascloud.ai/docs (predictions, errors, refunds) and its own clients."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from tests.money.recorders.recorder import Job, Recorder, Route
from tests.money.recorders.wire import Reply, Request, as_json

_BLIND_POLLS = 1
"""Its own client bears a 404 for a young job."""


class AtlasCloud(Recorder):
    name = "atlascloud"
    key_name = "ATLASCLOUD_API_KEY"
    model = "kling-avatar-v2-standard"
    endpoint: ClassVar[str] = "kwaivgi/kling-v2.6-std/avatar"
    price_per_s = Decimal("0.048")
    frees_failures = True
    balance_route = "/public/v1/balance"
    hook_field = "webhook_url"

    def routes(self) -> list[Route]:
        return [
            ("POST", "/api/v1/model/uploadMedia", self.guarded(self._upload)),
            ("POST", "/api/v1/model/generateVideo", self.guarded(self._submit)),
            ("GET", r"/api/v1/model/prediction/([^/]+)", self.guarded(self._get)),
            ("GET", "/api/v1/webhooks/jwks.json", lambda _request: as_json(self.signer.key_set())),
        ]

    def error(self, status: int, text: str) -> Reply:
        return as_json({"code": status, "msg": text, "request_id": "r", "data": None}, status, X_Request_ID="r")

    def is_authorised(self, request: Request) -> bool:
        return request.headers.get("authorization") == f"Bearer {self.key}"

    def _upload(self, request: Request) -> Reply:
        parts = request.parts()
        self.expect(parts.keys() == {"file"}, f"a form with one field `file`, got {sorted(parts)}")
        file = parts["file"]
        self.expect(bool(file.filename), "a file name in the form")
        upload = self.stored(file.filename, file.content_type, file.data)
        told = {"download_url": upload.url, "filename": file.filename, "size": len(file.data)}
        return as_json({"code": 200, "data": told})

    def _submit(self, request: Request) -> Reply:
        order = self.json_body(request)
        self.expect_fields(order, required={"model", "image", "audio"}, known={"prompt", "webhook_url"})
        self.expect(order.get("model") == self.endpoint, f"the model {self.endpoint}, got {order.get('model')}")
        self.fetched(order.get("image"), "image")
        sound = self.fetched(order.get("audio"), "audio")

        def make(job_id: str) -> Job:
            return self.job(job_id, sound, model=str(order.get("model")), token="", order=order)

        def told(job: Job) -> Reply:
            return as_json({"code": 200, "data": {"id": job.id, "status": "processing", "model": job.model}})

        return self.ordered(request, make, told)

    def hook_body(self, job: Job) -> dict[str, Any]:
        done = {"id": job.id, "status": "completed", "outputs": [self.video_url(job)], "error": ""}
        kind = "video.task.terminal"
        return {"event_type": kind, "session_id": job.id, "status": "OK", "payload": done, "error": None}

    def hook_headers(self, job: Job, body: bytes) -> Mapping[str, str]:
        return self.signer.atlascloud(job.id, body)

    def _get(self, _request: Request, job_id: str) -> Reply:
        return self.looked_up(job_id, self._told)

    def _told(self, job: Job) -> Reply:
        if job.polls <= _BLIND_POLLS:
            return self.error(404, "prediction not found")
        state = {"running": "processing", "done": "completed", "failed": "failed"}[job.state]
        data: dict[str, Any] = {"id": job.id, "status": state, "outputs": [], "error": ""}
        if job.state == "done" and job.has_address:
            data["outputs"] = [self.video_url(job)]
        if job.state == "failed":
            ended = "timeout" if job.trouble == "failed_free" else "failed"  # both are promised to be free
            data |= {"status": ended, "error": "it failed", "error_code": 1039}
        return as_json({"code": 200, "data": data})
