"""Kling's own avatar tasks, by a copy of its API reference (create, query one, query list, error codes)."""

import base64
import binascii
from decimal import Decimal
from typing import Any

from tests.money.recorders.recorder import Job, Recorder, Route, Upload
from tests.money.recorders.wire import Reply, Request, as_json

_TASKS = "/v1/videos/avatar/image2video"
_CODES = {401: 1000, 404: 1203, 429: 1302, 500: 5000}
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff")


class Kling(Recorder):
    name = "kling"
    key_name = "KLING_API_KEY"
    model = "avatar-standard"
    price_per_s = Decimal("0.056")
    finds = True
    hook_field = "callback_url"

    def routes(self) -> list[Route]:
        return [
            ("POST", _TASKS, self.guarded(self._submit)),
            ("GET", _TASKS, self.guarded(self._list)),
            ("GET", _TASKS + r"/([^/]+)", self.guarded(self._get)),
        ]

    def error(self, status: int, text: str) -> Reply:
        return as_json({"code": _CODES.get(status, 1200), "message": text, "request_id": "r"}, status)

    def is_authorised(self, request: Request) -> bool:
        return request.headers.get("authorization") == f"Bearer {self.key}"

    def _submit(self, request: Request) -> Reply:
        order = self.json_body(request)
        known = {"audio_id", "sound_file", "prompt", "mode", "callback_url", "external_task_id", "watermark_info"}
        self.expect_fields(order, required={"image"}, known=known)
        self.expect(len({"audio_id", "sound_file"} & order.keys()) == 1, "exactly one sound")
        self.expect(order.get("mode", "std") in {"std", "pro"}, "mode std or pro")
        self.expect(len(str(order.get("prompt", ""))) <= 2500, "a prompt of at most 2500 characters")
        picture, sound = self._bytes(order.get("image")), self._bytes(order.get("sound_file"))
        self.expect(picture.startswith(_PICTURES), "a PNG or JPEG picture")
        self.expect(len(picture) <= 10_000_000 and len(sound) <= 5_000_000, "10 MB of picture, 5 MB of sound at most")
        token = str(order.get("external_task_id", ""))
        taken = token and any(job.token == token for job in self.jobs.values())
        self.expect(not taken, "an external_task_id that was not used before")

        def make(job_id: str) -> Job:
            told = Upload("", "", "audio/wav", sound)
            return self.job(
                job_id,
                told,
                model=str(order.get("mode", "std")),
                token=token,
                order={"callback_url": order.get("callback_url")},
            )

        return self.ordered(request, make, lambda job: _answer(self._told(job, status="submitted")))

    def _bytes(self, value: Any) -> bytes:
        text = str(value or "")
        self.expect(not text.startswith("data:"), "base64 without a prefix")
        try:
            return base64.b64decode(text, validate=True)
        except binascii.Error:
            self.violated("base64 of picture and sound")
            return b""

    def _get(self, _request: Request, job_id: str) -> Reply:
        named = [job.id for job in self.jobs.values() if job.token == job_id and job.trouble != "vanished"]
        if not named and job_id not in self.jobs:
            return self.error(404, "task not found")  # asked for by an external id that is not there
        return self.looked_up(named[0] if named else job_id, lambda job: _answer(self._told(job)))

    def _told(self, job: Job, *, status: str = "") -> dict[str, Any]:
        state = {"running": "processing", "done": "succeed", "failed": "failed"}[job.state]
        told: dict[str, Any] = {
            "task_id": job.id,
            "task_status": status or state,
            "task_info": {"external_task_id": job.token},
            "created_at": 1_722_769_557_708,
            "updated_at": 1_722_769_557_708,
        }
        if job.state == "failed":
            told["task_status_msg"] = "it failed"
        if job.state == "done":
            video = {"id": "v", "url": self.video_url(job), "duration": f"{self.video_seconds(job):.3f}"}
            told["task_result"] = {"videos": [video] if job.has_address else []}
        return told

    def hook_body(self, job: Job) -> dict[str, Any]:
        return self._told(job)

    def _list(self, request: Request) -> Reply:
        self.expect_fields(request.query, required=set(), known={"pageNum", "pageSize"})
        self.expect(1 <= int(request.query.get("pageSize", "30")) <= 500, "a page size of 1 to 500")
        shown = [self._told(job) for job in self.jobs.values() if job.trouble != "vanished"]
        return _answer(shown if request.query.get("pageNum", "1") == "1" else [])


def _answer(data: Any) -> Reply:
    return as_json({"code": 0, "message": "SUCCEED", "request_id": "r", "data": data})
