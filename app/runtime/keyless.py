"""Vendors nobody gave a key for: their facts are known, so that a plan can price them; they take no work."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from app.errors import ProviderRefusedError, ProviderUnavailableError
from app.rendering.ports import Capabilities, JobStatus, Renderer, RenderJob, Speech, SpeechRequest, Spoken


@dataclass(frozen=True, slots=True)
class KeylessRenderer:
    """A renderer's facts without its account; `variable` is where the key is missing."""

    renderer: Renderer
    variable: str

    @property
    def capabilities(self) -> Capabilities:
        """What it would take, give and cost."""
        return replace(self.renderer.capabilities, needs=self.variable)

    @property
    def version(self) -> str:
        """The same as with a key."""
        return self.renderer.version

    async def prepare(self, job: RenderJob) -> None:
        """Refuse before anything is uploaded."""
        self._refuse(job)

    async def submit(self, job: RenderJob) -> str:
        """Refuse."""
        self._refuse(job)

    async def poll(self, request_id: str) -> JobStatus:
        """Without a key nobody can ask."""
        self._wait(request_id)

    async def fetch(self, request_id: str, destination: Path) -> None:
        """Without a key nothing can be fetched."""
        self._wait((request_id, destination))

    async def cancel(self, request_id: str) -> None:
        """Without a key nothing can be cancelled."""
        self._wait(request_id)

    async def find(self, token: str) -> str | None:
        """Without a key nobody can look."""
        self._wait(token)

    def _wait(self, _: object) -> NoReturn:
        """What was submitted while there was a key may be paid for: it is not lost, it waits for the key."""
        raise ProviderUnavailableError(f"Expected a key in {self.variable} to ask after a job; set it again.")

    def _refuse(self, _: object) -> NoReturn:
        _without_key(self.renderer.capabilities.name, self.variable)


@dataclass(frozen=True, slots=True)
class KeylessSpeech:
    """A voice without its account."""

    speech: Speech
    variable: str

    @property
    def name(self) -> str:
        """The provider's name."""
        return self.speech.name

    @property
    def version(self) -> str:
        """The same as with a key."""
        return self.speech.version

    async def speak(self, request: SpeechRequest) -> Spoken:
        """Refuse."""
        del request
        _without_key(self.name, self.variable)


def _without_key(vendor: str, variable: str) -> NoReturn:
    raise ProviderRefusedError(f"Expected a key for `{vendor}` in {variable}, found none; set it, or name another one.")
