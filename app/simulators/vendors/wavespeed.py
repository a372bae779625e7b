"""Simulated WaveSpeed: v3 predictions in their envelope, their list, uploads, the webhook secret."""

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.simulators import signing
from app.simulators.clock import rfc3339
from app.simulators.context import SimulatorContext
from app.simulators.error_replies import MediaRefusedError, ReplyBody
from app.simulators.fault_transport import Endpoint, wired
from app.simulators.faults import Fault, Operation
from app.simulators.inputs import Limits
from app.simulators.jobs import Job, Order, Phase
from app.simulators.request_parsing import bearer, form_file, json_body, shortened, text
from app.simulators.vendor import Profile, SimulatedProvider, struck
from app.simulators.vendors import portrait_models
from app.simulators.webhook_sender import RetryHabit

_MB = 1024 * 1024
_UPLOAD_CAP = 200 * _MB
_SYNC_WAIT_S = 30.0
_KEPT_S = 7 * 86_400.0
_MIN_BILLED_S = Decimal(5)
PRICES = {
    "kwaivgi/kling-v2-ai-avatar-pro": Decimal("0.112"),
    "kwaivgi/kling-v2-ai-avatar-standard": Decimal("0.056"),
    "kwaivgi/kling-v1-ai-avatar-pro": Decimal("0.10"),
    "kwaivgi/kling-v1-ai-avatar-standard": Decimal("0.05"),
}
"""Dollars per second in whole seconds, five at least; v1 pro is an estimate."""
_STATES = {
    Phase.QUEUED: "created",
    Phase.RUNNING: "processing",
    Phase.DONE: "completed",
    Phase.FAILED: "failed",
    Phase.CANCELLED: "cancelled",
}


def say(status: int, message: str) -> ReplyBody:
    """Make an error reply: the envelope without data."""
    return ReplyBody(status, {"code": status, "message": message})


PROFILE = Profile(
    name="wavespeed",
    say=say,
    scheme=signing.wavespeed,
    habit=RetryHabit(10.0, (2.0, 8.0, 32.0)),
    places=3,
    files="output",
    limits=Limits(audio_s=(2.0, 60.0), audio_bytes=10 * _MB, image_bytes=10 * _MB, image_min_px=300),
    model_limits=portrait_models.limits_of(portrait_models.WAVESPEED),
)


def create_wavespeed(stage: SimulatorContext) -> tuple[SimulatedProvider, FastAPI]:
    """Make the provider and its app; all paths are as on the wire."""
    vendor = SimulatedProvider(PROFILE, stage)
    api = WaveSpeed(vendor)
    vendor.write_hook = api.hook
    v3 = "/api/v3"
    rows = [
        Endpoint("GET", f"{v3}/predictions/{{id}}/result", api.result, Operation.POLL),
        Endpoint("GET", f"{v3}/predictions/{{id}}", api.result, Operation.POLL),
        Endpoint("GET", f"{v3}/predictions", api.listing, Operation.POLL),
        Endpoint("POST", f"{v3}/predictions", api.listing, Operation.POLL),
        Endpoint("POST", f"{v3}/media/uploads", api.ticket, Operation.UPLOAD),
        Endpoint("POST", f"{v3}/media/upload/binary", api.upload, Operation.UPLOAD),
        Endpoint("PUT", "/output/{name:path}", api.put, Operation.UPLOAD),
        Endpoint("GET", f"{v3}/webhook/secret", api.secret),
        Endpoint("GET", f"{v3}/balance", api.balance),
        Endpoint("POST", f"{v3}/{{model:path}}", api.submit, Operation.SUBMIT),
    ]
    return vendor, wired(vendor, rows)


class WaveSpeed:
    """Handlers of api.wavespeed.ai."""

    def __init__(self, vendor: SimulatedProvider) -> None:
        self._vendor = vendor

    async def submit(self, request: Request) -> Response:
        """`POST /api/v3/{model}?webhook=`."""
        self._check(request)
        model = request.path_params["model"]
        if model not in PRICES and model not in portrait_models.WAVESPEED:
            raise self._vendor.refuse(404, f"model not found: {model}")
        body = await json_body(request, self._vendor)
        for name in ("image", "audio"):
            if text(body, name) is None:
                raise self._vendor.refuse(400, f"property '{name}' is missing")
        if _terms(model, body) is None:
            raise self._vendor.refuse(400, "property 'resolution' has a value that is not allowed")
        webhook = request.query_params.get("webhook")
        try:
            self._vendor.check_webhook(webhook)
        except MediaRefusedError as error:
            raise self._vendor.refuse(400, str(error)) from error
        job = await self._vendor.accept(request, _order(model, body, webhook, self._vendor.base(request)))
        if body.get("enable_sync_mode") is True:
            return await self._wait(job)
        return self._enveloped(self._data(job))

    async def result(self, request: Request) -> Response:
        """`GET /api/v3/predictions/{id}/result`."""
        self._check(request)
        job = self._vendor.jobs.get(request.path_params["id"])
        if job is None:
            raise self._vendor.refuse(404, "prediction not found")
        data = self._data(job)
        if struck(request, Fault.UNKNOWN_STATE):
            data["status"] = "hibernating"
        if struck(request, Fault.NO_VIDEO):
            data["outputs"] = []
        return self._enveloped(data)

    async def listing(self, request: Request) -> Response:
        """`POST /api/v3/predictions` (reference) or `GET` (guide): seven days, newest first."""
        self._check(request)
        asked: dict[str, Any] = {**request.query_params, **(await json_body(request, self._vendor))}
        page, size = max(1, int(asked.get("page", 1))), min(100, max(1, int(asked.get("page_size", 100))))
        items = [self._data(job) for job in self._vendor.jobs.newest_first() if self._listed(job, asked)]
        shown = items[(page - 1) * size : page * size]
        return self._enveloped({"page": page, "total": len(items), "items": shown})

    async def ticket(self, request: Request) -> Response:
        """`POST /api/v3/media/uploads`: the address for the PUT, and the one for reading."""
        self._check(request)
        body = await json_body(request, self._vendor)
        size = body.get("size")
        if not isinstance(size, int) or not 0 < size <= _UPLOAD_CAP:
            raise self._vendor.refuse(400, "size must be between 1 byte and 200 MB")
        url = self._address(request, text(body, "filename") or "upload")
        headers = {"Content-Type": text(body, "content_type") or "application/octet-stream"}
        upload = {"method": "PUT", "url": url, "headers": headers}
        return self._enveloped({"upload": upload, "download_url": url})

    async def put(self, request: Request) -> Response:
        """`PUT` to the address of the ticket; it needs no key."""
        kind = request.headers.get("content-type", "application/octet-stream")
        await self._vendor.stage.storage.put(request.path_params["name"], await request.body(), kind)
        return Response(status_code=200)

    async def upload(self, request: Request) -> Response:
        """`POST /api/v3/media/upload/binary`: the older way, multipart."""
        self._check(request)
        name, content, kind = await form_file(request, self._vendor, "file")
        url = self._address(request, name)
        stored = await self._vendor.stage.storage.put(url.split("/output/", 1)[1], content, kind)
        data = {"type": kind.split("/")[0], "download_url": url, "filename": name, "size": stored.size_bytes}
        return self._enveloped(data)

    async def secret(self, request: Request) -> Response:
        """`GET /api/v3/webhook/secret`."""
        self._check(request)
        return self._enveloped({"secret": self._vendor.sender.keys.secret})

    async def balance(self, request: Request) -> Response:
        """`GET /api/v3/balance`."""
        self._check(request)
        return self._enveloped({"balance": 100.0})

    def hook(self, job: Job) -> tuple[str, Mapping[str, Any]]:
        """Write the data object without its envelope, with the input."""
        return "", {**self._data(job), "input": job.order.body}

    async def _wait(self, job: Job) -> Response:
        try:
            async with asyncio.timeout(_SYNC_WAIT_S):
                await job.settled.wait()
        except TimeoutError:
            data = self._data(job)
            return self._enveloped({**data, "status": "processing", "code": 5004, "error": "Sync mode timed out"})
        return self._enveloped(self._data(job))

    def _check(self, request: Request) -> None:
        self._vendor.check_key(bearer(request))

    def _address(self, request: Request, name: str) -> str:
        return f"{self._vendor.base(request)}/output/{self._vendor.stage.new_id()}/{name.rsplit('/', 1)[-1]}"

    def _listed(self, job: Job, asked: Mapping[str, Any]) -> bool:
        if self._vendor.clock.now() - job.created_at > _KEPT_S:
            return False
        created = rfc3339(job.created_at)
        wanted = {"model": job.order.model, "status": _STATES[self._vendor.phase(job)]}
        if any(asked.get(name) not in {None, "", value} for name, value in wanted.items()):
            return False
        return (asked.get("created_after") or "") <= created <= (asked.get("created_before") or "9999")

    def _data(self, job: Job) -> dict[str, Any]:
        phase = self._vendor.phase(job)
        done = phase is Phase.DONE and self._vendor.shows_video(job)
        spent_ms = round((job.end_at - job.start_at) * 1000) if job.settled.is_set() else 0
        return {
            "id": job.id,
            "model": job.order.model,
            "outputs": [self._vendor.file_url(job)] if done else [],
            "urls": {"get": f"{job.order.base}/api/v3/predictions/{job.id}/result"},
            "has_nsfw_contents": [False] if done else [],
            "status": "hibernating" if Fault.UNKNOWN_STATE in job.flaws else _STATES[phase],
            "created_at": rfc3339(job.created_at),
            "error": job.problem.message if job.problem is not None and phase is Phase.FAILED else "",
            "executionTime": spent_ms,
            "timings": {"inference": spent_ms},
        }

    def _enveloped(self, data: Mapping[str, Any]) -> Response:
        return JSONResponse({"code": 200, "message": "success", "data": dict(data)})


def _order(model: str, body: Mapping[str, Any], webhook: str | None, base: str) -> Order:
    return Order(
        model=model,
        body=shortened(body),
        base=base,
        image=text(body, "image"),
        audio=text(body, "audio"),
        webhook=webhook,
        **(_terms(model, body) or {}),
    )


def _terms(model: str, body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if model in portrait_models.WAVESPEED:
        return portrait_models.WAVESPEED[model].terms(body.get("resolution"))
    return {
        "price_per_s": PRICES[model],
        "min_billed_s": _MIN_BILLED_S,
        "billed_step_s": Decimal(1),
        "box": (1920, 1080) if model.endswith("-pro") else (1280, 720),
        "fps": 30,
    }
