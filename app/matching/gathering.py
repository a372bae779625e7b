"""Questions that arrive while others are being encoded are encoded together, as soon as the encoder is free."""

import asyncio
from contextlib import suppress

from app.matching.ports import Encoder, Vectors

MOST = 32
"""Questions a batch: more would let the first wait for the last without gaining throughput."""


class Gathering:
    """One batch at a time in a thread; a question alone waits for nobody."""

    def __init__(self, encoder: Encoder) -> None:
        """Gather for this encoder."""
        self._encoder = encoder
        self._waiting: list[tuple[str, asyncio.Future[Vectors]]] = []
        self._worker: asyncio.Task[None] | None = None

    async def encode(self, text: str) -> Vectors:
        """The vector of one text.

        Raises:
            EncoderUnavailableError: the model cannot be loaded.
        """
        waiting: asyncio.Future[Vectors] = asyncio.get_running_loop().create_future()
        self._waiting.append((text, waiting))
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work(), name="encode questions")
        return await waiting

    async def _work(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            await self._encode([(text, future) for text, future in batch if not future.done()])

    async def _encode(self, batch: list[tuple[str, asyncio.Future[Vectors]]]) -> None:
        try:
            rows = await asyncio.to_thread(self._encoder.encode, [text for text, _ in batch])
        except Exception as error:  # noqa: BLE001 - whoever waits gets it
            for _, future in batch:
                with suppress(asyncio.InvalidStateError):
                    future.set_exception(error)
            return
        for (_, future), row in zip(batch, rows, strict=True):
            if not future.done():
                future.set_result(row)
