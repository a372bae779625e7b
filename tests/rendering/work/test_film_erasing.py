"""Generated films go whole: entry, blobs, words, unfinished work, the vendor's copy; also those that come late."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from app.conversation.clip_source import StudioClipRequester, film_keys
from app.conversation.erasing.eraser import Eraser
from app.conversation.erasing.traces import MemoryTraces
from app.conversation.rate_limits import MemoryQuota
from app.errors import GreenroomError, ProviderUnavailableError, SessionNotFoundError
from app.learning.memory_turn_log import MemoryTurnLog
from app.rendering.fakes import FakeRenderer
from app.rendering.ledger.states import CLOSED
from app.rendering.ports import Capabilities
from app.rendering.work.film_erasing import FilmEraser
from app.store.erasing import ErasingRecipes
from app.store.labels import Labels
from tests.support.render_world import NOON, RenderWorld

WORDS = "It weighs two tons."


class VendorRenderer(FakeRenderer):
    """Renderer of a vendor that can delete its copies."""

    def __init__(self) -> None:
        facts = Capabilities(
            name="fake",
            models=("fake",),
            poll_every_s=0.01,
            min_portrait_px=1,
            silent_idle=True,
            price_per_s=Decimal("0.01"),
        )
        super().__init__(facts)
        self.forgotten: list[str] = []
        self.refuses = False

    async def forget(self, request_id: str) -> None:
        if self.refuses:
            raise ProviderUnavailableError("not now")
        self.forgotten.append(request_id)


async def nothing():
    pass


class Site:
    """A studio whose store deletes what comes late, its requester and its eraser."""

    def __init__(self, folder, renderer=None) -> None:
        self.world = RenderWorld(folder, renderer=renderer or FakeRenderer())
        self.traces, self.pinned, self.meanwhile = MemoryTraces(), set(), nothing
        self.blobs = self.world.blobs
        self.recipes = ErasingRecipes(self.world.recipes, self.blobs, self.traces.is_gone, self._pinned)
        self.studio = self.world.studio(recipes=self.recipes)
        self.requester = StudioClipRequester(self.studio, self.world.avatar, traces=self.traces, clock=lambda: NOON)
        self.films = FilmEraser(
            blobs=self.blobs,
            recipes=self.recipes,
            ledger=self.world.ledger,
            renderers=self.studio.renderers,
            scratch=self.studio.scratch,
            clock=lambda: NOON,
            pinned=self._pinned,
            is_gone=self.traces.is_gone,
        )
        self.eraser = Eraser(
            turns=MemoryTurnLog(), traces=self.traces, tally=MemoryQuota(), erase_films=self.films.erase
        )

    async def _pinned(self):
        await self.meanwhile()
        return self.pinned

    def keys(self, text=WORDS):
        labels = Labels.generated_answer(text, locale="en")
        return film_keys(self.studio.wanted(self.world.avatar, text=text, locale="en", labels=labels))

    async def digests(self):
        return {facts.digest async for facts in self.blobs.scan()}

    async def renders(self):
        return await self.world.ledger.list()


@pytest.fixture
def site(tmp_path):
    return Site(tmp_path)


async def test_a_film_that_only_this_session_asked_for_goes_whole(site):
    await site.requester.film(WORDS, locale="en", session="s1")
    stored = await site.digests()

    receipt = (await site.eraser.erase("s1", now=NOON)).with_row(3).document()

    assert stored
    assert await site.digests() == set()
    assert [entry async for entry in site.recipes.scan()] == []
    erased = receipt["erased"]
    assert (erased["clip"], erased["speech"], erased["captions"]) == (1, 1, 1)
    assert (erased["rendition"], erased["video"]) == (1, 2)
    assert (erased["frames"], erased["renders_without_words"]) == (3, 1)
    assert all(render.labels.text is None for render in await site.renders())
    assert WORDS not in str(receipt)


async def test_a_film_that_somebody_else_asked_for_stays(site):
    clip = await site.requester.film(WORDS, locale="en", session="s1")
    await site.requester.film(WORDS, locale="en", session="s2")

    await site.eraser.erase("s1", now=NOON)

    assert await site.blobs.facts(clip.digest) is not None
    assert [render.labels.text for render in await site.renders()] == [WORDS]


async def test_what_a_person_released_stays(site):
    clip = await site.requester.film(WORDS, locale="en", session="s1")
    site.pinned.update(site.keys())

    await site.eraser.erase("s1", now=NOON)

    assert await site.blobs.facts(clip.digest) is not None


async def test_erased_words_that_a_person_releases_are_filmed_as_a_line_of_the_catalog(site):
    await site.requester.film(WORDS, locale="en", session="s1")
    await site.eraser.erase("s1", now=NOON)
    site.pinned.update(site.keys())
    line = site.studio.wanted(site.world.avatar, text=WORDS, locale="en", labels=Labels())

    entry = await site.studio.clip(line, avatar=site.world.avatar)

    await site.eraser.finish(expired_before=NOON, swept_before=NOON, now=NOON)
    assert await site.recipes.get(entry.key) is not None
    assert await site.recipes.get(line.speech.key) is not None


async def test_a_film_that_somebody_asks_for_while_it_is_erased_stays(site):
    clip = await site.requester.film(WORDS, locale="en", session="s1")

    async def asked_again():
        await site.traces.ask("s2", site.keys(), now=NOON)

    site.meanwhile = asked_again

    receipt = (await site.eraser.erase("s1", now=NOON)).document()

    assert receipt["erased"] == {}
    assert await site.blobs.facts(clip.digest) is not None
    assert [render.labels.text for render in await site.renders()] == [WORDS]


async def test_a_render_that_somebody_asks_for_while_it_is_erased_goes_on(tmp_path):
    site = Site(tmp_path, FakeRenderer(render_s=0.2))
    filming = asyncio.ensure_future(site.requester.film(WORDS, locale="en", session="s1"))
    while not await site.renders():  # noqa: ASYNC110  (a fake's state)
        await asyncio.sleep(0.005)
    forget_words = site.world.ledger.forget_words

    async def forgets_then_is_asked(keys):
        found = await forget_words(keys)
        await site.traces.ask("s2", site.keys(), now=NOON)
        return found

    site.world.ledger.forget_words = forgets_then_is_asked

    await site.eraser.erase("s1", now=NOON)

    assert await site.blobs.facts((await filming).digest) is not None


async def test_blobs_that_another_clip_has_too_stay(site):
    await site.requester.film(WORDS, locale="en", session="s1")
    other = await site.requester.film("We open at ten.", locale="en", session="s2")

    await site.eraser.erase("s1", now=NOON)

    entries = [entry async for entry in site.recipes.scan()]
    assert {entry.kind for entry in entries} == {"clip", "rendition", "speech"}
    assert all([await site.blobs.facts(one) is not None for entry in entries for one in entry.blobs.values()])
    assert await site.blobs.facts(other.digest) is not None


async def test_a_film_that_is_under_way_when_its_session_is_erased_is_not_kept(tmp_path):
    """Its task goes on here, as a worker's or another node's does."""
    site = Site(tmp_path, FakeRenderer(render_s=0.2))
    filming = asyncio.ensure_future(site.requester.film(WORDS, locale="en", session="s1"))
    while not await site.renders():  # noqa: ASYNC110  (a fake's state)
        await asyncio.sleep(0.005)

    await site.eraser.erase("s1", now=NOON)
    await asyncio.gather(filming, return_exceptions=True)
    await site.eraser.finish(expired_before=NOON, swept_before=NOON, now=NOON)

    assert [entry async for entry in site.recipes.scan()] == []
    (render,) = await site.renders()
    assert (render.labels.text, render.state in CLOSED) == (None, True)


async def test_an_entry_that_is_stored_late_is_deleted_at_once(site):
    await site.requester.film(WORDS, locale="en", session="s1")
    entries = [entry async for entry in site.recipes.scan()]
    kept = {one: await site.blobs.read(one) for entry in entries for one in entry.blobs.values()}
    await site.eraser.erase("s1", now=NOON)

    for data in kept.values():
        await site.blobs.put_bytes(data)
    for entry in entries:
        await site.recipes.put(entry)

    assert [entry async for entry in site.recipes.scan()] == []
    assert await site.digests() == set()


async def test_an_erased_session_has_nothing_filmed(site):
    await site.eraser.erase("s1", now=NOON)

    with pytest.raises(SessionNotFoundError):
        await site.requester.film(WORDS, locale="en", session="s1")

    assert await site.renders() == ()


async def test_films_that_nobody_asks_for_any_more_expire(site):
    await site.requester.film(WORDS, locale="en", session="s1")

    young = await site.eraser.finish(expired_before=NOON, swept_before=NOON, now=NOON)
    old = await site.eraser.finish(expired_before=NOON.replace(year=2027), swept_before=NOON, now=NOON)

    assert (young, old) == (0, 1)
    assert await site.digests() == set()


@pytest.mark.parametrize("refuses", [False, True])
async def test_the_vendors_copy_is_deleted_or_told(tmp_path, refuses):
    renderer = VendorRenderer()
    renderer.refuses = refuses
    site = Site(tmp_path, renderer)
    await site.requester.film(WORDS, locale="en", session="s1")
    (render,) = await site.renders()

    receipt = (await site.eraser.erase("s1", now=NOON)).document()

    told = {"deleted": {}, "left": {"fake": 1}} if refuses else {"deleted": {"fake": 1}, "left": {}}
    assert receipt["vendor_copies"] == told
    assert renderer.forgotten == ([] if refuses else [render.request_id])


async def test_erasing_again_finds_nothing_and_breaks_nothing(site):
    await site.requester.film(WORDS, locale="en", session="s1")
    await site.eraser.erase("s1", now=NOON)

    assert (await site.eraser.erase("s1", now=NOON)).document()["erased"] == {}


async def test_a_store_that_fails_leaves_the_rest_to_the_next_run(site):
    await site.requester.film(WORDS, locale="en", session="s1")
    fine, site.blobs.delete = site.blobs.delete, _fails

    with pytest.raises(GreenroomError):
        await site.eraser.erase("s1", now=NOON)
    site.blobs.delete = fine
    await site.eraser.finish(expired_before=NOON, swept_before=NOON, now=NOON)

    assert [entry async for entry in site.recipes.scan()] == []
    assert await site.digests() == set()
    assert all(render.labels.text is None for render in await site.renders())


async def test_a_failure_beside_a_run_that_ends_well_is_made_good_by_the_next_run(site):
    await site.requester.film(WORDS, locale="en", session="s1")
    await site.requester.film("We open at ten.", locale="en", session="s2")
    fine, begun, go_on = site.world.recipes.delete, asyncio.Event(), asyncio.Event()

    async def slow():
        begun.set()
        await go_on.wait()

    async def fails_at_renditions(key):
        kinds = {entry.key: entry.kind async for entry in site.world.recipes.scan()}
        if kinds[key] == "rendition":
            raise ProviderUnavailableError(f"no {key}")
        await fine(key)

    site.meanwhile = slow
    well = asyncio.ensure_future(site.eraser.erase("s2", now=NOON))
    await begun.wait()
    site.meanwhile, site.world.recipes.delete = nothing, fails_at_renditions
    with pytest.raises(GreenroomError):
        await site.eraser.erase("s1", now=NOON)
    site.world.recipes.delete = fine
    go_on.set()
    await well

    await site.eraser.finish(expired_before=NOON, swept_before=NOON, now=NOON)
    assert [entry async for entry in site.recipes.scan()] == []


async def test_a_render_that_a_failed_run_left_open_is_ended_by_the_next_run(tmp_path):
    site = Site(tmp_path, FakeRenderer(render_s=0.2))
    filming = asyncio.ensure_future(site.requester.film(WORDS, locale="en", session="s1"))
    while not await site.renders():  # noqa: ASYNC110  (a fake's state)
        await asyncio.sleep(0.005)
    await site.traces.erase("s1", now=NOON)
    await site.world.ledger.forget_words(site.keys())  # and the process ends

    await site.eraser.finish(expired_before=NOON, swept_before=NOON, now=NOON)

    assert [render.state in CLOSED for render in await site.renders()] == [True]
    await asyncio.gather(filming, return_exceptions=True)


async def _fails(digest) -> None:
    raise ProviderUnavailableError(f"no {digest}")


@pytest.mark.parametrize("place", ["rejected/{}.mp4", "rejected/{}.wav", "rejected/{}.json", "{}/video.mp4"])
@pytest.mark.parametrize("is_marked", [True, False], ids=["marked", "the mark is old and gone"])
async def test_what_another_node_kept_aside_goes_with_its_own_upkeep(site, tmp_path, place, is_marked):
    """The words are forgotten by then, so the rows name no film any more that has some."""
    await site.requester.film(WORDS, locale="en", session="s1")
    await site.requester.film("We open at ten.", locale="en", session="s2")
    there = replace(site.films, scratch=tmp_path / "there")
    files = {}
    for render in await site.renders():
        files[render.labels.text] = there.scratch / place.format(render.id)
        files[render.labels.text].parent.mkdir(parents=True, exist_ok=True)
        files[render.labels.text].write_bytes(b"a film that was refused")
    (there.scratch / "portraits").mkdir(exist_ok=True)
    await site.eraser.erase("s1", now=NOON)

    await there.erase(await site.traces.gone() if is_marked else ())

    assert {text: file.exists() for text, file in files.items()} == {WORDS: False, "We open at ten.": True}
    assert (there.scratch / "portraits").is_dir()
