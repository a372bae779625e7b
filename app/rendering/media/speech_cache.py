"""Speech cache: stores speech under a recipe of its own, so that a new portrait does not pay for it again.

Missing speech of a paid voice is reserved in the ledger before it is requested.
"""

import asyncio
import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from app.digest import Digest
from app.errors import OutcomeUnknownError, ProviderRefusedError, ProviderUnavailableError
from app.rendering.ledger.calls_meter import CallMeter
from app.rendering.ledger.port import Cap
from app.rendering.ledger.states import Render
from app.rendering.media.written_words import written_words
from app.rendering.ports import Speech, SpeechRequest, Spoken, TimedSpan
from app.rendering.single_flight import SingleFlight
from app.rendering.tariffs import PaidSpeech, Usage
from app.store.labels import Labels
from app.store.ports import BlobStore, Entry, RecipeIndex
from app.store.recipes import SpeechRecipe


@dataclass(frozen=True, slots=True)
class StoredSpeech:
    """Stored speech, and the times of its words and phonemes."""

    key: Digest
    audio: Digest
    duration_s: float
    words: tuple[TimedSpan, ...]
    phones: tuple[TimedSpan, ...]


class SpeechCache:
    """Stores speech, and requests missing speech from the voice; concurrent callers share one request."""

    def __init__(
        self, blobs: BlobStore, recipes: RecipeIndex, *, clock: Callable[[], datetime], meter: CallMeter
    ) -> None:
        self._blobs = blobs
        self._recipes = recipes
        self._clock = clock
        self._meter = meter
        self._flights: SingleFlight[StoredSpeech] = SingleFlight()
        self._spoken_again: set[str] = set()

    async def sound(
        self, recipe: SpeechRecipe, speech: Speech, *, caps: Collection[Cap] = (), intent: str = ""
    ) -> StoredSpeech:
        """Return the recipe's speech, from the store if it is there; `intent` is what it is paid for.

        Raises:
            BudgetExceededError: one of the caps leaves no money for it; nothing was requested.
            ProviderRefusedError, ProviderUnavailableError: from the voice.
            StoreError: it could not be stored.
        """
        return await self._flights.join(recipe.key, lambda: self._sound(recipe, speech, caps, intent))

    async def forget_refused(self, recipe: SpeechRecipe, render: Render) -> None:
        """Delete the speech from before a render that is to be spoken again; once, however often it is tried."""
        if not render.labels.speaks_again or render.id in self._spoken_again:
            return
        self._spoken_again.add(render.id)
        entry = await self._recipes.get(recipe.key)
        if entry is not None and entry.created_at < render.created_at:  # another process may have spoken it since
            await self._recipes.delete(recipe.key)

    async def write(self, sound: StoredSpeech, destination: Path) -> None:
        """Write the WAV file for the renderer."""
        wav = await self._blobs.read(sound.audio)
        await asyncio.to_thread(destination.write_bytes, wav)

    async def _sound(self, recipe: SpeechRecipe, speech: Speech, caps: Collection[Cap], intent: str) -> StoredSpeech:
        entry = await self._recipes.get(recipe.key)
        if entry is None:
            request = SpeechRequest(recipe.spoken, recipe.locale, recipe.voice, recipe.speed)
            try:
                spoken = await self._spoken(request, speech, caps, intent)
            except ProviderRefusedError as error:
                error.voice = recipe.provider
                raise
            entry = await self._store(recipe, spoken)
        timing = json.loads(await self._blobs.read(entry.blobs["timing"]))
        return StoredSpeech(
            key=entry.key,
            audio=entry.blobs["audio"],
            duration_s=entry.media["duration_s"],
            words=_spans(timing["words"]),
            phones=_spans(timing["phones"]),
        )

    async def _spoken(self, request: SpeechRequest, speech: Speech, caps: Collection[Cap], intent: str) -> Spoken:
        """Request the speech; a lost answer is booked, and the speech may be requested again within the caps."""
        if not isinstance(speech, PaidSpeech):
            return await speech.speak(request)
        try:
            async with self._meter.metered(speech.tariff, Usage(len(request.text)), caps=caps, intent=intent) as bill:
                spoken, bill.used = await speech.speak_billed(request)
        except OutcomeUnknownError as error:
            raise ProviderUnavailableError(f"Cannot get the sound, which counts as paid: {error}") from error
        return spoken

    async def _store(self, recipe: SpeechRecipe, spoken: Spoken) -> Entry:
        words = written_words(spoken.words, recipe.form) if recipe.form else spoken.words
        timing = {"words": [asdict(span) for span in words], "phones": [asdict(span) for span in spoken.phones]}
        audio = await self._blobs.put_bytes(spoken.wav)
        times = await self._blobs.put_bytes(json.dumps(timing, ensure_ascii=False).encode())
        entry = Entry(
            key=recipe.key,
            kind="speech",
            recipe=recipe.document(),
            labels=Labels.spoken(recipe.text, locale=recipe.locale),
            blobs={"audio": audio.digest, "timing": times.digest},
            media={"duration_s": spoken.duration_s, "media_type": "audio/wav", "size_bytes": audio.size_bytes},
            created_at=self._clock(),
        )
        await self._recipes.put(entry)
        return await self._recipes.get(recipe.key) or entry


def _spans(rows: Sequence[dict[str, Any]]) -> tuple[TimedSpan, ...]:
    return tuple(TimedSpan(**row) for row in rows)
