import asyncio
from threading import Barrier, Event

import numpy as np
import pytest

from app.adapters.encoders.sentence_transformer import HashingEncoder
from app.errors import EncoderUnavailableError
from app.matching.batching import MOST, QuestionBatcher


class Gated(HashingEncoder):
    """Encodes only when let, and remembers its batches."""

    def __init__(self) -> None:
        super().__init__()
        self.calibration, self.batches = Event(), []

    def encode(self, texts):
        assert self.calibration.wait(60)
        self.batches.append(list(texts))
        return super().encode(texts)


class Broken(HashingEncoder):
    def encode(self, texts):
        del texts
        raise EncoderUnavailableError("gone")


class Meeting(HashingEncoder):
    """Encodes only when two batches are under way at the same time."""

    def __init__(self) -> None:
        super().__init__()
        self.barrier = Barrier(2)

    def encode(self, texts):
        self.barrier.wait(60)
        return super().encode(texts)


async def test_those_who_wait_are_encoded_together():
    encoder = Gated()
    batcher = QuestionBatcher(encoder, lanes=1)

    first = asyncio.create_task(batcher.encode("first"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    others = [asyncio.create_task(batcher.encode(f"other {at}")) for at in range(MOST + 1)]
    await asyncio.sleep(0)
    encoder.calibration.set()
    rows = await asyncio.gather(first, *others)

    assert [len(batch) for batch in encoder.batches] == [1, MOST, 1]
    assert np.array_equal(rows[3], HashingEncoder().encode(["other 2"])[0])


async def test_two_batches_are_encoded_side_by_side():
    batcher = QuestionBatcher(Meeting(), lanes=2)

    rows = await asyncio.gather(batcher.encode("one"), batcher.encode("another"))

    assert np.array_equal(rows[1], HashingEncoder().encode(["another"])[0])


async def test_a_lane_is_free_as_soon_as_its_question_is_answered():
    batcher = QuestionBatcher(HashingEncoder(), lanes=1)

    async with asyncio.timeout(60):
        rows = [await batcher.encode(text) for text in ("a", "b", "c")]

    assert len(rows) == 3


async def test_a_failure_reaches_everybody_and_the_next_is_tried():
    batcher = QuestionBatcher(Broken())

    results = await asyncio.gather(*(batcher.encode("x") for _ in range(3)), return_exceptions=True)

    assert all(isinstance(one, EncoderUnavailableError) for one in results)
    with pytest.raises(EncoderUnavailableError):
        await batcher.encode("y")


async def test_one_who_leaves_holds_nobody_up():
    encoder = Gated()
    batcher = QuestionBatcher(encoder)
    leaving, staying = (asyncio.create_task(batcher.encode(text)) for text in ("a", "b"))
    await asyncio.sleep(0)

    leaving.cancel()
    encoder.calibration.set()

    assert np.array_equal(await staying, HashingEncoder().encode(["b"])[0])
