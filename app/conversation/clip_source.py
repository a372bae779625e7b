"""Clips for visitors: playable clips from stored entries, and new ones rendered on request."""

import asyncio
import math
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Protocol

from app.catalog.model import Avatar
from app.conversation.erasing.pseudonym import session_scope
from app.conversation.erasing.traces import SessionTraces
from app.conversation.ports import PlayableCaption, PlayableClip, PlayableRendition
from app.digest import Digest
from app.errors import ConsentMissingError
from app.rendering.ledger.port import Cap
from app.rendering.media.face_box import face_of
from app.rendering.plan.clips import WantedClip
from app.rendering.work.waiting_line import WaitingLine
from app.store.labels import Labels
from app.store.ports import Entry, RecipeIndex
from app.store.renditions import may_be_smaller, small_of

_SOURCE = "GREENROOM_BUDGET_SESSION_USD or `budget.per_session` in catalog.yaml"


def playable(entry: Entry, *, text: str, base_url: str = "", small: Entry | None = None) -> PlayableClip:
    """Return a stored entry as a playable clip, with its small rendition; `base_url` is put before the addresses."""
    video, poster = entry.blobs["video"], entry.blobs.get("poster")
    return PlayableClip(
        url=f"{base_url}/clips/{video}.mp4",
        media_type=str(entry.media.get("media_type", "video/mp4")),
        duration_s=float(entry.media["duration_s"]),
        poster=f"{base_url}/clips/{poster}.jpg" if poster else None,
        digest=video,
        captions=tuple(PlayableCaption(**caption) for caption in entry.media.get("captions", ())),
        text=text,
        size_bytes=int(entry.media.get("size_bytes") or 0),
        alternatives=(_rendition(small, base_url),) if small else (),
        face=face_of(entry.media),
    )


def _rendition(entry: Entry, base_url: str) -> PlayableRendition:
    video, media = entry.blobs["video"], entry.media
    size = {name: int(media[name]) for name in ("width", "height", "size_bytes")}
    return PlayableRendition(url=f"{base_url}/clips/{video}.mp4", digest=video, **size)


async def smaller(entry: Entry, recipes: RecipeIndex) -> Entry | None:
    """Return the small rendition of a stored clip; None if it has none."""
    return await recipes.get(small_of(entry).key) if may_be_smaller(entry) else None


@dataclass(frozen=True)
class StoredClips:
    """Stored clips of one release, by intent, locale and variant.

    A clip that was found is cached for `trusted_s`; then it is looked up again, because it may have been
    deleted, or rendered again, meanwhile.
    """

    recipes: RecipeIndex
    default_locale: str
    base_url: str
    keys: Mapping[tuple[str, str], Sequence[tuple[Sequence[Digest], str]]]
    """For each intent and locale: the recipe keys of each variant, the preferred one first, and its words."""
    now: Callable[[], float] = time.monotonic
    trusted_s: float = 5.0
    missed: Callable[[Collection[Digest]], None] = lambda _keys: None
    """Called with the keys of a clip that was asked for and is not stored."""
    looked_up: Callable[[Entry], None] = lambda _entry: None
    """Called with each entry that is read from the store."""
    may_show: Callable[[str], bool] = lambda _locale: True
    """Asked with the clip's locale each time: a consent may end, or may never have covered a language."""
    kept: Mapping[tuple[str, str], Sequence[Digest]] = field(default_factory=dict)
    """For an intent and locale: the clips of before, which play while no variant of the new words is stored."""
    _found: dict[Digest, tuple[float, PlayableClip]] = field(default_factory=dict, init=False, repr=False)
    _absent: dict[Digest, float] = field(default_factory=dict, init=False, repr=False)
    """For keys that were not stored: when they were last looked up."""
    _lookups: dict[Digest, asyncio.Future[PlayableClip | None]] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def of(  # noqa: PLR0913 - what a visitor's clips depend on
        cls,
        clips: Sequence[WantedClip],
        recipes: RecipeIndex,
        *,
        default_locale: str,
        base_url: str = "",
        missed: Callable[[Collection[Digest]], None] = lambda _keys: None,
        looked_up: Callable[[Entry], None] = lambda _entry: None,
        may_show: Callable[[str], bool] = lambda _locale: True,
        kept: Mapping[tuple[str, str], Sequence[Digest]] | None = None,
    ) -> "StoredClips":
        """Build the table from the catalog's wanted clips."""
        keys: dict[tuple[str, str], list[tuple[Sequence[Digest], str]]] = {}
        lines = [(line, clip.keys) for clip in clips for line in clip.lines if not line.part]
        for line, stored_under in sorted(lines, key=lambda pair: pair[0].address):
            keys.setdefault((line.intent, line.locale), []).append((stored_under, line.text or ""))
        return cls(
            recipes,
            default_locale,
            base_url,
            keys,
            missed=missed,
            looked_up=looked_up,
            may_show=may_show,
            kept={} if kept is None else kept,
        )

    async def for_intent(self, intent_id: str, *, locale: str, variant: int) -> PlayableClip | None:
        """Return the clip of a variant in this locale, else in the default one; None if there is none yet.

        While a variant is not stored, the next one that is plays in its place.
        """
        variants = self._variants(intent_id, locale)
        for number in range(len(variants)):
            clip = await self._stored(*variants[(variant + number) % len(variants)])
            if clip is not None:
                return clip
        if not variants:
            return None
        self.missed(variants[variant % len(variants)][0])
        return await self._before(intent_id, locale)

    def at_hand(self, intent_id: str, *, locale: str, variant: int) -> PlayableClip | None:
        """Return the clip of a variant if it was found a moment ago; None if the store has to be asked."""
        variants = self._variants(intent_id, locale)
        if not variants:
            return None
        keys, _ = variants[variant % len(variants)]
        return self._cached(keys[0]) if keys else None

    async def is_stored(self, intent_id: str, *, locale: str, variant: int) -> bool:
        """Return whether this very variant is stored; nobody waits for it, so it is not missed."""
        variants = self._variants(intent_id, locale)
        return bool(variants) and await self._stored(*variants[variant % len(variants)]) is not None

    async def if_stored(self, intent_id: str, *, locale: str, variant: int) -> PlayableClip | None:
        """Return the clip of this very variant; that it is not there is believed for `trusted_s`, too."""
        variants = self._variants(intent_id, locale)
        keys, text = variants[variant % len(variants)] if variants else ((), None)
        if keys and all(self.now() - self._absent.get(key, -math.inf) <= self.trusted_s for key in keys):
            return None
        return await self._stored(keys, text)

    async def _before(self, intent_id: str, locale: str) -> PlayableClip | None:
        spoken = locale if self.keys.get((intent_id, locale)) else self.default_locale
        return await self._stored(self.kept.get((intent_id, spoken), ()), None)

    def _variants(self, intent_id: str, locale: str) -> Sequence[tuple[Sequence[Digest], str]]:
        for spoken in (locale, self.default_locale):
            variants = self.keys.get((intent_id, spoken))
            if variants:
                return variants if self.may_show(spoken) else ()
        return ()

    async def _stored(self, keys: Sequence[Digest], text: str | None) -> PlayableClip | None:
        for key in keys:
            clip = self._cached(key) or await self._look_up(key, text)
            if clip is not None:
                return clip
        return None

    def _cached(self, key: Digest) -> PlayableClip | None:
        seen_at, clip = self._found.get(key, (-math.inf, None))
        return clip if self.now() - seen_at <= self.trusted_s else None

    async def _look_up(self, key: Digest, text: str | None) -> PlayableClip | None:
        """Look the clip up once for all callers that want it now."""
        lookup = self._lookups.get(key)
        if lookup is None:
            lookup = self._lookups[key] = asyncio.ensure_future(self._read(key, text))
            lookup.add_done_callback(lambda _: self._lookups.pop(key))
        return await asyncio.shield(lookup)

    async def _read(self, key: Digest, text: str | None) -> PlayableClip | None:
        entry = await self.recipes.get(key)
        if entry is None:
            self._found.pop(key, None)
            self._absent[key] = self.now()
            return None
        self._absent.pop(key, None)
        self.looked_up(entry)
        said = entry.labels.text or "" if text is None else text
        clip = playable(entry, text=said, base_url=self.base_url, small=await smaller(entry, self.recipes))
        _, before = self._found.get(key, (0.0, None))
        clip = before if before == clip else clip  # what is prepared for the one is good for the other
        self._found[key] = (self.now(), clip)
        return clip


def session_cap(session: str, limit: Decimal) -> Cap:
    """Return the cap on what new answers of a session cost."""
    return Cap(session_scope(session), limit, _SOURCE)


class ClipMaker(Protocol):
    """Port of the studio: renders clips, each recipe once, in this process or on workers."""

    def wanted(self, avatar: Avatar, *, text: str | None, locale: str, labels: Labels) -> WantedClip:
        """Return the clip that these words would be, with its keys; nothing is spoken or rendered."""
        ...

    async def clip(self, wanted: WantedClip, *, avatar: Avatar, caps: Collection[Cap] = ()) -> Entry:
        """Return the clip: at once if it is stored, else when it is rendered.

        Raises:
            RenderingError: it cannot be rendered; the subclass names the reason.
            StoreError: it cannot be stored.
        """
        ...


@dataclass(frozen=True, slots=True)
class VisitorsFirst:
    """Maker of visitors' clips: while it renders, the node's warm run begins no other clip."""

    maker: ClipMaker
    line: WaitingLine

    def wanted(self, avatar: Avatar, *, text: str | None, locale: str, labels: Labels) -> WantedClip:
        """Return the clip that these words would be."""
        return self.maker.wanted(avatar, text=text, locale=locale, labels=labels)

    async def clip(self, wanted: WantedClip, *, avatar: Avatar, caps: Collection[Cap] = ()) -> Entry:
        """Return the clip, before those that nobody waits for."""
        with self.line.visitor():
            return await self.maker.clip(wanted, avatar=avatar, caps=caps)


def film_keys(wanted: WantedClip) -> tuple[Digest, ...]:
    """Return the recipe keys of a film by all its renderers, of its speech, and of its pieces."""
    keys = [key for clip in wanted.chain for key in (clip.key, *((clip.speech.key,) if clip.speech else ()))]
    return tuple(dict.fromkeys([*keys, *(key for part in wanted.parts for key in film_keys(part))]))


def clips_by_words(clips: Sequence[WantedClip]) -> dict[tuple[str, str], WantedClip]:
    """Return the spoken clips of a catalog by their words and locale."""
    return {(line.text, line.locale): clip for clip in clips for line in clip.lines if line.text and not line.part}


@dataclass(frozen=True, slots=True)
class StudioClipRequester:
    """Requester of new clips of the served avatar.

    The same words are rendered once, however many visitors ask. `session_limit` is the highest cost of one
    session, in dollars, if a session is named. `catalogued` has the clips of the catalog: an answer that is not
    rendered yet becomes its own clip, with the author's recording and in pieces if it is long.
    """

    clips: ClipMaker
    avatar: Avatar
    base_url: str = ""
    session_limit: Decimal | None = None
    catalogued: Mapping[tuple[str, str], WantedClip] = field(default_factory=dict)
    may_show: Callable[[str], bool] = lambda _locale: True
    """Asked with the locale before a clip is looked up or ordered."""
    traces: SessionTraces | None = None
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    recipes: RecipeIndex | None = None
    """Where small renditions are looked up; without it there are none."""

    async def film(self, text: str, *, locale: str, session: str | None = None, trace: str = "") -> PlayableClip:
        """Return the clip of these words; render it if it is not stored.

        Raises:
            ConsentMissingError: the avatar's consent does not cover this locale today.
            SessionNotFoundError: the session is erased.
        """
        if not self.may_show(locale):
            raise ConsentMissingError(f"The consent for avatar `{self.avatar.id}` does not cover {locale!r} today.")
        labels = Labels.generated_answer(text, locale=locale, traceparent=trace)
        wanted = self.catalogued.get((text, locale))
        if wanted is None:
            wanted = self.clips.wanted(self.avatar, text=text, locale=locale, labels=labels)
            if session is not None and self.traces is not None:
                await self.traces.ask(session, film_keys(wanted), now=self.clock())
        limit = self.session_limit
        caps = () if session is None or limit is None else (session_cap(session, limit),)
        entry = await self.clips.clip(wanted, avatar=self.avatar, caps=caps)
        small = await smaller(entry, self.recipes) if self.recipes else None
        return playable(entry, text=text, base_url=self.base_url, small=small)
