"""Abilities that some renderers have beside the port."""

from collections.abc import AsyncIterator
from typing import Protocol, runtime_checkable

from app.rendering.ports import RenderJob


@runtime_checkable
class Preparing(Protocol):
    """Renderer that can upload media ahead of the submit, so that less can fail in the submit."""

    async def prepare(self, job: RenderJob) -> None:
        """Check and upload; costs nothing and may be repeated.

        Raises:
            PortraitError, LimitExceededError, ProviderRefusedError: it would be refused again.
            ProviderUnavailableError: the provider cannot be used now.
        """
        ...


@runtime_checkable
class ModelMemory(Protocol):
    """Renderer that looks for jobs model by model, and so must know the models of earlier jobs."""

    def remember(self, model: str) -> None:
        """Look for jobs of this model too, from now on."""
        ...


@runtime_checkable
class Listing(Protocol):
    """Renderer whose provider lists the account's jobs."""

    def listed(self, token: str = "") -> AsyncIterator[tuple[str, str]]:
        """Yield the newest jobs: the request id and the shown inputs. A token may narrow the list to its job.

        Raises:
            ProviderUnavailableError, ProviderRefusedError: the list cannot be read.
        """
        ...


@runtime_checkable
class JobReferences(Protocol):
    """A renderer whose request ids hold more than the provider's own id."""

    def reference(self, own_id: str, model: str) -> str:
        """Return what `submit` would have returned for the provider's job of this id."""
        ...


@runtime_checkable
class ForgettingRenderer(Protocol):
    """Renderer whose provider can delete its copy of a video."""

    async def forget(self, request_id: str) -> None:
        """Have the provider delete a job's inputs and video; a job that it does not know is deleted already.

        Raises:
            ProviderUnavailableError, ProviderRefusedError: its copy is still there.
        """
        ...
