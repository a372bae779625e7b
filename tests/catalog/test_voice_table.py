"""One voice of an avatar, or one a locale: what may be written, what is told of a slip, and who speaks a locale."""

from typing import Any

import pytest
from pydantic import ValidationError

from app.catalog.findings import Complaint
from app.catalog.model import AvatarFile, Voice
from app.catalog.validation_messages import explain
from app.catalog.voice_table import nearest_locale, served_locale


def avatar(voice: Any) -> AvatarFile:
    return AvatarFile.model_validate({"name": "Mira", "portrait": "mira.png", "voice": voice})


def complaint(voice: Any) -> Complaint:
    with pytest.raises(ValidationError) as caught:
        avatar(voice)
    (found,) = explain(caught.value, AvatarFile)
    return found


@pytest.mark.parametrize("locale", ["en", "de-AT", "zh"])
def test_one_voice_speaks_every_locale(locale: str) -> None:
    assert avatar({"speech": "openai", "id": "nova"}).voice_of(locale) == Voice(speech="openai", id="nova")
    assert AvatarFile(name="Mira", portrait="mira.png").voice_of(locale) == Voice()


def test_a_voice_per_locale() -> None:
    mira = avatar({"en": {"speech": "local"}, "de": {"speech": "openai", "id": "nova", "speed": 1.1}})

    assert mira.voice_of("en") == Voice()
    assert mira.voice_of("de") == Voice(speech="openai", id="nova", speed=1.1)
    assert mira.voice_of("fr") is None


@pytest.mark.parametrize(
    ("locale", "known", "found"),
    [
        ("de-AT", ["de", "de-AT"], "de-AT"),
        ("de-AT", ["de", "en"], "de"),
        ("de", ["de-AT"], None),
        ("zh-Hant-TW", ["zh", "zh-Hant"], "zh-Hant"),
        ("pt-br", ["pt-BR"], "pt-BR"),
        ("den", ["de"], None),
        ("fr", [], None),
    ],
)
def test_a_locale_without_an_entry_has_that_of_its_language(locale: str, known: list[str], found: str | None) -> None:
    assert nearest_locale(locale, known) == found


def test_the_key_id_names_a_voice_and_the_locale_id_has_one() -> None:
    assert avatar({"id": "nova"}).voice == Voice(id="nova")
    assert avatar({"id": {"speech": "openai"}}).voice_of("id") == Voice(speech="openai")


@pytest.mark.parametrize(
    ("voice", "path", "message", "hint"),
    [
        (
            {"speech": "local", "de": {"speech": "openai"}},
            ("voice",),
            "Expected one voice, or a voice for each locale for `voice`, got `speech` beside `de`.",
            "Write all keys of a voice below its locale: `en: {speech: local}`.",
        ),
        (
            {"de-AT": {}, "de-at": {}},
            ("voice",),
            "Expected each locale once for `voice`, got `de-AT` and `de-at`.",
            "Keep one of them.",
        ),
        (
            {"de": {}, "DE": {}},
            ("voice",),
            "Expected each locale once for `voice`, got `de` and `DE`.",
            "Keep one of them.",
        ),
        (
            {"DE": {"speech": "local"}},
            ("voice", "DE"),
            "Expected a language tag such as `en` or `de-AT` for `voice.DE`, got `DE`.",
            "Write it as `de`.",
        ),
        (
            {"de_AT": {"speech": "local"}},
            ("voice", "de_AT"),
            "Expected a language tag such as `en` or `de-AT` for `voice.de_AT`, got `de_AT`.",
            "Write it as `de-AT`.",
        ),
        (
            {"en": "local"},
            ("voice", "en"),
            "Expected a mapping of keys to values for `voice.en`, got `local`.",
            "Write a voice as `{speech: local}`.",
        ),
        (
            {"en": None},
            ("voice", "en"),
            "Expected a mapping of keys to values for `voice.en`, got nothing.",
            "Write a value or remove the key.",
        ),
        (
            {"default": {"speech": "local"}, "de": {"speech": "openai"}},
            ("voice", "default"),
            "Expected a language tag such as `en` or `de-AT` for `voice.default`, got `default`.",
            "Write a voice for each locale; there is none for the rest.",
        ),
        (
            [{"speech": "local"}],
            ("voice",),
            "Expected a mapping of keys to values for `voice`, got a list of 1.",
            "Write the keys of one voice, such as `speech: local`, or a voice for each locale: `en: {speech: local}`.",
        ),
        ({"spech": "local"}, ("voice", "spech"), "Expected a known key, got `spech`.", "Did you mean `speech`?"),
        (
            {"de": {"spech": "local"}},
            ("voice", "de", "spech"),
            "Expected a known key, got `spech`.",
            "Did you mean `speech`?",
        ),
        (
            {"de": {"speed": 9}},
            ("voice", "de", "speed"),
            "Expected less than or equal to 2 for `voice.de.speed`, got `9`.",
            "",
        ),
    ],
)
def test_a_slip_is_told_where_it_is_and_with_the_way_out(voice: Any, path: Any, message: str, hint: str) -> None:
    found = complaint(voice)

    assert (found.path, found.message, found.hint) == (path, message, hint)


@pytest.mark.parametrize(
    ("wanted", "served"),
    [
        ("es-MX", "es"),
        ("ES", "es"),
        ("es_AR", "es"),
        ("en-GB", "en-US"),
        ("EN-us", "en-US"),
        ("fi", None),
        (None, None),
    ],
)
def test_a_visitors_tag_is_served_by_the_first_locale_of_its_language(wanted, served):
    assert served_locale(wanted, ("en-US", "es", "es-CL")) == served
