"""Running what may take long: an end asked for politely, by Ctrl-C or SIGTERM, lets everything clean up."""

import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

if sys.platform == "win32":
    new_loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
else:
    from uvloop import new_event_loop as new_loop  # the server answers half as much again on it


def run(job: Coroutine[Any, Any, T]) -> T:
    """Run to the end; SIGTERM is taken as Ctrl-C is: what was begun is released, the status is 130.

    Raises:
        KeyboardInterrupt: it was asked to end.
    """
    try:
        with asyncio.Runner(loop_factory=new_loop) as runner:
            return runner.run(_until_told(job))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


async def _until_told(job: Coroutine[Any, Any, T]) -> T:
    """A handler of its own: a shell's background job ignores Ctrl-C's signal, and must still end on SIGTERM.

    Not the loop's: that one would be heard beside a server's, which ends in its own way.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    before = signal.signal(signal.SIGTERM, lambda *_: loop.call_soon_threadsafe(task.cancel) if task else None)
    try:
        return await job
    finally:
        signal.signal(signal.SIGTERM, before)
