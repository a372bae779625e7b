"""Runware's one address for all tasks, by runware.ai/docs (task polling, media storage, errors)."""

import base64
import uuid
from decimal import Decimal
from typing import Any, ClassVar

from tests.money.recorders.recorder import Job, Recorder, Route, Upload
from tests.money.recorders.wire import Reply, Request, as_json

_ORDER = {
    "deliveryMethod", "inputs", "settings", "resolution", "outputType", "outputFormat", "includeCost", "webhookURL",
    "numberResults", "ttl", "positivePrompt", "safety", "outputQuality", "uploadEndpoint",
}  # fmt: skip
_CODES = {401: "invalidApiKey", 429: "rateLimitExceeded", 500: "internalError"}


class Runware(Recorder):
    name = "runware"
    key_name = "RUNWARE_API_KEY"
    model = "avatar-6-turbo"
    endpoint: ClassVar[str] = "heygen:avatar@6-turbo"
    price_per_s = Decimal("0.05")
    fps = 25
    finds = proves = True
    hook_field = "webhookURL"

    def routes(self) -> list[Route]:
        return [("POST", "/v1", self.guarded(self._tasks))]

    def error(self, status: int, text: str) -> Reply:
        told = {"code": _CODES.get(status, "invalidRequest"), "message": text, "taskUUID": "", "taskType": ""}
        return as_json({"errors": [told]}, status)

    def is_authorised(self, request: Request) -> bool:
        return request.headers.get("authorization") == f"Bearer {self.key}"

    def _tasks(self, request: Request) -> Reply:
        tasks = request.json_list()
        self.expect(len(tasks) == 1, "a list of one task")
        task = tasks[0] if tasks else {}
        self.expect(_is_uuid4(task.get("taskUUID")), "a taskUUID that is a UUID of version 4")
        match task.get("taskType"):
            case "mediaStorage":
                return self._upload(task)
            case "videoInference":
                return self._submit(request, task)
            case "getResponse":
                return self._response(task)
            case "getTaskDetails":
                return self._details(task)
        self.violated(f"a known taskType, got {task.get('taskType')}")
        return self.error(400, "unknown task")

    def _upload(self, task: dict[str, Any]) -> Reply:
        self.expect_fields(task, required={"taskType", "taskUUID", "operation", "media"}, known=set())
        head, _, data = str(task.get("media")).partition(",")
        self.expect(task.get("operation") == "upload", "operation upload")
        kind = head.removeprefix("data:").removesuffix(";base64")
        name = str(uuid.uuid4())
        self.stored(name, kind, base64.b64decode(data or head), name)
        told = {"taskType": "mediaStorage", "taskUUID": task.get("taskUUID"), "operation": "upload"}
        return as_json({"data": [{**told, "mediaUUID": name, "mediaURL": f"{self.url}/files/in/{name}"}]})

    def _submit(self, request: Request, task: dict[str, Any]) -> Reply:
        self.expect_fields(task, required={"taskType", "taskUUID", "model", "inputs"}, known=_ORDER)
        self.expect(task.get("deliveryMethod") == "async", "deliveryMethod async")
        self.expect(task.get("model") == self.endpoint, f"the model {self.endpoint}")
        inputs = task.get("inputs") or {}
        self.expect_fields(inputs, required={"image", "audio"}, known=set())
        self.fetched(inputs.get("image"), "image")
        sound = self.fetched(inputs.get("audio"), "audio")
        name = str(task.get("taskUUID"))
        if name in self.jobs:
            told = {"code": "conflictTaskUUID", "message": "in use", "taskUUID": name, "taskType": "videoInference"}
            return as_json({"errors": [told]}, 409)

        def make(_job_id: str) -> Job:
            return self.job(name, sound or Upload("", "", ""), model=self.endpoint, token=name, order=task)

        return self.ordered(request, make, lambda job: as_json({"data": [_named(job)]}))

    def _response(self, task: dict[str, Any]) -> Reply:
        self.expect_fields(task, required={"taskType", "taskUUID"}, known=set())
        job = self.jobs.get(str(task.get("taskUUID")))
        if job is None or job.trouble == "vanished":
            return as_json({"data": []})
        return self.looked_up(job.id, self._told)

    def _details(self, task: dict[str, Any]) -> Reply:
        """The record of a past task: its request and its answer."""
        job = self.jobs.get(str(task.get("taskUUID")))
        if job is None or job.trouble == "vanished":
            return as_json({"data": []})
        return self._told(job)

    def hook_body(self, job: Job) -> dict[str, Any]:
        done = {**_named(job), "status": "success", "videoUUID": "v", "cost": float(self.charge(job))}
        return {"data": [{**done, "videoURL": self.video_url(job)}]}

    def _told(self, job: Job) -> Reply:
        if job.state == "failed":
            told = {"code": "videoGenerationFailed", "status": "error", "message": "it failed"}
            return as_json({"data": [], "errors": [{**_named(job), **told}]})
        if job.state == "running":
            return as_json({"data": [{**_named(job), "status": "processing"}]})
        told = {**_named(job), "status": "success", "videoUUID": "v", "cost": float(self.charge(job))}
        return as_json({"data": [told | ({"videoURL": self.video_url(job)} if job.has_address else {})]})


def _named(job: Job) -> dict[str, Any]:
    return {"taskType": "videoInference", "taskUUID": job.id}


def _is_uuid4(value: object) -> bool:
    try:
        return uuid.UUID(str(value)).version == 4 and "-" in str(value)
    except ValueError:
        return False
