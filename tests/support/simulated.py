"""The provider simulators on a real socket, and something to send them."""

import contextlib
import threading
import time
import wave
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import uvicorn
from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.rendering.ports import RenderJob
from app.simulators.clock import Clock
from app.simulators.context import SimulatorContext
from app.simulators.faults import Fault, Operation, Rule
from app.simulators.server import create_app
from app.simulators.stub_video import PlainMedia


@dataclass
class Simulated:
    """A running server of simulators; `stage` is theirs."""

    url: str
    stage: SimulatorContext
    hooks_url: str
    deliveries: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    def trouble(self, vendor: str, fault: Fault, operation: Operation = Operation.SUBMIT, *, times: int = 1) -> None:
        """Let something go wrong at the next request of this kind."""
        self.stage.faults.add(Rule(vendor, operation, fault, times=times))


@contextlib.contextmanager
def simulators() -> Iterator[Simulated]:
    """Serve them, and a place for their webhooks, in threads of their own."""
    deliveries: list[tuple[str, dict[str, str], bytes]] = []

    async def take(request: Request) -> Response:
        deliveries.append((request.url.path, dict(request.headers), await request.body()))
        return Response()

    stage = SimulatorContext(
        latency_s=0.1,
        silence_s=0.5,
        drip_s=0.001,
        oversize_bytes=4 << 20,
        media=PlainMedia(longest_px=64),
        clock=Clock(),
    )
    with (
        served(create_app(stage)) as url,
        served(Starlette(routes=[Route("/{path:path}", take, methods=["POST"])])) as hooks,
    ):
        yield Simulated(url, stage, hooks, deliveries)


def spoken_job(folder: Path, *, model: str, token: str, duration_s: float = 2.2, side_px: int = 512) -> RenderJob:
    """A portrait and a tone."""
    portrait, wav = folder / f"{side_px}.png", folder / f"{token}.wav"
    Image.new("RGB", (side_px, side_px), (200, 160, 140)).save(portrait)
    tone = np.sin(np.arange(round(48_000 * duration_s)) / 20) * 9_000
    with wave.open(str(wav), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(48_000)
        out.writeframes(tone.astype("<i2").tobytes())
    return RenderJob(
        token=token,
        recipe_key="0" * 64,
        model=model,
        portrait=portrait,
        speech_wav=wav,
        words=(),
        phones=(),
        idle_s=None,
        width=side_px,
        height=side_px,
        fps=30,
    )


@contextlib.contextmanager
def served(app: object, *, port: int = 0) -> Iterator[str]:
    """Serve an application on a port of loopback, a free one unless it is named; yields its address."""
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", timeout_graceful_shutdown=1))  # type: ignore[arg-type]
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(5)
