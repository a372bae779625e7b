"""Simulated ElevenLabs: speech as bytes, in chunks, and with the time of every character."""

import base64
import json
import math
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from app.simulators.audio import MEDIA_TYPES, encode
from app.simulators.context import SimulatorContext
from app.simulators.error_replies import ErrorReply, ReplyBody
from app.simulators.fault_transport import Endpoint, wired
from app.simulators.faults import Operation
from app.simulators.request_parsing import json_body, text
from app.simulators.speech import SpeechEngine, Spoken
from app.simulators.vendor import Profile, SimulatedProvider

_CHUNK = 16 * 1024
_LONGEST = {
    "eleven_multilingual_v2": 10_000,
    "eleven_v3": 5_000,
    "eleven_flash_v2_5": 40_000,
    "eleven_turbo_v2_5": 40_000,
}
_PRICES = {"eleven_flash_v2_5": Decimal("0.05"), "eleven_turbo_v2_5": Decimal("0.05")}
_PRICE = Decimal("0.10")
"""Dollars per 1000 characters."""
_STATUSES = {
    400: "invalid_request",
    401: "invalid_api_key",
    402: "payment_required",
    404: "not_found",
    429: "too_many_concurrent_requests",
    503: "system_busy",
}
_CODECS = {"mp3": "mp3", "opus": "opus", "pcm": "pcm", "wav": "wav", "ulaw": "ulaw", "alaw": "alaw"}
VOICES = ("21m00Tcm4TlvDq8ikWAM", "JBFqnCBsd6RMkjVDRZzb", "EXAVITQu4vr4xnSDxMaL")
"""Voices of the account; ids that start with `missing` get voice_not_found, all others speak."""


def say(status: int, message: str) -> ReplyBody:
    """Make an error reply: `{detail: {status, message}}`; for 422 the list of a validation."""
    if status == 422:
        return ReplyBody(status, {"detail": [{"loc": ["body"], "msg": message, "type": "value_error"}]})
    return ReplyBody(status, {"detail": {"status": _STATUSES.get(status, "internal_error"), "message": message}})


PROFILE = Profile(name="elevenlabs", say=say, places=5, files="history")


def create_elevenlabs(stage: SimulatorContext) -> tuple[SimulatedProvider, FastAPI]:
    """Make the provider and its app; all paths are as on the wire."""
    vendor = SimulatedProvider(PROFILE, stage)
    api = ElevenLabs(vendor)
    speech = "/v1/text-to-speech/{voice}"
    rows = [
        Endpoint("POST", speech, api.plain, Operation.SUBMIT),
        Endpoint("POST", f"{speech}/stream", api.stream, Operation.SUBMIT),
        Endpoint("POST", f"{speech}/with-timestamps", api.timed, Operation.SUBMIT),
        Endpoint("POST", f"{speech}/stream/with-timestamps", api.timed_stream, Operation.SUBMIT),
        Endpoint("GET", "/v1/models", api.models),
        Endpoint("GET", "/v1/voices", api.voices),
        Endpoint("GET", "/v1/user/subscription", api.subscription),
    ]
    return vendor, wired(vendor, rows)


@dataclass(frozen=True, slots=True)
class _Format:
    codec: str
    rate: int
    bitrate: int


class ElevenLabs:
    """Handlers of api.elevenlabs.io."""

    def __init__(self, vendor: SimulatedProvider) -> None:
        self._vendor = vendor
        self._throat = SpeechEngine(vendor)

    async def plain(self, request: Request) -> Response:
        """`POST /v1/text-to-speech/{voice_id}` -> bytes."""
        sound, shape, _ = await self._speak(request)
        return Response(sound, media_type=MEDIA_TYPES[shape.codec], headers={"request-id": self._vendor.stage.new_id()})

    async def stream(self, request: Request) -> Response:
        """`.../stream` -> the same in chunks."""
        sound, shape, _ = await self._speak(request)
        return StreamingResponse(_chunks(sound), media_type=MEDIA_TYPES[shape.codec])

    async def timed(self, request: Request) -> Response:
        """`.../with-timestamps` -> audio in base64 and the alignment of its characters."""
        sound, _, spoken = await self._speak(request)
        characters = str(len(spoken.utterance.characters))
        headers = {"request-id": self._vendor.stage.new_id(), "x-character-count": characters}
        return JSONResponse(_aligned(sound, spoken), headers=headers)

    async def timed_stream(self, request: Request) -> Response:
        """`.../stream/with-timestamps` -> the same object per chunk, one a line.

        The first carries the alignment.
        """
        sound, _, spoken = await self._speak(request)
        whole = _aligned(b"", spoken)
        parts = [sound[at : at + _CHUNK] for at in range(0, len(sound), _CHUNK)]
        empty = {"alignment": None, "normalized_alignment": None}
        lines = [
            json.dumps({**(whole if at == 0 else empty), "audio_base64": base64.b64encode(part).decode()}) + "\n"
            for at, part in enumerate(parts)
        ]
        return StreamingResponse(iter(lines), media_type="application/json")

    async def models(self, request: Request) -> Response:
        """`GET /v1/models`."""
        self._check(request)
        return JSONResponse([{"model_id": name, "name": name, "can_do_text_to_speech": True} for name in _LONGEST])

    async def voices(self, request: Request) -> Response:
        """`GET /v1/voices`."""
        self._check(request)
        return JSONResponse({"voices": [{"voice_id": one, "name": f"Voice {at}"} for at, one in enumerate(VOICES)]})

    async def subscription(self, request: Request) -> Response:
        """`GET /v1/user/subscription`."""
        self._check(request)
        used = sum(use.characters for use in self._vendor.usage)
        return JSONResponse(
            {"tier": "creator", "character_count": used, "character_limit": 1_000_000, "status": "active"}
        )

    async def _speak(self, request: Request) -> tuple[bytes, _Format, Spoken]:
        self._check(request)
        body = await json_body(request, self._vendor, status=422)
        words, model = text(body, "text"), text(body, "model_id") or "eleven_multilingual_v2"
        if words is None:
            raise self._vendor.refuse(422, "text: Field required")
        self._judge(str(request.path_params["voice"]), model, words)
        shape = self._format(request.query_params.get("output_format", "mp3_44100_128"))
        price = _PRICES.get(model, _PRICE) * len(words) / 1000
        async with self._throat.place(PROFILE.places):
            spoken = await self._throat.speak(words, speed=_speed(body))
            sound = await self._throat.run(
                encode, spoken.at_rate(shape.rate), shape.rate, shape.codec, bitrate=shape.bitrate
            )
        self._throat.charge(f"text-to-speech {model}", len(words), price)
        return sound, shape, spoken

    def _judge(self, voice: str, model: str, words: str) -> None:
        if voice.startswith("missing"):
            raise _refusal(400, "voice_not_found", f"A voice for the voice_id {voice} was not found.")
        if model not in _LONGEST:
            raise _refusal(400, "model_not_found", f"A model with the model_id {model} was not found.")
        if len(words) > _LONGEST[model]:
            raise _refusal(
                400, "max_character_limit_exceeded", f"The text has {len(words)} characters, {_LONGEST[model]} at most."
            )

    def _format(self, name: str) -> _Format:
        codec, _, rest = name.partition("_")
        rate, _, kilobits = rest.partition("_")
        if codec not in _CODECS or not rate.isdigit():
            raise self._vendor.refuse(422, f"output_format: {name!r} is none of the known formats")
        return _Format(_CODECS[codec], int(rate), int(kilobits or 128) * 1000)

    def _check(self, request: Request) -> None:
        self._vendor.check_key(request.headers.get("xi-api-key"))


def _refusal(status: int, code: str, message: str) -> ErrorReply:
    return ErrorReply(ReplyBody(status, {"detail": {"status": code, "message": message}}))


def _speed(body: Mapping[str, Any]) -> float:
    settings = body.get("voice_settings")
    speed = settings.get("speed") if isinstance(settings, dict) else None
    return float(speed) if isinstance(speed, int | float) and math.isfinite(speed) and speed > 0 else 1.0


def _aligned(sound: bytes, spoken: Spoken) -> dict[str, Any]:
    alignment = {
        "characters": [span.text for span in spoken.utterance.characters],
        "character_start_times_seconds": [round(span.start_s, 3) for span in spoken.utterance.characters],
        "character_end_times_seconds": [round(span.end_s, 3) for span in spoken.utterance.characters],
    }
    audio = base64.b64encode(sound).decode()
    return {"audio_base64": audio, "alignment": alignment, "normalized_alignment": alignment}


async def _chunks(sound: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(sound), _CHUNK):
        yield sound[at : at + _CHUNK]
