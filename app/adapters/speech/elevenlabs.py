"""ElevenLabs: speech with the time of every character."""

import asyncio
import base64
import binascii
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from app.adapters.http.endpoint import Access
from app.adapters.http.response import Response
from app.adapters.speech.base import open_wire, say
from app.adapters.speech.phonemes import phoneme_tags, untagged
from app.adapters.speech.word_times import Level, words_of_characters, words_spread
from app.catalog.spoken.form import without_phonemes
from app.digest import digest_json
from app.errors import LimitExceededError, OutcomeUnknownError
from app.rendering.ports import SpeechRequest, Spoken
from app.rendering.tariffs import Tariff, Usage

HOME = "https://api.elevenlabs.io"
MODEL = "eleven_multilingual_v2"
FORMAT = "mp3_44100_128"
"""Output format that every plan allows."""
_PHONEME_MODELS = frozenset({"eleven_flash_v2", "eleven_turbo_v2", "eleven_monolingual_v1"})
"""Models that read SSML's `phoneme` tag; the others would speak around it."""
_MOST_CHARS = {"eleven_multilingual_v2": 10_000}
_MOST_CHARS_FAST = 40_000


class ElevenLabsSpeech:
    """ElevenLabs as a speech provider.

    Args:
        tariff: the price of `model`.
        level: finishes the sound, see `Level`.
        settings: `stability`, `similarity_boost`, `style`, `use_speaker_boost`, as ElevenLabs takes them.
    """

    name = "elevenlabs"

    def __init__(
        self,
        access: Access,
        level: Level,
        tariff: Tariff,
        *,
        model: str = MODEL,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        self.tariff = tariff
        self._wire = open_wire(HOME, access, {"xi-api-key": access.key})
        self._level = level
        self._model = model
        self._settings = dict(settings or {})

    @property
    def version(self) -> str:
        """Return model, format and settings: each changes the sound."""
        settings_tag = digest_json({"settings": self._settings})[:8] if self._settings else "plain"
        return f"1/{self._model}/{FORMAT}/{settings_tag}"

    @property
    def _takes_phonemes(self) -> bool:
        return self._model in _PHONEME_MODELS

    async def speak(self, request: SpeechRequest) -> Spoken:
        """Request the sentence with its times, as `speak_billed` does."""
        return (await self.speak_billed(request))[0]

    async def speak_billed(self, request: SpeechRequest) -> tuple[Spoken, Usage]:
        """Request the sentence with its times; `request.voice` is ElevenLabs' voice id.

        Raises:
            LimitExceededError, ProviderRefusedError: the service refuses this request.
            ProviderUnavailableError: not now.
            OutcomeUnknownError: it may be billed, and there is no sound.
        """
        longest = _MOST_CHARS.get(self._model, _MOST_CHARS_FAST)
        if len(request.text) > longest:
            raise LimitExceededError(
                f"Expected up to {longest} characters for {self._model}, got {len(request.text)}; shorten it."
            )
        url = f"/v1/text-to-speech/{quote(request.voice, safe='')}/with-timestamps"
        answer = await say(self._wire, url, self._body(request), params={"output_format": FORMAT})
        document = answer.document or {}
        sound = _decoded(document.get("audio_base64"))
        alignment = document.get("alignment") or document.get("normalized_alignment") or {}
        words = words_of_characters(untagged(alignment) if self._takes_phonemes else alignment)
        spoken = await asyncio.to_thread(self._level, sound, words)
        used = _usage(request.text, answer)
        if spoken.words:
            return spoken, used
        return Spoken(
            spoken.wav, spoken.duration_s, words_spread(without_phonemes(request.text), spoken.duration_s)
        ), used

    async def aclose(self) -> None:
        """Close the connections."""
        await self._wire.aclose()

    def _body(self, request: SpeechRequest) -> dict[str, Any]:
        settings = {**self._settings, **({"speed": request.speed} if request.speed != 1.0 else {})}
        text = phoneme_tags(request.text) if self._takes_phonemes else without_phonemes(request.text)
        body: dict[str, Any] = {"text": text, "model_id": self._model}
        if settings:
            body["voice_settings"] = settings
        if "v2_5" in self._model or "v3" in self._model:  # the others refuse a language
            body["language_code"] = request.locale.partition("-")[0].lower()
        return body


def _decoded(text: object) -> bytes:
    try:
        if isinstance(text, str) and text:
            return base64.b64decode(text, validate=True)
    except binascii.Error:
        pass
    raise OutcomeUnknownError("Expected sound from ElevenLabs, got an answer without any; it may be billed.")


def _usage(text: str, answer: Response) -> Usage:
    """Return the characters that ElevenLabs counts, or ours where it does not say."""
    counted = answer.headers.get("x-character-count", "")
    characters = int(counted) if counted.isdigit() else len(text)
    return Usage(characters, request_id=answer.headers.get("request-id", ""))
