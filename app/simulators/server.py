"""Server of all simulators, each under its prefix (`http://127.0.0.1:9900/fal/...`), or one at the root."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from app.simulators.context import SimulatorContext
from app.simulators.control_api import ControlApi
from app.simulators.vendor import SimulatedProvider
from app.simulators.vendors.atlascloud import create_atlascloud
from app.simulators.vendors.creatify import create_creatify
from app.simulators.vendors.did import create_did
from app.simulators.vendors.eachlabs import create_eachlabs
from app.simulators.vendors.elevenlabs import create_elevenlabs
from app.simulators.vendors.fal.queue import create_fal
from app.simulators.vendors.heygen.videos import create_heygen
from app.simulators.vendors.http_renderer import create_http
from app.simulators.vendors.kling import create_kling
from app.simulators.vendors.openai import create_openai
from app.simulators.vendors.runware import create_runware
from app.simulators.vendors.sync.generations import create_sync
from app.simulators.vendors.wavespeed import create_wavespeed

VENDORS: Mapping[str, Callable[[SimulatorContext], tuple[SimulatedProvider, FastAPI]]] = {
    "fal": create_fal,
    "wavespeed": create_wavespeed,
    "eachlabs": create_eachlabs,
    "atlascloud": create_atlascloud,
    "heygen": create_heygen,
    "did": create_did,
    "sync": create_sync,
    "http": create_http,
    "runware": create_runware,
    "kling": create_kling,
    "creatify": create_creatify,
    "elevenlabs": create_elevenlabs,
    "openai": create_openai,
}
"""Simulated providers by name, which is also the path prefix."""
DEFAULT_PORT = 9900


def create_app(stage: SimulatorContext | None = None, *, only: str | None = None) -> FastAPI:
    """Make one application of all simulators; with `only`, of one provider at the root.

    Raises:
        KeyError: no provider has the name `only`.
    """
    stage = stage or SimulatorContext()
    made = {name: create(stage) for name, create in VENDORS.items() if only in {None, name}}
    if only is not None and only not in made:
        raise KeyError(f"Expected one of {sorted(VENDORS)}, got {only!r}.")
    vendors = {name: vendor for name, (vendor, _) in made.items()}

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        for vendor in vendors.values():
            await vendor.close()
        await stage.outbound.close()
        stage.storage.forget()

    app = FastAPI(title="Greenroom provider simulators", lifespan=lifespan)
    app.state.vendors = vendors
    app.include_router(ControlApi(stage, vendors).router())
    for name, (_, vendor_app) in made.items():
        app.mount("" if only else f"/{name}", vendor_app)
    return app


def serve(
    host: str = "127.0.0.1",
    port: int = DEFAULT_PORT,
    *,
    stage: SimulatorContext | None = None,
    only: str | None = None,
    tls: tuple[Path, Path] | None = None,
) -> None:
    """Serve until interrupted; `tls` is certificate and key, for SDKs that require https."""
    certificate, key = tls or (None, None)
    uvicorn.run(
        create_app(stage, only=only),
        host=host,
        port=port,
        log_level="warning",
        ssl_certfile=certificate,
        ssl_keyfile=key,
        timeout_graceful_shutdown=2,
    )
