"""Runware: one address for every task, and the caller names each: a lost answer is settled by asking for the name."""

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from app.adapters.http.response import Response
from app.adapters.vendors.base import JobReport, Media, Order, ProviderRenderer, text_at
from app.adapters.vendors.facts import ModelFacts
from app.adapters.vendors.uploads import Upload
from app.adapters.vendors.webhook_signatures import JobEvent, read_body
from app.errors import ProviderUnavailableError
from app.rendering.ports import HookEvent, JobStatus, RenderJob

_API = "/v1"
_NAMED_TWICE = "conflictTaskUUID"
_STATUS = {"invalidApiKey": 401, "missingApiKey": 401, "insufficientCredits": 402}
_UNCLEAR = ("timeout", "internal", "provider")
"""Parts of an error's code after which the task may have run."""


def task_uuid(token: str) -> str:
    """Return the name of an attempt's task: its token, which is a UUID of version 4, with dashes."""
    return str(UUID(hex=token))


class RunwareRenderer(ProviderRenderer):
    """Runware's video tasks as a renderer."""

    name = "runware"

    def key_headers(self, key: str) -> Mapping[str, str]:
        """Return a bearer header."""
        return {"Authorization": f"Bearer {key}"}

    async def upload(self, file: Upload) -> str:
        """Store the file in the account; a repeated call is a task of its own, under another name."""
        media = f"data:{file.media_type};base64,{base64.b64encode(file.content).decode()}"
        answer = await self._ask("mediaStorage", str(uuid4()), operation="upload", media=media)
        if _is_taken(answer):
            answer = await self._ask("mediaStorage", str(uuid4()), operation="upload", media=media)
        document = await self.asked(answer)
        reference = text_at(document, "data", 0, "mediaUUID") or text_at(document, "data", 0, "mediaURL")
        if reference is None:
            raise ProviderUnavailableError("Expected a `mediaUUID` from Runware, got none; try again.")
        return reference

    def order(self, job: RenderJob, model: ModelFacts, media: Media, hook: str | None) -> Order:
        """Return a list of one task, named by the token."""
        task = {
            **model.parameters,
            **job.parameters,
            "taskType": "videoInference",
            "taskUUID": task_uuid(job.token),
            "model": model.endpoint,
            "deliveryMethod": "async",
            "includeCost": True,
            "inputs": {model.image: media.visual, model.audio: media.audio},
            **({"webhookURL": hook} if hook else {}),
        }
        return Order(_API, [task])

    def status_of(self, answer: Response) -> int:
        """Return the HTTP status; an answer of errors alone counts as the first one says."""
        document = answer.document or {}
        if not answer.ok or document.get("data") or not document.get("errors"):
            return answer.status
        code = text_at(document, "errors", 0, "code") or ""
        return 500 if any(part in code.lower() for part in _UNCLEAR) else _STATUS.get(code, 400)

    def read_id(self, document: Mapping[str, Any], order: Order) -> str | None:
        """Return the task's name, if the answer acknowledges it."""
        name = order.body[0]["taskUUID"]
        return name if _of(document.get("data"), name) else None

    def accepted(self, answer: Response, order: Order) -> str:
        """Accept a refusal because the name is taken: nobody else has this name, so the task is there."""
        return str(order.body[0]["taskUUID"]) if _is_taken(answer) else super().accepted(answer, order)

    async def look(self, request_id: str) -> JobReport:
        """Return the task's state; one that is not shown at first counts as queued."""
        report = await self._seen(request_id)
        if report is not None:
            return report
        return JobReport(JobStatus("queued" if self.is_new(request_id) else "unknown"))

    async def find(self, token: str) -> str | None:
        """Ask for the task that has the token's name."""
        name = task_uuid(token)
        return name if await self._seen(name) is not None else None

    async def verify(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> HookEvent:  # noqa: ARG002  unsigned
        """Read the webhook only: it is not signed, so the token in the address is the only proof."""
        event = read_body(body)
        failed = not event.get("data") and bool(event.get("errors"))
        name = text_at(event, "data", 0, "taskUUID") or text_at(event, "errors", 0, "taskUUID")
        return JobEvent(name, "failed" if failed else "done").checked()

    async def _ask(self, kind: str, name: str, **details: Any) -> Response:
        return await self.wire.ask("POST", _API, json=[{"taskType": kind, "taskUUID": name, **details}])

    async def _seen(self, name: str) -> JobReport | None:
        """Return what Runware shows of a task; None if it shows none of this name.

        An empty answer is given for a task that is not known, and perhaps for one that is: the record of past
        tasks is asked too.
        """
        answer = await self._ask("getResponse", name)
        document = answer.document or {}
        shown = self._report(document, name)
        if shown is not None:
            return shown
        if not _says_unknown(document) and self.status_of(answer) != 404:
            await self.asked(answer)
        return await self._recorded(name)

    async def _recorded(self, name: str) -> JobReport | None:
        answer = await self._ask("getTaskDetails", name)
        document = answer.document or {}
        if _says_unknown(document) or self.status_of(answer) in {400, 404}:
            return None
        records = _of((await self.asked(answer)).get("data"), name)
        if not records:
            return None
        response = records[0].get("response")
        known = self._report(response, name) if isinstance(response, dict) else None
        return known or JobReport(JobStatus("running", token=UUID(name).hex))

    def _report(self, document: Mapping[str, Any], name: str) -> JobReport | None:
        """Return the state of a task in an answer; None if the answer does not have it."""
        items = _of(document.get("data"), name)
        errors = [error for error in _of(document.get("errors"), name) if error.get("taskType") == "videoInference"]
        if items and items[0].get("status") != "error":
            item = items[0]
            ended = item.get("status") == "success" or bool(item.get("videoURL"))
            report = self.done(item.get("videoURL")) if ended else JobReport(JobStatus("running"))
        elif items or errors:
            report = self.failed([*errors, *items][0])
        else:
            return None
        return report.showing(UUID(name).hex)


def _of(entries: object, name: str) -> Sequence[Mapping[str, Any]]:
    """Return the entries about a task."""
    listed = entries if isinstance(entries, list) else []
    return [entry for entry in listed if isinstance(entry, dict) and entry.get("taskUUID") == name]


def _codes(document: Mapping[str, Any] | None) -> list[str]:
    errors = (document or {}).get("errors")
    return [str(error.get("code")) for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []


def _is_taken(answer: Response) -> bool:
    return _NAMED_TWICE in _codes(answer.document)


def _says_unknown(document: Mapping[str, Any]) -> bool:
    return any("notfound" in code.lower() for code in _codes(document))
