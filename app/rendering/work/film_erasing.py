"""Erasing of films: generated clips that nobody asks for any more, their words in the ledger, vendors' copies."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from app.digest import Digest
from app.errors import GreenroomError, RenderNotFoundError
from app.rendering.abilities import ForgettingRenderer
from app.rendering.ledger.decisions import Cancel
from app.rendering.ledger.port import Ledger
from app.rendering.ledger.states import CLOSED, OPEN, Render
from app.rendering.ledger.words import has_words
from app.rendering.media.rejected import delete_kept, kept_renders
from app.rendering.ports import Renderer
from app.store.erasing import erase_entries
from app.store.ports import BlobStore, RecipeIndex


@dataclass(slots=True)
class ErasedFilms:
    """Counts of what went, by kind, and of copies that vendors have, by vendor."""

    gone: Counter[str] = field(default_factory=Counter)
    copies_deleted: Counter[str] = field(default_factory=Counter)
    copies_left: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True, kw_only=True)
class FilmEraser:
    """Eraser of generated films by their recipe keys; each call may be repeated.

    `pinned` returns the recipes that the catalog, a release or a draft uses: they are somebody else's words by now.
    `is_gone` is asked again directly before each step: the keys are old as soon as another session asks for a film.
    """

    blobs: BlobStore
    recipes: RecipeIndex
    ledger: Ledger
    renderers: Mapping[str, Renderer]
    scratch: Path
    clock: Callable[[], datetime]
    pinned: Callable[[], Awaitable[Collection[Digest]]]
    is_gone: Callable[[Digest], Awaitable[bool]]
    _failures: int = field(default=1, init=False, repr=False)
    """Runs that failed, counted on; the first stands for a process before: the next one looks at every entry."""
    _made_good: int = field(default=0, init=False, repr=False)
    """Failures that a later run has made good, one that began after them."""

    async def erase(self, keys: Collection[Digest]) -> ErasedFilms:
        """Delete films, captions and speech, the words in their renders, unfinished work, and vendors' copies.

        What erased films have left in this node's scratch folder goes in each call, also in one without keys.
        A render under way is cancelled; what was submitted counts as billed.

        Raises:
            StoreError, StateUnavailableError: something is left; the next run goes on.
        """
        erased = ErasedFilms()
        wanted = frozenset(keys)
        if not wanted:
            await self.sweep_scratch()
            return erased
        known = self._failures
        try:
            await self._erase(wanted - frozenset(await self.pinned()), erased)
        except BaseException:
            self._failures += 1
            raise
        self._made_good = max(self._made_good, known)
        return erased

    async def _erase(self, wanted: Collection[Digest], erased: ErasedFilms) -> None:
        thorough = self._failures > self._made_good
        erased.gone.update(await self._entries(wanted, thorough=thorough))
        renders = await self.ledger.forget_words([key for key in sorted(wanted) if await self.is_gone(key)])
        erased.gone["renders_without_words"] += sum(map(has_words, renders))
        for render in renders:
            if not await self.is_gone(Digest(render.recipe_key)):
                continue
            await self._end(render)
            await asyncio.to_thread(delete_kept, self.scratch, render.id)
            await self._forget_copy(render, erased)
        await self.sweep_scratch()

    async def sweep_scratch(self) -> int:
        """Delete what erased films have left in this node's scratch folder; return for how many renders.

        The node that erases deletes its own; the others find theirs by the words that the rows have no more.

        Raises:
            StateUnavailableError: something is left; the next run goes on.
        """
        swept = 0
        for render_id in await asyncio.to_thread(kept_renders, self.scratch):
            with contextlib.suppress(RenderNotFoundError):
                if await self._is_erased(await self.ledger.get(render_id)):
                    await asyncio.to_thread(delete_kept, self.scratch, render_id)
                    swept += 1
        return swept

    async def _is_erased(self, render: Render) -> bool:
        """Return whether a render's words are gone, and nobody works on it for somebody who has asked since."""
        wordless = render.labels.generated and render.labels.text is None
        return wordless and (render.state in CLOSED or await self.is_gone(Digest(render.recipe_key)))

    async def _entries(self, keys: Collection[Digest], *, thorough: bool) -> Counter[str]:
        return await erase_entries(self.blobs, self.recipes, keys, still_gone=self.is_gone, thorough=thorough)

    async def _end(self, render: Render) -> None:
        if render.state in OPEN:
            with contextlib.suppress(GreenroomError):  # whoever works on it may have closed it
                await self.ledger.apply(render.id, Cancel(now=self.clock()))

    async def _forget_copy(self, render: Render, erased: ErasedFilms) -> None:
        renderer = self.renderers.get(render.provider)
        if render.request_id is None or (renderer is not None and renderer.capabilities.price_per_s == 0):
            return
        if not isinstance(renderer, ForgettingRenderer):
            erased.copies_left[render.provider] += 1
            return
        try:
            await renderer.forget(render.request_id)
        except GreenroomError:
            erased.copies_left[render.provider] += 1
        else:
            erased.copies_deleted[render.provider] += 1
