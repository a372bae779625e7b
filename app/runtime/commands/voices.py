"""Local voices: which languages are spoken here, and how another one is added."""

from collections.abc import Callable
from dataclasses import dataclass

from app.adapters.local.kokoro.fetching import add_pack
from app.adapters.local.kokoro.packs import PACKS, VoicePack
from app.adapters.local.kokoro.phonemes import check_installed
from app.adapters.local.speech import VOICES, spoken_languages
from app.errors import SettingsError
from app.runtime.settings.site import Settings


@dataclass(frozen=True, slots=True)
class LocalVoices:
    """Voices of a language on this computer; `added` says whether they can speak now."""

    language: str
    name: str
    voices: tuple[str, ...]
    added: bool
    misheard: float = 0.0
    """Share of words that a recogniser did not hear as they were."""
    on_trial: bool = False
    """More than one of ten: it speaks, and does not count as spoken."""


def local_voices(settings: Settings) -> tuple[LocalVoices, ...]:
    """Return the languages of the local voice, those that can be added, too."""
    here = spoken_languages(settings.models_dir)
    english = LocalVoices("en", "English", VOICES, added=True)
    return (english, *(_described(one, added=one.language in here) for one in PACKS.values()))


def add_voice(settings: Settings, language: str, *, note: Callable[[str], None]) -> LocalVoices:
    """Fetch the pack of a language, if it is not here. Blocking.

    Raises:
        SettingsError: there is no pack of the language, its package is not installed, or it cannot be fetched.
    """
    pack = PACKS.get(language)
    if pack is None:
        known = ", ".join(f"`{one.language}` ({one.name})" for one in PACKS.values())
        raise SettingsError(f"Expected a language with a local voice to add, {known}, got `{language}`.")
    check_installed(language)  # before 90 MB are fetched for nothing
    add_pack(pack, settings.models_dir, note=note)
    return _described(pack, added=True)


def _described(pack: VoicePack, *, added: bool) -> LocalVoices:
    return LocalVoices(pack.language, pack.name, pack.voices, added, pack.misheard, pack.on_trial)
