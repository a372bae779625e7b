"""Simulated Runware: one address that takes a list of tasks, each named by the customer."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.simulators.context import SimulatorContext
from app.simulators.error_replies import MediaRefusedError, ReplyBody
from app.simulators.fault_transport import Endpoint, wired
from app.simulators.faults import Fault, Operation
from app.simulators.http_client import data_uri
from app.simulators.jobs import Job, Order, Phase
from app.simulators.request_parsing import bearer, shortened, text
from app.simulators.vendor import Profile, SimulatedProvider, struck
from app.simulators.vendors import portrait_models
from app.simulators.webhook_sender import RetryHabit

_OPERATIONS = {
    "videoInference": Operation.SUBMIT,
    "getResponse": Operation.POLL,
    "getTaskDetails": Operation.POLL,
    "mediaStorage": Operation.UPLOAD,
}
_CODES = {401: "invalidApiKey", 402: "insufficientCredits", 404: "notFound", 429: "rateLimitExceeded"}
_VIDEO = "videoInference"
Entry = dict[str, Any]


def say(status: int, message: str) -> ReplyBody:
    """Make an error reply: a list of errors."""
    return ReplyBody(status, {"errors": [{"code": _CODES.get(status, "invalidRequest"), "message": message}]})


PROFILE = Profile(
    name="runware",
    say=say,
    habit=RetryHabit(10.0, (5.0, 30.0, 120.0)),
    files="video",
    model_limits=portrait_models.limits_of(portrait_models.RUNWARE),
)


def create_runware(stage: SimulatorContext) -> tuple[SimulatedProvider, FastAPI]:
    """Make the provider and its app; the path is as on the wire."""
    vendor = SimulatedProvider(PROFILE, stage)
    api = Runware(vendor)
    vendor.write_hook = api.hook
    vendor.forgetting.append(api.forget)
    return vendor, wired(vendor, [Endpoint("POST", "/v1", api.answer, _operation)])


class Runware:
    """Handlers of api.runware.ai, by type of task."""

    def __init__(self, vendor: SimulatedProvider) -> None:
        self._vendor = vendor
        self._used: set[str] = set()
        self._media: dict[str, str] = {}
        self._handlers: Mapping[str, Callable[[Request, Entry], Awaitable[Entry]]] = {
            _VIDEO: self._submit,
            "getResponse": self._response,
            "getTaskDetails": self._details,
            "mediaStorage": self._store,
        }

    def forget(self) -> None:
        """Forget all names and media."""
        self._used.clear()
        self._media.clear()

    async def answer(self, request: Request) -> Response:
        """`POST /v1`: a list of tasks; each one succeeds or fails by itself."""
        tasks = _tasks(await request.body())
        keys = [text(task, "apiKey") for task in tasks or () if task.get("taskType") == "authentication"]
        self._vendor.check_key(next(iter(keys), None) or bearer(request))
        if tasks is None:
            raise self._vendor.refuse(400, "The request must be an array of tasks.")
        document: dict[str, list[Entry]] = {}
        refused = False
        for task in tasks:
            if task.get("taskType") == "authentication":
                continue
            try:
                part = await self._one(request, task)
            except _RefusedTaskError as error:
                about = {"taskUUID": task.get("taskUUID"), "taskType": task.get("taskType")}
                part, refused = {"errors": [{**error.entry, **about}]}, True
            for kind, entries in part.items():
                document.setdefault(kind, []).extend(entries)
        return JSONResponse(document or {"data": []}, 400 if refused and "data" not in document else 200)

    def hook(self, job: Job) -> tuple[str, Mapping[str, Any]]:
        """Write the result as a poll shows it."""
        return "", self._shown(job)

    async def _one(self, request: Request, task: Entry) -> Entry:
        kind, name = str(task.get("taskType")), text(task, "taskUUID")
        if kind not in self._handlers:
            raise _refusal("unsupportedTaskType", f"Unsupported task type {kind!r}.", "taskType")
        if name is None or not _is_uuid(name):
            raise _refusal("invalidTaskUUID", "taskUUID must be a UUID v4.", "taskUUID")
        return await self._handlers[kind](request, task)

    async def _submit(self, request: Request, task: Entry) -> Entry:
        name, model, inputs = task["taskUUID"], text(task, "model"), task.get("inputs")
        sold = portrait_models.RUNWARE.get(model or "")
        if model is None or sold is None:
            raise _refusal("invalidModel", f"Unknown model {model!r}.", "model")
        inputs = inputs if isinstance(inputs, dict) else {}
        for field in ("image", "audio"):
            if text(inputs, field) is None:
                raise _refusal("missingParameter", f"inputs.{field} is required.", f"inputs.{field}")
        terms = sold.terms(task.get("resolution"))
        if terms is None:
            raise _refusal("invalidResolution", f"Unsupported resolution {task.get('resolution')!r}.", "resolution")
        if task.get("deliveryMethod") != "async":
            raise _refusal("invalidDeliveryMethod", "Video tasks are delivered asynchronously.", "deliveryMethod")
        webhook = text(task, "webhookURL")
        try:
            self._vendor.check_webhook(webhook)
        except MediaRefusedError as error:
            raise _refusal("invalidWebhookURL", str(error), "webhookURL") from error
        self._claim(name)
        order = Order(
            model=model,
            body=shortened(task),
            base=self._vendor.base(request),
            image=self._address(inputs["image"]),
            audio=self._address(inputs["audio"]),
            webhook=webhook,
            **terms,
        )
        await self._vendor.accept(request, order, job_id=name)
        return {"data": [{"taskType": _VIDEO, "taskUUID": name}]}

    async def _response(self, request: Request, task: Entry) -> Entry:
        job = self._vendor.jobs.get(task["taskUUID"])
        if job is None:
            return {"data": []}
        shown = self._shown(job)
        if struck(request, Fault.UNKNOWN_STATE):
            return {"data": [{"taskType": _VIDEO, "taskUUID": job.id, "status": "hibernating"}]}
        if struck(request, Fault.NO_VIDEO):
            for entry in shown.get("data", ()):
                entry.pop("videoURL", None)
        return shown

    async def _details(self, _: Request, task: Entry) -> Entry:
        job = self._vendor.jobs.get(task["taskUUID"])
        if job is None:
            raise _refusal("taskNotFound", "No task with this UUID was found.", "taskUUID")
        over = self._vendor.phase(job) in {Phase.DONE, Phase.FAILED}
        acknowledged = {"data": [{"taskType": _VIDEO, "taskUUID": job.id}]}
        record = {"request": [job.order.body], "response": self._shown(job) if over else acknowledged}
        return {"data": [{"taskType": "getTaskDetails", "taskUUID": job.id, **record}]}

    async def _store(self, request: Request, task: Entry) -> Entry:
        media = text(task, "media")
        if task.get("operation") != "upload" or media is None:
            raise _refusal("invalidOperation", "operation must be 'upload' with media.", "operation")
        self._claim(task["taskUUID"])
        base = self._vendor.base(request)
        try:
            content = (
                data_uri(media, "media")
                if media.startswith("data:")
                else await self._vendor.reader.read(media, "media", base)
            )
        except MediaRefusedError as error:
            raise _refusal("invalidMedia", str(error), "media") from error
        name = self._vendor.stage.new_id()
        kind = media[5:].partition(";")[0] if media.startswith("data:") else "application/octet-stream"
        stored = await self._vendor.stage.storage.put(f"{name}/media", content, kind)
        self._media[name] = f"{base}/{self._vendor.profile.files}/{stored.name}"
        data = {"taskType": "mediaStorage", "taskUUID": task["taskUUID"], "operation": "upload"}
        return {"data": [{**data, "mediaUUID": name, "mediaURL": self._media[name]}]}

    def _claim(self, name: str) -> None:
        """Take a name; each is taken once."""
        if name in self._used:
            raise _refusal("conflictTaskUUID", f"A task with the UUID {name} already exists.", "taskUUID")
        self._used.add(name)

    def _address(self, media: str) -> str:
        return self._media.get(media, media)

    def _shown(self, job: Job) -> dict[str, list[Entry]]:
        phase, about = self._vendor.phase(job), {"taskType": _VIDEO, "taskUUID": job.id}
        if Fault.UNKNOWN_STATE in job.flaws:
            return {"data": [{**about, "status": "hibernating"}]}
        if phase is Phase.FAILED and job.problem is not None:
            failure = {"code": "failedGeneration", "status": "error", "message": job.problem.message}
            return {"errors": [{**failure, **about}]}
        if phase is not Phase.DONE:
            return {"data": [{**about, "status": "processing"}]}
        done: Entry = {**about, "status": "success", "videoUUID": self._vendor.stage.new_id()}
        if self._vendor.shows_video(job):
            done["videoURL"] = self._vendor.file_url(job)
        if job.order.body.get("includeCost"):
            done["cost"] = float(self._vendor.amount(job))
        return {"data": [done]}


class _RefusedTaskError(Exception):
    """Refusal of one task of a request."""

    def __init__(self, entry: Entry) -> None:
        super().__init__(entry["message"])
        self.entry = entry


def _refusal(code: str, message: str, parameter: str) -> _RefusedTaskError:
    return _RefusedTaskError({"code": code, "message": message, "parameter": parameter})


def _tasks(body: bytes) -> list[Entry] | None:
    try:
        read = json.loads(body)
    except ValueError:
        return None
    return read if isinstance(read, list) and all(isinstance(task, dict) for task in read) else None


def _operation(body: bytes) -> Operation | None:
    kinds = [task.get("taskType") for task in _tasks(body) or ()]
    return next((_OPERATIONS[kind] for kind in kinds if kind in _OPERATIONS), None)


def _is_uuid(name: str) -> bool:
    try:
        return UUID(name).version == 4
    except ValueError:
        return False
