"""Webhooks of providers: verified on the raw body, stored, answered at once."""

from http import HTTPStatus
from typing import Annotated

import structlog
from fastapi import APIRouter, Path, Request, Response

from app.errors import AccessError, NotFoundError
from app.web.deps import State

router = APIRouter(tags=["webhooks"])
log = structlog.get_logger()

Name = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,40}$")]
Token = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{16,64}$")]


@router.post("/v1/hooks/{provider}/{token}", status_code=HTTPStatus.NO_CONTENT)
async def receive(provider: Name, token: Token, request: Request, state: State) -> Response:
    """Receive a provider's webhook about one attempt: 204 once it is stored, also if it came before.

    401 if it is not the provider's or is too old, 404 if this provider sends no webhooks here, 503 if its
    keys cannot be fetched now: it will send again. A webhook about a job of no render is stored apart, and
    counted.
    """
    receiver = state.container.callbacks
    if receiver is None:
        raise NotFoundError("No provider sends webhooks here.")
    try:
        result = await receiver.receive(provider, token, headers=request.headers, body=await request.body())
    except AccessError:
        state.webhooks.labels(provider, "refused").inc()
        raise
    state.webhooks.labels(provider, result).inc()
    if result == "orphan":
        log.error("webhook.orphan", provider=provider)
    return Response(status_code=HTTPStatus.NO_CONTENT)
