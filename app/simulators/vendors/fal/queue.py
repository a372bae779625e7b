"""Simulated fal.ai: the queue, its status and results, and the list of past requests.

All hosts share one address.

As at fal, a submit takes any JSON. The model checks it when it runs; a refusal is the error of the result.
"""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Mapping
from decimal import Decimal
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from app.simulators import signing
from app.simulators.clock import rfc3339
from app.simulators.context import SimulatorContext
from app.simulators.error_replies import MediaProblem, MediaRefusedError, Problem, ReplyBody
from app.simulators.fault_transport import Endpoint, wired
from app.simulators.faults import Fault, Operation
from app.simulators.inputs import Limits
from app.simulators.jobs import Job, Order, Phase
from app.simulators.request_parsing import bearer, json_body, shortened, text
from app.simulators.vendor import Profile, SimulatedProvider, struck
from app.simulators.vendors import portrait_models
from app.simulators.vendors.fal.storage import FalStorage
from app.simulators.webhook_sender import RetryHabit

_MB = 1024 * 1024
PRICES = {
    "fal-ai/kling-video/ai-avatar/v2/pro": Decimal("0.115"),
    "fal-ai/kling-video/ai-avatar/v2/standard": Decimal("0.0562"),
    "fal-ai/kling-video/v1/pro/ai-avatar": Decimal("0.115"),
    "fal-ai/kling-video/v1/standard/ai-avatar": Decimal("0.0562"),
    "fal-ai/heygen/avatar4/image-to-video": Decimal("0.10"),
    "fal-ai/bytedance/omnihuman": Decimal("0.14"),
    "fal-ai/infinitalk": Decimal("0.20"),
}
"""Dollars per second of video; v1 pro and the last three are estimates: no price was found."""
_TYPES = {
    Problem.MISSING: "missing",
    Problem.UNREACHABLE: "file_download_error",
    Problem.PRIVATE_URL: "file_download_error",
    Problem.TOO_LARGE: "file_too_large",
    Problem.TOO_SMALL: "image_too_small",
    Problem.TOO_LONG: "audio_duration_too_long",
    Problem.TOO_SHORT: "audio_duration_too_short",
}
_REQUEST_ERRORS = {503: "runner_connection_refused", 504: "request_timeout"}


def say(status: int, message: str) -> ReplyBody:
    """Make an error reply: a list for errors of the model, a text for those of the platform."""
    if status == 422:
        entry = {"loc": ["body"], "msg": message, "type": "value_error"}
        return ReplyBody(status, {"detail": [entry]}, {"X-Fal-Retryable": "false"})
    kind = _REQUEST_ERRORS.get(status)
    if kind is not None:
        return ReplyBody(
            status, {"detail": message, "error_type": kind}, {"X-Fal-Error-Type": kind, "x-fal-request-id": "-"}
        )
    return ReplyBody(status, {"detail": message})


PROFILE = Profile(
    name="fal",
    say=say,
    scheme=signing.fal,
    habit=RetryHabit(15.0, (10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1200.0, 1800.0, 2100.0)),
    places=2,
    failed_is_charged=True,
    limits=Limits(audio_s=(2.0, 60.0), audio_bytes=5 * _MB, image_bytes=10 * _MB, image_min_px=300),
    model_limits=portrait_models.limits_of(portrait_models.FAL),
)


def create_fal(stage: SimulatorContext) -> tuple[SimulatedProvider, FastAPI]:
    """Make the provider and its app; all paths are as on the wire."""
    vendor = SimulatedProvider(PROFILE, stage)
    queue, storage = FalQueue(vendor), FalStorage(vendor)
    vendor.write_hook = queue.hook
    job = "/{owner}/{alias}/requests/{id}"
    rows = [
        *storage.rows(),
        Endpoint("GET", "/.well-known/jwks.json", queue.jwks),
        Endpoint("GET", "/v1/models/requests/by-endpoint", queue.listing, Operation.POLL),
        Endpoint("GET", "/v1/account/billing", queue.billing),
        Endpoint("GET", f"{job}/status/stream", queue.stream, Operation.POLL),
        Endpoint("GET", f"{job}/status", queue.status, Operation.POLL),
        Endpoint("PUT", f"{job}/cancel", queue.cancel),
        Endpoint("GET", job, queue.result, Operation.RESULT),
        Endpoint("POST", "/{model:path}", queue.submit, Operation.SUBMIT),
    ]
    return vendor, wired(vendor, rows)


class FalQueue:
    """Handlers of queue.fal.run and api.fal.ai."""

    def __init__(self, vendor: SimulatedProvider) -> None:
        self._vendor = vendor

    async def submit(self, request: Request) -> Response:
        """`POST /{model}?fal_webhook=`."""
        self._check(request)
        model = request.path_params["model"]
        if model not in PRICES and model not in portrait_models.FAL:
            raise self._vendor.refuse(404, f"Application '{model}' not found")
        body = await json_body(request, self._vendor, status=422)
        webhook = request.query_params.get("fal_webhook")
        try:
            self._vendor.check_webhook(webhook)
        except MediaRefusedError as error:
            raise self._vendor.refuse(400, str(error)) from error
        job = await self._vendor.accept(request, _order(model, body, webhook, self._vendor.base(request)))
        answer = {"status": "IN_QUEUE", "queue_position": self._position(job), **_links(job)}
        if webhook is not None:
            answer["gateway_request_id"] = job.id
        return JSONResponse(answer, headers={"x-fal-request-id": job.id})

    async def status(self, request: Request) -> Response:
        """`GET .../status`: 202 until it is over."""
        job = self._job(request)
        body = self._status(job)
        if struck(request, Fault.UNKNOWN_STATE):
            body["status"] = "HIBERNATING"
        return JSONResponse(body, 200 if body["status"] == "COMPLETED" else 202)

    async def stream(self, request: Request) -> Response:
        """`GET .../status/stream`: the same as server-sent events until it is over."""
        return StreamingResponse(self._events(self._job(request)), media_type="text/event-stream")

    async def result(self, request: Request) -> Response:
        """`GET .../requests/{id}`: the output, or the model's own error."""
        job = self._job(request)
        phase = self._vendor.phase(job)
        if phase is Phase.CANCELLED:
            raise self._vendor.refuse(400, "Request was cancelled")
        if phase in {Phase.QUEUED, Phase.RUNNING}:
            raise self._vendor.refuse(400, "Request is still in progress")
        if job.problem is not None:
            status = 500 if Fault.FAILED_FREE in job.flaws else 422  # fal bills no 5xx
            return JSONResponse(_detail(job.problem), status, headers={"x-fal-request-id": job.id})
        output = self._output(job)
        if struck(request, Fault.NO_VIDEO):
            output.pop("video", None)
        return JSONResponse(output, headers={"x-fal-request-id": job.id})

    async def cancel(self, request: Request) -> Response:
        """`PUT .../cancel`: leave the queue, or notify the runner."""
        job = self._job(request)
        phase = self._vendor.phase(job)
        if phase not in {Phase.QUEUED, Phase.RUNNING}:
            return JSONResponse({"status": "ALREADY_COMPLETED"}, 400)
        if phase is Phase.RUNNING:
            return JSONResponse({"status": "CANCELLATION_REQUESTED"}, 202)
        job.cancelled_at = self._vendor.clock.now()
        return JSONResponse({"status": "OK"})

    async def jwks(self, _: Request) -> Response:
        """`GET /.well-known/jwks.json`."""
        return JSONResponse(self._vendor.sender.keys.key_set(), headers={"Cache-Control": "max-age=86400"})

    async def listing(self, request: Request) -> Response:
        """`GET /v1/models/requests/by-endpoint`: started requests; queued ones are not visible yet."""
        self._check(request)
        query = request.query_params
        endpoints = {name for value in query.getlist("endpoint_id") for name in value.split(",") if name}
        if not endpoints:
            error = {"type": "validation_error", "message": "endpoint_id is required"}
            return JSONResponse({"error": error}, 400)
        found = [
            job for job in self._vendor.jobs.newest_first() if job.order.model in endpoints and self._listed(job, query)
        ]
        limit = min(100, max(1, int(query.get("limit", "50"))))
        page = int(base64.b64decode(query["cursor"]) if query.get("cursor") else b"1")
        items = [self._item(job, with_payloads="payloads" in query.get("expand", "")) for job in found]
        more = len(items) > page * limit
        cursor = base64.b64encode(str(page + 1).encode()).decode() if more else None
        shown = items[(page - 1) * limit : page * limit]
        return JSONResponse({"items": shown, "next_cursor": cursor, "has_more": more})

    def hook(self, job: Job) -> tuple[str, Mapping[str, Any]]:
        """Write the webhook's body."""
        body: dict[str, Any] = {"request_id": job.id, "gateway_request_id": job.id}
        if job.problem is None:
            return "", {**body, "status": "OK", "error": None, "payload": self._output(job)}
        error = "Invalid status code: 422"
        return "", {**body, "status": "ERROR", "error": error, "payload": _detail(job.problem)}

    async def billing(self, request: Request) -> Response:
        """`GET /v1/account/billing`: the credits are shown to who asks for them."""
        self._check(request)
        credits_left = {"current_balance": 100.0, "currency": "USD"}
        shown = {"credits": credits_left} if "credits" in request.query_params.getlist("expand") else {}
        return JSONResponse({"username": "simulated", **shown})

    def _check(self, request: Request) -> None:
        self._vendor.check_key(bearer(request, "Key"))

    def _job(self, request: Request) -> Job:
        self._check(request)
        job = self._vendor.jobs.get(request.path_params["id"])
        asked = f"{request.path_params['owner']}/{request.path_params['alias']}"
        if job is None or not job.order.model.startswith(asked):
            raise self._vendor.refuse(404, "Request not found")
        return job

    def _position(self, job: Job) -> int:
        return self._vendor.jobs.ahead_of(job, self._vendor.clock.now())

    def _status(self, job: Job) -> dict[str, Any]:
        phase = self._vendor.phase(job)
        body: dict[str, Any] = {"logs": [], **_links(job)}
        if Fault.UNKNOWN_STATE in job.flaws:
            return {"status": "HIBERNATING", **body}
        if phase is Phase.QUEUED:
            return {"status": "IN_QUEUE", "queue_position": self._position(job), **body}
        if phase is Phase.RUNNING:
            return {"status": "IN_PROGRESS", **body}
        body["metrics"] = {"inference_time": max(0.0, self._vendor.clock.now() - job.start_at)}
        if job.problem is not None:
            body |= {"error": "Invalid status code: 422", "error_type": "validation_error"}
        return {"status": "COMPLETED", **body}

    async def _events(self, job: Job) -> AsyncIterator[str]:
        while (body := self._status(job))["status"] != "COMPLETED":
            yield f"data: {json.dumps(body)}\n\n"
            await asyncio.sleep(0.1)
        yield f"data: {json.dumps(body)}\n\n"

    def _output(self, job: Job) -> dict[str, Any]:
        if job.result is None or not self._vendor.shows_video(job):
            return {"duration": float(job.seconds or 0)}
        video = {
            "url": self._vendor.file_url(job),
            "content_type": "video/mp4",
            "file_name": "output.mp4",
            "file_size": job.result.size_bytes,
        }
        return {"video": video, "duration": float(job.seconds or 0)}

    def _listed(self, job: Job, query: Mapping[str, str]) -> bool:
        phase = self._vendor.phase(job)
        if phase in {Phase.QUEUED, Phase.CANCELLED} or query.get("request_id", job.id) != job.id:
            return False
        wanted = {"success": {Phase.DONE}, "error": {Phase.FAILED}, "user_error": {Phase.FAILED}}
        if query.get("status") and phase not in wanted.get(query["status"], set()):
            return False
        created = rfc3339(job.created_at)
        return query.get("start", "") <= created < query.get("end", "9999")

    def _item(self, job: Job, *, with_payloads: bool) -> dict[str, Any]:
        item: dict[str, Any] = {
            "request_id": job.id,
            "endpoint_id": job.order.model,
            "sent_at": rfc3339(job.created_at),
            "started_at": rfc3339(job.start_at),
        }
        if job.settled.is_set():
            item |= {"ended_at": rfc3339(job.end_at), "duration": job.end_at - job.start_at}
            item["status_code"] = 200 if job.problem is None else 422
        if with_payloads:
            item["json_input"] = shortened(job.order.body)
            item["json_output"] = self._output(job) if job.result is not None else None
        return item


def _order(model: str, body: Mapping[str, Any], webhook: str | None, base: str) -> Order:
    missing = [name for name in ("image", "audio") if text(body, f"{name}_url") is None]
    terms = _terms(model, body)
    return Order(
        model=model,
        body=shortened(body),
        base=base,
        image=text(body, "image_url"),
        audio=text(body, "audio_url"),
        webhook=webhook,
        missing=(*missing, *(() if terms else ("resolution",))),
        **(terms or {}),
    )


def _terms(model: str, body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if model in portrait_models.FAL:
        return portrait_models.FAL[model].terms(body.get("resolution"))
    pro = "standard" not in model
    return {"price_per_s": PRICES[model], "box": (1920, 1080) if pro else (1280, 720), "fps": 48 if pro else 30}


def _links(job: Job) -> dict[str, Any]:
    """Make the links of a request: without the model's sub-path, only with owner and alias."""
    owner, alias, *_ = job.order.model.split("/")
    root = f"{job.order.base}/{owner}/{alias}/requests/{job.id}"
    return {
        "request_id": job.id,
        "response_url": root,
        "status_url": f"{root}/status",
        "cancel_url": f"{root}/cancel",
    }


def _detail(problem: MediaProblem) -> dict[str, Any]:
    entry = {"loc": ["body", f"{problem.field}_url"], "msg": problem.message}
    return {"detail": [{**entry, "type": _TYPES.get(problem.what, "value_error")}]}
