"""Browsers other than Chromium, without a desktop: how each is started, and what the journeys ask of any of them."""

import base64
import contextlib
import http.client
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from websockets.sync.client import ClientConnection, connect

PATIENCE_S = 60.0
"""How long something expected may take on a busy machine."""

SOFTWARE = {"LIBGL_ALWAYS_SOFTWARE": "1", "NO_AT_BRIDGE": "1"}


class MissingError(Exception):
    """A browser, or what drives it, is not installed; the text names the package."""


@dataclass
class Process:
    """Programs that run in the background, with a folder for what they write; ended when the block is left."""

    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __enter__(self) -> Self:
        """Make the folder."""
        self._folder = tempfile.TemporaryDirectory(prefix="engine-", ignore_cleanup_errors=True)
        self.folder = Path(self._folder.name)
        return self

    def __exit__(self, *_: object) -> None:
        """End what was started, the last one first."""
        for process in reversed(self.started):
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._folder.cleanup()

    def start(self, *command: str, **environment: str) -> subprocess.Popen[bytes]:
        """Start a program; what it says goes to a file of its own."""
        with (self.folder / f"{Path(command[0]).name}.log").open("wb") as log:
            process = subprocess.Popen(
                command, env=self._home() | SOFTWARE | environment, stdout=log, stderr=subprocess.STDOUT
            )
        self.started.append(process)
        return process

    def _home(self) -> dict[str, str]:
        """Neither the settings of whoever runs this nor a session bus have a say."""
        home = {name: str(self.folder) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR")}
        return {**os.environ, **home, "DBUS_SESSION_BUS_ADDRESS": "disabled:"}


class Engine(ABC):
    """One browser with one page."""

    name: str
    lacks: frozenset[str] = frozenset()
    """What this browser does not have of what newer ones have."""

    @abstractmethod
    def go(self, address: str) -> None:
        """Open a page and wait until it is loaded."""

    @abstractmethod
    def run(self, script: str) -> Any:
        """Return what the body of a function returns in the page: JSON."""

    @abstractmethod
    def perform(self, actions: list[dict[str, Any]]) -> None:
        """Perform actions of a pointer or of a keyboard (W3C WebDriver)."""

    @abstractmethod
    def picture(self) -> bytes:
        """Return a PNG of what is seen."""

    @abstractmethod
    def resize(self, width: int, height: int) -> None:
        """Give the page another size, in CSS pixels."""

    def wait(self, condition: str, *, timeout_s: float = PATIENCE_S) -> None:
        """Wait until an expression is true in the page."""
        until = time.monotonic() + timeout_s
        while True:
            if self.run(f"return Boolean({condition});"):
                return
            if time.monotonic() > until:
                raise TimeoutError(f"{self.name}: not so within {timeout_s:.0f} s: {condition}")
            time.sleep(0.1)

    def click(self, selector: str) -> None:
        """Click the middle of a part of the widget, as a hand does: it counts as a gesture."""
        box = f"document.querySelector('greenroom-chat').shadowRoot.querySelector({json.dumps(selector)})"
        self.wait(f"{box}?.getClientRects().length > 0")
        x, y = self.run(
            f"const {{ x, y, width, height }} = {box}.getBoundingClientRect();"
            "return [Math.round(x + width / 2), Math.round(y + height / 2)];"
        )
        steps: list[dict[str, Any]] = [{"type": "pointerMove", "x": x, "y": y, "duration": 0}]
        steps += [{"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]
        self.perform([{"type": "pointer", "id": "hand", "parameters": {"pointerType": "mouse"}, "actions": steps}])

    def type(self, text: str) -> None:
        """Press and release the key of each character."""
        keys = [{"type": kind, "value": key} for key in text for kind in ("keyDown", "keyUp")]
        self.perform([{"type": "key", "id": "keys", "actions": keys}])


class Classic(Engine):
    """A browser that is driven by W3C WebDriver over HTTP."""

    def __init__(self, port: int, capabilities: dict[str, Any]) -> None:
        self._port, self._base = port, ""
        wait_for_port(port)
        answer = self._call("POST", "/session", {"capabilities": {"alwaysMatch": capabilities}})
        self.version: str = answer["capabilities"]["browserVersion"]
        self._base = f"/session/{answer['sessionId']}"

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE_S)
        with contextlib.closing(line):
            line.request(method, self._base + path, data, {"content-type": "application/json"})
            answer = line.getresponse()
            told = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{self.name}: {path}: {told.decode()}")
        return json.loads(told)["value"]

    def go(self, address: str) -> None:
        """Open a page and wait until it is loaded."""
        self._call("POST", "/url", {"url": address})

    def run(self, script: str) -> Any:
        """Return what the body of a function returns in the page."""
        return self._call("POST", "/execute/sync", {"script": script, "args": []})

    def perform(self, actions: list[dict[str, Any]]) -> None:
        """Perform actions of a pointer or of a keyboard."""
        self._call("POST", "/actions", {"actions": actions})

    def picture(self) -> bytes:
        """Return a PNG of what is seen."""
        return base64.b64decode(self._call("GET", "/screenshot"))

    def resize(self, width: int, height: int) -> None:
        """Give the page another size: the window has a frame around it, which is measured."""
        window, inner = self._call("GET", "/window/rect"), self.run("return [innerWidth, innerHeight];")
        frame = (window["width"] - inner[0], window["height"] - inner[1])
        self._call("POST", "/window/rect", {"width": width + frame[0], "height": height + frame[1]})
        self.wait(f"innerWidth === {width} && innerHeight === {height}")


class WebKitGTK(Classic):
    """WebKit as GNOME has it, about the Safari of the same year."""

    name = "webkitgtk"


class WPE(Classic):
    """WebKit for devices, in Debian of the age of Safari 16.0."""

    name = "wpe"
    lacks = frozenset({"autoplay rules", "popovers", "resizing"})


class Firefox(Engine):
    """Firefox, which is driven by WebDriver BiDi: Debian has no geckodriver."""

    name = "firefox"

    def __init__(self, port: int) -> None:
        wait_for_port(port)
        self._line: ClientConnection = connect(f"ws://127.0.0.1:{port}/session", max_size=None, legacy=True)
        self._count = 0
        session = self._call("session.new", capabilities={})
        self.version: str = session["capabilities"]["browserVersion"]
        [tab] = self._call("browsingContext.getTree")["contexts"]
        self._tab: str = tab["context"]

    def _call(self, method: str, **params: Any) -> Any:
        self._count += 1
        self._line.send(json.dumps({"id": self._count, "method": method, "params": params}))
        while True:
            answer = json.loads(self._line.recv(PATIENCE_S))
            if answer.get("id") != self._count:
                continue
            if answer["type"] == "error":
                raise RuntimeError(f"{self.name}: {method}: {answer['message']}")
            return answer["result"]

    def go(self, address: str) -> None:
        """Open a page and wait until it is loaded."""
        self._call("browsingContext.navigate", context=self._tab, url=address, wait="complete")

    def run(self, script: str) -> Any:
        """Return what the body of a function returns in the page."""
        source = f"JSON.stringify((() => {{ {script} }})() ?? null)"
        told = self._call(
            "script.evaluate",
            expression=source,
            target={"context": self._tab},
            awaitPromise=False,
            userActivation=False,
        )
        if told["type"] == "exception":
            raise RuntimeError(f"{self.name}: {told['exceptionDetails']['text']}: {script}")
        return json.loads(told["result"]["value"])

    def perform(self, actions: list[dict[str, Any]]) -> None:
        """Perform actions of a pointer or of a keyboard."""
        self._call("input.performActions", context=self._tab, actions=actions)

    def picture(self) -> bytes:
        """Return a PNG of what is seen."""
        return base64.b64decode(self._call("browsingContext.captureScreenshot", context=self._tab)["data"])

    def resize(self, width: int, height: int) -> None:
        """Give the page another size."""
        self._call("browsingContext.setViewport", context=self._tab, viewport={"width": width, "height": height})


@contextlib.contextmanager
def firefox() -> Iterator[Engine]:
    """Start Firefox ESR."""
    program = needs("firefox-esr", "firefox-esr")
    with Process() as process:
        profile = process.folder / "profile"
        profile.mkdir()
        (profile / "user.js").write_text('user_pref("media.autoplay.default", 1);\n')
        port = free_port()
        command = [program, "--headless", "--no-remote", "--profile", str(profile), f"--remote-debugging-port={port}"]
        process.start(*command, "about:blank")
        yield Firefox(port)


@contextlib.contextmanager
def webkitgtk() -> Iterator[Engine]:
    """Start WebKitGTK's small browser on a screen that is only in memory."""
    driver, screen = needs("WebKitWebDriver", "webkit2gtk-driver"), needs("Xvfb", "xvfb")
    with Process() as process:
        number = process.folder / "display"
        with number.open("wb") as told:
            os.set_inheritable(told.fileno(), True)  # noqa: FBT003
            xvfb = [screen, "-displayfd", str(told.fileno()), "-screen", "0", "1400x1100x24", "-nolisten", "tcp"]
            process.started.append(subprocess.Popen(xvfb, pass_fds=[told.fileno()], stderr=subprocess.DEVNULL))
        wait_until(lambda: number.read_bytes().endswith(b"\n"), "Xvfb")
        port = free_port()
        process.start(driver, f"--port={port}", DISPLAY=f":{number.read_text().strip()}", GDK_BACKEND="x11")
        binary = next(Path("/usr/lib").glob("*/webkit2gtk-4.1/MiniBrowser"), None)
        if binary is None:
            raise MissingError("MiniBrowser (package webkit2gtk-driver)")
        options = {"binary": str(binary), "args": ["--automation"]}
        yield WebKitGTK(port, {"browserName": "MiniBrowser", "webkitgtk:browserOptions": options})


@contextlib.contextmanager
def wpe() -> Iterator[Engine]:
    """Start WPE WebKit's small browser without a screen."""
    driver, browser = needs("WPEWebDriver", "wpewebkit-driver"), needs("cog", "cog")
    with Process() as process:
        port = free_port()
        process.start(driver, f"--port={port}", EGL_PLATFORM="surfaceless")
        options = {"binary": browser, "args": ["--automation", "--platform=headless"]}
        yield WPE(port, {"wpe:browserOptions": options})


ENGINES = {"firefox": firefox, "webkitgtk": webkitgtk, "wpe": wpe}


def needs(program: str, package: str) -> str:
    """Return the path of a program.

    Raises:
        MissingError: it is not installed.
    """
    path = shutil.which(program)
    if path is None:
        raise MissingError(f"{program} (package {package})")
    return path


def free_port() -> int:
    """Return a port of this computer on which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def wait_for_port(port: int) -> None:
    """Wait until somebody listens."""

    def listens() -> bool:
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", port)) == 0

    wait_until(listens, f"port {port}")


def wait_until(is_so: Callable[[], bool], what: str) -> None:
    """Wait for something of this computer."""
    until = time.monotonic() + PATIENCE_S
    while not is_so():
        if time.monotonic() > until:
            raise TimeoutError(f"{what} did not come within {PATIENCE_S:.0f} s")
        time.sleep(0.05)
