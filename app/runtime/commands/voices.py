"""Voices: which languages the local one speaks, how another one is added, and who speaks a catalog's locales."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.adapters.local.kokoro.fetching import add_pack
from app.adapters.local.kokoro.packs import PACKS, VoicePack
from app.adapters.local.kokoro.phonemes import check_installed
from app.adapters.local.speech import VOICES, spoken_languages
from app.catalog.findings import SourceLines
from app.catalog.model import Catalog, Voice
from app.catalog.spoken.figures import language_of
from app.errors import SettingsError
from app.rendering.ports import Speech
from app.rendering.tariffs import PricedSpeech
from app.runtime.commands.provider_findings import answers_in_text, provider_findings
from app.runtime.settings.site import Settings
from app.runtime.wiring.providers import open_speech


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


def in_text_told(answers: Mapping[str, int]) -> Iterator[str]:
    """Yield a line for each locale that is written but not spoken here, by the number of its answers."""
    for locale, count in answers.items():
        language = language_of(locale)
        more = f"; `greenroom voices add {language}` adds a voice" if language in PACKS else ""
        yield f"{locale}: {count} answer{'s' * (count != 1)} in text alone, no voice speaks it here{more}"


def local_voices(settings: Settings) -> tuple[LocalVoices, ...]:
    """Return the languages of the local voice, those that can be added, too."""
    here = spoken_languages(settings.models_dir)
    english = LocalVoices("en", "English", VOICES, added=True)
    return (english, *(_described(one, added=one.language in here) for one in PACKS.values()))


def speakers(catalog: Catalog, models_dir: Path) -> str:
    """Return who speaks each locale of a catalog, and what a voice still lacks.

    Raises:
        SettingsError: nobody speaks a locale, and not every answer in it is recorded.
    """
    findings = [one for one in provider_findings(catalog, SourceLines(), models_dir) if one.rule != "renderer-unknown"]
    if findings:
        raise SettingsError(f"{findings[0].message} {findings[0].hint}")
    known, silent = open_speech(models_dir=models_dir), answers_in_text(catalog, models_dir)
    spoken = [_speaker(catalog.avatar.voice_of(tag), tag, known) for tag in catalog.locales if tag not in silent]
    return "; ".join([*spoken, *in_text_told(silent)])


def _speaker(voice: Voice | None, tag: str, known: Mapping[str, Speech]) -> str:
    if voice is None:
        return f"{tag}: recordings alone"
    speech = known[voice.speech]
    needs = speech.tariff.needs if isinstance(speech, PricedSpeech) else ""
    return f"{tag}: {voice.speech}, {voice.id}" + (f" (says nothing new without {needs})" if needs else "")


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
