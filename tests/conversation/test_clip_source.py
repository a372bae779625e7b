"""Clips looked up in the store: remembered for a while, and looked for once however many ask."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

from app.conversation.clip_source import StoredClips
from app.conversation.replies import clip_part
from app.digest import digest_bytes
from app.store.labels import Labels
from app.store.ports import Entry
from app.store.renditions import small_of

KEY = digest_bytes(b"a recipe")


class Slow:
    """An index that counts, and answers when it is told to."""

    def __init__(self, entry: Entry | None) -> None:
        self.entry, self.asked, self.gate = entry, 0, asyncio.Event()

    async def get(self, key):
        assert key == KEY
        self.asked += 1
        await self.gate.wait()
        return self.entry


def clips_of(index, clock=lambda: 0.0):
    return StoredClips(index, "en", "", {("hours", "en"): [((KEY,), "We are open.")]}, now=clock)


async def everybody(clips, index, visitors=50):
    asking = [asyncio.create_task(clips.for_intent("hours", locale="en", variant=0)) for _ in range(visitors)]
    await asyncio.sleep(0)
    index.gate.set()
    return await asyncio.gather(*asking)


def an_entry():
    video = digest_bytes(b"a film")
    blobs = {"video": video, "poster": video}
    return Entry(KEY, "clip", {}, Labels(), blobs, {"duration_s": 2.0}, datetime(2026, 11, 22, tzinfo=UTC))


async def test_a_crowd_looks_once():
    index = Slow(an_entry())

    found = await everybody(clips_of(index), index)

    assert index.asked == 1
    assert found == found[:1] * 50
    assert found[0].text == "We are open."


async def test_what_is_found_is_believed_for_a_while():
    index, now = Slow(an_entry()), [0.0]
    clips = clips_of(index, lambda: now[0])
    await everybody(clips, index)

    now[0] = 4.0
    await everybody(clips, index)
    now[0] = 6.0
    await everybody(clips, index)

    assert index.asked == 2


async def test_what_is_not_there_is_looked_for_again():
    index = Slow(None)
    clips = clips_of(index)

    found = [*await everybody(clips, index), *await everybody(clips, index)]

    assert found == [None] * 100
    assert index.asked == 2


async def test_a_loop_that_is_not_there_is_looked_for_again_after_a_while():
    index, now = Slow(None), [0.0]
    index.gate.set()
    clips = clips_of(index, lambda: now[0])

    for now[0] in (0.0, 4.0):
        assert await clips.if_stored("hours", locale="en", variant=0) is None
    assert index.asked == 1

    index.entry, now[0] = an_entry(), 6.0
    assert (await clips.if_stored("hours", locale="en", variant=0)).text == "We are open."


async def test_an_answer_is_found_although_it_was_not_there_a_moment_ago():
    index = Slow(None)
    index.gate.set()
    clips = clips_of(index)
    assert await clips.if_stored("hours", locale="en", variant=0) is None

    index.entry = an_entry()

    assert await clips.for_intent("hours", locale="en", variant=0)
    assert await clips.if_stored("hours", locale="en", variant=0)


async def test_a_visitor_who_leaves_takes_nothing_from_the_others():
    index = Slow(an_entry())
    clips = clips_of(index)
    first = asyncio.create_task(clips.for_intent("hours", locale="en", variant=0))
    second = asyncio.create_task(clips.for_intent("hours", locale="en", variant=0))
    await asyncio.sleep(0)

    first.cancel()
    await asyncio.sleep(0)
    index.gate.set()

    assert (await second) is not None


async def test_a_clip_tells_of_its_small_rendition():
    index = Slow(an_entry())
    whole = replace(index.entry, media={"duration_s": 2.0, "width": 720, "height": 720, "size_bytes": 900_000})
    video = digest_bytes(b"a small film")
    recipe = small_of(whole)
    media = {"width": 360, "height": 360, "size_bytes": 300_000}
    small = Entry(recipe.key, "rendition", recipe.document(), Labels(), {"video": video}, media, whole.created_at)
    stored = {KEY: whole, recipe.key: small}

    class Index:
        async def get(self, key):
            return stored.get(key)

    clip = await clips_of(Index()).for_intent("hours", locale="en", variant=0)
    part = clip_part(clip).model_dump(mode="json")
    del stored[recipe.key]
    alone = await clips_of(Index()).for_intent("hours", locale="en", variant=0)

    address = f"/clips/{video}.mp4"
    told = {"url": address, "width": 360, "height": 360, "size_bytes": 300_000, "digest": video}
    assert part["alternatives"] == [told]
    assert (part["digest"], part["size_bytes"]) == (whole.blobs["video"], 900_000)
    assert "alternatives" not in clip_part(alone).model_dump(mode="json")
