"""WaveSpeed's v3 predictions, by wavespeed.ai/docs and wavespeed 2.0.5."""

from collections.abc import Mapping
from decimal import ROUND_CEILING, Decimal
from typing import Any, ClassVar

from tests.money.recorders.recorder import Job, Recorder, Route
from tests.money.recorders.wire import Reply, Request, as_json


class WaveSpeed(Recorder):
    name = "wavespeed"
    key_name = "WAVESPEED_API_KEY"
    model = "kling-avatar-v2-standard"
    endpoint: ClassVar[str] = "kwaivgi/kling-v2-ai-avatar-standard"
    price_per_s = Decimal("0.056")
    frees_failures = bills_some_ends = True
    balance_route = "/api/v3/balance"
    hook_field = "webhook"

    def routes(self) -> list[Route]:
        return [
            ("POST", "/api/v3/media/uploads", self.guarded(self._ticket)),
            ("PUT", r"/files/in/(\d+)/([^/]+)", self._put),
            ("GET", r"/api/v3/predictions/([^/]+)(?:/result)?", self.guarded(self._result)),
            ("POST", "/api/v3/predictions", self.guarded(self._list)),
            ("GET", "/api/v3/predictions", self.guarded(lambda _request: self.error(405, "method not allowed"))),
            ("POST", r"/api/v3/(.+)", self.guarded(self._submit)),
        ]

    def error(self, status: int, text: str) -> Reply:
        return as_json({"code": status, "message": text}, status)

    def is_authorised(self, request: Request) -> bool:
        return request.headers.get("authorization") == f"Bearer {self.key}"

    def charge(self, job: Job) -> Decimal:
        """Whole seconds, rounded up, and five at least."""
        whole = Decimal(str(job.seconds)).to_integral_value(ROUND_CEILING)
        return self.price_per_s * max(whole, Decimal(5))

    def _ticket(self, request: Request) -> Reply:
        asked = self.json_body(request)
        self.expect_fields(asked, required={"filename", "size"}, known={"content_type"})
        upload = self.stored(str(asked.get("filename")), str(asked.get("content_type", "")), b"")
        self.sizes[upload.url] = asked.get("size")
        put = {"method": "PUT", "url": upload.url, "headers": {"Content-Type": upload.content_type, "x-ticket": "t1"}}
        return _enveloped({"upload": put, "download_url": upload.url})

    def __init__(self, fault: str = "") -> None:
        super().__init__(fault)
        self.sizes: dict[str, Any] = {}

    def _put(self, request: Request, _number: str, _name: str) -> Reply:
        self.keyless(request, "an upload")
        upload = self.uploads[f"{self.url}{request.path}"]
        self.expect(request.headers.get("x-ticket") == "t1", "the ticket's headers at an upload")
        self.expect(request.headers.get("content-type") == upload.content_type, "the ticket's content type")
        self.expect(len(request.body) == self.sizes.get(upload.url), "as many bytes as the ticket says")
        upload.data = request.body
        return Reply(200)

    def _submit(self, request: Request, endpoint: str) -> Reply:
        self.expect(endpoint == self.endpoint, f"the model {self.endpoint}, got {endpoint}")
        order = self.json_body(request)
        known = {"prompt", "enable_sync_mode", "enable_base64_output"}
        self.expect_fields(order, required={"image", "audio"}, known=known)
        self.expect(request.query.keys() <= {"webhook"}, "no query but webhook at submit")
        self.fetched(order.get("image"), "image")
        sound = self.fetched(order.get("audio"), "audio")

        def make(job_id: str) -> Job:
            job = self.job(job_id, sound, model=endpoint, token=str(order.get("audio")), order=order)
            job.hook = request.query.get("webhook", "")  # beside the order, not in it
            return job

        return self.ordered(request, make, lambda job: _enveloped(self._told(job, status="created")))

    def _result(self, _request: Request, job_id: str) -> Reply:
        return self.looked_up(job_id, lambda job: _enveloped(self._told(job)))

    def _told(self, job: Job, *, status: str = "") -> dict[str, Any]:
        failed = "timeout" if job.trouble == "failed_billed" else "failed"
        state = {"running": "processing", "done": "completed", "failed": failed}[job.state]
        has_video = job.state == "done" and job.has_address
        return {
            "id": job.id,
            "model": job.model,
            "outputs": [self.video_url(job)] if has_video else [],
            "urls": {"get": f"{self.url}/api/v3/predictions/{job.id}/result"},
            "has_nsfw_contents": [],
            "status": status or state,
            "created_at": "2026-11-29T12:00:00.000Z",
            "error": "it failed" if job.state == "failed" else "",
            "timings": {"inference": 1000},
        }

    def hook_body(self, job: Job) -> dict[str, Any]:
        return self._told(job)

    def hook_headers(self, job: Job, body: bytes) -> Mapping[str, str]:
        return self.signer.wavespeed(job.id, body)

    def _list(self, request: Request) -> Reply:
        asked = self.json_body(request)
        known = {"model", "status", "created_after", "created_before"}
        self.expect_fields(asked, required={"page", "page_size"}, known=known)
        self.expect(1 <= int(asked.get("page_size", 0)) <= 100, "a page size of 1 to 100")
        items = [self._told(job) for job in self.jobs.values()] if asked.get("page") == 1 else []
        return _enveloped({"page": asked.get("page"), "total": len(self.jobs), "items": items})


def _enveloped(data: dict[str, Any]) -> Reply:
    return as_json({"code": 200, "message": "success", "data": data})
