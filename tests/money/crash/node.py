"""A served node beside the worker: vendors call it back, as they would call a site's own server."""

import asyncio
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from app.rendering.work.reconciler import Reconciler
from app.rendering.work.studio import Studio
from app.runtime.serving.container import open_container
from app.runtime.settings.site import load_settings
from app.web.app import create_app
from tests.money.crash.worker import FORK, Orders, hurried


@contextmanager
def listening() -> Iterator[tuple[socket.socket, str]]:
    """A socket of loopback and the address that leads to it, known before anybody serves there."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen(64)
        yield door, f"http://127.0.0.1:{door.getsockname()[1]}"


@contextmanager
def node(orders: Orders, door: socket.socket) -> Iterator[None]:
    """A node of the place in a process of its own; what comes before it is up waits at the door."""
    process = FORK.Process(target=_serve, args=(orders, door), daemon=True)
    process.start()
    try:
        yield
    finally:
        process.terminate()
        process.join(20)
        process.kill()
        process.join()


def _serve(orders: Orders, door: socket.socket) -> None:
    os.environ.update(orders.place.environment)
    asyncio.run(serve_at(door, lambda studio: hurried(studio, orders)))


async def serve_at(door: socket.socket, changed: Callable[[Studio], Studio]) -> None:
    """Serve until terminated, with this process's settings and a changed studio; nobody asks a question here."""
    async with open_container(load_settings()) as container:
        container.site.studio = changed(container.site.studio)
        container.site.reconciler = Reconciler(
            studio=container.site.studio, avatars=(container.catalog.avatar,), every_s=1.0
        )
        setattr(container, "_load", _nothing)  # noqa: B010  nobody asks a question here, so no encoder is needed
        app = create_app(container, limits=container.limits)
        await uvicorn.Server(uvicorn.Config(app, log_level="error")).serve(sockets=[door])


async def _nothing() -> None:
    return None
