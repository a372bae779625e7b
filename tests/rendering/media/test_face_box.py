"""Face boxes: measured once for a clip of before, kept with it, joined for clips in pieces."""

import asyncio
from dataclasses import dataclass, field, replace

import pytest

from app.errors import MediaError
from app.rendering.media.face_box import FaceBox, FaceBoxes, around, face_facts, face_of
from tests.support.stores import an_entry, in_memory

BOX = FaceBox(0.3, 0.2, 0.4, 0.5)


@dataclass
class Reader:
    """A face finder that knows what it will find, and counts."""

    found: FaceBox | None = BOX
    seen: list[bytes] = field(default_factory=list)
    error: MediaError | None = None

    async def read(self, picture: bytes) -> FaceBox | None:
        self.seen.append(picture)
        if self.error:
            raise self.error
        return self.found


@pytest.fixture
def store(tmp_path):
    return in_memory(tmp_path)


async def filmed(store, **media: object):
    blobs = {role: (await store.blobs.put_bytes(role.encode())).digest for role in ("video", "poster")}
    entry = an_entry("hours", blobs)
    entry = replace(entry, media={**entry.media, **media})
    await store.recipes.put(entry)
    return entry


@pytest.mark.parametrize("found", [BOX, None])
async def test_a_clip_of_before_is_measured_once_and_it_is_kept(store, found):
    entry, reader = await filmed(store), Reader(found)
    boxes = FaceBoxes(reader, store.blobs, store.recipes)

    boxes.later(entry)
    boxes.later(entry)
    await boxes.done()
    kept = await store.recipes.get(entry.key)
    FaceBoxes(reader, store.blobs, store.recipes).later(kept)

    assert reader.seen == [b"poster"]
    assert "face" in kept.media
    assert face_of(kept.media) == found
    assert {**kept.media, "face": None} == {**entry.media, "face": None}


async def test_a_clip_that_knows_its_face_is_not_measured(store):
    entry, reader = await filmed(store, **face_facts(BOX)), Reader()
    boxes = FaceBoxes(reader, store.blobs, store.recipes)

    boxes.later(entry)
    await boxes.done()

    assert reader.seen == []


async def test_a_poster_that_cannot_be_read_leaves_the_clip_as_it_is(store, caplog):
    entry, reader = await filmed(store), Reader(error=MediaError("no picture"))
    boxes = FaceBoxes(reader, store.blobs, store.recipes)

    boxes.later(entry)
    await boxes.done()

    assert await store.recipes.get(entry.key) == entry
    assert [record.message for record in caplog.records] == ["face.not_measured"]
    assert not boxes._tasks


async def test_what_is_measured_ends_with_the_server(store):
    reading = asyncio.Event()

    class Waiting(Reader):
        async def read(self, picture: bytes) -> FaceBox | None:
            self.seen.append(picture)
            reading.set()
            await asyncio.Event().wait()
            return self.found

    entry, reader = await filmed(store), Waiting()
    boxes = FaceBoxes(reader, store.blobs, store.recipes)
    boxes.later(entry)
    await reading.wait()

    await boxes.close()

    assert not boxes._tasks
    assert await store.recipes.get(entry.key) == entry


def test_pieces_have_the_box_around_all_of_theirs():
    other = FaceBox(0.2, 0.25, 0.4, 0.6)

    assert face_facts(around([BOX, other])) == {"face": {"x": 0.2, "y": 0.2, "width": 0.5, "height": 0.65}}
    assert around([BOX, None]) is None
    assert around([]) is None
