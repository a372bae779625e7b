"""Simulated own renderer: the routes of `docs/reference/providers/http-renderer.md`; the customer names the job."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.simulators.context import SimulatorContext
from app.simulators.error_replies import MediaRefusedError, ReplyBody
from app.simulators.fault_transport import Endpoint, FileRoom, wired
from app.simulators.faults import Fault, Operation
from app.simulators.inputs import Limits
from app.simulators.jobs import Job, Order, Phase
from app.simulators.request_parsing import bearer, json_body, shortened, text
from app.simulators.vendor import Profile, SimulatedProvider, struck

_MB = 1024 * 1024
PRICE = Decimal("0.01")
"""Dollars per second: a GPU at $1.20 an hour that needs half a minute for one."""
_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_STATES = {
    Phase.QUEUED: "queued",
    Phase.RUNNING: "running",
    Phase.DONE: "done",
    Phase.FAILED: "failed",
    Phase.CANCELLED: "cancelled",
}


def say(status: int, message: str) -> ReplyBody:
    """Make an error reply: `{error}`."""
    return ReplyBody(status, {"error": message})


PROFILE = Profile(
    name="http",
    say=say,
    places=1,
    limits=Limits(
        audio_s=(0.0, 300.0), audio_bytes=50 * _MB, image_bytes=20 * _MB, image_formats=("JPEG", "MPO", "PNG", "WEBP")
    ),
)


def create_http(stage: SimulatorContext) -> tuple[SimulatedProvider, FastAPI]:
    """Make the server and its app; all paths are as on the wire."""
    vendor = SimulatedProvider(PROFILE, stage)
    api = OwnRenderer(vendor)
    renders = "/v1/renders"
    rows = [
        Endpoint("POST", renders, api.submit, Operation.SUBMIT),
        Endpoint("GET", f"{renders}/{{id}}", api.result, Operation.POLL),
        Endpoint("GET", f"{renders}/{{id}}/video", api.video, Operation.DOWNLOAD),
        Endpoint("DELETE", f"{renders}/{{id}}", api.cancel),
    ]
    return vendor, wired(vendor, rows)


class OwnRenderer:
    """Handlers of an own server that keeps to the contract."""

    def __init__(self, vendor: SimulatedProvider) -> None:
        self._vendor = vendor
        self._files = FileRoom(vendor)

    async def submit(self, request: Request) -> Response:
        """`POST /v1/renders` -> 201, or 200 if the job is known already."""
        self._check(request)
        body = await json_body(request, self._vendor)
        name = text(body, "id") or ""
        if not _ID.fullmatch(name):
            raise self._vendor.refuse(400, "id: 1 to 64 letters, digits, _ or -")
        if (known := self._vendor.jobs.get(name)) is not None:
            return JSONResponse(self._shown(known))
        order = self._order(body, self._vendor.base(request))
        try:
            inputs = await self._vendor.reader.gather(order)
        except MediaRefusedError as error:
            raise self._vendor.refuse(400, str(error)) from error
        if (known := self._vendor.jobs.get(name)) is not None:  # a second call with this id came meanwhile
            return JSONResponse(self._shown(known))
        return JSONResponse(self._shown(await self._vendor.accept(request, order, inputs=inputs, job_id=name)), 201)

    async def result(self, request: Request) -> Response:
        """`GET /v1/renders/{id}`."""
        shown = self._shown(self._job(request))
        if struck(request, Fault.UNKNOWN_STATE):
            shown["state"] = "hibernating"
        if struck(request, Fault.NO_VIDEO):
            shown["video_bytes"] = None
        return JSONResponse(shown)

    async def video(self, request: Request) -> Response:
        """`GET /v1/renders/{id}/video`, in full or in ranges."""
        job = self._job(request)
        if job.result is None or not self._vendor.shows_video(job):
            raise self._vendor.refuse(404, "There is no video yet.")
        request.path_params["name"] = job.result.name
        return await self._files.serve(request)

    async def cancel(self, request: Request) -> Response:
        """`DELETE /v1/renders/{id}`: what is over stays as it is."""
        job = self._job(request)
        if job.unfinished:
            job.cancelled_at = self._vendor.clock.now()
        return JSONResponse(self._shown(job))

    def _order(self, body: Mapping[str, Any], base: str) -> Order:
        for name in ("portrait", "audio"):
            if not (text(body, name) or "").startswith("data:"):
                raise self._vendor.refuse(400, f"{name}: a data URI is required")
        wanted = body.get("video")
        sizes = wanted if isinstance(wanted, dict) else {}
        width, height, fps = (sizes.get(name) for name in ("width", "height", "fps"))
        if not (isinstance(width, int) and isinstance(height, int) and isinstance(fps, int)):
            raise self._vendor.refuse(400, "video: width, height and fps are required")
        return Order(
            model="renderer",
            body=shortened(body),
            base=base,
            image=text(body, "portrait"),
            audio=text(body, "audio"),
            price_per_s=PRICE,
            box=(width, height),
            fps=fps,
        )

    def _check(self, request: Request) -> None:
        self._vendor.check_key(bearer(request))

    def _job(self, request: Request) -> Job:
        self._check(request)
        job = self._vendor.jobs.get(request.path_params["id"])
        if job is None:
            raise self._vendor.refuse(404, "There is no such render.")
        return job

    def _shown(self, job: Job) -> dict[str, Any]:
        phase = self._vendor.phase(job)
        over = phase in {Phase.DONE, Phase.FAILED, Phase.CANCELLED}
        ready = phase is Phase.DONE and self._vendor.shows_video(job)
        return {
            "id": job.id,
            "state": "hibernating" if Fault.UNKNOWN_STATE in job.flaws else _STATES[phase],
            "progress": 1.0 if phase is Phase.DONE else 0.0,
            "error": job.problem.message if job.problem is not None and phase is Phase.FAILED else None,
            "billed": self._vendor.charged(job) if over else None,
            "video_bytes": job.result.size_bytes if ready and job.result is not None else None,
        }
