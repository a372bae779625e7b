"""Two films of one erasing may share a blob: it stays as long as one of them is wanted again."""

from datetime import UTC, datetime

import pytest

from app.digest import Digest, digest_json
from app.store.erasing import erase_entries
from app.store.labels import Labels
from app.store.memory import MemoryBlobStore, MemoryRecipeIndex
from app.store.ports import Entry

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def an_entry(name: str, **blobs: Digest) -> Entry:
    recipe = {"name": name}
    return Entry(digest_json(recipe), "clip", recipe, Labels(), blobs, {}, NOON)


@pytest.mark.parametrize("wanted_again", [0, 1])
async def test_a_shared_blob_stays_for_the_film_that_is_wanted_again_in_between(wanted_again):
    blobs = MemoryBlobStore()
    recipes = MemoryRecipeIndex(blobs)
    shared, first, second = [(await blobs.put_bytes(name)).digest for name in (b"shared", b"first", b"second")]
    films = [an_entry("one", captions=shared, video=first), an_entry("two", captions=shared, video=second)]
    for film in films:
        await recipes.put(film)
    order = [entry.key async for entry in recipes.scan()]
    kept = order[wanted_again]
    asked: list[Digest] = []

    async def still_gone(key: Digest) -> bool:
        """The other session asks as soon as both films have been looked at once."""
        asked.append(key)
        return key != kept or len(asked) <= len(films)

    await erase_entries(blobs, recipes, order, still_gone=still_gone)

    (left,) = [entry async for entry in recipes.scan()]
    assert left.key == kept
    assert all([await blobs.facts(digest) is not None for digest in left.blobs.values()])


async def test_a_shared_blob_goes_with_the_last_of_its_films():
    blobs = MemoryBlobStore()
    recipes = MemoryRecipeIndex(blobs)
    shared = (await blobs.put_bytes(b"shared")).digest
    films = [an_entry("one", captions=shared), an_entry("two", captions=shared)]
    for film in films:
        await recipes.put(film)

    async def gone(_: Digest) -> bool:
        return True

    counted = await erase_entries(blobs, recipes, [film.key for film in films], still_gone=gone)

    assert (counted["clip"], counted["captions"]) == (2, 1)
    assert await blobs.facts(shared) is None
