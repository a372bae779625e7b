"""A portrait that cannot be filmed is known before anything is priced."""

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from app.digest import digest_bytes
from app.rendering.fakes import FakeRenderer, FakeSpeech
from app.rendering.plan.providers import AvatarProviders
from app.runtime.commands.plan import unusable_portrait
from app.runtime.settings.site import Settings
from tests.support.render_world import an_avatar

MIRA = Path(__file__).parents[2] / "intents" / "avatars" / "mira.png"


def looked(tmp_path: Path, portrait: Path, *, gate: str = "full"):
    """What is wrong with it, by a vendor and by the local renderer."""
    facts = replace(FakeRenderer().capabilities, image_formats=("png",))
    ours = AvatarProviders(FakeSpeech(), FakeRenderer(replace(facts, name="local")), "fake")
    providers = AvatarProviders(FakeSpeech(), FakeRenderer(facts), "fake", others=(ours,))
    avatar = an_avatar(
        tmp_path, portrait_path=str(portrait), portrait_digest=digest_bytes(portrait.read_bytes()), portrait="x.png"
    )
    settings = Settings(models_dir=tmp_path / "models", quality_gate=gate)
    return unusable_portrait(settings, avatar, providers)


@pytest.fixture
def blank(tmp_path):
    Image.new("RGB", (600, 600), (90, 120, 200)).save(tmp_path / "blank.png")
    return tmp_path / "blank.png"


def test_a_drawing_of_ours_can_be_filmed(tmp_path):
    assert looked(tmp_path, MIRA) == {}


def test_without_a_face_nobody_films_it(tmp_path, blank):
    found = looked(tmp_path, blank)

    assert set(found) == {"fake/fake", "local/fake"}
    assert "faces is 0" in found["fake/fake"]


def test_where_faces_are_left_out_only_the_local_renderer_asks_for_one(tmp_path, blank):
    assert set(looked(tmp_path, blank, gate="media")) == {"local/fake"}


def test_another_format_is_refused_by_whom_does_not_take_it(tmp_path):
    picture = tmp_path / "mira.jpg"
    Image.open(MIRA).convert("RGB").resize((600, 600)).save(picture)

    assert "takes png" in looked(tmp_path, picture)["fake/fake"]
