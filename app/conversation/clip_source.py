"""From the store to the visitor: stored entries as playable clips, and new ones filmed on request."""

import asyncio
import math
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from app.catalog.model import Avatar
from app.conversation.ports import PlayableCaption, PlayableClip
from app.digest import Digest
from app.rendering.ledger.port import Cap
from app.rendering.plan.clips import WantedClip
from app.store.labels import Labels
from app.store.ports import Entry, RecipeIndex

_SOURCE = "GREENROOM_BUDGET_SESSION_USD or `budget.per_session` in catalog.yaml"


def playable(entry: Entry, *, text: str, base_url: str = "") -> PlayableClip:
    """A stored clip as a visitor gets it; `base_url` is put before the addresses."""
    video, poster = entry.blobs["video"], entry.blobs.get("poster")
    return PlayableClip(
        url=f"{base_url}/clips/{video}.mp4",
        media_type=str(entry.media.get("media_type", "video/mp4")),
        duration_s=float(entry.media["duration_s"]),
        poster=f"{base_url}/clips/{poster}.jpg" if poster else None,
        digest=video,
        captions=tuple(PlayableCaption(**caption) for caption in entry.media.get("captions", ())),
        text=text,
    )


@dataclass(frozen=True)
class StoredClips:
    """The clips of one release, found by intent, locale and variant.

    A clip once found is remembered for `trusted_s`: then it is looked for again, for it may have been collected, or
    filmed anew, meanwhile.
    """

    recipes: RecipeIndex
    default_locale: str
    base_url: str
    keys: Mapping[tuple[str, str], Sequence[tuple[Sequence[Digest], str]]]
    """The keys each variant may be stored under, the first choice first, and its words; by intent and locale."""
    now: Callable[[], float] = time.monotonic
    trusted_s: float = 5.0
    _found: dict[Digest, tuple[float, PlayableClip]] = field(default_factory=dict, init=False, repr=False)
    _looking: dict[Digest, asyncio.Future[PlayableClip | None]] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def of(
        cls, clips: Sequence[WantedClip], recipes: RecipeIndex, *, default_locale: str, base_url: str = ""
    ) -> "StoredClips":
        """The clips that a catalog's lines come down to."""
        keys: dict[tuple[str, str], list[tuple[Sequence[Digest], str]]] = {}
        lines = [(line, clip.keys) for clip in clips for line in clip.lines if not line.part]
        for line, stored_under in sorted(lines, key=lambda pair: pair[0].address):
            keys.setdefault((line.intent, line.locale), []).append((stored_under, line.text or ""))
        return cls(recipes, default_locale, base_url, keys)

    async def for_intent(self, intent_id: str, *, locale: str, variant: int) -> PlayableClip | None:
        """The clip of a variant in this locale, else in the default one; None while it is not filmed."""
        variants = self.keys.get((intent_id, locale)) or self.keys.get((intent_id, self.default_locale))
        if not variants:
            return None
        keys, text = variants[variant % len(variants)]
        for key in keys:
            clip = self._remembered(key) or await self._look(key, text)
            if clip is not None:
                return clip
        return None

    def _remembered(self, key: Digest) -> PlayableClip | None:
        seen_at, clip = self._found.get(key, (-math.inf, None))
        return clip if self.now() - seen_at <= self.trusted_s else None

    async def _look(self, key: Digest, text: str) -> PlayableClip | None:
        """Look once for all who want the clip now: when it is due to be looked for again, a crowd may want it."""
        looking = self._looking.get(key)
        if looking is None:
            looking = self._looking[key] = asyncio.ensure_future(self._read(key, text))
            looking.add_done_callback(lambda _: self._looking.pop(key))
        return await asyncio.shield(looking)

    async def _read(self, key: Digest, text: str) -> PlayableClip | None:
        entry = await self.recipes.get(key)
        if entry is None:
            self._found.pop(key, None)
            return None
        clip = playable(entry, text=text, base_url=self.base_url)
        self._found[key] = (self.now(), clip)
        return clip


class ClipMaker(Protocol):
    """Makes clips, each recipe once: in this process, or on workers."""

    def wanted(self, avatar: Avatar, *, text: str | None, locale: str, labels: Labels) -> WantedClip:
        """The clip these words would be, its key included; nothing is spoken or rendered."""
        ...

    async def clip(self, wanted: WantedClip, *, avatar: Avatar, caps: Collection[Cap] = ()) -> Entry:
        """The clip: at once if it is stored, else when it is rendered.

        Raises:
            RenderingError: it cannot be rendered; its subclasses say why.
            StoreError: it cannot be stored.
        """
        ...


@dataclass(frozen=True, slots=True)
class StudioClipRequester:
    """New clips of the served avatar; the clip maker renders the same words once however many ask.

    `session_limit` is what one session may cost, where a session is named.
    """

    clips: ClipMaker
    avatar: Avatar
    base_url: str = ""
    session_limit: Decimal | None = None

    async def film(self, text: str, *, locale: str, session: str | None = None, trace: str = "") -> PlayableClip:
        """Film these words, or find them filmed."""
        labels = Labels.generated_answer(text, locale=locale, traceparent=trace)
        wanted = self.clips.wanted(self.avatar, text=text, locale=locale, labels=labels)
        limit = self.session_limit
        caps = () if session is None or limit is None else (Cap(f"session:{session}", limit, _SOURCE),)
        entry = await self.clips.clip(wanted, avatar=self.avatar, caps=caps)
        return playable(entry, text=text, base_url=self.base_url)
