"""Kling itself: its avatar tasks, with media inside the request and a key that signs its own short-lived tokens."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any

from app.adapters.http.response import Response
from app.adapters.vendors.base import JobReport, Media, Order, ProviderRenderer, text_at
from app.adapters.vendors.facts import ModelFacts
from app.adapters.vendors.uploads import Upload
from app.adapters.vendors.webhook_signatures import JobEvent, read_body
from app.errors import LimitExceededError
from app.rendering.ports import HookEvent, JobStatus, RenderJob

_AVATARS = "/v1/videos/avatar/image2video"
_TOKEN_LIVES_S = 1_800
_CLOCKS_DIFFER_S = 5
_LONGEST_PROMPT = 2_500
_PAGE = 100
_MOST_PAGES = 50
_STATUS = {
    1100: 403, 1101: 402, 1102: 402, 1103: 403, 1202: 404, 1203: 404, 1300: 451, 1301: 451, 1304: 403,
}  # fmt: skip
"""Meanings of Kling's codes where the HTTP status says something else: an empty account answers 429."""


def bearer(key: str, *, now: float) -> str:
    """Return what a request is authorised by: a single key as it is, of `access:secret` a token for half an hour."""
    access, pair, secret = key.partition(":")
    if not pair:
        return key
    claims = {"iss": access, "exp": int(now) + _TOKEN_LIVES_S, "nbf": int(now) - _CLOCKS_DIFFER_S}
    message = f"{_encoded({'alg': 'HS256', 'typ': 'JWT'})}.{_encoded(claims)}"
    signature = hmac.new(secret.encode(), message.encode(), hashlib.sha256).digest()
    return f"{message}.{_base64url(signature)}"


class KlingRenderer(ProviderRenderer):
    """Kling's avatar tasks as a renderer."""

    name = "kling"

    def key_headers(self, key: str) -> Mapping[str, str]:  # noqa: ARG002  each request signs its own
        """Return nothing: a token lives for half an hour, so each request makes its own."""
        return {}

    async def upload(self, file: Upload) -> str:
        """Return the file itself in base64, without a prefix: it goes with the submit."""
        return base64.b64encode(file.content).decode()

    def order(self, job: RenderJob, model: ModelFacts, media: Media, hook: str | None) -> Order:
        """Return picture, sound, prompt and our token.

        Raises:
            LimitExceededError: the prompt is too long.
        """
        inputs = {"prompt": str(self.facts.settings["prompt"]), **model.parameters, **job.parameters}
        if len(inputs["prompt"]) > _LONGEST_PROMPT:
            raise LimitExceededError(
                f"Kling takes a prompt of up to {_LONGEST_PROMPT} characters, this has {len(inputs['prompt'])}; "
                "shorten it."
            )
        body = {
            **inputs,
            model.image: media.visual,
            model.audio: media.audio,
            "mode": model.endpoint,
            "external_task_id": job.token,
            **({"callback_url": hook} if hook else {}),
        }
        return Order(_AVATARS, body, headers=self._authorised())

    def status_of(self, answer: Response) -> int:
        """Return the meaning of Kling's own code, else the HTTP status."""
        code = (answer.document or {}).get("code")
        if not isinstance(code, int) or code == 0:
            return answer.status
        if answer.ok:
            return _STATUS.get(code, 500 if code >= 5_000 else 401 if code < 1_100 else 429 if code > 1_301 else 400)
        return _STATUS.get(code, answer.status)

    def read_id(self, document: Mapping[str, Any], order: Order) -> str | None:  # noqa: ARG002  it is in the answer
        """Return the task's id."""
        return text_at(document, "data", "task_id")

    async def look(self, request_id: str) -> JobReport:
        """Return the task's state."""
        document = await self.question(f"{_AVATARS}/{request_id}", headers=self._authorised())
        if document is None:
            return JobReport(JobStatus("unknown"))
        data = document.get("data") or {}
        match text_at(data, "task_status"):
            case "succeed":
                report = self.done(text_at(data, "task_result", "videos", 0, "url"))
            case "failed":
                report = self.failed(data.get("task_status_msg") or "it ended as failed")
            case state:
                report = JobReport(JobStatus("queued" if state == "submitted" else "running"))
        return report.showing(text_at(data, "task_info", "external_task_id"))

    async def find(self, token: str) -> str | None:
        """Ask for the task by our own id, then search the list."""
        document = await self.question(f"{_AVATARS}/{token}", headers=self._authorised())
        data = (document or {}).get("data")
        if text_at(data, "task_info", "external_task_id") == token:
            return text_at(data, "task_id")
        return await super().find(token)

    async def listed(self, token: str = "") -> AsyncIterator[tuple[str, str]]:  # noqa: ARG002
        """Yield the avatar tasks with our ids."""
        for page in range(1, _MOST_PAGES + 1):
            asked = {"pageNum": str(page), "pageSize": str(_PAGE)}
            document = await self.question(_AVATARS, params=asked, headers=self._authorised())
            tasks = (document or {}).get("data")
            for task in tasks if isinstance(tasks, list) else ():
                yield text_at(task, "task_id") or "", json.dumps(task.get("task_info"))
            if not isinstance(tasks, list) or len(tasks) < _PAGE:
                return

    async def verify(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> HookEvent:  # noqa: ARG002  unsigned
        """Read the callback only: it is not signed, so the token in the address is the only proof."""
        event = read_body(body)
        state = text_at(event, "task_status")
        return JobEvent(
            text_at(event, "task_id"), "done" if state == "succeed" else "failed" if state == "failed" else "running"
        ).checked()

    def _authorised(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {bearer(self.access.key, now=time.time())}"}


def _encoded(claims: Mapping[str, Any]) -> str:
    return _base64url(json.dumps(claims, separators=(",", ":")).encode())


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
