"""Real servers on loopback, a mailbox for webhooks, and the small files customers send."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx2 as httpx
import uvicorn

from app.simulators.audio import encode
from app.simulators.context import SimulatorContext
from app.simulators.server import create_app
from app.simulators.stub_video import PlainMedia
from app.simulators.voice import RATE, ToneVoice

SECONDS = 3.0


class Running:
    """A server and a client for it."""

    def __init__(self, url: str, stage: SimulatorContext) -> None:
        self.url = url
        self.stage = stage
        self.http = httpx.Client(base_url=url, timeout=60)

    def admin(self, method: str, path: str, **options: object) -> dict:
        answer = self.http.request(method, f"/_admin{path}", **options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def fault(self, vendor: str, fault: str, **options: object) -> None:
        self.admin("POST", "/faults", json={"vendor": vendor, "fault": fault, **options})

    def bill(self, vendor: str) -> dict:
        return self.admin("GET", "/bill", params={"vendor": vendor})


def run(stage: SimulatorContext, *, only: str | None = None, tls: tuple[Path, Path] | None = None) -> Iterator[Running]:
    certificate, key = tls or (None, None)
    config = uvicorn.Config(
        create_app(stage, only=only),
        port=0,
        log_level="error",
        ssl_certfile=certificate,
        ssl_keyfile=key,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    running = Running(f"{'https' if tls else 'http'}://127.0.0.1:{port}", stage)
    try:
        yield running
    finally:
        running.http.close()
        server.should_exit = True
        thread.join(60)


def quick(**changes: object) -> SimulatorContext:
    return SimulatorContext(
        **{"latency_s": 0.05, "media": PlainMedia(longest_px=160), "drip_s": 0.0, "silence_s": 1.0, **changes}
    )


def sound_of(seconds: float, codec: str = "wav") -> bytes:
    said = ToneVoice().speak("a steady stream of words goes on " * (int(seconds) + 1))
    return encode(said.samples[: round(seconds * RATE)], RATE, codec)


class Mailbox:
    """Receives webhooks on loopback; `answers` are the statuses given, the last one for ever."""

    def __init__(self) -> None:
        self.letters: list[tuple[dict[str, str], bytes]] = []
        self.answers = [200]
        box = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                box.letters.append(({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(box.answers.pop(0) if len(box.answers) > 1 else box.answers[0])
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hooks/token-1"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def wait(self, count: int = 1) -> list[tuple[dict[str, str], bytes]]:
        until(lambda: len(self.letters) >= count)
        return self.letters

    def body(self, at: int = 0) -> dict:
        return json.loads(self.wait(at + 1)[at][1])

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def until(done: Callable[[], object], *, within_s: float = 60.0) -> object:
    """Ask until the answer is true."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if found := done():
            return found
        time.sleep(0.02)
    raise AssertionError(f"Nothing came within {within_s} s.")
