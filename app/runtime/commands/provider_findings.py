"""Findings about an avatar's providers: voices and renderers that do not exist, and locales that nobody speaks."""

from collections.abc import Iterator
from pathlib import Path

from app.adapters.local.kokoro.packs import PACKS
from app.adapters.local.speech import VOICES, spoken_languages
from app.adapters.vendors.registry import VENDORS
from app.catalog.findings import Finding, SourceLine, SourceLines
from app.catalog.model import Avatar, Catalog, Voice
from app.catalog.rules.context import error, warning
from app.catalog.spoken.figures import language_of
from app.catalog.validation_messages import nearest
from app.catalog.voice_table import nearest_locale
from app.rendering.plan.clips import count_in_text
from app.rendering.plan.providers import RECORDED, speaks
from app.runtime.wiring.providers import open_speech

_FILM_LOOPS = ("local",)
"""Renderers that film what a presenter does without words; no vendor does."""

_LISTED = "Name one of those; `docs/reference/catalog.md` says what each needs."


def provider_findings(catalog: Catalog, places: SourceLines, models_dir: Path) -> Iterator[Finding]:
    """Yield findings about voices and renderers; in `models_dir` lie the local voice's languages beside English."""
    avatar = catalog.avatar
    known = sorted({*open_speech()} - {RECORDED})
    for key, voice in avatar.voices.items():
        if voice.speech not in known:
            message = f"Expected a voice out of {', '.join(known)}, got `{voice.speech}`."
            hint = _meant(voice.speech, known)
            yield error("speech-unknown", _place(places, avatar, key, "speech"), message, hint)
    yield from _renderers(avatar, places)
    yield from _loops(avatar, places)
    unrecorded = [tag for tag in catalog.locales if not _is_recorded(catalog, tag)]
    yield from _without_voice(avatar, [tag for tag in unrecorded if tag not in catalog.written], places)
    for key, voice in avatar.voices.items():
        if voice.speech == "local":
            spoken = [tag for tag in unrecorded if not key or nearest_locale(tag, avatar.voices) == key]
            languages = spoken_languages(models_dir)
            heard = [tag for tag in spoken if tag not in catalog.written or language_of(tag) in languages]
            yield from _local(avatar, key, heard, places, languages)


def answers_in_text(catalog: Catalog, models_dir: Path) -> dict[str, int]:
    """Count the answers of each `written` locale that no voice speaks here."""
    speech = open_speech(models_dir=models_dir) if catalog.written else {}
    silent = (locale for locale in catalog.written if not speaks(catalog.avatar, locale, speech))
    return count_in_text(catalog, silent)


def _renderers(avatar: Avatar, places: SourceLines) -> Iterator[Finding]:
    known = sorted(["local", *VENDORS])
    for number, name in enumerate(avatar.renderers):
        if name.partition("/")[0] not in known:
            message = f"Expected a renderer out of {', '.join(known)}, got `{name}`."
            hint = _meant(name, known)
            yield error("renderer-unknown", places.avatar(avatar.id, "renderers", number), message, hint)


def _loops(avatar: Avatar, places: SourceLines) -> Iterator[Finding]:
    """Yield a finding about loops that are asked for and that none of the avatar's renderers films."""
    if avatar.loops == "all" and not any(name.partition("/")[0] in _FILM_LOOPS for name in avatar.renderers):
        message = f"Expected a renderer that films loops ({', '.join(_FILM_LOOPS)}) for `loops: all`, got none."
        hint = "Add one to `renderers`, or remove `loops`: no other films a presenter who listens or thinks."
        yield warning("loops-unfilmed", places.avatar(avatar.id, "loops"), message, hint)


def _meant(name: str, known: list[str]) -> str:
    near = nearest(name, known)
    return f"Did you mean `{near}`?" if near else _LISTED


def _without_voice(avatar: Avatar, tags: list[str], places: SourceLines) -> Iterator[Finding]:
    """Yield one finding about the locales for which the avatar names voices, but none for these."""
    silent = [tag for tag in tags if avatar.voice_of(tag) is None]
    if silent:
        names = ", ".join(f"`{tag}`" for tag in silent)
        message = f"Expected a voice for every locale of the catalog, got none for {names}."
        lines = " and ".join(f"`{tag}: {{speech: ...}}`" for tag in silent)
        hint = f"Write {lines} below `voice:`, {_else(silent)}"
        yield error("speech-locale", places.avatar(avatar.id, "voice"), message, hint)


def _local(
    avatar: Avatar, key: str, tags: list[str], places: SourceLines, languages: tuple[str, ...]
) -> Iterator[Finding]:
    """Yield findings about a local voice: languages that it does not speak, and a name that it does not have."""
    foreign = [tag for tag in tags if language_of(tag) not in languages]
    if foreign:
        named = ", ".join(languages)
        message = f"Expected locales that the local voice speaks ({named}), got {', '.join(foreign)}."
        more = [f"`greenroom voices add {one}`" for one in PACKS if one in map(language_of, foreign)]
        other = f"`voice: {{{foreign[0]}: {{speech: ...}}}}`" if key else "`voice: {speech: ...}`, or one a locale"
        ways = ("Run " + " and ".join(more) + ", name" if more else "Name") + f" another {other}"
        hint = f"{ways}, {_else(foreign)}"
        yield error("speech-locale", _place(places, avatar, key, "speech"), message, hint)
    voice = avatar.voices[key]
    for language in dict.fromkeys(language_of(tag) for tag in tags if tag not in foreign):
        names = _names(language)
        if voice.id not in names:
            message = f"Expected a local voice of `{language}` ({', '.join(names)}), got `{voice.id}`."
            alone = f"; a voice for this language alone is `voice: {{{language}: {{speech: local}}}}`"
            hint = f"Name one of those{'' if key else alone}."
            yield error("voice-unknown", _place(places, avatar, key, "id"), message, hint)


def _names(language: str) -> tuple[str, ...]:
    return VOICES if language == "en" else (Voice().id, *PACKS[language].voices)


def _place(places: SourceLines, avatar: Avatar, key: str, part: str) -> SourceLine:
    return places.avatar(avatar.id, "voice", *([key] if key else []), part)


def _else(tags: list[str]) -> str:
    """Return what else can be done about locales that nobody speaks."""
    it, locales = ("it", "locale") if len(tags) == 1 else ("them", "locales")
    written = f"answer in text alone by `written: [{', '.join(tags)}]` in catalog.yaml"
    return f"record every answer in {it}, {written}, or drop the {locales}."


def _is_recorded(catalog: Catalog, tag: str) -> bool:
    """Return whether every answer in a locale has its recording: then no voice is needed for it."""
    spoken = [intent for intent in catalog.intents if intent.answer.get(tag)]
    return bool(spoken) and all(len(one.recordings.get(tag, ())) == len(one.answer[tag]) for one in spoken)
