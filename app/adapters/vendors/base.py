"""What all vendors have in common: media in, one submit, the standing asked for, the result fetched."""

import asyncio
import re
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

from app.adapters.http.client import ProviderHttp
from app.adapters.http.endpoint import Access, Endpoint
from app.adapters.http.public_addresses import points_inside
from app.adapters.http.response import GoneError, Response, Timeouts
from app.adapters.vendors.facts import ModelFacts, ProviderFacts
from app.adapters.vendors.http_errors import ask_error, submit_error, words_of
from app.adapters.vendors.uploads import Upload, sound_of, visual_of
from app.errors import AccessError, MediaError, OutcomeUnknownError, ProviderRefusedError
from app.rendering.ports import Capabilities, HookEvent, JobStatus, RenderJob

_FETCH_PAUSES_S = (0.0, 2.0)
"""After each try at a result: an address may have expired, or not be known everywhere yet."""

_TOKEN = re.compile(r"[0-9a-f]{32}")

_SOUND_KEPT_S = 600.0
"""How long an uploaded sound waits for its submit."""


@dataclass(frozen=True, slots=True)
class Media:
    """Where the vendor finds what it films from; `visual` is a portrait or a video."""

    visual: str
    visual_kind: str
    audio: str


@dataclass(frozen=True, slots=True)
class Order:
    """One submit as it goes over the wire."""

    url: str
    body: Mapping[str, Any]
    params: Mapping[str, str] | None = None
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class JobReport:
    """Where a job stands, and where its video is once it is done."""

    status: JobStatus
    video_url: str | None = None

    def showing(self, text: object) -> "JobReport":
        """The same with our token, where that is what the vendor shows in the field we put it into."""
        ours = isinstance(text, str) and _TOKEN.fullmatch(text) is not None
        return replace(self, status=replace(self.status, token=str(text))) if ours else self


class ProviderRenderer(ABC):
    """The `Renderer` and `Webhooks` ports over HTTP. A subclass says what differs: addresses, fields, states."""

    name: ClassVar[str]
    lists_sounds: ClassVar[bool] = False
    """Whether the list that `find` searches shows the address of a job's sound, and nothing else of ours."""

    def __init__(self, facts: ProviderFacts, access: Access) -> None:
        self.facts = facts
        self.access = access
        self.site = Endpoint(facts.home, domains=facts.domains, base_url=access.base_url)
        self.wire = ProviderHttp(
            self.site,
            self.key_headers(access.key),
            secrets=(access.key, access.webhook_secret or ""),
            timeouts=Timeouts(silence_s=facts.submit_timeout_s, total_s=facts.submit_timeout_s),
        )
        self._capabilities = facts.capabilities
        self._uploaded: dict[str, tuple[str, float]] = {}

    @property
    def capabilities(self) -> Capabilities:
        """The vendor's facts."""
        return self._capabilities

    @property
    def version(self) -> str:
        """The facts' version."""
        return self.facts.version

    async def aclose(self) -> None:
        """Close the connections."""
        await self.wire.aclose()

    async def submit(self, job: RenderJob) -> str:
        """Check, upload, then hand the job over, once.

        Raises:
            PortraitError, LimitExceededError, ProviderRefusedError: it would be refused again; nothing is spent.
            ProviderUnavailableError: nothing was accepted.
            OutcomeUnknownError: the vendor may have taken it.
        """
        model, hook = self.facts.model(job.model), self._hook_url(job.token)
        order = self.order(job, model, await self._media(job), hook)
        answer = await self.wire.submit(
            order.url, order.body, params=order.params, headers=order.headers, may_send=job.may_send
        )
        return self.accepted(answer, order)

    async def prepare(self, job: RenderJob) -> None:
        """Check and upload, nothing more: `submit` then finds the media uploaded and sends one request."""
        self.facts.model(job.model)
        self._hook_url(job.token)
        await self._media(job)

    def remember(self, model: str) -> None:  # noqa: B027  most list all models at once
        """Nothing: jobs of any model are found."""

    async def poll(self, request_id: str) -> JobStatus:
        """Ask the vendor."""
        return (await self.look(request_id)).status

    async def fetch(self, request_id: str, destination: Path) -> None:
        """Bring the video, its address read afresh each time.

        Raises:
            MediaError: there is none, or what is there is no good.
            ProviderUnavailableError: not now.
        """
        for pause_s in _FETCH_PAUSES_S:
            try:
                return await self._bring(await self.look(request_id), destination)
            except GoneError:
                await asyncio.sleep(pause_s)
        return await self._bring(await self.look(request_id), destination)

    async def cancel(self, request_id: str) -> None:  # noqa: B027  most have none
        """Nothing: this vendor has no way to call a job off."""

    async def find(self, token: str) -> str | None:
        """Look for the token in what the vendor lists; None as well where it lists nothing.

        Raises:
            ProviderUnavailableError: the list did not come, or is too long to be read to its end.
        """
        async for request_id, shown in self.listed(token):
            if token in shown:
                return request_id
        return None

    async def listed(self, token: str = "") -> AsyncIterator[tuple[str, str]]:  # noqa: ARG002
        """Nothing: this vendor does not say which jobs it has of ours."""
        return
        yield

    async def verify(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> HookEvent:  # noqa: ARG002
        """Refuse: nothing this vendor sends can be told from a forgery."""
        raise AccessError(f"`{self.name}` sends no webhooks that could be verified; poll instead.")

    def provider_id(self, request_id: str) -> str:
        """The vendor's own id, which is the request id as it is."""
        return request_id

    @abstractmethod
    def key_headers(self, key: str) -> Mapping[str, str]:
        """How the key is shown."""

    @abstractmethod
    async def upload(self, file: Upload) -> str:
        """Bring a file to the vendor's own storage; returns what a job names it by."""

    @abstractmethod
    def order(self, job: RenderJob, model: ModelFacts, media: Media, hook: str | None) -> Order:
        """The submit."""

    @abstractmethod
    def read_id(self, document: Mapping[str, Any], order: Order) -> str | None:
        """The request id in a submit's answer."""

    @abstractmethod
    async def look(self, request_id: str) -> JobReport:
        """Ask where a job stands."""

    def accepted(self, answer: Response, order: Order) -> str:
        """The request id in the answer to a submit.

        Raises:
            ProviderRefusedError, LimitExceededError, ProviderUnavailableError: it was not taken.
            OutcomeUnknownError: it may have been.
        """
        status, document = self.status_of(answer), answer.document
        if not 200 <= status < 300:
            status = 429 if status in self.facts.not_taken else status
            raise submit_error(self.facts.title, status, self._said(answer), retry_after_s=answer.retry_after_s)
        request_id = self.read_id(document, order) if document is not None else None
        if not request_id:
            said = self.wire.shown(answer)
            raise OutcomeUnknownError(f"{self.facts.title} took a job and gave no id ({said}): it may be filming it.")
        return request_id

    def status_of(self, answer: Response) -> int:
        """An answer's status; vendors with an envelope look into it too."""
        return answer.status

    async def asked(self, answer: Response) -> dict[str, Any]:
        """The document of an answer that had to be a yes.

        Raises:
            ProviderRefusedError, LimitExceededError: it was a no.
            ProviderUnavailableError: it was neither.
        """
        status, document = self.status_of(answer), answer.document
        if 200 <= status < 300 and document is not None:
            return document
        told = status if document is not None or status >= 300 else 502
        raise ask_error(self.facts.title, told, self._said(answer), retry_after_s=answer.retry_after_s)

    async def question(self, url: str, **content: Any) -> dict[str, Any] | None:
        """A job's document, None when the vendor does not know the job.

        Raises:
            ProviderRefusedError: the vendor does not let us ask.
            ProviderUnavailableError: not now.
        """
        answer = await self.wire.ask("GET", url, **content)
        return None if self.status_of(answer) == 404 else await self.asked(answer)

    def failed(self, document: Any, *, charged: bool | None = None) -> JobReport:
        """A failure in the vendor's words; billed unless the vendor is known to bill success only."""
        said = self.wire.clean(words_of(document)) or "no reason given"
        billed = self.facts.bills_on != "success" if charged is None else charged
        return JobReport(JobStatus("failed", error=said, charged=billed))

    def done(self, url: object) -> JobReport:
        """A finished job; one without a video has failed, and may be billed all the same."""
        if isinstance(url, str) and url:
            return JobReport(JobStatus("done", done_share=1.0), video_url=url)
        return self.failed("it was reported as finished, without a video", charged=True)

    def _files(self, job: RenderJob) -> tuple[Upload, Upload]:
        return visual_of(job, self._capabilities), sound_of(job, self._capabilities)

    async def _media(self, job: RenderJob) -> Media:
        visual, sound = await asyncio.to_thread(self._files, job)
        return Media(
            visual=await self._reference(visual),
            visual_kind=visual.kind,
            audio=self._marked(await self._reference(sound), job.token),
        )

    async def _reference(self, file: Upload) -> str:
        """Upload a file, or find it uploaded already."""
        known, until = self._uploaded.get(file.name, ("", 0.0))
        if time.monotonic() < until:
            return known
        reference = await self.upload(file)
        if reference.startswith("http") and points_inside(reference) and not self.site.local:
            raise ProviderRefusedError(
                f"{self.facts.title} cannot reach {reference!r}; nothing was submitted.", reason="input"
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

    def _said(self, answer: Response) -> str:
        return self.wire.clean(words_of(answer.document)) or self.wire.shown(answer)

    async def _bring(self, standing: JobReport, destination: Path) -> None:
        if standing.video_url is None:
            raise MediaError(f"Expected a finished video of {self.facts.title}, the job is {standing.status.state}.")
        await self.wire.fetch_to(standing.video_url, destination, max_bytes=self.facts.max_video_bytes)


def marked(reference: str, token: str) -> str:
    """The reference of a sound, sure to carry the attempt's token: that is what a list of jobs is searched for.

    Vendors keep a file's name in its address or give it their own; a fragment never leaves the one who fetches.
    """
    return reference if token in reference or not reference.startswith("http") else f"{reference}#{token}"


def text_at(document: Any, *path: str | int) -> str | None:
    """The text at a path of names and places, None where there is none."""
    found = document
    for step in path:
        if isinstance(step, int) and isinstance(found, list) and len(found) > step:
            found = found[step]
        elif isinstance(step, str) and isinstance(found, dict):
            found = found.get(step)
        else:
            return None
    return found if isinstance(found, str) and found else None
