"""Running what may take long: an end asked for politely, by Ctrl-C or SIGTERM, lets everything clean up."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run(job: Coroutine[Any, Any, T]) -> T:
    """Run to the end; SIGTERM is taken as Ctrl-C is: what was begun is released, the status is 130."""
    before = signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        return asyncio.run(job)
    finally:
        signal.signal(signal.SIGTERM, before)
