import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.errors import PortraitError
from app.rendering.fakes import FakeRenderer
from app.store.labels import Labels
from tests.support.render_world import PORTRAIT, RenderWorld


@pytest.mark.parametrize("lead_in_s", [0.0, 0.3])
async def test_captions_wait_for_the_speech_that_a_renderer_begins_late(tmp_path, lead_in_s):
    renderer = FakeRenderer(replace(FakeRenderer().capabilities, lead_in_s=lead_in_s))
    stage = RenderWorld(tmp_path, renderer=renderer)
    studio = stage.studio()
    wanted = studio.wanted(stage.avatar, text="We are open.", locale="en", labels=Labels())

    entry = await studio.clip(wanted, avatar=stage.avatar)

    assert entry.media["captions"][0]["start_s"] == pytest.approx(lead_in_s, abs=0.02)


class Portraits:
    """A renderer that looks at the portrait of each job."""

    def __init__(self) -> None:
        self.files: list[Path] = []

    def renderer(self) -> FakeRenderer:
        renderer, files = FakeRenderer(), self.files
        submit = renderer.submit

        async def looking(job):
            files.append(job.portrait)
            return await submit(job)

        renderer.submit = looking  # type: ignore[method-assign]
        return renderer


def upright(content: bytes, background: str | None = None) -> bytes:
    return b"\xff\xd8\xff upright on " + (background or "grey").encode() + content


async def filmed(stage: RenderWorld, *texts: str, **changes: Any) -> None:
    studio = stage.studio(**changes)
    for text in texts:
        wanted = studio.wanted(stage.avatar, text=text, locale="en", labels=Labels())
        await studio.clip(wanted, avatar=stage.avatar)


async def test_the_renderer_gets_the_portrait_as_it_leaves(tmp_path):
    seen = Portraits()
    stage = RenderWorld(tmp_path, renderer=seen.renderer())

    await filmed(stage, "We are open.", "We are closed.", portrait=upright)

    first, second = seen.files
    assert first == second  # one file, so that a painter opens it once
    assert first.suffix == ".jpg"
    assert first.read_bytes() == upright(PORTRAIT)
    assert await asyncio.to_thread(Path(stage.avatar.portrait_path).read_bytes) == PORTRAIT
    assert [one.name for one in first.parent.iterdir()] == [first.name]


async def test_an_untouched_portrait_is_the_authors_own_file(tmp_path):
    seen = Portraits()
    stage = RenderWorld(tmp_path, renderer=seen.renderer())

    await filmed(stage, "We are open.")

    assert seen.files == [Path(stage.avatar.portrait_path)]


async def test_nothing_is_ordered_with_a_portrait_that_cannot_be_read(tmp_path):
    seen = Portraits()
    stage = RenderWorld(tmp_path, renderer=seen.renderer())

    def refuse(content: bytes, background: str | None = None) -> bytes:
        raise PortraitError("Expected a picture.")

    with pytest.raises(PortraitError):
        await filmed(stage, "We are open.", portrait=refuse)

    assert seen.files == []


def test_only_a_background_that_is_seen_enters_the_recipe(tmp_path):
    stage = RenderWorld(tmp_path)
    studio = stage.studio()

    plain, blue = (
        studio.wanted(avatar, text="We are open.", locale="en", labels=Labels())
        for avatar in (stage.avatar, stage.avatar.model_copy(update={"background": "#102030"}))
    )

    assert "background" not in plain.recipe.document()
    assert blue.recipe.document()["background"] == "#102030"
    assert plain.key != blue.key
