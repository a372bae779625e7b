"""Every store lets go of a face whatever refers to it, and of nothing else."""

from app.digest import digest_bytes
from app.store.gc import purge
from app.store.ports import Entry
from app.store.renditions import RenditionRecipe
from tests.support.stores import Store, an_entry, stored

ADA, MIRA = digest_bytes(b"ada"), digest_bytes(b"mira")


async def a_clip(store: Store, name: str, face: str, speech: Entry) -> Entry:
    """A clip that shares its captions with every other one."""
    video, captions = await store.blobs.put_bytes(name.encode()), await store.blobs.put_bytes(b"WEBVTT")
    blobs = {"video": video.digest, "captions": captions.digest}
    entry = an_entry(name, blobs, portrait=face, speech=speech.key)
    await store.recipes.put(entry)
    return entry


async def test_the_clips_of_a_face_go_with_the_speech_that_only_they_have(store: Store) -> None:
    own, shared = await stored(store, "own words", kind_of="x"), await stored(store, "shared words")
    ada, both = await a_clip(store, "ada", ADA, own), await a_clip(store, "ada too", ADA, shared)
    mira = await a_clip(store, "mira", MIRA, shared)

    said = await purge(store.blobs, store.recipes, withdrawn={ADA}, dry_run=True)
    assert await store.recipes.get(ada.key) == ada
    done = await purge(store.blobs, store.recipes, withdrawn={ADA})

    assert set(done.entries) == {ada.key, both.key, own.key}
    assert set(done.blobs) == {ada.blobs["video"], both.blobs["video"], own.blobs["video"]}
    assert (said.entries, said.blobs, said.freed_bytes) == (done.entries, done.blobs, len("adaada tooown words"))
    assert [await store.recipes.get(entry.key) for entry in (ada, both, own)] == [None] * 3
    assert [await store.recipes.get(entry.key) for entry in (mira, shared)] == [mira, shared]
    assert await store.blobs.facts(ada.blobs["video"]) is None


async def test_without_a_withdrawal_nothing_is_even_looked_at(store: Store) -> None:
    entry = await a_clip(store, "ada", ADA, await stored(store, "words"))

    done = await purge(store.blobs, store.recipes, withdrawn=())

    assert (done.entries, done.blobs, done.freed_bytes) == ((), (), 0)
    assert await store.recipes.get(entry.key) == entry


async def test_small_renditions_go_with_the_face(store: Store) -> None:
    clip = await a_clip(store, "ada", ADA, await stored(store, "words"))
    video = await store.blobs.put_bytes(b"ada, small")
    recipe = RenditionRecipe(clip.key, clip.blobs["video"], ADA).document()
    small = an_entry("small", {"video": video.digest}, kind=recipe.pop("kind"), **recipe)
    await store.recipes.put(small)

    done = await purge(store.blobs, store.recipes, withdrawn={ADA})

    assert small.key in done.entries
    assert await store.blobs.facts(video.digest) is None
