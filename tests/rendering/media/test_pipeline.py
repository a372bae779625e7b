from dataclasses import replace

import pytest

from app.rendering.fakes import FakeRenderer
from app.store.labels import Labels
from tests.support.render_world import RenderWorld


@pytest.mark.parametrize("lead_in_s", [0.0, 0.3])
async def test_captions_wait_for_the_speech_that_a_renderer_begins_late(tmp_path, lead_in_s):
    renderer = FakeRenderer(replace(FakeRenderer().capabilities, lead_in_s=lead_in_s))
    stage = RenderWorld(tmp_path, renderer=renderer)
    studio = stage.studio()
    wanted = studio.wanted(stage.avatar, text="We are open.", locale="en", labels=Labels())

    entry = await studio.clip(wanted, avatar=stage.avatar)

    assert entry.media["captions"][0]["start_s"] == pytest.approx(lead_in_s, abs=0.02)
