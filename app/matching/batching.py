"""Batching: questions that arrive while the encoder is busy are encoded together, as soon as it is free."""

import asyncio
import os
from contextlib import suppress
from typing import cast

from app.matching.ports import Encoder, Vectors

MOST = 8
"""Questions a batch: with more, decisions wait for the encoder and the encoder then for decisions (650 a
second instead of 500, 64 at once on two cores)."""

LANES = min(2, os.cpu_count() or 1)
"""Batches at a time: more than two leave no room for the event loop."""


class QuestionBatcher:
    """Encodes questions in batches, each in a thread; a single question does not wait for others."""

    def __init__(self, encoder: Encoder, *, lanes: int = LANES) -> None:
        """Batch for this encoder."""
        self._encoder = encoder
        self._lanes = lanes
        self._waiting: list[tuple[str, asyncio.Future[Vectors]]] = []
        self._workers: set[asyncio.Task[None]] = set()

    async def encode(self, text: str) -> Vectors:
        """Return the vector of one text.

        Raises:
            EncoderUnavailableError: the model cannot be loaded.
        """
        waiting: asyncio.Future[Vectors] = asyncio.get_running_loop().create_future()
        self._waiting.append((text, waiting))
        if len(self._workers) < self._lanes:
            worker = asyncio.create_task(self._work(), name="encode questions")
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)
        return await waiting

    async def _work(self) -> None:
        try:
            while self._waiting:
                share = min(MOST, -(-len(self._waiting) // self._lanes))
                batch, self._waiting = self._waiting[:share], self._waiting[share:]
                await self._encode([(text, future) for text, future in batch if not future.done()])
        finally:  # at once: a question that comes before the task counts as done must find the lane free
            self._workers.discard(cast("asyncio.Task[None]", asyncio.current_task()))

    async def _encode(self, batch: list[tuple[str, asyncio.Future[Vectors]]]) -> None:
        try:
            rows = await asyncio.to_thread(self._encoder.encode, [text for text, _ in batch])
        except Exception as error:  # noqa: BLE001 - the waiting callers get it
            for _, future in batch:
                with suppress(asyncio.InvalidStateError):
                    future.set_exception(error)
            return
        for (_, future), row in zip(batch, rows, strict=True):
            if not future.done():
                future.set_result(row)
