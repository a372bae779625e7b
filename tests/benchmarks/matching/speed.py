"""Milliseconds of a decision beside the others'; decisions a second; what they notice of another catalog's build."""

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable, Sequence
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from app.adapters.encoders.sentence_transformer import SentenceEncoder
from app.catalog.model import Catalog
from app.matching.matcher import Matcher
from app.matching.ports import Encoder
from app.runtime.wiring.matcher_cache import build_matcher
from app.runtime.wiring.store_and_encoder import encoders_for
from tests.benchmarks.matching import rules
from tests.benchmarks.matching.data import catalog_of, labelled
from tests.benchmarks.matching.shares import Bench, matcher

TIMED = 200
"""Questions each system is timed on, one after the other: half of them before the rival's, half after."""

AT_ONCE = (1, 8, 64)
UNDER_LOAD = 1500

Milliseconds = list[float]


def speed(bench: Bench) -> dict[str, Any]:
    """All of it."""
    train, questions = labelled("train_10.jsonl"), bench.test.texts[:TIMED]
    catalog, original = catalog_of(train), SentenceEncoder()
    encoders = encoders_for(bench.settings, catalog)
    ours = matcher(catalog, encoders.plain)
    decide: dict[str, Callable[[str], object]] = {"Greenroom": _one(ours)}
    if encoders.matching is not encoders.plain:
        decide["Greenroom, tuned"] = _one(matcher(catalog, encoders.matching))
    phrases, owners = original.encode(train.texts), np.array(train.intents)
    nearest = "the nearest-examples rules (GPTCache, RedisVL), sentence-transformers"
    decide[nearest] = lambda text: rules.others(original.encode([text]) @ phrases.T, owners)
    taken = {name: timed(one, questions[: TIMED // 2]) for name, one in decide.items()}
    if bench.rivals:
        answer = bench.routed(train, questions[:1], questions)
        taken[f"semantic-router {answer['version']}"] = [float(ms) for ms in answer["ms"]]
    for name, one in decide.items():
        taken[name] += timed(one, questions[TIMED // 2 :])
    exact = timed(decide["Greenroom"], train.texts[:TIMED])
    return {
        "decisions": {name: _spread(ms) for name, ms in taken.items()},
        "exact": _spread(exact),
        "load": {str(many): asyncio.run(_load(ours, bench.test.texts, many)) for many in AT_ONCE},
        "build": _built_beside(bench, catalog, encoders.plain),
    }


def _built_beside(bench: Bench, catalog: Catalog, encoder: Encoder) -> dict[str, Any]:
    """Another matcher, as a server makes it, with nothing kept from before."""
    with TemporaryDirectory() as nothing:
        fresh = bench.settings.model_copy(update={"models_dir": Path(nothing)})
        ours = build_matcher(fresh, catalog, encoder)
        for kept in ("fitted", "vectors"):
            shutil.rmtree(Path(nothing) / kept)
        return asyncio.run(_building(ours, bench.test.texts, lambda: build_matcher(fresh, catalog, encoder)))


def timed(decide: Callable[[str], object], questions: Sequence[str]) -> Milliseconds:
    """Milliseconds of each decision, after one to warm up."""
    decide(questions[0])
    taken = []
    for text in questions:
        start = time.perf_counter()
        decide(text)
        taken.append((time.perf_counter() - start) * 1000)
    return taken


def _one(ours: Matcher) -> Callable[[str], object]:
    """One decision, in an event loop that is there already, as a server's is."""
    loop = asyncio.Runner()
    return lambda text: loop.run(ours.decide(text))


def _spread(ms: Milliseconds) -> dict[str, float]:
    p50, p95 = np.percentile(ms, [50, 95])
    return {"p50": float(p50), "p95": float(p95), "max": float(max(ms))}


async def _load(ours: Matcher, questions: Sequence[str], many: int) -> dict[str, float]:
    """So many visitors, each asking again as soon as an answer is there."""
    left, taken = iter(questions[:UNDER_LOAD]), list[float]()

    async def visitor() -> None:
        for text in left:
            taken.append(await _ms(ours.decide(text)))

    started = time.perf_counter()
    await asyncio.gather(*(visitor() for _ in range(many)))
    return {"a_second": UNDER_LOAD / (time.perf_counter() - started), **_spread(taken)}


async def _building(ours: Matcher, questions: Sequence[str], build: Callable[[], object]) -> dict[str, Any]:
    """Four visitors and a clock of one millisecond, while another matcher is made in a thread."""
    done, pauses, taken = asyncio.Event(), list[float](), list[float]()
    number = count()

    async def ticking() -> None:
        while not done.is_set():
            pauses.append(await _ms(asyncio.sleep(0.001)) - 1)

    async def visitor() -> None:
        while not done.is_set():
            taken.append(await _ms(ours.decide(questions[next(number) % len(questions)])))
            await asyncio.sleep(0.05)

    async with asyncio.TaskGroup() as group:
        for work in (ticking(), *(visitor() for _ in range(4))):
            group.create_task(work)
        seconds = await _ms(asyncio.to_thread(build)) / 1000
        done.set()
    return {"seconds": seconds, "pauses": _spread(pauses), "decisions": _spread(taken)}


async def _ms(work: Awaitable[object]) -> float:
    start = time.perf_counter()
    await work
    return (time.perf_counter() - start) * 1000
