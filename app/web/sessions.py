"""`POST /v1/sessions`: a visitor's page asks for a token."""

from dataclasses import asdict

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from app.errors import OriginError
from app.web.deps import State
from app.web.origins import allowed_origin
from app.web.problems import STATUS, problem

router = APIRouter(tags=["visitors"])


class SessionRequest(BaseModel):
    """What may be wished for."""

    locale: str | None = Field(None, max_length=35, description="BCP 47 tag; the nearest one spoken is taken")


class SessionToken(BaseModel):
    """Goes into the first frame on the socket."""

    token: str
    expires_s: int


@router.post("/v1/sessions", response_model=SessionToken)
async def create_session(request: Request, state: State, wish: SessionRequest | None = None) -> Response:
    """Give a short-lived token for one session on `WS /v1/chat`; the page's origin must be allowed."""
    shared = _cross_origin(request)
    try:
        origin = allowed_origin(request.headers, state.container.web)
    except OriginError as error:
        # With these headers the refused page can read that it is refused, and need not try again for ever.
        return problem(STATUS[error.code], error.code, str(error), headers=shared)
    issued = state.tokens.issue(origin=origin, locale=wish.locale if wish else None)
    return JSONResponse(asdict(issued), headers=shared)


@router.options("/v1/sessions", include_in_schema=False)
async def preflight(request: Request) -> Response:
    """Let a browser post JSON here; whether its page gets a token is told by the answer to that."""
    return Response(status_code=204, headers=_cross_origin(request))


def _cross_origin(request: Request) -> dict[str, str]:
    shared = {"vary": "Origin", "cache-control": "no-store", "cross-origin-resource-policy": "cross-origin"}
    origin = request.headers.get("origin")
    if origin is None:
        return shared
    return shared | {
        "access-control-allow-origin": origin,
        "access-control-allow-methods": "POST",
        "access-control-allow-headers": "content-type",
        "access-control-max-age": "600",
    }
