"""The avatars shown on the pages: they load, `check` is content with them, and all their clips are filmed."""

import re
from datetime import date
from pathlib import Path

import pytest
import yaml

from app.adapters.catalog_files.loader import load_catalog
from app.catalog.lint import lint
from app.catalog.model import AvatarFile, Catalog, Role
from app.rendering.fakes import FakeRenderer, FakeSpeech, FakeTime
from app.rendering.plan.clips import catalog_clips
from app.rendering.ports import Capabilities
from app.rendering.work.studio import Studio
from tests.docs.pages import ROOT
from tests.support.catalogs import write_catalog, write_portrait
from tests.support.render_world import NOON, RenderWorld, in_time

BLOCK = re.compile(r"```yaml\n(.*?)```", re.DOTALL)
PAGES = (ROOT / "docs" / "authoring" / "languages.md", ROOT / "docs" / "reference" / "catalog.md")
VOICES = [text for page in PAGES for text in BLOCK.findall(page.read_text()) if "\nvoice:\n" in f"\n{text}"]


def shown(beginning: str) -> str:
    """The one avatar of the guide that begins so."""
    [found] = [text for text in BLOCK.findall((ROOT / "docs" / "guide.md").read_text()) if text.startswith(beginning)]
    return found


def catalog_of(folder: Path, avatar: str) -> Catalog:
    """The small catalog with Ada as the guide shows her; `check` has nothing against her face."""
    root = write_catalog(folder, files={"avatars/ada.yaml": avatar, "avatars/ada-consent.pdf": b"%PDF"}, avatar="ada")
    write_portrait(root / "avatars" / "ada.jpg")
    loaded = load_catalog(root)
    assert loaded.catalog is not None, loaded.findings
    found = lint(loaded.catalog, today=date(2026, 12, 1), places=loaded.places)
    assert [one for one in found if one.file.startswith("avatars/")] == []
    return loaded.catalog


def studio_for(folder: Path) -> Studio:
    facts = Capabilities(name="local", models=("local",), min_portrait_px=1, silent_idle=True)
    renderers, voices = {"local": FakeRenderer(facts)}, {"local": FakeSpeech("local")}
    return RenderWorld(folder).studio(speech=voices, renderers=renderers, **in_time(FakeTime(NOON)))


async def test_the_consent_that_the_guide_shows_covers_every_clip_the_idle_loop_too(tmp_path: Path):
    catalog, studio = catalog_of(tmp_path, shown("name: Ada")), studio_for(tmp_path)
    clips = catalog_clips(catalog, studio.providers(catalog.avatar))

    filmed = [(await studio.clip(clip, avatar=catalog.avatar)).key for clip in clips]

    assert catalog.avatar.consent is not None
    assert catalog.avatar.consent.locales == ("en",)
    assert filmed == [clip.key for clip in clips]
    assert Role.IDLE in {clip.lines[0].role for clip in clips}


@pytest.mark.parametrize("text", VOICES, ids=["guide", "reference"])
def test_the_voices_that_are_shown_are_read(text: str):
    avatar = AvatarFile.model_validate({"name": "Mira", "portrait": "mira.png", **yaml.safe_load(text)})

    assert {locale: voice.speech for locale, voice in avatar.voices.items()} == {
        "en": "local",
        "de": "elevenlabs",
        "fr": "local",
    }
