"""Simulated OpenAI and compatible servers: speech without times, chat, models.

And Kokoro's speech with the time of every word.
"""

import base64
import json
from collections.abc import AsyncIterator, Mapping
from decimal import Decimal
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from app.simulators.audio import MEDIA_TYPES, encode
from app.simulators.chat_model import ChatModel
from app.simulators.context import SimulatorContext
from app.simulators.error_replies import ErrorReply, ReplyBody
from app.simulators.fault_transport import Endpoint, wired
from app.simulators.faults import Operation
from app.simulators.request_parsing import bearer, json_body, text
from app.simulators.speech import SpeechEngine, Spoken
from app.simulators.vendor import Profile, SimulatedProvider

_RATE = 24_000
_LONGEST = 4_096
_CHUNK = 16 * 1024
_SPEECH_PRICE = Decimal("0.015")
"""Dollars per 1000 characters."""
_FORMATS = {"mp3", "opus", "aac", "flac", "wav", "pcm"}
MODELS = {
    "tts-1": "2027-01-06",
    "tts-1-hd": "2027-01-06",
    "gpt-4o-mini-tts": "2027-01-06",
    "gpt-5-mini": None,
    "kokoro": None,
}
"""Models of `GET /v1/models`, with the day they are shut down; any other name is accepted too."""
_KINDS = {
    401: ("invalid_request_error", "invalid_api_key"),
    402: ("insufficient_quota", "insufficient_quota"),
    404: ("invalid_request_error", "model_not_found"),
    429: ("requests", "rate_limit_exceeded"),
    500: ("server_error", None),
    503: ("server_error", None),
}


def say(status: int, message: str) -> ReplyBody:
    """Make an error reply: `{error: {message, type, param, code}}`."""
    kind, code = _KINDS.get(status, ("invalid_request_error", None))
    return ReplyBody(status, {"error": {"message": message, "type": kind, "param": None, "code": code}})


PROFILE = Profile(name="openai", say=say, places=50)


def create_openai(stage: SimulatorContext) -> tuple[SimulatedProvider, FastAPI]:
    """Make the provider and its app; all paths are as on the wire."""
    vendor = SimulatedProvider(PROFILE, stage)
    api, chat = OpenAI(vendor), ChatModel(vendor)
    rows = [
        Endpoint("POST", "/v1/audio/speech", api.speech, Operation.SUBMIT),
        Endpoint("POST", "/v1/chat/completions", chat.complete, Operation.SUBMIT),
        Endpoint("POST", "/v1/moderations", chat.moderate, Operation.POLL),
        Endpoint("GET", "/v1/models", api.models),
        Endpoint("GET", "/v1/audio/voices", api.voices),
        Endpoint("POST", "/dev/captioned_speech", api.captioned, Operation.SUBMIT),
    ]
    return vendor, wired(vendor, rows)


class OpenAI:
    """Handlers of api.openai.com and compatible servers."""

    def __init__(self, vendor: SimulatedProvider) -> None:
        self._vendor = vendor
        self._throat = SpeechEngine(vendor)

    async def speech(self, request: Request) -> Response:
        """`POST /v1/audio/speech` -> bytes, or events with `stream_format` sse."""
        self._check(request)
        sound, shape, _, body = await self._speak(request)
        if body.get("stream_format") == "sse":
            return StreamingResponse(_sse_audio(sound), media_type="text/event-stream")
        return Response(sound, media_type=MEDIA_TYPES[shape], headers={"x-request-id": self._vendor.stage.new_id()})

    async def captioned(self, request: Request) -> Response:
        """Kokoro's `POST /dev/captioned_speech`; streams JSON lines by default. No key."""
        sound, shape, spoken, body = await self._speak(request)
        times = [{"word": w.text, "start_time": w.start_s, "end_time": w.end_s} for w in spoken.utterance.words]
        answer = {"audio": base64.b64encode(sound).decode(), "audio_format": MEDIA_TYPES[shape], "timestamps": times}
        if body.get("stream", True):
            return StreamingResponse(iter([json.dumps(answer) + "\n"]), media_type="application/json")
        return JSONResponse(answer)

    async def models(self, request: Request) -> Response:
        """`GET /v1/models`."""
        self._check(request)
        rows = [
            {"id": name, "object": "model", "created": 1_700_000_000, "owned_by": "simulator", "shutdown_date": day}
            for name, day in MODELS.items()
        ]
        return JSONResponse({"object": "list", "data": rows})

    async def voices(self, _: Request) -> Response:
        """Kokoro's `GET /v1/audio/voices`."""
        return JSONResponse({"voices": ["af_heart", "af_bella", "am_adam"]})

    async def _speak(self, request: Request) -> tuple[bytes, str, Spoken, dict[str, Any]]:
        body = await json_body(request, self._vendor)
        words, shape = text(body, "input"), body.get("response_format") or "mp3"
        speed = body.get("speed", 1.0)
        if words is None or text(body, "model") is None or not body.get("voice"):
            raise _refusal("input, model and voice are required", None)
        if len(words) > _LONGEST:
            raise _refusal(f"input has {len(words)} characters, {_LONGEST} at most", "string_above_max_length")
        if shape not in _FORMATS or not isinstance(speed, int | float) or not 0.25 <= speed <= 4:
            raise _refusal("response_format or speed is out of range", None)
        async with self._throat.place(PROFILE.places):
            spoken = await self._throat.speak(words, speed=float(speed))
            sound = await self._throat.run(encode, spoken.at_rate(_RATE), _RATE, str(shape))
        self._throat.charge("speech", len(words), _SPEECH_PRICE * len(words) / 1000)
        return sound, str(shape), spoken, body

    def _check(self, request: Request) -> None:
        self._vendor.check_key(bearer(request))


def _refusal(message: str, code: str | None) -> ErrorReply:
    return ErrorReply(
        ReplyBody(400, {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}})
    )


async def _sse_audio(sound: bytes) -> AsyncIterator[str]:
    for at in range(0, len(sound), _CHUNK):
        part = base64.b64encode(sound[at : at + _CHUNK]).decode()
        yield _data({"type": "speech.audio.delta", "audio": part})
    yield _data({"type": "speech.audio.done", "usage": {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}})


def _data(body: Mapping[str, Any]) -> str:
    return f"data: {json.dumps(body)}\n\n"
