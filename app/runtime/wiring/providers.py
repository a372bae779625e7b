"""Providers of a site: speech and renderers by name. One without a key can be priced, but takes no work."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final, NoReturn

from app.adapters.http.endpoint import Access, MediaHost
from app.adapters.local import audio
from app.adapters.local.audio import RATE, normalise
from app.adapters.local.phones import shift, within
from app.adapters.local.renderer import LocalRenderer
from app.adapters.local.speech import LocalSpeech
from app.adapters.s3.bucket import open_bucket
from app.adapters.speech import elevenlabs, openai
from app.adapters.speech.elevenlabs import ElevenLabsSpeech
from app.adapters.speech.openai import OpenAISpeech
from app.adapters.speech.recorded import RecordedSpeech
from app.adapters.text_normalisation.kept_readings import KeptReadings
from app.adapters.vendors.call_prices import CallPrices, load_call_prices
from app.adapters.vendors.registry import VENDORS, open_vendors
from app.errors import ProviderRefusedError, ProviderUnavailableError, SettingsError, StoreError
from app.rendering.plan.providers import RECORDED
from app.rendering.ports import (
    Capabilities,
    JobStatus,
    Renderer,
    RenderJob,
    Speech,
    SpeechRequest,
    Spoken,
    TimedSpan,
)
from app.rendering.tariffs import CallKind, Tariff
from app.rendering.text_normalisation import TextNormaliser
from app.runtime.settings.site import Settings
from app.runtime.settings.vendors import (
    MEDIA_BUCKETS,
    OWN_SERVERS,
    StorageSettings,
    VendorSettings,
    provider_overrides,
)

SIGNED_FOR_S: Final = 86_400.0
"""Time in seconds that an address is good for; a portrait's is used again for half of it."""


@dataclass(frozen=True, slots=True)
class KeylessRenderer:
    """Renderer without a key: its facts are known, so that a plan can price it.

    `variable` would hold the key.
    """

    renderer: Renderer
    variable: str

    @property
    def capabilities(self) -> Capabilities:
        """Capabilities of the renderer, with the missing variable in `needs`."""
        return replace(self.renderer.capabilities, needs=self.variable)

    @property
    def version(self) -> str:
        """Version of the renderer."""
        return self.renderer.version

    async def prepare(self, job: RenderJob) -> None:
        """Refuse the job, before anything is uploaded."""
        self._refuse(job)

    async def submit(self, job: RenderJob) -> str:
        """Refuse the job."""
        self._refuse(job)

    async def poll(self, request_id: str) -> JobStatus:
        """Refuse until there is a key again: the job may be paid for."""
        self._wait(request_id)

    async def fetch(self, request_id: str, destination: Path) -> None:
        """Refuse until there is a key again: the job may be paid for."""
        self._wait((request_id, destination))

    async def cancel(self, request_id: str) -> None:
        """Refuse until there is a key again: the job may be paid for."""
        self._wait(request_id)

    async def find(self, token: str) -> str | None:
        """Refuse until there is a key again: the job may be paid for."""
        self._wait(token)

    def _wait(self, _: object) -> NoReturn:
        """Raise a retryable error: a job from a time with a key is not lost, it waits for the key."""
        raise ProviderUnavailableError(f"Cannot ask about a job without {self.variable}. Set it again.")

    def _refuse(self, _: object) -> NoReturn:
        _without_key(self.renderer.capabilities.name, self.variable)


@dataclass(frozen=True, slots=True)
class KeylessSpeech:
    """Voice of a provider without a key: its price is known, and it refuses to speak."""

    speech: ElevenLabsSpeech | OpenAISpeech
    variable: str

    @property
    def tariff(self) -> Tariff:
        """Price of its calls, with the missing variable in `needs`."""
        return replace(self.speech.tariff, needs=self.variable)

    @property
    def name(self) -> str:
        """Name of the provider."""
        return self.speech.name

    @property
    def version(self) -> str:
        """Version of the voice."""
        return self.speech.version

    async def speak(self, request: SpeechRequest) -> Spoken:
        """Refuse the request."""
        del request
        _without_key(self.name, self.variable)


def _without_key(provider: str, variable: str) -> NoReturn:
    things = dict.fromkeys(OWN_SERVERS.values(), "the address of a server")
    things |= dict.fromkeys(MEDIA_BUCKETS.values(), "a bucket for media")
    thing = things.get(variable, "a key")
    message = f"Expected {thing} for `{provider}` in {variable}, found none; set it, or name another one."
    raise ProviderRefusedError(message, reason="auth")


def open_speech(
    recordings: Mapping[str, Path] = MappingProxyType({}),
    *,
    prices: Mapping[str, CallPrices] | None = None,
    models_dir: Path = Path(),
) -> dict[str, Speech]:
    """Return all voices by their name in `voice.speech`; `recordings` are the catalog's own, by digest.

    `prices` are the site's, else the shipped ones; in `models_dir` lie the local voice's languages beside English.
    """
    accounts, listed = VendorSettings(), prices or load_call_prices()
    models = {
        "elevenlabs": accounts.elevenlabs_model or elevenlabs.MODEL,
        "openai": accounts.openai_speech_model or openai.MODEL,
    }
    access = {name: accounts.access(name) for name in models}
    tariffs = {
        name: listed[name].tariff(CallKind.SPEECH, name, model, own_server=access[name].base_url is not None)
        for name, model in models.items()
    }
    voices: dict[str, ElevenLabsSpeech | OpenAISpeech] = {
        "elevenlabs": ElevenLabsSpeech(access["elevenlabs"], level, tariffs["elevenlabs"], model=models["elevenlabs"]),
        "openai": OpenAISpeech(access["openai"], level, tariffs["openai"], model=models["openai"]),
    }
    usable = {
        name: KeylessSpeech(voice, missing) if (missing := accounts.missing(name)) else voice
        for name, voice in voices.items()
    }
    return {"local": LocalSpeech(models_dir), **recorded_speech(recordings), **usable}


def open_readings(settings: Settings) -> TextNormaliser:
    """Return the text normaliser of the voices; readings of catalogs are kept beside the models."""
    return KeptReadings(settings.models_dir.expanduser() / "readings")


def recorded_speech(recordings: Mapping[str, Path]) -> dict[str, Speech]:
    """Return the voice of the author's own recordings, under its name; `recordings` are by digest."""
    return {RECORDED: RecordedSpeech(recordings, level)}


@asynccontextmanager
async def open_renderers(settings: Settings) -> AsyncIterator[dict[str, Renderer]]:
    """Open all renderers by their name in `renderers`; none starts work before its first job."""
    accounts = VendorSettings()
    local = LocalRenderer(
        work_dir=settings.scratch / "local",
        models_dir=settings.models_dir.expanduser(),
        workers=settings.render_processes or None,
    )
    async with AsyncExitStack() as stack:
        renderers: dict[str, Renderer] = {"local": await stack.enter_async_context(local)}
        accesses = {name: _access(accounts, name, public_url=settings.public_url) for name in VENDORS}
        for name, renderer in open_vendors(accesses, provider_overrides(settings)).items():
            stack.push_async_callback(renderer.aclose)
            missing = accounts.missing(name)
            renderers[name] = KeylessRenderer(renderer, missing) if missing else renderer
        yield renderers


def level(sound: bytes, words: Sequence[TimedSpan]) -> Spoken:
    """Trim a provider's sound and set its loudness; word times follow the trim. Blocking."""
    samples, cut_s = audio.trim(audio.decode(sound))
    samples, duration_s = normalise(samples), len(samples) / RATE
    return Spoken(audio.wav_bytes(samples), duration_s, tuple(within(shift(words, -cut_s), duration_s)))


def _access(accounts: VendorSettings, name: str, *, public_url: str) -> Access:
    access, bucket = accounts.access(name, public_url=public_url), accounts.media_bucket(name)
    return replace(access, media_host=open_media_host(bucket, variable=MEDIA_BUCKETS[name])) if bucket else access


def open_media_host(address: str, *, variable: str) -> MediaHost:
    """Return a host that puts files into the bucket and gives out signed addresses; no request is sent yet.

    Raises:
        SettingsError: the address, which stands in `variable`, names no bucket.
    """
    if not address.startswith("s3://"):
        raise SettingsError(f"Expected a bucket such as s3://bucket/media in {variable}, got {address!r}; correct it.")
    bucket = open_bucket(address, StorageSettings().access())

    async def put(name: str, content: bytes, media_type: str) -> str:
        try:
            await bucket.replace(name, content, {"Content-Type": media_type})
            return await bucket.sign(name, expires_s=SIGNED_FOR_S)
        except StoreError as error:
            raise ProviderUnavailableError(f"Cannot put media where the provider can fetch them: {error}") from error

    return put
