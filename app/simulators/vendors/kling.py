"""Simulated Kling: avatar tasks that are asked for by its id or the customer's, tokens that expire."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.simulators.context import SimulatorContext
from app.simulators.error_replies import ErrorReply, MediaRefusedError, ReplyBody
from app.simulators.fault_transport import Endpoint, wired
from app.simulators.faults import Fault, Operation
from app.simulators.inputs import Limits
from app.simulators.jobs import Job, Order, Phase
from app.simulators.request_parsing import bearer, json_body, shortened, text
from app.simulators.vendor import Profile, SimulatedProvider, struck
from app.simulators.webhook_sender import RetryHabit

_MB = 1024 * 1024
_AVATARS = "/v1/videos/avatar/image2video"
_LONGEST_PROMPT = 2_500
PRICES = {"std": Decimal("0.056"), "pro": Decimal("0.112")}
"""Dollars per second: 0.4 and 0.8 units of $0.14, an estimate."""
_CODES = {400: 1201, 401: 1002, 402: 1102, 404: 1203, 422: 1201, 429: 1303, 500: 5000, 503: 5001, 504: 5002}
_STATES = {
    Phase.QUEUED: "submitted",
    Phase.RUNNING: "processing",
    Phase.DONE: "succeed",
    Phase.FAILED: "failed",
}


def say(status: int, message: str) -> ReplyBody:
    """Make an error reply: a code of Kling's own, and a message."""
    return ReplyBody(status, {"code": _CODES.get(status, 5000), "message": message, "request_id": "simulated"})


PROFILE = Profile(
    name="kling",
    say=say,
    habit=RetryHabit(10.0),
    places=20,
    surplus_waits=False,
    limits=Limits(
        audio_s=(2.0, 300.0),
        audio_bytes=5 * _MB,
        audio_formats=("mp3", "wav", "mov", "aac"),
        image_bytes=10 * _MB,
        image_min_px=300,
        image_ratio=(0.4, 2.5),
        image_formats=("JPEG", "MPO", "PNG"),
    ),
)


def create_kling(stage: SimulatorContext) -> tuple[SimulatedProvider, FastAPI]:
    """Make the provider and its app; all paths are as on the wire."""
    vendor = SimulatedProvider(PROFILE, stage)
    api = Kling(vendor)
    vendor.write_hook = api.hook
    vendor.forgetting.append(api.forget)
    rows = [
        Endpoint("POST", _AVATARS, api.submit, Operation.SUBMIT),
        Endpoint("GET", _AVATARS, api.listing, Operation.POLL),
        Endpoint("GET", f"{_AVATARS}/{{id}}", api.task, Operation.POLL),
    ]
    return vendor, wired(vendor, rows)


class Kling:
    """Handlers of api-singapore.klingai.com."""

    def __init__(self, vendor: SimulatedProvider) -> None:
        self._vendor = vendor
        self._named: dict[str, str] = {}

    def forget(self) -> None:
        """Forget the customers' ids."""
        self._named.clear()

    async def submit(self, request: Request) -> Response:
        """`POST /v1/videos/avatar/image2video`."""
        self._check(request)
        body = await json_body(request, self._vendor)
        image, sound, mode = self._inputs(body)
        own_id, webhook = text(body, "external_task_id"), text(body, "callback_url")
        if own_id in self._named:
            raise self._vendor.refuse(400, f"external_task_id {own_id} is in use")
        try:
            self._vendor.check_webhook(webhook)
        except MediaRefusedError as error:
            raise self._vendor.refuse(400, str(error)) from error
        order = Order(
            model=mode,
            body=_noted(body),
            base=self._vendor.base(request),
            image=self._address(image, "image/png"),
            audio=self._address(sound, "audio/wav"),
            webhook=webhook,
            price_per_s=PRICES[mode],
            box=(1920, 1080) if mode == "pro" else (1280, 720),
            fps=48 if mode == "pro" else 30,
        )
        job = await self._vendor.accept(request, order)
        if own_id is not None:
            self._named[own_id] = job.id
        return self._enveloped({**self._data(job), "task_status": "submitted"})

    def _inputs(self, body: Mapping[str, Any]) -> tuple[str, str, str]:
        """Return picture, sound and mode of a request."""
        image, sound, mode = text(body, "image"), text(body, "sound_file"), str(body.get("mode", "std"))
        if image is None:
            raise self._vendor.refuse(400, "image is required")
        if (sound is None) == (text(body, "audio_id") is None):
            raise self._vendor.refuse(400, "exactly one of audio_id and sound_file is required")
        if sound is None:
            raise self._vendor.refuse(404, "audio_id does not exist")
        if not 0 < len(text(body, "prompt") or "") <= _LONGEST_PROMPT:
            raise self._vendor.refuse(400, f"prompt is required, up to {_LONGEST_PROMPT} characters")
        if mode not in PRICES:
            raise self._vendor.refuse(400, f"mode must be std or pro, not {mode!r}")
        return image, sound, mode

    async def task(self, request: Request) -> Response:
        """`GET /v1/videos/avatar/image2video/{id}`: Kling's id, or the customer's."""
        self._check(request)
        asked = request.path_params["id"]
        job = self._vendor.jobs.get(self._named.get(asked, asked))
        if job is None:
            raise self._vendor.refuse(404, "task not found")
        data = self._data(job)
        if struck(request, Fault.UNKNOWN_STATE):
            data["task_status"] = "hibernating"
        if struck(request, Fault.NO_VIDEO):
            data["task_result"] = {"videos": []}
        return self._enveloped(data)

    async def listing(self, request: Request) -> Response:
        """`GET /v1/videos/avatar/image2video?pageNum=&pageSize=`: newest first."""
        self._check(request)
        query = request.query_params
        page, size = max(1, int(query.get("pageNum", "1"))), min(500, max(1, int(query.get("pageSize", "30"))))
        tasks = [self._data(job) for job in self._vendor.jobs.newest_first()]
        return self._enveloped(tasks[(page - 1) * size : page * size])

    def hook(self, job: Job) -> tuple[str, Mapping[str, Any]]:
        """Write the task as a query shows it, without the envelope."""
        return "", self._data(job)

    def _check(self, request: Request) -> None:
        given, expected = bearer(request), self._vendor.stage.keys.get(self._vendor.profile.name)
        if given is None or given.count(".") != 2:
            self._vendor.check_key(given)
            return
        code = _fault_of(given, expected, now=self._vendor.clock.now())
        if code:
            raise ErrorReply(ReplyBody(401, {**say(401, "Authorization failed").body, "code": code}))

    def _address(self, media: str, kind: str) -> str:
        """Return the address of media that were given as one, or as base64 without a prefix."""
        if media.startswith("data:"):
            raise self._vendor.refuse(400, "base64 must have no prefix such as data:image/png;base64,")
        return media if media.startswith(("http://", "https://")) else f"data:{kind};base64,{media}"

    def _data(self, job: Job) -> dict[str, Any]:
        phase = self._vendor.phase(job)
        videos = [{"id": job.id, "url": self._vendor.file_url(job), "duration": str(job.seconds)}]
        return {
            "task_id": job.id,
            "task_status": "hibernating" if Fault.UNKNOWN_STATE in job.flaws else _STATES[phase],
            "task_status_msg": job.problem.message if job.problem is not None and phase is Phase.FAILED else "",
            "task_info": {"external_task_id": job.order.body.get("external_task_id", "")},
            "task_result": {"videos": videos if phase is Phase.DONE and self._vendor.shows_video(job) else []},
            "created_at": round(job.created_at * 1000),
            "updated_at": round(self._vendor.clock.now() * 1000),
        }

    def _enveloped(self, data: object) -> Response:
        return JSONResponse({"code": 0, "message": "SUCCEED", "request_id": "simulated", "data": data})


def _noted(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body for the record, without the media."""
    short = {name: f"({len(body[name])} characters)" for name in ("image", "sound_file") if name in body}
    return shortened({**body, **short})


def _fault_of(token: str, expected: str | None, *, now: float) -> int:
    """Return Kling's code for what is wrong with a token; 0 if nothing is."""
    message, _, signature = token.rpartition(".")
    try:
        claims = json.loads(base64.urlsafe_b64decode(message.partition(".")[2] + "=="))
        issuer, not_before, expires = str(claims["iss"]), float(claims["nbf"]), float(claims["exp"])
    except (ValueError, KeyError, TypeError, binascii.Error):
        return 1002
    if expected is not None:
        access, _, secret = expected.partition(":")
        made = hmac.new(secret.encode(), message.encode(), hashlib.sha256).digest()
        if issuer != access or base64.urlsafe_b64encode(made).rstrip(b"=").decode() != signature:
            return 1002
    return 1003 if not_before > now else 1004 if expires < now else 0
