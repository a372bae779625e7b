"""Simulated D-ID: talks from a photo, clips and expressives from a presenter, checked at the submit."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.simulators.clock import rfc3339
from app.simulators.context import SimulatorContext
from app.simulators.error_replies import ErrorReply, MediaProblem, MediaRefusedError, Problem, ReplyBody
from app.simulators.fault_transport import Endpoint, wired
from app.simulators.faults import Fault, Operation
from app.simulators.inputs import Limits, extension
from app.simulators.jobs import Job, Order, Phase
from app.simulators.request_parsing import bearer, form_file, json_body, shortened, text
from app.simulators.vendor import Profile, SimulatedProvider, struck
from app.simulators.webhook_sender import RetryHabit

_MB = 1024 * 1024
PRICE = Decimal("0.0098")
"""Dollars per second on the Lite plan; D-ID sells minutes, not seconds."""
_KINDS = {
    400: "BadRequestError",
    401: "AuthorizationError",
    402: "InsufficientCreditsError",
    403: "PermissionError",
    404: "NotFoundError",
    415: "UnsupportedMimeTypeError",
    422: "BadRequestError",
    429: "TooManyRequestsError",
    451: "ImageModerationError",
}
_MEDIA_KINDS = {
    Problem.TOO_LARGE: "InvalidFileSizeError",
    Problem.TOO_SMALL: "InvalidImageResolutionError",
    Problem.TOO_LONG: "InvalidAudioDurationError",
    Problem.TOO_SHORT: "InvalidAudioDurationError",
}
_STATES = {Phase.QUEUED: "created", Phase.RUNNING: "started", Phase.DONE: "done", Phase.FAILED: "error"}
_IMAGES = {"jpg", "jpeg", "png"}
_SOUNDS = {"m4a", "flac", "mp3", "mp4", "wav"}
_SUBJECTS = {"talks": "source_url", "clips": "presenter_id", "expressives": "avatar_id"}
_PREFIXES = {"talks": "tlk", "clips": "clp", "expressives": "exp"}
_LONGEST_USER_DATA = 1_000
_TEXT = range(3, 40_001)


def say(status: int, message: str) -> ReplyBody:
    """Make an error reply: `{kind, description}`."""
    return ReplyBody(status, {"kind": _KINDS.get(status, "InternalServerError"), "description": message})


PROFILE = Profile(
    name="did",
    say=say,
    habit=RetryHabit(10.0),
    limits=Limits(
        audio_s=(0.0, 600.0), audio_bytes=15 * _MB, image_bytes=10 * _MB, image_formats=("JPEG", "MPO", "PNG")
    ),
)


def create_did(stage: SimulatorContext) -> tuple[SimulatedProvider, FastAPI]:
    """Make the provider and its app; all paths are as on the wire."""
    vendor = SimulatedProvider(PROFILE, stage)
    api = Did(vendor)
    vendor.write_hook = api.hook
    rows = [
        Endpoint("POST", "/images", api.image, Operation.UPLOAD),
        Endpoint("POST", "/audios", api.audio, Operation.UPLOAD),
        Endpoint("GET", "/credits", api.credits),
        Endpoint("POST", "/{product}", api.submit, Operation.SUBMIT),
        Endpoint("GET", "/{product}/{id}", api.result, Operation.POLL),
        Endpoint("DELETE", "/{product}/{id}", api.delete),
    ]
    return vendor, wired(vendor, rows)


class Did:
    """Handlers of api.d-id.com."""

    def __init__(self, vendor: SimulatedProvider) -> None:
        self._vendor = vendor

    async def submit(self, request: Request) -> Response:
        """`POST /talks`, `/clips`, `/expressives` -> 201."""
        self._check(request)
        product = self._product(request)
        body = await json_body(request, self._vendor)
        order = self._order(product, body, self._vendor.base(request))
        try:
            self._vendor.check_webhook(order.webhook)
            inputs = await self._vendor.reader.gather(order)
        except MediaRefusedError as error:
            raise _refused(error.problem) from error
        job = await self._vendor.accept(request, order, inputs=inputs)
        created = rfc3339(job.created_at)
        answer = {"id": self._id(job), "object": product.rstrip("s"), "created_at": created, "status": "created"}
        return JSONResponse({**answer, "created_by": "simulated|user"}, 201)

    async def result(self, request: Request) -> Response:
        """`GET /talks/{id}`."""
        job = self._job(request)
        body = self._shown(job)
        if struck(request, Fault.UNKNOWN_STATE):
            body["status"] = "hibernating"
        if struck(request, Fault.NO_VIDEO):
            body.pop("result_url", None)
        return JSONResponse(body)

    async def delete(self, request: Request) -> Response:
        """`DELETE /talks/{id}`: the job is no longer visible; the work goes on."""
        job = self._job(request)
        job.deleted = True
        return JSONResponse(self._shown(job))

    async def image(self, request: Request) -> Response:
        """`POST /images`: multipart, field `image`."""
        return await self._upload(request, "image", 10 * _MB, _IMAGES)

    async def audio(self, request: Request) -> Response:
        """`POST /audios`: multipart, field `audio`."""
        return await self._upload(request, "audio", 6 * _MB, _SOUNDS)

    async def credits(self, request: Request) -> Response:
        """`GET /credits`."""
        self._check(request)
        return JSONResponse({"remaining": 1_000, "total": 1_000, "credits": []})

    def hook(self, job: Job) -> tuple[str, Mapping[str, Any]]:
        """Write the job object, unsigned."""
        return "", self._shown(job)

    async def _upload(self, request: Request, field: str, most_bytes: int, kinds: set[str]) -> Response:
        self._check(request)
        name, content, kind = await form_file(request, self._vendor, field)
        if len(content) > most_bytes:
            raise _refused(MediaProblem(Problem.TOO_LARGE, field, f"The file is larger than {most_bytes} bytes."))
        if extension(f"/{name}") not in kinds:
            raise self._vendor.refuse(415, f"Expected one of {sorted(kinds)}, got {name!r}.")
        place = f"{self._vendor.stage.new_id()}/{name.rsplit('/', 1)[-1]}"
        await self._vendor.stage.storage.put(place, content, kind)
        url = f"{self._vendor.base(request)}/files/{place}"
        answer: dict[str, Any] = {"id": place.split("/", maxsplit=1)[0], "url": url}
        if field == "image":
            answer["faces"] = []
        else:
            order = Order(model="", body={}, base=self._vendor.base(request), audio=answer["url"])
            try:
                answer["duration"] = (await self._vendor.reader.gather(order)).duration_s
            except MediaRefusedError as error:
                raise _refused(error.problem) from error
        return JSONResponse(answer, 201)

    def _order(self, product: str, body: Mapping[str, Any], base: str) -> Order:
        subject = _SUBJECTS[product]
        if text(body, subject) is None:
            raise self._vendor.refuse(400, f"{subject} is required")
        source = text(body, "source_url")
        if product == "talks" and (source is None or extension(source) not in _IMAGES):
            raise self._vendor.refuse(400, "source_url must be a valid image URL ending with jpg, jpeg or png")
        if len(text(body, "user_data") or "") > _LONGEST_USER_DATA:
            raise self._vendor.refuse(400, "user_data is longer than 1000 characters")
        audio, words = self._script(body.get("script"))
        return Order(
            model=product,
            body=shortened(body),
            base=base,
            image=source if product == "talks" else None,
            audio=audio,
            text=words,
            webhook=text(body, "webhook"),
            price_per_s=PRICE,
            box=(1280, 1280) if product == "talks" else (1920, 1080),
            fps=25,
        )

    def _script(self, script: object) -> tuple[str | None, str | None]:
        if not isinstance(script, dict):
            raise self._vendor.refuse(400, "script is required")
        audio, words = text(script, "audio_url"), text(script, "input")
        if script.get("type") == "audio" and audio is not None:
            if extension(audio) not in _SOUNDS:
                raise self._vendor.refuse(400, "audio_url must end with m4a, flac, mp3, mp4 or wav")
            return audio, None
        if script.get("type") == "text" and words is not None and len(words) in _TEXT:
            return None, words
        raise self._vendor.refuse(400, "script must be an audio with audio_url or a text of 3 to 40000 characters")

    def _check(self, request: Request) -> None:
        self._vendor.check_key(bearer(request, "Basic"))

    def _product(self, request: Request) -> str:
        product = str(request.path_params["product"])
        if product not in _SUBJECTS:
            raise self._vendor.refuse(404, "Not found")
        return product

    def _id(self, job: Job) -> str:
        return f"{_PREFIXES[job.order.model]}_{job.id}"

    def _job(self, request: Request) -> Job:
        self._check(request)
        product = self._product(request)
        job = self._vendor.jobs.get(request.path_params["id"].partition("_")[2])
        if job is None or job.order.model != product:
            raise self._vendor.refuse(404, "Not found")
        return job

    def _shown(self, job: Job) -> dict[str, Any]:
        phase = self._vendor.phase(job)
        body: dict[str, Any] = {
            "id": self._id(job),
            "object": job.order.model.rstrip("s"),
            "status": "hibernating" if Fault.UNKNOWN_STATE in job.flaws else _STATES[phase],
            "created_at": rfc3339(job.created_at),
            "created_by": "simulated|user",
            "modified_at": rfc3339(self._vendor.clock.now()),
            "source_url": job.order.image,
            "audio_url": job.order.audio,
            "user_data": job.order.body.get("user_data"),
        }
        if phase is not Phase.QUEUED:
            body["started_at"] = rfc3339(job.start_at)
        if phase is Phase.DONE and self._vendor.shows_video(job):
            body |= {"result_url": self._vendor.file_url(job), "duration": float(job.seconds or 0), "metadata": {}}
        if phase is Phase.FAILED and job.problem is not None:
            body["error"] = {"kind": "InternalServerError", "description": job.problem.message}
        return body


def _refused(problem: MediaProblem) -> ErrorReply:
    kind = _MEDIA_KINDS.get(problem.what, "BadRequestError")
    status = 415 if problem.what is Problem.WRONG_FORMAT else 400
    kind = "UnsupportedMimeTypeError" if status == 415 else kind
    body = {"kind": kind, "description": problem.message, "details": {problem.field: problem.what.value}}
    return ErrorReply(ReplyBody(status, body))
