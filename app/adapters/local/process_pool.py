"""Pool of worker processes for blocking functions.

A worker runs one thread, ignores Ctrl-C, and ends when its parent does.
"""

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

from app.errors import ProviderUnavailableError

_THREAD_LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def start_worker() -> None:
    """Set up a new worker. It imports nothing heavy, so that the thread limits are set in time."""
    for name in _THREAD_LIMITS:
        os.environ[name] = "1"
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to stop
    threading.Thread(target=_leave_with_parent, name="parent-watch", daemon=True).start()


def _leave_with_parent() -> None:
    """End this process when the parent is gone: its end of the pipe then closes."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


P = ParamSpec("P")
T = TypeVar("T")


class ProcessPool:
    """Pool that runs blocking functions in worker processes; the event loop only waits."""

    def __init__(self, size: int | None = None) -> None:
        self.size = size or max(
            1, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        )
        self._pool: ProcessPoolExecutor | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a module-level function with picklable arguments in a worker.

        Raises:
            ProviderUnavailableError: the worker died; new workers are ready for the next call.
        """
        if kwargs:
            raise TypeError(f"Expected positional arguments only, got {sorted(kwargs)!r}.")
        pool = self._pool = self._pool or self._new_executor()
        try:
            return await asyncio.wrap_future(pool.submit(_single_threaded, function, *args))
        except BrokenProcessPool as error:
            if self._pool is pool:
                self._pool = None
                pool.shutdown(wait=False, cancel_futures=True)
            raise ProviderUnavailableError(
                "Cannot finish in the local renderer's worker: the process died (out of memory?). Try again."
            ) from error

    async def warm(self, function: Callable[[], None]) -> None:
        """Start every worker and have it load what `function` needs."""
        await asyncio.gather(*(self.run(function) for _ in range(self.size)))

    def close(self) -> None:
        """End the workers: running calls are finished, waiting ones dropped."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    def _new_executor(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self.size, mp_context=multiprocessing.get_context("spawn"), initializer=start_worker)


def _single_threaded(function: Callable[..., T], *args: object) -> T:
    import cv2  # noqa: PLC0415 - for the workers alone, which load it anyway

    cv2.setNumThreads(1)  # one process per core is parallel enough
    return function(*args)
