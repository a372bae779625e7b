"""What `check` says of voices per locale: file, line and the way out, once a cause."""

import asyncio
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from app.adapters.local.speech import LocalSpeech
from app.catalog.findings import Finding, Level
from app.rendering.ports import SpeechRequest
from app.runtime.commands.check import check_catalog
from app.runtime.settings.site import Settings
from app.text import estimate_seconds
from tests.support.catalogs import FILES, Content, write_catalog

HEAD = "name: Mira\nportrait: mira.png\ndisclosure: {en: Mira is made., de: Mira ist gemacht.}\n"
TAIL = "consent: {subject: Mira, kind: synthetic}\n"
GERMAN = {
    "visiting/dogs.yaml": {**FILES["visiting/dogs.yaml"], "answer": {"en": "No dogs.", "de": "Keine Hunde."}}  # type: ignore[dict-item]
}


def errors(
    folder: Path, voice: str, *, locales: list[str] | None = None, files: Mapping[str, Content] | None = None
) -> list[Finding]:
    """Errors about an avatar with these lines for its voice."""
    found = findings(folder, voice, locales=locales, files=files)
    return [one for one in found if one.level is Level.ERROR]


def findings(
    folder: Path, voice: str, *, locales: list[str] | None = None, files: Mapping[str, Content] | None = None
) -> tuple[Finding, ...]:
    """All that `check` finds of it."""
    served = locales or ["en", "de"]
    settings = {"name": "Desk", "default_locale": served[0], "locales": served, "avatar": "mira"}
    written: dict[str, Any] = {"catalog.yaml": settings, "avatars/mira.yaml": HEAD + voice + TAIL}
    root = write_catalog(folder, files={**written, **GERMAN, **(files or {})})
    return check_catalog(Settings(catalog=root, models_dir=folder / "models"), quick=True).findings


def test_mixed_voices_are_accepted(tmp_path: Path) -> None:
    assert errors(tmp_path, "voice:\n  en: {speech: local}\n  de: {speech: openai, id: nova}\n") == []


def test_a_locale_of_a_language_with_a_voice_is_spoken(tmp_path: Path) -> None:
    dogs: Any = {**FILES["visiting/dogs.yaml"], "answer": {"en": "No dogs.", "de-AT": "Keine Hunde."}}  # type: ignore[dict-item]
    voice = "voice:\n  en: {speech: local}\n  de: {speech: openai, id: nova}\n"

    assert errors(tmp_path, voice, locales=["en", "de-AT"], files={"visiting/dogs.yaml": dogs}) == []


@pytest.mark.parametrize(
    ("voice", "rule", "line", "said"),
    [
        ("voice:\n  en: {speech: local}\n", "speech-locale", 4, ["got none for `de`", "`de: {speech: ...}`"]),
        (
            "voice:\n  en: {speech: local}\n  de: {speech: local}\n",
            "speech-locale",
            6,
            ["(en), got de", "`voice: {de: {speech: ...}}`"],
        ),
        (
            "voice:\n  en: {speech: local}\n  de: {speech: cake}\n",
            "speech-unknown",
            6,
            ["elevenlabs, local, openai, got `cake`"],
        ),
        (
            "voice:\n  en: {speech: local, id: nova}\n  de: {speech: openai}\n",
            "voice-unknown",
            5,
            ["a local voice of `en` (default, heart), got `nova`"],
        ),
        (
            "voice:\n  en: {speech: local}\n  de: {speech: openai}\n  DE: {speech: local}\n",
            "wrong-value",
            4,
            ["each locale once", "`de` and `DE`"],
        ),
        ("voice: {speech: local}\n", "speech-locale", 4, ["(en), got de", "or one a locale"]),
    ],
    ids=["none", "not spoken", "unknown", "no such voice", "two spellings", "one voice"],
)
def test_one_cause_is_one_error_at_its_line(tmp_path: Path, voice: str, rule: str, line: int, said: list[str]) -> None:
    [found] = errors(tmp_path, voice)

    assert (found.rule, found.file, found.line) == (rule, "avatars/mira.yaml", line)
    for words in said:
        assert words in f"{found.message} {found.hint}"


def test_a_voice_for_a_locale_that_is_not_served_is_a_warning(tmp_path: Path) -> None:
    voice = "voice:\n  en: {speech: local}\n  de: {speech: openai}\n  fr: {speech: openai}\n"

    [found] = [one for one in findings(tmp_path, voice) if one.rule == "locale-unserved"]

    assert (found.level, found.file, found.line) == (Level.WARNING, "avatars/mira.yaml", 7)
    assert found.message == "Expected a voice for a locale of the catalog (en, de), got `fr`."


@pytest.mark.parametrize("voice", ["voice: {speech: local}\n", "voice:\n  en: {speech: local}\n"], ids=["one", "map"])
def test_a_locale_whose_answers_are_all_recorded_needs_no_voice(tmp_path: Path, voice: str) -> None:
    recorded: Any = {**GERMAN["visiting/dogs.yaml"], "audio": {"de": "dogs.wav"}}  # type: ignore[dict-item]

    assert errors(tmp_path, voice, files={"visiting/dogs.yaml": recorded, "visiting/dogs.wav": sound()}) == []


def test_one_answer_without_its_recording_asks_for_a_voice(tmp_path: Path) -> None:
    recorded: Any = {**GERMAN["visiting/dogs.yaml"], "audio": {"de": "dogs.wav"}}  # type: ignore[dict-item]
    tickets: Any = {**FILES["visiting/tickets.yaml"], "answer": {"en": "Twelve.", "de": "Zwölf."}}  # type: ignore[dict-item]
    files = {"visiting/dogs.yaml": recorded, "visiting/dogs.wav": sound(), "visiting/tickets.yaml": tickets}

    [found] = errors(tmp_path, "voice:\n  en: {speech: local}\n", files=files)

    assert found.rule == "speech-locale"


def test_an_answer_is_as_long_as_what_is_read_at_the_speed_of_its_voice(tmp_path: Path) -> None:
    said = "Call 030 555 0142 or 030 555 0143, it costs €12,345.50 or €98,765.40 a year. " * 3
    dogs: Any = {**FILES["visiting/dogs.yaml"], "answer": {"en": said, "de": said}}  # type: ignore[dict-item]
    voice = "voice:\n  en: {speech: local}\n  de: {speech: openai, speed: 2.0}\n"

    long = [one for one in findings(tmp_path, voice, files={"visiting/dogs.yaml": dogs}) if one.rule == "answer-long"]

    assert estimate_seconds(said) < 30
    assert [one.level for one in long] == [Level.WARNING], "the German voice speaks twice as fast"


def test_consent_for_a_language_covers_its_locales(tmp_path: Path) -> None:
    voice = "voice: {speech: openai}\n"
    german: Any = {**FILES["visiting/dogs.yaml"], "answer": {"en": "No dogs.", "de-AT": "Keine Hunde."}}  # type: ignore[dict-item]
    consent = HEAD + voice + "consent: {subject: Mira, kind: synthetic, locales: [en, de]}\n"
    files = {"avatars/mira.yaml": consent, "visiting/dogs.yaml": german}

    assert errors(tmp_path, voice, locales=["en", "de-AT"], files=files) == []


@lru_cache(maxsize=1)
def sound() -> bytes:
    """A sentence that somebody speaks."""
    voice = LocalSpeech(Path("no-other-languages"))
    return asyncio.run(voice.speak(SpeechRequest("Dogs stay at the door.", "en", "default", 1.0))).wav
