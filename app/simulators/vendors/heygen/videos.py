"""Simulated HeyGen v3: videos by `type`, lip-sync of a video, idempotent submits, surplus refused."""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.simulators import signing
from app.simulators.context import SimulatorContext
from app.simulators.error_replies import MediaRefusedError, Problem, ReplyBody
from app.simulators.fault_transport import Endpoint, wired
from app.simulators.faults import Fault, Operation
from app.simulators.idempotency import IdempotencyKeys, KeyHabit, said
from app.simulators.inputs import Limits
from app.simulators.jobs import Job, Order, Phase
from app.simulators.request_parsing import json_body, shortened, text
from app.simulators.vendor import Profile, SimulatedProvider, struck
from app.simulators.vendors.heygen.assets import HeyGenAssets
from app.simulators.vendors.heygen.webhooks import HeyGenHooks
from app.simulators.webhook_sender import RetryHabit

_MB = 1024 * 1024
_KEY_KEPT_S = 86_400.0
_STATES = {Phase.QUEUED: "pending", Phase.RUNNING: "processing", Phase.DONE: "completed", Phase.FAILED: "failed"}
_BOXES = {"720p": (1280, 720), "1080p": (1920, 1080), "4k": (3840, 2160)}
_MOST_IDS = 100
_MOST_LISTED = 100
_LONGEST_SCRIPT = 5_000
_ERROR_CODES = {
    400: "invalid_parameter",
    401: "unauthorized",
    402: "insufficient_credit",
    403: "forbidden",
    404: "not_found",
    409: "request_in_progress",
    422: "invalid_parameter",
    429: "rate_limit_exceeded",
}


def error(status: int, message: str, code: str | None = None) -> dict[str, Any]:
    """Make an error body: `{error: {code, message}}`."""
    return {"error": {"code": code or _ERROR_CODES.get(status, "internal_error"), "message": message}}


def say(status: int, message: str) -> ReplyBody:
    """Make an error reply; a 429 says when to try again."""
    return ReplyBody(status, error(status, message), {"Retry-After": "5"} if status == 429 else {})


PROFILE = Profile(
    name="heygen",
    say=say,
    scheme=signing.heygen,
    habit=RetryHabit(10.0, (10.0, 60.0, 300.0, 1_800.0, 7_200.0, 28_800.0)),
    places=10,
    surplus_waits=False,
    limits=Limits(
        audio_s=(0.0, 600.0),
        audio_bytes=50 * _MB,
        image_bytes=50 * _MB,
        image_formats=("JPEG", "MPO", "PNG"),
        audio_formats=("mp3", "wav"),
    ),
)
_KEYS = KeyHabit(
    pattern=re.compile(r"[A-Za-z0-9_\-:.]{1,255}"),
    kept_s=_KEY_KEPT_S,
    invalid=said(400, error(400, "Idempotency-Key is malformed.")),
    running=said(409, error(409, "A request with this key is in progress."), retry_after_s=1),
    mismatch=said(409, error(409, "This key came with other parameters.", "idempotency_key_reused")),
)


def create_heygen(stage: SimulatorContext) -> tuple[SimulatedProvider, FastAPI]:
    """Make the provider and its app; all paths are as on the wire."""
    vendor = SimulatedProvider(PROFILE, stage)
    assets, hooks = HeyGenAssets(vendor, _KEYS), HeyGenHooks(vendor)
    api = HeyGen(vendor, assets, hooks)
    vendor.write_hook = api.hook
    rows = [
        Endpoint("POST", "/v3/videos", api.submit, Operation.SUBMIT),
        Endpoint("GET", "/v3/videos", api.listing),
        Endpoint("GET", "/v3/videos/statuses", api.statuses, Operation.POLL),
        Endpoint("GET", "/v3/videos/{id}", api.result, Operation.POLL),
        Endpoint("DELETE", "/v3/videos/{id}", api.delete),
        Endpoint("POST", "/v3/lipsyncs", api.submit, Operation.SUBMIT),
        Endpoint("GET", "/v3/lipsyncs/{id}", api.result, Operation.POLL),
        Endpoint("GET", "/v3/users/me", api.account),
        *assets.rows(),
        *hooks.rows(),
    ]
    return vendor, wired(vendor, rows)


class HeyGen:
    """Handlers of api.heygen.com."""

    def __init__(self, vendor: SimulatedProvider, assets: HeyGenAssets, hooks: HeyGenHooks) -> None:
        self._vendor = vendor
        self._assets = assets
        self._hooks = hooks
        self._keys = IdempotencyKeys(_KEYS, vendor.clock)
        vendor.forgetting.append(self._keys.forget)

    async def submit(self, request: Request) -> Response:
        """`POST /v3/videos` and `POST /v3/lipsyncs`."""
        self._assets.check(request)
        body = await json_body(request, self._vendor)
        return await self._keys.once(
            request.headers.get("idempotency-key"), body, partial(self._generate, request, body)
        )

    async def account(self, request: Request) -> Response:
        """`GET /v3/users/me`: an account whose calls are paid from a wallet."""
        self._assets.check(request)
        wallet = {"currency": "usd", "remaining_balance": 100.0}
        return JSONResponse({"data": {"billing_type": "wallet", "email": "simulated@example.org", "wallet": wallet}})

    async def result(self, request: Request) -> Response:
        """`GET /v3/videos/{id}`."""
        job = self._job(request)
        data = self._shown(job)
        if struck(request, Fault.UNKNOWN_STATE):
            data["status"] = "hibernating"
        if struck(request, Fault.NO_VIDEO):
            data["video_url"] = None
        return JSONResponse({"data": data})

    async def listing(self, request: Request) -> Response:
        """`GET /v3/videos?title=`: newest first, `limit` at once, the next page by `token`."""
        self._assets.check(request)
        asked = request.query_params
        limit, start = asked.get("limit", "10"), asked.get("token", "0")
        if not (limit.isdecimal() and 1 <= int(limit) <= _MOST_LISTED and start.isdecimal()):
            raise self._vendor.refuse(400, "limit must be 1 to 100, token one of an answer")
        title, end = asked.get("title", ""), int(start) + int(limit)
        found = [job for job in self._vendor.jobs.newest_first() if title in str(job.order.body.get("title") or "")]
        more = end < len(found)
        page = {"data": [self._shown(job) for job in found[int(start) : end]], "has_more": more}
        return JSONResponse({**page, "next_token": str(end) if more else None})

    async def statuses(self, request: Request) -> Response:
        """`GET /v3/videos/statuses?video_ids=`: many at once, in other words than one."""
        self._assets.check(request)
        ids = [one for value in request.query_params.getlist("video_ids") for one in value.split(",") if one]
        if not 0 < len(ids) <= _MOST_IDS:
            raise self._vendor.refuse(400, "video_ids must hold 1 to 100 ids")
        rows = []
        for one in ids:
            job = self._vendor.jobs.get(_long(one))
            phase = None if job is None else self._vendor.phase(job)
            state = "not_found" if phase is None else "queued" if phase is Phase.QUEUED else _STATES[phase]
            rows.append({"video_id": one, "status": state})
        return JSONResponse({"data": rows})

    async def delete(self, request: Request) -> Response:
        """`DELETE /v3/videos/{id}`."""
        job = self._job(request)
        job.deleted = True
        return JSONResponse({"data": {"id": _short(job)}})

    def hook(self, job: Job) -> tuple[str, Mapping[str, Any]]:
        """Write an event about the video."""
        thing = "lipsync" if job.order.video is not None else "avatar_video"
        kind = f"{thing}.{'success' if job.problem is None else 'fail'}"
        data: dict[str, Any] = {"video_id": _short(job), "callback_id": job.order.body.get("callback_id")}
        if job.problem is None:
            data["url"] = self._vendor.file_url(job)
        else:
            data["msg"] = job.problem.message
        return kind, {"event_id": job.id, "event_type": kind, "event_data": data}

    async def _generate(self, request: Request, body: Mapping[str, Any]) -> Response:
        lipsync = request.url.path.endswith("/lipsyncs")
        base = self._vendor.base(request)
        order = self._lipsync(body, base) if lipsync else self._video(body, base)
        try:
            self._vendor.check_webhook(text(body, "callback_url"))
        except MediaRefusedError as problem:
            raise self._vendor.refuse(400, str(problem)) from problem
        job = await self._vendor.accept(request, order)
        if lipsync:
            return JSONResponse({"data": {"lipsync_id": _short(job), "status": "pending"}})
        data = {"video_id": _short(job), "status": "waiting", "output_format": body.get("output_format") or "mp4"}
        return JSONResponse({"data": data})

    def _video(self, body: Mapping[str, Any], base: str) -> Order:
        kind = body.get("type")
        if kind not in {"image", "avatar"}:
            raise self._vendor.refuse(400, "type must be image or avatar here")
        if kind == "avatar" and text(body, "avatar_id") is None:
            raise self._vendor.refuse(400, "avatar_id is required")
        resolution = body.get("resolution") or "1080p"
        if resolution not in _BOXES:
            raise self._vendor.refuse(400, "resolution must be 720p, 1080p or 4k")
        dear = resolution == "4k"
        photo = Decimal("0.0667") if dear else Decimal("0.05")
        twin = Decimal("0.0833") if dear else Decimal("0.0667")
        audio, script = self._voice(body)
        return self._order(
            body,
            base,
            image=self._source(body.get("image"), "image") if kind == "image" else None,
            audio=audio,
            text=script,
            price_per_s=photo if kind == "image" else twin,
            box=_BOXES[resolution],
        )

    def _lipsync(self, body: Mapping[str, Any], base: str) -> Order:
        price = Decimal("0.0667") if body.get("mode") == "precision" else Decimal("0.0333")
        video, audio = self._source(body.get("video"), "video"), self._source(body.get("audio"), "audio")
        return self._order(body, base, video=video, audio=audio, price_per_s=price)

    def _order(self, body: Mapping[str, Any], base: str, **what: Any) -> Order:
        callback = text(body, "callback_url") or self._hooks.registered()
        notes = {"webhook_secret": self._hooks.secret_for(callback)}
        model = str(body.get("type") or "lipsync")
        return Order(model=model, body=shortened(body), base=base, webhook=callback, fps=25, notes=notes, **what)

    def _voice(self, body: Mapping[str, Any]) -> tuple[str | None, str | None]:
        given = [name for name in ("audio_url", "audio_asset_id", "script") if text(body, name) is not None]
        if len(given) != 1:
            raise self._vendor.refuse(400, "Exactly one of audio_url, audio_asset_id and script is required")
        if given[0] == "script":
            script = str(body["script"])
            if len(script) > _LONGEST_SCRIPT or text(body, "voice_id") is None:
                raise self._vendor.refuse(400, "script needs a voice_id and has at most 5000 characters")
            return None, script
        if given[0] == "audio_url":
            return str(body["audio_url"]), None
        return self._asset(str(body["audio_asset_id"])), None

    def _source(self, given: object, field: str) -> str:
        if isinstance(given, dict):
            kind = given.get("type")
            if kind == "url" and text(given, "url") is not None:
                return str(given["url"])
            if kind == "asset_id" and text(given, "asset_id") is not None:
                return self._asset(str(given["asset_id"]))
            if kind == "base64" and text(given, "data") is not None and text(given, "media_type") is not None:
                return f"data:{given['media_type']};base64,{given['data']}"
        raise self._vendor.refuse(400, f"{field} must be an object of type url, asset_id or base64")

    def _asset(self, asset_id: str) -> str:
        url = self._assets.url(asset_id)
        if url is None:
            raise self._vendor.refuse(404, f"Asset {asset_id} not found")
        return url

    def _job(self, request: Request) -> Job:
        self._assets.check(request)
        job = self._vendor.jobs.get(_long(request.path_params["id"]))
        if job is None:
            raise self._vendor.refuse(404, "Video not found")
        return job

    def _shown(self, job: Job) -> dict[str, Any]:
        phase = self._vendor.phase(job)
        done, failed = phase is Phase.DONE, job.problem if phase is Phase.FAILED else None
        return {
            "id": _short(job),
            "title": job.order.body.get("title"),
            "status": "hibernating" if Fault.UNKNOWN_STATE in job.flaws else _STATES[phase],
            "video_url": self._vendor.file_url(job) if done and self._vendor.shows_video(job) else None,
            "captioned_video_url": None,
            "subtitle_url": None,
            "thumbnail_url": None,
            "duration": float(job.seconds or 0) if done else None,
            "failure_code": _failure_code(failed.what) if failed else None,
            "failure_message": failed.message if failed else None,
            "created_at": int(job.created_at),
            "completed_at": int(job.end_at) if done else None,
        }


def _failure_code(what: Problem) -> str:
    return "download_failed" if what in {Problem.UNREACHABLE, Problem.PRIVATE_URL} else "invalid_media"


def _short(job: Job) -> str:
    return job.id.replace("-", "")


def _long(video_id: str) -> str:
    parts = (video_id[:8], video_id[8:12], video_id[12:16], video_id[16:20], video_id[20:])
    return "-".join(parts)
