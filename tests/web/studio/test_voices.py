"""Voices in the Studio: the page names who speaks each locale, and a sentence is read as in that voice."""

import io
import wave
from pathlib import Path

import pytest

from app.runtime.settings.api_keys import KeyRole
from tests.support.catalogs import FILES, write_catalog
from tests.web.studio.visits import Person, a_desk, a_person


@pytest.fixture
def author(tmp_path: Path) -> Person:
    voices = {"en": {"speech": "local", "speed": 1.0}, "de": {"speech": "openai", "id": "nova", "speed": 1.1}}
    mira = {**FILES["avatars/mira.yaml"], "voice": voices}  # type: ignore[dict-item]
    write_catalog(tmp_path, files={"avatars/mira.yaml": mira}, locales=["en", "de", "fr"])
    person = a_person(a_desk(tmp_path))
    person.is_signed_in(KeyRole.AUTHOR)
    return person


def test_the_page_names_the_voice_of_each_locale_and_those_without(author: Person):
    shown = author.get("avatars").text

    assert "<dt>Voice, en</dt><dd>local, <code>default</code></dd>" in shown
    assert "<dt>Voice, de</dt><dd>openai, <code>nova</code>, speed 1.1</dd>" in shown
    assert '<dt>Voice, fr</dt><dd><span class="pill bad">none</span>' in shown


def test_a_sentence_is_heard_as_it_is_read(author: Person):
    figures, words = (author.get("say", params={"text": text, "locale": "en"}) for text in ("8€", "eight euros"))

    assert (figures.status_code, words.status_code) == (200, 200)
    assert frames(figures.content) == frames(words.content)


def frames(sound: bytes) -> int:
    with wave.open(io.BytesIO(sound)) as file:
        return file.getnframes()
