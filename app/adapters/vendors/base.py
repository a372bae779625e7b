"""Base class of providers' renderers: media up, one submit, status polls, the result down."""

import asyncio
import math
import re
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, Literal
from urllib.parse import quote

from app.adapters.http.client import ProviderHttp
from app.adapters.http.endpoint import Access, Endpoint
from app.adapters.http.public_addresses import points_inside
from app.adapters.http.response import GoneError, Response, Timeouts
from app.adapters.vendors.facts import ModelFacts, ProviderFacts
from app.adapters.vendors.http_errors import ask_error, submit_error, words_of
from app.adapters.vendors.uploads import Upload, marked, sound_of, visual_of
from app.errors import AccessError, MediaError, OutcomeUnknownError, ProviderRefusedError
from app.rendering.ports import MICRO, Capabilities, HookEvent, JobStatus, ProviderFigures, RenderJob

_FETCH_PAUSES_S = (0.0, 2.0)
"""Pauses after each try at a result: an address may have expired, or not be known everywhere yet."""

_TOKEN = re.compile(r"[0-9a-f]{32}")

_SOUND_KEPT_S = 600.0
"""Time in seconds that an uploaded sound is used for its submit."""


@dataclass(frozen=True, slots=True)
class Media:
    """References of the media at the provider; `visual` is a portrait or a video."""

    visual: str
    visual_kind: str
    audio: str


@dataclass(frozen=True, slots=True)
class Order:
    """Submit request as it goes over the wire."""

    url: str
    body: Any
    """JSON object, or a list of one at a provider that takes lists."""
    params: Mapping[str, str] | None = None
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class JobReport:
    """State of a job, and the address of its video once it is done."""

    status: JobStatus
    video_url: str | None = None

    def showing(self, text: object) -> "JobReport":
        """Attach our token if the provider echoes it back in `text`."""
        ours = isinstance(text, str) and _TOKEN.fullmatch(text) is not None
        return replace(self, status=replace(self.status, token=str(text))) if ours else self

    def telling(self, *, charged: object = None, seconds: object = None) -> "JobReport":
        """Attach what the provider says of its bill; a length of 0 says nothing, nor does what is no number."""
        figures = ProviderFigures(_number(charged), float(_number(seconds) or 0) or None)
        told = figures != ProviderFigures()
        return replace(self, status=replace(self.status, figures=figures)) if told else self


class ProviderRenderer(ABC):
    """Renderer and webhooks over HTTP. A subclass adds what differs: addresses, fields, states."""

    name: ClassVar[str]
    lists_sounds: ClassVar[bool] = False
    """True if the list that `find` searches shows the address of a job's sound, and nothing else of ours."""

    def __init__(self, facts: ProviderFacts, access: Access) -> None:
        self.facts = facts
        self.access = access
        self.site = Endpoint(facts.home, domains=facts.domains, base_url=access.base_url)
        headers = self.key_headers(access.key)
        self.wire = ProviderHttp(
            self.site,
            headers,
            secrets=(access.key, access.webhook_secret or "", *headers.values()),
            timeouts=Timeouts(silence_s=facts.submit_timeout_s, total_s=facts.submit_timeout_s),
        )
        self._capabilities = facts.capabilities
        self._uploaded: dict[str, tuple[str, float]] = {}
        self._first_asked: dict[str, float] = {}

    @property
    def capabilities(self) -> Capabilities:
        """Return the provider's capabilities, from its facts."""
        return self._capabilities

    @property
    def version(self) -> str:
        """Return the version of the facts."""
        return self.facts.version

    async def aclose(self) -> None:
        """Close the connections."""
        await self.wire.aclose()

    async def submit(self, job: RenderJob) -> str:
        """Check, upload, then submit the job once.

        Raises:
            PortraitError, LimitExceededError, ProviderRefusedError: it would be refused again; nothing is
                spent.
            ProviderUnavailableError: nothing was accepted.
            OutcomeUnknownError: the provider may have accepted it.
        """
        model, hook = self.facts.model(job.model), self._hook_url(job.token)
        order = self.order(job, model, await self._media(job), hook)
        answer = await self.wire.submit(
            order.url, order.body, params=order.params, headers=order.headers, may_send=job.may_send
        )
        return self.accepted(answer, order)

    async def prepare(self, job: RenderJob) -> None:
        """Check and upload only: `submit` then finds the media uploaded and sends one request."""
        self.facts.model(job.model)
        self._hook_url(job.token)
        await self._media(job)

    def remember(self, model: str) -> None:  # noqa: B027  most list all models at once
        """Do nothing: jobs of any model are found."""

    async def poll(self, request_id: str) -> JobStatus:
        """Read the job's status."""
        return (await self.look(request_id)).status

    async def fetch(self, request_id: str, destination: Path) -> None:
        """Download the video; its address is read again each time.

        Raises:
            MediaError: there is none, or it is not usable.
            ProviderUnavailableError: not now.
        """
        for pause_s in _FETCH_PAUSES_S:
            try:
                return await self._download(await self.look(request_id), destination)
            except GoneError:
                await asyncio.sleep(pause_s)
        return await self._download(await self.look(request_id), destination)

    async def cancel(self, request_id: str) -> None:  # noqa: B027  most have none
        """Do nothing: this provider cannot cancel a job."""

    async def find(self, token: str) -> str | None:
        """Search the provider's list of jobs for the token; None as well where there is no list.

        Raises:
            ProviderUnavailableError: the list is not available, or too long to be read to its end.
        """
        async for request_id, shown in self.listed(token):
            if token in shown:
                return request_id
        return None

    async def listed(self, token: str = "") -> AsyncIterator[tuple[str, str]]:  # noqa: ARG002
        """Yield nothing: this provider does not list our jobs."""
        return
        yield

    async def verify(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> HookEvent:  # noqa: ARG002
        """Refuse: webhooks of this provider cannot be told from forgeries."""
        raise AccessError(f"Cannot verify webhooks of `{self.name}`: they carry no proof. Poll instead.")

    def provider_id(self, request_id: str) -> str:
        """Return the provider's own id, which is the request id."""
        return request_id

    @abstractmethod
    def key_headers(self, key: str) -> Mapping[str, str]:
        """Return the headers that carry the key."""

    @abstractmethod
    async def upload(self, file: Upload) -> str:
        """Upload a file to the provider's own storage; return the reference for a job."""

    @abstractmethod
    def order(self, job: RenderJob, model: ModelFacts, media: Media, hook: str | None) -> Order:
        """Return the submit request."""

    @abstractmethod
    def read_id(self, document: Mapping[str, Any], order: Order) -> str | None:
        """Return the request id in a submit's answer."""

    @abstractmethod
    async def look(self, request_id: str) -> JobReport:
        """Read a job's state."""

    def accepted(self, answer: Response, order: Order) -> str:
        """Return the request id in the answer to a submit.

        Raises:
            ProviderRefusedError, LimitExceededError, ProviderUnavailableError: it was not accepted.
            OutcomeUnknownError: it may have been.
        """
        status, document = self.status_of(answer), answer.document
        if not 200 <= status < 300:
            status = 429 if status in self.facts.not_taken else status
            raise submit_error(
                self.facts.title,
                status,
                self._reason_of(answer),
                key_name=self.access.key_name,
                retry_after_s=answer.retry_after_s,
            )
        request_id = self.read_id(document, order) if document is not None else None
        if not request_id:
            said = self.wire.shown(answer)
            raise OutcomeUnknownError(
                f"{self.facts.title} accepted a job without giving an id ({said}): it may be rendering it."
            )
        return request_id

    def status_of(self, answer: Response) -> int:
        """Return an answer's status; providers with an envelope read its code too."""
        return answer.status

    async def asked(self, answer: Response) -> dict[str, Any]:
        """Return the document of an answer that must be a success.

        Raises:
            ProviderRefusedError, LimitExceededError: it is a refusal.
            ProviderUnavailableError: it is neither.
        """
        status, document = self.status_of(answer), answer.document
        if 200 <= status < 300 and document is not None:
            return document
        error_status = status if document is not None or status >= 300 else 502
        raise ask_error(
            self.facts.title,
            error_status,
            self._reason_of(answer),
            key_name=self.access.key_name,
            retry_after_s=answer.retry_after_s,
        )

    async def question(
        self, url: str, *, method: Literal["GET", "DELETE"] = "GET", **content: Any
    ) -> dict[str, Any] | None:
        """Return a job's document, None when the provider does not know the job.

        Raises:
            ProviderRefusedError: the provider refuses the request.
            ProviderUnavailableError: not now.
        """
        answer = await self.wire.ask(method, url, **content)
        return None if self.status_of(answer) == 404 else await self.asked(answer)

    def failed(self, document: Any, *, end: str = "", charged: bool | None = None) -> JobReport:
        """Return a failure in the provider's words.

        Billed unless the provider is known to bill success only, and promises that of this `end` too.
        """
        said = self.wire.clean(words_of(document)) or "no reason given"
        promised = self.facts.bills_on == "success" and (not end or end in self.facts.free_ends)
        billed = not promised if charged is None else charged
        return JobReport(JobStatus("failed", error=said, charged=billed))

    def done(self, url: object) -> JobReport:
        """Return a finished job; one without an address of a video may get it later, and may be billed all the same."""
        if isinstance(url, str) and url:
            return JobReport(JobStatus("done", done_share=1.0), video_url=url)
        return JobReport(JobStatus("no_video", error="it was reported as finished, without a video", charged=True))

    def is_new(self, request_id: str) -> bool:
        """Return whether the first look was less than `blind_s` ago, the time a job may be invisible."""
        now = time.monotonic()
        self._first_asked = {key: at for key, at in self._first_asked.items() if now - at < 3_600 or key == request_id}
        return now - self._first_asked.setdefault(request_id, now) < float(self.facts.settings["blind_s"])

    def _files(self, job: RenderJob) -> tuple[Upload, Upload]:
        limits = self._capabilities.of(job.model)
        return visual_of(job, limits), sound_of(job, limits)

    async def _media(self, job: RenderJob) -> Media:
        visual, sound = await asyncio.to_thread(self._files, job)
        return Media(
            visual=await self._reference(visual),
            visual_kind=visual.kind,
            audio=self._marked(await self._reference(sound), job.token),
        )

    async def _reference(self, file: Upload) -> str:
        """Upload a file unless it is uploaded already; return its reference."""
        known, until = self._uploaded.get(file.name, ("", 0.0))
        if time.monotonic() < until:
            return known
        reference = await self.upload(file)
        if reference.startswith("http") and points_inside(reference) and not self.site.local:
            raise ProviderRefusedError(
                f"Cannot submit: {self.facts.title} cannot reach {reference!r}. Nothing was sent.", reason="input"
            )
        now, kept_s = time.monotonic(), self.facts.upload_kept_s if file.lasting else _SOUND_KEPT_S
        self._uploaded = {name: entry for name, entry in self._uploaded.items() if entry[1] > now}
        self._uploaded[file.name] = (reference, now + kept_s)
        return reference

    def _marked(self, reference: str, token: str) -> str:
        return marked(reference, token) if self.lists_sounds else reference

    def _hook_url(self, token: str) -> str | None:
        base = self.access.webhook_base
        if base is None:
            return None
        if not self.site.local and (points_inside(base) or not base.startswith("https://")):
            raise ProviderRefusedError(
                f"{self.facts.title} calls back over https to public addresses only, got {base!r}; set the public URL, "
                "or leave webhooks out: polling completes everything.",
                reason="input",
            )
        return f"{base.rstrip('/')}/v1/hooks/{self.name}/{quote(token, safe='')}"

    def _reason_of(self, answer: Response) -> str:
        return self.wire.clean(words_of(answer.document)) or self.wire.shown(answer)

    async def _download(self, report: JobReport, destination: Path) -> None:
        if report.video_url is None:
            raise MediaError(f"Expected a finished video of {self.facts.title}, the job is {report.status.state}.")
        await self.wire.fetch_to(report.video_url, destination, max_bytes=self.facts.max_video_bytes)


def _number(value: object) -> Decimal | None:
    plain = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0
    return Decimal(str(value)).quantize(MICRO) if plain else None


def text_at(document: Any, *path: str | int) -> str | None:
    """Return the text at a path of names and list positions, None where there is none."""
    found = document
    for step in path:
        if isinstance(step, int) and isinstance(found, list) and len(found) > step:
            found = found[step]
        elif isinstance(step, str) and isinstance(found, dict):
            found = found.get(step)
        else:
            return None
    return found if isinstance(found, str) and found else None
