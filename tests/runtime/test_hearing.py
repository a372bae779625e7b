"""What is heard back is told, and so is what is not."""

from dataclasses import replace
from decimal import Decimal

import pytest

from app.adapters.ears import whisper
from app.errors import SettingsError
from app.rendering.fakes import FakeRenderer, FakeSpeech
from app.rendering.plan.clips import catalog_clips
from app.rendering.plan.planner import make_plan
from app.rendering.plan.providers import AvatarProviders
from app.rendering.ports import Capabilities
from app.runtime.commands.doctor import examine
from app.runtime.commands.hearing import hearing_found, hearing_told
from app.runtime.settings.site import Settings
from app.runtime.wiring.studio import open_ear
from tests.support.render_world import a_catalog, an_avatar, an_intent

PAID = Capabilities(name="fake", models=("fake",), price_per_s=Decimal("0.10"))


@pytest.fixture(params=[True, False], ids=["with the extra", "without"])
def installed(request, monkeypatch):
    wheels = whisper.WHEELS if request.param else ("no_such_wheel",)
    monkeypatch.setattr(whisper, "WHEELS", wheels)
    if request.param and not whisper.is_installed():
        pytest.skip("the extra `ears` is not installed")
    return request.param


def a_plan(tmp_path, facts, *locales: str):
    catalog = a_catalog(an_avatar(tmp_path), an_intent("hours", "We are open."))
    catalog = catalog.model_copy(update={"locales": ("en", *locales)})
    renderer = FakeRenderer(facts)
    clips = catalog_clips(catalog, AvatarProviders(FakeSpeech(), renderer, "fake"))
    return make_plan(clips, (), capabilities={"fake": renderer.capabilities}), catalog


def test_the_ear_opens_where_something_is_heard(installed, tmp_path):
    settings = Settings(listen="paid", models_dir=tmp_path)

    assert (open_ear(settings) is not None) is installed
    assert open_ear(Settings(listen="off")) is None
    assert open_ear(Settings(listen="all" if installed else "off", quality_gate="file")) is None


def test_a_paid_plan_says_what_is_not_heard(installed, tmp_path):
    plan, catalog = a_plan(tmp_path, PAID, "nl")

    (line,) = hearing_told(plan, catalog, Settings(listen="paid"))

    expected = "except in nl" if installed else "pip install 'greenroom[ears]'"
    assert expected in line
    assert list(hearing_told(plan, catalog, Settings(listen="off"))) == [
        "Not heard back: no clip is heard back (GREENROOM_LISTEN=off)."
    ]


def test_a_plan_that_costs_nothing_says_nothing(tmp_path):
    plan, catalog = a_plan(tmp_path, replace(PAID, price_per_s=Decimal(0)))

    assert list(hearing_told(plan, catalog, Settings(listen="off"))) == []


async def test_the_doctor_says_which_clips_are_heard(installed):
    (told,) = await examine(Settings(listen="all"), only=["ears"])

    assert told.ok is installed
    assert hearing_found(Settings(listen="paid")).startswith("paid clips are")
    if not installed:
        assert "greenroom[ears]" in told.remedy
        with pytest.raises(SettingsError, match="ears"):
            open_ear(Settings(listen="all"))
