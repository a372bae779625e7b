"""Your own renderer behind HTTP: four routes, documented in `docs/reference/providers/http-renderer.md`.

We name the job: its id is our token, and a repeated id is the same job. So a lost answer is never a riddle: the
server is asked for the token, and the same submit may be sent again.
"""

import asyncio
import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx2 as httpx

from app.adapters.http.client import ProviderHttp
from app.adapters.http.endpoint import Access, Endpoint
from app.adapters.http.response import Timeouts
from app.adapters.vendors.base import JobReport, Media, Order, ProviderRenderer, text_at
from app.adapters.vendors.facts import ModelFacts, ProviderFacts
from app.adapters.vendors.uploads import Upload
from app.errors import MediaError, ProviderUnavailableError, SettingsError
from app.rendering.ports import JobStatus, RenderJob

MAIN = "HTTP_RENDERER_URL"
"""Endpoint of the model whose server that variable names; other models have their server's address."""

_RENDERS = "/v1/renders"
_ENDED_BADLY = frozenset({"failed", "cancelled"})


class OwnServerHttp(ProviderHttp):
    """HTTP client for one own server: its videos need the key too, and no other server sees it."""

    async def _guarded(self, address: str, *, method: str = "GET", **content: Any) -> httpx.Request:
        request = await super()._guarded(address, method=method, **content)
        if _origin(address) == _origin(self.site.at(_RENDERS)):
            request.headers.update(self._headers)
        return request


class HttpRenderer(ProviderRenderer):
    """Own servers as a renderer; each is a model. The request id is our token."""

    name = "http"

    def __init__(self, facts: ProviderFacts, access: Access) -> None:
        super().__init__(facts, access)
        self._servers = {name: self._server(name, model) for name, model in facts.models.items()}
        self.wire = self._servers[next(iter(facts.models))]
        self._seen_at: dict[str, ProviderHttp] = {}

    async def aclose(self) -> None:
        """Close the connections to every server."""
        for server in self._servers.values():
            await server.aclose()

    def key_headers(self, key: str) -> Mapping[str, str]:
        """Return a bearer header if there is a key."""
        return {"Authorization": f"Bearer {key}"} if key else {}

    async def upload(self, file: Upload) -> str:
        """Return the file itself, as a data URI: it goes with the submit."""
        return _data_uri(file)

    async def submit(self, job: RenderJob) -> str:
        """Check, then submit to the server of the job's model; the same token again is the same job."""
        model = self.facts.model(job.model)
        order = self.order(job, model, await self._media(job), None)
        server = self._servers[next(name for name, known in self.facts.models.items() if known == model)]
        self._seen_at[job.token] = server
        return self.accepted(await server.submit(order.url, order.body, may_send=job.may_send), order)

    def order(self, job: RenderJob, model: ModelFacts, media: Media, hook: str | None) -> Order:  # noqa: ARG002  it is polled
        """Return token, media and the wanted video."""
        video = {"width": job.width, "height": job.height, "fps": job.fps}
        parameters = {**model.parameters, **job.parameters}
        body = {"id": job.token, "portrait": media.visual, "audio": media.audio, "video": video}
        return Order(_RENDERS, {**body, "parameters": parameters})

    def read_id(self, document: Mapping[str, Any], order: Order) -> str | None:
        """Return the job's id if it is the one that we gave it."""
        told = text_at(document, "id")
        return told if told == order.body["id"] else None

    async def look(self, request_id: str) -> JobReport:
        """Return the job's state at the server that knows it."""
        found = await self._job(request_id)
        if found is None:
            return JobReport(JobStatus("unknown"))
        server, job = found
        match text_at(job, "state"):
            case "done":
                ready = bool(job.get("video_bytes"))
                return self.done(server.site.at(f"{_RENDERS}/{request_id}/video") if ready else None)
            case state if state in _ENDED_BADLY:
                billed = job.get("billed")
                said = job.get("error") or f"it was {state}"
                return self.failed(said, charged=billed if isinstance(billed, bool) else None)
            case state:
                return JobReport(JobStatus("queued" if state == "queued" else "running", done_share=_share(job)))

    async def cancel(self, request_id: str) -> None:
        """Cancel the job at the server that knows it."""
        found = await self._job(request_id)
        if found is not None:
            await found[0].ask("DELETE", f"{_RENDERS}/{request_id}")

    async def find(self, token: str) -> str | None:
        """Ask the servers for the token itself."""
        return token if await self._job(token) is not None else None

    def _hook_url(self, token: str) -> None:
        """Return nothing: own servers are polled."""

    async def _media(self, job: RenderJob) -> Media:
        visual, sound = await asyncio.to_thread(self._files, job)
        return Media(_data_uri(visual), visual.kind, _data_uri(sound))

    async def _download(self, report: JobReport, destination: Path) -> None:
        if report.video_url is None:
            raise MediaError(f"Expected a finished video of {self.facts.title}, the job is {report.status.state}.")
        server = next(one for one in self._servers.values() if _origin(report.video_url) == _origin(one.site.at("/")))
        await server.fetch_to(report.video_url, destination, max_bytes=self.facts.max_video_bytes)

    async def _job(self, token: str) -> tuple[ProviderHttp, dict[str, Any]] | None:
        """Return the job and its server, the likeliest one asked first; None if every server says it has none.

        Raises:
            ProviderUnavailableError: a server that may have it does not answer.
        """
        likeliest = self._seen_at.get(token)
        silent: ProviderUnavailableError | None = None
        for server in sorted(self._servers.values(), key=lambda one: one is not likeliest):
            try:
                answer = await server.ask("GET", f"{_RENDERS}/{token}")
            except ProviderUnavailableError as error:
                silent = error
                continue
            if answer.status != 404:
                return server, await self.asked(answer)
        if silent is not None:
            raise silent
        return None

    def _server(self, name: str, model: ModelFacts) -> ProviderHttp:
        address = self.access.base_url if model.endpoint == MAIN else model.endpoint
        if address is not None and not address.startswith(("http://", "https://")):
            raise SettingsError(f"`http.models.{name}.endpoint`: Expected an address of a server, got {address!r}.")
        times = Timeouts(silence_s=self.facts.submit_timeout_s, total_s=self.facts.submit_timeout_s)
        site = Endpoint(self.facts.home, domains=(), base_url=address)
        key = self.access.key
        return OwnServerHttp(site, self.key_headers(key), secrets=(key,), timeouts=times)


def _origin(address: str) -> tuple[str, str, int | None]:
    url = httpx.URL(address)
    return url.scheme, url.host, url.port


def _data_uri(file: Upload) -> str:
    return f"data:{file.media_type};base64,{base64.b64encode(file.content).decode()}"


def _share(job: Mapping[str, Any]) -> float:
    told = job.get("progress")
    return min(1.0, max(0.0, float(told))) if isinstance(told, int | float) else 0.0
