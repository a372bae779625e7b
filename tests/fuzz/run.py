"""`make fuzz`: a hundred thousand messages at a real server; at the end it is alive and nothing is left over."""

import asyncio
import random
import sys
import time
from collections import Counter

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

from app.conversation.session import Session
from app.runtime.settings.site import WebSettings
from tests.fuzz.frames import GOOD, ODD
from tests.fuzz.visits import CODES, check_said, is_alive, knocks, visit
from tests.support.fake_web import FakeContainer, serving

PER_VISIT = 250
ODD_ONES = 4
"""Of these: one less than ends a line, so that most of what is sent is also read."""
AT_ONCE = 8


def drawn(frame: st.SearchStrategy[str | bytes], many: int, seed: int) -> list[str | bytes]:
    """Frames that hypothesis draws."""
    found: list[str | bytes] = []

    @seeded(seed)
    @settings(
        max_examples=many, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=[*HealthCheck]
    )
    @given(st.lists(frame, min_size=20, max_size=40))
    def draw(frames: list[str | bytes]) -> None:
        found.extend(frames)

    draw()
    return found


async def bombard(messages: int, seed: int) -> Counter[str]:
    """Send that many messages in visits; counts of what came back."""
    container = FakeContainer(web=WebSettings(secret="a secret for tests", access_log=False))
    container.responder.pieces = ("Words ", "of a kind.")
    container.film.gate.set()
    counted: Counter[str] = Counter()
    shuffled = random.Random(seed)
    good, odd = (drawn(kind, max(20, messages // 400), seed) for kind in (GOOD, ODD))
    async with serving(container) as url:

        async def one() -> None:
            frames = [*shuffled.choices(good, k=PER_VISIT - ODD_ONES), *shuffled.choices(odd, k=ODD_ONES)]
            shuffled.shuffle(frames)
            heard = await visit(url, frames)
            check_said(heard)
            counted.update(message["type"] for message in heard)
            counted["sent"] += len(frames)

        while counted["sent"] < messages:
            await asyncio.gather(*(one() for _ in range(AT_ONCE)))
            for first in shuffled.choices(good + odd, k=4):
                assert await knocks(url, first) in CODES
                counted["sent"] += 1
            assert await is_alive(url)
    return counted


def main(messages: int) -> None:
    """Bombard, and say what came of it."""
    seed = int(time.time())
    print(f"seed {seed}")  # noqa: T201
    began = time.monotonic()
    counted = asyncio.run(bombard(messages, seed))
    sent = counted.pop("sent")
    took_s = time.monotonic() - began
    print(f"{sent} messages in {took_s:.0f} s; the server is alive, every session of {Session.__name__} added up")  # noqa: T201
    for kind, count in counted.most_common():
        print(f"  {count:8} {kind}")  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
