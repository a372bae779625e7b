"""Real proxies for tests: nginx with the guide's lines, and Caddy with its one line, in front of a port."""

import json
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest
import uvicorn
from starlette.types import ASGIApp

GUIDE = Path(__file__).parents[2] / "docs" / "guide.md"
_PATIENCE_S = 60.0


@contextmanager
def served_in_thread(app: ASGIApp) -> Iterator[int]:
    """Serve an app as `greenroom serve` does; yields its port."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", proxy_headers=False, lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def running(name: str, folder: Path, behind: int, *, sockets: bool = True) -> Iterator[int]:
    """Run a proxy in front of a port of this computer; yields its port. Without `sockets` no WebSocket passes Caddy."""
    program = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if program is None:
        pytest.skip(f"{name} is not installed; Debian's package of that name has it")
    port = _free_port()
    with (folder / "proxy.log").open("wb") as log:
        process = subprocess.Popen(
            _command(name, program, folder, port, behind, sockets=sockets), stdout=log, stderr=log, cwd=folder
        )
    try:
        _wait(process, port, folder / "proxy.log")
        yield port
    finally:
        process.terminate()
        process.wait()


def asked_from(source: str, port: int, headers: Mapping[str, str]) -> dict[str, str]:
    """Return what a port answers to a visitor with this address of his own."""
    connection = HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_S, source_address=(source, 0))
    try:
        connection.request("GET", "/", headers=dict(headers))
        answer: dict[str, str] = json.loads(connection.getresponse().read())
        return answer
    finally:
        connection.close()


def _command(name: str, program: str, folder: Path, port: int, behind: int, *, sockets: bool) -> list[str]:
    if name == "caddy":
        refuse = "" if sockets else "@socket header Upgrade websocket\n respond @socket 403\n"
        site = f"http://127.0.0.1:{port} {{\n {refuse} reverse_proxy 127.0.0.1:{behind}\n}}\n"
        (folder / "Caddyfile").write_text("{\n admin off\n}\n" + site)
        return [program, "run", "--config", "Caddyfile", "--adapter", "caddyfile"]
    lines = re.search(r"```nginx\n(server \{.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert lines
    site = lines.group(1).replace("listen 443 ssl;", f"listen 127.0.0.1:{port};").replace("8080", str(behind))
    (folder / "logs").mkdir()
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    scratch = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/nginx.pid; error_log {folder}/errors.log; events {{}}\n"
        f"http {{ access_log off; {scratch}\n{site} }}\n"
    )
    return [program, "-p", str(folder), "-c", "nginx.conf"]


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _wait(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"the proxy did not start: {log.read_text()}")
