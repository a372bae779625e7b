"""Locales in text alone: those that a catalog allows to be, and that none of the avatar's voices speaks here."""

from dataclasses import dataclass
from pathlib import Path

from app.adapters.local.speech import LocalSpeech
from app.catalog.model import Catalog, Intent, Recording, Voice
from app.rendering.fakes import FakeRenderer, FakeSpeech
from app.rendering.plan.clips import count_in_text, in_text_alone, spoken_clips
from app.rendering.plan.providers import AvatarProviders, providers_of
from tests.support.render_world import a_catalog, an_avatar

HOURS = Intent(
    id="hours",
    topic="desk",
    title="Hours",
    answer={"en": ("Ten.",), "es": ("A las diez.", "Abrimos a las diez."), "de": ("Um zehn.",)},
)


@dataclass
class Polyglot(FakeSpeech):
    """A voice that knows what it speaks."""

    languages: tuple[str, ...] = ("en",)

    def speaks(self, locale: str) -> bool:
        return locale.partition("-")[0] in self.languages


def written(folder: Path, *locales: str, voice: object = None) -> Catalog:
    avatar = an_avatar(folder)
    avatar = avatar.model_copy(update={"voice": voice or Voice(speech="here"), "renderers": ("fake",)})
    return a_catalog(avatar, HOURS).model_copy(update={"locales": ("en", "es", "de"), "written": locales})


def providers(catalog: Catalog, *languages: str) -> AvatarProviders:
    speech = {"here": Polyglot(languages=languages), "vendor": FakeSpeech()}
    return providers_of(catalog.avatar, speech=speech, renderers={"fake": FakeRenderer()})


def test_only_what_the_catalog_allows_is_in_text_alone(tmp_path):
    catalog = written(tmp_path, "de")

    assert in_text_alone(catalog, providers(catalog, "en")) == ("de",)
    assert in_text_alone(catalog, providers(catalog, "en", "de")) == ()


def test_a_voice_that_does_not_know_its_languages_is_taken_to_speak(tmp_path):
    catalog = written(tmp_path, "es", "de", voice={"en": Voice(speech="here"), "de": Voice(speech="vendor")})

    assert in_text_alone(catalog, providers(catalog, "en", "es")) == ("es",)  # the table gives Spanish no voice


def test_clips_that_cannot_be_made_here_are_none_of_the_catalogs_clips(tmp_path):
    """What waits for them waits for ever: a draft, or the price of another face."""
    catalog = written(tmp_path, "es", "de")

    assert len(spoken_clips(catalog, providers(catalog, "en"))) == 1
    assert len(spoken_clips(catalog, providers(catalog, "en", "es", "de"))) == 4


def test_recorded_answers_are_heard(tmp_path):
    sound = Recording(path="/a.wav", digest="0" * 64, duration_s=1.0)
    catalog = written(tmp_path, "es", "de")
    recorded = HOURS.model_copy(update={"recordings": {"de": (sound,)}})

    assert count_in_text(catalog, ("es", "de")) == {"es": 2, "de": 1}
    assert count_in_text(catalog.model_copy(update={"intents": (recorded,)}), ("es", "de")) == {"es": 2, "de": 0}


def test_the_local_voice_knows_what_it_speaks(tmp_path):
    voice = LocalSpeech(tmp_path)

    assert [voice.speaks(tag) for tag in ("en-GB", "EN", "es", "de")] == [True, True, False, False]
