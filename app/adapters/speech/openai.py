"""OpenAI's speech request, which many self-hosted servers accept, and Kokoro's own with word times."""

import asyncio
import base64
import binascii
from typing import Any, Literal

from app.adapters.http.endpoint import Access
from app.adapters.http.response import Response
from app.adapters.speech.base import open_wire, say
from app.adapters.speech.word_times import Level, words_as_listed, words_spread
from app.catalog.spoken.form import without_phonemes
from app.errors import LimitExceededError, OutcomeUnknownError, ProviderRefusedError
from app.rendering.ports import SpeechRequest, Spoken, TimedSpan
from app.rendering.tariffs import Tariff, Usage

HOME = "https://api.openai.com"
MODEL = "gpt-4o-mini-tts"
"""Default model. OpenAI ends it on 2027-01-06; other servers will go on accepting the request's shape."""
MOST_CHARS = 4_096
_SLOWEST, _FASTEST = 0.25, 4.0

WordTimes = Literal["auto", "captioned", "spread"]
"""Source of word times.

`captioned`: Kokoro's `/dev/captioned_speech`; `spread`: words spread over the sound; `auto`: captioned for
the model `kokoro`, unless the server has no such path.
"""


class OpenAISpeech:
    """Speech over any server with `/v1/audio/speech`.

    Args:
        access: `base_url` may end in `/v1`, as OpenAI's own tools want it, or not.
        level: finishes the sound, see `Level`.
        tariff: the price of `model`.
        instructions: the manner of speaking, for models that take it.
    """

    name = "openai"

    def __init__(
        self,
        access: Access,
        level: Level,
        tariff: Tariff,
        *,
        model: str = MODEL,
        word_times: WordTimes = "auto",
        instructions: str = "",
    ) -> None:
        self.tariff = tariff
        base = access.base_url.rstrip("/").removesuffix("/v1") if access.base_url else None
        own_access = Access(access.key, base_url=base)
        self._wire = open_wire(HOME, own_access, {"Authorization": f"Bearer {access.key}"})
        self._level = level
        self._model = model
        self._instructions = instructions
        self._captioned = word_times == "captioned" or (word_times == "auto" and model == "kokoro")
        self._captions_required = word_times == "captioned"

    @property
    def version(self) -> str:
        """Return model and instructions: each changes the sound."""
        return f"1/{self._model}/{self._instructions}".rstrip("/")

    async def speak(self, request: SpeechRequest) -> Spoken:
        """Request the sentence, as `speak_billed` does."""
        return (await self.speak_billed(request))[0]

    async def speak_billed(self, request: SpeechRequest) -> tuple[Spoken, Usage]:
        """Request the sentence.

        Raises:
            LimitExceededError, ProviderRefusedError: the service refuses this request.
            ProviderUnavailableError: not now.
            OutcomeUnknownError: it may be billed, and there is no sound.
        """
        if len(request.text) > MOST_CHARS:
            raise LimitExceededError(f"Expected up to {MOST_CHARS} characters, got {len(request.text)}; shorten it.")
        if not _SLOWEST <= request.speed <= _FASTEST:
            raise ProviderRefusedError(
                f"Expected a speed of {_SLOWEST} to {_FASTEST}, got {request.speed!r}.", reason="input"
            )
        answer, sound, words = await self._sound(request)
        spoken = await asyncio.to_thread(self._level, sound, words)
        used = Usage(len(request.text), request_id=answer.headers.get("x-request-id", ""))
        if spoken.words:
            return spoken, used
        return Spoken(
            spoken.wav, spoken.duration_s, words_spread(without_phonemes(request.text), spoken.duration_s)
        ), used

    async def aclose(self) -> None:
        """Close the connections."""
        await self._wire.aclose()

    async def _sound(self, request: SpeechRequest) -> tuple[Response, bytes, tuple[TimedSpan, ...]]:
        body = self._body(request)
        if self._captioned:
            try:
                answer = await say(self._wire, "/dev/captioned_speech", {**body, "stream": False})
            except ProviderRefusedError:
                if self._captions_required:
                    raise
                self._captioned = False  # this server has no word times
            else:
                return answer, *_captioned(answer)
        answer = await say(self._wire, "/v1/audio/speech", body)
        if not answer.body or "json" in answer.headers.get("content-type", "") or answer.body.lstrip()[:1] == b"<":
            raise OutcomeUnknownError(f"Expected sound, got {self._wire.shown(answer)!r}; it may be billed.")
        return answer, answer.body, ()

    def _body(self, request: SpeechRequest) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self._model,
            "input": request.text if self._model == "kokoro" else without_phonemes(request.text),
            "voice": request.voice,
            "response_format": "wav",
            "speed": request.speed,
        }
        unstreamed = {"stream": False} if self._model == "kokoro" else {}  # Kokoro would send it in pieces
        return {**body, **unstreamed, **({"instructions": self._instructions} if self._instructions else {})}


def _captioned(answer: Response) -> tuple[bytes, tuple[TimedSpan, ...]]:
    document = answer.document or {}
    try:
        sound = base64.b64decode(document.get("audio") or "", validate=True)
        words = words_as_listed(document.get("timestamps") or [])
    except (binascii.Error, KeyError, TypeError, ValueError) as error:
        raise OutcomeUnknownError("Expected sound with word times, got something else; it may be billed.") from error
    if not sound:
        raise OutcomeUnknownError("Expected sound with word times, got no sound; it may be billed.")
    return sound, words
