"""Answers over the socket, as a real widget asks: chips of the museum, and its phrases as they are written."""

import asyncio
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from tests.against.checkout import Version
from tests.against.figure import Figure, Row, Turn
from tests.against.museum import museum, serving
from tests.against.widget_crowd import Ask, Crowd, Visitor, asking, beside_the_server, chips, come, texts

VISITORS = 100
SECONDS = 2.0
WARM_UP_S = 1.0
QUIET_S = 4.0
"""Until the server has done what it does after its start."""


@contextmanager
def opened(version: Version) -> Iterator[Turn]:
    """A server of the museum with its visitors."""
    site = museum(version)
    by_chip, by_text = asked_of(site.catalog)
    with serving(site) as node, asyncio.Runner() as runner:
        beside_the_server()
        runner.run(asyncio.sleep(QUIET_S))
        crowds: dict[str, list[Visitor]] = {}

        def turn() -> dict[str, float]:
            if not crowds:  # only now: who says nothing while the other version starts is hung up on
                for name, ask in (("chips", by_chip), ("phrases", by_text)):
                    crowds[name] = runner.run(come(node.address, VISITORS, ask))
                    runner.run(asking(crowds[name], WARM_UP_S, node.process.pid))
            heard = {name: runner.run(asking(crowd, SECONDS, node.process.pid)) for name, crowd in crowds.items()}
            p50 = statistics.median(heard["chips"].millis)
            return {name: _checked(crowd).per_core for name, crowd in heard.items()} | {"p50": p50}

        yield turn
        for visitor in (one for crowd in crowds.values() for one in crowd):
            visitor.close()
        runner.run(asyncio.sleep(0.2))


def asked_of(catalog: Path) -> tuple[Ask, Ask]:
    """Chips, and phrases of answers as they stand there."""
    intents: dict[str, str] = {}
    for file in sorted(catalog.glob("*/*.yaml")):
        found = yaml.safe_load(file.read_text(encoding="utf-8"))
        phrases = (found.get("phrases") or {}).get("en") or []
        if found.get("next") and phrases and "role" not in found and "valid" not in found:
            intents[file.stem] = phrases[0]
    return chips(list(intents)), texts(list(intents.values()))


def _checked(crowd: Crowd) -> Crowd:
    if crowd.lost or crowd.answered != crowd.asked:
        raise RuntimeError(f"{crowd.answered} of {crowd.asked} answered; {crowd.lost[:3]}")
    return crowd


FIGURE = Figure(
    name="answers",
    rows={
        "chips": Row("1", f"chips of the museum, {VISITORS} visitors", "answers a core second", "more", "3,400", 2.9),
        "phrases": Row("1", f"written phrases, {VISITORS} visitors", "answers a core second", "more", "2.4 x", 2.4),
        "p50": Row("1", "chip to clip at full speed, p50", "ms", "less", "none", None, 1),
    },
    opened=opened,
    turns=4,
)
