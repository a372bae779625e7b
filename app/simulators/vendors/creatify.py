"""Simulated Creatify: Aurora tasks from addresses of a photo and a sound, with webhooks that nobody signs."""

from collections.abc import Mapping
from decimal import ROUND_CEILING, Decimal
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.simulators.clock import rfc3339
from app.simulators.context import SimulatorContext
from app.simulators.error_replies import MediaRefusedError, ReplyBody
from app.simulators.fault_transport import Endpoint, wired
from app.simulators.faults import Fault, Operation
from app.simulators.inputs import Limits
from app.simulators.jobs import Job, Order, Phase
from app.simulators.request_parsing import json_body, shortened, text
from app.simulators.vendor import Profile, SimulatedProvider, struck
from app.simulators.webhook_sender import RetryHabit

_MB = 1024 * 1024
CREDIT = Decimal("0.198")
"""Dollars per credit on the $99 plan; the $299 plan has them for 0.1495."""
CREDITS = {"aurora_v2": Decimal("0.7"), "aurora_v1": Decimal(1), "aurora_v1_fast": Decimal("0.5")}
"""Credits per second, 2.0 at 720p."""
_LONGEST_S = {"aurora_v2": 59.7}
_STATES = {
    Phase.QUEUED: "in_queue",
    Phase.RUNNING: "running",
    Phase.DONE: "done",
    Phase.FAILED: "failed",
}
_LONGEST_NAME, _LONGEST_WEBHOOK = 255, 200


def say(status: int, message: str) -> ReplyBody:
    """Make an error reply: `{detail}`."""
    return ReplyBody(status, {"detail": message})


PROFILE = Profile(
    name="creatify",
    say=say,
    habit=RetryHabit(10.0),
    limits=Limits(
        audio_s=(0.0, 300.0),
        audio_bytes=20 * _MB,
        image_bytes=20 * _MB,
        image_min_px=256,
        image_ratio=(0.25, 4.0),
        image_formats=("JPEG", "MPO", "PNG", "WEBP"),
        audio_formats=("mp3", "wav"),
    ),
)


def create_creatify(stage: SimulatorContext) -> tuple[SimulatedProvider, FastAPI]:
    """Make the provider and its app; paths are as on the wire, but for `/media/`, which stands for a site's bucket."""
    vendor = SimulatedProvider(PROFILE, stage)
    api = Creatify(vendor)
    vendor.write_hook = api.hook
    rows = [
        Endpoint("POST", "/api/aurora/", api.submit, Operation.SUBMIT),
        Endpoint("GET", "/api/aurora/", api.listing, Operation.POLL),
        Endpoint("GET", "/api/aurora/{id}/", api.result, Operation.POLL),
        Endpoint("PUT", "/media/{name:path}", api.put, Operation.UPLOAD),
    ]
    return vendor, wired(vendor, rows)


class Creatify:
    """Handlers of api.creatify.ai."""

    def __init__(self, vendor: SimulatedProvider) -> None:
        self._vendor = vendor

    async def submit(self, request: Request) -> Response:
        """`POST /api/aurora/` -> 201."""
        self._check(request)
        body = await json_body(request, self._vendor)
        order = self._order(body, self._vendor.base(request))
        try:
            self._vendor.check_webhook(order.webhook)
            inputs = await self._vendor.reader.gather(order)
        except MediaRefusedError as error:
            raise self._vendor.refuse(400, str(error)) from error
        longest_s = _LONGEST_S.get(order.model)
        if longest_s is not None and inputs.duration_s > longest_s:
            raise self._vendor.refuse(400, f"audio: at most {longest_s:g} seconds with {order.model}")
        return JSONResponse(self._shown(await self._vendor.accept(request, order, inputs=inputs)), 201)

    async def listing(self, request: Request) -> Response:
        """`GET /api/aurora/?ids=&ordering=`: an array, not in pages."""
        self._check(request)
        ids = [one for one in request.query_params.get("ids", "").split(",") if one]
        jobs = [job for job in self._vendor.jobs.newest_first() if not ids or job.id in ids]
        newest_first = request.query_params.get("ordering", "") == "-created_at"
        return JSONResponse([self._shown(job) for job in (jobs if newest_first else jobs[::-1])])

    async def result(self, request: Request) -> Response:
        """`GET /api/aurora/{id}/`."""
        self._check(request)
        job = self._vendor.jobs.get(request.path_params["id"])
        if job is None:
            raise self._vendor.refuse(404, "Not found.")
        shown = self._shown(job)
        if struck(request, Fault.UNKNOWN_STATE):
            shown["status"] = "hibernating"
        if struck(request, Fault.NO_VIDEO):
            shown["video_output"] = None
        return JSONResponse(shown)

    async def put(self, request: Request) -> Response:
        """`PUT /media/{name}`: what a customer's own bucket would do."""
        kind = request.headers.get("content-type", "application/octet-stream")
        await self._vendor.stage.storage.put(request.path_params["name"], await request.body(), kind)
        return Response(status_code=200)

    def hook(self, job: Job) -> tuple[str, Mapping[str, Any]]:
        """Write the task without a signature."""
        return "", self._shown(job)

    def _order(self, body: Mapping[str, Any], base: str) -> Order:
        for name in ("image", "audio"):
            if not (text(body, name) or "").startswith("http"):
                raise self._vendor.refuse(400, f"{name}: Enter a valid URL.")
        model = text(body, "model_version") or "aurora_v1"
        if model not in CREDITS:
            raise self._vendor.refuse(400, f'model_version: "{model}" is not a valid choice.')
        webhook = text(body, "webhook_url")
        if len(text(body, "name") or "") > _LONGEST_NAME or len(webhook or "") > _LONGEST_WEBHOOK:
            raise self._vendor.refuse(400, "Ensure this field has no more characters than allowed.")
        return Order(
            model=model,
            body=shortened(body),
            base=base,
            image=text(body, "image"),
            audio=text(body, "audio"),
            webhook=webhook,
            price_per_s=CREDITS[model] * CREDIT,
            billed_step_s=Decimal(1),
        )

    def _check(self, request: Request) -> None:
        api_id, key = request.headers.get("x-api-id"), request.headers.get("x-api-key")
        self._vendor.check_key(key if api_id else None)

    def _shown(self, job: Job) -> dict[str, Any]:
        phase = self._vendor.phase(job)
        ready = phase is Phase.DONE and self._vendor.shows_video(job)
        whole_s = 0 if job.seconds is None else int(job.seconds.to_integral_value(ROUND_CEILING))
        charged = self._vendor.charged(job)
        return {
            "id": job.id,
            "created_at": rfc3339(job.created_at),
            "updated_at": rfc3339(self._vendor.clock.now()),
            "name": job.order.body.get("name"),
            "audio": job.order.audio,
            "image": job.order.image,
            "model_version": job.order.model,
            "status": "hibernating" if Fault.UNKNOWN_STATE in job.flaws else _STATES[phase],
            "progress": 1.0 if phase is Phase.DONE else 0.0,
            "failed_reason": job.problem.message if job.problem is not None and phase is Phase.FAILED else "",
            "video_output": self._vendor.file_url(job) if ready else None,
            "duration": whole_s if phase is Phase.DONE else 0,
            "credits_used": float(CREDITS[job.order.model] * whole_s) if charged else 0,
            "webhook_url": job.order.webhook,
        }
