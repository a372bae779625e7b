"""fal's queue, its storage and its list of requests, by docs.fal.ai, fal's platform API and fal-client 1.0.3."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from tests.money.recorders.recorder import Job, Recorder, Route
from tests.money.recorders.wire import Reply, Request, as_json

_OWN = r"/([^/]+/[^/]+)/requests/([^/]+)"


class Fal(Recorder):
    name = "fal"
    key = "rec-id:rec-secret"
    key_name = "FAL_KEY"
    model = "kling-avatar-v2-standard"
    endpoint: ClassVar[str] = "fal-ai/kling-video/ai-avatar/v2/standard"
    price_per_s = Decimal("0.0562")
    finds = proves = tells_free_failures = True
    balance_route = "/v1/account/billing"
    hook_field = "fal_webhook"

    def routes(self) -> list[Route]:
        return [
            ("POST", "/storage/auth/token", self.guarded(self._token)),
            ("POST", "/files/upload", self._upload),
            ("GET", "/v1/models/requests/by-endpoint", self.guarded(self._list)),
            ("GET", _OWN + "/status", self.guarded(self._status)),
            ("GET", _OWN, self.guarded(self._result)),
            ("PUT", _OWN + "/cancel", self.guarded(self._cancel)),
            ("GET", "/.well-known/jwks.json", lambda _request: as_json(self.signer.key_set())),
            ("POST", r"/(fal-ai/.+)", self.guarded(self._submit)),
        ]

    def error(self, status: int, text: str) -> Reply:
        return as_json({"detail": text}, status, X_Fal_Request_Id="req")

    def is_authorised(self, request: Request) -> bool:
        return request.headers.get("authorization") == f"Key {self.key}"

    def _token(self, request: Request) -> Reply:
        self.expect(request.query.get("storage_type") == "fal-cdn-v3", "storage_type=fal-cdn-v3")
        self.json_body(request)
        until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        return as_json({"token": "cdn-token", "token_type": "Bearer", "base_url": self.url, "expires_at": until})

    def _upload(self, request: Request) -> Reply:
        self.expect(request.headers.get("authorization") == "Bearer cdn-token", "the storage's own token at an upload")
        name = request.headers.get("x-fal-file-name", "")
        self.expect(bool(name), "X-Fal-File-Name at an upload")
        upload = self.stored(name, request.headers.get("content-type", ""), request.body)
        return as_json({"access_url": upload.url})

    def _submit(self, request: Request, endpoint: str) -> Reply:
        self.expect(endpoint == self.endpoint, f"the endpoint {self.endpoint}, got {endpoint}")
        order = self.json_body(request)
        self.expect_fields(order, required={"image_url", "audio_url"}, known={"prompt"})
        self.expect(request.query.keys() <= {"fal_webhook"}, "no query but fal_webhook at submit")
        self.fetched(order.get("image_url"), "image")
        sound = self.fetched(order.get("audio_url"), "audio")

        def make(job_id: str) -> Job:
            job = self.job(job_id, sound, model=endpoint, token=str(order.get("audio_url")), order=order)
            job.hook = request.query.get("fal_webhook", "")  # beside the order, not in it
            return job

        return self.ordered(request, make, self._accepted)

    def _accepted(self, job: Job) -> Reply:
        own = f"{self.url}/{'/'.join(job.model.split('/')[:2])}/requests/{job.id}"
        urls = {"response_url": own, "status_url": f"{own}/status", "cancel_url": f"{own}/cancel"}
        return as_json({"status": "IN_QUEUE", "queue_position": 0, "request_id": job.id, **urls})

    def _status(self, request: Request, app: str, job_id: str) -> Reply:
        self.expect(app == "fal-ai/kling-video", f"owner and alias alone in a status address, got {app}")
        self.expect(request.query.get("logs", "0") in {"0", "1", "true", "false"}, "logs=0 or 1")
        return self.looked_up(job_id, self._state)

    def _state(self, job: Job) -> Reply:
        if job.state == "running":
            return as_json({"status": "IN_PROGRESS", "request_id": job.id, "logs": []}, 202)
        told = {"status": "COMPLETED", "request_id": job.id, "logs": [], "metrics": {"inference_time": 1.0}}
        if job.trouble == "failed_billed":
            told["error"] = "Invalid status code: 422"
        if job.trouble == "failed_free":
            told |= {"error": "runner disconnected", "error_type": "runner_disconnected"}
        return as_json(told)

    def _result(self, _request: Request, _app: str, job_id: str) -> Reply:
        job = self.jobs.get(job_id)
        if job is None or job.trouble == "vanished":
            return self.error(404, "Request not found")
        if job.state == "running":
            return self.error(400, "Request is still in progress")
        if job.trouble == "failed_billed":
            wrong = {"loc": ["body", "image_url"], "msg": "rejected", "type": "content_policy_violation"}
            return as_json({"detail": [wrong]}, 422)
        if job.trouble == "failed_free":
            told = {"detail": "runner disconnected", "error_type": "runner_disconnected"}
            return as_json(told, 503, X_Fal_Error_Type="runner_disconnected", X_Fal_Retryable="false")
        return as_json(self._output(job))

    def _output(self, job: Job) -> Mapping[str, Any]:
        told = {"duration": self.video_seconds(job)}
        if not job.has_address:
            return told
        file = {"url": self.video_url(job), "content_type": "video/mp4", "file_name": "output.mp4", "file_size": 1}
        return {**told, "video": file}

    def hook_body(self, job: Job) -> dict[str, Any]:
        return {"request_id": job.id, "gateway_request_id": job.id, "status": "OK", "payload": self._output(job)}

    def hook_headers(self, job: Job, body: bytes) -> Mapping[str, str]:
        return self.signer.fal(job.id, body)

    def _cancel(self, _request: Request, _app: str, _job_id: str) -> Reply:
        return as_json({"status": "CANCELLATION_REQUESTED"}, 202)

    def _list(self, request: Request) -> Reply:
        known = {"endpoint_id", "expand", "start", "end", "limit", "cursor", "status", "request_id", "sort_by"}
        self.expect_fields(request.query, required={"endpoint_id"}, known=known)
        self.expect(1 <= int(request.query.get("limit", "50")) <= 100, "a limit of 1 to 100")
        found = [job for job in self.jobs.values() if job.model == request.query.get("endpoint_id")]
        with_payloads = "payloads" in request.query.get("expand", "")
        return as_json({"items": [_item(job, with_payloads=with_payloads) for job in found], "has_more": False})


def _item(job: Job, *, with_payloads: bool) -> dict[str, Any]:
    sent = (datetime.now(UTC) - timedelta(seconds=job.age_s)).isoformat()
    item = {"request_id": job.id, "endpoint_id": job.model, "sent_at": sent, "started_at": sent}
    return {**item, "json_input": dict(job.order)} if with_payloads else item
