"""Providers of an avatar: its voices and its chain of renderers, selected from the configured providers."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, runtime_checkable

from app.catalog.model import Avatar
from app.errors import ProviderRefusedError, ProviderUnknownError
from app.rendering.ports import Capabilities, Renderer, Speech, SpeechRequest, Spoken
from app.rendering.text_normalisation import AsWritten, TextNormaliser

RECORDED = "recorded"
"""Provider name of the voice that plays the author's own recordings."""

NO_VOICE = "no-voice"
"""Provider name in the recipes of a locale that none of the avatar's voices speaks."""


@runtime_checkable
class OwnLanguages(Protocol):
    """Speech that speaks some languages only, and knows which."""

    def speaks(self, locale: str) -> bool:
        """Return whether it speaks this locale now."""
        ...


@dataclass(frozen=True, slots=True)
class NoVoice:
    """Speech of a locale without a voice: it refuses, so that no other voice reads a language that it does not know."""

    name: str = NO_VOICE
    version: str = "1"

    def speaks(self, locale: str) -> bool:  # noqa: ARG002 - every locale
        """Return False."""
        return False

    async def speak(self, request: SpeechRequest) -> Spoken:
        """Refuse the request.

        Raises:
            ProviderRefusedError: always.
        """
        raise ProviderRefusedError(without_voice(request.locale))


def without_voice(locale: str) -> str:
    """Return the sentence about a locale that has no voice."""
    return f"The avatar has no voice for `{locale}`: write `{locale}: {{speech: ...}}` below `voice:` in its file."


@dataclass(frozen=True, slots=True)
class AvatarProviders:
    """Voices, a renderer and its model; `others` are the next renderers of the chain, in order.

    `speech` is the first voice's provider, `voices` has those of all others by name. `recorded` is the voice of the
    author's recordings, if the catalog has any.
    """

    speech: Speech
    renderer: Renderer
    model: str
    others: tuple["AvatarProviders", ...] = ()
    recorded: Speech | None = None
    voices: Mapping[str, Speech] = field(default_factory=dict)
    normaliser: TextNormaliser = field(default_factory=AsWritten)
    """Reads figures and signs before any voice does."""

    def voice(self, provider: str) -> Speech:
        """Return the voice for a speech recipe of this provider."""
        if provider == RECORDED and self.recorded is not None:
            return self.recorded
        return self.voices.get(provider, self.speech)

    def speaks(self, avatar: Avatar, locale: str) -> bool:
        """Return whether the avatar's voice speaks this locale."""
        return speaks(avatar, locale, self.voices)

    @property
    def limits(self) -> Capabilities:
        """Capabilities of the model."""
        return self.renderer.capabilities.of(self.model)

    @property
    def label(self) -> str:
        """Renderer and model, as an avatar's `renderers` name them."""
        return f"{self.renderer.capabilities.name}/{self.model}"

    @property
    def chain(self) -> tuple["AvatarProviders", ...]:
        """All renderers, the first choice first, each with the voices."""
        return (replace(self, others=()), *self.others) if self.others else (self,)


def speaks(avatar: Avatar, locale: str, speech: Mapping[str, Speech]) -> bool:
    """Return whether the avatar's voice speaks this locale; one that does not know is taken to speak every one."""
    voice = avatar.voice_of(locale)
    one = speech.get(voice.speech) if voice else None
    return one.speaks(locale) if isinstance(one, OwnLanguages) else one is not None


def providers_of(
    avatar: Avatar,
    *,
    speech: Mapping[str, Speech],
    renderers: Mapping[str, Renderer],
    normaliser: TextNormaliser | None = None,
) -> AvatarProviders:
    """Select the avatar's voices and its renderers; `fal/kling-avatar-v2-pro` is a renderer and its model.

    Without a `normaliser` every text is spoken as it is written.

    Raises:
        ProviderUnknownError: one of them is not configured.
    """
    voices: dict[str, Speech] = {NO_VOICE: NoVoice()}
    names = list(dict.fromkeys(voice.speech for voice in avatar.voices.values()))
    for name in names:
        if name not in speech:
            raise _unknown(avatar, "speech", name, speech)
        voices[name] = speech[name]
    first, *others = (
        _with_renderer(avatar, name, voices[names[0]], renderers) for name in dict.fromkeys(avatar.renderers)
    )
    shared: dict[str, Any] = {
        "recorded": speech.get(RECORDED),
        "normaliser": normaliser or AsWritten(),
        "voices": voices,
    }
    return replace(first, others=tuple(replace(other, **shared) for other in others), **shared)


def _with_renderer(avatar: Avatar, name: str, voice: Speech, renderers: Mapping[str, Renderer]) -> AvatarProviders:
    provider, _, model = name.partition("/")
    renderer = renderers.get(provider)
    if renderer is None:
        raise _unknown(avatar, "renderer", name, renderers)
    facts = renderer.capabilities
    if model and model not in facts.models and not (facts.any_model and "/" in model):
        raise _unknown(avatar, f"model of `{provider}`", model, dict.fromkeys(facts.models))
    return AvatarProviders(speech=voice, renderer=renderer, model=model or str(facts.models[0]))


def _unknown(avatar: Avatar, kind: str, name: str, known: Mapping[str, object]) -> ProviderUnknownError:
    listed = ", ".join(sorted(known)) or "none"
    return ProviderUnknownError(f"Avatar `{avatar.id}` wants the {kind} {name!r}; known are: {listed}.")
