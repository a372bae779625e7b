"""Simulated AtlasCloud: flat inputs, predictions invisible at first, webhooks signed with Ed25519."""

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
_LONGEST_WEBHOOK = 1_024
PRICES = {"kwaivgi/kling-v2.6-pro/avatar": Decimal("0.095"), "kwaivgi/kling-v2.6-std/avatar": Decimal("0.048")}
"""Dollars per second."""
_STATES = {Phase.QUEUED: "processing", Phase.RUNNING: "processing", Phase.DONE: "completed", Phase.FAILED: "failed"}


def say(status: int, message: str) -> ReplyBody:
    """Make an error reply: `{code, msg}`."""
    return ReplyBody(status, {"code": status, "msg": message})


PROFILE = Profile(
    name="atlascloud",
    say=say,
    scheme=signing.atlascloud,
    habit=RetryHabit(10.0),
    places=10,
    limits=Limits(audio_s=(2.0, 60.0), audio_bytes=5 * _MB, image_bytes=10 * _MB, image_min_px=300),
    model_limits=portrait_models.limits_of(portrait_models.ATLASCLOUD),
)


def create_atlascloud(stage: SimulatorContext) -> tuple[SimulatedProvider, FastAPI]:
    """Make the provider and its app; all paths are as on the wire."""
    vendor = SimulatedProvider(PROFILE, stage)
    api = AtlasCloud(vendor)
    vendor.write_hook = api.hook
    v1 = "/api/v1"
    rows = [
        Endpoint("POST", f"{v1}/model/generateVideo", api.submit, Operation.SUBMIT),
        Endpoint("GET", f"{v1}/model/prediction/{{id}}", api.result, Operation.POLL),
        Endpoint("POST", f"{v1}/model/uploadMedia", api.upload, Operation.UPLOAD),
        Endpoint("GET", f"{v1}/webhooks/jwks.json", api.jwks),
        Endpoint("GET", "/public/v1/balance", api.balance),
    ]
    return vendor, wired(vendor, rows)


class AtlasCloud:
    """Handlers of api.atlascloud.ai."""

    def __init__(self, vendor: SimulatedProvider) -> None:
        self._vendor = vendor

    async def submit(self, request: Request) -> Response:
        """`POST /api/v1/model/generateVideo`."""
        self._check(request)
        body = await json_body(request, self._vendor)
        model = text(body, "model")
        if model is None or (model not in PRICES and model not in portrait_models.ATLASCLOUD):
            raise self._vendor.refuse(404, f"model not found: {model}")
        for name in ("image", "audio"):
            if text(body, name) is None:
                raise self._vendor.refuse(400, f"{name} is required")
        if _terms(model, body) is None:
            raise self._vendor.refuse(400, "resolution has a value that is not allowed")
        webhook = text(body, "webhook_url")
        try:
            self._vendor.check_webhook(webhook)
        except MediaRefusedError as error:
            raise self._vendor.refuse(400, str(error)) from error
        if webhook is not None and len(webhook) > _LONGEST_WEBHOOK:
            raise self._vendor.refuse(400, "webhook_url is longer than 1024 characters")
        job = await self._vendor.accept(request, _order(model, body, webhook, self._vendor.base(request)))
        get = f"{job.order.base}/api/v1/model/prediction/{job.id}"
        data = {"id": job.id, "model": model, "status": "processing", "urls": {"get": get}}
        return JSONResponse({"code": 200, "data": data})

    async def result(self, request: Request) -> Response:
        """`GET /api/v1/model/prediction/{id}`: 404 for the first moments of a job's life."""
        self._check(request)
        job = self._vendor.jobs.get(request.path_params["id"])
        if job is None or self._vendor.clock.now() < job.created_at + self._vendor.stage.blind_s:
            raise self._vendor.refuse(404, "prediction not found")
        data = self._data(job)
        if struck(request, Fault.UNKNOWN_STATE):
            data["status"] = "hibernating"
        if struck(request, Fault.NO_VIDEO):
            data["outputs"] = []
        return JSONResponse({"code": 200, "data": data})

    async def upload(self, request: Request) -> Response:
        """`POST /api/v1/model/uploadMedia`: multipart, field `file`."""
        self._check(request)
        name, content, kind = await form_file(request, self._vendor, "file")
        place = f"{self._vendor.stage.new_id()}/{name.rsplit('/', 1)[-1]}"
        stored = await self._vendor.stage.storage.put(place, content, kind)
        data = {
            "download_url": f"{self._vendor.base(request)}/files/{place}",
            "filename": name,
            "size": stored.size_bytes,
        }
        return JSONResponse({"code": 200, "data": data})

    async def jwks(self, _: Request) -> Response:
        """`GET /api/v1/webhooks/jwks.json`."""
        return JSONResponse(self._vendor.sender.keys.key_set())

    async def balance(self, request: Request) -> Response:
        """`GET /public/v1/balance`."""
        self._check(request)
        available = {"currency": "usd", "value": "100.000000"}
        return JSONResponse({"object": "balance", "scope": "account", "available": available})

    def hook(self, job: Job) -> tuple[str, Mapping[str, Any]]:
        """Write a terminal event; a failed render says OK outside and failed inside."""
        kind = "video.task.terminal"
        error = job.problem.message if job.problem is not None else None
        body = {"event_type": kind, "session_id": job.id, "status": "OK", "payload": self._data(job), "error": error}
        return kind, body

    def _check(self, request: Request) -> None:
        self._vendor.check_key(bearer(request))

    def _data(self, job: Job) -> dict[str, Any]:
        phase = self._vendor.phase(job)
        shown = phase is Phase.DONE and self._vendor.shows_video(job)
        return {
            "id": job.id,
            "model": job.order.model,
            "status": "hibernating" if Fault.UNKNOWN_STATE in job.flaws else _STATES[phase],
            "outputs": [self._vendor.file_url(job)] if shown else [],
            "error": job.problem.message if job.problem is not None and phase is Phase.FAILED else "",
            "created_at": rfc3339(job.created_at),
        }


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
    if model in portrait_models.ATLASCLOUD:
        return portrait_models.ATLASCLOUD[model].terms(body.get("resolution"))
    return {"price_per_s": PRICES[model], "box": (1920, 1080) if "-pro" in model else (1280, 720)}
