"""D-ID's talks, by its OpenAPI document 4.2.1 and docs.d-id.com."""

import base64
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from tests.money.recorders.media import wav_seconds
from tests.money.recorders.recorder import Job, Recorder, Route, Upload
from tests.money.recorders.wire import Reply, Request, as_json

_KNOWN = {"config", "user_data", "name", "webhook", "result_url", "persist", "face", "driver_url"}
_CONFIG = {
    "stitch", "result_format", "fluent", "pad_audio", "driver_expressions", "logo", "align_driver", "auto_match",
    "sharpen", "normalization_factor", "motion_factor", "align_expand_factor", "output_resolution", "show_watermark",
}  # fmt: skip
_KINDS = {401: "AuthorizationError", 404: "NotFoundError", 429: "TooManyRequestsError", 500: "InternalServerError"}


class Did(Recorder):
    name = "did"
    key = "rec@example.org:rec-secret"
    key_name = "DID_API_KEY"
    model = "talks"
    price_per_s = Decimal("0.0267")
    fps = 25
    finds = True
    balance_route = "/credits"
    hook_field = "webhook"

    def routes(self) -> list[Route]:
        return [
            ("POST", "/images", self.guarded(self._image)),
            ("POST", "/audios", self.guarded(self._audio)),
            ("POST", "/talks", self.guarded(self._submit)),
            ("GET", "/talks", self.guarded(self._list)),
            ("GET", r"/talks/([^/]+)", self.guarded(self._get)),
        ]

    def error(self, status: int, text: str) -> Reply:
        return as_json({"kind": _KINDS.get(status, "BadRequestError"), "description": text}, status)

    def is_authorised(self, request: Request) -> bool:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        encoded = base64.b64encode(self.key.encode()).decode()
        self.expect(given != encoded, "the key as the studio shows it, got it encoded once more")
        return scheme == "Basic" and given == self.key

    def _image(self, request: Request) -> Reply:
        upload = self._form(request, "image")
        return as_json({"url": upload.url, "id": upload.name, "faces": []}, 201)

    def _audio(self, request: Request) -> Reply:
        upload = self._form(request, "audio")
        return as_json({"url": upload.url, "id": upload.name, "duration": wav_seconds(upload.data)}, 201)

    def _form(self, request: Request, field: str) -> Upload:
        parts = request.parts()
        self.expect(field in parts and parts.keys() <= {field, "filename"}, f"a form with `{field}`")
        file = parts[field]
        bucket = f"s3://d-id-{field}s-prod/rec/{len(self.uploads)}/{file.filename}"
        return self.stored(file.filename, file.content_type, file.data, bucket)

    def _submit(self, request: Request) -> Reply:
        order = self.json_body(request)
        self.expect_fields(order, required={"source_url", "script"}, known=_KNOWN)
        script = order.get("script") or {}
        self.expect_fields(script, required={"type", "audio_url"}, known={"subtitles", "ssml", "reduce_noise"})
        self.expect(script.get("type") == "audio", "a script of type audio")
        self.expect_fields(order.get("config") or {}, required=set(), known=_CONFIG)
        self.expect(len(str(order.get("user_data", "x"))) <= 1000, "user_data of at most 1000 characters")
        portrait, sound_url = str(order.get("source_url")), str(script.get("audio_url"))
        self.expect(
            urlsplit(portrait).path.endswith((".jpg", ".jpeg", ".png")), "a source_url that ends in .jpg or .png"
        )
        self.expect(
            urlsplit(sound_url).path.endswith((".wav", ".mp3", ".m4a", ".flac")), "an audio_url with its suffix"
        )
        self.fetched(portrait, "image")
        sound = self.fetched(sound_url, "audio")

        def make(job_id: str) -> Job:
            return self.job(f"tlk_{job_id}", sound, model="talks", token=str(order.get("user_data", "")), order=order)

        def told(job: Job) -> Reply:
            when = {"created_at": "2026-11-29T12:00:00.000Z", "created_by": "rec"}
            return as_json({"id": job.id, "object": "talk", **when, "status": "created"}, 201)

        return self.ordered(request, make, told)

    def _get(self, _request: Request, job_id: str) -> Reply:
        return self.looked_up(job_id, lambda job: as_json(self._told(job)))

    def _told(self, job: Job) -> dict[str, Any]:
        failed = "rejected" if job.trouble == "failed_billed" else "error"
        state = {"running": "started", "done": "done", "failed": failed}[job.state]
        told: dict[str, Any] = {"id": job.id, "object": "talk", "status": state, "user_data": job.token}
        if job.state == "failed":
            return told | {"error": {"kind": "RenderError", "description": "it failed"}}
        if job.state == "done":
            told |= {"duration": self.video_seconds(job), "metadata": {"num_faces": 1}}
        if job.state == "done" and job.has_address:
            told["result_url"] = self.video_url(job)
        return told

    def hook_body(self, job: Job) -> dict[str, Any]:
        return self._told(job)

    def _list(self, request: Request) -> Reply:
        self.expect_fields(request.query, required=set(), known={"limit", "token"})
        found = [self._told(job) for job in self.jobs.values() if job.trouble != "vanished"]
        return as_json({"talks": found})
