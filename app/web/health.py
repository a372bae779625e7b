"""Health of the server, for operators: alive, ready, metrics."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, Field

from app.web.deps import State

router = APIRouter(tags=["operations"])


class Life(BaseModel):
    """Liveness: the process answers."""

    status: str = "alive"


class Readiness(BaseModel):
    """Readiness: questions can be answered, or the reasons why not."""

    ready: bool
    reasons: tuple[str, ...] = ()
    release: str = Field("", description="the served catalog, named as in receipts")


@router.get("/livez")
async def livez() -> Life:
    """Answer as long as the process lives."""
    return Life()


@router.get("/readyz", responses={503: {"model": Readiness}})
async def readyz(response: Response, state: State) -> Readiness:
    """Report whether the server may get traffic: 503 with reasons until it may."""
    reasons = await state.container.readiness()
    response.status_code = 503 if reasons else 200
    response.headers["cache-control"] = "no-store"
    return Readiness(ready=not reasons, reasons=reasons, release=state.container.release)


@router.get("/metrics", response_class=Response)
async def metrics(state: State) -> Response:
    """Return the metrics in Prometheus' text format."""
    return Response(generate_latest(state.container.metrics), media_type=CONTENT_TYPE_LATEST)
