"""Simulated Sync.so: a video (in the newer documentation also an image) gets new lips.

Submits are idempotent.
"""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from fastapi import FastAPI
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.simulators import signing
from app.simulators.clock import rfc3339
from app.simulators.context import SimulatorContext
from app.simulators.error_replies import MediaRefusedError, ReplyBody
from app.simulators.fault_transport import Endpoint, wired
from app.simulators.faults import Fault, Operation
from app.simulators.idempotency import IdempotencyKeys, KeyHabit, said
from app.simulators.inputs import Limits
from app.simulators.jobs import Job, Order, Phase
from app.simulators.request_parsing import json_body, shortened, text
from app.simulators.vendor import Profile, SimulatedProvider, struck
from app.simulators.vendors.sync.assets import SyncAssets
from app.simulators.webhook_sender import RetryHabit

_MB = 1024 * 1024
_KEY_KEPT_S = 86_400.0
_STATES = {Phase.QUEUED: "PENDING", Phase.RUNNING: "PROCESSING", Phase.DONE: "COMPLETED", Phase.FAILED: "FAILED"}
PRICES = {
    "sync-3": Decimal("0.133"),
    "lipsync-2": Decimal("0.05"),
    "lipsync-2-pro": Decimal("0.083"),
    "lipsync-1.9.0-beta": Decimal("0.02"),
    "react-1": Decimal("0.133"),
}
"""Dollars per second at 25 frames; the last two are estimates."""
_ERRORS = {
    400: ("Bad Request", "INVALID_REQUEST"),
    401: ("Unauthorized", "INVALID_API_KEY"),
    402: ("Payment Required", "INSUFFICIENT_CREDITS"),
    404: ("Not Found", "GENERATION_NOT_FOUND"),
    413: ("Payload Too Large", "FILE_TOO_LARGE"),
    422: ("Unprocessable Entity", "INVALID_REQUEST"),
    429: ("Too Many Requests", "rate_limit_exceeded"),
    500: ("Internal Server Error", "INTERNAL_ERROR"),
    503: ("Service Unavailable", "SERVICE_UNAVAILABLE"),
}


def error(status: int, message: str, code: str | None = None) -> dict[str, Any]:
    """Make an error body: `{statusCode, message, error, errorCode}`."""
    title, usual = _ERRORS.get(status, ("Error", "UNKNOWN"))
    code = code or ("concurrency_limit_reached" if message.startswith("Concurrency") else usual)
    return {"statusCode": status, "message": message, "error": title, "errorCode": code}


def say(status: int, message: str) -> ReplyBody:
    """Make an error reply; its code distinguishes the two kinds of 429."""
    return ReplyBody(status, error(status, message))


PROFILE = Profile(
    name="sync",
    say=say,
    scheme=signing.sync,
    habit=RetryHabit(10.0, (5.0, 25.0, 120.0)),
    places=3,
    surplus_waits=False,
    limits=Limits(audio_s=(0.0, 300.0), audio_bytes=5 * 1024 * _MB),
)
_KEYS = KeyHabit(
    pattern=re.compile(r"[A-Za-z0-9._~-]{1,128}"),
    kept_s=_KEY_KEPT_S,
    invalid=said(400, error(400, "The Idempotency-Key header is malformed.", "INVALID_IDEMPOTENCY_KEY")),
    running=said(
        409, error(409, "A request with this key is in progress.", "IDEMPOTENCY_REQUEST_IN_PROGRESS"), retry_after_s=1
    ),
    mismatch=said(409, error(409, "This key came with another payload.", "IDEMPOTENCY_PAYLOAD_MISMATCH")),
)


def create_sync(stage: SimulatorContext) -> tuple[SimulatedProvider, FastAPI]:
    """Make the provider and its app; all paths are as on the wire."""
    vendor = SimulatedProvider(PROFILE, stage)
    assets = SyncAssets(vendor)
    api = Sync(vendor, assets)
    vendor.write_hook = api.hook
    rows = [
        Endpoint("POST", "/v2/generate", api.submit, Operation.SUBMIT),
        Endpoint("GET", "/v2/generate/{id}", api.result, Operation.POLL),
        Endpoint("GET", "/v2/generations", api.listing, Operation.POLL),
        Endpoint("GET", "/v2/models", api.models),
        Endpoint("GET", "/v2/errors", api.errors),
        Endpoint("POST", "/v2/analyze/cost", api.cost),
        *assets.rows(),
    ]
    return vendor, wired(vendor, rows)


class Sync:
    """Handlers of api.sync.so."""

    def __init__(self, vendor: SimulatedProvider, assets: SyncAssets) -> None:
        self._vendor = vendor
        self._assets = assets
        self._keys = IdempotencyKeys(_KEYS, vendor.clock)
        vendor.forgetting.append(self._keys.forget)

    async def submit(self, request: Request) -> Response:
        """`POST /v2/generate`, JSON or multipart -> 201."""
        self._assets.check(request)
        keys = request.headers.getlist("idempotency-key")
        body = await self._body(request)
        key = " ".join(keys) if keys else None
        return await self._keys.once(key, body, partial(self._generate, request, body))

    async def result(self, request: Request) -> Response:
        """`GET /v2/generate/{id}`."""
        self._assets.check(request)
        job = self._vendor.jobs.get(request.path_params["id"])
        if job is None:
            raise self._vendor.refuse(404, "Generation not found")
        body = self._shown(job)
        if struck(request, Fault.UNKNOWN_STATE):
            body["status"] = "HIBERNATING"
        if struck(request, Fault.NO_VIDEO):
            body["outputUrl"] = None
        return JSONResponse(body)

    async def listing(self, request: Request) -> Response:
        """`GET /v2/generations?status=&ids=`, newest first."""
        self._assets.check(request)
        states, ids = _words(request, "status"), _words(request, "ids")
        shown = [self._shown(job) for job in self._vendor.jobs.newest_first() if not ids or job.id in ids]
        return JSONResponse([body for body in shown if not states or body["status"] in states])

    async def models(self, request: Request) -> Response:
        """`GET /v2/models`."""
        self._assets.check(request)
        kinds = [{"id": name, "name": name, "type": "LIPSYNC", "version": "1"} for name in PRICES]
        return JSONResponse(kinds)

    async def errors(self, _: Request) -> Response:
        """`GET /v2/errors`: the catalogue."""
        return JSONResponse([{"statusCode": status, "errorCode": code} for status, (_, code) in _ERRORS.items()])

    async def cost(self, request: Request) -> Response:
        """`POST /v2/analyze/cost`."""
        self._assets.check(request)
        order = self._order(await json_body(request, self._vendor), self._vendor.base(request))
        try:
            inputs = await self._vendor.reader.gather(order)
        except MediaRefusedError as problem:
            raise self._vendor.refuse(400, str(problem)) from problem
        frames = round(inputs.duration_s * 25)
        price = float(order.price_per_s * inputs.billed_seconds)
        return JSONResponse([{"estimatedFrameCount": frames, "estimatedGenerationCost": price}])

    def hook(self, job: Job) -> tuple[str, Mapping[str, Any]]:
        """Write the generation as a GET shows it."""
        return "", self._shown(job)

    async def _generate(self, request: Request, body: Mapping[str, Any]) -> Response:
        order = self._order(body, self._vendor.base(request))
        try:
            self._vendor.check_webhook(order.webhook)
        except MediaRefusedError as problem:
            raise self._vendor.refuse(400, str(problem)) from problem
        job = await self._vendor.accept(request, order)
        return JSONResponse(self._shown(job), 201)

    async def _body(self, request: Request) -> dict[str, Any]:
        if not request.headers.get("content-type", "").startswith("multipart/form-data"):
            return await json_body(request, self._vendor)
        body: dict[str, Any] = {}
        files: list[dict[str, Any]] = []
        async with request.form() as form:
            for name, part in form.items():
                if isinstance(part, UploadFile):
                    url = await self._assets.keep(request, part)
                    files.append({"type": name, "url": url})
                else:
                    body[name] = json.loads(part) if part[:1] in {"[", "{"} else part
        body["input"] = [*body.get("input", []), *files]
        return body

    def _order(self, body: Mapping[str, Any], base: str) -> Order:
        model, given = text(body, "model"), body.get("input")
        if model not in PRICES:
            raise self._vendor.refuse(400, f"model must be one of {', '.join(PRICES)}")
        if not isinstance(given, list) or not all(isinstance(item, dict) for item in given):
            raise self._vendor.refuse(400, "input must be an array")
        found = {str(item.get("type")): item for item in given}
        seen = found.get("video") or found.get("image")
        if seen is None or not ({"audio", "text"} & found.keys()):
            raise self._vendor.refuse(400, "input must hold one video and at least one audio or text")
        options = body.get("options") if isinstance(body.get("options"), dict) else {}
        return Order(
            model=model,
            body=shortened(body),
            base=base,
            image=self._assets.url(found["image"], base) if "image" in found and "video" not in found else None,
            video=self._assets.url(found["video"], base) if "video" in found else None,
            audio=self._assets.url(found["audio"], base) if "audio" in found else None,
            text=_script(found.get("text")),
            webhook=text(body, "webhookUrl"),
            price_per_s=PRICES[model],
            box=(1280, 720),
            fps=25,
            notes={"sync_mode": (options or {}).get("sync_mode", "bounce")},
        )

    def _shown(self, job: Job) -> dict[str, Any]:
        phase = self._vendor.phase(job)
        done = phase is Phase.DONE
        failed = job.problem if phase is Phase.FAILED else None
        return {
            "id": job.id,
            "createdAt": rfc3339(job.created_at),
            "status": "HIBERNATING" if Fault.UNKNOWN_STATE in job.flaws else _STATES[phase],
            "model": job.order.model,
            "input": job.order.body.get("input"),
            "options": job.order.body.get("options"),
            "webhookUrl": job.order.webhook,
            "outputUrl": self._vendor.file_url(job) if done and self._vendor.shows_video(job) else None,
            "outputDuration": float(job.seconds or 0) if done else None,
            "error": failed.message if failed else None,
            "errorCode": f"generation_{failed.field}_{failed.what.value}" if failed else None,
        }


def _script(item: Mapping[str, Any] | None) -> str | None:
    provider = (item or {}).get("provider")
    return str(provider.get("script", "")) if isinstance(provider, dict) else None


def _words(request: Request, name: str) -> set[str]:
    return {word for value in request.query_params.getlist(name) for word in value.split(",") if word}
