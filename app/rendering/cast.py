"""Who speaks and who films for an avatar, out of the providers that are there."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.catalog.model import Avatar
from app.errors import ProviderUnknownError
from app.rendering.ports import Renderer, Speech


@dataclass(frozen=True, slots=True)
class Cast:
    """A voice, a renderer and the renderer's model."""

    speech: Speech
    renderer: Renderer
    model: str


def choose_cast(avatar: Avatar, *, speech: Mapping[str, Speech], renderers: Mapping[str, Renderer]) -> Cast:
    """The avatar's voice and the first of its renderers; `fal/kling-avatar-v2-pro` is a renderer and its model.

    Raises:
        ProviderUnknownError: one of them is not there.
    """
    voice = speech.get(avatar.voice.speech)
    if voice is None:
        raise _unknown(avatar, "speech", avatar.voice.speech, speech)
    name = avatar.renderers[0]
    provider, _, model = name.partition("/")
    renderer = renderers.get(provider)
    if renderer is None:
        raise _unknown(avatar, "renderer", name, renderers)
    models = renderer.capabilities.models
    if model and model not in models:
        raise _unknown(avatar, f"model of `{provider}`", model, dict.fromkeys(models))
    return Cast(speech=voice, renderer=renderer, model=model or str(models[0]))


def _unknown(avatar: Avatar, kind: str, name: str, known: Mapping[str, object]) -> ProviderUnknownError:
    listed = ", ".join(sorted(known)) or "none"
    return ProviderUnknownError(f"Avatar `{avatar.id}` wants the {kind} {name!r}; known are: {listed}.")
