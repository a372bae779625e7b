"""Webhooks of a provider: verified, looked up, stored in SQLite; each is about a job that nobody knows."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from app.simulators.signing import Keys
from tests.against.checkout import Version
from tests.against.figure import Figure, Row, Turn
from tests.against.museum import museum, serving
from tests.against.widget_crowd import beside_the_server
from tests.benchmarks.scale.nodes import CALLS, call

QUIET_S = 4.0
"""Until the server has done what it does after its start."""


@contextmanager
def opened(version: Version) -> Iterator[Turn]:
    """A server of the museum that takes Sync.so's webhooks, sixteen at once."""
    keys = Keys()
    environment = {"SYNC_API_KEY": "bench", "SYNC_WEBHOOK_SECRET": keys.secret}
    with serving(museum(version), **environment) as node, asyncio.Runner() as runner:
        beside_the_server()
        runner.run(asyncio.sleep(QUIET_S))

        def turn() -> dict[str, float]:
            _, spent_s, kept = runner.run(call(node.address, node.process.pid, keys))
            if kept != CALLS:
                raise RuntimeError(f"{kept} of {CALLS} kept")
            return {"webhooks": CALLS / spent_s}

        yield turn


FIGURE = Figure(
    name="webhooks",
    rows={"webhooks": Row("12", "webhooks verified and kept", "a core second", "more", "4 x", 4.0)},
    opened=opened,
)
