"""Small renditions: made with their clip or later, for nothing, and never the reason for an order."""

from typing import Any

from app.errors import MediaError
from app.rendering.fakes import FakeMediaTools
from app.store.labels import Labels
from app.store.maintenance import stats
from app.store.ports import Entry
from app.store.renditions import small_of
from tests.support.render_world import RenderWorld


class NoShrinking(FakeMediaTools):
    """Media tools of an older version."""

    tries = 0

    async def shrink(self, video, destination, *, side):  # noqa: ARG002
        self.tries += 1
        raise MediaError("Cannot encode.")


async def filmed(stage: RenderWorld, text: str | None = "We are open.", **changes: Any):
    studio = stage.studio(**changes)
    wanted = studio.wanted(stage.avatar, text=text, locale="en", labels=Labels())
    return wanted, await studio.clip(wanted, avatar=stage.avatar)


async def small(stage: RenderWorld, clip: Entry) -> Entry | None:
    return await stage.recipes.get(small_of(clip).key)


async def test_a_new_clip_has_a_small_rendition_under_a_recipe_of_its_own(tmp_path):
    stage = RenderWorld(tmp_path)

    _, clip = await filmed(stage)

    made = await small(stage, clip)
    assert made is not None
    assert (made.kind, made.media["height"]) == ("rendition", 360)
    assert made.recipe["clip"] == clip.key
    assert made.blobs["video"] != clip.blobs["video"]
    assert "small" not in clip.blobs
    counted = await stats(stage.blobs, stage.recipes)
    assert (counted.clips, counted.renditions, counted.broken) == (1, 1, 0)
    assert not list((tmp_path / "worker").glob("rendition-*"))


async def test_the_idle_loop_has_one_too(tmp_path):
    stage = RenderWorld(tmp_path)

    _, clip = await filmed(stage, None)

    assert await small(stage, clip) is not None


async def test_a_rendition_that_cannot_be_made_costs_nobody_the_clip(tmp_path):
    stage = RenderWorld(tmp_path)

    _, clip = await filmed(stage, media_tools=NoShrinking())

    assert await stage.recipes.get(clip.key) is not None
    assert await small(stage, clip) is None


async def test_a_video_that_cannot_be_made_smaller_is_tried_once_a_run(tmp_path):
    stage, tools = RenderWorld(tmp_path), NoShrinking()
    studio = stage.studio(media_tools=tools)
    wanted = studio.wanted(stage.avatar, text="We are open.", locale="en", labels=Labels())
    await studio.clip(wanted, avatar=stage.avatar)

    assert [await studio.add_small(wanted, avatar=stage.avatar) for _ in range(3)] == [False] * 3

    assert tools.tries == 1


async def test_an_old_clip_gets_its_rendition_without_an_order(tmp_path):
    stage = RenderWorld(tmp_path)
    wanted, clip = await filmed(stage, media_tools=NoShrinking())
    orders = stage.renderer.bill
    studio = stage.studio()

    made = [await studio.add_small(wanted, avatar=stage.avatar) for _ in range(2)]

    assert made == [True, False]
    assert await small(stage, clip) is not None
    assert await stage.recipes.get(clip.key) == clip
    assert stage.renderer.bill == orders == (clip.key,)


async def test_a_lost_rendition_is_encoded_again_and_its_clip_stays(tmp_path):
    stage = RenderWorld(tmp_path)
    wanted, clip = await filmed(stage)
    lost = await small(stage, clip)
    assert lost is not None
    await stage.blobs.delete(lost.blobs["video"])

    assert await stage.studio().stored(wanted) == clip
    assert await stage.studio().add_small(wanted, avatar=stage.avatar)
    assert await small(stage, clip) is not None
    assert stage.renderer.bill == (clip.key,)


async def test_what_is_not_stored_gets_none(tmp_path):
    stage = RenderWorld(tmp_path)
    studio = stage.studio()
    wanted = studio.wanted(stage.avatar, text="Never filmed.", locale="en", labels=Labels())

    assert not await studio.add_small(wanted, avatar=stage.avatar)
