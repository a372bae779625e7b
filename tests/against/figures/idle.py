"""Memory of a session whose visitor says nothing after its greeting."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from tests.against.checkout import Version
from tests.against.figure import Figure, Row, Turn
from tests.against.museum import museum, serving
from tests.against.widget_crowd import beside_the_server, chips, come
from tests.benchmarks.visitors import resident_kib

EARLY, VISITORS = 100, 600
"""Sessions that come before, so that what is made once is made, and those that are measured."""
SETTLED_S = 3.0


@contextmanager
def opened(version: Version) -> Iterator[Turn]:
    """A server of the museum."""
    with serving(museum(version)) as node, asyncio.Runner() as runner:
        beside_the_server()
        runner.run(asyncio.sleep(SETTLED_S))

        def turn() -> dict[str, float]:
            early = runner.run(come(node.address, EARLY, chips(["opening-hours"])))
            runner.run(asyncio.sleep(SETTLED_S))
            before = resident_kib(node.process.pid)
            many = runner.run(come(node.address, VISITORS, chips(["opening-hours"])))
            runner.run(asyncio.sleep(SETTLED_S))
            kib = (resident_kib(node.process.pid) - before) / VISITORS
            for visitor in (*early, *many):
                visitor.close()
            runner.run(asyncio.sleep(0.2))
            return {"kib": kib}

        yield turn


FIGURE = Figure(
    name="idle",
    rows={"kib": Row("4", f"an idle session, of {VISITORS}", "KiB resident", "less", "28", 1.96, 1)},
    opened=opened,
    turns=1,
    alone=True,
)
