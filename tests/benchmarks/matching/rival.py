"""semantic-router itself, run by an interpreter that has it: JSON on standard input, JSON on standard output.

Not imported by anything: `run.py` starts it, because the package needs older versions of what our tests need.
"""

import asyncio
import json
import sys
import time
from importlib.metadata import version


def main() -> None:
    """Route every question, then some of them one by one against the clock."""
    asked = json.load(sys.stdin)
    from semantic_router import IndexedRouter, Route  # noqa: PLC0415 - only this interpreter has it
    from semantic_router.encoders import LocalEncoder  # noqa: PLC0415

    routes = [Route(name=name, utterances=phrases) for name, phrases in asked["routes"].items()]
    router = IndexedRouter(encoder=LocalEncoder(name=asked["model"]), routes=routes)
    scored = asyncio.run(router._scores_many(asked["questions"]))
    best = [max(scores, key=scores.__getitem__) for scores in scored]
    answer = {
        "version": version("semantic-router"),
        "intents": best,
        "scores": [float(scores[name]) for scores, name in zip(scored, best, strict=True)],
        "ms": [_timed(router, text) for text in [*asked["timed"][:1], *asked["timed"]]][1:],
    }
    json.dump(answer, sys.stdout)


def _timed(router: object, text: str) -> float:
    start = time.perf_counter()
    router(text)  # type: ignore[operator]
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    main()
