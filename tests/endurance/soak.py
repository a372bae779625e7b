"""`make soak`: visitors for hours, releases that switch, clips that are filmed, a fault every minute.

Writes a table of what the node holds, and fails if memory, handles or rows grow with the time.
"""

import asyncio
import json
import random
import sqlite3
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.exceptions import WebSocketException

from tests.endurance.sampling import Sample, as_table, growth, sample
from tests.support.chat_client import ChatClient
from tests.support.sites import Node, Site, small_site

QUESTIONS = ("When are you open?", "How much is a ticket?", "Can I bring my dog?", "Goodbye!", "What?", "x" * 300)
NOVEL = ("When did the museum begin?", "What was the museum before?", "Who paid for the repairs?")
"""Answered from the documents, so filmed once each; a list with an end, as rows of films have."""

MOST = {"memory_mb": 60.0, "handles": 40.0, "rows": 200.0}
"""What the last third may hold more than the second. Rows: releases' audit lines, one a switch."""

SETTINGS = {
    "GREENROOM_SERVE": "release",
    "GREENROOM_KEEP_TURNS_DAYS": "0",
    "GREENROOM_ANSWERS_PER_DAY": "0",
    "GREENROOM_ACCESS_LOG": "false",
    "GREENROOM_LOG_LEVEL": "error",
}


@dataclass
class Soak:
    """One run: its node, its visitors' outcomes, its samples."""

    site: Site
    node: Node
    began: float = field(default_factory=time.monotonic)
    counted: Counter[str] = field(default_factory=Counter)
    samples: list[Sample] = field(default_factory=list)

    @property
    def database(self) -> Path:
        return self.site.root / "state" / "greenroom.db"

    async def visit(self, chance: random.Random, ends: float) -> None:
        """Come, ask, leave one way or another, come again."""
        while time.monotonic() < ends:
            chat = ChatClient(self.node.address)
            try:
                await chat.connect()
                for _ in range(chance.randint(1, 5)):
                    asked = chance.choice(NOVEL if chance.random() < 0.1 else QUESTIONS)
                    self.counted[(await chat.ask(asked))[-1]["outcome"]] += 1
                    await asyncio.sleep(chance.uniform(0.2, 6.0))
                if chance.random() < 0.3:  # gone without a word
                    assert chat._socket
                    chat._socket.transport.abort()
                    self.counted["broke off"] += 1
            except (OSError, TimeoutError, WebSocketException) as error:
                self.counted[type(error).__name__] += 1
            finally:
                with suppress(OSError, WebSocketException):
                    await chat.drop()
            await asyncio.sleep(chance.uniform(0.2, 2.0))

    async def look(self, every_s: float, ends: float) -> None:
        """Take samples."""
        while time.monotonic() < ends:
            self.samples.append(await asyncio.to_thread(sample, self.node.process.pid, self.database, began=self.began))
            await asyncio.sleep(every_s)

    async def trouble(self, every_s: float, ends: float) -> None:
        """Switch the release, then one of the faults, in turns."""
        faults = (self.lock_database, self.send_junk, self.hold_half_requests)
        for turn in range(10**6):
            await asyncio.sleep(every_s)
            if time.monotonic() >= ends:
                return
            await asyncio.to_thread(self.switch, 1 + turn % 2)
            await asyncio.to_thread(faults[turn % len(faults)])
            self.counted["faults"] += 1

    def switch(self, number: int) -> None:
        """Make another release current."""
        current = self._call("GET", "/v1/releases")["current"]
        self._call("POST", f"/v1/releases/{number}/use", {"after": current["step"]})
        self.counted["switches"] += 1

    def lock_database(self) -> None:
        """Write for two seconds, as a backup or a neighbour might."""
        with closing(sqlite3.connect(self.database, timeout=60, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            time.sleep(2)
            connection.execute("ROLLBACK")

    def send_junk(self) -> None:
        """Requests that are none."""
        for path in ("/v1/releases/x/use", "/%00", "/v1/sessions", "/clips/" + "0" * 64 + ".mp4"):
            with suppress(OSError):
                self._call("DELETE", path)

    def hold_half_requests(self) -> None:
        """Heads that do not end, twenty of them, for as long as the node lets them."""
        asyncio.run(_half_requests(self.node.address, 20))

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        content = json.dumps(body).encode() if body is not None else None
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.node.address + path, content, headers, method=method)  # noqa: S310
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return json.load(answer)


async def _half_requests(address: str, many: int) -> None:
    host, _, port = address.removeprefix("http://").partition(":")
    writers = [(await asyncio.open_connection(host, int(port)))[1] for _ in range(many)]
    for writer in writers:
        writer.write(b"GET / HTTP/1.1\r\nX: ")
    await asyncio.sleep(1)
    for writer in writers:
        writer.transport.abort()


async def soak(soaking: Soak, *, visitors: int, seconds: float, fault_every_s: float, look_every_s: float) -> None:
    """Run for so long."""
    ends = time.monotonic() + seconds
    people = [soaking.visit(random.Random(number), ends) for number in range(visitors)]
    await asyncio.gather(
        *people, soaking.look(look_every_s, ends), soaking.trouble(fault_every_s, ends), return_exceptions=False
    )


def two_releases(site: Site) -> None:
    """Publish the folder, and once more with another title."""
    dogs = site.catalog / "visiting" / "dogs.yaml"
    for title in ("Dogs", "Dogs and cats"):
        dogs.write_text(dogs.read_text().replace("title: Dogs\n", f"title: {title}\n"))
        done = site.run("release", "publish", "--allow-missing", "--message", title)
        assert done.returncode == 0, done.stdout + done.stderr


def outgrown(soaking: Soak) -> dict[str, float]:
    """What grew more than it may."""
    return {what: grown for what, most in MOST.items() if (grown := growth(soaking.samples, what)) > most}


def main(minutes: float, visitors: int) -> None:
    """Soak a small site, print the table, fail if something grows."""
    with tempfile.TemporaryDirectory() as folder:
        site = small_site(Path(folder))
        site.run("warm", timeout_s=1200)
        two_releases(site)
        with site.node(**SETTINGS) as node:
            soaking = Soak(site, node)
            look_s = max(2.0, minutes)
            asyncio.run(soak(soaking, visitors=visitors, seconds=minutes * 60, fault_every_s=60, look_every_s=look_s))
    print(as_table(soaking.samples))  # noqa: T201
    print(f"\n{visitors} visitors, {minutes:g} minutes: {dict(soaking.counted)}")  # noqa: T201
    if grown := outgrown(soaking):
        sys.exit(f"It grows with the time: {grown}")


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]))
