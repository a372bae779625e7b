"""How long `greenroom demo` takes from nothing to the first talk, in seconds of the clock and of processors."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from tests.benchmarks.page import put, taken
from tests.support.chat_client import ChatClient

COMMAND = "make bench-first-talk"
TITLE = "The first talk"
TARGET_S = 45
PORT = 9345
GIVE_UP_S = 900.0

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Mark:
    """A moment: what has happened, and what it took since the start."""

    name: str
    wall_s: float
    processor_s: float


class Demo:
    """`greenroom demo` on a copy of the sample catalog, with nothing stored: no clip, no database, no model's cache."""

    def __init__(self, folder: Path) -> None:
        shutil.copytree(Path("intents"), folder / "intents")
        self.began_at = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "app", "demo", "--port", str(PORT)],
            cwd=folder,
            env={**os.environ, "GREENROOM_MODELS_DIR": str(folder / "models"), "PYTHONPATH": str(Path.cwd())},
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )

    def mark(self, name: str) -> Mark:
        """Note this moment."""
        return Mark(name, time.monotonic() - self.began_at, processor_s(self.process.pid))

    def wait(self, path: str) -> None:
        """Wait until an address answers with 200."""
        while time.monotonic() < self.began_at + GIVE_UP_S:
            try:
                with urlopen(f"http://127.0.0.1:{PORT}{path}", timeout=10):
                    return
            except (URLError, OSError):
                time.sleep(0.1)
        raise TimeoutError(f"{path} did not answer within {GIVE_UP_S:.0f} s.")

    def stop(self) -> float:
        """End it as Ctrl-C does; the seconds that it took."""
        asked_at = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)
        return time.monotonic() - asked_at


def processor_s(session: int) -> float:
    """Processor seconds of all processes of a session, and of those that they have waited for."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        if int(fields[3]) == session:
            ticks += sum(int(field) for field in fields[11:15])
    return ticks / _TICKS


async def talk(mark: Callable[[str], Mark]) -> list[Mark]:
    """Open the page's conversation, take the first chip, and wait for its clip."""
    async with ChatClient(f"http://127.0.0.1:{PORT}") as chat:
        assert chat.session["greeting"], "it was ready without a greeting"
        marks = [mark("the greeting plays")]
        first = chat.session["choices"][0]["intent"]
        await chat.send("input.choice", id="c1", intent=first)
        while True:
            message = await chat.receive(within_s=GIVE_UP_S)
            if message["type"] in {"response.text.done", "response.clip"}:
                what = "clip" if message["type"] == "response.clip" else "words"
                role = message.get("role")
                if role != "holding":
                    marks.append(mark(f"the first chip is answered in {what}" if what == "words" else "its clip plays"))
            if message["type"] == "response.done":
                return marks


def measure() -> tuple[list[Mark], float]:
    """Start it, talk, stop it."""
    with tempfile.TemporaryDirectory(prefix="first-talk-") as folder:
        demo = Demo(Path(folder))
        try:
            demo.wait("/livez")
            marks = [demo.mark("it listens")]
            demo.wait("/readyz")
            marks.append(demo.mark("it is ready, and says which page to open"))
            marks += asyncio.run(talk(demo.mark))
        finally:
            stopped_s = demo.stop()
    return marks, stopped_s


def table(marks: list[Mark], stopped_s: float, *, load: float) -> str:
    """The section of the page."""
    rows = "\n".join(f"| {mark.name} | {mark.wall_s:.1f} | {mark.processor_s:.1f} |" for mark in marks)
    return (
        f"{taken(COMMAND, load=load)}\n\n| until | seconds | processor seconds |\n|---|---|---|\n{rows}\n\n"
        f"Ctrl-C ended it after {stopped_s:.1f} s, while it rendered. On two quiet cores the work until its clip plays "
        f"takes at least {marks[-1].processor_s / 2:.0f} s; the target is {TARGET_S} s."
    )


def main() -> None:
    """Measure once, and write the figures into the page."""
    load = os.getloadavg()[0]
    marks, stopped_s = measure()
    put(Path(sys.argv[1]), "first-talk", table(marks, stopped_s, load=load), command=COMMAND, title=TITLE)


if __name__ == "__main__":
    main()
