"""Webhooks of providers: verified on the raw body, kept, answered at once."""

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
    """Take a provider's call about one attempt: 204 once it is kept, also when it came before.

    401 when it is not the provider's or is too old, 404 when this provider does not call back here, 503 when its keys
    cannot be had now: it will call again. A call about a job that no render knows is kept apart, and counted.
    """
    desk = state.container.callbacks
    if desk is None:
        raise NotFoundError("No provider calls back here.")
    try:
        result = await desk.receive(provider, token, headers=request.headers, body=await request.body())
    except AccessError:
        state.webhooks.labels(provider, "refused").inc()
        raise
    state.webhooks.labels(provider, result).inc()
    if result == "orphan":
        log.error("webhook.orphan", provider=provider)
    return Response(status_code=HTTPStatus.NO_CONTENT)
