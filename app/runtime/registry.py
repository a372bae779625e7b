"""Names to implementations: every provider has its line here."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from types import MappingProxyType

from app.adapters.local import audio
from app.adapters.local.inspection.inspector import LocalInspector
from app.adapters.local.loudness import RATE, normalise
from app.adapters.local.phones import shift, within
from app.adapters.local.renderer import LocalRenderer
from app.adapters.local.speech import LocalSpeech
from app.adapters.speech import elevenlabs, openai_speech
from app.adapters.speech.elevenlabs import ElevenLabsSpeech
from app.adapters.speech.openai_speech import OpenAISpeech
from app.adapters.speech.recorded import RecordedSpeech
from app.adapters.sql.engine import Database
from app.adapters.sql.ledger import SqlLedger
from app.adapters.vendors.renderers import VENDORS, open_vendors
from app.adapters.workshop import MediaWorkshop
from app.rendering.cast import RECORDED
from app.rendering.inspection import Inspector
from app.rendering.ledger import Ledger
from app.rendering.ports import Renderer, Speech, Spoken, TimedSpan, Workshop
from app.runtime.keyless import KeylessRenderer, KeylessSpeech
from app.runtime.provider_facts import provider_overrides
from app.runtime.settings import Settings
from app.runtime.vendor_settings import KEY_NAMES, VendorSettings


def open_speech(recordings: Mapping[str, Path] = MappingProxyType({})) -> dict[str, Speech]:
    """Every voice by the name that `voice.speech` uses; `recordings` are the catalog's own, by digest."""
    vendors = VendorSettings()
    voices: dict[str, Speech] = {
        "elevenlabs": ElevenLabsSpeech(
            vendors.access("elevenlabs"), level, model=vendors.elevenlabs_model or elevenlabs.MODEL
        ),
        "openai": OpenAISpeech(
            vendors.access("openai"), level, model=vendors.openai_speech_model or openai_speech.MODEL
        ),
    }
    usable = {
        name: voice if _has_key(vendors, name) else KeylessSpeech(voice, KEY_NAMES[name])
        for name, voice in voices.items()
    }
    return {"local": LocalSpeech(), RECORDED: RecordedSpeech(recordings, level), **usable}


@asynccontextmanager
async def open_renderers(settings: Settings) -> AsyncIterator[dict[str, Renderer]]:
    """Every renderer by the name that `renderers` uses; none works before its first job."""
    vendors = VendorSettings()
    local = LocalRenderer(
        work_dir=settings.scratch / "local",
        models_dir=settings.models_dir.expanduser(),
        workers=settings.render_processes or None,
    )
    async with AsyncExitStack() as stack:
        renderers: dict[str, Renderer] = {"local": await stack.enter_async_context(local)}
        accesses = {name: vendors.access(name, public_url=settings.public_url) for name in VENDORS}
        for name, vendor in open_vendors(accesses, provider_overrides(settings)).items():
            stack.push_async_callback(vendor.aclose)
            renderers[name] = vendor if _has_key(vendors, name) else KeylessRenderer(vendor, KEY_NAMES[name])
        yield renderers


def open_workshop() -> Workshop:
    """Where media files are looked into and marked."""
    return MediaWorkshop()


def open_inspector(settings: Settings) -> Inspector:
    """Who looks into delivered clips."""
    return LocalInspector(settings.models_dir.expanduser(), faces=settings.quality_gate == "full")


def state_ledger(database: Database) -> Ledger:
    """The truth about paid work."""
    return SqlLedger(database)


def level(sound: bytes, words: Sequence[TimedSpan]) -> Spoken:
    """Bring a vendor's sound to our trim and loudness; word times follow the trim. Blocking."""
    samples, cut_s = audio.trim(audio.decode(sound))
    samples, duration_s = normalise(samples), len(samples) / RATE
    return Spoken(audio.wav_bytes(samples), duration_s, tuple(within(shift(words, -cut_s), duration_s)))


def _has_key(vendors: VendorSettings, name: str) -> bool:
    access = vendors.access(name)
    return bool(access.key or access.base_url)
