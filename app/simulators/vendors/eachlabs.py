"""Simulated EachLabs: the prediction API, its own webhook vocabulary, uploads by presigned address."""

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
from app.simulators.request_parsing import bearer, json_body, shortened, text
from app.simulators.vendor import Profile, SimulatedProvider, struck
from app.simulators.webhook_sender import RetryHabit

_MB = 1024 * 1024
_UPLOAD_CAP = 100 * _MB
_URL_S = 900
PRICES = {
    "kling-avatar-v2-pro": Decimal("0.115"),
    "kling-avatar-v2-standard": Decimal("0.0562"),
    "kling-v1-pro-ai-avatar": Decimal("0.115"),
    "kling-v1-standard-ai-avatar": Decimal("0.0562"),
}
"""Estimated prices: none was found."""
_STATES = {
    Phase.QUEUED: "starting",
    Phase.RUNNING: "processing",
    Phase.DONE: "success",
    Phase.FAILED: "error",
    Phase.CANCELLED: "cancelled",
}


def say(status: int, message: str) -> ReplyBody:
    """Make an error reply: `{error}`; about money also status and details."""
    if status == 402:
        return ReplyBody(status, {"status": "error", "error": "Insufficient balance", "details": message})
    return ReplyBody(status, {"error": message})


PROFILE = Profile(
    name="eachlabs",
    say=say,
    scheme=signing.eachlabs,
    habit=RetryHabit(10.0, (10.0, 10.0)),
    places=10,
    surplus_waits=False,
    limits=Limits(audio_s=(2.0, 60.0), audio_bytes=5 * _MB, image_bytes=10 * _MB, image_min_px=300),
)


def create_eachlabs(stage: SimulatorContext) -> tuple[SimulatedProvider, FastAPI]:
    """Make the provider and its app; all paths are as on the wire."""
    vendor = SimulatedProvider(PROFILE, stage)
    api = EachLabs(vendor)
    vendor.write_hook = api.hook
    rows = [
        Endpoint("POST", "/v1/prediction", api.submit, Operation.SUBMIT),
        Endpoint("POST", "/v1/prediction/", api.submit, Operation.SUBMIT),
        Endpoint("GET", "/v1/prediction/{id}", api.result, Operation.POLL),
        Endpoint("POST", "/v1/prediction/{id}/cancel", api.cancel),
        Endpoint("GET", "/v1/webhooks/{id}", api.deliveries),
        Endpoint("GET", "/v1/model", api.model),
        Endpoint("POST", "/v1/upload/presign", api.presign, Operation.UPLOAD),
        Endpoint("PUT", "/files/{name:path}", api.put, Operation.UPLOAD),
    ]
    return vendor, wired(vendor, rows)


class EachLabs:
    """Handlers of api.eachlabs.ai."""

    def __init__(self, vendor: SimulatedProvider) -> None:
        self._vendor = vendor

    async def submit(self, request: Request) -> Response:
        """`POST /v1/prediction`: the model and its version are part of the body."""
        self._check(request)
        body = await json_body(request, self._vendor)
        model = text(body, "model")
        if model not in PRICES:
            raise self._vendor.refuse(404, f"Model {model} not found")
        given = body.get("input")
        if text(body, "version") is None or not isinstance(given, dict):
            raise self._vendor.refuse(400, "model, version and input are required")
        for name in ("image_url", "audio_url"):
            if text(given, name) is None:
                raise self._vendor.refuse(400, f"input.{name} is required")
        try:
            self._vendor.check_webhook(text(body, "webhook_url"))
        except MediaRefusedError as error:
            raise self._vendor.refuse(400, str(error)) from error
        job = await self._vendor.accept(request, _order(model, body, given, self._vendor.base(request)))
        return JSONResponse({"status": "success", "message": "Prediction created successfully", "predictionID": job.id})

    async def result(self, request: Request) -> Response:
        """`GET /v1/prediction/{id}`."""
        job = self._job(request)
        phase = self._vendor.phase(job)
        odd = Fault.UNKNOWN_STATE in job.flaws or struck(request, Fault.UNKNOWN_STATE)
        empty = (phase is Phase.DONE and not self._vendor.shows_video(job)) or struck(request, Fault.NO_VIDEO)
        root = f"{job.order.base}/v1/prediction/{job.id}"
        body = {
            "id": job.id,
            "input": job.order.body.get("input"),
            "status": "hibernating" if odd else _STATES[phase],
            "output": "" if empty else self._output(job, phase),
            "logs": "",
            "metrics": self._metrics(job, phase),
            "urls": {"cancel": f"{root}/cancel", "get": root},
        }
        return JSONResponse(body)

    async def cancel(self, request: Request) -> Response:
        """`POST .../cancel`: marks the record."""
        job = self._job(request)
        if self._vendor.phase(job) in {Phase.DONE, Phase.FAILED}:
            raise self._vendor.refuse(400, "Prediction is already finished")
        job.cancelled_at = min(self._vendor.clock.now(), job.start_at - 1)
        return JSONResponse({"status": "success", "message": "Prediction cancelled"})

    async def deliveries(self, request: Request) -> Response:
        """`GET /v1/webhooks/{execution_id}`."""
        job = self._job(request)
        made = [attempt for attempt in self._vendor.sender.attempts if attempt.event_id == job.id]
        rows = [{"url": one.url, "status_code": one.status, "created_at": rfc3339(one.at)} for one in made]
        return JSONResponse({"webhooks": rows})

    async def model(self, request: Request) -> Response:
        """`GET /v1/model?slug=`: the inputs of a model."""
        slug = request.query_params.get("slug", "")
        if slug not in PRICES:
            raise self._vendor.refuse(404, f"Model {slug} not found")
        fields = {"image_url": {"type": "string"}, "audio_url": {"type": "string"}, "prompt": {"type": "string"}}
        schema = {"type": "object", "properties": fields, "required": ["image_url", "audio_url"]}
        return JSONResponse({"title": slug, "slug": slug, "version": "0.0.1", "request_schema": schema})

    async def presign(self, request: Request) -> Response:
        """`POST /v1/upload/presign`."""
        self._check(request)
        body = await json_body(request, self._vendor)
        kind = text(body, "content_type")
        if kind is None:
            raise self._vendor.refuse(400, "content_type is required")
        url = f"{self._vendor.base(request)}/files/{self._vendor.stage.new_id()}/upload.{kind.rsplit('/', 1)[-1]}"
        answer = {
            "presigned_url": url,
            "public_url": url,
            "expires_at": rfc3339(self._vendor.clock.now() + _URL_S),
            "required_headers": {"Content-Type": kind},
        }
        return JSONResponse(answer)

    async def put(self, request: Request) -> Response:
        """`PUT` to the presigned address."""
        content = await request.body()
        if len(content) > _UPLOAD_CAP:
            return Response(status_code=413)
        kind = request.headers.get("content-type", "application/octet-stream")
        await self._vendor.stage.storage.put(request.path_params["name"], content, kind)
        return Response(status_code=200)

    def hook(self, job: Job) -> tuple[str, Mapping[str, Any]]:
        """Write an event; its words differ from the poll's: succeeded and failed, exec_id."""
        failed = job.problem is not None
        output: Any = [{"error": job.problem.message}] if job.problem is not None else self._vendor.file_url(job)
        body = {"exec_id": job.id, "flow_id": "", "status": "failed" if failed else "succeeded"}
        return "", {**body, "output": output, "error": ""}

    def _check(self, request: Request) -> None:
        self._vendor.check_key(bearer(request) or request.headers.get("x-api-key"))

    def _job(self, request: Request) -> Job:
        self._check(request)
        job = self._vendor.jobs.get(request.path_params["id"])
        if job is None:
            raise self._vendor.refuse(404, "Prediction not found")
        return job

    def _output(self, job: Job, phase: Phase) -> Any:
        if phase is Phase.FAILED and job.problem is not None:
            return {"error_code": job.problem.what.value, "error_message": job.problem.message}
        return self._vendor.file_url(job) or ""

    def _metrics(self, job: Job, phase: Phase) -> dict[str, float]:
        if phase not in {Phase.DONE, Phase.FAILED}:
            return {"predict_time": 0.0, "cost": 0.0}
        return {"predict_time": job.end_at - job.start_at, "cost": float(self._vendor.amount(job))}


def _order(model: str, body: Mapping[str, Any], given: Mapping[str, Any], base: str) -> Order:
    pro = "pro" in model
    return Order(
        model=model,
        body=shortened(body),
        base=base,
        image=text(given, "image_url"),
        audio=text(given, "audio_url"),
        webhook=text(body, "webhook_url"),
        price_per_s=PRICES[model],
        box=(1920, 1080) if pro else (1280, 720),
        notes={"webhook_secret": text(body, "webhook_secret")},
    )
