"""Route of spoken questions: sound in, words out. Nothing is kept, and no log has the words."""

import asyncio
import re
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from app.author_errors import SpeechBusyError
from app.catalog.spoken.figures import language_of
from app.conversation.rate_limits import Rate
from app.conversation.visitor_speech.sound import read_question
from app.errors import GreenroomError, MediaError, NotFoundError, RateLimitedError
from app.runtime.wiring.answer_switch import AnswerSwitch
from app.web.deps import State
from app.web.problems import STATUS, problem
from app.web.sessions import cross_origin, waiting
from app.web.visitors import allowed_origin

router = APIRouter(tags=["visitors"])

LISTEN = ("POST", re.compile(r"/v1/listen"))
"""Method and path, for the limit of the body."""

SESSION_RATE = Rate(12, 0.5)
"""Sounds of one session: twelve at once, then one every two seconds; nobody talks faster for long."""


SESSION = "greenroom-session"
"""Header with the session's id: an address is in the log of every proxy."""

_SESSION = "the session it is for; its sounds are counted"


class HeardView(BaseModel):
    """Words of a spoken question."""

    text: str = Field(description="what was said; empty if nobody spoke")
    locale: str = Field(description="the locale in which it was heard")
    confidence: float = Field(description="0 to 1, by the recogniser's own account")
    speech_s: float = Field(description="how long somebody spoke")
    silence_s: float = Field(description="how long nobody had when the sound ended")
    took_s: float = Field(description="time from the last byte to these words")


@router.post(
    "/v1/listen",
    response_model=HeardView,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"audio/wav": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def listen(
    request: Request,
    state: State,
    locale: Annotated[str, Query(max_length=35, description="BCP 47 tag of the language that is spoken")] = "en",
    session: Annotated[str, Header(alias=SESSION, max_length=128, description=_SESSION)] = "",
) -> Response:
    """Hear a question that was spoken into a browser, and return its words.

    The body is WAV with 16 bits, one channel, 16 kHz and at most 20 s; `Authorization: Bearer` has a fresh token of
    `POST /v1/sessions`. The sound is not kept.
    """
    headers = cross_origin(request)
    try:
        heard = await _heard(request, state, locale=locale, session=session)
    except GreenroomError as error:
        wait = waiting(error)
        return problem(STATUS[error.code], error.code, str(error), headers=headers | wait, retryable=error.retryable)
    return JSONResponse(heard.model_dump(), headers=headers)


@router.options("/v1/listen", include_in_schema=False)
async def preflight(request: Request) -> Response:
    """Allow a browser to post sound; the answer to the POST decides whether it is heard."""
    allowed = {"access-control-allow-headers": f"content-type, authorization, {SESSION}"}
    return Response(status_code=204, headers=cross_origin(request) | allowed)


async def _heard(request: Request, state: State, *, locale: str, session: str) -> HeardView:
    origin = allowed_origin(request.headers, state.container.web)
    await state.visitors.admit(state.visitors.address_of(request), "speech")
    if state.speech is None:
        raise NotFoundError("This server does not hear visitors; GREENROOM_SPEECH_SEATS switches it on.")
    shown = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
    state.tokens.redeem(shown, origin=origin)
    if session:
        await _admit_session(state, session)
    if await AnswerSwitch(state.container.audit).pause():
        raise SpeechBusyError("New answers are paused, and hearing with them; type instead.", retry_after_s=60)
    await state.speech.load()
    language = language_of(locale)
    if language not in state.speech.recogniser.languages:
        raise MediaError(f"Expected a language that the recogniser knows, got {locale[:35]!r}.")
    clock = state.container.clock
    question = await asyncio.to_thread(read_question, await request.body())
    began = clock.monotonic()
    heard = await state.speech.recognise(question, language)
    return HeardView(
        text=heard.text,
        locale=locale,
        confidence=heard.confidence,
        speech_s=heard.speech_s,
        silence_s=heard.silence_s,
        took_s=round(clock.monotonic() - began, 3),
    )


async def _admit_session(state: State, session: str) -> None:
    wait_s = await state.visitors.take(f"speech:{session}", SESSION_RATE)
    if wait_s:
        raise RateLimitedError("Too many sounds of one session; wait a little.", retry_after_s=round(wait_s, 1))
