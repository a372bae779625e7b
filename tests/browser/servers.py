"""The scripted server on a port of its own, in a thread, to be switched off and on again."""

import socket
import threading
import time
from collections.abc import Callable
from typing import Self

import uvicorn

from tests.browser.scripted_server import Script, Stagehand


class Server:
    """Serves while the `with` block runs."""

    def __init__(self, make: Callable[[], Script]) -> None:
        """`make` gives a script that remembers nothing, once for each start."""
        self._make = make
        self._port = 0

    @property
    def url(self) -> str:
        """Where it listens, the same after a restart."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def hand(self) -> Stagehand:
        """The stagehand of the script that runs now."""
        return self._script.hand

    def start(self) -> None:
        """Begin to serve."""
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self._port))
        listener.listen(128)
        self._port = listener.getsockname()[1]
        self._script = self._make()
        self._server = uvicorn.Server(
            uvicorn.Config(self._script.app, log_level="critical", ws="websockets-sansio", timeout_graceful_shutdown=1)
        )
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listener]}, daemon=True)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)

    def stop(self) -> None:
        """Go away."""
        self._server.should_exit = True
        self._thread.join(60)

    def __enter__(self) -> Self:
        """Serve."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop serving."""
        self.stop()
