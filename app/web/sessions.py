"""Sessions over HTTP: a visitor's page gets a token, or erases a session."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from app.author_errors import SpeechBusyError
from app.conversation.protocol.parts import optional
from app.errors import AccessError, GreenroomError, OriginError, RateLimitedError
from app.web.deps import State
from app.web.problems import STATUS, problem
from app.web.visitors import allowed_origin

router = APIRouter(tags=["visitors"])


class SessionRequest(BaseModel):
    """Options of a new session."""

    locale: str | None = Field(
        None, max_length=35, description="BCP 47 tag; the nearest locale of the catalog is spoken"
    )


class SessionToken(BaseModel):
    """Token for the first frame on the socket."""

    token: str
    expires_s: int
    contact: str | None = optional("where people are reached, to be shown if nothing opens")


@router.post("/v1/sessions", response_model=SessionToken)
async def create_session(request: Request, state: State, wish: SessionRequest | None = None) -> Response:
    """Give a short-lived token for one session on `WS /v1/chat`; the page's origin must be allowed."""
    headers = cross_origin(request)
    try:
        origin = allowed_origin(request.headers, state.container.web)
        await state.visitors.admit(state.visitors.address_of(request), "token")
    except (OriginError, RateLimitedError) as error:
        # With these headers the refused page can read the refusal, and does not try again for ever.
        return problem(
            STATUS[error.code], error.code, str(error), headers=headers | waiting(error), retryable=error.retryable
        )
    issued = state.tokens.issue(origin=origin, locale=wish.locale if wish else None)
    contact = state.container.web.contact
    return JSONResponse(asdict(issued) | ({"contact": contact} if contact else {}), headers=headers)


class VendorCopies(BaseModel):
    """Videos at providers, by provider."""

    deleted: dict[str, int]
    left: dict[str, int] = Field(description="these have no address to delete them by, or did not: ask the provider")


class ErasureReceiptView(BaseModel):
    """Receipt of an erased session: counts, no words."""

    session: str = Field(description="16 digits of the sha256 of its id, as in the audit log")
    erased_at: datetime
    erased: dict[str, int] = Field(description="what went, by kind; kinds of which nothing went are left out")
    vendor_copies: VendorCopies
    left: list[str] = Field(description="what is not erased, a sentence each")


@router.delete("/v1/sessions/{session}", response_model=ErasureReceiptView)
async def erase_session(request: Request, state: State, session: Annotated[str, Path(max_length=128)]) -> Response:
    """Erase a session and everything that it caused: words, films, counts; return a receipt.

    Send its newest resume token in `Authorization: Bearer …`.
    """
    return await _for_its_visitor(
        request, state, lambda token: _erased(state, session, token), lacks="a session that is not erased yet"
    )


@router.get("/v1/sessions/{session}")
async def export_session(request: Request, state: State, session: Annotated[str, Path(max_length=128)]) -> Response:
    """Export what is stored of a session: its turns, and which films it asked for.

    Send its newest resume token in `Authorization: Bearer …`.
    """
    return await _for_its_visitor(
        request, state, lambda token: state.hub.export(session, token=token), lacks="a session that is not erased"
    )


async def _erased(state: State, session: str, token: str) -> dict[str, Any] | None:
    receipt = await state.hub.erase(session, token=token)
    return receipt.document() if receipt else None


async def _for_its_visitor(
    request: Request, state: State, work: Callable[[str], Awaitable[dict[str, Any] | None]], *, lacks: str
) -> Response:
    """Answer with the result of work that asks for a session's newest resume token; None says that it was another."""
    headers = cross_origin(request)
    try:
        await state.visitors.admit(state.visitors.address_of(request), "erasing")
    except RateLimitedError as error:
        return problem(STATUS[error.code], error.code, str(error), headers=headers | waiting(error), retryable=True)
    token = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
    document = await work(token) if token else None
    if document is None:
        detail = f"Expected the resume token of {lacks} in `Authorization: Bearer`."
        return problem(STATUS[AccessError.code], AccessError.code, detail, headers=headers)
    return JSONResponse(document, headers=headers)


@router.options("/v1/sessions/{session}", include_in_schema=False)
@router.options("/v1/sessions", include_in_schema=False)
async def preflight(request: Request, session: str = "") -> Response:
    """Allow a browser to post JSON; the answer to the POST decides whether its page gets a token."""
    del session
    return Response(status_code=204, headers=cross_origin(request))


def waiting(error: GreenroomError) -> dict[str, str]:
    """Return the header that says when to try again, for errors that know it."""
    wait_s = error.retry_after_s if isinstance(error, RateLimitedError | SpeechBusyError) else None
    return {"retry-after": str(max(1, round(wait_s)))} if wait_s else {}


def cross_origin(request: Request) -> dict[str, str]:
    """Return the headers with which a page on another origin may read an answer."""
    shared = {"vary": "Origin", "cache-control": "no-store", "cross-origin-resource-policy": "cross-origin"}
    origin = request.headers.get("origin")
    if origin is None:
        return shared
    return shared | {
        "access-control-allow-origin": origin,
        "access-control-allow-methods": "GET, POST, DELETE",
        "access-control-allow-headers": "content-type, authorization",
        "access-control-max-age": "600",
    }
