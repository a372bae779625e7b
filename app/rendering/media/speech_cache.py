"""Speech cache: stores speech under a recipe of its own, so that a new portrait does not pay for it again."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from app.digest import Digest
from app.rendering.ports import Speech, SpeechRequest, Spoken, TimedSpan
from app.rendering.single_flight import SingleFlight
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

    def __init__(self, blobs: BlobStore, recipes: RecipeIndex, *, clock: Callable[[], datetime]) -> None:
        self._blobs = blobs
        self._recipes = recipes
        self._clock = clock
        self._flights: SingleFlight[StoredSpeech] = SingleFlight()

    async def sound(self, recipe: SpeechRecipe, speech: Speech) -> StoredSpeech:
        """Return the recipe's speech, from the store if it is there.

        Raises:
            ProviderRefusedError, ProviderUnavailableError: from the voice.
            StoreError: it could not be stored.
        """
        return await self._flights.join(recipe.key, lambda: self._sound(recipe, speech))

    async def write(self, sound: StoredSpeech, destination: Path) -> None:
        """Write the WAV file for the renderer."""
        wav = await self._blobs.read(sound.audio)
        await asyncio.to_thread(destination.write_bytes, wav)

    async def _sound(self, recipe: SpeechRecipe, speech: Speech) -> StoredSpeech:
        entry = await self._recipes.get(recipe.key)
        if entry is None:
            request = SpeechRequest(recipe.text, recipe.locale, recipe.voice, recipe.speed)
            entry = await self._store(recipe, await speech.speak(request))
        timing = json.loads(await self._blobs.read(entry.blobs["timing"]))
        return StoredSpeech(
            key=entry.key,
            audio=entry.blobs["audio"],
            duration_s=entry.media["duration_s"],
            words=_spans(timing["words"]),
            phones=_spans(timing["phones"]),
        )

    async def _store(self, recipe: SpeechRecipe, spoken: Spoken) -> Entry:
        timing = {"words": [asdict(span) for span in spoken.words], "phones": [asdict(span) for span in spoken.phones]}
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
